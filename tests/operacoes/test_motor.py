"""Intent, claim, outcome: the rules of docs/motor.md on a service in memory, one situation per test."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from comum.models import Adicional, Auditoria, Usuario
from operacoes import circuito, custos, tasks
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderRefused, ProviderUnavailable
from operacoes.handlers import Aconteceu, NaoAconteceu, NaoSei, Repeticao
from operacoes.http import Chamadas
from operacoes.models import (
    Balde,
    Circuito,
    Classe,
    FaixaPreco,
    Operacao,
    Pausa,
    Situacao,
    TabelaPreco,
    Tentativa,
    Trabalhador,
)
from operacoes.motor import (
    EstadoErrado,
    desfecho,
    desistir,
    execucao,
    nova_revisao,
    recuperacao,
    resolver,
    retomar,
    submeter,
)
from operacoes.motor.desfecho import LIMITE_DUVIDAS, LIMITE_FALHAS, LIMITE_PERGUNTAS
from operacoes.motor.tomada import tomar
from operacoes.processamentos.criacao import criar
from tests.operacoes.apoio import (
    ACESSO,
    Demorado,
    Papel,
    Servico,
    Unico,
    escoar,
    executar,
    nova,
    passar_o_tempo,
    vencer,
)

pytestmark = pytest.mark.django_db

PERDIDA = OutcomeUnknown("Enviada; a conexão caiu antes da resposta.", codigo="SEM-RESPOSTA")
FORA_DO_AR = ProviderUnavailable("O serviço não respondeu.", codigo="SEM-CONEXAO")


def uma(chave: str = "a", **campos: object) -> Operacao:
    return submeter([nova(chave, **campos)], usuario=None).criadas[0]  # type: ignore[arg-type]


def desfechos(operacao: Operacao) -> list[str]:
    return [t.desfecho for t in operacao.tentativas.order_by("iniciada_em")]


# -- intent ---------------------------------------------------------------------------------------------------------


def test_the_same_intent_twice_is_one_row(servico: Servico) -> None:
    primeira = uma("a")
    segunda = submeter([nova("a"), nova("b"), nova("b")], usuario=None)
    assert [o.pk for o in segunda.existentes] == [primeira.pk]
    assert [o.chave for o in segunda.criadas] == ["b"]


def test_submitting_enqueues_jobs_in_the_same_transaction(servico: Servico) -> None:
    def jobs() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'operacoes.drenar'")
            return int(cursor.fetchone()[0])

    antes = jobs()
    with transaction.atomic():
        submeter([nova("a"), nova("b")], usuario=None)
        dentro = jobs()
        transaction.set_rollback(True)
    assert (dentro - antes, jobs() - antes, Operacao.objects.count()) == (1, 0, 0)


def test_the_pedido_never_changes(servico: Servico) -> None:
    operacao = uma()
    with pytest.raises(DatabaseError), transaction.atomic():
        Operacao.objects.filter(pk=operacao.pk).update(pedido={"outro": 1})


def test_nothing_tried_is_deleted(servico: Servico) -> None:
    operacao = uma()
    escoar()
    with pytest.raises(DatabaseError), transaction.atomic():
        Tentativa.objects.filter(operacao=operacao).delete()


# -- the good way ---------------------------------------------------------------------------------------------------


def test_a_sent_operation_is_done_with_its_answer_and_cost(servico: Servico) -> None:
    operacao = uma()
    assert escoar() == 1
    operacao.refresh_from_db()
    assert (operacao.situacao, operacao.resposta, str(operacao.custo)) == ("concluida", {"numero": 1}, "0.4000")
    assert operacao.encerrada_em is not None
    assert operacao.tentativa_atual is None


def test_the_attempt_keeps_what_went_and_came(servico: Servico) -> None:
    operacao = uma()
    escoar()
    tentativa = operacao.tentativas.get()
    assert tentativa.enviado["chamadas"][0]["enviado"] == {"chave": "a"}
    assert tentativa.recebido["chamadas"][0]["recebido"] == {"numero": 1}
    assert (tentativa.http_status, tentativa.cobrancas) == (200, ["declaracao"])


def test_a_second_worker_finds_nothing_to_claim(servico: Servico) -> None:
    uma()
    assert tomar("teste:conta:1") is not None
    assert tomar("teste:conta:1") is None


def test_a_duplicated_job_changes_nothing(servico: Servico) -> None:
    uma()
    execucao.drenar("teste:conta:1")
    execucao.drenar("teste:conta:1")
    assert servico.livro == ["a"]


def test_accepted_for_later_is_followed_until_decided(servico: Servico) -> None:
    servico.conferencias = [NaoSei(timedelta(seconds=1))]
    operacao = uma(tipo="teste.demorado")
    escoar()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.ACEITA
    for _ in range(2):
        vencer(operacao)
        escoar()
    operacao.refresh_from_db()
    assert (operacao.situacao, operacao.resposta) == ("concluida", {"protocolo": "P1", "numero": 1})


# -- order ----------------------------------------------------------------------------------------------------------


def test_the_nearest_deadline_goes_first(servico: Servico) -> None:
    submeter([nova("tarde", prazo=date(2026, 12, 20)), nova("cedo", prazo=date(2026, 11, 20))], usuario=None)
    escoar()
    assert servico.livro == ["cedo", "tarde"]


def test_a_small_run_is_not_kept_waiting_by_a_big_one(servico: Servico, ana: Usuario, bruno: Usuario) -> None:
    submeter([nova(f"ana{n}") for n in range(6)], usuario=ana)
    submeter([nova(f"bruno{n}") for n in range(2)], usuario=bruno)
    escoar()
    assert servico.livro[:4] == ["ana0", "bruno0", "ana1", "bruno1"]


def test_many_small_submissions_do_not_overtake_the_others(servico: Servico, ana: Usuario, bruno: Usuario) -> None:
    submeter([nova(f"ana{n}") for n in range(4)], usuario=ana)
    for n in range(4):
        submeter([nova(f"bruno{n}")], usuario=bruno)
    escoar()
    assert servico.livro == ["ana0", "bruno0", "ana1", "bruno1", "ana2", "bruno2", "ana3", "bruno3"]


# -- refusal and reach ----------------------------------------------------------------------------------------------


def test_a_refusal_keeps_the_providers_words(servico: Servico) -> None:
    servico.roteiro["a"] = [ProviderRefused("Valor diferente.", codigo="MSG_ISN_035", texto="COFINS 1,00")]
    operacao = uma()
    escoar()
    operacao.refresh_from_db()
    assert (operacao.situacao, operacao.grupo, operacao.palavras_do_servico) == (
        "recusada",
        "MSG_ISN_035",
        "COFINS 1,00",
    )


def test_a_correction_is_a_new_revision_and_the_old_stays(servico: Servico, ana: Usuario) -> None:
    servico.roteiro["a"] = [ProviderRefused("Não.", codigo="X")]
    operacao = uma()
    escoar()
    operacao.refresh_from_db()
    nova_op = nova_revisao(operacao, Repeticao({"chave": "a", "corrigido": True}, operacao.acesso), ana)
    assert nova_revisao(operacao, Repeticao({"outra": 1}, operacao.acesso), ana).pk == nova_op.pk
    escoar()
    nova_op.refresh_from_db()
    assert (nova_op.chave, nova_op.revisao, nova_op.situacao) == ("a:r2", 2, "concluida")
    assert desfechos(operacao) == ["recusada"]


def test_what_is_in_course_has_no_revision(servico: Servico, ana: Usuario) -> None:
    with pytest.raises(EstadoErrado):
        nova_revisao(uma(), Repeticao({}, "x"), ana)


def test_without_mandate_only_that_empresa_stops(servico: Servico) -> None:
    servico.roteiro["a"] = [AccessDenied("Sem procuração.", alcance=Alcance.EMPRESA, codigo="022")]
    a, b = uma("a"), uma("b")
    escoar()
    a.refresh_from_db()
    b.refresh_from_db()
    assert (a.situacao, b.situacao) == ("recusada", "concluida")
    assert not Pausa.objects.exists()


def test_an_expired_certificate_pauses_the_access_with_one_message(servico: Servico, ana: Usuario) -> None:
    negado = AccessDenied("O certificado venceu.", alcance=Alcance.CREDENCIAL, codigo="018")
    servico.roteiro["*"] = [negado]
    submeter([nova(f"k{n}") for n in range(5)], usuario=None)
    outra = uma("z", acesso="conta:2")
    escoar()
    outra.refresh_from_db()
    assert servico.enviadas == ["k0", "z"]
    assert Pausa.objects.get(pk=ACESSO).motivo == "O certificado venceu."
    assert outra.situacao == Situacao.CONCLUIDA
    assert retomar(ACESSO, ana)
    escoar()
    assert Operacao.objects.filter(situacao=Situacao.CONCLUIDA).count() == 6
    assert Auditoria.objects.filter(acao="operacoes.retomar").count() == 1


def test_resuming_what_is_not_paused_does_nothing(servico: Servico, ana: Usuario) -> None:
    assert not retomar(ACESSO, ana)


def test_a_suspended_run_sends_nothing_more(servico: Servico, ana: Usuario) -> None:
    run = criar("teste", "Teste", ana, None, [nova("a")])
    run.suspenso = True
    run.save()
    assert escoar() == 0


def test_without_the_add_on_nothing_leaves(servico: Servico) -> None:
    uma(tipo="teste.adicional")
    assert escoar() == 0
    Adicional.objects.update_or_create(pk=216, defaults={"nome": "API", "ativo": True})
    assert escoar() == 1


def test_giving_up_takes_the_row_out_of_the_queue(servico: Servico, ana: Usuario) -> None:
    operacao = desistir(uma(), ana)
    escoar()
    assert (operacao.situacao, servico.enviadas) == ("desistida", [])
    with pytest.raises(EstadoErrado):
        desistir(operacao, ana)


# -- not executed ---------------------------------------------------------------------------------------------------


def test_unavailable_waits_and_tries_again(servico: Servico) -> None:
    servico.roteiro["a"] = [FORA_DO_AR]
    operacao = uma()
    escoar()
    operacao.refresh_from_db()
    assert (operacao.situacao, operacao.falhas) == ("pendente", 1)
    assert "Tentativa 1 de" in operacao.mensagem
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.CONCLUIDA


def test_waits_grow_and_end(servico: Servico) -> None:
    servico.roteiro["a"] = [FORA_DO_AR] * LIMITE_FALHAS
    operacao = uma()
    esperas = []
    for _ in range(LIMITE_FALHAS):
        escoar()
        operacao.refresh_from_db()
        if operacao.situacao == Situacao.PENDENTE:
            esperas.append(
                (operacao.proxima_em - operacao.tentativas.order_by("-iniciada_em")[0].iniciada_em).total_seconds()
            )
            vencer(operacao)
        Circuito.objects.all().delete()
    assert operacao.situacao == Situacao.RECUSADA
    assert esperas[4] > 4 * esperas[0]


def test_a_block_stops_the_bucket_and_is_no_failure(servico: Servico) -> None:
    servico.roteiro["a"] = [ProviderUnavailable("Limite.", bloqueio=True, retry_after=120, status=429)]
    operacao = uma()
    uma("b")
    execucao.drenar("teste:conta:1")
    operacao.refresh_from_db()
    assert (operacao.situacao, operacao.falhas) == ("pendente", 0)
    assert servico.enviadas == ["a"]
    assert Balde.objects.get().bloqueado_ate is not None
    assert not Circuito.objects.exists()


def test_a_failure_of_ours_before_sending_is_no_doubt(servico: Servico, monkeypatch: pytest.MonkeyPatch) -> None:
    def quebrar(self: Unico, operacao: Operacao) -> None:
        raise KeyError("x")

    monkeypatch.setattr(Unico, "preparar", quebrar)
    operacao = uma()
    escoar()
    operacao.refresh_from_db()
    assert (operacao.situacao, operacao.codigo, operacao.duvidas) == ("pendente", "FALHA-INTERNA", 0)


# -- circuit --------------------------------------------------------------------------------------------------------


def test_repeated_failures_open_the_circuit_and_one_probe_closes_it(servico: Servico) -> None:
    servico.roteiro["*"] = [FORA_DO_AR] * circuito.FALHAS_PARA_ABRIR
    submeter([nova(f"k{n}") for n in range(8)], usuario=None)
    escoar()
    aberto = Circuito.objects.get()
    assert aberto.aberto_desde is not None
    assert len(servico.enviadas) == circuito.FALHAS_PARA_ABRIR
    Circuito.objects.update(tentar_em=aberto.aberto_desde - timedelta(seconds=1))
    sonda = tomar("teste:conta:1")
    assert sonda is not None
    assert sonda.sonda
    assert tomar("teste:conta:1") is None
    executar(sonda)
    assert Circuito.objects.get().aberto_desde is None
    assert escoar() == 2


@pytest.mark.parametrize(("status", "aberto"), [(400, False), (404, False), (500, True), (None, True)])
def test_a_doubt_with_a_4xx_is_of_its_row_and_not_of_the_service(
    servico: Servico, status: int | None, aberto: bool
) -> None:
    servico.roteiro["*"] = [OutcomeUnknown("?", status=status) for _ in range(circuito.FALHAS_PARA_ABRIR)]
    submeter([nova(f"k{n}") for n in range(circuito.FALHAS_PARA_ABRIR)], usuario=None)
    escoar()
    assert Circuito.objects.filter(aberto_desde__isnull=False).exists() is aberto


def test_a_failed_probe_lengthens_the_wait_and_does_not_count_against_the_row(servico: Servico) -> None:
    operacao = uma()
    for _ in range(circuito.FALHAS_PARA_ABRIR):
        circuito.falhou("teste", "fora")
    antes = Circuito.objects.get()
    assert antes.tentar_em is not None
    Circuito.objects.update(tentar_em=antes.aberto_desde - timedelta(seconds=1))  # type: ignore[operator]
    servico.roteiro["a"] = [FORA_DO_AR]
    escoar()
    depois = Circuito.objects.get()
    operacao.refresh_from_db()
    assert (depois.falhas, operacao.falhas) == (circuito.FALHAS_PARA_ABRIR + 1, 0)
    assert depois.aberto_desde == antes.aberto_desde


def test_late_failures_do_not_lengthen_an_open_circuit(servico: Servico) -> None:
    for _ in range(30):
        circuito.falhou("teste", "fora")
    assert Circuito.objects.get().falhas == circuito.FALHAS_PARA_ABRIR


def test_an_error_of_ours_before_sending_does_not_close_the_circuit(servico: Servico) -> None:
    for _ in range(circuito.FALHAS_PARA_ABRIR):
        circuito.falhou("teste", "fora")
    Circuito.objects.update(tentar_em=Now() - timedelta(seconds=1))
    servico.roteiro["a"] = [AccessDenied("O certificado não abre.", alcance=Alcance.CREDENCIAL, codigo="C")]
    uma()
    escoar()
    assert Circuito.objects.get().aberto_desde is not None


def test_a_service_that_refuses_everybody_opens_at_once(servico: Servico) -> None:
    servico.roteiro["a"] = [AccessDenied("Serviço suspenso.", alcance=Alcance.SERVICO, codigo="S")]
    operacao = uma()
    escoar()
    operacao.refresh_from_db()
    assert (operacao.situacao, Circuito.objects.get().aberto_desde is not None) == ("pendente", True)


# -- doubt ----------------------------------------------------------------------------------------------------------


def duvidosa(servico: Servico, tipo: str = "teste.unico", *, aconteceu: bool) -> Operacao:
    servico.roteiro["a"] = [("depois", PERDIDA) if aconteceu else PERDIDA]
    operacao = uma(tipo=tipo)
    escoar()
    operacao.refresh_from_db()
    return operacao


def test_a_lost_answer_is_a_doubt_and_is_not_sent_again(servico: Servico) -> None:
    operacao = duvidosa(servico, aconteceu=True)
    assert (operacao.situacao, operacao.duvidas) == ("incerta", 1)
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert (operacao.situacao, operacao.resposta, servico.livro) == ("concluida", {"numero": 1}, ["a"])
    assert desfechos(operacao) == ["incerta", "concluida"]


def test_not_happened_is_believed_only_after_the_services_longest_time(servico: Servico) -> None:
    operacao = duvidosa(servico, aconteceu=False)
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert (operacao.situacao, servico.enviadas) == ("incerta", ["a"])
    passar_o_tempo(operacao, timedelta(minutes=6))
    escoar()
    operacao.refresh_from_db()
    assert (operacao.situacao, servico.livro) == ("concluida", ["a"])
    assert desfechos(operacao) == ["incerta", "nao_aconteceu", "nao_aconteceu", "concluida"]


@pytest.mark.parametrize(
    "erro",
    [
        FORA_DO_AR,
        ProviderUnavailable("Limite.", bloqueio=True, retry_after=0, codigo="LIMITE-DE-CHAMADAS"),
        AccessDenied("Sem procuração.", alcance=Alcance.EMPRESA, codigo="022"),
        ProviderRefused("Não há recibo.", codigo="X"),
        KeyError("recibo"),
    ],
    ids=lambda erro: type(erro).__name__,
)
def test_what_fails_after_the_effect_does_not_have_it_sent_again(
    servico: Servico, monkeypatch: pytest.MonkeyPatch, erro: Exception
) -> None:
    """A second call of the same try says nothing about the first."""
    enviar = Unico.enviar

    def efeito_e_recibo(self: Unico, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Any:
        enviar(self, pedido, sessao, chamadas)
        raise erro

    monkeypatch.setattr(Unico, "enviar", efeito_e_recibo)
    operacao = uma()
    escoar()
    operacao.refresh_from_db()
    assert (operacao.situacao, operacao.duvidas) == ("incerta", 1)
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert (operacao.situacao, servico.livro) == ("concluida", ["a"])


def test_the_longest_time_counts_from_the_last_instant_of_sending(servico: Servico) -> None:
    operacao = uma()
    tomada = tomar(operacao.balde)
    assert tomada is not None
    assert tomada.operacao.enviada_ate == tomada.agora + Unico.prazo_total


def test_an_effect_that_lands_late_is_found(servico: Servico) -> None:
    operacao = duvidosa(servico, aconteceu=False)
    vencer(operacao)
    escoar()
    servico.livro.append("a")
    passar_o_tempo(operacao, timedelta(minutes=6))
    escoar()
    operacao.refresh_from_db()
    assert (operacao.situacao, servico.enviadas) == ("concluida", ["a"])


def test_not_knowing_asks_again_when_told(servico: Servico) -> None:
    operacao = duvidosa(servico, aconteceu=True)
    servico.conferencias = [NaoSei(timedelta(minutes=2), "Em processamento.")]
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    ultima = operacao.tentativas.order_by("-iniciada_em")[0]
    assert (operacao.situacao, operacao.mensagem, operacao.perguntas) == ("incerta", "Em processamento.", 1)
    assert operacao.proxima_em - ultima.iniciada_em >= timedelta(minutes=2)


def test_a_service_with_nothing_to_ask_waits_for_a_person(servico: Servico) -> None:
    operacao = duvidosa(servico, "teste.sem_consulta", aconteceu=True)
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.AGUARDA_PESSOA


def test_questions_end_with_a_person(servico: Servico) -> None:
    operacao = duvidosa(servico, aconteceu=True)
    Operacao.objects.filter(pk=operacao.pk).update(perguntas=LIMITE_PERGUNTAS - 1)
    servico.conferencias = [FORA_DO_AR]
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.AGUARDA_PESSOA


def aguardando(servico: Servico) -> Operacao:
    operacao = duvidosa(servico, "teste.sem_consulta", aconteceu=True)
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    return operacao


def test_a_person_says_it_happened(servico: Servico, ana: Usuario) -> None:
    operacao = resolver(aguardando(servico), True, "Recibo 123", ana)
    assert (operacao.situacao, operacao.resposta["evidencia"]) == ("concluida", "Recibo 123")
    assert Auditoria.objects.get(acao="operacoes.resolver").dados["evidencia"] == "Recibo 123"


def test_a_person_says_it_did_not_happen(servico: Servico, ana: Usuario) -> None:
    resolver(aguardando(servico), False, "Nada no portal", ana)
    escoar()
    assert servico.enviadas == ["a", "a"]


def test_a_person_must_say_what_was_seen(servico: Servico, ana: Usuario) -> None:
    with pytest.raises(EstadoErrado):
        resolver(aguardando(servico), True, "  ", ana)


def test_nobody_says_that_a_document_came_without_its_file(servico: Servico, ana: Usuario) -> None:
    operacao = uma("a", tipo="teste.documento")
    Operacao.objects.filter(pk=operacao.pk).update(situacao=Situacao.AGUARDA_PESSOA)
    with pytest.raises(EstadoErrado):
        resolver(operacao, True, "Visto no portal", ana)
    assert resolver(operacao, False, "Não chegou", ana).situacao == Situacao.PENDENTE


def test_two_people_cannot_both_resolve(servico: Servico, ana: Usuario) -> None:
    operacao = aguardando(servico)
    resolver(operacao, True, "1", ana)
    with pytest.raises(EstadoErrado):
        resolver(operacao, False, "2", ana)


def test_a_document_in_doubt_is_drawn_again_and_charged_again(servico: Servico) -> None:
    operacao = duvidosa(servico, "teste.documento", aconteceu=True)
    assert operacao.situacao == Situacao.PENDENTE
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert (operacao.situacao, servico.livro, operacao.envios) == ("concluida", ["a", "a"], 2)


SEM_RESPOSTA = "Um envio anterior ficou sem resposta: o documento pode ter sido gerado e cobrado no serviço."


def test_giving_up_a_document_in_doubt_says_that_it_may_exist(servico: Servico, ana: Usuario) -> None:
    operacao = duvidosa(servico, "teste.documento", aconteceu=True)
    assert desistir(operacao, ana).mensagem == f"Retirada da fila. {SEM_RESPOSTA}"


def test_giving_up_what_was_not_executed_says_nothing_of_the_kind(servico: Servico, ana: Usuario) -> None:
    servico.roteiro["a"] = [FORA_DO_AR]
    operacao = uma(tipo="teste.documento")
    escoar()
    assert desistir(operacao, ana).mensagem == "Retirada da fila antes do envio."


def test_a_document_refused_after_a_doubt_says_that_it_may_exist(servico: Servico) -> None:
    operacao = duvidosa(servico, "teste.documento", aconteceu=True)
    Operacao.objects.update(falhas=LIMITE_FALHAS - 1)
    servico.roteiro["a"] = [FORA_DO_AR]
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.RECUSADA
    assert operacao.mensagem.endswith(f"Repita quando o serviço voltar. {SEM_RESPOSTA}")


def test_a_document_that_the_service_refuses_after_a_doubt_says_it_too(servico: Servico) -> None:
    operacao = duvidosa(servico, "teste.documento", aconteceu=True)
    servico.roteiro["a"] = [ProviderRefused("Não há declaração para o período.", codigo="E1")]
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.RECUSADA
    assert operacao.mensagem == f"Não há declaração para o período. {SEM_RESPOSTA}"


def test_a_change_refused_after_a_try_without_an_answer_says_that_it_may_have_been_made(servico: Servico) -> None:
    servico.roteiro["a"] = [FORA_DO_AR, ProviderRefused("Endereço inválido.", codigo="E1")]
    operacao = uma(tipo="teste.registro")
    escoar()
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert operacao.mensagem == "Endereço inválido. Um envio anterior ficou sem resposta: pode ter valido no serviço."


def test_repeats_of_a_document_are_bounded(servico: Servico) -> None:
    servico.roteiro["a"] = [PERDIDA] * 9
    operacao = uma(tipo="teste.documento")
    for _ in range(9):
        escoar()
        vencer(operacao)
    assert (operacao.situacao, len(servico.enviadas)) == ("aguarda_pessoa", LIMITE_DUVIDAS + 1)


# -- our own recording fails ----------------------------------------------------------------------------------------


def falhar(_operacao: Operacao) -> None:
    raise ValueError("disk full")


def test_an_answer_that_cannot_be_saved_is_a_doubt_with_its_evidence(servico: Servico) -> None:
    Unico.ao_aplicar = falhar
    operacao = uma()
    escoar()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.INCERTA
    assert operacao.tentativas.get().recebido["chamadas"][0]["recebido"] == {"numero": 1}
    Unico.ao_aplicar = None
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert (operacao.situacao, servico.livro) == ("concluida", ["a"])


def test_what_can_never_be_saved_ends_with_a_person(servico: Servico) -> None:
    Unico.ao_aplicar = falhar
    operacao = uma()
    for _ in range(6):
        escoar()
        vencer(operacao)
    assert (operacao.situacao, servico.livro) == ("aguarda_pessoa", ["a"])


def test_domain_effects_and_outcome_are_one_transaction(servico: Servico, ana: Usuario) -> None:
    def gravar_e_falhar(operacao: Operacao) -> None:
        Balde.objects.create(nome="efeito-de-dominio")
        raise ValueError

    Papel.ao_aplicar = gravar_e_falhar
    uma(tipo="teste.documento")
    escoar()
    assert not Balde.objects.filter(nome="efeito-de-dominio").exists()


# -- what was left ---------------------------------------------------------------------------------------------------


def morta(operacao: Operacao, *, enviou: bool, servico: Servico) -> None:
    """A worker claims the row, maybe sends, and dies before recording; its lease runs out."""
    assert tomar(operacao.balde) is not None
    if enviou:
        servico.livro.append(operacao.chave)
    vencer(operacao)


def test_a_crash_between_sending_and_recording_becomes_a_doubt(servico: Servico) -> None:
    operacao = uma()
    morta(operacao, enviou=True, servico=servico)
    assert recuperacao.recuperar_abandonadas() == 1
    operacao.refresh_from_db()
    assert (operacao.situacao, desfechos(operacao)) == ("incerta", ["abandonada"])
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert (operacao.situacao, servico.livro) == ("concluida", ["a"])


def test_a_crash_in_the_middle_of_a_question_leaves_the_doubt(servico: Servico) -> None:
    operacao = duvidosa(servico, aconteceu=True)
    vencer(operacao)
    assert tomar(operacao.balde) is not None
    vencer(operacao)
    recuperacao.recuperar_abandonadas()
    operacao.refresh_from_db()
    assert (operacao.situacao, operacao.tentativa_atual, operacao.duvidas) == ("incerta", None, 1)


def test_a_question_that_repeats_the_sending_and_loses_its_answer_counts_as_one(
    servico: Servico, monkeypatch: pytest.MonkeyPatch
) -> None:
    def repetir(self: Unico, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Any:
        return Aconteceu(self.enviar(pedido, sessao, chamadas))

    operacao = passar_o_tempo(duvidosa(servico, aconteceu=False), Unico.demora_maxima)
    antes = operacao.enviada_ate
    monkeypatch.setattr(Unico, "conferir", repetir)
    servico.roteiro["a"] = [PERDIDA]
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert antes is not None
    assert operacao.enviada_ate is not None
    assert (operacao.situacao, operacao.enviada_ate > antes) == ("incerta", True)


@pytest.mark.parametrize("repete", [True, False])
def test_a_worker_that_dies_in_such_a_question_may_have_sent_until_its_lease_ended(
    servico: Servico, monkeypatch: pytest.MonkeyPatch, repete: bool
) -> None:
    monkeypatch.setattr(Unico, "pergunta_envia", repete)
    operacao = vencer(passar_o_tempo(duvidosa(servico, aconteceu=False), Unico.demora_maxima))
    antes = operacao.enviada_ate
    assert tomar(operacao.balde) is not None
    fim = vencer(operacao).proxima_em
    recuperacao.recuperar_abandonadas()
    operacao.refresh_from_db()
    assert operacao.enviada_ate == (fim if repete else antes)


def test_a_lease_in_force_is_left_alone(servico: Servico) -> None:
    operacao = uma()
    tomar(operacao.balde)
    assert recuperacao.recuperar_abandonadas() == 0


def test_a_worker_that_stopped_beating_loses_its_leases_early(servico: Servico) -> None:
    operacao = uma()
    recuperacao.nascer(4)
    tomar(operacao.balde)
    assert recuperacao.recuperar_abandonadas() == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE operacoes_trabalhador SET batida = batida - interval '1 hour'")
    assert recuperacao.recuperar_abandonadas() == 1


def test_a_worker_forgotten_while_it_was_silent_is_known_again_with_its_next_beat(servico: Servico) -> None:
    recuperacao.nascer(4)
    Trabalhador.objects.update(batida=Now() - timedelta(days=2))
    tasks._esquecer_trabalhadores()
    recuperacao.bater(4)
    assert Trabalhador.objects.get().vagas == 4
    uma()
    tomar("teste:conta:1")
    assert recuperacao.recuperar_abandonadas() == 0


def test_a_worker_that_wakes_up_late_changes_nothing(servico: Servico) -> None:
    operacao = uma()
    tomada = tomar(operacao.balde)
    assert tomada is not None
    vencer(operacao)
    recuperacao.recuperar_abandonadas()
    executar(tomada)
    operacao.refresh_from_db()
    assert (operacao.situacao, desfechos(operacao)) == ("incerta", ["abandonada"])
    assert operacao.tentativas.get().recebido != {}


def test_a_call_answered_late_is_charged_like_any_other(servico: Servico) -> None:
    tabela = TabelaPreco.objects.create(vigente_desde=date(2020, 1, 1), fonte="De teste")
    FaixaPreco.objects.create(tabela=tabela, classe=Classe.DECLARACAO, ate=None, preco=Decimal("0.4000"))
    custos.limpar_memoria()
    operacao = uma()
    tomada = tomar(operacao.balde)
    assert tomada is not None
    vencer(operacao)
    recuperacao.recuperar_abandonadas()
    executar(tomada)
    executar(tomada)  # heard twice, counted once
    operacao.refresh_from_db()
    tentativa = operacao.tentativas.get()
    assert (tentativa.cobrada, tentativa.cobrancas, tentativa.http_status) == (True, ["declaracao"], 200)
    assert tentativa.custo == operacao.custo > 0


def test_a_lease_that_ran_out_is_closed_before_the_row_is_taken_again(servico: Servico) -> None:
    operacao = uma()
    servico.roteiro["a"] = [PERDIDA]
    escoar()
    vencer(operacao)
    assert tomar(operacao.balde) is not None  # somebody asks, and dies
    vencer(operacao)
    assert tomar(operacao.balde) is None
    recuperacao.recuperar_abandonadas()
    assert tomar(operacao.balde) is not None
    assert desfechos(operacao) == ["incerta", "abandonada", ""]


def test_what_was_accepted_and_never_ends_comes_to_a_person(servico: Servico, monkeypatch: pytest.MonkeyPatch) -> None:
    operacao = uma(tipo="teste.demorado")
    escoar()
    servico.livro.clear()

    def falhar(*_: Any) -> Any:
        raise ProviderUnavailable("O serviço perdeu o protocolo.", codigo="HTTP-503")

    monkeypatch.setattr(Demorado, "acompanhar", falhar)
    Operacao.objects.update(falhas=LIMITE_PERGUNTAS - 2)
    vezes = []
    for _ in range(2):
        vencer(operacao)
        escoar()
        operacao.refresh_from_db()
        vezes.append(operacao.situacao)
    assert vezes == ["aceita", "aguarda_pessoa"]


def test_text_that_looks_like_a_nul_is_kept_as_it_is(servico: Servico) -> None:
    assert desfecho._dumps({"a": "x\\u0000y", "b\x00": ["c\x00d", 1]}) == '{"a": "x\\\\u0000y", "b": ["cd", 1]}'


def test_a_lost_job_is_made_up_for(servico: Servico) -> None:
    uma()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    recuperacao.recuperar()
    recuperacao.recuperar()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'operacoes.drenar'")
        assert cursor.fetchone()[0] == 1


def test_conferir_may_prove_it_happened_at_any_time(servico: Servico) -> None:
    operacao = duvidosa(servico, aconteceu=False)
    servico.conferencias = [Aconteceu({"numero": 77})]
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert operacao.resposta == {"numero": 77}


def test_the_reason_of_a_proof_is_kept(servico: Servico) -> None:
    operacao = duvidosa(servico, aconteceu=False)
    servico.conferencias = [NaoAconteceu("nenhuma declaração no período")]
    vencer(operacao)
    escoar()
    assert operacao.tentativas.order_by("-iniciada_em")[0].detalhe == "nenhuma declaração no período"


def test_a_doubt_says_until_when_it_waits(servico: Servico) -> None:
    operacao = duvidosa(servico, aconteceu=False)
    assert operacao.enviada_ate
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert operacao.enviada_ate
    ate = timezone.localtime(operacao.enviada_ate + Unico.demora_maxima + timedelta(seconds=59))
    assert f"Se não constar até {ate:%H:%M}, será enviada de novo" in operacao.mensagem


def test_a_refusal_is_recorded_even_if_its_effects_fail(servico: Servico, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Unico, "recusada", lambda self, operacao: falhar(operacao))
    servico.roteiro["a"] = [ProviderRefused("Não.", codigo="X")]
    operacao = uma()
    escoar()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.RECUSADA


def test_a_question_answered_with_nonsense_leaves_the_doubt(servico: Servico, monkeypatch: pytest.MonkeyPatch) -> None:
    operacao = duvidosa(servico, aconteceu=True)
    monkeypatch.setattr(Unico, "conferir", lambda self, pedido, sessao, chamadas: None)
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert (operacao.situacao, operacao.perguntas) == ("incerta", 1)
    assert operacao.mensagem == "Falha do Guichê ao perguntar pelo resultado do envio."


def test_a_question_that_fails_is_not_told_as_what_became_of_the_sending(
    servico: Servico, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fora_do_ar(self: Unico, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Any:
        raise ProviderUnavailable("O serviço está com falha (código 503).", status=503)

    operacao = duvidosa(servico, aconteceu=True)
    monkeypatch.setattr(Unico, "conferir", fora_do_ar)
    vencer(operacao)
    escoar()
    operacao.refresh_from_db()
    assert operacao.mensagem == (
        "O resultado do envio ainda não é conhecido, e a pergunta sobre ele falhou: "
        "O serviço está com falha (código 503)."
    )
