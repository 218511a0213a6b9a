"""How a town hall treats the notes of an emitente: at once or later, yes or no, what it offers and what it asks for.

What is set for the emitente replaces what is set for its town, which replaces the sandbox's default; a tomador of the
test documents replaces them all.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from typing import Any

from sandbox.documentos import digitos_cnpj
from sandbox.integranotas import codigos
from sandbox.integranotas.notas.esquema import CAMINHOS

AUTORIZAR, RECUSAR, TEMPO_ESGOTADO = "autorizar", "recusar", "tempo_esgotado"
MUNICIPAL, NACIONAL = "municipal", "nacional"


@dataclass(frozen=True)
class Comportamento:
    """`segundos` until the town decides: 0 in the same call, None never (until the control page decides). With
    `tempo_esgotado` the call answers 7001 and `sobrevive` tells whether the document exists all the same.
    `certificado` and `login`: what the town needs in the emitente's record. `obrigatorios`: dotted paths."""

    padrao: str = MUNICIPAL
    provedor: str = "SANDBOX"
    segundos: float | None = 0
    desfecho: str = AUTORIZAR
    sobrevive: bool = True
    codigo: int = codigos.RECUSADA
    mensagem: str = "A prefeitura recusou o documento: verifique a alíquota do serviço e envie de novo."
    cancela: bool = True
    cancela_segundos: float | None = 0
    cancela_desfecho: str = AUTORIZAR
    substitui: bool = True
    localiza: bool = True
    certificado: bool = False
    login: bool = False
    link_pdf: bool = False
    homologacao: bool = True
    obrigatorios: list[str] = field(default_factory=list)

    def como_dict(self) -> dict[str, Any]:
        return asdict(self)


def _segundos(valor: Any) -> bool:
    return valor is None or (isinstance(valor, int | float) and not isinstance(valor, bool) and valor >= 0)


def _booleano(valor: Any) -> bool:
    return isinstance(valor, bool)


def caminhos_validos(valor: Any) -> bool:
    return isinstance(valor, list) and all(caminho in CAMINHOS for caminho in valor)


_CONFERENCIAS: dict[str, Callable[[Any], bool]] = {
    "padrao": lambda valor: valor in (MUNICIPAL, NACIONAL),
    "provedor": lambda valor: isinstance(valor, str),
    "segundos": _segundos,
    "desfecho": lambda valor: valor in (AUTORIZAR, RECUSAR, TEMPO_ESGOTADO),
    "codigo": lambda valor: isinstance(valor, int) and not isinstance(valor, bool) and 300 <= valor <= 6999,
    "mensagem": lambda valor: isinstance(valor, str),
    "cancela_segundos": _segundos,
    "cancela_desfecho": lambda valor: valor in (AUTORIZAR, RECUSAR),
    "obrigatorios": caminhos_validos,
}


def campo_estranho(dados: Mapping[str, Any]) -> str:
    """The first field that no town has or whose value makes no sense; empty when all do."""
    nomes = {campo.name for campo in fields(Comportamento)}
    for nome, valor in dados.items():
        if nome not in nomes or not _CONFERENCIAS.get(nome, _booleano)(valor):
            return nome
    return ""


def valido(dados: Any) -> bool:
    return isinstance(dados, dict) and not campo_estranho(dados)


@dataclass(frozen=True)
class TomadorDeTeste:
    """A tomador whose notes have a known fate, whoever issues them."""

    cnpj: str
    titulo: str
    comportamento: dict[str, Any]


def _tomador(numero: int, titulo: str, **comportamento: Any) -> TomadorDeTeste:
    doze = f"SBN{numero:05d}0001"
    return TomadorDeTeste(doze + digitos_cnpj(doze), titulo, comportamento)


TOMADORES_DE_TESTE = (
    _tomador(1, "A prefeitura responde 30 segundos depois: autorizada", segundos=30),
    _tomador(2, "A prefeitura recusa na hora", segundos=0, desfecho=RECUSAR),
    _tomador(3, "A prefeitura recusa 30 segundos depois", segundos=30, desfecho=RECUSAR),
    _tomador(4, "Responde 7001 e a nota existe", segundos=0, desfecho=TEMPO_ESGOTADO),
    _tomador(5, "Responde 7001 e o documento não existe", segundos=0, desfecho=TEMPO_ESGOTADO, sobrevive=False),
    _tomador(6, "A prefeitura não responde até que se decida na página de controle", segundos=None),
    _tomador(7, "A prefeitura demora 30 segundos para cancelar", cancela_segundos=30),
    _tomador(8, "A prefeitura não oferece cancelamento", cancela=False),
    _tomador(9, "A prefeitura recusa o cancelamento 30 segundos depois", cancela_segundos=30, cancela_desfecho=RECUSAR),
)


@lru_cache(maxsize=1)
def _de_teste() -> dict[str, dict[str, Any]]:
    return {tomador.cnpj: tomador.comportamento for tomador in TOMADORES_DE_TESTE}


def do_municipio(opcoes: Mapping[str, Any], ibge: str) -> Comportamento:
    return Comportamento(**{**opcoes["padrao_municipio"], **opcoes["municipios"].get(ibge, {})})


def da_nota(opcoes: Mapping[str, Any], ibge: str, do_emitente: dict[str, Any], tomador: str) -> Comportamento:
    return Comportamento(
        **{
            **opcoes["padrao_municipio"],
            **opcoes["municipios"].get(ibge, {}),
            **do_emitente,
            **_de_teste().get(tomador, {}),
        }
    )
