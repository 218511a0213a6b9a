"""Rate limits shared by workers of two hosts, judged by the sandbox's own record of calls and its clock."""

import json
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from operacoes import handlers, relogio, throttle
from operacoes.errors import ProviderUnavailable
from operacoes.fila import acordar
from operacoes.handlers import Limite
from operacoes.http import Chamadas
from operacoes.models import Balde, Circuito, Operacao, Situacao, Tentativa, Trabalhador
from operacoes.motor import NovaOperacao, execucao, recuperacao, submeter
from operacoes.motor.julgamento import LIMITE_NOSSO
from operacoes.motor.recuperacao import vagas_por_balde
from operacoes.motor.tomada import quanto_falta, tomar
from tests.operacoes import limitado
from tests.operacoes.apoio import ACESSO, Papel, Servico, Unico, nova
from tests.operacoes.frota import esperar, frota
from tests.sandbox.integra import Cliente, cnpj, contexto_tls
from tests.sandbox_fixture import SandboxVivo

MINUTO = timedelta(minutes=1)


# -- the claim takes every limit or none --------------------------------------------------------------------------


@pytest.fixture
def limites(servico: Servico, monkeypatch: pytest.MonkeyPatch) -> None:
    """One call a minute for each document, ten for the account, a hundred for the host."""
    monkeypatch.setattr(
        Unico, "limites", lambda self, acesso: (Limite(f"t:{acesso}", 10, MINUTO, 10), Limite("host", 100, MINUTO, 100))
    )
    monkeypatch.setattr(
        Unico, "limites_do_pedido", lambda self, pedido, acesso: (Limite(f"doc:{pedido['chave'][0]}", 1, MINUTO),)
    )


def tomadas(balde: str = f"t:{ACESSO}") -> list[str]:
    chaves = []
    while tomada := tomar(balde, com_vaga=True):
        chaves.append(tomada.operacao.chave)
    return chaves


@pytest.mark.django_db
def test_a_document_at_its_limit_lets_the_others_pass(limites: None) -> None:
    submeter([nova(chave) for chave in ("a1", "a2", "a3", "b1", "b2", "c1")], usuario=None)
    assert tomadas() == ["a1", "b1", "c1"]
    falta = quanto_falta(f"t:{ACESSO}")
    assert falta is not None
    assert 50 < falta <= 60


@pytest.fixture
def um_por_documento(servico: Servico, monkeypatch: pytest.MonkeyPatch) -> None:
    """One call at a time for each document, by the key's first letter."""
    monkeypatch.setattr(Unico, "limites", lambda self, acesso: (Limite(f"t:{acesso}", 1000, MINUTO, 1000),))
    monkeypatch.setattr(
        Unico,
        "limites_do_pedido",
        lambda self, pedido, acesso: (Limite(f"doc:{pedido['chave'][0]}", 1000, MINUTO, 1000, em_serie=True),),
    )


@pytest.mark.django_db
def test_a_document_held_by_one_try_lets_the_others_pass(um_por_documento: None) -> None:
    submeter([nova(chave) for chave in ("a1", "a2", "b1", "c1")], usuario=None)
    assert tomadas() == ["a1", "b1", "c1"]


@pytest.mark.django_db
def test_a_document_is_free_again_with_the_answer(um_por_documento: None, servico: Servico) -> None:
    submeter([nova(chave) for chave in ("a1", "a2", "a3", "b1")], usuario=None)
    execucao.drenar(f"t:{ACESSO}")
    assert sorted(servico.enviadas) == ["a1", "a2", "a3", "b1"]
    assert not Balde.objects.exclude(dono=None).exists()


@pytest.mark.django_db
def test_what_one_limit_refuses_is_not_taken_from_the_others(limites: None) -> None:
    submeter([nova(f"{letra}1") for letra in "abcdefghijklmno"], usuario=None)
    antes = dict(Balde.objects.values_list("nome", "tat"))
    throttle.bloquear("host", 60)
    assert tomadas() == []
    assert dict(Balde.objects.values_list("nome", "tat")) == antes
    Balde.objects.filter(nome="host").update(bloqueado_ate=None)
    assert len(tomadas()) == 10  # the account's own limit
    assert Balde.objects.filter(nome__startswith="doc:", tat__gt=antes["host"] + MINUTO / 2).count() == 10


@pytest.mark.django_db
def test_a_blocked_bucket_stops_all_that_count_in_it_and_nothing_else(limites: None) -> None:
    submeter([nova("a1"), nova("b1"), nova("c1", acesso="conta:2")], usuario=None)
    throttle.bloquear("doc:a", 60)
    assert tomadas() == ["b1"]
    throttle.bloquear("t:conta:2", 60)
    assert tomadas("t:conta:2") == []


