"""The sandbox's certificate authority: server certificate and A1 files that look like ICP-Brasil's e-CNPJ.

Subject and otherName fields: DOC-ICP-04 (ITI), e-CNPJ: CN "NAME:CNPJ", OID 2.16.76.1.3.3 with the CNPJ.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sandbox.partida.pasta import Pasta, gravar_privado

OID_CNPJ = x509.ObjectIdentifier("2.16.76.1.3.3")
OID_CPF = x509.ObjectIdentifier("2.16.76.1.3.1")
_OID_RESPONSAVEL = x509.ObjectIdentifier("2.16.76.1.3.2")
_INICIO, _FIM = datetime(2020, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC)
_OCTET_STRING = 0x04
_TAMANHO_CPF = 11


@dataclass(frozen=True)
class Autoridade:
    certificado: x509.Certificate
    chave: rsa.RSAPrivateKey


def _nome(comum: str, *unidades: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "BR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ICP-Brasil"),
            *(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unidade) for unidade in unidades),
            x509.NameAttribute(NameOID.COMMON_NAME, comum[:64]),
        ]
    )


def _nova_chave() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _pem(chave: rsa.RSAPrivateKey) -> bytes:
    return chave.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _construtor(
    assunto: x509.Name, emissor: x509.Name, publica: rsa.RSAPublicKey, de: datetime, ate: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(assunto)
        .issuer_name(emissor)
        .public_key(publica)
        .serial_number(x509.random_serial_number())
        .not_valid_before(de)
        .not_valid_after(ate)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(publica), critical=False)
    )


def _uso(*, assina_certificados: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not assina_certificados,
        content_commitment=not assina_certificados,
        key_encipherment=not assina_certificados,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=assina_certificados,
        crl_sign=assina_certificados,
        encipher_only=False,
        decipher_only=False,
    )


def _assinar(
    construtor: x509.CertificateBuilder, autoridade: Autoridade, uso: list[x509.ObjectIdentifier]
) -> x509.Certificate:
    publica = autoridade.chave.public_key()
    return (
        construtor.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_uso(), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uso), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(publica), critical=False)
        .sign(autoridade.chave, hashes.SHA256())
    )


def criar(pasta: Pasta) -> None:
    """Make what is missing: authority, server certificate for the loopback, key that signs the jwt_token."""
    if not pasta.ca.exists() or not pasta.ca_chave.exists():
        nome = _nome("AC Sandbox SEM VALOR FISCAL v1", "Autoridade Certificadora de Teste")
        _criar_autoridade(nome, pasta.ca, pasta.ca_chave)
        pasta.servidor.unlink(missing_ok=True)
        pasta.sefin.unlink(missing_ok=True)
    if not pasta.ca_estranha.exists() or not pasta.ca_estranha_chave.exists():
        nome = _nome("AC Estranha ao Sandbox", "Autoridade de Fora da Cadeia")
        _criar_autoridade(nome, pasta.ca_estranha, pasta.ca_estranha_chave)
    if not pasta.servidor.exists() or not pasta.servidor_chave.exists():
        _criar_servidor(pasta)
    if not pasta.sefin.exists() or not pasta.sefin_chave.exists():
        _criar_sefin(pasta)
    if not pasta.token_chave.exists():
        gravar_privado(pasta.token_chave, _pem(_nova_chave()))


def _criar_autoridade(nome: x509.Name, caminho: Path, caminho_da_chave: Path) -> None:
    chave = _nova_chave()
    certificado = (
        _construtor(nome, nome, chave.public_key(), _INICIO, _FIM)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_uso(assina_certificados=True), critical=True)
        .sign(chave, hashes.SHA256())
    )
    gravar_privado(caminho_da_chave, _pem(chave))
    caminho.write_bytes(certificado.public_bytes(serialization.Encoding.PEM))


def _criar_sefin(pasta: Pasta) -> None:
    """What the simulated Sefin Nacional signs the NFS-e and the events with."""
    autoridade, chave = abrir(pasta), _nova_chave()
    nome = _nome("SEFIN NACIONAL SANDBOX SEM VALOR FISCAL", "Sandbox")
    construtor = _construtor(nome, autoridade.certificado.subject, chave.public_key(), _INICIO, _FIM)
    certificado = _assinar(construtor, autoridade, [ExtendedKeyUsageOID.CLIENT_AUTH])
    gravar_privado(pasta.sefin_chave, _pem(chave))
    pasta.sefin.write_bytes(certificado.public_bytes(serialization.Encoding.PEM))


def _criar_servidor(pasta: Pasta) -> None:
    autoridade, chave = abrir(pasta), _nova_chave()
    nomes: list[x509.GeneralName] = [x509.DNSName("localhost")]
    nomes += [x509.IPAddress(ip_address(endereco)) for endereco in ("127.0.0.1", "::1")]
    construtor = _construtor(
        _nome("localhost", "Sandbox"), autoridade.certificado.subject, chave.public_key(), _INICIO, _FIM
    ).add_extension(x509.SubjectAlternativeName(nomes), critical=False)
    certificado = _assinar(construtor, autoridade, [ExtendedKeyUsageOID.SERVER_AUTH])
    gravar_privado(pasta.servidor_chave, _pem(chave))
    pasta.servidor.write_bytes(certificado.public_bytes(serialization.Encoding.PEM))


def ler_chave(caminho_pem: bytes) -> rsa.RSAPrivateKey:
    chave = serialization.load_pem_private_key(caminho_pem, password=None)
    if not isinstance(chave, rsa.RSAPrivateKey):
        raise TypeError("RSA key expected")
    return chave


def abrir(pasta: Pasta) -> Autoridade:
    return Autoridade(x509.load_pem_x509_certificate(pasta.ca.read_bytes()), ler_chave(pasta.ca_chave.read_bytes()))


def abrir_estranha(pasta: Pasta) -> Autoridade:
    """The authority that the TLS layer lets through and no service trusts: it is there to be refused by them."""
    certificado = x509.load_pem_x509_certificate(pasta.ca_estranha.read_bytes())
    return Autoridade(certificado, ler_chave(pasta.ca_estranha_chave.read_bytes()))


def emitido_por(certificado: x509.Certificate, autoridade: x509.Certificate) -> bool:
    try:
        certificado.verify_directly_issued_by(autoridade)
    except (InvalidSignature, TypeError, ValueError):
        return False
    return True


def emitir_a1(
    autoridade: Autoridade,
    *,
    cnpj: str,
    nome: str,
    senha: str,
    de: datetime | None = None,
    ate: datetime | None = None,
    titular: bool = True,
) -> bytes:
    """A PKCS#12 file with an e-CNPJ (with 11 digits in `cnpj`, an e-CPF) of one year or of the given aware instants,
    and the authority's certificate. Without `titular` no otherName says whose it is."""
    chave = _nova_chave()
    de = de or datetime.now(UTC) - timedelta(days=30)
    ate = ate or de + timedelta(days=365)
    tipo = "e-CPF" if len(cnpj) == _TAMANHO_CPF else "e-CNPJ"
    assunto = _nome(f"{nome[:49]}:{cnpj}", "AC Sandbox SEM VALOR FISCAL", f"RFB {tipo} A1", "AR de Teste")
    construtor = _construtor(assunto, autoridade.certificado.subject, chave.public_key(), de, ate)
    if titular:
        construtor = construtor.add_extension(x509.SubjectAlternativeName(_titular(cnpj)), critical=False)
    certificado = _assinar(
        construtor, autoridade, [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION]
    )
    return pkcs12.serialize_key_and_certificates(
        nome.encode(),
        chave,
        certificado,
        [autoridade.certificado],
        serialization.BestAvailableEncryption(senha.encode()),
    )


