"""What the service invoices need from a channel, and the values that cross that border.

Money is Decimal in reais with two places, a rate is Decimal in percent ("2.00" is 2 %), documents are unmasked text,
LC 116 items are text as the law writes them ("7.02", "1.07": as numbers 7.10 would become 7.1), a município is its
7-digit IBGE code, a competência is a date on day 1, instants are aware.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from operacoes.errors import ProviderRefused
from operacoes.http import Chamadas

ZERO = Decimal(0)


class Capacidade(StrEnum):
    """What a channel can do with a note besides issuing it."""

    PREVIA = "previa"
    CONSULTAR = "consultar"
    CORRIGIR = "corrigir"
    CANCELAR = "cancelar"
    SUBSTITUIR = "substituir"


@dataclass(frozen=True)
class Endereco:
    """`municipio` is empty abroad, where `cidade`, `uf` (state, province or region) and `pais` (ISO 3166-1, two
    letters) tell the place, and `cep` is the country's own postal code."""

    logradouro: str
    numero: str
    bairro: str
    cep: str  # 8 digits in Brazil
    municipio: str
    uf: str
    complemento: str = ""
    cidade: str = ""
    pais: str = "BR"


@dataclass(frozen=True)
class Pessoa:
    """Who takes the service. `documento` is a CPF or CNPJ; empty for who has none, abroad, known by `nif`; `sem_nif`
    is why there is none either, in the national layout (1 excused, 2 the country has none)."""

    documento: str
    nome: str
    email: str = ""
    telefone: str = ""
    inscricao_municipal: str = ""
    nif: str = ""
    endereco: Endereco | None = None
    sem_nif: str = ""


@dataclass(frozen=True)
class Retencoes:
    """Amounts of the other taxes of one item, in reais. `outras` as (name, amount)."""

    pis: Decimal = ZERO
    cofins: Decimal = ZERO
    csll: Decimal = ZERO
    ir: Decimal = ZERO
    inss: Decimal = ZERO
    outras: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True)
class Item:
    """One line of a note. `codigo` is the service's own code for what was done where it has one (SISGENF-e: the
    internal id of the atividade), `codigo_municipal` the town's. `aliquota` and `deducao` are None where the channel
    decides them. `base` and `iss` are what we computed."""

    descricao: str
    quantidade: Decimal
    valor_unitario: Decimal
    lc116: str
    codigo: str = ""
    codigo_municipal: str = ""
    cnae: str = ""
    nbs: str = ""
    unidade: str = ""
    aliquota: Decimal | None = None
    deducao: Decimal | None = None
    desconto: Decimal = ZERO
    base: Decimal | None = None
    iss: Decimal | None = None
    retencoes: Retencoes = field(default_factory=Retencoes)

    @property
    def valor(self) -> Decimal:
        return (self.quantidade * self.valor_unitario).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")


@dataclass(frozen=True)
class Obra:
    """Where construction was done: the CNO or CEI, and the engineer's ART. The national layout also takes the CIB or
    the address in the place of the code."""

    codigo: str = ""
    art: str = ""
    cib: str = ""
    inscricao_imobiliaria: str = ""
    endereco: Endereco | None = None


@dataclass(frozen=True)
class IbsCbs:
    """IBS and CBS of the tax reform, codes as their tables write them (class and situation keep leading zeros)."""

    consumidor_final: str = ""
    codigo_fornecimento: str = ""
    tipo_destinatario: str = ""
    situacao_tributaria: str = ""
    classificacao_tributaria: str = ""


@dataclass(frozen=True)
class CargaMunicipal:
    """Approximate burden of municipal taxes shown to the consumer (Lei 12.741/2012): percent and reais."""

    percentual: Decimal | None = None
    valor: Decimal | None = None


@dataclass(frozen=True)
class Emissao:
    """A note to be issued. `numero` and `serie` are ours (RPS) where the channel lets us number, None and empty where
    the town hall does. `marca` is unique to this note and goes where the service can show it to us again.
    `desde_numero` is the last number of the prestador known when the note was asked for: where a search by `marca`
    begins in a service that can only list notes from a number on. `natureza`, `exigibilidade`, `responsavel_retencao`,
    `regime_tributacao` and `regime_apuracao` are codes of the channel's own layout, sent as given and left out when
    empty."""

    tomador: Pessoa
    itens: Sequence[Item]
    competencia: date
    emissao: datetime
    municipio_prestacao: str
    municipio_incidencia: str
    iss_retido: bool
    marca: str
    serie: str = ""
    numero: int | None = None
    observacao: str = ""
    natureza: str = ""
    regime_tributacao: str = ""
    desde_numero: int = 0
    exigibilidade: str = ""
    responsavel_retencao: str = ""
    regime_apuracao: str = ""
    incentivo_fiscal: bool | None = None
    intermediario: Pessoa | None = None
    obra: Obra | None = None
    ibs_cbs: IbsCbs | None = None
    carga_municipal: CargaMunicipal | None = None


