"""The effects of this app: importing this package registers them with the engine."""

from nfse.handlers import administracao, distribuicao, integranotas, nacional, recebidas, sisgenfe

__all__ = ["administracao", "distribuicao", "integranotas", "nacional", "recebidas", "sisgenfe"]
