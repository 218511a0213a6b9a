"""Titles going to the ERP, against the simulator: what our tables say and what it has."""

from decimal import Decimal

import pytest

from operacoes.models import Operacao, Processamento, Situacao
from operacoes.motor import pessoas
from operacoes.processamentos.repeticao import repetir
from pagar.models import Lote, Movimento, Titulo
from pagar.providers.pedidos import guardar
from pagar.services import implantacao, registro
from tests.pagar.fluxos.escritorio import DESCONHECIDO, FORNECEDOR, Escritorio, chave_la, irrf, reler, trabalhar

pytestmark = pytest.mark.django_db(transaction=True)
Sit = Titulo.Situacao
FALHAS = ["perder_resposta", "cortar", "truncar", "tempo_esgotado", "erro", "html"]


def lotes() -> list[tuple[str, int]]:
    """Each batch's end and size, in the order of their making."""
    return [(lote.operacao.situacao, lote.quantidade) for lote in Lote.objects.order_by("pk") if lote.operacao]


def test_a_batch_opens_its_titles_once(erp: Escritorio) -> None:
    titulos = [erp.titulo(f"{n}00.50") for n in range(1, 4)]
    erp.implantar(*titulos)
    erp.conferir_saldos()
    assert {titulo.situacao for titulo in titulos} == {Sit.ABERTO}
    assert all(titulo.id_pagamento for titulo in titulos)
    assert sorted(erp.livro("titulo")) == sorted(map(chave_la, titulos))
    assert Lote.objects.get().total == Decimal("601.50")


def test_no_more_in_a_batch_than_the_account_takes(erp: Escritorio) -> None:
    erp.conta.titulos_por_lote = 2
    erp.conta.save()
    erp.implantar(*[erp.titulo() for _ in range(5)])
    assert lotes() == [("concluida", 2), ("concluida", 2), ("concluida", 1)]
    erp.conferir_saldos()


def test_the_bar_code_follows_in_an_update_of_its_own(erp: Escritorio) -> None:
    titulos = [erp.com_barras(), erp.com_barras()]
    erp.falhar("recusar", "atualizacao")
    erp.implantar(*titulos)
    pendente, gravado = sorted(titulos, key=lambda titulo: titulo.barras, reverse=True)
    assert (pendente.barras, gravado.barras) == (Titulo.Barras.PENDENTE, Titulo.Barras.GRAVADO)
    assert (pendente.situacao, pendente.em_curso) == (Sit.ABERTO, None)
    assert erp.no_erp()[chave_la(gravado)]["barras"] == gravado.codigo_barras
    repetir(Processamento.objects.get(), erp.usuario)
    trabalhar()
    reler(pendente)
    assert pendente.barras == Titulo.Barras.GRAVADO
    assert len(erp.livro("atualizacao")) == 2
    erp.conferir_saldos()


def test_a_wrong_bar_code_is_told_before_anything_goes(erp: Escritorio) -> None:
    titulo = erp.titulo(codigo_barras="8" * 48, barras=Titulo.Barras.PENDENTE)
    (fora,) = implantacao.prevoo(implantacao.com_tudo([titulo.pk])).fora
    assert fora.motivo.startswith("Código de barras: ")


@pytest.mark.parametrize("acao", FALHAS)
def test_a_lost_answer_of_a_batch_is_settled_by_the_identical_repeat(erp: Escritorio, acao: str) -> None:
    erp.falhar(acao, "lote")
    titulos = [erp.titulo(), erp.com_barras()]
    erp.implantar(*titulos)
    assert {titulo.situacao for titulo in titulos} == {Sit.ABERTO}
    assert sorted(erp.livro("titulo")) == sorted(map(chave_la, titulos))
    assert lotes() == [("concluida", 2)]
    erp.conferir_saldos()


def test_an_effect_that_lands_late_is_one(erp: Escritorio) -> None:
    erp.falhar("efeito_tardio", "lote", parametros={"segundos": 3600})
    titulo = erp.titulo()
    erp.implantar(titulo)
    erp.sandbox.controle.relogio(deslocamento_segundos=7200)
    erp.conferir_saldos()
    assert erp.livro("titulo") == [chave_la(titulo)]


def test_what_is_bad_is_named_and_the_rest_goes_at_once(erp: Escritorio) -> None:
    bom, ruim, outro, pior = (
        erp.com_barras(), erp.titulo(fornecedor=DESCONHECIDO), erp.titulo("9.99"), erp.titulo(fornecedor=66_666)
    )  # fmt: skip
    erp.implantar(bom, ruim, outro, pior)
    assert [t.situacao for t in (bom, ruim, outro, pior)] == [Sit.ABERTO, Sit.RECUSADO, Sit.ABERTO, Sit.RECUSADO]
    assert "77777" in ruim.mensagem
    assert "66666" not in ruim.mensagem
    assert lotes() == [("recusada", 4), ("concluida", 2)]
    (corrida,) = Processamento.objects.all()
    assert Operacao.objects.filter(processamento=corrida).count() == 3  # and the bar code
    erp.conferir_saldos()


def test_a_refusal_that_names_nobody_is_all_of_theirs(erp: Escritorio) -> None:
    erp.falhar("recusar", "lote")
    titulos = [erp.titulo(), erp.titulo()]
    erp.implantar(*titulos)
    assert {titulo.situacao for titulo in titulos} == {Sit.RECUSADO}
    assert erp.livro("titulo") == []
    repetir(Processamento.objects.get(), erp.usuario)
    trabalhar()
    assert lotes() == [("recusada", 2), ("concluida", 2)]
    erp.conferir_saldos()


