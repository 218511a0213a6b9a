"""What base.html needs on every page: the ambiente, the context of the top bar and the menu."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from comum.models import Usuario
from comum.sessao import marca_de
from config.menu import COOKIE, menu
from empresas.contexto import contexto_de


def tela(request: HttpRequest) -> dict[str, Any]:
    valores: dict[str, Any] = {
        "ambiente": settings.AMBIENTE.value,
        "treino": settings.TREINO,
        "cookie_csrf": settings.CSRF_COOKIE_NAME,
    }
    usuario = getattr(request, "user", None)
    if isinstance(usuario, Usuario):
        valores["marca_usuario"] = marca_de(usuario)
        valores["contexto"] = SimpleLazyObject(lambda: contexto_de(request))
        valores["menu"] = SimpleLazyObject(
            lambda: menu(usuario, getattr(request, "no_menu", request.path), request.COOKIES.get(COOKIE, ""))
        )
    return valores
