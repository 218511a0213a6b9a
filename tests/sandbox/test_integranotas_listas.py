"""Integra Notas: searches, information on towns, backups, received notes, and how long files are kept."""

import io
import zipfile
from typing import Any

import pytest

from tests.sandbox.integranotas import PONTA_GROSSA, TOMADOR, Notas, arquivo, campos, cnpj


def busca(notas: Notas, rota: str = "busca", **filtros: Any) -> dict[str, Any]:
    return dict(notas.chamar("POST", f"/nfse/{rota}", filtros).json())


def rps(resposta: dict[str, Any]) -> list[str]:
    return [doc["rps_numero"] for doc in resposta["docs"]]


@pytest.fixture
def tres(notas: Notas) -> list[str]:
    """Notes 1 and 2, and 3 of serie 2 on the next day; the second one is cancelled on it."""
    chaves = [notas.criar(1)["chave"], notas.criar(2)["chave"]]
    notas.relogio("2026-11-22T10:00:00-03:00")
    chaves.append(notas.criar(3, serie="2")["chave"])
    notas.cancelar(chaves[1])
    return chaves


@pytest.mark.parametrize(
    ("filtros", "achados"),
    [
        ({}, ["1", "2", "3"]),
        ({"numero_rps_inicial": 2, "numero_rps_final": 2}, ["2"]),
        ({"serie_rps": 2}, ["3"]),
        ({"serie_rps": "1", "numero_rps_inicial": 2}, ["2"]),
        ({"numero_nfse_inicial": 3, "numero_nfse_final": 9}, ["3"]),
        ({"data_inicial": "2026-11-22", "data_final": "2026-11-22"}, ["3"]),
        ({"data_final": "2026-11-21"}, ["1", "2"]),
        ({"cancel_inicial": "2026-11-22", "cancel_final": "2026-11-22"}, ["2"]),
        ({"serie_rps": None, "numero_rps_final": 1}, ["1"]),
    ],
)
def test_search_in_the_base(notas: Notas, tres: list[str], filtros: dict[str, Any], achados: list[str]) -> None:
    assert rps(busca(notas, **filtros)) == achados


def test_search_tells_no_files_and_counts_its_pages(notas: Notas, tres: list[str]) -> None:
    notas.opcoes(busca_por_pagina=2)
    resposta = busca(notas)
    assert (resposta["codigo"], resposta["pagina"], resposta["total_paginas"]) == (200, 1, 2)
    assert not {"xml", "pdf"} & set(resposta["docs"][0])


@pytest.mark.parametrize(("forma", "chave"), [("chaves", "chaves"), ("vazia", None)])
def test_search_may_answer_in_another_shape(notas: Notas, tres: list[str], forma: str, chave: str | None) -> None:
    notas.opcoes(busca_forma=forma)
    resposta = busca(notas)
    assert "docs" not in resposta
    assert resposta.get("chaves") == (tres if chave else None)


@pytest.mark.parametrize(
    "filtros",
    [{"numero_rps_inicial": "x"}, {"numero_nfse_final": 10**30}, {"data_inicial": "21/11/2026"}, {"pagina": "p"}],
)
def test_senseless_filters(notas: Notas, filtros: dict[str, Any]) -> None:
    assert campos(busca(notas, **filtros)) == list(filtros)


@pytest.mark.parametrize(
    ("filtros", "achados"),
    [
        ({"data_emissao_inicial": "2026-11-21", "data_emissao_final": "2026-11-21"}, ["1", "2", "3"]),
        ({"data_competencia_inicial": "2026-12-01"}, []),
        ({"tomador_cnpj": TOMADOR, "rps_numero": "2"}, ["2"]),
        ({"tomador_cpf": "52998224725"}, []),
        ({"nfse_numero": "3", "rps_serie": "2", "rps_tipo": "1", "pagina": "1"}, ["3"]),
        ({"pagina": "2"}, []),
    ],
)
def test_search_at_the_town_hall(notas: Notas, tres: list[str], filtros: dict[str, Any], achados: list[str]) -> None:
    assert rps(busca(notas, "consulta", **filtros)) == achados


