"""The kinds of file this app imports (found by every app's `importadores` module)."""

from empresas.importacao.base import registrar
from pagar.importacao.contas import ImportadorDeContas
from pagar.importacao.fornecedores import ImportadorDeFornecedores
from pagar.importacao.regras import ImportadorDeEstabelecimentos, ImportadorDeImpostos, ImportadorDeRegras
from pagar.importacao.titulos import ImportadorDeTitulos

registrar(ImportadorDeContas)
registrar(ImportadorDeFornecedores)
registrar(ImportadorDeRegras)
registrar(ImportadorDeImpostos)
registrar(ImportadorDeEstabelecimentos)
registrar(ImportadorDeTitulos)
