"""The whole month at once: of every empresa the state of each obligation, in a handful of set-based queries.

A page shows fifty empresas, but its totals, filters and order look at all of them. What they look at is read once and
kept while none of the tables it came from is written (comum.contagens): two integers an empresa, whatever they stand
for.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg, BitOr
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Length, TruncDate
from django.utils import timezone

from comum.contagens import guardado
from comum.models import Usuario
from empresas.models import Empresa, Regime
from guias.calculo.maed import base_do_minimo
from guias.models import Apuracao, Guia, SituacaoGuia
from guias.services.acesso import credenciais_em_uso
from guias.services.etapas import DA_OPERACAO, etapas
from guias.services.fatos import regime_na
from guias.services.filtros import ENVIADA, ENVIANDO, LIDA, NAO_ENTREGUE, da_entrega
from guias.services.quadro import PASSO, PRESO, quadro
from nfse.lista_gerar import com_a_nota
from nfse.lista_notas import notas_das
from nfse.models import Contrato, Nota
from operacoes.models import Operacao, Situacao
from pagar.lista_titulos import titulos_das
from pagar.models import ContaErp, Titulo
from painel.celulas import ESPERA, NAO_SE_APLICA, NOMES, Grau, estado_de
from painel.risco import Risco, meses_em_risco

# The tables that each part is read from. What stands in a key need not be here: credenciais and their certificates,
# accounts of the ERP, operações that wait for a person.
_DE_QUEM = frozenset({"empresas_empresa", "empresas_carteira_usuarios"})
_EMPRESAS = _DE_QUEM | {"empresas_regimeempresa"}
_SIMPLES = _EMPRESAS | {
    "credentials_vinculo", "guias_apuracao", "guias_guia", "guias_procuracao", "operacoes_operacao",
}  # fmt: skip
_GUIAS = _DE_QUEM | {"guias_guia", "guias_entrega", "operacoes_operacao"}
_NOTAS = _DE_QUEM | {"nfse_nota", "nfse_contrato"}
_TITULOS = _DE_QUEM | {"pagar_titulo", "guias_guia"}
TABELAS = _SIMPLES | _GUIAS | _NOTAS | _TITULOS
Combo = tuple[str, ...]  # the regime of the competência, then a state for each of NOMES
SEM_REGIME = "sem_regime"

# What the guias of an empresa show, one bit each.
_PAGA, _VENCIDA, _A_PAGAR, _PROBLEMA, _DO_MEI, _DARF = 1, 2, 4, 8, 16, 32
_SEM_ENTREGA, _PARADA, _ENVIANDO, _ENVIADA, _LIDA = 64, 128, 256, 512, 1024
# Its notas; its titles.
_RECUSADA, _DUVIDA, _CORRENDO, _RASCUNHO, _VALIDA, _FALTA = 1, 2, 4, 8, 16, 32
_AVISO, _ABERTO, _LIQUIDADO = 64, 128, 256


@dataclass
class ContasDasGuias:
    """The guias of the month: how many in each situação and (those that ask for money) entrega, the sums in reais of
    those not replaced and of what was paid, and how many DAS were drawn and guias paid on each day."""

    situacao: Counter[str] = field(default_factory=Counter)
    entrega: Counter[str] = field(default_factory=Counter)
    total: Decimal = Decimal(0)
    pago: Decimal = Decimal(0)
    emitidas_no_dia: Counter[date] = field(default_factory=Counter)
    pagas_no_dia: Counter[date] = field(default_factory=Counter)

    @property
    def quantas(self) -> int:
        return self.situacao.total() - self.situacao[SituacaoGuia.SUBSTITUIDA]


@dataclass(frozen=True)
class Fotografia:
    """`ids` of the empresas, ascending, and for each the position in `combos` of what it is. `fora`: active ones that
    have no row, the filiais of which nothing is asked. `sem_titulo`: guias of which no title was made."""

    ids: array[int]
    quais: array[int]
    combos: list[Combo]
    fora: list[int]
    risco: Risco
    guias: ContasDasGuias
    sem_titulo: int
    transmitidas_no_dia: Counter[date]

    def de(self, pk: int) -> Combo | None:
        onde = bisect_left(self.ids, pk)
        return self.combos[self.quais[onde]] if onde < len(self.ids) and self.ids[onde] == pk else None

    def com(self, serve: Callable[[Combo], bool]) -> list[int]:
        """The ids of the empresas whose combo serves."""
        servem = {n for n, combo in enumerate(self.combos) if serve(combo)}
        return [pk for pk, qual in zip(self.ids, self.quais, strict=True) if qual in servem]

    def quantas(self, serve: Callable[[Combo], bool]) -> int:
        return sum(n for combo, n in self.por_combo if serve(combo))

    @cached_property
    def por_combo(self) -> list[tuple[Combo, int]]:
        contagem = Counter(self.quais)
        return [(self.combos[qual], n) for qual, n in contagem.items()]

    @cached_property
    def por_estado(self) -> dict[str, Counter[str]]:
        """Of each obligation, how many empresas in each state."""
        contas: dict[str, Counter[str]] = {nome: Counter() for nome in NOMES}
        for combo, n in self.por_combo:
            for nome, valor in zip(NOMES, combo[1:], strict=True):
                contas[nome][valor] += n
        return contas


def graus(combo: Combo) -> set[Grau]:
    return {estado_de(nome, valor).grau for nome, valor in zip(NOMES, combo[1:], strict=True)}


def fotografia(usuario: Usuario, competencia: date, empresa: Empresa | None) -> Fotografia:
    """What the user may see of the month; of one empresa with its matriz when it is chosen."""
    leitura = _Leitura(usuario, competencia, empresa)
    return guardado(TABELAS, leitura.chave(), leitura.revelar)


def das_empresas(consulta: QuerySet[Any], empresa: Empresa | None, campo: str = "pk") -> QuerySet[Any]:
    """Rows of the chosen empresa and of its matriz; of all of them for None."""
    quais = [empresa.pk, empresa.matriz_id or empresa.pk] if empresa else []
    return consulta.filter(**{f"{campo}__in": quais}) if quais else consulta


def _bits(*casos: tuple[Q, int]) -> BitOr:
    """The bits of every condition that holds, of every row of a group."""
    partes = [Case(When(condicao, then=Value(bit)), default=Value(0)) for condicao, bit in casos]
    soma: Any = partes[0]
    for parte in partes[1:]:
        soma = soma + parte
    return BitOr(soma, output_field=IntegerField())


class _DasGuias:
    """The guias of the month, added up one by one: `bits` by empresa, `dividas` how many of hers have a guia, `contas`
    of the whole."""

    def __init__(self) -> None:
        self.bits: dict[int, int] = {}
        self.dividas: dict[int, set[str]] = {}
        self.contas = ContasDasGuias()

    def somar(
        self,
        empresa: int,
        divida: str,
        tipo: str,
        situacao: str,
        total: Decimal,
        pago: Decimal | None,
        paga_em: date | None,
        emitida: date,
        problema: int,
        entrega: int,
    ) -> None:
        contas = self.contas
        contas.situacao[situacao] += 1
        if paga_em is not None:
            contas.pago += pago or 0
            contas.pagas_no_dia[paga_em] += 1
        if situacao == SituacaoGuia.SUBSTITUIDA:
            return
        contas.total += total
        if tipo == Guia.Tipo.DAS:
            contas.emitidas_no_dia[emitida] += 1
        if not entrega and paga_em is None:
            entrega = _SEM_ENTREGA
        if entrega:
            contas.entrega[_primeiro(entrega, _ENTREGA, "")] += 1
        do_tipo = _DO_MEI if tipo == Guia.Tipo.DAS_MEI else _DARF if tipo in _DARFS else 0
        self.bits[empresa] = self.bits.get(empresa, 0) | _DA_SITUACAO[situacao] | problema | do_tipo | entrega
        self.dividas.setdefault(empresa, set()).add(divida)


class _Leitura:
    """One reading: `revelar` puts together what each query found."""

    def __init__(self, usuario: Usuario, competencia: date, empresa: Empresa | None) -> None:
        self.usuario, self.competencia, self.empresa = usuario, competencia, empresa
        self.hoje = timezone.localdate()
        self.meses = meses_em_risco(competencia, self.hoje)
        self.credenciais = tuple((credencial.pk, credencial.contratante) for credencial in credenciais_em_uso())
        self.com_erp = ContaErp.objects.filter(ativa=True).exists()
        paradas = Operacao.objects.filter(situacao=Situacao.AGUARDA_PESSOA)
        self.notas_paradas = tuple(sorted(notas_das(paradas)))
        self.titulos_parados = tuple(
            sorted(titulos_das(paradas.filter(tipo__startswith="pagar.")).values_list("pk_dito", flat=True))
        )

    def chave(self, *de_que: object) -> tuple[object, ...]:
        """What an answer depends on besides the tables."""
        usuario, empresa = self.usuario, self.empresa and self.empresa.pk
        return (
            "painel", usuario.pk, usuario.administra, self.competencia, empresa, self.hoje, *(de_que or (
                self.meses, self.credenciais, self.com_erp, self.notas_paradas, self.titulos_parados,
            )),
        )  # fmt: skip

    def _parte[T](self, tabelas: frozenset[str], nome: str, ler: Callable[[], T], *de_que: object) -> T:
        """One part, kept apart: a write to the titles leaves the declarations as they were read."""
        return guardado(tabelas, self.chave(nome, *de_que), ler)

    def _visiveis(self, modelo: Any, campo: str = "empresa") -> QuerySet[Any]:
        return das_empresas(modelo.objects.visiveis(self.usuario), self.empresa, campo).order_by()

    def revelar(self) -> Fotografia:
        simples, risco = self._parte(_SIMPLES, "simples", self._simples, self.meses, self.credenciais)
        guias = self._parte(_GUIAS, "guias", self._guias)
        notas = self._parte(_NOTAS, "notas", self._notas, self.notas_paradas)
        titulos = self._parte(_TITULOS, "titulos", self._titulos, self.titulos_parados)
        sem_titulo = 0
        combos: dict[Combo, int] = {}
        # As many distinct situations as there are combos, or few more: each is thought through once.
        pensadas: dict[tuple[Any, ...], int | None] = {}
        achadas: list[tuple[int, int]] = []
        fora: list[int] = []
        for regime, filial, pks in self._parte(_EMPRESAS, "empresas", self._empresas):
            for pk in pks:
                guia, (com_titulo, titulo) = guias.bits.get(pk, 0), titulos.get(pk, _SEM_TITULO)
                faltam = len(guias.dividas.get(pk, ())) - com_titulo if guia else 0
                if faltam > 0:
                    sem_titulo += faltam
                situacao = (regime, filial, simples.get(pk), guia, faltam > 0, notas.get(pk, 0), titulo)
                try:
                    qual = pensadas[situacao]
                except KeyError:
                    combo = self._combo(*situacao)
                    qual = None if combo is None else combos.setdefault(combo, len(combos))
                    pensadas[situacao] = qual
                if qual is None:
                    fora.append(pk)
                else:
                    achadas.append((pk, qual))
        achadas.sort()
        ids, quais = array("q", [pk for pk, _ in achadas]), array("H", [qual for _, qual in achadas])
        return Fotografia(ids, quais, [*combos], fora, risco, guias.contas, sem_titulo, self._transmitidas())

    def _empresas(self) -> list[tuple[str, bool, list[int]]]:
        """(regime in the competência, whether a filial, ids). Of a CPF no regime asks for anything."""
        linhas = (
            das_empresas(Empresa.objects.visiveis(self.usuario).filter(ativa=True), self.empresa)
            .order_by()
            .alias(tamanho=Length("documento"))
            .annotate(
                do_mes=Case(When(tamanho=14, then=regime_na(self.competencia, "pk"))),
                filial=Case(When(matriz=None, then=Value(0)), default=Value(1)),
            )
            .values("do_mes", "filial")
            .annotate(ids=ArrayAgg("pk"))
        )
        return [(linha["do_mes"] or SEM_REGIME, bool(linha["filial"]), linha["ids"]) for linha in linhas]

    def _do_simples(self) -> QuerySet[Any]:
        return das_empresas(quadro(self.usuario, self.competencia), self.empresa).order_by()

    def _simples(self) -> tuple[dict[int, tuple[str, ...]], Risco]:
        """The four first obligations by empresa, and what is at risk in the declarations that are missing."""
        por_transmitir = ~Q(ap_situacao=Apuracao.Situacao.TRANSMITIDA) | Q(ap_pk=None)
        # A rectifying return replaces one that was sent in time or already fined.
        original = Q(ap_pk=None) | Q(ap__retificadora=False)
        acima = Q(base__gt=base_do_minimo(self.meses))
        linhas = (
            self._do_simples()
            .annotate(passo=PASSO, preso=PRESO)
            .alias(base=Coalesce(F("ap__total_aprovado"), F("ap_simulado"), F("ap_calculado")))
            .order_by()
            .values("estado", "passo", "preso", "ap_parada")
            .annotate(
                ids=ArrayAgg("pk"),
                faltam=Count("pk", filter=por_transmitir & original),
                sabidas=Count("pk", filter=por_transmitir & original & Q(base__isnull=False)),
                bases=ArrayAgg("base", filter=por_transmitir & original & acima),
            )
        )
        estados: dict[int, tuple[str, ...]] = {}
        faltam, sabidas, bases = 0, 0, list[Decimal]()
        lidas = list(linhas)
        presas = [pk for linha in lidas if linha["estado"] in DA_OPERACAO for pk in linha["ids"]]
        tipos = dict(self._do_simples().filter(pk__in=presas).values_list("pk", "op_tipo") if presas else ())
        for linha in lidas:
            for tipo, pks in _por_tipo(linha, tipos):
                das_etapas = etapas(
                    linha["estado"], linha["passo"], tipo, linha["preso"], sem_movimento=bool(linha["ap_parada"])
                )
                estados |= dict.fromkeys(pks, tuple(das_etapas[nome] for nome in NOMES[:4]))
            faltam, sabidas = faltam + linha["faltam"], sabidas + linha["sabidas"]
            bases += linha["bases"] or []
        return estados, Risco.de(faltam, sabidas, bases, self.meses)

    def _transmitidas(self) -> Counter[date]:
        """How many declarations on each day, of what is now transmitted."""
        apuracoes = self._visiveis(Apuracao).filter(competencia=self.competencia, transmitida_em__isnull=False)
        do_dia = apuracoes.filter(situacao=Apuracao.Situacao.TRANSMITIDA).annotate(dia=TruncDate("transmitida_em"))
        return Counter(dict(do_dia.values("dia").annotate(n=Count("pk")).values_list("dia", "n")))

    def _guias(self) -> "_DasGuias":
        """Every guia of the competência, once, with the bits of its deliveries."""
        # As the list of guias does: those of a filial stand under its matriz.
        empresa = self.empresa and (self.empresa.matriz_id or self.empresa.pk)
        guias: Any = Guia.objects.visiveis(self.usuario).filter(competencia=self.competencia)
        if empresa:
            guias = guias.filter(empresa=empresa)
        linhas = (
            guias.com_situacao(self.hoje)
            .annotate(
                emitida=TruncDate("emitida_em"),
                com_problema=Case(When(problema="", then=Value(0)), default=Value(_PROBLEMA)),
                entrega=_bits(
                    (Q(entregas__isnull=False) & da_entrega(NAO_ENTREGUE, "entregas__"), _PARADA),
                    (Q(entregas__isnull=False) & da_entrega(ENVIANDO, "entregas__"), _ENVIANDO),
                    (da_entrega(ENVIADA, "entregas__"), _ENVIADA),
                    (da_entrega(LIDA, "entregas__"), _LIDA),
                ),
            )
            .order_by()
        )
        lidas = _DasGuias()
        colunas = ("empresa", "divida", "tipo", "situacao", "total", "valor_pago", "paga_em", "emitida", "com_problema")
        for linha in linhas.values_list(*colunas, "entrega"):
            lidas.somar(*linha)
        return lidas

    def _notas(self) -> dict[int, int]:
        situacao = Nota.Situacao
        linhas = (
            self._visiveis(Nota)
            .filter(competencia=self.competencia)
            .values("empresa")
            .annotate(
                bits=_bits(
                    (Q(situacao=situacao.RECUSADA), _RECUSADA),
                    (Q(pk__in=self.notas_paradas), _DUVIDA),
                    (Q(situacao__in=[situacao.EMITINDO, situacao.CANCELANDO]), _CORRENDO),
                    (Q(situacao=situacao.RASCUNHO), _RASCUNHO),
                    (Q(situacao=situacao.AUTORIZADA), _VALIDA),
                )
            )
        )
        bits = dict(linhas.values_list("empresa", "bits"))
        contratos = self._visiveis(Contrato).vigentes(self.competencia)  # type: ignore[attr-defined]
        for pk in contratos.filter(~com_a_nota(self.competencia)).values_list("empresa", flat=True).distinct():
            bits[pk] = bits.get(pk, 0) | _FALTA
        return bits

    def _titulos(self) -> dict[int, tuple[int, int]]:
        """By empresa, how many of the guias' dívidas have a title, and what all its titles show."""
        situacao = Titulo.Situacao
        no_erp = [situacao.ABERTO, situacao.BORDERO]
        linhas = (
            self._visiveis(Titulo)
            .vivos()  # type: ignore[attr-defined]
            .filter(competencia=self.competencia)
            .values("empresa")
            .annotate(
                n=Count("guia__divida", distinct=True),
                bits=_bits(
                    (Q(situacao=situacao.RECUSADO), _RECUSADA),
                    (Q(pk__in=self.titulos_parados), _DUVIDA),
                    (
                        ~Q(aviso="") | Q(barras=Titulo.Barras.PENDENTE, em_curso=None, situacao__in=no_erp),
                        _AVISO,
                    ),
                    (Q(situacao=situacao.RASCUNHO), _RASCUNHO),
                    (Q(situacao=situacao.ENVIANDO), _CORRENDO),
                    (Q(situacao__in=no_erp), _ABERTO),
                    (Q(situacao=situacao.LIQUIDADO), _LIQUIDADO),
                ),
            )
        )
        return {pk: (n, bits) for pk, n, bits in linhas.values_list("empresa", "n", "bits")}

    # -- what it comes to --------------------------------------------------------------------------------------------

    def _combo(
        self,
        regime: str,
        filial: bool,
        do_simples: tuple[str, ...] | None,
        guia: int,
        sem_titulo: bool,
        nota: int,
        titulo: int,
    ) -> Combo | None:
        """None for a filial of which nothing is asked: what its matriz does is not its own."""
        das = _das(regime, filial, do_simples, guia)
        aguardada = das in (
            ESPERA,
            "sem_acesso",
            "sem_procuracao",
            "a_emitir",
            "mei_a_emitir",
            "em_andamento",
            "duvida",
            "recusada",
        )
        depois = ESPERA if aguardada else NAO_SE_APLICA
        estados = (
            *(do_simples[:3] if do_simples else (NAO_SE_APLICA,) * 3),
            das,
            _primeiro(guia, _ENTREGA, "dispensada" if guia else depois),
            _primeiro(guia, _PAGAMENTO, depois),
            _primeiro(nota, _NOTA, NAO_SE_APLICA),
            self._titulo(titulo, depois, sem_titulo=sem_titulo),
        )
        return None if filial and set(estados) == {NAO_SE_APLICA} else (regime, *estados)

    def _titulo(self, titulo: int, depois: str, *, sem_titulo: bool) -> str:
        if not self.com_erp:
            return NAO_SE_APLICA
        return _primeiro(titulo | (_FALTA if sem_titulo else 0), _TITULO, depois)


