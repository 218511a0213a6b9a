"""The ADN: distribution by NSU, and the parameters of the municípios."""

from collections.abc import Callable

import pytest

from tests.sandbox.nacional import CURITIBA, TOMADOR, Nacional, cnpj, desempacotar


def portal(nacional: Nacional, **dados: object) -> list[dict[str, object]]:
    return list(nacional.controle.post("nacional/portal", dados).json()["notas"])


def test_both_parties_receive_the_note_and_its_events(
    nacional: Nacional, nacional_de: Callable[[str], Nacional]
) -> None:
    emitida = nacional.emitida()
    nacional.evento(emitida["chaveAcesso"])
    for quem in (nacional, nacional_de(TOMADOR)):
        corpo = quem.adn("/DFe/0", params={"lote": "true"}).json()
        assert corpo["StatusProcessamento"] == "DOCUMENTOS_LOCALIZADOS"
        assert corpo["TipoAmbiente"] == "HOMOLOGACAO"
        lote = corpo["LoteDFe"]
        assert [(item["NSU"], item["TipoDocumento"], item["TipoEvento"]) for item in lote] == [
            (1, "NFSE", None),
            (2, "EVENTO", "CANCELAMENTO"),
        ]
        assert desempacotar(lote[0]["ArquivoXml"]) == desempacotar(emitida["nfseXmlGZipB64"])


def test_batches_of_fifty_and_a_404_at_the_end(nacional: Nacional) -> None:
    portal(nacional, emitente=cnpj(70), tomador=nacional.documento, quantas=53)
    primeiro = nacional.adn("/DFe/0")
    assert [item["NSU"] for item in primeiro.json()["LoteDFe"]] == list(range(1, 51))
    segundo = nacional.adn("/DFe/50").json()["LoteDFe"]
    assert [item["NSU"] for item in segundo] == [51, 52, 53]
    fim = nacional.adn("/DFe/53")
    assert (fim.status_code, fim.json()["StatusProcessamento"]) == (404, "NENHUM_DOCUMENTO_LOCALIZADO")
    assert fim.json()["LoteDFe"] is None
    um = nacional.adn("/DFe/7", params={"lote": "false"}).json()["LoteDFe"]
    assert [item["NSU"] for item in um] == [7]


def test_a_branch_is_asked_for_with_the_certificate_of_the_head_office(
    nacional_de: Callable[[str], Nacional],
) -> None:
    matriz, filial = nacional_de(cnpj(60)), cnpj(60, 2)
    portal(matriz, emitente=cnpj(70), tomador=filial)
    assert matriz.adn("/DFe/0").status_code == 404
    assert len(matriz.adn("/DFe/0", params={"cnpjConsulta": filial}).json()["LoteDFe"]) == 1
    alheia = matriz.adn("/DFe/0", params={"cnpjConsulta": cnpj(61)})
    assert (alheia.status_code, alheia.json()["StatusProcessamento"]) == (400, "REJEICAO")
    assert set(alheia.json()["Erros"][0]) == {"Codigo", "Descricao", "Complemento"}


@pytest.mark.parametrize("nsu", ["abc", "-1", "1.5", str(2**63)])
def test_a_nsu_that_is_no_number_is_rejected(nacional: Nacional, nsu: str) -> None:
    resposta = nacional.adn(f"/DFe/{nsu}")
    assert (resposta.status_code, resposta.json()["StatusProcessamento"]) == (400, "REJEICAO")


def test_too_many_calls(nacional: Nacional) -> None:
    limite = {
        "nome": "adn",
        "operacao": "dfe_distribuir",
        "quantidade": 2,
        "bloqueio_segundos": 5,
        "retry_after": False,
    }
    nacional.controle.ajustes(limites=[limite])
    vistos = [nacional.adn("/DFe/0").status_code for _ in range(3)]
    assert vistos == [404, 404, 429]
    assert nacional.emitir().status_code == 201


def test_the_events_of_a_note_are_of_its_actors(nacional: Nacional, nacional_de: Callable[[str], Nacional]) -> None:
    chave = nacional.emitida()["chaveAcesso"]
    vazio = nacional.adn(f"/NFSe/{chave}/Eventos")
    assert (vazio.status_code, vazio.json()["StatusProcessamento"]) == (404, "NENHUM_DOCUMENTO_LOCALIZADO")
    assert nacional_de("11222333000181").adn(f"/NFSe/{chave}/Eventos").status_code == 403


def test_a_note_of_the_portal_is_there_without_having_been_sent(nacional: Nacional) -> None:
    nacional.emitida()
    (do_portal,) = portal(nacional, emitente=nacional.documento, tomador=TOMADOR)
    lote = nacional.adn("/DFe/1").json()["LoteDFe"]
    assert [item["ChaveAcesso"] for item in lote] == [do_portal["chave"]]


