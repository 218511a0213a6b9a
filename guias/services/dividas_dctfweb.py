"""What a guia of DCTFWeb pays, and where one that was just drawn stands beside those before."""

import re
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from guias.models import Guia
from guias.services.pedidos import Pedido

TIPO_GUIA, TIPO_GUIA_ANDAMENTO = "guias.dctfweb.guia", "guias.dctfweb.guia_andamento"
_DEPOIS_DE_PAGA = re.compile(r"#[0-9]+$")


def divida(pedido: Pedido, empresa: int) -> str:
    """What a guia of a month pays: each origin apart is another debt. Which of the declarations of the month it was
    drawn of makes no other debt, since each asks for all that is owed. Of what is drawn after one was paid,
    `lugar_da_guia` tells."""
    origens = "+".join(str(origem) for origem in pedido.get("origens", []))
    quando = pedido["competencia"][:7] + (f"-{pedido['dia']:02d}" if pedido["dia"] else "")
    return f"dctfweb:{empresa}:{pedido['categoria']}:{quando}:{pedido['identificador']}:{origens}"


def base_de(divida: str) -> str:
    """The dívida of which this is the one that came after it was paid, or itself."""
    return _DEPOIS_DE_PAGA.sub("", divida)


def e_outra(ultima: Guia, tipo: str, recibo: str, transmitida_em: datetime | None) -> bool | None:
    """Whether the declaration asked about is another than the one of which `ultima` was drawn; None where it cannot be
    known. What was rectified elsewhere counts as the same: nobody told. `ultima` with its operação."""
    da_ultima: str = ultima.operacao.pedido.get("recibo", "")
    if recibo and da_ultima:
        return recibo != da_ultima
    if ultima.operacao.tipo != tipo:
        # What is in progress beside the active one rectifies it; one paid while in progress may have become active.
        return True if tipo == TIPO_GUIA_ANDAMENTO else None
    if transmitida_em is None or transmitida_em <= ultima.emitida_em:
        return False
    return None if recibo else True


def lugar_da_guia(pedido: Pedido, tipo: str, total: Decimal, transmitida_em: datetime | None) -> tuple[str, int]:
    """(dívida, revisão) of a guia that was just drawn, by what the last one of `pedido["divida"]` was.

    The same declaration asked about twice gives another copy. Another declaration, and the balance of what was paid in
    part, ask for all that is owed: the guia takes the place of one that was not paid, in a further revisão. After a
    payment it is another debt when the declaration is surely another, or whoever asked said so (`a_mais`); else it is
    a copy of what was paid. The declaration must be locked.
    """
    base = pedido["divida"]
    familia = Guia.objects.filter(Q(divida=base) | Q(divida__startswith=f"{base}#"))
    ultima = familia.select_related("operacao").order_by("-pk").first()
    if ultima is None:
        return base, 1
    outra = e_outra(ultima, tipo, pedido.get("recibo", ""), transmitida_em)
    copias = familia.filter(divida=ultima.divida, revisao=ultima.revisao, valor_pago__isnull=False)
    pagamentos = list(copias.values_list("paga_em", flat=True))  # None: in part
    paga = any(pagamentos)
    if paga and (outra or pedido.get("a_mais")):
        return f"{base}#{int(ultima.divida.removeprefix(base).removeprefix('#') or 1) + 1}", 1
    saldo = bool(pagamentos) and ultima.total != total
    if paga or (outra is False and not saldo):
        return ultima.divida, ultima.revisao
    return ultima.divida, ultima.revisao + 1
