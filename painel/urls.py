from django.urls import path

from painel import views

urlpatterns = [
    path("", views.inicio, name="inicio"),
    path("primeiros-passos/", views.primeiros_passos, name="primeiros_passos"),
]
