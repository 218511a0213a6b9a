"""*De guia para título* and *De nota para título*: what is asked for at the screens, whatever happens meanwhile."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from empresas.models import Empresa
from guias.models import Guia
from pagar.models import ContaErp, Fornecedor, Origem, Titulo
from pagar.services import geracao, montagem, rascunhos
from tests.cast import cnpj_valido, criar_empresa
from tests.pagar import fabricas
from tests.pagar.documentos import guia, nota, receita_federal, regra

pytestmark = pytest.mark.django_db


@pytest.fixture
def receita(conta: ContaErp) -> Fornecedor:
    regra(conta, Origem.DAS)
    regra(conta, Origem.NOTA)
    return receita_federal(conta)


def gerar(cliente: Client, tela: str, *pks: int) -> Any:
    return cliente.post(reverse(f"pagar:{tela}"), {"ids": pks}, follow=True)


def texto(resposta: Any) -> str:
    return str(resposta.content.decode())


def test_the_copy_that_was_marked_is_not_the_newest_any_more(
    cliente: Client, receita: Fornecedor, empresa: Empresa
) -> None:
    marcada = guia(empresa)
    guia(empresa, 2, "700.00", via=2)
    dito = texto(gerar(cliente, "das_guias", marcada.pk))
    assert "Esta guia foi substituída por outra via. Use a mais nova." in dito
    assert not Titulo.objects.exists()


def test_a_copy_is_not_paid_where_another_was(cliente: Client, receita: Fornecedor, empresa: Empresa) -> None:
    paga = guia(empresa)
    outra = guia(empresa, 2, "700.00", via=2)
    Guia.objects.filter(pk=paga.pk).update(paga_em=timezone.localdate(), valor_pago=paga.total)
    assert list(cliente.get(reverse("pagar:das_guias")).context["lista"].base) == [paga]
    dito = texto(gerar(cliente, "das_guias", outra.pk))
    assert "Outra via desta guia já foi paga: não há o que pagar." in dito
    assert not Titulo.objects.exists()


def test_a_title_saved_meanwhile_keeps_out_only_its_own_document(
    cliente: Client, receita: Fornecedor, empresa: Empresa, carteira: Any
) -> None:
    guias = [guia(criar_empresa(11 + ordem, carteira=carteira), ordem) for ordem in (1, 2, 3)]
    manual = {"numero": "das2026100013", "especie": "im", "parcela": "1"}  # the ERP knows no case
    fabricas.titulo(guias[1].empresa, receita, corpo={"especie": "im"}, **manual)
    dito = texto(gerar(cliente, "das_guias", *(g.pk for g in guias)))
    assert "2 títulos gerados" in dito
    assert f"DAS {guias[1].numero}: " in dito
    assert "im das2026100013/1" in dito
    assert set(Titulo.objects.exclude(guia=None).values_list("guia", flat=True)) == {guias[0].pk, guias[2].pk}


def test_what_only_the_database_saw_is_no_error_page(
    cliente: Client, receita: Fornecedor, empresa: Empresa, monkeypatch: pytest.MonkeyPatch
) -> None:
    prestador = fabricas.fornecedor(receita.conta, documento=cnpj_valido(80_001))
    notas = [nota(empresa, ordem, prestador=prestador.documento) for ordem in (1, 2)]
    fabricas.titulo(empresa, prestador, numero="1", parcela="1")
    monkeypatch.setattr(montagem, "_repetidas", lambda aqui: None)
    monkeypatch.setattr(rascunhos, "repetidas", lambda titulos: {})
    dito = texto(gerar(cliente, "das_notas", *(n.pk for n in notas)))
    assert "NFS-e 000001 de Prestador 001: outra pessoa gravou" in dito
    assert Titulo.objects.get(nota__isnull=False).nota == notas[1]


def test_the_bar_code_is_read_when_the_title_is_made(receita: Fornecedor, empresa: Empresa, bruno: Usuario) -> None:
    (titulo,) = geracao.das_guias([guia(empresa).pk], bruno).titulos
    assert (titulo.barras, len(titulo.codigo_barras)) == (Titulo.Barras.PENDENTE, 44)
