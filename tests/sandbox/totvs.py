"""A bare client of the simulated Datasul, as another program would write it, and builders of bodies.

A reset costs more than a test of these: a module shares one state, and every test takes numbers nobody used yet.
"""

import copy
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.sandbox_fixture import SandboxVivo

INICIO = "2026-11-21T10:00:00-03:00"
HOJE = "2026-11-21"
LOTE, DOCUMENTO = "AccountPayableBatchInformation", "AccountPayableDocumentInformation"
ENCHIMENTO = (
    "PrepaymentWriteOffInformation",
    "ProvisionWriteOffInformation",
    "PendentTaxInformation",
    "PendentRelationInformation",
)
ROTAS = {
    "lote": ("POST", "/accountPayableBatch"),
    "antecipacao": ("POST", "/accountPayableAdvance"),
    "pagamento": ("POST", "/payment"),
    "estorno": ("PUT", "/reversal"),
    "atualizacao": ("PUT", "/"),
}
_PAGINA = json.loads(Path(__file__).with_name("totvs_pagina.json").read_text(encoding="utf-8"))
_NUMEROS = itertools.count(1000)


def da_pagina(operacao: str) -> dict[str, Any]:
    """A body as the vendor's page prints it."""
    return copy.deepcopy(_PAGINA[operacao])


def sem_enchimento(corpo: Any) -> Any:
    """The same body without the lists that the page fills with placeholders."""
    if isinstance(corpo, list):
        return [sem_enchimento(item) for item in corpo]
    if isinstance(corpo, dict):
        return {nome: sem_enchimento(valor) for nome, valor in corpo.items() if nome not in ENCHIMENTO}
    return corpo


def numero() -> int:
    return next(_NUMEROS)


def referencia(letra: str = "T") -> str:
    """Ten characters that no other call of these tests has."""
    return f"261121{letra}{numero():x}"[:10]


def rateio(valor: float, **mudancas: Any) -> dict[str, Any]:
    return {
        "AccountPlanCode": "Geral",
        "AccountCode": "21010606",
        "BusinessUnitCode": "1",
        "FinancialFlowTypeCode": "10.06.01",
        "GLAppropriationValue": valor,
        **mudancas,
    }


def imposto(rendimento: float, valor: float, **mudancas: Any) -> dict[str, Any]:
    return {
        "CountryCode": "BRA",
        "TaxCode": "10",
        "TaxClass": 1,
        "TaxClassification": "1708",
        "DocumentClassCode": "IR",
        "RevenueTax": rendimento,
        "TaxBaseValue": rendimento,
        "TaxValue": valor,
        "DueDate": "2026-12-18",
        "CurrencyCode": "Real",
        "SupplierCode": 12704,
        **mudancas,
    }


def item(valor: float = 100, **mudancas: Any) -> dict[str, Any]:
    """One title of a batch; the value None leaves the field out."""
    campos = {
        "Sequence": "10",
        "SupplierCode": 95,
        "DocumentClassCode": "DP",
        "DocumentSerieCode": "1",
        "DocumentNumber": f"N{numero()}",
        "DocumentParcelNumber": "1",
        "PrintDate": "2026-11-10",
        "DueDate": "2026-12-10",
        "CurrencyCode": "Real",
        "DocumentValue": valor,
        "CollectorCode": "90000",
        "PaymentMethodCode": "BOL",
        "PendentGLAppropriationInformation": [rateio(valor)],
        **mudancas,
    }
    return {nome: informado for nome, informado in campos.items() if informado is not None}


def lote(*itens: dict[str, Any], **mudancas: Any) -> dict[str, Any]:
    cabeca = {
        "CompanyCode": "001",
        "BranchCode": "100",
        "Reference": referencia(),
        "TransactionDate": HOJE,
        DOCUMENTO: [{**um, "Sequence": um.get("Sequence", "") if len(itens) == 1 else str(10 * (posicao + 1))}
                    for posicao, um in enumerate(itens)],
        **mudancas,
    }  # fmt: skip
    return {LOTE: {nome: valor for nome, valor in cabeca.items() if valor is not None}}


def antecipacao(valor: float = 100, **mudancas: Any) -> dict[str, Any]:
    campos = {
        **item(valor, DocumentClassCode="AN", CompanyCode="001", BranchCode="100", Sequence=None),
        "PaymentMethodCode": None,
        "PrePaymentReference": referencia("N"),
        **mudancas,
    }
    return {DOCUMENTO: {nome: informado for nome, informado in campos.items() if informado is not None}}


def chave(titulo: dict[str, Any]) -> dict[str, Any]:
    """The key fields of a title, as E3, E4 and E5 name one."""
    nomes = ("SupplierCode", "DocumentClassCode", "DocumentSerieCode", "DocumentNumber", "DocumentParcelNumber")
    return {"BranchCode": "100", **{nome: titulo[nome] for nome in nomes}}


def texto_da_chave(titulo: dict[str, Any]) -> str:
    partes = [chave(titulo)[nome] for nome in (
        "BranchCode", "DocumentClassCode", "DocumentSerieCode", "SupplierCode", "DocumentNumber", "DocumentParcelNumber"
    )]  # fmt: skip
    return "/".join(map(str, partes)).upper()


def pago(titulo: dict[str, Any], valor: float, **mudancas: Any) -> dict[str, Any]:
    return {"Sequence": "1", "CompanyCode": "001", **chave(titulo), "PaymentValue": valor, **mudancas}


