"""The day of payment: the one proposed where nobody chose one, and what a day without banks means."""

from datetime import date, timedelta

from comum.formatos import format_competencia, format_data
from empresas.calendario import dia_util, dia_util_anterior, proximo_dia_util
from empresas.models import Feriado

_DIAS = ("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo")
_SABADO = 5
_FOLGA = timedelta(days=15)  # longer than any run of days without banks


def dia_proposto(hoje: date) -> date:
    """Today, or the bank day after it while the month, and with it the interest, is the same."""
    feriados = set(Feriado.objects.filter(data__gte=hoje).values_list("data", flat=True))
    dia = proximo_dia_util(hoje, feriados)
    return dia if dia.month == hoje.month else hoje


def sem_banco(dia: date, vencimento: date, hoje: date) -> str:
    """What happens to a guia asked for a day on which no bank works (pt-BR): when it is taken, and whether that is
    late; empty for a bank day."""
    feriados = dict(Feriado.objects.filter(data__range=(dia - _FOLGA, dia + _FOLGA)).values_list("data", "nome"))
    if dia_util(dia, feriados):
        return ""
    depois, antes = proximo_dia_util(dia, feriados), dia_util_anterior(dia, feriados)
    qual = _DIAS[dia.weekday()] if dia.weekday() >= _SABADO else f"feriado ({feriados[dia]})"
    dito = (
        f"{format_data(dia)} é {qual}, sem expediente bancário: o banco só recebe em {format_data(depois)}, "
        f"{_DIAS[depois.weekday()]}."
    )
    if depois <= vencimento:
        return f"{dito} Ainda é no prazo, que vai até {format_data(vencimento)}."
    if dia <= vencimento:
        return (
            f"{dito} Aí já passou do vencimento, {format_data(vencimento)}, e a guia sai sem multa e juros: pague até "
            f"{format_data(antes)}, ou peça-a para {format_data(depois)}."
        )
    falta = "falta a multa dos dias a mais"
    if depois.month == dia.month:
        return f"{dito} A guia vale até {format_data(dia)}, e nesse dia {falta}: peça-a para {format_data(depois)}."
    falta += f" e os juros de {format_competencia(depois)}"
    saida = f"pague até {format_data(antes)}, ou peça-a" if antes >= hoje else "peça-a"
    return f"{dito} A guia vale até {format_data(dia)}, e nesse dia {falta}: {saida} em {format_data(depois)}."
