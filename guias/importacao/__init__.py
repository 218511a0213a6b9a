"""The files that bring the month: receitas and past months."""

from guias.importacao.historico import ImportadorDeHistorico
from guias.importacao.receitas import ImportadorDeReceitas

__all__ = ["ImportadorDeHistorico", "ImportadorDeReceitas"]
