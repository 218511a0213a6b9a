"""Enveloped XML signatures with an A1: RSA-SHA256 over inclusive C14N, as SERPRO and the Receita ask for them.

Source: W3C, XML Signature Syntax and Processing, and Canonical XML 1.0; the choices of SERPRO are in
docs/integra-contador.md.
"""

import base64
import hashlib

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from lxml import etree

from operacoes.errors import AccessDenied, Alcance
from operacoes.http import Certificado

DS = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ENVELOPADA = f"{DS}enveloped-signature"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"


def c14n(elemento: etree._Element) -> bytes:
    """Inclusive C14N without comments. The element is taken alone, so that nothing around it leaks into its text."""
    sozinho = etree.fromstring(etree.tostring(elemento, with_tail=False))
    return etree.tostring(sozinho, method="c14n", with_comments=False)


def assinar(raiz: etree._Element, certificado: Certificado) -> bytes:
    """The document with a Signature of all of it (Reference URI="") as its last child; nothing else is touched, and no
    white space is added. The same document and certificate always give the same bytes.

    Raises AccessDenied(EMPRESA) when the file of the certificate does not open or its key is not RSA.
    """
    chave, publico = _abrir(certificado)
    resumo = base64.b64encode(hashlib.sha256(c14n(raiz)).digest()).decode()
    # Written as C14N writes it: what is signed is what stands in the document.
    assinado = (
        f'<CanonicalizationMethod Algorithm="{C14N}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{RSA_SHA256}"></SignatureMethod>'
        f'<Reference URI=""><Transforms><Transform Algorithm="{ENVELOPADA}"></Transform>'
        f'<Transform Algorithm="{C14N}"></Transform></Transforms>'
        f'<DigestMethod Algorithm="{SHA256}"></DigestMethod><DigestValue>{resumo}</DigestValue></Reference>'
    )
    forma_canonica = f'<SignedInfo xmlns="{DS}">{assinado}</SignedInfo>'
    valor = base64.b64encode(chave.sign(forma_canonica.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    der = base64.b64encode(publico).decode()
    assinatura = (
        f'<Signature xmlns="{DS}"><SignedInfo>{assinado}</SignedInfo><SignatureValue>{valor}</SignatureValue>'
        f"<KeyInfo><X509Data><X509Certificate>{der}</X509Certificate></X509Data></KeyInfo></Signature>"
    )
    inteiro = etree.fromstring(etree.tostring(raiz, with_tail=False))
    inteiro.append(etree.fromstring(assinatura))
    return etree.tostring(inteiro, xml_declaration=True, encoding="UTF-8")


def _abrir(certificado: Certificado) -> tuple[rsa.RSAPrivateKey, bytes]:
    """The private key and the certificate in DER."""
    try:
        chave, publico, _ = pkcs12.load_key_and_certificates(certificado.pfx, certificado.senha.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        chave = publico = None
    if publico is None or not isinstance(chave, rsa.RSAPrivateKey):
        raise AccessDenied(
            "O certificado guardado não abre para assinar. Envie o arquivo .pfx de novo, com a senha.",
            alcance=Alcance.EMPRESA,
            codigo="CERTIFICADO-NAO-ASSINA",
        )
    return chave, publico.public_bytes(serialization.Encoding.DER)
