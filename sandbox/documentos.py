"""Check digits of CPF and CNPJ, written apart from the product's own.

CNPJ with letters: IN RFB 2.229/2024 (value of a character = ASCII code - 48, modulo 11, weights 2..9 from the right).
"""

import re

_CNPJ = re.compile(r"[0-9A-Z]{12}[0-9]{2}", re.ASCII)
_CPF = re.compile(r"[0-9]{11}", re.ASCII)


def _modulo_onze(texto: str) -> str:
    soma = sum((ord(letra) - 48) * (2 + posicao % 8) for posicao, letra in enumerate(reversed(texto)))
    resto = soma % 11
    return "0" if resto < 2 else str(11 - resto)


def digitos_cnpj(doze: str) -> str:
    """The two check digits of the first twelve characters."""
    primeiro = _modulo_onze(doze)
    return primeiro + _modulo_onze(doze + primeiro)


def cnpj_valido(texto: str) -> bool:
    return bool(_CNPJ.fullmatch(texto)) and len(set(texto)) > 1 and digitos_cnpj(texto[:12]) == texto[12:]


def cpf_valido(texto: str) -> bool:
    if not _CPF.fullmatch(texto) or len(set(texto)) == 1:
        return False
    for tamanho in (9, 10):
        soma = sum(int(texto[i]) * (tamanho + 1 - i) for i in range(tamanho))
        if str(soma * 10 % 11 % 10) != texto[tamanho]:
            return False
    return True


def mascara_cnpj(cnpj: str) -> str:
    return f"{cnpj[:2]}.{cnpj[2:5]}.{cnpj[5:8]}/{cnpj[8:12]}-{cnpj[12:]}"
