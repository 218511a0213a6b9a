"""Keys made from the intent: the same for the same, fit for the ERP's fields."""

from datetime import date
from itertools import islice

import pytest

from pagar.services import chaves
from pagar.services.chaves import ChaveInvalida, Movimento

DIA = date(2026, 11, 20)
COMPETENCIA = date(2026, 10, 1)


def test_reference_is_the_same_for_the_same_intent() -> None:
    duas = [chaves.referencia(DIA, Movimento.IMPLANTACAO, "12ABC34501DE35", "DAS202610") for _ in range(2)]
    assert duas == ["261120Tkui", "261120Tkui"]


def test_reference_of_another_intent_is_another() -> None:
    assert chaves.referencia(DIA, Movimento.IMPLANTACAO, "ab", "c") != chaves.referencia(
        DIA, Movimento.IMPLANTACAO, "a", "bc"
    )


def test_reference_already_used_gives_way_to_the_next_candidate() -> None:
    primeira, segunda = islice(chaves.referencias(DIA, Movimento.ESTORNO, "x"), 2)
    assert chaves.referencia(DIA, Movimento.ESTORNO, "x", usadas=[primeira.upper()]) == segunda


def test_candidates_meet_every_combination_once() -> None:
    todas = list(chaves.referencias(DIA, Movimento.IMPLANTACAO, "x"))
    assert len(todas) == len(set(todas)) == 26**3


def test_day_without_references_left_is_told() -> None:
    todas = list(chaves.referencias(DIA, Movimento.IMPLANTACAO, "x"))
    with pytest.raises(ChaveInvalida, match="Não há mais referências livres em 20/11/2026"):
        chaves.referencia(DIA, Movimento.IMPLANTACAO, "x", usadas=todas)


def test_reference_of_nothing_is_refused() -> None:
    with pytest.raises(ChaveInvalida, match="Falta o que identifica"):
        chaves.referencia(DIA, Movimento.IMPLANTACAO, " ")


def test_number_of_a_das() -> None:
    assert chaves.numero_do_das(COMPETENCIA) == "DAS202610"


def test_number_of_a_das_where_a_branch_serves_several_empresas() -> None:
    assert chaves.numero_do_das(COMPETENCIA, "0042") == "DAS2026100042"


def test_number_that_does_not_fit_is_refused_and_never_cut() -> None:
    with pytest.raises(ChaveInvalida, match="17 caracteres"):
        chaves.numero_do_das(COMPETENCIA, "12345678")


def test_number_of_a_note_loses_its_zeros() -> None:
    assert chaves.numero_da_nota("000042") == chaves.NumeroDaNota("42")


def test_number_of_a_note_too_long_keeps_its_end_and_tells_the_whole() -> None:
    assert chaves.numero_da_nota("12026000000000000042") == chaves.NumeroDaNota(
        "6000000000000042", completo="12026000000000000042"
    )


@pytest.mark.parametrize("numero", ["", "000", "42º"])
def test_number_of_a_note_that_is_none_is_refused(numero: str) -> None:
    with pytest.raises(ChaveInvalida):
        chaves.numero_da_nota(numero)


@pytest.mark.parametrize("ordem", [0, 100])
def test_parcela_out_of_two_digits_is_refused(ordem: int) -> None:
    with pytest.raises(ChaveInvalida):
        chaves.parcela(ordem)


@pytest.mark.parametrize("maximo", [10, 12, 16])
def test_number_of_a_guia_is_of_its_debt_and_fits(maximo: int) -> None:
    um = chaves.numero_da_guia("DF", COMPETENCIA, "darf:1:8109-02:10/2026::", maximo=maximo)
    outro = chaves.numero_da_guia("DF", COMPETENCIA, "darf:1:8109-02:10/2026::2", maximo=maximo)
    assert um == chaves.numero_da_guia("DF", COMPETENCIA, "darf:1:8109-02:10/2026::", maximo=maximo)
    assert um != outro
    assert um.startswith("DF2610")
    assert len(um) <= maximo


def test_number_of_a_guia_that_does_not_fit_is_told() -> None:
    with pytest.raises(ChaveInvalida, match="10 posições"):
        chaves.numero_da_guia("DF", COMPETENCIA, "x", maximo=9)
