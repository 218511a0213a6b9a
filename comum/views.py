"""The door (log-in, with what was typed carried through it), the lock-out and the probe."""

import re
import sys
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core import signing
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.views.defaults import server_error

from comum.models import Usuario
from comum.permissoes import usuario_de
from comum.sessao import ultimo_usuario

# Fields whose value is never written back into a page.
_SEGREDO = re.compile(r"senha|password|secret|segredo|chave|consumer|token", re.IGNORECASE)
_SAL = "comum.guardado"

type Guardado = tuple[int | None, str, list[tuple[str, str]]]  # who typed it, where it was going, its fields


class Entrada(LoginView):
    """Log-in. `guardado` is what entrar_de_novo kept of a form; after the log-in its owner decides to send it again."""

    redirect_authenticated_user = True

    @method_decorator(login_not_required)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Logged in meanwhile in another tab: the redirection would drop the form.
        if request.user.is_authenticated and (guardado := _ler(request)):
            return self._reenviar(guardado)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"guardado": self.request.POST.get("guardado", "")}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        resposta = super().form_valid(form)
        guardado = _ler(self.request)
        return resposta if guardado is None else self._reenviar(guardado)

    def _reenviar(self, guardado: Guardado) -> HttpResponse:
        dono, para, campos = guardado
        outro = dono if dono != usuario_de(self.request).pk else None
        contexto = {
            "para": para,
            "campos": campos,
            "conhecido": dono is not None,
            "de_outro": outro is not None,
            "dono": None if outro is None else Usuario.objects.filter(pk=outro).first(),
            "volta": self.get_success_url(),
        }
        return render(self.request, "registration/reenviar.html", contexto)


def entrar_de_novo(request: HttpRequest, volta: str) -> HttpResponse:
    """The log-in in place of a form sent after the session ended. Its fields are kept, its files and secrets not."""
    campos = [
        (nome, valor) for nome, valores in request.POST.lists() for valor in valores if nome != "csrfmiddlewaretoken"
    ]
    inteiro = not request.FILES and not any(_SEGREDO.search(nome) for nome, _ in campos)
    contexto = {
        "form": AuthenticationForm(request),
        "next": volta,
        "guardado": signing.dumps([ultimo_usuario(request), request.get_full_path(), campos], salt=_SAL)
        if inteiro
        else "",
        "terminou": True,
    }
    return render(request, "registration/login.html", contexto, status=401)


def _ler(request: HttpRequest) -> Guardado | None:
    try:
        dono, para, campos = signing.loads(request.POST.get("guardado", ""), salt=_SAL)
    except signing.BadSignature:
        return None
    return dono, para, campos


def bloqueado(
    request: HttpRequest, credentials: dict[str, Any] | None = None, *args: Any, **kwargs: Any
) -> HttpResponse:
    """AXES_LOCKOUT_CALLABLE: too many wrong passwords from this user and address, or from the address."""
    return render(request, "registration/bloqueado.html", status=429)


def falha(request: HttpRequest) -> HttpResponse:
    """handler500: a database that is away is a matter of waiting, not a defect."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        # Without the request: its context would ask the database who is logged in.
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "30"})
    return server_error(request)


@login_not_required
def saude(request: HttpRequest) -> JsonResponse:
    """Liveness for a monitor: 200 with the database reachable, 503 otherwise. Tells nothing else to strangers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # any database failure means the same to a monitor
        return JsonResponse({"banco": "fora do ar"}, status=503)
    return JsonResponse({"banco": "ok"})
