"""Integra Notas: tokens, sizes, statuses, rate limits and the profiles of the answers."""

import base64
import gzip
from typing import Any

import httpx
import pytest

from tests.sandbox.integranotas import Notas, arquivo, nota, tomador_de_teste


def minutos(notas: Notas, segundos: int) -> None:
    notas.relogio(f"{10 + segundos // 3600}:{segundos // 60 % 60:02d}:{segundos % 60:02d}")


def test_envelope_of_a_success(notas: Notas) -> None:
    resposta = notas.chamar("POST", "/nfse", nota())
    assert (resposta.status_code, resposta.headers["Content-Type"]) == (200, "application/json")
    assert {"sucesso", "codigo", "mensagem"} <= set(resposta.json())


@pytest.mark.parametrize("token", ["", "abc", "Bearer {token}"])
def test_token_is_bare_and_known(notas: Notas, token: str) -> None:
    resposta = notas.chamar("POST", "/nfse", nota(), token=token.format(token=notas.token))
    assert (resposta.status_code, resposta.json()["codigo"]) == (401, 401)


def test_each_kind_of_token_opens_its_own_routes(notas: Notas) -> None:
    assert notas.chamar("GET", "/soft/emitente").status_code == 403
    assert notas.soft("GET", "/emitente").status_code == 200
    assert notas.chamar("GET", "/emitente", token=notas.conta["token"]).status_code == 403


def test_tokens_belong_to_one_environment(notas: Notas) -> None:
    assert notas.chamar("POST", "/nfse", nota(), ambiente="homologacao").status_code == 401
    notas.usar_conta("homolog")
    notas.novo_emitente()
    assert notas.chamar("POST", "/nfse", nota(), ambiente="homologacao").json()["codigo"] == 100


def test_demonstration_token_survives_a_reset(notas: Notas) -> None:
    notas.zerar()
    assert notas.soft("GET", "/emitente").status_code == 200


@pytest.mark.parametrize(
    ("metodo", "rota", "status"),
    [("GET", "/nada", 404), ("GET", "/nfse", 405), ("DELETE", "/emitente", 405), ("GET", "/nfse/", 404)],
)
def test_unknown_route_and_method(notas: Notas, metodo: str, rota: str, status: int) -> None:
    resposta = notas.chamar(metodo, rota)
    assert (resposta.status_code, resposta.json()["sucesso"]) == (status, False)


def test_body_that_is_not_json(notas: Notas) -> None:
    for corpo in (b"{", b"\xff", b"[1]", b'{"a": NaN}'):
        assert notas.chamar("POST", "/nfse", corpo).status_code == 400
    assert notas.chamar("POST", "/nfse", nota(), headers={"Content-Type": "text/plain"}).status_code == 415


def corpo_de(bytes_: int) -> bytes:
    inicio, fim = b'{"x": "', b'"}'
    return inicio + b"a" * (bytes_ - len(inicio) - len(fim)) + fim


def test_body_over_two_megabytes_is_not_processed(notas: Notas) -> None:
    assert notas.chamar("POST", "/nfse", corpo_de(2_097_152)).json()["codigo"] == 5001
    resposta = notas.chamar("POST", "/nfse", corpo_de(2_097_153))
    assert (resposta.status_code, resposta.headers["Content-Type"]) == (413, "text/html")


def test_limit_of_the_body_and_its_answer_can_be_set(notas: Notas) -> None:
    notas.opcoes(corpo_maximo=2_000_000, corpo_maximo_html=False)
    resposta = notas.chamar("POST", "/nfse", corpo_de(2_000_001))
    assert (resposta.status_code, resposta.json()["codigo"]) == (413, 413)


@pytest.mark.parametrize(("perfil", "status"), [("200", [200] * 5), ("por_codigo", [422, 422, 409, 404, 504])])
def test_statuses_of_business_failures(notas: Notas, perfil: str, status: list[int]) -> None:
    notas.opcoes(status_http=perfil)
    notas.criar(1)
    corpos = [{}, nota(2, numero=1), nota(1), None, nota(3, tomador=tomador_de_teste("o documento não existe"))]
    respostas = [
        notas.chamar("POST", "/nfse", corpo) if corpo is not None else notas.chamar("GET", f"/nfse/{'1' * 50}")
        for corpo in corpos
    ]
    assert [resposta.json()["codigo"] for resposta in respostas] == [5001, 5002, 5008, 404, 7001]
    assert [resposta.status_code for resposta in respostas] == status


