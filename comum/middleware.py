from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.defaults import bad_request


def vary_on_htmx(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """One URL answers a page or a part of it: without Vary, the back button may show a cached part as the page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        return response

    return middleware


def refuse_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """No person types a NUL character and PostgreSQL keeps none: such a request is a 400, not a failure further in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        typed = (text for name, values in request.POST.lists() for text in (name, *values))
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path or any("\x00" in t for t in typed):
            return bad_request(request, BadRequest("NUL character"))
        return get_response(request)

    return middleware
