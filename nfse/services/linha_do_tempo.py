"""Everything that happened to a note, as one story: what it meant (EventoNota), what was asked for (letters and
cancellations) and every try of its operações, the newest first."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.db.models import Q

from nfse.models import Cancelamento, CartaCorrecao, EventoNota, Nota
from nfse.services.acoes import codigos_de
from operacoes.handlers import Handler, handler_de
from operacoes.models import Operacao, Tentativa

MOSTRADOS = 60

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
    EventoNota.Tipo.DOCUMENTOS: "ok",
    EventoNota.Tipo.EMAIL: "ok",
    EventoNota.Tipo.ENVIADA: "info",
}


@dataclass
class Passo:
    """One entry of the story. `tom` as the chips'. `palavras` are the service's own. Of tries, `vezes` in a row that
    ended alike are one entry, from `desde` to `em`, and `tentativa` is the last of them."""

    em: datetime
    tom: str
    titulo: str
    quem: str = ""
    texto: str = ""
    palavras: str = ""
    operacao: Operacao | None = None
    handler: Handler | None = None
    tentativa: Tentativa | None = None
    vezes: int = 1
    desde: datetime | None = None
    # Of the same instant, what came of a try stands above the try.
    peso: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Historia:
    """The newest steps, and how many older ones there are."""

    passos: Sequence[Passo]
    ocultos: int


def historia(nota: Nota, *, tudo: bool = False) -> Historia:
    """The story of a note in a constant number of queries; `tudo` for the older steps too."""
    eventos = list(nota.eventos.select_related("usuario").order_by("em", "pk"))
    ids = {evento.operacao_id for evento in eventos if evento.operacao_id}
    operacoes = {operacao.pk: operacao for operacao in _operacoes(nota, ids)}
    passos = [
        *(_do_evento(evento, operacoes) for evento in eventos),
        *(_da_carta(carta) for carta in nota.cartas.select_related("pedida_por")),
        *(_do_cancelamento(um, nota) for um in nota.cancelamentos.select_related("pedido_por")),
        *_das_tentativas(operacoes),
    ]
    passos.sort(key=lambda passo: (passo.em, passo.peso), reverse=True)
    mostrados = passos if tudo else passos[:MOSTRADOS]
    _trazer_protocolo(mostrados)
    return Historia(mostrados, len(passos) - len(mostrados))


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


_TOM_DO_DESFECHO = {
    Tentativa.Desfecho.CONCLUIDA: "ok",
    Tentativa.Desfecho.RECUSADA: "erro",
    Tentativa.Desfecho.SEM_ACESSO: "erro",
    Tentativa.Desfecho.INDISPONIVEL: "atencao",
    Tentativa.Desfecho.ABANDONADA: "atencao",
    Tentativa.Desfecho.INCERTA: "duvida",
    Tentativa.Desfecho.NAO_SEI: "duvida",
    Tentativa.Desfecho.NAO_ACONTECEU: "neutro",
}


def _das_tentativas(operacoes: dict[int, Operacao]) -> Iterator[Passo]:
    """One step for each run of tries of an operação that were of one kind and ended alike."""
    lidas = Tentativa.objects.filter(operacao__in=operacoes).defer("enviado", "recebido").order_by("iniciada_em")
    por_operacao: dict[int, list[Tentativa]] = {}
    for tentativa in lidas:
        por_operacao.setdefault(tentativa.operacao_id, []).append(tentativa)
    for pk, tentativas in por_operacao.items():
        operacao = operacoes[pk]
        for _, grupo in groupby(tentativas, key=lambda t: (t.especie, t.desfecho, t.detalhe)):
            iguais = list(grupo)
            ultima = iguais[-1]
            yield Passo(
                em=ultima.iniciada_em,
                tom=_TOM_DO_DESFECHO.get(Tentativa.Desfecho(ultima.desfecho), "info"),
                titulo=f"{handler_de(operacao.tipo).rotulo}: {ultima.get_especie_display().lower()}",
                texto=ultima.detalhe,
                operacao=operacao,
                handler=handler_de(operacao.tipo),
                tentativa=ultima,
                vezes=len(iguais),
                desde=iguais[0].iniciada_em if len(iguais) > 1 else None,
            )


def _trazer_protocolo(passos: Iterable[Passo]) -> None:
    """The calls of the tries that are shown: read for them alone, since each may be long."""
    mostradas = {passo.tentativa.pk: passo for passo in passos if passo.tentativa is not None}
    for tentativa in Tentativa.objects.filter(pk__in=mostradas):
        mostradas[tentativa.pk].tentativa = tentativa