def test_town_hall_tells_its_own_situation(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    notas.controle.post(f"integranotas/notas/{chave}/prefeitura", {"situacao": "cancelada"})
    assert busca(notas, "consulta")["docs"][0]["status"] == "cancelado"
    assert busca(notas)["docs"][0]["status"] == "autorizado"


def test_town_hall_knows_nothing_of_what_it_is_still_to_answer(notas: Notas) -> None:
    notas.prefeitura(segundos=30)
    notas.criar()
    assert busca(notas, "consulta")["docs"] == []
    assert rps(busca(notas)) == ["1"]


def test_town_without_search(notas: Notas) -> None:
    notas.opcoes(padrao_municipio={"localiza": False})
    assert busca(notas, "consulta")["codigo"] == 5300


def test_information_on_a_town(notas: Notas) -> None:
    notas.opcoes(municipios={PONTA_GROSSA: {"cancela": False, "obrigatorios": ["tomador.im"]}})
    info = notas.chamar("GET", f"/nfse/info/{PONTA_GROSSA}").json()
    lido = {nome: info[nome] for nome in ("nome", "uf", "ibge", "padrao", "cancela", "campos_obrigatorios")}
    assert lido == {
        "nome": "Ponta Grossa",
        "uf": "PR",
        "ibge": PONTA_GROSSA,
        "padrao": "municipal",
        "cancela": False,
        "campos_obrigatorios": ["tomador.im"],
    }


@pytest.mark.parametrize(("ibge", "codigo"), [("411990", 5002), ("abc", 5002), ("9999999", 404)])
def test_unknown_town(notas: Notas, ibge: str, codigo: int) -> None:
    assert notas.chamar("GET", f"/nfse/info/{ibge}").json()["codigo"] == codigo


def nomes(notas: Notas, link: str) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(notas.http.get(link).raise_for_status().content)) as pacote:
        assert b"SEM VALOR FISCAL" in pacote.read(pacote.namelist()[0])
        return pacote.namelist()


