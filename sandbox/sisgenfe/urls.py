"""The documented paths of SISGENF-e."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
