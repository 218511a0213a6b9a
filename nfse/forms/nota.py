"""The form of a nota: its head, its lines, and which fields of a line each channel takes."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet

from comum.documentos import cnae
from comum.formatos import MAXIMO_EM_DINHEIRO, format_dinheiro, format_numero
from comum.formularios import DataField, DinheiroField, PercentualField, QuantidadeField, opcional
from empresas.models import Cnae, Empresa, ItemLc116, Municipio, ServicoNacional
from empresas.municipios import SEM_EMPRESAS
from nfse import campos
from nfse.forms.contratos import CompetenciaField
from nfse.forms.exigencias import ExigenciasDaNota
from nfse.forms.papeis import PapeisDaNota
from nfse.forms.servicos import rotulo_do_nacional
from nfse.models import CanalNfse, Servico, TipoCanal, Tomador
from nfse.services.calculo import RETENCOES, Linha, reter
from nfse.services.notas import aliquotas_de

MAXIMO_DE_ITENS = 100
_DE_TODOS = {"servico", "descricao", "quantidade", "unidade", "valor_unitario", "item_lc116", *RETENCOES}
_MUNICIPAL = _DE_TODOS | {"codigo_municipal", "cnae", "nbs", "aliquota", "deducao", "desconto"}
_NACIONAL = _DE_TODOS | {"codigo_nacional", "codigo_municipal", "nbs", "aliquota", "deducao", "desconto"}
_SISGENFE = _DE_TODOS | {"atividade", "aliquota", "deducao"}


def campos_do_canal(canal: CanalNfse | None) -> set[str]:
    """The fields of a line that the channel takes; those of most towns while there is none."""
    if canal is None:
        return _MUNICIPAL
    if canal.tipo == TipoCanal.SISGENFE:
        return _SISGENFE
    return _NACIONAL if canal.versao_emissao == 2 else _MUNICIPAL


def _texto_longo(campo: str, o_que: str) -> str:
    return f"{campo} tem %(show_value)d caracteres e o máximo é %(limit_value)d. {o_que}"


class NotaForm(PapeisDaNota, ExigenciasDaNota):
    """The head. Who takes the service is one of the empresa's."""

    field_order = ("competencia", "emissao", "tomador", "municipio_prestacao", "iss_retido")

    competencia = CompetenciaField(
        label="Competência", error_messages={"required": "Informe a competência, como 11/2026."}
    )
    emissao = DataField(
        label="Data de emissão", error_messages={"required": "Informe a data de emissão, como 20/11/2026."}
    )
    tomador = forms.ModelChoiceField(
        Tomador.objects.none(),
        label="Tomador",
        widget=forms.HiddenInput,
        error_messages={
            "required": "Escolha quem toma o serviço: CNPJ, CPF, nome ou F2.",
            "invalid_choice": "Tomador não encontrado nesta empresa. Escolha na lista (F2).",
        },
    )
    municipio_prestacao = forms.ModelChoiceField(
        Municipio.objects.exclude(pk=SEM_EMPRESAS),
        label="Local da prestação",
        widget=forms.HiddenInput,
        error_messages={
            "required": "Escolha o município em que o serviço foi prestado.",
            "invalid_choice": "Município não encontrado. Procure pelo nome ou código do IBGE (F2).",
        },
    )
    iss_retido = forms.BooleanField(label="ISS retido pelo tomador", required=False)
    observacao = forms.CharField(
        label="Informações complementares",
        required=False,
        max_length=campos.MAIOR_TEXTO,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": _texto_longo("O texto", "Encurte-o.")},
    )
    referencia = forms.CharField(
        label="Referência do escritório",
        required=False,
        max_length=60,
        help_text="única na empresa, para achar a nota",
        error_messages={"max_length": _texto_longo("A referência", "Encurte-a.")},
    )
    versao = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, empresa: Empresa, canal: CanalNfse | None, **kwargs: Any) -> None:
        super().__init__(*args, canal=canal, **kwargs)
        tomadores = Tomador.objects.filter(empresa=empresa).select_related("municipio")
        for nome in {"tomador", "destinatario"} & set(self.fields):
            self.fields[nome].queryset = tomadores  # type: ignore[attr-defined]
        # Our own message says how long the text is; the browser would cut what is pasted without a word.
        for nome in ("observacao", "referencia"):
            self.fields[nome].widget.attrs.pop("maxlength", None)

    def clean_observacao(self) -> str:
        return _linhas(self.cleaned_data["observacao"])


def _linhas(texto: str) -> str:
    return texto.replace("\r\n", "\n").strip()


def _valor(rotulo: str, **kwargs: Any) -> DinheiroField:
    return DinheiroField(label=rotulo, required=False, **kwargs)


