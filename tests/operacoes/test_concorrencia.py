"""Threads and processes against a real database: races of the claim, the throttle's pace, a killed worker."""

import contextlib
import functools
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from operacoes import throttle
from operacoes.errors import AccessDenied, Alcance, ProviderRefused, ProviderUnavailable
from operacoes.fila import acordar
from operacoes.handlers import Limite
from operacoes.management.commands.trabalhador import Command, despedir, nascer_quando_houver_banco
from operacoes.models import Balde, Operacao, Pausa, Situacao, Tentativa, Trabalhador
from operacoes.motor import desfecho, execucao, recuperacao, submeter
from operacoes.motor.ajuda import ajuda
from operacoes.motor.tomada import tomar
from tests.operacoes.apoio import Servico, Unico, executar, nova, vencer

pytestmark = pytest.mark.django_db(transaction=True)


def em_threads(quantas: int, funcao: Callable[[], object]) -> None:
    erros: list[BaseException] = []

    def rodar() -> None:
        try:
            funcao()
        except BaseException as erro:
            erros.append(erro)
        finally:
            connection.close()

    fios = [threading.Thread(target=rodar) for _ in range(quantas)]
    for fio in fios:
        fio.start()
    for fio in fios:
        fio.join(60)
    assert erros == []


def test_many_threads_send_each_row_once(servico: Servico) -> None:
    submeter([nova(f"k{n}") for n in range(200)], usuario=None)
    em_threads(8, lambda: execucao.drenar("teste:conta:1"))
    assert Counter(servico.livro) == Counter({f"k{n}": 1 for n in range(200)})
    assert Operacao.objects.filter(situacao=Situacao.CONCLUIDA).count() == 200
    assert Tentativa.objects.count() == 200


def test_one_row_is_claimed_by_one_of_many(servico: Servico) -> None:
    submeter([nova("a")], usuario=None)
    barreira = threading.Barrier(8)
    tomadas: list[object] = []

    def tentar() -> None:
        barreira.wait()
        if tomada := tomar("teste:conta:1"):
            tomadas.append(tomada)

    em_threads(8, tentar)
    assert len(tomadas) == 1


def test_the_same_intent_submitted_at_once_is_one_row(servico: Servico) -> None:
    barreira = threading.Barrier(6)
    criadas: list[int] = []

    def submeter_junto() -> None:
        barreira.wait()
        criadas.append(len(submeter([nova(f"k{n}") for n in range(50)], usuario=None).criadas))

    em_threads(6, submeter_junto)
    assert sum(criadas) == 50
    assert Operacao.objects.count() == 50


def test_recovery_and_a_late_worker_never_both_win(servico: Servico) -> None:
    (operacao,) = submeter([nova("a")], usuario=None).criadas
    for _ in range(10):
        Operacao.objects.filter(pk=operacao.pk).update(situacao=Situacao.PENDENTE, encerrada_em=None, duvidas=0)
        vencer(operacao)
        tomada = tomar(operacao.balde)
        assert tomada is not None
        vencer(operacao)
        trabalhos: list[Callable[[], object]] = [
            functools.partial(executar, tomada),
            recuperacao.recuperar_abandonadas,
        ]
        em_threads(2, lambda: trabalhos.pop()())  # noqa: B023 - joined before the next turn
        operacao.refresh_from_db()
        ultima = operacao.tentativas.order_by("-iniciada_em")[0]
        assert (operacao.situacao, ultima.desfecho) in [("concluida", "concluida"), ("incerta", "abandonada")]


def test_the_throttle_spaces_starts_across_threads() -> None:
    throttle.garantir([Limite("ritmo", 50, timedelta(seconds=1), rajada=5)])
    inicios: list[float] = []

    def tomar_dez() -> None:
        for _ in range(10):
            espera = throttle.tomar(["ritmo"], 10)
            assert espera is not None
            time.sleep(espera)
            inicios.append(time.monotonic())

    em_threads(4, tomar_dez)
    duracao = max(inicios) - min(inicios)
    assert len(inicios) == 40
    assert duracao > 0.6  # 35 starts beyond the burst, 20 ms apart


