"""Template filters for the Brazilian formats. An empty value shows as nothing."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.timesince import timesince

from comum import documentos, formatos

register = template.Library()


@register.filter
def dinheiro(valor: Decimal | int | None) -> str:
    return "" if valor in (None, "") else formatos.format_dinheiro(valor)


@register.filter
def numero(valor: Decimal | int | None, casas: int = 0) -> str:
    return "" if valor in (None, "") else formatos.format_numero(valor, casas)


@register.filter
def contar(quantos: int | None, palavras: str) -> str:
    """A number with its noun: {{ n|contar:"recusada,recusadas" }} -> "1 recusada", "1.234 recusadas"."""
    um, muitos = palavras.split(",")
    return formatos.contar(quantos or 0, um, muitos)


@register.filter
def competencia(valor: date | None) -> str:
    return formatos.format_competencia(valor) if valor else ""


@register.filter
def data(valor: date | datetime | None) -> str:
    if isinstance(valor, datetime) and timezone.is_aware(valor):
        valor = timezone.localtime(valor)
    return formatos.format_data(valor) if valor else ""


@register.filter
def datahora(valor: datetime | None) -> str:
    """dd/mm/aaaa HH:MM in the installation's time zone."""
    if not valor:
        return ""
    local = timezone.localtime(valor) if timezone.is_aware(valor) else valor
    return f"{formatos.format_data(local)} {local:%H:%M}"


@register.filter
def hora(valor: datetime | None) -> str:
    return formatos.hora(valor) if valor else ""


@register.filter
def ha_quanto(valor: datetime | None) -> str:
    """How long ago, as "3 dias, 2 horas atrás"."""
    if not valor:
        return ""
    return "agora há pouco" if timezone.now() - valor < timedelta(minutes=1) else f"{timesince(valor)} atrás"


@register.filter
def documento(valor: str | None) -> str:
    """CPF or CNPJ with its mask."""
    return documentos.mascarar(valor) if valor else ""


@register.filter
def cep(valor: str | None) -> str:
    return formatos.format_cep(valor) if valor else ""


@register.filter
def telefone(valor: str | None) -> str:
    return formatos.format_telefone(valor) if valor else ""


@register.filter
def percentual(valor: Decimal | None) -> str:
    return "" if valor in (None, "") else formatos.format_percentual(valor)
