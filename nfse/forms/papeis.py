"""The papers of a nota of the national layout, typed one by one or pasted as a list: those of a deduction and those of
what is reimbursed. One component for both; what differs stands in ESPECIES."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.forms.formsets import BaseFormSet
from django.http import QueryDict

from comum.documentos import mascarar
from comum.formatos import contar, format_cep
from comum.formularios import PercentualField
from empresas.models import Municipio
from nfse.forms.colados import DEDUCOES_COLADAS, REEMBOLSOS_COLADOS, Colagem
from nfse.forms.papel import REDESENHAM, DeducaoForm, Papel, PapelForm, ReembolsoForm
from nfse.models import CanalNfse
from nfse.models.detalhes import Detalhes
from nfse.models.papeis import MAXIMO_DE_PAPEIS
from nfse.services.exigencias import direto

MAXIMO_NA_TELA = 100
Cru = dict[str, Any]


class PapeisDaNota(forms.Form):
    """Part of the form of a nota: what is said of a whole list. __init__ takes it away where the channel is not the
    national system."""

    deducao_percentual = PercentualField(label="Dedução (% do valor)", required=False)
    deducoes_colar = forms.CharField(
        label="Lista de documentos da dedução", required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    reembolsos_colar = forms.CharField(
        label="Lista de documentos do reembolso", required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, canal: CanalNfse | None, **kwargs: Any) -> None:
        super().__init__(*args, canal=canal, **kwargs)  # type: ignore[call-arg]  # of the next part of NotaForm
        if not direto(canal):
            for nome in ("deducao_percentual", *(f"{lista}_colar" for lista in ESPECIES)):
                self.fields.pop(nome, None)


class PapeisFormSet(BaseFormSet[PapelForm]):
    """The rows. One where nothing was typed is left out."""

    @property
    def usadas(self) -> list[PapelForm]:
        return [form for form in self.forms if not form.vazio]

    def is_valid(self) -> bool:
        lidas = [form.is_valid() for form in self.usadas]  # every row, so that every error is told
        return self.is_bound and all(lidas) and not self.non_form_errors()

    def add_fields(self, form: PapelForm, index: int | None) -> None:
        """No field of the set's own: rows are taken out by the screen."""


@dataclass(frozen=True)
class Especie:
    """One of the two lists."""

    nome: str
    form: type[PapelForm]
    colagem: Colagem


ESPECIES: Mapping[str, Especie] = {
    "deducoes": Especie("dedução", DeducaoForm, DEDUCOES_COLADAS),
    "reembolsos": Especie("reembolso", ReembolsoForm, REEMBOLSOS_COLADOS),
}


