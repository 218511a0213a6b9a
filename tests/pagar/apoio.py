"""Datasul for tests of its client: an access, the bodies of the ERP's page, and the transport under httpx."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from operacoes import relogio
from operacoes.http import Chamadas
from pagar.providers.blocos import (
    AbatimentoAntecipacao,
    AbatimentoPrevisao,
    Imposto,
    Rateio,
    RateioRelacao,
    Relacao,
)
from pagar.providers.datasul import CODIGOS_DO_SIMULADOR, AcessoDatasul, cliente
from pagar.providers.interface import (
    Antecipacao,
    Atualizacao,
    Cambio,
    Corpo,
    Estorno,
    Informe1099,
    LotePagamento,
    LoteTitulos,
    MotivoAlteracao,
    OperacaoEstorno,
    RateioAlteracao,
    TipoEstorno,
    TipoPagamento,
    Titulo,
    TituloPago,
)

_TRANSPORTE = httpx.HTTPTransport(verify=False)  # reading the certificates of the system takes most of a test
BASE = "http://erp.exemplo:8280"
RECURSO = f"{BASE}/api/fin/v1/accountPayableDocument"
SENHA = "senha-do-erp"
ACESSO = AcessoDatasul(BASE, "guiche", SENHA, codigos=CODIGOS_DO_SIMULADOR)
RESPOSTAS = Path(__file__).resolve().parents[1] / "answers" / "datasul"
ZERO, UM = Decimal(0), Decimal(1)


def da_pagina(nome: str) -> Any:
    """A body of the ERP's page, every number a Decimal."""
    texto = (RESPOSTAS / f"{nome}.json").read_text(encoding="utf-8")
    return json.loads(texto, parse_float=Decimal, parse_int=Decimal)["corpo"]


def lido(corpo: bytes) -> Any:
    return json.loads(corpo, parse_float=Decimal, parse_int=Decimal)


def novas_chamadas() -> Chamadas:
    return Chamadas(tag="t" * 32, deadline=relogio.segundos() + 30)


@contextmanager
def erp(monkeypatch: pytest.MonkeyPatch) -> Iterator[respx.MockRouter]:
    """A fake transport; an unexpected call fails the test."""
    monkeypatch.setattr(cliente, "transport_for", lambda *_: _TRANSPORTE)
    with respx.mock(assert_all_called=False) as router:
        yield router


def recusa(codigo: str | int, mensagem: str, *outras: tuple[str, str]) -> dict[str, Any]:
    corpo: dict[str, Any] = {"code": codigo, "message": mensagem, "detailedMessage": "", "type": "error"}
    if outras:
        corpo["details"] = [{"code": codigo, "message": mensagem, "type": "error"}] + [
            {"code": outro, "message": texto, "type": "error"} for outro, texto in outras
        ]
    return corpo


# -- the bodies of the page, in our words ----------------------------------------------------------------------------
def _linha(conta: str, valor: int) -> Rateio:
    return Rateio(plano_contas="Geral", conta=conta, unidade_negocio="1", fluxo="10.06.01", valor=Decimal(valor))


