"""The kinds of file this app imports (found by every app's `importadores` module)."""

from empresas.importacao.base import registrar
from empresas.importacao.contatos import ImportadorDeContatos
from empresas.importacao.empresas import ImportadorDeEmpresas

registrar(ImportadorDeEmpresas)
registrar(ImportadorDeContatos)