def test_code_may_be_text(notas: Notas) -> None:
    notas.opcoes(codigo_texto=True)
    assert notas.criar()["codigo"] == "100"
    assert notas.criar()["codigo"] == "5008"


def test_errors_may_tell_the_confirmed_key_only(notas: Notas) -> None:
    notas.opcoes(erros_forma="so_erro")
    (erro,) = notas.criar(numero=1)["erros"]
    assert set(erro) == {"erro"}


@pytest.mark.parametrize("arquivos", ["base64", "gzip"])
def test_files_are_plain_or_gzipped(notas: Notas, arquivos: str) -> None:
    notas.opcoes(arquivos=arquivos)
    pdf = base64.b64decode(notas.criar()["pdf"])
    assert (gzip.decompress(pdf) if arquivos == "gzip" else pdf).startswith(b"%PDF-")


@pytest.mark.parametrize("digitos", [44, 50])
def test_digits_of_the_chave_can_be_set(notas: Notas, digitos: int) -> None:
    notas.opcoes(chave_digitos=str(digitos))
    chave = notas.criar()["chave"]
    assert (len(chave), chave.isdecimal()) == (digitos, True)


def test_chave_may_grow_with_the_authorisation(notas: Notas) -> None:
    notas.opcoes(chave_digitos="44_depois_50")
    notas.prefeitura(segundos=30)
    provisoria = notas.criar()["chave"]
    notas.relogio("10:00:30")
    definitiva = notas.consultar(provisoria)["chave"]
    assert (len(provisoria), len(definitiva)) == (44, 50)
    assert notas.consultar(definitiva)["codigo"] == 100


def limitar(notas: Notas, **opcoes: Any) -> None:
    notas.opcoes(limites=True, **opcoes)


def statuses(notas: Notas, metodo: str, rota: str, vezes: int) -> list[int]:
    return [notas.chamar(metodo, rota).status_code for _ in range(vezes)]


def test_limits_are_on_from_the_start(notas: Notas) -> None:
    notas.zerar()
    assert [notas.soft("GET", "/emitente").status_code for _ in range(6)] == [200] * 5 + [429]


def test_sixty_calls_a_minute_then_a_block_of_five_minutes(notas: Notas) -> None:
    limitar(notas, limite_geral=6)
    assert statuses(notas, "GET", "/emitente", 6) == [200] * 6
    recusada = notas.chamar("GET", "/emitente")
    assert (recusada.status_code, recusada.headers["Retry-After"], recusada.json()["codigo"]) == (429, "300", 429)
    minutos(notas, 299)
    assert statuses(notas, "GET", "/emitente", 1) == [429]
    minutos(notas, 300)
    assert statuses(notas, "GET", "/emitente", 1) == [200]
    assert [c["limite"] for c in notas.controle.chamadas(status_http="429", contribuinte=notas.documento)] == [
        "excedido",
        "bloqueado",
    ]


def test_numbers_of_the_limits_are_the_published_ones(notas: Notas) -> None:
    ajustes = notas.padroes
    nomes = ("soft", "chave", "geral", "segundos", "bloqueio_segundos")
    assert [ajustes[f"integranotas.limite_{nome}"] for nome in nomes] == [5, 2, 60, 60, 300]


def test_a_document_has_its_own_bucket_shared_by_consult_pdf_and_resolve(notas: Notas) -> None:
    um, outro = notas.criar(1)["chave"], notas.criar(2)["chave"]
    limitar(notas, limite_geral=1)
    assert statuses(notas, "GET", f"/nfse/{um}", 1) == [200]
    assert statuses(notas, "GET", f"/nfse/pdf/{um}", 1) == [200]
    assert statuses(notas, "GET", f"/nfse/resolve/{um}", 1) == [429]
    assert statuses(notas, "GET", f"/nfse/{outro}", 2) == [200, 200]
    assert statuses(notas, "GET", "/nfse/offline", 1) == [200]


