"""The apuração of 5,000 empresas by our own arithmetic, against a plain loop of one empresa at a time; and what the
month of 1,000 of them costs by each way to the transmitted declaration, by the price table.

Two in three sell goods, a third is under fator r, one in ten has a filial; each has its twelve months before.
"""

import time
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from comum.models import Papel
from empresas.calendario import somar_meses
from empresas.models import Empresa
from guias.models import Apuracao, HistoricoMensal, Receita
from guias.services import prevoo
from guias.services.acoes import Acao
from guias.services.aprovacao import aprovar
from guias.services.calculo import recalcular
from operacoes import custos
from operacoes.models import Classe
from tests.bench.medir import medir
from tests.cast import cnpj_valido, criar_empresas, criar_usuario

MES = date(2026, 10, 1)
_LACO = 500  # of the loop only a part is made; its time is brought to the whole
_SEMANAS = 4  # looks for payments in a month
_DIFEREM = 20  # of 1,000 whose values the Receita refuses


def executar(quantas: int = 5000) -> list[dict[str, Any]]:
    empresas = _escritorio(quantas)
    with medir() as medida:
        recalcular(empresas, MES, None, receita_mudou=True)
    feitas = Apuracao.objects.filter(competencia=MES, total_calculado__isnull=False).count()
    if feitas != quantas:
        raise RuntimeError(f"{feitas} of {quantas} computed")
    inicio = time.perf_counter()
    for empresa in empresas[:_LACO]:
        recalcular([empresa], MES, None, receita_mudou=True)
    laco = (time.perf_counter() - inicio) * quantas / _LACO
    por_segundo = quantas / medida.segundos
    return [
        {
            "o_que": f"apuração of {quantas} empresas ({por_segundo:.0f} a second)",
            "nosso_s": medida.segundos,
            "referencia": f"one at a time ({quantas / laco:.0f} a second)",
            "referencia_s": laco,
            "razao": medida.segundos / laco,
            "memoria_mb": medida.memoria_mb,
        },
        _prevoo(empresas),
        *_custos(),
    ]


def _escritorio(quantas: int) -> list[Empresa]:
    empresas = criar_empresas(range(1, quantas + 1))
    filiais = [
        Empresa(
            documento=cnpj_valido(int(matriz.codigo), ordem="0002"),
            razao_social=f"{matriz.razao_social} (filial)",
            regime=matriz.regime,
            matriz=matriz,
        )
        for matriz in empresas[::10]
    ]
    for filial in filiais:
        filial.preparar()
    Empresa.objects.bulk_create(filiais)
    Receita.objects.bulk_create(
        [
            Receita(empresa=e, competencia=MES, atividade=11 if n % 3 == 2 else 1, valor=Decimal(30_000 + n))
            for n, e in enumerate([*empresas, *filiais])
        ],
        batch_size=2000,
    )
    HistoricoMensal.objects.bulk_create(
        [
            HistoricoMensal(empresa=e, competencia=somar_meses(MES, -m), interno=Decimal(30_000), folha=Decimal(9_000))
            for e in empresas
            for m in range(1, 14)
        ],
        batch_size=5000,
    )
    return empresas


def _prevoo(empresas: Sequence[Empresa]) -> dict[str, Any]:
    aprovar(empresas, MES, criar_usuario("bench", Papel.ADMINISTRADOR), diferentes=set())
    with medir() as medida:
        feito = prevoo.prevoo(Acao.TRANSMITIR, empresas, MES)
    if len(feito.fora) != len(empresas):  # no credencial here: every one says so
        raise RuntimeError("the pré-voo let somebody through")
    return {
        "o_que": f"pré-voo of {len(empresas)} transmissions, no call made",
        "nosso_s": medida.segundos,
        "memoria_mb": medida.memoria_mb,
    }


def _custos() -> list[dict[str, Any]]:
    """Charged calls and R$ of 1,000 empresas in a month, in a billing period with nothing else: declarações, DAS, and
    their payments looked for every week, with and without the free news that tell who paid (each pays on one day)."""
    das = custos.previsto(Classe.EMISSAO, 1000, "bench")
    buscas = {"all asked every week": 1000 * _SEMANAS, "the free news first": 1000}
    linhas = []
    for nome, declaracoes in (
        ("simulating first", 2000),
        ("economical, all equal", 1000),
        (f"economical, {_DIFEREM} refused free, then simulated", 1000 + _DIFEREM),
    ):
        inicio = time.perf_counter()
        valor = custos.previsto(Classe.DECLARACAO, declaracoes, "bench")
        totais = "; ".join(
            f"with payments, {como}, {declaracoes + 1000 + n} calls and "
            f"R$ {valor + das + custos.previsto(Classe.CONSULTA, n, 'bench')}"
            for como, n in buscas.items()
        )
        linhas.append(
            {
                "o_que": f"1,000 empresas a month, {nome}: {declaracoes + 1000} charged calls, R$ {valor + das} "
                f"({declaracoes} declarações R$ {valor}, 1000 DAS R$ {das}); {totais}",
                "nosso_s": time.perf_counter() - inicio,
            }
        )
    return linhas
