"""Shared by the tests of the national NFS-e: invented identifiers and certificates."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from nfse.providers.nacional.identificadores import digito_da_chave
from operacoes.http import Certificado
from tests.credentials.fabrica import certificado_x509, chave_rsa

CNPJ = "11222333000181"
CNPJ_COM_LETRAS = "12ABC34501DE35"
CPF = "52998224725"
SAO_PAULO = "3550308"


def chave_de(
    documento: str = CNPJ, *, municipio: str = SAO_PAULO, numero: int = 7, gerador: str = "2", ano_mes: str = "2611"
) -> str:
    inscricao = f"1000{documento}" if len(documento) == 11 else f"2{documento}"
    corpo = f"{municipio}{gerador}{inscricao}{numero:013d}{ano_mes}123456789"
    return corpo + digito_da_chave(corpo)


@lru_cache
def a1(
    documento: str = CNPJ, *, vencido: bool = False, cadeia_vencida: bool = False, renovada: bool = False
) -> Certificado:
    """An A1 of this CNPJ or CPF; with the certificate of its authority expired, and with the renewed one beside it."""
    quem: dict[str, Any] = {"cpf": documento} if len(documento) == 11 else {"cnpj": documento}
    ontem = datetime.now(UTC) - timedelta(days=1)
    proprio = certificado_x509(ate=ontem if vencido else None, **quem)
    autoridade = "AC INVENTADA RFB v5"
    outros: list[x509.Certificate] = []
    if cadeia_vencida:
        outros.append(certificado_x509(nome=autoridade, cn_com_cnpj=False, ate=ontem))
        outros.append(certificado_x509(nome="AC ALHEIA", cn_com_cnpj=False, ate=ontem))
    if renovada:
        outros.append(certificado_x509(nome=autoridade, cn_com_cnpj=False))
    pfx = pkcs12.serialize_key_and_certificates(
        b"a1", chave_rsa(), proprio, outros or None, BestAvailableEncryption(b"senha")
    )
    return Certificado(pfx, "senha")
