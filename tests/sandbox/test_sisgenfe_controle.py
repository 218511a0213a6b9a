"""SISGENF-e in the control: its JSON, its settings and its page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.sisgenfe.prestadores_teste import DEMONSTRACAO
from tests.sandbox.sisgenfe import DENTRO, SENHA, USUARIO, Cliente, Preparo, cadastrar, cnpj

README = Path(__file__).resolve().parents[2] / "sandbox" / "README.md"
OPCOES_TORTAS = {
    "token_segundos": 0,
    "login_tipo": "text/xml",
    "login_entre_aspas": "sim",
    "iss_maximo": 101,
    "iss_padrao": "5",
    "cancelamento_dias": -1,
    "cancelamentos_por_dia": True,
    "decisao": "talvez",
    "decisao_segundos": 1.5,
    "limite_maximo": 0,
    "erros_html": True,
    "mostra_cancelada": 1,
    "surpresa": 1,
}


@pytest.fixture
def controle(preparo: Preparo) -> Iterator[httpx.Client]:
    endereco = f"{preparo.sandbox.enderecos['controle']}controle/"
    with httpx.Client(base_url=endereco, trust_env=False, follow_redirects=True) as cliente:
        yield cliente


def item(**mudancas: Any) -> dict[str, Any]:
    return {"cnpj": cnpj(900), "usuario": USUARIO, "senha": SENHA, **mudancas}


def notas(cliente: Cliente, **filtros: Any) -> list[dict[str, Any]]:
    return list(cliente.sandbox.controle.get("sisgenfe/notas", prestador=cliente.prestador, **filtros)["notas"])


def enviar(controle: httpx.Client, destino: str, **campos: Any) -> str:
    controle.get("sisgenfe/")
    token = controle.cookies["sandbox_csrf"]
    return controle.post(f"sisgenfe/{destino}/", data={"csrfmiddlewaretoken": token, **campos}).text


@pytest.mark.parametrize("nome", OPCOES_TORTAS)
def test_options_refuse_what_makes_no_sense(controle: httpx.Client, nome: str) -> None:
    resposta = controle.post("api/ajustes", json={f"sisgenfe.{nome}": OPCOES_TORTAS[nome]})
    assert (resposta.status_code, f"sisgenfe.{nome}" in resposta.json()["erro"]) == (400, True)


def test_every_option_is_told_and_documented(controle: httpx.Client) -> None:
    contadas = {nome for nome in controle.get("api/ajustes").json() if nome.startswith("sisgenfe.")}
    assert set(OPCOES_TORTAS) - {"surpresa"} < {nome.removeprefix("sisgenfe.") for nome in contadas}
    documentacao = README.read_text(encoding="utf-8")
    assert [nome for nome in sorted(contadas) if f"`{nome.removeprefix('sisgenfe.')}`" not in documentacao] == []


def test_prestadores_are_registered_in_bulk(preparo: Preparo) -> None:
    varios = [cnpj(numero) for numero in range(500, 700)]
    cadastrar(preparo.sandbox, *varios, atividades=[DENTRO], municipio="2607000", nome="VARIOS")
    (lido,) = preparo.sandbox.controle.get("sisgenfe/prestadores", cnpj=varios[-1])["prestadores"]
    assert (lido["nome"], lido["municipio"], lido["atividades"]) == ("VARIOS", "2607000", {str(DENTRO): None})
    assert Cliente(preparo.sandbox, preparo.http, varios[7]).login().status_code == 200


def test_registering_again_changes_the_prestador_and_adds_a_user(preparo: Preparo) -> None:
    cliente = preparo.novo()
    cadastrar(preparo.sandbox, cliente.prestador, usuario="bia", senha="outra")
    assert [r.status_code for r in (cliente.login(), cliente.login(username="bia", password="outra"))] == [200, 200]
    cadastrar(preparo.sandbox, cliente.prestador, senha="nova")
    assert cliente.login().status_code == 401


def test_passwords_are_not_listed(preparo: Preparo) -> None:
    assert SENHA not in str(preparo.sandbox.controle.get("sisgenfe/prestadores"))


@pytest.mark.parametrize(
    ("caminho", "corpo"),
    [
        ("prestadores", {}),
        ("prestadores", {"prestadores": ["x"]}),
        ("prestadores", {"prestadores": [item()], "outro": 1}),
        ("prestadores", {"prestadores": [item(cnpj="11222333000182")]}),
        ("prestadores", {"prestadores": [item(cnpj="11.222.333/0001-81")]}),
        ("prestadores", {"prestadores": [item(usuario="")]}),
        ("prestadores", {"prestadores": [item(senha=None)]}),
        ("prestadores", {"prestadores": [item(municipio=1578)]}),
        ("prestadores", {"prestadores": [item(atividades=[1])]}),
        ("prestadores", {"prestadores": [item(atividades=["7.1"])]}),
        ("prestadores", {"prestadores": [item(atividades=[{"id": DENTRO, "aliquota": 101}])]}),
        ("prestadores", {"prestadores": [item(atividades=[{"id": DENTRO, "taxa": 1}])]}),
        ("prestadores", {"prestadores": [item(permissoes=["wsTudo"])]}),
        ("prestadores", {"prestadores": [item(habilitado="sim")]}),
        ("prestadores", {"prestadores": [item(apelido="x")]}),
        ("prestadores", {"prestadores": [item(), item()]}),
        ("aplicativos", {"nome": "sem chave"}),
        ("aplicativos", {"chave": "c", "bloqueado": "sim"}),
        ("cancelamentos", {"prestador": cnpj(1), "numero": "1", "aprova": True}),
        ("cancelamentos", {"prestador": cnpj(1), "numero": 1}),
        ("cancelamentos", {"prestador": cnpj(1), "numero": 1, "aprova": True, "ambiente": "lua"}),
        ("cancelamentos", {"prestador": cnpj(1), "numero": 10**30, "aprova": True}),
    ],
)
def test_senseless_requests_are_refused_with_a_text(
    controle: httpx.Client, caminho: str, corpo: dict[str, Any]
) -> None:
    resposta = controle.post(f"api/sisgenfe/{caminho}", json=corpo)
    assert resposta.status_code == 400
    assert resposta.json()["erro"]


def test_register_is_all_or_nothing(controle: httpx.Client) -> None:
    controle.post("api/sisgenfe/prestadores", json={"prestadores": [item(), item(cnpj="ruim")]})
    assert controle.get("api/sisgenfe/prestadores", params={"cnpj": cnpj(900)}).json() == {"prestadores": []}


def test_notes_are_listed_by_mark_and_situation(emissor: Cliente) -> None:
    for observacao in ("um [m:1]", "dois [m:2]"):
        emissor.emitir(observacao=observacao)
    emissor.cancelar(2)
    assert [nota["numero"] for nota in notas(emissor, marca="[m:1]")] == [1]
    assert [nota["numero"] for nota in notas(emissor, situacao="cancelamento_solicitado")] == [2]
    assert notas(emissor, ambiente="homolog") == []


def test_listed_note_tells_its_letters_and_its_cancellation(emissor: Cliente) -> None:
    emissor.emitir()
    emissor.corrigir(1, "Leia-se B")
    emissor.cancelar(1, 4, "Trocado")
    (nota,) = notas(emissor)
    assert (nota["correcoes"], nota["valor"]) == (["Leia-se B"], "5840.00")
    assert (nota["cancelamento"]["tipo"], nota["cancelamento"]["aprovado"]) == (4, None)


@pytest.mark.parametrize("filtros", [{"numero": "x"}, {"desde_id": "-1"}, {"ambiente": "lua"}, {"cor": "azul"}])
def test_senseless_filters_are_refused(controle: httpx.Client, filtros: dict[str, str]) -> None:
    assert controle.get("api/sisgenfe/notas", params=filtros).status_code == 400


def test_page_shows_issuers_keys_and_notes(emissor: Cliente, controle: httpx.Client) -> None:
    emissor.emitir(observacao="<b>vista na página</b>")
    texto = controle.get("sisgenfe/").text
    assert DEMONSTRACAO in texto
    assert "&lt;b&gt;vista na página" in texto
    assert emissor.sandbox.controle.get("sisgenfe/demonstracao")["app"] in texto
    assert "<script" not in texto


def test_page_registers_a_prestador(preparo: Preparo, controle: httpx.Client) -> None:
    campos = {"cnpj": cnpj(800), "usuario": USUARIO, "senha": SENHA, "app": "chave-de-teste"}
    assert "Prestador cadastrado" in enviar(controle, "cadastrar", **campos)
    assert Cliente(preparo.sandbox, preparo.http, cnpj(800)).login().status_code == 200
    assert "CNPJ inválido" in enviar(controle, "cadastrar", cnpj="1")


def test_page_blocks_and_frees_a_key(preparo: Preparo, controle: httpx.Client) -> None:
    cliente = preparo.novo(app="da-pagina")
    assert "Aplicativo bloqueado" in enviar(controle, "bloquear", chave="da-pagina", bloqueado="1")
    assert cliente.login(app="da-pagina").status_code == 401
    assert "Aplicativo liberado" in enviar(controle, "bloquear", chave="da-pagina", bloqueado="0")
    assert cliente.login(app="da-pagina").status_code == 200


@pytest.mark.parametrize(("aprova", "fim"), [("1", "cancelada"), ("0", "emitida")])
def test_page_decides_a_cancellation_once(emissor: Cliente, controle: httpx.Client, aprova: str, fim: str) -> None:
    emissor.emitir()
    emissor.cancelar(1)
    pedido = controle.get("sisgenfe/").text.split('name="pedido"')[-1].split('value="')[1].split('"')[0]
    enviar(controle, "decidir", pedido=pedido, aprova=aprova)
    assert notas(emissor)[0]["situacao"] == fim
    assert "já foi decidido" in enviar(controle, "decidir", pedido=pedido, aprova=aprova)


def test_page_says_when_a_request_does_not_exist(controle: httpx.Client) -> None:
    assert "não existe mais" in enviar(controle, "decidir", pedido="x", aprova="1")
