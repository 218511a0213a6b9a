"""The day of payment that is proposed where nobody chose one."""

from datetime import date

from empresas.calendario import proximo_dia_util
from empresas.models import Feriado


def dia_proposto(hoje: date) -> date:
    """Today, or the bank day after it while the month, and with it the interest, is the same."""
    feriados = set(Feriado.objects.filter(data__gte=hoje).values_list("data", flat=True))
    dia = proximo_dia_util(hoje, feriados)
    return dia if dia.month == hoje.month else hoje
