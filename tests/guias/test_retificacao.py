"""What is said of a transmitted declaration: that a month before it changed since; once opened again, that it replaces
another, and whether it says anything else."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comum.formatos import format_data
from empresas.calendario import somar_meses
from empresas.models import Empresa
from guias.models import Apuracao, HistoricoMensal, Receita, Retificacao
from guias.services import aprovacao, prevoo
from guias.services.acoes import Acao
from guias.services.avisos import retificadoras
from guias.services.calculo import recalcular
from guias.services.das import prazo_das
from guias.services.historico import MesDigitado, gravar
from guias.services.retificacao import retificar
from tests.guias.apoio import MES, OUTUBRO, informar, vincular

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adicional_216")]

ANTES = somar_meses(OUTUBRO, -1)


def transmitida(empresa: Empresa, valor: str = "50000.00", competencia: date = OUTUBRO) -> Apuracao:
    """As if the Receita had taken our own figures."""
    apuracao = informar(empresa, valor, competencia=competencia)
    Apuracao.objects.filter(pk=apuracao.pk).update(
        situacao="transmitida",
        id_declaracao=f"{apuracao.pk:017d}",
        declarado=apuracao.calculado,
        total_declarado=apuracao.total_calculado,
    )
    return Apuracao.objects.get(pk=apuracao.pk)


def pagina_de(client: Client, apuracao: Apuracao) -> str:
    return client.get(reverse("guias:ver", args=[apuracao.pk])).content.decode()


def digitar(apuracao: Apuracao, valor: int, usuario: Any) -> None:
    gravar(apuracao, [MesDigitado(ANTES, Decimal(valor), Decimal(0), None, declarada=False)], usuario)


# -- a month before changed since the transmission --------------------------------------------------------------------


def test_a_transmitted_month_tells_that_its_rbt12_changed_and_keeps_its_record(entrar, ana, empresas) -> None:
    apuracao = transmitida(empresas[0])
    antes = Apuracao.objects.filter(pk=apuracao.pk).values().get()
    client = entrar(ana)
    assert "A RBT12 mudou" not in pagina_de(client, apuracao)
    digitar(apuracao, 90_000, ana)
    pagina = pagina_de(client, apuracao)
    assert "A RBT12 mudou depois da transmissão (de R$ 600.000,00 para R$ 640.000,00): considere retificar." in pagina
    assert "Pelo nosso cálculo, o DAS iria de R$" in pagina
    assert Apuracao.objects.filter(pk=apuracao.pk).values().get() == antes


def test_the_list_marks_the_rbt12_that_changed_at_the_same_cost_for_any_number(entrar, ana, empresas) -> None:
    apuracoes = [transmitida(empresas[0], competencia=MES), *(informar(e, competencia=MES) for e in empresas[1:])]
    client, mes = entrar(ana), somar_meses(MES, -1)

    def pagina() -> tuple[str, int]:
        with CaptureQueriesContext(connection) as consultas:
            texto: str = client.get(reverse("guias:apuracao")).content.decode()
        return texto, len(consultas)

    pagina()  # fills what is kept in memory
    gravar(apuracoes[0], [MesDigitado(mes, Decimal(90_000), Decimal(0), None, declarada=False)], ana)
    com_uma, de_uma = pagina()
    outras = Apuracao.objects.exclude(pk=apuracoes[0].pk)
    outras.update(situacao="transmitida", id_declaracao=F("pk"), total_declarado=F("total_calculado"))
    gravar(apuracoes[1], [MesDigitado(mes, Decimal(80_000), Decimal(0), None, declarada=False)], ana)
    com_duas, de_duas = pagina()

    assert (com_uma.count("RBT12 mudou"), com_duas.count("RBT12 mudou")) == (1, 2)
    assert "De R$ 600.000,00 para R$ 640.000,00: considere retificar." in com_uma
    assert de_duas <= de_uma


def test_the_das_that_stays_the_same_is_said_too(entrar, ana, empresas) -> None:
    apuracao = transmitida(empresas[0], "5000.00")
    digitar(apuracao, 6_000, ana)
    pagina = pagina_de(entrar(ana), apuracao)
    assert "(de R$ 60.000,00 para R$ 61.000,00)" in pagina
    assert "o DAS continua o mesmo, R$ 200,00" in pagina


def test_the_month_before_rectified_to_another_value_is_told(entrar, ana, empresas) -> None:
    anterior = transmitida(empresas[0], competencia=ANTES)
    apuracao = transmitida(empresas[0])
    assert retificar(anterior, ana, "nota 12 cancelada depois") == ""
    Receita.objects.filter(empresa=empresas[0], competencia=ANTES).update(valor=Decimal("40000.00"))
    recalcular(empresas[:1], ANTES, ana, receita_mudou=True)
    assert "(de R$ 600.000,00 para R$ 590.000,00)" in pagina_de(entrar(ana), apuracao)


def test_opened_to_be_rectified_it_is_computed_again_and_tells_nothing(entrar, ana, empresas) -> None:
    apuracao = transmitida(empresas[0])
    digitar(apuracao, 90_000, ana)
    assert retificar(apuracao, ana, "a receita do mês anterior mudou") == ""
    assert "A RBT12 mudou" not in pagina_de(entrar(ana), apuracao)


def test_a_month_that_is_no_longer_known_is_not_taken_for_a_change(entrar, ana, empresas) -> None:
    apuracao = transmitida(empresas[0])
    HistoricoMensal.objects.filter(empresa=empresas[0], competencia=ANTES).delete()
    assert "A RBT12 mudou" not in pagina_de(entrar(ana), apuracao)


# -- what replaces a declaration --------------------------------------------------------------------------------------


def ditos(empresa: Empresa) -> dict[str, list[int]]:
    apuracao = Apuracao.objects.get(empresa=empresa, competencia=MES)
    return {aviso.codigo: [e.pk for e, _ in aviso.itens] for aviso in retificadoras([(empresa, apuracao)])}


def test_an_original_declaration_is_not_marked(empresas) -> None:
    informar(empresas[0], competencia=MES)
    assert ditos(empresas[0]) == {}


def test_a_rectification_that_changes_nothing_is_told_until_it_does(ana, empresas) -> None:
    a = empresas[0]
    assert retificar(transmitida(a, competencia=MES), ana, "aberta sem querer, talvez") == ""
    assert ditos(a) == {"retificadora": [a.pk], "sem_mudanca": [a.pk]}
    Receita.objects.filter(empresa=a, competencia=MES).update(valor=Decimal("40000.00"))
    recalcular([a], MES, ana, receita_mudou=True)
    assert ditos(a) == {"retificadora": [a.pk]}


def test_the_same_tributes_of_another_activity_are_a_change(ana, empresas) -> None:
    a = empresas[0]
    assert retificar(transmitida(a, competencia=MES), ana, "a atividade era outra") == ""
    Receita.objects.filter(empresa=a, competencia=MES).update(atividade=3)
    assert ditos(a) == {"retificadora": [a.pk]}


def test_one_of_a_declaration_made_elsewhere_is_marked_and_not_compared(ana, empresas) -> None:
    apuracao = informar(empresas[0], competencia=MES)
    assert aprovacao.declarar_retificadora(apuracao, ana, True) == ""
    assert ditos(empresas[0]) == {"retificadora": [empresas[0].pk]}


def test_one_alone_is_told_as_one(ana, empresas) -> None:
    apuracao = transmitida(empresas[0], competencia=MES)
    assert retificar(apuracao, ana, "corrigir o que foi declarado") == ""
    apuracao.refresh_from_db()
    (aviso, *_) = retificadoras([(empresas[0], apuracao)])
    assert aviso.texto == "1 é declaração retificadora, e substitui a que a Receita já tem do mês."


def test_checking_and_transmitting_tell_them_apart(entrar, ana, empresas, credencial) -> None:
    a, b, c = empresas
    for empresa in empresas:
        vincular(empresa, credencial, ana)
    for empresa in (a, b):
        assert retificar(transmitida(empresa, competencia=MES), ana, "corrigir o que foi declarado") == ""
    informar(c, competencia=MES)
    Receita.objects.filter(empresa=b, competencia=MES).update(valor=Decimal("40000.00"))
    recalcular([b], MES, ana, receita_mudou=True)
    client, ids = entrar(ana), {"ids": [empresa.pk for empresa in empresas]}
    conferir = client.post(reverse("guias:conferir"), ids).content.decode()
    aprovacao.aprovar(empresas, MES, ana, diferentes=set())
    transmitir = client.post(reverse("guias:agir", args=["transmitir"]), ids).content.decode()
    for pagina in (conferir, transmitir):
        assert "2 são declarações retificadoras" in pagina
        assert "1 retificadora tem as mesmas receitas" in pagina
        assert "nada muda em relação à declaração transmitida" in pagina
    assert conferir.count(">Retificadora<") == 2


def test_the_comparison_costs_the_same_for_any_number(ana, empresas, credencial) -> None:
    for empresa in empresas:
        vincular(empresa, credencial, ana)
        assert retificar(transmitida(empresa, competencia=MES), ana, "corrigir o que foi declarado") == ""
    aprovacao.aprovar(empresas, MES, ana, diferentes=set())
    assert Retificacao.objects.count() == 3
    with CaptureQueriesContext(connection) as de_uma:
        prevoo.prevoo(Acao.TRANSMITIR, empresas[:1], MES)
    with CaptureQueriesContext(connection) as de_todas:
        prevoo.prevoo(Acao.TRANSMITIR, empresas, MES)
    assert len(de_todas) <= len(de_uma)  # the first of them also fills what is kept in memory


# -- the day it is due ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("meses", "verbo"), [(-3, "venceu"), (1, "vence")])
def test_a_day_that_is_past_is_told_as_past(meses: int, verbo: str, entrar, ana, empresas) -> None:
    apuracao = informar(empresas[0], competencia=somar_meses(MES, meses))
    dito = f"· {verbo} em {format_data(prazo_das(apuracao.competencia))}"
    assert dito in pagina_de(entrar(ana), apuracao)
