"""R$ of the calls that given Operacoes made."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import connection, models
from django.utils import timezone

from operacoes.custos.precos import periodo, reais
from operacoes.custos.tarifa import tarifas
from operacoes.custos.volume import precos_lembrados
from operacoes.models import Classe, Operacao, Tentativa


class Custo(NamedTuple):
    """R$ charged: by the calls of the work itself, and by those that only asked about a doubt. `talvez`: what sendings
    whose answer was lost may have cost besides."""

    trabalho: Decimal = Decimal(0)
    conferencias: Decimal = Decimal(0)
    quantas_conferencias: int = 0
    talvez: Decimal = Decimal(0)


def das_operacoes(operacoes: models.QuerySet[Operacao]) -> Custo:
    """R$ of the calls charged to these Operacoes so far, at the tier that the period of each has reached by now. A
    sending that may have been charged counts as one call of its class."""
    filtro, parametros = operacoes.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT t.conta, c.classe, (t.iniciada_em AT TIME ZONE %s)::date, t.especie = %s, t.cobrada, count(*)
              FROM operacoes_tentativa t,
                   unnest(CASE WHEN t.cobrada THEN t.cobrancas ELSE ARRAY[t.classe] END) AS c (classe)
             WHERE (t.cobrada OR t.especie = %s AND t.desfecho = ANY(%s) AND t.classe <> %s)
               AND t.operacao_id IN ({filtro})
             GROUP BY 1, 2, 3, 4, 5
            """,  # noqa: S608 - the filter is the ORM's own SQL, its values are parameters
            [
                timezone.get_default_timezone_name(),
                Tentativa.Especie.CONFERENCIA.value,
                Tentativa.Especie.ENVIO.value,
                [desfecho.value for desfecho in Tentativa.SEM_RESPOSTA],
                Classe.GRATIS.value,
                *parametros,
            ],
        )
        linhas: list[tuple[str, str, date, bool, bool, int]] = cursor.fetchall()
    contas, precos = {conta for conta, *_ in linhas}, precos_lembrados()
    inicios = {periodo(dia)[0] for _, _, dia, *_ in linhas}
    por_periodo = {inicio: tarifas(contas, inicio, precos) for inicio in inicios}
    trabalho = conferencias = talvez = Decimal(0)
    quantas = 0
    for conta, classe, dia, conferencia, cobrada, n in linhas:
        tarifa = por_periodo[periodo(dia)[0]][conta]
        valor = tarifa.preco(classe, tarifa.fase_do_dia(dia)) * n
        if not cobrada:
            talvez += valor
        elif conferencia:
            conferencias, quantas = conferencias + valor, quantas + n
        else:
            trabalho += valor
    return Custo(reais(trabalho), reais(conferencias), quantas, reais(talvez))
