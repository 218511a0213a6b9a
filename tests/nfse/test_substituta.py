"""A note that replaces another: checked against it before anything leaves."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from comum.models import Usuario
from empresas.models import Empresa
from nfse.models import CanalNfse, Cancelamento, Nota, TipoCanal
from nfse.providers.interface import Estado, NotaNoServico
from nfse.services import acoes, registro
from nfse.services.emissao import Mudou, com_tudo, emitir_uma, prevoo
from nfse.services.lote import cancelaveis
from nfse.services.notas import NotaOcupada
from tests.nfse.apoio import autorizar, criar_canal, criar_nota, enviar, recusar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hoje")]
MOTIVO = "Valor errado, corrigido com o cliente"


@pytest.fixture
def canal(minha: Empresa) -> CanalNfse:
    return criar_canal(minha)


@pytest.fixture
def antiga(canal: CanalNfse, ana: Usuario) -> Nota:
    return autorizar(criar_nota(canal, ana), ana)


def codigos(nota: Nota) -> list[str]:
    return [um.codigo for fora in prevoo(com_tudo([nota.pk])).fora for um in fora.problemas]


def test_it_goes_while_the_old_one_stands(antiga: Nota, ana: Usuario) -> None:
    assert codigos(acoes.substituir(antiga, "1", MOTIVO, ana)) == []


def test_a_refused_one_beside_a_newer_one_is_left_out(antiga: Nota, ana: Usuario) -> None:
    primeira = recusar(acoes.substituir(antiga, "1", MOTIVO, ana), ana)
    segunda = acoes.substituir(antiga, "1", MOTIVO, ana)
    assert codigos(primeira) == ["outra-substituta"]
    assert codigos(segunda) == []


def test_what_was_cancelled_meanwhile_is_not_replaced(antiga: Nota, ana: Usuario) -> None:
    nova = acoes.substituir(antiga, "1", MOTIVO, ana)
    Nota.objects.filter(pk=antiga.pk).update(situacao=Nota.Situacao.CANCELADA)
    assert codigos(nova) == ["substituida-encerrada"]


def test_what_is_being_cancelled_is_not_replaced(antiga: Nota, ana: Usuario) -> None:
    nova = acoes.substituir(antiga, "1", MOTIVO, ana)
    acoes.cancelar(antiga, "1", MOTIVO, ana)
    assert codigos(nova) == ["substituida-encerrada"]
    with pytest.raises(NotaOcupada, match="já foi pedido"):
        acoes.substituir(antiga, "1", MOTIVO, ana)


def test_it_goes_by_the_channel_of_the_old_one_or_not_at_all(antiga: Nota, canal: CanalNfse, ana: Usuario) -> None:
    nova = acoes.substituir(antiga, "1", MOTIVO, ana)
    CanalNfse.objects.filter(pk=canal.pk).update(ativo=False)
    criar_canal(canal.empresa, TipoCanal.SISGENFE, codigo=7999)
    assert "substituida-de-outro-canal" in codigos(nova)


def test_the_old_one_is_not_cancelled_while_its_substitute_is_on_its_way(antiga: Nota, ana: Usuario) -> None:
    enviar(acoes.substituir(antiga, "1", MOTIVO, ana), ana)
    with pytest.raises(NotaOcupada, match="substituta da nota 4001 está em emissão"):
        acoes.cancelar(antiga, "1", MOTIVO, ana)
    assert "substituta" in cancelaveis([antiga.pk]).fora[0].motivo


def test_a_request_to_cancel_ends_with_the_replacement(antiga: Nota, ana: Usuario) -> None:
    pedido = acoes.cancelar(antiga, "1", MOTIVO, ana)
    Nota.objects.filter(pk=antiga.pk).update(situacao=Nota.Situacao.SUBSTITUIDA)
    registro.cancelada(registro.travada(antiga.pk), NotaNoServico(Estado.CANCELADA), pedido.operacao)
    pedido.refresh_from_db()
    assert pedido.situacao == Cancelamento.Situacao.CONFIRMADO


def test_the_confirmation_is_of_the_channel_and_the_tomador_that_were_shown(canal: CanalNfse, ana: Usuario) -> None:
    nota = criar_nota(canal, ana)
    vista = prevoo(com_tudo([nota.pk])).marca
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        nota.tomador.bairro = "Outro bairro"
        nota.tomador.save()
    with pytest.raises(Mudou):
        emitir_uma(nota.pk, ana, marca=vista)