def _por_tipo(linha: dict[str, Any], tipos: dict[int, str]) -> Iterable[tuple[str, list[int]]]:
    """The ids of a group by the kind of the operação that holds them, empty where none does."""
    if linha["estado"] not in DA_OPERACAO:
        return [("", linha["ids"])]
    achados: dict[str, list[int]] = {}
    for pk in linha["ids"]:
        achados.setdefault(tipos[pk], []).append(pk)
    return achados.items()


def _das(regime: str, filial: bool, do_simples: tuple[str, ...] | None, guia: int) -> str:
    if do_simples is not None:
        das = do_simples[3]
        return "problema" if das == "emitida" and guia & _PROBLEMA else das
    if regime == Regime.MEI and not filial:
        das = "emitida" if guia & _DO_MEI else "mei_a_emitir"
    else:
        das = "emitida" if guia & (_DARF | _DO_MEI) else NAO_SE_APLICA
    return "problema" if das == "emitida" and guia & _PROBLEMA else das


def _primeiro(bits: int, estados: tuple[tuple[int, str], ...], senao: str) -> str:
    return next((estado for bit, estado in estados if bits & bit), senao)


_SEM_TITULO = (0, 0)
_DARFS = (Guia.Tipo.DARF, Guia.Tipo.DARF_DCTFWEB)
_DA_SITUACAO: dict[str, int] = {
    SituacaoGuia.PAGA: _PAGA,
    SituacaoGuia.VENCIDA: _VENCIDA,
    SituacaoGuia.EMITIDA: _A_PAGAR,
}
# Of several guias, notas or titles the one that asks most is told: in this order.
_ENTREGA = (
    (_PARADA, "nao_entregue"),
    (_SEM_ENTREGA, "falta"),
    (_ENVIANDO, "enviando"),
    (_ENVIADA, "enviada"),
    (_LIDA, "lida"),
)
_PAGAMENTO = ((_VENCIDA, "vencida"), (_A_PAGAR, "a_pagar"), (_PAGA, "paga"))
_NOTA = (
    (_DUVIDA, "duvida"),
    (_RECUSADA, "recusada"),
    (_FALTA | _RASCUNHO, "a_emitir"),
    (_CORRENDO, "em_andamento"),
    (_VALIDA, "emitida"),
)
_TITULO = (
    (_DUVIDA, "duvida"),
    (_RECUSADA, "recusado"),
    (_AVISO, "com_aviso"),
    (_FALTA, "a_gerar"),
    (_RASCUNHO, "a_enviar"),
    (_CORRENDO, "enviando"),
    (_ABERTO, "em_aberto"),
    (_LIQUIDADO, "liquidado"),
)
