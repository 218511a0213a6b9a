"""What is withheld of a note, and which rates are ours to give."""

from decimal import Decimal

import pytest

from comum.models import Usuario
from empresas.models import Empresa
from nfse.models import Nota, TipoCanal
from nfse.services.calculo import Aliquotas, Linha, dispensar, reter
from nfse.services.emissao import com_tudo, emitir_uma, prevoo
from nfse.services.notas import item_do_servico
from nfse.services.validacao import Contexto, problemas
from tests.nfse.apoio import OUTUBRO, criar_canal, criar_item, criar_nota
from tests.nfse.fabrica import criar_servico

FEDERAIS = Aliquotas(pis=Decimal("0.65"), cofins=Decimal(3), csll=Decimal(1), ir=Decimal("1.5"))


def linha(valor: str) -> Linha:
    return reter(Linha(Decimal(1), Decimal(valor)), FEDERAIS)


def test_small_lines_are_withheld_when_the_note_passes_the_limit() -> None:
    feitas = dispensar([linha("200.00")] * 3)
    assert [feita.retido for feita in feitas] == [Decimal("9.30")] * 3  # 27.90 together; IR 9.00 is not withheld


def test_of_a_small_note_nothing_is_withheld() -> None:
    assert [feita.retido for feita in dispensar([linha("100.00"), linha("100.00")])] == [Decimal(0)] * 2


def test_what_was_typed_stays_whatever_the_note_comes_to() -> None:
    (feita,) = dispensar([linha("100.00")], [{"cofins", "csll", "ir"}])
    assert (feita.pis, feita.cofins, feita.csll, feita.ir) == (Decimal("0.65"), *[Decimal(0)] * 3)


@pytest.mark.django_db
@pytest.mark.usefixtures("hoje")
def test_a_rate_that_the_municipio_decides_is_neither_shown_nor_summed(minha: Empresa, ana: Usuario) -> None:
    canal = criar_canal(minha, TipoCanal.SISGENFE)
    servico = criar_servico(minha, aliquota_iss=Decimal(3))
    nota = criar_nota(canal, ana, None, item_do_servico(servico, OUTUBRO, valor=Decimal(1000)))
    assert (nota.valor_iss, nota.itens.get().aliquota) == (Decimal(0), None)


@pytest.mark.django_db
@pytest.mark.usefixtures("hoje")
def test_the_rate_is_ours_where_the_tomador_withholds(minha: Empresa, ana: Usuario) -> None:
    nota = criar_nota(criar_canal(minha, TipoCanal.SISGENFE), ana, None, criar_item(), iss_retido=True)
    assert (nota.valor_iss, nota.valor_liquido) == (Decimal("20.00"), Decimal("980.00"))


@pytest.mark.django_db
@pytest.mark.usefixtures("hoje")
def test_a_draft_that_goes_by_another_channel_than_it_was_written_for_is_summed_again(
    minha: Empresa, ana: Usuario
) -> None:
    antigo = criar_canal(minha)
    nota = criar_nota(antigo, ana)
    antigo.ativo = False
    antigo.save()
    criar_canal(minha, TipoCanal.SISGENFE, codigo=7999)
    emitir_uma(nota.pk, ana, marca=prevoo(com_tudo([nota.pk])).marca)
    nota.refresh_from_db()
    assert (nota.valor_iss, nota.itens.get().aliquota) == (Decimal(0), None)


@pytest.mark.django_db
@pytest.mark.usefixtures("hoje")
def test_iss_withheld_without_a_rate_is_told_at_the_rate(minha: Empresa, ana: Usuario) -> None:
    nota = criar_nota(criar_canal(minha), ana, None, criar_item(aliquota=None), iss_retido=True)
    achados = problemas(nota, nota.itens.all(), Contexto([minha]))
    assert [(um.campo, um.codigo) for um in achados] == [("itens.0.aliquota", "iss-retido-sem-aliquota")]


@pytest.mark.django_db
@pytest.mark.usefixtures("hoje")
def test_items_that_together_pass_what_a_note_holds_are_told(minha: Empresa, ana: Usuario) -> None:
    nota = Nota(empresa=minha, valor_servicos=Decimal("1999999999999.98"))
    modelo = criar_nota(criar_canal(minha), ana)
    nota.tomador, nota.competencia, nota.emissao = modelo.tomador, modelo.competencia, modelo.emissao
    nota.municipio_prestacao = modelo.municipio_prestacao
    assert "total-grande" in {um.codigo for um in problemas(nota, modelo.itens.all(), Contexto([minha]))}
