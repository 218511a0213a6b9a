"""What a service said of a note, written into it: values, documents, timeline. Inside the recording transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.db import models
from django.utils import timezone

from arquivo.models import Documento
from arquivo.services import guardar
from comum.models import Usuario
from nfse.models import CanalNfse, Cancelamento, EventoNota, Nota, TipoCanal
from nfse.providers.interface import Estado, NotaNoServico
from nfse.services.comparacao import iss_aplicado
from nfse.services.historia import contar
from operacoes.models import Operacao

XML, PDF = "application/xml", "application/pdf"
NUMERO_JA_USADO = "NUMERO-JA-USADO"  # by a note that is not ours: the number is lost to us


@dataclass(frozen=True)
class Tipos:
    xml: Documento.Tipo
    pdf: Documento.Tipo
    nome: str


DA_NOTA = Tipos(Documento.Tipo.NFSE_XML, Documento.Tipo.NFSE_PDF, "NFSE")
DO_CANCELAMENTO = Tipos(Documento.Tipo.CANCELAMENTO_XML, Documento.Tipo.CANCELAMENTO_PDF, "NFSE-CANCELAMENTO")


def travada(pk: int) -> Nota:
    return Nota.objects.select_for_update(of=("self",)).select_related("empresa", "tomador", "canal").get(pk=pk)


def autorizar(
    nota: Nota, resposta: NotaNoServico, operacao: Operacao | None, *, por_pessoa: bool = False
) -> list[Documento]:
    """The note exists at the service, or (`por_pessoa`) somebody saw it there. Safe to run again; the caller saves
    nothing else of it."""
    nova = nota.situacao not in (*Nota.VALIDAS, Nota.Situacao.CANCELADA, Nota.Situacao.SUBSTITUIDA)
    _identificar(nota, resposta)
    if nova:
        nota.situacao = Nota.Situacao.AUTORIZADA
        nota.autorizada_em = resposta.instante or timezone.now()
    documentos = guardar_arquivos(nota, resposta, DA_NOTA)
    nota.save()
    numero = int(nota.numero_nfse) if nota.numero_nfse.isdecimal() and len(nota.numero_nfse) < 19 else 0
    # A doubt looks for its note from here on: a number mistyped by a person would hide what was issued.
    if numero and nota.canal_id and not por_pessoa:
        CanalNfse.objects.filter(pk=nota.canal_id, ultimo_numero__lt=numero).update(ultimo_numero=numero)
    if nova:
        contar(nota, EventoNota.Tipo.AUTORIZADA, operacao=operacao, texto=nota.nome, dados={"chave": nota.chave})
    return documentos


def _identificar(nota: Nota, resposta: NotaNoServico) -> None:
    """What names the note and what was applied to it; an answer that lacks a field takes nothing away."""
    for campo, dito in (
        ("chave", resposta.chave),
        ("numero_nfse", resposta.numero),
        ("codigo_verificacao", resposta.codigo_verificacao),
        ("protocolo", resposta.protocolo),
        ("link", resposta.link),
    ):
        if dito:
            setattr(nota, campo, _que_cabe(campo, dito))
    if resposta.instante and nota.canal is not None and not nota.canal.numera:  # who numbers by itself dates too
        nota.emissao = timezone.localdate(resposta.instante)
    if aplicado := aplicado_de(resposta):
        nota.aplicado = aplicado
        _iss_do_municipio(nota)


def _que_cabe(campo: str, texto: str) -> str:
    """What fits the column: a longer answer must not keep an issued note from being written down."""
    maximo = cast("models.CharField[str, str]", Nota._meta.get_field(campo)).max_length
    if maximo is None or len(texto) <= maximo:
        return texto
    return "" if campo == "link" else texto[:maximo]


def _iss_do_municipio(nota: Nota) -> None:
    """Where the município decides the rate, the note's ISS is what it applied; what is withheld was sent by us. The
    national system computes every ISS, withheld or not: a rate of ours that it takes is the one it applies."""
    nacional = nota.canal is not None and nota.canal.tipo == TipoCanal.NACIONAL
    if not nacional and (nota.iss_retido or any(item.aliquota is not None for item in nota.itens.all())):
        return
    aplicado = iss_aplicado(nota.aplicado)
    if aplicado is None:
        return
    if nota.iss_retido:
        nota.valor_retido += aplicado - nota.valor_iss
        nota.valor_liquido -= aplicado - nota.valor_iss
    nota.valor_iss = aplicado


def aplicado_de(resposta: NotaNoServico) -> dict[str, Any]:
    """What the service really applied, as Nota.aplicado keeps it; empty when it told nothing."""
    if resposta.valor is None and not resposta.itens:
        return {}
    return {
        "valor": _texto(resposta.valor),
        "itens": [
            {"valor": _texto(item.valor), "aliquota": _texto(item.aliquota), "deducao": _texto(item.deducao)}
            for item in resposta.itens
        ],
        "tributos": [[nome, str(valor)] for nome, valor in resposta.tributos],
    }


def _texto(valor: Decimal | None) -> str | None:
    return None if valor is None else str(valor)


def guardar_arquivos(nota: Nota, resposta: NotaNoServico, tipos: Tipos) -> list[Documento]:
    """Keep XML and PDF of an answer; the note points to its own, not to those of its cancellation. The caller saves."""
    guardados = []
    for conteudo, tipo, mime, extensao in (
        (resposta.xml, tipos.xml, XML, "xml"),
        (resposta.pdf, tipos.pdf, PDF, "pdf"),
    ):
        if not conteudo:
            continue
        documento = guardar(
            conteudo,
            empresa=nota.empresa,
            tipo=tipo,
            nome=f"{tipos.nome}-{nota.numero_nfse or nota.chave or nota.pk}.{extensao}",
            competencia=nota.competencia,
            mime=mime,
            referencia=nota.chave or nota.numero_nfse,
            chave=nota.chave,
            numero=nota.numero_nfse,
        )
        if tipos is DA_NOTA:
            setattr(nota, extensao, documento)
        guardados.append(documento)
    return guardados


def pdf_de(nota: Nota) -> UUID | None:
    """The PDF that shows the note as it stands: of one that the national system ended, the DANFSe with its mark."""
    if nota.desenhada_de_novo:
        guardados = Documento.objects.guardados().filter(empresa=nota.empresa_id, tipo=DO_CANCELAMENTO.pdf)
        com_marca = guardados.filter(chave=nota.chave).order_by("-criado_em").values_list("pk", flat=True).first()
        return com_marca or nota.pdf_id
    return nota.pdf_id


def recusar(nota: Nota, operacao: Operacao) -> None:
    """The service said no: the note can be corrected, and goes again with the same number unless another system took
    it."""
    if nota.operacao_id != operacao.pk or nota.situacao != Nota.Situacao.EMITINDO:
        return
    nota.situacao = Nota.Situacao.RECUSADA
    if operacao.codigo == NUMERO_JA_USADO:
        nota.numero, nota.serie = None, ""
    nota.save(update_fields=["situacao", "numero", "serie"])
    contar(
        nota,
        EventoNota.Tipo.RECUSADA,
        operacao=operacao,
        texto=operacao.mensagem,
        dados={"codigo": operacao.codigo, "palavras": operacao.palavras_do_servico},
    )


def substituida(antiga: Nota, nova: Nota, operacao: Operacao) -> None:
    """The old note ends when the new one is authorised."""
    if antiga.situacao == Nota.Situacao.SUBSTITUIDA:
        return
    antiga.situacao, antiga.cancelada_em = Nota.Situacao.SUBSTITUIDA, timezone.now()
    antiga.save(update_fields=["situacao", "cancelada_em"])
    contar(antiga, EventoNota.Tipo.SUBSTITUIDA, operacao=operacao, texto=f"Substituída por {nova.nome}")


def cancelada(nota: Nota, resposta: NotaNoServico, operacao: Operacao | None) -> list[Documento]:
    """The service shows the note as cancelled, by whoever asked for it."""
    documentos = guardar_arquivos(nota, resposta, DO_CANCELAMENTO)
    nota.cancelamentos.filter(situacao__in=Cancelamento.ABERTOS).update(
        situacao=Cancelamento.Situacao.CONFIRMADO, decidido_em=timezone.now()
    )
    if nota.situacao in (Nota.Situacao.CANCELADA, Nota.Situacao.SUBSTITUIDA):
        return documentos
    nota.situacao, nota.cancelada_em = Nota.Situacao.CANCELADA, resposta.instante or timezone.now()
    nota.save(update_fields=["situacao", "cancelada_em"])
    contar(nota, EventoNota.Tipo.CANCELADA, operacao=operacao, texto=resposta.mensagem)
    return documentos


def cancelamento_solicitado(cancelamento: Cancelamento, operacao: Operacao) -> None:
    """The request was taken and the town hall decides later."""
    nota = cancelamento.nota
    if cancelamento.situacao == Cancelamento.Situacao.ENVIANDO:
        cancelamento.situacao = Cancelamento.Situacao.SOLICITADO
        cancelamento.save(update_fields=["situacao"])
    if nota.situacao == Nota.Situacao.AUTORIZADA:
        nota.situacao = Nota.Situacao.CANCELANDO
        nota.save(update_fields=["situacao"])
        contar(nota, EventoNota.Tipo.CANCELAMENTO, operacao=operacao, texto=cancelamento.motivo)


def cancelamento_recusado(cancelamento: Cancelamento, operacao: Operacao, mensagem: str) -> None:
    """The service refused the request itself: the note stands as it was."""
    nota = cancelamento.nota
    cancelamento.situacao, cancelamento.decidido_em = Cancelamento.Situacao.RECUSADO, timezone.now()
    cancelamento.save(update_fields=["situacao", "decidido_em"])
    _voltar_a_valer(nota)
    contar(nota, EventoNota.Tipo.CANCELAMENTO_RECUSADO, operacao=operacao, texto=mensagem)


def cancelamento_negado(
    cancelamento: Cancelamento, *, operacao: Operacao | None, usuario: Usuario | None, texto: str
) -> None:
    """The town hall said no: the note is valid, and where only one request is taken there will be no second."""
    nota = cancelamento.nota
    cancelamento.situacao, cancelamento.decidido_em = Cancelamento.Situacao.NEGADO, timezone.now()
    cancelamento.decidido_por, cancelamento.evidencia = usuario, texto[:250]
    cancelamento.save(update_fields=["situacao", "decidido_em", "decidido_por", "evidencia"])
    _voltar_a_valer(nota)
    contar(nota, EventoNota.Tipo.CANCELAMENTO_NEGADO, operacao=operacao, usuario=usuario, texto=texto)


_RELOGIOS = timedelta(minutes=1)  # ours and theirs, and the fraction that theirs leaves out


def cancelamentos_negados(nota: Nota, operacao: Operacao, texto: str, *, decididos_em: datetime) -> bool:
    """The município refused what had been asked of it by then. Whether anything was waiting for it."""
    esperam = nota.cancelamentos.select_for_update().filter(situacao=Cancelamento.Situacao.SOLICITADO)
    negados = list(esperam.filter(criado_em__lte=decididos_em + _RELOGIOS))
    for cancelamento in negados:
        cancelamento.nota = nota
        cancelamento_negado(cancelamento, operacao=operacao, usuario=None, texto=texto)
    return bool(negados)


def _voltar_a_valer(nota: Nota) -> None:
    if nota.situacao == Nota.Situacao.CANCELANDO:
        nota.situacao = Nota.Situacao.AUTORIZADA
        nota.save(update_fields=["situacao"])


def relida(nota: Nota, resposta: NotaNoServico, operacao: Operacao | None) -> list[Documento]:
    """The service was asked how the note stands. Its cancellation may have been made on the town's own page."""
    if resposta.estado is Estado.CANCELADA:
        _identificar(nota, resposta)
        nota.save()
        return cancelada(nota, resposta, operacao)
    return autorizar(nota, resposta, operacao)
