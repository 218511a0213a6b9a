from django.urls import path

from credentials import views

app_name = "credenciais"
urlpatterns = [
    path("", views.lista, name="lista"),
]
