"""The kinds of field a body has: how each is spelled on the wire, what fits it, and what is said when it does not.

A dataclass of `interface.py` declares a field once, as `Annotated[type, Campo]`; what is checked before sending and
what is sent are both read from there. "" and None are "not informed".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self, get_origin, get_type_hints

from operacoes.errors import ProviderRefused

ZERO = Decimal(0)

# Most characters of each kind of text. Source: display formats of the fields of Contas a Pagar (APB), as ERP table
# definitions and integrators show them; a base may have others (Formato.tamanhos). `matriz` and `safra` are ours.
TAMANHOS: Mapping[str, int] = {
    "empresa": 3,
    "empresa externa": 3,
    "estabelecimento": 5,  # 3 in old bases
    "código externo": 8,
    "referência": 10,
    "espécie": 3,
    "série": 3,
    "número": 16,  # 10 in old bases
    "parcela": 2,
    "portador": 5,
    "carteira": 3,
    "forma de pagamento": 3,
    "moeda": 8,
    "finalidade": 10,
    "histórico padrão": 8,
    "histórico": 2000,
    "histórico do estorno": 40,
    "seguradora": 8,
    "apólice": 12,
    "arrendador": 6,
    "contrato de leasing": 12,
    "plano de contas": 8,
    "conta": 20,
    "conta externa": 20,
    "subconta externa": 15,
    "unidade de negócio": 3,
    "plano de centro de custo": 8,
    "centro de custo": 11,
    "fluxo financeiro": 12,
    "país": 3,
    "país externo": 20,
    "UF": 3,
    "imposto": 5,
    "classificação do imposto": 5,
    "código de barras": 50,
    "tipo do código de barras": 1,
    "título no banco": 20,
    "favorecido": 15,
    "nome do favorecido": 40,
    "mensagem": 2,
    "contrato de câmbio": 15,
    "identificação fiscal": 15,
    "safra": 8,
    "matriz": 8,
}
_TEXTO_LIVRE = frozenset({"histórico", "histórico do estorno"})


@dataclass(frozen=True)
class Formato:
    """What differs from one base to another. `tamanhos` replaces sizes of TAMANHOS, `numeros` the numbers that choices
    (by their value) have on the wire; `omitir_vazios` leaves texts and dates not informed out of the body, in place of
    sending "" (what a blank does to a field of an update is not documented); `permitir_1099` lets through the fields
    that serve form 1099 of the United States."""

    tamanhos: Mapping[str, int] = field(default_factory=dict)
    numeros: Mapping[str, int] = field(default_factory=dict)
    omitir_vazios: bool = False
    permitir_1099: bool = False


PADRAO = Formato()


@dataclass(frozen=True)
class Problema:
    """One thing that cannot be sent as it is. `campo` is the path in the body's dataclass, lists from 0
    ("titulos.0.vencimento"); `mensagem` a sentence for people, in Portuguese."""

    campo: str
    mensagem: str


class DadosInvalidos(ProviderRefused):
    """Refused here, before anything was sent: what was to be sent does not fit the ERP's fields. All `problemas`."""

    def __init__(self, o_que: str, problemas: list[Problema]) -> None:
        super().__init__(
            f"Nada foi enviado ao Datasul ({o_que}). {' '.join(problema.mensagem for problema in problemas)} "
            "Corrija e envie de novo.",
            codigo="DADOS-INVALIDOS",
            texto="\n".join(f"{problema.campo}: {problema.mensagem}" for problema in problemas),
        )
        self.problemas = tuple(problemas)


@dataclass(frozen=True)
class Campo:
    """`json` is the spelling on the wire, `rotulo` the name for people. `ou` names the field that may be filled in
    place of a required one; `eua` marks what only form 1099 uses; `na_raiz` what goes beside the body's main object."""

    json: str
    rotulo: str
    exigido: bool = field(default=False, kw_only=True)
    ou: str = field(default="", kw_only=True)
    eua: bool = field(default=False, kw_only=True)
    na_raiz: bool = field(default=False, kw_only=True)

    @property
    def obrigatorio(self) -> Self:
        return replace(self, exigido=True)

    def obrigatorio_ou(self, outro: str) -> Self:
        return replace(self, exigido=True, ou=outro)

    def chamado(self, json: str, rotulo: str = "") -> Self:
        """The same kind of field under another name."""
        return replace(self, json=json, rotulo=rotulo or self.rotulo)

    def tipo_certo(self, valor: Any) -> bool:
        raise NotImplementedError

    def faltas(self, valor: Any, formato: Formato) -> Iterator[str]:
        """What does not fit, of an informed value of the right type."""
        yield from ()

    def no_fio(self, valor: Any, formato: Formato) -> Any:
        """The value as JSON writes it; None for what is left out."""
        return valor


