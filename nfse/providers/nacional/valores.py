"""What a DPS of the layout 1.01 says beside the Emissao that every channel takes.

Codes are those of the layout, as text. The Emissao says of the national layout: `itens[].codigo` cTribNac,
`codigo_municipal` cTribMun, `nbs` cNBS, `deducao` vDR, `aliquota` pAliq; `exigibilidade` tribISSQN (empty: 1),
`responsavel_retencao` tpRetISSQN (empty: by `iss_retido`), `regime_tributacao` regEspTrib (empty: 0), `regime_apuracao`
regApTribSN, `serie` and `numero` those of the DPS, `observacao` xInfComp.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from nfse.providers.interface import ZERO, Emissao, Endereco, Pessoa, Retencoes

_NADA_RETIDO = Retencoes()
MAXIMO_DE_REFERIDAS = 99
_CENTAVO = Decimal("0.01")


def por_cento(valor: Decimal, percentual: Decimal) -> Decimal:
    """As the Sefin rounds."""
    return (valor * percentual / 100).quantize(_CENTAVO, ROUND_HALF_EVEN)


class Simples(StrEnum):
    """opSimpNac: what the emitente is in the month of the service."""

    NAO_OPTANTE = "1"
    MEI = "2"
    ME_EPP = "3"


@dataclass(frozen=True)
class Emitente:
    """The prestador. Its name and address are never sent: the Sefin takes them from the register (E0121, E0128).
    `inscricao_municipal` goes only where the município registered it (E0116, E0120)."""

    documento: str
    municipio: str
    simples: Simples
    inscricao_municipal: str = ""
    caepf: str = ""
    telefone: str = ""
    email: str = ""


@dataclass(frozen=True)
class TotalTributos:
    """Approximate taxes of Lei 12.741/2012, in one form: amounts, percentages, the rate of the Simples, or none
    (`nao_informar`). It is data of the empresa: nothing is invented here."""

    valores: tuple[Decimal, Decimal, Decimal] | None = None  # federal, estadual, municipal
    percentuais: tuple[Decimal, Decimal, Decimal] | None = None
    simples: Decimal | None = None
    nao_informar: bool = False


@dataclass(frozen=True)
class Substituicao:
    """`codigo` 01 to 05 or 99; the reason is mandatory for 99. `no_emissor_proprio`: both notes are of the município's
    own emitter."""

    chave: str
    codigo: str
    motivo: str = ""
    no_emissor_proprio: bool = False


@dataclass(frozen=True)
class Suspensao:
    """`tipo` 1 judicial, 2 administrative; `processo` has 30 digits."""

    tipo: str
    processo: str


@dataclass(frozen=True)
class Beneficio:
    """Municipal benefit: its number of 14 digits, and a reduction of the base in reais or percent, when it is one."""

    numero: str
    valor: Decimal | None = None
    percentual: Decimal | None = None


@dataclass(frozen=True)
class DocumentoOutroMunicipio:
    municipio: str
    numero: str  # 15 digits
    codigo_verificacao: str


@dataclass(frozen=True)
class DocumentoEmPapel:
    numero: str  # 7 digits
    modelo: str  # 15 digits
    serie: str


@dataclass(frozen=True)
class DocumentoDeDeducao:
    """One paper that supports a deduction: exactly one of the six ways to name it."""

    tipo: str  # tpDedRed
    data: date
    dedutivel: Decimal
    deduzido: Decimal
    chave_nfse: str = ""
    chave_nfe: str = ""
    nfse_municipal: DocumentoOutroMunicipio | None = None
    em_papel: DocumentoEmPapel | None = None
    fiscal: str = ""
    outro: str = ""
    descricao: str = ""
    fornecedor: Pessoa | None = None


@dataclass(frozen=True)
class PisCofins:
    """The emitente's own debit of PIS and COFINS, which is no withholding. What is withheld is in the items."""

    situacao_tributaria: str
    base: Decimal | None = None
    aliquota_pis: Decimal | None = None
    aliquota_cofins: Decimal | None = None
    pis: Decimal | None = None
    cofins: Decimal | None = None


@dataclass(frozen=True)
class ComercioExterior:
    modo: str
    vinculo: str
    moeda: str  # 3 digits, table of the Banco Central
    valor: Decimal
    mecanismo_prestador: str = "01"
    mecanismo_tomador: str = "01"
    bens_temporarios: str = "1"
    importacao: str = ""
    exportacao: str = ""
    mdic: str = "0"


@dataclass(frozen=True)
class Evento:
    """A show, a congress: item 12 of the list. Named by its code in the município, or by its address."""

    nome: str
    inicio: date | None
    fim: date | None
    codigo: str = ""
    endereco: Endereco | None = None


