"""What a body has, for people: each field by its name and its value in words."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from comum.formatos import format_data, format_dinheiro, format_percentual
from pagar.providers.campos import Campo, Data, Lista, Logico, Objeto, Opcao, Valor, campos_de

_EM_BRANCO: tuple[Any, ...] = (None, "", [])


def em_palavras(campo: Campo, guardado: Any) -> str:
    """A kept value of a field (pedidos.guardar); "em branco" for none."""
    if guardado in _EM_BRANCO:
        return "em branco"
    if isinstance(campo, Logico):
        return "sim" if guardado else "não"
    if isinstance(campo, Data):
        return format_data(date.fromisoformat(str(guardado)))
    if isinstance(campo, Valor):
        valor = Decimal(str(guardado))
        if campo.rotulo.startswith(("Percentual", "Alíquota")):
            return format_percentual(valor)
        return format_dinheiro(valor) if campo.casas == 2 else f"{valor.normalize():f}".replace(".", ",")
    return str(guardado).replace("_", " ") if isinstance(campo, Opcao) else str(guardado)


def campos_em_palavras(classe: type, guardado: Mapping[str, Any], menos: Iterable[str] = ()) -> list[tuple[str, str]]:
    """(name, value) of what is informed in a kept body, in the order of its fields, without the bodies inside it."""
    fora = set(menos)
    return [
        (campo.rotulo, em_palavras(campo, guardado[nome]))
        for nome, campo in campos_de(classe)
        if nome not in fora
        and not isinstance(campo, Lista | Objeto)
        and guardado.get(nome) not in _EM_BRANCO
        and guardado[nome] is not False
    ]


def linhas_em_palavras(
    classe: type, linhas: Iterable[Mapping[str, Any]], antes: Sequence[str] = ()
) -> tuple[list[tuple[str, bool]], list[list[str]]]:
    """A table of bodies: (heading, is an amount) of the columns that any of them fills, and their cells. `antes` are
    the fields that come first."""
    todas, campos = list(linhas), dict(campos_de(classe))
    usados = [
        (nome, campos[nome])
        for nome in (*antes, *(nome for nome in campos if nome not in antes))
        if not isinstance(campos[nome], Lista | Objeto) and any(linha.get(nome) not in _EM_BRANCO for linha in todas)
    ]
    celulas = [
        [em_palavras(campo, linha[nome]) if linha.get(nome) not in _EM_BRANCO else "" for nome, campo in usados]
        for linha in todas
    ]
    return [(campo.rotulo, isinstance(campo, Valor)) for _, campo in usados], celulas
