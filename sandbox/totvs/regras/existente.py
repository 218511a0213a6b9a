"""A title that E4 and E5 act on: found by its key, in a state that lets it."""

from typing import Any

from sandbox.totvs import erros
from sandbox.totvs.chaves import Chave
from sandbox.totvs.esquema.corpos import DOCUMENTO
from sandbox.totvs.exame import Exame
from sandbox.totvs.models import Titulo


def achar(exame: Exame, corpo: dict[str, Any], empresa: str, estabelecimento: str) -> Titulo | None:
    """The open title of the body's key; None, and told, when there is none or it is not open."""
    chave = Chave(
        estabelecimento,
        corpo["DocumentClassCode"],
        corpo["DocumentSerieCode"],
        corpo["SupplierCode"],
        corpo["DocumentNumber"],
        corpo["DocumentParcelNumber"],
    )
    titulo = exame.titulo(empresa, chave)
    if titulo is None:
        exame.falha(erros.NAO_ACHADO, f"{DOCUMENTO}.DocumentNumber", f"Não há o título {chave} na empresa {empresa}.")
    return titulo


def solto(exame: Exame, titulo: Titulo) -> bool:
    """Whether the title is neither undone nor in a pending borderô; told when it is."""
    onde = f"{DOCUMENTO}.DocumentNumber"
    if titulo.situacao == Titulo.Situacao.BORDERO:
        exame.falha(erros.PRESO, onde, f"O título {titulo.chave} está em um borderô à espera do banco.")
        return False
    if titulo.situacao in (Titulo.Situacao.CANCELADO, Titulo.Situacao.ESTORNADO):
        situacao = titulo.get_situacao_display().lower()
        exame.falha(erros.NAO_ABERTO, onde, f"O título {titulo.chave} já está {situacao}.")
        return False
    return True