@dataclass(frozen=True)
class Texto(Campo):
    """`conceito` is a key of TAMANHOS."""

    conceito: str

    def tipo_certo(self, valor: Any) -> bool:
        return isinstance(valor, str)

    def faltas(self, valor: str, formato: Formato) -> Iterator[str]:
        maximo = formato.tamanhos.get(self.conceito, TAMANHOS[self.conceito])
        if len(valor) > maximo:
            yield f"{len(valor)} caracteres, e o limite é {maximo}."
        if any(ord(letra) < 32 and not (letra == "\n" and self.conceito in _TEXTO_LIVRE) for letra in valor):
            yield "há caracteres de controle. Apague-os e digite de novo."

    def no_fio(self, valor: str, formato: Formato) -> str | None:
        return None if formato.omitir_vazios and not valor else valor


@dataclass(frozen=True)
class Inteiro(Campo):
    """A number without decimals; `em_texto` where the wire has its digits as a string."""

    minimo: int = 0
    maximo: int = 999_999_999
    em_texto: bool = False

    def tipo_certo(self, valor: Any) -> bool:
        return isinstance(valor, int) and not isinstance(valor, bool)

    def faltas(self, valor: int, formato: Formato) -> Iterator[str]:
        if self.minimo == self.maximo != valor:
            yield f"só {self.minimo} é aceito."
        elif not self.minimo <= valor <= self.maximo:
            yield f"{_pontos(valor)} está fora do intervalo de {_pontos(self.minimo)} a {_pontos(self.maximo)}."

    def no_fio(self, valor: int, formato: Formato) -> int | str:
        return str(valor) if self.em_texto else valor


@dataclass(frozen=True)
class Valor(Campo):
    """A Decimal with at most `digitos` digits before the comma and `casas` after it; never negative."""

    digitos: int = 9
    casas: int = 2
    positivo: bool = False

    def tipo_certo(self, valor: Any) -> bool:
        return isinstance(valor, Decimal) and valor.is_finite()

    def faltas(self, valor: Decimal, formato: Formato) -> Iterator[str]:
        if valor < 0:
            yield "não pode ser negativo."
        elif self.positivo and not valor:
            yield "precisa ser maior que zero."
        if abs(valor) >= Decimal(10) ** self.digitos:
            yield f"passa de {self.digitos} algarismos antes da vírgula."
        elif casas_de(valor) > self.casas:
            yield f"tem {casas_de(valor)} casas decimais, e o limite é {self.casas}."

    def no_fio(self, valor: Decimal, formato: Formato) -> Decimal:
        """Two decimals at least; more only where the field has them and the value uses them."""
        return valor.quantize(Decimal(1).scaleb(-min(self.casas, max(2, casas_de(valor)))))


@dataclass(frozen=True)
class Data(Campo):
    def tipo_certo(self, valor: Any) -> bool:
        return isinstance(valor, date) and not isinstance(valor, datetime)

    def no_fio(self, valor: date, formato: Formato) -> str:
        return valor.isoformat()


@dataclass(frozen=True)
class Logico(Campo):
    def tipo_certo(self, valor: Any) -> bool:
        return isinstance(valor, bool)


@dataclass(frozen=True)
class Opcao(Campo):
    """One of a few choices, a number on the wire. The numbers are deduced, so that a base may have its own."""

    numeros: Mapping[StrEnum, int]

    def tipo_certo(self, valor: Any) -> bool:
        return isinstance(valor, StrEnum) and valor in self.numeros

    def no_fio(self, valor: StrEnum, formato: Formato) -> int:
        return formato.numeros.get(valor, self.numeros[valor])


