from django.urls import path

from guias import views

app_name = "guias"
urlpatterns = [
    path("receitas/", views.receitas, name="receitas"),
    path("apuracao/", views.apuracao, name="apuracao"),
    path("guias/", views.lista, name="lista"),
]
