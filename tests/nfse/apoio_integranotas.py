"""Shared by the tests of the Integra Notas client: a faked transport, answers kept in files, a note to be issued."""

import base64
import dataclasses
import gzip
import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import respx

from nfse.providers.integranotas import AcessoIntegraNotas, IntegraNotas, Softhouse, transporte
from nfse.providers.interface import Emissao, Endereco, Item, Pessoa, Referencia
from operacoes import relogio
from operacoes.http import Chamadas

BASE = "https://api.exemplo"
TOKEN = "eyJ0eXAiOiJKV1QifQ.emitente-de-teste.assinada"
RESPOSTAS = Path(__file__).resolve().parents[1] / "answers" / "integranotas"
CHAVE = "35261012ABC34501DE35009000000000000010000000"
CHAVE_NACIONAL = "35503082290000001000129000000000000012610123456789"
MOTIVO = "Serviço lançado em duplicidade"
ANTIGA = Referencia(chave=CHAVE_NACIONAL)
XML = b"<nfse><numero>7</numero></nfse>"
PDF = b"%PDF-1.4 SEM VALOR FISCAL"
BRASILIA = ZoneInfo("America/Sao_Paulo")
ENDERECO = Endereco("Rua das Flores", "100", "Centro", "01310-100", "3550308", "SP")
NOTA = Emissao(
    tomador=Pessoa(
        documento="12ABC34501DE35",
        nome="Padaria Três Irmãos Ltda",
        email="contato@padaria.exemplo",
        endereco=ENDERECO,
    ),
    itens=(Item("Contabilidade de outubro", Decimal(1), Decimal("850.00"), lc116="17.19"),),
    competencia=date(2026, 10, 1),
    emissao=datetime(2026, 10, 20, 14, 30, tzinfo=BRASILIA),
    municipio_prestacao="3550308",
    municipio_incidencia="3550308",
    iss_retido=False,
    marca="g-1",
    serie="1",
    numero=19,
)
NACIONAL = dataclasses.replace(NOTA, itens=(dataclasses.replace(NOTA.itens[0], codigo="171901", nbs="114021100"),))


@pytest.fixture
def rede(monkeypatch: pytest.MonkeyPatch) -> Iterator[respx.MockRouter]:
    monkeypatch.setattr(transporte, "transport_for", lambda *_: httpx.HTTPTransport())
    with respx.mock(assert_all_called=False) as router:
        yield router


@pytest.fixture
def cliente(rede: respx.MockRouter) -> IntegraNotas:
    return IntegraNotas(AcessoIntegraNotas(BASE, TOKEN))


@pytest.fixture
def nacional(rede: respx.MockRouter) -> IntegraNotas:
    return IntegraNotas(AcessoIntegraNotas(BASE, TOKEN, versao_emissao=2))


@pytest.fixture
def softhouse(rede: respx.MockRouter) -> Softhouse:
    return Softhouse(AcessoIntegraNotas(BASE, TOKEN))


@pytest.fixture
def chamadas() -> Chamadas:
    return Chamadas(tag="t" * 32, deadline=relogio.segundos() + 30)


def corpo_de(nome: str, **trocas: Any) -> dict[str, Any]:
    corpo: dict[str, Any] = json.loads((RESPOSTAS / f"{nome}.json").read_text(encoding="utf-8"))
    corpo.pop("_origem")
    return corpo | trocas


def resposta(nome: str, status: int = 200, /, **trocas: Any) -> httpx.Response:
    """An answer kept in tests/answers/integranotas, with fields exchanged."""
    return httpx.Response(status, json=corpo_de(nome, **trocas))


def em_base64(conteudo: bytes, *, comprimido: bool = False) -> str:
    return base64.b64encode(gzip.compress(conteudo, mtime=0) if comprimido else conteudo).decode()


def enviado(rota: respx.Route) -> Any:
    return json.loads(rota.calls.last.request.content)
