"""SISGENF-e, access: login, tokens, permissions, application keys, the two ambientes, verbs and media types."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.sisgenfe import APP, SENHA, TAQUARITINGA, Cliente, Preparo, cadastrar, erro, mascara, nota, tomador

Mudar = Callable[..., None]
ROTAS = {
    "tomador": ("wsIncluirTomador", tomador()),
    "nfs": ("wsIncluirNota", nota()),
    "nfs/corrige": ("wsIncluirCorrecao", {"notaFiscal": {"numero": 1}, "historico": "x"}),
    "nfs/cancela": ("wsIncluirCancelamento", {"notaFiscal": {"numero": 1}, "tipoCancelamento": {"id": 3}}),
    "tomador/query": ("wsListaTomador", {}),
    "nfs/query": ("wsListaNota", {}),
    "cnae/query": ("wsListaCnae", {}),
    "municipio/query": ("wsListaMunicipio", {}),
    "unidade/query": ("wsListaUnidadeMedida", {}),
}


def bloquear(preparo: Preparo, chave: str, bloqueado: bool) -> None:
    preparo.sandbox.controle.post("sisgenfe/aplicativos", {"chave": chave, "bloqueado": bloqueado})


def test_login_answers_the_bare_token(prestador: Cliente) -> None:
    resposta = prestador.login()
    assert resposta.headers["Content-Type"] == "text/plain"
    assert resposta.text.count(".") == 2
    assert resposta.text == resposta.text.strip('" \n')


def test_token_has_the_documented_claims(prestador: Cliente) -> None:
    cabecalho, conteudo = (json.loads(base64.urlsafe_b64decode(p + "==")) for p in prestador.token.split(".")[:2])
    assert cabecalho["alg"] == "HS256"
    assert conteudo["prestador"]["documento"] == mascara(prestador.prestador)
    assert {"prefeituras", "prestador", "permissoes", "chave", "usuario"} < set(conteudo)
    assert not {"exp", "iat"} & set(conteudo)


@pytest.mark.parametrize(
    ("mudanca", "esperado"),
    [
        ({"password": "errada"}, (401, None)),
        ({"username": "outro"}, (401, None)),
        ({"prestador": "11.222.333/0001-81"}, (401, None)),
        ({"app": "outra"}, (401, "app")),
        ({"app": None}, (400, "app")),
        ({"password": 123456}, (400, "password")),
        ({"prestador": "11222333000181"}, (400, "prestador")),
        ({"prestador": "529.982.247-25"}, (400, "prestador")),
        ({"extra": "x"}, (400, "extra")),
    ],
)
def test_login_refuses(prestador: Cliente, mudanca: dict[str, Any], esperado: tuple[int, str | None]) -> None:
    assert erro(prestador.login(**mudanca)) == esperado


def test_login_sample_of_the_documentation_is_not_json(prestador: Cliente) -> None:
    corpo = b'{"app": "a", "prestador": "11.111.111/1111-11", "username": "u", "password": "p",}'
    assert erro(prestador.enviar("login", corpo)) == (400, None)


def test_token_lives_as_long_as_the_setting_says(prestador: Cliente, passar_tempo: Callable[[str], None]) -> None:
    passar_tempo("2026-11-20T10:59:59-03:00")
    assert prestador.atividades().status_code == 200
    passar_tempo("2026-11-20T11:00:00-03:00")
    assert erro(prestador.atividades()) == (401, None)


@pytest.mark.parametrize("autorizacao", [b"", b"Bearer", b"Bearer a.b.c", b"Basic abc", b"Bearer a.b.\xe7"])
def test_no_token_no_answer(prestador: Cliente, autorizacao: bytes) -> None:
    assert erro(prestador.atividades(autorizacao)) == (401, None)


def test_forged_token_is_refused(prestador: Cliente) -> None:
    cabecalho, _, assinatura = prestador.token.split(".")
    conteudo = base64.urlsafe_b64encode(b'{"permissoes": []}').rstrip(b"=").decode()
    assert prestador.atividades(f"Bearer {cabecalho}.{conteudo}.{assinatura}".encode()).status_code == 401


def test_blocked_key_takes_its_tokens_with_it(preparo: Preparo) -> None:
    cliente = preparo.novo(app="")
    bloquear(preparo, "outra-chave", bloqueado=False)
    cliente.entrar(app="outra-chave")
    bloquear(preparo, "outra-chave", bloqueado=True)
    assert erro(cliente.atividades()) == (401, "app")
    assert erro(cliente.login(app="outra-chave")) == (401, "app")
    assert cliente.login(app=APP).status_code == 200


def test_prestador_that_named_its_application_lets_no_other_in(preparo: Preparo) -> None:
    bloquear(preparo, "terceira-chave", bloqueado=False)
    assert erro(preparo.novo().login(app="terceira-chave")) == (403, "app")


def test_prestador_not_allowed(preparo: Preparo) -> None:
    cliente = preparo.novo()
    cadastrar(preparo.sandbox, cliente.prestador, habilitado=False)
    assert erro(cliente.login()) == (403, "prestador")
    assert erro(cliente.atividades()) == (403, "prestador")


@pytest.mark.parametrize("rota", ROTAS)
def test_each_operation_needs_its_permission(preparo: Preparo, rota: str) -> None:
    permissao, corpo = ROTAS[rota]
    cliente = Cliente(preparo.sandbox, preparo.http, preparo.novo().prestador)
    todas = {permissao for permissao, _ in ROTAS.values()} | {"wsAlterarTomador"}
    outras = sorted(todas - {permissao} - ({"wsAlterarTomador"} if rota == "tomador" else set()))
    cadastrar(preparo.sandbox, cliente.prestador, usuario="restrito", permissoes=outras)
    cliente.entrar(username="restrito")
    assert erro(cliente.enviar(rota, corpo)) == (403, None)


def test_activities_need_their_permission(preparo: Preparo) -> None:
    assert erro(preparo.novo(permissoes=["wsListaCnae"]).atividades()) == (403, None)


def test_new_customer_and_known_customer_need_different_permissions(preparo: Preparo) -> None:
    cliente = preparo.novo(permissoes=["wsIncluirTomador"])
    assert cliente.tomador().status_code == 200
    assert erro(cliente.tomador()) == (403, None)


def test_ambientes_share_neither_tokens_nor_notes(emissor: Cliente) -> None:
    emissor.emitir()
    outro = Cliente(emissor.sandbox, emissor.http, emissor.prestador, "homologacao")
    outro.token = emissor.token
    assert outro.atividades().status_code == 401
    outro.entrar()
    assert outro.consultar("nfs").json() == outro.consultar("tomador").json() == []


def test_one_prestador_sees_nothing_of_another(emissor: Cliente, preparo: Preparo) -> None:
    emissor.emitir()
    outro = preparo.novo()
    assert outro.consultar("nfs").json() == outro.consultar("tomador").json() == []
    assert erro(outro.corrigir(1)) == (404, "notaFiscal.numero")


@pytest.mark.parametrize("rota", ["", "nada", "nfs/", "nfs/1", "login/x"])
def test_unknown_paths(prestador: Cliente, rota: str) -> None:
    assert erro(prestador.enviar(rota, {}))[0] == 404


def test_wrong_verbs(prestador: Cliente) -> None:
    assert erro(prestador.enviar("cnae", {})) == (405, None)
    resposta = prestador.http.get(f"{prestador.base}/nfs")
    assert (resposta.status_code, resposta.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("tipo", ["text/plain", "application/x-www-form-urlencoded"])
def test_media_type_is_checked(prestador: Cliente, tipo: str) -> None:
    assert erro(prestador.enviar("nfs/query", {}, **{"Content-Type": tipo})) == (415, None)
    assert prestador.enviar("nfs/query", {}, **{"Content-Type": "application/json; charset=utf-8"}).status_code == 200


def test_get_needs_the_media_type_too(prestador: Cliente, opcoes: Mudar) -> None:
    assert erro(prestador.atividades(tipo="")) == (415, None)
    opcoes(get_exige_tipo=False)
    assert prestador.atividades(tipo="").status_code == 200


def test_login_as_some_servers_would_answer_it(prestador: Cliente, opcoes: Mudar) -> None:
    opcoes(login_entre_aspas=True, login_tipo="application/json")
    resposta = prestador.login()
    assert resposta.headers["Content-Type"] == "application/json"
    assert resposta.json().count(".") == 2


def test_login_of_an_unmasked_prestador(prestador: Cliente, opcoes: Mudar) -> None:
    opcoes(aceita_sem_mascara=True)
    assert prestador.login(prestador=prestador.prestador).status_code == 200


def test_strict_documents_check_the_digits(prestador: Cliente, opcoes: Mudar) -> None:
    opcoes(confere_digitos=True)
    assert erro(prestador.login(prestador="11.111.111/1111-11")) == (400, "prestador")


def test_errors_may_be_a_page(prestador: Cliente, opcoes: Mudar) -> None:
    opcoes(erros_html="todos")
    resposta = prestador.login(password="errada" + SENHA)
    assert (resposta.status_code, resposta.headers["Content-Type"]) == (401, "text/html; charset=utf-8")


def test_where_the_seeds_of_the_documentation_are(prestador: Cliente) -> None:
    (municipio,) = prestador.consultar("municipio", id=TAQUARITINGA).json()
    assert (municipio["nome"], municipio["codigoCompleto"]) == ("Taquaritinga do Norte", "2615003")
