"""From values to the signed bytes that may leave: our own rules, then the official schema, then whose certificate it
is, then the signature. Whoever sends keeps these bytes first, and sends them again after any doubt."""

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from nfse.providers.interface import DadosInvalidos, Problema
from nfse.providers.nacional import dps as declaracao
from nfse.providers.nacional import eventos, problemas
from nfse.providers.nacional.assinatura import Assinante, Perfil
from nfse.providers.nacional.escrita import Montado
from nfse.providers.nacional.esquemas import Esquema, validar
from nfse.providers.nacional.eventos import PedidoDeEvento
from nfse.providers.nacional.transporte import NOME
from nfse.providers.nacional.valores import Dps


@dataclass(frozen=True)
class Pronto:
    """A signed document, and the Id by which its service knows it."""

    id: str
    xml: bytes


def preparar_dps(
    dps: Dps,
    assinante: Assinante,
    *,
    agora: datetime,
    perfil: Perfil = Perfil.SHA256_EXC,
    grupo_exigido: str | None = None,
) -> Pronto:
    """Raises DadosInvalidos with everything that is wrong, AccessDenied for a certificate that may not sign it."""
    _recusar(problemas.problemas(dps, agora=agora, grupo_exigido=grupo_exigido))
    montado = declaracao.montar(dps)
    return _assinado(montado, Esquema.DPS, dps.emitente.documento, assinante, agora, perfil)


def preparar_evento(
    pedido: PedidoDeEvento, assinante: Assinante, *, agora: datetime, perfil: Perfil = Perfil.SHA256_EXC
) -> Pronto:
    """Raises DadosInvalidos with everything that is wrong, AccessDenied for a certificate that may not sign it."""
    _recusar(eventos.problemas(pedido))
    return _assinado(eventos.montar(pedido), Esquema.PEDIDO_DE_EVENTO, pedido.autor, assinante, agora, perfil)


def _assinado(
    montado: Montado, esquema: Esquema, documento: str, assinante: Assinante, agora: datetime, perfil: Perfil
) -> Pronto:
    _recusar(validar(etree.fromstring(montado.documento()), esquema))
    assinante.conferir(documento, agora)
    return Pronto(montado.id, assinante.assinar(montado, perfil))


def _recusar(achados: list[Problema]) -> None:
    if achados:
        raise DadosInvalidos(NOME, achados)
