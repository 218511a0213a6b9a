"""A doubt that waits for a person: what each handler declares, the evidence on the page, the two answers, the queue."""

import hashlib
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comum.models import Auditoria, Usuario
from empresas.models import Carteira, Empresa
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown
from operacoes.handlers import Handler, todos
from operacoes.models import Efeito, Operacao, Situacao, Tentativa
from operacoes.motor import EstadoErrado, resolver, submeter
from operacoes.motor.tomada import tomar
from operacoes.processamentos.criacao import criar
from tests.cast import criar_empresa
from tests.operacoes.apoio import SemConsulta, Servico, escoar, executar, nova, passar_o_tempo, vencer

pytestmark = pytest.mark.django_db

OUT = date(2026, 10, 1)
PDF = b"%PDF-1.4 recibo"


def pdf(conteudo: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile("recibo.pdf", conteudo, "application/pdf")


# -- what a handler declares ------------------------------------------------------------------------------------------


def defeitos(handler: Handler) -> list[str]:
    """What is missing for a person to be able to settle a doubt of this kind."""
    pergunta = type(handler).conferir is not Handler.conferir
    prova = getattr(handler, "prova", None)
    achados = []
    if prova is None:
        achados.append("does not say what proves the effect (prova)")
    elif bool(prova) and not pergunta:
        achados.append("says what proves the effect and cannot ask")
    elif not prova and pergunta and handler.efeito == Efeito.UNICO and handler.tipo != "teste.sem_consulta":
        achados.append("asks and does not say what proves the effect")
    if not getattr(handler, "onde_conferir", ""):
        achados.append("does not say what to look for on the service's own site (onde_conferir)")
    return achados


@pytest.mark.parametrize("handler", todos(), ids=lambda handler: handler.tipo)
def test_every_handler_says_what_proves_its_effect_and_where_a_person_looks(handler: Handler) -> None:
    assert defeitos(handler) == []


def test_a_handler_that_declares_neither_is_found_out() -> None:
    class Calado(SemConsulta):
        pass

    for nome in ("prova", "onde_conferir"):
        setattr(Calado, nome, None)
    assert len(defeitos(Calado())) == 2


# -- the page ---------------------------------------------------------------------------------------------------------


def duvida(servico: Servico, usuario: Usuario, *chaves: str, empresas: list[Empresa] | None = None) -> list[Operacao]:
    """Sendings whose answer was lost, of a service that cannot be asked: each waits for a person."""
    for chave in chaves:
        servico.roteiro[chave] = [("depois", OutcomeUnknown("A conexão caiu.", codigo="SEM-RESPOSTA", texto="reset"))]
    novas = [
        nova(
            chave,
            tipo="teste.sem_consulta",
            prazo=date(2026, 11, 20 + n),
            competencia=OUT,
            empresa_id=empresas[n].pk if empresas else None,
        )
        for n, chave in enumerate(chaves)
    ]
    criar("teste", "T", usuario, OUT, novas)
    escoar()
    for operacao in Operacao.objects.filter(chave__in=chaves):
        vencer(operacao)
    escoar()
    feitas = list(Operacao.objects.filter(chave__in=chaves).order_by("prazo"))
    assert {o.situacao for o in feitas} == {Situacao.AGUARDA_PESSOA}
    return feitas


@pytest.fixture
def em_espera(servico: Servico, ana: Usuario) -> Operacao:
    return duvida(servico, ana, "a")[0]


def url(operacao: Operacao) -> str:
    return reverse("operacoes:resolver", args=[operacao.pk])


def test_the_page_lays_out_the_evidence(client: Client, ana: Usuario, em_espera: Operacao) -> None:
    client.force_login(ana)
    pagina = client.get(em_espera.get_absolute_url()).content.decode()
    envio = em_espera.tentativas.get(especie=Tentativa.Especie.ENVIO)
    local = timezone.localtime(envio.iniciada_em)
    for texto in (
        "Sem consulta, competência 10/2026",
        f"{local:%d/%m/%Y %H:%M:%S}",
        envio.tag,
        "resultado desconhecido",
        "SEM-RESPOSTA",
        "não oferece consulta que prove",
        "No portal do serviço de teste",
        "será enviada de novo",
    ):
        assert texto in pagina, texto


@pytest.mark.parametrize(("status", "dito"), [(504, "o serviço falhou (código 504)"), (200, "resposta com código 200")])
def test_what_came_back_is_told_without_the_protocol(
    client: Client, ana: Usuario, em_espera: Operacao, status: int, dito: str
) -> None:
    envio = em_espera.tentativas.filter(especie=Tentativa.Especie.ENVIO)
    envio.update(http_status=status, recebido={"chamadas": [{"status": status}]})
    client.force_login(ana)
    pagina = client.get(em_espera.get_absolute_url()).content.decode()
    assert pagina.count(dito) == 3
    assert f"HTTP {status}" not in pagina


def test_it_happened_keeps_the_number_and_the_file(
    client: Client, ana: Usuario, em_espera: Operacao, servico: Servico
) -> None:
    client.force_login(ana)
    client.post(url(em_espera), {"aconteceu": "1", "numero": "123", "arquivo": pdf()})
    em_espera.refresh_from_db()
    assert (em_espera.situacao, em_espera.resposta["numero"]) == ("concluida", "123")
    assert SemConsulta.arquivos == [PDF]
    dito = Auditoria.objects.get(acao="operacoes.resolver")
    assert (dito.usuario, dito.dados["evidencia"]) == (ana, "123")
    assert dito.dados["arquivo_sha256"] == hashlib.sha256(PDF).hexdigest()
    escoar()
    assert servico.enviadas == ["a"]


def test_it_did_not_happen_sends_it_once_more(
    client: Client, ana: Usuario, em_espera: Operacao, servico: Servico
) -> None:
    client.force_login(ana)
    for _ in range(2):
        client.post(url(em_espera), {"aconteceu": "0", "motivo": "Nada no portal às 10h"})
    escoar()
    em_espera.refresh_from_db()
    assert em_espera.situacao == Situacao.CONCLUIDA
    assert servico.enviadas == ["a", "a"]
    assert Auditoria.objects.filter(acao="operacoes.resolver").count() == 1


@pytest.mark.parametrize(
    ("dados", "dito", "guardado"),
    [
        ({"aconteceu": "1", "numero": ""}, "Escreva o que foi visto", ""),
        ({"aconteceu": "1", "numero": "12x"}, "só algarismos", 'value="12x"'),
        ({"aconteceu": "1", "numero": "12", "arquivo": pdf(b"GIF89a")}, "não é um PDF", 'value="12"'),
        ({"aconteceu": "0", "motivo": "  "}, "onde foi conferido", ""),
    ],
)
def test_an_incomplete_answer_changes_nothing_and_keeps_what_was_typed(
    client: Client, ana: Usuario, em_espera: Operacao, dados: dict[str, object], dito: str, guardado: str
) -> None:
    client.force_login(ana)
    resposta = client.post(url(em_espera), dados)
    pagina = resposta.content.decode()
    assert resposta.status_code == 422
    assert dito in pagina
    assert guardado in pagina
    em_espera.refresh_from_db()
    assert em_espera.situacao == Situacao.AGUARDA_PESSOA


def test_what_may_still_arrive_is_not_sent_again(
    client: Client, ana: Usuario, em_espera: Operacao, monkeypatch: pytest.MonkeyPatch, servico: Servico
) -> None:
    monkeypatch.setattr(SemConsulta, "demora_maxima", timedelta(minutes=5))
    with pytest.raises(EstadoErrado, match="ainda pode registrar"):
        resolver(em_espera, False, "Nada no portal", ana)
    client.force_login(ana)
    assert "ainda pode registrar este envio até" in client.get(em_espera.get_absolute_url()).content.decode()
    resposta = client.post(url(em_espera), {"aconteceu": "0", "motivo": "Nada no portal"})
    assert resposta.status_code == 422
    assert "Nada no portal" in resposta.content.decode()
    resolver(passar_o_tempo(em_espera, timedelta(minutes=6)), False, "Nada no portal", ana)
    escoar()
    assert servico.enviadas == ["a", "a"]


def test_a_document_is_only_received_with_its_file(
    client: Client, ana: Usuario, servico: Servico, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SemConsulta, "efeito", Efeito.DOCUMENTO)
    operacao = criar("teste", "T", ana, OUT, [nova("d", tipo="teste.sem_consulta")]).operacoes.get()
    Operacao.objects.filter(pk=operacao.pk).update(situacao=Situacao.AGUARDA_PESSOA)
    client.force_login(ana)
    assert client.post(url(operacao), {"aconteceu": "1", "numero": "9"}).status_code == 422
    client.post(url(operacao), {"aconteceu": "1", "numero": "9", "arquivo": pdf()})
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.CONCLUIDA
    assert SemConsulta.arquivos == [PDF]


def test_a_document_that_takes_no_file_can_only_be_drawn_again(client: Client, ana: Usuario, servico: Servico) -> None:
    operacao = criar("teste", "T", ana, OUT, [nova("d", tipo="teste.documento")]).operacoes.get()
    Operacao.objects.filter(pk=operacao.pk).update(situacao=Situacao.AGUARDA_PESSOA)
    client.force_login(ana)
    pagina = client.get(operacao.get_absolute_url()).content.decode()
    assert ">Aconteceu</button>" not in pagina
    assert ">Não aconteceu</button>" in pagina


# -- one after the other ----------------------------------------------------------------------------------------------


def test_answered_one_after_the_other_in_the_order_of_the_deadlines(
    client: Client, ana: Usuario, servico: Servico
) -> None:
    a, b, c = duvida(servico, ana, "a", "b", "c")
    client.force_login(ana)
    assert client.get(reverse("operacoes:responder"))["Location"] == a.get_absolute_url()
    pagina = client.get(b.get_absolute_url()).content.decode()
    assert "2 de 3" in pagina
    assert f'href="{a.get_absolute_url()}"' in pagina
    assert f'href="{c.get_absolute_url()}"' in pagina
    assert client.post(url(b), {"aconteceu": "1", "numero": "1"})["Location"] == c.get_absolute_url()
    assert client.post(url(c), {"aconteceu": "1", "numero": "2"})["Location"] == a.get_absolute_url()
    assert client.post(url(a), {"aconteceu": "1", "numero": "3"})["Location"] == a.get_absolute_url()
    assert client.get(reverse("operacoes:responder"))["Location"] == reverse("operacoes:lista")


def test_the_queue_is_of_ones_own_carteiras(
    client: Client, bruno: Usuario, ana: Usuario, servico: Servico, carteira: Carteira, outra_carteira: Carteira
) -> None:
    empresas = [criar_empresa(1, carteira=outra_carteira), criar_empresa(2, carteira=carteira)]
    alheia, minha = duvida(servico, ana, "a", "b", empresas=empresas)
    client.force_login(bruno)
    assert client.get(reverse("operacoes:responder"))["Location"] == minha.get_absolute_url()
    assert alheia.get_absolute_url() not in client.get(minha.get_absolute_url()).content.decode()
    inicio = client.get("/").content.decode()
    assert "1 operação aguarda resposta de uma pessoa" in inicio
    assert minha.get_absolute_url() in inicio
    assert alheia.get_absolute_url() not in inicio


def test_who_consults_sees_the_evidence_and_no_answer(
    client: Client, carla: Usuario, ana: Usuario, servico: Servico, carteira: Carteira
) -> None:
    (operacao,) = duvida(servico, ana, "a", empresas=[criar_empresa(1, carteira=carteira)])
    client.force_login(carla)
    pagina = client.get(operacao.get_absolute_url()).content.decode()
    assert "O que se sabe deste envio" in pagina
    assert ">Aconteceu</button>" not in pagina
    assert client.post(url(operacao), {"aconteceu": "1", "numero": "1"}).status_code == 403


def test_the_page_costs_the_same_however_many_wait(client: Client, ana: Usuario, servico: Servico) -> None:
    client.force_login(ana)

    def consultas(operacao: Operacao) -> int:
        client.get(operacao.get_absolute_url())
        with CaptureQueriesContext(connection) as capturadas:
            client.get(operacao.get_absolute_url())
        return len(capturadas)

    duvida(servico, ana, "x", "y", "z")
    tres = Operacao.objects.get(chave="y")
    antes = consultas(tres)
    for vez in range(2):  # five lost answers in a row would open the circuit
        duvida(servico, ana, *(f"k{vez}{n}" for n in range(4)))
    assert consultas(tres) == antes


def test_a_service_that_could_not_be_asked_is_asked_again(client: Client, servico: Servico, ana: Usuario) -> None:
    """What kept the question from being answered was mended: the row goes back to be asked about, never to be sent."""
    servico.roteiro["p"] = [("depois", OutcomeUnknown("A conexão caiu."))]
    servico.conferencias = [AccessDenied("Falta procuração. Peça-a e repita.", alcance=Alcance.EMPRESA, codigo="022")]
    operacao = submeter([nova("p")], usuario=ana).criadas[0]
    escoar()
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert (operacao.situacao, operacao.codigo) == (Situacao.AGUARDA_PESSOA, "022")
    assert "repita" not in operacao.mensagem
    client.force_login(ana)
    pagina = client.get(operacao.get_absolute_url()).content.decode()
    assert "Perguntar de novo ao serviço" in pagina

    client.post(reverse("operacoes:perguntar", args=[operacao.pk]))
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.INCERTA
    assert Auditoria.objects.filter(acao="operacoes.perguntar", usuario=ana).count() == 1
    escoar()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.CONCLUIDA
    assert servico.livro == ["p"]


def test_who_cannot_wait_for_the_next_question_asks_at_once(client: Client, servico: Servico, ana: Usuario) -> None:
    servico.roteiro["p"] = [("depois", OutcomeUnknown("A conexão caiu."))]
    operacao = submeter([nova("p")], usuario=ana).criadas[0]
    escoar()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.INCERTA
    assert escoar() == 0  # the next question is due later
    client.force_login(ana)
    assert ">Perguntar agora</button>" in client.get(operacao.get_absolute_url()).content.decode()
    perguntar = reverse("operacoes:perguntar", args=[operacao.pk])
    Operacao.objects.filter(pk=operacao.pk).update(perguntas=2)
    assert "está na fila" in client.post(perguntar, follow=True).content.decode()
    operacao.refresh_from_db()
    assert operacao.perguntas == 1  # this one does not put off the machine's own next one
    tomada = tomar(operacao.balde)
    assert tomada is not None
    assert "já está em curso" in client.post(perguntar, follow=True).content.decode()
    executar(tomada)
    operacao.refresh_from_db()
    assert (operacao.situacao, servico.livro) == (Situacao.CONCLUIDA, ["p"])


def test_a_service_without_questions_is_not_asked_again(client: Client, ana: Usuario, em_espera: Operacao) -> None:
    client.force_login(ana)
    assert "Perguntar de novo" not in client.get(em_espera.get_absolute_url()).content.decode()
    client.post(reverse("operacoes:perguntar", args=[em_espera.pk]))
    em_espera.refresh_from_db()
    assert em_espera.situacao == Situacao.AGUARDA_PESSOA


def test_who_answers_second_is_told_and_nothing_is_written(client: Client, ana: Usuario, em_espera: Operacao) -> None:
    client.force_login(ana)
    client.post(url(em_espera), {"aconteceu": "0", "motivo": "Não consta no portal."})
    resposta = client.post(url(em_espera), {"aconteceu": "1", "numero": ""}, follow=True)
    assert resposta.status_code == 200
    assert "Nada foi gravado: a operação já está" in resposta.content.decode()
