"""What the client raises beside the error family of the engine, each a member of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from operacoes.errors import OutcomeUnknown, ProviderRefused


@dataclass(frozen=True)
class Problema:
    """One thing that cannot be sent as it is: `campo` is the path in the request, `texto` the words for people."""

    campo: str
    texto: str


class RecusaNossa(ProviderRefused):
    """Refused here, before anything was sent."""


class DadosInvalidos(RecusaNossa):
    """What was to be sent does not fit the service's fields; `problemas` says all of them."""

    def __init__(self, problemas: Sequence[Problema]) -> None:
        ditos = "; ".join(problema.texto for problema in problemas)
        super().__init__(
            f"Nada foi enviado ao Integra Notas. {ditos}. Corrija e repita.",
            codigo="DADOS-INVALIDOS",
            texto="\n".join(f"{problema.campo}: {problema.texto}" for problema in problemas),
        )
        self.problemas = tuple(problemas)


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
