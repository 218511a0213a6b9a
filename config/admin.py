"""Django admin, under the product's name. Office staff use the screens; this is the administrator's back office."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.sites import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import fields
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator

View = Callable[..., HttpResponseBase]


class GuicheAdminSite(AdminSite):
    """One log-in form for the whole product; who is in and does not administer gets the 403 page."""

    site_header = "Guichê · administração"
    site_title = "Guichê"
    index_title = "Cadastros e registros"

    def admin_view(self, view: View, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied(
                    "A administração é do papel Administrador. Fale com quem administra o Guichê no escritório."
                )
            return inner(request, *args, **kwargs)

        return update_wrapper(checked, view)

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        destino = request.GET.get("next") or reverse("admin:index")
        return HttpResponseRedirect(reverse("entrar", query={"next": destino}))


class GuicheAdminConfig(AdminConfig):
    default_site = "config.admin.GuicheAdminSite"

    def ready(self) -> None:
        # Django has no Portuguese for it, and the first app to be ready is the only one before every form.
        fields.BLANK_CHOICE_LABEL = "Escolha…"  # type: ignore[assignment]
        super().ready()
