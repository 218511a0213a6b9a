"""The photograph of the month is kept for all who see the same empresas, and for nobody else."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comum.models import Papel, Usuario
from empresas.models import Carteira, Regime
from painel.leitura import _Leitura, fotografia
from tests.cast import criar_empresa

OUT = date(2026, 10, 1)


def _pks(usuario: Usuario) -> list[int]:
    return list(fotografia(usuario, OUT, None).ids)


def _le_as_empresas(usuario: Usuario) -> bool:
    with CaptureQueriesContext(connection) as vistas:
        fotografia(usuario, OUT, None)
    return any('FROM "empresas_empresa"' in consulta["sql"] for consulta in vistas)


@pytest.mark.django_db(transaction=True)
def test_it_is_kept_for_all_of_the_same_carteiras(
    ana: Usuario, bruno: Usuario, carteira: Carteira, outra_carteira: Carteira
) -> None:
    minha = criar_empresa(1, carteira=carteira, regime=Regime.MEI)
    alheia = criar_empresa(2, carteira=outra_carteira, regime=Regime.MEI)
    colega = Usuario.objects.create(username="colega", papel=Papel.CONSULTA)
    colega.carteiras.add(carteira)
    outra_ana = Usuario.objects.create(username="outra-ana", papel=Papel.ADMINISTRADOR)
    assert _pks(bruno) == [minha.pk]
    assert not _le_as_empresas(colega)
    assert _pks(colega) == [minha.pk]
    assert _pks(ana) == [minha.pk, alheia.pk]
    assert not _le_as_empresas(outra_ana)
    colega.carteiras.add(outra_carteira)
    assert _pks(colega) == [minha.pk, alheia.pk]
    assert _pks(bruno) == [minha.pk]
    colega.carteiras.clear()
    assert _pks(colega) == []


@pytest.mark.django_db
def test_it_is_of_the_carteiras_in_its_key_whatever_changes_meanwhile(
    bruno: Usuario, carteira: Carteira, outra_carteira: Carteira
) -> None:
    minha = criar_empresa(1, carteira=carteira, regime=Regime.MEI)
    criar_empresa(2, carteira=outra_carteira, regime=Regime.MEI)
    leitura = _Leitura(bruno, OUT, None)
    bruno.carteiras.set([outra_carteira])
    assert list(leitura.revelar().foto.ids) == [minha.pk]
