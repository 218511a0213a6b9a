"""The sublimit of the year before, of the state and as the office says; and what is compared from 2027 on."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from empresas.calendario import somar_meses
from empresas.models import Empresa, Municipio
from guias import tasks
from guias.models import Apuracao, ForaDoDas, HistoricoMensal, Sublimite
from guias.services import aprovacao, divergencia, quadro
from guias.services.acesso import Codigo
from guias.services.calculo import entrada_de, recalcular
from guias.services.fatos import carregar, primeiro_lido, ultimo_que_olha
from guias.services.historico import MesDigitado, gravar
from guias.services.seguimento import seguir_sublimite
from guias.views.acoes import comparar
from operacoes.motor import NovaOperacao, submeter
from tests.cast import cnpj_valido, criar_empresa
from tests.guias.apoio import OUTUBRO, informar, vincular

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adicional_216")]

ICMS = "1007"
JANEIRO_2027 = date(2027, 1, 1)


def do_ano_anterior(empresa: Empresa, valor: str, meses: int = 9) -> None:
    """Months of the year before that RBT12 of October no longer looks at."""
    HistoricoMensal.objects.bulk_create(
        HistoricoMensal(empresa=empresa, competencia=date(2025, mes, 1), interno=Decimal(valor), externo=Decimal(0))
        for mes in range(1, meses + 1)
    )


# -- the sublimit -----------------------------------------------------------------------------------------------------


def test_the_sublimit_of_last_year_counts_all_its_months(empresas) -> None:
    """January to September of 2025 alone pass it: ICMS left the DAS in January of 2026."""
    do_ano_anterior(empresas[0], "450000.00")
    apuracao = informar(empresas[0])
    assert ICMS not in apuracao.calculado
    assert any("Sublimite ultrapassado" in linha for linha in apuracao.explicacao)


def test_a_month_of_last_year_typed_now_reaches_december(empresas, ana) -> None:
    apuracao = informar(empresas[0])
    linhas = [MesDigitado(date(2025, m, 1), Decimal(450_000), Decimal(0), None, declarada=False) for m in range(1, 10)]
    gravar(apuracao, linhas, ana)
    apuracao.refresh_from_db()
    assert ICMS not in apuracao.calculado


@pytest.mark.parametrize(("mes", "primeiro"), [(1, date(2024, 12, 1)), (10, date(2025, 1, 1))])
def test_the_months_that_are_read_and_those_that_look_back_agree(mes: int, primeiro: date) -> None:
    competencia = date(2026, mes, 1)
    assert primeiro_lido(competencia) == primeiro
    for n in range(30):
        antes = somar_meses(competencia, -n)
        assert (antes >= primeiro_lido(competencia)) == (competencia <= ultimo_que_olha(antes))


def test_months_missing_of_last_year_are_told(empresas) -> None:
    falta = informar(empresas[0])
    do_ano_anterior(empresas[1], "1000.00")
    completa = informar(empresas[1])
    dito = "o sublimite desse ano não foi conferido"
    assert any(dito in linha for linha in falta.explicacao)
    assert not any(dito in linha for linha in completa.explicacao)


def test_the_sublimit_of_the_state_is_that_of_the_year(empresas) -> None:
    empresa = empresas[0]
    uf = Municipio.objects.get(pk=empresa.municipio_id).uf
    Sublimite.objects.create(uf=uf, ano=2025, valor=Decimal("1800000.00"))
    do_ano_anterior(empresa, "210000.00")
    apuracao = informar(empresa)
    entrada: Any = entrada_de(carregar([empresa], OUTUBRO)[empresa.pk])
    assert (entrada.sublimite, entrada.sublimite_anterior) == (Decimal(3_600_000), Decimal(1_800_000))
    assert ICMS not in apuracao.calculado


def seguir_pedidos() -> list[tuple[str, int]]:
    """What was left for the worker, done here: (UF, year) of each."""
    jobs = ProcrastinateJob.objects.filter(task_name="guias.seguir_sublimite").order_by("id")
    pedidos = [job.args for job in jobs]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    for pedido in pedidos:
        tasks.seguir_sublimite(**pedido)
    return [(pedido["uf"], pedido["ano"]) for pedido in pedidos]


@pytest.mark.django_db(transaction=True)  # the task gives its connection back
def test_a_sublimit_changed_in_the_back_office_computes_again(empresas, ana, entrar) -> None:
    empresa = empresas[0]
    do_ano_anterior(empresa, "210000.00")
    apuracao = informar(empresa)
    uf = Municipio.objects.get(pk=empresa.municipio_id).uf
    cliente, dados = entrar(ana), {"uf": uf, "ano": "2025", "valor": "1800000.00"}
    cliente.post(reverse("admin:guias_sublimite_add"), dados)
    no_pedido = Apuracao.objects.get(pk=apuracao.pk)
    assert seguir_pedidos() == [(uf, 2025)]
    antes, depois = apuracao, Apuracao.objects.get(pk=apuracao.pk)
    assert (no_pedido.calculado, ICMS in antes.calculado) == (antes.calculado, True)
    assert (ICMS in depois.calculado, depois.preparada_por) == (False, ana)
    linha = Sublimite.objects.get()
    muda = reverse("admin:guias_sublimite_change", args=[linha.pk])
    cliente.post(muda, dados)  # nothing changed
    assert seguir_pedidos() == []
    cliente.post(muda, dados | {"ano": "2023"})  # from a year to another: both are followed
    assert seguir_pedidos() == [(uf, 2023), (uf, 2025)]
    assert Apuracao.objects.get(pk=apuracao.pk).calculado == antes.calculado
    cliente.post(reverse("admin:guias_sublimite_delete", args=[linha.pk]), {"post": "yes"})
    assert seguir_pedidos() == [(uf, 2023)]


def test_the_sublimit_of_a_state_computes_only_who_is_in_it_again(empresas, ana) -> None:
    _, de_filial, dentro = empresas
    outro = Municipio.objects.exclude(uf="SP").earliest("pk")
    filial = criar_empresa(9, documento=cnpj_valido(2, ordem="0002"), municipio=outro.pk)
    Empresa.objects.filter(pk=filial.pk).update(matriz=de_filial)
    Empresa.objects.filter(pk=dentro.pk).update(municipio=outro)
    for empresa in empresas:
        informar(empresa)
    Sublimite.objects.create(uf=outro.uf, ano=2026, valor=Decimal("100000.00"))
    assert seguir_sublimite(outro.uf, 2026, ana) == 2
    refeitas = Apuracao.objects.filter(preparada_por=ana).order_by("empresa")
    assert [apuracao.empresa_id for apuracao in refeitas] == [de_filial.pk, dentro.pk]


def dizer(cliente: Any, apuracao: Apuracao, **campos: str) -> Any:
    return cliente.post(reverse("guias:fora_do_das", args=[apuracao.pk]), campos, follow=True)


def test_what_the_office_says_is_paid_outside_holds_from_the_month_on(empresas, ana, entrar) -> None:
    setembro, outubro = (informar(empresas[0], competencia=date(2026, mes, 1)) for mes in (9, 10))
    dizer(entrar(ana), outubro, icms_iss="1")
    setembro.refresh_from_db()
    outubro.refresh_from_db()
    assert ICMS in setembro.calculado
    assert (ICMS in outubro.calculado, outubro.preparada_por) == (False, ana)
    dizer(entrar(ana), outubro)
    outubro.refresh_from_db()
    assert ICMS in outubro.calculado


def test_it_cannot_be_said_of_a_month_transmitted_or_in_course(empresas, ana, entrar) -> None:
    apuracao = informar(empresas[0])
    Apuracao.objects.filter(pk=apuracao.pk).update(situacao="transmitida", id_declaracao="1" * 17)
    transmitida = dizer(entrar(ana), apuracao, icms_iss="1").content.decode()
    Apuracao.objects.filter(pk=apuracao.pk).update(situacao="aberta", id_declaracao="")
    submeter([NovaOperacao("guias.pgdasd.simular", "k", {}, "credencial:1", empresas[0].pk, OUTUBRO)], usuario=None)
    em_curso = dizer(entrar(ana), apuracao, icms_iss="1").content.decode()
    assert "já foi transmitida" in transmitida
    assert "operação em andamento" in em_curso
    assert not ForaDoDas.objects.exists()


# -- from 2027 on -----------------------------------------------------------------------------------------------------


@pytest.fixture
def de_2027(empresas) -> Apuracao:
    do_ano_anterior(empresas[0], "50000.00")
    return informar(empresas[0], atividade=14, competencia=JANEIRO_2027, meses=14)


def simulada(apuracao: Apuracao, **muda: str) -> Apuracao:
    """Simulated with our figures, CBS and IBS under the codes of the sandbox; `muda` adds to a code."""
    entrada: Any = apuracao.calculado
    valores = {codigo: Decimal(valor) for codigo, valor in entrada.items()}
    resto = (apuracao.total_calculado or Decimal(0)) - sum(valores.values())
    valores |= {"1011": resto - Decimal("1.00"), "1012": Decimal("1.00")}
    for codigo, quanto in muda.items():
        valores[codigo.removeprefix("t")] += Decimal(quanto)
    apuracao.simulado = {codigo: str(valor) for codigo, valor in valores.items()}
    apuracao.total_simulado = sum(valores.values(), Decimal(0))
    apuracao.situacao = Apuracao.Situacao.SIMULADA
    apuracao.save()
    return apuracao


def test_cbs_and_ibs_are_compared_added_up_and_the_others_by_code(de_2027) -> None:
    apuracao = simulada(de_2027)
    assert set(apuracao.calculado) == {"1001", "1002", "1006", "1010"}
    assert not aprovacao.difere(apuracao)
    linhas = comparar(apuracao)
    assert [nome for nome, *_ in linhas] == ["IRPJ", "CSLL", "CPP (INSS)", "ISS", "CBS e IBS, somados"]
    assert all(nosso == dele for _, nosso, dele, _ in linhas)


@pytest.mark.parametrize(
    ("muda", "nomes"),
    [
        ({"t1011": "-3.00", "t1012": "3.00"}, []),  # between themselves they cannot be told
        ({"t1011": "5.00"}, ["CBS e IBS, somados"]),
        ({"t1001": "5.00", "t1011": "-5.00"}, ["CBS e IBS, somados", "IRPJ"]),  # with the same total
    ],
)
def test_what_differs_in_2027_is_named(de_2027, muda, nomes) -> None:
    apuracao = simulada(de_2027, **muda)
    assert aprovacao.difere(apuracao) is bool(nomes)
    feitas = divergencia.das_simulacoes([apuracao], JANEIRO_2027)
    ditos = [item.nome for feita in feitas.values() for item in feita.itens]
    assert sorted(ditos) == nomes
    assert all("somados" in feita.ressalva for feita in feitas.values())


def test_the_reason_in_2027_looks_only_at_what_can_be_told(de_2027) -> None:
    """Without ISS in the simulation, the likely reason is the ISS, not that CBS and IBS have other codes."""
    iss = de_2027.calculado["1010"]
    apuracao = simulada(de_2027, t1010=f"-{iss}")
    (feita,) = divergencia.das_simulacoes([apuracao], JANEIRO_2027).values()
    assert "não cobrou ISS" in feita.razao


def test_our_own_values_of_2027_wait_for_the_simulation(de_2027, ana, credencial, entrar) -> None:
    vincular(de_2027.empresa, credencial, ana)
    (fora,) = aprovacao.aprovar([de_2027.empresa], JANEIRO_2027, ana, diferentes=set()).fora
    assert fora.codigo == Codigo.SEM_VALORES
    assert "Sem código publicado" in fora.motivo
    assert quadro.quadro(ana, JANEIRO_2027).get(pk=de_2027.empresa_id).estado == "a_simular"
    assert "A simular:" in entrar(ana).get(reverse("guias:ver", args=[de_2027.pk])).content.decode()
    simulada(de_2027)
    aprovacao.aprovar([de_2027.empresa], JANEIRO_2027, ana, diferentes=set())
    assert Apuracao.objects.get(pk=de_2027.pk).aprovado == de_2027.simulado


def test_the_regular_regime_of_ibs_and_cbs_leaves_them_out(de_2027, ana, entrar) -> None:
    dizer(entrar(ana), de_2027, ibs_cbs="1")
    apuracao = Apuracao.objects.get(pk=de_2027.pk)
    assert apuracao.impedimento == ""
    assert sum(map(Decimal, apuracao.calculado.values())) == apuracao.total_calculado


def test_a_change_of_cbs_alone_reopens_what_was_approved(de_2027, ana) -> None:
    """Its codes are in no table: the total tells."""
    simulada(de_2027)
    aprovacao.aprovar([de_2027.empresa], JANEIRO_2027, ana, diferentes=set())
    antes = Apuracao.objects.get(pk=de_2027.pk)
    ForaDoDas.objects.create(empresa=de_2027.empresa, desde=JANEIRO_2027, ibs_cbs=True)
    recalcular([de_2027.empresa], JANEIRO_2027, ana, receita_mudou=False)
    depois = Apuracao.objects.get(pk=de_2027.pk)
    assert (antes.situacao, depois.situacao) == ("conferida", "aberta")
