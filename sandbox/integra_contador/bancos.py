"""Slips paid at the bank: any that the sandbox has drawn, whole or in part, on a day.

A slip of the PGDAS-D brings its parts along; of any other the ledger of effects has the value alone, and the parts
stay unknown, as they often are in the real service.
"""

from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal

from sandbox.integra_contador import novidades
from sandbox.integra_contador.catalogo import SERVICO
from sandbox.integra_contador.models import Arrecadacao, Das, DasEspecial, DasMei, DasParcela
from sandbox.nucleo.models import Efeito

DARF, DAS_SIMPLES = 4, 9
_FAMILIAS = {"0720": DAS_SIMPLES, "0716": DARF}
_CENTAVO = Decimal("0.01")


class SemGuia(Exception):
    """No slip of that number was drawn here."""


def pagar(numero: str, dia: date, valor: Decimal | None, agora: datetime) -> Arrecadacao:
    """Record a payment; `valor` None pays all of it. Inside `gravacao`. Raises SemGuia."""
    guia = _achar(numero)
    total = guia.total if valor is None else valor
    parte = total / guia.total if guia.total else Decimal(1)
    guia.dia, guia.registrada = dia, agora
    if guia.principal is not None and guia.multa is not None and guia.juros is not None and parte != 1:
        guia.multa, guia.juros = (
            (guia.multa * parte).quantize(_CENTAVO, ROUND_DOWN),
            (guia.juros * parte).quantize(_CENTAVO, ROUND_DOWN),
        )
        guia.principal = total - guia.multa - guia.juros
    guia.total = total
    guia.save()
    for modelo in (Das, DasMei):
        modelo.objects.filter(numero=numero).update(pago=dia)
    _pagar_parcela(numero, dia)
    novidades.ocorreu(guia.contribuinte, novidades.PAGAMENTOS, agora)
    return guia


def _pagar_parcela(numero: str, dia: date) -> None:
    """The instalment of a slip is paid with it."""
    das = DasParcela.objects.filter(numero=numero).select_related("parcelamento").first()
    if das is None:
        return
    for linha in das.parcelamento.parcelas:
        if linha["pa"] == das.pa:
            linha |= {"paga": dia.isoformat(), "numero_das": numero}
    das.parcelamento.save(update_fields=["parcelas"])
    das.pago = dia
    das.save(update_fields=["pago"])


def _achar(numero: str) -> Arrecadacao:
    if das := Das.objects.filter(numero=numero).select_related("declaracao").first():
        return _do_simples(das, das.declaracao.contribuinte, das.declaracao.pa)
    if especial := DasEspecial.objects.filter(numero=numero).first():
        return _do_simples(especial, especial.contribuinte, especial.pa)
    emitida = Efeito.objects.filter(servico=SERVICO, numero=numero, valor__isnull=False).first() if numero else None
    if emitida is None or emitida.valor is None:
        raise SemGuia(numero)
    return Arrecadacao(
        numero=numero,
        contribuinte=emitida.contribuinte,
        tipo=_FAMILIAS.get(numero[:4], DARF),
        pa=int(emitida.pa) if emitida.pa.isdecimal() else None,
        total=emitida.valor,
    )


def _do_simples(das: Das | DasEspecial, contribuinte: str, pa: int | None) -> Arrecadacao:
    return Arrecadacao(
        numero=das.numero,
        contribuinte=contribuinte,
        tipo=DAS_SIMPLES,
        receita="3333",
        pa=pa,
        vencimento=das.vencimento,
        total=das.principal + das.multa + das.juros,
        principal=das.principal,
        multa=das.multa,
        juros=das.juros,
        composicao=das.composicao,
    )