def test_what_was_corrected_goes_again_by_repetir_and_only_that(erp: Escritorio) -> None:
    bom, ruim, teimoso = erp.titulo(), erp.titulo(fornecedor=DESCONHECIDO), erp.titulo(fornecedor=66_666)
    erp.implantar(bom, ruim, teimoso)
    corpo = registro.corpo_de(ruim)
    ruim.corpo, ruim.fornecedor = guardar(corpo) | {"fornecedor": FORNECEDOR}, erp.fornecedor(FORNECEDOR)
    ruim.save()
    repetir(Processamento.objects.get(), erp.usuario)
    trabalhar()
    reler(bom, ruim, teimoso)
    assert [t.situacao for t in (bom, ruim, teimoso)] == [Sit.ABERTO, Sit.ABERTO, Sit.RECUSADO]
    assert lotes() == [("recusada", 3), ("concluida", 1), ("recusada", 2), ("concluida", 1)]
    erp.conferir_saldos()


def test_a_key_that_somebody_else_used_is_told_and_the_others_go(erp: Escritorio) -> None:
    de_outros, nosso = erp.titulo(), erp.titulo()
    la = {"especie": "DP", "fornecedor": FORNECEDOR, "numero": de_outros.numero, "parcela": "1", "valor": "5"}
    erp.sandbox.controle.post("totvs/titulos", la)
    erp.implantar(de_outros, nosso)
    assert (de_outros.situacao, nosso.situacao) == (Sit.RECUSADO, Sit.ABERTO)


def test_a_key_that_somebody_may_have_used_before_a_lost_answer_waits_for_a_person(erp: Escritorio) -> None:
    titulo = erp.titulo()
    la = {"especie": "DP", "fornecedor": FORNECEDOR, "numero": titulo.numero, "parcela": "1", "valor": "5"}
    erp.sandbox.controle.post("totvs/titulos", la)
    erp.falhar("cortar", "lote")
    erp.implantar(titulo)
    (operacao,) = Operacao.objects.all()
    assert (operacao.situacao, titulo.situacao) == (Situacao.AGUARDA_PESSOA, Sit.ENVIANDO)
    assert "também se foi outra pessoa" in operacao.mensagem


def test_without_the_codes_a_refused_repeat_waits_for_a_person(erp: Escritorio) -> None:
    erp.conta.codigos = {}
    erp.conta.save()
    erp.falhar("perder_resposta", "lote")
    titulo = erp.titulo()
    erp.implantar(titulo)
    (operacao,) = Operacao.objects.all()
    assert operacao.situacao == Situacao.AGUARDA_PESSOA
    assert "A referência" in operacao.mensagem + operacao.palavras_do_servico
    assert titulo.situacao == Sit.ENVIANDO
    pessoas.resolver(operacao, True, "Vi no ERP", erp.usuario)
    reler(titulo)
    assert titulo.situacao == Sit.ABERTO
    erp.conferir_saldos()


def test_a_person_says_that_it_did_not_happen_and_it_is_sent_again(erp: Escritorio) -> None:
    erp.conta.codigos = {}
    erp.conta.save()
    erp.falhar("cortar", "lote")
    erp.falhar("recusar", "lote")
    titulo = erp.titulo()
    erp.implantar(titulo)
    (operacao,) = Operacao.objects.all()
    assert operacao.situacao == Situacao.AGUARDA_PESSOA
    pessoas.resolver(operacao, False, "Não há o título", erp.usuario)
    trabalhar()
    reler(titulo)
    assert titulo.situacao == Sit.ABERTO
    erp.conferir_saldos()


def test_a_person_who_is_wrong_doubles_nothing(erp: Escritorio) -> None:
    """It did happen, the ERP says so to who knows its codes, and a person says that it did not."""
    erp.falhar("perder_resposta", "lote")
    titulo = erp.titulo()
    erp.conta.codigos = {}
    erp.conta.save()
    erp.implantar(titulo)
    erp.conta.codigos = {"90013": "referencia_usada"}
    erp.conta.alterada_em = "2026-01-01T00:00:00Z"
    erp.conta.save()
    pessoas.resolver(Operacao.objects.get(), False, "Não vi", erp.usuario)
    trabalhar()
    reler(titulo)
    assert titulo.situacao == Sit.ABERTO
    assert len(erp.livro("titulo")) == 1
    erp.conferir_saldos()


@pytest.mark.parametrize("acao", FALHAS)
def test_a_lost_answer_of_a_prepayment_is_settled_by_the_identical_repeat(erp: Escritorio, acao: str) -> None:
    erp.falhar(acao, "antecipacao")
    antecipacao = erp.antecipacao()
    erp.implantar(antecipacao)
    assert antecipacao.situacao == Sit.ABERTO
    assert erp.livro("antecipacao") == [chave_la(antecipacao)]
    erp.conferir_saldos()


def test_a_withheld_tax_lowers_the_balance_and_has_a_title_of_its_own(erp: Escritorio) -> None:
    titulo = erp.titulo("1000.00", impostos=[irrf("15.00")])
    erp.implantar(titulo)
    assert titulo.saldo == Decimal("985.00")
    erp.conferir_saldos()
    assert len(erp.livro("titulo_imposto")) == 1


def test_the_timeline_tells_every_step(erp: Escritorio) -> None:
    titulo = erp.com_barras(fornecedor=DESCONHECIDO)
    erp.implantar(titulo, erp.titulo())
    erp.sandbox.controle.post("totvs/cadastros", {"fornecedores": {str(DESCONHECIDO): "NOVO"}})
    repetir(Processamento.objects.get(), erp.usuario)
    trabalhar()
    tipos = list(Movimento.objects.filter(titulo=titulo).values_list("tipo", flat=True))
    assert tipos == ["enviado", "recusado", "enviado", "implantado", "barras"]