def pagamento(*itens: dict[str, Any], **mudancas: Any) -> dict[str, Any]:
    """A payment batch."""
    cabeca = {
        "CompanyCode": "001",
        "TransactionType": 1,
        "ReferenceBranchCode": "100",
        "Reference": referencia("P"),
        "CollectorCode": "03399",
        "TransactionDate": HOJE,
        "CurrencyCode": "Real",
        DOCUMENTO: [{**um, "Sequence": str(posicao + 1)} for posicao, um in enumerate(itens)],
        **mudancas,
    }
    return {LOTE: {nome: valor for nome, valor in cabeca.items() if valor is not None}}


def bordero(*itens: dict[str, Any], **mudancas: Any) -> dict[str, Any]:
    proprios = {"TransactionType": 2, "ReferenceBranchCode": None, "Reference": None, "BordereauBranchCode": "100"}
    return pagamento(*itens, **{**proprios, "StatementNumber": numero(), **mudancas})


def estorno(titulo: dict[str, Any], operacao: int, **mudancas: Any) -> dict[str, Any]:
    campos = {"TransactionDate": HOJE, "ReverseTypeCode": 1, "ReversalOperation": operacao}
    if operacao == 3:
        campos["TransactionShortName"] = 3
    return {DOCUMENTO: {**chave(titulo), **campos, **mudancas}}


def atualizacao(titulo: dict[str, Any], **mudancas: Any) -> dict[str, Any]:
    return {DOCUMENTO: {**chave(titulo), "CompanyCode": "001", "TransactionDate": HOJE, **mudancas}}


class Erp:
    """Speaks to the ERP as its integration user."""

    def __init__(self, sandbox: SandboxVivo, http: httpx.Client) -> None:
        self.sandbox, self.http = sandbox, http
        self.base = sandbox.enderecos["totvs"]["producao"]
        self.demonstracao = sandbox.controle.get("totvs/demonstracao")
        self.acesso = (self.demonstracao["usuario"], self.demonstracao["senha"])

    def chamar(
        self, operacao: str, corpo: Any, *, tag: str = "", contexto: str = "/api", **outros: Any
    ) -> httpx.Response:
        metodo, caminho = ROTAS[operacao]
        url = f"{self.base}{contexto}/fin/v1/accountPayableDocument{caminho}"
        cabecalhos = {**outros.pop("headers", {}), **({"X-Request-Tag": tag} if tag else {})}
        return self.http.request(metodo, url, json=corpo, headers=cabecalhos, **{"auth": self.acesso, **outros})

    def implantar(self, valor: float = 100, **mudancas: Any) -> dict[str, Any]:
        """A title by E1; its item and, beside it, the batch's `Reference`."""
        corpo = lote(item(valor, **mudancas))
        self.chamar("lote", corpo).raise_for_status()
        return {**corpo[LOTE][DOCUMENTO][0], "Reference": corpo[LOTE]["Reference"]}

    def adiantar(self, valor: float = 100, **mudancas: Any) -> dict[str, Any]:
        corpo = antecipacao(valor, **mudancas)
        self.chamar("antecipacao", corpo).raise_for_status()
        return dict(corpo[DOCUMENTO])

    def impostos(self, ident: Any, **parametros: Any) -> httpx.Response:
        url = f"{self.base}/api/fin/v1/vendorsPayments/{ident}/taxes"
        return self.http.get(url, params=parametros, auth=self.acesso)

    def titulo(self, titulo: dict[str, Any]) -> dict[str, Any]:
        """The title as the ERP has it."""
        (achado,) = self.sandbox.controle.get("totvs/titulos", chave=texto_da_chave(titulo))["titulos"]
        return dict(achado)

    def saldo(self, titulo: dict[str, Any]) -> tuple[float, str]:
        achado = self.titulo(titulo)
        return float(achado["saldo"]), str(achado["situacao"])

    def movimentos(self, titulo: dict[str, Any]) -> list[str]:
        achados = self.sandbox.controle.get("totvs/movimentos", chave=texto_da_chave(titulo))["movimentos"]
        return [movimento["tipo"] for movimento in achados]

    def efeitos(self, titulo: dict[str, Any]) -> list[dict[str, Any]]:
        """The ledger of one title."""
        return self.sandbox.controle.ledger(servico="totvs", documento=texto_da_chave(titulo))


def codigos(resposta: httpx.Response) -> list[str]:
    """The status and every code of a refusal, each once, in order."""
    corpo = resposta.json()
    achados = [erro["code"] for erro in corpo.get("details", [corpo])]
    return [str(resposta.status_code), *dict.fromkeys(achados)]


def caminhos(resposta: httpx.Response) -> list[str]:
    corpo = resposta.json()
    return [erro["detailedMessage"] for erro in corpo.get("details", [corpo])]


@pytest.fixture(scope="module")
def erp(sandbox_vivo: SandboxVivo, http_simples: httpx.Client) -> Erp:
    """One reset for a module, its clock stopped."""
    sandbox_vivo.controle.reset()
    sandbox_vivo.controle.relogio(fixo=INICIO)
    return Erp(sandbox_vivo, http_simples)


@pytest.fixture
def opcoes_totvs(erp: Erp) -> Iterator[Any]:
    """Set options of the simulator for one test."""
    antes: dict[str, Any] = {}

    def mudar(**valores: Any) -> None:
        lidos = erp.sandbox.controle.get("ajustes")
        for nome in valores:
            antes.setdefault(f"totvs.{nome}", lidos[f"totvs.{nome}"])
        erp.sandbox.controle.ajustes(**{f"totvs.{nome}": valor for nome, valor in valores.items()})

    yield mudar
    if antes:
        erp.sandbox.controle.ajustes(**antes)
