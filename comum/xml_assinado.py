"""XML signatures (XMLDSig) by an A1 held in memory: inclusive canonical XML, RSA-SHA256, one Reference.

The signature is put into the text of the document as it came: nothing else of it changes, not a byte.
Sources: W3C, Canonical XML 1.0 (15 March 2001) and XML Signature Syntax and Processing (2nd edition).
"""

import base64
import hashlib
from collections.abc import Callable
from xml.parsers import expat
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
ENVELOPADA = f"{DSIG}enveloped-signature"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_ID = "id"

Escolha = Callable[[str, dict[str, str]], bool]


class XmlInvalido(ValueError):
    """The document cannot be read or signed; the text (pt-BR) says why."""


class _Canonico:
    """Writes the canonical form of the first element that `escolha` takes, by local name and attributes."""

    def __init__(self, escolha: Escolha) -> None:
        self.escolha = escolha
        self.saida: list[str] = []
        self.atributos: dict[str, str] = {}
        self.achados = 0
        self._prefixos: list[dict[str, str]] = [{}]
        self._xml: list[dict[str, str]] = [{}]
        self._fundo = 0  # elements open inside the chosen one, itself counted

    def abrir(self, nome: str, lista: list[str]) -> None:
        atributos = dict(zip(lista[::2], lista[1::2], strict=True))
        proprios = {
            ("" if chave == "xmlns" else chave[6:]): valor
            for chave, valor in atributos.items()
            if chave == "xmlns" or chave.startswith("xmlns:")
        }
        comuns = {c: v for c, v in atributos.items() if c != "xmlns" and not c.startswith("xmlns:")}
        antes = self._prefixos[-1]
        agora = {**antes, **proprios}
        do_xml = {**self._xml[-1], **{c: v for c, v in comuns.items() if c.startswith("xml:")}}
        escolhido = not self._fundo and self.escolha(nome.rpartition(":")[2], comuns)
        if escolhido:
            self.achados += 1
        if self._fundo or (escolhido and self.achados == 1):
            if not self._fundo:
                self.atributos, antes = comuns, {}
                comuns = {**do_xml, **comuns}
            self._fundo += 1
            self.saida.append(_abertura(nome, comuns, agora, antes))
        self._prefixos.append(agora)
        self._xml.append(do_xml)

    def fechar(self, nome: str) -> None:
        self._prefixos.pop()
        self._xml.pop()
        if self._fundo:
            self._fundo -= 1
            self.saida.append(f"</{nome}>")

    def texto(self, dados: str) -> None:
        if self._fundo:
            self.saida.append(escape(dados, {"\r": "&#xD;"}))

    def instrucao(self, alvo: str, dados: str) -> None:
        if self._fundo:
            self.saida.append(f"<?{alvo} {dados}?>" if dados else f"<?{alvo}?>")


def _abertura(nome: str, atributos: dict[str, str], agora: dict[str, str], antes: dict[str, str]) -> str:
    novos = sorted((prefixo, uri) for prefixo, uri in agora.items() if antes.get(prefixo, "") != uri)
    ditos = [f' xmlns{":" if prefixo else ""}{prefixo}="{_valor(uri)}"' for prefixo, uri in novos]

    def ordem(item: tuple[str, str]) -> tuple[str, str]:
        prefixo, _, local = item[0].rpartition(":")
        uri = "http://www.w3.org/XML/1998/namespace" if prefixo == "xml" else agora.get(prefixo, "") if prefixo else ""
        return uri, local

    ditos += [f' {chave}="{_valor(valor)}"' for chave, valor in sorted(atributos.items(), key=ordem)]
    return f"<{nome}{''.join(ditos)}>"


