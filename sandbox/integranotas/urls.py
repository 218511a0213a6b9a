"""The documented paths of Integra Notas."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
