"""Readings of a screen, beside the queue: under its limits, and no longer than a person waits."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from operacoes import avulsas, throttle
from operacoes.errors import ProviderUnavailable
from operacoes.handlers import Limite
from operacoes.http import Chamadas
from operacoes.models import Balde, Operacao, Situacao
from operacoes.motor import adiantar, submeter
from tests.operacoes.apoio import nova

pytestmark = pytest.mark.django_db

FOLGADO = Limite("folgado", 1000, timedelta(seconds=1), rajada=1000)
APERTADO = Limite("apertado", 1, timedelta(minutes=1), bloqueio=timedelta(minutes=5))
UM_POR_VEZ = Limite("um", 1000, timedelta(seconds=1), rajada=1000, em_serie=True)


def duas_chamadas(chamadas: Chamadas) -> str:
    assert chamadas.vez is not None
    chamadas.vez()
    chamadas.vez()
    return "lido"


def test_each_call_takes_a_start_in_every_limit() -> None:
    assert avulsas.ler(duas_chamadas, [FOLGADO]) == "lido"
    balde = Balde.objects.get(pk="folgado")
    throttle.garantir([APERTADO])
    assert balde.tat > Balde.objects.get(pk="apertado").tat - timedelta(seconds=1)


def test_a_start_too_far_off_is_told_instead_of_waited_for() -> None:
    with pytest.raises(ProviderUnavailable) as erro:
        avulsas.ler(duas_chamadas, [APERTADO], prazo=5)
    assert erro.value.codigo == "LIMITE-DE-CHAMADAS"
    assert 50 < (erro.value.retry_after or 0) <= 60


def test_what_the_service_blocks_is_blocked_for_the_queue_too() -> None:
    def bloqueada(chamadas: Chamadas) -> None:
        raise ProviderUnavailable("Passou do limite.", bloqueio=True, retry_after=90, codigo="HTTP-429")

    with pytest.raises(ProviderUnavailable):
        avulsas.ler(bloqueada, [FOLGADO, APERTADO])
    assert 80 < throttle.bloqueio(["folgado"]) <= 90
    assert throttle.bloqueio(["apertado"]) == 0


def test_a_block_without_a_time_lasts_as_long_as_the_limit_says() -> None:
    def bloqueada(chamadas: Chamadas) -> None:
        raise ProviderUnavailable("Passou do limite.", bloqueio=True, balde="apertado", codigo="HTTP-429")

    with pytest.raises(ProviderUnavailable):
        avulsas.ler(bloqueada, [FOLGADO, APERTADO])
    assert throttle.bloqueio(["apertado"]) > 290


def test_where_one_call_at_a_time_is_wanted_the_reading_holds_the_queue_and_lets_it_go() -> None:
    def olhar(chamadas: Chamadas) -> bool:
        return Balde.objects.filter(pk="um", dono_ate__gt=Now()).exists()

    assert avulsas.ler(olhar, [UM_POR_VEZ])
    assert not Balde.objects.filter(pk="um", dono__isnull=False).exists()


def test_a_reading_gives_up_while_the_queue_holds_the_one_call() -> None:
    throttle.garantir([UM_POR_VEZ])
    assert throttle.deter(["um"], 17, 60)
    with pytest.raises(ProviderUnavailable):
        avulsas.ler(duas_chamadas, [UM_POR_VEZ], prazo=0.1)
    assert Balde.objects.get(pk="um").dono == 17


def test_news_puts_forward_only_what_waits_for_the_service() -> None:
    (aceita, incerta, pendente) = submeter([nova(chave) for chave in "abc"], usuario=None).criadas
    longe = Now() + timedelta(hours=1)
    for operacao, situacao in ((aceita, Situacao.ACEITA), (incerta, Situacao.INCERTA), (pendente, Situacao.PENDENTE)):
        Operacao.objects.filter(pk=operacao.pk).update(situacao=situacao, proxima_em=longe)
    assert adiantar([aceita.pk, incerta.pk, pendente.pk, 0]) == 2
    devidas = Operacao.objects.filter(proxima_em__lte=Now()).values_list("pk", flat=True)
    assert set(devidas) == {aceita.pk, incerta.pk}
