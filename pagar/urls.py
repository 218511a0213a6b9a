from django.urls import URLPattern, path

from pagar.views import edicao

app_name = "pagar"

urlpatterns: list[URLPattern] = [
    path("titulos/novo/", edicao.novo, {"antecipacao": False}, name="titulo_novo"),
    path("titulos/nova-antecipacao/", edicao.novo, {"antecipacao": True}, name="antecipacao_nova"),
    path("titulos/calcular/", edicao.calcular, name="titulo_calcular"),
    path("titulos/<int:pk>/editar/", edicao.editar, {"antecipacao": False}, name="titulo_editar"),
    path("titulos/<int:pk>/editar-antecipacao/", edicao.editar, {"antecipacao": True}, name="antecipacao_editar"),
]
