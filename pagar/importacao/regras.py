"""The CSV of rules of titles, of withheld taxes and of establishments."""

from collections.abc import Mapping
from typing import Any

from comum.documentos import Invalido
from comum.planilhas import Coluna
from nfse.importacao.empresas import Empresas
from pagar.forms.cadastros import EstabelecimentoForm, RegraImpostoForm, RegraTituloForm
from pagar.importacao.base import CONTA, ImportadorDeCadastro
from pagar.models import ContaErp, EstabelecimentoErp
from pagar.services.conferencia import ler_codigo

_FORNECEDOR = Coluna("fornecedor", "fornecedor", sinonimos=("código do fornecedor", "favorecido"))
_ESPECIE = Coluna("especie", "espécie")
_SERIE = Coluna("serie", "série")
_PLANO = Coluna("plano_contas", "plano de contas", sinonimos=("plano",))
_CONTABIL = Coluna("conta_contabil", "conta contábil")

COLUNAS_REGRAS = (
    CONTA,
    Coluna("origem", "documento", True, ("tipo de documento", "origem")),
    Coluna("codigo", "código", sinonimos=("código de receita", "cnpj do prestador")),
    _FORNECEDOR,
    _ESPECIE,
    _SERIE,
    Coluna("portador", "portador"),
    Coluna("forma_pagamento", "forma de pagamento", sinonimos=("forma",)),
    _PLANO,
    _CONTABIL,
    Coluna("unidade_negocio", "unidade de negócio", sinonimos=("unidade",)),
    Coluna("plano_centro_custo", "plano de centro de custo"),
    Coluna("centro_custo", "centro de custo"),
    Coluna("fluxo", "tipo de fluxo financeiro", sinonimos=("fluxo", "fluxo financeiro")),
    Coluna("parcelas", "parcelas"),
    Coluna("prazo_dias", "prazo em dias", sinonimos=("prazo",)),
    Coluna("intervalo_dias", "intervalo em dias", sinonimos=("intervalo",)),
)
COLUNAS_IMPOSTOS = (
    CONTA,
    Coluna("retencao", "retenção", True, ("tributo",)),
    Coluna("municipio", "município", sinonimos=("cidade", "ibge", "código ibge")),
    Coluna("uf", "UF", sinonimos=("estado",)),
    Coluna("imposto", "imposto no ERP", sinonimos=("imposto", "código do imposto")),
    Coluna("classificacao", "classificação", sinonimos=("código de receita",)),
    Coluna("aliquota", "alíquota", sinonimos=("alíquota (%)",)),
    Coluna("momento", "quando reter"),
    _FORNECEDOR,
    _ESPECIE,
    _SERIE,
    _PLANO,
    _CONTABIL,
    Coluna("vence_dia", "vence no dia", sinonimos=("dia do vencimento",)),
    Coluna("adiantar", "vence antes", sinonimos=("adianta",)),
)
COLUNAS_ESTABELECIMENTOS = (
    Coluna("empresa", "empresa", True, ("código da empresa", "cnpj", "cnpj da empresa")),
    CONTA,
    Coluna("empresa_erp", "empresa no ERP", sinonimos=("código da empresa no erp",)),
    Coluna("estabelecimento", "estabelecimento", sinonimos=("filial",)),
)


class ImportadorDeRegras(ImportadorDeCadastro):
    """Upsert by account, document and code."""

    tipo = "regras_de_titulos"
    titulo = "Importar regras de títulos"
    singular = "regra de título"
    plural = "regras de títulos"
    colunas = COLUNAS_REGRAS
    form = RegraTituloForm
    chave = ("conta", "origem", "codigo")
    primeiras = ("conta", "origem")
    url_nova = "pagar:regras_importar"
    url_lista = "pagar:regras"

    def ler_origem(self, texto: str, linha: Mapping[str, str], lidos: Mapping[str, Any]) -> Any:
        return self._pelo_form("origem", texto) if texto else None

    def ler_codigo(self, texto: str, linha: Mapping[str, str], lidos: Mapping[str, Any]) -> str | Invalido:
        return ler_codigo(lidos.get("origem", ""), texto) if "origem" in lidos else ""


class ImportadorDeImpostos(ImportadorDeCadastro):
    """Upsert by account, retention and município."""

    tipo = "regras_de_impostos"
    titulo = "Importar impostos retidos"
    singular = "regra de imposto retido"
    plural = "regras de impostos retidos"
    colunas = COLUNAS_IMPOSTOS
    form = RegraImpostoForm
    chave = ("conta", "retencao", "municipio")
    juntas = {"uf": "municipio"}
    url_nova = "pagar:impostos_importar"
    url_lista = "pagar:impostos"


class ImportadorDeEstabelecimentos(ImportadorDeCadastro):
    """Upsert by empresa."""

    tipo = "estabelecimentos"
    titulo = "Importar estabelecimentos das empresas"
    singular = "estabelecimento"
    plural = "estabelecimentos"
    colunas = COLUNAS_ESTABELECIMENTOS
    form = EstabelecimentoForm
    chave = ("empresa",)
    primeiras = ("empresa", "conta")
    url_nova = "pagar:estabelecimentos_importar"
    url_lista = "pagar:estabelecimentos"

    def preparar(self) -> None:
        super().preparar()
        self._empresas = Empresas(self.usuario)
        self._ja = set(EstabelecimentoErp.objects.values_list("empresa", flat=True))

    def ler_empresa(self, texto: str, linha: Mapping[str, str], lidos: Mapping[str, Any]) -> int | Invalido | None:
        if not texto:
            return None
        achada = self._empresas.achar(texto)
        return achada if isinstance(achada, Invalido) else int(achada)

    def ler_conta(self, texto: str, linha: Mapping[str, str], lidos: Mapping[str, Any]) -> ContaErp | Invalido | None:
        """Blank, for an empresa that has one: as it is."""
        return None if not texto and lidos.get("empresa") in self._ja else super().ler_conta(texto, linha, lidos)
