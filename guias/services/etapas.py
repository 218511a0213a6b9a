"""The month of a company of the Simples as four obligations, each with a state of its own.

The `estado` of the list (guias.services.quadro) says where a company stands; here it is told of each obligation, so
that a page of one row per company and one column per obligation, and the list it opens, count the same companies.
"""

from functools import cache
from itertools import product
from typing import Any

from django.db.models import Case, CharField, QuerySet, Value, When
from django.db.models.functions import Coalesce, Concat

from comum.listas import Filtro
from guias.models import TIPOS_DA_APURACAO
from guias.services.quadro import ESTADOS, PASSO, PRESO, SEM_ACESSO

SIMULAR, TRANSMITIR, EMITIR_DAS = TIPOS_DA_APURACAO
DA_OPERACAO = {"andamento": "em_andamento", "duvida": "duvida", "recusada": "recusada"}
# The states of an apuração that is not transmitted, by the step it is at.
_APURACAO = {
    "sem_receita": "espera",
    "impedida": "nao_calculada",
    "a_simular": "simular_de_novo",
    "calculada": "a_conferir",
    "simulada": "simulada",
    "conferida": "conferida",
}
_DAS = {
    "transmitida": "a_emitir",
    "emitida": "emitida",
    "sem_das": "sem_valor",
    "abaixo_do_minimo": "abaixo_do_minimo",
}
OBRIGACOES = {"receita": "Receita", "apuracao": "Apuração", "transmissao": "Transmissão", "das": "DAS"}
# Obligation and state, as in the address of the list, with the words of the filter.
_ROTULOS = {
    "receita.falta": "falta informar",
    "receita.sem_movimento": "sem movimento",
    "apuracao.nao_calculada": "não calculada",
    "apuracao.simular_de_novo": "a simular",
    "apuracao.a_conferir": "a conferir",
    "apuracao.simulada": "simulada, a conferir",
    "apuracao.em_andamento": "simulação em andamento",
    "apuracao.duvida": "simulação em dúvida",
    "apuracao.recusada": "simulação recusada",
    "apuracao.conferida": "conferida",
    "transmissao.sem_acesso": "sem acesso à Receita",
    "transmissao.sem_procuracao": "sem procuração",
    "transmissao.a_transmitir": "a transmitir",
    "transmissao.em_andamento": "em andamento",
    "transmissao.duvida": "em dúvida",
    "transmissao.recusada": "recusada",
    "transmissao.transmitida": "transmitida",
    "das.sem_acesso": "sem acesso à Receita",
    "das.sem_procuracao": "sem procuração",
    "das.a_emitir": "a emitir",
    "das.em_andamento": "em andamento",
    "das.duvida": "em dúvida",
    "das.recusada": "recusado",
    "das.emitida": "emitido",
    "das.sem_valor": "sem valor a pagar",
    "das.abaixo_do_minimo": "abaixo de R$ 10,00",
}


def etapas(estado: str, passo: str, tipo: str, preso: str = "", *, sem_movimento: bool) -> dict[str, str]:
    """The state of each of OBRIGACOES. `estado`, `tipo` (op_tipo) and `sem_movimento` (ap_parada) are those of
    quadro(), `passo` its PASSO, `preso` its PRESO."""
    receita = "falta" if estado == "sem_receita" else "sem_movimento" if sem_movimento else "informada"
    if estado in DA_OPERACAO:
        qual = TIPOS_DA_APURACAO.index(tipo)
        prontas = ("conferida", "transmitida", "")[:qual]
        depois = ("espera",) * (2 - qual)
        estados = (*prontas, DA_OPERACAO[estado], *depois)
        return dict(zip(OBRIGACOES, (receita, *estados), strict=True))
    if estado in _DAS:
        das = preso if preso and estado == "transmitida" else _DAS[estado]
        return {"receita": receita, "apuracao": "conferida", "transmissao": "transmitida", "das": das}
    transmissao = "a_transmitir" if passo == "conferida" else "espera"
    return {
        "receita": receita,
        "apuracao": _APURACAO[passo],
        "transmissao": estado if estado in SEM_ACESSO else transmissao,
        "das": "espera",
    }


# All that etapas() looks at, of a row of quadro() with `passo` and `preso`, as one text: each part is asked once.
_CHAVE = Concat(
    *("estado", Value("|"), "passo", Value("|"), Coalesce("op_tipo", Value("")), Value("|"), "preso", Value("|")),
    Case(When(ap_parada=True, then=Value("parada")), default=Value("")),
    output_field=CharField(),
)


@cache
def _chaves(obrigacao: str, valor: str) -> list[str]:
    """The values of _CHAVE of which the obligation is in this state."""
    tudo = product(ESTADOS, _APURACAO, ("", *TIPOS_DA_APURACAO), ("", *SEM_ACESSO), ("", "parada"))
    return [
        "|".join((estado, passo, tipo, preso, parada))
        for estado, passo, tipo, preso, parada in tudo
        if (tipo or estado not in DA_OPERACAO)
        and etapas(estado, passo, tipo, preso, sem_movimento=bool(parada))[obrigacao] == valor
    ]


def _da_etapa(consulta: QuerySet[Any], valor: str) -> QuerySet[Any]:
    return consulta.alias(passo=PASSO, preso=PRESO).alias(chave=_CHAVE).filter(chave__in=_chaves(*valor.split(".")))  # type: ignore[no-any-return]


def filtro_de_etapa() -> Filtro:
    """For a list of quadro(): the companies that have an obligation in a state, as "transmissao.a_transmitir"."""
    opcoes = [(valor, f"{OBRIGACOES[valor.split('.')[0]]}: {rotulo}") for valor, rotulo in _ROTULOS.items()]
    return Filtro("etapa", "Obrigação", _da_etapa, opcoes)
