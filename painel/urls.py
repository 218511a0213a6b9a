from django.urls import path

from painel import views

urlpatterns = [
    path("", views.inicio, name="inicio"),
    path("validades/", views.validades, name="validades"),
    path("validades/ciente/", views.ciente, name="validades_ciente"),
    path("painel/exportar/", views.exportar, name="painel_exportar"),
    path("primeiros-passos/", views.primeiros_passos, name="primeiros_passos"),
]
