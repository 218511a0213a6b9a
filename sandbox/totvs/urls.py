"""Every path below the base: the paths of the API are settings, so the view reads them."""

from django.urls import path

from sandbox.totvs import views

urlpatterns = [path("<path:caminho>", views.atender)]
