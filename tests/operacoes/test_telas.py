"""Screens: what a run shows, who sees it, what can be done from it, and that its cost does not grow with the run."""

import html
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from arquivo.services import guardar
from comum.models import Auditoria, Usuario
from empresas.models import Carteira, Empresa
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderRefused
from operacoes.handlers import ProximaAcao
from operacoes.models import Operacao, Pausa, Processamento, Situacao, Trabalhador
from operacoes.motor import submeter
from operacoes.processamentos.andamento import andamento
from operacoes.processamentos.criacao import DeFora, criar
from tests.cast import criar_empresa
from tests.operacoes.apoio import ACESSO, Servico, Unico, escoar, nova, vencer

pytestmark = pytest.mark.django_db

OUT = date(2026, 10, 1)
Fazer = Callable[..., Processamento]


@pytest.fixture
def empresas(carteira: Carteira) -> list[Empresa]:
    return [criar_empresa(n, carteira=carteira) for n in range(1, 4)]


@pytest.fixture
def run(servico: Servico, ana: Usuario, empresas: list[Empresa], outra_carteira: Carteira) -> Processamento:
    """Three of Bruno's empresas (one refused) and one of another carteira; one was left out."""
    servico.roteiro["e1"] = [ProviderRefused("Valor diferente.", codigo="MSG_ISN_035", texto="COFINS 1,00 <b>lá</b>")]
    alheia = criar_empresa(90, carteira=outra_carteira, razao_social="Alheia Ltda")
    de_fora = criar_empresa(91, carteira=outra_carteira, razao_social="De Fora Ltda")
    novas = [nova(f"e{n}", empresa_id=e.pk, competencia=OUT) for n, e in enumerate([*empresas, alheia], 1)]
    feito = criar(
        "teste",
        "Transmitir",
        ana,
        OUT,
        novas,
        [DeFora(de_fora.pk, "sem-receita", "Sem receita lançada.")],
    )
    escoar()
    return feito


def entrar(client: Client, usuario: Usuario) -> Client:
    client.force_login(usuario)
    return client


# -- what is shown ----------------------------------------------------------------------------------------------------


def test_the_page_counts_and_groups(client: Client, ana: Usuario, run: Processamento) -> None:
    pagina = entrar(client, ana).get(run.get_absolute_url()).content.decode()
    assert "4 de 4" in pagina
    assert "3 concluídas · 1 recusada" in pagina
    assert "Valor diferente." in pagina
    assert "Sem receita lançada." in pagina
    assert "COFINS 1,00 &lt;b&gt;" in pagina


def test_all_the_doubts_are_as_many_as_counted(client: Client, ana: Usuario, servico: Servico) -> None:
    run = criar("teste", "Transmitir", ana, OUT, [nova(f"d{n}") for n in range(52)])
    run.operacoes.update(situacao=Situacao.INCERTA)
    run.operacoes.filter(chave__in=["d0", "d1"]).update(situacao=Situacao.AGUARDA_PESSOA)
    pagina = entrar(client, ana).get(run.get_absolute_url()).content.decode()
    achado = re.search(r'Mostrando 50 de 52\. <a href="([^"]+)">Ver todas', pagina)
    assert achado is not None
    assert client.get(html.unescape(achado[1])).context["lista"].total == 52


def test_an_operador_sees_the_run_within_the_carteiras(client: Client, bruno: Usuario, run: Processamento) -> None:
    pagina = entrar(client, bruno).get(run.get_absolute_url()).content.decode()
    assert "3 de 3" in pagina
    assert "De Fora" not in pagina
    assert "Sem receita" not in pagina


def test_a_run_with_nothing_of_mine_does_not_exist(client: Client, davi: Usuario, run: Processamento) -> None:
    entrar(client, davi)
    for nome in ("processamento", "exportar", "documentos"):
        assert client.get(reverse(f"operacoes:{nome}", args=[run.pk])).status_code == 404
    assert "Transmitir" not in client.get(reverse("operacoes:processamentos")).content.decode()


def test_the_live_part_stops_when_the_run_ends(client: Client, ana: Usuario, run: Processamento) -> None:
    resposta = entrar(client, ana).get(run.get_absolute_url(), {"parte": "andamento"}, headers={"HX-Request": "true"})
    texto = resposta.content.decode()
    assert "data-fim" in texto
    assert "hx-get" not in texto
    assert "<html" not in texto


