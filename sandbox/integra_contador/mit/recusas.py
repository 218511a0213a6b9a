"""The refusals of MIT, by the number of their message."""

from sandbox.integra_contador.erros import Recusa


def recusa(numero: int, texto: str, *, tipo: str = "EntradaIncorreta", http: int = 400) -> Recusa:
    return Recusa(http, f"[{tipo}-MIT-MSG_{numero:04d}]", texto)
