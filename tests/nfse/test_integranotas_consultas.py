"""Readings: consult, search, PDF, resolve, conflict, info, backup, offline and received notes."""

from datetime import UTC, date, datetime

import httpx
import pytest

from nfse.providers.integranotas.filtros import FiltroBusca, FiltroPrefeitura, FiltroRecebidas
from nfse.providers.interface import DadosInvalidos, Estado, Referencia
from operacoes.errors import ProviderRefused, ProviderUnavailable
from tests.nfse import apoio_integranotas as apoio
from tests.nfse.apoio_integranotas import (
    BASE,
    CHAVE,
    CHAVE_NACIONAL,
    PDF,
    XML,
    corpo_de,
    em_base64,
    enviado,
    resposta,
)

rede, cliente, chamadas = apoio.rede, apoio.cliente, apoio.chamadas

V1 = f"{BASE}/v1"
NOTA = Referencia(chave=CHAVE, serie="1", rps=19)
SEM_CHAVE = Referencia(serie="1", rps=19)


# -- one note ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nome", "estado"),
    [
        ("autorizada", Estado.AUTORIZADA),
        ("cancelada", Estado.CANCELADA),
        ("processando", Estado.PROCESSANDO),
    ],
)
def test_the_code_says_how_a_note_is(cliente, chamadas, rede, nome, estado) -> None:
    rede.get(f"{V1}/nfse/{CHAVE}").mock(return_value=resposta(nome))
    achada = cliente.consultar(NOTA, chamadas=chamadas)
    assert achada is not None
    assert (achada.estado, achada.chave) == (estado, CHAVE)


@pytest.mark.parametrize(
    ("palavra", "estado"),
    [("autorizado", Estado.AUTORIZADA), ("Cancelado", Estado.CANCELADA), ("denegado", Estado.DESCONHECIDO)],
)
def test_another_code_of_success_leaves_it_to_the_word(cliente, chamadas, rede, palavra, estado) -> None:
    rede.get(f"{V1}/nfse/{CHAVE}").mock(return_value=resposta("autorizada", codigo=200, status=palavra))
    assert cliente.consultar(NOTA, chamadas=chamadas).estado is estado


def test_a_chave_is_asked_for_without_its_punctuation(cliente, chamadas, rede) -> None:
    rota = rede.get(f"{V1}/nfse/{CHAVE_NACIONAL}").mock(return_value=resposta("autorizada", chave=None))
    com_pontos = f"{CHAVE_NACIONAL[:7]}.{CHAVE_NACIONAL[7:]} "
    assert cliente.consultar(Referencia(chave=com_pontos), chamadas=chamadas).chave == CHAVE_NACIONAL
    assert rota.calls.last.request.content == b""


@pytest.mark.parametrize("status", [200, 404])
def test_the_service_that_has_no_such_note_says_none(cliente, chamadas, rede, status) -> None:
    rede.get(f"{V1}/nfse/{CHAVE}").mock(return_value=resposta("nao_existe", status))
    assert cliente.consultar(NOTA, chamadas=chamadas) is None


def test_a_page_that_says_404_proves_nothing_about_the_note(cliente, chamadas, rede) -> None:
    rede.get(f"{V1}/nfse/{CHAVE}").mock(return_value=httpx.Response(404, text="<html>Not Found</html>"))
    with pytest.raises(ProviderUnavailable):
        cliente.consultar(NOTA, chamadas=chamadas)


def test_a_note_refused_after_it_was_taken_is_a_refusal_with_the_towns_words(cliente, chamadas, rede) -> None:
    rede.get(f"{V1}/nfse/{CHAVE}").mock(return_value=resposta("recusada"))
    with pytest.raises(ProviderRefused, match="com o mesmo número") as erro:
        cliente.consultar(NOTA, chamadas=chamadas)
    assert erro.value.texto.startswith("E160")


@pytest.mark.parametrize(
    "veio", [resposta("sem_prefeitura"), httpx.Response(502, text="<html>"), resposta("bloqueada")]
)
def test_a_consult_that_failed_may_be_made_again(cliente, chamadas, rede, veio) -> None:
    rede.get(f"{V1}/nfse/{CHAVE}").mock(return_value=veio)
    with pytest.raises(ProviderUnavailable):
        cliente.consultar(NOTA, chamadas=chamadas)
    assert chamadas.sem_volta == []


