"""What people type and what screens show: competência, dates, money, numbers, names. No parser raises on bad text."""

import re
import unicodedata
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone

from comum.documentos import Invalido, Motivo

_ANO_MINIMO, _ANO_MAXIMO = 1900, 2099

_COMPETENCIA = re.compile(r"(?:(\d{1,2})[/-](\d{4}|\d{2})|(\d{4})[-/](\d{1,2})|(\d{2})(\d{4}))", re.ASCII)
_DATA = re.compile(
    r"(?:(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})|(\d{2})(\d{2})(\d{4})|(\d{4})-(\d{2})-(\d{2}))", re.ASCII
)

_COMPETENCIA_FORMATO = Invalido(
    Motivo.FORMATO, "Competência fora do formato. Digite mês e ano, como 11/2026, 112026 ou 11/26."
)
_DATA_FORMATO = Invalido(Motivo.FORMATO, "Data fora do formato. Digite dia, mês e ano, como 20/11/2026 ou 20112026.")


def _ano(texto: str) -> int:
    return int(texto) + (2000 if len(texto) == 2 else 0)


def parse_competencia(texto: str) -> date | Invalido:
    """First day of the month typed as 11/2026, 11/26, 112026, 2026-11, or AAAAMM (202611).

    Six digits together are read MMAAAA; the ones whose month would be 19 or 20 are read AAAAMM, so no text has two
    readings.
    """
    achado = _COMPETENCIA.fullmatch(texto.strip())
    if not achado:
        return _COMPETENCIA_FORMATO
    mes_a, ano_a, ano_b, mes_b, mes_c, ano_c = achado.groups()
    if mes_c in ("19", "20"):
        mes_c, ano_c = ano_c[2:], mes_c + ano_c[:2]
    mes, ano = int(mes_a or mes_b or mes_c), _ano(ano_a or ano_b or ano_c)
    if not 1 <= mes <= 12:
        return Invalido(Motivo.INEXISTENTE, f"Não existe o mês {mes:02d}. Digite a competência com mês de 01 a 12.")
    if not _ANO_MINIMO <= ano <= _ANO_MAXIMO:
        return Invalido(Motivo.INEXISTENTE, f"O ano {ano} está fora do esperado. Confira o ano da competência.")
    return date(ano, mes, 1)


def format_competencia(competencia: date) -> str:
    return f"{competencia:%m}/{competencia.year:04d}"


def parse_data(texto: str) -> date | Invalido:
    """Date typed as 20/11/2026, 20/11/26, 20112026 or 2026-11-20; two-digit years are of this century."""
    achado = _DATA.fullmatch(texto.strip())
    if not achado:
        return _DATA_FORMATO
    dia_a, mes_a, ano_a, dia_b, mes_b, ano_b, ano_c, mes_c, dia_c = achado.groups()
    ano = _ano(ano_a or ano_b or ano_c)
    if not _ANO_MINIMO <= ano <= _ANO_MAXIMO:
        return Invalido(Motivo.INEXISTENTE, f"O ano {ano} está fora do esperado. Confira o ano da data.")
    try:
        return date(ano, int(mes_a or mes_b or mes_c), int(dia_a or dia_b or dia_c))
    except ValueError:
        return Invalido(Motivo.INEXISTENTE, f"A data {texto.strip()} não existe no calendário. Confira dia e mês.")


def format_data(data: date) -> str:
    return f"{data:%d/%m}/{data.year:04d}"


_MILHARES = r"[1-9]\d{0,2}(?:\.\d{3})+"
_DINHEIRO = re.compile(rf"(?:({_MILHARES}|\d+)(?:,(\d{{1,2}}))?|(\d+)\.(\d{{1,2}}))", re.ASCII)
_MAIS_DECIMAIS = re.compile(r".*(?:,\d{3,}|\d{4,}\.\d{3}|^0\.\d{3}|\.\d{4,})", re.ASCII)
MAXIMO_EM_DINHEIRO = Decimal("999999999999.99")  # what the columns of amounts hold


