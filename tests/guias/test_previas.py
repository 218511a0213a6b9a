"""The pré-voo of every bulk action: what would go, at no cost. Nothing is asked outside, and nothing is written."""

import socket
from typing import Any

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from comum.models import Usuario
from credentials.models import Credencial
from empresas.models import Carteira
from guias.services.acoes import DEFINICOES
from guias.views.acoes import desenhar_prevoo
from operacoes.handlers import handler_de
from operacoes.models import Operacao, Tentativa
from tests.guias.previas import empresa_para, previa_de

pytestmark = pytest.mark.django_db


@pytest.fixture
def pedidos_para_fora(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every connection that was tried: none is let out. The database is reached without Python's sockets."""
    feitos: list[str] = []

    def negar(_: socket.socket, endereco: Any) -> None:
        feitos.append(str(endereco))
        raise ConnectionRefusedError("refused by the test")

    monkeypatch.setattr(socket.socket, "connect", negar)
    return feitos


def _pagina(previa: Any, usuario: Usuario, rf: RequestFactory) -> str:
    pedido = rf.post("/", {"ids": [empresa.pk for empresa in previa.prontas]})
    pedido.user, pedido.session, pedido.htmx = usuario, SessionStore(), False  # type: ignore[attr-defined]
    pedido._messages = CookieStorage(pedido)  # type: ignore[attr-defined]
    return desenhar_prevoo(pedido, previa).content.decode()


@pytest.mark.parametrize("acao", [str(acao) for acao in DEFINICOES])
def test_a_previa_asks_nobody_and_costs_nothing(
    acao: str,
    ana: Usuario,
    credencial: Credencial,
    carteira: Carteira,
    rf: RequestFactory,
    pedidos_para_fora: list[str],
) -> None:
    empresa = empresa_para(acao, credencial, ana, carteira)
    antes = set(Operacao.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as consultas:
        previa = previa_de(acao, [empresa])
        pagina = _pagina(previa, ana, rf)
    assert [item.motivo for item in previa.fora] == []
    (nova,) = previa.novas  # it would go, so all that is looked at before was looked at
    assert nova.tipo == DEFINICOES[acao].tipo
    assert previa.titulo in pagina
    assert pedidos_para_fora == []
    assert set(Operacao.objects.values_list("pk", flat=True)) == antes
    assert not Tentativa.objects.exists()
    feitas = [c["sql"].lstrip("(\n ") for c in consultas]
    escritas = [sql for sql in feitas if not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE"))]
    assert escritas == []
    # What it says it costs is what the run would be charged.
    assert bool(previa.custo) == any(c != "gratis" for c in handler_de(nova.tipo).chamadas_previstas(nova.pedido))


def test_one_empresa_more_asks_the_database_no_more(ana: Usuario, credencial: Credencial, carteira: Carteira) -> None:
    for acao in ("simular", "mei.das", "dctfweb_xml", "parcsn.emitir", "situacao-fiscal", "transmitir-defis", "darf"):
        vistas = []
        for vez, quantas in enumerate((1, 4)):
            base = 100 * list(DEFINICOES).index(acao) + 10 * vez + 1
            empresas = [empresa_para(acao, credencial, ana, carteira, base + n) for n in range(quantas)]
            with CaptureQueriesContext(connection) as consultas:
                assert len(previa_de(acao, empresas).novas) == quantas, acao
            vistas.append(len(consultas))
        assert vistas[1] <= vistas[0], (acao, vistas)