def test_several_limits_are_taken_together_or_not_at_all() -> None:
    throttle.garantir([Limite("a", 1, timedelta(minutes=1)), Limite("b", 1, timedelta(minutes=1))])
    throttle.tomar(["b"], 0)
    assert throttle.tomar(["a", "b"], 1) is None
    assert throttle.tomar(["a"], 1) == 0


def test_a_blocked_bucket_gives_nothing() -> None:
    throttle.garantir([Limite("c", 10, timedelta(seconds=1))])
    throttle.bloquear("c", 30)
    assert throttle.tomar(["c"], 5) is None


# -- the worker itself ------------------------------------------------------------------------------------------------

TRABALHADOR = """
import sys, os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
import time
from datetime import timedelta
from django.core.management import call_command
from tests.operacoes import apoio

class Servico(apoio.Servico):
    def enviar(self, chave):
        with open(sys.argv[2], "a") as livro:  # the outside world: it remembers what the worker does not
            livro.write(chave + chr(10))
        time.sleep(float(sys.argv[3]))
        return {"numero": 1}
    def conferir(self, chave):
        with open(sys.argv[2]) as livro:
            feito = chave in livro.read().split()
        return apoio.Aconteceu({"numero": 1}) if feito else apoio.NaoAconteceu()

apoio.SERVICO = Servico()
apoio.Unico.demora_maxima = timedelta(seconds=1)
from operacoes.motor import recuperacao
recuperacao.PRIMEIRA_PERGUNTA = timedelta(0)
call_command("trabalhador", threads=8, parada=float(sys.argv[4]))
"""


Trabalhar = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def livro(tmp_path: Path) -> Path:
    return tmp_path / "livro.txt"


@pytest.fixture
def trabalhador(livro: Path) -> Iterator[Trabalhar]:
    """Start a worker whose calls take so many seconds. None outlives the test, to take the rows of the next."""
    processos: list[subprocess.Popen[bytes]] = []

    def iniciar(demora: float, parada: float = 100) -> "subprocess.Popen[bytes]":
        processo = subprocess.Popen(
            [
                sys.executable,
                "-c",
                TRABALHADOR,
                str(connection.settings_dict["NAME"]),
                str(livro),
                str(demora),
                str(parada),
            ],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.DEVNULL,
        )
        processos.append(processo)
        return processo

    yield iniciar
    for processo in processos:
        processo.kill()
        processo.wait()


PACIENCIA_S = 120  # on a busy machine


def esperar(condicao: Callable[[], bool]) -> None:
    fim = time.monotonic() + PACIENCIA_S
    while not condicao():
        assert time.monotonic() < fim, "timed out"
        time.sleep(0.1)


def concluidas() -> int:
    return Operacao.objects.filter(situacao=Situacao.CONCLUIDA).count()


@pytest.mark.demorado
def test_a_killed_worker_loses_nothing_and_doubles_nothing(
    servico: Servico, livro: Path, trabalhador: Trabalhar
) -> None:
    submeter([nova(f"k{n}") for n in range(60)], usuario=None)
    primeiro = trabalhador(0.3)
    esperar(lambda: concluidas() >= 10)
    primeiro.kill()
    primeiro.wait()
    meio = Operacao.objects.filter(situacao=Situacao.ENVIANDO).count()
    segundo = trabalhador(0.05)
    esperar(lambda: Operacao.objects.exclude(situacao=Situacao.CONCLUIDA).count() == 0)
    segundo.send_signal(signal.SIGTERM)
    assert segundo.wait(PACIENCIA_S) == 0
    assert meio > 0
    assert Counter(livro.read_text().split()) == Counter({f"k{n}": 1 for n in range(60)})
    assert not Trabalhador.objects.filter(nome__contains=f":{segundo.pid}:").exists()


def test_a_stopped_worker_ends_its_calls_and_claims_no_more(
    servico: Servico, livro: Path, trabalhador: Trabalhar
) -> None:
    submeter([nova(f"k{n}") for n in range(400)], usuario=None)
    processo = trabalhador(0.3)
    esperar(lambda: concluidas() >= 8)
    os.kill(processo.pid, signal.SIGTERM)
    assert processo.wait(PACIENCIA_S) == 0
    situacoes = set(Operacao.objects.values_list("situacao", flat=True))
    assert situacoes == {Situacao.CONCLUIDA, Situacao.PENDENTE}
    assert len(livro.read_text().split()) == concluidas()


