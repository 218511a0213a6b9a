"""The kinds of file this app imports (found by every app's `importadores` module)."""

from arquivo.importacao.documentos import ImportadorDeDocumentos
from empresas.importacao.base import registrar

registrar(ImportadorDeDocumentos)
