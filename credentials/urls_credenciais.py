from typing import Any

from django.urls import URLPattern, path

from comum.models import Adicional
from comum.permissoes import View, exige_adicional
from credentials import views_credenciais as views


def com_adicional(rota: str, view: View, **kwargs: Any) -> URLPattern:
    """A path of a function that exists only with the add-on 216."""
    return path(rota, exige_adicional(Adicional.INTEGRA_CONTADOR)(view), **kwargs)


app_name = "credenciais"
urlpatterns = [
    com_adicional("", views.lista, name="lista"),
    com_adicional("nova/", views.nova, name="nova"),
    com_adicional("<int:codigo>/", views.ver, name="ver"),
    com_adicional("<int:codigo>/alterar/", views.alterar, name="alterar"),
    com_adicional("<int:codigo>/testar/", views.testar, name="testar"),
    com_adicional("<int:codigo>/excluir/", views.excluir, name="excluir"),
]
