"""The door: a session that ends in the middle of something, the lock-out, acts opened by their address."""

import html
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from empresas.models import Carteira, Empresa
from tests.cast import SENHA, criar_empresa

pytestmark = pytest.mark.django_db


@pytest.fixture
def empresa(carteira: Carteira) -> Empresa:
    return criar_empresa(1, carteira=carteira)


def _guardado(pagina: str) -> str:
    achado = re.search(r'name="guardado" value="([^"]*)"', pagina)
    return html.unescape(achado[1]) if achado else ""


def test_a_form_sent_after_the_session_ended_is_sent_again_after_the_log_in(
    client: Client, bruno: Usuario, empresa: Empresa
) -> None:
    editar = reverse("empresas:alterar", args=[empresa.pk])
    porta = client.post(
        editar,
        {"razao_social": 'Padaria "Nova" & Cia', "cnae": ["1", "2"]},
        headers={"Referer": f"http://testserver{editar}?de=lista"},
    )
    assert porta.status_code == 401
    guardado = _guardado(porta.content.decode())
    errada = client.post(reverse("entrar"), {"username": "bruno", "password": "x", "guardado": guardado})
    assert _guardado(errada.content.decode()) == guardado
    dentro = client.post(
        reverse("entrar"),
        {"username": "bruno", "password": SENHA, "guardado": guardado, "next": f"{editar}?de=lista"},
    )
    pagina = html.unescape(dentro.content.decode())
    assert f'action="{editar}"' in pagina
    assert 'name="razao_social" value="Padaria "Nova" & Cia"' in pagina
    assert pagina.count('name="cnae"') == 2
    assert f'href="{editar}?de=lista"' in pagina


@pytest.mark.parametrize("campo", ["senha", "consumer_secret", "password1"])
def test_secrets_are_not_written_back(client: Client, db: None, campo: str) -> None:
    porta = client.post(reverse("password_change"), {campo: "muito-secreto"})
    assert porta.status_code == 401
    assert "muito-secreto" not in porta.content.decode()


def _terminada(client: Client, usuario: Usuario, endereco: str) -> str:
    """What the log-in page keeps of a form that this user sent after the session ended."""
    client.force_login(usuario)
    client.get(reverse("inicio"))
    client.session.flush()
    return _guardado(client.post(endereco, {"razao_social": "Padaria Nova"}).content.decode())


def test_a_form_is_kept_when_its_owner_is_already_in_through_another_tab(
    client: Client, bruno: Usuario, empresa: Empresa
) -> None:
    editar = reverse("empresas:alterar", args=[empresa.pk])
    guardado = _terminada(client, bruno, editar)
    client.force_login(bruno)
    pagina = client.post(reverse("entrar"), {"username": "bruno", "password": SENHA, "guardado": guardado})
    assert f'action="{editar}"' in pagina.content.decode()
    assert "envie só se foi você" not in pagina.content.decode()


@pytest.mark.parametrize("ja_dentro", [True, False])
def test_a_form_is_never_sent_as_another_user(
    client: Client, ana: Usuario, bruno: Usuario, empresa: Empresa, ja_dentro: bool
) -> None:
    editar = reverse("empresas:alterar", args=[empresa.pk])
    guardado = _terminada(client, bruno, editar)
    if ja_dentro:
        client.force_login(ana)
    pagina = client.post(reverse("entrar"), {"username": "ana", "password": SENHA, "guardado": guardado})
    texto = pagina.content.decode()
    assert f"<b>{bruno.nome}</b>" in texto
    assert "Padaria Nova" not in texto
    assert f'action="{editar}"' not in texto


def test_a_form_of_an_unknown_user_names_who_would_send_it_and_where(
    client: Client, bruno: Usuario, empresa: Empresa
) -> None:
    editar = reverse("empresas:alterar", args=[empresa.pk])
    guardado = _guardado(client.post(editar, {"razao_social": "Padaria Nova"}).content.decode())
    pagina = client.post(reverse("entrar"), {"username": "bruno", "password": SENHA, "guardado": guardado})
    texto = pagina.content.decode()
    assert f'<b class="text-break">{editar}</b> em nome de <b>{bruno.nome}</b>' in texto
    assert "envie só se foi você" in texto


def _bater(client: Client, usuario: str, encaminhado: str = "", senha: str = "errada") -> int:
    cabecalhos = {"X-Forwarded-For": encaminhado} if encaminhado else {}
    return client.post(reverse("entrar"), {"username": usuario, "password": senha}, headers=cabecalhos).status_code


@pytest.fixture
def atras_de_proxy(settings: Any) -> None:
    settings.ATRAS_DE_PROXY = True


@pytest.mark.usefixtures("atras_de_proxy")
def test_behind_a_proxy_a_user_is_locked_out_of_one_address_only(client: Client, bruno: Usuario) -> None:
    tentativas = [_bater(client, "bruno", f"10.9.9.{n}, 203.0.113.7") for n in range(5)]
    assert tentativas[-1] == 429
    assert _bater(client, "bruno", "203.0.113.7", SENHA) == 429
    assert _bater(client, "bruno", "203.0.113.7, 203.0.113.8", SENHA) == 302


