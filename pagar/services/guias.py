"""What a guia's news do to its title: a payment is matched to it, a guia drawn again brings it up to date."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from comum.formatos import format_data, format_dinheiro
from comum.models import Usuario
from guias.ligacoes import Ligacao
from guias.models import Guia
from guias.services import barras
from pagar.models import Movimento, Titulo
from pagar.providers.interface import Atualizacao, MotivoAlteracao
from pagar.services import atos, registro
from pagar.services.chaves import ChaveInvalida

Situacao, Tipo = Titulo.Situacao, Movimento.Tipo
POR_PAGAR = (*Titulo.EDITAVEIS, Situacao.ENVIANDO, Situacao.ABERTO, Situacao.BORDERO)
_REEMITIDA = "A guia deste título foi emitida de novo: documento {}, {} para pagar até {}. {}"
_TONS = {Situacao.LIQUIDADO: "ok", Situacao.RECUSADO: "erro"}


@dataclass(frozen=True)
class NaReceita:
    """What the Receita tells of the dívida that a title pays. `falta`: paid in the ERP longer ago than the Receita
    takes to know, and not there."""

    paga_em: date | None = None
    valor: Decimal | None = None
    fonte: str = ""
    falta: bool = False

    @property
    def texto(self) -> str:
        if self.paga_em is not None and self.fonte == Guia.Fonte.PGDASD:
            return f"paga na Receita (PGDAS-D, visto em {format_data(self.paga_em)})"
        if self.paga_em is not None and self.valor is not None:
            return f"paga na Receita em {format_data(self.paga_em)}, {format_dinheiro(self.valor)}"
        if self.valor is not None:
            return f"paga em parte na Receita, {format_dinheiro(self.valor)}"
        return "não consta paga na Receita" if self.falta else ""


# -- news --------------------------------------------------------------------------------------------------------------


def paga(guia: Guia) -> None:
    """Inside the transaction that records the payment: it goes to the timeline of the dívida's title."""
    dito = _da_guia(guia)
    titulos = registro.travados(Titulo.objects.vivos().filter(guia__divida=guia.divida).values_list("pk", flat=True))
    texto = dito.texto[:1].upper() + dito.texto[1:] + "."
    novos = [titulo for titulo in titulos if not titulo.movimentos.filter(tipo=Tipo.NA_RECEITA, texto=texto).exists()]
    movimentos = [registro.contar(t, Tipo.NA_RECEITA, data=dito.paga_em, texto=texto) for t in novos]
    registro.gravar(novos, movimentos)


def reemitida(guia: Guia) -> None:
    """Inside the transaction that records the new copy."""
    vivos = Titulo.objects.vivos().filter(guia__divida=guia.divida, guia__lt=guia)
    for titulo in registro.travados(vivos.values_list("pk", flat=True)):
        acompanhar(titulo)


def acompanhar(titulo: Titulo) -> None:
    """Bring a (locked) title to the last copy of its guia: where the ERP has it open, by an update asked for in the
    name of who drew the copy; elsewhere a person is told what to do. What is on its way is looked at when it
    arrives."""
    nova = _ultima(titulo)
    if nova is None or titulo.situacao == Situacao.ENVIANDO or titulo.em_curso_id is not None:
        return
    if titulo.titulo_no_banco == nova.numero:
        Titulo.objects.filter(pk=titulo.pk).update(guia=nova)
        return
    if motivo := _por_que_nao(titulo):
        _avisar(titulo, nova, motivo)
        return
    barras.completar([nova])
    try:
        atos.atualizar(titulo, _atualizacao(titulo, nova), nova.operacao.usuario, versao=titulo.versao)
    except (atos.PedidoInvalido, ChaveInvalida) as recusa:
        _avisar(titulo, nova, f"O título não pôde ser atualizado: {recusa} Use Atualizar no título.")


def _ultima(titulo: Titulo) -> Guia | None:
    """The last copy of the title's guia, when it is not the one that the title was made of."""
    if titulo.guia_id is None:
        return None
    feita = Guia.objects.only("divida").get(pk=titulo.guia_id)
    copias = Guia.objects.filter(divida=feita.divida, pk__gt=titulo.guia_id)
    return copias.select_related("documento", "operacao__usuario").order_by("-pk").first()


