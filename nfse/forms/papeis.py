"""The papers of a nota of the national layout, typed one by one or pasted as a list: those of a deduction and those of
what is reimbursed. One component for both; what differs stands in ESPECIES."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet
from django.http import QueryDict

from comum.documentos import documento, mascarar
from comum.formatos import contar, format_cep
from comum.formularios import DataField, DinheiroField, PercentualField, opcional
from empresas.models import Municipio
from nfse.campos import ler_cep, ler_linha
from nfse.forms.colados import DEDUCOES_COLADAS, REEMBOLSOS_COLADOS, Colagem
from nfse.models import CanalNfse
from nfse.models.detalhes import Detalhes
from nfse.models.papeis import (
    MAXIMO_DE_PAPEIS,
    FormaDeducao,
    FormaReembolso,
    PapelDeDeducao,
    PapelReembolsado,
    TipoDeducao,
    TipoReembolso,
)
from nfse.services.exigencias import direto

MAXIMO_NA_TELA = 100
Cru = dict[str, Any]
Papel = PapelDeDeducao | PapelReembolsado
_MARCAS = str.maketrans("", "", " .-/\t\xa0")
_OUTRAS = "99"
_DE_CHAVE = frozenset({"nfse", "nfe", "cte", "dfe"})


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


def _escolha(rotulo: str, opcoes: Iterable[tuple[str, Any]], **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=rotulo,
        choices=[("", "Escolha…"), *opcoes],
        error_messages={
            "required": f"{rotulo}: escolha na lista.",
            "invalid_choice": f"{rotulo}: escolha na lista.",
        },
        **kwargs,
    )


class _LinhaField(forms.CharField):
    """A text of one line."""

    def __init__(self, rotulo: str, maximo: int, *, required: bool = False) -> None:
        super().__init__(label=rotulo, required=required, error_messages={"required": f"{rotulo}: informe."})
        self.ler = partial(ler_linha, rotulo=rotulo, maximo=maximo)

    def clean(self, value: Any) -> str:
        return opcional(self.ler, super().clean(value))


def _municipio(rotulo: str) -> forms.CharField:
    return forms.CharField(label=rotulo, required=False, widget=forms.HiddenInput)


@dataclass(frozen=True)
class Desenhado:
    """A field as the row draws it: `redesenha` where a choice shows others, `municipio` for a look-up."""

    campo: BoundField
    classe: str
    rotulo: str
    mascara: str = ""
    redesenha: bool = False
    procura: bool = False
    municipio: Municipio | None = None

    @property
    def dica(self) -> str:
        return _DICAS.get(self.campo.name, "")

    @property
    def teclado(self) -> str:
        return {"dinheiro": "decimal", "data": "numeric", "cep": "numeric"}.get(self.mascara, "text")


# name -> columns of twelve, what is written above it, mask
_LARGURAS: Mapping[str, tuple[str, str, str]] = {
    "forma": ("c4", "Documento", ""),
    "documento": ("c8", "Chave ou número", ""),
    "municipio": ("c4", "Município", ""),
    "verificacao": ("c2", "Verificação", ""),
    "modelo": ("c2", "Modelo", ""),
    "serie": ("c2", "Série", ""),
    "descricao_documento": ("c4", "Que documento é", ""),
    "tipo": ("c6", "Tipo", ""),
    "descricao": ("c6", "Descrição", ""),
    "emissao": ("c2", "Data", "data"),
    "competencia": ("c2", "Competência", "data"),
    "dedutivel": ("c2", "Dedutível", "dinheiro"),
    "deduzido": ("c2", "Deduzido", "dinheiro"),
    "valor": ("c2", "Valor", "dinheiro"),
    "fornecedor_documento": ("c4", "CNPJ ou CPF", ""),
    "fornecedor_nome": ("c8", "Nome", ""),
    "fornecedor_cep": ("c2", "CEP", "cep"),
    "fornecedor_logradouro": ("c4", "Logradouro", ""),
    "fornecedor_numero": ("c2", "Número", ""),
    "fornecedor_complemento": ("c2", "Complemento", ""),
    "fornecedor_bairro": ("c2", "Bairro", ""),
    "fornecedor_municipio": ("c4", "Município", ""),
}
# A number takes less than a chave, where other fields say which paper it is.
_MENORES = {"nfse_municipal": "c2", "em_papel": "c4", "dfe": "c4", "fiscal": "c4", "outro": "c4"}
_DICAS = {"deduzido": "tudo", "competencia": "a da data"}  # what leaving it blank means
_REDESENHAM = ("forma", "tipo")


class PapelForm(forms.Form):
    """One paper. `so_de` says which fields only some forms of naming it have; `em_branco` which one another stands in
    for; `municipios` are those named in the form, by code."""

    classe: ClassVar[type[Papel]]
    so_de: ClassVar[Mapping[str, frozenset[str]]]
    em_branco: ClassVar[Mapping[str, str]]
    dizem: ClassVar[tuple[str, ...]] = ("documento", "emissao", "fornecedor_documento", "fornecedor_nome")

    fornecedor_documento = forms.CharField(label="CNPJ ou CPF do fornecedor", required=False)
    fornecedor_nome = _LinhaField("Nome do fornecedor", 150)

    def __init__(self, *args: Any, municipios: Mapping[str, Municipio], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.municipios = municipios
        for nome, formas in self.so_de.items():
            if self._texto("forma") not in formas:
                del self.fields[nome]

    def _texto(self, nome: str) -> str:
        return str(self[nome].value() or "").strip() if nome in self.fields else ""

    @property
    def vazio(self) -> bool:
        """Nothing was typed that says which paper it is."""
        return not any(self._texto(nome) for nome in self.dizem)

    def has_changed(self) -> bool:
        """A row left blank is no paper, and nothing is asked of it."""
        return not self.vazio

    # -- on the screen ------------------------------------------------------------------------------------------------

    @property
    def do_papel(self) -> Iterator[Desenhado]:
        for nome in self.fields:
            if nome.startswith("fornecedor_"):
                continue
            if nome == "descricao" and self._texto("tipo") != _OUTRAS and not self._tem("descricao"):
                continue
            yield self._desenhado(nome)

    @property
    def do_fornecedor(self) -> Iterator[Desenhado]:
        return (self._desenhado(nome) for nome in self.fields if nome.startswith("fornecedor_"))

    @property
    def abre_fornecedor(self) -> bool:
        return any(self._tem(nome) for nome in self.fields if nome.startswith("fornecedor_"))

    def _tem(self, nome: str) -> bool:
        return bool(self._texto(nome)) or nome in self.errors

    def _desenhado(self, nome: str) -> Desenhado:
        classe, rotulo, mascara = _LARGURAS[nome]
        if nome == "documento" and (forma := self._texto("forma")):
            rotulo = "Chave" if forma in _DE_CHAVE else "Número"
            if self.so_de.keys() & self.fields.keys():
                classe = _MENORES.get(forma, classe)
        procura = nome in ("municipio", "fornecedor_municipio")
        onde = self.municipios.get(self._texto(nome)) if procura else None
        return Desenhado(self[nome], classe, rotulo, mascara, nome in _REDESENHAM, procura, onde)

    # -- reading ------------------------------------------------------------------------------------------------------

    def clean_documento(self) -> str:
        texto: str = self.cleaned_data["documento"]
        return texto.translate(_MARCAS).upper() if self._texto("forma") in _DE_CHAVE else texto

    def clean_fornecedor_documento(self) -> str:
        return opcional(documento, self.cleaned_data["fornecedor_documento"])

    def clean_municipio(self) -> str:
        return self._do_ibge("municipio")

    def clean_fornecedor_municipio(self) -> str:
        return self._do_ibge("fornecedor_municipio")

    def _do_ibge(self, nome: str) -> str:
        texto = str(self.cleaned_data[nome])
        if texto and texto not in self.municipios:
            raise ValidationError("Município não encontrado. Procure pelo nome ou código do IBGE (F2).")
        return texto

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        for nome, de in self.em_branco.items():
            if dados.get(nome) is None and nome not in self.errors:
                dados[nome] = dados.get(de)
        return dados

    def papel(self) -> Papel:
        """What of it could be read."""
        dados = getattr(self, "cleaned_data", {})
        lidos = {campo.name: dados[campo.name] for campo in fields(self.classe) if dados.get(campo.name) is not None}
        return self.classe(**lidos)


class DeducaoForm(PapelForm):
    classe = PapelDeDeducao
    so_de = {
        "municipio": frozenset({FormaDeducao.NFSE_MUNICIPAL}),
        "verificacao": frozenset({FormaDeducao.NFSE_MUNICIPAL}),
        "modelo": frozenset({FormaDeducao.EM_PAPEL}),
        "serie": frozenset({FormaDeducao.EM_PAPEL}),
    }
    em_branco = {"deduzido": "dedutivel"}
    dizem = (*PapelForm.dizem, "dedutivel", "deduzido")
    field_order = (
        *("forma", "documento", "municipio", "verificacao", "modelo", "serie"),
        *("tipo", "descricao", "emissao", "dedutivel", "deduzido"),
    )

    forma = _escolha("Documento", FormaDeducao.choices)
    documento = _LinhaField("Chave ou número do documento", 255, required=True)
    municipio = _municipio("Município da nota")
    verificacao = _LinhaField("Código de verificação", 9)
    modelo = _LinhaField("Modelo da nota", 15)
    serie = _LinhaField("Série da nota", 15)
    tipo = _escolha("Tipo da dedução", TipoDeducao.choices)
    descricao = _LinhaField("Descrição da dedução", 150)
    emissao = DataField(label="Data do documento", error_messages={"required": "Informe a data do documento."})
    dedutivel = DinheiroField(
        label="Valor dedutível", error_messages={"required": "Informe o valor que o documento deixa deduzir."}
    )
    deduzido = DinheiroField(label="Valor deduzido", required=False)
    fornecedor_cep = forms.CharField(label="CEP do fornecedor", required=False)
    fornecedor_logradouro = _LinhaField("Logradouro do fornecedor", 255)
    fornecedor_numero = _LinhaField("Número do fornecedor", 60)
    fornecedor_complemento = _LinhaField("Complemento do fornecedor", 156)
    fornecedor_bairro = _LinhaField("Bairro do fornecedor", 60)
    fornecedor_municipio = _municipio("Município do fornecedor")

    def clean_fornecedor_cep(self) -> str:
        return opcional(ler_cep, self.cleaned_data["fornecedor_cep"])


class ReembolsoForm(PapelForm):
    classe = PapelReembolsado
    so_de = {
        "municipio": frozenset({FormaReembolso.FISCAL}),
        "descricao_documento": frozenset({FormaReembolso.DFE, FormaReembolso.FISCAL, FormaReembolso.OUTRO}),
    }
    em_branco = {"competencia": "emissao"}
    dizem = (*PapelForm.dizem, "valor")
    field_order = (
        *("forma", "documento", "descricao_documento", "municipio"),
        *("tipo", "descricao", "emissao", "competencia", "valor"),
    )

    forma = _escolha("Documento", FormaReembolso.choices)
    documento = _LinhaField("Chave ou número do documento", 255, required=True)
    descricao_documento = _LinhaField("Que documento é", 255)
    municipio = _municipio("Município que emitiu")
    tipo = _escolha("Tipo do reembolso", TipoReembolso.choices)
    descricao = _LinhaField("Descrição do reembolso", 150)
    emissao = DataField(label="Data do documento", error_messages={"required": "Informe a data do documento."})
    competencia = DataField(label="Competência do documento", required=False)
    valor = DinheiroField(label="Valor do reembolso", error_messages={"required": "Informe o valor do reembolso."})


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

    form: type[PapelForm]
    colagem: Colagem


ESPECIES: Mapping[str, Especie] = {
    "deducoes": Especie(DeducaoForm, DEDUCOES_COLADAS),
    "reembolsos": Especie(ReembolsoForm, REEMBOLSOS_COLADOS),
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
            self.especie.form, formset=PapeisFormSet, extra=0, max_num=MAXIMO_NA_TELA, absolute_max=MAXIMO_NA_TELA
        )
        kwargs: dict[str, Any] = {"prefix": nome, "form_kwargs": {"municipios": municipios}}
        feito = conjunto(dados, **kwargs) if dados is not None else conjunto(initial=list(crus), **kwargs)
        self.linhas = cast(PapeisFormSet, feito)
        for ordem, form in enumerate(self.linhas.forms, 1):
            for campo in form.fields.values():  # as the summary of errors names it; the row has words of its own
                campo.label = f"{campo.label} ({ordem})"
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

    def valida(self) -> bool:
        """Reads the rows and the text; what is wrong with the text is told at it, by line."""
        boas = self.linhas.is_valid()
        erros = [*self._ilegiveis, *(erro for n, form in self._do_texto for erro in _erros_da_linha(n, form))]
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
            rotulo = f"{form.fields[nome].label}: "
            yield f"Linha {numero}: {rotulo}{str(textos[0]).removeprefix(rotulo)}"


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
    pedido = dados.get(f"{nome}-TOTAL_FORMS", "")
    return min(int(pedido), MAXIMO_NA_TELA) if pedido.isdecimal() and pedido.isascii() and len(pedido) < 4 else 0


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
        cheias = [cru for cru in linhas if any(valor for campo, valor in cru.items() if campo not in _REDESENHAM)]
        if not colado.erros and len(cheias) + len(colado.linhas) <= MAXIMO_NA_TELA:
            cabecalho[verbo] = cheias + [cru for _, cru in colado.linhas]
            cabecalho[f"{verbo}_colar"] = ""
