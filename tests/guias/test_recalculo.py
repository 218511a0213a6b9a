"""Computing again what looks back on a month, while other people work on the same apurações."""

from datetime import date
from threading import Thread

import pytest
from django.db import OperationalError, connection, transaction

from comum.models import Adicional
from empresas.models import Empresa
from guias.models import Apuracao
from guias.services import calculo
from guias.services.fatos import carregar
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
