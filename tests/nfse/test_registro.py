"""What a service's answer, or a person's, writes into a note."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from comum.models import Usuario
from empresas.models import Empresa
from nfse.models import CanalNfse, Nota, NumeroLivre, TipoCanal
from nfse.services import acoes
from nfse.services.canais import maior_usado
from nfse.services.emissao import com_tudo, prevoo
from nfse.services.notas import NotaOcupada
from nfse.services.validacao import Contexto
from operacoes.handlers import handler_de
from operacoes.models import Operacao
from tests.nfse.apoio import autorizar, criar_canal, criar_item, criar_nota, enviar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hoje")]


@pytest.fixture
def municipal(minha: Empresa) -> CanalNfse:
    return criar_canal(minha, TipoCanal.SISGENFE)


@pytest.fixture
def em_duvida(municipal: CanalNfse, ana: Usuario) -> Operacao:
    return enviar(criar_nota(municipal, ana), ana)


def test_a_number_that_a_person_typed_does_not_say_where_the_next_search_begins(
    em_duvida: Operacao, municipal: CanalNfse
) -> None:
    with transaction.atomic():
        handler_de(em_duvida.tipo).resolvida(em_duvida, " 0020260001234 ")
    municipal.refresh_from_db()
    assert (Nota.objects.get().numero_nfse, municipal.ultimo_numero) == ("20260001234", 0)


@pytest.mark.parametrize("numero", ["nº 12", "12a", "0", "1" * 16, "１２"])
def test_a_proof_that_is_no_number_of_a_note_is_refused(em_duvida: Operacao, numero: str) -> None:
    assert "só algarismos" in handler_de(em_duvida.tipo).problema_da_prova(em_duvida, numero)


def test_the_number_of_another_note_proves_nothing(municipal: CanalNfse, ana: Usuario) -> None:
    autorizar(criar_nota(municipal, ana), ana, "77")
    outra = enviar(criar_nota(municipal, ana), ana)
    assert "já está no Guichê" in handler_de(outra.tipo).problema_da_prova(outra, "077")
    assert handler_de(outra.tipo).problema_da_prova(outra, "78") == ""


def test_the_number_that_the_service_told_says_where_the_next_search_begins(municipal: CanalNfse, ana: Usuario) -> None:
    autorizar(criar_nota(municipal, ana), ana, "77")
    municipal.refresh_from_db()
    assert municipal.ultimo_numero == 77


def test_the_note_has_the_date_that_the_municipio_gave_it(municipal: CanalNfse, ana: Usuario) -> None:
    instante = datetime(2026, 11, 21, 23, 30, tzinfo=ZoneInfo("America/Sao_Paulo"))
    assert autorizar(criar_nota(municipal, ana), ana, instante=instante).emissao == date(2026, 11, 21)


def test_where_the_date_is_ours_it_stays(minha: Empresa, ana: Usuario) -> None:
    instante = datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("America/Sao_Paulo"))
    assert autorizar(criar_nota(criar_canal(minha), ana), ana, instante=instante).emissao == date(2026, 10, 20)


def test_that_the_municipio_will_date_it_is_told_before(municipal: CanalNfse, ana: Usuario) -> None:
    (aviso,) = prevoo(com_tudo([criar_nota(municipal, ana).pk])).avisos
    assert "1 nota tem outra data e sairá com a de hoje" in aviso


def test_a_longer_answer_than_there_is_room_for_is_written_all_the_same(municipal: CanalNfse, ana: Usuario) -> None:
    nota = autorizar(
        criar_nota(municipal, ana),
        ana,
        "7",
        codigo_verificacao="x" * 90,
        protocolo="y" * 90,
        link="https://n/" + "z" * 600,
    )
    assert (len(nota.codigo_verificacao), len(nota.protocolo), nota.link) == (60, 60, "")


def test_without_its_number_a_note_is_read_again_before_anything_is_asked_of_it(
    municipal: CanalNfse, ana: Usuario
) -> None:
    nota = autorizar(criar_nota(municipal, ana), ana)
    Nota.objects.filter(pk=nota.pk).update(numero_nfse="")
    for pedir in (lambda: acoes.corrigir(nota, "Onde se lê", ana), lambda: acoes.cancelar(nota, "3", "Erro", ana)):
        with pytest.raises(NotaOcupada, match="Use Reler"):
            pedir()


def test_a_letter_with_what_the_municipios_do_not_take_is_refused_here(municipal: CanalNfse, ana: Usuario) -> None:
    nota = autorizar(criar_nota(municipal, ana), ana)
    with pytest.raises(acoes.PedidoInvalido, match="🎉"):
        acoes.corrigir(nota, "Pago 🎉", ana)


def test_a_channel_without_its_secrets_is_told_before_anything_is_sent(municipal: CanalNfse, ana: Usuario) -> None:
    nota = criar_nota(municipal, ana)
    CanalNfse.objects.filter(pk=municipal.pk).update(senha=b"")
    previa = prevoo(com_tudo([nota.pk]), Contexto([municipal.empresa]))
    assert [um.codigo for um in previa.fora[0].problemas] == ["canal-incompleto"]


def test_a_number_given_back_counts_among_those_that_were_used(minha: Empresa) -> None:
    canal = criar_canal(minha)
    NumeroLivre.objects.create(canal=canal, serie="2", numero=41)
    assert maior_usado(canal, "2") == 41


def test_atividades_that_were_never_read_are_told_as_that(municipal: CanalNfse, ana: Usuario) -> None:
    nota = criar_nota(municipal, ana)
    municipal.referencias.all().delete()
    codigos = [um.codigo for um in prevoo(com_tudo([nota.pk])).fora[0].problemas]
    assert codigos == ["atividades-nao-lidas"]


def test_a_discount_above_the_value_is_told_once_and_at_the_discount(minha: Empresa, ana: Usuario) -> None:
    nota = criar_nota(criar_canal(minha), ana, None, criar_item(desconto=Decimal(99_999)))
    assert [um.campo for um in prevoo(com_tudo([nota.pk])).fora[0].problemas] == ["itens.0.desconto"]
