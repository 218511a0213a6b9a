"""Routes of the simulators, below one TLS port; each service brings its own, exactly as documented."""

from django.urls import include, path

urlpatterns = [
    path("", include("sandbox.integra_contador.urls")),
    path("", include("sandbox.nacional.urls")),
    path("sisgenfe/", include("sandbox.sisgenfe.urls")),
    path("integranotas/", include("sandbox.integranotas.urls")),
    path("totvs/", include("sandbox.totvs.urls")),
]

handler404 = "sandbox.integra_contador.views.recurso_inexistente"