# parameters


def test_the_agreement_of_a_municipio(nacional: Nacional) -> None:
    convenio = nacional.parametro(f"/{CURITIBA}/convenio").json()["parametrosConvenio"]
    assert (convenio["tipoConvenio"], convenio["aderenteEmissorNacional"]) == (1, 1)
    nacional.municipio(emissor_nacional=0)
    convenio = nacional.parametro(f"/{CURITIBA}/convenio").json()["parametrosConvenio"]
    assert convenio["aderenteEmissorNacional"] == 0
    assert nacional.parametro("/9999999/convenio").status_code == 400


def test_rates_by_date(nacional: Nacional) -> None:
    linhas = [
        {"aliq": "2.00", "inicio": "2025-01-01", "fim": "2025-12-31"},
        {"aliq": "2.50", "inicio": "2026-01-01", "fim": None},
    ]
    nacional.municipio(aliquotas={"010701": linhas})
    hoje = nacional.parametro(f"/{CURITIBA}/010701/2026-11-21/aliquota").json()["aliquotas"]["010701"]
    assert [(linha["Aliq"], linha["DtIni"], linha["DtFim"]) for linha in hoje] == [(2.5, "2026-01-01T00:00:00", None)]
    todas = nacional.parametro(f"/{CURITIBA}/010701/historicoaliquotas").json()["aliquotas"]["010701"]
    assert [linha["Aliq"] for linha in todas] == [2.0, 2.5]
    antes = nacional.parametro(f"/{CURITIBA}/010701/2024-12-31/aliquota")
    assert (antes.status_code, "mensagem" in antes.json()) == (404, True)
    assert nacional.parametro(f"/{CURITIBA}/010701/hoje/aliquota").status_code == 400
    assert nacional.parametro(f"/{CURITIBA}/999999/2026-11-21/aliquota").status_code == 400


def test_a_service_with_its_points_where_the_server_wants_them(nacional: Nacional) -> None:
    assert nacional.parametro(f"/{CURITIBA}/01.07.01.000/historicoaliquotas").status_code == 400
    nacional.opcoes(servico_pontuado=True)
    lidas = nacional.parametro(f"/{CURITIBA}/01.07.01.000/2026-11-21/aliquota").json()["aliquotas"]
    assert list(lidas) == ["01.07.01.000"]
    assert nacional.parametro(f"/{CURITIBA}/010701/2026-11-21/aliquota").status_code == 400


def test_regimes_withholdings_and_benefits(nacional: Nacional) -> None:
    nacional.municipio(regimes={"6": 2}, retencao_cpf=True, beneficios={"41069020000001": {"descricao": "Incentivo"}})
    base = f"/{CURITIBA}"
    regimes = nacional.parametro(f"{base}/010701/2026-11-21/regimes_especiais").json()["regimesEspeciais"]["010701"]
    assert (regimes["6"], regimes["1"]) == ([{"situacao": 2}], [{"situacao": 1}])
    retencoes = nacional.parametro(f"{base}/2026-11-21/retencoes").json()["retencoes"]
    assert retencoes["artigoSexto"] == {"habilitado": True}
    assert len(retencoes["retencoesMunicipais"]) == 1
    beneficio = nacional.parametro(f"{base}/41069020000001/2026-11-21/beneficio").json()["beneficio"]
    assert beneficio == {"numero": "41069020000001", "descricao": "Incentivo"}
    assert nacional.parametro(f"{base}/41069020000002/2026-11-21/beneficio").status_code == 404


def test_a_municipio_outside_has_parametrised_nothing(nacional: Nacional) -> None:
    nacional.municipio(aderente=0)
    for rota in ("010701/2026-11-21/aliquota", "010701/historicoaliquotas", "2026-11-21/retencoes"):
        assert nacional.parametro(f"/{CURITIBA}/{rota}").status_code == 404


def test_what_moved_or_is_not_for_taxpayers(nacional: Nacional) -> None:
    chave = nacional.emitida()["chaveAcesso"]
    assert nacional.sefin("GET", "/DANFSe").status_code == 501
    assert nacional.sefin("GET", f"/DANFSe/{chave}").status_code == 501
    assert nacional.sefin("GET", "/ParametrosMunicipais").status_code == 501
    assert nacional.sefin("POST", "/decisao-judicial/nfse", {"xmlGZipB64": ""}).status_code == 403
    assert nacional.chamar("GET", "danfse", f"/{chave}").status_code == 501
    nacional.opcoes(danfse_http=503)
    assert nacional.chamar("GET", "danfse", f"/{chave}").status_code == 503
