import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.defaults import bad_request

from comum.models import Usuario
from comum.sessao import COOKIE, contar_uso, marca_de
from comum.views import entrar_de_novo

_RENOVAR = 60 * 60  # seconds between two renewals of a session: one write an hour, not one a request


def vary_on_htmx(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """One URL answers a page or a part of it: without Vary, the back button may show a cached part as the page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        return response

    return middleware


def forget_told_messages(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A page that told how an act ended is asked for again by the back button, without the message."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if getattr(getattr(request, "_messages", None), "used", False):
            add_never_cache_headers(response)
        return response

    return middleware


def explain_not_allowed(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Opening the address of an act (a reload, a bookmark, a log-in in between) shows the way back to its page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not request.htmx:  # type: ignore[attr-defined]
            page = render(request, "405.html", {"volta": _parent(request.path)}, status=405)
            page["Allow"] = response["Allow"]
            return page
        return response

    return middleware


def _parent(path: str) -> str:
    """The nearest address above that the product knows: /processamentos/7/repetir/ -> /processamentos/7/."""
    while len(path) > 1:
        path = path.rstrip("/").rpartition("/")[0] + "/"
        try:
            resolve(path)
        except Resolver404:
            continue
        return path
    return "/"


class ExigeEntrada(LoginRequiredMiddleware):
    """To the log-in and back. A part of a page is answered 401 (htmx then goes to the log-in with the whole page);
    what was typed in a form is carried through the log-in, to be sent again after it."""

    def handle_no_permission(  # type: ignore[override]  # the stub knows only the redirect
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponse:
        if request.htmx:  # type: ignore[attr-defined]
            return self._htmx(request)
        if request.method == "POST":
            return entrar_de_novo(request, _same_site(request, request.META.get("HTTP_REFERER", "")))
        return super().handle_no_permission(request, view_func)

    def _htmx(self, request: HttpRequest) -> HttpResponse:
        response = HttpResponse(status=401, content_type="text/plain; charset=utf-8")
        if request.method == "GET":
            page = _same_site(request, request.META.get("HTTP_HX_CURRENT_URL", ""))
            response["HX-Redirect"] = redirect_to_login(page).url
        else:
            response.write(
                "Sua sessão terminou e nada foi gravado. O que você digitou continua nesta tela: "
                "entre de novo em outra aba do navegador, volte aqui e envie outra vez."
            )
        return response


def keep_session(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A session ends SESSION_COOKIE_AGE after its last use, not after the log-in, and the browser knows who uses it.

    Use is whatever somebody asks for: what a page left open fetches by itself (data-vivo, told by the header X-Vivo of
    static/js/andamento.js) keeps nobody logged in.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        # A response that needed no session, or whose database is away, asks for none now.
        if response.status_code >= 500 or not request.session.accessed:
            return response
        user = request.user
        if not isinstance(user, Usuario):
            return response
        if request.COOKIES.get(COOKIE) != (mark := marca_de(user)):
            response.set_cookie(COOKIE, mark, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")
        if "X-Vivo" not in request.headers and time.time() - request.session.get("renovada_em", 0) > _RENOVAR:
            contar_uso(request)
        return response

    return middleware


def _same_site(request: HttpRequest, url: str) -> str:
    """Path and query of an address of ours that the browser told; the first page otherwise."""
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}):
        return "/"
    parts = urlsplit(url)
    return parts._replace(scheme="", netloc="", fragment="").geturl() or "/"


def refuse_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """No person types a NUL character and PostgreSQL keeps none: such a request is a 400, not a failure further in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        typed = (text for name, values in request.POST.lists() for text in (name, *values))
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path or any("\x00" in t for t in typed):
            return bad_request(request, BadRequest("NUL character"))
        return get_response(request)

    return middleware
