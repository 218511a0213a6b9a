"""What the distribution of the ADN brought, filed: notes taken, notes of ours, events, and what cannot be read.

Each item is filed once, whatever is read again; what an Operacao of ours is in the middle of is left to it (`pendente`)
and looked at again by the next reading. Reading and drawing come before the recording transaction (`abrir`), since the
archive may be a bucket that takes long to answer.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from arquivo.models import Documento
from nfse.models import CanalNfse, Cancelamento, CursorAdn, DocumentoAdn, EventoNota, Nota, NotaRecebida, TipoCanal
from nfse.providers.interface import NotaNoServico
from nfse.providers.nacional.adn import Distribuido, ler_item
from nfse.providers.nacional.eventos import FINAIS, TipoEvento, nome_do_evento
from nfse.providers.nacional.leitura import EventoLido, Nfse, ler_evento, ler_nfse
from nfse.providers.nacional.pacote import DocumentoInvalido
from nfse.services import nacional, numeros_de_fora, registro
from nfse.services.historia import contar
from nfse.services.numeros_de_fora import Numeracao
from nfse.services.recebidas import Baixada, gravar
from nfse.sinais import recebida_cancelada
from operacoes.models import Operacao

log = structlog.get_logger(__name__)

Papel = DocumentoAdn.Papel
_SEM_USO = ("DPS", "PEDIDO_REGISTRO_EVENTO", "CNC", "NENHUM")  # filed as they came: nothing here reads them
_ENCERRADAS = (Nota.Situacao.CANCELADA, Nota.Situacao.SUBSTITUIDA)
_DE_FORA = "Por outro sistema ou no portal"


@dataclass(frozen=True)
class Lido:
    """An item, with the note or the event in it, or why it cannot be trusted (pt-BR). `resposta` is what a note of ours
    becomes by it, drawn; None where no note of ours had anything to take from it."""

    item: Distribuido
    nota: Nfse | None = None
    evento: EventoLido | None = None
    motivo: str = ""
    resposta: NotaNoServico | None = None


@dataclass(frozen=True)
class Abertos:
    """The items of a batch, and the rows that waited for a note of ours (their keys), read and drawn."""

    novos: tuple[Lido, ...]
    pendentes: tuple[tuple[int, Lido], ...] = ()


def abrir(itens: Iterable[Distribuido], documento: str, *, producao: bool) -> Abertos:
    """All that the filing needs of the items and of what waits in the cursor of this CNPJ or CPF. Reads the archive, so
    not inside a transaction."""
    esperam = list(DocumentoAdn.objects.filter(cursor=documento, pendente=True).order_by("pk"))
    lidos = [_aberto(ler_item(um.bruto), producao=producao) for um in esperam]
    lidos += [_aberto(item, producao=producao) for item in itens]
    emitidas = {str(um.nota.chave): um.nota for um in lidos if um.nota and um.nota.prestador == documento}
    lidos = [replace(um, resposta=_resposta(um, documento, emitidas)) for um in lidos]
    quantos = len(esperam)
    pendentes = zip((um.pk for um in esperam), lidos[:quantos], strict=True)
    return Abertos(tuple(lidos[quantos:]), tuple(pendentes))


def _resposta(lido: Lido, documento: str, emitidas: Mapping[str, Nfse]) -> NotaNoServico | None:
    """`emitidas` are the notes of the same reading: an event may come beside the note that it ends."""
    if lido.nota is not None and lido.nota.prestador == documento:
        nota = _nossas(documento, lido.nota).first()
        if nota is None or not _incompleta(nota):
            return None
        return replace(lido.nota.no_servico(), pdf=nacional.desenhado(lido.nota.xml) if nota.pdf_id is None else b"")
    if lido.evento is None or lido.evento.tipo not in FINAIS:
        return None
    lida = emitidas.get(lido.evento.chave)
    da_chave = Nota.objects.filter(empresa__documento=documento, chave=lido.evento.chave)
    nota = (_nossas(documento, lida) if lida else da_chave).first()
    if nota is None or nota.situacao in _ENCERRADAS:
        return None
    return nacional.fim_de(lido.evento, nacional.xml_da_nota(nota.pk) or (lida.xml if lida else b""))


def _da_dps(lida: Nfse) -> Q:
    return Q(canal__tipo=TipoCanal.NACIONAL, serie=lida.serie, numero=lida.numero_dps)


def _nossas(documento: str, lida: Nfse) -> QuerySet[Nota]:
    """Which note of an empresa this one is, the likeliest first: that of its chave, or of its DPS and without chave."""
    sem_chave = _da_dps(lida) & Q(chave="", numero_nfse=lida.numero)
    suas = Nota.objects.filter(Q(chave=str(lida.chave)) | sem_chave, empresa__documento=documento)
    return suas.order_by("-chave")


def _incompleta(nota: Nota) -> bool:
    return nota.xml_id is None or not nota.chave


def _aberto(item: Distribuido, *, producao: bool) -> Lido:
    """Read and checked: signature, chave, ambiente."""
    if item.ilegivel:
        return Lido(item, motivo=item.ilegivel)
    try:
        if item.tipo == "NFSE":
            return Lido(item, nota=ler_nfse(item.xml, producao=producao, chave=item.chave))
        if item.tipo == "EVENTO":
            return Lido(item, evento=ler_evento(item.xml, producao=producao, chave=item.chave))
    except DocumentoInvalido as erro:
        return Lido(item, motivo=str(erro))
    return Lido(item, motivo="" if item.tipo in _SEM_USO else f"O tipo “{item.tipo[:40]}” não é conhecido.")


class Arquivamento:
    """The filing of one batch under the locked cursor of its empresa, inside the recording transaction."""

    def __init__(self, cursor: CursorAdn, canal: CanalNfse, operacao: Operacao) -> None:
        self.cursor, self.canal, self.empresa, self.operacao = cursor, canal, canal.empresa, operacao

    def arquivar(self, lidos: Sequence[Lido], desde: int) -> list[DocumentoAdn]:
        """Those that are new. `desde` is the NSU that was asked from: nothing is known of what is before a first
        reading."""
        nsus = [lido.item.nsu for lido in lidos if lido.item.nsu is not None]
        ja = set(self.cursor.documentos.filter(nsu__in=nsus).values_list("nsu", flat=True))
        sem_nsu = set(self.cursor.documentos.filter(nsu__isnull=True).values_list("impressao", flat=True))
        anterior, feitos = desde, []
        for lido in sorted(lidos, key=lambda um: (um.item.nsu is None, um.item.nsu or 0)):
            nsu, impressao = lido.item.nsu, "" if lido.item.nsu is not None else _impressao(lido.item)
            if (nsu in ja) if nsu is not None else (impressao in sem_nsu):
                anterior = nsu or anterior
                continue
            ja.add(nsu or 0)
            sem_nsu.add(impressao)
            documento = DocumentoAdn(
                cursor=self.cursor,
                empresa=self.empresa,
                nsu=nsu,
                impressao=impressao,
                salto=_salto(nsu, anterior),
                chave=_sem_nulos(lido.item.chave)[:60],
                instante=lido.item.instante,
                operacao=self.operacao,
            )
            anterior = nsu or anterior
            feitos.append(self._com_rede(documento, lido))
        return feitos

    def _com_rede(self, documento: DocumentoAdn, lido: Lido) -> DocumentoAdn:
        """One item that the database does not take (a field beyond what any note has) keeps no batch back."""
        sem_nada = copy(documento)
        try:
            with transaction.atomic():
                self._arquivar(documento, lido)
        except (DataError, IntegrityError) as erro:
            log.warning("item of the feed not filed", nsu=documento.nsu, error=type(erro).__name__)
            documento = sem_nada
            self._arquivar(documento, Lido(lido.item, motivo="O documento traz um valor que não cabe no Guichê."))
        return documento

    def reolhar(self, pendentes: Mapping[int, Lido]) -> None:
        """What waited for a note of ours, now that it may have been settled."""
        for documento in self.cursor.documentos.filter(pk__in=pendentes, pendente=True).order_by("pk"):
            documento.pendente = False
            self._com_rede(documento, pendentes[documento.pk])

    def _arquivar(self, documento: DocumentoAdn, lido: Lido) -> None:
        if lido.nota is not None:
            self._nota(documento, lido.nota, lido.resposta)
        elif lido.evento is not None:
            self._evento(documento, lido.evento, lido.resposta)
        else:
            documento.papel = Papel.ILEGIVEL if lido.motivo else Papel.OUTRO
            documento.motivo = _sem_nulos(lido.motivo)
        guarda = documento.pendente or documento.papel in (Papel.ILEGIVEL, Papel.OUTRO)
        documento.bruto = _em_json(lido.item.bruto) if guarda else None
        documento.save()

    # -- notes ---------------------------------------------------------------------------------------------------------

    def _nota(self, documento: DocumentoAdn, lida: Nfse, resposta: NotaNoServico | None) -> None:
        if lida.prestador == self.empresa.documento:
            documento.papel = Papel.EMITIDA
            self._emitida(documento, lida, resposta)
        else:
            documento.papel = Papel.RECEBIDA
            documento.recebida = self._recebida(lida)
            documento.xml = documento.recebida.xml

    def _emitida(self, documento: DocumentoAdn, lida: Nfse, resposta: NotaNoServico | None) -> None:
        """A note of ours that has its file is only found; one that no Operacao of ours made is kept in the archive."""
        achada = _nossas(self.empresa.documento, lida).first()
        if achada is None:
            em_curso = Nota.objects.filter(_da_dps(lida), empresa=self.empresa, situacao=Nota.Situacao.EMITINDO)
            documento.pendente = em_curso.exists()
            if not documento.pendente:
                documento.xml = self._guardar(
                    lida.xml, Documento.Tipo.NFSE_XML, f"NFSE-{lida.numero}.xml", lida.competencia, str(lida.chave)
                )
                numeracao = Numeracao.lida(lida.serie, lida.numero_dps, nacional=True)
                if numeracao is not None:
                    numeros_de_fora.guardar([(self.empresa.pk, numeracao)])
            return
        nota = registro.travada(achada.pk)
        documento.pendente = _incompleta(nota) and resposta is None  # it became so after the drawing
        if _incompleta(nota) and resposta is not None and registro.relida(nota, resposta, self.operacao):
            contar(nota, EventoNota.Tipo.DOCUMENTOS, operacao=self.operacao, texto="Da distribuição (ADN)")
        documento.nota, documento.xml = nota, nota.xml

    def _recebida(self, lida: Nfse) -> NotaRecebida:
        """What ended it before (another channel told, or an event that came first) stays."""
        chave = str(lida.chave)
        ja = NotaRecebida.objects.select_for_update().filter(empresa=self.empresa, chave=chave).first()
        if ja is not None and ja.xml is not None and ja.xml.sha256 == hashlib.sha256(lida.xml).hexdigest():
            return ja
        eventos = [(um["tipo"], _instante(um["em"])) for um in ja.eventos] if ja else []
        eventos += [
            (nome_do_evento(codigo), quando)
            for codigo, quando in self.cursor.documentos.filter(chave=chave, papel=Papel.EVENTO)
            .order_by("nsu")
            .values_list("evento", "instante")
            if nome_do_evento(codigo) not in {tipo for tipo, _ in eventos}
        ]
        finais = {nome_do_evento(codigo) for codigo in FINAIS}
        cancelada = bool(ja and ja.situacao == NotaRecebida.Situacao.CANCELADA)
        nota, _ = gravar(
            self.canal,
            Baixada(chave, lida.xml, cancelada or any(tipo in finais for tipo, _ in eventos), tuple(eventos)),
            lida.competencia,
        )
        return nota

    # -- events --------------------------------------------------------------------------------------------------------

    def _evento(self, documento: DocumentoAdn, evento: EventoLido, fim: NotaNoServico | None) -> None:
        documento.papel, documento.evento, documento.chave = Papel.EVENTO, evento.tipo, evento.chave
        documento.instante = evento.instante
        achada = Nota.objects.filter(empresa=self.empresa, chave=evento.chave).first()
        if achada is not None:
            documento.nota = registro.travada(achada.pk)
            acaba = evento.tipo in FINAIS and documento.nota.situacao not in _ENCERRADAS
            documento.pendente = _em_curso(documento.nota) or (acaba and fim is None)  # or it came after the drawing
            if not documento.pendente:
                documento.xml = self._na_nota(documento.nota, evento, fim if acaba else None)
            return
        mesma = self.cursor.documentos.filter(chave=evento.chave)
        documento.pendente = mesma.filter(papel=Papel.EMITIDA, pendente=True).exists()
        if documento.pendente:
            return
        recebida = NotaRecebida.objects.select_for_update().filter(empresa=self.empresa, chave=evento.chave).first()
        documento.recebida = recebida
        if recebida is not None:
            _na_recebida(recebida, evento)
        documento.xml = self._do_evento(evento, recebida.competencia if recebida else evento.instante.date())

    def _na_nota(self, nota: Nota, evento: EventoLido, fim: NotaNoServico | None) -> Documento:
        """What a note of ours became by it; one that we ended ourselves has it in its history already."""
        if fim is not None:
            mensagem = f"{nome_do_evento(evento.tipo)}. {fim.mensagem}".strip()
            registro.relida(nota, replace(fim, xml=b"", mensagem=mensagem), self.operacao)
        elif evento.tipo == TipoEvento.ANALISE_INDEFERIDA:
            texto = evento.motivo or "O município indeferiu."
            if not registro.cancelamentos_negados(nota, self.operacao, texto, decididos_em=evento.instante):
                self._contar(nota, evento)
        elif evento.tipo not in FINAIS and not _pedido_aqui(nota, evento):
            self._contar(nota, evento)
        return self._do_evento(evento, nota.competencia)

    def _contar(self, nota: Nota, evento: EventoLido) -> None:
        texto = ". ".join(filter(None, (nome_do_evento(evento.tipo), evento.motivo, _DE_FORA)))
        contar(nota, EventoNota.Tipo.EVENTO, operacao=self.operacao, texto=texto, dados={"codigo": evento.tipo})

    def _do_evento(self, evento: EventoLido, competencia: date) -> Documento:
        return nacional.guardar_evento(evento, self.empresa, competencia)

    def _guardar(self, xml: bytes, tipo: Documento.Tipo, nome: str, competencia: date, chave: str) -> Documento:
        return nacional.guardar_uma_vez(xml, tipo, nome, self.empresa, competencia, chave)


def _em_curso(nota: Nota) -> bool:
    """Whether we are cancelling or replacing it right now: the Operacao that does will say how that ended."""
    pedido = nota.cancelamentos.filter(situacao=Cancelamento.Situacao.ENVIANDO).exists()
    return pedido or nota.substitutas.filter(situacao=Nota.Situacao.EMITINDO).exists()


def _pedido_aqui(nota: Nota, evento: EventoLido) -> bool:
    return (
        evento.tipo == TipoEvento.ANALISE_FISCAL
        and nota.cancelamentos.filter(operacao__tipo="nfse.nacional.analisar").exists()
    )


def _na_recebida(nota: NotaRecebida, evento: EventoLido) -> None:
    dito = {"tipo": nome_do_evento(evento.tipo), "em": evento.instante.isoformat()}
    if dito not in nota.eventos:
        nota.eventos = [*nota.eventos, dito]
    cancela = evento.tipo in FINAIS and nota.situacao != NotaRecebida.Situacao.CANCELADA
    if cancela:
        nota.situacao = NotaRecebida.Situacao.CANCELADA
    nota.save(update_fields=["eventos", "situacao"])
    if cancela:
        recebida_cancelada.send(NotaRecebida, nota=nota)


def _instante(texto: str) -> datetime | None:
    return datetime.fromisoformat(texto) if texto else None


def _salto(nsu: int | None, anterior: int) -> int:
    if nsu is None or not anterior or not settings.NFSE_NACIONAL_NSU_CONTINUO:
        return 0
    return max(nsu - anterior - 1, 0)


def _em_json(bruto: Any) -> Any:
    """As a JSONField takes it: PostgreSQL keeps no U+0000."""
    if isinstance(bruto, Mapping):
        return {_sem_nulos(str(nome)): _em_json(valor) for nome, valor in bruto.items()}
    if isinstance(bruto, list | tuple):
        return [_em_json(valor) for valor in bruto]
    return bruto if bruto is None or isinstance(bruto, bool | int | float) else _sem_nulos(str(bruto))


def _sem_nulos(texto: str) -> str:
    return texto.replace("\x00", "")


def _impressao(item: Distribuido) -> str:
    return hashlib.sha256(json.dumps(_em_json(item.bruto), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Lidos:
    """A batch, read: what was asked from, what to ask from next, and whether there is nothing newer."""

    desde: int
    ate: int
    em_dia: bool
    abertos: Abertos


_SEM_NSU = (
    "O ADN devolveu documentos sem NSU, e a leitura não tem como passar deles. Os itens estão guardados abaixo; leia "
    "de novo mais tarde e, se continuar, avise o suporte do sistema nacional."
)


def registrar(cursor: CursorAdn, canal: CanalNfse, operacao: Operacao, lidos: Lidos) -> list[DocumentoAdn]:
    """File a batch and move the cursor, which only goes forward."""
    mesa = Arquivamento(cursor, canal, operacao)
    mesa.reolhar(dict(lidos.abertos.pendentes))
    feitos = mesa.arquivar(lidos.abertos.novos, lidos.desde)
    agora = timezone.now()
    if lidos.ate > cursor.nsu:
        cursor.nsu, cursor.avancou_em, cursor.operacao = lidos.ate, agora, operacao
    parada = not lidos.em_dia and lidos.ate <= lidos.desde
    cursor.lida_em, cursor.em_dia = agora, lidos.em_dia
    cursor.falha, cursor.falhou_em = (_SEM_NSU, agora) if parada else ("", None)
    cursor.save()
    return feitos
