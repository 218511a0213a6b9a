"""The signed XML of TRANSDECLARACAO310, verified step by step: nothing but the Signature may have come to it.

Written apart from the product's signer, over a tree of the whole document. W3C, Canonical XML 1.0 and XML Signature.
Numbers as on the message page of DCTFWEB (22/12/2025): 09 the signature, 15 no XML, 16 another document, 17 and 18
where and how the Signature stands, 19 and 22 the certificate, 10 an older calculation, 07 an XML that was never made.
"""

import base64
import binascii
import hashlib
from datetime import datetime
from xml.dom.minidom import Attr, Document, Element, Node
from xml.parsers.expat import ExpatError

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.minidom import parseString  # type: ignore[import-untyped]

from sandbox.autoridade import Autoridade, cnpj_do_certificado, cpf_do_certificado
from sandbox.integra_contador.dctfweb.declaracoes import recusa

_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_RSA = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_SHA = "http://www.w3.org/2001/04/xmlenc#sha256"
_XMLNS = "http://www.w3.org/2000/xmlns/"


def canonico(elemento: Element) -> bytes:
    """Inclusive canonical form, without comments, of an element of a document."""
    return _elemento(elemento, {}).encode()


def _no_escopo(elemento: Element) -> dict[str, str]:
    """Prefixes in force at an element ("" for the default)."""
    cadeia: list[Element] = []
    no: Node | None = elemento
    while isinstance(no, Element):
        cadeia.append(no)
        no = no.parentNode
    prefixos: dict[str, str] = {}
    for item in reversed(cadeia):
        for atributo in _atributos(item):
            if atributo.name == "xmlns" or atributo.name.startswith("xmlns:"):
                prefixos[atributo.name.partition(":")[2]] = atributo.value
    return prefixos


def _atributos(elemento: Element) -> list[Attr]:
    return [elemento.attributes.item(n) for n in range(elemento.attributes.length)]  # type: ignore[misc]


def _elemento(elemento: Element, escritos: dict[str, str]) -> str:
    prefixos = _no_escopo(elemento)
    partes = [f"<{elemento.tagName}"]
    partes += [
        f' xmlns{":" if prefixo else ""}{prefixo}="{_do_atributo(uri)}"'
        for prefixo, uri in sorted(prefixos.items())
        if escritos.get(prefixo, "") != uri
    ]
    comuns = [a for a in _atributos(elemento) if a.namespaceURI != _XMLNS and not a.name.startswith("xmlns")]
    comuns.sort(key=lambda a: (a.namespaceURI or "", a.localName or a.name))
    partes += [f' {atributo.name}="{_do_atributo(atributo.value)}"' for atributo in comuns]
    partes.append(">")
    for filho in elemento.childNodes:
        if isinstance(filho, Element):
            partes.append(_elemento(filho, prefixos))
        elif filho.nodeType in (Node.TEXT_NODE, Node.CDATA_SECTION_NODE):
            partes.append(_do_texto(filho.nodeValue or ""))
        elif filho.nodeType == Node.PROCESSING_INSTRUCTION_NODE:
            partes.append(f"<?{filho.nodeName} {filho.nodeValue}?>")
    partes.append(f"</{elemento.tagName}>")
    return "".join(partes)


def _do_texto(texto: str) -> str:
    return texto.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")


def _do_atributo(texto: str) -> str:
    limpo = texto.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return limpo.replace("\t", "&#x9;").replace("\n", "&#xA;").replace("\r", "&#xD;")


def _filhos(elemento: Element, nome: str) -> list[Element]:
    return [filho for filho in elemento.childNodes if isinstance(filho, Element) and filho.localName == nome]


def _um(elemento: Element, nome: str) -> Element:
    achados = _filhos(elemento, nome)
    if len(achados) != 1:
        raise recusa("TRANS18", f"Erro ao processar elemento Signature do XML: esperado um elemento {nome}.")
    return achados[0]


def _texto(elemento: Element) -> str:
    return "".join(filho.nodeValue or "" for filho in elemento.childNodes if filho.nodeType == Node.TEXT_NODE)


def _bytes(elemento: Element) -> bytes:
    try:
        return base64.b64decode("".join(_texto(elemento).split()), validate=True)
    except binascii.Error:
        raise recusa("TRANS05", f"Houve um erro ao tratar o XML: {elemento.localName} não é base64.") from None


