"""What may be told to this simulator from the control page: declarations made elsewhere, slips paid at the bank."""

from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.integra_contador.dctfweb import declaracoes
from sandbox.integra_contador.models import Das, Declaracao
from sandbox.integra_contador.pgdasd.registros import ultima_declaracao
from sandbox.nucleo import ajustes


def declarar_no_portal(cnpj: str, pa: int, receita: tuple[Decimal, Decimal], valores: dict[str, str]) -> None:
    """A declaration transmitted by the taxpayer's own hands; it is no effect of an API call, so not in the ledger."""
    anterior = ultima_declaracao(cnpj, pa)
    sequencia = anterior.sequencia + 1 if anterior else 1
    Declaracao.objects.create(
        contribuinte=cnpj,
        pa=pa,
        sequencia=sequencia,
        numero=f"{cnpj[:8]}{pa}{sequencia:03d}",
        tipo=2 if anterior else 1,
        transmitida=ajustes.ler().agora(),
        portal=True,
        receita_interna=receita[0],
        receita_externa=receita[1],
        valores=valores,
    )


def fechar_na_origem(
    documento: str, categoria: int, periodo: str, identificador: str, debitos: list[dict[str, Any]], *, portal: bool
) -> None:
    """eSocial, Reinf or Sero closed a period: its debits are in the DCTFWeb in progress. With `portal` it was also
    transmitted, by the taxpayer's own hands; that is no effect of an API call, so not in the ledger."""
    agora = ajustes.ler().agora()
    declaracao = declaracoes.somar(documento, categoria, periodo, debitos, agora, identificador=identificador)
    if portal:
        declaracao.transmitida, declaracao.recibo = agora, f"9{declaracao.pk:014d}"
        declaracao.save()


def pagar_das(numero: str, dia: date) -> bool:
    return Das.objects.filter(numero=numero).update(pago=dia) == 1
