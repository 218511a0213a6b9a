"""The list of titles: what it shows, filters and sums, and what is done to the marked ones."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from comum.documentos import LinhaDigitavel, linha_digitavel
from comum.models import Usuario
from operacoes.models import Operacao, Processamento
from operacoes.models import Situacao as DaOperacao
from pagar.models import ContaErp, Movimento, Titulo
from pagar.services import atos, implantacao
from tests.cast import criar_empresa
from tests.pagar import fabricas
from tests.pagar.fabricas import BARRAS, fornecedor, novo_titulo, titulo

pytestmark = pytest.mark.django_db
Situacao = Titulo.Situacao
LISTA = "/pagar/titulos/"


@pytest.fixture(autouse=True)
def hoje() -> Iterator[None]:
    """The top bar stands in 10/2026."""
    with time_machine.travel("2026-11-12 12:00:00-03:00", tick=False):
        yield


@pytest.fixture
def conta(db: None) -> ContaErp:
    return fabricas.conta()


@pytest.fixture
def limpadora(conta):
    return fornecedor(conta)


@pytest.fixture
def empresa(carteira):
    return criar_empresa(1, carteira=carteira)


@pytest.fixture
def como_bruno(bruno: Usuario) -> Client:
    cliente = Client()
    cliente.force_login(bruno)
    return cliente


def texto(resposta: Any) -> str:
    return str(resposta.content.decode())


def nomes(resposta: Any) -> list[str]:
    return [linha.nome for linha in resposta.context["linhas"]]


def acao(nome: str) -> str:
    return reverse("pagar:agir", args=[nome])


# -- what is shown -----------------------------------------------------------------------------------------------------


def test_a_month_what_is_due_first_and_sums_without_the_dead(como_bruno, empresa, limpadora) -> None:
    titulo(empresa, limpadora, numero="2", vencimento=date(2026, 11, 25), valor="40.00")
    titulo(empresa, limpadora, numero="1", valor="60.00", situacao=Situacao.ABERTO, vencimento=date(2026, 11, 10))
    titulo(empresa, limpadora, numero="3", situacao=Situacao.CANCELADO)
    titulo(empresa, limpadora, numero="4", competencia=date(2026, 9, 1))
    pagina = como_bruno.get(LISTA)
    assert nomes(pagina) == ["DP 1", "DP 3", "DP 2"]
    soma = pagina.context["soma"]
    assert (soma.quantos, soma.valor, soma.saldo) == (2, Decimal(100), Decimal(100))
    assert "venceu há 2 dias" in texto(pagina)
    assert "sem os cancelados, estornados e abandonados" in texto(pagina)
    todos = como_bruno.get(LISTA, {"periodo": "todos"})
    assert len(nomes(todos)) == 4
    assert "Competência" in texto(todos)
    parte = como_bruno.get(LISTA, headers={"HX-Request": "true"})
    assert "<h1>" not in texto(parte)


def test_states_say_what_else_is_to_be_known(como_bruno, empresa, limpadora, conta, bruno) -> None:
    barras = {"codigo_barras": BARRAS, "barras": Titulo.Barras.PENDENTE}
    parado = titulo(empresa, limpadora, situacao=Situacao.ABERTO, **barras)
    pedido = fabricas.operacao(conta, atos.ATUALIZAR, "x", {"titulo": parado.pk}, usuario=bruno)
    titulo(empresa, limpadora, situacao=Situacao.ABERTO, em_curso=pedido, **barras)
    titulo(empresa, limpadora, situacao=Situacao.ABERTO, bloqueado=True)
    titulo(empresa, limpadora, situacao=Situacao.RECUSADO, mensagem="Fornecedor bloqueado.")
    titulo(empresa, limpadora, situacao=Situacao.LIQUIDADO, aviso="Confira lá.")
    pagina = como_bruno.get(LISTA)
    for dito in (
        "Sem barras no ERP",
        "Atualizar título: na fila",
        "Pagamento bloqueado",
        "Fornecedor bloqueado.",
        "Confira lá.",
    ):
        assert dito in texto(pagina)
    assert pagina.context["precisam"] == 3  # the one that nothing brings, the refused, the one with a notice
    assert len(nomes(como_bruno.get(LISTA, {"situacao": "precisam"}))) == 3


def test_a_pedido_that_waits_for_a_person_brings_its_titles(como_bruno, empresa, limpadora, conta, bruno) -> None:
    um, outro = (titulo(empresa, limpadora, situacao=Situacao.ENVIANDO) for _ in range(2))
    titulo(empresa, limpadora, situacao=Situacao.ENVIANDO)
    fabricas.operacao(
        conta, implantacao.IMPLANTAR, "lote", {"titulos": [um.pk, outro.pk]}, situacao=DaOperacao.AGUARDA_PESSOA
    )
    assert set(nomes(como_bruno.get(LISTA, {"situacao": "precisam"}))) == {um.nome, outro.nome}


def test_filters(como_bruno, empresa, limpadora, conta, bruno) -> None:
    outra = fornecedor(conta, "Outra Ltda")
    caro = titulo(empresa, limpadora, valor="900.00", vencimento=date(2026, 12, 1))
    adiantado = titulo(empresa, outra, tipo=Titulo.Tipo.ANTECIPACAO, situacao=Situacao.ABERTO)
    com_codigo = titulo(empresa, limpadora, codigo_barras=BARRAS, barras=Titulo.Barras.GRAVADO, situacao="aberto")
    run = Processamento.objects.create(tipo=implantacao.IMPLANTAR, titulo="Implantar", usuario=bruno)
    fabricas.operacao(conta, implantacao.IMPLANTAR, "l", {"titulos": [caro.pk]}, processamento=run, usuario=bruno)
    fabricas.operacao(conta, implantacao.ANTECIPAR, "a", {"titulo": adiantado.pk}, processamento=run, usuario=bruno)
    pago = fabricas.pagamento([com_codigo])
    fabricas.operacao(conta, "pagar.bordero.criar", "p", {"pagamento": pago.pk}, processamento=run, usuario=bruno)
    casos: list[tuple[dict[str, Any], set[Titulo]]] = [
        ({"tipo": "antecipacao"}, {adiantado}),
        ({"barras": "gravado"}, {com_codigo}),
        ({"barras": "sem"}, {caro, adiantado}),
        ({"origem": "guia"}, set()),
        ({"origem": "manual", "situacao": "aberto"}, {adiantado, com_codigo}),
        ({"vence_de": "01/12/2026"}, {caro}),
        ({"vence_ate": "30/11/2026", "de": "50,00", "ate": "100,00"}, {adiantado, com_codigo}),
        ({"processamento": run.pk}, {caro, adiantado, com_codigo}),
        ({"processamento": 999}, set()),
        ({"fornecedor": outra.pk}, {adiantado}),
        ({"empresa": empresa.pk}, {caro, adiantado, com_codigo}),
        ({"vence_de": "amanhã"}, set()),
        ({"situacao": "nenhuma"}, set()),
        ({"q": com_codigo.numero}, {com_codigo}),
        ({"q": "outra ltda"}, {adiantado}),
    ]
    for filtro, esperados in casos:
        assert set(nomes(como_bruno.get(LISTA, filtro))) == {um.nome for um in esperados}, filtro


def test_as_many_queries_for_sixty_rows_as_for_two(
    como_bruno, empresa, limpadora, django_assert_max_num_queries
) -> None:
    for _ in range(2):
        titulo(empresa, limpadora)
    como_bruno.get(LISTA)
    with django_assert_max_num_queries(24) as poucas:
        como_bruno.get(LISTA)
    novos = [novo_titulo(empresa, limpadora) for _ in range(58)]
    for novo in novos:
        novo.preparar()
    Titulo.objects.bulk_create(novos)
    with django_assert_max_num_queries(24) as muitas:
        como_bruno.get(LISTA, {"tamanho": 100})
    assert len(muitas) == len(poucas)


def test_exports_the_marked_and_everything_filtered(como_bruno, empresa, limpadora) -> None:
    um, outro = titulo(empresa, limpadora, numero="11"), titulo(empresa, limpadora, numero="22")
    endereco = reverse("pagar:titulos_exportar")
    marcados = como_bruno.post(f"{endereco}?formato=csv", {"ids": [um.pk]})
    linhas = b"".join(marcados.streaming_content).decode("utf-8-sig").splitlines()
    assert len(linhas) == 2
    assert all(dito in linhas[1] for dito in ("DP 11", "20/11/2026", "100,00", limpadora.nome))
    todos = como_bruno.post(f"{endereco}?formato=csv&todas=1", {"lista": "q=22"})
    assert outro.nome in b"".join(todos.streaming_content).decode()
    assert como_bruno.post(f"{endereco}?formato=xlsx&todas=1").content[:2] == b"PK"


# -- the marked ones ---------------------------------------------------------------------------------------------------


def test_sending_shows_what_goes_and_a_second_click_leads_to_the_run(como_bruno, empresa, limpadora) -> None:
    vai = titulo(empresa, limpadora, numero="77")
    fora = titulo(empresa, limpadora, numero="88", corpo={"rateio": ()})
    aberto = titulo(empresa, limpadora, situacao=Situacao.ABERTO)
    marcados = {"ids": [vai.pk, fora.pk, aberto.pk], "next": LISTA}
    pagina = como_bruno.post(acao("enviar"), marcados)
    previa = pagina.context["previa"]
    assert ([t.pk for t in previa.prontos], previa.lotes, len(previa.grupos)) == ([vai.pk], 1, 2)
    assert all(dito in texto(pagina) for dito in ("Implantar 1 título · R$ 100,00", "em 1 envio ao ERP", "DP 88"))
    assert not Operacao.objects.exists()
    feita = como_bruno.post(acao("enviar"), marcados | {"marca": previa.marca})
    run = Processamento.objects.get()
    assert feita["Location"] == run.get_absolute_url()
    vai.refresh_from_db()
    assert vai.situacao == Situacao.ENVIANDO
    de_novo = como_bruno.post(acao("enviar"), marcados | {"marca": previa.marca})
    assert de_novo["Location"] == run.get_absolute_url()
    assert Operacao.objects.count() == 1
    assert nomes(como_bruno.get(LISTA, {"processamento": run.pk, "periodo": "todos"})) == ["DP 77"]


def test_what_changed_meanwhile_is_shown_again(como_bruno, empresa, limpadora) -> None:
    um, outro = titulo(empresa, limpadora), titulo(empresa, limpadora)
    marcados = {"ids": [um.pk, outro.pk]}
    marca = como_bruno.post(acao("enviar"), marcados).context["previa"].marca
    Titulo.objects.filter(pk=outro.pk).update(versao=2, valor=Decimal(200))
    resposta = como_bruno.post(acao("enviar"), marcados | {"marca": marca})
    assert resposta.status_code == 422
    assert "nada foi enviado" in texto(resposta)
    assert not Operacao.objects.exists()


def test_the_page_after_an_import_is_the_pre_voo_of_its_filter(como_bruno, empresa, limpadora) -> None:
    titulo(empresa, limpadora, numero="ALUGUEL")
    titulo(empresa, limpadora, numero="66")
    assert como_bruno.get(reverse("pagar:prevoo"))["Location"] == LISTA
    pagina = como_bruno.get(reverse("pagar:prevoo"), {"q": "ALUGUEL"})  # letters: no number made for a test has them
    assert [t.numero for t in pagina.context["previa"].prontos] == ["ALUGUEL"]
    assert ("filtro", "q=ALUGUEL") in pagina.context["selecao"]


def test_only_what_did_not_reach_the_erp_is_given_up(como_bruno, bruno, empresa, limpadora) -> None:
    rascunho, recusado = titulo(empresa, limpadora), titulo(empresa, limpadora, situacao=Situacao.RECUSADO)
    aberto = titulo(empresa, limpadora, situacao=Situacao.ABERTO)
    resposta = como_bruno.post(
        acao("abandonar"), {"ids": [rascunho.pk, recusado.pk, aberto.pk], "next": LISTA}, follow=True
    )
    assert "2 títulos abandonados" in texto(resposta)
    assert "1 título ficou como estava. Já chegou ao ERP" in texto(resposta)
    assert {t.situacao for t in Titulo.objects.exclude(pk=aberto.pk)} == {Situacao.ABANDONADO}
    assert Movimento.objects.get(titulo=rascunho).usuario == bruno


def test_the_bar_codes_go_as_one_run_and_once(como_bruno, empresa, limpadora) -> None:
    pendente = titulo(empresa, limpadora, situacao=Situacao.ABERTO, codigo_barras=BARRAS, barras=Titulo.Barras.PENDENTE)
    sem = titulo(empresa, limpadora, situacao=Situacao.ABERTO)
    marcados = {"ids": [pendente.pk, sem.pk]}
    feita = como_bruno.post(acao("barras"), marcados)
    run = Processamento.objects.get()
    assert feita["Location"] == run.get_absolute_url()
    assert Operacao.objects.get().processamento == run
    pendente.refresh_from_db()
    assert pendente.em_curso is not None
    assert como_bruno.post(acao("barras"), {"ids": [pendente.pk]})["Location"] == run.get_absolute_url()
    assert Operacao.objects.count() == 1
    dito = texto(como_bruno.post(acao("barras"), {"ids": [sem.pk]}, follow=True))
    assert "Não tem código de barras" in dito


def test_another_carteira_is_neither_shown_nor_touched(como_bruno, carla, outra_carteira, limpadora) -> None:
    alheia = criar_empresa(9, carteira=outra_carteira)
    alheio = titulo(alheia, limpadora)
    assert nomes(como_bruno.get(LISTA)) == []
    for nome in ("enviar", "abandonar", "barras"):
        dito = texto(como_bruno.post(acao(nome), {"ids": [alheio.pk], "todos": "1"}, follow=True))
        assert "Nenhum título marcado" in dito
    assert como_bruno.post(acao("outra"), {"ids": [alheio.pk]}).status_code == 404
    cliente = Client()
    cliente.force_login(carla)
    assert cliente.post(acao("enviar"), {"ids": [alheio.pk]}).status_code == 403


def test_a_title_is_found_by_what_its_page_shows(cliente, empresa, limpadora) -> None:
    linha = linha_digitavel(fabricas.BARRAS)
    assert isinstance(linha, LinhaDigitavel)
    alvo = fabricas.titulo(
        empresa, limpadora, numero="880101", corpo={"parcela": "7"}, codigo_barras=fabricas.BARRAS, valor="3210.55"
    )
    fabricas.titulo(empresa, limpadora, numero="202")
    for texto in ("DP 880101/7", "880101/7", linha.linha, fabricas.BARRAS, "3.210,55", limpadora.nome[:8] + " 880101"):
        pagina = cliente.get(LISTA, {"periodo": "todos", "q": texto})
        assert [titulo.pk for titulo in pagina.context["lista"].pagina] == [alvo.pk], texto