def test_a_stopped_worker_hands_its_bucket_over(servico: Servico) -> None:
    submeter([nova("a")], usuario=None)
    servico.roteiro["a"] = [execucao.parar.set]
    assert execucao.drenar("teste:conta:1")  # another worker is woken at once, not at the next round


def test_a_worker_whose_calls_never_end_stops_all_the_same(
    servico: Servico, livro: Path, trabalhador: Trabalhar
) -> None:
    submeter([nova(f"k{n}") for n in range(40)], usuario=None)
    processo = trabalhador(3600, parada=1)
    esperar(lambda: livro.exists() and len(livro.read_text().split()) >= 8)
    os.kill(processo.pid, signal.SIGTERM)
    assert processo.wait(PACIENCIA_S) == os.EX_TEMPFAIL
    enviadas = set(livro.read_text().split())
    assert set(Operacao.objects.filter(situacao=Situacao.ENVIANDO).values_list("chave", flat=True)) == enviadas
    Trabalhador.objects.update(batida=Trabalhador.objects.get().desde - timedelta(minutes=1))
    assert recuperacao.recuperar_abandonadas() == len(enviadas)
    assert set(Operacao.objects.filter(situacao=Situacao.INCERTA).values_list("chave", flat=True)) == enviadas


def test_a_deadlock_while_recording_is_tried_again(servico: Servico) -> None:
    falhas = [OperationalError("deadlock detected")]

    def ao_aplicar(_operacao: Operacao) -> None:
        if falhas:
            raise falhas.pop()

    Unico.ao_aplicar = ao_aplicar
    (operacao,) = submeter([nova("a")], usuario=None).criadas
    execucao.drenar(operacao.balde)
    operacao.refresh_from_db()
    assert (operacao.situacao, operacao.tentativas.count(), servico.livro) == ("concluida", 1, ["a"])


@pytest.mark.parametrize(
    ("erro", "fim"),
    [
        (ProviderRefused("Recusado pelo serviço.", codigo="E1"), "recusada"),
        (ProviderUnavailable("Limite.", bloqueio=True, retry_after=300.0, codigo="HTTP-429"), "pendente"),
        (AccessDenied("Segredo recusado.", alcance=Alcance.CREDENCIAL, codigo="HTTP-401"), "pendente"),
    ],
)
def test_every_answer_is_recorded_with_the_same_patience(
    servico: Servico, monkeypatch: pytest.MonkeyPatch, erro: Exception, fim: str
) -> None:
    """What is not recorded is forgotten: a refusal would become a doubt, a block would be run into again."""
    falhas = [OperationalError("the database is starting again")]
    gravar = desfecho.gravar

    def falhar_uma_vez(*argumentos: Any) -> None:
        gravar(*argumentos)
        if falhas:
            raise falhas.pop()

    monkeypatch.setattr(execucao, "gravar", falhar_uma_vez)
    servico.roteiro["a"] = [erro]
    (operacao,) = submeter([nova("a")], usuario=None).criadas
    execucao.drenar(operacao.balde)
    operacao.refresh_from_db()
    assert (falhas, operacao.situacao, operacao.tentativas.count()) == ([], fim, 1)
    bloqueado = Balde.objects.get(nome=operacao.balde).bloqueado_ate
    assert (bloqueado is not None) == (operacao.codigo == "HTTP-429")
    assert Pausa.objects.exists() == (operacao.codigo == "HTTP-401")


def test_a_recording_is_tried_again_as_patiently_by_a_worker_told_to_stop(servico: Servico) -> None:
    quando: list[float] = []

    def ao_aplicar(_operacao: Operacao) -> None:
        quando.append(time.monotonic())
        if len(quando) < 3:
            raise OperationalError("the database is starting again")

    Unico.ao_aplicar = ao_aplicar
    servico.roteiro["a"] = [execucao.parar.set]
    (operacao,) = submeter([nova("a")], usuario=None).criadas
    execucao.drenar(operacao.balde)
    operacao.refresh_from_db()
    assert operacao.situacao == "concluida"
    assert quando[2] - quando[0] >= 0.5