@pytest.mark.django_db
def test_the_service_may_tell_which_limit_was_passed(limites: None, servico: Servico) -> None:
    servico.roteiro["a1"] = [ProviderUnavailable("Limite.", bloqueio=True, retry_after=300, balde="doc:a")]
    submeter([nova("a1"), nova("a2"), nova("b1")], usuario=None)
    execucao.drenar(f"t:{ACESSO}")
    assert servico.enviadas == ["a1", "b1"]
    assert list(Balde.objects.filter(bloqueado_ate__isnull=False).values_list("nome", flat=True)) == ["doc:a"]


@pytest.mark.django_db
def test_a_429_without_time_stops_for_as_long_as_the_limit_says(
    servico: Servico, monkeypatch: pytest.MonkeyPatch
) -> None:
    limite = Limite("t", 60, MINUTO, 60, bloqueio=timedelta(seconds=300))
    monkeypatch.setattr(Unico, "limites", lambda self, acesso: (limite,))
    servico.roteiro["a"] = [ProviderUnavailable("Limite.", bloqueio=True)]
    submeter([nova("a"), nova("b")], usuario=None)
    execucao.drenar("t")
    assert servico.enviadas == ["a"]
    assert throttle.bloqueio(["t"]) > 290


@pytest.mark.django_db(transaction=True)
def test_two_claims_of_crossed_limits_never_wait_for_each_other(
    servico: Servico, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cruzados(self: Unico, acesso: str) -> tuple[Limite, ...]:
        baldes = ("x", "y") if acesso == "conta:1" else ("y", "x")
        return tuple(Limite(balde, 100_000, timedelta(seconds=1), 100_000) for balde in baldes)

    monkeypatch.setattr(Unico, "limites", cruzados)
    submeter(
        [nova(f"{acesso}/{n}", acesso=acesso) for acesso in ("conta:1", "conta:2") for n in range(60)], usuario=None
    )
    erros: list[BaseException] = []

    def drenar(balde: str) -> None:
        try:
            execucao.drenar(balde)
        except BaseException as erro:
            erros.append(erro)
        finally:
            connection.close()

    fios = [threading.Thread(target=drenar, args=[balde]) for balde in "xyxyxy"]
    for fio in fios:
        fio.start()
    for fio in fios:
        fio.join(60)
    assert erros == []
    assert len(servico.livro) == 120


@pytest.mark.django_db
def test_a_worker_that_starts_brings_the_open_rows_the_limits_of_now(
    limites: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lowered after a ban, with the queue full and nobody submitting."""
    submeter([nova(f"{chave}1") for chave in "abcd"], usuario=None)
    submeter([nova("e1", acesso="conta:2")], usuario=None)
    submeter([nova("n1", tipo=Papel.tipo)], usuario=None)
    for chave, situacao in (("b1", Situacao.AGUARDA_PESSOA), ("c1", Situacao.ENVIANDO), ("d1", Situacao.CONCLUIDA)):
        Operacao.objects.filter(chave=chave).update(
            situacao=situacao,
            tentativa_atual=uuid.uuid4() if situacao == Situacao.ENVIANDO else None,
            encerrada_em=Now() if situacao == Situacao.CONCLUIDA else None,
        )
    monkeypatch.delitem(handlers._registro, Papel.tipo)  # of a newer version: its limits are not known here
    monkeypatch.setattr(Unico, "limites", lambda self, acesso: (Limite(f"t:{acesso}", 2, MINUTO),))
    monkeypatch.setattr(
        Unico, "limites_do_pedido", lambda self, pedido, acesso: (Limite(f"doc:{pedido['chave'][0]}", 1, 2 * MINUTO),)
    )
    recuperacao.nascer(1)
    passos = {balde.nome: balde.intervalo for balde in Balde.objects.all()}
    assert (passos["t:conta:1"], passos["t:conta:2"]) == (MINUTO / 2, MINUTO / 2)
    assert [passos[f"doc:{chave}"] for chave in "abcde"] == [2 * MINUTO] * 3 + [MINUTO, 2 * MINUTO]


@pytest.mark.django_db
def test_a_probe_is_not_spent_while_no_start_is_free(limites: None) -> None:
    submeter([nova("a1"), nova("a2")], usuario=None)
    assert tomadas() == ["a1"]
    Circuito.objects.create(servico="teste", falhas=5, aberto_desde=Balde.objects.get(nome="host").tat - MINUTO)
    Circuito.objects.update(tentar_em=Balde.objects.get(nome="host").tat - MINUTO / 2)
    antes = Circuito.objects.get().tentar_em
    assert tomadas() == []
    assert Circuito.objects.get().tentar_em == antes


@pytest.mark.django_db
def test_every_call_of_a_try_takes_a_start(limites: None) -> None:
    """A try that asks twice counts twice; one that leaves long after its start takes a new one."""
    submeter([nova("a1")], usuario=None)
    tomada = tomar(f"t:{ACESSO}", com_vaga=True)
    assert tomada is not None
    vez = execucao._Vez(replace(tomada, partida=relogio.segundos()))
    tat = Balde.objects.get(nome="host").tat
    vez()
    assert Balde.objects.get(nome="host").tat == tat
    Balde.objects.filter(nome="doc:a").update(tolerancia=MINUTO)
    vez()
    assert Balde.objects.get(nome="host").tat > tat
    tat = Balde.objects.get(nome="host").tat
    Balde.objects.filter(nome="doc:a").update(tolerancia=3 * MINUTO)
    execucao._Vez(replace(tomada, partida=relogio.segundos() - 2 * execucao.ATRASO_S))()
    assert Balde.objects.get(nome="host").tat > tat


@pytest.mark.django_db
def test_a_call_a_while_on_its_way_looks_for_a_block_before_it_leaves(limites: None) -> None:
    submeter([nova("a1")], usuario=None)
    tomada = tomar(f"t:{ACESSO}", com_vaga=True)
    assert tomada is not None
    throttle.bloquear("host", 60)
    execucao._Vez(replace(tomada, partida=relogio.segundos()))()
    with pytest.raises(ProviderUnavailable):
        execucao._Vez(replace(tomada, partida=relogio.segundos() - 2 * execucao.FRESCA_S))()


@pytest.mark.django_db
def test_a_call_that_finds_no_start_within_its_time_goes_back_to_the_queue(limites: None, servico: Servico) -> None:
    def duas_chamadas(self: Unico, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Any:
        assert chamadas.vez is not None
        chamadas.vez()
        chamadas.vez()  # the document allows one a minute, the call five seconds
        return servico.enviar(sessao)

    with pytest.MonkeyPatch.context() as trocas:
        trocas.setattr(Unico, "enviar", duas_chamadas)
        (operacao,) = submeter([nova("a1")], usuario=None).criadas
        execucao.drenar(operacao.balde)
    operacao.refresh_from_db()
    assert (operacao.situacao, operacao.codigo, operacao.falhas) == ("pendente", LIMITE_NOSSO, 0)
    assert servico.enviadas == []
    assert not Balde.objects.filter(bloqueado_ate__isnull=False).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("situacao", ["pendente", "incerta"])
def test_a_try_whose_second_call_never_finds_a_start_is_counted(limites: None, situacao: str) -> None:
    """Each round is charged its first call: it must come to an end."""

    def duas_chamadas(self: Unico, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Any:
        assert chamadas.vez is not None
        chamadas.vez()
        chamadas.registros.append({"status": 200, "cobrada": True, "classe": ""})
        chamadas.vez()

    with pytest.MonkeyPatch.context() as trocas:
        trocas.setattr(Unico, "enviar", duas_chamadas)
        trocas.setattr(Unico, "conferir", duas_chamadas)
        (operacao,) = submeter([nova("a1")], usuario=None).criadas
        Operacao.objects.update(situacao=situacao)
        execucao.drenar(operacao.balde)
    operacao.refresh_from_db()
    assert (operacao.situacao, operacao.codigo) == (situacao, LIMITE_NOSSO)
    assert (operacao.falhas, operacao.perguntas) == ((1, 0) if situacao == "pendente" else (0, 1))


# -- eight workers on two hosts -----------------------------------------------------------------------------------

ACESSOS = ("token:0", "token:1")
# Of the sandbox: quantity and seconds, by token and by document. The office keeps to two thirds of it, so that what a
# busy machine delays cannot crowd a window.
TOKEN, DOCUMENTO = (20, 8.0), (2, 8.0)


@pytest.fixture
def clientes(sandbox_limpo: SandboxVivo, tmp_path: Path) -> Iterator[list[Cliente]]:
    abertos = []
    for contratante in sandbox_limpo.controle.contratantes()[:2]:
        pasta = tmp_path / contratante["cnpj"]
        pasta.mkdir()
        pfx = sandbox_limpo.controle.a1(contratante["cnpj"])
        cliente = Cliente(sandbox_limpo, contratante, contexto_tls(sandbox_limpo.ca, pfx, contratante["senha"], pasta))
        cliente.autenticar()
        abertos.append(cliente)
    yield abertos
    for cliente in abertos:
        cliente.http.close()


def _instante(chamada: dict[str, Any]) -> float:
    return datetime.fromisoformat(chamada["instante"]).timestamp()


@pytest.mark.django_db(transaction=True)
@pytest.mark.demorado
def test_workers_of_two_hosts_keep_every_limit_together(
    clientes: list[Cliente], sandbox_limpo: SandboxVivo, monkeypatch: pytest.MonkeyPatch
) -> None:
    controle = sandbox_limpo.controle
    controle.ajustes(
        limites=[
            {"nome": "token", "quantidade": TOKEN[0], "segundos": TOKEN[1]},
            {"nome": "documento", "por": "documento", "quantidade": DOCUMENTO[0], "segundos": DOCUMENTO[1]},
        ]
    )
    monkeypatch.setenv(
        limitado.VARIAVEL,
        json.dumps(
            {
                "base": sandbox_limpo.enderecos["integra_contador"]["producao"],
                "ca": str(sandbox_limpo.ca),
                "tokens": {acesso: cliente.tokens for acesso, cliente in zip(ACESSOS, clientes, strict=True)},
                "limites": {acesso: [[f"token:{acesso}", TOKEN[0], TOKEN[1] * 1.5]] for acesso in ACESSOS},
                "por_documento": [DOCUMENTO[0], DOCUMENTO[1] * 1.5],
            }
        ),
    )
    # The third company of the first token finds, once, a service that says to come back in four seconds.
    controle.cenario(contribuinte=cnpj(1003), acao="limite", vezes=1, parametros={"retry_after": 4})
    pedidos: list[NovaOperacao] = []
    for numero, (acesso, cliente) in enumerate(zip(ACESSOS, clientes, strict=True)):
        # Four of one document first: they must wait for each other while the rest goes by.
        for n in (0, 0, 0, 0, *range(1, 19)):
            corpo = cliente.envelope(cnpj((numero + 1) * 1000 + n), "CONSDECLARACAO13", {"anoCalendario": "2026"})
            pedidos.append(limitado.leitura(f"{acesso}/{len(pedidos)}", acesso, corpo))
    submeter(pedidos, usuario=None)
    Operacao.objects.update(proxima_em=Now() + timedelta(hours=1))
    with frota(str(connection.settings_dict["NAME"]), limitado.__name__, trabalhadores=8) as processo:
        # All eight are there before anything is due. Which of them takes a row is nobody's promise.
        esperar(processo, lambda: Trabalhador.objects.count() == 8)
        assert {nome.split(":")[0] for nome in Trabalhador.objects.values_list("nome", flat=True)} == {
            "anfitriao0",
            "anfitriao1",
        }
        Operacao.objects.update(proxima_em=Now())
        with transaction.atomic():
            acordar(vagas_por_balde())
        esperar(processo, lambda: not Operacao.objects.exclude(situacao=Situacao.CONCLUIDA).exists())

    chamadas = controle.chamadas(operacao="CONSDECLARACAO13")
    assert [c for c in chamadas if c["limite"]] == []
    assert Counter(c["status_http"] for c in chamadas) == {200: len(pedidos), 429: 1}
    for acesso, cliente in zip(ACESSOS, clientes, strict=True):
        suas = [c for c in chamadas if c["contratante"] == cliente.contratante["cnpj"]]
        assert limitado.maximo_na_janela([_instante(c) for c in suas], TOKEN[1]) <= TOKEN[0]
        assert Operacao.objects.filter(acesso=acesso).count() == sum(c["status_http"] == 200 for c in suas)
    _conferir_bloqueio(chamadas, clientes)


def _conferir_bloqueio(chamadas: list[dict[str, Any]], clientes: list[Cliente]) -> None:
    """Once the 429 was recorded nothing left on its bucket until its time was over; the other went on. What had its
    start by then may be a moment on its way out."""
    (barrada,) = Tentativa.objects.filter(http_status=429)
    assert barrada.encerrada_em is not None
    (resposta,) = [c for c in chamadas if c["status_http"] == 429]
    fim = _instante(resposta) + 4
    for tentativa in Tentativa.objects.exclude(pk=barrada.pk).select_related("operacao"):
        for chamada in tentativa.enviado.get("chamadas", []):
            saiu = datetime.fromisoformat(chamada["em"])
            if tentativa.operacao.acesso == ACESSOS[0]:
                assert not barrada.encerrada_em < saiu < datetime.fromtimestamp(fim, saiu.tzinfo)
    outras = [c for c in chamadas if c["contratante"] == clientes[1].contratante["cnpj"]]
    assert any(_instante(resposta) < _instante(c) < fim for c in outras)
