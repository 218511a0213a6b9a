"""Every file that is not a usable A1 is refused with its own message; a usable one is read whatever its cipher."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12

from comum import segredos
from credentials.services.certificados import TAMANHO_MAXIMO, CertificadoErro, Motivo, guardar, ler_pfx
from tests.cast import cnpj_valido
from tests.credentials import fabrica
from tests.credentials.fabrica import CNPJ, SENHA_PFX, certificado_x509, pfx


def motivo_de(conteudo: bytes, senha: str = SENHA_PFX) -> tuple[Motivo, str]:
    with pytest.raises(CertificadoErro) as erro:
        ler_pfx(conteudo, senha)
    return erro.value.motivo, erro.value.mensagem


def test_reads_holder_cnpj_validity_and_issuer() -> None:
    lido = ler_pfx(pfx(), SENHA_PFX)
    assert (lido.titular, lido.documento) == ("ESCRITORIO INVENTADO LTDA", CNPJ)
    assert lido.emissor == "AC INVENTADA RFB v5"
    assert lido.valido_ate > datetime.now(UTC)


def test_reads_a_cnpj_with_letters() -> None:
    cnpj = cnpj_valido(12, letras=True)
    assert ler_pfx(pfx(certificado_x509(cnpj=cnpj)), SENHA_PFX).documento == cnpj


def test_reads_the_cpf_of_an_e_cpf() -> None:
    assert ler_pfx(pfx(certificado_x509(cpf="52998224725")), SENHA_PFX).documento == "52998224725"


def test_falls_back_to_the_common_name() -> None:
    assert ler_pfx(pfx(certificado_x509(san=False)), SENHA_PFX).documento == CNPJ


def test_reads_legacy_3des_files() -> None:
    assert ler_pfx(fabrica.pfx_legado(), SENHA_PFX).documento == CNPJ


def test_wrong_password() -> None:
    motivo, mensagem = motivo_de(pfx(), "errada")
    assert motivo == Motivo.SENHA
    assert "senha" in mensagem.lower()


def test_missing_password() -> None:
    assert motivo_de(pfx(), "")[0] == Motivo.SENHA


def test_expired() -> None:
    ontem = datetime.now(UTC) - timedelta(days=1)
    motivo, mensagem = motivo_de(pfx(certificado_x509(de=ontem - timedelta(days=365), ate=ontem)))
    assert motivo == Motivo.VENCIDO
    assert "venceu em" in mensagem


def test_not_yet_valid() -> None:
    motivo, mensagem = motivo_de(pfx(certificado_x509(de=datetime.now(UTC) + timedelta(days=2))))
    assert motivo == Motivo.FUTURO
    assert "só vale a partir de" in mensagem


@pytest.mark.parametrize(
    "conteudo", [b"cnpj;razao\r\n1;2\r\n", b"PK\x03\x04planilha", b"%PDF-1.7", b"\x30", b"\x00" * 50]
)
def test_not_a_pfx(conteudo: bytes) -> None:
    assert motivo_de(conteudo)[0] == Motivo.FORMATO


def test_a_bare_certificate_is_named_as_such() -> None:
    motivo, mensagem = motivo_de(certificado_x509().public_bytes(Encoding.DER))
    assert motivo == Motivo.FORMATO
    assert "sem a chave privada" in mensagem


def test_a_pem_is_named_as_such() -> None:
    motivo, mensagem = motivo_de(certificado_x509().public_bytes(Encoding.PEM))
    assert motivo == Motivo.FORMATO
    assert "PEM" in mensagem


def test_empty() -> None:
    assert motivo_de(b"")[0] == Motivo.VAZIO


def test_over_large() -> None:
    motivo, mensagem = motivo_de(b"\x30" * (TAMANHO_MAXIMO + 1))
    assert motivo == Motivo.GRANDE
    assert "200 kB" in mensagem


def test_cut_short() -> None:
    assert motivo_de(pfx()[:-40])[0] == Motivo.CORTADO


def test_without_private_key() -> None:
    so_certificado = pkcs12.serialize_key_and_certificates(
        b"a1", None, certificado_x509(), None, BestAvailableEncryption(SENHA_PFX.encode())
    )
    motivo, mensagem = motivo_de(so_certificado)
    assert motivo in (Motivo.SEM_CHAVE, Motivo.SEM_CERTIFICADO)
    assert "chave privada" in mensagem


def test_without_a_document() -> None:
    assert motivo_de(pfx(certificado_x509(san=False, cn_com_cnpj=False)))[0] == Motivo.SEM_DOCUMENTO


@pytest.mark.django_db
def test_file_and_password_are_stored_sealed() -> None:
    conteudo = pfx()
    guardado = guardar(conteudo, SENHA_PFX, ler_pfx(conteudo, SENHA_PFX))
    guardado.refresh_from_db()
    assert SENHA_PFX.encode() not in bytes(guardado.senha)
    assert conteudo not in bytes(guardado.pfx)
    assert segredos.abrir(guardado, "pfx") == conteudo
    assert segredos.abrir_texto(guardado, "senha") == SENHA_PFX
