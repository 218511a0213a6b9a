"""One table of the yearly regime of recognition: what the office says, until the Receita says its own."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils import timezone

from guias.models import Apuracao, OpcaoRegime
from guias.services import calculo, prevoo
from guias.services.acesso import Codigo
from guias.services.acoes import Acao
from guias.services.fatos import carregar
from guias.services.regime import optar, regime_do_ano, registrar_da_receita
from operacoes.motor import NovaOperacao, submeter
from tests.cast import cnpj_valido, criar_empresa
from tests.guias.apoio import OUTUBRO, informar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adicional_216")]

Regime = OpcaoRegime.Regime


def test_what_the_receita_has_takes_the_place_of_what_the_office_said(empresas, ana) -> None:
    """In cash the accrued revenue is missing; the Receita says accrual, and the month is computed again."""
    empresa = empresas[0]
    apuracao = informar(empresa)
    optar(empresa, 2026, Regime.CAIXA, ana)
    de_caixa = Apuracao.objects.get(pk=apuracao.pk)
    registrar_da_receita(empresa, 2026, Regime.COMPETENCIA)
    depois = Apuracao.objects.get(pk=apuracao.pk)
    assert "Falta a receita por competência" in de_caixa.impedimento
    assert (depois.impedimento, depois.calculado) == ("", apuracao.calculado)
    assert OpcaoRegime.objects.values_list("regime", "na_receita").get() == ("COMPETENCIA", True)


def test_the_same_option_told_by_the_receita_reopens_nothing(empresas, ana) -> None:
    apuracao = informar(empresas[0])
    registrar_da_receita(empresas[0], 2026, Regime.COMPETENCIA)
    assert Apuracao.objects.get(pk=apuracao.pk).versao == apuracao.versao


def test_what_is_transmitted_or_in_course_waits(empresas, ana) -> None:
    empresa = empresas[0]
    setembro = informar(empresa, competencia=date(2026, 9, 1))
    informar(empresa)
    Apuracao.objects.filter(pk=setembro.pk).update(situacao="transmitida", id_declaracao="1" * 17)
    submeter([NovaOperacao("guias.pgdasd.simular", "k", {}, "credencial:1", empresa.pk, OUTUBRO)], usuario=None)
    antes = list(Apuracao.objects.order_by("pk").values_list("versao", "situacao"))
    registrar_da_receita(empresa, 2026, Regime.CAIXA)
    assert list(Apuracao.objects.order_by("pk").values_list("versao", "situacao")) == antes
    assert regime_do_ano(empresa, 2026) is Regime.CAIXA


def test_the_option_of_a_filial_is_of_its_matriz(empresas) -> None:
    filial = criar_empresa(9, documento=cnpj_valido(1, ordem="0002"))
    filial.matriz = empresas[0]
    filial.save()
    registrar_da_receita(filial, 2026, Regime.CAIXA)
    assert regime_do_ano(empresas[0], 2026) is Regime.CAIXA


def test_nor_does_it_matter_how_many_filiais_the_matriz_has(empresas) -> None:
    for numero, ordem in ((8, "0002"), (9, "0003")):
        filial = criar_empresa(numero, documento=cnpj_valido(1, ordem=ordem))
        filial.matriz = empresas[0]
        filial.save()
    for empresa, ano in ((empresas[0], 2025), (filial, 2026)):
        registrar_da_receita(empresa, ano, Regime.CAIXA)
        assert regime_do_ano(empresas[0], ano) is Regime.CAIXA


@pytest.mark.parametrize("quem", ["escritorio", "receita"])
def test_each_month_of_the_year_is_computed_once(empresas, ana, monkeypatch, quem) -> None:
    for mes in range(1, 11):
        informar(empresas[0], competencia=date(2026, mes, 1))
    lidos: list[date] = []

    def ler(alvo: Any, competencia: date) -> Any:
        lidos.append(competencia)
        return carregar(alvo, competencia)

    monkeypatch.setattr(calculo, "carregar", ler)
    if quem == "receita":
        registrar_da_receita(empresas[0], 2026, Regime.CAIXA)
    else:
        assert optar(empresas[0], 2026, Regime.CAIXA, ana) == ""
    assert lidos == [date(2026, mes, 1) for mes in range(1, 11)]
    assert "Falta a receita por competência" in Apuracao.objects.get(competencia=OUTUBRO).impedimento


def test_what_is_in_course_waits_when_a_month_before_it_is_computed(empresas, ana) -> None:
    empresa = empresas[0]
    setembro = informar(empresa, competencia=date(2026, 9, 1))
    informar(empresa)
    submeter([NovaOperacao("guias.pgdasd.simular", "k", {}, "credencial:1", empresa.pk, OUTUBRO)], usuario=None)
    antes = Apuracao.objects.values("versao", "impressao", "impedimento").get(competencia=OUTUBRO)
    registrar_da_receita(empresa, 2026, Regime.CAIXA)
    assert Apuracao.objects.values("versao", "impressao", "impedimento").get(competencia=OUTUBRO) == antes
    assert Apuracao.objects.get(pk=setembro.pk).versao == setembro.versao + 1


def test_the_office_does_not_go_against_the_receita(empresas, ana) -> None:
    registrar_da_receita(empresas[0], 2026, Regime.COMPETENCIA)
    assert "A Receita já tem a opção de 2026" in optar(empresas[0], 2026, Regime.CAIXA, ana)
    assert regime_do_ano(empresas[0], 2026) is Regime.COMPETENCIA


def test_what_only_the_office_says_is_not_shown_as_of_the_receita(empresas, ana, entrar, credencial) -> None:
    ano = timezone.localdate().year
    for regra, empresa in zip((False, True), empresas[:2], strict=True):
        OpcaoRegime.objects.create(empresa=empresa, ano=ano, regime="CAIXA", na_receita=regra)
    cliente: Any = entrar(ana)
    paginas = [cliente.get(reverse("guias:na_receita", args=[e.pk])).context["opcoes"] for e in empresas[:2]]
    lista = {e.pk: e.regime_atual for e in cliente.get(reverse("guias:anuais")).context["lista"].pagina}
    dito = OpcaoRegime.objects.get(na_receita=False)
    assert [len(pagina) for pagina in paginas] == [0, 1]
    assert (lista[empresas[0].pk], lista[empresas[1].pk]) == (None, "CAIXA")
    assert cliente.post(reverse("guias:demonstrativo", args=[dito.pk])).status_code == 404


def test_the_option_can_still_be_made_where_only_the_office_said_it(empresas, ana, credencial) -> None:
    ano = timezone.localdate().year + 1
    OpcaoRegime.objects.create(empresa=empresas[0], ano=ano, regime="CAIXA", na_receita=False)
    OpcaoRegime.objects.create(empresa=empresas[1], ano=ano, regime="CAIXA")
    parametros = {"ano": str(ano), "regime": "CAIXA"}
    fora = prevoo.prevoo(Acao.OPTAR_REGIME, empresas[:2], OUTUBRO, parametros=parametros).fora
    motivos = {item.empresa.pk: item.codigo for item in fora}
    assert motivos.get(empresas[0].pk) != Codigo.JA_FEITA


def test_the_two_tables_become_one_and_the_row_of_the_receita_wins(empresas) -> None:
    executor = MigrationExecutor(connection)
    migracao = executor.loader.graph.nodes["guias", "0012_aprovacao_presa_e_regime_unico"]
    estado = executor.loader.project_state([("guias", "0010_darf_dctfweb_mit")])
    connection.check_constraints()
    executor.unapply_migration(estado.clone(), migracao)
    antes = estado.apps
    for numero, regime in ((0, "caixa"), (1, "competencia")):
        antes.get_model("guias", "OpcaoDeRegime").objects.create(
            empresa_id=empresas[numero].pk, ano=2026, regime=regime
        )
    antes.get_model("guias", "OpcaoRegime").objects.create(empresa_id=empresas[1].pk, ano=2026, regime="CAIXA")
    connection.check_constraints()
    executor.apply_migration(estado.clone(), migracao)
    juntas = OpcaoRegime.objects.order_by("empresa__pk").values_list("empresa", "regime", "na_receita")
    assert list(juntas) == [(empresas[0].pk, "CAIXA", False), (empresas[1].pk, "CAIXA", True)]
