"""From what is on record of an empresa in a month to the state of each of its obligations."""

from collections.abc import Iterable
from copy import copy, deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_

from guias.models import Guia, SituacaoGuia
from painel.celulas import ESPERA, NAO_SE_APLICA, PREFIXO_MEI
from painel.fotografia import Combo, ContasDasGuias

# What the guias of an empresa show, one bit each.
PAGA, VENCIDA, A_PAGAR, PROBLEMA, DO_MEI, DARF = 1, 2, 4, 8, 16, 32
SEM_ENTREGA, PARADA, ENVIANDO, ENVIADA, LIDA = 64, 128, 256, 512, 1024
# Its notas; its titles.
RECUSADA, DUVIDA, CORRENDO, RASCUNHO, VALIDA, FALTA = 1, 2, 4, 8, 16, 32
AVISO, ABERTO, LIQUIDADO = 64, 128, 256


@dataclass(slots=True)
class UmaGuia:
    """`entrega`: the bits of its deliveries, 0 of one that was sent to nobody."""

    pk: int
    empresa: int
    divida: str
    tipo: str
    situacao: str
    total: Decimal
    pago: Decimal | None
    paga_em: date | None
    emitida: date
    problema: int
    entrega: int


class DasGuias:
    """The guias of a month added up: `bits` by empresa, `dividas` of each that have a guia, `contas` of the whole."""

    def __init__(self, guias: Iterable[UmaGuia]) -> None:
        self.bits: dict[int, int] = {}
        self.dividas: dict[int, set[str]] = {}
        self.contas = ContasDasGuias()
        self._guias: dict[int, list[UmaGuia]] = {}
        self._somar(guias)

    def trocadas(self, empresas: Iterable[int], guias: Iterable[UmaGuia]) -> "DasGuias":
        """The same with these guias in the place of all that these empresas had."""
        novas = copy(self)
        novas.bits, novas.dividas, novas._guias = self.bits.copy(), self.dividas.copy(), self._guias.copy()
        novas.contas = deepcopy(self.contas)
        for empresa in empresas:
            novas.bits.pop(empresa, None)
            novas.dividas.pop(empresa, None)
            novas._contar(novas._guias.pop(empresa, []), -1)
        novas._somar(guias)
        return novas

    def _somar(self, guias: Iterable[UmaGuia]) -> None:
        novas: dict[int, list[UmaGuia]] = {}
        for guia in guias:
            novas.setdefault(guia.empresa, []).append(guia)
        self._guias |= novas
        for empresa, suas in novas.items():
            vigentes = self._contar(suas, 1)
            if vigentes:
                self.dividas[empresa] = {guia.divida for guia in vigentes}
                self.bits[empresa] = reduce(or_, (_bits_da_vigente(guia) for guia in vigentes))

    def _contar(self, guias: list[UmaGuia], vezes: int) -> list[UmaGuia]:
        """Add all the guias of an empresa to `contas`, or with -1 take them out. Gives the copy of each dívida that
        counts: the one paid, else the last."""
        contas, ultimas = self.contas, dict[str, UmaGuia]()
        for guia in guias:
            contas.situacao[guia.situacao] += vezes
            if guia.situacao != SituacaoGuia.SUBSTITUIDA:
                contas.total += vezes * guia.total
                ultima = ultimas.get(guia.divida)
                if ultima is None or guia.pk > ultima.pk:
                    ultimas[guia.divida] = guia
            if guia.paga_em is not None:
                contas.pago += vezes * (guia.pago or 0)
                contas.pagas_no_dia[guia.paga_em] += vezes
        for guia in ultimas.values():
            if guia.tipo == Guia.Tipo.DAS:
                contas.emitidas_no_dia[guia.emitida] += vezes
            if entrega := _entrega(guia):
                contas.entrega[_primeiro(entrega, _ENTREGA, "")] += vezes
        return [*ultimas.values()]


def _entrega(guia: UmaGuia) -> int:
    return guia.entrega or (SEM_ENTREGA if guia.paga_em is None else 0)


