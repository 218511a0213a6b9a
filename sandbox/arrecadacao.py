"""Numbers printed on a collection slip: document number, bar code of 44 digits, linha digitável of 48.

FEBRABAN, "Layout padrão de arrecadação/recebimento com utilização do código de barras": product 8, segment 5
(government), value id 8 (reais, modulo 11). Free field of the federal slips: limit date AADDD,
document number (17), three digits.
"""

from datetime import date
from decimal import Decimal

ORGAO_SIMPLES = "0328"
ORGAO_RECEITA = "0385"


def modulo_onze(digitos: str) -> str:
    """FEBRABAN's modulo 11: weights 2..9 from the right; 11 minus the remainder, 0 when the remainder is 0 or 1."""
    resto = sum(int(letra) * (2 + posicao % 8) for posicao, letra in enumerate(reversed(digitos))) % 11
    return "0" if resto < 2 else str(11 - resto)


def dia_juliano(dia: date) -> str:
    return f"{dia.year % 100:02d}{dia.timetuple().tm_yday:03d}"


def numero_documento(familia: str, emissao: date, sequencia: int) -> str:
    """17 digits: family (0720 DAS, 0716 DARF), day of issue AADDD, sequence of 7, check digit."""
    base = f"{familia}{dia_juliano(emissao)}{sequencia % 10_000_000:07d}"
    return base + modulo_onze(base)


def mascara_documento(numero: str) -> str:
    return f"{numero[:2]}.{numero[2:4]}.{numero[4:9]}.{numero[9:16]}-{numero[16]}"


def codigo_barras(valor: Decimal, limite: date, numero: str, orgao: str) -> str:
    """44 digits of one slip; `valor` in reais."""
    corpo = f"{int(valor * 100):011d}{orgao}{dia_juliano(limite)}{numero}000"
    return "858" + modulo_onze("858" + corpo) + corpo


def linha_digitavel(codigo: str) -> str:
    """48 digits in four blocks of 12, each closed by its own check digit."""
    blocos = (codigo[inicio : inicio + 11] for inicio in range(0, 44, 11))
    return " ".join(bloco + modulo_onze(bloco) for bloco in blocos)
