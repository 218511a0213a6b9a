"""From what was typed to the declaration that is sent."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from empresas.calendario import somar_meses
from guias.calculo import ajustes
from guias.calculo.ajustes import Ajuste, Especie
from guias.calculo.atividades import ANTECIPACAO, ATIVIDADES, MONOFASICA, SUBSTITUICAO, Mercado
from guias.calculo.rbt12 import ReceitaMes
from guias.calculo.tributos import Tributo
from guias.models import Processo, Receita, Tratamento
from guias.providers.interface import (
    Atividade,
    Declaracao,
    Estabelecimento,
    Folha,
    MesAnterior,
    NaoOptante,
    Parcela,
    Qualificacao,
    Reducao,
    Suspensao,
)
from guias.services.fatos import Fatos
from guias.services.pedidos import declaracao_para_json, impressao_de

# SERPRO, PGDASD, domain of qualifications: activities 2 and 5 say what was collected upstream.
_ST = ((Tributo.ICMS, SUBSTITUICAO),)
_ANT = ((Tributo.ICMS, ANTECIPACAO),)
_MONO = ((Tributo.COFINS, MONOFASICA), (Tributo.PIS, MONOFASICA))
_POR_TRATAMENTO: dict[str, tuple[tuple[Tributo, int], ...]] = {
    Tratamento.ST: _ST,
    Tratamento.MONOFASICA: _MONO,
    Tratamento.ST_MONOFASICA: _ST + _MONO,
    Tratamento.ANTECIPACAO: _ANT,
    Tratamento.ANT_MONOFASICA: _ANT + _MONO,
}


def qualificacoes(receita: Receita) -> tuple[tuple[Tributo, int], ...]:
    """(tribute, qualification id) of what is not due in the common way on this revenue."""
    return _POR_TRATAMENTO.get(receita.tratamento) or ATIVIDADES[receita.atividade].padrao


def declaracao(fatos: Fatos, *, retificadora: bool) -> Declaracao:
    """The declaration of the competência; filiais without revenue go along, since all establishments are required."""
    por_estabelecimento: dict[int, dict[int, list[Receita]]] = defaultdict(lambda: defaultdict(list))
    for receita in fatos.receitas:
        por_estabelecimento[receita.empresa_id][receita.atividade].append(receita)
    por_competencia = fatos.por_competencia or ReceitaMes()
    apuracao = fatos.apuracao
    return Declaracao(
        cnpj=fatos.empresa.documento,
        competencia=fatos.competencia,
        retificadora=retificadora,
        interno=por_competencia.interno,
        externo=por_competencia.externo,
        caixa=(fatos.total(Mercado.INTERNO), fatos.total(Mercado.EXTERNO)) if fatos.caixa else None,
        fixo_icms=apuracao.fixo_icms if apuracao else None,
        fixo_iss=apuracao.fixo_iss if apuracao else None,
        estabelecimentos=tuple(
            Estabelecimento(
                estabelecimento.documento,
                tuple(
                    Atividade(atividade, tuple(_parcela(receita, fatos.processos) for receita in receitas))
                    for atividade, receitas in sorted(por_estabelecimento[estabelecimento.pk].items())
                ),
            )
            for estabelecimento in fatos.estabelecimentos
        ),
        anteriores=tuple(_anteriores(fatos)),
        folhas=tuple(_folhas(fatos)) if fatos.usa_fator_r else (),
        nao_optante=_nao_optante(fatos),
    )


def _nao_optante(fatos: Fatos) -> NaoOptante | None:
    if (dito := fatos.nao_optante) is None:
        return None
    return NaoOptante(dito.esfera, dito.municipio.uf, dito.municipio.codigo_tom, dito.processo)


def impressao(fatos: Fatos) -> str:
    """Digest of what would be declared now; empty while there is nothing to declare."""
    apuracao = fatos.apuracao
    if apuracao is None or not fatos.informada:
        return ""
    return impressao_de(declaracao_para_json(declaracao(fatos, retificadora=apuracao.retificadora)))


def vencida(fatos: Fatos) -> bool:
    """Whether the figures of the apuração, simulated or approved, are of another declaration than that of now."""
    apuracao = fatos.apuracao
    return apuracao is not None and apuracao.impressao not in ("", impressao(fatos))


def _parcela(receita: Receita, processos: Mapping[str, Processo]) -> Parcela:
    municipio, ajuste = receita.municipio_iss, ajustes.ler(receita.ajuste)
    qualificados = [*qualificacoes(receita), *(_qualificados(ajuste) if ajuste else ())]
    return Parcela(
        receita.valor,
        municipio.codigo_tom if municipio else "",
        municipio.uf if municipio else receita.uf_icms,
        tuple(Qualificacao(_codigo(tributo), motivo) for tributo, motivo in qualificados),
        reducoes=tuple(_reducoes(ajuste)) if ajuste else (),
        suspensoes=tuple(_suspensoes(ajuste, processos)) if ajuste else (),
    )


def _codigo(tributo: Tributo) -> int:
    return int(tributo.codigo or 0)


_QUALIFICACAO = {Especie.IMUNIDADE: ajustes.IMUNIDADE, Especie.OFICIO: ajustes.LANCAMENTO_DE_OFICIO}


def _qualificados(ajuste: Ajuste) -> list[tuple[Tributo, int]]:
    motivo = _QUALIFICACAO.get(ajuste.especie)
    return [(tributo, motivo) for tributo in sorted(ajuste.tributos)] if motivo else []


def _reducoes(ajuste: Ajuste) -> Iterator[Reducao]:
    identificador = ajustes.CESTA_BASICA if ajuste.especie.cesta else ajustes.NORMAL
    for tributo, _ in sorted(ajuste.reducoes.items()):
        yield Reducao(_codigo(tributo), ajuste.percentual, identificador)


def _suspensoes(ajuste: Ajuste, processos: Mapping[str, Processo]) -> Iterator[Suspensao]:
    if ajuste.especie is not Especie.SUSPENSAO:
        return
    processo = processos[ajuste.processo]
    for tributo in sorted(ajuste.tributos):
        municipio = processo.municipio if tributo is Tributo.ISS else None
        yield Suspensao(
            tributo=_codigo(tributo),
            processo=processo.numero,
            uf=processo.uf,
            vara=processo.vara,
            deposito=processo.deposito,
            motivo=processo.motivo,
            municipio_tom=municipio.codigo_tom if municipio else "",
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
