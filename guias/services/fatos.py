"""Everything the month's work knows about a company (matriz with its filiais), read for many at once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import OuterRef, Q, Subquery

from empresas.calendario import somar_meses
from empresas.models import Empresa, RegimeEmpresa
from guias.calculo.atividades import ATIVIDADES, Mercado
from guias.calculo.rbt12 import ReceitaMes
from guias.calculo.simples import SUBLIMITE
from guias.models import (
    Apuracao,
    ForaDoDas,
    HistoricoMensal,
    NaoOptante,
    OpcaoRegime,
    Processo,
    Receita,
    Sublimite,
)

_JANELA = 13  # from 2027 on RBT12 skips the month before the competência


def primeiro_lido(competencia: date) -> date:
    """First of the months that a competência looks back on: RBT12, and the sublimit of the whole year before."""
    return min(somar_meses(competencia, -_JANELA), date(competencia.year - 1, 1, 1))


def ultimo_que_olha(mes: date) -> date:
    """Last of the competências that look back on a month."""
    return max(somar_meses(mes, _JANELA), date(mes.year + 1, 12, 1))


@dataclass(frozen=True)
class Mes:
    """One month of the whole company, in reais; None means nobody told. `declarada`: the Receita Federal has it."""

    interno: Decimal | None = None
    externo: Decimal | None = None
    folha: Decimal | None = None
    declarada: bool = False


@dataclass
class Fatos:
    """`estabelecimentos` begins with the matriz; `receitas` are of the competência, `meses` also of those before.
    `caixa`: in the year of the competência the receitas are what was received, and `meses` tells what was accrued.
    `processos` by number, those that suspend tributes. `sublimites`: by year, those of the states of the
    estabelecimentos. `fora_do_das`: what the office says that is paid outside it. `nao_optante`: the process by which
    it declares without being of the Simples for the Receita."""

    empresa: Empresa
    competencia: date
    estabelecimentos: list[Empresa] = field(default_factory=list)
    receitas: list[Receita] = field(default_factory=list)
    meses: dict[date, Mes] = field(default_factory=dict)
    apuracao: Apuracao | None = None
    caixa: bool = False
    processos: dict[str, Processo] = field(default_factory=dict)
    sublimites: dict[int, set[Decimal]] = field(default_factory=dict)
    fora_do_das: ForaDoDas | None = None
    nao_optante: NaoOptante | None = None

    @property
    def por_competencia(self) -> ReceitaMes | None:
        """Revenue accrued in the competência; None when nobody told."""
        if not self.caixa:
            return ReceitaMes(self.total(Mercado.INTERNO), self.total(Mercado.EXTERNO))
        do_mes = self.meses.get(self.competencia, Mes())
        return None if do_mes.interno is None else ReceitaMes(do_mes.interno, do_mes.externo or Decimal(0))

    @property
    def sem_movimento(self) -> bool:
        return self.apuracao is not None and self.apuracao.sem_movimento

    @property
    def informada(self) -> bool:
        return bool(self.receitas) or self.sem_movimento

    @property
    def anteriores(self) -> dict[date, ReceitaMes]:
        """Revenue of the months before the competência, those that somebody told."""
        return {
            mes: ReceitaMes(lido.interno, lido.externo)
            for mes, lido in self.meses.items()
            if mes < self.competencia and lido.interno is not None and lido.externo is not None
        }

    def total(self, mercado: Mercado) -> Decimal:
        """Revenue of the competência in a market, by its regime."""
        return sum((r.valor for r in self.receitas if ATIVIDADES[r.atividade].mercado is mercado), Decimal(0))

    @property
    def usa_fator_r(self) -> bool:
        return any(ATIVIDADES[receita.atividade].fator_r for receita in self.receitas)

    @property
    def inicio(self) -> date | None:
        """First day of the month of opening, when it is known."""
        quando = self.empresa.inicio_atividade
        return quando.replace(day=1) if quando else None


def regime_na(competencia: date, empresa: str) -> Subquery:
    """The regime in force in a competência, for a query whose field `empresa` names the company."""
    do_mes = RegimeEmpresa.objects.filter(empresa=OuterRef(empresa), desde__lt=somar_meses(competencia, 1))
    return Subquery(do_mes.order_by("-desde").values("regime")[:1])


def carregar(empresas: Iterable[Empresa], competencia: date) -> dict[int, Fatos]:
    """Facts by id of the matriz, in a fixed number of queries whatever the number of empresas."""
    fatos = {empresa.pk: Fatos(empresa, competencia, [empresa]) for empresa in empresas}
    matriz_de = {pk: pk for pk in fatos}
    for filial in Empresa.objects.filter(matriz__in=fatos, ativa=True).order_by("documento"):
        if filial.matriz_id is not None:
            fatos[filial.matriz_id].estabelecimentos.append(filial)
            matriz_de[filial.pk] = filial.matriz_id
    desde = primeiro_lido(competencia)
    de_caixa = anos_de_caixa(fatos, desde.year)
    for pk, lido in fatos.items():
        lido.caixa = (pk, competencia.year) in de_caixa
    _ler_meses(fatos, matriz_de, desde, competencia, de_caixa)
    _ler_sublimites(fatos, matriz_de, competencia.year)
    for dito in ForaDoDas.objects.filter(empresa__in=fatos, desde__lte=competencia).order_by("desde"):
        fatos[dito.empresa_id].fora_do_das = dito
    for processo in NaoOptante.objects.filter(empresa__in=fatos).select_related("municipio"):
        fatos[processo.empresa_id].nao_optante = processo
    if any(receita.ajuste for lido in fatos.values() for receita in lido.receitas):
        for suspende in Processo.objects.filter(empresa__in=fatos).select_related("municipio"):
            fatos[suspende.empresa_id].processos[suspende.numero] = suspende
    return fatos


def _ler_sublimites(fatos: dict[int, Fatos], matriz_de: dict[int, int], ano: int) -> None:
    """Of the year and of the one before, where a state of some estabelecimento chose its own."""
    escolhidos = {(linha.uf, linha.ano): linha.valor for linha in Sublimite.objects.filter(ano__in=(ano - 1, ano))}
    if not escolhidos:
        return
    estados = Empresa.objects.filter(pk__in=matriz_de).values_list("pk", "municipio__uf")
    for pk, uf in estados:
        for exercicio in (ano - 1, ano):
            valor = escolhidos.get((uf, exercicio), SUBLIMITE)
            fatos[matriz_de[pk]].sublimites.setdefault(exercicio, set()).add(valor)


def anos_de_caixa(matrizes: Iterable[int], desde: int) -> set[tuple[int, int]]:
    """(matriz, year) of the years from `desde` on whose revenue is recognised by cash."""
    opcoes = OpcaoRegime.objects.filter(empresa__in=list(matrizes), ano__gte=desde, regime=OpcaoRegime.Regime.CAIXA)
    return set(opcoes.values_list("empresa", "ano"))


def _ler_meses(
    fatos: dict[int, Fatos], matriz_de: dict[int, int], desde: date, ate: date, de_caixa: set[tuple[int, int]]
) -> None:
    periodo = Q(competencia__gte=desde, competencia__lte=ate)
    somas: dict[tuple[int, date], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    receitas = Receita.objects.filter(periodo, empresa__in=matriz_de).select_related("municipio_iss")
    for receita in receitas.order_by("empresa_id", "competencia", "atividade", "pk"):
        matriz = matriz_de[receita.empresa_id]
        if (matriz, receita.competencia.year) not in de_caixa:  # what was received says nothing of what was accrued
            externo = ATIVIDADES[receita.atividade].mercado is Mercado.EXTERNO
            somas[matriz, receita.competencia][externo] += receita.valor
        if receita.competencia == ate:
            fatos[matriz].receitas.append(receita)
    declaradas, paradas = set(), set()
    apuracoes = Apuracao.objects.filter(periodo, empresa__in=fatos)
    for apuracao in apuracoes.filter(competencia=ate):
        fatos[apuracao.empresa_id].apuracao = apuracao
    campos = ("empresa", "competencia", "id_declaracao", "sem_movimento")
    for empresa, mes, declaracao, parada in apuracoes.values_list(*campos):
        if declaracao:
            declaradas.add((empresa, mes))
        if parada:
            paradas.add((empresa, mes))
    historico = {(h.empresa_id, h.competencia): h for h in HistoricoMensal.objects.filter(periodo, empresa__in=fatos)}
    zero = [Decimal(0), Decimal(0)]
    for chave in {*somas, *paradas, *historico}:
        anterior = historico.get(chave)
        valores: list[Decimal | None] = [*(somas.get(chave) or (zero if chave in paradas else (None, None)))]
        if valores[0] is None and anterior is not None and anterior.interno is not None:
            valores = [anterior.interno, anterior.externo]
        fatos[chave[0]].meses[chave[1]] = Mes(
            valores[0],
            valores[1],
            anterior.folha if anterior else None,
            chave in declaradas or (anterior is not None and anterior.declarada),
        )
