"""The steps of notas tick themselves, each person by what they see."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from empresas.models import Carteira, Empresa
from nfse.models import CanalNfse, Nota, TipoCanal
from painel.passos_notas import passos_de_notas
from tests.cast import criar_empresa
from tests.nfse.fabrica import RECIFE, criar_contrato

pytestmark = pytest.mark.django_db


@pytest.fixture
def minha(carteira: Carteira) -> Empresa:
    return criar_empresa(1, carteira=carteira)


def feitos(usuario: Usuario) -> set[str]:
    return {passo.codigo for passo in passos_de_notas(usuario) if passo.feito}


def test_nothing_is_done_in_a_new_office(ana: Usuario) -> None:
    assert feitos(ana) == set()


def test_a_canal_counts_as_tested_until_it_is_changed(ana: Usuario, minha: Empresa) -> None:
    canal = CanalNfse.objects.create(codigo=1, empresa=minha, tipo=TipoCanal.SISGENFE)
    assert feitos(ana) == {"canal"}
    CanalNfse.objects.filter(pk=canal.pk).update(testado_em=timezone.now() + timedelta(hours=1), teste_ok=True)
    assert feitos(ana) == {"canal", "canal_testado"}


def test_registers_and_the_first_authorised_note(ana: Usuario, minha: Empresa) -> None:
    contrato = criar_contrato(minha)
    assert feitos(ana) == {"tomador", "servico"}
    Nota.objects.create(
        empresa=minha,
        canal=CanalNfse.objects.create(codigo=1, empresa=minha, tipo=TipoCanal.SISGENFE),
        tomador=contrato.tomador,
        competencia=date(2026, 10, 1),
        emissao=date(2026, 10, 5),
        municipio_prestacao_id=RECIFE,
        criada_por=ana,
        situacao=Nota.Situacao.AUTORIZADA,
        numero_nfse="1",
    )
    assert "primeira_nota" in feitos(ana)


def test_what_is_of_another_carteira_ticks_nothing(bruno: Usuario, outra_carteira: Carteira) -> None:
    criar_contrato(criar_empresa(2, carteira=outra_carteira))
    assert feitos(bruno) == set()


def test_the_page_shows_both_groups(client: Client, ana: Usuario) -> None:
    client.force_login(ana)
    texto = client.get(reverse("primeiros_passos")).content.decode()
    assert "Notas de serviço" in texto
    assert all(passo.titulo in texto for passo in passos_de_notas(ana))
