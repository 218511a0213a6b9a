"""Queries put into SQL once."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Case, F, Func, QuerySet, Sum, Value, When
from django.db.models.functions import TruncDate
from django.test.utils import CaptureQueriesContext

from comum.prontas import ConsultaPronta, lista_de_ids
from empresas.models import Empresa
from empresas.models.cadastro import UmaDe
from operacoes.models import Classe, Efeito, Operacao
from tests.cast import criar_empresa

pytestmark = pytest.mark.django_db


def test_rows_are_those_of_the_query_for_any_ids() -> None:
    empresas = [criar_empresa(numero) for numero in range(1, 4)]
    for empresa in empresas:
        Operacao.objects.create(
            tipo="teste", chave=f"teste:{empresa.pk}", acesso="teste", balde="teste", servico="teste", empresa=empresa,
            pedido={"versao": empresa.pk, "nomes": ["é", None]}, efeito=Efeito.DOCUMENTO, classe=Classe.GRATIS,
        )  # fmt: skip
    agora = datetime(2026, 11, 1, 1, 30, tzinfo=UTC)  # still October in São Paulo
    Operacao.objects.update(criada_em=agora)

    def montar(ids: Func) -> QuerySet[Any, Any]:
        return (
            Operacao.objects.filter(UmaDe(F("empresa"), ids))
            .annotate(
                dia=TruncDate("criada_em"), soma=Case(When(UmaDe(F("empresa"), ids), then=Value(Decimal("1.50"))))
            )
            .order_by("empresa")
            .values_list("empresa", "dia", "pedido", "pedido__versao", "soma", "efeito")
        )

    pronta = ConsultaPronta(montar)
    for pks in ([], [empresas[1].pk], [empresa.pk for empresa in empresas], [2**62]):
        assert pronta.linhas(pks) == list(montar(lista_de_ids(pks)))


def test_it_asks_once_and_makes_no_sql_again() -> None:
    pronta = ConsultaPronta(lambda ids: Empresa.objects.filter(UmaDe(F("pk"), ids)).values_list("pk"))
    empresa = criar_empresa(1)
    with CaptureQueriesContext(connection) as vistas:
        assert pronta.linhas([empresa.pk]) == [(empresa.pk,)]
    assert len(vistas) == 1


def test_a_query_that_finds_nothing_whatever_the_ids_is_not_asked() -> None:
    pronta = ConsultaPronta(lambda ids: Empresa.objects.filter(UmaDe(F("pk"), ids)).none().values_list("pk"))
    empresa = criar_empresa(1)
    with CaptureQueriesContext(connection) as vistas:
        assert pronta.linhas([empresa.pk]) == []
    assert len(vistas) == 0


def test_a_query_that_does_not_look_at_the_ids_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not look at the ids"):
        ConsultaPronta(lambda ids: Empresa.objects.values("regime").annotate(n=Sum("pk")).values_list("n"))