class ItemForm(forms.Form):
    """One line. A withholding left blank is what the rates of the serviço give.

    `servicos`, `lc116`, `cnaes` and `nacionais` are those named in the form, by key: read once for all lines.
    `atividades` are the options of the prestador at SISGENF-e with their LC 116 item, None where the channel has none;
    there `iss_nosso` says whether rate and deduction of this line are ours to give.
    """

    servico = forms.CharField(label="Serviço", required=False, widget=forms.HiddenInput)
    descricao = forms.CharField(
        label="Descrição",
        required=False,
        max_length=campos.MAIOR_TEXTO,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": _texto_longo("A descrição", "Encurte-a.")},
    )
    quantidade = QuantidadeField(
        label="Quantidade", initial=Decimal(1), error_messages={"required": "Informe a quantidade."}
    )
    unidade = forms.CharField(
        label="Unidade",
        required=False,
        max_length=30,
        initial="Unidade",
        error_messages={"max_length": _texto_longo("A unidade", "Abrevie-a.")},
    )
    valor_unitario = DinheiroField(
        label="Valor unitário", error_messages={"required": "Informe o valor do serviço, como 1.234,56."}
    )
    item_lc116 = forms.CharField(label="Item da LC 116", required=False, widget=forms.HiddenInput)
    atividade = forms.ChoiceField(label="Atividade no SISGENF-e", required=False)
    codigo_municipal = forms.CharField(label="Código no município", required=False, max_length=20)
    codigo_nacional = forms.CharField(label="Código nacional (cTribNac)", required=False, widget=forms.HiddenInput)
    cnae = forms.CharField(label="CNAE", required=False, widget=forms.HiddenInput)
    nbs = forms.CharField(label="NBS", required=False)
    aliquota = PercentualField(label="Alíquota do ISS (%)", required=False)
    deducao = _valor("Dedução")
    desconto = _valor("Desconto")
    pis = _valor("PIS retido")
    cofins = _valor("COFINS retida")
    csll = _valor("CSLL retida")
    ir = _valor("IR retido")
    inss = _valor("INSS retido")

    def __init__(
        self,
        *args: Any,
        canal: CanalNfse | None,
        servicos: Mapping[str, Servico],
        lc116: Mapping[str, ItemLc116],
        cnaes: Mapping[str, Cnae],
        nacionais: Mapping[str, ServicoNacional],
        atividades: Mapping[str, tuple[str, str]] | None,
        unidades: list[str],
        iss_nosso: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.servicos, self.itens_lc116, self.atividades = servicos, lc116, atividades
        self.cnaes, self.nacionais = cnaes, nacionais
        for nome in set(self.fields) - campos_do_canal(canal):
            del self.fields[nome]
        for campo in self.fields.values():
            campo.widget.attrs.pop("maxlength", None)
        if atividades is not None:
            opcoes = [("", "Escolha…"), *((chave, nome) for chave, (nome, _) in atividades.items())]
            self.fields["atividade"].choices = opcoes  # type: ignore[attr-defined]
            self.fields["atividade"].error_messages["invalid_choice"] = (
                "Esta atividade não é do prestador no SISGENF-e. Escolha outra, ou atualize os cadastros em Canais."
            )
            if not iss_nosso(self.lc116_da_linha):
                del self.fields["aliquota"], self.fields["deducao"]
        if unidades:
            atual = self._texto("unidade")
            nomes = unidades if not atual or atual in unidades else [atual, *unidades]
            self.fields["unidade"].widget = forms.Select(choices=[(nome, nome) for nome in nomes])
        if self.servico_escolhido is not None:
            for nome in RETENCOES:
                if getattr(self.servico_escolhido, f"retem_{nome}") is not None:
                    self.fields[nome].widget.attrs["placeholder"] = "automático"

    def _texto(self, nome: str) -> str:
        return str(self[nome].value() or "").strip() if nome in self.fields else ""

    @property
    def servico_escolhido(self) -> Servico | None:
        return self.servicos.get(self._texto("servico"))

    @property
    def atividade_escolhida(self) -> tuple[str, str] | None:
        """Its name and LC 116 item."""
        return (self.atividades or {}).get(self._texto("atividade"))

    @property
    def lc116_da_linha(self) -> str:
        """The item of LC 116: the atividade's own where there is one."""
        escolhida = self.atividade_escolhida
        return escolhida[1] if escolhida and escolhida[1] else self._texto("item_lc116")

    @property
    def texto_lc116(self) -> str:
        item = self.itens_lc116.get(self.lc116_da_linha)
        return str(item)[:90] if item else ""

    @property
    def texto_cnae(self) -> str:
        achado = self.cnaes.get(self._texto("cnae"))
        return str(achado)[:90] if achado else self._texto("cnae")

    @property
    def texto_nacional(self) -> str:
        achado = self.nacionais.get(self._texto("codigo_nacional"))
        return rotulo_do_nacional(achado) if achado else self._texto("codigo_nacional")

    @property
    def vazia(self) -> bool:
        """Nothing was typed that says what is charged."""
        return not any(self._texto(nome) for nome in ("servico", "descricao", "valor_unitario"))

    def has_changed(self) -> bool:
        """A line left blank under others is no line, and nothing is asked of it."""
        return not self.vazia

    @property
    def abre_detalhes(self) -> bool:
        """Whether the folded fields have something to show."""
        nomes = [n for n in (*RETENCOES, "codigo_municipal", "cnae", "nbs", "desconto") if n in self.fields]
        return any(self._texto(nome) or nome in self.errors for nome in nomes)

    # -- reading --------------------------------------------------------------------------------------------------

    def clean_servico(self) -> Servico | None:
        texto = self.cleaned_data["servico"]
        if not texto:
            return None
        if texto not in self.servicos:
            raise ValidationError("Serviço não encontrado nesta empresa. Escolha na lista (F2).")
        return self.servicos[texto]

    def clean_descricao(self) -> str:
        return _linhas(self.cleaned_data["descricao"])

    def clean_valor_unitario(self) -> Decimal:
        valor: Decimal = self.cleaned_data["valor_unitario"]
        if valor is not None and not valor:
            raise ValidationError("O valor do serviço precisa ser maior que zero.")
        return valor

    def clean_codigo_nacional(self) -> str:
        codigo = opcional(campos.ler_codigo_nacional, self.cleaned_data["codigo_nacional"])
        if codigo and codigo not in self.nacionais:
            raise ValidationError(campos.sem_nacional(codigo))
        return codigo

    def clean_cnae(self) -> str:
        codigo = opcional(cnae, self.cleaned_data["cnae"])
        if codigo and codigo not in self.cnaes:
            raise ValidationError(campos.SEM_CNAE)
        return codigo

    def clean_nbs(self) -> str:
        return opcional(campos.ler_nbs, self.cleaned_data["nbs"])

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or {}
        lc116 = self.lc116_da_linha
        if lc116 not in self.itens_lc116:
            self.add_error("item_lc116" if self.atividades is None else "atividade", self._falta_lc116(lc116))
        elif dito := self._nacional_de_outro(dados.get("codigo_nacional", ""), lc116):
            self.add_error("codigo_nacional", dito)
        dados["item_lc116"] = lc116
        quantidade, unitario = dados.get("quantidade"), dados.get("valor_unitario")
        if quantidade and unitario and quantidade * unitario > MAXIMO_EM_DINHEIRO:
            self.add_error(
                "valor_unitario",
                f"{format_numero(quantidade)} × {format_dinheiro(unitario)} passa do que cabe numa nota.",
            )
        return dados

    def _nacional_de_outro(self, codigo: str, lc116: str) -> str:
        dele = self.nacionais[codigo].item_lc116 if codigo else ""
        return campos.nacional_de_outro_item(codigo, dele, lc116)

    def _falta_lc116(self, lc116: str) -> str:
        if lc116:
            return f"O item {lc116} não existe na LC 116. Escolha na lista (F2)."
        if self.atividades is None:
            return "Escolha o item da LC 116 do serviço, ou um serviço cadastrado (F2)."
        if not self.atividades:
            return "As atividades do prestador ainda não foram lidas. Use Atualizar cadastros em Canais."
        return "Escolha a atividade do prestador no SISGENF-e."

    # -- arithmetic -----------------------------------------------------------------------------------------------

    def linha(self) -> Linha:
        """What of this line could be read, with its withholdings: typed, or those of the serviço whatever they come
        to (of the whole note, see calculo.dispensar())."""
        dados = getattr(self, "cleaned_data", {})
        crua = Linha(
            quantidade=dados.get("quantidade") or Decimal(1),
            valor_unitario=dados.get("valor_unitario") or Decimal(0),
            aliquota=dados.get("aliquota"),
            deducao=dados.get("deducao"),
            desconto=dados.get("desconto") or Decimal(0),
        )
        automatica = reter(crua, aliquotas_de(dados.get("servico")))
        return replace(automatica, **{nome: dados[nome] for nome in RETENCOES if nome not in self.automaticas})

    @property
    def automaticas(self) -> set[str]:
        """The withholdings that nobody typed."""
        dados = getattr(self, "cleaned_data", {})
        return {nome for nome in RETENCOES if dados.get(nome) is None}


class ItensFormSet(BaseFormSet[ItemForm]):
    """The lines. One where nothing was typed is left out, unless it is the only one."""

    @property
    def usadas(self) -> list[ItemForm]:
        """The lines that count, in order."""
        cheias = [form for form in self.forms if not form.vazia]
        return cheias or self.forms[:1]

    def is_valid(self) -> bool:
        lidas = [form.is_valid() for form in self.usadas]  # every line, so that every error is told
        return self.is_bound and all(lidas) and not self.non_form_errors()

    def add_fields(self, form: ItemForm, index: int | None) -> None:
        """No field of the set's own: lines are taken out by the screen."""


ItensDaNota = forms.formset_factory(
    ItemForm, formset=ItensFormSet, extra=0, min_num=1, max_num=MAXIMO_DE_ITENS, absolute_max=MAXIMO_DE_ITENS
)
