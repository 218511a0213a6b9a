"""The effects of this app: importing this package registers them with the engine."""

from nfse.handlers import administracao, integranotas, sisgenfe

__all__ = ["administracao", "integranotas", "sisgenfe"]
