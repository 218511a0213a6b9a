"""Routes of the simulators, below one TLS port; each service brings its own, exactly as documented."""

from django.urls import include, path

urlpatterns = [path("", include("sandbox.integra_contador.urls"))]

handler404 = "sandbox.integra_contador.views.recurso_inexistente"