def test_a_run_under_way_polls_and_says_what_holds_it(client: Client, ana: Usuario, servico: Servico) -> None:
    run = criar("teste", "Lento", ana, None, [nova("a")])
    Pausa.objects.create(acesso=ACESSO, motivo="O certificado venceu.")
    texto = entrar(client, ana).get(run.get_absolute_url()).content.decode()
    assert "every 2s" in texto
    assert "O certificado venceu." in texto
    assert "Nenhum trabalhador ativo" in texto


def test_the_next_action_of_a_group_is_a_button(
    client: Client, ana: Usuario, run: Processamento, monkeypatch: pytest.MonkeyPatch
) -> None:
    acao = ProximaAcao("Conferir os valores", "Conferir as 1", "/fiscal/apuracao/")
    monkeypatch.setattr(Unico, "proxima_acao", lambda self, grupo, url: acao)
    pagina = entrar(client, ana).get(run.get_absolute_url()).content.decode()
    assert "Conferir os valores" in pagina
    assert 'href="/fiscal/apuracao/"' in pagina


def test_the_counts_cost_the_same_whatever_the_size(ana: Usuario, servico: Servico, empresas: list[Empresa]) -> None:
    def consultas(run: Processamento) -> int:
        with CaptureQueriesContext(
            connection,
        ) as capturadas:
            andamento(run, ana)
        return len(capturadas)

    pequeno = criar("teste", "P", ana, None, [nova("p0")])
    grande = criar("teste", "G", ana, None, [nova(f"g{n}") for n in range(50)])
    escoar()
    assert consultas(pequeno) == consultas(grande) == 3  # the counts, what was charged, the volume that prices it


@pytest.mark.parametrize("nome", ["processamentos", "lista"])
def test_lists_cost_the_same_with_more_rows(
    client: Client, ana: Usuario, servico: Servico, empresas: list[Empresa], nome: str
) -> None:
    entrar(client, ana)

    def consultas() -> int:
        with CaptureQueriesContext(connection) as capturadas:
            assert client.get(reverse(f"operacoes:{nome}")).status_code == 200
        return len(capturadas)

    criar("teste", "A", ana, OUT, [nova("a", empresa_id=empresas[0].pk)])
    consultas()
    antes = consultas()
    for n in range(10):
        criar("teste", f"B{n}", ana, OUT, [nova(f"b{n}{m}", empresa_id=empresas[m].pk) for m in range(3)])
    assert consultas() == antes


# -- CSV and ZIP ------------------------------------------------------------------------------------------------------


def test_the_csv_has_every_outcome_and_what_stayed_out(client: Client, ana: Usuario, run: Processamento) -> None:
    resposta = entrar(client, ana).get(reverse("operacoes:exportar", args=[run.pk]))
    linhas = resposta.getvalue().decode("utf-8-sig").splitlines()
    assert len(linhas) == 1 + 4 + 1
    assert any("MSG_ISN_035" in linha and "Recusada" in linha for linha in linhas)
    assert "De Fora Ltda" in linhas[-1]


def test_the_csv_keeps_to_the_carteiras(client: Client, bruno: Usuario, run: Processamento) -> None:
    resposta = entrar(client, bruno).get(reverse("operacoes:exportar", args=[run.pk]))
    texto = resposta.getvalue().decode()
    assert "Alheia" not in texto
    assert "De Fora" not in texto


def test_the_zip_has_the_runs_documents_within_the_carteiras(
    client: Client, bruno: Usuario, run: Processamento
) -> None:
    for operacao in run.operacoes.all():
        assert operacao.empresa is not None
        documento = guardar(b"%PDF", empresa=operacao.empresa, tipo="das", nome="DAS.pdf", competencia=OUT)
        operacao.resposta = {"documentos": [str(documento.pk)]}
        operacao.save()
    resposta = entrar(client, bruno).get(reverse("operacoes:documentos", args=[run.pk]))
    nomes = zipfile.ZipFile(io.BytesIO(resposta.getvalue())).namelist()
    assert len(nomes) == 3
    assert not any("Alheia" in nome for nome in nomes)


# -- acts -------------------------------------------------------------------------------------------------------------


