"""Computing again what looks back on a month, while other people work on the same apurações."""

from datetime import date
from decimal import Decimal
from threading import Thread

import pytest
from django.db import OperationalError, connection, transaction

from comum.models import Adicional, Usuario
from empresas.models import Empresa, Municipio
from empresas.services import Regra, ativar, salvar_empresa
from guias.models import Apuracao, Receita, Sublimite
from guias.services import calculo
from guias.services.aprovacao import aprovar
from guias.services.fatos import carregar
from tests.cast import cnpj_valido, criar_empresa
from tests.guias.apoio import OUTUBRO, informar

SETEMBRO = date(2026, 9, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mes", [SETEMBRO, OUTUBRO])
def test_no_row_changes_between_being_read_and_written(
    mes: date, empresas: list[Empresa], adicional_216: Adicional, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a transmission would write meanwhile waits for the recalculation: the row is locked before it is read."""
    empresa = empresas[0]
    for competencia in (SETEMBRO, OUTUBRO):
        informar(empresa, competencia=competencia)
    lidas, presas = [], []

    def outra_pessoa() -> None:
        try:
            with transaction.atomic():
                Apuracao.objects.select_for_update(nowait=True).get(empresa=empresa, competencia=mes)
        except OperationalError:
            presas.append(mes)
        finally:
            connection.close()

    def ler(alvo: list[Empresa], competencia: date) -> object:
        if competencia == mes:
            lidas.append(mes)
            pessoa = Thread(target=outra_pessoa)
            pessoa.start()
            pessoa.join()
        return carregar(alvo, competencia)

    monkeypatch.setattr(calculo, "carregar", ler)
    calculo.recalcular([empresa], SETEMBRO, None, receita_mudou=True)

    assert lidas == presas == [mes]


@pytest.mark.django_db
def test_a_transmitted_month_keeps_everything(empresas: list[Empresa], adicional_216: Adicional) -> None:
    empresa = empresas[0]
    informar(empresa, competencia=SETEMBRO)
    apuracao = informar(empresa, competencia=OUTUBRO)
    Apuracao.objects.filter(pk=apuracao.pk).update(situacao="transmitida", id_declaracao="1" * 17)
    antes = Apuracao.objects.filter(pk=apuracao.pk).values().get()

    empresa.receitas.filter(competencia=SETEMBRO).update(valor=1)
    calculo.recalcular([empresa], SETEMBRO, None, receita_mudou=True)

    assert Apuracao.objects.filter(pk=apuracao.pk).values().get() == antes


@pytest.mark.django_db
def test_the_opening_date_computes_again_what_is_not_transmitted(
    empresas: list[Empresa], adicional_216: Adicional
) -> None:
    empresa = empresas[0]
    antes = informar(empresa, competencia=OUTUBRO, meses=3)
    empresa.inicio_atividade = date(2026, 7, 10)
    salvar_empresa(empresa=empresa, regimes=[Regra("simples", date(2020, 1, 1))], usuario=None)
    depois = Apuracao.objects.get(pk=antes.pk)
    assert "Falta a receita de" in antes.impedimento
    assert (depois.impedimento, depois.versao) == ("", antes.versao + 1)


@pytest.mark.django_db
def test_a_filial_switched_off_leaves_with_its_receitas(
    empresas: list[Empresa], adicional_216: Adicional, ana: Usuario
) -> None:
    empresa = empresas[0]
    filial = criar_empresa(9, documento=cnpj_valido(1, ordem="0002"))
    Empresa.objects.filter(pk=filial.pk).update(matriz=empresa)
    Receita.objects.create(empresa=filial, competencia=OUTUBRO, atividade=1, valor=Decimal("500.00"))
    antes = informar(empresa, competencia=OUTUBRO)
    ativar(Empresa.objects.filter(pk=filial.pk), False, ana)
    depois = Apuracao.objects.get(pk=antes.pk)
    assert antes.receita_total - depois.receita_total == Decimal("500.00")


@pytest.mark.django_db
@pytest.mark.parametrize("de_filial", [False, True])
def test_another_uf_brings_its_sublimit(
    empresas: list[Empresa], adicional_216: Adicional, ana: Usuario, de_filial: bool
) -> None:
    empresa = muda = empresas[0]
    if de_filial:
        muda = criar_empresa(9, documento=cnpj_valido(1, ordem="0002"))
        muda.matriz = empresa
        muda.save()
    outro = Municipio.objects.exclude(uf="SP").earliest("pk")
    Sublimite.objects.create(uf=outro.uf, ano=2026, valor=Decimal("100000.00"))
    antes = informar(empresa, competencia=OUTUBRO)
    muda.municipio = outro
    salvar_empresa(empresa=muda, regimes=[Regra("simples", date(2020, 1, 1))], usuario=ana)
    depois = Apuracao.objects.get(pk=antes.pk)
    assert "1007" in antes.calculado
    assert "1007" not in depois.calculado


@pytest.mark.django_db
def test_an_approval_does_not_outlive_the_simples(
    empresas: list[Empresa], adicional_216: Adicional, ana: Usuario
) -> None:
    empresa = empresas[0]
    informar(empresa, competencia=OUTUBRO)
    aprovar([empresa], OUTUBRO, ana, diferentes=set())
    salvar_empresa(empresa=empresa, regimes=[Regra("presumido", date(2026, 10, 1))], usuario=ana)
    assert Apuracao.objects.get(empresa=empresa).situacao == Apuracao.Situacao.ABERTA
