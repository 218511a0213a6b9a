from django.urls import path

from arquivo import views, views_faltas, views_importar

app_name = "arquivo"
urlpatterns = [
    path("", views.lista, name="lista"),
    path("exportar/", views.exportar, name="exportar"),
    path("zip/", views.baixar_zip, name="zip"),
    path("faltas/", views_faltas.faltas, name="faltas"),
    path("importar/", views_importar.importar, name="importar"),
    path("verificacao/", views.verificacao_do_arquivo, name="verificacao"),
    path("verificacao/agora/", views.verificar_agora, name="verificar_agora"),
    path("<uuid:pk>/", views.documento, name="documento"),
    path("<uuid:pk>/ver/", views.ver, name="ver"),
    path("<uuid:pk>/conferir/", views.conferir, name="conferir"),
]
