"""Whether a guia that somebody holds was issued by this office: yes or no, and nothing else."""

from dataclasses import dataclass

from comum.documentos import Invalido, linha_digitavel
from guias.models import Guia


@dataclass(frozen=True)
class Resultado:
    """`erro`: why the line cannot be one, in pt-BR; then nothing was looked for. `e_nossa`: None without an answer."""

    erro: str = ""
    e_nossa: bool | None = None


def verificar(texto: str) -> Resultado:
    """The answer of the public page. One look at one index, whether the guia is ours or not: a copy that another one
    replaced, or a paid one, is ours all the same, since saying more would tell of whoever it is of."""
    if not texto.strip():
        return Resultado("Cole ou digite os 48 números da linha digitável, ou os 44 do código de barras.")
    lida = linha_digitavel(texto)
    if isinstance(lida, Invalido):
        return Resultado(lida.mensagem)
    return Resultado(e_nossa=Guia.objects.filter(codigo_barras=lida.codigo_barras).exists())
