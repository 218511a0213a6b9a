"""What may be told to this simulator from the control page: declarations made elsewhere, debts, news of systems."""

from datetime import datetime
from decimal import Decimal

from sandbox.integra_contador import novidades
from sandbox.integra_contador.models import Debito, Declaracao
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


def cobrar(cnpj: str, pa: int | None, processo: str, valores: dict[str, str]) -> None:
    """A debt in collection by its period, or in a process by its number."""
    Debito.objects.update_or_create(contribuinte=cnpj, pa=pa or 0, processo=processo, defaults={"valores": valores})


def noticiar(documento: str, evento: str, quando: datetime) -> bool:
    """Something changed in a system; False when there is no such event."""
    if evento not in novidades.EVENTOS:
        return False
    novidades.ocorreu(documento, evento, quando)
    return True
