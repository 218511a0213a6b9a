from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet
from django.utils import timezone

from comum.documentos import documento
from comum.formatos import format_data
from comum.formularios import DataField, FormVersionado, aceito, opcional
from comum.models import Usuario
from empresas import campos, services
from empresas.importacao.base import TAMANHO_MAXIMO
from empresas.models import Carteira, Cnae, Contato, Empresa, Municipio, Regime


class EmpresaForm(FormVersionado[Empresa]):
    """The register of one empresa; its regimes are the formset beside it."""

    marca, este = "alterada_em", "esta empresa"

    inicio_atividade = DataField(label="Início de atividade", required=False, help_text="do cartão do CNPJ")

    class Meta:
        model = Empresa
        fields = [
            "documento",
            "codigo",
            "razao_social",
            "nome_fantasia",
            "carteira",
            "municipio",
            "inscricao_municipal",
            "cnae",
            "matriz",
            "inicio_atividade",
            "email_fiscal",
            "ativa",
        ]
        widgets = {
            "municipio": forms.HiddenInput,
            "cnae": forms.HiddenInput,
            "matriz": forms.HiddenInput,
        }

    def __init__(self, *args: Any, usuario: Usuario, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.usuario = usuario
        existe = self.instance.pk is not None
        documento_field = self.fields["documento"]
        documento_field.disabled = existe
        documento_field.widget.attrs.pop("maxlength", None)  # a mask is longer than what is kept
        if isinstance(documento_field, forms.CharField):
            documento_field.max_length = None
            documento_field.validators = []
        if existe:
            documento_field.help_text = "não muda depois do cadastro"
            self.initial["documento"] = self.instance.documento_mascarado
        for nome, falta in (
            ("documento", "Informe o CNPJ ou o CPF."),
            ("razao_social", "Informe a razão social, como está no cartão do CNPJ."),
            ("carteira", "Escolha a carteira."),
        ):
            self.fields[nome].error_messages["required"] = falta
        self.fields["email_fiscal"].validators = []  # clean_email_fiscal() says it in the words of the import
        self.fields["codigo"].help_text = "o mesmo do sistema contábil"
        self._carteiras(existe)
        self.fields["matriz"].queryset = Empresa.objects.visiveis(usuario)  # type: ignore[attr-defined]

    def _carteiras(self, existe: bool) -> None:
        campo = self.fields["carteira"]
        minhas = Carteira.objects.all() if self.usuario.administra else self.usuario.carteiras.all()
        campo.queryset = minhas  # type: ignore[attr-defined]
        campo.empty_label = "Sem carteira" if self.usuario.administra else "Escolha…"  # type: ignore[attr-defined]
        if self.usuario.administra:
            campo.help_text = "quem tem a carteira vê a empresa"
            return
        campo.required = True
        campo.disabled = existe
        campo.help_text = "só um administrador muda" if existe else ""

    def textos(self) -> dict[str, tuple[Any, str]]:
        """Chosen value and its words, for the fields that are looked up (F2)."""
        achados = {}
        for nome, modelo in (("municipio", Municipio), ("cnae", Cnae), ("matriz", Empresa)):
            valor = self[nome].value()
            campo = self.fields[nome]
            try:
                objeto = campo.clean(valor) if valor else None
            except ValidationError:
                objeto = None
            achados[nome] = (objeto.pk, str(objeto)) if isinstance(objeto, modelo) else ("", "")
        return achados

    def clean_documento(self) -> str:
        if self.instance.pk:
            return self.instance.documento
        doc = aceito(documento(self.cleaned_data["documento"]))
        dona = Empresa.objects.filter(documento=doc).first()
        if dona is not None:
            if Empresa.objects.visiveis(self.usuario).filter(pk=dona.pk).exists():
                raise ValidationError(f"Já cadastrada: {dona}. Procure por ela na lista e altere.")
            raise ValidationError(campos.JA_CADASTRADA_FORA)
        return doc

    def clean_codigo(self) -> str:
        texto = self.cleaned_data["codigo"]
        if not texto:
            return ""
        codigo = aceito(campos.ler_codigo(texto))
        dona = Empresa.objects.filter(codigo=codigo).exclude(pk=self.instance.pk).first()
        if dona is not None:
            visivel = Empresa.objects.visiveis(self.usuario).filter(pk=dona.pk).exists()
            raise ValidationError(campos.codigo_tomado(dona if visivel else None))
        return codigo

    def clean_razao_social(self) -> str:
        return aceito(campos.ler_nome(self.cleaned_data["razao_social"], "Razão social"))

    def clean_nome_fantasia(self) -> str:
        return aceito(campos.ler_nome(self.cleaned_data["nome_fantasia"], "Nome fantasia"))

    def clean_inscricao_municipal(self) -> str:
        return opcional(campos.ler_inscricao_municipal, self.cleaned_data["inscricao_municipal"])

    def clean_email_fiscal(self) -> str:
        return opcional(campos.ler_email, self.cleaned_data["email_fiscal"])

    def clean_inicio_atividade(self) -> date | None:
        data: date | None = self.cleaned_data["inicio_atividade"]
        hoje = timezone.localdate()
        if data and data > hoje:
            raise ValidationError(f"Início de atividade depois de hoje ({format_data(hoje)}). Confira o ano.")
        return data


class RegimeForm(forms.Form):
    regime = forms.ChoiceField(
        choices=[("", "Escolha…"), *Regime.choices],
        label="Regime",
        error_messages={"required": "Escolha o regime tributário."},
    )
    desde = DataField(
        label="A partir de",
        error_messages={"required": "Informe a data em que o regime começa, como 01/01/2026."},
    )

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or {}
        desde = dados.get("desde")
        if desde and desde < campos.DATA_MINIMA:
            self.add_error("desde", "Data antiga demais. Confira o ano.")
        return dados


class _RegimeFormSet(BaseFormSet[RegimeForm]):
    def clean(self) -> None:
        vistas: dict[date, int] = {}
        for numero, form in enumerate(self.forms, 1):
            if not form.is_valid() or form.cleaned_data.get("DELETE"):
                continue
            desde = form.cleaned_data.get("desde")
            if desde in vistas:
                form.add_error("desde", f"Já há um regime a partir de {format_data(desde)}, na linha {vistas[desde]}.")
            elif desde:
                vistas[desde] = numero

    def regras(self) -> list[services.Regra]:
        """The history as typed, deleted rows left out. Only after is_valid()."""
        return [
            services.Regra(form.cleaned_data["regime"], form.cleaned_data["desde"])
            for form in self.forms
            if form.cleaned_data.get("desde") and not form.cleaned_data.get("DELETE")
        ]


def regimes_formset(empresa: Empresa | None, dados: Any = None) -> _RegimeFormSet:
    """The history of regimes: one row for a new empresa, one blank row more for a change in a stored one."""
    fabrica = forms.formset_factory(
        RegimeForm, formset=_RegimeFormSet, can_delete=True, extra=1 if empresa else 0, min_num=1, validate_min=True
    )
    if empresa is None:
        iniciais: list[dict[str, Any]] = [{"desde": services.desde_padrao(timezone.localdate())}]
    else:
        iniciais = [{"regime": r.regime, "desde": r.desde} for r in empresa.regimes.order_by("desde")]
    return fabrica(dados, initial=iniciais, prefix="regimes")  # type: ignore[return-value]


class CarteiraForm(forms.Form):
    """Where the marked empresas go; blank takes them out of any carteira."""

    carteira = forms.ModelChoiceField(
        Carteira.objects.all(), required=False, label="Nova carteira", empty_label="Nenhuma (só administradores veem)"
    )


class ArquivoForm(forms.Form):
    arquivo = forms.FileField(
        label="Arquivo CSV",
        help_text="até 50 MB; separado por ; ou , em UTF-8 ou Windows-1252",
        error_messages={
            "required": "Escolha o arquivo CSV.",
            "empty": "O arquivo está vazio. Escolha o arquivo com a lista.",
            "missing": "Nenhum arquivo chegou. Escolha o arquivo CSV e envie de novo.",
        },
    )
    criar_carteiras = forms.BooleanField(label="Criar as carteiras que faltam", required=False)

    def __init__(self, *args: Any, usuario: Usuario, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["arquivo"].widget.attrs["accept"] = ".csv,.txt,text/csv"
        if not usuario.administra:
            del self.fields["criar_carteiras"]

    def clean_arquivo(self) -> Any:
        arquivo = self.cleaned_data["arquivo"]
        if arquivo.size > TAMANHO_MAXIMO:
            raise ValidationError(
                f"O arquivo tem {arquivo.size // 1024 // 1024} MB; o máximo são {TAMANHO_MAXIMO // 1024 // 1024} MB. "
                "Divida-o em dois e importe um de cada vez."
            )
        return arquivo


class ContatoForm(forms.ModelForm[Contato]):
    class Meta:
        model = Contato
        fields = ["email", "nome", "recebe_guias"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].validators = []  # clean_email() says it in the words of the import
        self.fields["email"].error_messages["required"] = "Informe o e-mail do contato."
        self.fields["nome"].help_text = "com quem se fala"
        self.fields["recebe_guias"].help_text = "cada guia enviada por e-mail vai também para este endereço"

    def clean_email(self) -> str:
        email = opcional(campos.ler_email, self.cleaned_data["email"])
        outros = Contato.objects.filter(empresa=self.instance.empresa, email__iexact=email).exclude(pk=self.instance.pk)
        if outros.exists():
            raise ValidationError("Este e-mail já é contato desta empresa. Altere o que existe.")
        return email