def test_without_chave_a_note_is_found_by_serie_and_number(cliente, chamadas, rede) -> None:
    busca = rede.post(f"{V1}/nfse/busca").mock(return_value=resposta("busca"))
    rede.get(f"{V1}/nfse/{CHAVE}").mock(return_value=resposta("autorizada"))
    achada = cliente.consultar(SEM_CHAVE, chamadas=chamadas)
    assert enviado(busca) == {"numero_rps_inicial": 19, "numero_rps_final": 19, "serie_rps": "1"}
    assert (achada.chave, achada.xml) == (CHAVE, XML)


def test_without_chave_none_found_is_none(cliente, chamadas, rede) -> None:
    rede.post(f"{V1}/nfse/busca").mock(return_value=resposta("busca", docs=[]))
    assert cliente.consultar(SEM_CHAVE, chamadas=chamadas) is None


def test_nothing_to_ask_by_is_a_fault_of_the_caller(cliente, chamadas) -> None:
    with pytest.raises(ValueError, match="série and RPS"):
        cliente.consultar(Referencia(marca="g-1"), chamadas=chamadas)


@pytest.mark.parametrize("comprimido", [False, True])
def test_fetches_the_pdf(cliente, chamadas, rede, comprimido) -> None:
    corpo = {"sucesso": True, "codigo": 200, "mensagem": "", "pdf": em_base64(PDF, comprimido=comprimido)}
    rede.get(f"{V1}/nfse/pdf/{CHAVE}").mock(return_value=httpx.Response(200, json=corpo))
    assert cliente.pdf(CHAVE, chamadas=chamadas) == PDF


@pytest.mark.parametrize("pdf", [None, "", "####", em_base64(b"<html>"), em_base64(PDF, comprimido=True)[:20]])
def test_a_pdf_that_is_none_may_be_asked_for_again(cliente, chamadas, rede, pdf) -> None:
    corpo = {"sucesso": True, "codigo": 200, "mensagem": "", "pdf": pdf}
    rede.get(f"{V1}/nfse/pdf/{CHAVE}").mock(return_value=httpx.Response(200, json=corpo))
    with pytest.raises(ProviderUnavailable):
        cliente.pdf(CHAVE, chamadas=chamadas)


def test_resolve_tells_what_was_done_on_the_towns_site(cliente, chamadas, rede) -> None:
    rede.get(f"{V1}/nfse/resolve/{CHAVE}").mock(return_value=resposta("cancelada"))
    assert cliente.resolver(CHAVE, chamadas=chamadas).estado is Estado.CANCELADA