def test_an_answer_is_kept_while_the_database_starts_again(servico: Servico, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what no query proves, an answer given up would be a question to a person."""
    esperas: list[float] = []
    monkeypatch.setattr("operacoes.motor.execucao.time.sleep", esperas.append)

    def ao_aplicar(_operacao: Operacao) -> None:
        if sum(esperas) < 5:
            raise OperationalError("the database is starting again")

    Unico.ao_aplicar = ao_aplicar
    (operacao,) = submeter([nova("a")], usuario=None).criadas
    execucao.drenar(operacao.balde)
    operacao.refresh_from_db()
    assert (operacao.situacao, operacao.tentativas.count(), servico.livro) == ("concluida", 1, ["a"])


def test_half_of_the_drains_that_this_process_has_may_wait_for_a_start() -> None:
    with contextlib.ExitStack() as esperas:
        execucao.vagas.definir(3)
        esperas.callback(execucao.vagas.definir, settings.TRABALHADOR_THREADS)
        entraram = [esperas.enter_context(execucao._espera.entrar(f"b{n}")) for n in range(5)]
    assert entraram == [True, True, False, False, False]


def test_calls_at_once_never_pass_the_limit(servico: Servico) -> None:
    em_curso, maximo = [], [0]

    def contar() -> None:
        em_curso.append(1)
        maximo[0] = max(maximo[0], len(em_curso))
        time.sleep(0.02)
        em_curso.pop()

    servico.roteiro["*"] = [contar] * 60
    submeter([nova(f"k{n}") for n in range(60)], usuario=None)
    execucao.vagas.definir(3)
    try:
        em_threads(8, lambda: execucao.drenar("teste:conta:1"))
    finally:
        execucao.vagas.definir(32)
    assert (maximo[0], len(servico.livro)) == (3, 60)


def test_a_column_added_while_the_worker_runs_does_not_stop_its_claims() -> None:
    submeter([nova("antes"), nova("depois")], usuario=None)
    assert tomar("teste:conta:1") is not None  # prepares the claim on this connection
    outra = connection.copy()
    try:
        with outra.cursor() as cursor:
            cursor.execute("ALTER TABLE operacoes_operacao ADD COLUMN nova_coluna text")
        assert tomar("teste:conta:1") is not None
    finally:
        with outra.cursor() as cursor:
            cursor.execute("ALTER TABLE operacoes_operacao DROP COLUMN nova_coluna")
        outra.close()


@contextlib.contextmanager
def antes_de_firmar(fazer: Callable[[], object]) -> Iterator[None]:
    """What happens between the claim's commit, which does not wait for the disk, and the one that does."""

    def olhar(executar: Callable[..., object], sql: str, *args: object) -> object:
        if "pg_logical_emit_message" in sql:
            fazer()
        return executar(sql, *args)

    with connection.execute_wrapper(olhar):
        yield


def test_a_claim_is_on_the_disk_before_anything_leaves() -> None:
    submeter([nova("a")], usuario=None)
    outra = connection.copy()
    escrito: list[str] = []

    def ler(funcao: str) -> str:
        with outra.cursor() as cursor:
            cursor.execute(f"SELECT {funcao}()")
            return str(cursor.fetchone()[0])

    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")  # the cluster of the tests never waits
    try:
        with antes_de_firmar(lambda: escrito.append(ler("pg_current_wal_insert_lsn"))):
            assert tomar("teste:conta:1") is not None
        no_disco = ler("pg_current_wal_flush_lsn")
        with outra.cursor() as cursor:
            cursor.execute("SELECT %s::pg_lsn >= %s::pg_lsn", [no_disco, *escrito])
            assert cursor.fetchone() == (True,)
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            assert cursor.fetchone() == ("on",)  # only the claim's own commit went without
    finally:
        outra.close()
        connection.close()


def test_a_claim_that_the_database_lost_in_a_crash_sends_nothing(servico: Servico) -> None:
    submeter([nova("a")], usuario=None)
    outra = connection.copy()

    def perder() -> None:
        with outra.cursor() as cursor:
            cursor.execute("UPDATE operacoes_operacao SET situacao = 'pendente', tentativa_atual = NULL")

    try:
        with antes_de_firmar(perder):
            assert tomar("teste:conta:1") is None
    finally:
        outra.close()
    assert servico.livro == []


def test_a_database_that_goes_away_before_the_claim_is_on_the_disk_sends_nothing(servico: Servico) -> None:
    (operacao,) = submeter([nova("a")], usuario=None).criadas
    outra = connection.copy()

    def cair() -> None:
        with outra.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])

    try:
        with antes_de_firmar(cair), pytest.raises(OperationalError):
            execucao.drenar("teste:conta:1")
    finally:
        outra.close()
        connection.close()
    assert servico.livro == []
    vencer(operacao)
    recuperacao.recuperar_abandonadas()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.INCERTA  # it may have left, for all that the claim says: the service is asked


