"""Signatures of the DPS and of the requests of events: enveloped, one Reference to the Id, only the certificate in
KeyInfo, Signature as the last child of the root.

The written manual (1.00.02) asks for RSA-SHA1 over inclusive C14N; the schema 1.01 fixes no algorithm any more, and
the Sefin Nacional signs its own NFS-e with RSA-SHA256 over exclusive C14N. Which one an ambiente takes is found at the
first emission there: the profile is a setting (docs/nfse-nacional.md). The key is opened once for each certificate:
opening costs some 50 ms, signing less than one.
"""

import base64
import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from comum.documentos import mascarar
from nfse.providers.nacional.escrita import Montado
from operacoes.errors import AccessDenied, Alcance
from operacoes.http import Certificado
from operacoes.xmldsig import C14N, DS, ENVELOPADA, RSA_SHA256, SHA256

C14N_EXCLUSIVA = "http://www.w3.org/2001/10/xml-exc-c14n#"
RSA_SHA1 = f"{DS}rsa-sha1"
SHA1 = f"{DS}sha1"


class Perfil(StrEnum):
    SHA256_EXC = "sha256-exc"
    SHA256_INC = "sha256-inc"
    SHA1_INC = "sha1-inc"


class _Algoritmos(NamedTuple):
    canonico: str
    assinatura: str
    resumo: str
    hash: hashes.HashAlgorithm


_ALGORITMOS = {
    Perfil.SHA256_EXC: _Algoritmos(C14N_EXCLUSIVA, RSA_SHA256, SHA256, hashes.SHA256()),
    Perfil.SHA256_INC: _Algoritmos(C14N, RSA_SHA256, SHA256, hashes.SHA256()),
    Perfil.SHA1_INC: _Algoritmos(C14N, RSA_SHA1, SHA1, hashes.SHA1()),  # noqa: S303 - what the written manual asks for
}


@lru_cache
def _molde(perfil: Perfil) -> tuple[str, str, str]:
    """The canonical SignedInfo around the Id and the digest, without its own start tag."""
    a = _ALGORITMOS[perfil]
    return (
        f'<CanonicalizationMethod Algorithm="{a.canonico}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{a.assinatura}"></SignatureMethod><Reference URI="#',
        f'"><Transforms><Transform Algorithm="{ENVELOPADA}"></Transform>'
        f'<Transform Algorithm="{a.canonico}"></Transform></Transforms>'
        f'<DigestMethod Algorithm="{a.resumo}"></DigestMethod><DigestValue>',
        "</DigestValue></Reference></SignedInfo>",
    )


class Assinante:
    """An A1 with its key open, in memory only. `documento` is the CNPJ or CPF that the certificate itself tells."""

    def __init__(
        self, chave: rsa.RSAPrivateKey, certificado: x509.Certificate, cadeia: Iterable[x509.Certificate] = ()
    ) -> None:
        self._chave = chave
        self.titular = _nome_comum(certificado).partition(":")[0]
        self.documento = _documento(certificado)
        self._cadeia = _cadeia(certificado, tuple(cadeia))
        der = certificado.public_bytes(serialization.Encoding.DER)
        self._fim = (
            f"</SignatureValue><KeyInfo><X509Data><X509Certificate>{base64.b64encode(der).decode()}"
            "</X509Certificate></X509Data></KeyInfo></Signature>"
        )

    def __repr__(self) -> str:
        return f"<Assinante {self.titular}>"

    def conferir(self, documento: str, agora: datetime | None = None) -> None:
        """Whether this certificate may sign for `documento` now. Raises AccessDenied(CREDENCIAL): the Sefin takes the
        signature of the emitente only (E0718), and of a certificate whose whole chain is in force."""
        if self.documento != documento:
            de_quem = f"de {mascarar(self.documento)}" if self.documento else "sem CNPJ nem CPF"
            raise _negado(
                f"O certificado ({self.titular}) é {de_quem}, e a nota é de {mascarar(documento)}: a NFS-e nacional só "
                "aceita a assinatura de quem emite. Envie o certificado A1 deste CNPJ.",
                "CERTIFICADO-DE-OUTRO",
            )
        agora = agora or datetime.now(UTC)
        for degrau in self._cadeia:
            # An authority renewed under its name leaves its old certificate in many files: one in force is enough.
            if any(um.not_valid_before_utc <= agora <= um.not_valid_after_utc for um in degrau):
                continue
            certificado = max(degrau, key=lambda um: um.not_valid_after_utc)
            dono = _nome_comum(certificado).partition(":")[0]
            if agora > certificado.not_valid_after_utc:
                raise _negado(
                    f"O certificado de {dono} venceu em {certificado.not_valid_after_utc:%d/%m/%Y}, e a NFS-e nacional "
                    "não aceita assinatura com ele. Envie o arquivo .pfx renovado.",
                    "CERTIFICADO-VENCIDO",
                )
            raise _negado(
                f"O certificado de {dono} só vale a partir de {certificado.not_valid_before_utc:%d/%m/%Y}. Confira "
                "o relógio deste servidor ou espere a data.",
                "CERTIFICADO-FUTURO",
            )

    def assinar(self, montado: Montado, perfil: Perfil = Perfil.SHA256_EXC) -> bytes:
        """The whole document, signed. The same document, certificate and profile always give the same bytes."""
        algoritmos = _ALGORITMOS[perfil]
        antes, meio, depois = _molde(perfil)
        resumo = hashlib.new(algoritmos.hash.name, montado.canonico).digest()
        informacao = f"{antes}{montado.id}{meio}{base64.b64encode(resumo).decode()}{depois}"
        # In its canonical form, of either kind, the apex declares the namespace that it takes from Signature.
        valor = self._chave.sign(f'<SignedInfo xmlns="{DS}">{informacao}'.encode(), padding.PKCS1v15(), algoritmos.hash)
        return montado.documento(
            f'<Signature xmlns="{DS}"><SignedInfo>{informacao}<SignatureValue>'
            f"{base64.b64encode(valor).decode()}{self._fim}"
        )


