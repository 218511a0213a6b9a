"""Forms of suppliers, rules of titles, withheld taxes and establishments. What they must hold is in conferencia."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from comum.documentos import Invalido, documento
from comum.formularios import FormVersionado, PercentualField, aceito, opcional
from empresas.campos import ler_nome
from empresas.models import Empresa, Municipio
from empresas.municipios import SEM_EMPRESAS
from pagar.models import ContaErp, EstabelecimentoErp, Fornecedor, RegraImposto, RegraTitulo
from pagar.services import cadastro, conferencia


def contas_em_uso() -> models.QuerySet[ContaErp]:
    return ContaErp.objects.filter(ativa=True)


def unica_conta() -> ContaErp | None:
    """The account of who has only one."""
    contas = list(contas_em_uso()[:2])
    return contas[0] if len(contas) == 1 else None


class FormDoCadastro[M: models.Model](FormVersionado[M]):
    """A row of a register. `procurados`: the fields that are a look-up on screen; textos() gives what they show."""

    procurados: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        conta = self.fields["conta"]
        conta.label = "Conta do ERP"
        conta.error_messages["required"] = "Escolha a conta do ERP."
        conta.error_messages["invalid_choice"] = "Esta conta do ERP não existe mais, ou está inativa. Escolha outra."
        atual = getattr(self.instance, "conta_id", None)
        conta.queryset = ContaErp.objects.filter(models.Q(ativa=True) | models.Q(pk=atual))  # type: ignore[attr-defined]
        if not self.altera and "conta" not in self.initial:
            self.initial["conta"] = unica_conta()
        for nome, falta in (("municipio", "Município não encontrado"), ("fornecedor", "Fornecedor não encontrado")):
            if nome in self.fields:
                self.fields[nome].error_messages["invalid_choice"] = f"{falta}. Escolha na lista (F2)."
        if "municipio" in self.fields:
            self.fields["municipio"].queryset = Municipio.objects.exclude(pk=SEM_EMPRESAS)  # type: ignore[attr-defined]

    def versao_de(self, objeto: M) -> str:
        return cadastro.versao_de(objeto)

    def clean(self) -> dict[str, Any]:
        if self.altera and not type(self.instance)._default_manager.filter(pk=self.instance.pk).exists():
            raise ValidationError("Este cadastro acabou de ser excluído. Para tê-lo de volta, inclua-o de novo.")
        return super().clean()

    def validate_unique(self) -> None:
        """conferencia says it, with whose it is."""

    def validate_constraints(self) -> None:
        if "conta" in self.errors:
            return
        for campo, motivo in conferencia.problemas(self.instance):
            if campo not in self.errors:
                self.add_error(campo if campo in self.fields else None, motivo)

    def textos(self) -> dict[str, tuple[Any, str]]:
        """Chosen key and its words, for the fields that are looked up."""
        escolhidos = {nome: self._escolhido(nome) for nome in self.procurados}
        return {nome: (obj.pk, str(obj)) if obj else ("", "") for nome, obj in escolhidos.items()}

    def _escolhido(self, nome: str) -> models.Model | None:
        valor = self[nome].value()
        try:
            escolhido = self.fields[nome].clean(valor) if valor else None
        except ValidationError:
            return None
        return escolhido if isinstance(escolhido, models.Model) else None


class FornecedorForm(FormDoCadastro[Fornecedor]):
    este = "este fornecedor"
    procurados = ("municipio",)

    class Meta:
        model = Fornecedor
        fields = ["conta", "codigo", "nome", "documento", "papel", "municipio", "ativo"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["conta"].disabled = self.altera
        self.fields["codigo"].error_messages["required"] = "Informe o código que o fornecedor tem no ERP."
        self.fields["nome"].error_messages["required"] = "Informe o nome do fornecedor."
        doc = self.fields["documento"]
        doc.widget.attrs.pop("maxlength", None)  # a mask is longer than what is kept
        if isinstance(doc, forms.CharField):
            doc.max_length, doc.validators = None, []
        if self.altera:
            self.initial["documento"] = self.instance.documento_mascarado

    def clean_nome(self) -> str:
        return aceito(ler_nome(self.cleaned_data["nome"], "Nome"))

    def clean_documento(self) -> str:
        return opcional(documento, self.cleaned_data["documento"])


class RegraTituloForm(FormDoCadastro[RegraTitulo]):
    este = "esta regra"
    procurados = ("fornecedor",)

    class Meta:
        model = RegraTitulo
        fields = [
            "conta",
            "origem",
            "codigo",
            "fornecedor",
            "especie",
            "serie",
            "portador",
            "forma_pagamento",
            "plano_contas",
            "conta_contabil",
            "unidade_negocio",
            "plano_centro_custo",
            "centro_custo",
            "fluxo",
            "parcelas",
            "prazo_dias",
            "intervalo_dias",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codigo = self.fields["codigo"]
        codigo.widget.attrs.pop("maxlength", None)
        if isinstance(codigo, forms.CharField):
            codigo.max_length, codigo.validators = None, []

    def clean(self) -> dict[str, Any]:
        dados = super().clean()
        lido = conferencia.ler_codigo(dados.get("origem", ""), dados.get("codigo", "")) if dados.get("origem") else ""
        if isinstance(lido, Invalido):
            self.add_error("codigo", lido.mensagem)
        else:
            dados["codigo"] = lido
        return dados


class RegraImpostoForm(FormDoCadastro[RegraImposto]):
    este = "esta regra"
    procurados = ("municipio", "fornecedor")

    aliquota = PercentualField(
        label="Alíquota (%)", required=False, help_text="Vai no pagamento, quando a nota não diz a sua."
    )

    class Meta:
        model = RegraImposto
        fields = [
            "conta",
            "retencao",
            "municipio",
            "imposto",
            "classificacao",
            "aliquota",
            "momento",
            "fornecedor",
            "especie",
            "serie",
            "plano_contas",
            "conta_contabil",
            "vence_dia",
            "adiantar",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["momento"].choices = [("", "Como a conta"), *RegraImposto._meta.get_field("momento").flatchoices]  # type: ignore[attr-defined]


class EstabelecimentoForm(FormDoCadastro[EstabelecimentoErp]):
    este = "este estabelecimento"
    procurados = ("empresa",)

    class Meta:
        model = EstabelecimentoErp
        fields = ["empresa", "conta", "empresa_erp", "estabelecimento"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        empresa = self.fields["empresa"]
        empresa.queryset = Empresa.objects.all()  # type: ignore[attr-defined]
        empresa.disabled = self.altera
        empresa.error_messages["required"] = "Escolha a empresa (F2)."
        empresa.error_messages["invalid_choice"] = "Empresa não encontrada. Escolha na lista (F2)."
        conta = unica_conta()
        if not self.altera and conta is not None:
            self.initial.setdefault("empresa_erp", conta.empresa)
