"""The five services of each of the eight instalment systems."""

import base64
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sandbox import arrecadacao
from sandbox.calendario import dia_bancario, pa_de, soma_meses
from sandbox.integra_contador.envelope import Pedido, Resultado
from sandbox.integra_contador.models import DasParcela, Parcelamento
from sandbox.integra_contador.parcelamentos import entrada
from sandbox.integra_contador.parcelamentos.entrada import recusa
from sandbox.integra_contador.simulado import Simulado, tem_efeito
from sandbox.integra_contador.slip import Slip
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.cadastro import contribuinte
from sandbox.nucleo.livro import gravacao, proximo, registrar

# System -> what its services' numbers begin with.
FAMILIAS = {
    "PARCSN": 16,
    "PARCSN-ESP": 17,
    "PERTSN": 18,
    "RELPSN": 19,
    "PARCMEI": 20,
    "PARCMEI-ESP": 21,
    "PERTMEI": 22,
    "RELPMEI": 23,
}
ATIVO = "Em parcelamento"
_DIA_DO_MES_CORRENTE = 10
_ZERO = Decimal("0.00")


def vencimento(pa: int) -> date:
    """The last day of the month with bank business."""
    seguinte = soma_meses(pa, 1)
    dia = date(seguinte // 100, seguinte % 100, 1) - timedelta(days=1)
    while not dia_bancario(dia):
        dia -= timedelta(days=1)
    return dia


def _numero(dia: date | None) -> int:
    return int(f"{dia:%Y%m%d}") if dia else 0


def _data(texto: str | None) -> date | None:
    return date.fromisoformat(texto) if texto else None


class Familia:
    """One instalment system."""

    def __init__(self, sigla: str) -> None:
        self.sigla = sigla

    def _sucesso(self) -> list[tuple[str, str]]:
        return [(f"[Sucesso-{self.sigla}]", "Requisição efetuada com sucesso.")]

    def _ativo(self, pedido: Pedido) -> Parcelamento:
        do_contribuinte = Parcelamento.objects.filter(contribuinte=pedido.contribuinte.numero, familia=self.sigla)
        achado = do_contribuinte.filter(situacao=ATIVO).order_by("-numero").first()
        if achado is None:
            raise recusa(self.sigla, "E001")
        return achado

    def _um(self, pedido: Pedido, numero: int) -> Parcelamento:
        achado = Parcelamento.objects.filter(
            contribuinte=pedido.contribuinte.numero, familia=self.sigla, numero=numero
        ).first()
        if achado is None:
            raise recusa(self.sigla, "N009")
        return achado

    def _abertas(self, parcelamento: Parcelamento, ajustes: Ajustes) -> list[dict[str, Any]]:
        """The instalments that can be drawn. Raises Recusa where the state of the parcelamento forbids them all."""
        if parcelamento.condicao == "reconsolidado":
            raise recusa(self.sigla, "N004")
        if parcelamento.condicao == "so_portal":
            raise recusa(self.sigla, "portal")
        if parcelamento.condicao == "aguarda_primeira":
            raise recusa(self.sigla, "N013")
        if all(parcela.get("paga") for parcela in parcelamento.parcelas):
            raise recusa(self.sigla, "N003")
        ate = pa_de(ajustes.hoje())
        abertas = [p for p in parcelamento.parcelas if not p.get("paga") and p["pa"] <= ate]
        if len(abertas) > entrada.MAXIMO_ABERTAS:
            raise recusa(self.sigla, "limite", str(len(abertas)))
        return abertas

    def pedidos(self, pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
        entrada.sem_dados(self.sigla, pedido.dados)
        todos = Parcelamento.objects.filter(contribuinte=pedido.contribuinte.numero, familia=self.sigla)
        if not todos:
            raise recusa(self.sigla, "C001")
        return Resultado({"parcelamentos": [_pedido(p) for p in todos.order_by("numero")]}, self._sucesso())

    def parcelas(self, pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
        entrada.sem_dados(self.sigla, pedido.dados)
        abertas = self._abertas(self._ativo(pedido), ajustes)
        if not abertas:
            raise recusa(self.sigla, "N008")
        lista = [{"parcela": p["pa"], "valor": float(p["valor"])} for p in abertas]
        return Resultado({"listaParcelas": lista}, self._sucesso())

    def detalhe(self, pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
        [numero] = entrada.numeros(self.sigla, pedido.dados, "numeroParcelamento")
        parcelamento = self._um(pedido, numero)
        valores = [Decimal(p["valor"]) for p in parcelamento.parcelas]
        original = {
            "valorTotalConsolidado": float(sum(valores, _ZERO)),
            "quantidadeParcelas": len(valores),
            "primeiraParcela": float(valores[0]) if valores else 0.0,
            "parcelaBasica": float(valores[0]) if valores else 0.0,
            "dataConsolidacao": int(f"{parcelamento.pedido:%Y%m%d}120000"),
            "detalhesConsolidacao": [],
        }
        pagas = [
            {
                "mesDaParcela": p["pa"],
                "vencimentoDoDas": _numero(vencimento(p["pa"])),
                "dataDeArrecadacao": _numero(_data(p["paga"])),
                "valorPago": float(p["valor"]),
            }
            for p in parcelamento.parcelas
            if p.get("paga")
        ]
        alteracoes = (
            []
            if parcelamento.condicao != "reconsolidado"
            else [
                {
                    "totalConsolidado": float(sum(valores, _ZERO)),
                    "parcelasRemanescentes": len(valores) - len(pagas),
                    "parcelaBasica": float(valores[0]) if valores else 0.0,
                    "dataAlteracaoDivida": _numero(parcelamento.desde),
                }
            ]
        )
        corpo = _pedido(parcelamento) | {
            "consolidacaoOriginal": original,
            "alteracoesDivida": alteracoes,
            "demonstrativoPagamentos": pagas,
        }
        return Resultado(corpo, self._sucesso())

    def pagamento(self, pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
        numero, pa = entrada.numeros(self.sigla, pedido.dados, "numeroParcelamento", "anoMesParcela")
        parcelamento = self._um(pedido, numero)
        entrada.periodo(self.sigla, pa, "anoMesParcela")
        indice = next((n for n, p in enumerate(parcelamento.parcelas, 1) if p["pa"] == pa), None)
        if indice is None:
            raise recusa(self.sigla, "N010", str(pa))
        parcela = parcelamento.parcelas[indice - 1]
        paga = _data(parcela.get("paga"))
        if paga is None:
            raise recusa(self.sigla, "N012")
        vence, valor = vencimento(pa), Decimal(parcela["valor"])
        debito = {"tributo": "INSS", "principal": float(valor), "multa": 0.0, "juros": 0.0, "total": float(valor)}
        corpo = {
            "numeroDas": parcela.get("numero_das") or arrecadacao.numero_documento("0720", paga, pa),
            "dataVencimento": _numero(vence),
            "paDasGerado": pa,
            "geradoEm": f"{paga:%Y%m%d}090000",
            "numeroParcelamento": f"{numero:04d}",
            "numeroParcela": str(indice),
            "dataLimiteAcolhimento": _numero(max(vence, paga)),
            "pagamentoDebitos": [
                {
                    "paDebito": soma_meses(pa, -12),
                    "processo": "",
                    "discriminacoesDebito": [debito | {"enteFederadoDestino": "União"}],
                }
            ],
            "dataPagamento": _numero(paga),
            "bancoAgencia": "1/0001",
            "valorPagoArrecadacao": float(valor),
        }
        return Resultado(corpo, self._sucesso())

    def emitir(self, pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
        [pa] = entrada.numeros(self.sigla, pedido.dados, "parcelaParaEmitir")
        entrada.periodo(self.sigla, pa, "parcelaParaEmitir")
        parcelamento, hoje = self._ativo(pedido), ajustes.hoje()
        abertas = {p["pa"]: p for p in self._abertas(parcelamento, ajustes)}
        if pa not in abertas:
            raise recusa(self.sigla, "N006", str(pa))
        if pa == pa_de(hoje) and hoje.day < _DIA_DO_MES_CORRENTE:
            raise recusa(self.sigla, "N005", str(_DIA_DO_MES_CORRENTE))
        das = self._gravar(parcelamento, pa, Decimal(abertas[pa]["valor"]), ajustes, tag)
        slip = Slip(
            f"Documento de Arrecadação - Parcelamento {self.sigla}",
            contribuinte(parcelamento.contribuinte),
            f"Parcela {pa % 100:02d}/{pa // 100}",
            das.numero,
            das.vencimento,
            das.limite,
            [("Parcela", das.valor, _ZERO, _ZERO)],
            legivel=not parcelamento.ilegivel,
        )
        return Resultado({"docArrecadacaoPdfB64": base64.b64encode(slip.pdf()).decode()}, self._sucesso())

    def _gravar(self, parcelamento: Parcelamento, pa: int, valor: Decimal, ajustes: Ajustes, tag: str) -> DasParcela:
        mei = "MEI" in self.sigla
        with gravacao():
            das = DasParcela.objects.create(
                numero=arrecadacao.numero_documento("0718" if mei else "0720", ajustes.hoje(), proximo("documento")),
                parcelamento=parcelamento,
                pa=pa,
                emitido=ajustes.agora(),
                vencimento=vencimento(pa),
                limite=max(vencimento(pa), ajustes.hoje()),
                valor=valor,
            )
            registrar(
                instante=ajustes.agora(),
                servico="integra_contador",
                tipo="das_parcela_emitido",
                contribuinte=parcelamento.contribuinte,
                pa=str(pa),
                sequencia=parcelamento.das.filter(pa=pa).count(),
                numero=das.numero,
                valor=valor,
                tag=tag,
                documento=self.sigla,
            )
        return das


def _pedido(parcelamento: Parcelamento) -> dict[str, Any]:
    return {
        "numero": parcelamento.numero,
        "dataDoPedido": _numero(parcelamento.pedido),
        "situacao": parcelamento.situacao,
        "dataDaSituacao": _numero(parcelamento.desde),
    }


def _da_familia(sigla: str, numero: int) -> dict[str, Simulado]:
    familia = Familia(sigla)
    leituras: dict[str, Callable[[Pedido, Ajustes, str], Resultado]] = {
        f"PARCELASPARAGERAR{numero}2": familia.parcelas,
        f"PEDIDOSPARC{numero}3": familia.pedidos,
        f"OBTERPARC{numero}4": familia.detalhe,
        f"DETPAGTOPARC{numero}5": familia.pagamento,
    }
    return {
        f"GERARDAS{numero}1": Simulado(familia.emitir, tem_efeito),
        **{nome: Simulado(leitura) for nome, leitura in leituras.items()},
    }


SERVICOS = {nome: simulado for sigla, n in FAMILIAS.items() for nome, simulado in _da_familia(sigla, n).items()}
