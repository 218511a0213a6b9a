"""The files that bring the month: receitas, past months, and what is wanted of DARF and MIT."""

from guias.importacao.darf import ImportadorDeDarfs
from guias.importacao.historico import ImportadorDeHistorico
from guias.importacao.mit import ImportadorDoMit
from guias.importacao.receitas import ImportadorDeReceitas

__all__ = ["ImportadorDeDarfs", "ImportadorDeHistorico", "ImportadorDeReceitas", "ImportadorDoMit"]