def test_a_conflict_sends_the_xml_of_the_town(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{V1}/nfse/conflito").mock(return_value=resposta("autorizada"))
    assert cliente.conflito(CHAVE, XML, chamadas=chamadas).estado is Estado.AUTORIZADA
    assert enviado(rota) == {"chave": CHAVE, "xml": em_base64(XML)}


# -- lists ---------------------------------------------------------------------------------------------------


def test_reads_a_page_of_the_search(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{V1}/nfse/busca").mock(return_value=resposta("busca"))
    filtro = FiltroBusca(data_inicial=date(2026, 10, 1), data_final=date(2026, 10, 31), pagina=2)
    pagina = cliente.buscar(filtro, chamadas=chamadas)
    assert enviado(rota) == {"data_inicial": "2026-10-01", "data_final": "2026-10-31", "pagina": "2"}
    assert [(n.estado, n.numero, n.rps) for n in pagina.notas] == [
        (Estado.AUTORIZADA, "7", 19),
        (Estado.DESCONHECIDO, "", 20),
    ]
    assert (pagina.pagina, pagina.paginas) == (1, 3)


@pytest.mark.parametrize(
    ("trocas", "chaves"),
    [({"docs": None, "chaves": [CHAVE]}, [CHAVE]), ({"docs": None}, []), ({"docs": "nenhum"}, [])],
)
def test_reads_other_shapes_of_a_list(cliente, chamadas, rede, trocas, chaves) -> None:
    rede.post(f"{V1}/nfse/busca").mock(return_value=resposta("busca", **trocas))
    assert [n.chave for n in cliente.buscar(FiltroBusca(serie="1"), chamadas=chamadas).notas] == chaves


def test_a_search_without_filter_is_refused_here(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{V1}/nfse/busca")
    with pytest.raises(DadosInvalidos, match="sem filtro"):
        cliente.buscar(FiltroBusca(), chamadas=chamadas)
    assert not rota.called


def test_searches_the_town_hall(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{V1}/nfse/consulta").mock(return_value=resposta("busca"))
    filtro = FiltroPrefeitura(emissao_inicial=date(2026, 10, 1), tomador="52998224725", rps=19, pagina=2)
    assert len(cliente.buscar_na_prefeitura(filtro, chamadas=chamadas).notas) == 2
    assert enviado(rota) == {
        "data_emissao_inicial": "2026-10-01",
        "tomador_cpf": "52998224725",
        "rps_numero": "19",
        "pagina": "2",
    }


def test_lists_what_is_still_being_processed(cliente, chamadas, rede) -> None:
    docs = [{"chave": CHAVE, "status": "indefinido"}]
    rede.get(f"{V1}/nfse/offline").mock(return_value=resposta("busca", docs=docs))
    assert [n.estado for n in cliente.offline(chamadas=chamadas).notas] == [Estado.PROCESSANDO]


def test_tells_how_a_municipio_is_integrated_as_it_came(cliente, chamadas, rede) -> None:
    rede.get(f"{V1}/nfse/info/3550308").mock(return_value=resposta("municipio"))
    assert cliente.info("3550308", chamadas=chamadas) == corpo_de("municipio")


def test_a_municipio_that_is_no_ibge_code_is_a_fault_of_the_caller(cliente, chamadas) -> None:
    with pytest.raises(ValueError, match="IBGE"):
        cliente.info("São Paulo", chamadas=chamadas)


@pytest.mark.parametrize("trocas", [{}, {"link": None, "arquivo": "https://arquivos.exemplo/2026-10.zip"}])
def test_finds_the_link_of_a_package_whatever_its_name(cliente, chamadas, rede, trocas) -> None:
    rota = rede.post(f"{V1}/nfse/backup").mock(return_value=resposta("pacote", **trocas))
    assert cliente.backup(2026, 3, chamadas=chamadas).link == "https://arquivos.exemplo/2026-10.zip"
    assert enviado(rota) == {"ano": "2026", "mes": "3"}


def test_a_package_that_is_not_ready_has_no_link(cliente, chamadas, rede) -> None:
    rede.post(f"{V1}/nfse/backup").mock(return_value=resposta("nao_existe", 404))
    assert cliente.backup(2026, 10, chamadas=chamadas).link == ""


# -- received ------------------------------------------------------------------------------------------------


def test_lists_the_notes_received_in_a_month(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{V1}/dfe/nfse").mock(return_value=resposta("recebidas"))
    filtro = FiltroRecebidas(periodo=date(2026, 10, 1), cnpj="90000001000129")
    pagina = cliente.recebidas(filtro, chamadas=chamadas)
    assert enviado(rota) == {"periodo": "2026-10", "cnpj": "90000001000129"}
    assert [n.chave for n in pagina.notas] == [CHAVE_NACIONAL]
    assert pagina.notas[0].bruto["valor"] == "1200.5"


@pytest.mark.parametrize("comprimido", [False, True])
def test_downloads_a_note_received(cliente, chamadas, rede, comprimido) -> None:
    veio = resposta("recebidas", doc={"xml": em_base64(XML, comprimido=comprimido)})
    rede.get(f"{V1}/dfe/nfse/{CHAVE_NACIONAL}").mock(return_value=veio)
    assert cliente.baixar_recebida(CHAVE_NACIONAL, chamadas=chamadas) == XML


@pytest.mark.parametrize("doc", [None, [], {"xml": ""}, {"xml": em_base64(PDF)}])
def test_a_download_without_xml_may_be_made_again(cliente, chamadas, rede, doc) -> None:
    rede.get(f"{V1}/dfe/nfse/{CHAVE_NACIONAL}").mock(return_value=resposta("recebidas", doc=doc))
    with pytest.raises(ProviderUnavailable):
        cliente.baixar_recebida(CHAVE_NACIONAL, chamadas=chamadas)


def test_tells_the_events_of_a_note_received(cliente, chamadas, rede) -> None:
    quando = "2026-10-21T09:00:00-03:00"
    eventos = [{"tipo": "cancelamento", "data_hora_evento": quando, "xml": em_base64(XML), "autor": "prestador"}]
    veio = resposta("recebidas", docs=None, eventos=eventos)
    rede.get(f"{V1}/dfe/eventos/{CHAVE_NACIONAL}").mock(return_value=veio)
    (evento,) = cliente.eventos_recebidos(CHAVE_NACIONAL, chamadas=chamadas)
    assert (evento.tipo, evento.instante, evento.xml) == ("cancelamento", datetime(2026, 10, 21, 12, tzinfo=UTC), XML)
    assert evento.bruto["autor"] == "prestador"


def test_asks_for_the_package_of_documents_received(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{V1}/dfe/backup").mock(return_value=resposta("pacote"))
    assert cliente.backup_recebidos("nfse", 2026, 10, chamadas=chamadas).link
    assert enviado(rota) == {"tipo": "nfse", "ano": "2026", "mes": "10"}
