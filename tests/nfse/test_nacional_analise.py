"""Many cancellations that the national system refuses for the time or the amount of the município: its analysis is
asked for, of all of them at once, after a pré-voo."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comum.models import Usuario
from nfse.models import CanalNfse, Cancelamento, Nota
from nfse.services import lote
from operacoes.models import Operacao, Processamento
from operacoes.processamentos.resultados import recusadas_por_motivo
from tests.nfse.apoio_nacional import canal_no_nacional, nacional
from tests.nfse.escritorio import emitir_ja, trabalhar
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)
MOTIVO = "Serviço não foi prestado ao tomador"


@pytest.fixture
def sefin(nfse_vivo: SandboxVivo) -> Iterator[SandboxVivo]:
    yield nfse_vivo
    nfse_vivo.controle.relogio(real=True)


@pytest.fixture
def canal(sefin: SandboxVivo) -> CanalNfse:
    return canal_no_nacional(sefin, 41)


def emitidas(canal: CanalNfse, usuario: Usuario, quantas: int) -> list[Nota]:
    notas = [nacional(canal, usuario) for _ in range(quantas)]
    emitir_ja(*notas, usuario=usuario)
    return list(Nota.objects.filter(pk__in=[nota.pk for nota in notas], situacao=Nota.Situacao.AUTORIZADA))


def recusadas_por_valor(canal: CanalNfse, usuario: Usuario, sefin: SandboxVivo, quantas: int) -> list[Nota]:
    """Notes whose cancellation was asked for in bulk and refused."""
    notas = emitidas(canal, usuario, quantas)
    sefin.controle.ajustes(**{"nacional.municipios": {"2601409": {"cancelamento_valor": "1.00"}}})
    pks = [nota.pk for nota in notas]
    lote.cancelar_varias(pks, {"nacional": "1"}, MOTIVO, usuario, marca=lote.cancelaveis(pks).marca)
    trabalhar()
    assert set(Operacao.objects.filter(tipo="nfse.nacional.cancelar").values_list("codigo", flat=True)) == {"E0823"}
    return notas


def marca_em(pagina: str) -> str:
    achada = re.search(r'name="marca" value="([0-9a-f]+)"', pagina)
    assert achada is not None
    return achada[1]


def test_the_refused_ones_are_asked_of_the_municipio_all_at_once(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, client: Client
) -> None:
    client.force_login(ana)
    notas = recusadas_por_valor(canal, ana, sefin, 3)
    sefin.controle.ajustes(**{"nacional.municipios": {}})
    (outra,) = emitidas(canal, ana, 1)
    ids = {"ids": [str(nota.pk) for nota in [*notas, outra]]}

    # *Cancelar* leaves them out, says why, and leads on.
    pagina = client.post(reverse("nfse:agir", args=["cancelar"]), ids).content.decode()
    assert "Cancelar 1 nota" in pagina
    assert "passar do prazo ou do valor" in pagina
    assert reverse("nfse:agir", args=["analisar"]) in pagina

    pagina = client.post(reverse("nfse:agir", args=["analisar"]), ids).content.decode()
    assert "Pedir análise de 3 notas · R$ 3.000,00" in pagina
    assert "Use Cancelar." in pagina  # of the other one
    dados = ids | {"marca": marca_em(pagina), "codigo-nacional": "1", "motivo": MOTIVO}
    resposta = client.post(reverse("nfse:agir", args=["analisar"]), dados)
    run = Processamento.objects.get(tipo=lote.ANALISAR)
    assert resposta["Location"] == run.get_absolute_url()
    assert client.post(reverse("nfse:agir", args=["analisar"]), dados)["Location"] == run.get_absolute_url()
    trabalhar()
    pedidas = Nota.objects.filter(pk__in=[nota.pk for nota in notas])
    assert set(pedidas.values_list("situacao", flat=True)) == {Nota.Situacao.CANCELANDO}
    assert Operacao.objects.filter(tipo="nfse.nacional.analisar", situacao="concluida").count() == 3
    assert len(sefin.controle.ledger(servico="nacional", tipo="evento_registrado")) == 3
    outra.refresh_from_db()
    assert outra.situacao == Nota.Situacao.AUTORIZADA
    assert not outra.cancelamentos.exists()


def test_a_reason_too_short_is_told_and_nothing_is_asked(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, client: Client
) -> None:
    client.force_login(ana)
    (nota,) = recusadas_por_valor(canal, ana, sefin, 1)
    ids = {"ids": str(nota.pk)}
    marca = lote.analisaveis([nota.pk]).marca
    resposta = client.post(
        reverse("nfse:agir", args=["analisar"]), ids | {"marca": marca, "codigo-nacional": "1", "motivo": "curto"}
    )
    assert resposta.status_code == 422
    assert "aceita de 15 a 255" in resposta.content.decode()
    assert nota.cancelamentos.count() == 1


def test_the_result_of_the_run_leads_to_the_notes_and_offers_no_repetition(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, client: Client
) -> None:
    client.force_login(ana)
    notas = recusadas_por_valor(canal, ana, sefin, 2)
    run = Processamento.objects.get(tipo=lote.CANCELAR)
    (grupo,) = recusadas_por_motivo(run, ana, notas[0].competencia)[0]
    assert grupo.acao is not None
    assert not grupo.repetivel
    lista = client.get(grupo.acao.url).content.decode()
    assert all(reverse("nfse:nota", args=[nota.pk]) in lista for nota in notas)


def test_a_note_cancelled_meanwhile_changes_what_was_shown(canal: CanalNfse, ana: Usuario, sefin: SandboxVivo) -> None:
    notas = recusadas_por_valor(canal, ana, sefin, 2)
    pks = [nota.pk for nota in notas]
    marca = lote.analisaveis(pks).marca
    Nota.objects.filter(pk=pks[0]).update(situacao=Nota.Situacao.CANCELADA)
    with pytest.raises(lote.MudouLote):
        lote.cancelar_varias(pks, {"nacional": "1"}, MOTIVO, ana, marca=marca, analise=True)
    assert Cancelamento.objects.count() == 2


def test_looking_at_many_takes_as_many_queries_as_at_one(canal: CanalNfse, ana: Usuario, sefin: SandboxVivo) -> None:
    notas = recusadas_por_valor(canal, ana, sefin, 4)

    def quantas(pks: list[int]) -> int:
        with CaptureQueriesContext(connection) as consultas:
            assert len(lote.analisaveis(pks).vao) == len(pks)
        return len(consultas)

    assert quantas([nota.pk for nota in notas]) == quantas([notas[0].pk])
