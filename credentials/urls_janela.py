from django.urls import path

from credentials import views

app_name = "janela"
urlpatterns = [
    path("", views.abrir, name="abrir"),
]
