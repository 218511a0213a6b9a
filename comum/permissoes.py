"""Who may do what. Role is asked here; which rows exist for a user is asked of the querysets (`visiveis`)."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from comum.models import Adicional, Papel, Usuario

View = Callable[..., HttpResponseBase]


def usuario_de(request: HttpRequest) -> Usuario:
    """The logged-in user; ExigeEntrada has turned everyone else away."""
    return cast(Usuario, request.user)


def papel_minimo(papel: Papel) -> Callable[[View], View]:
    """Decorator: 403 page for users below the role. Consulta < Operador < Administrador."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            usuario = usuario_de(request)
            if not (usuario.administra if papel == Papel.ADMINISTRADOR else usuario.opera):
                raise PermissionDenied(f"Esta função pede o papel {papel.label}. Fale com quem administra o Guichê.")
            return view(request, *args, **kwargs)

        return checked

    return decorate


opera = papel_minimo(Papel.OPERADOR)
administra = papel_minimo(Papel.ADMINISTRADOR)


def exige_adicional(codigo: int) -> Callable[[View], View]:
    """Decorator: without the add-on, every URL answers a page that says what is missing and who activates it."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            adicional = Adicional.objects.filter(pk=codigo).first()
            if adicional is None or not adicional.ativo:
                return render(request, "comum/adicional_ausente.html", {"adicional": adicional}, status=403)
            return view(request, *args, **kwargs)

        return checked

    return decorate
