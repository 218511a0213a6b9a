"""Fine and interest of a federal tribute paid after its due date.

Sources: Lei 9.430/1996, art. 61; LC 123/2006, art. 21, § 3. Both are truncated to the cent: that reproduces the lines
of tax status reports that were compared.
"""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_DOWN, Decimal

from comum.formatos import format_competencia
from empresas.calendario import somar_meses
from guias.calculo.recusa import Recusa

_CENTESIMOS_POR_DIA, _MAXIMO = 33, 2000  # of one percent


def multa_de_mora(principal: Decimal, vencimento: date, pagamento: date) -> Decimal:
    """0.33 % a calendar day of delay, up to 20 %, in reais."""
    atraso = max(0, (pagamento - vencimento).days)
    return _truncar(principal * min(_CENTESIMOS_POR_DIA * atraso, _MAXIMO) / 10000)


def juros_de_mora(
    principal: Decimal, vencimento: date, pagamento: date, selic: Mapping[date, Decimal]
) -> Decimal | Recusa:
    """Selic (percent by month, day 1) of the months between, added, plus 1 % in the month of payment; none when paid in
    the month of the due date. A Recusa names the first month whose Selic is not known."""
    do_vencimento, do_pagamento = vencimento.replace(day=1), pagamento.replace(day=1)
    if do_pagamento <= do_vencimento:
        return Decimal("0.00")
    taxa, mes = Decimal(1), somar_meses(do_vencimento, 1)
    while mes < do_pagamento:
        if mes not in selic:
            return Recusa(f"Falta a Selic de {format_competencia(mes)}: os juros só são conhecidos ao emitir o DAS.")
        taxa, mes = taxa + selic[mes], somar_meses(mes, 1)
    return _truncar(principal * taxa / 100)


def _truncar(valor: Decimal) -> Decimal:
    return valor.quantize(Decimal("0.01"), ROUND_DOWN)
