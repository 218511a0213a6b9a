from django.urls import path

from arquivo import views

app_name = "arquivo"
urlpatterns = [
    path("<uuid:pk>/", views.documento, name="documento"),
]
