from django.urls import path

from operacoes import views

app_name = "operacoes"
urlpatterns = [
    path("", views.processamentos, name="processamentos"),
    path("<int:pk>/", views.processamento, name="processamento"),
    path("<int:pk>/suspender/", views.suspender_processamento, name="suspender"),
    path("<int:pk>/repetir/", views.repetir, name="repetir"),
    path("<int:pk>/resultados.csv", views.exportar, name="exportar"),
    path("<int:pk>/documentos.zip", views.documentos, name="documentos"),
    path("retomar/", views.retomar_acesso, name="retomar"),
    path("responder/", views.responder, name="responder"),
    path("servicos/<str:servico>/pausar/", views.pausar_o_servico, name="pausar_servico"),
    path("servicos/<str:servico>/retomar/", views.retomar_o_servico, name="retomar_servico"),
    path("operacoes/", views.lista, name="lista"),
    path("operacoes/<int:pk>/", views.ver, name="ver"),
    path("operacoes/<int:pk>/resolver/", views.resolver_operacao, name="resolver"),
    path("operacoes/<int:pk>/perguntar/", views.perguntar, name="perguntar"),
    path("operacoes/<int:pk>/desistir/", views.desistir_operacao, name="desistir"),
    path("operacoes/<int:pk>/repetir/", views.repetir_operacao, name="repetir_uma"),
]