def test_repeating_the_refused_sends_them_again_once(client: Client, ana: Usuario, run: Processamento) -> None:
    url = reverse("operacoes:repetir", args=[run.pk])
    entrar(client, ana).post(url, {"tipo": "teste.unico", "grupo": "MSG_ISN_035"})
    client.post(url)
    escoar()
    visto = andamento(run, ana)
    assert (visto.total, visto.concluidas, visto.recusadas, visto.repetidas) == (4, 4, 0, 1)
    assert Auditoria.objects.filter(acao="operacoes.repetir").count() == 1


def test_what_the_handler_will_not_repeat_is_said(
    client: Client, ana: Usuario, run: Processamento, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Unico, "repetir", lambda self, ops, u: {op.pk: "Confira os valores antes." for op in ops})
    resposta = entrar(client, ana).post(reverse("operacoes:repetir", args=[run.pk]), follow=True)
    assert "1 não repetida: Confira os valores antes." in resposta.content.decode()
    assert run.operacoes.count() == 4


def test_repeating_is_not_offered_nor_done_where_it_cannot_help(
    client: Client, ana: Usuario, run: Processamento, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Unico, "repetivel", lambda self, grupo: grupo != "MSG_ISN_035")
    recusada = run.operacoes.get(situacao=Situacao.RECUSADA)
    for pagina in (run.get_absolute_url(), recusada.get_absolute_url()):
        assert ">Repetir" not in entrar(client, ana).get(pagina).content.decode()
    client.post(reverse("operacoes:repetir", args=[run.pk]))
    client.post(reverse("operacoes:repetir_uma", args=[recusada.pk]))
    assert run.operacoes.count() == 4


def test_what_follows_is_counted_apart_and_may_still_grow(client: Client, ana: Usuario, servico: Servico) -> None:
    run = criar("teste", "T", ana, None, [nova("a"), nova("b")])
    vencida = run.operacoes.get(chave="b")
    Operacao.objects.filter(pk=vencida.pk).update(proxima_em=vencida.criada_em + timedelta(hours=1))
    submeter([nova("a:das", tipo="teste.documento")], usuario=ana, processamento=run)
    escoar()
    pagina = entrar(client, ana).get(run.get_absolute_url()).content.decode()
    assert "Efeito único 1 de 2 · Emitir papel 1 de 1 até agora" in pagina
    vencer(vencida)
    escoar()
    pagina = client.get(run.get_absolute_url()).content.decode()
    assert "Efeito único 2 de 2 · Emitir papel 1 de 1<" in pagina


@pytest.mark.parametrize(("suspenso", "traz"), [("0", False), ("1", True)])
def test_the_commands_come_with_the_progress_when_they_no_longer_fit(
    client: Client, ana: Usuario, servico: Servico, suspenso: str, traz: bool
) -> None:
    run = criar("teste", "T", ana, None, [nova("a")])
    pedido = {"parte": "andamento", "suspenso": suspenso}
    entrar(client, ana)
    texto = client.get(run.get_absolute_url(), pedido, headers={"HX-Request": "true"}).content.decode()
    assert ('id="comandos"' in texto) is traz
    escoar()
    texto = client.get(run.get_absolute_url(), pedido, headers={"HX-Request": "true"}).content.decode()
    assert 'id="comandos" hx-swap-oob="true"' in texto
    assert "Suspender" not in texto


def test_the_back_button_asks_for_the_state_again(client: Client, ana: Usuario, run: Processamento) -> None:
    entrar(client, ana)
    for pagina in (run.get_absolute_url(), run.operacoes.all()[0].get_absolute_url(), reverse("operacoes:lista")):
        assert "no-store" in client.get(pagina)["Cache-Control"]


def test_suspending_holds_the_queue_and_continuing_lets_it_go(client: Client, ana: Usuario, servico: Servico) -> None:
    run = criar("teste", "T", ana, None, [nova("a")])
    url = reverse("operacoes:suspender", args=[run.pk])
    entrar(client, ana).post(url, {"suspenso": "1"})
    assert escoar() == 0
    client.post(url, {"suspenso": "0"})
    assert escoar() == 1


