"""The kinds of file this app imports: the month's receitas, the months before that RBT12 and fator r look at, and what
is wanted of DARF and MIT."""

from arquivo.importacao import registrar_leitor
from empresas.importacao.base import registrar
from guias.importacao import ImportadorDeDarfs, ImportadorDeHistorico, ImportadorDeReceitas, ImportadorDoMit
from guias.importacao.arquivo import ler_pdf

registrar(ImportadorDeReceitas)
registrar(ImportadorDeHistorico)
registrar(ImportadorDeDarfs)
registrar(ImportadorDoMit)
registrar_leitor(ler_pdf)