@lru_cache(maxsize=64)
def abrir(certificado: Certificado) -> Assinante:
    """The key of an A1, opened once. Raises AccessDenied(CREDENCIAL) when the file does not open or cannot sign."""
    try:
        chave, publico, cadeia = pkcs12.load_key_and_certificates(certificado.pfx, certificado.senha.encode() or None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        chave, publico, cadeia = None, None, []
    if publico is None or not isinstance(chave, rsa.RSAPrivateKey) or chave.public_key() != publico.public_key():
        raise _negado(
            "O certificado guardado não abre para assinar. Envie o arquivo .pfx de novo, com a senha.",
            "CERTIFICADO-NAO-ASSINA",
        )
    return Assinante(chave, publico, cadeia)


def _cadeia(
    certificado: x509.Certificate, outros: tuple[x509.Certificate, ...]
) -> tuple[tuple[x509.Certificate, ...], ...]:
    """The certificate and, step by step, those in its file that bear the name of who issued the one before. What else
    the file brings has no part in the signature."""
    degraus: list[tuple[x509.Certificate, ...]] = [(certificado,)]
    restam = set(outros) - {certificado}
    while acima := tuple(um for um in restam if um.subject == degraus[-1][0].issuer):
        degraus.append(acima)
        restam -= set(acima)
    return tuple(degraus)


def _negado(mensagem: str, codigo: str) -> AccessDenied:
    return AccessDenied(f"{mensagem} Nada foi enviado.", alcance=Alcance.CREDENCIAL, codigo=codigo)


# ICP-Brasil, DOC-ICP-04: otherName of e-CNPJ (the CNPJ) and of e-CPF (birth, 8, and then the CPF).
_OID_CNPJ = x509.ObjectIdentifier("2.16.76.1.3.3")
_OID_CPF = x509.ObjectIdentifier("2.16.76.1.3.1")


def _documento(certificado: x509.Certificate) -> str:
    try:
        nomes = certificado.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        nomes = None
    outros = nomes.get_values_for_type(x509.OtherName) if nomes is not None else []
    for oid, de, ate in ((_OID_CNPJ, 0, 14), (_OID_CPF, 8, 19)):
        for outro in outros:
            if outro.type_id == oid:
                return _texto(outro.value)[de:ate]
    return _nome_comum(certificado).rpartition(":")[2] if ":" in _nome_comum(certificado) else ""


def _texto(der: bytes) -> str:
    """What is inside a short DER string of any type."""
    return der[2 : 2 + der[1]].decode("ascii", errors="replace") if len(der) > 2 and der[1] < 0x80 else ""


def _nome_comum(certificado: x509.Certificate) -> str:
    nomes = certificado.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(nomes[0].value) if nomes else "sem nome"
