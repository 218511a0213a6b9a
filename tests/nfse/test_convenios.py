"""What the municípios agreed to with the national system: its age, read again before use, kept when that fails."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comum.models import Auditoria, Usuario
from credentials.models import CertificadoA1
from nfse.models import CanalNfse, ConvenioNacional, Nota
from nfse.providers.nacional.parametros import Convenio
from nfse.services import convenios
from nfse.services.emissao import com_tudo, prevoo
from nfse.services.nacional import guardar_convenio
from nfse.tasks import reler_convenios
from operacoes.errors import ProviderError
from operacoes.models import Pausa
from tests.nfse.apoio_nacional import canal_no_nacional, nacional
from tests.nfse.escritorio import BARREIROS
from tests.nfse.fabrica import RECIFE
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)
DOIS_DIAS = timedelta(days=2)


@pytest.fixture
def sefin(nfse_vivo: SandboxVivo) -> Iterator[SandboxVivo]:
    yield nfse_vivo
    nfse_vivo.controle.relogio(real=True)


@pytest.fixture
def canal(sefin: SandboxVivo) -> CanalNfse:
    return canal_no_nacional(sefin, 51)


@pytest.fixture
def nota(canal: CanalNfse, ana: Usuario) -> Nota:
    return nacional(canal, ana)


def envelhecer(idade: timedelta = DOIS_DIAS, **campos: Any) -> ConvenioNacional:
    ConvenioNacional.objects.update(lido_em=timezone.now() - idade, **campos)
    return ConvenioNacional.objects.get()


def test_an_old_reading_is_made_again_before_a_note_goes_by_it(sefin, nota: Nota, ana, client: Client) -> None:
    envelhecer(ativo=False)
    client.force_login(ana)
    assert client.get(reverse("nfse:emitir", args=[nota.pk])).status_code == 200
    lido = ConvenioNacional.objects.get()
    assert (lido.ativo, convenios.velho(lido)) == (True, False)


def test_a_fresh_reading_is_not_asked_for_again(sefin, nota: Nota, ana, client: Client) -> None:
    antes = envelhecer(timedelta(hours=23), ativo=False)
    client.force_login(ana)
    client.get(reverse("nfse:emitir", args=[nota.pk]))
    assert ConvenioNacional.objects.get().lido_em == antes.lido_em


def test_the_age_is_a_setting(sefin, nota: Nota, settings) -> None:
    antes = envelhecer(timedelta(hours=3))
    convenios.renovar(com_tudo([nota.pk]))
    assert ConvenioNacional.objects.get().lido_em == antes.lido_em
    settings.NFSE_NACIONAL_CONVENIO_HORAS = 2
    convenios.renovar(com_tudo([nota.pk]))
    assert not convenios.velho(ConvenioNacional.objects.get())


def test_one_that_was_never_read_is_read_when_a_note_needs_it(sefin, nota: Nota, ana, client: Client) -> None:
    ConvenioNacional.objects.all().delete()
    client.force_login(ana)
    pagina = client.post(reverse("nfse:agir", args=["emitir"]), {"ids": str(nota.pk)}).content.decode()
    assert "Use Testar" not in pagina
    assert ConvenioNacional.objects.get().municipio_id == BARREIROS


def test_when_the_reading_fails_the_old_one_stands_and_tells_its_age(sefin, nota: Nota, ana, client: Client) -> None:
    antes = envelhecer()
    sefin.controle.cenario(acao="erro", servico="nacional", operacao="convenio", parametros={"http": 503})
    client.force_login(ana)
    pagina = client.post(reverse("nfse:agir", args=["emitir"]), {"ids": str(nota.pk)}).content.decode()
    assert "Emitir 1 nota" in pagina
    assert "foi lido 2" in pagina
    assert "A última leitura falhou" in pagina
    lido = ConvenioNacional.objects.get()
    assert (lido.lido_em, bool(lido.falha)) == (antes.lido_em, True)
    # A moment later nobody waits for it again.
    falhou_em = lido.falhou_em
    convenios.renovar(com_tudo([nota.pk]))
    assert ConvenioNacional.objects.get().falhou_em == falhou_em
    assert prevoo(com_tudo([nota.pk])).avisos


def test_one_that_could_never_be_read_is_not_asked_for_at_every_prevoo(
    sefin, canal: CanalNfse, nota: Nota, ana, client: Client
) -> None:
    ConvenioNacional.objects.all().delete()
    sefin.controle.cenario(acao="erro", servico="nacional", operacao="convenio", parametros={"http": 503})
    client.force_login(ana)
    pagina = client.post(reverse("nfse:agir", args=["emitir"]), {"ids": str(nota.pk)}).content.decode()
    assert "Não se sabe se o município de incidência" in pagina
    assert "A última leitura falhou" in pagina
    marca = ConvenioNacional.objects.get()
    assert (marca.lido_em, bool(marca.falha)) == (None, True)
    convenios.renovar(com_tudo([nota.pk]))
    assert ConvenioNacional.objects.get().falhou_em == marca.falhou_em
    pagina = client.get(canal.get_absolute_url()).content.decode()
    assert ("nunca lido" in pagina, str(marca.falha)[:20] in pagina) == (True, True)
    # After a while it is asked again, and what it says stands.
    sefin.controle.apagar_cenarios()
    ConvenioNacional.objects.update(falhou_em=timezone.now() - convenios.DEPOIS_DA_FALHA)
    convenios.renovar(com_tudo([nota.pk]))
    assert ConvenioNacional.objects.lidos().get().emite
    assert not prevoo(com_tudo([nota.pk])).fora


def test_a_municipio_that_was_never_read_is_told_of_a_note_due_elsewhere(sefin, nota: Nota) -> None:
    ConvenioNacional.objects.all().delete()
    guardar_convenio(RECIFE, Convenio(True, True, True, True, True))
    Nota.objects.update(municipio_incidencia=RECIFE)
    ConvenioNacional.objects.create(municipio_id=BARREIROS, falhou_em=timezone.now(), falha="Fora do ar.")
    (velho,) = prevoo(com_tudo([nota.pk])).convenios
    assert convenios.aviso(velho).endswith("ainda não foi lido. A última leitura falhou: Fora do ar.")


def test_the_canal_shows_the_age_and_reads_again_when_asked(sefin, canal: CanalNfse, ana, client: Client) -> None:
    envelhecer()
    client.force_login(ana)
    pagina = client.get(canal.get_absolute_url()).content.decode()
    assert "Leitura antiga" in pagina
    assert "atrás" in pagina
    resposta = client.post(reverse("nfse:canal_ler_convenios", args=[canal.codigo]), follow=True)
    pagina = resposta.content.decode()
    assert "Do município, agora: 1 convênio e 1 parâmetro." in pagina
    assert "Leitura antiga" not in pagina


def test_a_reading_asked_for_that_fails_is_told(sefin, canal: CanalNfse, ana, client: Client) -> None:
    antes = envelhecer()
    sefin.controle.cenario(acao="erro", servico="nacional", operacao="convenio", parametros={"http": 503})
    client.force_login(ana)
    resposta = client.post(reverse("nfse:canal_ler_convenios", args=[canal.codigo]), follow=True)
    assert "Continua valendo o que se leu antes" in resposta.content.decode()
    assert ConvenioNacional.objects.get().lido_em == antes.lido_em
    with pytest.raises(ProviderError):
        convenios.ler(canal, BARREIROS)


def test_only_who_operates_asks(canal: CanalNfse, client: Client, carla: Usuario, carteira) -> None:
    canal.empresa.carteira = carteira
    canal.empresa.save()
    client.force_login(carla)
    assert client.post(reverse("nfse:canal_ler_convenios", args=[canal.codigo])).status_code == 403


def test_the_hourly_task_reads_the_old_ones_of_active_canais(sefin, canal: CanalNfse) -> None:
    antes = envelhecer()
    CanalNfse.objects.update(ativo=False)
    reler_convenios(0)
    assert ConvenioNacional.objects.get().lido_em == antes.lido_em
    CanalNfse.objects.update(ativo=True)
    reler_convenios(0)
    assert not convenios.velho(ConvenioNacional.objects.get())


def vencer(*canais: CanalNfse) -> None:
    deles = CertificadoA1.objects.filter(documento__in=[canal.empresa.documento for canal in canais])
    assert deles.update(valido_ate=timezone.now() - DOIS_DIAS) == len(canais)


def test_the_hourly_task_reads_by_the_first_canal_that_can(sefin, canal: CanalNfse) -> None:
    pausado, *bons = (canal_no_nacional(sefin, numero) for numero in range(52, 57))
    vencer(canal)
    Pausa.objects.create(acesso=pausado.acesso, motivo="Certificado revogado.")
    envelhecer()
    with CaptureQueriesContext(connection) as poucos:
        reler_convenios(0)
    assert not convenios.velho(ConvenioNacional.objects.get())
    vencer(*bons[:3])
    envelhecer()
    with CaptureQueriesContext(connection) as muitos:
        reler_convenios(0)
    assert not convenios.velho(ConvenioNacional.objects.get())
    assert len(muitos) == len(poucos)
    usados = Auditoria.objects.filter(acao="canal.usar").order_by("pk").values_list("objeto", flat=True)
    assert list(usados) == [f"canalnfse:{bom.pk}" for bom in (bons[0], bons[3])]


def test_the_hourly_task_asks_again_for_what_was_never_read(sefin, canal: CanalNfse) -> None:
    ConvenioNacional.objects.all().delete()
    ConvenioNacional.objects.create(municipio_id=BARREIROS, falhou_em=timezone.now(), falha="Fora do ar.")
    reler_convenios(0)
    assert not ConvenioNacional.objects.lidos()
    ConvenioNacional.objects.update(falhou_em=timezone.now() - convenios.DEPOIS_DA_FALHA)
    reler_convenios(0)
    assert ConvenioNacional.objects.lidos().get().emite
