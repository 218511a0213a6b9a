"""The kinds of file this app imports (found by every app's `importadores` module)."""

from arquivo.importacao import registrar_leitor
from empresas.importacao.base import registrar
from nfse.importacao.arquivo import ler_pdf, ler_xml
from nfse.importacao.contratos import ImportadorDeContratos
from nfse.importacao.notas import ImportadorDeNotas
from nfse.importacao.tomadores import ImportadorDeTomadores

registrar(ImportadorDeNotas)
registrar(ImportadorDeTomadores)
registrar(ImportadorDeContratos)
registrar_leitor(ler_xml)
registrar_leitor(ler_pdf)
