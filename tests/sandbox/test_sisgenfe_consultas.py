"""SISGENF-e, the query language: limit, offset, eq and ge over dotted fields, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.sisgenfe import CPF, DENTRO, FORA, MARCA, OLINDA, TOMADOR, Cliente, Preparo, erro, item

Mudar = Callable[..., None]


@pytest.fixture(scope="module")
def com_notas(preparo: Preparo) -> Cliente:
    """Twelve notes of R$ 1,00 to R$ 12,00; the even ones of a second customer. Nobody writes to it."""
    cliente = preparo.novo()
    cliente.tomador()
    cliente.tomador(CPF, razaoSocial="PESSOA INVENTADA")
    for numero in range(1, 13):
        documento = CPF if numero % 2 == 0 else TOMADOR
        cliente.emitir(
            itens=[item(valorUnitario=numero)], tomador={"documento": documento}, observacao=f"{MARCA}/{numero}"
        ).raise_for_status()
    return cliente


def numeros(cliente: Cliente, corpo: dict[str, Any]) -> list[int]:
    return [nota["numero"] for nota in cliente.consultar("nfs", corpo).json()]


def ids(cliente: Cliente, rota: str, corpo: dict[str, Any]) -> list[int]:
    return [linha["id"] for linha in cliente.consultar(rota, corpo).json()]


def test_without_where_everything_ten_at_a_time(com_notas: Cliente) -> None:
    assert numeros(com_notas, {}) == list(range(1, 11))
    assert numeros(com_notas, {"offset": 10}) == [11, 12]
    assert numeros(com_notas, {"offset": 12}) == []


def test_ge_is_inclusive(com_notas: Cliente) -> None:
    assert numeros(com_notas, {"limit": 3, "where": {"ge": {"numero": 5}}}) == [5, 6, 7]


def test_number_may_come_as_text_where_the_field_is_a_number(com_notas: Cliente) -> None:
    assert numeros(com_notas, {"where": {"ge": {"numero": "11"}}}) == [11, 12]


def test_conditions_combine_with_and(com_notas: Cliente) -> None:
    onde = {"eq": {"tomador.documento": CPF, "issPagoTomador": False}, "ge": {"numero": 9}}
    assert numeros(com_notas, {"where": onde}) == [10, 12]


@pytest.mark.parametrize(
    ("campo", "valor"),
    [
        ("valor", 7),
        ("valor", 7.0),
        ("valorAsString", "7,00"),
        ("observacao", f"{MARCA}/7"),
    ],
)
def test_notes_are_found_by_other_fields(com_notas: Cliente, campo: str, valor: Any) -> None:
    assert numeros(com_notas, {"where": {"eq": {campo: valor}}}) == [7]


def test_dotted_fields_reach_what_is_nested(com_notas: Cliente) -> None:
    iguais = {"tomador.dadosTomador.razaoSocial": "PESSOA INVENTADA", "municipio.estado.uf": "PE"}
    assert numeros(com_notas, {"where": {"eq": iguais}}) == [2, 4, 6, 8, 10, 12]


def test_notes_of_an_instant_on(com_notas: Cliente) -> None:
    assert len(numeros(com_notas, {"limit": 100, "where": {"ge": {"dataEmissao": "1795179600000"}}})) == 12
    assert numeros(com_notas, {"where": {"ge": {"dataEmissao": "1795179600001"}}}) == []


def test_equality_is_exact(com_notas: Cliente) -> None:
    assert numeros(com_notas, {"where": {"eq": {"observacao": f"{MARCA}/7".upper()}}}) == []
    assert com_notas.consultar("tomador", documento=CPF.replace(".", "")).json() == []


def test_customers_are_found_by_any_field(com_notas: Cliente) -> None:
    for campo, valor in (
        ("documento", CPF),
        ("isPessoaFisica", True),
        ("dadosTomador.razaoSocial", "PESSOA INVENTADA"),
    ):
        achados = com_notas.consultar("tomador", {"where": {"eq": {campo: valor}}}).json()
        assert [achado["documento"] for achado in achados] == [CPF]
    assert len(com_notas.consultar("tomador", dadosTomador__municipio__id=OLINDA).json()) == 2


def test_activities_by_lc_116_item_as_text(prestador: Cliente) -> None:
    (primeira, *_) = prestador.consultar("cnae", lei116__codigo="7.13").json()
    assert (primeira["id"], primeira["codigo"]) == (DENTRO, "0161-0/01")
    assert prestador.consultar("cnae", lei116__codigo="7.1").json() == []
    assert {617, FORA} < set(ids(prestador, "cnae", {"where": {"eq": {"lei116.codigo": "7.05"}}}))


def test_activities_of_the_provider_and_of_the_whole_table(preparo: Preparo, opcoes: Mudar) -> None:
    cliente = preparo.novo(atividades=[FORA, DENTRO])
    assert [atividade["id"] for atividade in cliente.atividades().json()] == [DENTRO, FORA]
    assert len(ids(cliente, "cnae", {"limit": 100})) > 50
    opcoes(cnae_do_prestador=True)
    assert ids(cliente, "cnae", {"limit": 100}) == [DENTRO, FORA]


def test_municipalities_have_the_documented_ids(prestador: Cliente) -> None:
    achados = {m["id"]: m for m in _todos(prestador, "municipio", {"eq": {"estado.uf": "PE"}})}
    assert len(achados) == 185
    assert {i: achados[i]["codigo"] for i in (1543, 1578, 1579, 1636)} == {
        1543: "06903",
        1578: "09600",
        1579: "09709",
        1636: "15003",
    }
    assert (achados[1543]["nome"], achados[1579]["nome"]) == ("Iguaraci", "Orobó")


def _todos(cliente: Cliente, rota: str, onde: dict[str, Any]) -> list[dict[str, Any]]:
    """Page after page, until a short one."""
    achados: list[dict[str, Any]] = []
    while True:
        pagina = cliente.consultar(rota, {"limit": 100, "offset": len(achados), "where": onde}).json()
        achados += pagina
        if len(pagina) < 100:
            return achados


def test_municipality_by_name_and_state(prestador: Cliente) -> None:
    (unico,) = prestador.consultar("municipio", estado__uf="PE", nome="Olinda").json()
    assert unico["codigoCompleto"] == "2609600"


def test_municipality_codes_are_text(prestador: Cliente) -> None:
    assert ids(prestador, "municipio", {"where": {"eq": {"codigo": "09600", "estado.uf": "PE"}}}) == [OLINDA]
    assert erro(prestador.consultar("municipio", codigo=9600)) == (400, "where.eq.codigo")


def test_units(prestador: Cliente) -> None:
    nomes = {unidade["id"]: unidade["nome"] for unidade in prestador.consultar("unidade", {"limit": 100}).json()}
    assert {ident: nomes[ident] for ident in (15, 19, 24)} == {15: "Hora", 19: "Unidade", 24: "Mês"}
    assert 7 in nomes
    assert ids(prestador, "unidade", {"where": {"eq": {"nome": "Hora"}}}) == [15]


def test_units_do_not_know_states_unless_they_ignore_it(prestador: Cliente, opcoes: Mudar) -> None:
    exemplo = {"limit": 10, "where": {"eq": {"estado.uf": "PE"}}}
    assert erro(prestador.consultar("unidade", exemplo)) == (400, "where.eq.estado.uf")
    opcoes(unidade_ignora_campo=True)
    assert len(ids(prestador, "unidade", exemplo)) == 10


@pytest.mark.parametrize(
    ("corpo", "campo"),
    [
        ({"limite": 10}, "limite"),
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "10"}, "limit"),
        ({"limit": 10.0}, "limit"),
        ({"offset": -1}, "offset"),
        ({"offset": 10**20}, "offset"),
        ({"where": []}, "where"),
        ({"where": None}, "where"),
        ({"where": {"gt": {"numero": 1}}}, "where.gt"),
        ({"where": {"eq": 1}}, "where.eq"),
        ({"where": {"eq": {"surpresa": 1}}}, "where.eq.surpresa"),
        ({"where": {"eq": {"tomador": "x"}}}, "where.eq.tomador"),
        ({"where": {"eq": {"numero": "x"}}}, "where.eq.numero"),
        ({"where": {"eq": {"numero": None}}}, "where.eq.numero"),
        ({"where": {"eq": {"numero": True}}}, "where.eq.numero"),
        ({"where": {"eq": {"numero": 10**40}}}, "where.eq.numero"),
        ({"where": {"eq": {"issPagoTomador": "false"}}}, "where.eq.issPagoTomador"),
        ({"where": {"eq": {"observacao": ["x"]}}}, "where.eq.observacao"),
        ([], None),
    ],
)
def test_query_is_refused(prestador: Cliente, corpo: Any, campo: str | None) -> None:
    assert erro(prestador.consultar("nfs", corpo)) == (400, campo)


def test_name_of_a_field_never_reaches_the_database(prestador: Cliente) -> None:
    ataque = "numero') OR 1=1 --"
    assert erro(prestador.consultar("nfs", {"where": {"eq": {ataque: 1}}})) == (400, f"where.eq.{ataque}")


def test_unknown_fields_of_a_query_are_refused_even_when_bodies_ignore_theirs(
    prestador: Cliente, opcoes: Mudar
) -> None:
    opcoes(ignora_campo_desconhecido=True)
    assert erro(prestador.consultar("nfs", {"where": {"eq": {"surpresa": 1}}})) == (400, "where.eq.surpresa")


def test_limit_is_a_setting(com_notas: Cliente, opcoes: Mudar) -> None:
    opcoes(limite_maximo=5)
    assert len(numeros(com_notas, {})) == 5
    assert erro(com_notas.consultar("nfs", {"limit": 6})) == (400, "limit")


def test_shuffled_pages_lose_nothing_and_repeat_nothing(com_notas: Cliente, opcoes: Mudar) -> None:
    opcoes(embaralha_consultas=True)
    lidos = [numero for inicio in (0, 5, 10) for numero in numeros(com_notas, {"limit": 5, "offset": inicio})]
    assert lidos != list(range(1, 13))
    assert sorted(lidos) == list(range(1, 13))


@pytest.mark.parametrize("rota", ["municipio", "unidade", "cnae"])
def test_tables_are_shuffled_too(prestador: Cliente, opcoes: Mudar, rota: str) -> None:
    antes = ids(prestador, rota, {"limit": 14})
    assert antes == sorted(antes)
    opcoes(embaralha_consultas=True)
    assert ids(prestador, rota, {"limit": 14}) != antes


def test_paged_reading_reaches_the_end(prestador: Cliente) -> None:
    lidos = _todos(prestador, "municipio", {"ge": {"id": 5000}})
    assert len({municipio["id"] for municipio in lidos}) == len(lidos) == 574


def test_query_answers_a_bare_array(com_notas: Cliente) -> None:
    corpo = com_notas.consultar("nfs", {"limit": 1}).json()
    assert isinstance(corpo, list)