def test_a_drain_calls_for_help_while_rows_are_left(servico: Servico) -> None:
    quatro = threading.Barrier(4)
    servico.roteiro["*"] = [lambda: quatro.wait(60)] * 8  # each call needs three others beside it
    submeter([nova(f"k{n}") for n in range(8)], usuario=None)
    with ThreadPoolExecutor(4) as fios:
        ajuda.definir(4, fios)
        try:
            with ajuda.contar():
                execucao.drenar("teste:conta:1")
        finally:
            ajuda.definir(0, None)
    assert Counter(servico.livro) == Counter({f"k{n}": 1 for n in range(8)})
    assert set(Operacao.objects.values_list("situacao", flat=True)) == {"concluida"}


def test_helpers_give_way_to_jobs() -> None:
    submeter([nova("a")], usuario=None)
    chamados: list[object] = []
    with ThreadPoolExecutor(1) as fios:
        ajuda.definir(1, fios)
        try:
            with ajuda.contar(), ajuda.contar():
                ajuda.chamar(lambda: chamados.append(1))  # no room
                assert execucao.drenar("teste:conta:1", ajudante=True) is True
        finally:
            ajuda.definir(0, None)
    assert (chamados, Tentativa.objects.count()) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_a_connection_lost_while_the_queue_is_woken_is_told_as_the_database_does() -> None:
    """So that the answer in hand is recorded on another connection, and a page says that the database is away."""

    def acordar_sem_conexao() -> BaseException | None:
        connection.ensure_connection()
        assert connection.connection is not None
        with psycopg.connect(connection.connection.info.dsn, autocommit=True) as outra:
            outra.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
        try:
            acordar({"t:a": 1})
        except Exception as erro:
            return erro
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(1) as fio:
        assert isinstance(fio.submit(acordar_sem_conexao).result(), OperationalError | InterfaceError)


def test_a_worker_that_ends_while_the_database_is_away_ends_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by the fault harness: stopped in order, it exited with an error because it could not delete its name."""

    pedidas: list[str] = []

    def morrer() -> None:
        pedidas.append("morrer")
        raise OperationalError("terminating connection due to administrator command")

    comando = "operacoes.management.commands.trabalhador"
    monkeypatch.setattr("operacoes.motor.recuperacao.morrer", morrer)
    monkeypatch.setattr(f"{comando}.connections.close_all", lambda: pedidas.append("close_all"))
    despedir()
    assert pedidas == ["morrer", "close_all"]


def test_a_worker_started_with_the_database_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    respostas: list[Exception | None] = [OperationalError("starting up"), InterfaceError("closed"), None]

    def responder(threads: int) -> None:
        if resposta := respostas.pop(0):
            raise resposta

    comando = "operacoes.management.commands.trabalhador"
    monkeypatch.setattr(f"{comando}.check_ambiente", lambda: None)
    monkeypatch.setattr("operacoes.motor.recuperacao.nascer", responder)
    monkeypatch.setattr(f"{comando}.time.sleep", lambda _: None)
    nascer_quando_houver_banco(1)
    assert respostas == []
    monkeypatch.setattr(f"{comando}._ESPERA_PELO_BANCO_S", -1.0)
    respostas.append(OperationalError("gone"))
    with pytest.raises(OperationalError):
        nascer_quando_houver_banco(1)
    assert Command.requires_system_checks == ()  # Django's checks would ask the database before
