"""A guia drawn again brings its title up to date in the ERP; a paid one is matched to it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from guias.models import Guia
from guias.sinais import guia_paga, guia_reemitida
from operacoes.models import Operacao
from pagar.models import Movimento, Titulo
from pagar.providers.interface import TipoPagamento
from pagar.services import atos
from sandbox import arrecadacao
from tests.guias.apoio import MES, emitir_guia, informar
from tests.pagar.fluxos.escritorio import Escritorio, reler, trabalhar

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("adicional_216")]
Sit = Titulo.Situacao
SEGUNDA = "07202632500000022"


@pytest.fixture
def guia(erp: Escritorio) -> Guia:
    return emitir_guia(erp.empresa, informar(erp.empresa, competencia=MES), "07202632500000014")


def com_titulo(erp: Escritorio, guia: Guia, *, no_erp: bool = True) -> Titulo:
    titulo = erp.titulo("100.00", guia=guia, titulo_no_banco=guia.numero)
    if no_erp:
        erp.implantar(titulo)
    return titulo


def emitir_de_novo(guia: Guia, total: str = "112.34") -> Guia:
    """Another copy, with fine and interest, its bar code known, told as the recording tells it."""
    limite = timezone.localdate() + timedelta(days=3)
    apuracao = guia.apuracao
    assert apuracao is not None
    with transaction.atomic():
        nova = emitir_guia(guia.empresa, apuracao, SEGUNDA, total, via=2)
        nova.limite = limite
        nova.codigo_barras = arrecadacao.codigo_barras(Decimal(total), limite, SEGUNDA, arrecadacao.ORGAO_SIMPLES)
        nova.save()
        guia_reemitida.send(Guia, guia=nova)
    return nova


def test_an_open_title_takes_value_day_and_bar_code_of_the_new_copy(erp: Escritorio, guia: Guia) -> None:
    titulo = com_titulo(erp, guia)
    nova = emitir_de_novo(guia)
    trabalhar()
    reler(titulo)
    assert (titulo.saldo, titulo.vencimento) == (Decimal("112.34"), nova.limite)
    assert (titulo.codigo_barras, titulo.titulo_no_banco) == (nova.codigo_barras, SEGUNDA)
    assert (titulo.guia, titulo.aviso) == (nova, "")
    assert len(erp.livro("atualizacao")) == 1
    erp.conferir_saldos()


def test_the_update_is_asked_once_however_often_the_news_comes(erp: Escritorio, guia: Guia) -> None:
    titulo = com_titulo(erp, guia)
    nova = emitir_de_novo(guia)
    with transaction.atomic():
        guia_reemitida.send(Guia, guia=nova)
    trabalhar()
    with transaction.atomic():
        guia_reemitida.send(Guia, guia=nova)
    trabalhar()
    reler(titulo)
    assert Operacao.objects.filter(tipo=atos.ATUALIZAR).count() == 1


@pytest.mark.parametrize(
    ("preparar", "dito"),
    [
        (lambda erp, titulo: None, "Abandone este título"),
        (lambda erp, titulo: (erp.implantar(titulo), erp.pagar_ja(titulo, tipo=TipoPagamento.BORDERO)), "em borderô"),
        (lambda erp, titulo: (erp.implantar(titulo), erp.pagar_ja(titulo, baixa_imediata=True)), "liquidado"),
    ],
)
def test_where_it_cannot_be_updated_a_person_is_told_what_to_do(erp: Escritorio, guia: Guia, preparar, dito) -> None:
    titulo = com_titulo(erp, guia, no_erp=False)
    preparar(erp, titulo)
    emitir_de_novo(guia)
    reler(titulo)
    assert dito in titulo.aviso
    assert SEGUNDA in titulo.aviso
    assert not Operacao.objects.filter(tipo=atos.ATUALIZAR).exists()


def test_a_copy_that_comes_while_the_title_is_on_its_way_waits_for_it(erp: Escritorio, guia: Guia) -> None:
    titulo = com_titulo(erp, guia, no_erp=False)
    erp.enviar(titulo)
    emitir_de_novo(guia)
    assert not Operacao.objects.filter(tipo=atos.ATUALIZAR).exists()
    trabalhar()
    reler(titulo)
    assert (titulo.situacao, titulo.saldo) == (Sit.ABERTO, Decimal("112.34"))


def test_a_paid_guia_is_matched_to_its_title(erp: Escritorio, guia: Guia, client, ana) -> None:
    titulo = com_titulo(erp, guia)
    for _ in range(2):
        with transaction.atomic():
            guia.paga_em, guia.valor_pago, guia.fonte = timezone.localdate(), Decimal("100.00"), "pagtoweb"
            guia.save()
            guia_paga.send(Guia, guia=guia)
    (movimento,) = titulo.movimentos.filter(tipo=Movimento.Tipo.NA_RECEITA)
    assert movimento.texto == f"Paga na Receita em {timezone.localdate():%d/%m/%Y}, R$ 100,00."
    assert movimento.saldo is None
    client.force_login(ana)
    pagina = client.get(titulo.get_absolute_url()).content.decode()
    assert "paga na Receita em" in pagina
    lista = reverse("pagar:titulos") + "?periodo=todos&receita="
    assert [t.pk for t in client.get(lista + "paga").context["lista"].pagina] == [titulo.pk]
    assert "R$ 100,00" in client.get(lista + "paga").content.decode()
    assert client.get(lista + "falta").context["lista"].total == 0
    guias = client.get(reverse("guias:guia", args=[guia.pk])).content.decode()
    assert titulo.get_absolute_url() in guias


def test_a_title_paid_in_the_erp_that_the_receita_does_not_know_is_told(
    erp: Escritorio, guia: Guia, client, ana, settings
) -> None:
    titulo = com_titulo(erp, guia)
    erp.pagar_ja(titulo, baixa_imediata=True)
    client.force_login(ana)
    lista = reverse("pagar:titulos") + "?periodo=todos&receita=falta"
    assert client.get(lista).context["lista"].total == 0  # the bank has some days to tell it
    settings.PAGAR_DIAS_ATE_A_RECEITA = -1
    assert [t.pk for t in client.get(lista).context["lista"].pagina] == [titulo.pk]
    assert "não consta paga na Receita" in client.get(lista).content.decode()
