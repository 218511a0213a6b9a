"""Everything that happened to a note, as one story: what it meant (EventoNota), what was asked for (letters and
cancellations) and every try of its operações, the newest first."""

from collections.abc import Iterable

from django.db.models import Q

from nfse.models import Cancelamento, CartaCorrecao, EventoNota, Nota
from nfse.services.acoes import codigos_de
from operacoes.historia import Historia, Passo, das_tentativas, montar
from operacoes.models import Operacao

_TOM_DO_EVENTO = {
    EventoNota.Tipo.AUTORIZADA: "ok",
    EventoNota.Tipo.RECUSADA: "erro",
    EventoNota.Tipo.CARTA_RECUSADA: "erro",
    EventoNota.Tipo.CANCELAMENTO_RECUSADO: "erro",
    EventoNota.Tipo.CANCELAMENTO_NEGADO: "erro",
    EventoNota.Tipo.CANCELAMENTO: "atencao",
    EventoNota.Tipo.CANCELADA: "erro",
    EventoNota.Tipo.SUBSTITUIDA: "atencao",
    EventoNota.Tipo.CORRECAO: "ok",
    EventoNota.Tipo.EVENTO: "info",
    EventoNota.Tipo.DOCUMENTOS: "ok",
    EventoNota.Tipo.EMAIL: "ok",
    EventoNota.Tipo.ENVIADA: "info",
}


def historia(nota: Nota, *, tudo: bool = False) -> Historia:
    """The story of a note in a constant number of queries; `tudo` for the older steps too."""
    eventos = list(nota.eventos.select_related("usuario").order_by("em", "pk"))
    ids = {evento.operacao_id for evento in eventos if evento.operacao_id}
    operacoes = {operacao.pk: operacao for operacao in _operacoes(nota, ids)}
    passos = [
        *(_do_evento(evento, operacoes) for evento in eventos),
        *(_da_carta(carta) for carta in nota.cartas.select_related("pedida_por")),
        *(_do_cancelamento(um, nota) for um in nota.cancelamentos.select_related("pedido_por")),
        *das_tentativas(operacoes),
    ]
    return montar(passos, tudo=tudo)


def abertas(nota: int) -> list[Operacao]:
    """The operações about a note (its pk) that have not ended, oldest first."""
    return list(Operacao.objects.filter(_chaves(nota)).abertas().select_related("processamento").order_by("pk"))


def _operacoes(nota: Nota, dos_eventos: Iterable[int]) -> list[Operacao]:
    """Every operação about a note: those its events name, and those whose key is made from it."""
    quais = Q(pk__in=list(dos_eventos)) | _chaves(nota.pk)
    return list(Operacao.objects.filter(quais).select_related("usuario").defer("pedido").order_by("pk"))


def _chaves(nota: int) -> Q:
    chaves = Q(chave=f"nfse:{nota}") | Q(chave__startswith=f"nfse:{nota}:r")
    for verbo in ("corrigir", "cancelar", "reler", "documentos"):
        chaves |= Q(chave__startswith=f"nfse.{verbo}:{nota}:")
    return chaves


def _do_evento(evento: EventoNota, operacoes: dict[int, Operacao]) -> Passo:
    tipo = EventoNota.Tipo(evento.tipo)
    carta = tipo is EventoNota.Tipo.CORRECAO  # its text stands at the request already
    return Passo(
        em=evento.em,
        tom=_TOM_DO_EVENTO.get(tipo, "neutro"),
        titulo="Carta de correção registrada" if carta else evento.get_tipo_display(),
        quem=evento.usuario.nome if evento.usuario else "",
        texto="" if carta else _numerada(tipo, evento.texto),
        palavras=str(evento.dados.get("palavras", "")),
        operacao=operacoes.get(evento.operacao_id or 0),
        peso=3,
    )


def _numerada(tipo: EventoNota.Tipo, texto: str) -> str:
    return f"NFS-e {texto}" if tipo is EventoNota.Tipo.AUTORIZADA and texto.isdecimal() else texto


def _da_carta(carta: CartaCorrecao) -> Passo:
    return Passo(
        em=carta.criada_em,
        tom={"registrada": "ok", "recusada": "erro"}.get(carta.situacao, "info"),
        titulo=f"Carta de correção {carta.ordem} pedida ({carta.get_situacao_display().lower()})",
        quem=carta.pedida_por.nome,
        texto=carta.texto,
    )


def _do_cancelamento(um: Cancelamento, nota: Nota) -> Passo:
    motivo = codigos_de(nota).get(um.codigo, um.codigo)
    return Passo(
        em=um.criado_em,
        tom="erro" if um.situacao in (Cancelamento.Situacao.NEGADO, Cancelamento.Situacao.RECUSADO) else "info",
        titulo=f"Cancelamento pedido ({um.get_situacao_display().lower()})",
        quem=um.pedido_por.nome,
        texto=f"{motivo}: {um.motivo}",
    )
