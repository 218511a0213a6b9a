"""From a field of a body (providers/campos.py) to a field of a form, and back."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, get_args, get_type_hints

from django import forms

from comum.documentos import Invalido, Motivo
from comum.formatos import format_numero
from comum.formularios import CampoLido, DataField, DinheiroField
from pagar.providers.campos import (
    TAMANHOS,
    Campo,
    Data,
    Formato,
    Inteiro,
    Lista,
    Logico,
    Objeto,
    Opcao,
    Texto,
    Valor,
    campos_de,
)
from pagar.providers.interface import MotivoAlteracao, OperacaoEstorno, TipoEstorno, TipoPagamento

DENTRO = "__"  # between the name of an object and that of its field
_OPCOES: Mapping[StrEnum, str] = {
    TipoPagamento.BORDERO: "Borderô",
    TipoPagamento.LOTE: "Lote de pagamento",
    TipoEstorno.TOTAL: "Total",
    TipoEstorno.PARCIAL: "Parcial",
    OperacaoEstorno.CANCELAMENTO: "Cancelamento do título",
    OperacaoEstorno.ESTORNO: "Estorno do título",
    OperacaoEstorno.MOVIMENTO: "Estorno de movimento",
    MotivoAlteracao.ALTERACAO: "Alteração",
    MotivoAlteracao.BAIXA: "Baixa",
}
_LONGOS = ("histórico", "histórico do estorno")
_INTEIRO = re.compile(r"-?(?:\d{1,18}|[1-9]\d{0,2}(?:\.\d{3})+)", re.ASCII)
_NUMERO = re.compile(r"(-?)(\d{1,18}|[1-9]\d{0,2}(?:\.\d{3})+)(?:,(\d+))?|(-?)(\d{1,18})\.(\d+)", re.ASCII)


class InteiroField(CampoLido):
    """A number without decimals: 12, 1.234."""

    def ler(self, texto: str) -> int | Invalido:
        if not _INTEIRO.fullmatch(texto):
            return Invalido(Motivo.FORMATO, "Número fora do formato. Digite só algarismos, como 12.")
        lido = int(texto.replace(".", ""))
        return lido if lido >= 0 else Invalido(Motivo.PROIBIDO, "O número não pode ser negativo. Digite a partir de 0.")

    def mostrar(self, valor: int) -> str:
        return str(valor)


class NumeroField(CampoLido):
    """A rate or a percentage, with as many decimals as its field has: 0,033 or 12,5."""

    def __init__(self, *, casas: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.casas = casas

    def ler(self, texto: str) -> Decimal | Invalido:
        achado = _NUMERO.fullmatch(texto.removesuffix("%").strip())
        if not achado:
            return Invalido(Motivo.FORMATO, "Número fora do formato. Digite só algarismos e vírgula, como 1,25.")
        sinal, inteiro, decimais = achado[1] or achado[4], achado[2] or achado[5], achado[3] or achado[6] or ""
        if sinal:
            return Invalido(Motivo.PROIBIDO, "O número não pode ser negativo. Digite a partir de 0.")
        if len(decimais.rstrip("0")) > self.casas:
            return Invalido(Motivo.FORMATO, f"Número com mais de {self.casas} casas decimais. Arredonde.")
        return Decimal(f"{inteiro.replace('.', '')}.{decimais or 0}")

    def mostrar(self, valor: Decimal) -> str:
        casas = max(2, -int(valor.normalize().as_tuple().exponent)) if valor else 2
        return format_numero(valor, casas).replace(".", "")


@dataclass(frozen=True)
class Folha:
    """A field of a body that takes one value: `caminho` is where it is (an object's inside it), `padrao` what it holds
    when nothing is said."""

    nome: str
    caminho: tuple[str, ...]
    campo: Campo
    padrao: Any
    largura: str
    longo: bool


def folhas(classe: type, formato: Formato, dentro: tuple[str, ...] = ()) -> Iterator[Folha]:
    """The fields of a body, those of its objects too, without its lists. Those of form 1099 only where they may go."""
    padroes, objetos = padroes_de(classe), dict(objetos_de(classe))
    for nome, campo in campos_de(classe):
        if nome in objetos:
            yield from folhas(objetos[nome], formato, (*dentro, nome))
        elif not isinstance(campo, Lista) and (formato.permitir_1099 or not campo.eua):
            caminho = (*dentro, nome)
            longo = isinstance(campo, Texto) and campo.conceito in _LONGOS
            yield Folha(DENTRO.join(caminho), caminho, campo, padroes[nome], _largura(campo, formato), longo)


@cache
def objetos_de(classe: type) -> tuple[tuple[str, type], ...]:
    """The objects of a body: name, and the body inside."""
    dicas = get_type_hints(classe)
    return tuple(
        (nome, next(um for um in get_args(dicas[nome]) if um is not type(None)))
        for nome, campo in campos_de(classe)
        if isinstance(campo, Objeto)
    )


@cache
def listas_de(classe: type) -> tuple[tuple[str, Lista, type], ...]:
    """The lists of a body: name, field, and the body of a line."""
    dicas = get_type_hints(classe)
    return tuple(
        (nome, campo, get_args(dicas[nome])[0]) for nome, campo in campos_de(classe) if isinstance(campo, Lista)
    )


@cache
def padroes_de(classe: type) -> Mapping[str, Any]:
    return {campo.name: None if campo.default is MISSING else campo.default for campo in fields(classe)}


def maximo_de(campo: Campo, formato: Formato) -> int:
    """Most characters of a text in this base; 0 of anything else."""
    return formato.tamanhos.get(campo.conceito, TAMANHOS[campo.conceito]) if isinstance(campo, Texto) else 0


def _largura(campo: Campo, formato: Formato) -> str:
    """Of the twelve columns of the screens' grid."""
    maximo = maximo_de(campo, formato)
    if isinstance(campo, Opcao | Logico):
        return "c3"
    if maximo <= 10:
        return "c2"
    return next(classe for ate, classe in ((16, "c3"), (30, "c4"), (60, "c6"), (10**6, "")) if maximo <= ate)


def campo_de_form(folha: Folha) -> forms.Field:
    """Nothing but reading: sizes, limits and what is required are told by the body's own check, all together."""
    campo = folha.campo
    feito = _FEITOS[type(campo)](folha, campo)
    feito.required, feito.label = False, campo.rotulo
    return feito


def _texto(folha: Folha, campo: Any) -> forms.Field:
    widget = forms.Textarea(attrs={"rows": 2}) if folha.longo else forms.TextInput()
    return forms.CharField(widget=widget, empty_value=folha.padrao if folha.padrao is None else "")


def _valor(folha: Folha, campo: Any) -> forms.Field:
    taxa = campo.casas != 2 or campo.digitos == 2
    mascara = {} if taxa else {"data-mascara": "dinheiro"}
    widget = forms.TextInput(attrs={"inputmode": "decimal", **mascara})
    return NumeroField(casas=campo.casas, widget=widget) if taxa else DinheiroField(widget=widget)


def _inteiro(folha: Folha, campo: Any) -> forms.Field:
    return InteiroField(widget=forms.TextInput(attrs={"inputmode": "numeric"}))


def _data(folha: Folha, campo: Any) -> forms.Field:
    return DataField(widget=forms.TextInput(attrs={"data-mascara": "data", "inputmode": "numeric"}))


def _logico(folha: Folha, campo: Any) -> forms.Field:
    if folha.padrao is not None:
        return forms.BooleanField()
    return forms.TypedChoiceField(
        choices=[("", "Não muda"), ("True", "Sim"), ("False", "Não")],
        coerce=lambda texto: texto == "True",
        empty_value=None,
        error_messages={"invalid_choice": "Escolha Sim, Não ou deixe como está."},
    )


def _opcao(folha: Folha, campo: Any) -> forms.Field:
    por_valor = {str(opcao): opcao for opcao in campo.numeros}
    vazia = [] if folha.padrao is not None else [("", "Escolha…")]
    return forms.TypedChoiceField(
        choices=[*vazia, *((valor, _OPCOES[opcao]) for valor, opcao in por_valor.items())],
        coerce=lambda texto: por_valor[texto],
        empty_value=None,
        error_messages={"invalid_choice": "Escolha uma das opções da lista."},
    )


_FEITOS: Mapping[type, Callable[[Folha, Any], forms.Field]] = {
    Texto: _texto,
    Valor: _valor,
    Inteiro: _inteiro,
    Data: _data,
    Logico: _logico,
    Opcao: _opcao,
}
