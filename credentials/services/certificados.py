"""Reading and keeping A1 certificates (PKCS#12). Every refusal has its own message: what is wrong and what to do next.

Source of the object identifiers: DOC-ICP-04 (ICP-Brasil), subjectAltName otherName of e-CNPJ and e-CPF certificates.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import NoReturn
from uuid import UUID, uuid4

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.db import connection
from django.db.models import Exists, ForeignObjectRel, OuterRef, Q
from django.utils import timezone

from comum import auditoria, documentos, segredos
from comum.formatos import format_data
from comum.models import Usuario
from credentials.models import CertificadoA1, Vinculo

TAMANHO_MAXIMO = 200_000  # bytes; a PFX with its whole chain has 3 to 12 kB

_OID_CNPJ = x509.ObjectIdentifier("2.16.76.1.3.3")  # the CNPJ, 14 characters
_OID_PESSOA_FISICA = x509.ObjectIdentifier("2.16.76.1.3.1")  # birth (8), CPF (11), NIS (11), RG...


class Motivo(StrEnum):
    VAZIO = "vazio"
    GRANDE = "grande"
    FORMATO = "formato"
    CORTADO = "cortado"
    SENHA = "senha"
    SEM_CHAVE = "sem_chave"
    SEM_CERTIFICADO = "sem_certificado"
    TROCADO = "trocado"
    SEM_DOCUMENTO = "sem_documento"
    VENCIDO = "vencido"
    FUTURO = "futuro"


class CertificadoErro(Exception):
    """The file is not a usable A1. `mensagem` is pt-BR for the screen."""

    def __init__(self, motivo: Motivo, mensagem: str) -> None:
        super().__init__(mensagem)
        self.motivo = motivo
        self.mensagem = mensagem


@dataclass(frozen=True)
class CertificadoLido:
    """What the certificate says of itself. `documento` is the unmasked CNPJ or CPF; `impressao` its SHA-256."""

    titular: str
    documento: str
    emissor: str
    valido_de: datetime
    valido_ate: datetime
    impressao: str


@dataclass(frozen=True, repr=False)
class CertificadoNovo:
    """A file that ler_pfx() has read and nobody has saved yet; `pk` is the one it will be saved under."""

    conteudo: bytes
    senha: str
    lido: CertificadoLido
    pk: UUID = field(default_factory=uuid4)


def ler_pfx(conteudo: bytes, senha: str) -> CertificadoLido:
    """Open a PKCS#12 file and check that it can be used now. Raises CertificadoErro."""
    _conferir_arquivo(conteudo)
    certificado = _abrir(conteudo, senha)
    lido = _ler_certificado(certificado)
    agora = timezone.now()
    if lido.valido_ate <= agora:
        raise CertificadoErro(
            Motivo.VENCIDO,
            f"O certificado de {lido.titular} venceu em {_dia(lido.valido_ate)}. "
            "Peça a renovação à certificadora e envie o arquivo novo.",
        )
    if lido.valido_de > agora:
        raise CertificadoErro(
            Motivo.FUTURO,
            f"O certificado de {lido.titular} só vale a partir de {_dia(lido.valido_de)}. "
            "Envie-o de novo nessa data, ou confira o relógio deste servidor.",
        )
    return lido


def guardar(conteudo: bytes, senha: str, lido: CertificadoLido, pk: UUID | None = None) -> CertificadoA1:
    """Seal and save a file that ler_pfx() has read."""
    certificado = CertificadoA1(
        id=pk or uuid4(),
        titular=lido.titular,
        documento=lido.documento,
        emissor=lido.emissor,
        valido_de=lido.valido_de,
        valido_ate=lido.valido_ate,
        impressao=lido.impressao,
    )
    segredos.selar(certificado, "pfx", conteudo)
    segredos.selar(certificado, "senha", senha)
    certificado.save()
    return certificado


def guardar_do_procurador(usuario: Usuario, novo: CertificadoNovo) -> None:
    """Save the certificate of a procurador, with its audit row. Inside the transaction that first refers to it."""
    certificado = guardar(novo.conteudo, novo.senha, novo.lido, novo.pk)
    auditoria.registrar(
        usuario=usuario,
        acao="certificado.guardar",
        objeto=certificado,
        resumo=f"Certificado do procurador {documentos.mascarar(certificado.documento)} guardado: {certificado}",
        dados={"impressao": certificado.impressao},
    )


