"""The queries of SISGENF-e: pages, the search by marker, internal ids. A small table answers under httpx."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import respx

from nfse.providers.interface import Referencia
from nfse.providers.sisgenfe import MARCA_REPETIDA, Atividade, Municipio, Sisgenfe, Unidade
from operacoes.errors import AccessDenied, ProviderRefused, ProviderUnavailable
from operacoes.http import Chamadas
from tests.nfse.apoio_sisgenfe import (
    BASE,
    MARCA,
    NOTA,
    TOMADOR,
    com_item,
    corpo,
    enviado,
    lista,
    nota_json,
    novas_chamadas,
    novo_cliente,
    recusa,
    resposta,
    servico,
)

Ordem = Callable[[list[Any], int], list[Any]]  # rows and which call this is


@pytest.fixture
def rede(monkeypatch: pytest.MonkeyPatch) -> Iterator[respx.MockRouter]:
    with servico(monkeypatch) as router:
        yield router


@pytest.fixture
def cliente(rede: respx.MockRouter) -> Sisgenfe:
    return novo_cliente()


@pytest.fixture
def chamadas() -> Chamadas:
    return novas_chamadas()


def em_ordem(linhas: list[Any], _vez: int) -> list[Any]:
    return linhas


def ao_contrario(linhas: list[Any], _vez: int) -> list[Any]:
    return linhas[::-1]


def girada(linhas: list[Any], vez: int) -> list[Any]:
    """Another order at each call: pages overlap and miss elements."""
    corte = vez * 37 % (len(linhas) or 1)
    return linhas[corte:] + linhas[:corte]


def tabela(
    rede: respx.MockRouter, rota: str, linhas: list[Any], ordem: Ordem = em_ordem, maximo: int = 100
) -> respx.Route:
    """Serve `linhas` by limit and offset, with `ge` on numero; never more than `maximo` in a page."""

    def atender(request: httpx.Request) -> httpx.Response:
        pedido = json.loads(request.content)
        ge = pedido.get("where", {}).get("ge", {}).get("numero", 0)
        servem = ordem([linha for linha in linhas if linha.get("numero", ge) >= ge], route.call_count)
        offset, limite = pedido["offset"], min(pedido["limit"], maximo)
        return lista(*servem[offset : offset + limite])

    route = rede.post(f"{BASE}/{rota}").mock(side_effect=atender)
    return route


def municipios(quantos: int) -> list[Any]:
    modelo = corpo("municipios_pe")[0]
    return [modelo | {"id": n, "nome": f"Cidade {n}", "codigoCompleto": f"26{n:05d}"} for n in range(1, quantos + 1)]


def notas(primeira: int, ultima: int, **marcas: str) -> list[Any]:
    return [nota_json(n, marcas.get(f"n{n}", "")) for n in range(primeira, ultima + 1)]


# -- what is asked ---------------------------------------------------------------------------------------------------
def test_queries_send_limit_offset_and_dotted_fields(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/cnae/query").mock(return_value=lista(*corpo("atividades")))
    cliente.cnaes("7.05", chamadas=chamadas)
    assert enviado(rota) == {"limit": 100, "offset": 0, "where": {"eq": {"lei116.codigo": "7.05"}}}


def test_a_query_for_everything_has_no_where(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/unidade/query").mock(return_value=lista())
    cliente.unidades(chamadas=chamadas)
    assert enviado(rota) == {"limit": 100, "offset": 0}


def test_a_tomador_is_asked_for_by_the_masked_document(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/tomador/query").mock(return_value=lista(corpo("tomador")))
    lidos = cliente.tomadores("12ABC34501DE35", chamadas=chamadas)
    assert enviado(rota)["where"] == {"eq": {"documento": "12.ABC.345/01DE-35"}}
    assert [(t.documento, t.municipio) for t in lidos] == [
        ("12ABC34501DE35", Municipio(1578, "Olinda", "2609600", "PE"))
    ]


def test_the_activities_of_the_prestador_are_a_get_without_body(cliente, chamadas, rede) -> None:
    rota = rede.get(f"{BASE}/cnae").mock(return_value=lista(*corpo("atividades")))
    lidas = cliente.atividades(chamadas=chamadas)
    pedido = rota.calls.last.request
    assert (pedido.content, pedido.headers["Content-Type"]) == (b"", "application/json")
    assert [(a.id, a.cnae, a.lc116, a.lc116_id) for a in lidas] == [
        (622, "4221-9/03", "7.05", 66),
        (617, "4211-1/02", "7.05", 66),
    ]


def test_codes_are_text_with_their_zeros(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/cnae/query").mock(
        return_value=lista({"id": 1, "nome": "n", "codigo": "0161-0/01", "lei116": {"codigo": "7.10"}})
    )
    assert cliente.cnaes(chamadas=chamadas) == [Atividade(1, "n", "0161-0/01", "7.10")]


@pytest.mark.parametrize(
    "veio",
    [
        httpx.Response(200, json={"erro": "x"}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, text=""),
        lista({"nome": "sem id"}),
        lista("texto"),
        httpx.Response(500),
    ],
)
def test_an_unreadable_list_may_be_asked_for_again(cliente, chamadas, rede, veio) -> None:
    rede.post(f"{BASE}/unidade/query").mock(return_value=veio)
    with pytest.raises(ProviderUnavailable):
        cliente.unidades(chamadas=chamadas)


# -- pages -----------------------------------------------------------------------------------------------------------
def test_pages_are_read_until_a_short_one(cliente, chamadas, rede) -> None:
    rota = tabela(rede, "municipio/query", municipios(185))
    assert len(cliente.municipios("PE", chamadas=chamadas)) == 185
    assert [enviado(rota, vez)["offset"] for vez in range(rota.call_count)] == [0, 100]


def test_a_last_page_that_is_full_is_followed_by_an_empty_one(cliente, chamadas, rede) -> None:
    rota = tabela(rede, "municipio/query", municipios(100))
    assert len(cliente.municipios("PE", chamadas=chamadas)) == 100
    assert rota.call_count == 2


def test_what_two_pages_repeat_is_there_once_and_what_they_missed_is_read_again(cliente, chamadas, rede) -> None:
    rota = tabela(rede, "municipio/query", municipios(185), girada)
    lidos = cliente.municipios("PE", chamadas=chamadas)
    assert sorted(m.id for m in lidos) == list(range(1, 186))
    assert rota.call_count > 2


def test_a_service_that_ignores_the_offset_is_not_asked_for_ever(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/municipio/query").mock(return_value=lista(*municipios(100)))
    with pytest.raises(ProviderUnavailable) as erro:
        cliente.municipios("PE", chamadas=chamadas)
    assert (erro.value.codigo, rota.call_count) == ("LISTA-INCOMPLETA", 3)


def test_notes_are_read_by_number_and_not_by_offset(cliente, chamadas, rede) -> None:
    rota = tabela(rede, "nfs/query", notas(1, 250))
    assert len(cliente.notas(5, chamadas=chamadas)) == 246
    pedidos = [enviado(rota, vez) for vez in range(rota.call_count)]
    assert [(p["where"]["ge"]["numero"], p["offset"]) for p in pedidos] == [(5, 0), (105, 0), (205, 0), (251, 0)]


def test_a_limit_the_service_refuses_falls_to_that_of_its_examples(cliente, chamadas, rede) -> None:
    linhas = municipios(25)

    def atender(request: httpx.Request) -> httpx.Response:
        pedido = json.loads(request.content)
        if pedido["limit"] > 10:
            return recusa(400, "limit deve estar entre 1 e 10", "limit")
        return lista(*linhas[pedido["offset"] :][: pedido["limit"]])

    rota = rede.post(f"{BASE}/municipio/query").mock(side_effect=atender)
    assert len(cliente.municipios("PE", chamadas=chamadas)) == 25
    assert [enviado(rota, vez)["limit"] for vez in range(rota.call_count)] == [100, 10, 10, 10]


def test_a_query_refused_for_something_else_is_not_asked_again(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/unidade/query").mock(return_value=recusa(400, campo="where.eq.nome"))
    with pytest.raises(ProviderRefused):
        cliente.unidades("Hora", chamadas=chamadas)
    assert rota.call_count == 1


def test_a_query_refused_without_a_reason_with_either_limit_is_a_refusal(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/unidade/query").mock(return_value=httpx.Response(400, text="<html>"))
    with pytest.raises(ProviderRefused):
        cliente.unidades(chamadas=chamadas)
    assert rota.call_count == 2


# -- one note --------------------------------------------------------------------------------------------------------
def test_a_note_is_consulted_by_its_number(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/nfs/query").mock(return_value=lista(corpo("nota")))
    achada = cliente.consultar(Referencia(numero="42", marca=MARCA), chamadas=chamadas)
    assert enviado(rota)["where"] == {"eq": {"numero": 42}}
    assert achada is not None
    assert achada.numero == "42"


def test_a_note_the_service_does_not_know_is_none(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/nfs/query").mock(return_value=lista())
    assert cliente.consultar(Referencia(numero="42"), chamadas=chamadas) is None
    assert cliente.consultar(Referencia(chave="NFSE.1"), chamadas=chamadas) is None


@pytest.mark.parametrize("nota", [Referencia(numero="42"), Referencia(chave="NFSE.42")])
def test_an_answer_with_other_notes_only_does_not_say_that_there_is_none(cliente, chamadas, rede, nota) -> None:
    rede.post(f"{BASE}/nfs/query").mock(return_value=lista(nota_json(1), nota_json(2)))
    with pytest.raises(ProviderUnavailable) as erro:
        cliente.consultar(nota, chamadas=chamadas)
    assert erro.value.codigo == "RESPOSTA-ALHEIA"


def test_a_note_is_consulted_by_its_marker(cliente, chamadas, rede) -> None:
    tabela(rede, "nfs/query", notas(1, 50, n45=MARCA))
    achada = cliente.consultar(Referencia(marca=MARCA, desde_numero=40), chamadas=chamadas)
    assert achada is not None
    assert achada.numero == "45"


def test_a_marker_on_two_notes_is_not_taken_for_one(cliente, chamadas, rede) -> None:
    tabela(rede, "nfs/query", notas(1, 50, n45=MARCA, n46=MARCA))
    with pytest.raises(ProviderRefused, match="45, 46") as erro:
        cliente.consultar(Referencia(marca=MARCA, desde_numero=40), chamadas=chamadas)
    assert erro.value.codigo == MARCA_REPETIDA


# -- the search that settles a doubt ---------------------------------------------------------------------------------
def test_a_search_reads_from_the_number_on_and_says_how_far_it_went(cliente, chamadas, rede) -> None:
    rota = tabela(rede, "nfs/query", notas(1, 250, n249=MARCA))
    busca = cliente.procurar(MARCA, 240, chamadas=chamadas)
    assert ([n.numero for n in busca.notas], busca.completa, busca.ultimo) == (["249"], True, 250)
    assert rota.call_count == 2


def test_a_search_reports_every_note_with_the_marker(cliente, chamadas, rede) -> None:
    tabela(rede, "nfs/query", notas(1, 150, n3=MARCA, n150=MARCA))
    busca = cliente.procurar(MARCA, 0, chamadas=chamadas)
    assert [n.numero for n in busca.notas] == ["3", "150"]


def test_a_search_that_reached_the_end_says_that_there_is_none(cliente, chamadas, rede) -> None:
    tabela(rede, "nfs/query", notas(1, 50))
    busca = cliente.procurar(MARCA, 40, chamadas=chamadas)
    assert (busca.notas, busca.completa, busca.ultimo) == ((), True, 50)


def test_a_prestador_without_notes_has_none_with_certainty(cliente, chamadas, rede) -> None:
    tabela(rede, "nfs/query", [])
    busca = cliente.procurar(MARCA, 0, chamadas=chamadas)
    assert (busca.notas, busca.completa, busca.ultimo) == ((), True, None)


def test_pages_that_the_service_cuts_short_hide_no_note(cliente, chamadas, rede) -> None:
    tabela(rede, "nfs/query", notas(1, 35, n35=MARCA), maximo=10)
    assert [n.numero for n in cliente.procurar(MARCA, 1, chamadas=chamadas).notas] == ["35"]


@pytest.mark.parametrize("ordem", [ao_contrario, girada])
def test_notes_out_of_order_hide_none(cliente, chamadas, rede, ordem) -> None:
    tabela(rede, "nfs/query", notas(1, 150, n2=MARCA), ordem)
    busca = cliente.procurar(MARCA, 1, chamadas=chamadas)
    assert ([n.numero for n in busca.notas], busca.completa) == (["2"], True)


def test_a_service_that_ignores_the_number_hides_no_note(cliente, chamadas, rede) -> None:
    linhas = notas(1, 150, n2=MARCA, n149=MARCA)

    def atender(request: httpx.Request) -> httpx.Response:
        offset = json.loads(request.content)["offset"]
        return lista(*linhas[offset : offset + 100])

    rede.post(f"{BASE}/nfs/query").mock(side_effect=atender)
    busca = cliente.procurar(MARCA, 1, chamadas=chamadas)
    assert ([n.numero for n in busca.notas], busca.completa) == (["2", "149"], True)


def test_notes_listed_without_number_are_searched_all_the_same(cliente, chamadas, rede) -> None:
    tabela(rede, "nfs/query", [nota_json(None, chave="NFSE.A"), nota_json(None, MARCA, chave="NFSE.B")])
    busca = cliente.procurar(MARCA, 1, chamadas=chamadas)
    assert ([n.chave for n in busca.notas], busca.completa, busca.ultimo) == (["NFSE.B"], True, None)


def test_a_list_that_cannot_be_read_to_its_end_gives_no_certainty(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/nfs/query").mock(return_value=lista(*notas(1, 100)[::-1]))
    assert cliente.procurar(MARCA, 1, chamadas=chamadas).completa is False
    with pytest.raises(ProviderUnavailable, match="lista inteira"):
        cliente.consultar(Referencia(marca=MARCA), chamadas=chamadas)


def test_a_search_without_marker_would_find_every_note(cliente, chamadas) -> None:
    with pytest.raises(ValueError, match="marker"):
        cliente.procurar(" ", 1, chamadas=chamadas)


# -- internal ids ----------------------------------------------------------------------------------------------------
def test_an_unknown_municipio_brings_those_of_its_uf_in_the_same_try(chamadas, rede) -> None:
    cliente = novo_cliente(municipios={"2615003": 1636})
    consulta = rede.post(f"{BASE}/municipio/query").mock(return_value=lista(*corpo("municipios_pe")))
    nfs = rede.post(f"{BASE}/nfs").mock(return_value=resposta("nota"))
    cliente.emitir(NOTA, chamadas=chamadas)
    assert enviado(consulta)["where"] == {"eq": {"estado.uf": "PE"}}
    assert enviado(rede["tomador"])["dadosTomador"]["municipio"] == {"id": 1578}
    assert (consulta.call_count, nfs.call_count) == (1, 1)


def test_what_was_learnt_is_handed_back_and_what_was_known_is_not(chamadas, rede) -> None:
    cliente = novo_cliente(municipios={"2615003": 1636})
    rede.post(f"{BASE}/municipio/query").mock(return_value=lista(*corpo("municipios_pe")))
    cliente.gravar_tomador(TOMADOR, chamadas=chamadas)
    assert [m.nome for m in cliente.referencias.novas] == ["Iguaraci", "Olinda", "Orobó"]


def test_an_id_that_changed_at_the_service_is_replaced(chamadas, rede) -> None:
    cliente = novo_cliente(unidades={"Hora": 1, "Mês": 24})
    rede.post(f"{BASE}/unidade/query").mock(return_value=lista(*corpo("unidades")))
    cliente.unidades(chamadas=chamadas)
    assert cliente.referencias.unidades == {"Hora": 15, "Mês": 24, "Unidade": 19}
    assert cliente.referencias.novas == [Unidade(15, "Hora"), Unidade(19, "Unidade")]


def test_known_ids_are_not_asked_for(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/nfs").mock(return_value=resposta("nota"))
    cliente.emitir(NOTA, chamadas=chamadas)
    assert cliente.referencias.novas == []
    assert [c.request.url.path for c in rede.calls if c.request.url.path.endswith("query")] == []


def test_an_unknown_unit_is_looked_up(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/unidade/query").mock(return_value=lista(*corpo("unidades")))
    nfs = rede.post(f"{BASE}/nfs").mock(return_value=resposta("nota"))
    cliente.emitir(com_item(unidade="Unidade"), chamadas=chamadas)
    assert enviado(nfs)["listaItensNotaFiscal"][0]["unidadeMedida"] == {"id": 19}


@pytest.mark.parametrize(
    ("rota", "codigo", "faltando"),
    [
        ("municipio/query", "MUNICIPIO-DESCONHECIDO", {"municipios": {}}),
        ("unidade/query", "UNIDADE-DESCONHECIDA", {"unidades": {}}),
    ],
)
def test_what_the_service_does_not_have_is_a_refusal_before_anything_is_sent(
    chamadas, rede, rota, codigo, faltando
) -> None:
    tabela(rede, rota, [])
    with pytest.raises(ProviderRefused, match="A nota não foi enviada") as erro:
        novo_cliente(**faltando).emitir(NOTA, chamadas=chamadas)
    assert (erro.value.codigo, rede["tomador"].call_count, chamadas.sem_volta) == (codigo, 0, [])


def test_pages_that_the_service_cuts_short_hide_no_municipio(chamadas, rede) -> None:
    cliente = novo_cliente(municipios={})
    linhas = municipios(30) + corpo("municipios_pe")
    tabela(rede, "municipio/query", linhas, maximo=10)
    cliente.gravar_tomador(TOMADOR, chamadas=chamadas)
    assert enviado(rede["tomador"])["dadosTomador"]["municipio"] == {"id": 1578}


def test_ids_that_cannot_be_read_stop_the_issue_before_it_is_sent(chamadas, rede) -> None:
    rede.post(f"{BASE}/municipio/query").mock(return_value=recusa(403))
    nfs = rede.post(f"{BASE}/nfs")
    with pytest.raises(AccessDenied, match="wsListaMunicipio"):
        novo_cliente(municipios={}).emitir(NOTA, chamadas=chamadas)
    assert nfs.call_count == 0
