"""The kinds of file this app imports: the month's receitas, and the months before that RBT12 and fator r look at."""

from empresas.importacao.base import registrar
from guias.importacao import ImportadorDeHistorico, ImportadorDeReceitas

registrar(ImportadorDeReceitas)
registrar(ImportadorDeHistorico)
