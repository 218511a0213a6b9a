"""The kinds of file this app imports (found by every app's `importadores` module)."""

from empresas.importacao.base import registrar
from operacoes.importacao.consumo import ImportadorDeConsumo
from operacoes.importacao.precos import ImportadorDePrecos

registrar(ImportadorDeConsumo)
registrar(ImportadorDePrecos)
