"""The CSV of suppliers."""

from collections.abc import Mapping
from typing import Any

from comum.documentos import Invalido, documento
from comum.planilhas import DE_DOCUMENTO, Coluna
from empresas.campos import ler_nome
from pagar.forms.cadastros import FornecedorForm
from pagar.importacao.base import CONTA, ImportadorDeCadastro

COLUNAS = (
    CONTA,
    Coluna("codigo", "código no ERP", True, ("código", "fornecedor", "código do fornecedor")),
    Coluna("nome", "nome", sinonimos=("razão social", "nome do fornecedor")),
    Coluna("documento", "CNPJ ou CPF", sinonimos=DE_DOCUMENTO),
    Coluna("papel", "papel"),
    Coluna("municipio", "município", sinonimos=("cidade", "ibge", "código ibge")),
    Coluna("uf", "UF", sinonimos=("estado",)),
    Coluna("ativo", "ativo", sinonimos=("ativa", "situação")),
)


class ImportadorDeFornecedores(ImportadorDeCadastro):
    """Upsert by account and code in the ERP."""

    tipo = "fornecedores"
    titulo = "Importar fornecedores"
    singular = "fornecedor"
    plural = "fornecedores"
    colunas = COLUNAS
    form = FornecedorForm
    chave = ("conta", "codigo")
    juntas = {"uf": "municipio"}
    so_de_administrador = False
    url_nova = "pagar:fornecedores_importar"
    url_lista = "pagar:fornecedores"

    def ler_nome(self, texto: str, linha: Mapping[str, str], lidos: Mapping[str, Any]) -> str | Invalido:
        return ler_nome(texto, "Nome")

    def ler_documento(self, texto: str, linha: Mapping[str, str], lidos: Mapping[str, Any]) -> str | Invalido:
        return documento(texto)