@pytest.mark.usefixtures("atras_de_proxy")
def test_what_the_proxy_did_not_tell_is_the_proxy(client: Client, bruno: Usuario) -> None:
    tentativas = [_bater(client, "bruno", encaminhado) for encaminhado in ("", "unknown", "a,", "", "")]
    assert tentativas[-1] == 429


def test_without_a_proxy_a_forged_address_changes_nothing(client: Client, bruno: Usuario) -> None:
    tentativas = [_bater(client, "bruno", f"203.0.113.{n}") for n in range(5)]
    assert tentativas[-1] == 429


def test_one_password_tried_on_many_users_is_stopped(client: Client, bruno: Usuario) -> None:
    AccessAttempt.objects.bulk_create(
        AccessAttempt(
            username=f"u{n}", ip_address="127.0.0.1", user_agent="", failures_since_start=1, attempt_time=agora
        )
        for agora in [timezone.now()]
        for n in range(48)
    )
    assert _bater(client, "outro") == 200
    assert _bater(client, "mais-um") == 429
    assert _bater(client, "bruno", senha=SENHA) == 429


def _validade() -> datetime:
    return Session.objects.get().expire_date


def test_a_session_in_use_does_not_end_and_what_a_page_fetches_by_itself_is_no_use(
    client: Client, bruno: Usuario
) -> None:
    client.force_login(bruno)
    with time_machine.travel(timezone.now() + timedelta(hours=11), tick=False):
        antes = _validade()
        client.get(reverse("empresas:lista"), headers={"HX-Request": "true", "X-Vivo": "1"})
        assert _validade() == antes
        client.get(reverse("empresas:lista"), {"q": "aurora"}, headers={"HX-Request": "true"})
        renovada = _validade()
        assert renovada > antes + timedelta(hours=10)
    with time_machine.travel(timezone.now() + timedelta(hours=11, minutes=50), tick=False):
        client.get(reverse("inicio"))
        assert _validade() == renovada


@pytest.mark.parametrize(
    "guardado",
    [
        "lixo",
        '["https://mau.exemplo/", []]',
        pytest.param(signing.dumps([None, "/senha/", []], key="outra", salt="comum.guardado"), id="outra chave"),
    ],
)
def test_what_was_kept_is_not_trusted(client: Client, bruno: Usuario, guardado: str) -> None:
    resposta = client.post(reverse("entrar"), {"username": "bruno", "password": SENHA, "guardado": guardado})
    assert resposta.status_code == 302
    assert resposta["Location"] == "/"


def test_a_part_asked_after_the_session_ended_takes_the_whole_page_to_the_log_in(client: Client, db: None) -> None:
    resposta = client.get(
        reverse("empresas:lista"),
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/empresas/?q=padaria"},
    )
    assert resposta.status_code == 401
    assert resposta["HX-Redirect"] == "/entrar/?next=/empresas/%3Fq%3Dpadaria"


def test_nobody_is_sent_to_another_site_after_the_log_in(client: Client, db: None) -> None:
    resposta = client.get(
        reverse("empresas:lista"), headers={"HX-Request": "true", "HX-Current-URL": "https://mau.exemplo/x"}
    )
    assert resposta["HX-Redirect"] == "/entrar/?next=/"


def test_what_a_part_sent_after_the_session_ended_stays_on_the_screen(client: Client, db: None) -> None:
    resposta = client.post(reverse("contexto"), headers={"HX-Request": "true"})
    assert resposta.status_code == 401
    assert "HX-Redirect" not in resposta
    assert "nada foi gravado" in resposta.content.decode()


@pytest.mark.parametrize(
    ("endereco", "volta"),
    [
        ("/processamentos/7/repetir/", "/processamentos/7/"),
        ("/contexto/", "/"),
        ("/processamentos/retomar/", "/processamentos/"),
    ],
)
def test_an_act_opened_by_its_address_shows_the_way_back(
    client: Client, bruno: Usuario, endereco: str, volta: str
) -> None:
    client.force_login(bruno)
    resposta = client.get(endereco)
    assert resposta.status_code == 405
    assert resposta["Allow"] == "POST"
    assert f'href="{volta}"' in resposta.content.decode()


def test_a_told_message_is_not_told_again_by_the_back_button(client: Client, ana: Usuario) -> None:
    client.force_login(ana)
    endereco = reverse("primeiros_passos")
    assert "no-store" in client.post(endereco, {"passo": "contrato", "feito": "1"}, follow=True)["Cache-Control"]
    assert "Cache-Control" not in client.get(endereco)


def test_wrong_passwords_lock_the_door(client: Client, bruno: Usuario) -> None:
    for _ in range(5):
        resposta = client.post(reverse("entrar"), {"username": "bruno", "password": "x"})
    assert resposta.status_code == 429
    assert "15 minutos" in resposta.content.decode()
    assert client.post(reverse("entrar"), {"username": "bruno", "password": SENHA}).status_code == 429
