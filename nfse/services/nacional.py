"""The national DPS of a note: what it says beyond the Emissao (the emitente and its regime on the competência, the
approximate taxes, whether the município is active), and the signed bytes, made once."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone

from arquivo.models import Documento
from arquivo.services import ArquivoCorrompido, ArquivoForaDoAr, abrir, guardar
from empresas.models import Empresa, Regime
from nfse.models import CanalNfse, ConvenioNacional, DocumentoAssinado, Nota
from nfse.models.detalhes import Detalhes
from nfse.providers.interface import Emissao, Estado, NotaNoServico
from nfse.providers.nacional import danfse, dps
from nfse.providers.nacional.assinatura import Assinante, Perfil
from nfse.providers.nacional.danfse import Marca
from nfse.providers.nacional.eventos import FINAIS, PedidoDeEvento, TipoEvento
from nfse.providers.nacional.leitura import EventoLido
from nfse.providers.nacional.pacote import DocumentoInvalido
from nfse.providers.nacional.parametros import Convenio
from nfse.providers.nacional.preparo import Pronto, preparar_dps, preparar_evento
from nfse.providers.nacional.valores import Dps, Emitente, Simples, Substituicao, TotalTributos
from nfse.services import emissores, exigencias, registro
from nfse.services.acesso import em_producao
from nfse.services.detalhes import SUSPENSAS, na_dps
from nfse.services.pedidos import Pedido, emissao_do_pedido, para_json, pessoa_de, pessoa_do_pedido
from operacoes.models import Operacao

FOLGA: timedelta = dps.FOLGA
_SIMPLES = {Regime.MEI: Simples.MEI, Regime.SIMPLES: Simples.ME_EPP}


def declaracao_de(nota: Nota, canal: CanalNfse, regime: str, *, incidencia_ativa: bool) -> Pedido:
    """As a pedido carries it: what was approved is what is sent. `nota` with empresa and destinatario at hand."""
    empresa = nota.empresa
    simples = _SIMPLES.get(Regime(regime), Simples.NAO_OPTANTE)
    return {
        "producao": em_producao(),
        "documento": empresa.documento,
        "municipio": empresa.municipio_id or "",
        "simples": str(simples),
        "inscricao_municipal": empresa.inscricao_municipal if canal.informa_im else "",
        "total": _total(canal, simples),
        "incidencia_ativa": incidencia_ativa,
        "detalhes": dict(nota.detalhes),
        "destinatario": para_json(pessoa_de(nota.destinatario)) if nota.destinatario else None,
        "suspensao": SUSPENSAS.get(exigencias.em_vigor("exigibilidade", nota, canal), ""),
    }


def _total(canal: CanalNfse, simples: Simples) -> Pedido:
    """In the form that the regime admits and the canal has the figures of."""
    percentuais = (canal.carga_federal, canal.carga_estadual, canal.carga_municipal)
    if simples is Simples.ME_EPP and canal.total_simples is not None:
        return {"simples": str(canal.total_simples)}
    if None not in percentuais:
        return {"percentuais": [str(parte) for parte in percentuais]}
    return {"nao_informar": True} if simples is Simples.MEI else {}


def dps_de(emissao: Emissao, declaracao: Mapping[str, Any], substituicao: Substituicao | None = None) -> Dps:
    total = declaracao["total"]
    federal_estadual_municipal = tuple(Decimal(parte) for parte in total.get("percentuais", ()))
    comum = Dps(
        producao=declaracao["producao"],
        emitente=Emitente(
            documento=declaracao["documento"],
            municipio=declaracao["municipio"],
            simples=Simples(declaracao["simples"]),
            inscricao_municipal=declaracao["inscricao_municipal"],
        ),
        emissao=emissao,
        total_tributos=TotalTributos(
            percentuais=federal_estadual_municipal or None,  # type: ignore[arg-type]  # three of them, or none
            simples=Decimal(total["simples"]) if "simples" in total else None,
            nao_informar=total.get("nao_informar", False),
        ),
        incidencia_ativa=declaracao["incidencia_ativa"],
        substituicao=substituicao,
    )
    # A pedido of an older release has none of them.
    detalhes = Detalhes.do_json(declaracao.get("detalhes", {}))
    destinatario = declaracao.get("destinatario")
    de_quem = pessoa_do_pedido(destinatario) if destinatario else None
    return na_dps(comum, detalhes, declaracao.get("suspensao", ""), de_quem)


def dps_do_pedido(pedido: Pedido) -> Dps:
    antiga = pedido.get("antiga")
    troca = None
    if antiga:
        proprio = emissores.endereco_da_nota(pedido["substituida"]) != emissores.NACIONAL
        troca = Substituicao(antiga["chave"], pedido["codigo"], pedido["motivo"], proprio)
    return dps_de(emissao_do_pedido(pedido["emissao"]), pedido["declaracao"], troca)


def declarada(nota: Nota) -> Dps | None:
    """What was sent of a note that went by the national system; None of any other. `nota` with operacao at hand. Which
    note it replaces is left out."""
    operacao = nota.operacao
    if nota.editavel or operacao is None or "declaracao" not in operacao.pedido:
        return None
    return dps_de(emissao_do_pedido(operacao.pedido["emissao"]), operacao.pedido["declaracao"])


def dps_assinada(operacao: Operacao, assinante: Assinante, endereco: str) -> DocumentoAssinado:
    """The signed DPS of an Operacao, the one of its first try, which goes to the address of then; a new one passes our
    rules and the official schema first, and goes to `endereco`. Raises DadosInvalidos, AccessDenied."""
    dita = dps_do_pedido(operacao.pedido)
    return _assinado(operacao, endereco, lambda: preparar_dps(dita, assinante, agora=timezone.now(), perfil=_perfil()))


def evento_assinado(
    operacao: Operacao, pedido: PedidoDeEvento, assinante: Assinante, endereco: str
) -> DocumentoAssinado:
    """As dps_assinada(), of a request of event."""
    return _assinado(
        operacao, endereco, lambda: preparar_evento(pedido, assinante, agora=timezone.now(), perfil=_perfil())
    )


def _perfil() -> Perfil:
    return Perfil(settings.NFSE_NACIONAL_ASSINATURA)


def _assinado(operacao: Operacao, endereco: str, preparar: Callable[[], Pronto]) -> DocumentoAssinado:
    guardado = DocumentoAssinado.objects.filter(pk=operacao.pk).first()
    if guardado is not None:
        return guardado
    pronto = preparar()
    novo = {"identificador": pronto.id, "xml": pronto.xml, "endereco": endereco}
    feito, _ = DocumentoAssinado.objects.get_or_create(pk=operacao.pk, defaults=novo)
    return feito


def guardar_convenio(municipio: str, lido: Convenio | None) -> ConvenioNacional:
    """`lido` None: the service has no agreement of this município."""
    campos = {
        "ativo": lido is not None and lido.ativo,
        "emite": lido is not None and lido.emite,
        "lido_em": timezone.now(),
        "falhou_em": None,
        "falha": "",
    }
    convenio, _ = ConvenioNacional.objects.update_or_create(municipio_id=municipio, defaults=campos)
    return convenio


def desenhado(xml: bytes, marca: Marca = Marca.NENHUMA) -> bytes:
    """The DANFSe; empty for an XML that cannot be drawn, which keeps no note from being recorded."""
    try:
        return danfse.desenhar(xml, marca) if xml else b""
    except DocumentoInvalido:
        return b""


def xml_da_nota(pk: int) -> bytes:
    """To draw it again with its mark; empty where the file is not there."""
    documento = Nota.objects.select_related("xml").get(pk=pk).xml
    try:
        return abrir(documento) if documento is not None else b""
    except (ArquivoCorrompido, ArquivoForaDoAr):
        return b""


def fim_de(evento: EventoLido, da_nota: bytes) -> NotaNoServico:
    """A note at its end, with the event and the DANFSe that say so."""
    substituida = evento.tipo == TipoEvento.SUBSTITUICAO
    return NotaNoServico(
        Estado.CANCELADA,
        chave=evento.chave,
        instante=evento.instante,
        xml=evento.xml,
        pdf=desenhado(da_nota, Marca.SUBSTITUIDA if substituida else Marca.CANCELADA),
        mensagem=f"Substituída pela nota {evento.substituta}" if substituida else evento.motivo,
    )


def guardar_evento(evento: EventoLido, empresa: Empresa, competencia: date) -> Documento:
    """In the archive, once."""
    numero = evento.chave[23:36].lstrip("0")
    if evento.tipo in FINAIS:
        tipo, nome = Documento.Tipo.CANCELAMENTO_XML, f"NFSE-CANCELAMENTO-{numero}.xml"
    else:
        tipo, nome = Documento.Tipo.EVENTO_XML, f"NFSE-EVENTO-{evento.tipo}-{numero}.xml"
    return guardar_uma_vez(evento.xml, tipo, nome, empresa, competencia, evento.chave)


def guardar_uma_vez(
    xml: bytes, tipo: Documento.Tipo, nome: str, empresa: Empresa, competencia: date, chave: str
) -> Documento:
    """In the archive, unless the empresa has it already, by whatever name."""
    sha256 = hashlib.sha256(xml).hexdigest()
    ja = Documento.objects.guardados().filter(empresa=empresa, tipo=tipo, sha256=sha256).first()
    return ja or guardar(
        xml,
        empresa=empresa,
        tipo=tipo,
        nome=nome,
        competencia=competencia,
        mime=registro.XML,
        referencia=chave,
        chave=chave,
        numero=chave[23:36].lstrip("0"),
    )
