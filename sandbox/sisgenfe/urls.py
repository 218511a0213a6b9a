"""The documented paths of SISGENF-e: production and, below `sandbox`, homologação."""

from django.urls import path

from sandbox.sisgenfe import views

urlpatterns = [
    path("api/<path:rota>", views.atender, {"ambiente": "producao"}),
    path("sandbox/api/<path:rota>", views.atender, {"ambiente": "homolog"}),
    path("<path:caminho>", views.recurso_inexistente),
]
