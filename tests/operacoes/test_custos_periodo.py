"""A billing period in figures: pooled by contratante, seen within the carteiras, each number opening into its calls."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from empresas.models import Carteira
from operacoes import custos
from operacoes.custos import contas, teto
from operacoes.custos.extrato import extrato, por_empresa
from operacoes.custos.precos import instantes, meia_noite, periodo
from operacoes.custos.projecao import projetar
from operacoes.models import FaixaPreco, Operacao, TabelaPreco, Tentativa
from operacoes.motor import submeter
from operacoes.processamentos.criacao import criar
from operacoes.processamentos.resultados import recusadas_por_motivo
from tests.cast import criar_empresa
from tests.operacoes.apoio import ACESSO, Servico, escoar, nova
from tests.operacoes.custos_apoio import cobrar

pytestmark = pytest.mark.django_db

CONTA = "90000001000188"
INICIO, FIM = periodo(timezone.localdate())


@pytest.fixture
def contratante() -> None:
    """Two accesses of one contract, and one of another."""
    contas.dizer("conta:1", CONTA, "Escritório Modelo", "1 · Matriz")
    contas.dizer("conta:2", CONTA, "Escritório Modelo", "2 · Filial")
    contas.dizer("conta:3", "90000002000177", "Outro Escritório", "3 · Outro")


def test_accesses_of_one_contratante_share_its_volume(servico: Servico, contratante: None) -> None:
    cobrar("declaracao", 60, acesso="conta:1")
    cobrar("declaracao", 60, acesso="conta:2")
    cobrar("declaracao", 60, acesso="conta:3")
    assert custos.volumes([CONTA], INICIO) == {(CONTA, "declaracao"): 120}
    assert custos.preco_unitario("declaracao", "conta:1") == Decimal("0.36")
    assert custos.preco_unitario("declaracao", "conta:3") == Decimal("0.40")
    assert custos.previsto("declaracao", 1, "conta:2") == Decimal("0.36")
    visto = extrato(Tentativa.objects.all(), CONTA, INICIO)
    assert visto.total == Decimal("43.20")
    assert {acesso: soma.valor for acesso, soma in visto.por_acesso.items()} == {
        "conta:1": Decimal("21.60"),
        "conta:2": Decimal("21.60"),
    }


def test_a_run_over_two_accesses_of_one_contratante_reaches_one_tier(servico: Servico, contratante: None) -> None:
    novas = [nova(f"k{n}", acesso=f"conta:{1 + n % 2}") for n in range(102)]
    assert custos.orcar(novas).total == Decimal("36.72")  # 102 x 0,36, and not 2 x 51 x 0,40


def test_a_call_stays_with_who_paid_for_it(servico: Servico, contratante: None) -> None:
    cobrar("consulta", 1, acesso="conta:1")
    contas.dizer("conta:1", "90000002000177", "Outro Escritório", "1 · Matriz")
    cobrar("consulta", 1, acesso="conta:1")
    assert custos.volumes([CONTA, "90000002000177"], INICIO) == {
        (CONTA, "consulta"): 1,
        ("90000002000177", "consulta"): 1,
    }


def test_work_questions_doubts_and_unsure_calls_are_told_apart(servico: Servico, contratante: None) -> None:
    cobrar("declaracao", 2)
    cobrar("consulta", 3, especie="conferencia")
    cobrar("emissao", 1, incertas=["emissao"], http_status=504)
    cobrar("emissao", 0, cobrada=False, cobrancas=[], desfecho="abandonada")
    visto = extrato(Tentativa.objects.all(), CONTA, INICIO)
    assert visto.total == Decimal("0.80") + Decimal("0.72") + Decimal("0.32")
    assert (visto.conferencias.total, visto.conferencias.valor) == (3, Decimal("0.72"))
    assert (visto.incertas.total, visto.incertas.valor) == (1, Decimal("0.32"))
    assert (visto.talvez.total, visto.talvez.valor) == (1, Decimal("0.32"))
    assert visto.por_tipo["teste.unico"].total == 3


def test_the_next_tier_says_how_far_it_is_and_whether_it_pays(servico: Servico, contratante: None) -> None:
    cobrar("emissao", 470)
    classe = next(c for c in extrato(Tentativa.objects.all(), CONTA, INICIO).classes if c.classe == "emissao")
    assert (classe.faixa.ate, classe.falta, classe.proxima.preco) == (500, 31, Decimal("0.29"))  # type: ignore[union-attr]
    assert classe.mais_barato_com == 31  # 501 x 0,29 = 145,29 < 470 x 0,32 = 150,40
    cobrar("emissao", 31)
    assert extrato(Tentativa.objects.all(), CONTA, INICIO).total == Decimal("145.29")


def test_calls_are_priced_by_the_table_of_their_day_at_the_tier_of_the_whole(
    servico: Servico, contratante: None
) -> None:
    dia = INICIO - timedelta(days=10)
    inicio, fim = periodo(dia)
    tabela = TabelaPreco.objects.create(vigente_desde=dia, fonte="Aditivo")
    for classe in ("consulta", "emissao", "declaracao"):
        FaixaPreco.objects.create(tabela=tabela, classe=classe, ate=None, preco=Decimal("1.0000"))
    custos.limpar_memoria()
    cobrar("declaracao", 60, quando=meia_noite(inicio) + timedelta(hours=1))
    cobrar("declaracao", 60, quando=meia_noite(dia))
    visto = extrato(Tentativa.objects.all(), CONTA, inicio)
    assert visto.total == Decimal("81.60")  # 60 x 0,36 and 60 x 1,00
    assert (visto.inicio, visto.fim) == (inicio, fim)
    assert sum(linha.valor for linha in visto.classes) == visto.total


def test_the_period_ends_at_midnight_of_the_20th(servico: Servico, contratante: None) -> None:
    desde, ate = instantes(INICIO)
    cobrar("consulta", 1, quando=desde)
    cobrar("consulta", 1, quando=desde - timedelta(microseconds=1))
    cobrar("consulta", 1, quando=ate)
    assert custos.volumes([CONTA], INICIO) == {(CONTA, "consulta"): 1}


# -- pages -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def duas(servico: Servico, contratante: None, carteira: Carteira, outra_carteira: Carteira) -> list[Any]:
    """An empresa of Bruno's carteira with 2 calls, one of another with 5."""
    empresas = [criar_empresa(1, carteira=carteira), criar_empresa(2, carteira=outra_carteira)]
    cobrar("declaracao", 2, empresa=empresas[0])
    cobrar("declaracao", 5, empresa=empresas[1], acesso="conta:2")
    return empresas


