"""Guias that become paid without a person: the free news, then one search of whom they name."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from empresas.models import Empresa
from guias import tasks
from guias.models import Escritorio, Guia, Novidade, Rotina
from guias.services import buscas, rotina
from operacoes.custos import contas
from operacoes.models import Operacao, Processamento, Teto
from tests.guias.apoio import trabalhar
from tests.guias.test_pagamentos import escritorio, pagar
from tests.sandbox_fixture import SandboxVivo

__all__ = ["escritorio"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ligada(ana: Usuario, serpro_vivo: SandboxVivo) -> Escritorio:
    serpro_vivo.controle.ajustes(**{"integra_contador.eventos_espera_ms": 0})
    return Escritorio.objects.create(rotina=Rotina.PAGAMENTOS, rotina_de=ana)


def noticiar(sandbox: SandboxVivo, empresa: Empresa, dias: int = 1) -> None:
    """Something was paid on a day before: what is of the last minutes is not told yet."""
    quando = timezone.now() - timedelta(days=dias)
    evento = {"evento": Novidade.Evento.PAGAMENTOS.value, "em": quando.isoformat()}
    sandbox.controle.cadastro(contribuintes=[{"documento": empresa.documento, "eventos": [evento]}])


def manha() -> None:
    tasks.consultar_novidades(0)
    trabalhar()
    tasks.buscar_pagamentos(0)
    trabalhar()


def buscadas() -> list[int | None]:
    return list(Operacao.objects.filter(tipo=buscas.TIPO_BUSCAR).order_by("pk").values_list("empresa", flat=True))


def test_a_paid_guia_becomes_paid_without_a_person(
    escritorio: list[Empresa], ligada: Escritorio, serpro_vivo: SandboxVivo, ana: Usuario
) -> None:
    paga, sem_guia, _sem_novidade = escritorio
    guia = Guia.objects.get(empresa=paga)
    pagar(serpro_vivo, guia)
    for empresa in (paga, sem_guia):
        noticiar(serpro_vivo, empresa)
    Guia.objects.filter(empresa=sem_guia).update(
        paga_em=timezone.localdate(), valor_pago=F("total"), fonte=Guia.Fonte.PGDASD
    )
    manha()
    guia.refresh_from_db()
    assert (guia.paga_em, guia.fonte) == (timezone.localdate(), Guia.Fonte.PAGTOWEB)
    assert buscadas() == [paga.pk]
    operacao = Operacao.objects.get(tipo=buscas.TIPO_BUSCAR)
    assert operacao.opcional
    run = operacao.processamento
    assert run is not None
    assert run.usuario == ana
    assert rotina.ultima() == (run, Decimal("0.24"))


def test_the_same_news_never_lead_to_a_second_search(
    escritorio: list[Empresa], ligada: Escritorio, serpro_vivo: SandboxVivo
) -> None:
    empresa = escritorio[0]
    noticiar(serpro_vivo, empresa, dias=2)
    manha()
    Operacao.objects.filter(tipo=buscas.TIPO_BUSCAR).update(situacao="recusada")  # whatever became of it
    manha()
    assert buscadas() == [empresa.pk]
    noticiar(serpro_vivo, empresa, dias=1)
    Operacao.objects.filter(tipo=buscas.TIPO_BUSCAR).update(situacao="concluida")
    Novidade.objects.update(dia=timezone.localdate())  # of today: the day is not over
    tasks.buscar_pagamentos(0)
    assert buscadas() == [empresa.pk]


def test_the_cap_of_cost_stops_it_first_and_lets_it_go_on(
    escritorio: list[Empresa], ligada: Escritorio, serpro_vivo: SandboxVivo, ana: Usuario, entrar: Any
) -> None:
    noticiar(serpro_vivo, escritorio[0])
    acesso = Operacao.objects.order_by("pk")[0].acesso
    teto = Teto.objects.create(conta=contas.contas_de([acesso])[acesso], valor=Decimal("0.01"), alterado_por=ana)
    manha()
    assert buscadas() == []
    assert not Processamento.objects.filter(tipo=buscas.TIPO_BUSCAR).exists()
    assert rotina.candidatas() == [escritorio[0].pk]
    pagina = entrar(ana).post(reverse("guias:pagamentos")).content.decode()
    assert "1 empresa espera a próxima volta" in pagina
    teto.delete()
    tasks.buscar_pagamentos(0)
    assert buscadas() == [escritorio[0].pk]


@pytest.mark.parametrize("escolhida", [Rotina.NADA, Rotina.NOVIDADES])
def test_switched_off_it_asks_nothing_that_is_charged(
    escritorio: list[Empresa], ligada: Escritorio, serpro_vivo: SandboxVivo, escolhida: Rotina
) -> None:
    Escritorio.objects.update(rotina=escolhida)
    noticiar(serpro_vivo, escritorio[0])
    manha()
    assert buscadas() == []
    assert Novidade.objects.exists() is (escolhida == Rotina.NOVIDADES)


def test_without_a_choice_it_is_as_the_installation_says(settings: Any) -> None:
    settings.GUIAS_NOVIDADES_DIARIAS = False
    assert rotina.em_vigor() == Rotina.NADA
    settings.GUIAS_NOVIDADES_DIARIAS = True
    assert rotina.em_vigor() == Rotina.NOVIDADES


def test_the_administrator_is_told_the_cost_and_it_runs_in_their_name(
    escritorio: list[Empresa], ligada: Escritorio, entrar: Any, ana: Usuario
) -> None:
    Escritorio.objects.update(rotina=Rotina.NADA, rotina_de=None)
    cliente, url = entrar(ana), reverse("admin:guias_escritorio_change", args=[1])
    assert "3 empresas com guia a pagar: se todas pagarem no mês, cerca de R$ 0,72" in " ".join(
        cliente.get(url).content.decode().replace("\xa0", " ").split()
    )
    cliente.post(url, {"caminho": "economico", "rotina": "pagamentos"})
    assert Escritorio.atual().rotina_de == ana
    pagina = cliente.post(reverse("guias:pagamentos")).content.decode()
    assert "quem tem pagamento novo e guia a pagar" in pagina