def do_procurador(documento: str) -> UUID | None:
    """The newest still valid certificate that some Vinculo already uses for this procurador."""
    usado = Vinculo.objects.filter(procurador=documento, procurador_certificado=OuterRef("pk"))
    validos = CertificadoA1.objects.filter(Exists(usado), documento=documento, valido_ate__gt=timezone.now())
    return validos.order_by("-valido_ate").values_list("pk", flat=True).first()


def travar(certificados: Collection[UUID]) -> set[UUID]:
    """Which of these are still there, held so until the commit: a row may be written that names them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM credentials_certificadoa1 WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",
            [list(certificados)],
        )
        return {pk for (pk,) in cursor.fetchall()}


def _no_historico(certificados: Collection[UUID]) -> list[UUID]:
    """Which of these some Gravacao names; by the partial indexes of migration 0002."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c::uuid FROM unnest(%s::text[]) AS c
            WHERE EXISTS (SELECT FROM credentials_gravacaoitem WHERE antes ->> 'procurador_certificado' = c)
                OR EXISTS (SELECT FROM credentials_gravacaoitem WHERE depois ->> 'procurador_certificado' = c)
            """,
            [[str(pk) for pk in certificados]],
        )
        return [pk for (pk,) in cursor.fetchall()]


def descartar(usuario: Usuario, candidatos: Collection[UUID]) -> None:
    """Delete the certificates that nothing refers to any more: no row of any app, and no history.

    Inside the transaction that took the last reference away.
    """
    if not candidatos:
        return
    # Locked by one statement and looked at by the next: what others wrote while this one waited is seen.
    travados = [c.pk for c in CertificadoA1.objects.select_for_update().filter(pk__in=candidatos).order_by("pk")]
    soltos = CertificadoA1.objects.filter(pk__in=travados).exclude(
        reduce(or_, _referencias(), Q(pk__in=_no_historico(travados)))
    )
    for certificado in soltos:
        auditoria.registrar(
            usuario=usuario,
            acao="certificado.descartar",
            objeto=certificado,
            resumo=f"Certificado de {documentos.mascarar(certificado.documento)} apagado, sem uso: {certificado}",
            dados={"impressao": certificado.impressao},
        )
        certificado.delete()


def _referencias() -> Iterator[Exists]:
    """That some row of a model refers to the certificate: also of the apps above, which are not known here."""
    for relacao in CertificadoA1._meta.get_fields(include_hidden=True):
        if isinstance(relacao, ForeignObjectRel):
            campo = {relacao.remote_field.name: OuterRef("pk")}
            yield Exists(relacao.related_model._default_manager.filter(**campo))


def recusar_tamanho(tamanho: int) -> NoReturn:
    """The refusal of a file of this many bytes."""
    raise CertificadoErro(
        Motivo.GRANDE,
        f"O arquivo tem {tamanho // 1000} kB, e um certificado A1 tem menos de {TAMANHO_MAXIMO // 1000} kB. "
        "Confira se escolheu o arquivo .pfx ou .p12.",
    )


def _dia(instante: datetime) -> str:
    return format_data(timezone.localtime(instante))


def _conferir_arquivo(conteudo: bytes) -> None:
    if not conteudo:
        raise CertificadoErro(Motivo.VAZIO, "O arquivo está vazio. Exporte o certificado de novo e envie o .pfx.")
    if len(conteudo) > TAMANHO_MAXIMO:
        recusar_tamanho(len(conteudo))
    if b"-----BEGIN" in conteudo[:200]:
        raise CertificadoErro(
            Motivo.FORMATO,
            "O arquivo é um PEM (.pem, .crt ou .key), não um PFX. Exporte o certificado com a chave privada como .pfx.",
        )
    corpo = _corpo_der(conteudo)
    if corpo is None or corpo[:1] == b"\x30":  # a bare X.509 certificate begins with a nested SEQUENCE
        extra = " Parece um certificado sem a chave privada (.cer)." if corpo is not None else ""
        raise CertificadoErro(
            Motivo.FORMATO,
            f"O arquivo não é um certificado A1 (.pfx ou .p12).{extra} "
            "Exporte o certificado com a chave privada como .pfx e envie esse arquivo.",
        )
    if corpo[:3] != b"\x02\x01\x03":  # PFX ::= SEQUENCE { version INTEGER {v3(3)}, ... } (RFC 7292, section 4)
        raise CertificadoErro(
            Motivo.FORMATO,
            "O arquivo não é um certificado A1 (.pfx ou .p12). Escolha o arquivo que a certificadora entregou.",
        )


def _corpo_der(conteudo: bytes) -> bytes | None:
    """What stands inside the outer DER SEQUENCE; None when there is none. Raises CertificadoErro when cut short."""
    if len(conteudo) < 5 or conteudo[0] != 0x30:
        return None
    if conteudo[1] == 0x80:  # BER of indefinite length, which some tools write
        return conteudo[2:]
    if conteudo[1] < 0x80:
        tamanho, inicio = conteudo[1], 2
    else:
        inicio = 2 + (conteudo[1] & 0x7F)
        tamanho = int.from_bytes(conteudo[2:inicio], "big")
    if inicio + tamanho > len(conteudo):
        raise CertificadoErro(
            Motivo.CORTADO,
            "O arquivo está incompleto: foi cortado na cópia ou no envio. "
            "Copie o .pfx de novo da origem e envie outra vez.",
        )
    return conteudo[inicio:]


def _abrir(conteudo: bytes, senha: str) -> x509.Certificate:
    try:
        chave, certificado, _cadeia = pkcs12.load_key_and_certificates(conteudo, senha.encode() if senha else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as erro:
        if isinstance(erro, ValueError) and "password" in str(erro).lower():
            raise CertificadoErro(
                Motivo.SENHA,
                "A senha não abre este certificado. Confira maiúsculas e números; "
                "é a senha definida ao exportar o arquivo.",
            ) from None
        raise CertificadoErro(
            Motivo.FORMATO,
            "O arquivo tem forma de certificado, mas o conteúdo não pôde ser lido. "
            "Exporte o .pfx de novo e envie outra vez.",
        ) from None
    if certificado is None and chave is None:
        raise CertificadoErro(
            Motivo.SEM_CERTIFICADO,
            "O arquivo abriu, mas não traz um certificado com chave privada. "
            "Exporte de novo marcando “exportar a chave privada”.",
        )
    if chave is None:
        raise CertificadoErro(
            Motivo.SEM_CHAVE,
            "O arquivo abriu, mas não traz a chave privada. Exporte de novo marcando “exportar a chave privada”.",
        )
    if certificado is None:
        raise CertificadoErro(
            Motivo.SEM_CERTIFICADO,
            "O arquivo traz a chave, mas não o certificado dela. Exporte os dois juntos como .pfx.",
        )
    if _publica(chave.public_key()) != _publica(certificado.public_key()):
        raise CertificadoErro(
            Motivo.TROCADO, "A chave privada do arquivo não é a deste certificado. Exporte o .pfx de novo da origem."
        )
    return certificado


def _publica(chave: object) -> bytes:
    return chave.public_bytes(  # type: ignore[attr-defined, no-any-return]
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _ler_certificado(certificado: x509.Certificate) -> CertificadoLido:
    nome_comum = _atributo(certificado.subject, NameOID.COMMON_NAME)
    titular, _, sufixo = nome_comum.partition(":")
    documento = _documento(certificado) or _valido(sufixo)
    if not documento:
        raise CertificadoErro(
            Motivo.SEM_DOCUMENTO,
            "O certificado não traz um CNPJ ou CPF válido. O Integra Contador pede um e-CNPJ da ICP-Brasil; "
            "certificados de servidor (SSL) ou de teste de outras origens não servem.",
        )
    emissor = _atributo(certificado.issuer, NameOID.COMMON_NAME) or _atributo(
        certificado.issuer, NameOID.ORGANIZATION_NAME
    )
    return CertificadoLido(
        titular=titular.strip()[:150],
        documento=documento,
        emissor=emissor[:150],
        valido_de=certificado.not_valid_before_utc,
        valido_ate=certificado.not_valid_after_utc,
        impressao=certificado.fingerprint(hashes.SHA256()).hex(),
    )


def _atributo(nome: x509.Name, oid: x509.ObjectIdentifier) -> str:
    valores = nome.get_attributes_for_oid(oid)
    return str(valores[0].value) if valores else ""


def _documento(certificado: x509.Certificate) -> str:
    """CNPJ, else CPF, from the otherName entries of ICP-Brasil; empty when there is none."""
    try:
        nomes = certificado.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ""
    textos = {nome.type_id: _texto_der(nome.value) for nome in nomes.get_values_for_type(x509.OtherName)}
    return _valido(textos.get(_OID_CNPJ, "")) or _valido(textos.get(_OID_PESSOA_FISICA, "")[8:19])


def _valido(texto: str) -> str:
    lido = documentos.documento(texto) if texto else ""
    return lido if isinstance(lido, str) else ""


def _texto_der(valor: bytes) -> str:
    """Text of a short DER string of any string type (OCTET STRING, PrintableString, UTF8String...)."""
    if len(valor) < 2 or valor[1] >= 0x80:
        return ""
    return valor[2 : 2 + valor[1]].decode("latin-1").strip()
