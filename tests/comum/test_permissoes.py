"""Roles and add-ons at the door of a view."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from comum.models import Adicional, Papel, Usuario
from comum.permissoes import administra, exige_adicional, opera
from tests.cast import criar_usuario

pytestmark = pytest.mark.django_db


def _view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("feito")


def _pedir(view: object, usuario: Usuario, rf: RequestFactory) -> HttpResponse:
    request = rf.get("/")
    request.user = usuario
    request.session = {}  # type: ignore[assignment]
    return view(request)  # type: ignore[operator, no-any-return]


@pytest.mark.parametrize(
    ("decorador", "papel", "passa"),
    [
        (opera, Papel.ADMINISTRADOR, True),
        (opera, Papel.OPERADOR, True),
        (opera, Papel.CONSULTA, False),
        (administra, Papel.ADMINISTRADOR, True),
        (administra, Papel.OPERADOR, False),
        (administra, Papel.CONSULTA, False),
    ],
)
def test_each_role_reaches_what_it_may(decorador: object, papel: Papel, passa: bool, rf: RequestFactory) -> None:
    usuario = criar_usuario("alguem", papel)
    view = decorador(_view)  # type: ignore[operator]
    if passa:
        assert _pedir(view, usuario, rf).content == b"feito"
    else:
        with pytest.raises(PermissionDenied, match="Esta função pede o papel"):
            _pedir(view, usuario, rf)


def test_staff_flags_follow_the_role() -> None:
    usuario = criar_usuario("alguem", Papel.ADMINISTRADOR)
    assert (usuario.is_staff, usuario.is_superuser) == (True, True)
    usuario.papel = Papel.OPERADOR
    usuario.save()
    assert (usuario.is_staff, usuario.is_superuser) == (False, False)


def test_without_the_add_on_the_page_says_what_is_missing_and_who_activates_it(
    rf: RequestFactory, bruno: Usuario
) -> None:
    resposta = _pedir(exige_adicional(Adicional.INTEGRA_CONTADOR)(_view), bruno, rf)
    texto = resposta.content.decode()
    assert resposta.status_code == 403
    assert "216 - Mens.API Integra Contador" in texto
    assert "Administração › Adicionais" in texto


def test_with_the_add_on_the_view_runs(rf: RequestFactory, bruno: Usuario, adicional_216: Adicional) -> None:
    assert _pedir(exige_adicional(216)(_view), bruno, rf).content == b"feito"


def test_the_administrator_gets_the_way_to_activate(rf: RequestFactory, ana: Usuario) -> None:
    texto = _pedir(exige_adicional(216)(_view), ana, rf).content.decode()
    assert reverse("admin:comum_adicional_change", args=[216]) in texto


def test_anonymous_users_are_sent_to_the_log_in(client: Client) -> None:
    assert client.get(reverse("empresas:lista")).headers["Location"] == "/entrar/?next=/empresas/"
