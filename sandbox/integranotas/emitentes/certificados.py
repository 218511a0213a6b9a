"""A1 certificates: what is refused on upload, and what a town that needs one is told."""

import base64
import binascii
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from sandbox.autoridade import cnpj_do_certificado, cpf_do_certificado
from sandbox.integranotas import codigos, livro
from sandbox.integranotas.contexto import Contexto
from sandbox.integranotas.envelope import Recusa, Resultado, campo_invalido, faltas
from sandbox.integranotas.models import Certificado, Emitente
from sandbox.nucleo.ajustes import BRASILIA
from sandbox.nucleo.livro import gravacao

_SEQUENCIA, _INTEIRO = 0x30, b"\x02\x01\x03"  # a PFX is a SEQUENCE that begins with version 3 (RFC 7292)
_RAIZ = 8


def enviar(ctx: Contexto) -> Resultado:
    if ausentes := [campo for campo in ("certificado", "senha") if not ctx.corpo.get(campo)]:
        raise faltas(ausentes)
    certificado = _abrir(_decodificar(ctx.corpo["certificado"]), str(ctx.corpo["senha"]))
    titular = _conferir(certificado, ctx)
    nome = certificado.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    with gravacao():
        Certificado.objects.update_or_create(
            emitente=ctx.emitente,
            defaults={
                "titular": titular,
                "nome": str(nome[0].value)[:200] if nome else "",
                "valido_de": certificado.not_valid_before_utc,
                "valido_ate": certificado.not_valid_after_utc,
            },
        )
        livro.do_emitente("certificado_enviado", ctx.emitente, ctx.agora, ctx.tag)
    return Resultado(codigos.FEITO, "Certificado gravado.", {"validade": _dia(certificado.not_valid_after_utc)})


def mostrar(ctx: Contexto) -> Resultado:
    achado = Certificado.objects.filter(emitente=ctx.emitente).first()
    if achado is None:
        raise Recusa(codigos.SEM_CERTIFICADO, "O emitente não tem certificado digital.")
    vencido = " Está vencido." if ctx.agora > achado.valido_ate else ""
    corpo = {"validade": _dia(achado.valido_ate), "titular": achado.titular, "nome": achado.nome}
    return Resultado(codigos.FEITO, f"Certificado digital do emitente.{vencido}", corpo)


def exigir_valido(emitente: Emitente, agora: datetime) -> None:
    """Raises Recusa when a town that needs a certificate would not accept the stored one."""
    achado = Certificado.objects.filter(emitente=emitente).first()
    if achado is None:
        raise Recusa(codigos.SEM_CERTIFICADO, "A prefeitura exige certificado digital: envie o A1 do emitente.")
    if agora > achado.valido_ate:
        raise Recusa(codigos.SEM_CERTIFICADO, f"O certificado venceu em {achado.valido_ate:%d/%m/%Y}: envie outro.")


def _dia(instante: datetime) -> str:
    return instante.astimezone(BRASILIA).date().isoformat()


def _decodificar(valor: Any) -> bytes:
    try:
        return base64.b64decode(valor, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise campo_invalido("certificado", "Deve ser o arquivo .pfx ou .p12 em base64.") from None


def _parece_pfx(conteudo: bytes) -> bool:
    """Whether it begins as a PFX does: with it, what cannot be opened has a wrong password."""
    if len(conteudo) < 8 or conteudo[0] != _SEQUENCIA:
        return False
    extras = conteudo[1] & 0x7F if conteudo[1] & 0x80 else 0
    return conteudo[2 + extras : 5 + extras] == _INTEIRO


def _abrir(conteudo: bytes, senha: str) -> x509.Certificate:
    if not _parece_pfx(conteudo):
        raise campo_invalido("certificado", "Não é um certificado A1: envie um arquivo .pfx ou .p12.")
    try:
        chave, certificado, _ = pkcs12.load_key_and_certificates(conteudo, senha.encode())
    except UnsupportedAlgorithm:
        raise campo_invalido(
            "certificado", "O arquivo usa uma cifra que não se aceita mais: exporte de novo."
        ) from None
    except ValueError:
        raise campo_invalido("senha", "A senha não abre o certificado.") from None
    if chave is None or certificado is None:
        raise campo_invalido("certificado", "O arquivo não tem certificado com chave privada.")
    return certificado


def _conferir(certificado: x509.Certificate, ctx: Contexto) -> str:
    """The holder's document. Raises Recusa."""
    if ctx.agora > certificado.not_valid_after_utc:
        dia = certificado.not_valid_after_utc.astimezone(BRASILIA)
        raise campo_invalido("certificado", f"O certificado venceu em {dia:%d/%m/%Y}.")
    if ctx.agora < certificado.not_valid_before_utc:
        raise campo_invalido("certificado", "O certificado ainda não é válido.")
    titular = cnpj_do_certificado(certificado) or cpf_do_certificado(certificado)
    if titular is None:
        raise campo_invalido("certificado", "O certificado não é um e-CNPJ nem um e-CPF da ICP-Brasil.")
    seu = ctx.emitente.documento
    mesma_raiz = ctx.opcoes["certificado_raiz"] and len(titular) == len(seu) == 14 and titular[:_RAIZ] == seu[:_RAIZ]
    if titular != seu and not mesma_raiz:
        raise campo_invalido("certificado", f"O certificado é de {titular}, não do emitente.")
    return titular