def test_users_see_the_calls_of_their_carteiras(duas: list[Any], client: Client, bruno: Usuario, ana: Usuario) -> None:
    client.force_login(bruno)
    pagina = client.get(reverse("custos:periodo")).content.decode()
    assert "<b>R$ 0,80</b>" in pagina
    assert "2,80" not in pagina
    assert "Previsto até" not in pagina
    assert client.get(reverse("custos:chamadas")).context["lista"].total == 1
    assert client.get(reverse("custos:empresas")).context["lista"].total == 1
    assert client.post(reverse("custos:teto"), {"valor": "10,00"}).status_code == 403
    client.force_login(ana)
    pagina = client.get(reverse("custos:periodo")).content.decode()
    assert "<b>R$ 2,80</b>" in pagina
    assert "Previsto até" in pagina


def test_each_number_opens_into_its_calls(duas: list[Any], client: Client, ana: Usuario) -> None:
    client.force_login(ana)
    url = reverse("custos:chamadas")
    for filtro, quantas in (
        ({}, 2),
        ({"classe": "declaracao"}, 2),
        ({"classe": "consulta"}, 0),
        ({"acesso": "conta:2"}, 1),
        ({"tipo": "teste.unico", "o_que": "trabalho"}, 2),
        ({"o_que": "conferencias"}, 0),
        ({"o_que": "incertas"}, 0),
        ({"o_que": "talvez"}, 0),
        ({"empresa": str(duas[0].pk)}, 1),
        ({"carteira": str(duas[1].carteira_id)}, 1),
        ({"inicio": "2026-01-21"}, 0),
        ({"q": Tentativa.objects.first().tag}, 1),  # type: ignore[union-attr]
        ({"acesso": "outro"}, 0),
    ):
        assert client.get(url, filtro).context["lista"].total == quantas, filtro
    csv = b"".join(client.get(url, {"formato": "csv"}).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert csv.count("\n") == 3
    assert Tentativa.objects.first().tag in csv  # type: ignore[union-attr]
    por_empresa_csv = b"".join(client.get(reverse("custos:empresas"), {"formato": "csv"}).streaming_content)  # type: ignore[attr-defined]
    assert por_empresa_csv.decode("utf-8-sig").count("\n") == 3


def test_filters_narrow_the_figures_and_keep_the_tier_of_the_whole(
    duas: list[Any], client: Client, ana: Usuario
) -> None:
    cobrar("declaracao", 100, acesso="conta:2")
    client.force_login(ana)
    contexto = client.get(reverse("custos:periodo"), {"acesso": "conta:1"}).context
    assert contexto["extrato"].total == Decimal("0.72")  # 2 x 0,36
    assert "projecao" not in contexto
    assert client.get(reverse("custos:periodo"), {"carteira": "x"}).context["extrato"].vazio


def test_the_pages_cost_the_same_number_of_queries_whatever_the_rows(
    duas: list[Any], client: Client, ana: Usuario, django_assert_max_num_queries: Any
) -> None:
    client.force_login(ana)
    for n in range(3, 30):
        cobrar("consulta", 1, empresa=criar_empresa(n))
    for nome, maximo in (("periodo", 24), ("chamadas", 20), ("empresas", 20)):
        with django_assert_max_num_queries(maximo):
            assert client.get(reverse(f"custos:{nome}")).status_code == 200


def test_a_hand_made_address_never_fails(duas: list[Any], client: Client, ana: Usuario) -> None:
    client.force_login(ana)
    for nome in ("periodo", "chamadas", "empresas"):
        for params in (
            {"inicio": "x"},
            {"inicio": "1900-01-01"},
            {"inicio": "2999-01-01"},
            {"conta": "x"},
            {"tipo": "x"},
        ):
            assert client.get(reverse(f"custos:{nome}"), params).status_code == 200


def test_earlier_periods_are_reached_and_none_before_the_first_call(
    servico: Servico, contratante: None, client: Client, ana: Usuario
) -> None:
    cobrar("consulta", 1, quando=meia_noite(INICIO) - timedelta(days=40))
    client.force_login(ana)
    recorte = client.get(reverse("custos:periodo")).context["recorte"]
    antes = recorte.anterior
    assert antes == periodo(INICIO - timedelta(days=1))[0]
    recorte = client.get(reverse("custos:periodo"), {"inicio": antes.isoformat()}).context["recorte"]
    assert recorte.seguinte == INICIO
    mais = client.get(reverse("custos:periodo"), {"inicio": recorte.anterior.isoformat()}).context["recorte"]
    assert mais.anterior is None


def test_by_empresa_the_dearest_comes_first(duas: list[Any]) -> None:
    linhas = por_empresa(Tentativa.objects.all(), CONTA, INICIO)
    assert [(linha.empresa, linha.total, linha.valor) for linha in linhas] == [
        (duas[1].pk, 5, Decimal("2.00")),
        (duas[0].pk, 2, Decimal("0.80")),
    ]


# -- forecast ----------------------------------------------------------------------------------------------------------


def _agora(dia: date, hora: int = 12) -> datetime:
    return meia_noite(dia) + timedelta(hours=hora)


def test_without_a_period_before_the_days_tell_and_the_range_is_wide(servico: Servico, contratante: None) -> None:
    inicio, fim = date(2026, 10, 21), date(2026, 11, 20)
    cobrar("consulta", 100, quando=_agora(inicio))
    meio = meia_noite(inicio) + (meia_noite(fim) + timedelta(days=1) - meia_noite(inicio)) / 2
    feita = projetar(CONTA, {}, meio)
    consulta = feita.classes[0]
    assert (consulta.provavel, consulta.minimo, consulta.maximo) == (200, 150, 250)
    assert "não há período anterior" in consulta.como
    assert feita.incerta
    assert feita.minimo <= feita.provavel <= feita.maximo


def test_the_same_phase_of_the_period_before_tells_what_is_to_come(servico: Servico, contratante: None) -> None:
    agora = _agora(date(2026, 11, 10))
    cobrar("declaracao", 100, quando=_agora(date(2026, 9, 25)))  # by this phase
    cobrar("declaracao", 300, quando=_agora(date(2026, 10, 18)))  # after it
    cobrar("declaracao", 120, quando=_agora(date(2026, 10, 25)))
    declaracao = projetar(CONTA, {}, agora).classes[2]
    assert (declaracao.minimo, declaracao.maximo, declaracao.provavel) == (420, 480, 450)
    assert "eram 100 de 400 ao todo: faltavam 300" in declaracao.como


def test_what_is_queued_is_the_least_that_comes(servico: Servico, contratante: None) -> None:
    cobrar("emissao", 30, quando=_agora(date(2026, 9, 25)))
    cobrar("emissao", 10, quando=_agora(date(2026, 10, 25)))
    emissao = projetar(CONTA, {(CONTA, "emissao"): 500}, _agora(date(2026, 11, 19))).classes[1]
    assert emissao.minimo == emissao.provavel == 510


def test_the_estimate_says_when_the_whole_volume_falls_a_tier(servico: Servico, contratante: None) -> None:
    cobrar("emissao", 490)
    orcamento = custos.orcar([nova(f"d{n}", tipo="teste.documento") for n in range(20)])
    assert orcamento.total == Decimal("5.80")
    assert orcamento.acrescenta == Decimal("-8.90")  # 510 x 0,29 - 490 x 0,32
    (travessia,) = orcamento.travessias
    assert (
        "passa da faixa de 500; todo o volume do período, que já tem 490, cai de R$ 0,32 para R$ 0,29"
        in travessia.texto
    )
    assert "R$ 8,90 mais barato" in travessia.texto
    muitas = custos.orcar([nova(f"d{n}", tipo="teste.documento") for n in range(100)])
    assert "só R$ 14,30 mais caro, e não R$ 29,00" in muitas.travessias[0].texto  # 590 x 0,29 - 156,80
    assert not custos.orcar([nova("d", tipo="teste.documento")]).travessias
    assert not custos.orcar([nova("g", tipo="teste.registro")]).por_classe


def test_every_tentativa_says_whose_call_it_is(servico: Servico, contratante: None) -> None:
    submeter([nova("a")], usuario=None)
    escoar()
    feita = Tentativa.objects.get()
    assert (feita.conta, feita.acesso, feita.tipo, feita.empresa_id) == (CONTA, ACESSO, "teste.unico", None)
    submeter([nova("b", acesso="conta:9")], usuario=None)
    escoar()
    assert Tentativa.objects.get(acesso="conta:9").conta == "conta:9"


# -- one price for a period, whichever page tells it -------------------------------------------------------------------


def test_a_table_that_begins_inside_a_period_prices_every_page_alike(
    servico: Servico, contratante: None, ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    inicio, agora = date(2026, 10, 21), _agora(date(2026, 11, 10))
    monkeypatch.setattr(timezone, "localdate", lambda *_: agora.date())
    nova_tabela = TabelaPreco.objects.create(vigente_desde=date(2026, 11, 1), fonte="aditivo")
    for classe in ("consulta", "emissao", "declaracao"):
        FaixaPreco.objects.create(tabela=nova_tabela, classe=classe, ate=None, preco=Decimal("1.0000"))
    cobrar("declaracao", 10, quando=_agora(date(2026, 10, 25)))  # 0,40 each
    cobrar("declaracao", 10, quando=_agora(date(2026, 11, 5)))  # 1,00 each
    esperado = Decimal("14.00")
    assert extrato(Tentativa.objects.all(), CONTA, inicio).total == esperado
    assert custos.das_operacoes(Operacao.objects.all()).trabalho == esperado
    teto.definir(CONTA, Decimal("100.00"), ana)
    andamento = teto.andamento(CONTA)
    assert andamento is not None
    assert andamento.gasto == esperado
    feita = projetar(CONTA, {}, agora)
    restam = feita.classes[2].provavel - 20
    assert feita.provavel == esperado + restam
    assert custos.orcar([nova("mais")]).acrescenta == Decimal("1.00")


def test_what_is_queued_counts_for_the_tier_that_is_quoted(servico: Servico, contratante: None) -> None:
    submeter([nova(f"d{n}", tipo="teste.documento") for n in range(400)], usuario=None)
    assert custos.previsto("emissao", 200, "conta:2") == Decimal("58.00")  # 200 x 0,29: 600 in all
    (travessia,) = custos.orcar([nova(f"e{n}", tipo="teste.documento") for n in range(200)]).travessias
    assert "que já tem 400 (400 na fila)" in travessia.texto
    assert travessia.acrescenta == Decimal("46.00")  # 600 x 0,29 - 400 x 0,32


def test_repeating_several_groups_is_priced_together(
    servico: Servico, contratante: None, ana: Usuario, client: Client
) -> None:
    run = criar("teste", "T", ana, None, [nova(f"d{n}", tipo="teste.documento") for n in range(600)])
    Operacao.objects.update(situacao="recusada", grupo="A", encerrada_em=timezone.now())
    Operacao.objects.filter(pk__in=Operacao.objects.values("pk")[:300]).update(grupo="B")
    grupos, orcamento = recusadas_por_motivo(run, ana, date(2026, 10, 1))
    assert orcamento.total == Decimal("174.00")  # 600 x 0,29
    assert [grupo.custo_de_repetir for grupo in grupos] == [Decimal("96.00"), Decimal("96.00")]  # each alone: 0,32
    cobrar("emissao", 10, tipo="teste.registro")
    client.force_login(ana)
    pagina = client.get(run.get_absolute_url()).content.decode()
    assert "custo R$ 174,00" in pagina
    assert "Muda a faixa de preço" in pagina
