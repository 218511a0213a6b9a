"""From what is on record of an empresa in a month to the state of each of its obligations."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

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

    def __init__(self, guias: list[UmaGuia]) -> None:
        self.bits: dict[int, int] = {}
        self.dividas: dict[int, set[str]] = {}
        self.contas = ContasDasGuias()
        ultimas: dict[str, int] = {}  # the copy of each dívida that counts: the one paid, else the last
        for guia in guias:
            if guia.situacao != SituacaoGuia.SUBSTITUIDA:
                ultimas[guia.divida] = max(guia.pk, ultimas.get(guia.divida, 0))
        for guia in guias:
            self.contas.situacao[guia.situacao] += 1
            if guia.situacao != SituacaoGuia.SUBSTITUIDA:
                self.contas.total += guia.total
            if guia.paga_em is not None:
                self.contas.pago += guia.pago or 0
                self.contas.pagas_no_dia[guia.paga_em] += 1
            if guia.pk == ultimas.get(guia.divida):
                self._somar_vigente(guia)

    def _somar_vigente(self, guia: UmaGuia) -> None:
        if guia.tipo == Guia.Tipo.DAS:
            self.contas.emitidas_no_dia[guia.emitida] += 1
        entrega = guia.entrega or (SEM_ENTREGA if guia.paga_em is None else 0)
        if entrega:
            self.contas.entrega[_primeiro(entrega, _ENTREGA, "")] += 1
        do_tipo = DO_MEI if guia.tipo == Guia.Tipo.DAS_MEI else DARF if guia.tipo in _DARFS else 0
        seus = _DA_SITUACAO[guia.situacao] | guia.problema | do_tipo | entrega
        self.bits[guia.empresa] = self.bits.get(guia.empresa, 0) | seus
        self.dividas.setdefault(guia.empresa, set()).add(guia.divida)


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