_CHAVE_1: dict[str, Any] = {
    "estabelecimento": "BranchCode1",
    "especie": "DocumentClassCode1",
    "serie": "DocumentSerieCode1",
    "numero": "DocumentNumber1",
    "parcela": "DocumentParcelNumber1",
}
_CHAVE_4: dict[str, Any] = {nome: texto.replace("1", "4") for nome, texto in _CHAVE_1.items()}
_IMPOSTO = Imposto(
    pais="CountryCode1",
    uf="StateCode1",
    imposto="TaxC1",
    classe=1,
    classificacao="TaxClassifica1",
    plano_contas="AccountPlanCode1",
    conta="AccountCode1",
    especie="DocumentClassCode1",
    serie="DocumentSerieCode1",
    numero="DocumentNumber1",
    parcela="DocumentParcelNumber1",
    rendimento=UM,
    deducao_inss=UM,
    deducao_dependentes=UM,
    deducao_pensao=UM,
    outras_deducoes=UM,
    base=UM,
    recolhido=UM,
    valor=UM,
    vencimento=date(1900, 1, 1),
    moeda="CurrencyCode1",
    valor_na_finalidade=UM,
    historico="StandardHistoryDescription1",
    fornecedor=1,
    deducao_faixa=UM,
    pais_externo="CountryCode1",
    conta_externa="AccountCode1",
    subconta_externa="SubAccountCode1",
    fluxo_externo="FinancialFlowTypeCode1",
)
_IMPOSTO_EM_BRANCO = Imposto(
    classe=1,
    rendimento=UM,
    deducao_inss=UM,
    deducao_dependentes=UM,
    deducao_pensao=UM,
    outras_deducoes=UM,
    base=UM,
    recolhido=UM,
    valor=UM,
    vencimento=date(1900, 1, 1),
    moeda="Real",
    valor_na_finalidade=UM,
    fornecedor=1,
    deducao_faixa=UM,
)
TITULO = Titulo(
    sequencia=1,
    fornecedor=95,
    especie="DP",
    serie="1",
    numero="281120241140",
    parcela="1",
    emissao=date(2024, 11, 28),
    vencimento=date(2025, 11, 28),
    previsao=date(2025, 11, 28),
    valor=Decimal(100),
    desconto=ZERO,
    desconto_percentual=ZERO,
    carencia=0,
    juros_dia=ZERO,
    juros_dia_percentual=ZERO,
    multa=ZERO,
    portador="90000",
    parcelas=0,
    dias=0,
    calculo_vencimento=0,
    forma_pagamento="TED",
    ordem_investimento=0,
    valor_1099=ZERO,
    tipo_1099=0,
    rateio=(_linha("11031601", 60), _linha("21010606", 40)),
)
LOTE = LoteTitulos(
    estabelecimento="100",
    referencia="241128Tzhm",
    data=date(2024, 11, 28),
    total=ZERO,
    empresa="001",
    titulos=(TITULO,),
    matriz="EMS2",
)
_RELACAO = Relacao(
    estabelecimento="BranchCode1",
    valor=UM,
    motivo=1,
    rateio=RateioRelacao(plano_contas="AccountPlanCode1", conta="AccountCode1", valor=UM, tipo=1),
)
LOTE_DA_PAGINA = replace(
    LOTE,
    titulos=(
        replace(
            TITULO,
            antecipacoes=(AbatimentoAntecipacao(**_CHAVE_1, valor=UM),),
            previsoes=(
                AbatimentoPrevisao(
                    **_CHAVE_4, fornecedor=1, valor=UM, zera_saldo=True, estabelecimento_externo="BranchCode1"
                ),
            ),
            impostos=(_IMPOSTO,),
            relacoes=(_RELACAO,),
        ),
    ),
)
ANTECIPACAO = Antecipacao(
    empresa="001",
    estabelecimento="100",
    especie="AN",
    serie="1",
    fornecedor=95,
    numero="291120240945",
    parcela="1",
    portador="90000",
    valor=Decimal(100),
    emissao=date(2024, 11, 29),
    vencimento=date(2025, 11, 29),
    referencia="241129acxn",
    talonario=0,
    cheque=0,
    rateio=(_linha("11031601", 60), _linha("21010606", 40)),
    matriz="EMS2",
)
ANTECIPACAO_DA_PAGINA = replace(
    ANTECIPACAO,
    previsoes=(AbatimentoPrevisao(fornecedor=1, valor=UM, zera_saldo=True, estabelecimento_externo=""),),
    impostos=(_IMPOSTO_EM_BRANCO,),
)
TITULO_PAGO = TituloPago(
    empresa="001",
    portador="90000",
    estabelecimento="100",
    especie="DP",
    serie="1",
    fornecedor=95,
    numero="281120240951",
    parcela="1",
    data_cotacao=date(2024, 11, 28),
    valor=Decimal(100),
    correcao=ZERO,
    desconto=ZERO,
    abatimento=ZERO,
    multa=ZERO,
    juros=ZERO,
    forma_pagamento="TED",
    sequencia=1,
    talonario=0,
    cheque=0,
    variacao_cambial=ZERO,
    rateio=(_linha("11031601", 60),),
    cambio=(Cambio(identificador=0, data_importacao=date(2024, 12, 4), data_referencia=date(2024, 12, 4)),),
)
BORDERO = LotePagamento(
    empresa="001",
    estabelecimento_bordero="100",
    data=date(2024, 12, 5),
    total=ZERO,
    total_informado=ZERO,
    fornecedor=0,
    bordero=17,
    portador="03399",
    tipo=TipoPagamento.BORDERO,
    informe_1099=Informe1099(valor=ZERO, tipo=0),
    titulos=(TITULO_PAGO,),
    matriz="EMS2",
)
BORDERO_DA_PAGINA = replace(
    BORDERO,
    titulos=(
        replace(
            TITULO_PAGO,
            antecipacoes=(AbatimentoAntecipacao(**_CHAVE_1, fornecedor=0, valor=UM),),
            previsoes=(AbatimentoPrevisao(**_CHAVE_4, fornecedor=1, valor=UM, zera_saldo=True),),
            impostos=(replace(_IMPOSTO, aliquota=ZERO),),
        ),
    ),
)
ESTORNO = Estorno(
    estabelecimento="100",
    data=date(2024, 12, 16),
    estabelecimento_reembolso="100",
    fornecedor=95,
    especie="DP",
    serie="1",
    numero="281120241600",
    parcela="1",
    tipo=TipoEstorno.TOTAL,
    operacao=OperacaoEstorno.MOVIMENTO,
    transacao=3,
    referencia_movimento="241202Tzpp",
    matriz="EMS2",
)
ATUALIZACAO = Atualizacao(
    empresa="001",
    estabelecimento="100",
    fornecedor=95,
    especie="DP",
    serie="1",
    numero="281120241600",
    parcela="1",
    data=date(2024, 11, 28),
    saldo=Decimal(70),
    vencimento=date(2025, 11, 29),
    carencia=0,
    multa=ZERO,
    juros_dia=ZERO,
    juros_dia_percentual=ZERO,
    desconto_percentual=ZERO,
    desconto=ZERO,
    portador="90000",
    bloqueado=False,
    moeda="Real",
    gera_ocorrencia=False,
    forma_pagamento="BOL",
    ordem_investimento=0,
    pedido=0,
    ordem_compra=0,
    evento_investimento=0,
    valor_1099=ZERO,
    tipo_1099=0,
    motivo=MotivoAlteracao.ALTERACAO,
    situacao=0,
    rateio=(
        RateioAlteracao(
            estabelecimento="100",
            sequencia=0,
            fluxo="10.06.01",
            plano_contas="Geral",
            conta="11031601",
            unidade_negocio="1",
            valor=Decimal(90),
        ),
    ),
    matriz="EMS2",
)
DA_PAGINA: dict[str, Corpo] = {
    "lote": LOTE_DA_PAGINA,
    "antecipacao": ANTECIPACAO_DA_PAGINA,
    "pagamento": BORDERO_DA_PAGINA,
    "estorno": ESTORNO,
    "atualizacao": ATUALIZACAO,
}
SEM_ENCHIMENTO: dict[str, Corpo] = {
    "lote": LOTE,
    "antecipacao": ANTECIPACAO,
    "pagamento": BORDERO,
    "estorno": ESTORNO,
    "atualizacao": ATUALIZACAO,
}