def parse_dinheiro(texto: str, *, aceita_negativo: bool = False) -> Decimal | Invalido:
    """Amount in reais, two places. Brazilian reading: the comma is the decimal mark, dots part the thousands.

    Without a comma, one dot followed by one or two digits is a decimal mark (1234.56, as systems export it), while dots
    in groups of three are thousands: 1.234 is one thousand two hundred and thirty-four. Three or more decimals, the
    English 1,234.56 and amounts above 999,999,999,999.99 are refused.
    """
    limpo = texto.replace("\xa0", " ").strip()
    negativo = limpo.startswith(("-", "−")) or limpo.upper().startswith(("R$-", "R$ -"))
    limpo = re.sub(r"^[-−]?\s*(?:R\$)?\s*[-−]?\s*", "", limpo, count=1, flags=re.IGNORECASE)
    if not limpo:
        return Invalido(Motivo.TAMANHO, "Valor em branco. Digite o valor em reais, como 1.234,56.")
    achado = _DINHEIRO.fullmatch(limpo)
    if not achado:
        return _dinheiro_recusado(limpo)
    inteiro_br, centavos_br, inteiro, centavos = achado.groups()
    valor = Decimal(f"{(inteiro_br or inteiro).replace('.', '')}.{(centavos_br or centavos or '').ljust(2, '0')}")
    if valor > MAXIMO_EM_DINHEIRO:
        return Invalido(Motivo.TAMANHO, "Valor grande demais. Confira se há algarismos a mais.")
    if negativo and valor and not aceita_negativo:
        return Invalido(Motivo.PROIBIDO, "O valor não pode ser negativo. Digite um valor a partir de 0,00.")
    return -valor if negativo and valor else valor


def _dinheiro_recusado(limpo: str) -> Invalido:
    if "," in limpo and "." in limpo.rpartition(",")[2]:
        return Invalido(
            Motivo.FORMATO, "Valor no formato americano (vírgula antes do ponto). Digite no formato 1.234,56."
        )
    if _MAIS_DECIMAIS.fullmatch(limpo):
        return Invalido(
            Motivo.FORMATO, "Valor com mais de duas casas decimais. Arredonde para centavos, como 1.234,56."
        )
    return Invalido(Motivo.FORMATO, "Valor fora do formato. Digite só números, como 1.234,56 ou 1234,56.")


_PERCENTUAL = re.compile(r"(\d{1,3})(?:[.,](\d{1,4}))?\s*%?", re.ASCII)


MAXIMO_PERCENTUAL = Decimal("99.9999")  # what the columns of rates hold


def parse_percentual(texto: str, maximo: Decimal = MAXIMO_PERCENTUAL) -> Decimal | Invalido:
    """A percentage up to four decimals, 4,65 or 4.65 or 4,65%: Decimal("4.65"). From zero to `maximo`."""
    limpo = texto.replace("\xa0", " ").strip()
    achado = _PERCENTUAL.fullmatch(limpo)
    if not achado:
        if limpo.startswith(("-", "−")):
            return Invalido(Motivo.PROIBIDO, "O percentual não pode ser negativo. Digite a partir de 0.")
        return Invalido(Motivo.FORMATO, "Percentual fora do formato. Digite como 4,65, com até quatro casas.")
    valor = Decimal(f"{achado[1]}.{achado[2] or 0}")
    if valor > maximo:
        return Invalido(Motivo.PROIBIDO, f"Percentual acima de {format_percentual(maximo)}. Confira a vírgula.")
    return valor


_QUANTIDADE = re.compile(rf"(?:({_MILHARES}|\d+)(?:,(\d{{1,4}}))?|(\d+)\.(\d{{1,4}}))", re.ASCII)
_DUAS_LEITURAS = re.compile(r"[1-9]\d{0,2}\.\d{3}", re.ASCII)
MAXIMO_DE_QUANTIDADE = Decimal("99999999.9999")  # what the columns of quantities hold


