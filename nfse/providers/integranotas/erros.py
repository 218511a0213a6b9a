"""What the client raises beside the error family of the engine, each a member of it."""

from nfse.providers.interface import RecusaNossa
from operacoes.errors import OutcomeUnknown

NOME = "Integra Notas"  # as messages call the service


class CorpoGrande(RecusaNossa):
    """The request is larger than the service takes; `tamanho` and `limite` in bytes."""

    def __init__(self, tamanho: int, limite: int) -> None:
        super().__init__(
            f"Nada foi enviado ao Integra Notas: o pedido tem {com_pontos(tamanho)} bytes, e o limite é "
            f"{com_pontos(limite)}. Diminua os textos ou o arquivo e repita.",
            codigo="CORPO-GRANDE",
        )
        self.tamanho, self.limite = tamanho, limite


class DuvidaComChave(OutcomeUnknown):
    """The service may have done it. `chave` is its handle of the note, to be consulted before anything else; empty
    when the answer brought none."""

    def __init__(self, mensagem: str, *, chave: str, codigo: str = "", texto: str = "", status: int | None = None):
        lembrar = {"chave": chave} if chave else None
        super().__init__(mensagem, codigo=codigo, texto=texto, status=status, lembrar=lembrar)
        self.chave = chave


class JaExiste(DuvidaComChave):
    """The service already has a note of this série and número (5008) and did nothing now: whose it is and how it
    ended, only a consult of `chave` tells. A member of OutcomeUnknown, so that a caller that does not look asks."""


def com_pontos(numero: int) -> str:
    """2000000 as 2.000.000."""
    return f"{numero:,}".replace(",", ".")
