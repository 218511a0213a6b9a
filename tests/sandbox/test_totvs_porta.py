"""The edge: paths and contexts, access, shapes of answers, scenarios; and the listing of taxes."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from sandbox.nucleo.desfechos import ACOES
from tests.sandbox.totvs import (
    DOCUMENTO,
    LOTE,
    Erp,
    atualizacao,
    bordero,
    caminhos,
    codigos,
    estorno,
    imposto,
    item,
    lote,
    numero,
    pago,
    texto_da_chave,
)

PORTAL = "/dts/datasul-rest/resources/prg"
RECURSO = "/fin/v1/accountPayableDocument"
Regra = Callable[..., Any]


@pytest.fixture
def regra(erp: Erp) -> Iterator[Regra]:
    yield lambda acao, **dados: erp.sandbox.controle.cenario(acao=acao, servico="totvs", **dados)
    erp.sandbox.controle.apagar_cenarios()


@pytest.mark.parametrize("contexto", ["/api", PORTAL])
def test_both_contexts_speak_to_one_erp(erp: Erp, contexto: str) -> None:
    corpo = lote(item())
    assert erp.chamar("lote", corpo, contexto=contexto).status_code == 200
    assert codigos(erp.chamar("lote", corpo)) == ["400", "90013", "90014"]


@pytest.mark.parametrize("barra", ["", "/"])
def test_update_answers_with_and_without_the_slash(erp: Erp, barra: str) -> None:
    corpo = atualizacao(erp.implantar())
    assert erp.http.put(f"{erp.base}/api{RECURSO}{barra}", json=corpo, auth=erp.acesso).status_code == 200


@pytest.mark.parametrize("caminho", ["/api/fin/v1/outro", f"/app{RECURSO}/payment", f"/api{RECURSO}/payments"])
def test_unknown_path(erp: Erp, caminho: str) -> None:
    resposta = erp.http.post(f"{erp.base}{caminho}", json={}, auth=erp.acesso)
    assert (resposta.status_code, resposta.json()["type"]) == (404, "error")


def test_wrong_verb_tells_the_right_one(erp: Erp) -> None:
    resposta = erp.http.get(f"{erp.base}/api{RECURSO}/payment", auth=erp.acesso)
    assert (resposta.status_code, resposta.headers["Allow"]) == (405, "POST")


def test_path_may_be_set(erp: Erp, opcoes_totvs: Any) -> None:
    opcoes_totvs(caminho_lote="/outroLote", contexto_externo="/rest")
    resposta = erp.http.post(f"{erp.base}/rest{RECURSO}/outroLote", json=lote(item()), auth=erp.acesso)
    assert resposta.status_code == 200


@pytest.mark.parametrize("acesso", [None, ("integracao", "errada"), ("ninguem", "x")])
def test_missing_or_wrong_credentials(erp: Erp, acesso: Any) -> None:
    resposta = erp.chamar("lote", lote(item()), auth=acesso)
    assert (resposta.status_code, resposta.headers["WWW-Authenticate"]) == (401, 'Basic realm="Datasul"')


def com_token(erp: Erp, token: str) -> httpx.Response:
    return erp.chamar("lote", lote(item()), auth=None, headers={"Authorization": f"Bearer {token}"})


def test_ready_token_opens(erp: Erp) -> None:
    assert com_token(erp, erp.demonstracao["token"]).status_code == 200


def test_forged_token_does_not(erp: Erp) -> None:
    assert com_token(erp, erp.demonstracao["token"][:-2]).status_code == 401


@pytest.mark.parametrize(("modo", "basic", "bearer"), [("basic", 200, 401), ("bearer", 401, 200)])
def test_mode_of_access_may_be_one(erp: Erp, opcoes_totvs: Any, modo: str, basic: int, bearer: int) -> None:
    opcoes_totvs(autenticacao=modo)
    achados = (erp.chamar("lote", lote(item())).status_code, com_token(erp, erp.demonstracao["token"]).status_code)
    assert achados == (basic, bearer)


@pytest.mark.parametrize("limite", [{"estabelecimentos": ["200"]}, {"programas": ["estorno"]}])
def test_user_without_access(erp: Erp, limite: dict[str, Any]) -> None:
    nome = f"u{numero()}"
    erp.sandbox.controle.post("totvs/usuarios", {"nome": nome, "senha": "s3nha", **limite})
    assert codigos(erp.chamar("lote", lote(item()), auth=(nome, "s3nha"))) == ["403", "403"]


@pytest.mark.parametrize("tipo", ["text/plain", "application/json; charset=latin-1", ""])
def test_body_must_say_that_it_is_json(erp: Erp, tipo: str) -> None:
    resposta = erp.chamar("lote", None, content=b"{}", headers={"Content-Type": tipo})
    assert resposta.status_code == 415


def test_body_too_large(erp: Erp, opcoes_totvs: Any) -> None:
    opcoes_totvs(corpo_maximo=100)
    assert erp.chamar("lote", lote(item())).status_code == 413


def test_one_error_has_no_details(erp: Erp) -> None:
    resposta = erp.chamar("lote", lote(item(SupplierCode=777)))
    assert set(resposta.json()) == {"detailedMessage", "code", "message", "type"}
    assert resposta.headers["Content-Type"] == "application/json;charset=UTF-8"


@pytest.mark.parametrize("forma", ["primeiro", "lista", "sempre_detalhes"])
def test_shape_of_the_errors(erp: Erp, opcoes_totvs: Any, forma: str) -> None:
    opcoes_totvs(erros_forma=forma)
    corpo = erp.chamar("lote", lote(item(SupplierCode=777))).json()
    assert {
        "primeiro": "details" not in corpo,
        "lista": isinstance(corpo, list),
        "sempre_detalhes": "details" in corpo,
    }[forma]


def test_code_as_a_number(erp: Erp, opcoes_totvs: Any) -> None:
    opcoes_totvs(codigo_numero=True)
    assert erp.chamar("lote", lote(item(SupplierCode=777))).json()["code"] == 90010


@pytest.mark.parametrize("status", [200, 500])
def test_business_errors_with_another_status(erp: Erp, opcoes_totvs: Any, status: int) -> None:
    opcoes_totvs(negocio_status=status)
    resposta = erp.chamar("lote", lote(item(SupplierCode=777)))
    assert (resposta.status_code, resposta.json()["type"]) == (status, "error")
    assert erp.chamar("lote", lote(item(Surpresa=1))).status_code == 400


@pytest.mark.parametrize(("forma", "tipo"), [("objeto", "success"), ("aviso", "warning"), ("erro", "error")])
def test_type_of_a_success(erp: Erp, opcoes_totvs: Any, forma: str, tipo: str) -> None:
    opcoes_totvs(sucesso_forma=forma)
    resposta = erp.chamar("lote", lote(item()))
    assert (resposta.status_code, resposta.json()["type"]) == (200, tipo)


def test_empty_success(erp: Erp, opcoes_totvs: Any) -> None:
    opcoes_totvs(sucesso_forma="vazio")
    resposta = erp.chamar("lote", lote(item()))
    assert (resposta.status_code, resposta.content) == (200, b"")


@pytest.mark.parametrize("acao", ["perder_resposta", "cortar", "truncar"])
def test_cut_answer_leaves_the_effect_it_should(erp: Erp, regra: Regra, acao: str) -> None:
    titulo = item()
    regra(acao, operacao="lote", vezes=1)
    with pytest.raises(httpx.TransportError):
        erp.chamar("lote", lote(titulo))
    assert len(erp.efeitos(titulo)) == int(ACOES[acao][0])


def test_lost_answer_is_settled_by_the_identical_repeat(erp: Erp, regra: Regra) -> None:
    corpo = lote(item())
    regra("perder_resposta", operacao="lote", vezes=1)
    with pytest.raises(httpx.TransportError):
        erp.chamar("lote", corpo)
    assert codigos(erp.chamar("lote", corpo)) == ["400", "90013", "90014"]
    assert len(erp.efeitos(corpo[LOTE][DOCUMENTO][0])) == 1


@pytest.mark.parametrize("http", [500, 502, 503])
def test_server_error_has_the_four_keys(erp: Erp, regra: Regra, http: int) -> None:
    regra("erro", operacao="lote", vezes=1, parametros={"http": http})
    assert codigos(erp.chamar("lote", lote(item()))) == [str(http), str(http)]


def test_html_page_with_status_500(erp: Erp, regra: Regra) -> None:
    regra("html", operacao="lote", vezes=1, parametros={"http": 500})
    resposta = erp.chamar("lote", lote(item()))
    assert (resposta.status_code, resposta.text[:9]) == (500, "<!DOCTYPE")


def test_200_with_type_error(erp: Erp, regra: Regra) -> None:
    regra("recusar", operacao="lote", vezes=1, parametros={"http": 200, "codigo": "17006", "texto": "Não."})
    corpo = erp.chamar("lote", lote(item())).json()
    assert (corpo["type"], corpo["code"], corpo["message"]) == ("error", "17006", "Não.")


def test_late_effect_lands_when_the_clock_gets_there(erp: Erp, regra: Regra) -> None:
    titulo = item()
    regra("efeito_tardio", operacao="lote", vezes=1, parametros={"segundos": 0})
    with pytest.raises(httpx.TransportError):
        erp.chamar("lote", lote(titulo), tag="tardia")
    assert [efeito["tag"] for efeito in erp.efeitos(titulo)] == ["tardia"]


def test_rule_finds_a_title_inside_a_batch(erp: Erp, regra: Regra) -> None:
    marcado = item()
    regra("erro", documento=f"*/{marcado['DocumentNumber']}/*")
    assert erp.chamar("lote", lote(item(), item())).status_code == 200
    assert erp.chamar("lote", lote(item(), marcado)).status_code == 503


def test_rule_by_branch_and_month_reaches_every_write(erp: Erp, regra: Regra) -> None:
    titulo = erp.implantar()
    regra("erro", contribuinte="001/100", pa="202611", so_efeito=True)
    corpos = {"lote": lote(item()), "pagamento": bordero(pago(titulo, 1)), "estorno": estorno(titulo, 1)}
    assert {erp.chamar(operacao, corpo).status_code for operacao, corpo in corpos.items()} == {503}
    assert erp.impostos(1).status_code == 200


@pytest.mark.parametrize(
    ("fornecedor", "efeitos"), [(99001, 1), (99002, 0), (99003, 0), (99004, 0), (99005, 0), (99006, 0)]
)
def test_test_suppliers_fail_once(erp: Erp, fornecedor: int, efeitos: int) -> None:
    titulo = item(SupplierCode=fornecedor)
    try:
        assert erp.chamar("lote", lote(titulo)).status_code in (200, 500, 503)
    except httpx.TransportError:
        assert fornecedor < 99004
    assert len(erp.efeitos(titulo)) == efeitos


def test_calls_are_recorded(erp: Erp) -> None:
    erp.chamar("lote", lote(item(SupplierCode=777)), tag="T12", contexto=PORTAL)
    (chamada,) = erp.sandbox.controle.chamadas(servico="totvs", tag="T12")
    assert (chamada["ambiente"], chamada["operacao"], chamada["contribuinte"]) == ("portal", "lote", "001/100")
    assert (chamada["status_http"], chamada["codigos"]) == (400, ["90010"])


def ident(erp: Erp, quantos: int = 2) -> int:
    taxas = [imposto(100, 1.5, TaxCode=str(posicao), DocumentClassCode="") for posicao in range(quantos)]
    return int(erp.titulo(erp.implantar(PendentTaxInformation=taxas))["id"])


def test_listing_tells_what_was_linked(erp: Erp) -> None:
    qual = ident(erp, 1)
    (achado,) = erp.impostos(qual).json()["items"]
    assert (achado["TaxAmount"], achado["TaxPercentage"], achado["TaxableRevenue"]) == (1.5, 1.5, 100)
    assert (achado["TaxSort"], achado["VendorShortName"], achado["IdVendorsPayments"]) == ("1708", "NCOM", qual)


def test_listing_of_a_title_that_the_erp_had(erp: Erp) -> None:
    taxa = {"TaxCode": "5952", "TaxAmount": 4.8, "TaxableRevenue": 103.25, "TaxPercentage": 4.65}
    dados = {"especie": "DP", "fornecedor": 95, "numero": f"C{numero()}", "valor": 103.25, "impostos": [taxa]}
    criado = erp.sandbox.controle.post("totvs/titulos", dados).json()
    assert erp.impostos(criado["id"]).json()["items"][0]["TaxAmount"] == 4.8


def test_listing_comes_in_pages(erp: Erp) -> None:
    qual = ident(erp, 3)
    paginas = [erp.impostos(qual, page=pagina, pageSize=2).json() for pagina in (1, 2, 3)]
    assert [(len(pagina["items"]), pagina["hasNext"], pagina["total"]) for pagina in paginas] == [
        (2, True, 3),
        (1, False, 3),
        (0, False, 3),
    ]


def test_listing_is_ordered_filtered_and_cut(erp: Erp) -> None:
    qual = ident(erp, 3)
    ordenada = erp.impostos(qual, order="-TaxCode", fields="TaxCode").json()["items"]
    assert ordenada == [{"TaxCode": "2"}, {"TaxCode": "1"}, {"TaxCode": "0"}]
    assert erp.impostos(qual, TaxCode="1", expand="x").json()["total"] == 1


def test_listing_of_nothing_is_empty(erp: Erp) -> None:
    assert erp.impostos(999_999).json() == {"total": 0, "hasNext": False, "items": []}


@pytest.mark.parametrize(
    "parametros",
    [{"page": 0}, {"page": "x"}, {"pageSize": 101}, {"order": "Nada"}, {"fields": "Nada"}, {"Nada": "1"}],
)
def test_wrong_parameter_of_the_listing(erp: Erp, parametros: dict[str, Any]) -> None:
    resposta = erp.impostos(1, **parametros)
    assert (resposta.status_code, caminhos(resposta)) == (400, [next(iter(parametros))])


def test_listing_needs_access(erp: Erp) -> None:
    assert erp.http.get(f"{erp.base}/api/fin/v1/vendorsPayments/1/taxes").status_code == 401


def test_key_of_the_ledger_is_upper_case(erp: Erp) -> None:
    titulo = erp.implantar(DocumentNumber=f"min{numero()}")
    assert erp.efeitos(titulo)[0]["documento"] == texto_da_chave(titulo)