@dataclass(frozen=True)
class Lista(Campo):
    """Bodies inside the body; `um` names one of them in messages ("título" in "Título 2: ...")."""

    um: str
    maximo: int = 9999

    def tipo_certo(self, valor: Any) -> bool:
        return isinstance(valor, tuple)

    def faltas(self, valor: tuple[Any, ...], formato: Formato) -> Iterator[str]:
        if len(valor) > self.maximo:
            yield f"{_pontos(len(valor))} é mais do que cabe em um envio ({_pontos(self.maximo)}). Divida."


@dataclass(frozen=True)
class Objeto(Campo):
    """One body inside the body, or None."""

    def tipo_certo(self, valor: Any) -> bool:
        return True


_campos: dict[type, tuple[tuple[str, Campo], ...]] = {}


def campos_de(classe: type) -> tuple[tuple[str, Campo], ...]:
    """The fields of a body's dataclass, in its order: name here, and what it is on the wire."""
    if classe not in _campos:
        dicas = get_type_hints(classe, include_extras=True)
        _campos[classe] = tuple(
            (nome, next(dado for dado in dica.__metadata__ if isinstance(dado, Campo)))
            for nome, dica in dicas.items()
            if get_origin(dica) is Annotated
        )
    return _campos[classe]


def informado(valor: Any) -> bool:
    """Whether a field has something: not None, not blank, not empty. Zero and false are something."""
    return not (valor is None or valor == () or (isinstance(valor, str) and not valor.strip()))


def forma(corpo: Any, formato: Formato = PADRAO) -> tuple[list[Problema], bool]:
    """Every field that is missing or does not fit, and whether all types are right (what rules between fields need)."""
    achados: list[Problema] = []
    tipos = True
    for caminho, onde, dono in partes(corpo):
        for nome, campo in campos_de(type(dono)):
            valor = getattr(dono, nome)
            textos: list[str] = []
            if valor is None and getattr(type(dono), nome) is not None:  # its default: the field takes no None
                tipos, textos = False, ["não é um valor que este campo aceita."]
            elif not informado(valor):
                if campo.exigido and not (campo.ou and informado(getattr(dono, campo.ou))):
                    textos = ["falta informar."]
            elif not campo.tipo_certo(valor):
                tipos, textos = False, ["não é um valor que este campo aceita."]
            elif campo.eua and valor and not formato.permitir_1099:
                textos = ["serve só ao formulário 1099 dos Estados Unidos. Deixe em branco."]
            else:
                textos = list(campo.faltas(valor, formato))
            achados += (Problema(f"{caminho}{nome}", frase(onde, f"{campo.rotulo}: {texto}")) for texto in textos)
    return achados, tipos


def partes(corpo: Any, caminho: str = "", onde: str = "") -> Iterator[tuple[str, str, Any]]:
    """A body and the bodies inside it: path of its fields, where it is in words, itself."""
    yield caminho, onde, corpo
    for nome, campo in campos_de(type(corpo)):
        valor = getattr(corpo, nome)
        if isinstance(campo, Lista) and isinstance(valor, tuple):
            for posicao, item in enumerate(valor):
                lugar = f"{onde}, {campo.um} {posicao + 1}" if onde else f"{campo.um} {posicao + 1}"
                yield from partes(item, f"{caminho}{nome}.{posicao}.", lugar)
        elif isinstance(campo, Objeto) and valor is not None:
            yield from partes(valor, f"{caminho}{nome}.", onde)


def frase(onde: str, texto: str) -> str:
    """As in "Título 2, linha do rateio 1: Valor: precisa ser maior que zero."."""
    return f"{onde[0].upper()}{onde[1:]}: {texto}" if onde else texto


def casas_de(valor: Decimal) -> int:
    """Decimals that a finite number uses: 1 for 1.50."""
    _, algarismos, expoente = valor.as_tuple()
    if not isinstance(expoente, int) or not valor:
        return 0
    zeros = len(algarismos) - len("".join(map(str, algarismos)).rstrip("0"))
    return max(0, -(expoente + zeros))


def _pontos(numero: int) -> str:
    return f"{numero:,}".replace(",", ".")
