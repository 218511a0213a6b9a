"""Refusals. The documentation shows no error at all; this shape and these statuses are the sandbox's own choice."""


class Recusa(Exception):
    """An answer other than success: HTTP status, text (pt-BR) and the dotted path of the field it is about."""

    def __init__(self, http: int, mensagem: str, campo: str | None = None) -> None:
        super().__init__(mensagem)
        self.http, self.mensagem, self.campo = http, mensagem, campo


def invalido(campo: str, mensagem: str) -> Recusa:
    return Recusa(400, mensagem, campo)
