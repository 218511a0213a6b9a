"""Codes of MIT (MSG_0001 to MSG_0036). Most name the field to be corrected: the words of the service say it.

Source: SERPRO, API Integra Contador, message page of MIT (22/12/2025).
"""

from guias.providers.mensagens.regras import INTERNO, Destino, Regra, recusada

RECUSADA = recusada(
    "O MIT recusou a apuração, e nada foi encerrado. Veja as palavras do serviço, corrija os débitos e envie de novo."
)
ENVIADA = "0024"  # sent to be closed: the protocol tells the rest

TABELA: dict[str, Regra] = {
    **{f"{numero:04d}": RECUSADA for numero in range(1, 37)},
    "0001": INTERNO,
    ENVIADA: Regra(Destino.AVISO, "A apuração foi enviada. O protocolo diz quando ficou encerrada."),
    "0025": Regra(Destino.NADA, "O MIT não tem apuração desta empresa no período."),
    "0036": recusada(
        "Já há um encerramento em andamento deste período. Espere que termine e consulte as apurações da empresa."
    ),
}
