"""What ends soon: when it is told, to whom, and until the next warning once a person knows of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from credentials.models import Autor, CertificadoA1, Credencial, Servico
from empresas.models import Carteira
from painel.validades import MARCOS, Validade, a_vencer, avisos
from tests.cast import criar_empresa
from tests.guias.apoio import credencial_falsa, procuracao_de, vincular

pytestmark = pytest.mark.django_db

HOJE = timezone.localdate()


@pytest.fixture(autouse=True)
def nada_guardado() -> None:
    cache.clear()


def do_certificado(usuario: Any) -> Validade | None:
    return next((v for v in a_vencer(usuario) if v.o_que == "Certificado A1"), None)


def vencer(certificado: CertificadoA1 | None, dias: int) -> None:
    assert certificado is not None
    # At noon, so that the day is the same in any zone.
    certificado.valido_ate = timezone.localtime().replace(hour=12) + timedelta(days=dias)
    certificado.save()


@pytest.fixture
def credencial(adicional_216: Any) -> Credencial:
    return credencial_falsa()


@pytest.mark.parametrize(
    ("dias", "marco", "quando"),
    [
        (61, None, ""),
        (60, 60, "vence em 60 dias"),
        (31, 60, "vence em 31 dias"),
        (30, 30, "vence em 30 dias"),
        (15, 15, "vence em 15 dias"),
        (7, 7, "vence em 7 dias"),
        (1, 1, "vence amanhã"),
        (0, 1, "vence hoje"),
        (-3, 0, "venceu há 3 dias"),
    ],
)
def test_a_certificate_is_warned_of_by_its_days(
    dias: int, marco: int | None, quando: str, ana: Any, credencial: Credencial
) -> None:
    vencer(credencial.certificado, dias)
    achada = do_certificado(ana)
    assert (achada and (achada.marco, achada.quando)) == ((marco, quando) if marco is not None else None)


def test_who_knows_of_it_is_told_again_at_the_next_warning(client: Client, ana: Any, credencial: Credencial) -> None:
    vencer(credencial.certificado, 20)
    (aviso,) = avisos(ana)
    client.force_login(ana)
    assert "Certificado A1" in client.get("/").content.decode()
    client.post("/validades/ciente/", {"item": aviso.chave})
    assert avisos(ana) == []
    assert aviso.de_quem not in client.get("/").content.decode()
    assert aviso.de_quem in client.get("/validades/").content.decode()
    vencer(credencial.certificado, 15)
    assert [v.marco for v in avisos(ana)] == [15]
    assert sorted(MARCOS, reverse=True) == list(MARCOS)


def test_an_item_that_is_gone_is_said_so(client: Client, ana: Any, credencial: Credencial) -> None:
    client.force_login(ana)
    resposta = client.post("/validades/ciente/", {"item": "certificado:nenhum"}, follow=True)
    assert "já não existe" in resposta.content.decode()


def test_the_secret_is_asked_to_be_changed(ana: Any, credencial: Credencial, settings: Any) -> None:
    settings.SECRET_TROCA_DIAS = 365
    credencial.secret_trocado_em = timezone.now() - timedelta(days=300)
    credencial.save()
    assert a_vencer(ana) == []
    credencial.secret_trocado_em = timezone.now() - timedelta(days=310)
    credencial.save()
    (secret,) = a_vencer(ana)
    assert (secret.o_que, secret.dias) == ("Consumer Secret", 55)


def test_a_procurador_and_the_procuracoes_are_told_within_the_carteiras(
    ana: Any, bruno: Any, carteira: Carteira, credencial: Credencial
) -> None:
    sua, outra = criar_empresa(1, carteira=carteira), criar_empresa(2)
    assert credencial.certificado is not None
    dele = CertificadoA1.objects.get(pk=credencial.certificado.pk)
    dele._state.adding, dele.pk, dele.titular = True, None, "Procuradora Inventada"
    dele.save(force_insert=True)
    vencer(dele, 10)
    for empresa, autor in ((sua, Autor.CONTRATANTE), (outra, Autor.PROCURADOR)):
        vinculo = vincular(empresa, credencial, ana, Servico.PGDASD)
        if autor == Autor.PROCURADOR:
            vinculo.autor, vinculo.procurador, vinculo.procurador_certificado = autor, "52998224725", dele
            vinculo.save()
    procuracao_de(sua, credencial, ["TODOS"], HOJE + timedelta(days=5))
    procuracao_de(outra, credencial, ["TODOS"], HOJE - timedelta(days=5), outorgado="52998224725")
    assert [v.o_que for v in a_vencer(ana)] == ["Procurações", "Procurações", "Certificado do procurador"]
    assert [v.o_que for v in a_vencer(bruno)] == ["Procurações"]
    assert a_vencer(bruno)[0].dias == 5


def test_a_procuracao_that_ends_is_warned_of_though_another_power_is_missing(
    client: Client, ana: Any, credencial: Credencial
) -> None:
    empresa = criar_empresa(1)
    vincular(empresa, credencial, ana, Servico.PGDASD, Servico.DCTFWEB)
    procuracao_de(empresa, credencial, ["PGDAS-D"], HOJE + timedelta(days=12))
    (aviso,) = avisos(ana)
    assert (aviso.o_que, aviso.dias, aviso.de_quem) == ("Procurações", 12, "1 empresa")
    client.force_login(ana)
    assert "vence em 12 dias" in client.get("/").content.decode()
    assert client.get(aviso.url).context["lista"].total == 1


def test_the_page_asks_a_constant_number_of_questions(
    client: Client, ana: Any, credencial: Credencial, django_assert_max_num_queries: Any
) -> None:
    for codigo in range(2, 22):
        outra = credencial_falsa(codigo)
        vencer(outra.certificado, codigo)
    client.force_login(ana)
    with django_assert_max_num_queries(14):
        assert len(client.get("/validades/").context["validades"]) == 20