def _valor(texto: str) -> str:
    trocas = {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
    return "".join(trocas.get(letra, letra) for letra in texto)


def _ler(documento: bytes, escolha: Escolha) -> _Canonico:
    canonico, leitor = _Canonico(escolha), expat.ParserCreate()
    leitor.ordered_attributes = True
    leitor.buffer_text = True

    def proibido(*_: object) -> None:
        raise XmlInvalido("O XML traz uma declaração de tipo de documento, que não se aceita.")

    leitor.StartDoctypeDeclHandler = proibido
    leitor.StartElementHandler = canonico.abrir
    leitor.EndElementHandler = canonico.fechar
    leitor.CharacterDataHandler = canonico.texto
    leitor.ProcessingInstructionHandler = canonico.instrucao
    try:
        leitor.Parse(documento, True)
    except expat.ExpatError as erro:
        raise XmlInvalido(f"O XML não pôde ser lido (linha {erro.lineno}).") from erro
    return canonico


def canonico(documento: bytes, elemento: str) -> bytes:
    """Canonical form (inclusive, without comments) of the one element of this local name. Raises XmlInvalido."""
    lido = _ler(documento, lambda nome, _: nome == elemento)
    if lido.achados != 1:
        raise XmlInvalido(f"O XML tem {lido.achados} elementos {elemento}, e devia ter um.")
    return "".join(lido.saida).encode()


def assinar(documento: bytes, elemento: str, raiz: str, *, pfx: bytes, senha: str) -> bytes:
    """`documento` with a Signature of `elemento` (by its id) as last child of `raiz`, its document element.

    The private key lives in memory only. Raises XmlInvalido, also for a PKCS#12 file without an RSA key.
    """
    chave, certificado, _ = pkcs12.load_key_and_certificates(pfx, senha.encode())
    if not isinstance(chave, rsa.RSAPrivateKey) or certificado is None:
        raise XmlInvalido("O certificado não traz uma chave RSA para assinar.")
    identificador = _identificador(documento, elemento)
    digest = base64.b64encode(hashlib.sha256(canonico(documento, elemento)).digest()).decode()
    der = base64.b64encode(certificado.public_bytes(serialization.Encoding.DER)).decode()
    informacao = (
        f'<SignedInfo><CanonicalizationMethod Algorithm="{C14N}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{RSA_SHA256}"></SignatureMethod><Reference URI="#{escape(identificador)}">'
        f'<Transforms><Transform Algorithm="{ENVELOPADA}"></Transform><Transform Algorithm="{C14N}"></Transform>'
        f'</Transforms><DigestMethod Algorithm="{SHA256}"></DigestMethod><DigestValue>{digest}</DigestValue>'
        "</Reference></SignedInfo>"
    )

    def com(valor: str) -> bytes:
        assinatura = (
            f'<Signature xmlns="{DSIG}">{informacao}<SignatureValue>{valor}</SignatureValue><KeyInfo><X509Data>'
            f"<X509Certificate>{der}</X509Certificate></X509Data></KeyInfo></Signature>"
        )
        return _no_fim(documento, raiz, assinatura.encode())

    # As it stands in the document: the prefixes declared above it are part of its canonical form.
    valor = chave.sign(canonico(com(""), "SignedInfo"), padding.PKCS1v15(), hashes.SHA256())
    return com(base64.b64encode(valor).decode())


def _identificador(documento: bytes, elemento: str) -> str:
    lido = _ler(documento, lambda nome, _: nome == elemento)
    achado = next((valor for nome, valor in lido.atributos.items() if nome.lower() == _ID), "")
    if lido.achados != 1 or not achado:
        raise XmlInvalido(f"O XML não traz o elemento {elemento} com o seu id.")
    return achado


def _no_fim(documento: bytes, raiz: str, trecho: bytes) -> bytes:
    """`trecho` just before the last end tag, which must be that of `raiz`."""
    fim = documento.rfind(b"</")
    nome = documento[fim + 2 :].split(b">", 1)[0].strip() if fim >= 0 else b""
    if nome.rpartition(b":")[2] != raiz.encode():
        raise XmlInvalido(f"O XML não termina pelo elemento {raiz}.")
    return documento[:fim] + trecho + documento[fim:]
