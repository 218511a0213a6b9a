from django.urls import path

from operacoes import views_consumo, views_custos

app_name = "custos"
urlpatterns = [
    path("", views_custos.periodo, name="periodo"),
    path("chamadas/", views_custos.chamadas, name="chamadas"),
    path("empresas/", views_custos.empresas, name="empresas"),
    path("teto/", views_custos.definir_teto, name="teto"),
    path("precos/", views_custos.precos, name="precos"),
    path("precos/importar/", views_consumo.importar_precos, name="importar_precos"),
    path("precos/importar/modelo/", views_consumo.modelo_de_precos, name="modelo_de_precos"),
    path("consumo/", views_consumo.consumos, name="consumos"),
    path("consumo/importar/", views_consumo.importar_consumo, name="importar_consumo"),
    path("consumo/importar/modelo/", views_consumo.modelo_de_consumo, name="modelo_de_consumo"),
    path("consumo/<int:pk>/", views_consumo.consumo, name="consumo"),
]