class Estado(StrEnum):
    """What the service says of a note."""

    PROCESSANDO = "processando"
    AUTORIZADA = "autorizada"
    CANCELADA = "cancelada"
    DESCONHECIDO = "desconhecido"


@dataclass(frozen=True)
class ItemAplicado:
    """What the service really applied to an item, which may differ from what was sent."""

    valor: Decimal | None = None
    aliquota: Decimal | None = None
    deducao: Decimal | None = None


@dataclass(frozen=True)
class NotaNoServico:
    """A note as the service tells it. `numero` is the town's; `serie` and `rps` ours. `bruto` is the answer whole,
    without files and secrets, for fields nobody here knows yet. `ilegiveis` names the files ("xml", "pdf") that came
    and could not be read: the note stands, they are to be fetched again."""

    estado: Estado
    chave: str = ""
    numero: str = ""
    serie: str = ""
    rps: int | None = None
    codigo_verificacao: str = ""
    instante: datetime | None = None
    valor: Decimal | None = None
    documento_tomador: str = ""
    observacao: str = ""
    itens: tuple[ItemAplicado, ...] = ()
    tributos: tuple[tuple[str, Decimal], ...] = ()
    xml: bytes = b""
    pdf: bytes = b""
    link: str = ""
    protocolo: str = ""
    mensagem: str = ""
    ilegiveis: tuple[str, ...] = ()
    bruto: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Problema:
    """One thing that cannot be sent as it is. `campo` is the path in what was to be sent, lists from 0
    ("itens.0.aliquota"); `mensagem` a sentence for people, in Portuguese."""

    campo: str
    mensagem: str


class RecusaNossa(ProviderRefused):
    """Refused here, before anything was sent."""


class DadosInvalidos(RecusaNossa):
    """What was to be sent does not fit the service's fields; `problemas` says all of them."""

    def __init__(self, servico: str, problemas: Sequence[Problema]) -> None:
        super().__init__(
            f"Nada foi enviado ao {servico}. {' '.join(problema.mensagem for problema in problemas)} "
            "Corrija e envie de novo.",
            codigo="DADOS-INVALIDOS",
            texto="\n".join(f"{problema.campo}: {problema.mensagem}" for problema in problemas),
        )
        self.problemas = tuple(problemas)


class Canal(Protocol):
    """The one interface of the channels. What a channel lacks is not in its `capacidades`, and is never called."""

    capacidades: frozenset[Capacidade]

    def emitir(self, nota: Emissao, *, chamadas: Chamadas) -> NotaNoServico:
        """Issue. Returns AUTORIZADA, or PROCESSANDO where the service decides later. Raises the error family."""
        ...

    def consultar(self, nota: "Referencia", *, chamadas: Chamadas) -> NotaNoServico | None:
        """The note as the service has it now; None when it knows none."""
        ...

    def corrigir(self, nota: "Referencia", texto: str, *, chamadas: Chamadas) -> NotaNoServico: ...

    def cancelar(self, nota: "Referencia", codigo: str, motivo: str, *, chamadas: Chamadas) -> NotaNoServico:
        """Ask for the cancellation. CANCELADA at once, PROCESSANDO where the town hall decides later."""
        ...

    def substituir(
        self, nota: Emissao, antiga: "Referencia", codigo: str, motivo: str, *, chamadas: Chamadas
    ) -> NotaNoServico: ...

    def previa(self, nota: Emissao, *, chamadas: Chamadas) -> bytes:
        """The PDF that issuing would give; reserves nothing."""
        ...


@dataclass(frozen=True)
class Referencia:
    """How a note is named to its service: the service's `chave`, the town's `numero`, our `serie` and `rps`, and the
    `marca` it carries, looked for among the notes from `desde_numero` on (see Emissao)."""

    chave: str = ""
    numero: str = ""
    serie: str = ""
    rps: int | None = None
    marca: str = ""
    desde_numero: int = 0