class ListaDePapeis:
    """One list of the form: the rows, and what is still pasted text. Rows are what the screen bears; a longer list
    stays in the text, and counts all the same."""

    def __init__(self, nome: str, cabeca: forms.Form, dados: QueryDict | None, crus: Sequence[Cru]) -> None:
        self.nome, self.especie, self._cabeca = nome, ESPECIES[nome], cabeca
        self.colar = cabeca[f"{nome}_colar"]
        colado = self.especie.colagem.ler(str(self.colar.value() or ""))
        self._colados, self._ilegiveis = colado.linhas, colado.erros
        todos = [*crus, *(cru for _, cru in self._colados)]
        municipios = Municipio.objects.in_bulk(
            {str(cru.get(campo) or "") for cru in todos for campo in ("municipio", "fornecedor_municipio")} - {""}
        )
        conjunto = forms.formset_factory(
            self.especie.form, formset=PapeisFormSet, extra=0, max_num=MAXIMO_NA_TELA, validate_max=True,
            absolute_max=MAXIMO_NA_TELA + 1,
        )  # fmt: skip
        kwargs: dict[str, Any] = {"prefix": nome, "form_kwargs": {"municipios": municipios}}
        feito = conjunto(dados, **kwargs) if dados is not None else conjunto(initial=list(crus), **kwargs)
        self.linhas = cast(PapeisFormSet, feito)
        for ordem, form in enumerate(self.linhas.forms, 1):
            for campo in form:  # as the summary of errors names it; the row has words of its own
                campo.label = f"{campo.label} ({self.especie.nome} {ordem})"
        self._do_texto = [(n, self.especie.form(cru, municipios=municipios)) for n, cru in self._colados]
        self._lidos: tuple[Any, ...] | None = None

    @property
    def abre(self) -> bool:
        """Whether it has something to show."""
        return bool(self.linhas.forms) or bool(self.colar.value()) or bool(self.colar.errors)

    @property
    def quantos(self) -> int:
        return len(self.linhas.usadas) + len(self._do_texto)

    @property
    def cabe_mais(self) -> bool:
        return len(self.linhas.forms) < MAXIMO_NA_TELA

    @property
    def ajuda_do_colar(self) -> str:
        dita = f"Títulos: {self.especie.colagem.cabecalho}."
        if self._do_texto:
            dita = f"{contar(len(self._do_texto), 'documento', 'documentos')} nesta lista, que vão na nota. {dita}"
        return f"{dita} Até {MAXIMO_NA_TELA} passam para as linhas; uma lista maior fica aqui e vai inteira."

    @property
    def nao_lido(self) -> Sequence[str]:
        """Why the text does not become rows, where the field does not say so itself."""
        return () if self.colar.errors else self._ilegiveis[:10]

    def valida(self) -> bool:
        """Reads the rows and the text; what is wrong with the text is told at it, by line."""
        boas = self.linhas.is_valid()
        erros = [*self._ilegiveis, *(erro for n, form in self._do_texto for erro in _erros_da_linha(n, form))]
        if self.linhas.is_bound and self.linhas.non_form_errors():
            erros.append(f"São mais de {MAXIMO_NA_TELA} linhas. Cole os documentos como lista, e tire as linhas.")
        if self.quantos > MAXIMO_DE_PAPEIS:
            erros.append(f"São {self.quantos} documentos, e a nota leva até {MAXIMO_DE_PAPEIS}. Divida-a.")
        if erros and not self.colar.errors:
            self._cabeca.add_error(self.colar.name, cast(Any, erros[:10]))
        if self._lidos is None:  # before anything is marked, which takes values away
            self._lidos = tuple(form.papel() for form in [*self.linhas.usadas, *(um for _, um in self._do_texto)])
        return boas and not erros

    def papeis(self) -> tuple[Any, ...]:
        """What of them could be read, those of the rows first. Only after valida()."""
        return self._lidos or ()

    def marcar(self, numero: int | None, campo: str, mensagem: str) -> None:
        """Tell a problem at the paper that has it, else at the list."""
        usadas = self.linhas.usadas
        if numero is None or numero >= self.quantos:
            self._cabeca.add_error(self.colar.name, mensagem)
        elif numero >= len(usadas):
            linha, _ = self._do_texto[numero - len(usadas)]
            self._cabeca.add_error(self.colar.name, f"Linha {linha}: {mensagem}")
        else:
            form = usadas[numero]
            reserva = "fornecedor_documento" if campo.startswith("fornecedor_") else "documento"
            form.add_error(campo if campo in form.fields else reserva, mensagem)

    def digitar(self, dados: QueryDict) -> None:
        """As if it had just been posted."""
        dados[f"{self.nome}-TOTAL_FORMS"] = str(len(self.linhas.forms))
        dados[f"{self.nome}-INITIAL_FORMS"] = "0"
        for form in self.linhas.forms:
            for nome in form.fields:
                valor = form[nome].value()
                if valor not in (None, ""):
                    dados[form.add_prefix(nome)] = str(valor)


def _erros_da_linha(numero: int, form: PapelForm) -> Iterator[str]:
    if not form.is_valid():
        for nome, textos in form.errors.items():
            yield f"Linha {numero}: {form.fields[nome].label}: {textos[0]}"