def test_pdf_and_resolve_may_have_buckets_of_their_own(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    limitar(notas, limite_chave_separada=True)
    rotas = (f"/nfse/{chave}", f"/nfse/pdf/{chave}", f"/nfse/resolve/{chave}")
    assert [statuses(notas, "GET", rota, 2) for rota in rotas] == [[200, 200]] * 3


def test_another_token_is_not_blocked(notas: Notas) -> None:
    limitar(notas, limite_geral=1)
    assert statuses(notas, "GET", "/emitente", 2) == [200, 429]
    notas.novo_emitente()
    assert statuses(notas, "GET", "/emitente", 1) == [200]


def test_machine_may_be_blocked_whatever_the_token(notas: Notas) -> None:
    limitar(notas, limite_ip=1)
    assert statuses(notas, "GET", "/emitente", 2) == [200, 429]
    notas.novo_emitente()
    assert statuses(notas, "GET", "/emitente", 1) == [429]


def test_refusal_may_be_a_page_without_retry_after(notas: Notas) -> None:
    limitar(notas, limite_geral=1, limite_html=True)
    notas.chamar("GET", "/emitente")
    recusada = notas.chamar("GET", "/emitente")
    assert (recusada.status_code, recusada.headers["Content-Type"]) == (429, "text/html")
    assert "Retry-After" not in recusada.headers


def test_fixed_window(notas: Notas) -> None:
    limitar(notas, limite_geral=2, limite_janela="fixa")
    minutos(notas, 59)
    assert statuses(notas, "GET", "/emitente", 2) == [200, 200]
    minutos(notas, 60)
    assert statuses(notas, "GET", "/emitente", 3) == [200, 200, 429]


def test_blocked_calls_may_lengthen_the_block(notas: Notas) -> None:
    limitar(notas, limite_geral=1, limite_estende=True)
    assert statuses(notas, "GET", "/emitente", 2) == [200, 429]
    for segundos, status in ((290, 429), (310, 429), (609, 429), (909, 200)):
        minutos(notas, segundos)
        assert statuses(notas, "GET", "/emitente", 1) == [status]


def test_one_limit_can_be_turned_off(notas: Notas) -> None:
    limitar(notas, limite_geral=0)
    assert statuses(notas, "GET", "/emitente", 70) == [200] * 70


def test_wrong_token_counts_in_no_limit(notas: Notas) -> None:
    limitar(notas, limite_geral=1)
    assert [notas.chamar("GET", "/emitente", token="x").status_code for _ in range(3)] == [401] * 3


@pytest.mark.parametrize(
    ("nome", "valor"),
    [
        ("status_http", "404"),
        ("arquivos", "zip"),
        ("chave_digitos", 44),
        ("corpo_maximo", 0),
        ("obrigatorios", ["tomador.inexistente"]),
        ("municipios", {"Curitiba": {}}),
        ("municipios", {"4106902": {"segundos": -1}}),
        ("municipios", {"4106902": {"surpresa": 1}}),
        ("limite_geral", -1),
        ("aviso_repeticoes", [-1]),
        ("inexistente", 1),
    ],
)
def test_senseless_options_are_refused(notas: Notas, nome: str, valor: Any) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        notas.opcoes(**{nome: valor})


def test_calls_are_recorded(notas: Notas) -> None:
    notas.criar(7, tag="t9")
    (chamada,) = notas.controle.chamadas(servico="integranotas", tag="t9", contribuinte=notas.documento)
    lida = [chamada[campo] for campo in ("rota", "operacao", "contribuinte", "pa", "codigos")]
    assert lida == ["POST /v1/nfse", "nfse_criar", notas.documento, "202611", ["100"]]


def test_no_xml_hides_what_it_is(notas: Notas) -> None:
    assert arquivo(notas.criar(versao=2)["xml"]).startswith(b"<?xml")
