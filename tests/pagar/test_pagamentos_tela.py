"""The pages of payments and of batches: what is seen of them, and what the bank did."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from operacoes.models import Situacao as DaOperacao
from pagar.models import ContaErp, Movimento, Pagamento, Titulo
from pagar.providers.interface import LotePagamento, TipoPagamento
from pagar.providers.pedidos import guardar
from pagar.services import implantacao
from pagar.services import pagamentos as servico
from tests.cast import criar_empresa
from tests.pagar import fabricas
from tests.pagar.fabricas import aberto, fornecedor, pagamento, titulo

pytestmark = pytest.mark.django_db
Situacao = Titulo.Situacao


@pytest.fixture(autouse=True)
def hoje() -> Iterator[None]:
    with time_machine.travel("2026-11-12 12:00:00-03:00", tick=False):
        yield


@pytest.fixture
def conta(db: None) -> ContaErp:
    return fabricas.conta()


@pytest.fixture
def limpadora(conta):
    return fornecedor(conta)


@pytest.fixture
def empresa(carteira):
    return criar_empresa(1, carteira=carteira)


@pytest.fixture
def alheia(outra_carteira):
    return criar_empresa(2, carteira=outra_carteira)


def entrar(usuario: Usuario) -> Client:
    cliente = Client()
    cliente.force_login(usuario)
    return cliente


@pytest.fixture
def como_bruno(bruno: Usuario) -> Client:
    return entrar(bruno)


def texto(resposta: Any) -> str:
    return str(resposta.content.decode())


def no_bordero(empresa, limpadora, quantos: int = 2) -> list[Titulo]:
    return [titulo(empresa, limpadora, situacao=Situacao.BORDERO) for _ in range(quantos)]


def test_the_list_finds_by_number_and_by_title(como_bruno, empresa, limpadora) -> None:
    um = pagamento(no_bordero(empresa, limpadora), bordero=31)
    outro = pagamento([titulo(empresa, limpadora, situacao=Situacao.LIQUIDADO)], bordero=None, situacao="pago")
    lista = reverse("pagar:pagamentos")
    pagina = texto(como_bruno.get(lista))
    assert all(dito in pagina for dito in ("Borderô 31", "Aguarda o banco", "200,00", str(outro)))

    def achados(**filtros: Any) -> set[int]:
        return {p.pk for p in como_bruno.get(lista, filtros).context["lista"].pagina}

    assert achados(q="31") == {um.pk}
    assert achados(q=outro.itens.get().titulo.numero) == {outro.pk}
    assert achados(situacao="pago") == {outro.pk}
    assert achados(tipo="bordero", situacao="pago") == set()


def test_a_payment_is_seen_as_far_as_its_titles_are(como_bruno, ana, empresa, alheia, limpadora) -> None:
    (meu,), (seu,) = no_bordero(empresa, limpadora, 1), no_bordero(alheia, limpadora, 1)
    misto, so_alheio = pagamento([meu, seu], bordero=1, total=Decimal("98765.43")), pagamento([seu], bordero=2)
    visto = texto(como_bruno.get(misto.get_absolute_url()))
    assert meu.nome in visto
    assert seu.nome not in visto
    assert alheia.razao_social not in visto
    assert "98.765,43" not in visto
    assert "O banco respondeu" not in visto
    retorno = reverse("pagar:pagamento_retorno", args=[misto.pk])
    assert como_bruno.post(retorno, {"pagos": [meu.pk], "data": "12/11/2026"}).status_code == 404
    assert como_bruno.get(so_alheio.get_absolute_url()).status_code == 404
    na_lista = texto(como_bruno.get(reverse("pagar:pagamentos")))
    assert "Borderô 1" in na_lista
    assert "Borderô 2" not in na_lista
    assert "98.765,43" not in na_lista
    assert "98.765,43" in texto(entrar(ana).get(misto.get_absolute_url()))


def test_the_bank_paid_the_marked_ones(como_bruno, empresa, limpadora) -> None:
    pago, voltou = no_bordero(empresa, limpadora)
    um = pagamento([pago, voltou])
    pagina = texto(como_bruno.get(um.get_absolute_url()))
    assert pagina.count("checked") == 2
    assert 'value="12/11/2026"' in pagina
    retorno = reverse("pagar:pagamento_retorno", args=[um.pk])
    for data in ("ontem", "13/11/2026", "09/11/2026"):  # no date, to come, before the borderô
        resposta = como_bruno.post(retorno, {"pagos": [pago.pk], "data": data})
        assert resposta.status_code == 422
        assert (texto(resposta).count("checked"), f'value="{data}"' in texto(resposta)) == (1, True)
    dito = texto(como_bruno.post(retorno, {"pagos": [pago.pk, 999], "data": "11/11/2026"}, follow=True))
    assert "1 título pago pelo Borderô 12. 1 voltou para Em aberto: libere do borderô no ERP." in dito
    assert "Pago em parte" in dito
    assert "O banco pagou 1 de 2 títulos, R$ 100,00 de R$ 200,00. Os demais voltaram a Em aberto aqui" in dito
    situacoes = dict(Titulo.objects.values_list("pk", "situacao"))
    assert situacoes == {pago.pk: Situacao.LIQUIDADO, voltou.pk: Situacao.ABERTO}
    assert como_bruno.post(retorno, {"pagos": [voltou.pk], "data": "11/11/2026"}).status_code == 422  # twice
    assert Titulo.objects.get(pk=voltou.pk).situacao == Situacao.ABERTO


def test_a_tax_withheld_at_payment_goes_with_one_payment_only(empresa, limpadora) -> None:
    imposto = fabricas.imposto("15.00", aliquota=Decimal("1.5"))
    um = aberto(empresa, limpadora, valor="1000.00", impostos_no_pagamento=[guardar(imposto)])
    primeiro = pagamento([um], bordero=None, situacao="pago")
    item = primeiro.itens.get()
    item.corpo |= {"impostos": [guardar(imposto)]}
    item.save()

    def retidos(saldo: str) -> int:
        um.saldo = Decimal(saldo)
        return len(servico.item_de(um).impostos)

    assert retidos("1000.00") == 1  # the ERP left it out of the payment
    pago = Movimento.objects.create(titulo=um, tipo="pago", valor=515, saldo=485, dados={"pagamento": primeiro.pk})
    assert (retidos("485.00"), servico.item_de(um).valor) == (0, Decimal(485))
    lote = LotePagamento(tipo=TipoPagamento.LOTE, data=timezone.localdate(), portador="341")
    inteiro = replace(servico.item_de(um), valor=Decimal(400), impostos=(imposto,))
    (achado,) = (p for p in servico.problemas([um], [inteiro], lote) if "impostos" in p.campo)
    assert achado.campo == "titulos.0.impostos.0.valor"
    assert "já foi retido em outro pagamento deste título, R$ 15,00 de R$ 15,00" in achado.mensagem
    Movimento.objects.create(titulo=um, tipo="pag_estornado", valor=515, saldo=1000, estorna=pago)
    assert retidos("1000.00") == 1


def test_a_bordero_that_the_bank_gave_back_is_not_said_to_be_paid(como_bruno, empresa, limpadora) -> None:
    um = pagamento(no_bordero(empresa, limpadora))
    como_bruno.post(reverse("pagar:pagamento_retorno", args=[um.pk]), {"data": "12/11/2026"})
    for pagina in (texto(como_bruno.get(um.get_absolute_url())), texto(como_bruno.get(reverse("pagar:pagamentos")))):
        assert "Devolvido pelo banco" in pagina
        assert "O banco não pagou nenhum título: todos voltaram a Em aberto aqui. Libere-os do borderô" in pagina
    with pytest.raises(IntegrityError), transaction.atomic():
        pagamento(no_bordero(empresa, limpadora))  # its number is used


def test_who_only_consults_reads_it(carla, empresa, limpadora) -> None:
    um = pagamento(no_bordero(empresa, limpadora))
    assert "O banco respondeu" not in texto(entrar(carla).get(um.get_absolute_url()))
    assert entrar(carla).post(reverse("pagar:pagamento_retorno", args=[um.pk])).status_code == 403


def test_a_payment_under_way_is_asked_about_until_it_changes(como_bruno, bruno, conta, empresa, limpadora) -> None:
    um = pagamento([titulo(empresa, limpadora, situacao=Situacao.ABERTO)], situacao="enviando")
    um.operacao = fabricas.operacao(conta, servico.PAGAR, "p", {"pagamento": um.pk}, usuario=bruno, empresa=empresa)
    um.save()
    pagina = como_bruno.get(um.get_absolute_url())
    assert "every 2s" in texto(pagina)
    vivo = {"HX-Request": "true"}
    marca = pagina.context["marca"]
    assert como_bruno.get(um.get_absolute_url(), {"marca": marca}, headers=vivo).status_code == 204
    um.operacao.situacao, um.operacao.palavras_do_servico = DaOperacao.RECUSADA, "90034: borderô já usado"
    um.operacao.encerrada_em = um.operacao.criada_em
    um.operacao.save()
    Pagamento.objects.filter(pk=um.pk).update(situacao="recusado", mensagem="O ERP recusou.")
    mudou = texto(como_bruno.get(um.get_absolute_url(), {"marca": marca}, headers=vivo))
    assert "every 2s" not in mudou
    assert all(dito in mudou for dito in ("O ERP recusou.", "90034", "Nada foi pago"))


def test_a_batch_tells_its_titles_and_where_they_went_on(como_bruno, ana, conta, empresa, alheia, limpadora) -> None:
    meu, seu = titulo(empresa, limpadora, situacao="recusado"), titulo(alheia, limpadora, situacao="aberto")
    operacao = fabricas.operacao(
        conta, implantacao.IMPLANTAR, "l", {"titulos": [meu.pk, seu.pk]}, situacao=DaOperacao.RECUSADA,
        empresas=[empresa.pk, alheia.pk],
    )  # fmt: skip
    lote = fabricas.lote([meu, seu], referencia="IAAAAAAAAA", operacao=operacao)
    outro = fabricas.lote([seu], referencia="IBBBBBBBBB")
    endereco = reverse("pagar:lote", args=[lote.pk])
    inteiro = texto(entrar(ana).get(endereco))
    assert all(dito in inteiro for dito in ("IAAAAAAAAA", "R$ 200,00", "foi de novo no", "Lote IBBBBBBBBB"))
    parte = texto(como_bruno.get(endereco))
    assert meu.nome in parte
    assert seu.nome not in parte
    assert "R$ 200,00" not in parte
    assert como_bruno.get(reverse("pagar:lote", args=[outro.pk])).status_code == 404