# -- from the stored to the fields, and from the request --------------------------------------------------------------


def cru_do_papel(papel: Papel) -> Cru:
    """What the row of a stored paper begins with."""
    cru = {nome: valor for nome, valor in vars(papel).items() if valor not in (None, "")}
    for nome, mostrar in (("fornecedor_documento", mascarar), ("fornecedor_cep", format_cep)):
        if nome in cru:
            cru[nome] = mostrar(cru[nome])
    return cru


def iniciais(detalhes: Detalhes) -> Cru:
    """Of both lists, under their names: rows; or the text, of a list that the screen does not bear."""
    ditos: Cru = {}
    for nome, especie in ESPECIES.items():
        crus = [cru_do_papel(papel) for papel in getattr(detalhes, nome)]
        if len(crus) > MAXIMO_NA_TELA:
            ditos[f"{nome}_colar"] = especie.colagem.escrever(_como_se_digita(especie, crus))
            crus = []
        ditos[nome] = crus
    return ditos


def de_outra_nota() -> Cru:
    """What a copy begins with: the papers stay with the note that used them."""
    return {nome: [] for nome in ESPECIES} | {f"{nome}_colar": "" for nome in ESPECIES}


def _como_se_digita(especie: Especie, crus: Iterable[Cru]) -> Iterator[Mapping[str, str]]:
    campos = especie.form.base_fields
    for cru in crus:
        yield {nome: str(campos[nome].prepare_value(valor)) for nome, valor in cru.items()}


def crus_de(dados: QueryDict, nome: str) -> list[Cru]:
    """The rows of a list as typed."""
    campos = ESPECIES[nome].form.base_fields
    quantas = total_de(dados, nome)
    return [
        {campo: valor for campo in campos if (valor := dados.get(f"{nome}-{n}-{campo}")) is not None}
        for n in range(quantas)
    ]


def total_de(dados: QueryDict, nome: str) -> int:
    """One more than the screen bears stands for any number above it, which is refused."""
    pedido = dados.get(f"{nome}-TOTAL_FORMS", "")
    if not (pedido.isdecimal() and pedido.isascii()):
        return 0
    return min(int(pedido[:9]), MAXIMO_NA_TELA + 1)


def com_totais(dados: QueryDict) -> None:
    """Put in a copy of a request how many rows each list has, whatever it says of it."""
    for nome in ESPECIES:
        dados[f"{nome}-TOTAL_FORMS"] = str(total_de(dados, nome))
        dados[f"{nome}-INITIAL_FORMS"] = "0"


def refazer(cabecalho: Cru, dados: QueryDict, verbo: str, resto: str) -> None:
    """Put both lists as typed in the head, with a row more (`deducoes-incluir`), one less (`deducoes-tirar-2`), or the
    pasted text as rows (`deducoes-colar`), as far as the screen bears them."""
    for nome in ESPECIES:
        cabecalho[nome] = crus_de(dados, nome)
    if verbo not in ESPECIES:
        return
    linhas: list[Cru] = cabecalho[verbo]
    acao, _, numero = resto.partition("-")
    if acao == "incluir" and len(linhas) < MAXIMO_NA_TELA:
        linhas.append({"foco": True})
    elif acao == "tirar" and numero.isdecimal() and int(numero) < len(linhas):
        linhas.pop(int(numero))
    elif acao == "colar":
        colado = ESPECIES[verbo].colagem.ler(str(cabecalho.get(f"{verbo}_colar") or ""))
        cheias = [cru for cru in linhas if any(valor for campo, valor in cru.items() if campo not in REDESENHAM)]
        if not colado.erros and len(cheias) + len(colado.linhas) <= MAXIMO_NA_TELA:
            cabecalho[verbo] = cheias + [cru for _, cru in colado.linhas]
            cabecalho[f"{verbo}_colar"] = ""
