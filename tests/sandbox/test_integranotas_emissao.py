"""Integra Notas: issuing, the states of a document, what is deleted and what stays."""

import io
from typing import Any
from xml.etree import ElementTree

import pypdf
import pytest

from tests.sandbox.integranotas import Notas, arquivo, campos, nota, nota_v2, tomador_de_teste


def test_synchronous_town_authorises_in_the_same_call(notas: Notas) -> None:
    resposta = notas.criar(7, tag="t1")
    assert (resposta["sucesso"], resposta["codigo"], resposta["numero"]) == (True, 100, "1")
    assert (resposta["rps_numero"], resposta["rps_serie"], len(resposta["chave"])) == ("7", "1", 50)
    assert resposta["data_hora_evento"] == "2026-11-21T10:00:00-03:00"
    (efeito,) = notas.ledger(documento="1/7")
    assert (efeito["numero"], efeito["valor"], efeito["pa"], efeito["tag"]) == ("1", "100.00", "202611", "t1")


def test_files_are_a_real_pdf_and_a_well_formed_xml_without_fiscal_value(notas: Notas) -> None:
    resposta = notas.criar(7)
    texto = pypdf.PdfReader(io.BytesIO(arquivo(resposta["pdf"]))).pages[0].extract_text()
    assert "SEM VALOR FISCAL" in texto
    assert "Suporte técnico" in texto
    xml = ElementTree.fromstring(arquivo(resposta["xml"]))
    textos = [no.text for no in xml.iter()]
    assert {"SEM VALOR FISCAL", "7", notas.documento} <= set(textos)


def test_files_are_the_same_bytes_at_every_consult(notas: Notas) -> None:
    criada = notas.criar()
    consultada = notas.consultar(criada["chave"])
    assert (consultada["xml"], consultada["pdf"]) == (criada["xml"], criada["pdf"])


def test_asynchronous_town_answers_when_the_clock_gets_there(notas: Notas) -> None:
    notas.prefeitura(segundos=30)
    criada = notas.criar()
    assert (criada["sucesso"], criada["codigo"]) == (True, 5023)
    assert notas.consultar(criada["chave"])["codigo"] == 5023
    assert notas.ledger() == []
    notas.relogio("10:00:30")
    consultada = notas.consultar(criada["chave"])
    assert (consultada["codigo"], consultada["status"]) == (100, "autorizado")
    assert len(notas.ledger(documento="1/1")) == 1


def test_authorisation_is_dated_when_the_town_gave_it(notas: Notas) -> None:
    notas.prefeitura(segundos=30)
    chave = notas.criar()["chave"]
    notas.relogio("11:00:00")
    assert notas.consultar(chave)["data_hora_evento"] == "2026-11-21T10:00:30-03:00"


def test_refusal_at_once_leaves_the_number_free(notas: Notas) -> None:
    recusada = notas.criar(tomador=tomador_de_teste("recusa na hora"))
    assert (recusada["sucesso"], recusada["codigo"]) == (False, 5200)
    assert notas.criar()["codigo"] == 100
    assert len(notas.ledger(documento="1/1")) == 1


def test_late_refusal_is_told_once_then_the_document_is_gone(notas: Notas) -> None:
    chave = notas.criar(tomador=tomador_de_teste("recusa 30 segundos"))["chave"]
    notas.relogio("10:00:30")
    primeira = notas.consultar(chave)
    assert (primeira["sucesso"], primeira["codigo"], primeira["chave"]) == (False, 5200, chave)
    depois = notas.chamar("GET", f"/nfse/{chave}")
    assert (depois.status_code, depois.json()["codigo"]) == (404, 404)
    assert notas.criar()["codigo"] == 100


@pytest.mark.parametrize(("quando", "codigos"), [("sempre", [5200, 5200]), ("nunca", [404, 404])])
def test_how_often_a_late_refusal_is_told_can_be_set(notas: Notas, quando: str, codigos: list[int]) -> None:
    notas.opcoes(recusa_consultavel=quando)
    chave = notas.criar(tomador=tomador_de_teste("recusa 30 segundos"))["chave"]
    notas.relogio("10:00:30")
    assert [notas.consultar(chave)["codigo"] for _ in range(2)] == codigos


@pytest.mark.parametrize("segundos", [0, 30])
def test_existing_document_is_told_with_its_chave(notas: Notas, segundos: int) -> None:
    notas.prefeitura(segundos=segundos)
    chave = notas.criar()["chave"]
    repetida = notas.criar()
    assert (repetida["sucesso"], repetida["codigo"], repetida["chave"]) == (False, 5008, chave)
    assert len(notas.ledger()) == (1 if segundos == 0 else 0)


