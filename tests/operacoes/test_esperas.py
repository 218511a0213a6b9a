"""What holds the queue and why each row waits, in words; services that are held; the screen Operações."""

import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comum.formatos import hora
from comum.models import Auditoria, Usuario
from empresas.models import Carteira
from operacoes import circuito, throttle
from operacoes.errors import OutcomeUnknown
from operacoes.esperas import Estado, contar_operacoes, filas_de
from operacoes.handlers import Limite
from operacoes.models import Balde, Circuito, Operacao, Pausa, Processamento, Situacao, Trabalhador
from operacoes.motor import pausar_servico, retomar_servico
from operacoes.processamentos.andamento import andamento
from operacoes.processamentos.criacao import criar
from tests.cast import criar_empresa
from tests.operacoes.apoio import ACESSO, Papel, Servico, escoar, nova, vencer

pytestmark = pytest.mark.django_db

LISTA = "operacoes:lista"


@pytest.fixture
def trabalhador(db: None) -> None:
    Trabalhador.objects.create(nome="maquina:1:a", vagas=4)


@pytest.fixture
def run(servico: Servico, ana: Usuario, trabalhador: None) -> Processamento:
    novas = [nova("a", prazo=date(2026, 11, 20)), nova("b", prazo=date(2026, 12, 20))]
    return criar("teste", "T", ana, None, novas)


def espera(chave: str) -> str:
    operacao = Operacao.objects.select_related("processamento").get(chave=chave)
    estado = Estado()
    return estado.espera(operacao, filas_de([operacao], estado))


def ligar(circuito_em: str = "teste", minutos: int = 8) -> Circuito:
    """The service's circuit, open since twelve minutes ago and to be tried in `minutos`."""
    circuito.falhou(circuito_em, "Erro 503.", de_vez=True)
    agora = timezone.now()
    Circuito.objects.filter(pk=circuito_em).update(
        aberto_desde=agora - timedelta(minutes=12), tentar_em=agora + timedelta(minutes=minutos)
    )
    return Circuito.objects.get(pk=circuito_em)


# -- why a row waits --------------------------------------------------------------------------------------------------


def _suspender(run: Processamento) -> None:
    Processamento.objects.filter(pk=run.pk).update(suspenso=True)


def _pausar(run: Processamento) -> None:
    Pausa.objects.create(acesso=ACESSO, motivo="O certificado venceu.")


def _bloquear(run: Processamento) -> None:
    throttle.bloquear(f"teste:{ACESSO}", 300)


def _sem_trabalhador(run: Processamento) -> None:
    Trabalhador.objects.all().delete()


def _adiar(run: Processamento) -> None:
    run.operacoes.update(proxima_em=timezone.now() + timedelta(hours=1))


@pytest.mark.parametrize(
    ("prender", "dito"),
    [
        (_suspender, "está suspenso"),
        (_pausar, "acesso em pausa desde"),
        (lambda run: ligar(), "Serviço de teste fora do ar desde"),
        (_bloquear, "limite de chamadas do serviço até"),
        (_sem_trabalhador, "nenhum trabalhador ativo"),
        (_adiar, "nova tentativa às"),
    ],
)
def test_a_waiting_row_says_why(run: Processamento, prender: Callable[[Processamento], None], dito: str) -> None:
    prender(run)
    assert dito in espera("a")


def test_a_later_deadline_says_what_goes_first(run: Processamento) -> None:
    assert espera("b") == "na fila: vai antes o que vence em 20/11/2026"
    assert espera("a").startswith("na fila: o serviço aceita")


def test_what_may_not_be_taken_now_goes_before_nobody(run: Processamento, ana: Usuario) -> None:
    Operacao.objects.filter(chave="a").update(proxima_em=timezone.now() + timedelta(hours=1))
    assert espera("b").startswith("na fila: o serviço aceita")
    outro = criar("teste", "T2", ana, None, [nova("c", prazo=date(2026, 11, 20))])
    assert espera("b") == "na fila: vai antes o que vence em 20/11/2026"
    _suspender(outro)
    assert espera("b").startswith("na fila: o serviço aceita")


def test_a_doubt_says_when_it_is_asked_next(servico: Servico, ana: Usuario, trabalhador: None) -> None:
    servico.roteiro["a"] = [OutcomeUnknown("A conexão caiu.")]
    criar("teste", "T", ana, None, [nova("a")])
    escoar()
    operacao = Operacao.objects.get(chave="a")
    assert espera("a") == f"1ª pergunta ao serviço às {hora(operacao.proxima_em)}"


def test_what_is_done_waits_for_nothing(run: Processamento) -> None:
    escoar()
    assert espera("a") == ""


# -- what holds the queue, in one sentence ----------------------------------------------------------------------------


