"""What the client sends, and which error of the family each answer is."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx

from operacoes.errors import (
    AccessDenied,
    Alcance,
    OutcomeUnknown,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from operacoes.http import Chamadas
from pagar.providers import regras
from pagar.providers.campos import DadosInvalidos
from pagar.providers.datasul import (
    CONTEXTO_PORTAL,
    AcessoDatasul,
    Caminhos,
    ConfiguracaoErrada,
    Datasul,
    JaUsada,
    Motivo,
    RecusaErp,
    cliente,
    codificar,
)
from pagar.providers.interface import ContasAPagar, MensagemErp, Resultado, TituloNoErp
from tests.pagar.apoio import (
    ACESSO,
    ANTECIPACAO,
    ATUALIZACAO,
    BASE,
    BORDERO,
    ESTORNO,
    LOTE,
    RECURSO,
    SENHA,
    da_pagina,
    erp,
    lido,
    novas_chamadas,
    recusa,
)

LOTE_URL = f"{RECURSO}/accountPayableBatch"


@pytest.fixture
def router(monkeypatch: pytest.MonkeyPatch) -> Iterator[respx.MockRouter]:
    with erp(monkeypatch) as rotas:
        yield rotas


def implantar(acesso: AcessoDatasul = ACESSO, chamadas: Chamadas | None = None) -> Resultado:
    return Datasul(acesso).implantar(LOTE, chamadas=chamadas or novas_chamadas())


# -- what is sent ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("chamar", "verbo", "caminho", "raiz"),
    [
        (lambda erp, c: erp.implantar(LOTE, chamadas=c), "POST", "/accountPayableBatch", "Batch"),
        (lambda erp, c: erp.antecipar(ANTECIPACAO, chamadas=c), "POST", "/accountPayableAdvance", "Document"),
        (lambda erp, c: erp.pagar(BORDERO, chamadas=c), "POST", "/payment", "Batch"),
        (lambda erp, c: erp.estornar(ESTORNO, chamadas=c), "PUT", "/reversal", "Document"),
        (lambda erp, c: erp.atualizar(ATUALIZACAO, chamadas=c), "PUT", "/", "Document"),
    ],
)
def test_each_operation_has_its_method_path_and_root(
    router: respx.MockRouter, chamar: Callable[[ContasAPagar, Chamadas], Any], verbo: str, caminho: str, raiz: str
) -> None:
    rota = router.request(verbo, f"{RECURSO}{caminho}").mock(return_value=httpx.Response(200))
    assert chamar(Datasul(ACESSO), novas_chamadas()) == Resultado()
    corpo = lido(rota.calls.last.request.content)
    assert list(corpo) == [f"AccountPayable{raiz}Information", "ExternalOrganizationTranslationMatrixCode"]


def test_basic_json_and_language_go_in_the_headers(router: respx.MockRouter) -> None:
    rota = router.post(LOTE_URL).mock(return_value=httpx.Response(200))
    implantar()
    cabecalhos = rota.calls.last.request.headers
    assert base64.b64decode(cabecalhos["Authorization"].removeprefix("Basic ")).decode() == f"guiche:{SENHA}"
    assert [cabecalhos[nome] for nome in ("Content-Type", "Accept", "Accept-Language")] == [
        "application/json",
        "application/json",
        "pt-BR",
    ]


def test_token_goes_as_bearer(router: respx.MockRouter) -> None:
    rota = router.post(LOTE_URL).mock(return_value=httpx.Response(200))
    implantar(AcessoDatasul(BASE, token="ficha.do.erp"))
    assert rota.calls.last.request.headers["Authorization"] == "Bearer ficha.do.erp"


def test_context_and_paths_are_those_of_the_access(router: respx.MockRouter) -> None:
    rota = router.post(f"{BASE}/dts/datasul-rest/resources/prg/fin/v2/apb/lote").mock(return_value=httpx.Response(200))
    implantar(replace(ACESSO, contexto=CONTEXTO_PORTAL, caminhos=Caminhos(recurso="/fin/v2/apb/", lote="lote")))
    assert rota.called


def test_wrong_body_is_told_before_anything_is_sent(router: respx.MockRouter) -> None:
    chamadas = novas_chamadas()
    with pytest.raises(DadosInvalidos, match="Nada foi enviado ao Datasul"):
        Datasul(ACESSO).implantar(replace(LOTE, empresa=""), chamadas=chamadas)
    assert chamadas.registros == []


def test_body_larger_than_the_erp_takes_is_not_sent(router: respx.MockRouter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cliente, "CORPO_MAXIMO", 100)
    with pytest.raises(ProviderRefused) as erro:
        implantar()
    assert erro.value.codigo == "CORPO-GRANDE"


# -- success ---------------------------------------------------------------------------------------------------------
def test_answer_of_success_is_read_where_it_tells(router: respx.MockRouter) -> None:
    item = {"BranchCode": "100", "documentNumber": "42", "SupplierCode": 95, "IdVendorsPayments": 56511}
    corpo = {"type": "success", "message": "Lote criado.", "Reference": "241128Tzhm", "items": [item]}
    router.post(LOTE_URL).mock(return_value=httpx.Response(200, json=corpo))
    feito = implantar()
    assert (feito.avisos, feito.referencia, feito.bruto) == ((), "241128Tzhm", corpo)
    assert feito.titulos == (TituloNoErp("100", numero="42", fornecedor=95, id_pagamento=56511),)


def test_warning_is_success_with_a_notice(router: respx.MockRouter) -> None:
    router.post(LOTE_URL).mock(
        return_value=httpx.Response(201, json={"code": 7, "message": "Data em feriado.", "type": "warning"})
    )
    assert implantar().avisos == (MensagemErp("7", "Data em feriado.", "", "warning"),)


@pytest.mark.parametrize("corpo", [b"", b"null", b"[]", b'"ok"', b"{}"])
def test_success_without_anything_known_is_success(router: respx.MockRouter, corpo: bytes) -> None:
    router.post(LOTE_URL).mock(return_value=httpx.Response(200, content=corpo))
    assert implantar().titulos == ()


def test_success_that_is_not_json_proves_nothing(router: respx.MockRouter) -> None:
    router.post(LOTE_URL).mock(return_value=httpx.Response(200, text="<html>Entrar</html>"))
    chamadas = novas_chamadas()
    with pytest.raises(OutcomeUnknown):
        implantar(chamadas=chamadas)
    assert chamadas.sem_volta


def test_error_inside_a_200_is_a_refusal(router: respx.MockRouter) -> None:
    router.post(LOTE_URL).mock(return_value=httpx.Response(200, json=recusa("17006", "Período fechado.")))
    chamadas = novas_chamadas()
    with pytest.raises(RecusaErp) as erro:
        implantar(chamadas=chamadas)
    assert erro.value.codigo == "17006"
    assert chamadas.sem_volta == []


@pytest.mark.parametrize("status", [200, 400, 500])
def test_error_of_a_partial_payment_is_a_doubt(router: respx.MockRouter, status: int) -> None:
    router.post(f"{RECURSO}/payment").mock(return_value=httpx.Response(status, json=recusa("1", "Título bloqueado.")))
    with pytest.raises(OutcomeUnknown, match="pode ter aceito outra"):
        Datasul(ACESSO).pagar(replace(BORDERO, parcial=True), chamadas=novas_chamadas())


# -- refusals --------------------------------------------------------------------------------------------------------
_UMA = {"code": 17006, "message": "Conta inválida.", "detailedMessage": "Informe outra.", "type": "error"}


@pytest.mark.parametrize(
    ("corpo", "ditas"),
    [
        (_UMA, ["17006: Conta inválida. (Informe outra.)"]),
        ({"Code": "17006", "Message": "Conta inválida."}, ["17006: Conta inválida."]),
        (recusa("1", "Um.", ("2", "Dois.")), ["1: Um.", "2: Dois."]),
        ([_UMA, {"code": "2", "message": "Dois."}], ["17006: Conta inválida. (Informe outra.)", "2: Dois."]),
    ],
)
def test_every_shape_of_error_gives_all_its_messages(router: respx.MockRouter, corpo: Any, ditas: list[str]) -> None:
    router.post(LOTE_URL).mock(return_value=httpx.Response(400, json=corpo))
    with pytest.raises(RecusaErp) as erro:
        implantar()
    assert erro.value.texto.splitlines() == ditas


def test_refusal_that_is_not_json_keeps_its_first_2000_characters(router: respx.MockRouter) -> None:
    router.post(LOTE_URL).mock(return_value=httpx.Response(400, text="á" * 3000))
    with pytest.raises(RecusaErp) as erro:
        implantar()
    assert (erro.value.texto, erro.value.codigo) == ("á" * 2000, "HTTP-400")


def test_500_with_code_and_message_is_a_refusal(router: respx.MockRouter) -> None:
    router.post(LOTE_URL).mock(return_value=httpx.Response(500, json=recusa("17006", "Conta inválida.")))
    with pytest.raises(RecusaErp, match=r"“17006: Conta inválida\.”"):
        implantar()


@pytest.mark.parametrize(
    ("codigo", "motivo"),
    [
        ("90013", Motivo.REFERENCIA_USADA),
        (90014, Motivo.TITULO_EXISTE),
        ("90034", Motivo.BORDERO_USADO),
    ],
)
def test_key_already_taken_is_recognised_by_the_map_of_codes(
    router: respx.MockRouter, codigo: str | int, motivo: Motivo
) -> None:
    corpo = recusa("90022", "Abatimento acima do saldo.", (str(codigo), "Já usada."))
    router.post(LOTE_URL).mock(return_value=httpx.Response(400, json=corpo))
    with pytest.raises(JaUsada) as erro:
        implantar()
    assert erro.value.motivos == {motivo}


def test_code_outside_the_map_means_nothing_more_than_no(router: respx.MockRouter) -> None:
    router.post(LOTE_URL).mock(return_value=httpx.Response(400, json=recusa("90013", "Referência já usada.")))
    with pytest.raises(RecusaErp) as erro:
        implantar(replace(ACESSO, codigos={}))
    assert type(erro.value) is RecusaErp


def test_title_already_closed_is_a_refusal_with_its_motive(router: respx.MockRouter) -> None:
    router.put(f"{RECURSO}/reversal").mock(return_value=httpx.Response(400, json=recusa("90031", "Título cancelado.")))
    with pytest.raises(RecusaErp) as erro:
        Datasul(ACESSO).estornar(ESTORNO, chamadas=novas_chamadas())
    assert erro.value.motivos == {Motivo.TITULO_FECHADO}


@pytest.mark.parametrize(("status", "alcance"), [(401, Alcance.CREDENCIAL), (403, Alcance.EMPRESA)])
def test_denied_access_reaches_what_it_concerns(router: respx.MockRouter, status: int, alcance: Alcance) -> None:
    router.post(LOTE_URL).mock(return_value=httpx.Response(status))
    with pytest.raises(AccessDenied) as erro:
        implantar()
    assert erro.value.alcance == alcance


@pytest.mark.parametrize("status", [404, 405, 415, 301, 307, 308])
def test_wrong_address_is_a_configuration_to_mend(router: respx.MockRouter, status: int) -> None:
    router.post(LOTE_URL).mock(return_value=httpx.Response(status, text="nada aqui"))
    chamadas = novas_chamadas()
    with pytest.raises(ConfiguracaoErrada, match="/api/fin/v1/accountPayableDocument/accountPayableBatch"):
        implantar(chamadas=chamadas)
    assert chamadas.sem_volta == []


# -- doubts ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "resposta",
    [
        httpx.Response(500, text="<html>erro</html>"),
        httpx.Response(500, json={"message": "sem código"}),
        httpx.Response(500, json=recusa("500", "Serviço indisponível.")),
        httpx.Response(502, json=recusa("1", "Fora do ar.")),
        httpx.Response(503),
        httpx.Response(504),
        httpx.Response(408),
        httpx.Response(302, headers={"Location": "/login"}),
    ],
)
def test_failure_after_sending_is_a_doubt(router: respx.MockRouter, resposta: httpx.Response) -> None:
    router.post(LOTE_URL).mock(return_value=resposta)
    chamadas = novas_chamadas()
    with pytest.raises(OutcomeUnknown):
        implantar(chamadas=chamadas)
    assert len(chamadas.sem_volta) == 1


def test_connection_never_made_may_be_tried_again(router: respx.MockRouter) -> None:
    router.post(LOTE_URL).mock(side_effect=httpx.ConnectError("refused"))
    chamadas = novas_chamadas()
    with pytest.raises(ProviderUnavailable) as erro:
        implantar(chamadas=chamadas)
    assert erro.value.codigo == "SEM-CONEXAO"
    assert chamadas.sem_volta == []


def test_limit_of_calls_stops_the_bucket(router: respx.MockRouter) -> None:
    router.post(LOTE_URL).mock(return_value=httpx.Response(429, headers={"Retry-After": "30"}))
    with pytest.raises(ProviderUnavailable) as erro:
        implantar()
    assert (erro.value.bloqueio, erro.value.retry_after) == (True, 30)


# -- secrets ---------------------------------------------------------------------------------------------------------
def test_password_appears_nowhere_that_is_kept(router: respx.MockRouter) -> None:
    eco = base64.b64encode(f"guiche:{SENHA}".encode()).decode()
    router.post(LOTE_URL).mock(return_value=httpx.Response(400, json=recusa("1", f"Usuário {SENHA} / {eco}")))
    chamadas = novas_chamadas()
    with pytest.raises(RecusaErp) as erro:
        implantar(chamadas=chamadas)
    guardado = f"{chamadas.registros} {erro.value.texto} {erro.value.mensagem} {ACESSO!r} {Datasul(ACESSO)!r}"
    assert SENHA not in guardado
    assert eco not in guardado


@pytest.mark.parametrize(
    ("trocas", "texto"),
    [
        ({"base": "erp.exemplo"}, "sem http"),
        ({"base": "http://ana:senha@erp.exemplo"}, "só servidor e porta"),
        ({"senha": ""}, "Faltam o usuário e a senha"),
        ({"usuario": "a:b"}, "dois-pontos"),
        ({"token": "a\nb"}, "token do ERP tem caracteres"),
        ({"caminhos": Caminhos(impostos="/fin/taxes")}, "precisa conter"),
    ],
)
def test_access_that_cannot_be_one_is_told(trocas: dict[str, Any], texto: str) -> None:
    with pytest.raises(ValueError, match=texto):
        replace(ACESSO, **trocas)


# -- listing of taxes ------------------------------------------------------------------------------------------------
IMPOSTOS_URL = f"{BASE}/api/fin/v1/vendorsPayments/56511/taxes"


def listar(acesso: AcessoDatasul = ACESSO, **opcoes: Any) -> Any:
    return Datasul(acesso).impostos(56511, chamadas=novas_chamadas(), **opcoes)


def da_listagem(itens: int, total: int, *, ha_mais: bool) -> httpx.Response:
    item = {"TaxCode": "10", "TaxPercentage": 1.0, "TaxableRevenue": 103.25, "TaxAmount": 0.0}
    return httpx.Response(200, json={"total": total, "hasNext": ha_mais, "items": [item] * itens})


def test_taxes_of_the_page_are_read(router: respx.MockRouter) -> None:
    corpo = (b'{"total":2,"hasNext":false,"items":' + codificar(da_pagina("impostos")["items"])) + b"}"
    router.get(IMPOSTOS_URL).mock(return_value=httpx.Response(200, content=corpo))
    irrf, contribuicoes = listar()
    assert (irrf.imposto, irrf.classificacao, irrf.valor, irrf.vencimento) == (
        "10",
        "1708",
        Decimal(0),
        date(2024, 10, 28),
    )
    assert (contribuicoes.valor, contribuicoes.aliquota, contribuicoes.nome_favorecido, contribuicoes.favorecido) == (
        Decimal("4.8"),
        Decimal("4.65"),
        "Fornecedor",
        1,
    )


def test_pages_are_walked_to_the_end(router: respx.MockRouter) -> None:
    rota = router.get(IMPOSTOS_URL).mock(
        side_effect=[da_listagem(2, 3, ha_mais=True), da_listagem(1, 3, ha_mais=False)]
    )
    assert len(listar(replace(ACESSO, por_pagina=2), ordem="-TaxCode", filtros={"StateCode": "PE"})) == 3
    assert dict(rota.calls.last.request.url.params) == {
        "page": "2",
        "pageSize": "2",
        "order": "-TaxCode",
        "StateCode": "PE",
    }


def test_listing_without_taxes_is_empty(router: respx.MockRouter) -> None:
    router.get(IMPOSTOS_URL).mock(return_value=da_listagem(0, 0, ha_mais=False))
    assert listar() == ()


def test_listing_that_never_ends_stops_at_the_limit(router: respx.MockRouter) -> None:
    rota = router.get(IMPOSTOS_URL).mock(return_value=da_listagem(1, 99, ha_mais=True))
    with pytest.raises(ProviderRefused, match="passa de 3 páginas"):
        listar(replace(ACESSO, paginas_maximas=3))
    assert rota.call_count == 3


@pytest.mark.parametrize(
    "resposta",
    [
        da_listagem(1, 2, ha_mais=False),
        da_listagem(0, 2, ha_mais=True),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"items": []}),
        httpx.Response(200, json={"hasNext": False, "items": [{"TaxCode": "10"}]}),
        httpx.Response(500, text="erro"),
        httpx.Response(503),
    ],
)
def test_listing_that_cannot_be_trusted_is_asked_again(router: respx.MockRouter, resposta: httpx.Response) -> None:
    router.get(IMPOSTOS_URL).mock(return_value=resposta)
    with pytest.raises(ProviderUnavailable):
        listar()


@pytest.mark.parametrize(
    ("resposta", "classe", "texto"),
    [
        (httpx.Response(404), ProviderRefused, "Confira o caminho dela na conta do ERP"),
        (httpx.Response(400, json=recusa("1", "pageSize inválido.")), RecusaErp, "pageSize inválido."),
        (httpx.Response(401), AccessDenied, "não aceitou o usuário"),
    ],
)
def test_listing_refused_says_why(
    router: respx.MockRouter, resposta: httpx.Response, classe: type[ProviderError], texto: str
) -> None:
    router.get(IMPOSTOS_URL).mock(return_value=resposta)
    with pytest.raises(classe, match=texto):
        listar()


def test_identity_of_a_title_ignores_case_and_blanks_behind() -> None:
    um = replace(ESTORNO, serie="e", numero="A1 ")
    assert regras.chave(um) == regras.chave(replace(ESTORNO, serie="E", numero="a1"))
