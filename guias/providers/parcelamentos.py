"""The eight instalment systems (PARCSN to RELPMEI): five services each, alike but for their names.

Source: SERPRO, API Integra Contador, pages of Integra Parcelamento; docs/integra-contador.md.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from guias.providers import wire
from guias.providers.catalogo import Servico, catalogo
from guias.providers.cliente import IntegraContador, NadaEncontrado, lendo
from guias.providers.interface import Partes
from operacoes.http import Chamadas


@dataclass(frozen=True)
class Familia:
    """One instalment system. `sigla` is the catalogue's idSistema, `mei` whose debts it is about: of a MEI, or of the
    rest of the Simples Nacional."""

    sigla: str
    nome: str
    mei: bool

    @property
    def chave(self) -> str:
        """For addresses and keys: "parcsn-esp"."""
        return self.sigla.lower()

    def servico(self, nome: str) -> Servico:
        """Of the family's five, the one whose name begins so ("GERARDAS"). Raises KeyError."""
        achado = next((s for s in catalogo().values() if s.sistema == self.sigla and s.servico.startswith(nome)), None)
        if achado is None:
            raise KeyError(f"{self.sigla}/{nome}")
        return achado

    @property
    def poderes(self) -> frozenset[str]:
        return self.servico(GERARDAS).poderes


# How the names of the five begin; the family's numbers end them.
GERARDAS = "GERARDAS"
PARCELAS = "PARCELASPARAGERAR"
PEDIDOS = "PEDIDOSPARC"
DETALHE = "OBTERPARC"
PAGAMENTO = "DETPAGTOPARC"

FAMILIAS = {
    familia.chave: familia
    for familia in (
        Familia("PARCSN", "Simples, ordinário", mei=False),
        Familia("PARCSN-ESP", "Simples, especial", mei=False),
        Familia("PERTSN", "Simples, PERT", mei=False),
        Familia("RELPSN", "Simples, RELP", mei=False),
        Familia("PARCMEI", "MEI, ordinário", mei=True),
        Familia("PARCMEI-ESP", "MEI, especial", mei=True),
        Familia("PERTMEI", "MEI, PERT", mei=True),
        Familia("RELPMEI", "MEI, RELP", mei=True),
    )
}

SERVICOS = tuple(
    familia.servico(nome) for familia in FAMILIAS.values() for nome in (GERARDAS, PARCELAS, PEDIDOS, DETALHE, PAGAMENTO)
)


@dataclass(frozen=True)
class ParcelaAberta:
    """An instalment whose slip can be drawn, and its amount in reais when it was listed."""

    mes: date
    valor: Decimal


@dataclass(frozen=True)
class ParcelasAbertas:
    """`aviso`: the service's words where there is none."""

    parcelas: tuple[ParcelaAberta, ...]
    aviso: str = ""


@dataclass(frozen=True)
class PedidoDeParcelamento:
    numero: int
    pedido_em: date | None
    situacao: str
    desde: date | None


@dataclass(frozen=True)
class Pedidos:
    pedidos: tuple[PedidoDeParcelamento, ...]
    aviso: str = ""


@dataclass(frozen=True)
class ParcelaPaga:
    mes: date
    vencimento: date | None
    paga_em: date | None
    valor: Decimal


@dataclass(frozen=True)
class Consolidacao:
    """A debt as it was divided: `basica` is the amount of each instalment before interest."""

    total: Decimal
    parcelas: int | None
    basica: Decimal
    em: date | None


@dataclass(frozen=True)
class Parcelamento:
    pedido: PedidoDeParcelamento
    original: Consolidacao | None
    alteracoes: tuple[Consolidacao, ...]
    pagas: tuple[ParcelaPaga, ...]


@dataclass(frozen=True)
class DebitoPago:
    """What a payment went to: one month's tribute."""

    mes: date | None
    tributo: str
    valor: Decimal


@dataclass(frozen=True)
class Pagamento:
    """How one instalment was paid: number of the DAS, day, amount, agency."""

    numero_das: str
    parcela: str
    vencimento: date | None
    limite: date | None
    pago_em: date | None
    valor: Decimal
    onde: str
    debitos: tuple[DebitoPago, ...]


def emitir(cliente: IntegraContador, familia: Familia, partes: Partes, mes: date, *, chamadas: Chamadas) -> bytes:
    """Draw the slip of an instalment: the PDF is all that the service answers."""
    servico = familia.servico(GERARDAS)
    resposta = cliente.chamar(servico, partes, {"parcelaParaEmitir": wire.pa(mes)}, chamadas)
    with lendo(servico):
        return wire.pdf_obrigatorio(resposta.dados["docArrecadacaoPdfB64"])