def conferir(assinado: bytes, original: bytes, autor: str, autoridade: Autoridade, agora: datetime) -> None:
    """Raises the TRANS refusal of the first thing that is wrong."""
    try:
        documento: Document = parseString(assinado)
    except (ExpatError, DefusedXmlException, ValueError):
        raise recusa("TRANS15", "O XML não é bem-formado.") from None
    raiz = documento.documentElement
    if raiz is None or raiz.localName != "ProcDctf":
        raise recusa("TRANS16", "Erro ao carregar XML: não é o de uma declaração.")
    assinaturas = [no for no in raiz.getElementsByTagNameNS(_DSIG, "Signature") if isinstance(no, Element)]
    if len(assinaturas) != 1 or assinaturas[0].parentNode is not raiz:
        raise recusa("TRANS17", "A assinatura deve ser uma só, filha de ProcDctf.")
    conteudo = _um(raiz, "ConteudoDeclaracao")
    informacao = _um(assinaturas[0], "SignedInfo")
    _algoritmos(informacao)
    referencia = _referencia(informacao, conteudo)
    if _bytes(_um(referencia, "DigestValue")) != hashlib.sha256(canonico(conteudo)).digest():
        raise recusa("TRANS09", "Assinatura inválida: o conteúdo da declaração foi alterado depois de assinado.")
    _assinatura(assinaturas[0], informacao, autor, autoridade, agora)
    if _sem_assinatura(assinado) != original:
        if _calculo(assinado) == _calculo(original):
            raise recusa("TRANS07", "Não foi encontrado XML Gerado para validar a autenticidade do XML Assinado.")
        raise recusa("TRANS10", "A declaração foi atualizada depois da geração do XML que está sendo transmitido.")


def _algoritmos(informacao: Element) -> None:
    if _um(informacao, "CanonicalizationMethod").getAttribute("Algorithm") != _C14N:
        raise recusa("TRANS09", "Assinatura inválida: canonicalização não aceita.")
    if _um(informacao, "SignatureMethod").getAttribute("Algorithm") != _RSA:
        raise recusa("TRANS09", "Assinatura inválida: algoritmo não aceito.")


def _referencia(informacao: Element, conteudo: Element) -> Element:
    referencias = _filhos(informacao, "Reference")
    if len(referencias) != 1 or referencias[0].getAttribute("URI") != f"#{conteudo.getAttribute('id')}":
        raise recusa("TRANS18", "A assinatura deve ter uma só referência, ao id de ConteudoDeclaracao.")
    if _um(referencias[0], "DigestMethod").getAttribute("Algorithm") != _SHA:
        raise recusa("TRANS09", "Assinatura inválida: resumo não aceito.")
    return referencias[0]


def _assinatura(assinatura: Element, informacao: Element, autor: str, autoridade: Autoridade, agora: datetime) -> None:
    x509data = _um(_um(assinatura, "KeyInfo"), "X509Data")
    try:
        certificado = x509.load_der_x509_certificate(_bytes(_um(x509data, "X509Certificate")))
    except ValueError:
        raise recusa("TRANS22", "Erro ao carregar dados do certificado.") from None
    publica = certificado.public_key()
    if not isinstance(publica, rsa.RSAPublicKey):
        raise recusa("TRANS09", "Assinatura inválida: chave não aceita.")
    try:
        certificado.verify_directly_issued_by(autoridade.certificado)
        publica.verify(
            _bytes(_um(assinatura, "SignatureValue")), canonico(informacao), padding.PKCS1v15(), hashes.SHA256()
        )
    except (InvalidSignature, ValueError, TypeError):
        raise recusa("TRANS09", "Assinatura inválida.") from None
    if not certificado.not_valid_before_utc <= agora <= certificado.not_valid_after_utc:
        raise recusa("TRANS19", "Certificado inválido: fora da validade.")
    if autor not in (cnpj_do_certificado(certificado), cpf_do_certificado(certificado)):
        raise recusa("TRANS19", "Certificado inválido: não é do autor do pedido de dados.")


def _calculo(conteudo: bytes) -> bytes:
    """Which calculation of the declaration a document was made of."""
    return conteudo.partition(b"<calculo>")[2].partition(b"</calculo>")[0]


def _sem_assinatura(assinado: bytes) -> bytes:
    """The text with the Signature cut out of it."""
    inicio = assinado.find(b"<Signature")
    fim = assinado.find(b"</Signature>")
    return assinado[:inicio] + assinado[fim + len(b"</Signature>") :] if 0 <= inicio < fim else assinado
