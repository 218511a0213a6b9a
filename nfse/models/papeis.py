"""The papers that a note of the national layout lists: those that support a deduction (vDedRed/documentos) and those of
what others are reimbursed (gReeRepRes). Source: simple types of the schema 1.01, TSIdeDedRed, TSRTCTpReeRepRes and
TSRTCTipoChaveDFe; how a paper is named (`forma`) is one of the groups of the layout, under a word of ours.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import TextChoices

from nfse.models.guardado import Guardado

LISTAS = ("deducoes", "reembolsos")  # as Detalhes names them
MAXIMO_DE_PAPEIS = 1000  # maxOccurs of both lists


class TipoDeducao(TextChoices):
    """tpDedRed."""

    ALIMENTACAO = "1", "1 - Alimentação e bebidas/frigobar"
    MATERIAIS = "2", "2 - Materiais"
    PRODUCAO_EXTERNA = "3", "3 - Produção externa"
    DESPESAS = "4", "4 - Reembolso de despesas"
    CONSORCIADO = "5", "5 - Repasse consorciado"
    PLANO_DE_SAUDE = "6", "6 - Repasse plano de saúde"
    SERVICOS = "7", "7 - Serviços"
    SUBEMPREITADA = "8", "8 - Subempreitada de mão de obra"
    PARCEIRO = "9", "9 - Profissional parceiro"
    OUTRAS = "99", "99 - Outras deduções"


class FormaDeducao(TextChoices):
    NFSE = "nfse", "NFS-e nacional (chave)"
    NFE = "nfe", "NF-e (chave)"
    NFSE_MUNICIPAL = "nfse_municipal", "NFS-e só do município"
    EM_PAPEL = "em_papel", "Nota fiscal em papel"
    FISCAL = "fiscal", "Outro documento fiscal"
    OUTRO = "outro", "Documento não fiscal"


class TipoReembolso(TextChoices):
    """tpReeRepRes."""

    IMOVEIS = (
        "01",
        "01 - Repasse de remuneração por intermediação de imóveis a demais corretores envolvidos na operação",
    )
    TURISMO = "02", "02 - Repasse de valores a fornecedor relativo a fornecimento intermediado por agência de turismo"
    PRODUCAO = (
        "03",
        "03 - Reembolso ou ressarcimento recebido por agência de propaganda e publicidade por valores pagos relativos "
        "a serviços de produção externa por conta e ordem de terceiro",
    )
    MIDIA = (
        "04",
        "04 - Reembolso ou ressarcimento recebido por agência de propaganda e publicidade por valores pagos relativos "
        "a serviços de mídia por conta e ordem de terceiro",
    )
    OUTROS = (
        "99",
        "99 - Outros reembolsos ou ressarcimentos recebidos por valores pagos relativos a operações por conta e ordem "
        "de terceiro",
    )


class FormaReembolso(TextChoices):
    """A DF-e of the national repository (the first four), another fiscal paper, or any other."""

    NFSE = "nfse", "NFS-e nacional (chave)"
    NFE = "nfe", "NF-e (chave)"
    CTE = "cte", "CT-e (chave)"
    DFE = "dfe", "Outro DF-e nacional (chave)"
    FISCAL = "fiscal", "Outro documento fiscal"
    OUTRO = "outro", "Documento não fiscal"


@dataclass(frozen=True)
class PapelDeDeducao(Guardado):
    """`documento` is the chave or the number, by `forma`; `municipio` (IBGE) and `verificacao` are of a note of a
    município's own system, `modelo` and `serie` of one in paper. `dedutivel` is what the paper allows, `deduzido` what
    this note takes, in reais."""

    forma: str = ""
    documento: str = ""
    municipio: str = ""
    verificacao: str = ""
    modelo: str = ""
    serie: str = ""
    tipo: str = ""
    descricao: str = ""
    emissao: date | None = None
    dedutivel: Decimal | None = None
    deduzido: Decimal | None = None
    fornecedor_documento: str = ""
    fornecedor_nome: str = ""
    fornecedor_cep: str = ""
    fornecedor_logradouro: str = ""
    fornecedor_numero: str = ""
    fornecedor_complemento: str = ""
    fornecedor_bairro: str = ""
    fornecedor_municipio: str = ""


@dataclass(frozen=True)
class PapelReembolsado(Guardado):
    """`documento` is the chave or the number, by `forma`, and `descricao_documento` says what paper it is where the
    form does not; `municipio` (IBGE) is that of another fiscal paper. `competencia` is a day."""

    forma: str = ""
    documento: str = ""
    descricao_documento: str = ""
    municipio: str = ""
    tipo: str = ""
    descricao: str = ""
    emissao: date | None = None
    competencia: date | None = None
    valor: Decimal | None = None
    fornecedor_documento: str = ""
    fornecedor_nome: str = ""
