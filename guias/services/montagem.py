"""From what was typed to the declaration that is sent."""

from collections import defaultdict
from datetime import date

from empresas.calendario import somar_meses
from guias.calculo.atividades import ATIVIDADES, MONOFASICA, SUBSTITUICAO, Mercado
from guias.calculo.tributos import Tributo
from guias.models import Receita, Tratamento
from guias.providers.interface import (
    Atividade,
    Declaracao,
    Estabelecimento,
    Folha,
    MesAnterior,
    Parcela,
    Qualificacao,
)
from guias.services.fatos import Fatos

# SERPRO, PGDASD, domain of qualifications: activities 2 and 5 say what was collected upstream.
_ST = ((Tributo.ICMS, SUBSTITUICAO),)
_MONO = ((Tributo.COFINS, MONOFASICA), (Tributo.PIS, MONOFASICA))
_POR_TRATAMENTO: dict[str, tuple[tuple[Tributo, int], ...]] = {
    Tratamento.ST: _ST,
    Tratamento.MONOFASICA: _MONO,
    Tratamento.ST_MONOFASICA: _ST + _MONO,
}


def qualificacoes(receita: Receita) -> tuple[tuple[Tributo, int], ...]:
    """(tribute, qualification id) of what is not due in the common way on this revenue."""
    return _POR_TRATAMENTO.get(receita.tratamento) or ATIVIDADES[receita.atividade].padrao


def declaracao(fatos: Fatos, *, retificadora: bool) -> Declaracao:
    """The declaration of the competência; filiais without revenue go along, since all establishments are required."""
    por_estabelecimento: dict[int, dict[int, list[Receita]]] = defaultdict(lambda: defaultdict(list))
    for receita in fatos.receitas:
        por_estabelecimento[receita.empresa_id][receita.atividade].append(receita)
    return Declaracao(
        cnpj=fatos.empresa.documento,
        competencia=fatos.competencia,
        retificadora=retificadora,
        interno=fatos.total(Mercado.INTERNO),
        externo=fatos.total(Mercado.EXTERNO),
        estabelecimentos=tuple(
            Estabelecimento(
                estabelecimento.documento,
                tuple(
                    Atividade(atividade, tuple(_parcela(receita) for receita in receitas))
                    for atividade, receitas in sorted(por_estabelecimento[estabelecimento.pk].items())
                ),
            )
            for estabelecimento in fatos.estabelecimentos
        ),
        anteriores=tuple(_anteriores(fatos)),
        folhas=tuple(_folhas(fatos)) if fatos.usa_fator_r else (),
    )


def _parcela(receita: Receita) -> Parcela:
    municipio = receita.municipio_iss
    return Parcela(
        receita.valor,
        municipio.codigo_tom if municipio else "",
        municipio.uf if municipio else "",
        tuple(Qualificacao(int(tributo.codigo or 0), motivo) for tributo, motivo in qualificacoes(receita)),
    )


def janela(competencia: date, inicio: date | None) -> list[date]:
    """The months RBT12 looks at, oldest first, from the opening on.

    Sources: Resolução CGSN 140/2018, art. 22; from 2027 LC 214/2025, art. 517.
    """
    atraso = 1 if competencia < date(2027, 1, 1) else 2
    meses = [somar_meses(competencia, -atraso - n) for n in range(12)]
    return sorted(mes for mes in meses if inicio is None or mes >= inicio)


def _anteriores(fatos: Fatos) -> list[MesAnterior]:
    """Known months that no declaration has: a declared month is refused (MSG_ISN_048)."""
    return [
        MesAnterior(mes, lido.interno, lido.externo)
        for mes in janela(fatos.competencia, fatos.inicio)
        if (lido := fatos.meses.get(mes))
        and not lido.declarada
        and lido.interno is not None
        and lido.externo is not None
    ]


def _folhas(fatos: Fatos) -> list[Folha]:
    """Payroll of the twelve months before; of the competência itself only in the month of opening."""
    antes = [somar_meses(fatos.competencia, -n) for n in range(12, 0, -1)]
    meses = [mes for mes in antes if fatos.inicio is None or mes >= fatos.inicio] or [fatos.competencia]
    return [Folha(mes, lido.folha) for mes in meses if (lido := fatos.meses.get(mes)) and lido.folha is not None]
