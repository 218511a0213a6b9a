"""Circuit breaker: repeated failures of one service stop its queue; one probe at a time tries again (see the claim)."""

from django.db import connection

from operacoes.ritmo import RITMO

FALHAS_PARA_ABRIR = 5
ESPERA_INICIAL_S = 30 * RITMO
ESPERA_MAXIMA_S = 600 * RITMO

# While the circuit is open only the probe's failure counts, so calls that were already out do not lengthen the wait.
_CONTAGEM = (
    "CASE WHEN c.aberto_desde IS NOT NULL AND NOT %(sonda)s THEN c.falhas ELSE greatest(c.falhas + 1, %(piso)s) END"
)
_FALHOU = f"""
INSERT INTO operacoes_circuito AS c (servico, falhas, motivo) VALUES (%(servico)s, 0, '')
    ON CONFLICT (servico) DO NOTHING;
UPDATE operacoes_circuito AS c SET
    falhas = {_CONTAGEM},
    motivo = %(motivo)s,
    aberto_desde = CASE WHEN {_CONTAGEM} >= %(limite)s THEN coalesce(c.aberto_desde, statement_timestamp()) END,
    tentar_em = CASE
        WHEN c.aberto_desde IS NOT NULL AND NOT %(sonda)s THEN c.tentar_em
        WHEN {_CONTAGEM} >= %(limite)s THEN statement_timestamp()
            + make_interval(secs => least(%(maxima)s, %(inicial)s * 2 ^ least({_CONTAGEM} - %(limite)s, 10)))
    END
 WHERE c.servico = %(servico)s
"""  # noqa: S608 - only constants of this module are put in


def falhou(servico: str, motivo: str, *, sonda: bool = False, de_vez: bool = False) -> None:
    """Count a failure of the service; `de_vez` opens the circuit at once (it refuses everybody)."""
    valores: dict[str, str | float | bool] = {
        "servico": servico,
        "motivo": motivo[:200],
        "sonda": sonda,
        "piso": FALHAS_PARA_ABRIR if de_vez else 0,
        "limite": FALHAS_PARA_ABRIR,
        "inicial": ESPERA_INICIAL_S,
        "maxima": ESPERA_MAXIMA_S,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FALHOU, valores)


def fechar(servico: str) -> None:
    """The service answered: it is well."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE operacoes_circuito SET falhas = 0, aberto_desde = NULL, tentar_em = NULL, motivo = ''"
            " WHERE servico = %s",
            [servico],
        )
