"""The checklist ticks itself where the product can know, and asks a person for the rest."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from comum.models import Adicional
from credentials.models import Credencial
from credentials.services.passos import confirmar, passos
from tests.cast import criar_empresa
from tests.credentials.fabrica import criar_credencial, vincular

pytestmark = pytest.mark.django_db


def feitos(usuario) -> set[str]:
    return {passo.codigo for passo in passos(usuario) if passo.feito}


def test_a_new_installation_has_everything_to_do(ana) -> None:
    Adicional.objects.update(ativo=False)
    assert feitos(ana) == set()


def test_what_the_product_knows_ticks_itself(ana, adicional_216, carteira) -> None:
    assert feitos(ana) == {"adicional"}
    credencial = criar_credencial(1, completa=False)
    assert "credencial" not in feitos(ana)
    credencial.delete()
    credencial = criar_credencial(1)
    assert feitos(ana) == {"adicional", "credencial", "certificado"}
    Credencial.objects.update(testada_em=timezone.now(), teste_ok=True)
    vincular(criar_empresa(1, carteira=carteira), credencial, ana)
    assert feitos(ana) == {"adicional", "credencial", "certificado", "conexao", "empresas", "vinculos"}


def test_a_connection_tested_before_the_keys_changed_is_to_be_tested_again(ana, adicional_216) -> None:
    credencial = criar_credencial(1)
    Credencial.objects.update(testada_em=timezone.now(), teste_ok=True)
    assert "conexao" in feitos(ana)
    credencial.save()
    assert "conexao" not in feitos(ana)


def test_empresas_of_other_carteiras_do_not_tick_a_step(davi, ana, adicional_216, carteira) -> None:
    vincular(criar_empresa(1, carteira=carteira), criar_credencial(1), ana)
    assert not {"empresas", "vinculos"} & feitos(davi)


def test_a_person_confirms_and_takes_back(bruno) -> None:
    confirmar("contrato", bruno, feito=True)
    assert "contrato" in feitos(bruno)
    assert "por Bruno" in next(p.quando for p in passos(bruno) if p.codigo == "contrato")
    confirmar("contrato", bruno, feito=False)
    assert "contrato" not in feitos(bruno)


def test_what_the_product_knows_is_not_confirmed_by_hand(ana) -> None:
    with pytest.raises(KeyError):
        confirmar("certificado", ana, feito=True)


def test_consulta_confirms_nothing(carla) -> None:
    with pytest.raises(PermissionDenied):
        confirmar("contrato", carla, feito=True)


def test_the_page_shows_every_step(client, carla) -> None:
    client.force_login(carla)
    pagina = client.get("/primeiros-passos/").content.decode()
    assert all(passo.titulo in pagina for passo in passos(carla))
    assert 'name="passo"' not in pagina
