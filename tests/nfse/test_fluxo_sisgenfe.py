"""Notes through SISGENF-e end to end, against the simulator: what our tables say and what its ledger says."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from comum.models import Usuario
from nfse.models import CanalNfse, Cancelamento, CartaCorrecao, EventoNota, Nota
from nfse.services import acoes
from nfse.services.emissao import Mudou, com_tudo, emitir, prevoo
from nfse.services.notas import NotaOcupada
from operacoes.models import Operacao, Situacao
from operacoes.motor.tomada import tomar
from tests.nfse.escritorio import emitir_ja, item, rascunho, tomador_de, trabalhar
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)


def efeitos(sandbox: SandboxVivo, tipo: str = "nota_emitida") -> list[dict[str, Any]]:
    return sandbox.controle.ledger(servico="sisgenfe", tipo=tipo)


def test_each_note_is_issued_once_and_holds_the_number_of_the_town(canal: CanalNfse, ana: Usuario, nfse_vivo) -> None:
    notas = [rascunho(canal, ana, item(f"{100 + n}.50")) for n in range(5)]
    emitir_ja(*notas, usuario=ana)
    numeros = set(Nota.objects.filter(situacao=Nota.Situacao.AUTORIZADA).values_list("numero_nfse", flat=True))
    assert numeros == {efeito["numero"] for efeito in efeitos(nfse_vivo)}
    assert len(numeros) == 5


@pytest.mark.parametrize("acao", ["perder_resposta", "truncar", "tempo_esgotado", "cortar", "erro"])
def test_a_lost_answer_is_settled_by_the_marker(canal: CanalNfse, ana: Usuario, nfse_vivo, acao: str) -> None:
    nfse_vivo.controle.cenario(acao=acao, servico="sisgenfe", operacao="nfs", vezes=1)
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.AUTORIZADA
    assert [efeito["numero"] for efeito in efeitos(nfse_vivo)] == [nota.numero_nfse]


def test_what_the_service_applied_stands_beside_what_was_sent(canal: CanalNfse, ana: Usuario) -> None:
    nota = rascunho(canal, ana, item("5840.00", aliquota=Decimal("2.00")))
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert Decimal(nota.aplicado["itens"][0]["aliquota"]) == Decimal("4.31")
    assert Decimal(nota.aplicado["valor"]) == nota.valor_servicos


def test_a_refused_note_is_corrected_and_goes_again(canal: CanalNfse, ana: Usuario, nfse_vivo) -> None:
    nfse_vivo.controle.cenario(acao="recusar", servico="sisgenfe", operacao="nfs", vezes=1, parametros={"http": 400})
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.RECUSADA
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert (nota.situacao, nota.revisao, len(efeitos(nfse_vivo))) == (Nota.Situacao.AUTORIZADA, 2, 1)
    assert Operacao.objects.filter(tipo="nfse.sisgenfe.emitir").count() == 2


def test_a_second_click_on_emitir_finds_nothing_to_send(canal: CanalNfse, ana: Usuario, nfse_vivo) -> None:
    nota = rascunho(canal, ana)
    marca = prevoo(com_tudo([nota.pk])).marca
    emitir([nota.pk], ana, marca=marca)
    with pytest.raises(Mudou) as mudou:
        emitir([nota.pk], ana, marca=marca)
    assert mudou.value.prevoo.fora[0].motivo == "A nota já está em emissão."
    trabalhar()
    assert len(efeitos(nfse_vivo)) == 1


def test_a_correction_letter_reaches_the_note(canal: CanalNfse, ana: Usuario, nfse_vivo) -> None:
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    carta = acoes.corrigir(nota, "Onde se lê A, leia-se B.", ana)
    trabalhar()
    carta.refresh_from_db()
    assert carta.situacao == CartaCorrecao.Situacao.REGISTRADA
    assert len(efeitos(nfse_vivo, "carta_correcao")) == 1


def test_a_cancellation_is_only_asked_for_until_somebody_tells_its_end(canal: CanalNfse, ana: Usuario) -> None:
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    cancelamento = acoes.cancelar(nota, "3", "Erro de digitação no valor", ana)
    trabalhar()
    nota.refresh_from_db()
    cancelamento.refresh_from_db()
    assert (nota.situacao, cancelamento.situacao) == (Nota.Situacao.CANCELANDO, Cancelamento.Situacao.SOLICITADO)
    acoes.responder_cancelamento(cancelamento, aprovado=True, evidencia="Portal, 21/11/2026", usuario=ana)
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.CANCELADA


def test_a_lost_answer_to_a_cancellation_is_settled_by_asking_again(canal: CanalNfse, ana: Usuario, nfse_vivo) -> None:
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    nfse_vivo.controle.cenario(acao="perder_resposta", servico="sisgenfe", operacao="cancela", vezes=1)
    acoes.cancelar(nota, "4", "Valor errado", ana)
    trabalhar()
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.CANCELANDO
    assert len(efeitos(nfse_vivo, "cancelamento_solicitado")) == 1


def test_a_cancelled_note_is_not_cancelled_again(canal: CanalNfse, ana: Usuario) -> None:
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    acoes.cancelar(nota, "3", "Erro de digitação", ana)
    with pytest.raises(NotaOcupada, match="já foi pedido"):
        acoes.cancelar(nota, "3", "Erro de digitação", ana)
    trabalhar()
    with pytest.raises(NotaOcupada, match="já tem um cancelamento"):
        acoes.cancelar(nota, "3", "Erro de digitação", ana)


def test_where_only_one_request_is_taken_a_denied_one_is_the_last(canal: CanalNfse, ana: Usuario) -> None:
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    cancelamento = acoes.cancelar(nota, "3", "Erro de digitação", ana)
    trabalhar()
    acoes.responder_cancelamento(cancelamento, aprovado=False, evidencia="Negado no portal", usuario=ana)
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.AUTORIZADA
    with pytest.raises(NotaOcupada, match="um só pedido"):
        acoes.cancelar(nota, "3", "Erro de digitação", ana)


def test_the_timeline_tells_every_step(canal: CanalNfse, ana: Usuario, nfse_vivo) -> None:
    nfse_vivo.controle.cenario(acao="recusar", servico="sisgenfe", operacao="nfs", vezes=1, parametros={"http": 400})
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    emitir_ja(nota, usuario=ana)
    tipos = list(EventoNota.objects.filter(nota=nota).values_list("tipo", flat=True))
    assert tipos == ["criada", "enviada", "recusada", "enviada", "autorizada"]


def test_one_note_of_a_prestador_is_tried_at_a_time(canal: CanalNfse, ana: Usuario) -> None:
    notas = [rascunho(canal, ana) for _ in range(2)]
    pks = [nota.pk for nota in notas]
    emitir(pks, ana, marca=prevoo(com_tudo(pks)).marca)
    balde = Operacao.objects.values_list("balde", flat=True).distinct().get()
    assert tomar(balde, com_vaga=True, ate=1) is not None
    assert tomar(balde, com_vaga=True, ate=1) is None


def test_the_tomador_is_registered_before_the_note(canal: CanalNfse, ana: Usuario, nfse_vivo) -> None:
    tomador = tomador_de(canal.empresa, 7, documento="", pais="PT", municipio=None, cidade_exterior="Lisboa")
    nota = rascunho(canal, ana, tomador=tomador)
    fora = prevoo(com_tudo([nota.pk])).fora
    assert "está no exterior" in fora[0].motivo
    outra = rascunho(canal, ana, tomador=tomador_de(canal.empresa, 8))
    emitir_ja(outra, usuario=ana)
    assert [e["tipo"] for e in nfse_vivo.controle.ledger(servico="sisgenfe")] == ["tomador_gravado", "nota_emitida"]


def test_a_paused_access_holds_the_notes_and_loses_none(canal: CanalNfse, ana: Usuario, nfse_vivo) -> None:
    nfse_vivo.controle.post("sisgenfe/aplicativos", {"chave": "chave-do-aplicativo", "bloqueado": True})
    ha_tempo = timezone.now() - timedelta(hours=1)  # of a channel just changed, a denial may speak of what it was
    CanalNfse.objects.filter(pk=canal.pk).update(alterado_em=ha_tempo, testado_em=ha_tempo)
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    assert nota.operacao is None or Operacao.objects.get().situacao == Situacao.PENDENTE
    fora = prevoo(com_tudo([rascunho(canal, ana).pk])).fora
    assert "está pausado" in fora[0].motivo
