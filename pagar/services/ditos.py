"""What the ERP said of titles that were sent together, and to which of them it is told: the others may be of empresas
that whoever sees one title does not see."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from pagar.models import Titulo

_ITEM_DO_ERP = re.compile(r"AccountPayableDocumentInformation\[(\d+)\]", re.IGNORECASE)
_CAMINHO = re.compile(r"\s*\([A-Za-z0-9_.\[\]]+\)$")  # of a field in the body: nothing to people
_ITEM_NOSSO = re.compile(r"^titulos\.(\d+)\b")


def itens_ditos(palavras: str) -> Mapping[int, str]:
    """The items that the words of a refusal name, by position -> what was said of each."""
    ditos: dict[int, list[str]] = defaultdict(list)
    for linha in palavras.splitlines():
        nosso = _ITEM_NOSSO.match(linha)
        if achado := nosso or _ITEM_DO_ERP.search(linha):
            dito = linha.split(": ", 1)[-1] if nosso else _CAMINHO.sub("", linha)
            ditos[int(achado.group(1))].append(dito)
    return {posicao: "\n".join(textos) for posicao, textos in ditos.items()}


def por_titulo(titulos: Sequence[Titulo], texto: str, palavras: str, neutro: str) -> dict[int, str]:
    """What each (pk) is told of `texto`: all of it when they are of one empresa; else what `palavras` say of it alone,
    or `neutro`. `titulos` in the order in which they were sent."""
    if not texto or len({titulo.empresa_id for titulo in titulos}) == 1:
        return {titulo.pk: texto for titulo in titulos}
    nomeados = itens_ditos(palavras)
    return {titulo.pk: nomeados.get(posicao, neutro) for posicao, titulo in enumerate(titulos)}
