"""Shared by the tests of the national NFS-e: invented identifiers."""

from nfse.providers.nacional.identificadores import digito_da_chave

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
