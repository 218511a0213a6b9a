from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


def bloqueado(
    request: HttpRequest, credentials: dict[str, Any] | None = None, *args: Any, **kwargs: Any
) -> HttpResponse:
    """AXES_LOCKOUT_CALLABLE: too many wrong passwords from this user and address."""
    return render(request, "registration/bloqueado.html", status=429)


@login_not_required
def saude(request: HttpRequest) -> JsonResponse:
    """Liveness for a monitor: 200 with the database reachable, 503 otherwise. Tells nothing else to strangers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # any database failure means the same to a monitor
        return JsonResponse({"banco": "fora do ar"}, status=503)
    return JsonResponse({"banco": "ok"})