def _bits_da_vigente(guia: UmaGuia) -> int:
    do_tipo = DO_MEI if guia.tipo == Guia.Tipo.DAS_MEI else DARF if guia.tipo in _DARFS else 0
    return _DA_SITUACAO[guia.situacao] | guia.problema | do_tipo | _entrega(guia)


def combo(
    regime: str,
    filial: bool,
    do_simples: tuple[str, ...] | None,
    mei: str | None,
    guia: int,
    sem_titulo: bool,
    nota: int,
    titulo: int,
    com_erp: bool,
) -> Combo | None:
    """`do_simples`: its four first states, of a matriz of the Simples; `mei`: where the list of the MEI has it. None
    for a filial of which nothing is asked: what its matriz does is not its own."""
    das = _das(do_simples, mei, guia)
    depois = ESPERA if das in _SEM_GUIA else NAO_SE_APLICA
    entrega, pagamento = (
        _primeiro(guia, _ENTREGA, "dispensada" if guia else depois),
        _primeiro(guia, _PAGAMENTO, depois),
    )
    if mei == "paga":  # the Receita may say so of a guia that was not drawn here, or not noted as paid
        entrega, pagamento = _primeiro(guia & ~SEM_ENTREGA, _ENTREGA, "dispensada"), "paga"
    estados = (
        *(do_simples[:3] if do_simples else (NAO_SE_APLICA,) * 3),
        das,
        entrega,
        pagamento,
        _primeiro(nota, _NOTA, NAO_SE_APLICA),
        _primeiro(titulo | (FALTA if sem_titulo else 0), _TITULO, depois) if com_erp else NAO_SE_APLICA,
    )
    return None if filial and set(estados) == {NAO_SE_APLICA} else (regime, *estados)


def _das(do_simples: tuple[str, ...] | None, mei: str | None, guia: int) -> str:
    if do_simples is not None:
        das = do_simples[3]
    elif mei is not None:
        tem_guia = mei in ("emitida", "vencida") or (mei == "paga" and guia & DO_MEI)
        das = "emitida" if tem_guia else PREFIXO_MEI + mei
    else:
        das = "emitida" if guia & (DARF | DO_MEI) else NAO_SE_APLICA
    return "problema" if das == "emitida" and guia & PROBLEMA else das


def _primeiro(bits: int, estados: tuple[tuple[int, str], ...], senao: str) -> str:
    return next((estado for bit, estado in estados if bits & bit), senao)


_DARFS = (Guia.Tipo.DARF, Guia.Tipo.DARF_DCTFWEB)
_DA_SITUACAO: dict[str, int] = {
    SituacaoGuia.PAGA: PAGA,
    SituacaoGuia.VENCIDA: VENCIDA,
    SituacaoGuia.EMITIDA: A_PAGAR,
}
# A guia is still to come.
_SEM_GUIA = frozenset(
    {ESPERA, "sem_acesso", "sem_procuracao", "a_emitir", "em_andamento", "duvida", "recusada"}
    | {
        PREFIXO_MEI + estado
        for estado in ("duvida", "recusada", "sem_declaracao", "sem_acesso", "a_emitir", "andamento")
    }
)
# Of several guias, notas or titles the one that asks most is told: in this order.
_ENTREGA = (
    (PARADA, "nao_entregue"),
    (SEM_ENTREGA, "falta"),
    (ENVIANDO, "enviando"),
    (ENVIADA, "enviada"),
    (LIDA, "lida"),
)
_PAGAMENTO = ((VENCIDA, "vencida"), (A_PAGAR, "a_pagar"), (PAGA, "paga"))
_NOTA = (
    (DUVIDA, "duvida"),
    (RECUSADA, "recusada"),
    (FALTA | RASCUNHO, "a_emitir"),
    (CORRENDO, "em_andamento"),
    (VALIDA, "emitida"),
)
_TITULO = (
    (DUVIDA, "duvida"),
    (RECUSADA, "recusado"),
    (AVISO, "com_aviso"),
    (FALTA, "a_gerar"),
    (RASCUNHO, "a_enviar"),
    (CORRENDO, "enviando"),
    (ABERTO, "em_aberto"),
    (LIQUIDADO, "liquidado"),
)
