"""Who last used this browser, told apart from the session, which may have ended: what one user typed is never sent as
another. The cookie holds a signed user id, readable by the pages' script (static/js/sessao.js)."""

import time
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest

from comum.models import Usuario

COOKIE = f"{settings.CSRF_COOKIE_NAME}_de"
_SAL = "comum.sessao"


def contar_uso(request: HttpRequest, **_: Any) -> None:
    """Write down that the session is in use now, which puts off its end. Also the receiver of user_logged_in."""
    request.session["renovada_em"] = int(time.time())


def marca_de(usuario: Usuario) -> str:
    return Signer(salt=_SAL).sign(str(usuario.pk))


def ultimo_usuario(request: HttpRequest) -> int | None:
    """The id of who last used this browser; None when it does not say."""
    try:
        return int(Signer(salt=_SAL).unsign(request.COOKIES.get(COOKIE, "")))
    except (BadSignature, ValueError):
        return None