def parcelas(cliente: IntegraContador, familia: Familia, partes: Partes, *, chamadas: Chamadas) -> ParcelasAbertas:
    servico = familia.servico(PARCELAS)
    try:
        resposta = cliente.chamar(servico, partes, None, chamadas)
    except NadaEncontrado as nada:
        return ParcelasAbertas((), str(nada))
    with lendo(servico):
        corpo = resposta.dados
        lista = corpo["listaParcelas"] if "listaParcelas" in corpo else corpo["listaParcela"]
        return ParcelasAbertas(
            tuple(ParcelaAberta(wire.mes(item["parcela"]), wire.dinheiro(item["valor"])) for item in lista)
        )


def pedidos(cliente: IntegraContador, familia: Familia, partes: Partes, *, chamadas: Chamadas) -> Pedidos:
    servico = familia.servico(PEDIDOS)
    try:
        resposta = cliente.chamar(servico, partes, None, chamadas)
    except NadaEncontrado as nada:
        return Pedidos((), str(nada))
    with lendo(servico):
        return Pedidos(tuple(_pedido(item) for item in resposta.dados["parcelamentos"]))


def detalhe(
    cliente: IntegraContador, familia: Familia, partes: Partes, numero: int, *, chamadas: Chamadas
) -> Parcelamento | None:
    """One parcelamento; None when the service knows none active under the number."""
    servico = familia.servico(DETALHE)
    try:
        resposta = cliente.chamar(servico, partes, {"numeroParcelamento": numero}, chamadas)
    except NadaEncontrado:
        return None
    with lendo(servico):
        corpo = resposta.dados
        if int(corpo["numero"]) != numero:
            raise ValueError("another parcelamento")
        original = corpo.get("consolidacaoOriginal")
        return Parcelamento(
            _pedido(corpo),
            _original(original) if original else None,
            tuple(_alteracao(item) for item in corpo.get("alteracoesDivida") or []),
            tuple(
                ParcelaPaga(
                    wire.mes(item["mesDaParcela"]),
                    wire.data_ou_nada(item.get("vencimentoDoDas")),
                    wire.data_ou_nada(item.get("dataDeArrecadacao")),
                    wire.dinheiro(item.get("valorPago")),
                )
                for item in corpo.get("demonstrativoPagamentos") or []
            ),
        )


def pagamento(
    cliente: IntegraContador, familia: Familia, partes: Partes, numero: int, mes: date, *, chamadas: Chamadas
) -> Pagamento | None:
    """How an instalment was paid; None when the service has no payment of it."""
    servico = familia.servico(PAGAMENTO)
    dados = {"numeroParcelamento": numero, "anoMesParcela": wire.pa(mes)}
    try:
        resposta = cliente.chamar(servico, partes, dados, chamadas)
    except NadaEncontrado:
        return None
    with lendo(servico):
        corpo = resposta.dados
        return Pagamento(
            numero_das=str(corpo["numeroDas"]),
            parcela=str(corpo.get("numeroParcela") or ""),
            vencimento=wire.data_ou_nada(corpo.get("dataVencimento")),
            limite=wire.data_ou_nada(corpo.get("dataLimiteAcolhimento")),
            pago_em=wire.data_ou_nada(corpo.get("dataPagamento")),
            valor=wire.dinheiro(corpo.get("valorPagoArrecadacao")),
            onde=str(corpo.get("bancoAgencia") or ""),
            debitos=tuple(
                DebitoPago(
                    wire.mes(debito["paDebito"]) if debito.get("paDebito") else None,
                    str(parte.get("tributo") or ""),
                    wire.dinheiro(parte.get("total")),
                )
                for debito in corpo.get("pagamentoDebitos") or []
                for parte in debito.get("discriminacoesDebito") or []
            ),
        )


def _pedido(item: dict[str, Any]) -> PedidoDeParcelamento:
    return PedidoDeParcelamento(
        int(item["numero"]),
        wire.data_ou_nada(item.get("dataDoPedido")),
        str(item.get("situacao") or ""),
        wire.data_ou_nada(item.get("dataDaSituacao")),
    )


def _original(item: dict[str, Any]) -> Consolidacao:
    return Consolidacao(
        wire.dinheiro(item.get("valorTotalConsolidado")),
        item.get("quantidadeParcelas"),
        wire.dinheiro(item.get("parcelaBasica")),
        wire.data_ou_nada(item.get("dataConsolidacao")),
    )


def _alteracao(item: dict[str, Any]) -> Consolidacao:
    return Consolidacao(
        wire.dinheiro(item.get("totalConsolidado") or item.get("saldoDevedorOriginal")),
        item.get("parcelasRemanescentes"),
        wire.dinheiro(item.get("parcelaBasica")),
        wire.data_ou_nada(item.get("dataAlteracaoDivida")),
    )
