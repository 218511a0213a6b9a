"""Which contract pays for an access. The app that owns the access says so; the engine only counts by it."""

from collections.abc import Iterable

from operacoes.models import AcessoCobrado


def dizer(acesso: str, conta: str, nome: str, rotulo: str) -> None:
    """From now on the calls of an access are charged to `conta`, the CNPJ of the contratante (empty: to the access
    itself). What was called before stays with who paid for it. Inside the caller's transaction."""
    AcessoCobrado.objects.update_or_create(
        acesso=acesso, defaults={"conta": conta or acesso, "nome": nome[:150], "rotulo": rotulo[:120]}
    )


def esquecer(acesso: str) -> None:
    AcessoCobrado.objects.filter(acesso=acesso).delete()


def contas_de(acessos: Iterable[str]) -> dict[str, str]:
    """The conta of each access: itself where nobody said another."""
    pedidos = set(acessos)
    ditas = dict(AcessoCobrado.objects.filter(acesso__in=pedidos).values_list("acesso", "conta")) if pedidos else {}
    return {acesso: ditas.get(acesso, acesso) for acesso in pedidos}
