"""Signatures: those of the callers, verified by xmlsec, and those of the simulated Sefin Nacional.

Integrated manual 1.00.02: enveloped, one Reference to the Id of the signed element, Signature the last child of the
root, KeyInfo with the certificate alone. The XSD 1.01 no longer fixes the algorithms: three profiles are taken
(inclusive C14N with SHA-1, as the manual has it, and SHA-256 with exclusive or inclusive C14N), C14N with or without
comments.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.conf import settings
from lxml import etree

from sandbox.autoridade import cnpj_do_certificado, cpf_do_certificado, ler_chave
from sandbox.nacional.codigos import recusa
from sandbox.nacional.esquema import DS, NS
from sandbox.nacional.pacote import Arvore
from sandbox.nucleo import certificado

_INCLUSIVA = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_EXCLUSIVA = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPADA = f"{DS}enveloped-signature"
_RSA_SHA1, _SHA1 = f"{DS}rsa-sha1", f"{DS}sha1"
_RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
# canonicalisation (without its #WithComments) -> the pairs of signature and digest taken with it
_PERFIS = {
    _INCLUSIVA: {(_RSA_SHA1, _SHA1), (_RSA_SHA256, _SHA256)},
    _EXCLUSIVA.rstrip("#"): {(_RSA_SHA256, _SHA256)},
}


@dataclass(frozen=True)
class Codigos:
    """How one kind of document names each finding."""

    ausente: str
    quebrada: str
    certificado: str
    cadeia: str
    alheia: str


DA_DPS = Codigos("E0717", "E0714", "E0715", "E0716", "E0718")
DO_PEDIDO = Codigos("E1980", "E1985", "E1982", "E1983", "E1991")


def conferir(raiz: Arvore, assinado: Arvore, dono: str, codigos: Codigos, agora: datetime) -> None:
    """Raises Recusa for the first thing that is wrong with the signature that `dono` should have made."""
    assinaturas = raiz.findall(f".//{{{DS}}}Signature")
    if not assinaturas:
        raise recusa(codigos.ausente)
    if len(assinaturas) > 1 or raiz[-1] is not assinaturas[0]:
        raise recusa(codigos.quebrada, "A assinatura deve ser uma só, último filho da raiz.")
    assinatura = assinaturas[0]
    _perfil(assinatura, assinado, codigos)
    do_titular = _certificado(assinatura, codigos)
    _verificar(assinatura, assinado, do_titular, codigos)
    if not certificado.da_autoridade(do_titular):
        raise recusa(codigos.cadeia)
    if not certificado.dentro_da_validade(do_titular, agora):
        raise recusa(codigos.certificado)
    if dono not in (cnpj_do_certificado(do_titular), cpf_do_certificado(do_titular)):
        raise recusa(codigos.alheia)


def _algoritmo(no: Arvore | None) -> str:
    return no.get("Algorithm", "") if no is not None else ""


def _canonicalizacao(algoritmo: str) -> str:
    return algoritmo.removesuffix("WithComments").removesuffix("#")


def _perfil(assinatura: Arvore, assinado: Arvore, codigos: Codigos) -> None:
    info = assinatura.find(f"{{{DS}}}SignedInfo")
    referencias = [] if info is None else info.findall(f"{{{DS}}}Reference")
    if info is None or len(referencias) != 1:
        raise recusa(codigos.quebrada, "A assinatura deve ter uma só referência.")
    (referencia,) = referencias
    if referencia.get("URI") != f"#{assinado.get('Id')}":
        raise recusa(codigos.quebrada, f"A referência deve ser ao Id de {str(assinado.tag).rpartition('}')[2]}.")
    transformadas = [_algoritmo(no) for no in referencia.iter(f"{{{DS}}}Transform")]
    canonica = _canonicalizacao(_algoritmo(info.find(f"{{{DS}}}CanonicalizationMethod")))
    if len(transformadas) != 2 or transformadas[0] != _ENVELOPADA or _canonicalizacao(transformadas[1]) != canonica:
        raise recusa(codigos.quebrada, "Transformações: enveloped-signature e depois a canonicalização.")
    par = tuple(
        _algoritmo(no) for no in (info.find(f"{{{DS}}}SignatureMethod"), referencia.find(f"{{{DS}}}DigestMethod"))
    )
    if par not in _PERFIS.get(canonica, set()):
        raise recusa(codigos.quebrada, "Algoritmos não aceitos.")
    dados = [str(no.tag).rpartition("}")[2] for no in assinatura.iterfind(f"{{{DS}}}KeyInfo//*")]
    if dados != ["X509Data", "X509Certificate"]:
        raise recusa(codigos.quebrada, "KeyInfo deve ter só o certificado do titular.")


def _certificado(assinatura: Arvore, codigos: Codigos) -> x509.Certificate:
    texto = assinatura.findtext(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate") or ""
    try:
        return x509.load_der_x509_certificate(base64.b64decode("".join(texto.split()), validate=True))
    except (ValueError, binascii.Error):
        raise recusa(codigos.certificado, "O certificado da assinatura é ilegível.") from None


def _verificar(assinatura: Arvore, assinado: Arvore, do_titular: x509.Certificate, codigos: Codigos) -> None:
    if not isinstance(do_titular.public_key(), rsa.RSAPublicKey):
        raise recusa(codigos.certificado, "A chave do certificado não é RSA.")
    contexto = xmlsec.SignatureContext()
    pem = do_titular.public_bytes(serialization.Encoding.PEM)
    contexto.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatCertPem)
    contexto.register_id(assinado, "Id")
    try:
        contexto.verify(assinatura)
    except xmlsec.Error:
        raise recusa(codigos.quebrada) from None


# what the Sefin signs


@lru_cache(maxsize=1)
def _da_sefin() -> tuple[rsa.RSAPrivateKey, str]:
    chave = ler_chave(settings.PASTA.sefin_chave.read_bytes())
    certificado_ = x509.load_pem_x509_certificate(settings.PASTA.sefin.read_bytes())
    return chave, base64.b64encode(certificado_.public_bytes(serialization.Encoding.DER)).decode()


def assinar(xml: bytes) -> bytes:
    """The document with the Sefin's Signature as last child of its root: exclusive C14N with comments and SHA-256, over
    the root's first child. Nothing else of the text changes, so what is embedded stays as it came."""
    alvo = etree.fromstring(xml)[0]
    canonica = etree.tostring(alvo, method="c14n", exclusive=True, with_comments=True)
    resumo = base64.b64encode(hashlib.sha256(canonica).digest()).decode()
    canonicalizacao = f"{_EXCLUSIVA}WithComments"
    info = (
        f'<SignedInfo xmlns="{DS}"><CanonicalizationMethod Algorithm="{canonicalizacao}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{_RSA_SHA256}"></SignatureMethod><Reference URI="#{alvo.get("Id")}"><Transforms>'
        f'<Transform Algorithm="{_ENVELOPADA}"></Transform><Transform Algorithm="{canonicalizacao}"></Transform>'
        f'</Transforms><DigestMethod Algorithm="{_SHA256}"></DigestMethod><DigestValue>{resumo}</DigestValue>'
        "</Reference></SignedInfo>"
    )
    chave, titular = _da_sefin()
    valor = base64.b64encode(chave.sign(info.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    assinatura = (
        f'<Signature xmlns="{DS}">{info.replace(f" xmlns={chr(34)}{DS}{chr(34)}", "", 1)}'
        f"<SignatureValue>{valor}</SignatureValue><KeyInfo><X509Data><X509Certificate>{titular}</X509Certificate>"
        "</X509Data></KeyInfo></Signature>"
    )
    fim = xml.rindex(b"</")
    return xml[:fim] + assinatura.encode() + xml[fim:]


def elemento(raiz: Arvore, nome: str) -> Arvore:
    """A child that the schema guarantees."""
    achado = raiz.find(f"{{{NS}}}{nome}")
    if achado is None:
        raise LookupError(nome)
    return achado
