"""Questions to the sandbox's own records of the PGDAS-D."""

from decimal import Decimal

from sandbox.integra_contador.models import Declaracao, MesInformado
from sandbox.integra_contador.pgdasd.entrada import Entrada
from sandbox.nucleo import rapido
from sandbox.nucleo.models import Contribuinte
from sandbox.simples.historico import Historico

_ZERO = Decimal(0)


def ultima_declaracao(cnpj: str, pa: int) -> Declaracao | None:
    return rapido.primeiro(Declaracao, "contribuinte = %s AND pa = %s ORDER BY sequencia DESC", [cnpj, pa])


def meses_declarados(cnpj: str) -> dict[int, tuple[Decimal, Decimal]]:
    """Month -> revenue of its latest declaration."""
    linhas = Declaracao.objects.filter(contribuinte=cnpj).order_by("sequencia")
    return {
        pa: (interna, externa)
        for pa, interna, externa in linhas.values_list("pa", "receita_interna", "receita_externa")
    }


def historico(entrada: Entrada, registro: Contribuinte, declarados: dict[int, tuple[Decimal, Decimal]]) -> Historico:
    """Everything known about the past: declared months, months informed before, months informed now.

    A month that nobody told about counts as zero.
    """
    receitas: dict[int, tuple[Decimal, Decimal]] = {}
    folhas: dict[int, Decimal] = {}
    for mes in MesInformado.objects.filter(contribuinte=entrada.cnpj):
        if mes.interno is not None:
            receitas[mes.pa] = (mes.interno, mes.externo or _ZERO)
        if mes.folha is not None:
            folhas[mes.pa] = mes.folha
    receitas |= entrada.anteriores | declarados
    receitas.pop(entrada.pa, None)
    abertura = registro.abertura
    return Historico(
        pa=entrada.pa,
        receita_pa=entrada.competencia,
        receitas=receitas,
        folhas=folhas | entrada.folhas,
        abertura=abertura.year * 100 + abertura.month if abertura else None,
    )


def guardar_meses(entrada: Entrada) -> None:
    """Keep what a transmitted declaration informed about previous months."""
    meses = set(entrada.anteriores) | set(entrada.folhas)
    for pa in meses:
        valores: dict[str, Decimal] = {}
        if pa in entrada.anteriores:
            valores["interno"], valores["externo"] = entrada.anteriores[pa]
        if pa in entrada.folhas:
            valores["folha"] = entrada.folhas[pa]
        MesInformado.objects.update_or_create(contribuinte=entrada.cnpj, pa=pa, defaults=valores)
