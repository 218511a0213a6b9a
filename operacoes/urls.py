from django.urls import path

from operacoes import views

app_name = "operacoes"
urlpatterns = [
    path("", views.processamentos, name="processamentos"),
    path("operacoes/", views.lista, name="lista"),
]
