"""Somebody at screens that are killed under them: what is sent again, and what is a defect."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from comum.models import Usuario
from operacoes import handlers
from operacoes.ensaio import PelaTela
from operacoes.models import Operacao, Pausa, Situacao
from operacoes.motor import NovaOperacao, submeter
from tests.cast import SENHA
from tests.fogo import plano
from tests.fogo.cena import Cena, Controle, Pessoa
from tests.fogo.rodada import Rodada
from tests.fogo.test_conferencia import Papel

PREVIA = """<form id="busca"><input name="q" value="x"></form>
<form method="post" id="confirmar">
<input type="hidden" name="csrfmiddlewaretoken" value="t"><input type="hidden" name="ids" value="4">
<input type="hidden" name="marca" value="{marca}"><input type="checkbox" name="das" value="1" checked>
<input type="checkbox" name="outra" value="1"></form>
<button type="submit" form="confirmar">Enviar</button>"""


class Telas(BaseHTTPRequestHandler):
    """One answer after the other to the forms sent to /acao/: a body, an address to go to, or None: cut."""

    respostas: ClassVar[list[str | None]] = []
    recebidos: ClassVar[list[dict[str, list[str]]]] = []

    def do_GET(self) -> None:
        self._responder({"/quebrada/": 500, "/fora/": 503}.get(self.path, 200))

    def do_POST(self) -> None:
        corpo = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path != "/acao/":
            return self._responder(200)
        self.recebidos.append(parse_qs(corpo))
        match self.respostas.pop(0):
            case None:
                self.close_connection = True
            case str(destino) if destino.startswith("/"):
                self._responder(302, Location=destino)
            case corpo:
                self._responder(200, corpo)

    def _responder(self, status: int, corpo: str = "", **cabecalhos: str) -> None:
        self.send_response(status)
        for nome, valor in {"Set-Cookie": "csrftoken=c; Path=/", **cabecalhos}.items():
            self.send_header(nome, valor)
        self.end_headers()
        self.wfile.write(corpo.encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def pessoa() -> Iterator[Pessoa]:
    Telas.respostas.clear()
    Telas.recebidos.clear()
    servidor = ThreadingHTTPServer(("127.0.0.1", 0), Telas)
    fio = threading.Thread(target=servidor.serve_forever)
    fio.start()
    yield Pessoa(servidor.server_port, "ana", "senha", threading.Event())
    servidor.shutdown()
    servidor.server_close()
    fio.join()


def nova_rodada(pasta: Path) -> Rodada:
    medidas = plano.curta(60, 2)
    cena = Cena(pasta, medidas.ritmo, medidas.demora)
    return Rodada(cena, Controle("http://127.0.0.1/"), medidas, 7, 1, date(2026, 11, 21))


TELA = PelaTela("/acao/", (("ids", "4"), ("ids", "5")), frozenset({"das"}))


def fazer(pessoa: Pessoa, *respostas: str | None) -> bool:
    Telas.respostas += respostas
    return pessoa.fazer(TELA, time.monotonic() + 60)


def test_a_form_cut_on_the_way_is_sent_again_until_another_page_shows_it(pessoa: Pessoa) -> None:
    assert fazer(pessoa, None, PREVIA.format(marca="m"), None, "/pronto/")
    marcadas = {"ids": ["4", "5"], "csrfmiddlewaretoken": ["c"]}
    confirmada = {"ids": ["4"], "marca": ["m"], "csrfmiddlewaretoken": ["c"]}
    assert Telas.recebidos == [marcadas, marcadas, confirmada, confirmada]
    assert (pessoa.envios, pessoa.cortados, pessoa.quedas) == (4, 2, 2)


def test_what_changed_meanwhile_is_confirmed_as_it_is_now(pessoa: Pessoa) -> None:
    assert fazer(pessoa, PREVIA.format(marca="m"), PREVIA.format(marca="n"), "/pronto/")
    assert [recebido.get("marca") for recebido in Telas.recebidos] == [None, ["m"], ["n"]]


def test_a_page_with_nothing_left_to_confirm_ends_it(pessoa: Pessoa) -> None:
    assert fazer(pessoa, "<p>Nada a enviar.</p>")


def test_a_page_that_breaks_is_not_ok_and_one_that_is_away_is(pessoa: Pessoa, tmp_path: Path) -> None:
    rodada = nova_rodada(tmp_path)
    rodada._pessoas = [pessoa]
    assert not pessoa.olhar("/fora/")
    assert pessoa.olhar("/")
    assert rodada._problemas() == []
    assert not pessoa.olhar("/quebrada/")
    assert not pessoa.olhar("/quebrada/")
    assert rodada._problemas() == ["GET /quebrada/ answered 500, 2 x"]


def test_pauses_refusals_and_doubts_are_acted_on_at_the_screens(
    ana: Usuario, live_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    consertados: list[str] = []

    class ComConserto(Papel):
        no_sandbox = replace(Papel.no_sandbox, consertar=lambda acesso, controle: consertados.append(acesso))

    monkeypatch.setitem(handlers._registro, Papel.tipo, ComConserto())
    novas = [NovaOperacao(Papel.tipo, f"fogo:{n}", {"quem": str(n)}, "conta:1") for n in range(6)]
    recusada, _, *duvidosas = submeter(novas, usuario=ana).criadas
    Operacao.objects.filter(pk=recusada.pk).update(situacao=Situacao.RECUSADA, encerrada_em=timezone.now())
    em_duvida = Operacao.objects.filter(pk__in=[duvidosa.pk for duvidosa in duvidosas])
    em_duvida.update(situacao=Situacao.AGUARDA_PESSOA, mensagem="A resposta se perdeu.")
    Pausa.objects.create(acesso="conta:1", motivo="Certificado vencido.")
    Pausa.objects.update(desde=timezone.now() - timedelta(minutes=1))
    rodada = nova_rodada(tmp_path)
    pessoa = Pessoa(urlsplit(live_server.url).port or 0, ana.username, SENHA, threading.Event())
    rodada._retomar(pessoa)
    rodada._atender(pessoa)
    assert not pessoa.defeitos
    assert consertados == ["conta:1"]
    assert not Pausa.objects.exists()
    assert Operacao.objects.filter(anterior=recusada, situacao=Situacao.PENDENTE).count() == 1
    assert set(em_duvida.values_list("situacao", flat=True)) == {Situacao.PENDENTE, Situacao.AGUARDA_PESSOA}
    abertas, por_atender = rodada._abertas()
    assert (abertas, por_atender) == ({Situacao.PENDENTE: 4}, [])


def test_nobody_there_is_no_defect(pessoa: Pessoa) -> None:
    fora = Pessoa(1, "ana", "senha", threading.Event())
    assert not fora.olhar("/")
    assert (fora.quedas, fora.cortados, fora.defeitos) == (1, 0, {})