def test_a_number_is_free_in_another_serie_and_for_another_emitente(notas: Notas) -> None:
    notas.criar()
    assert notas.criar(serie="2")["codigo"] == 100
    notas.novo_emitente()
    assert notas.criar()["codigo"] == 100


def test_timeout_of_the_authority_with_the_document_alive(notas: Notas) -> None:
    perdida = notas.criar(tomador=tomador_de_teste("e a nota existe"))
    assert (perdida["sucesso"], perdida["codigo"]) == (False, 7001)
    assert notas.consultar(perdida["chave"])["codigo"] == 100
    assert notas.criar()["chave"] == perdida["chave"]


def test_timeout_of_the_authority_without_the_document(notas: Notas) -> None:
    perdida = notas.criar(tomador=tomador_de_teste("o documento não existe"))
    assert perdida["codigo"] == 7001
    assert notas.consultar(perdida["chave"])["codigo"] == 404
    assert notas.ledger() == []
    assert notas.criar()["codigo"] == 100


def test_timeout_of_the_authority_that_answers_later(notas: Notas) -> None:
    notas.prefeitura(segundos=30, desfecho="tempo_esgotado")
    chave = notas.criar()["chave"]
    assert notas.consultar(chave)["codigo"] == 5023
    notas.relogio("10:00:30")
    assert notas.consultar(chave)["codigo"] == 100


@pytest.mark.parametrize(("desfecho", "codigo", "efeitos"), [("autorizar", 100, 1), ("recusar", 5200, 0)])
def test_town_that_never_answers_is_decided_by_the_control(
    notas: Notas, desfecho: str, codigo: int, efeitos: int
) -> None:
    chave = notas.criar(tomador=tomador_de_teste("não responde"))["chave"]
    notas.relogio("2027-11-21T10:00:00-03:00")
    assert notas.consultar(chave)["codigo"] == 5023
    notas.controle.post(f"integranotas/notas/{chave}/decidir", {"desfecho": desfecho})
    assert notas.consultar(chave)["codigo"] == codigo
    assert len(notas.ledger()) == efeitos


def test_behaviour_of_a_town_is_set_by_its_ibge_code(notas: Notas) -> None:
    notas.opcoes(municipios={"4119905": {"segundos": 60}})
    assert notas.criar()["codigo"] == 5023
    notas.novo_emitente(municipio="3550308")
    assert notas.criar()["codigo"] == 100


def test_unknown_chave(notas: Notas) -> None:
    resposta = notas.chamar("GET", f"/nfse/{'1' * 50}")
    assert (resposta.status_code, resposta.json()["codigo"]) == (200, 404)