def test_lifting_a_pause_from_the_run(
    client: Client, bruno: Usuario, servico: Servico, empresas: list[Empresa]
) -> None:
    run = criar("teste", "T", bruno, None, [nova("a", empresa_id=empresas[0].pk)])
    servico.roteiro["a"] = [AccessDenied("Venceu.", alcance=Alcance.CREDENCIAL, codigo="018")]
    escoar()
    resposta = entrar(client, bruno).post(
        reverse("operacoes:retomar"), {"acesso": ACESSO, "next": run.get_absolute_url()}
    )
    assert resposta["Location"] == run.get_absolute_url()
    assert not Pausa.objects.exists()


def test_an_operador_lifts_no_pause_of_others(client: Client, davi: Usuario, run: Processamento) -> None:
    Pausa.objects.create(acesso=ACESSO, motivo="x")
    assert entrar(client, davi).post(reverse("operacoes:retomar"), {"acesso": ACESSO}).status_code == 404
    assert Pausa.objects.exists()


def test_after_an_act_nobody_is_sent_to_another_site(client: Client, ana: Usuario, servico: Servico) -> None:
    Pausa.objects.create(acesso=ACESSO, motivo="x")
    resposta = entrar(client, ana).post(
        reverse("operacoes:retomar"), {"acesso": ACESSO, "next": "https://mau.exemplo/"}
    )
    assert resposta["Location"] == reverse("operacoes:processamentos")


def test_only_its_owner_or_an_administrator_suspends_a_run(
    client: Client, ana: Usuario, bruno: Usuario, servico: Servico, empresas: list[Empresa]
) -> None:
    run = criar("teste", "Transmitir 168 declarações", ana, None, [nova("a", empresa_id=empresas[0].pk)])
    pagina = entrar(client, bruno).get(run.get_absolute_url()).content.decode()
    assert "Suspender o envio" not in pagina
    assert "168" not in pagina
    assert client.post(reverse("operacoes:suspender", args=[run.pk]), {"suspenso": "1"}).status_code == 403
    assert "168" in entrar(client, ana).get(run.get_absolute_url()).content.decode()


@pytest.mark.parametrize("nome", ["suspender", "repetir"])
def test_consulta_only_reads_runs(client: Client, carla: Usuario, run: Processamento, nome: str) -> None:
    entrar(client, carla)
    assert client.get(run.get_absolute_url()).status_code == 200
    assert client.post(reverse(f"operacoes:{nome}", args=[run.pk])).status_code == 403


@pytest.mark.parametrize("nome", ["resolver", "desistir", "repetir_uma"])
def test_consulta_only_reads_operacoes(client: Client, carla: Usuario, run: Processamento, nome: str) -> None:
    operacao = run.operacoes.order_by("pk")[0]
    entrar(client, carla)
    assert client.get(operacao.get_absolute_url()).status_code == 200
    assert client.post(reverse(f"operacoes:{nome}", args=[operacao.pk])).status_code == 403


@pytest.mark.parametrize("nome", ["ver", "resolver", "desistir", "repetir_uma"])
def test_an_operacao_outside_the_carteiras_does_not_exist(
    client: Client, bruno: Usuario, run: Processamento, nome: str
) -> None:
    alheia = run.operacoes.get(empresa__razao_social="Alheia Ltda")
    entrar(client, bruno)
    url = reverse(f"operacoes:{nome}", args=[alheia.pk])
    assert (client.get(url) if nome == "ver" else client.post(url)).status_code == 404


# -- one by one -------------------------------------------------------------------------------------------------------


def test_the_detail_lays_out_the_attempts(client: Client, ana: Usuario, run: Processamento) -> None:
    operacao = run.operacoes.get(situacao=Situacao.RECUSADA)
    pagina = entrar(client, ana).get(operacao.get_absolute_url()).content.decode()
    assert "1ª · Envio" in pagina
    assert "Repetir 1 · custo R$ 0,40" in pagina
    assert operacao.tentativas.get().tag in pagina


def test_the_words_of_the_protocol_are_folded_away(client: Client, ana: Usuario, em_espera: Operacao) -> None:
    em_espera.tentativas.update(http_status=504, duracao_ms=1234)
    pagina = entrar(client, ana).get(em_espera.get_absolute_url()).content.decode()
    tentativas = pagina[pagina.index("<h2>Tentativas</h2>") : pagina.index("<h2>O que foi aprovado")]
    assert tentativas.count("<summary>Detalhes técnicos</summary>") == em_espera.tentativas.count()
    aberto = re.sub(r"<details.*?</details>", "", tentativas, flags=re.DOTALL)
    for texto in ("Pedido", "Sem consulta", "o serviço falhou (código 504)", "1,2 s", "sem cobrança"):
        assert texto in aberto, texto
    for texto in ("POST", "X-Request-Tag", "trabalhador"):
        assert texto in tentativas
        assert texto not in aberto, texto


