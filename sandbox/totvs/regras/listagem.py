"""E6: the taxes of a title, in pages."""

from decimal import Decimal
from typing import Any

from django.http import QueryDict

from sandbox.totvs import erros
from sandbox.totvs.erros import Falhas, Recusa
from sandbox.totvs.models import Imposto
from sandbox.totvs.opcoes import Opcoes

_NUMEROS = ("TaxAmount", "TaxPercentage", "TaxableRevenue")
NOMES = (
    "TaxDescription",
    "TaxAmount",
    "TaxCode",
    "TaxPercentage",
    "TaxableRevenue",
    "TaxDueDate",
    "StateCode",
    "IsOptional",
    "TaxSort",
    "VendorShortName",
    "TaxVendorCode",
    "IdVendorsPayments",
)
_POR_NOME = {nome.lower(): nome for nome in NOMES}
_PAGINA, _TAMANHO = 1, 10


def listar(identificador: str, pedido: QueryDict, opcoes: Opcoes) -> dict[str, Any]:
    """The page that the query asks for. Raises Recusa 400 with every wrong parameter."""
    falhas = Falhas()
    pagina = _inteiro(pedido, "page", _PAGINA, 10**6, falhas)
    tamanho = _inteiro(pedido, "pageSize", _TAMANHO, opcoes["pagina_maxima"], falhas)
    ordem = [(nome, desce) for nome, desce in _ordem(pedido, falhas)]
    campos = _campos(pedido, falhas)
    filtros = _filtros(pedido, falhas)
    if not identificador.isdecimal() or len(identificador) > 18:
        falhas.add(erros.TIPO, "IdVendorsPayments", "IdVendorsPayments deve ser um número.")
    if falhas:
        raise Recusa(400, falhas)
    linhas = [_linha(imposto) for imposto in Imposto.objects.filter(titulo_id=int(identificador)).order_by("pk")]
    linhas = [linha for linha in linhas if all(_igual(linha[nome], valor) for nome, valor in filtros.items())]
    for nome, desce in reversed(ordem):
        linhas.sort(key=lambda linha: linha[nome], reverse=desce)
    inicio = (pagina - 1) * tamanho
    return {
        "total": len(linhas),
        "hasNext": pagina * tamanho < len(linhas),
        "items": [{nome: linha[nome] for nome in campos} for linha in linhas[inicio : inicio + tamanho]],
    }


def _inteiro(pedido: QueryDict, nome: str, padrao: int, maximo: int, falhas: Falhas) -> int:
    texto = pedido.get(nome, str(padrao))
    if not (texto.isascii() and texto.isdecimal()) or not 1 <= int(texto[:9]) <= maximo or len(texto) > 9:
        falhas.add(erros.TIPO, nome, f"{nome} deve ser um número de 1 a {maximo}.")
        return padrao
    return int(texto)


def _ordem(pedido: QueryDict, falhas: Falhas) -> list[tuple[str, bool]]:
    achados = []
    for parte in filter(None, pedido.get("order", "").split(",")):
        nome = _nome(parte.strip().removeprefix("-"), "order", falhas)
        if nome:
            achados.append((nome, parte.strip().startswith("-")))
    return achados


def _campos(pedido: QueryDict, falhas: Falhas) -> list[str]:
    pedidos = [_nome(parte.strip(), "fields", falhas) for parte in filter(None, pedido.get("fields", "").split(","))]
    return [nome for nome in NOMES if nome in pedidos] if pedidos else list(NOMES)


def _nome(escrito: str, parametro: str, falhas: Falhas) -> str:
    nome = _POR_NOME.get(escrito.lower(), "")
    if not nome:
        falhas.add(erros.NOME, parametro, f"{escrito[:60]} não é uma propriedade da listagem.")
    return nome


def _filtros(pedido: QueryDict, falhas: Falhas) -> dict[str, str]:
    filtros = {}
    for escrito, valor in pedido.items():
        if escrito in ("page", "pageSize", "order", "fields", "expand"):
            continue
        if nome := _nome(escrito, escrito[:60], falhas):
            filtros[nome] = str(valor)
    return filtros


def _linha(imposto: Imposto) -> dict[str, Any]:
    return {**imposto.dados, **{nome: Decimal(str(imposto.dados[nome])) for nome in _NUMEROS}}


def _igual(valor: Any, filtro: str) -> bool:
    if isinstance(valor, bool):
        return filtro.lower() == str(valor).lower()
    if isinstance(valor, Decimal):
        try:
            return valor == Decimal(filtro)
        except ArithmeticError:
            return False
    return str(valor).upper() == filtro.rstrip().upper()
