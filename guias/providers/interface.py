"""What the month's work needs from the service that takes PGDAS-D declarations, and the values that cross that border.

Money is Decimal in reais, documents are unmasked text, a competência is a date on day 1. Tribute amounts are keyed by
the PGDASD code as text: "1001" IRPJ, "1002" CSLL, "1004" Cofins, "1005" PIS, "1006" CPP, "1007" ICMS, "1008" IPI,
"1010" ISS.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

Tributos = dict[str, Decimal]


@dataclass(frozen=True)
class Partes:
    """Who bought the API, who asks, and whose data it is (CPF or CNPJ)."""

    contratante: str
    autor: str
    contribuinte: str


@dataclass(frozen=True)
class Qualificacao:
    """A tribute that is not due in the common way on a portion: 1 immunity, 3 lançamento de ofício, 8 substitution,
    9 single-phase, 10 anticipation, 11 ISS retained."""

    tributo: int
    motivo: int


@dataclass(frozen=True)
class Reducao:
    """A tribute lowered on the whole portion: `percentual` off (two places), None for an exemption; `identificador` 1
    normal, 2 cesta básica."""

    tributo: int
    percentual: Decimal | None
    identificador: int


@dataclass(frozen=True)
class Suspensao:
    """A tribute of the whole portion whose exigibility a process suspends; `municipio_tom` only for ISS."""

    tributo: int
    processo: str
    uf: str
    vara: str
    deposito: bool
    motivo: int
    municipio_tom: str = ""


@dataclass(frozen=True)
class Parcela:
    """A portion of an activity's revenue; `municipio_tom` (4 digits) and `uf` when the ISS is due elsewhere, `uf` alone
    when the ICMS is."""

    valor: Decimal
    municipio_tom: str = ""
    uf: str = ""
    qualificacoes: tuple[Qualificacao, ...] = ()
    reducoes: tuple[Reducao, ...] = ()
    suspensoes: tuple[Suspensao, ...] = ()


@dataclass(frozen=True)
class Atividade:
    id: int
    parcelas: tuple[Parcela, ...]

    @property
    def valor(self) -> Decimal:
        return sum((parcela.valor for parcela in self.parcelas), Decimal(0))


@dataclass(frozen=True)
class Estabelecimento:
    cnpj: str
    atividades: tuple[Atividade, ...] = ()


@dataclass(frozen=True)
class MesAnterior:
    competencia: date
    interno: Decimal
    externo: Decimal


@dataclass(frozen=True)
class Folha:
    competencia: date
    valor: Decimal


@dataclass(frozen=True)
class NaoOptante:
    """The process by which a company declares a period in which the service does not have it as of the Simples:
    `esfera` 1 federal, 2 distrital, 3 state, 4 municipal; where it runs (`municipio_tom` 4 digits)."""

    esfera: int
    uf: str
    municipio_tom: str
    processo: str


@dataclass(frozen=True)
class Declaracao:
    """One PGDAS-D: revenue of the month by establishment and activity.

    `interno` and `externo` are the totals accrued by market; `caixa` what was received, under the cash regime, and then
    what the activities add up to; `fixo_icms` and `fixo_iss` monthly amounts in reais; `anteriores` only months not
    declared before; `folhas` only with an activity that depends on fator r.
    """

    cnpj: str
    competencia: date
    retificadora: bool
    interno: Decimal
    externo: Decimal
    estabelecimentos: tuple[Estabelecimento, ...]
    anteriores: tuple[MesAnterior, ...] = ()
    folhas: tuple[Folha, ...] = ()
    caixa: tuple[Decimal, Decimal] | None = None
    fixo_icms: Decimal | None = None
    fixo_iss: Decimal | None = None
    nao_optante: NaoOptante | None = None


@dataclass(frozen=True)
class Calculo:
    """What the service computed, by tribute; nothing was stored there."""

    valores: Tributos

    @property
    def total(self) -> Decimal:
        return sum(self.valores.values(), Decimal(0))


@dataclass(frozen=True)
class Multa:
    """Late-filing fine (MAED) that came with a declaration; the PDFs are bytes, empty when not sent. `guia` is its
    DARF, None when the answer does not tell it in figures."""

    notificacao: bytes
    darf: bytes
    guia: "DasEmitido | None" = None


@dataclass(frozen=True)
class Transmitida:
    """A declaration the Receita has. `valores` may be empty when it was found by a query, which does not bring them;
    `avisos`: what was told besides, in pt-BR."""

    id_declaracao: str
    transmitida_em: datetime | None  # None: told by a person, who knows the number
    valores: Tributos
    declaracao: bytes
    recibo: bytes
    multa: Multa | None = None
    avisos: tuple[str, ...] = ()


@dataclass(frozen=True)
class DasEmitido:
    """A DAS as drawn. `composicao`: [{"codigo", "denominacao", "principal", "multa", "juros", "total"}] as text.
    `periodo`: AAAAMM, or the service's words where it is of several months; empty when nobody told."""

    numero: str
    vencimento: date
    limite: date
    principal: Decimal
    multa: Decimal
    juros: Decimal
    total: Decimal
    composicao: list[dict[str, str]]
    observacoes: tuple[str, ...]
    pdf: bytes
    periodo: str = ""


@dataclass(frozen=True)
class TributoAvulso:
    """A tribute of a DAS drawn apart from any declaration: code of PGDASD ("1001"), reais; `municipio_tom` (4 digits)
    for the ISS, `uf` for ISS and ICMS."""

    codigo: str
    valor: Decimal
    municipio_tom: str = ""
    uf: str = ""


@dataclass(frozen=True)
class DeclaracaoListada:
    """`malha`: whether and how the Receita holds it for checking, in its words; empty when it does not say."""

    numero: str
    transmitida_em: datetime
    tipo: str
    malha: str = ""


@dataclass(frozen=True)
class DasListado:
    numero: str
    emitido_em: datetime
    pago: bool


@dataclass(frozen=True)
class Periodo:
    """What the service holds of one competência, in its own order; `agora` is the service's clock at the answer."""

    competencia: date
    declaracoes: tuple[DeclaracaoListada, ...] = ()
    das: tuple[DasListado, ...] = ()
    agora: datetime | None = None


@dataclass(frozen=True)
class Recibo:
    """Declaration and receipt of the last declaration of a period."""

    numero: str
    declaracao: bytes
    recibo: bytes
    multa: Multa | None = None


@dataclass(frozen=True)
class Procuracao:
    """One grant: power names as the service gives them, or ["TODOS"]."""

    expira: date
    sistemas: list[str] = field(default_factory=list)
