"""XML signatures with an A1 held in memory: RSA-SHA256 over inclusive C14N, one Reference, as SERPRO asks for them.

The Signature is put into the text of the document as it came: nothing else of it changes, not a byte.
Sources: W3C, Canonical XML 1.0 (15 March 2001) and XML Signature Syntax and Processing (2nd edition); the choices of
SERPRO are in docs/integra-contador.md.
"""

import base64
import hashlib
from xml.sax.saxutils import escape

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
_DO_XML = "{http://www.w3.org/XML/1998/namespace}"


class XmlInvalido(ValueError):
    """The document cannot be read or signed; the text (pt-BR) says why."""


def canonico(documento: bytes, elemento: str = "") -> bytes:
    """Inclusive C14N, without comments, of the whole document or of its one element of this local name. Raises
    XmlInvalido."""
    raiz = _ler(documento)
    return _c14n(_achar(raiz, elemento) if elemento else raiz)


def assinar(documento: bytes, certificado: Certificado, *, elemento: str = "") -> bytes:
    """`documento` with a Signature as the last child of its root: of all of it, or of the one `elemento` (local name)
    by its id. The same document and certificate always give the same bytes.

    Raises XmlInvalido, and AccessDenied(EMPRESA) when the file of the certificate does not open or its key is not RSA.
    """
    chave, der = _abrir(certificado)
    uri = f"#{_identificador(_achar(_ler(documento), elemento), elemento)}" if elemento else ""
    resumo = base64.b64encode(hashlib.sha256(canonico(documento, elemento)).digest()).decode()
    informacao = (
        f'<SignedInfo><CanonicalizationMethod Algorithm="{C14N}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{RSA_SHA256}"></SignatureMethod><Reference URI="{escape(uri)}"><Transforms>'
        f'<Transform Algorithm="{ENVELOPADA}"></Transform><Transform Algorithm="{C14N}"></Transform></Transforms>'
        f'<DigestMethod Algorithm="{SHA256}"></DigestMethod><DigestValue>{resumo}</DigestValue></Reference>'
        "</SignedInfo>"
    )

    def com(valor: str) -> bytes:
        assinatura = (
            f'<Signature xmlns="{DS}">{informacao}<SignatureValue>{valor}</SignatureValue><KeyInfo><X509Data>'
            f"<X509Certificate>{base64.b64encode(der).decode()}</X509Certificate></X509Data></KeyInfo></Signature>"
        )
        return _no_fim(documento, assinatura.encode())

    # As it stands in the document: the prefixes declared above it are part of its canonical form.
    valor = chave.sign(canonico(com(""), "SignedInfo"), padding.PKCS1v15(), hashes.SHA256())
    return com(base64.b64encode(valor).decode())


def _ler(documento: bytes) -> etree._Element:
    try:
        raiz = etree.fromstring(documento, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as erro:
        raise XmlInvalido(f"O XML não pôde ser lido: {erro}.") from erro
    if raiz.getroottree().docinfo.internalDTD is not None:
        raise XmlInvalido("O XML traz uma declaração de tipo de documento, que não se aceita.")
    return raiz


def _achar(raiz: etree._Element, elemento: str) -> etree._Element:
    achados = list(raiz.iter("{*}" + elemento))
    if len(achados) != 1:
        raise XmlInvalido(f"O XML tem {len(achados)} elementos {elemento}, e devia ter um.")
    return achados[0]


def _c14n(no: etree._Element) -> bytes:
    """Taken alone: written inside its tree, a part may gain an empty default namespace that is not there. What it takes
    from above it, namespaces and xml: attributes, comes along."""
    sozinho = etree.fromstring(etree.tostring(no, with_tail=False))
    for acima in no.iterancestors():
        for nome, valor in acima.items():
            if str(nome).startswith(_DO_XML) and sozinho.get(nome) is None:
                sozinho.set(nome, valor)
    canonica: bytes = etree.tostring(sozinho, method="c14n", with_comments=False)
    return canonica


def _identificador(no: etree._Element, elemento: str) -> str:
    achado = next((str(valor) for nome, valor in no.items() if str(nome).lower() == "id"), "")
    if not achado:
        raise XmlInvalido(f"O XML não traz o elemento {elemento} com o seu id.")
    return achado


def _no_fim(documento: bytes, trecho: bytes) -> bytes:
    """`trecho` just before the end tag of the document's root."""
    raiz = etree.QName(_ler(documento)).localname
    fim = documento.rfind(b"</")
    nome = documento[fim + 2 :].split(b">", 1)[0].strip() if fim >= 0 else b""
    if nome.rpartition(b":")[2] != raiz.encode():
        raise XmlInvalido(f"O XML não termina pelo fim do elemento {raiz}.")
    return documento[:fim] + trecho + documento[fim:]


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