@dataclass(frozen=True)
class Informacoes:
    documento_tecnico: str = ""
    documento_referido: str = ""
    pedido: str = ""
    itens_do_pedido: Sequence[str] = ()


@dataclass(frozen=True)
class Imovel:
    inscricao_imobiliaria: str = ""
    cib: str = ""
    endereco: Endereco | None = None


@dataclass(frozen=True)
class Reembolso:
    """A reimbursed amount (gReeRepRes) and its paper: a national DF-e, another fiscal paper, or any other."""

    tipo: str  # tpReeRepRes
    emissao: date
    competencia: date
    valor: Decimal
    descricao: str = ""
    tipo_chave: str = ""
    descricao_chave: str = ""
    chave: str = ""
    municipio: str = ""
    fiscal: str = ""
    outro: str = ""
    descricao_documento: str = ""
    fornecedor: Pessoa | None = None


@dataclass(frozen=True)
class DetalhesIbsCbs:
    """What the IBSCBS group says beside the five codes of `Emissao.ibs_cbs`."""

    tipo_operacao: str = ""
    referidas: Sequence[str] = ()
    ente_governamental: str = ""
    destinatario: Pessoa | None = None
    imovel: Imovel | None = None
    reembolsos: Sequence[Reembolso] = ()
    credito_presumido: str = ""
    situacao_regular: str = ""
    classificacao_regular: str = ""
    diferimento: tuple[Decimal, Decimal, Decimal] | None = None  # percent: UF, município, CBS


@dataclass(frozen=True)
class Dps:
    """A declaration whole. `incidencia_ativa` says whether the município where the ISS is due is active in the national
    system (its `convenio`): that decides who tells the rate. `data_servico` is in the month of `emissao.competencia`;
    None: the day of the emission, or the last one of an earlier month."""

    producao: bool
    emitente: Emitente
    emissao: Emissao
    total_tributos: TotalTributos
    incidencia_ativa: bool
    data_servico: date | None = None
    pais_prestacao: str = ""
    pais_resultado: str = ""
    codigo_interno: str = ""
    desconto_condicionado: Decimal = ZERO
    deducao_percentual: Decimal | None = None
    deducoes: Sequence[DocumentoDeDeducao] = ()
    imunidade: str = ""
    suspensao: Suspensao | None = None
    beneficio: Beneficio | None = None
    pis_cofins: PisCofins | None = None
    comercio_exterior: ComercioExterior | None = None
    evento: Evento | None = None
    informacoes: Informacoes | None = None
    substituicao: Substituicao | None = None
    detalhes_ibs_cbs: DetalhesIbsCbs | None = None

    @property
    def valor(self) -> Decimal:
        return sum((item.valor for item in self.emissao.itens), ZERO)

    @property
    def desconto(self) -> Decimal:
        return sum((item.desconto for item in self.emissao.itens), ZERO)

    @property
    def deducao(self) -> Decimal:
        return sum((item.deducao or ZERO for item in self.emissao.itens), ZERO)

    @property
    def deduzido(self) -> Decimal:
        """What is deducted, in whichever of the three forms."""
        if self.deducoes:
            return sum((papel.deduzido for papel in self.deducoes), ZERO)
        if self.deducao_percentual is not None:
            return por_cento(self.valor, self.deducao_percentual)
        return self.deducao

    @property
    def reembolsado(self) -> Decimal:
        """What is of others, and out of the bases of ISS, IBS and CBS."""
        detalhes = self.detalhes_ibs_cbs
        return sum((papel.valor for papel in detalhes.reembolsos), ZERO) if detalhes is not None else ZERO

    @property
    def reduzido(self) -> Decimal:
        """What the municipal benefit takes off the base of the ISS that deductions and reimbursements leave."""
        if self.beneficio is None:
            return ZERO
        if self.beneficio.percentual is None:
            return self.beneficio.valor or ZERO
        return por_cento(self.valor - self.desconto - self.deduzido - self.reembolsado, self.beneficio.percentual)

    @property
    def tributacao(self) -> str:
        """tribISSQN."""
        return self.emissao.exigibilidade or "1"

    @property
    def retencao(self) -> str:
        """tpRetISSQN: 1 nobody, 2 the tomador, 3 the intermediário."""
        return (self.emissao.responsavel_retencao or "2") if self.emissao.iss_retido else "1"

    @property
    def regime_especial(self) -> str:
        return self.emissao.regime_tributacao or "0"

    @property
    def retido_em_tributos(self) -> Decimal:
        """Withheld in federal taxes."""
        total = ZERO
        for item in self.emissao.itens:
            if item.retencoes != _NADA_RETIDO:
                r = item.retencoes
                total += r.pis + r.cofins + r.csll + r.ir + r.inss
        return total
