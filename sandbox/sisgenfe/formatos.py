"""How values look on the wire: masks, JSON numbers, pt-BR texts, instants."""

import json
import re
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.documentos import cnpj_valido, cpf_valido, mascara_cnpj
from sandbox.sisgenfe.erros import invalido

RECIFE = timezone(timedelta(hours=-3))
_CNPJ = re.compile(r"[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-[0-9]{2}", re.ASCII)
_CPF = re.compile(r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", re.ASCII)
_CEP = re.compile(r"[0-9]{5}-[0-9]{3}", re.ASCII)
_SO_CNPJ = re.compile(r"[0-9A-Z]{12}[0-9]{2}", re.ASCII)
_SO_CPF = re.compile(r"[0-9]{11}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
CENTAVO = Decimal("0.01")


def sem_mascara(documento: str) -> str:
    return re.sub(r"[./-]", "", documento)


def mascarar(documento: str) -> str:
    """The documented mask for 14 or 11 bare characters; any other text as it is."""
    if _SO_CNPJ.fullmatch(documento):
        return mascara_cnpj(documento)
    if _SO_CPF.fullmatch(documento):
        return f"{documento[:3]}.{documento[3:6]}.{documento[6:9]}-{documento[9:]}"
    return documento


def pessoa_fisica(documento: str) -> bool:
    return bool(_CPF.fullmatch(documento))


def conferir_documento(documento: str, campo: str, *, sem_cpf: bool, aceita_nu: bool, digitos: bool) -> str:
    """The document with its mask. Raises Recusa 400. `aceita_nu` puts the mask where it is missing, `digitos` checks
    the check digits too."""
    if aceita_nu:
        documento = mascarar(documento)
    if not _CNPJ.fullmatch(documento) and (sem_cpf or not _CPF.fullmatch(documento)):
        mascaras = "00.000.000/0000-00" if sem_cpf else "00.000.000/0000-00 ou 000.000.000-00"
        raise invalido(campo, f"{campo} deve ter a máscara {mascaras}.")
    nu = sem_mascara(documento)
    if digitos and not (cnpj_valido(nu) or cpf_valido(nu)):
        raise invalido(campo, f"{campo}: os dígitos verificadores não conferem.")
    return documento


def conferir_cep(cep: str, campo: str) -> str:
    if not _CEP.fullmatch(cep):
        raise invalido(campo, f"{campo} deve ter a máscara 00000-000.")
    return cep


def conferir_email(email: str, campo: str) -> str:
    if email and not _EMAIL.fullmatch(email):
        raise invalido(campo, f"{campo} não é um e-mail válido.")
    return email


def dinheiro(valor: Decimal) -> Decimal:
    """Two decimals, half up."""
    return valor.quantize(CENTAVO, ROUND_HALF_UP)


def numero(valor: Decimal) -> int | float:
    """A JSON number; an integral one comes without decimals, as in the documented answers."""
    return int(valor) if valor == valor.to_integral_value() else float(valor)


def por_extenso(valor: Decimal) -> str:
    """5840 as "5.840,00"."""
    return f"{dinheiro(valor):,.2f}".translate(str.maketrans(",.", ".,"))


def epoca(instante: datetime) -> str:
    """Milliseconds since 1970, as text."""
    return str(int(instante.timestamp() * 1000))


def data(instante: datetime) -> str:
    return instante.astimezone(RECIFE).strftime("%d/%m/%Y")


def competencia(instante: datetime) -> str:
    return instante.astimezone(RECIFE).strftime("%Y%m")


def em_json(valor: Any) -> str:
    return json.dumps(valor, ensure_ascii=False)
