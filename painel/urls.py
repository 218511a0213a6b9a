from django.urls import path

from painel import views

urlpatterns = [
    path("", views.inicio, name="inicio"),
    path("painel/exportar/", views.exportar, name="painel_exportar"),
    path("primeiros-passos/", views.primeiros_passos, name="primeiros_passos"),
]
