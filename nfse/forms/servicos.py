from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from comum.formularios import DinheiroField, PercentualField, aceito, opcional
from empresas.models import ItemLc116, ServicoNacional
from nfse import campos
from nfse.forms.base import FormDaEmpresa
from nfse.forms.exigencias import conferir_ibs_cbs, ler_digitos
from nfse.models import ReferenciaCanal, Servico, TipoCanal
from nfse.models.detalhes import Imunidade, SituacaoPisCofins
from nfse.models.exigencias import Exigibilidade, opcoes_de_todos
from nfse.services.calculo import item_sem_zero
from nfse.services.exigencias import DETALHES_DO_SERVICO, IBS_CBS
from nfse.services.validacao import teto_do_iss

RETENCOES = {"retem_pis": "PIS", "retem_cofins": "COFINS", "retem_csll": "CSLL", "retem_ir": "IR", "retem_inss": "INSS"}


def _retencao(nome: str) -> PercentualField:
    return PercentualField(label=f"{RETENCOES[nome]} (%)", required=False)


class ServicoForm(FormDaEmpresa[Servico]):
    """What an empresa renders: how each service knows it, what is withheld, and the text of its notes."""

    este = "este serviço"
    procurados = ("item_lc116", "cnae")

    valor = DinheiroField(label="Valor unitário", required=False, help_text="em branco: digitado em cada nota")
    aliquota_iss = PercentualField(label="Alíquota do ISS (%)", required=False)
    retem_pis = _retencao("retem_pis")
    retem_cofins = _retencao("retem_cofins")
    retem_csll = _retencao("retem_csll")
    retem_ir = _retencao("retem_ir")
    retem_inss = _retencao("retem_inss")
    imunidade = forms.ChoiceField(
        label="Tipo de imunidade", required=False, choices=[("", "Nenhum"), *Imunidade.choices]
    )
    pis_cofins_situacao = forms.ChoiceField(
        label="CST do PIS e da COFINS", required=False, choices=[("", "Não informar"), *SituacaoPisCofins.choices]
    )
    pis_aliquota = PercentualField(label="PIS próprio (%)", required=False)
    cofins_aliquota = PercentualField(label="COFINS própria (%)", required=False)
    codigo_nacional = forms.CharField(label="Código nacional (cTribNac)", required=False, widget=forms.HiddenInput)
    atividade = forms.CharField(label="Atividade no SISGENF-e", required=False, widget=forms.HiddenInput)

    class Meta:
        model = Servico
        fields = [
            "empresa",
            "codigo",
            "nome",
            "item_lc116",
            "codigo_nacional",
            "codigo_municipal",
            "nbs",
            "cnae",
            "atividade",
            "unidade",
            "descricao",
            "valor",
            "aliquota_iss",
            "iss_retido",
            *RETENCOES,
            "exigibilidade",
            "exige_obra",
            *IBS_CBS,
            *DETALHES_DO_SERVICO,
            "ativo",
        ]
        widgets = {"descricao": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["aliquota_iss"].maximo = teto_do_iss()  # type: ignore[attr-defined]
        self.sem_limite_do_navegador("codigo", "nbs", "nome", "unidade", *IBS_CBS)
        self.fields["exigibilidade"].choices = [  # type: ignore[attr-defined]
            ("", "A do canal"),
            *opcoes_de_todos("exigibilidade"),
        ]
        for nome, falta in (
            ("codigo", "Informe um código curto, pelo qual o serviço é achado."),
            ("nome", "Informe o nome do serviço, como ele aparece nas listas."),
            ("item_lc116", "Escolha o item da LC 116."),
            ("descricao", "Escreva a descrição que sai na nota."),
        ):
            self.fields[nome].error_messages["required"] = falta
        self.fields["unidade"].required = False
        self.fields["descricao"].error_messages["max_length"] = (
            "Descrição com %(show_value)d letras; cabem %(limit_value)d. Abrevie."
        )
        self.fields["descricao"].help_text = "{MES}, {MM} e {ANO} viram os da competência da nota."
        self.fields["item_lc116"].error_messages["invalid_choice"] = "Item não encontrado. Escolha na lista (F2)."
        self.fields["cnae"].error_messages["invalid_choice"] = campos.SEM_CNAE

    def textos(self) -> dict[str, tuple[Any, str]]:
        return super().textos() | {
            "codigo_nacional": self._texto(ServicoNacional.objects.filter(pk=self._digitado("codigo_nacional"))),
            "atividade": self._texto_da_atividade(),
        }

    def _digitado(self, nome: str) -> str:
        return str(self[nome].value() or "").strip()

    @staticmethod
    def _texto(achados: models.QuerySet[Any]) -> tuple[Any, str]:
        achado = achados.first()
        return (achado.pk, rotulo_do_nacional(achado)) if achado else ("", "")

    def _texto_da_atividade(self) -> tuple[Any, str]:
        numero = self._digitado("atividade")
        if not numero.isdecimal():
            return "", ""
        empresa = self.empresa
        achada = atividades(empresa.pk).filter(id_servico=numero).first() if empresa and len(numero) < 10 else None
        return numero, rotulo_da_atividade(achada) if achada else f"id {numero}"

    def rotulo(self, objeto: models.Model) -> str:
        return str(objeto)[:90] if isinstance(objeto, ItemLc116) else super().rotulo(objeto)

    def clean_codigo(self) -> str:
        return aceito(campos.ler_codigo(self.cleaned_data["codigo"]))

    def clean_nome(self) -> str:
        return aceito(campos.ler_linha(self.cleaned_data["nome"], "Nome", 80))

    def clean_unidade(self) -> str:
        texto = self.cleaned_data["unidade"] or "Unidade"
        return aceito(campos.ler_linha(texto, "Unidade de medida", 30))

    def clean_nbs(self) -> str:
        return opcional(campos.ler_nbs, self.cleaned_data["nbs"])

    def clean_ibs_cbs_fornecimento(self) -> str:
        return ler_digitos(self.cleaned_data["ibs_cbs_fornecimento"], "ibs_cbs_fornecimento")

    def clean_ibs_cbs_situacao(self) -> str:
        return ler_digitos(self.cleaned_data["ibs_cbs_situacao"], "ibs_cbs_situacao")

    def clean_ibs_cbs_classificacao(self) -> str:
        return ler_digitos(self.cleaned_data["ibs_cbs_classificacao"], "ibs_cbs_classificacao")

    def clean_descricao(self) -> str:
        return str(self.cleaned_data["descricao"]).replace("\r\n", "\n")

    def clean_valor(self) -> Decimal | None:
        valor: Decimal | None = self.cleaned_data["valor"]
        if valor is not None and valor == 0:
            raise ValidationError("Valor zero. Deixe em branco para digitar em cada nota.")
        return valor

    def clean_codigo_nacional(self) -> str:
        texto = self.cleaned_data["codigo_nacional"]
        if not texto:
            return ""
        codigo = aceito(campos.ler_codigo_nacional(texto))
        if not ServicoNacional.objects.filter(pk=codigo).exists():
            raise ValidationError(campos.sem_nacional(codigo))
        return codigo

    def clean_atividade(self) -> int | None:
        texto = self.cleaned_data["atividade"]
        if not texto:
            return None
        if not (texto.isascii() and texto.isdecimal() and len(texto) < 10):
            raise ValidationError("Atividade não encontrada. Escolha na lista (F2).")
        return int(texto)

    def clean(self) -> dict[str, Any]:
        dados = super().clean()
        empresa = dados.get("empresa")
        if empresa and (codigo := dados.get("codigo")):
            outro = Servico.objects.filter(empresa=empresa, codigo=codigo).exclude(pk=self.instance.pk).first()
            if outro is not None:
                self.add_error("codigo", f"Este código já é de {outro.nome}, desta empresa. Use outro código.")
        self._conferir_nacional(dados)
        conferir_ibs_cbs(self, dados)
        if dados.get("imunidade") and dados.get("exigibilidade") not in ("", Exigibilidade.IMUNIDADE):
            self.add_error("imunidade", "Só com a exigibilidade “Imunidade” há tipo de imunidade. Corrija um dos dois.")
        if empresa:
            self._conferir_no_canal(dados, empresa.pk)
        if dados.get("iss_retido") and dados.get("aliquota_iss") == 0:
            self.add_error("aliquota_iss", "Com ISS retido, a alíquota não pode ser zero. Corrija um dos dois.")
        return dados

    def _conferir_nacional(self, dados: dict[str, Any]) -> None:
        item, codigo = dados.get("item_lc116"), dados.get("codigo_nacional")
        if not (item and codigo):
            return
        dele = ServicoNacional.objects.get(pk=codigo).item_lc116
        if dito := campos.nacional_de_outro_item(codigo, dele, item.pk):
            self.add_error("codigo_nacional", dito)

    def _conferir_no_canal(self, dados: dict[str, Any], empresa: int) -> None:
        """What SISGENF-e knows of this prestador, once its registers were read."""
        atividade, item = dados.get("atividade"), dados.get("item_lc116")
        if atividade is not None and (conhecidas := {a.id_servico: a for a in atividades(empresa)}):
            achada = conhecidas.get(atividade)
            if achada is None:
                self.add_error("atividade", "O SISGENF-e não tem esta atividade para a empresa. Escolha na lista (F2).")
            elif item and achada.lc116 and (dela := item_sem_zero(achada.lc116)) != item.pk:
                self.add_error(
                    "atividade",
                    f"No SISGENF-e esta atividade é do item {dela} da LC 116, e o serviço está no item {item.pk}. "
                    "Corrija um dos dois.",
                )
        unidades = _referencias(empresa, ReferenciaCanal.Especie.UNIDADE).values_list("codigo", flat=True)
        unidade = dados.get("unidade")
        if unidade and unidades and unidade not in unidades:
            aceitas = ", ".join(list(unidades)[:12])
            self.add_error("unidade", f"O SISGENF-e não tem a unidade “{unidade}”. As dele: {aceitas}.")


def _referencias(empresa: int, especie: str) -> models.QuerySet[ReferenciaCanal]:
    return ReferenciaCanal.objects.filter(canal__empresa=empresa, canal__tipo=TipoCanal.SISGENFE, especie=especie)


def atividades(empresa: int) -> models.QuerySet[ReferenciaCanal]:
    """What SISGENF-e lets an empresa render, as read last."""
    return _referencias(empresa, ReferenciaCanal.Especie.ATIVIDADE).order_by("codigo", "nome")


def rotulo_da_atividade(atividade: ReferenciaCanal) -> str:
    return f"{atividade.codigo} {atividade.nome}".strip()[:90]


def rotulo_do_nacional(servico: ServicoNacional) -> str:
    c = servico.codigo
    return f"{c[:2]}.{c[2:4]}.{c[4:]} {servico.descricao}"[:90]
