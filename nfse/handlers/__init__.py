"""The effects of this app: importing this package registers them with the engine."""

from nfse.handlers import integranotas, recebidas, sisgenfe

__all__ = ["integranotas", "recebidas", "sisgenfe"]