def test_backup_is_ready_on_the_first_sunday_of_the_next_month(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    notas.relogio("2026-12-05T23:00:00-03:00")
    pedido = {"ano": "2026", "mes": "11"}
    assert notas.chamar("POST", "/nfse/backup", pedido).json()["codigo"] == 404
    notas.relogio("2026-12-06T00:00:00-03:00")
    resposta = notas.chamar("POST", "/nfse/backup", pedido).json()
    assert nomes(notas, resposta["link"]) == [f"{chave}.xml"]
    assert notas.http.get(resposta["link"].replace(".zip", "x.zip")).status_code == 404


@pytest.mark.parametrize(
    ("pedido", "codigo"),
    [
        ({"ano": "2026", "mes": "1"}, 404),
        ({"ano": 2026, "mes": 13}, 5002),
        ({"ano": "26", "mes": "01"}, 5002),
        ({"ano": "2026"}, 5001),
    ],
)
def test_backup_of_nothing_or_of_no_month(notas: Notas, pedido: dict[str, Any], codigo: int) -> None:
    notas.relogio("2026-12-10T00:00:00-03:00")
    assert notas.chamar("POST", "/nfse/backup", pedido).json()["codigo"] == codigo


def receber(notas: Notas, **nota: Any) -> str:
    corpo = {"emitente": notas.documento, "notas": [{"prestador": cnpj(9), "valor": "50.00"} | nota]}
    return str(notas.controle.post("integranotas/recebidas", corpo).json()["recebidas"][0]["chave"])


def recebidas(notas: Notas, **filtros: Any) -> list[str]:
    resposta = notas.chamar("POST", "/dfe/nfse", {"periodo": "2026-11"} | filtros).json()
    return [doc["chave"] for doc in resposta["docs"]]


def test_received_notes_are_listed_by_month_day_and_counterpart(notas: Notas) -> None:
    antiga = receber(notas, emissao="2026-11-03")
    nova = receber(notas, emissao="2026-11-20", prestador=cnpj(8))
    receber(notas, emissao="2026-10-31")
    assert recebidas(notas) == [antiga, nova]
    assert recebidas(notas, data="2026-11-03") == [antiga]
    assert recebidas(notas, cnpj=cnpj(8)) == [nova]


def test_received_note_appears_when_it_is_distributed(notas: Notas) -> None:
    chave = receber(notas, disponivel="2026-11-21T12:00:00-03:00")
    assert recebidas(notas) == []
    notas.relogio("12:00:00")
    assert recebidas(notas) == [chave]


@pytest.mark.parametrize(
    ("leiaute", "esperados"),
    [
        ("municipal", ["<ValorServicos>1000.00<", "<ValorIr>15.00<", "<ValorIss>50.00<", "<ValorLiquidoNfse>935.00<"]),
        ("nacional", ["<vServ>1000.00<", "<vRetIRRF>15.00<", "<vISSQN>50.00<", "<vLiq>935.00<"]),
        ("proprio", ["<notaDaCidade>"]),
    ],
)
def test_received_note_tells_values_and_withholdings(notas: Notas, leiaute: str, esperados: list[str]) -> None:
    retencoes = {"iss": "50.00", "ir": 15, "inss": 0}
    chave = receber(notas, valor="1000.00", retencoes=retencoes, leiaute=leiaute, competencia="2026-11-01")
    xml = arquivo(notas.chamar("GET", f"/dfe/nfse/{chave}").json()["doc"]["xml"]).decode()
    assert [texto for texto in esperados if texto not in xml] == []


def xml_recebido(notas: Notas, **nota: Any) -> str:
    chave = receber(notas, valor="1000.00", **nota)
    return arquivo(notas.chamar("GET", f"/dfe/nfse/{chave}").json()["doc"]["xml"]).decode()


def test_received_note_of_a_town_tells_its_iss_twice(notas: Notas) -> None:
    xml = xml_recebido(notas, retencoes={"iss": "50.00"})
    assert xml.count("<ValorIss>50.00<") == 2
    assert "<InfDeclaracaoPrestacaoServico>" in xml


def test_received_note_tells_the_iss_that_the_provider_pays(notas: Notas) -> None:
    assert xml_recebido(notas).count("<ValorIss>20.00<") == 2
    assert "<tpRetISSQN>1<" in (nacional := xml_recebido(notas, leiaute="nacional"))
    assert "<vISSQN>20.00<" in nacional


@pytest.mark.parametrize(
    ("emissao", "retencoes", "esperados"),
    [
        ("2026-02-08", {"pis": 6.5, "cofins": 30, "csll": 10}, ["vPis>6.50", "tpRetPisCofins>1", "vRetCSLL>10.00"]),
        ("2026-02-08", {"csll": 10}, ["vPis>6.50", "tpRetPisCofins>2", "vRetCSLL>10.00"]),
        ("2026-02-09", {}, ["vPis>6.50", "vCofins>30.00", "tpRetPisCofins>0"]),
        ("2026-02-09", {"pis": 6.5, "cofins": 30, "csll": 10}, ["tpRetPisCofins>3", "vRetCSLL>46.50", "vLiq>953.50"]),
        ("2026-02-09", {"pis": 6.5, "cofins": 30}, ["tpRetPisCofins>4", "vRetCSLL>36.50"]),
        ("2026-02-09", {"csll": 10}, ["tpRetPisCofins>8", "vRetCSLL>10.00"]),
    ],
)
def test_received_national_note_tells_contributions_as_its_day_did(
    notas: Notas, emissao: str, retencoes: dict[str, Any], esperados: list[str]
) -> None:
    xml = xml_recebido(notas, leiaute="nacional", emissao=emissao, retencoes=retencoes)
    assert [texto for texto in esperados if f"<{texto}<" not in xml] == []


def test_a_cancelled_national_note_keeps_its_file(notas: Notas) -> None:
    chave = receber(notas, leiaute="nacional", cancelada="2026-11-21T09:00:00-03:00")
    assert b"<cStat>100<" in arquivo(notas.chamar("GET", f"/dfe/nfse/{chave}").json()["doc"]["xml"])
    (evento,) = notas.chamar("GET", f"/dfe/eventos/{chave}").json()["eventos"]
    assert b"<e101101>" in arquivo(evento["xml"])


def test_received_note_is_downloaded_with_its_events(notas: Notas) -> None:
    chave = receber(notas, numero=33, cancelada="2026-11-21T09:00:00-03:00")
    doc = notas.chamar("GET", f"/dfe/nfse/{chave}").json()["doc"]
    assert b"<Numero>33</Numero>" in arquivo(doc["xml"])
    (evento,) = notas.chamar("GET", f"/dfe/eventos/{chave}").json()["eventos"]
    assert (evento["tipo"], evento["data_hora_evento"]) == ("cancelamento", "2026-11-21T09:00:00-03:00")


@pytest.mark.parametrize(
    ("filtros", "codigo"), [({"periodo": None}, 5001), ({"periodo": "11/2026"}, 5002), ({"cnpj": "1"}, 5002)]
)
def test_senseless_lists_of_received_notes(notas: Notas, filtros: dict[str, Any], codigo: int) -> None:
    resposta = notas.chamar("POST", "/dfe/nfse", {"periodo": "2026-11"} | filtros).json()
    assert (resposta["codigo"], campos(resposta)) == (codigo, list(filtros))


def test_distribution_exists_in_production_only_unless_set(notas: Notas) -> None:
    notas.usar_conta("homolog")
    notas.novo_emitente()
    pedido: dict[str, Any] = {"ambiente": "homologacao"}
    assert notas.chamar("POST", "/dfe/nfse", {"periodo": "2026-11"}, **pedido).json()["codigo"] == 5101
    notas.opcoes(dfe_homologacao=True)
    assert notas.chamar("POST", "/dfe/nfse", {"periodo": "2026-11"}, **pedido).json()["docs"] == []


def test_backup_of_received_notes_is_ready_after_the_fifth(notas: Notas) -> None:
    chave = receber(notas, emissao="2026-11-03")
    pedido = {"tipo": "nfse", "ano": "2026", "mes": "11"}
    notas.relogio("2026-12-05T23:00:00-03:00")
    assert notas.chamar("POST", "/dfe/backup", pedido).json()["codigo"] == 404
    notas.relogio("2026-12-06T00:00:00-03:00")
    assert nomes(notas, notas.chamar("POST", "/dfe/backup", pedido).json()["link"]) == [f"{chave}.xml"]
    assert notas.chamar("POST", "/dfe/backup", pedido | {"tipo": "nfe"}).json()["codigo"] == 404


def test_files_stay_online_for_a_year(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    notas.relogio("2027-11-21T09:59:59-03:00")
    assert "xml" in notas.consultar(chave)
    notas.relogio("2027-11-21T10:00:00-03:00")
    fria = notas.consultar(chave)
    assert (fria["codigo"], fria["numero"], "xml" in fria) == (100, "1", False)


def test_cold_files_come_back_some_time_after_they_were_asked_for(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    notas.relogio("2028-01-10T10:00:00-03:00")
    assert notas.chamar("GET", f"/nfse/pdf/{chave}").json()["codigo"] == 404
    notas.relogio("2028-01-10T10:59:59-03:00")
    assert "xml" not in notas.consultar(chave)
    notas.relogio("2028-01-10T11:00:00-03:00")
    assert "xml" in notas.consultar(chave)
    assert "pdf" in notas.chamar("GET", f"/nfse/pdf/{chave}").json()


def test_files_are_gone_after_two_years(notas: Notas) -> None:
    chave, recebida = notas.criar()["chave"], receber(notas)
    notas.relogio("2028-11-21T10:00:00-03:00")
    assert "xml" not in notas.consultar(chave)
    assert notas.chamar("GET", f"/dfe/nfse/{recebida}").json()["codigo"] == 404
    assert "mais de 2 anos" in notas.consultar(chave)["mensagem"]
