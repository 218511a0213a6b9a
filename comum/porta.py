"""Who knocks at the log-in, and how many wrong passwords are too many."""

from ipaddress import ip_address
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest

# An address, whoever it says to be, may fail as often as this many users of it.
USUARIOS_POR_ENDERECO = 10


def endereco(request: HttpRequest) -> str | None:
    """The client's address: behind a proxy the hop that the proxy itself wrote, which is the last one."""
    if settings.ATRAS_DE_PROXY:
        ultimo = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        try:
            return str(ip_address(ultimo))
        except ValueError:
            pass
    return request.META.get("REMOTE_ADDR") or None


class Porteiro(AxesDatabaseHandler):  # type: ignore[misc]
    """Beside the user at one address, the address alone: one password tried on many users."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        de_um = int(super().get_failures(request, credentials))
        quem: str | None = request.axes_ip_address  # type: ignore[attr-defined]
        if quem is None:
            return de_um
        tentativas = AccessAttempt.objects.filter(
            ip_address=quem, attempt_time__gte=get_cool_off_threshold(request)
        ).aggregate(falhas=Sum("failures_since_start"))
        return max(de_um, (tentativas["falhas"] or 0) // USUARIOS_POR_ENDERECO)