def parse_quantidade(texto: str) -> Decimal | Invalido:
    """A quantity above zero, up to four decimals: 1, 2,5, 2.5, 1.000,5.

    One dot and three digits, without a comma, is a thousand to one person and one to another (1.000), and is refused:
    unlike an amount, which has two decimals, a quantity has up to four.
    """
    limpo = texto.replace("\xa0", " ").strip()
    if _DUAS_LEITURAS.fullmatch(limpo):
        junto, decimal = limpo.replace(".", ""), limpo.replace(".", ",")
        return Invalido(
            Motivo.FORMATO,
            f"Quantidade com duas leituras: {limpo} pode ser {junto} ou {decimal}. Digite uma delas.",
        )
    achado = _QUANTIDADE.fullmatch(limpo)
    if not achado:
        if limpo.startswith(("-", "−")):
            return Invalido(Motivo.PROIBIDO, "A quantidade não pode ser negativa. Digite um número maior que zero.")
        return Invalido(Motivo.FORMATO, "Quantidade fora do formato. Digite como 1 ou 2,5, com até quatro casas.")
    inteiro_br, casas_br, inteiro, casas = achado.groups()
    valor = Decimal(f"{(inteiro_br or inteiro).replace('.', '')}.{casas_br or casas or 0}")
    if not valor:
        return Invalido(Motivo.PROIBIDO, "A quantidade precisa ser maior que zero.")
    if valor > MAXIMO_DE_QUANTIDADE:
        return Invalido(Motivo.TAMANHO, "Quantidade grande demais. Confira se há algarismos a mais.")
    return valor


def format_quantidade(valor: Decimal) -> str:
    """As many decimals as it has: 1, 2,5, 1.000."""
    return format_numero(valor, max(0, -int(valor.normalize().as_tuple().exponent)))


def format_numero(valor: Decimal | int, casas: int = 0) -> str:
    """1.234 or 1.234,50: dots part the thousands, the comma the decimals; rounds half up."""
    redondo = Decimal(valor).quantize(Decimal(1).scaleb(-casas), ROUND_HALF_UP)
    texto = f"{redondo:,.{casas}f}".translate(_TROCA)
    return texto[1:] if redondo.is_zero() and texto.startswith("-") else texto


_TROCA = str.maketrans({",": ".", ".": ","})


def format_dinheiro(valor: Decimal | int) -> str:
    """R$ 1.234,56, with the sign in front: -R$ 1.234,56."""
    texto = format_numero(valor, 2)
    return f"-R$ {texto[1:]}" if texto.startswith("-") else f"R$ {texto}"


def format_percentual(valor: Decimal) -> str:
    """4,65%: without the zeros at the end."""
    return f"{valor.normalize():f}%".replace(".", ",")


def format_cep(cep: str) -> str:
    """50030-230; a text of another length comes back as it is."""
    return f"{cep[:5]}-{cep[5:]}" if len(cep) == 8 else cep


def format_telefone(telefone: str) -> str:
    """(81) 3222-1000, (81) 93222-1000; a number abroad comes back as it is."""
    if len(telefone) not in (10, 11):
        return telefone
    return f"({telefone[:2]}) {telefone[2:-4]}-{telefone[-4:]}"


def hora(instante: datetime) -> str:
    """The office's clock: "10h42" today, "20/11 10h42" on another day."""
    local = timezone.localtime(instante)
    return f"{local:%Hh%M}" if local.date() == timezone.localdate() else f"{local:%d/%m %Hh%M}"


def contar(quantos: int, um: str, muitos: str) -> str:
    """A number with its noun: "1 recusada", "1.234 recusadas"."""
    return f"{format_numero(quantos)} {um if quantos == 1 else muitos}"


# Apostrophes and hyphens of every kind part words ("D'Oeste", "Embu-Guaçu"); accents standing alone too.
_SEPARADORES = {ord(c): " " for c in "'’‘ʼ`´\"“”-‐‑‒–—−\xad"}
_TEM_SEPARADOR = re.compile(f"[{re.escape(''.join(map(chr, _SEPARADORES)))}]").search
_ACENTOS = re.compile("[\u0300-\u036f]+")


def normalizar(texto: str) -> str:
    """For search, order and header names: lower case, no accents, apostrophes and hyphens as blanks, single blanks."""
    if not texto.isascii():
        texto = _ACENTOS.sub("", unicodedata.normalize("NFKD", texto))
    if _TEM_SEPARADOR(texto):  # an import normalises every name of the file: looking costs a quarter of translating
        texto = texto.translate(_SEPARADORES)
    return " ".join(texto.casefold().split())


_SIM = frozenset({"sim", "s", "1", "x", "verdadeiro", "true", "ativa", "ativo", "yes", "y"})
_NAO = frozenset({"nao", "n", "0", "falso", "false", "inativa", "inativo", "no"})


def parse_sim_nao(texto: str) -> bool | Invalido:
    limpo = normalizar(texto)
    if limpo in _SIM:
        return True
    if limpo in _NAO:
        return False
    return Invalido(Motivo.FORMATO, "Esperado sim ou não. Digite S ou N.")
