"""The documented paths: token, production and trial."""

from django.urls import path

from sandbox.integra_contador import views

urlpatterns = [
    path("authenticate", views.authenticate),
    path("integra-contador/v1/<str:rota>", views.rota, {"ambiente": "producao"}),
    path("integra-contador-trial/v1/<str:rota>", views.rota, {"ambiente": "trial"}),
]
