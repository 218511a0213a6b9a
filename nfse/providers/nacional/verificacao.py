"""Whether a signature that came holds: of an NFS-e by the Sefin or a município, of an event, of a DPS.

The digest is over the element that our reading looks at, the child of the root that has the Id: a document in which the
signed element was moved elsewhere is refused. The certificate is the one the document brings, in force on the day of
the signature; the authorities behind it are not looked for (docs/nfse-nacional.md says why).
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from nfse.providers.nacional.assinatura import C14N_EXCLUSIVA, RSA_SHA1, SHA1
from operacoes.xmldsig import C14N, DS, ENVELOPADA, RSA_SHA256, SHA256

_D = f"{{{DS}}}"
_COM_COMENTARIOS = "WithComments"
# algorithm -> exclusive?
_CANONICOS = {
    C14N: False,
    f"{C14N}#{_COM_COMENTARIOS}": False,
    C14N_EXCLUSIVA: True,
    f"{C14N_EXCLUSIVA}{_COM_COMENTARIOS}": True,
}
_ASSINATURAS: dict[str, hashes.HashAlgorithm] = {RSA_SHA256: hashes.SHA256(), RSA_SHA1: hashes.SHA1()}  # noqa: S303
_RESUMOS = {SHA256: "sha256", SHA1: "sha1"}


class AssinaturaInvalida(ValueError):
    """The signature does not hold; the message (pt-BR) says why."""


@dataclass(frozen=True)
class QuemAssinou:
    titular: str
    valido_de: datetime
    valido_ate: datetime


def conferir(raiz: etree._Element, elemento: str, quando: datetime | None = None) -> QuemAssinou:
    """Check the signature of a root's child. `quando` is the instant of the signature, at which its certificate must be
    in force. Raises AssinaturaInvalida."""
    assinada = raiz.find(f"{{*}}{elemento}")
    assinaturas = raiz.findall(f"{_D}Signature")
    if assinada is None or len(assinaturas) != 1:
        raise AssinaturaInvalida("O documento não traz a assinatura de quem o autorizou.")
    informacao = assinaturas[0].find(f"{_D}SignedInfo")
    if informacao is None:
        raise AssinaturaInvalida("A assinatura está incompleta.")
    _conferir_resumo(assinada, informacao)
    certificado = _certificado(assinaturas[0])
    _conferir_valor(assinaturas[0], informacao, certificado)
    if quando is not None and not certificado.not_valid_before_utc <= quando <= certificado.not_valid_after_utc:
        raise AssinaturaInvalida("O certificado que assinou não estava em vigor na data da assinatura.")
    return QuemAssinou(
        certificado.subject.rfc4514_string(), certificado.not_valid_before_utc, certificado.not_valid_after_utc
    )


def _conferir_resumo(assinada: etree._Element, informacao: etree._Element) -> None:
    referencias = informacao.findall(f"{_D}Reference")
    if len(referencias) != 1 or not assinada.get("Id") or referencias[0].get("URI") != f"#{assinada.get('Id')}":
        raise AssinaturaInvalida("A assinatura não é deste documento: cobre outro identificador.")
    (referencia,) = referencias
    transformadas = referencia.findall(f"{_D}Transforms/{_D}Transform")
    canonicas = [uma for uma in transformadas if uma.get("Algorithm") != ENVELOPADA]
    if len(canonicas) > 1:
        raise AssinaturaInvalida("A assinatura usa transformações que a NFS-e nacional não admite.")
    nome = _RESUMOS.get(_algoritmo(referencia, "DigestMethod"))
    if nome is None:
        raise AssinaturaInvalida("A assinatura usa um resumo que a NFS-e nacional não admite.")
    # A reference by Id leaves comments out, whatever its transform says (XML Signature, 4.4.3.3).
    canonico = _canonico(assinada, canonicas[0] if canonicas else None, com_comentarios=False)
    resumo = hashlib.new(nome, canonico).digest()
    if _base64(referencia.findtext(f"{_D}DigestValue")) != resumo:
        raise AssinaturaInvalida("O documento foi alterado depois de assinado: o resumo não confere.")


def _conferir_valor(assinatura: etree._Element, informacao: etree._Element, certificado: x509.Certificate) -> None:
    metodo = informacao.find(f"{_D}CanonicalizationMethod")
    algoritmo = _ASSINATURAS.get(_algoritmo(informacao, "SignatureMethod"))
    chave = certificado.public_key()
    if metodo is None or algoritmo is None or not isinstance(chave, rsa.RSAPublicKey):
        raise AssinaturaInvalida("A assinatura usa um algoritmo que a NFS-e nacional não admite.")
    com_comentarios = (metodo.get("Algorithm") or "").endswith(_COM_COMENTARIOS)
    canonico = _canonico(informacao, metodo, com_comentarios=com_comentarios)
    try:
        chave.verify(_base64(assinatura.findtext(f"{_D}SignatureValue")), canonico, padding.PKCS1v15(), algoritmo)
    except InvalidSignature as erro:
        raise AssinaturaInvalida("A assinatura não é do certificado que o documento traz.") from erro


def _canonico(no: etree._Element, metodo: etree._Element | None, *, com_comentarios: bool) -> bytes:
    """Canonical form of a part, taken out of its tree first: in place, lxml may write an empty default namespace."""
    algoritmo = C14N if metodo is None else metodo.get("Algorithm", "")
    if algoritmo not in _CANONICOS:
        raise AssinaturaInvalida("A assinatura usa uma forma canônica que a NFS-e nacional não admite.")
    prefixos = None
    if metodo is not None and len(metodo):
        prefixos = (metodo[0].get("PrefixList") or "").split() or None
    # In UTF-8: in ASCII a name with an accent would be written as no name can be.
    sozinho = etree.fromstring(etree.tostring(no, with_tail=False, encoding="utf-8"))
    return bytes(
        etree.tostring(
            sozinho,
            method="c14n",
            exclusive=_CANONICOS[algoritmo],
            with_comments=com_comentarios,
            inclusive_ns_prefixes=prefixos if _CANONICOS[algoritmo] else None,
        )
    )


def _algoritmo(acima: etree._Element, nome: str) -> str:
    no = acima.find(f"{_D}{nome}")
    return "" if no is None else no.get("Algorithm", "")


def _certificado(assinatura: etree._Element) -> x509.Certificate:
    der = _base64(assinatura.findtext(f".//{_D}X509Certificate"))
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError as erro:
        raise AssinaturaInvalida("O certificado que o documento traz não pode ser lido.") from erro


def _base64(texto: str | None) -> bytes:
    try:
        return base64.b64decode("".join((texto or "").split()), validate=True)
    except (binascii.Error, ValueError) as erro:
        raise AssinaturaInvalida("A assinatura traz um campo fora do formato Base64.") from erro