def test_an_open_circuit_in_words(run: Processamento) -> None:
    aberto = ligar()
    assert aberto.aberto_desde is not None
    assert aberto.tentar_em is not None
    (retida,) = Estado().retidas(Operacao.objects.all())
    volta = hora(aberto.tentar_em + timedelta(seconds=59))
    assert retida.texto == (
        f"Serviço de teste fora do ar desde {hora(aberto.aberto_desde)}; 2 aguardam; tenta de novo às {volta}."
    )
    assert retida.detalhe == "Erro 503."


def test_a_blocked_bucket_in_words(run: Processamento) -> None:
    throttle.bloquear(f"teste:{ACESSO}", 300)
    (retida,) = Estado().retidas(Operacao.objects.all())
    assert "o serviço limitou as chamadas; 2 aguardam; o envio continua sozinho às" in retida.texto


def test_a_row_whose_document_is_at_its_limit_says_so(
    run: Processamento, ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own queue is free: the blocked limit is one of the document's."""
    do_papel = [Limite(f"papel:{n}", 10, timedelta(seconds=1)) for n in "12"]
    monkeypatch.setattr(Papel, "limites_do_pedido", lambda self, pedido, acesso: do_papel)
    criar("teste", "T2", ana, None, [nova("p", tipo="teste.documento")])
    throttle.bloquear("papel:1", 60)
    throttle.bloquear("papel:2", 300)
    livre_em = Balde.objects.get(pk="papel:2").bloqueado_ate
    assert livre_em is not None
    ate = hora(livre_em + timedelta(seconds=59))
    assert espera("p") == f"limite de chamadas do serviço até {ate}"
    assert espera("a").startswith("na fila")
    (retida,) = Estado().retidas(Operacao.objects.all())
    assert retida.texto == f"{ACESSO}: o serviço limitou as chamadas; 1 aguarda; o envio continua sozinho às {ate}."


def test_what_holds_nothing_of_mine_is_not_told(run: Processamento, bruno: Usuario, client: Client) -> None:
    ligar()
    client.force_login(bruno)
    for endereco in ("/", reverse(LISTA)):
        assert "2 aguardam" not in client.get(endereco).content.decode()


def test_the_banner_is_on_the_first_page_and_on_the_run(run: Processamento, ana: Usuario, client: Client) -> None:
    ligar()
    client.force_login(ana)
    for endereco in ("/", run.get_absolute_url(), reverse(LISTA)):
        assert "Serviço de teste fora do ar desde" in client.get(endereco).content.decode(), endereco


# -- holding a service ------------------------------------------------------------------------------------------------


def test_a_held_service_sends_and_asks_nothing_while_others_go_on(servico: Servico, ana: Usuario) -> None:
    servico.roteiro["duvida"] = [("depois", OutcomeUnknown("A conexão caiu."))]
    criar("teste", "T", ana, None, [nova("duvida")])
    escoar()
    vencer(Operacao.objects.get(chave="duvida"))
    assert pausar_servico("teste", "Manutenção do portal", ana)
    assert not pausar_servico("teste", "De novo", ana)
    criar("teste", "T2", ana, None, [nova("a"), nova("outro", tipo="teste.outro")])
    escoar()
    assert servico.livro == ["duvida", "outro"]
    assert servico.perguntas == 0
    assert retomar_servico("teste", ana)
    assert not retomar_servico("teste", ana)
    escoar()
    assert servico.livro == ["duvida", "outro", "a"]
    assert set(Operacao.objects.values_list("situacao", flat=True)) == {Situacao.CONCLUIDA}
    assert list(Auditoria.objects.filter(objeto="servico:teste").order_by("pk").values_list("acao", flat=True)) == [
        "operacoes.pausar_servico",
        "operacoes.retomar_servico",
    ]


def test_a_hold_outlives_failures_and_recoveries_of_the_service(servico: Servico, ana: Usuario) -> None:
    pausar_servico("teste", "", ana)
    circuito.falhou("teste", "Erro 503.", de_vez=True)
    circuito.fechar("teste")
    criar("teste", "T", ana, None, [nova("a")])
    escoar()
    assert servico.livro == []


def test_an_administrator_holds_and_frees_a_service_from_the_screen(
    client: Client, ana: Usuario, run: Processamento, servico: Servico
) -> None:
    client.force_login(ana)
    pausar = reverse("operacoes:pausar_servico", args=["teste"])
    assert "Pausar Serviço de teste" in client.get(pausar).content.decode()
    client.post(pausar, {"motivo": "Manutenção"})
    filtrada = f"{reverse(LISTA)}?situacao=pendente"
    pagina = client.get(filtrada).content.decode()
    assert "Serviço de teste em pausa desde" in pagina
    assert "por Ana; 2 aguardam. Manutenção" in pagina
    assert escoar() == 0
    assert f'name="next" value="{filtrada}"' in pagina
    volta = client.post(reverse("operacoes:retomar_servico", args=["teste"]), {"next": filtrada})
    assert volta.headers["Location"] == filtrada  # the list stays as it was filtered
    escoar()
    assert servico.livro == ["a", "b"]


@pytest.mark.parametrize("nome", ["pausar_servico", "retomar_servico"])
def test_only_an_administrator_holds_a_service(client: Client, bruno: Usuario, run: Processamento, nome: str) -> None:
    client.force_login(bruno)
    assert client.post(reverse(f"operacoes:{nome}", args=["teste"])).status_code == 403
    assert not Circuito.objects.filter(pausado_desde__isnull=False).exists()
    assert "Pausar" not in client.get(reverse(LISTA)).content.decode().replace("Pausar atualização", "")


def test_a_service_nobody_knows_is_not_held(client: Client, ana: Usuario) -> None:
    client.force_login(ana)
    assert client.post(reverse("operacoes:pausar_servico", args=["lixo"])).status_code == 404
    assert not Circuito.objects.exists()


# -- the screen -------------------------------------------------------------------------------------------------------


def test_the_tabs_count_what_is_shown(client: Client, ana: Usuario, run: Processamento) -> None:
    client.force_login(ana)
    resposta = client.get(reverse(LISTA), {"situacao": "pendente"})
    abas = {valor: n for valor, _, n in resposta.context["abas"]}
    assert abas["pendente"] == 2 == resposta.context["lista"].total
    escoar()
    resposta = client.get(reverse(LISTA), {"situacao": "abertas"})
    assert {n for _, _, n in resposta.context["abas"]} == {0}
    assert resposta.context["lista"].total == 0


@pytest.mark.parametrize(
    ("filtro", "quantas"),
    [
        ({"servico": "teste"}, 2),
        ({"servico": "outro_teste"}, 1),
        ({"usuario": "ana"}, 3),
        ({"usuario": "bruno"}, 0),
        ({"situacao": "abertas"}, 3),
    ],
)
def test_the_tabs_follow_the_filters(
    client: Client, ana: Usuario, bruno: Usuario, run: Processamento, filtro: dict[str, str], quantas: int
) -> None:
    criar("teste", "T2", ana, None, [nova("outro", tipo="teste.outro")])
    client.force_login(ana)
    resposta = client.get(reverse(LISTA), filtro)
    assert resposta.context["lista"].total == quantas
    assert resposta.context["quadro"].em_aberto == quantas


def test_the_list_follows_the_empresa_of_the_filter_and_of_the_top_bar(
    client: Client, bruno: Usuario, servico: Servico, carteira: Carteira, outra_carteira: Carteira
) -> None:
    uma, outra = criar_empresa(1, carteira=carteira), criar_empresa(2, carteira=carteira)
    alheia = criar_empresa(3, carteira=outra_carteira, razao_social="Alheia Ltda")
    criar("teste", "T", bruno, None, [nova(f"e{e.pk}", empresa_id=e.pk) for e in (uma, outra, alheia)])
    client.force_login(bruno)
    assert client.get(reverse(LISTA)).context["lista"].total == 2
    assert client.get(reverse(LISTA), {"empresa": uma.pk}).context["lista"].total == 1
    fora = client.get(reverse(LISTA), {"empresa": alheia.pk})
    assert fora.context["lista"].total == 0
    assert "Alheia" not in fora.content.decode()
    client.post(reverse("contexto"), {"competencia": "10/2026", "empresa": outra.pk})
    resposta = client.get(reverse(LISTA))
    assert (resposta.context["lista"].total, resposta.context["quadro"].em_aberto) == (1, 1)


def test_an_operador_is_offered_only_the_colleagues_of_the_carteiras(
    client: Client, bruno: Usuario, carla: Usuario, davi: Usuario, ana: Usuario
) -> None:
    client.force_login(bruno)
    filtro = next(f for f, _ in client.get(reverse(LISTA)).context["filtros"] if f.nome == "usuario")
    assert [username for username, _ in filtro.opcoes] == ["ana", "bruno", "carla"]


def test_the_poll_brings_the_table_and_the_state_above_it(client: Client, ana: Usuario, run: Processamento) -> None:
    client.force_login(ana)
    texto = client.get(reverse(LISTA), {"situacao": "pendente"}, headers={"HX-Request": "true"}).content.decode()
    assert 'id="tabela"' in texto
    assert 'id="situacao" hx-swap-oob="true"' in texto
    assert "<html" not in texto


def test_the_pace_tells_when_it_ends(run: Processamento, ana: Usuario, servico: Servico) -> None:
    criar("teste", "T2", ana, None, [nova(f"k{n}") for n in range(10)])
    Operacao.objects.filter(chave__in=["a", "b"]).update(proxima_em=timezone.now() + timedelta(hours=1))
    escoar()
    Operacao.objects.filter(chave="a").update(proxima_em=Now())
    quadro = contar_operacoes(Operacao.objects.all(), Estado())
    assert (quadro.andando, quadro.ritmo.esperam) == (2, 1)
    assert quadro.ritmo.por_segundo == pytest.approx(10 / 60)
    assert quadro.ritmo.termina_em is not None
    assert (quadro.ritmo.termina_em - timezone.now()).total_seconds() == pytest.approx(6, abs=1)
    Operacao.objects.filter(encerrada_em__isnull=False).update(encerrada_em=Now() - timedelta(minutes=5))
    assert contar_operacoes(Operacao.objects.all(), Estado()).ritmo.termina_em is None


@pytest.mark.parametrize("prender", [_suspender, _pausar, lambda run: ligar(), _bloquear, _sem_trabalhador, _adiar])
def test_what_is_held_or_not_due_has_no_hour_to_end(
    run: Processamento, ana: Usuario, prender: Callable[[Processamento], None]
) -> None:
    """On the screen of all operações and on the page of the run alike."""
    Operacao.objects.filter(chave="b").update(situacao="concluida", encerrada_em=Now())
    assert andamento(run, ana).ritmo.termina_em is not None
    prender(run)
    run.refresh_from_db()
    for ritmo in (contar_operacoes(Operacao.objects.all(), Estado()).ritmo, andamento(run, ana).ritmo):
        assert ritmo.por_segundo > 0
        assert ritmo.termina_em is None


def test_what_lacks_its_add_on_has_no_hour_to_end(servico: Servico, ana: Usuario, trabalhador: None) -> None:
    criar("teste", "T", ana, None, [nova("a"), nova("b", tipo="teste.adicional")])
    escoar()
    quadro = contar_operacoes(Operacao.objects.all(), Estado())
    assert (quadro.ritmo.termina_em, quadro.ritmo.por_segundo > 0) == (None, True)


def test_what_is_being_sent_does_not_wait_for_its_service(run: Processamento) -> None:
    ligar()
    Operacao.objects.filter(chave="a").update(situacao="enviando", tentativa_atual=uuid.uuid4())
    estado = Estado()
    quadro = contar_operacoes(Operacao.objects.all(), estado)
    (retida,) = estado.retidas(Operacao.objects.all())
    assert (quadro.andando, quadro.por_servico, retida.quantas) == (2, {"teste": 1}, 1)


def test_an_end_on_another_day_says_the_day(client: Client, run: Processamento, ana: Usuario) -> None:
    Operacao.objects.filter(chave="b").update(situacao="concluida", encerrada_em=Now())
    criar("teste", "T2", ana, None, [nova(f"k{n}") for n in range(60)])
    with time_machine.travel(datetime.combine(timezone.localdate(), time(23, 59), timezone.get_current_timezone())):
        client.force_login(ana)  # then, or in the small hours the log-in would be half a day old by 23:59
        amanha = timezone.localdate() + timedelta(days=1)
        assert f"termina por volta de {amanha:%d/%m} " in client.get(reverse(LISTA)).content.decode()


def test_the_screen_costs_the_same_with_more_rows_and_more_held(
    client: Client, ana: Usuario, run: Processamento
) -> None:
    client.force_login(ana)

    def consultas() -> int:
        client.get(reverse(LISTA))
        with CaptureQueriesContext(connection) as capturadas:
            assert client.get(reverse(LISTA)).status_code == 200
        return len(capturadas)

    ligar()
    Pausa.objects.create(acesso=ACESSO, motivo="x")
    antes = consultas()
    criar("teste", "T2", ana, None, [nova(f"k{n}") for n in range(40)])
    throttle.bloquear(f"teste:{ACESSO}", 300)
    assert consultas() == antes


def test_the_counts_of_open_rows_do_not_read_what_is_done(run: Processamento) -> None:
    """Each part of the count has an index of its own, whose condition leaves the done ones out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'operacoes_operacao'")
        indices = dict(cursor.fetchall())
    assert "INCLUDE (situacao, servico, acesso, tipo, empresa_id)" in indices["operacao_fila"]
    assert "situacao)::text = 'aguarda_pessoa'" in indices["operacao_pessoa"]
    assert "situacao)::text = 'recusada'" in indices["operacao_recusada"]
    assert "USING brin (encerrada_em)" in indices["operacao_encerrada"]