def test_repeating_one_opens_the_new_one(client: Client, ana: Usuario, run: Processamento) -> None:
    operacao = run.operacoes.get(situacao=Situacao.RECUSADA)
    resposta = entrar(client, ana).post(reverse("operacoes:repetir_uma", args=[operacao.pk]))
    assert resposta["Location"] == operacao.repetida_por.get_absolute_url()


def test_giving_up_from_the_screen(client: Client, ana: Usuario, servico: Servico) -> None:
    run = criar("teste", "T", ana, None, [nova("a")])
    operacao = run.operacoes.get()
    entrar(client, ana).post(reverse("operacoes:desistir", args=[operacao.pk]))
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.DESISTIDA


@pytest.fixture
def em_espera(servico: Servico, ana: Usuario) -> Operacao:
    servico.roteiro["a"] = [OutcomeUnknown("A conexão caiu.", codigo="SEM-RESPOSTA")]
    operacao = criar("teste", "T", ana, None, [nova("a", tipo="teste.sem_consulta")]).operacoes.get()
    escoar()
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.AGUARDA_PESSOA
    return operacao


def test_a_person_answers_a_doubt(client: Client, ana: Usuario, em_espera: Operacao) -> None:
    entrar(client, ana).post(
        reverse("operacoes:resolver", args=[em_espera.pk]), {"aconteceu": "1", "numero": "Recibo 55"}
    )
    em_espera.refresh_from_db()
    assert (em_espera.situacao, em_espera.resposta["evidencia"]) == ("concluida", "Recibo 55")


def test_an_answer_without_evidence_comes_back_with_its_error(
    client: Client, ana: Usuario, em_espera: Operacao
) -> None:
    resposta = entrar(client, ana).post(reverse("operacoes:resolver", args=[em_espera.pk]), {"aconteceu": "1"})
    assert resposta.status_code == 422
    assert "Escreva o que foi visto no serviço" in resposta.content.decode()


def test_answering_twice_says_it_was_answered(client: Client, ana: Usuario, em_espera: Operacao) -> None:
    url, dados = reverse("operacoes:resolver", args=[em_espera.pk]), {"aconteceu": "0", "motivo": "nada lá"}
    entrar(client, ana).post(url, dados)
    resposta = client.post(url, dados, follow=True)
    assert "Nada foi gravado: a operação já está" in resposta.content.decode()


@pytest.mark.parametrize(
    ("filtro", "quantas"),
    [
        ({"situacao": "recusada"}, 1),
        ({"tipo": "teste.unico"}, 4),
        ({"competencia": "102026"}, 4),
        ({"competencia": "lixo"}, 0),
        ({"processamento": "x"}, 0),
        ({"q": "Alheia"}, 1),
        ({"usuario": "ana"}, 4),
        ({"repetida": "nao"}, 4),
    ],
)
def test_filters_of_the_list(
    client: Client, ana: Usuario, run: Processamento, filtro: dict[str, str], quantas: int
) -> None:
    resposta = entrar(client, ana).get(reverse("operacoes:lista"), filtro)
    assert resposta.context["lista"].total == quantas


def test_the_forecast_uses_the_pace(ana: Usuario, servico: Servico) -> None:
    run = criar("teste", "T", ana, None, [nova(f"k{n}") for n in range(4)])
    Processamento.objects.filter(pk=run.pk).update(criado_em=run.criado_em - timedelta(seconds=60))
    run.refresh_from_db()
    Trabalhador.objects.create(nome="maquina:1:a", vagas=4)
    Operacao.objects.filter(chave="k3").update(proxima_em=run.criado_em + timedelta(hours=1))
    escoar()
    Operacao.objects.filter(chave="k3").update(proxima_em=run.criado_em)
    visto = andamento(run, ana)
    assert visto.ritmo.por_segundo == pytest.approx(3 / 60)
    assert visto.ritmo.termina_em is not None
