"""Prices: tiers, billing periods, forecasts, and what charged calls add up to."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from comum.models import Usuario
from operacoes import custos
from operacoes.errors import OutcomeUnknown
from operacoes.models import FaixaPreco, Operacao, TabelaPreco, Tentativa
from operacoes.motor import submeter
from operacoes.processamentos.criacao import criar
from tests.operacoes.apoio import ACESSO, Servico, escoar, nova, vencer

pytestmark = pytest.mark.django_db

HOJE = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("dia", "inicio", "fim"),
    [
        (date(2026, 11, 21), date(2026, 11, 21), date(2026, 12, 20)),
        (date(2026, 11, 20), date(2026, 10, 21), date(2026, 11, 20)),
        (date(2026, 1, 5), date(2025, 12, 21), date(2026, 1, 20)),
        (date(2026, 12, 31), date(2026, 12, 21), date(2027, 1, 20)),
        (date(2027, 3, 1), date(2027, 2, 21), date(2027, 3, 20)),
    ],
)
def test_the_billing_period_goes_from_21_to_20(dia: date, inicio: date, fim: date) -> None:
    assert custos.periodo(dia) == (inicio, fim)


@pytest.mark.parametrize(
    ("classe", "quantidade", "valor"),
    [
        ("declaracao", 1, "0.40"),
        ("declaracao", 100, "40.00"),
        ("declaracao", 101, "36.36"),
        ("emissao", 171, "54.72"),
        ("consulta", 30_001, "1800.06"),
        ("gratis", 10, "0.00"),
    ],
)
def test_the_tier_reached_prices_the_whole(servico: Servico, classe: str, quantidade: int, valor: str) -> None:
    assert custos.previsto(classe, quantidade, ACESSO, HOJE) == Decimal(valor)


def test_past_volume_counts_for_the_tier(servico: Servico) -> None:
    submeter([nova("a")], usuario=None)
    escoar()
    tentativa = Tentativa.objects.get()
    tentativa.cobrancas = ["declaracao"] * 100
    tentativa.save()
    custos.limpar_memoria()
    assert custos.preco_unitario("declaracao", ACESSO) == Decimal("0.36")
    assert custos.preco_unitario("declaracao", "conta:2") == Decimal("0.40")


def test_a_newer_table_takes_over_on_its_date(servico: Servico) -> None:
    tabela = TabelaPreco.objects.create(vigente_desde=date(2026, 12, 1), fonte="Aditivo de teste")
    FaixaPreco.objects.create(tabela=tabela, classe="emissao", ate=None, preco=Decimal("0.50"))
    custos.limpar_memoria()
    assert custos.preco_unitario("emissao", ACESSO, date(2026, 11, 30)) == Decimal("0.32")
    assert custos.preco_unitario("emissao", ACESSO, date(2026, 12, 1)) == Decimal("0.50")


def test_loading_again_changes_nothing_an_administrator_set(servico: Servico) -> None:
    FaixaPreco.objects.filter(classe="emissao", ate=500).update(preco=Decimal("0.33"))
    antes = FaixaPreco.objects.count()
    custos.carregar_precos()
    assert FaixaPreco.objects.count() == antes
    assert FaixaPreco.objects.get(classe="emissao", ate=500).preco == Decimal("0.33")


def test_a_repeated_document_costs_again(servico: Servico) -> None:
    def cobrar_e_perder() -> None:
        raise OutcomeUnknown("x")

    servico.roteiro["a"] = [cobrar_e_perder]
    operacao = submeter([nova("a", tipo="teste.documento")], usuario=None).criadas[0]
    escoar()
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert (operacao.envios, operacao.custo) == (2, Decimal("0.3200"))  # the lost answer's charge is unknown


def test_several_charged_calls_in_one_attempt_all_count(servico: Servico) -> None:
    operacao = submeter([nova("a")], usuario=None).criadas[0]
    escoar()
    Tentativa.objects.filter(operacao=operacao).update(cobrancas=["consulta", "consulta", "declaracao"])
    inicio = custos.periodo(timezone.localdate(Tentativa.objects.get().iniciada_em))[0]
    assert custos.volumes([ACESSO], inicio) == {(ACESSO, "consulta"): 2, (ACESSO, "declaracao"): 1}


def test_a_run_carries_its_forecast(servico: Servico, ana: object) -> None:
    novas = [nova(f"k{n}") for n in range(2)] + [nova("d", tipo="teste.documento")]
    run = criar("teste", "T", ana, None, novas)  # type: ignore[arg-type]
    assert run.custo_previsto == Decimal("1.12")
    escoar()
    assert sum(Operacao.objects.values_list("custo", flat=True)) == Decimal("1.12")


def test_what_a_page_shows_is_priced_at_the_volume_of_now(servico: Servico, django_assert_num_queries: Any) -> None:
    submeter([nova("a"), nova("b", tipo="teste.documento")], usuario=None)
    escoar()
    custos.preco_unitario("declaracao", ACESSO)  # this process remembers the volume of one call
    Tentativa.objects.filter(operacao__tipo="teste.unico").update(cobrancas=["declaracao"] * 200)
    with django_assert_num_queries(2):
        assert custos.das_operacoes(Operacao.objects.all()).trabalho == Decimal("72.32")  # 200 x 0,36 and 0,32
    assert custos.previsto("declaracao", 1, ACESSO) == Decimal("0.36")


def test_calls_of_an_earlier_period_keep_its_tier(servico: Servico) -> None:
    submeter([nova("a")], usuario=None)
    escoar()
    antes = timezone.now() - timedelta(days=40)
    Tentativa.objects.update(cobrancas=["declaracao"] * 200, iniciada_em=antes)
    assert custos.das_operacoes(Operacao.objects.all()).trabalho == Decimal("72.00")


def test_questions_about_doubts_are_told_apart(servico: Servico) -> None:
    submeter([nova("a"), nova("b")], usuario=None)
    escoar()
    pergunta = Tentativa.objects.filter(operacao__chave__contains="b")
    pergunta.update(especie=Tentativa.Especie.CONFERENCIA, cobrancas=["consulta", "consulta"])
    assert custos.das_operacoes(Operacao.objects.all()) == (Decimal("0.40"), Decimal("0.48"), 2, Decimal(0))


def test_a_sending_whose_answer_was_lost_may_have_been_charged(servico: Servico, client: Client, ana: Usuario) -> None:
    def perder() -> None:
        raise OutcomeUnknown("A conexão caiu.")

    servico.roteiro["a"] = [perder, perder]
    run = criar("teste", "T", ana, None, [nova("a", tipo="teste.documento"), nova("b")])
    escoar()
    vencer(operacao := Operacao.objects.get(chave="a"))
    escoar()
    Tentativa.objects.filter(operacao__chave="b").update(
        especie=Tentativa.Especie.CONFERENCIA, desfecho=Tentativa.Desfecho.ABANDONADA, cobrada=False
    )
    custo = custos.das_operacoes(Operacao.objects.all())
    assert (custo.trabalho, custo.talvez) == (Decimal(0), Decimal("0.64"))
    client.force_login(ana)
    assert "talvez mais R$ 0,64" in client.get(run.get_absolute_url()).content.decode()
    pagina = client.get(operacao.get_absolute_url()).content.decode()
    assert pagina.count("talvez cobrada, R$ 0,32") == 2
    assert "talvez mais R$ 0,64" in pagina
