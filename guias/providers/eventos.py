"""EVENTOSATUALIZACAO: of up to 1,000 taxpayers at once, the last day on which something of theirs changed. Free.

Source: SERPRO, API Integra Contador, pages of EVENTOSATUALIZACAO; docs/integra-contador.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from guias.providers import wire
from guias.providers.catalogo import Servico, achar
from guias.providers.cliente import IntegraContador, lendo
from guias.providers.interface import Partes
from operacoes.http import Chamadas

SOLICEVENTOSPF131 = achar("EVENTOSATUALIZACAO", "SOLICEVENTOSPF131")
SOLICEVENTOSPJ132 = achar("EVENTOSATUALIZACAO", "SOLICEVENTOSPJ132")
OBTEREVENTOSPF133 = achar("EVENTOSATUALIZACAO", "OBTEREVENTOSPF133")
OBTEREVENTOSPJ134 = achar("EVENTOSATUALIZACAO", "OBTEREVENTOSPJ134")

MAXIMO = 1000  # taxpayers of one request
_SEM_PROCURACAO = "x"


class Evento(StrEnum):
    """What may have changed, by the system that it is read from."""

    DCTFWEB = "E0301"
    CAIXA_POSTAL = "E0601"
    PAGAMENTOS = "E0701"


@dataclass(frozen=True)
class Protocolo:
    """A request that was taken: it is to be looked at after `espera_ms`, and before `limite_min` minutes."""

    numero: str
    espera_ms: int
    limite_min: int


@dataclass(frozen=True)
class Novidade:
    """Of one taxpayer: the last day with an event (None: none in 60 days), or that the autor has no procuração."""

    documento: str
    dia: date | None
    sem_procuracao: bool = False


def solicitar(
    cliente: IntegraContador, contratante: str, documentos: Sequence[str], evento: Evento, *, chamadas: Chamadas
) -> Protocolo:
    """`documentos` are all CNPJ or all CPF, at most MAXIMO. The autor of the request is the contratante."""
    servico, tipo = _servico(documentos, SOLICEVENTOSPF131, SOLICEVENTOSPJ132)
    resposta = cliente.chamar(servico, _partes(contratante, documentos), {"evento": evento.value}, chamadas, tipo=tipo)
    with lendo(servico):
        corpo = wire.um(resposta.dados)
        return Protocolo(str(corpo["protocolo"]), int(corpo["TempoEsperaMedioEmMs"]), int(corpo["TempoLimiteEmMin"]))


def obter(
    cliente: IntegraContador,
    contratante: str,
    documentos: Sequence[str],
    evento: Evento,
    protocolo: str,
    *,
    chamadas: Chamadas,
) -> list[Novidade]:
    """What a request found; `documentos` and `evento` are the request's."""
    servico, tipo = _servico(documentos, OBTEREVENTOSPF133, OBTEREVENTOSPJ134)
    dados = {"protocolo": protocolo, "evento": evento.value}
    resposta = cliente.chamar(servico, _partes(contratante, documentos), dados, chamadas, tipo=tipo)
    with lendo(servico):
        return [_novidade(str(linha[0]), str(linha[1] or "").strip()) for linha in resposta.dados or []]


def _servico(documentos: Sequence[str], de_cpf: Servico, de_cnpj: Servico) -> tuple[Servico, int]:
    return (de_cpf, 3) if len(documentos[0]) == 11 else (de_cnpj, 4)


def _partes(contratante: str, documentos: Sequence[str]) -> Partes:
    return Partes(contratante, contratante, ",".join(documentos))


def _novidade(documento: str, dito: str) -> Novidade:
    if dito.lower() == _SEM_PROCURACAO:
        return Novidade(documento, None, sem_procuracao=True)
    return Novidade(documento, _dia(dito) if dito else None)


def _dia(dito: str) -> date:
    """From AAMMDD."""
    if len(dito) != 6:
        raise ValueError("expected AAMMDD")
    return datetime.strptime(dito, "%y%m%d").date()  # noqa: DTZ007 - a date of Brasília, no instant
