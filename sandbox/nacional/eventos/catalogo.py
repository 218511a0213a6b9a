"""The events of an NFS-e: who makes each one, and how the ADN calls it. Source: Anexo II."""

from dataclasses import dataclass

EMITENTE, TOMADOR, INTERMEDIARIO, MUNICIPIO, SISTEMA = "emitente", "tomador", "intermediario", "municipio", "sistema"

CANCELAMENTO, SUBSTITUICAO, ANALISE = "101101", "105102", "101103"
DEFERIDO, INDEFERIDO = "105104", "105105"
OFICIO, BLOQUEIO, DESBLOQUEIO = "305101", "305102", "305103"
CONFIRMACAO_TOMADOR, CONFIRMACAO_TACITA, ANULACAO = "203202", "205204", "205208"


@dataclass(frozen=True)
class TipoDeEvento:
    codigo: str
    autor: str
    descricao: str
    nome_adn: str


_TIPOS = (
    TipoDeEvento(CANCELAMENTO, EMITENTE, "Cancelamento de NFS-e", "CANCELAMENTO"),
    TipoDeEvento(SUBSTITUICAO, SISTEMA, "Cancelamento de NFS-e por Substituição", "CANCELAMENTO_POR_SUBSTITUICAO"),
    TipoDeEvento(
        ANALISE,
        EMITENTE,
        "Solicitação de Análise Fiscal para Cancelamento de NFS-e",
        "SOLICITACAO_CANCELAMENTO_ANALISE_FISCAL",
    ),
    TipoDeEvento(
        DEFERIDO,
        MUNICIPIO,
        "Cancelamento de NFS-e Deferido por Análise Fiscal",
        "CANCELAMENTO_DEFERIDO_ANALISE_FISCAL",
    ),
    TipoDeEvento(
        INDEFERIDO,
        MUNICIPIO,
        "Cancelamento de NFS-e Indeferido por Análise Fiscal",
        "CANCELAMENTO_INDEFERIDO_ANALISE_FISCAL",
    ),
    TipoDeEvento("202201", EMITENTE, "Manifestação de NFS-e - Confirmação do Prestador", "CONFIRMACAO_PRESTADOR"),
    TipoDeEvento(CONFIRMACAO_TOMADOR, TOMADOR, "Manifestação de NFS-e - Confirmação do Tomador", "CONFIRMACAO_TOMADOR"),
    TipoDeEvento(
        "204203", INTERMEDIARIO, "Manifestação de NFS-e - Confirmação do Intermediário", "CONFIRMACAO_INTERMEDIARIO"
    ),
    TipoDeEvento(CONFIRMACAO_TACITA, SISTEMA, "Manifestação de NFS-e - Confirmação Tácita", "CONFIRMACAO_TACITA"),
    TipoDeEvento("202205", EMITENTE, "Manifestação de NFS-e - Rejeição do Prestador", "REJEICAO_PRESTADOR"),
    TipoDeEvento("203206", TOMADOR, "Manifestação de NFS-e - Rejeição do Tomador", "REJEICAO_TOMADOR"),
    TipoDeEvento(
        "204207", INTERMEDIARIO, "Manifestação de NFS-e - Rejeição do Intermediário", "REJEICAO_INTERMEDIARIO"
    ),
    TipoDeEvento(ANULACAO, MUNICIPIO, "Manifestação de NFS-e - Anulação da Rejeição", "ANULACAO_REJEICAO"),
    TipoDeEvento(OFICIO, MUNICIPIO, "Cancelamento de NFS-e por Ofício", "CANCELAMENTO_POR_OFICIO"),
    TipoDeEvento(BLOQUEIO, MUNICIPIO, "Bloqueio de NFS-e por Ofício", "BLOQUEIO_POR_OFICIO"),
    TipoDeEvento(DESBLOQUEIO, MUNICIPIO, "Desbloqueio de NFS-e por Ofício", "DESBLOQUEIO_POR_OFICIO"),
)
TIPOS = {tipo.codigo: tipo for tipo in _TIPOS}

# those after which the note is no longer in force
CANCELADORES = frozenset({CANCELAMENTO, SUBSTITUICAO, DEFERIDO, OFICIO})
MANIFESTACOES = frozenset({"202201", CONFIRMACAO_TOMADOR, "204203", "202205", "203206", "204207"})
REJEICOES = frozenset({"202205", "203206", "204207"})
# what may happen more than once to a note
REPETIVEIS = frozenset({ANALISE, INDEFERIDO, BLOQUEIO, DESBLOQUEIO, ANULACAO})