def _titular(documento: str) -> list[x509.OtherName]:
    """The otherNames of the holder; the CPF stands after the date of birth (DDMMAAAA) and before other numbers."""
    if len(documento) == _TAMANHO_CPF:
        return [x509.OtherName(OID_CPF, _octetos(f"01011970{documento}{'0' * 26}"))]
    return [
        x509.OtherName(_OID_RESPONSAVEL, _octetos("RESPONSAVEL DE TESTE")),
        x509.OtherName(OID_CNPJ, _octetos(documento)),
    ]


def _octetos(texto: str) -> bytes:
    conteudo = texto.encode("ascii")
    return bytes([_OCTET_STRING, len(conteudo)]) + conteudo


def cnpj_do_certificado(certificado: x509.Certificate) -> str | None:
    """The CNPJ in the otherName of an e-CNPJ; None when the certificate is of another kind."""
    return _outro_nome(certificado, OID_CNPJ)


def cpf_do_certificado(certificado: x509.Certificate) -> str | None:
    """The CPF in the otherName of an e-CPF; None when the certificate is of another kind."""
    texto = _outro_nome(certificado, OID_CPF)
    return texto[8 : 8 + _TAMANHO_CPF] if texto else None


def _outro_nome(certificado: x509.Certificate, oid: x509.ObjectIdentifier) -> str | None:
    try:
        nomes = certificado.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
    for nome in nomes:
        if isinstance(nome, x509.OtherName) and nome.type_id == oid:
            return nome.value[2:].decode("ascii", "replace")
    return None
