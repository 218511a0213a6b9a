"""The handlers of accounts payable, registered when the app is ready."""

from pagar.handlers import pagamentos, titulos

__all__ = ["pagamentos", "titulos"]
