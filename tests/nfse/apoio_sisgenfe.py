"""SISGENF-e for tests of its client: an access, a note, the kept answers, and the transport under httpx."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from nfse.providers.interface import Emissao, Endereco, Item, Pessoa, Retencoes
from nfse.providers.sisgenfe import AcessoSisgenfe, Referencias, Sisgenfe, acesso, chamada, esquecer
from operacoes import relogio
from operacoes.http import Chamadas

_TRANSPORTE = httpx.HTTPTransport(verify=False)  # reading the certificates of the system takes most of a test
BASE = "https://nota.exemplo/api"
ACESSO = AcessoSisgenfe(BASE, None, "chave-do-aplicativo", "90000001000129", "ana", "senha da ana")
RESPOSTAS = Path(__file__).resolve().parents[1] / "answers" / "sisgenfe"
MARCA = "[GUICHE-0A1B2C]"
ENDERECO = Endereco("Rua das Laranjeiras", "1544", "Bairro Novo", "53030020", "2609600", "PE", complemento="Sala 2")
TOMADOR = Pessoa(
    documento="12ABC34501DE35",
    nome="PADARIA MODELO LTDA",
    email="fiscal@padaria.exemplo",
    endereco=ENDERECO,
)
ITEM = Item(
    descricao="Controle de pragas",
    quantidade=Decimal(1),
    valor_unitario=Decimal("5840.00"),
    lc116="7.13",
    codigo="78",
    unidade="Hora",
    aliquota=Decimal("2.00"),
    deducao=Decimal("40.00"),
    retencoes=Retencoes(pis=Decimal("37.96"), ir=Decimal("87.60")),
)
NOTA = Emissao(
    tomador=TOMADOR,
    itens=(ITEM,),
    competencia=date(2026, 11, 1),
    emissao=datetime(2026, 11, 5, 12, tzinfo=UTC),
    municipio_prestacao="2615003",
    municipio_incidencia="2615003",
    iss_retido=False,
    marca=MARCA,
    observacao="Contrato 7",
    desde_numero=40,
)


def com_item(**trocas: Any) -> Emissao:
    return replace(NOTA, itens=(replace(ITEM, **trocas),))


def corpo(nome: str) -> Any:
    return json.loads((RESPOSTAS / f"{nome}.json").read_text(encoding="utf-8"))["corpo"]


def resposta(nome: str, **trocas: Any) -> httpx.Response:
    lido = corpo(nome)
    return httpx.Response(200, json=lido | trocas if trocas else lido)


def nota_json(numero: int | None, marca: str = "", chave: str = "") -> dict[str, Any]:
    lida: dict[str, Any] = corpo("nota") | {
        "numero": numero,
        "key": chave or f"NFSE.{numero}",
        "observacao": f"Serviço {marca}".strip(),
    }
    if numero is None:
        del lida["numero"]
    return lida


def lista(*itens: Any) -> httpx.Response:
    return httpx.Response(200, json=list(itens))


def recusa(status: int, mensagem: str = "texto do serviço", campo: str | None = None) -> httpx.Response:
    return httpx.Response(status, json={"status": status, "mensagem": mensagem, "campo": campo})


def jwt(n: int) -> str:
    return f"eyJhbGciOiJIUzI1NiJ9.eyJuIjo{n}fQ.assinatura-{n}"


def enviado(rota: respx.Route, vez: int = -1) -> Any:
    return json.loads(rota.calls[vez].request.content, parse_float=Decimal)


@contextmanager
def servico(monkeypatch: pytest.MonkeyPatch) -> Iterator[respx.MockRouter]:
    """A fake transport whose log-in gives jwt(1), jwt(2), jwt(3); an unexpected call fails the test."""
    esquecer()
    monkeypatch.setattr(chamada, "transport_for", lambda *_: _TRANSPORTE)
    monkeypatch.setattr(acesso, "transport_for", lambda *_: _TRANSPORTE)
    with respx.mock(assert_all_called=False) as router:
        router.post(f"{BASE}/login", name="login").mock(
            side_effect=[httpx.Response(200, text=jwt(n)) for n in range(1, 4)]
        )
        router.post(f"{BASE}/tomador", name="tomador").mock(return_value=resposta("tomador"))
        yield router
    esquecer()


def novo_cliente(**referencias: Any) -> Sisgenfe:
    """With the ids of Olinda, Taquaritinga do Norte and Hora at hand, unless others are given."""
    sabidas = {"municipios": {"2609600": 1578, "2615003": 1636}, "unidades": {"Hora": 15}} | referencias
    return Sisgenfe(ACESSO, Referencias(**sabidas))


def novas_chamadas() -> Chamadas:
    return Chamadas(tag="t" * 32, deadline=relogio.segundos() + 30)
