"""Notes through Integra Notas end to end, against the simulator: what our tables say and what its ledger says."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from arquivo.services import abrir
from comum.models import Usuario
from nfse.models import CanalNfse, Nota, NumeroLivre
from nfse.services import acoes
from nfse.services.emissao import com_tudo, emitir, prevoo
from nfse.services.notas import NotaOcupada, abandonar
from operacoes.models import Operacao, Situacao
from tests.nfse.escritorio import canal_no_integranotas, emitir_ja, item, rascunho, tomador_de, trabalhar
from tests.sandbox.integranotas import tomador_de_teste
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)
MOTIVO = "Serviço não foi prestado ao tomador"


@pytest.fixture
def integranotas(nfse_vivo: SandboxVivo) -> Iterator[SandboxVivo]:
    nfse_vivo.controle.ajustes(**{"integranotas.limites": False})
    yield nfse_vivo
    nfse_vivo.controle.relogio(real=True)


@pytest.fixture
def canal(integranotas: SandboxVivo) -> CanalNfse:
    return canal_no_integranotas(integranotas, 21)


def emitidas(sandbox: SandboxVivo) -> list[str]:
    return [e["documento"] for e in sandbox.controle.ledger(servico="integranotas", tipo="nfse_autorizada")]


def para(canal: CanalNfse, usuario: Usuario, trecho: str) -> Nota:
    """A draft for the test taker whose note has this fate."""
    tomador = tomador_de(canal.empresa, documento=tomador_de_teste(trecho))
    return rascunho(canal, usuario, tomador=tomador)


def test_a_note_comes_back_with_number_key_xml_and_pdf(canal: CanalNfse, ana: Usuario, integranotas) -> None:
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert (nota.situacao, nota.serie, nota.numero) == (Nota.Situacao.AUTORIZADA, "1", 1)
    assert nota.xml is not None
    assert nota.pdf is not None
    assert (abrir(nota.pdf)[:4], emitidas(integranotas)) == (b"%PDF", ["1/1"])


@pytest.mark.parametrize("acao", ["perder_resposta", "truncar", "tempo_esgotado", "cortar", "erro", "html"])
def test_a_lost_answer_never_makes_a_second_note(canal: CanalNfse, ana: Usuario, integranotas, acao: str) -> None:
    integranotas.controle.cenario(acao=acao, servico="integranotas", operacao="nfse_criar", vezes=1)
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert (nota.situacao, emitidas(integranotas)) == (Nota.Situacao.AUTORIZADA, ["1/1"])


@pytest.mark.parametrize("trecho", ["7001 e a nota existe", "7001 e o documento não existe"])
def test_trouble_behind_the_service_is_asked_about_by_its_chave(
    canal: CanalNfse, ana: Usuario, integranotas, trecho: str
) -> None:
    nota = para(canal, ana, trecho)
    emitir_ja(nota, usuario=ana)
    operacao = Operacao.objects.get(tipo="nfse.integranotas.emitir")
    assert operacao.resposta["chave"]
    assert len(emitidas(integranotas)) <= 1
    assert operacao.situacao in (Situacao.CONCLUIDA, Situacao.AGUARDA_PESSOA)


def test_a_town_that_decides_later_is_followed_to_its_answer(canal: CanalNfse, ana: Usuario, integranotas) -> None:
    nota = para(canal, ana, "30 segundos depois: autorizada")
    emitir_ja_sem_fim(nota, ana)
    nota.refresh_from_db()
    operacao = Operacao.objects.get(tipo="nfse.integranotas.emitir")
    assert (nota.situacao, operacao.situacao) == (Nota.Situacao.EMITINDO, Situacao.ACEITA)
    integranotas.controle.relogio(deslocamento_segundos=60)
    trabalhar()
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.AUTORIZADA


def emitir_ja_sem_fim(nota: Nota, usuario: Usuario) -> None:
    emitir([nota.pk], usuario, marca=prevoo(com_tudo([nota.pk])).marca)
    trabalhar(voltas=2)


def test_a_late_refusal_frees_nothing_and_the_same_number_goes_again(
    canal: CanalNfse, ana: Usuario, integranotas
) -> None:
    nota = para(canal, ana, "recusa 30 segundos depois")
    emitir_ja_sem_fim(nota, ana)
    integranotas.controle.relogio(deslocamento_segundos=60)
    trabalhar()
    nota.refresh_from_db()
    assert (nota.situacao, nota.numero) == (Nota.Situacao.RECUSADA, 1)
    nota.tomador = tomador_de(canal.empresa, 9)
    nota.save()
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert (nota.situacao, nota.numero, nota.revisao) == (Nota.Situacao.AUTORIZADA, 1, 2)


def test_the_number_of_an_abandoned_note_is_used_again(canal: CanalNfse, ana: Usuario, integranotas) -> None:
    integranotas.controle.ajustes(**{"integranotas.obrigatorios": ["tomador.im"]})
    primeira = rascunho(canal, ana)
    emitir_ja(primeira, usuario=ana)
    primeira.refresh_from_db()
    abandonar(primeira, ana)
    assert NumeroLivre.objects.count() == 1
    integranotas.controle.ajustes(**{"integranotas.obrigatorios": []})
    segunda = rascunho(canal, ana)
    emitir_ja(segunda, usuario=ana)
    segunda.refresh_from_db()
    assert (segunda.numero, NumeroLivre.objects.count()) == (1, 0)


def test_a_number_taken_by_another_system_is_said_and_the_next_one_goes(
    canal: CanalNfse, ana: Usuario, integranotas
) -> None:
    emitir_ja(rascunho(canal, ana), usuario=ana)
    CanalNfse.objects.update(proximo_numero=1)
    Nota.objects.update(numero=None)
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert (nota.situacao, nota.numero) == (Nota.Situacao.RECUSADA, None)
    assert "já foi usado por outra nota" in Operacao.objects.get(chave=f"nfse:{nota.pk}").mensagem
    emitir_ja(nota, usuario=ana)
    assert emitidas(integranotas) == ["1/1", "1/2"]


def test_a_cancelled_note_says_so_and_keeps_its_papers(canal: CanalNfse, ana: Usuario) -> None:
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    acoes.cancelar(nota, "2", MOTIVO, ana)
    trabalhar()
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.CANCELADA
    assert nota.xml is not None


def test_a_lost_answer_to_a_cancellation_is_asked_about(canal: CanalNfse, ana: Usuario, integranotas) -> None:
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    integranotas.controle.cenario(acao="perder_resposta", servico="integranotas", operacao="nfse_cancelar", vezes=1)
    acoes.cancelar(nota, "2", MOTIVO, ana)
    trabalhar()
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.CANCELADA
    assert len(integranotas.controle.ledger(servico="integranotas", tipo="nfse_cancelada")) == 1


def test_a_town_without_cancellation_says_what_to_do(canal: CanalNfse, ana: Usuario, integranotas) -> None:
    nota = para(canal, ana, "não oferece cancelamento")
    emitir_ja(nota, usuario=ana)
    acoes.cancelar(nota, "2", MOTIVO, ana)
    trabalhar()
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.AUTORIZADA
    integranotas.controle.post(f"integranotas/notas/{nota.chave}/prefeitura", {"situacao": "cancelada"})
    acoes.reler([nota], ana)
    trabalhar()
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.CANCELADA


def test_a_replacement_ends_the_old_note_when_it_is_authorised(canal: CanalNfse, ana: Usuario, integranotas) -> None:
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    nova = acoes.substituir(nota, "1", "Valor digitado errado na nota", ana)
    emitir_ja(nova, usuario=ana)
    nota.refresh_from_db()
    nova.refresh_from_db()
    assert (nota.situacao, nova.situacao) == (Nota.Situacao.SUBSTITUIDA, Nota.Situacao.AUTORIZADA)
    assert emitidas(integranotas) == ["1/1", "1/2"]


def test_a_refusal_stands_with_the_words_of_each_field(canal: CanalNfse, ana: Usuario, integranotas) -> None:
    integranotas.controle.ajustes(**{"integranotas.obrigatorios": ["tomador.im"]})
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    operacao = Operacao.objects.get()
    assert (operacao.codigo, "tomador.im" in operacao.palavras_do_servico) == ("5001", True)


def test_what_the_service_would_not_take_is_said_before_anything_leaves(canal: CanalNfse, ana: Usuario) -> None:
    nota = rascunho(canal, ana, item(descricao="x" * 2001))
    fora = prevoo(com_tudo([nota.pk])).fora[0]
    assert [problema.campo for problema in fora.problemas] == ["itens.0.descricao"]
    longo = rascunho(canal, ana, tomador=tomador_de(canal.empresa, 5, nome="N" * 80))
    assert prevoo(com_tudo([longo.pk])).fora[0].problemas[0].campo == "tomador"


def test_papers_that_did_not_come_are_fetched_at_once(canal: CanalNfse, ana: Usuario, integranotas) -> None:
    nota = para(canal, ana, "30 segundos depois: autorizada")
    emitir_ja_sem_fim(nota, ana)
    integranotas.controle.relogio(deslocamento_segundos=60)
    trabalhar()
    nota.refresh_from_db()
    assert nota.xml is not None
    assert nota.pdf is not None


@pytest.fixture
def acertada(canal: CanalNfse, ana: Usuario) -> Nota:
    """Issued, and settled by a person who typed nothing but its number."""
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    Nota.objects.update(chave="", xml=None, pdf=None)
    nota.refresh_from_db()
    return nota


def test_a_note_without_its_chave_is_read_by_its_number_and_gets_it(acertada: Nota, ana: Usuario) -> None:
    Nota.objects.update(numero_nfse="2026000001")  # as the town's page writes it
    acertada.refresh_from_db()
    acoes.reler([acertada], ana)
    trabalhar()
    acertada.refresh_from_db()
    assert (bool(acertada.chave), acertada.numero_nfse) == (True, "1")
    assert acertada.xml is not None
    assert f"Chave encontrada: {acertada.chave}" in acertada.eventos.values_list("texto", flat=True)


def test_a_note_without_its_chave_gets_its_papers_by_its_number(acertada: Nota) -> None:
    acoes.buscar_documentos([acertada], None)
    trabalhar()
    acertada.refresh_from_db()
    assert acertada.chave
    assert acertada.pdf is not None


@pytest.mark.parametrize(
    ("outra", "palavras"),
    [
        ({"numero_nfse": "4321"}, "não se reconhece como esta"),
        ({"numero": 77}, "não tem nota com a série e o número (RPS) 1/77"),
    ],
)
def test_a_note_that_is_another_ones_leaves_no_chave(
    acertada: Nota, ana: Usuario, outra: dict[str, Any], palavras: str
) -> None:
    Nota.objects.update(**outra)
    acertada.refresh_from_db()
    acoes.reler([acertada], ana)
    trabalhar()
    acertada.refresh_from_db()
    assert acertada.chave == ""
    assert palavras in Operacao.objects.get(tipo="nfse.integranotas.reler").mensagem


def test_a_note_of_another_taker_leaves_no_chave(acertada: Nota, ana: Usuario) -> None:
    Nota.objects.update(tomador=tomador_de(acertada.empresa, 8))
    acertada.refresh_from_db()
    acoes.reler([acertada], ana)
    trabalhar()
    acertada.refresh_from_db()
    assert acertada.chave == ""


def test_the_page_of_a_note_without_its_chave_says_what_to_do(acertada: Nota, client: Client, ana: Usuario) -> None:
    client.force_login(ana)
    assert "está sem a chave do Integra Notas" in client.get(acertada.get_absolute_url()).content.decode()
    with pytest.raises(NotaOcupada, match="Releia a nota"):
        acoes.cancelar(acertada, "2", MOTIVO, ana)
