"""Integra Notas: the control API, the human page, and what the README says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.integranotas.comportamento import TOMADORES_DE_TESTE
from tests.sandbox.integranotas import Notas, cnpj, receptor

EMITENTE = "the emitente of the test"


@pytest.fixture
def pagina(notas: Notas) -> Iterator[httpx.Client]:
    endereco = f"{notas.sandbox.enderecos['controle']}controle/"
    with httpx.Client(base_url=endereco, trust_env=False, follow_redirects=True) as cliente:
        yield cliente


def enviar(pagina: httpx.Client, destino: str, **campos: str) -> str:
    pagina.get("integranotas/")
    token = pagina.cookies["sandbox_csrf"]
    return pagina.post(f"integranotas/{destino}", data={"csrfmiddlewaretoken": token, **campos}).text


def test_a_demonstration_software_house_exists_in_each_environment(notas: Notas) -> None:
    contas = notas.controle.get("integranotas/contas")["contas"]
    assert [conta["ambiente"] for conta in contas][:2] == ["producao", "homolog"]
    assert len({conta["token"] for conta in contas}) == len(contas)


def test_bulk_register_answers_each_token(notas: Notas) -> None:
    itens = [{"documento": cnpj(numero)} for numero in range(100, 140)]
    corpo = {"conta": notas.conta["id"], "emitentes": itens}
    criados = notas.controle.post("integranotas/emitentes", corpo).json()["emitentes"]
    assert [criado["documento"] for criado in criados] == [item["documento"] for item in itens]
    assert len({criado["token"] for criado in criados}) == 40


def test_registering_again_keeps_the_token_and_what_is_not_told(notas: Notas) -> None:
    notas.cadastrar(notas.documento, municipio="3550308", segundos=9)
    de_novo = notas.cadastrar(notas.documento, webhook="http://127.0.0.1:9/")
    lido = [de_novo[nome] for nome in ("token", "municipio", "comportamento", "webhook")]
    assert lido == [notas.token, "3550308", {"segundos": 9}, "http://127.0.0.1:9/"]


def test_bulk_register_is_all_or_nothing(notas: Notas, pagina: httpx.Client) -> None:
    itens = [{"documento": cnpj(2)}, {"documento": "ruim"}]
    assert pagina.post("api/integranotas/emitentes", json={"emitentes": itens}).status_code == 400
    assert notas.controle.get("integranotas/emitentes", documento=cnpj(2))["emitentes"] == []


@pytest.mark.parametrize(
    ("caminho", "corpo"),
    [
        ("contas", {}),
        ("contas", {"nome": "X", "ambiente": "teste"}),
        ("emitentes", {}),
        ("emitentes", {"conta": 999, "emitentes": []}),
        ("emitentes", {"emitentes": [{"documento": cnpj(2), "municipio": "1"}]}),
        ("emitentes", {"emitentes": [{"documento": cnpj(2), "surpresa": 1}]}),
        ("emitentes", {"emitentes": [{"documento": cnpj(2), "desfecho": "talvez"}]}),
        ("emitentes", {"emitentes": [{"documento": cnpj(2), "webhook": "https://exemplo.com.br"}]}),
        ("emitentes", {"emitentes": [{"documento": cnpj(2), "certificado_ate": "logo"}]}),
        (f"notas/{'1' * 50}/decidir", {"desfecho": "autorizar"}),
        (f"notas/{'1' * 50}/decidir", {}),
        (f"notas/{'1' * 50}/prefeitura", {"situacao": "cancelada"}),
        ("recebidas", {"emitente": EMITENTE, "notas": [{"prestador": "1"}]}),
        ("recebidas", {"emitente": EMITENTE, "notas": [{"prestador": cnpj(2), "valor": "muito"}]}),
        ("recebidas", {"emitente": EMITENTE, "notas": [{"prestador": cnpj(2), "retencoes": {"icms": "1"}}]}),
        ("recebidas", {"emitente": EMITENTE, "notas": [{"prestador": cnpj(2), "valor": 5, "retencoes": {"ir": 6}}]}),
        ("recebidas", {"emitente": EMITENTE, "notas": [{"prestador": cnpj(2), "leiaute": "outro"}]}),
        ("recebidas", {"emitente": EMITENTE, "notas": [{"prestador": cnpj(2), "competencia": "logo"}]}),
        ("recebidas", {"emitente": cnpj(77), "notas": []}),
        ("avisos/enviar", {"emitente": EMITENTE, "tipo": "correto"}),
        ("avisos/enviar", {"emitente": EMITENTE, "tipo": "outro"}),
    ],
)
def test_senseless_requests_are_refused_with_a_text(
    notas: Notas, pagina: httpx.Client, caminho: str, corpo: dict[str, Any]
) -> None:
    if corpo.get("emitente") == EMITENTE:
        corpo = corpo | {"emitente": notas.documento}
    resposta = pagina.post(f"api/integranotas/{caminho}", json=corpo)
    assert resposta.status_code == 400
    assert resposta.json()["erro"]


def test_decided_note_is_not_decided_again(notas: Notas, pagina: httpx.Client) -> None:
    chave = notas.criar()["chave"]
    resposta = pagina.post(f"api/integranotas/notas/{chave}/decidir", json={"desfecho": "recusar"})
    assert "autorizada" in resposta.json()["erro"]
    resposta = pagina.post(f"api/integranotas/notas/{chave}/prefeitura", json={"situacao": "autorizada"})
    assert resposta.status_code == 400


def test_notes_are_listed_with_what_each_side_thinks(notas: Notas) -> None:
    chave = notas.criar(tag="t1")["chave"]
    notas.controle.post(f"integranotas/notas/{chave}/prefeitura", {"situacao": "cancelada"})
    (lida,) = notas.controle.get("integranotas/notas", emitente=notas.documento, serie="1", tag="t1")["notas"]
    assert (lida["chave"], lida["situacao"], lida["prefeitura"]) == (chave, "autorizada", "cancelada")


def test_pending_answers_count_as_effects_to_come(notas: Notas) -> None:
    notas.prefeitura(segundos=30)
    antes = notas.controle.get("tardios")["quantos"]
    notas.criar()
    assert notas.controle.get("tardios") == {"quantos": antes + 1, "ultimo": "2026-11-21T13:00:30Z"}


def test_page_opens_with_a_strict_policy_and_shows_tokens(notas: Notas, pagina: httpx.Client) -> None:
    notas.criar()
    resposta = pagina.get(f"integranotas/?emitente={notas.documento}")
    assert "default-src 'none'" in resposta.headers["Content-Security-Policy"]
    assert "<script" not in resposta.text
    assert " style=" not in resposta.text
    assert notas.token in resposta.text
    assert TOMADORES_DE_TESTE[0].cnpj in resposta.text


def test_page_registers_and_decides(notas: Notas, pagina: httpx.Client) -> None:
    assert "Conta MINHA criada" in enviar(pagina, "contas/", nome="MINHA", ambiente="homolog")
    campos = {"conta": str(notas.conta["id"]), "documento": notas.documento, "segundos": "30", "desfecho": "autorizar"}
    assert "cadastrado" in enviar(pagina, "emitentes/", **campos)
    chave = notas.criar()["chave"]
    assert "autorizado" in enviar(pagina, f"notas/{chave}/decidir/", desfecho="autorizar")
    assert notas.consultar(chave)["codigo"] == 100
    assert "site da prefeitura" in enviar(pagina, f"notas/{chave}/prefeitura/", situacao="cancelada")


def test_page_sends_messages(notas: Notas, pagina: httpx.Client) -> None:
    chave = notas.criar()["chave"]
    with receptor() as (url, recebidos):
        notas.cadastrar(notas.documento, webhook=url)
        assert "HTTP 200" in enviar(pagina, "avisos/enviar/", emitente=notas.documento, tipo="correto", chave=chave)
        assert "0 aviso(s) enviado(s)" in enviar(pagina, "avisos/")
    assert [recebido["chave"] for recebido in recebidos] == [chave]


@pytest.mark.parametrize(
    ("destino", "campos", "trecho"),
    [
        ("contas/", {"nome": ""}, "Informe o nome"),
        ("emitentes/", {"documento": "1"}, "Não há essa conta"),
        ("emitentes/", {"conta": "1", "segundos": "x"}, "número inteiro"),
        ("avisos/enviar/", {"emitente": "1", "tipo": "teste"}, "Não há emitente"),
    ],
)
def test_page_says_what_is_wrong(pagina: httpx.Client, destino: str, campos: dict[str, str], trecho: str) -> None:
    assert trecho in enviar(pagina, destino, **campos)


def test_readme_lists_every_option_test_document_and_message(notas: Notas, pagina: httpx.Client) -> None:
    lido = (Path(__file__).parents[2] / "sandbox" / "README.md").read_text(encoding="utf-8")
    ajustes = notas.controle.get("ajustes")
    nomes = [nome.removeprefix("integranotas.") for nome in ajustes if nome.startswith("integranotas.")]
    assert [nome for nome in nomes if f"| `{nome}` |" not in lido] == []
    assert [t.cnpj for t in TOMADORES_DE_TESTE if f"| `{t.cnpj}` | {t.titulo} |" not in lido] == []
    recusa = pagina.post("api/integranotas/avisos/enviar", json={}).json()["erro"]
    tipos = recusa.removesuffix(".").split(": ")[1].split(", ")
    assert [tipo for tipo in tipos if f"`{tipo}`" not in lido] == []
