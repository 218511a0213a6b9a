"""References of the ERP, taken once and for good before anything is sent with them."""

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction

from operacoes.models import Operacao
from pagar.models import ContaErp
from pagar.providers.datasul import Motivo
from pagar.services.chaves import ChaveInvalida, Movimento, referencias

# Where the date is today's and nobody chooses it.
ACABARAM = (
    "As referências que o ERP aceita em um dia acabaram neste estabelecimento, e nada foi enviado. Peça de novo amanhã."
)
_TOMAR = """
INSERT INTO pagar_referenciausada (conta_id, empresa_erp, estabelecimento, referencia)
SELECT %s, %s, %s, r.referencia FROM unnest(%s::text[]) AS r (referencia)
ON CONFLICT DO NOTHING RETURNING referencia
"""


def reservar(
    conta: ContaErp, empresa: str, estabelecimento: str, data: date, movimento: Movimento, *intencao: str
) -> str:
    """The first candidate of an intent that is free in the establishment, taken. Raises ChaveInvalida when the day has
    none left. Inside the transaction that writes down the intent: undone with it."""
    return reservar_varias(conta, empresa, estabelecimento, data, movimento, [intencao])[0]


def reservar_varias(
    conta: ContaErp,
    empresa: str,
    estabelecimento: str,
    data: date,
    movimento: Movimento,
    intencoes: Sequence[Sequence[str]],
) -> list[str]:
    """One for each intent, in their order: as many statements as the unluckiest of them needs tries."""
    candidatas = [referencias(data, movimento, *intencao) for intencao in intencoes]
    achadas = [""] * len(intencoes)
    with transaction.atomic(), connection.cursor() as cursor:
        while faltam := [indice for indice, achada in enumerate(achadas) if not achada]:
            tentadas: dict[str, int] = {}
            for indice in faltam:
                candidata = next(candidatas[indice], None)
                if candidata is None:
                    raise ChaveInvalida(
                        f"Não há mais referências livres em {data:%d/%m/%Y}. Use outra data de transação."
                    )
                tentadas.setdefault(candidata.upper(), indice)  # two intents that meet: the second goes on
                achadas[indice] = candidata if tentadas[candidata.upper()] == indice else ""
            # In one order, so that two who take many at once never wait for each other in a circle.
            cursor.execute(_TOMAR, [conta.pk, empresa.upper(), estabelecimento.upper(), sorted(tentadas)])
            tomadas = {texto for (texto,) in cursor.fetchall()}
            for texto, indice in tentadas.items():
                if texto not in tomadas:
                    achadas[indice] = ""
    return achadas


def referencia_tomada(operacao: Operacao, conta: ContaErp) -> bool:
    """Whether the ERP refused a sending because its reference is somebody else's: nothing of ours has it."""
    usadas = [codigo for codigo, motivo in conta.codigos.items() if motivo == Motivo.REFERENCIA_USADA]
    return any(
        linha.startswith(f"{codigo}:") for linha in operacao.palavras_do_servico.splitlines() for codigo in usadas
    )
