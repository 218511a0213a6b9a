"""The cap of a billing period: what is optional stops first, as it is submitted and as it is claimed."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.models import Auditoria, Usuario
from operacoes import custos
from operacoes.custos import contas, teto
from operacoes.esperas import Estado
from operacoes.handlers import Repeticao
from operacoes.models import Operacao, Situacao, Teto
from operacoes.motor import EstadoErrado, nova_revisao, recuperacao, submeter
from operacoes.motor.tomada import tomar
from operacoes.processamentos import repeticao
from operacoes.processamentos.criacao import criar
from tests.operacoes.apoio import ACESSO, Servico, escoar, nova
from tests.operacoes.custos_apoio import cobrar

pytestmark = pytest.mark.django_db

CONTA = "90000001000188"


def consulta(chave: str, acesso: str = ACESSO) -> Any:
    return nova(chave, tipo="teste.consulta", acesso=acesso)


@pytest.fixture
def contratante() -> None:
    contas.dizer("conta:1", CONTA, "Escritório Modelo", "1 · Matriz")
    contas.dizer("conta:2", CONTA, "Escritório Modelo", "2 · Filial")


def test_without_a_cap_nothing_stops(servico: Servico, contratante: None) -> None:
    cobrar("consulta", 900)
    assert len(submeter([consulta("a")], usuario=None).criadas) == 1
    assert teto.barrar([consulta("b")]) == []


def test_what_is_optional_stays_out_beyond_the_cap_and_what_must_be_done_goes_on(
    servico: Servico, contratante: None, ana: Usuario
) -> None:
    teto.definir(CONTA, Decimal("1.00"), ana)
    cobrar("consulta", 2, acesso="conta:2")  # R$ 0,48
    novas = [consulta(f"c{n}") for n in range(4)]
    barradas = teto.barrar(novas)
    assert [b.nova.chave for b in barradas] == ["c2", "c3"]  # two more make R$ 0,96
    assert "Passaria do teto de R$ 1,00" in barradas[0].motivo
    assert "aumente o teto em Custos" in barradas[0].motivo
    feitas = submeter([*novas, nova("transmitir")], usuario=None)
    # The transmission (R$ 0,40) takes the room first.
    assert [o.chave for o in feitas.criadas] == ["transmitir"]
    assert len(feitas.barradas) == 4
    assert len(submeter([nova("outra")], usuario=None).criadas) == 1


def test_what_is_queued_counts(servico: Servico, contratante: None, ana: Usuario) -> None:
    teto.definir(CONTA, Decimal("0.50"), ana)
    assert len(submeter([consulta("a"), consulta("b", "conta:2")], usuario=None).criadas) == 2  # R$ 0,48 queued
    assert len(submeter([consulta("c", "conta:2")], usuario=None).barradas) == 1
    assert submeter([consulta("a")], usuario=None).barradas == []  # the same intent again is the same row


def test_a_run_lists_what_the_cap_kept_out(servico: Servico, contratante: None, ana: Usuario) -> None:
    teto.definir(CONTA, Decimal("0.30"), ana)
    run = criar("teste", "T", ana, None, [consulta("a"), consulta("b")])
    assert run.operacoes.count() == 1
    assert run.custo_previsto == Decimal("0.24")
    ((_, codigo, motivo, _),) = run.fora
    assert codigo == "teto"
    assert motivo.startswith("Passaria do teto de R$ 0,30 do período")


def test_parar_tudo_keeps_out_the_rest_too_but_what_follows_waits_in_the_queue(
    servico: Servico, contratante: None, ana: Usuario
) -> None:
    teto.definir(CONTA, Decimal("0.30"), ana, parar_tudo=True)
    assert len(submeter([nova("transmitir")], usuario=None).barradas) == 1
    (seguinte,) = submeter([nova("das", tipo="teste.documento")], usuario=None, segue=True).criadas
    assert submeter([nova("gratis", tipo="teste.registro")], usuario=None).barradas == []
    cobrar("consulta", 2, acesso="conta:2", tipo="teste.registro")
    teto.conferir()
    Operacao.objects.filter(chave="gratis").update(situacao="desistida", encerrada_em=seguinte.criada_em)
    assert tomar(seguinte.balde) is None
    seguinte.refresh_from_db()
    assert seguinte.situacao == Situacao.PENDENTE


def test_what_is_queued_waits_at_the_claim_once_the_cap_is_reached(
    servico: Servico, contratante: None, ana: Usuario
) -> None:
    (consultar,) = submeter([consulta("a")], usuario=None).criadas
    submeter([nova("b"), nova("c", tipo="teste.registro")], usuario=None)
    cobrar("consulta", 2, tipo="teste.registro")
    teto.definir(CONTA, Decimal("0.40"), ana)
    escoar()
    situacoes = dict(Operacao.objects.values_list("chave", "situacao"))
    assert (situacoes["a"], situacoes["b"], situacoes["c"]) == ("pendente", "concluida", "concluida")
    (retida,) = Estado().retidas(Operacao.objects.all())
    assert retida.quantas == 1
    assert "teto de custo" in retida.texto
    consultar.refresh_from_db()
    assert Estado().espera(consultar, {}) == "o teto de custo do período foi atingido"
    teto.definir(CONTA, Decimal("50.00"), ana)
    escoar()
    consultar.refresh_from_db()
    assert consultar.situacao == "concluida"


def test_the_round_of_the_worker_finds_the_cap_reached_and_lifts_it(
    servico: Servico, contratante: None, ana: Usuario
) -> None:
    teto.definir(CONTA, Decimal("0.40"), ana, parar_tudo=True)
    assert Teto.objects.get().parado_ate is None
    cobrar("consulta", 2, tipo="teste.registro")
    recuperacao.recuperar()
    assert teto.parados() == {CONTA: True, "conta:1": True, "conta:2": True}
    Teto.objects.update(valor=Decimal("9.00"))
    recuperacao.recuperar()
    assert teto.parados() == {}


def test_repeating_a_refusal_asks_the_cap_too(servico: Servico, contratante: None, ana: Usuario) -> None:
    run = criar("teste", "T", ana, None, [consulta("a")])
    operacao = Operacao.objects.get(chave="a")
    Operacao.objects.update(situacao="recusada", grupo="X", encerrada_em=operacao.criada_em)
    teto.definir(CONTA, Decimal("0.10"), ana)
    feitas = repeticao.repetir(run, ana)
    assert feitas.quantas == 0
    assert any("Passaria do teto" in motivo for motivo in feitas.deixadas)
    with pytest.raises(EstadoErrado, match="Passaria do teto"):
        nova_revisao(operacao, Repeticao(operacao.pedido, operacao.acesso), ana)


def test_from_80_percent_on_it_is_told(servico: Servico, contratante: None, ana: Usuario) -> None:
    teto.definir(CONTA, Decimal("1.00"), ana)
    assert custos.orcar([nova("a")]).avisos == []
    cobrar("consulta", 2)
    (aviso,) = custos.orcar([nova("a")]).avisos
    assert "chega a 88% do teto de R$ 1,00" in aviso
    (aviso,) = custos.orcar([nova("a"), nova("b")]).avisos
    assert "R$ 0,28 acima do teto" in aviso
    andamento = teto.andamento(CONTA)
    assert andamento is not None
    assert (andamento.por_cento, andamento.texto) == (48, "")
    cobrar("consulta", 2)
    andamento = teto.andamento(CONTA)
    assert andamento is not None
    assert "já usa 96% do teto" in andamento.texto


def test_the_administrador_sets_changes_and_takes_it_away(
    servico: Servico, contratante: None, ana: Usuario, client: Client
) -> None:
    client.force_login(ana)
    url, htmx = reverse("custos:teto"), {"HX-Request": "true"}
    assert b"Teto do per" in client.get(url, {"conta": CONTA}, headers=htmx).content
    ruim = client.post(url, {"conta": CONTA, "valor": "-5"}, headers=htmx)
    assert ruim.status_code == 422
    assert client.post(url, {"conta": CONTA, "valor": "0"}, headers=htmx).status_code == 422
    feito = client.post(url, {"conta": CONTA, "valor": "100,00", "parar_tudo": "on"}, headers=htmx)
    assert (feito.status_code, feito["HX-Redirect"]) == (204, f"/custos/?conta={CONTA}")
    assert Teto.objects.values_list("valor", "parar_tudo").get() == (Decimal("100.00"), True)
    assert Auditoria.objects.filter(acao="custos.teto").count() == 1
    assert client.post(url, {"conta": CONTA, "valor": ""}).status_code == 302
    assert not Teto.objects.exists()


def test_a_reached_cap_of_a_conta_without_accesses_holds_nobody_else(servico: Servico, ana: Usuario) -> None:
    Teto.objects.create(
        conta=CONTA, valor=Decimal("1.00"), alterado_por=ana, parado_ate=timezone.now() + timedelta(days=1)
    )
    (consultar,) = submeter([consulta("a")], usuario=None).criadas
    assert tomar(consultar.balde) is not None


def test_a_cap_for_an_unknown_conta_is_written_to_none(
    servico: Servico, contratante: None, ana: Usuario, client: Client
) -> None:
    client.force_login(ana)
    for conta in ("90000009999999", ""):
        assert client.post(reverse("custos:teto"), {"conta": conta, "valor": "1,00"}).status_code == 404
    assert not Teto.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_users_at_once_do_not_pass_the_cap_together(servico: Servico, ana: Usuario, bruno: Usuario) -> None:
    contas.dizer("conta:1", CONTA, "Escritório Modelo", "1 · Matriz")
    contas.dizer("conta:2", CONTA, "Escritório Modelo", "2 · Filial")
    teto.definir(CONTA, Decimal("2.50"), ana)  # ten consultas
    largada, feitas = threading.Barrier(2), []

    def pedir(usuario: Usuario, acesso: str) -> None:
        try:
            largada.wait(10)
            novas = [consulta(f"{acesso}:{n}", acesso) for n in range(8)]
            feitas.append(len(submeter(novas, usuario=usuario).criadas))
        finally:
            connection.close()

    threads = [threading.Thread(target=pedir, args=par) for par in ((ana, "conta:1"), (bruno, "conta:2"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(feitas) == [2, 8]
    assert Operacao.objects.count() == 10
