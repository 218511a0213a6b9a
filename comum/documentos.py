"""Brazilian document numbers and codes: text in, canonical text or a typed refusal out. Nothing raises on bad input.

Sources: CPF check digits, Receita Federal; CNPJ with letters, Instrução Normativa RFB 2.229/2024 (value of a
character = ASCII code - 48); IBGE municipality codes; CNAE-Subclasses 2.3, IBGE/Concla; collection slips, FEBRABAN
"Layout padrão de arrecadação/recebimento com utilização do código de barras", version 7.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum


class Motivo(StrEnum):
    FORMATO = "formato"
    TAMANHO = "tamanho"
    DIGITO = "digito"
    PROIBIDO = "proibido"
    INEXISTENTE = "inexistente"


@dataclass(frozen=True, slots=True)
class Invalido:
    """Why a text was refused; `mensagem` (pt-BR) says what is wrong and what to do."""

    motivo: Motivo
    mensagem: str

    def __str__(self) -> str:
        return self.mensagem


# Deleted before reading: the marks of the masks, blanks and the no-break space that pages and spreadsheets paste.
_MARCAS = {ord(c): None for c in "./- \t\r\n\xa0"}
_CPF = re.compile(r"[0-9]{11}")
_CNPJ = re.compile(r"[0-9A-Z]{12}[0-9]{2}")
_CIENTIFICA = re.compile(r"\s*[0-9][.,][0-9]+E\+?[0-9]+\s*", re.IGNORECASE)

# CNPJ, pair by pair of its first 12 characters: weighted sum for the first check digit in the low 12 bits, for the
# second above them. A bulk import checks 100,000 numbers, and six look-ups cost a third of twenty-five products.
_ALFABETO = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PESOS = ((5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2), (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3))
_PARES = tuple(
    {
        a + b: sum(
            (pesos[i] * (ord(a) - 48) + pesos[i + 1] * (ord(b) - 48)) << (12 * ordem)
            for ordem, pesos in enumerate(_PESOS)
        )
        for a in _ALFABETO
        for b in _ALFABETO
    }
    for i in range(0, 12, 2)
)

# Check digit of CNPJ by the remainder of the weighted sum by 11, and of CPF likewise.
_DV = "00987654321"
# Both digits by the two remainders; the second sum still lacks twice the first digit.
_DVS = tuple(tuple(_DV[r1] + _DV[(r2 + 2 * int(_DV[r1])) % 11] for r2 in range(11)) for r1 in range(11))

_LETRA_NO_CPF = Invalido(
    Motivo.FORMATO,
    "CPF tem caractere que não é número. Digite só os 11 números, com ou sem pontos e traço.",
)
_CPF_DIGITO = Invalido(
    Motivo.DIGITO,
    "CPF com dígito verificador errado. Confira os números no documento.",
)
_CPF_IGUAIS = Invalido(
    Motivo.PROIBIDO,
    "CPF com os 11 números iguais não existe. Informe o CPF verdadeiro.",
)
_CNPJ_FORMATO = Invalido(
    Motivo.FORMATO,
    "CNPJ tem caractere que não pode estar nele. Use só números e letras sem acento, com ou sem ponto, barra e traço.",
)
_CNPJ_DV_LETRA = Invalido(
    Motivo.FORMATO,
    "As duas últimas posições do CNPJ são sempre números. Confira o fim do CNPJ.",
)
_CNPJ_DIGITO = Invalido(
    Motivo.DIGITO,
    "CNPJ com dígito verificador errado. Confira os caracteres no cartão do CNPJ "
    "(atenção a 0 e O, 1 e I e a números trocados de lugar).",
)
_CNPJ_IGUAIS = Invalido(
    Motivo.PROIBIDO,
    "CNPJ com todos os números iguais não existe. Informe o CNPJ verdadeiro.",
)
_CIENTIFICO = Invalido(
    Motivo.FORMATO,
    "O número veio em notação científica: a planilha cortou os algarismos. "
    "Formate a coluna como texto, digite de novo e salve o arquivo.",
)


def _tamanho(nome: str, esperado: str, achado: int) -> Invalido:
    if not achado:
        return Invalido(Motivo.TAMANHO, f"{nome} em branco. Informe {esperado}.")
    return Invalido(
        Motivo.TAMANHO,
        f"{nome} com {achado} posições; o certo são {esperado}. "
        "Confira se falta ou sobra algum caractere (planilhas costumam apagar os zeros do começo).",
    )


def _limpar(texto: str) -> str | None:
    """Without mask marks and blanks, upper case; None when a character outside ASCII is left.

    The ASCII test comes before upper(): "ı" and "ß" would become letters that nobody typed.
    """
    limpo = texto if texto.isalnum() else texto.translate(_MARCAS)
    return limpo.upper() if limpo.isascii() else None


def _cnpj_limpo(limpo: str) -> str | Invalido:
    try:
        soma = (
            _PARES[0][limpo[:2]]
            + _PARES[1][limpo[2:4]]
            + _PARES[2][limpo[4:6]]
            + _PARES[3][limpo[6:8]]
            + _PARES[4][limpo[8:10]]
            + _PARES[5][limpo[10:12]]
        )
        if _DVS[(soma & 4095) % 11][(soma >> 12) % 11] == limpo[12:] and soma:
            return limpo
    except KeyError:
        pass
    return _cnpj_recusado(limpo)


def _cnpj_recusado(limpo: str) -> Invalido:
    if len(limpo) != 14:
        if not limpo.isalnum() and limpo:
            return _CNPJ_FORMATO
        return _tamanho("CNPJ", "14 posições", len(limpo))
    if not _CNPJ.fullmatch(limpo):
        return _CNPJ_DV_LETRA if limpo.isalnum() else _CNPJ_FORMATO
    return _CNPJ_IGUAIS if limpo == limpo[0] * 14 else _CNPJ_DIGITO


def _cpf_limpo(limpo: str) -> str | Invalido:
    if not _CPF.fullmatch(limpo):
        if limpo and not limpo.isdecimal():
            return _LETRA_NO_CPF
        return _tamanho("CPF", "11 números", len(limpo))
    if limpo == limpo[0] * 11:
        return _CPF_IGUAIS
    a, b, c, d, e, f, g, h, i, j, _ = limpo.encode()
    # 2592 and 3120: 48 times the sum of the weights.
    dv1 = _DV[(10 * a + 9 * b + 8 * c + 7 * d + 6 * e + 5 * f + 4 * g + 3 * h + 2 * i - 2592) % 11]
    dv2 = _DV[(11 * a + 10 * b + 9 * c + 8 * d + 7 * e + 6 * f + 5 * g + 4 * h + 3 * i + 2 * j - 3120) % 11]
    return limpo if limpo[9:] == dv1 + dv2 else _CPF_DIGITO


def cnpj(texto: str) -> str | Invalido:
    """CNPJ as 14 upper-case characters (letters possible since July 2026). Accepts the mask, blanks and lower case."""
    limpo = _limpar(texto)
    if limpo is None:
        return _CNPJ_FORMATO
    if len(limpo) != 14 and _CIENTIFICA.fullmatch(texto):
        return _CIENTIFICO
    return _cnpj_limpo(limpo)


def cpf(texto: str) -> str | Invalido:
    """CPF as 11 digits. Accepts the mask and blanks; a bar is refused."""
    limpo = _limpar(texto)
    if limpo is None or "/" in texto:
        return _LETRA_NO_CPF
    if len(limpo) != 11 and _CIENTIFICA.fullmatch(texto):
        return _CIENTIFICO
    return _cpf_limpo(limpo)


def documento(texto: str) -> str | Invalido:
    """CPF or CNPJ, told apart by the length that is left without the mask."""
    limpo = _limpar(texto)
    if limpo is None:
        return Invalido(
            Motivo.FORMATO,
            "CPF ou CNPJ tem caractere que não pode estar nele. "
            "Use só números e letras sem acento, com ou sem ponto, barra e traço.",
        )
    if len(limpo) == 14:
        return _cnpj_limpo(limpo)
    if len(limpo) == 11 and limpo.isdecimal():
        return _LETRA_NO_CPF if "/" in texto else _cpf_limpo(limpo)
    if _CIENTIFICA.fullmatch(texto):
        return _CIENTIFICO
    if limpo and not limpo.isalnum():
        return _CNPJ_FORMATO
    if len(limpo) == 11:
        return _LETRA_NO_CPF
    return _tamanho("CPF ou CNPJ", "11 números (CPF) ou 14 posições (CNPJ)", len(limpo))


def eh_cnpj(documento: str) -> bool:
    """Whether a canonical document is a CNPJ (14 characters) and not a CPF (11)."""
    return len(documento) == 14


def raiz(cnpj: str) -> str:
    """First 8 characters of a canonical CNPJ, shared by matriz and filiais."""
    return cnpj[:8]


def mascarar(documento: str) -> str:
    """00.000.000/0000-00 or 000.000.000-00; a text of another length comes back as it is."""
    d = documento
    if len(d) == 14:
        return f"{d[:2]}.{d[2:5]}.{d[5:8]}/{d[8:12]}-{d[12:]}"
    if len(d) == 11:
        return f"{d[:3]}.{d[3:6]}.{d[6:9]}-{d[9:]}"
    return d


def codigo_ibge_dv_confere(codigo: str) -> bool:
    """Whether the 7-digit municipality code obeys the check digit rule.

    Only words an error ("typed wrong" or "unknown"): nine codes of the official table break the rule, so the table
    decides.
    """
    if not re.fullmatch(r"[0-9]{7}", codigo):
        return False
    produtos = (int(c) * peso for c, peso in zip(codigo, (1, 2, 1, 2, 1, 2), strict=False))
    return (10 - sum(p // 10 + p % 10 for p in produtos) % 10) % 10 == int(codigo[6])


_CNAE = re.compile(r"([0-9]{2})\.?([0-9]{2})-?([0-9])[-/]?([0-9]{2})")


def cnae(texto: str) -> str | Invalido:
    """CNAE subclass as 7 digits. Accepts 6201-5/01, 62.01-5-01 and 6201501; the official table has the last word."""
    limpo = texto.strip()
    if not (achado := _CNAE.fullmatch(limpo)):
        return _cnae_recusado(limpo)
    codigo = "".join(achado.groups())
    if codigo.startswith("00"):
        return Invalido(Motivo.INEXISTENTE, "CNAE inexistente: não há divisão 00. Confira o código no cartão do CNPJ.")
    soma = 5 * int(codigo[0]) + 4 * int(codigo[1]) + 3 * int(codigo[2]) + 2 * int(codigo[3]) + 10
    if int(codigo[4]) != {10: 0, 11: 1}.get(11 - soma % 11, 11 - soma % 11):
        return Invalido(Motivo.DIGITO, "CNAE com o dígito da classe errado (o quinto número). Confira o código.")
    return codigo


def _cnae_recusado(limpo: str) -> Invalido:
    numeros = re.sub(r"[./-]", "", limpo)
    if numeros.isdecimal() and numeros.isascii() and len(numeros) != 7:
        return Invalido(
            Motivo.TAMANHO,
            f"CNAE com {len(numeros)} números; a subclasse tem 7 (0000-0/00). Informe o código completo.",
        )
    if not limpo:
        return Invalido(Motivo.TAMANHO, "CNAE em branco. Informe a subclasse, com 7 números (0000-0/00).")
    return Invalido(Motivo.FORMATO, "CNAE fora do formato 0000-0/00. Use só números, com ou sem a pontuação oficial.")


def algarismos(texto: str) -> str:
    """The digits of a text, without its marks; not for a CNPJ, which may have letters."""
    return re.sub(r"[^0-9]", "", texto)


@dataclass(frozen=True, slots=True)
class LinhaDigitavel:
    """A collection slip (DAS, DARF, taxes of state and município), read from its 48 or 44 digits.

    `valor` in reais, None when the slip carries a reference in place of money; `orgao` is the agency of 4 digits, or
    the CNPJ root of 8 in segment 6.
    """

    valor: Decimal | None
    codigo_barras: str
    segmento: str
    orgao: str

    @property
    def linha(self) -> str:
        """The 48 digits to type: four blocks of 11, each with its check digit."""
        modulo = _MODULOS[self.codigo_barras[2]]
        blocos = (self.codigo_barras[i : i + 11] for i in range(0, 44, 11))
        return "".join(f"{bloco}{modulo(bloco)}" for bloco in blocos)

    @property
    def limite(self) -> date | None:
        """Last day to pay a numbered slip of the Receita Federal, from its free field; None for other slips."""
        if self.orgao not in _NUMERADAS:
            return None
        ano, dia = 2000 + int(self.codigo_barras[19:21]), int(self.codigo_barras[21:24])
        limite = date(ano, 1, 1) + timedelta(days=dia - 1)
        return limite if limite.year == ano else None

    @property
    def documento(self) -> str:
        """The 17 digits that number a slip of the Receita Federal; empty for other slips."""
        return self.codigo_barras[24:41] if self.orgao in _NUMERADAS else ""


def _modulo10(numero: str) -> int:
    soma = 0
    for posicao, algarismo in enumerate(reversed(numero)):
        produto = int(algarismo) * (2 - posicao % 2)
        soma += produto // 10 + produto % 10
    return (10 - soma % 10) % 10


def _modulo11(numero: str) -> int:
    resto = sum(int(algarismo) * (2 + posicao % 8) for posicao, algarismo in enumerate(reversed(numero))) % 11
    # Remainders 0 and 1 give 0, and 10 gives 1; 11 - 10 is already 1.
    return 0 if resto < 2 else 11 - resto


_MODULOS: dict[str, Callable[[str], int]] = {"6": _modulo10, "7": _modulo10, "8": _modulo11, "9": _modulo11}
_SEGMENTOS = "12345679"
ORGAO_SIMPLES = "0328"
_NUMERADAS = (ORGAO_SIMPLES, "0385")  # Simples Nacional and Receita Federal: limit AADDD, number, three digits


def linha_digitavel(texto: str) -> LinhaDigitavel | Invalido:
    """Read a collection slip from its linha digitável (48 digits) or bar code (44 digits)."""
    limpo = texto.translate(_MARCAS)
    if not limpo.isascii() or (limpo and not limpo.isdecimal()):
        return Invalido(Motivo.FORMATO, "A linha digitável só tem números. Apague letras e símbolos e confira.")
    if len(limpo) == 47:
        return Invalido(
            Motivo.TAMANHO,
            "Estes 47 números são de um boleto bancário, não de uma guia de arrecadação. "
            "Informe os 48 números da guia.",
        )
    if len(limpo) not in (44, 48):
        return Invalido(
            Motivo.TAMANHO,
            f"Linha digitável com {len(limpo)} números; a guia tem 48 (ou 44 no código de barras). "
            "Confira se falta um bloco.",
        )
    if limpo[0] != "8":
        return Invalido(Motivo.FORMATO, "Não é guia de arrecadação: a linha digitável dela começa por 8. Confira.")
    if limpo[1] not in _SEGMENTOS or limpo[2] not in _MODULOS:
        return Invalido(
            Motivo.FORMATO, "Linha digitável com segmento ou tipo de valor que não existe. Confira o 2º e o 3º número."
        )
    return _ler_arrecadacao(limpo)


def _ler_arrecadacao(numeros: str) -> LinhaDigitavel | Invalido:
    modulo = _MODULOS[numeros[2]]
    codigo = numeros
    if len(numeros) == 48:
        blocos = [numeros[i : i + 12] for i in range(0, 48, 12)]
        for ordem, bloco in enumerate(blocos, start=1):
            if modulo(bloco[:11]) != int(bloco[11]):
                return Invalido(
                    Motivo.DIGITO, f"O {ordem}º bloco da linha digitável tem erro: {bloco}. Confira na guia."
                )
        codigo = "".join(bloco[:11] for bloco in blocos)
    if modulo(codigo[:3] + codigo[4:]) != int(codigo[3]):
        return Invalido(
            Motivo.DIGITO,
            "O dígito geral da guia (4º número do código de barras) não confere. Confira todos os blocos.",
        )
    valor = Decimal(codigo[4:15]).scaleb(-2) if numeros[2] in "68" else None
    orgao = codigo[15:23] if numeros[1] == "6" else codigo[15:19]
    return LinhaDigitavel(valor=valor, codigo_barras=codigo, segmento=numeros[1], orgao=orgao)
