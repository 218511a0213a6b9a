"""Whether the lines of an accounting close, as one types."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from comum.formatos import format_dinheiro, format_numero
from pagar.forms.corpo import CorpoDigitado, Cru

ZERO = Decimal(0)


@dataclass(frozen=True)
class Fechamento:
    """`total` is what the lines must add up to, `rateado` what they do; `lido`: all of the amounts could be read."""

    total: Decimal
    rateado: Decimal
    lido: bool = True

    @property
    def diferenca(self) -> Decimal:
        """What is missing; below zero, what is too much."""
        return self.total - self.rateado

    @property
    def dito(self) -> str:
        if not self.lido:
            return "Há valor a acertar"
        if not self.diferenca:
            return "O rateio fecha com o valor" if self.total else "Sem valores"
        falta = "Faltam" if self.diferenca > 0 else "Sobram"
        return f"{falta} {format_dinheiro(abs(self.diferenca))} no rateio"

    @property
    def tom(self) -> str:
        if not self.lido:
            return "erro"
        if self.diferenca:
            return "atencao" if self.diferenca > 0 else "erro"
        return "ok" if self.total else "neutro"


def lidos(digitado: CorpoDigitado[Any], total: str) -> bool:
    """Whether `total`, a field of the body, and the amounts of its lines could be read."""
    com_erro = [total in digitado.form.errors]
    com_erro += ["valor" in linha.errors for linha in digitado.listas["rateio"].usadas]
    return not any(com_erro)


def completar(digitado: CorpoDigitado[Any], crus: Cru, diferenca: Decimal) -> None:
    """Put what is missing in the last line, as long as something is left in it."""
    if not crus["rateio"]:
        crus["rateio"].append(dict(digitado.padroes.get("rateio", {})))
    ultimas = digitado.listas["rateio"].forms[-1:]
    ja = next((form.cleaned_data.get("valor") for form in ultimas if form.is_valid()), None) or ZERO
    if diferenca and ja + diferenca > 0:
        crus["rateio"][-1]["valor"] = format_numero(ja + diferenca, 2)