def test_the_chave_of_another_emitente_is_unknown(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    notas.novo_emitente()
    assert notas.consultar(chave)["codigo"] == 404


@pytest.mark.parametrize("chave", ["1" * 45, "resolve" + "1" * 44, "abc"])
def test_chave_of_another_length_or_with_letters_is_invalid(notas: Notas, chave: str) -> None:
    assert notas.consultar(chave)["codigo"] == 5002


def test_punctuation_of_a_chave_is_ignored(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    assert notas.consultar(f"{chave[:10]}.{chave[10:]}")["codigo"] == 100


def test_preview_draws_and_reserves_nothing(notas: Notas) -> None:
    previa = notas.chamar("POST", "/nfse/preview", nota()).json()
    assert (previa["sucesso"], set(previa) & {"pdf", "xml", "chave"}) == (True, {"pdf", "xml"})
    assert arquivo(previa["pdf"]).startswith(b"%PDF-")
    assert notas.ledger() == []
    assert notas.criar()["numero"] == "1"


def test_version_two_previews_without_xml(notas: Notas) -> None:
    previa = notas.chamar("POST", "/nfse/preview", nota_v2(), versao=2).json()
    assert "pdf" in previa
    assert "xml" not in previa


@pytest.mark.parametrize(("rota", "metodo"), [("/nfse/cancela", "POST"), (f"/nfse/{'1' * 50}", "GET")])
def test_only_three_operations_exist_on_version_two(notas: Notas, rota: str, metodo: str) -> None:
    assert notas.chamar(metodo, rota, {}, versao=2).status_code == 404
    assert notas.criar(versao=2)["codigo"] == 100


def test_pdf_route(notas: Notas) -> None:
    criada = notas.criar()
    resposta = notas.chamar("GET", f"/nfse/pdf/{criada['chave']}").json()
    assert resposta["pdf"] == criada["pdf"]


def test_pdf_of_a_document_in_processing_is_not_there(notas: Notas) -> None:
    notas.prefeitura(segundos=30)
    resposta = notas.chamar("GET", f"/nfse/pdf/{notas.criar()['chave']}").json()
    assert resposta["codigo"] == 5023
    assert "pdf" not in resposta


def test_body_on_get_is_ignored(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    for corpo in (b"[]", b"null", b"{}", b"\xff not json"):
        assert notas.chamar("GET", f"/nfse/{chave}", corpo).json()["codigo"] == 100


def test_offline_lists_what_is_in_processing(notas: Notas) -> None:
    notas.criar(1)
    notas.prefeitura(segundos=30)
    chave = notas.criar(2)["chave"]
    docs = notas.chamar("GET", "/nfse/offline").json()["docs"]
    assert [doc["chave"] for doc in docs] == [chave]


@pytest.mark.parametrize(
    ("dados", "codigo", "campo"),
    [
        ({"documentos": {"nfse": False}}, 5101, None),
        ({"im": ""}, 5001, "emitente.im"),
        ({"login": True}, 5001, "emitente.login_prefeitura"),
        ({"certificado": True}, 5100, None),
        ({"certificado": True, "certificado_ate": "2026-11-20"}, 5100, None),
        ({"certificado": True, "certificado_ate": "2027-11-20"}, 100, None),
    ],
)
def test_what_the_record_of_the_emitente_lacks(
    notas: Notas, dados: dict[str, Any], codigo: int, campo: str | None
) -> None:
    notas.cadastrar(notas.documento, **dados)
    resposta = notas.criar()
    assert resposta["codigo"] == codigo
    assert campo is None or resposta["erros"][0]["campo"] == campo


def test_national_town_asks_for_the_national_layout(notas: Notas) -> None:
    notas.prefeitura(padrao="nacional")
    criada = notas.criar(versao=2, item={"codigo_nbs": "115021000"})
    assert criada["codigo"] == 100
    assert b"<infNFSe" in arquivo(criada["xml"])
    assert b"SEM VALOR FISCAL" in arquivo(criada["xml"])


def test_the_file_of_a_town_tells_the_iss_of_the_note_and_of_its_service(notas: Notas) -> None:
    linha = {"valor_servicos": "1000.00", "valor_aliquota": "5.00", "valor_iss": "50.00", "valor_ir": "15.00"}
    xml = arquivo(notas.criar(item=linha)["xml"]).decode()
    assert xml.count("<ValorIss>50.00<") == 2
    assert "<ValorLiquidoNfse>985.00<" in xml  # nothing of the ISS: the provider pays it


def test_the_file_of_the_national_system_sums_what_is_withheld_of_the_contributions(notas: Notas) -> None:
    notas.prefeitura(padrao="nacional")
    municipais = {"iss_retido": True, "aliquota_iss": "5.00", "valor_iss": "50.00"}
    nacionais = {"valor_pis": "6.50", "valor_cofins": "30.00", "valor_csll": "10.00"}
    linha = {"codigo_nbs": "115021000", "valor_servicos": "1000.00"}
    item = {**linha, "tributos_municipais": municipais, "tributos_nacionais": nacionais}
    xml = arquivo(notas.criar(versao=2, item=item)["xml"]).decode()
    esperados = ["vRetCSLL>46.50", "tpRetPisCofins>3", "tpRetISSQN>2", "vISSQN>50.00", "vTotalRet>96.50", "vLiq>903.50"]
    assert [texto for texto in esperados if f"<{texto}<" not in xml] == []


@pytest.mark.parametrize(
    ("versao", "mudancas", "campo"),
    [
        (2, {}, "servico.codigo_nbs"),
        (2, {"item": {"codigo_nbs": "115021000"}, "serie": "A"}, "serie"),
        (2, {"item": {"codigo_nbs": "115021000", "codigo": "1.07"}}, "servico.codigo"),
        (1, {}, "servico"),
    ],
)
def test_what_a_national_town_refuses(notas: Notas, versao: int, mudancas: dict[str, Any], campo: str) -> None:
    notas.prefeitura(padrao="nacional")
    assert campos(notas.criar(versao=versao, **mudancas)) == [campo]