def _por_que_nao(titulo: Titulo) -> str:
    """Why a title is not updated by itself, and what a person does instead; empty when it is."""
    if titulo.editavel:
        return "Abandone este título e gere outro da guia nova, ou corrija valor, vencimento e código de barras nele."
    if titulo.situacao == Situacao.BORDERO:
        return "O título está em borderô: tire-o dele se ainda não foi pago, e use Atualizar; se foi, não pague a nova."
    if titulo.situacao == Situacao.LIQUIDADO:
        return "O título já está liquidado: confira se a guia antiga foi paga antes de pagar a nova."
    return atos.por_que_nao_atualizar(titulo)


def _avisar(titulo: Titulo, nova: Guia, o_que_fazer: str) -> None:
    aviso = _REEMITIDA.format(nova.numero, format_dinheiro(nova.total), format_data(nova.limite), o_que_fazer)
    if titulo.aviso != aviso:
        registro.avisar([titulo], aviso)


def _atualizacao(titulo: Titulo, nova: Guia) -> Atualizacao:
    """Value, last day to pay, number and bar code of the new copy; the difference goes to the title's own accounts."""
    muda = nova.total != titulo.saldo
    return Atualizacao(
        saldo=nova.total if muda else None,
        motivo=MotivoAlteracao.ALTERACAO if muda else None,
        rateio=(atos.linha_do_rateio(titulo, abs(nova.total - titulo.saldo)),) if muda else (),
        vencimento=nova.limite,
        previsao=nova.limite,
        codigo_barras=nova.codigo_barras,
        titulo_no_banco=nova.numero,
        forma_pagamento=str(titulo.corpo.get("forma_pagamento", "")),
    )


# -- looking -----------------------------------------------------------------------------------------------------------


def _da_guia(guia: Guia) -> NaReceita:
    return NaReceita(guia.paga_em, guia.valor_pago, guia.fonte)


def _paga_na_receita() -> Exists:
    return Exists(Guia.objects.filter(divida=OuterRef("guia__divida"), paga_em__isnull=False))


def _pago_ha_dias() -> Exists:
    """Settled in the ERP longer ago than the Receita takes to tell it."""
    ate = timezone.localdate() - timedelta(days=settings.PAGAR_DIAS_ATE_A_RECEITA)
    return Exists(Movimento.objects.filter(titulo=OuterRef("pk"), tipo=Tipo.PAGO, estornado_por=None, data__lt=ate))


def abertos_e_pagos() -> Q:
    """Paid at the Receita, and not in the ERP."""
    return Q(situacao__in=POR_PAGAR, guia__isnull=False) & Q(_paga_na_receita())


def pagos_sem_receita() -> Q:
    """Paid in the ERP, and not at the Receita after some days."""
    return Q(situacao=Situacao.LIQUIDADO, guia__isnull=False) & Q(~_paga_na_receita()) & Q(_pago_ha_dias())


def na_receita(titulos: Iterable[Titulo]) -> dict[int, NaReceita]:
    """What the Receita tells of each of these that pays a guia, in two queries."""
    com_guia = {titulo.pk: titulo for titulo in titulos if titulo.guia_id is not None}
    if not com_guia:
        return {}
    dividas = dict(Guia.objects.filter(pk__in={t.guia_id for t in com_guia.values()}).values_list("pk", "divida"))
    ditas: dict[str, NaReceita] = {}
    for guia in Guia.objects.filter(divida__in=set(dividas.values()), valor_pago__isnull=False).order_by("pk"):
        if ditas.get(guia.divida, NaReceita()).paga_em is None:
            ditas[guia.divida] = _da_guia(guia)
    sem = [t.pk for t in com_guia.values() if t.situacao == Situacao.LIQUIDADO and dividas[t.guia_id or 0] not in ditas]
    faltam = set(Titulo.objects.filter(pagos_sem_receita(), pk__in=sem).values_list("pk", flat=True)) if sem else set()
    return {
        pk: ditas.get(dividas[titulo.guia_id or 0]) or NaReceita(falta=pk in faltam) for pk, titulo in com_guia.items()
    }


def ligacoes(guias: Sequence[Guia], usuario: Usuario) -> list[Ligacao]:
    """The titles of the copies of a guia, for its page."""
    suas = Titulo.objects.visiveis(usuario).filter(guia__in=guias).order_by("-pk")
    return [
        Ligacao(
            rotulo=f"{titulo.nome}, {format_dinheiro(titulo.valor)}",
            url=titulo.get_absolute_url(),
            estado=str(titulo.get_situacao_display()),
            tom=_TONS.get(Situacao(titulo.situacao), "neutro" if titulo.situacao in Titulo.MORTOS else "info"),
            texto=titulo.aviso,
        )
        for titulo in suas
    ]
