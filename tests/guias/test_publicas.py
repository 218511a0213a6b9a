"""The pages without a log-in: what they show, to whom, how often, and what counts as reading."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from empresas.models import Empresa
from guias.models import Entrega, Guia
from guias.services import barras, leitura, mensagens
from operacoes import publico
from operacoes.models import Balde
from tests.pagar.documentos import guia as desenhar

pytestmark = pytest.mark.django_db


@pytest.fixture
def guia(empresas: list[Empresa]) -> Guia:
    feita = desenhar(empresas[0])
    barras.completar([feita])
    return feita


@pytest.fixture
def entrega(guia: Guia) -> Entrega:
    return Entrega.objects.create(guia=guia, para="ana@cliente.example")


@pytest.fixture
def link(entrega: Entrega) -> str:
    return leitura.endereco(entrega.pk, "")


@pytest.fixture
def estranho() -> Client:
    return Client(enforce_csrf_checks=True)


def lida(entrega: Entrega) -> bool:
    entrega.refresh_from_db()
    return entrega.lida_em is not None


# -- the personal link -------------------------------------------------------------------------------------------------


def test_fetching_the_link_is_not_reading(estranho: Client, link: str, entrega: Entrega, guia: Guia) -> None:
    paginas = [estranho.head(link), estranho.get(link), estranho.get(f"{link}pdf/")]
    assert ([pagina.status_code for pagina in paginas], lida(entrega)) == ([200, 200, 200], False)
    fechada = paginas[1].content.decode()
    assert "Abrir a guia" in fechada
    assert guia.empresa.razao_social not in fechada
    assert guia.linha not in fechada


def test_pressing_the_button_is_reading_and_shows_the_guia(
    estranho: Client, link: str, entrega: Entrega, guia: Guia
) -> None:
    resposta = estranho.post(link)
    assert (resposta.status_code, resposta["Location"], lida(entrega)) == (302, link, True)
    primeira = entrega.lida_em
    pagina = estranho.get(link).content.decode()
    for dito in (guia.empresa.razao_social, "R$ 672,80", f"{guia.limite:%d/%m/%Y}", guia.linha, guia.numero):
        assert dito in pagina
    estranho.post(link)
    entrega.refresh_from_db()
    assert entrega.lida_em == primeira
    pdf = estranho.get(f"{link}pdf/")
    assert (pdf.content[:5], pdf["Content-Type"]) == (b"%PDF-", "application/pdf")
    assert "attachment" in pdf["Content-Disposition"]


@pytest.mark.parametrize("sufixo", ["", "pdf/"])
def test_nobody_keeps_finds_or_is_told_the_address(estranho: Client, link: str, sufixo: str) -> None:
    resposta = estranho.get(link + sufixo)
    assert resposta["Referrer-Policy"] == "no-referrer"
    assert "noindex" in resposta["X-Robots-Tag"]
    assert "no-store" in resposta["Cache-Control"]
    assert not resposta.cookies


@pytest.mark.parametrize("mexer", [lambda f: f[:-1], lambda f: "2" + f, lambda f: f.replace(":", "-"), lambda f: "x"])
def test_a_link_that_is_not_ours_opens_nothing(estranho: Client, entrega: Entrega, mexer: Any) -> None:
    url = reverse("guia_do_cliente", args=[mexer(leitura.ficha(entrega.pk))])
    assert [estranho.get(url).status_code, estranho.post(url).status_code] == [404, 404]
    assert not lida(entrega)


def test_the_link_ends_with_its_time_or_with_the_pdfs(
    estranho: Client, link: str, guia: Guia, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ENTREGA_LINK_DIAS = 0
    assert estranho.get(link).status_code == 410
    settings.ENTREGA_LINK_DIAS = 10
    assert estranho.get(link).status_code == 200
    assert guia.documento is not None
    depois = guia.documento.reter_ate + timedelta(days=1)
    monkeypatch.setattr("guias.services.leitura.timezone.localdate", lambda: depois)
    assert estranho.get(link).status_code == 410


@pytest.mark.parametrize(
    ("mudanca", "dito"),
    [
        ({"paga_em": "2026-11-10", "valor_pago": "672.80"}, "já consta como paga"),
        ({"limite": "2026-10-01"}, "O prazo desta guia terminou"),
        ({"problema": "Difere."}, "Não pague por esta guia"),
    ],
)
def test_what_is_not_to_be_paid_shows_no_line(
    estranho: Client, link: str, guia: Guia, mudanca: dict[str, str], dito: str
) -> None:
    estranho.post(link)
    Guia.objects.update(**mudanca)
    pagina = estranho.get(link).content.decode()
    assert dito in pagina
    assert guia.linha not in pagina
    pdf = estranho.get(f"{link}pdf/")
    assert (pdf.status_code, pdf["Location"]) == (302, link)


@pytest.mark.parametrize("paga", [False, True])
def test_a_replaced_copy_says_so(estranho: Client, link: str, guia: Guia, paga: bool) -> None:
    estranho.post(link)
    outra = desenhar(guia.empresa, 2, via=2)
    if paga:
        Guia.objects.filter(pk=outra.pk).update(paga_em="2026-11-10", valor_pago="672.80")
    assert "Há outra guia no lugar desta" in estranho.get(link).content.decode()
    assert estranho.get(f"{link}pdf/").status_code == 302


def test_the_link_is_for_one_guia_without_a_log_in_for_the_rest(estranho: Client, link: str) -> None:
    estranho.post(link)
    assert estranho.get(reverse("guias:lista")).status_code == 302


def test_too_many_openings_from_one_address_wait(estranho: Client, link: str, settings: Any) -> None:
    settings.PUBLICO_POR_MINUTO = 1
    situacoes = [estranho.get(link).status_code for _ in range(7)]
    assert situacoes == [200] * 6 + [429]


# -- whose guia it is --------------------------------------------------------------------------------------------------


def perguntar(client: Client, linha: str, **extra: Any) -> Any:
    return client.post(reverse("conferir_guia"), {"linha": linha}, **extra)


@pytest.mark.parametrize("forma", ["linha", "blocos", "barras", "pontos"])
def test_a_line_of_ours_is_ours_however_it_is_written(estranho: Client, guia: Guia, forma: str) -> None:
    linha = guia.linha
    escrita = {
        "linha": linha,
        "blocos": mensagens.blocos(linha),
        "barras": guia.codigo_barras,
        "pontos": "-".join((linha[:12], linha[12:24], linha[24:36], linha[36:])),
    }[forma]
    assert "<b>Sim." in perguntar(estranho, escrita).content.decode()


def test_a_line_of_nobody_here_is_not(estranho: Client, guia: Guia) -> None:
    Guia.objects.update(codigo_barras="")
    pagina = perguntar(estranho, guia.linha).content.decode()
    assert "<b>Não." in pagina
    assert "Não pague por ela" in pagina


def test_the_answer_says_nothing_else(estranho: Client, guia: Guia) -> None:
    """Both answers are the same page for any guia: paid, replaced or of another empresa."""
    pagina = perguntar(estranho, guia.linha).content.decode()
    for segredo in (
        guia.empresa.razao_social,
        guia.empresa.documento,
        guia.numero,
        "672,80",
        f"{guia.limite:%d/%m/%Y}",
    ):
        assert segredo not in pagina.replace(guia.linha, "")
    Guia.objects.update(paga_em="2026-11-10", valor_pago="672.80")
    desenhar(guia.empresa, 2, via=2)
    assert perguntar(estranho, guia.linha).content.decode() == pagina


def test_yes_and_no_cost_the_same_questions(estranho: Client, guia: Guia) -> None:
    def custo() -> list[str]:
        with CaptureQueriesContext(connection) as feitas:
            perguntar(estranho, guia.linha)
        return [consulta["sql"].split("'")[0] for consulta in feitas]

    perguntar(estranho, guia.linha)
    sim = custo()
    Guia.objects.update(codigo_barras="")
    assert len(custo()) == len(sim)


@pytest.mark.parametrize(
    ("mexer", "dito"),
    [
        (lambda linha: "", "Cole ou digite os 48 números"),
        (lambda linha: linha[:36], "Confira se falta um bloco"),
        (lambda linha: linha[:47], "47 números são de um boleto"),
        (
            lambda linha: f"{linha[:12]}{(int(linha[12]) + 1) % 10}{linha[13:]}",
            "O 2º bloco da linha digitável tem erro",
        ),
        (lambda linha: linha[:-1] + "x", "só tem números"),
        (lambda linha: "9" * 5000, "Linha digitável com 200 números"),
    ],
)
def test_a_bad_line_is_told_by_block(estranho: Client, guia: Guia, mexer: Any, dito: str) -> None:
    resposta = perguntar(estranho, mexer(guia.linha))
    assert (resposta.status_code, dito in resposta.content.decode()) == (422, True)


def test_an_address_asks_so_often_and_others_go_on(estranho: Client, guia: Guia, settings: Any) -> None:
    settings.PUBLICO_POR_MINUTO = 3
    feitas = [perguntar(estranho, guia.linha, REMOTE_ADDR="192.0.2.1") for _ in range(4)]
    assert [resposta.status_code for resposta in feitas] == [200, 200, 200, 429]
    assert int(feitas[-1]["Retry-After"]) in range(15, 23)
    assert perguntar(estranho, guia.linha, REMOTE_ADDR="192.0.2.2").status_code == 200
    assert estranho.get(reverse("conferir_guia"), REMOTE_ADDR="192.0.2.1").status_code == 200


def test_the_network_of_an_ipv6_customer_counts_as_one() -> None:
    vezes = [publico.espera("conferir", f"2001:db8:1:2::{n}", por_minuto=2) for n in range(3)]
    assert [vez == 0 for vez in vezes] == [True, True, False]
    assert publico.espera("conferir", "2001:db8:1:3::1", por_minuto=2) == 0


def test_who_asked_is_not_kept_and_is_forgotten(estranho: Client, guia: Guia) -> None:
    perguntar(estranho, guia.linha, REMOTE_ADDR="192.0.2.1")
    nome = Balde.objects.get(nome__startswith="publico:").nome
    assert "192.0.2.1" not in nome
    publico.esquecer()
    assert Balde.objects.filter(nome=nome).exists()
    Balde.objects.filter(nome=nome).update(tat=timezone.now() - timedelta(hours=2))
    publico.esquecer()
    assert not Balde.objects.filter(nome=nome).exists()
