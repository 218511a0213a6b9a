from django.urls import path

from empresas import views

app_name = "empresas"
urlpatterns = [
    path("", views.lista, name="lista"),
]
