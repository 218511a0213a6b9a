"""Lists: what the query string asks for, and only that; a selection never leaves what exists for the user."""

from typing import Any

import pytest
from django.db.models import QuerySet
from django.http import QueryDict

from comum import listas
from comum.listas import Filtro, Lista, selecionados
from empresas.models import Empresa
from empresas.models.cadastro import EmpresaQuerySet
from tests.cast import criar_empresas

pytestmark = pytest.mark.django_db


def lista(consulta: str, base: QuerySet[Empresa] | None = None) -> Lista[Any]:
    return Lista(
        params=QueryDict(consulta),
        base=Empresa.objects.all() if base is None else base,
        ordens={"codigo": ["codigo"], "razao": ["-ordem", "codigo"]},
        ordem_padrao="codigo",
        procurar=EmpresaQuerySet.procurar,
        filtros=[
            Filtro("regime", "Regime", lambda q, v: q.filter(regime=v), [("mei", "MEI"), ("simples", "Simples")]),
            Filtro("cod", "Código", lambda q, v: q.filter(codigo=v), rotular=lambda v: f"nº {v}"),
        ],
    )


@pytest.fixture
def cem() -> list[Empresa]:
    return criar_empresas(range(1, 131), regimes=("simples", "mei"))


@pytest.mark.parametrize("consulta", ["ordem=nada", "tamanho=7", "tamanho=x", "pagina=zz"])
def test_unknown_values_of_a_hand_made_address_are_ignored(cem: list[Empresa], consulta: str) -> None:
    assert [e.codigo for e in lista(consulta).pagina][:2] == ["0001", "0002"]


def test_a_filter_that_is_not_understood_finds_nothing_and_selects_nothing(cem: list[Empresa]) -> None:
    errada = lista("regime=nao&cod=0003")
    assert (errada.total, list(errada.pagina), errada.recusados) == (0, [], [("Regime", "nao")])
    assert errada.filtros_ativos[0] == ("Regime", "nao", "cod=0003")
    dados = QueryDict("todos=1&filtro=regime%3Dnao")
    assert not selecionados(dados, Empresa.objects.all(), lambda p: lista(p.urlencode())).exists()


def test_without_any_option_a_filter_understands_no_value() -> None:
    assert not Filtro("carteira", "Carteira", lambda q, v: q.filter(carteira=v), []).entende("1")


@pytest.mark.parametrize("texto", ["-", " . / ", "'", "--- -"])
def test_a_search_of_marks_alone_finds_nothing(cem: list[Empresa], texto: str) -> None:
    assert not EmpresaQuerySet.procurar(Empresa.objects.all(), texto).exists()


def test_marks_between_words_are_passed_over(cem: list[Empresa]) -> None:
    achadas = [set(EmpresaQuerySet.procurar(Empresa.objects.all(), texto)) for texto in ("0003 - inv", "0003 inv")]
    assert achadas[0] == achadas[1] != set()


def test_a_page_beyond_the_last_is_the_last(cem: list[Empresa]) -> None:
    pagina = lista("pagina=99").pagina
    assert (pagina.number, [e.codigo for e in pagina][-1]) == (3, "0130")


@pytest.mark.parametrize("ordem", ["codigo", "-codigo", "razao", "-razao"])
def test_pages_cut_from_either_end_make_the_whole_in_order(cem: list[Empresa], ordem: str) -> None:
    paginas = [e.pk for n in (1, 2, 3) for e in lista(f"ordem={ordem}&pagina={n}").pagina]
    assert paginas == list(lista(f"ordem={ordem}").ordenada.values_list("pk", flat=True))


def test_descending_flips_every_field_of_an_order(cem: list[Empresa]) -> None:
    assert [e.codigo for e in lista("ordem=-razao").ordenada[:2]] == ["0001", "0002"]


def test_a_search_with_few_results_counts_and_pages_what_it_found(cem: list[Empresa]) -> None:
    achada = lista("q=012")
    esperadas = [e.codigo for e in cem if "012" in e.busca]
    assert (achada.total, [e.codigo for e in achada.pagina]) == (len(esperadas), esperadas)


def test_a_search_with_many_results_gives_the_same_as_one_with_few(
    cem: list[Empresa], monkeypatch: pytest.MonkeyPatch
) -> None:
    poucos = [e.pk for e in lista("q=01&ordem=-codigo").pagina]
    monkeypatch.setattr(listas, "POUCOS", 3)
    assert [e.pk for e in lista("q=01&ordem=-codigo").pagina] == poucos


def test_filters_in_force_are_named_with_the_way_out(cem: list[Empresa]) -> None:
    assert lista("regime=mei&cod=0003&q=x&pagina=2").filtros_ativos == [
        ("Regime", "MEI", "cod=0003&q=x"),
        ("Código", "nº 0003", "regime=mei&q=x"),
    ]


def test_page_numbers_show_gaps(cem: list[Empresa], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listas, "TAMANHOS", (5, 10))
    assert lista("pagina=10").faixa == [1, None, 8, 9, 10, 11, 12, None, 26]


def test_an_empty_list_has_one_empty_page() -> None:
    vazia = lista("")
    assert (vazia.total, list(vazia.pagina), vazia.faixa) == (0, [], [1])


def test_ticked_rows_outside_the_base_are_left_out(cem: list[Empresa]) -> None:
    base = Empresa.objects.filter(regime="mei")
    dados = QueryDict(f"ids={cem[0].pk}&ids={cem[1].pk}&ids=x&ids=99999999999999999999999")
    assert list(selecionados(dados, base, lambda p: lista(p.urlencode(), base))) == [cem[0]]


def test_all_filtered_means_the_filter_inside_the_base(cem: list[Empresa]) -> None:
    base = Empresa.objects.filter(regime="mei")
    dados = QueryDict("todos=1&filtro=q%3D012&ids=1")
    marcadas = selecionados(dados, base, lambda p: lista(p.urlencode(), base))
    assert set(marcadas) == {e for e in cem if "012" in e.busca and e.regime == "mei"}
