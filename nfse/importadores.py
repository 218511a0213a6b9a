"""The kinds of file this app imports (found by every app's `importadores` module)."""

from empresas.importacao.base import registrar
from nfse.importacao.contratos import ImportadorDeContratos
from nfse.importacao.notas import ImportadorDeNotas
from nfse.importacao.tomadores import ImportadorDeTomadores

registrar(ImportadorDeNotas)
registrar(ImportadorDeTomadores)
registrar(ImportadorDeContratos)
