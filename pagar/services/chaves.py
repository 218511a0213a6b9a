"""Keys made from the intent alone: the reference of a sending, and the number and parcela of a title.

Asked twice for one intent they are the same, so that a sending whose answer was lost is repeated as it was, and the ERP
refuses it when the first one worked. They are stored with the intent before the first sending: a reference has the
transaction's date inside, which is fixed with it.
"""

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_LETRAS = "abcdefghijklmnopqrstuvwxyz"
_COMBINACOES = len(_LETRAS) ** 3
_PASSO = 7919  # coprime to 26**3, so that stepping by it meets every combination once
NUMERO_MAXIMO = 16  # 10 in old bases
_DA_DIVIDA = 6  # a thousand million of debts of one kind in a month
_SEM_ENGANO = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0, O, 1 and I
PARCELA_MAXIMA = 99
_SEPARADOR = "\x1f"


class Movimento(StrEnum):
    """The letter of a reference: which movement it is of. T is customary for titles, the rest are ours."""

    IMPLANTACAO = "T"
    ANTECIPACAO = "A"
    PAGAMENTO = "P"
    ESTORNO = "E"
    ATUALIZACAO = "U"


class ChaveInvalida(ValueError):
    """A key that cannot be made; the text (pt-BR) says why and what to do."""


@dataclass(frozen=True)
class NumeroDaNota:
    """The number of a title made from a note; `completo` is the note's own when it did not fit (goes in the history),
    else empty."""

    numero: str
    completo: str = ""


def referencias(data: date, movimento: Movimento, *intencao: str) -> Iterator[str]:
    """Candidates of the reference of an intent, always in the same order: `yymmdd`, the letter of the movement and
    three small letters. The first not yet used in the branch is taken, and stored; after 17,576 there are no more.

    Raises ChaveInvalida when nothing names the intent.
    """
    if not any(parte.strip() for parte in intencao):
        raise ChaveInvalida("Falta o que identifica o envio. Informe a empresa e o documento.")
    resumo = hashlib.sha256(_SEPARADOR.join((data.isoformat(), movimento, *intencao)).encode()).digest()
    inicio = int.from_bytes(resumo[:8])
    for vez in range(_COMBINACOES):
        yield f"{data:%y%m%d}{movimento}{_tres_letras((inicio + vez * _PASSO) % _COMBINACOES)}"


def referencia(data: date, movimento: Movimento, *intencao: str, usadas: Collection[str] = ()) -> str:
    """The first candidate that is not among `usadas` (references of the branch, compared without case).

    Raises ChaveInvalida when the day has none left.
    """
    tomadas = {usada.casefold() for usada in usadas}
    for candidata in referencias(data, movimento, *intencao):
        if candidata.casefold() not in tomadas:
            return candidata
    raise ChaveInvalida(f"Não há mais referências livres em {data:%d/%m/%Y}. Use outra data de transação.")


def numero_do_das(competencia: date, empresa: str = "", *, maximo: int = NUMERO_MAXIMO) -> str:
    """DAS202610; with `empresa`, its code behind, where one branch serves several empresas. Raises ChaveInvalida."""
    numero = f"DAS{competencia:%Y%m}{_codigo(empresa)}"
    if len(numero) > maximo:
        raise ChaveInvalida(
            f"O número do título do DAS ficaria com {len(numero)} caracteres ({numero}), e cabem {maximo}. "
            "Use um código de empresa mais curto."
        )
    return numero


def numero_da_guia(sigla: str, competencia: date, divida: str, *, maximo: int = NUMERO_MAXIMO) -> str:
    """DF2610K3XW7Q: two letters of its kind, year and month, and what tells its debt from the others of the month, in
    as many positions as the base takes (10 at least). Raises ChaveInvalida."""
    inicio = f"{sigla}{competencia:%y%m}"
    cabem = min(maximo - len(inicio), _DA_DIVIDA)
    if cabem < 4:
        raise ChaveInvalida(f"O número do título precisa de 10 posições, e nesta conta cabem {maximo}. Ajuste a base.")
    resto, letras = int.from_bytes(hashlib.sha256(divida.encode()).digest()), []
    for _ in range(cabem):
        resto, posicao = divmod(resto, len(_SEM_ENGANO))
        letras.append(_SEM_ENGANO[posicao])
    return inicio + "".join(letras)


def numero_da_nota(numero: str, *, maximo: int = NUMERO_MAXIMO) -> NumeroDaNota:
    """The number of a note without the zeros in front; of a longer one, its end. Raises ChaveInvalida."""
    limpo = re.sub(r"[\s./-]", "", numero).upper()
    if not re.fullmatch(r"[0-9A-Z]+", limpo):
        raise ChaveInvalida(f"Número de nota “{numero}” fora do formato. Use só números e letras.")
    inteiro = limpo.lstrip("0")
    if not inteiro:
        raise ChaveInvalida("O número da nota é zero. Confira na nota.")
    return NumeroDaNota(inteiro) if len(inteiro) <= maximo else NumeroDaNota(inteiro[-maximo:], completo=inteiro)


def numero_do_imposto(fornecedor: int, nota: str, titulo: int, *, maximo: int = NUMERO_MAXIMO) -> str:
    """95N4471P1: the title that the ERP opens for a tax of the title of parcela `titulo`, of note `nota`. Each attempt
    to pay a note has its own, since the ERP keeps the keys of what was undone. What is too long loses its beginning."""
    return f"{fornecedor}N{nota}P{titulo}"[-maximo:]


def parcela(ordem: int) -> str:
    """From "1" to "99": of the payment terms, of an instalment plan, or the next one of a guia issued again."""
    if not 1 <= ordem <= PARCELA_MAXIMA:
        raise ChaveInvalida(f"Parcela {ordem} não cabe no título: são de 1 a {PARCELA_MAXIMA}.")
    return str(ordem)


def _tres_letras(indice: int) -> str:
    return _LETRAS[indice // 676] + _LETRAS[indice // 26 % 26] + _LETRAS[indice % 26]


def _codigo(empresa: str) -> str:
    limpo = empresa.strip().upper()
    if not re.fullmatch(r"[0-9A-Z]*", limpo):
        raise ChaveInvalida(f"O código da empresa (“{empresa}”) tem símbolos. Use só números e letras.")
    return limpo
