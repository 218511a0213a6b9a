"""Invented certificates and credenciais for the tests of this app."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    KeySerializationEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from django.utils import timezone

from comum import segredos
from comum.models import Usuario
from credentials.models import Autor, CertificadoA1, Credencial, Servico, Vinculo
from credentials.services import certificados
from empresas.models import Empresa
from tests.cast import cnpj_valido

SENHA_PFX = "Senha-do-PFX-ção"
KEY = "chave-inventada-QWERTY-a1b2"
SECRET = "segredo-inventado-ZXCVBN-9988"
CNPJ = cnpj_valido(777)


@lru_cache
def chave_rsa(numero: int = 0) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _der(texto: str) -> bytes:
    return bytes([0x04, len(texto)]) + texto.encode()


def certificado_x509(
    *,
    nome: str = "ESCRITORIO INVENTADO LTDA",
    cnpj: str = CNPJ,
    cpf: str = "",
    de: datetime | None = None,
    ate: datetime | None = None,
    san: bool = True,
    cn_com_cnpj: bool = True,
    chave: rsa.RSAPrivateKey | None = None,
) -> x509.Certificate:
    """An e-CNPJ (or e-CPF) look-alike, self-signed."""
    agora = datetime.now(UTC)
    sufixo = f":{cpf or cnpj}" if cn_com_cnpj else ""
    sujeito = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{nome}{sufixo}")])
    emissor = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "AC INVENTADA RFB v5")])
    chave = chave or chave_rsa()
    builder = (
        x509.CertificateBuilder()
        .subject_name(sujeito)
        .issuer_name(emissor)
        .public_key(chave.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(de or agora - timedelta(days=30))
        .not_valid_after(ate or agora + timedelta(days=300))
    )
    if san:
        oid, valor = ("2.16.76.1.3.1", f"01011980{cpf}") if cpf else ("2.16.76.1.3.3", cnpj)
        outro = x509.OtherName(x509.ObjectIdentifier(oid), _der(valor))
        builder = builder.add_extension(x509.SubjectAlternativeName([outro]), critical=False)
    return builder.sign(chave, hashes.SHA256())


def pfx(
    certificado: x509.Certificate | None = None,
    *,
    senha: str = SENHA_PFX,
    cifra: KeySerializationEncryption | None = None,
) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"a1",
        chave_rsa(),
        certificado or certificado_x509(),
        None,
        cifra or BestAvailableEncryption(senha.encode()),
    )


def pfx_legado() -> bytes:
    """A file as older tools write it: 3DES with a SHA-1 MAC."""
    cifra = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(2048)
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(hashes.SHA1())
        .build(SENHA_PFX.encode())
    )
    return pfx(cifra=cifra)


@lru_cache
def _certificado_padrao() -> tuple[bytes, str, certificados.CertificadoLido]:
    conteudo = pfx()
    return conteudo, SENHA_PFX, certificados.ler_pfx(conteudo, SENHA_PFX)


def guardar_certificado() -> CertificadoA1:
    return certificados.guardar(*_certificado_padrao())


def criar_credencial(codigo: int = 3, *, ativa: bool = True, completa: bool = True) -> Credencial:
    credencial = Credencial(codigo=codigo, descricao=f"Escritório {codigo}", ativa=ativa)
    if completa:
        certificado = guardar_certificado()
        credencial.certificado = certificado
        credencial.contratante, credencial.contratante_nome = certificado.documento, certificado.titular
        credencial.secret_trocado_em = timezone.now()
        segredos.selar(credencial, "consumer_key", KEY)
        segredos.selar(credencial, "consumer_secret", SECRET)
    credencial.save()
    return credencial


def vincular(
    empresa: Empresa,
    credencial: Credencial,
    usuario: Usuario,
    servicos: tuple[str, ...] = (Servico.PGDASD, Servico.DAS),
) -> Vinculo:
    return Vinculo.objects.create(
        empresa=empresa,
        credencial=credencial,
        servicos=list(servicos),
        autor=Autor.CONTRATANTE,
        gravado_por=usuario,
        gravado_em=timezone.now(),
    )
