"""Two versions side by side: the older one leaves what it does not know to the newer, and breaks over none of it."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from comum.models import Usuario
from operacoes import handlers
from operacoes.errors import ProviderRefused
from operacoes.models import Operacao, Situacao
from operacoes.motor import EstadoErrado, execucao, recuperacao, resolver, submeter
from operacoes.motor.tomada import tomar
from operacoes.processamentos.criacao import criar
from tests.operacoes.apoio import Papel, Servico, Unico, escoar, nova, vencer

BALDE = "teste:conta:1"


@pytest.fixture
def nova_aqui(servico: Servico) -> Iterator[Operacao]:
    """One Operacao of a kind this version does not know, before one of a kind it does."""
    operacao, _ = submeter([nova("n", tipo=Papel.tipo), nova("v")], usuario=None).criadas
    with pytest.MonkeyPatch.context() as trocas:
        trocas.delitem(handlers._registro, Papel.tipo)
        yield operacao


@pytest.mark.django_db
def test_a_kind_of_a_newer_version_is_left_to_its_workers(nova_aqui: Operacao, servico: Servico) -> None:
    escoar()
    nova_aqui.refresh_from_db()
    assert servico.enviadas == ["v"]
    assert (nova_aqui.situacao, nova_aqui.envios, nova_aqui.tentativas.count()) == (Situacao.PENDENTE, 0, 0)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    assert recuperacao.vagas_por_balde() == {}  # nor is this version woken for it


@pytest.mark.django_db
def test_the_newer_version_finds_what_the_older_left(servico: Servico) -> None:
    submeter([nova("n", tipo=Papel.tipo)], usuario=None)
    with pytest.MonkeyPatch.context() as trocas:
        trocas.delitem(handlers._registro, Papel.tipo)
        execucao.drenar(BALDE)
    recuperacao.recuperar()
    execucao.drenar(BALDE)
    assert servico.enviadas == ["n"]


@pytest.mark.django_db
def test_an_older_worker_ends_the_lease_of_a_newer_one_that_died(servico: Servico) -> None:
    (operacao,) = submeter([nova("a")], usuario=None).criadas
    assert tomar(BALDE) is not None
    vencer(operacao)
    with pytest.MonkeyPatch.context() as trocas:
        trocas.delitem(handlers._registro, Unico.tipo)
        assert recuperacao.recuperar_abandonadas() == 1
        vencer(operacao)
        assert escoar() == 0
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.INCERTA


@pytest.mark.django_db
def test_the_screens_of_the_older_version_show_it(client: Client, ana: Usuario, servico: Servico) -> None:
    servico.roteiro["n2"] = [ProviderRefused("Não.", codigo="X")]
    novas = [nova(chave, tipo=Papel.tipo) for chave in ("n1", "n2", "n3")]
    feito = criar("teste", "Transmitir", ana, None, novas, [])
    while tomada := tomar(BALDE):
        if tomada.operacao.chave == "n2":
            execucao.registrar(tomada, execucao.chamar(tomada))
    Operacao.objects.filter(chave="n3").update(situacao=Situacao.AGUARDA_PESSOA, tentativa_atual=None)
    client.force_login(ana)
    with pytest.MonkeyPatch.context() as trocas:
        trocas.delitem(handlers._registro, Papel.tipo)
        for operacao in Operacao.objects.all():
            pagina = client.get(operacao.get_absolute_url())
            assert pagina.status_code == 200
            assert "versão mais nova" in pagina.content.decode()
        assert client.get(feito.get_absolute_url()).status_code == 200
        assert client.get(reverse("operacoes:lista")).status_code == 200
        recusada = Operacao.objects.get(chave="n2")
        client.post(reverse("operacoes:repetir_uma", args=[recusada.pk]))
        assert not Operacao.objects.filter(anterior=recusada).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ato", "dados"),
    [
        ("resolver", {"aconteceu": "1", "numero": "123"}),
        ("resolver", {"aconteceu": "1"}),
        ("resolver", {"aconteceu": "0", "motivo": "Não está lá."}),
        ("resolver", {"aconteceu": "0"}),
        ("perguntar", {}),
    ],
)
@pytest.mark.parametrize("especie", ["", "conferencia"])
def test_an_answer_to_it_is_refused_in_words(
    client: Client, nova_aqui: Operacao, ana: Usuario, ato: str, dados: dict[str, str], especie: str
) -> None:
    Operacao.objects.filter(pk=nova_aqui.pk).update(situacao=Situacao.AGUARDA_PESSOA)
    if especie:
        nova_aqui.tentativas.create(especie=especie, http_status=500, trabalhador="outro")
    client.force_login(ana)
    na_fila = client.get(reverse("operacoes:responder"), follow=True).content.decode()
    assert handlers.Desconhecido.nao_aqui in na_fila
    assert reverse("operacoes:resolver", args=[nova_aqui.pk]) not in na_fila  # no button that would only refuse
    resposta = client.post(reverse(f"operacoes:{ato}", args=[nova_aqui.pk]), dados, follow=True)
    assert resposta.redirect_chain == [(nova_aqui.get_absolute_url(), 302)]
    assert [str(dita) for dita in resposta.context["messages"]] == [handlers.Desconhecido.nao_aqui]
    nova_aqui.refresh_from_db()
    assert nova_aqui.situacao == Situacao.AGUARDA_PESSOA


@pytest.mark.django_db
def test_what_happened_to_it_is_answered_in_the_newer_version(nova_aqui: Operacao, ana: Usuario) -> None:
    Operacao.objects.filter(pk=nova_aqui.pk).update(situacao=Situacao.AGUARDA_PESSOA)
    with pytest.raises(EstadoErrado, match="versão mais nova"):
        resolver(nova_aqui, True, "123", ana)


@pytest.mark.django_db(transaction=True)
def test_columns_of_a_newer_version_do_not_stop_claims_and_records(servico: Servico) -> None:
    submeter([nova("antes"), nova("depois")], usuario=None)
    assert execucao.drenar(BALDE) is False
    submeter([nova("mais")], usuario=None)
    tabelas = ("operacoes_operacao", "operacoes_tentativa", "operacoes_balde", "operacoes_trabalhador")
    outra = connection.copy()
    try:
        with outra.cursor() as cursor:
            for tabela in tabelas:
                cursor.execute(f"ALTER TABLE {tabela} ADD COLUMN mais_nova text NOT NULL DEFAULT ''")
        submeter([nova("ainda")], usuario=None)
        execucao.drenar(BALDE)
        recuperacao.recuperar()
        assert sorted(servico.livro) == ["ainda", "antes", "depois", "mais"]
        assert not Operacao.objects.exclude(situacao=Situacao.CONCLUIDA).exists()
    finally:
        with outra.cursor() as cursor:
            for tabela in tabelas:
                cursor.execute(f"ALTER TABLE {tabela} DROP COLUMN IF EXISTS mais_nova")
        outra.close()
