from django.urls import path

from empresas import views, views_contatos, views_importacao

app_name = "empresas"
urlpatterns = [
    path("", views.lista, name="lista"),
    path("exportar/", views.exportar, name="exportar"),
    path("ativar/", views.ativar, name="ativar"),
    path("inativar/", views.inativar, name="inativar"),
    path("carteira/", views.carteira, name="carteira"),
    path("nova/", views.nova, name="nova"),
    path("<int:pk>/", views.ver, name="ver"),
    path("<int:pk>/alterar/", views.alterar, name="alterar"),
    path("<int:pk>/matriz/", views.ligar_matriz, name="ligar_matriz"),
    path("procurar/", views.procurar, name="procurar"),
    path("municipios/", views.municipios, name="municipios"),
    path("cnaes/", views.cnaes, name="cnaes"),
    path("importar/", views_importacao.importar, name="importar"),
    path("importar/modelo/", views_importacao.modelo, name="modelo"),
    path("<int:pk>/contatos/incluir/", views_contatos.incluir, name="contato_incluir"),
    path("<int:pk>/contatos/<int:contato>/", views_contatos.alterar, name="contato_alterar"),
    path("<int:pk>/contatos/<int:contato>/excluir/", views_contatos.excluir, name="contato_excluir"),
    path("contatos/importar/", views_contatos.importar, name="importar_contatos"),
    path("contatos/importar/modelo/", views_contatos.modelo, name="modelo_contatos"),
    path("importacoes/<uuid:pk>/", views_importacao.importacao, name="importacao"),
    path("importacoes/<uuid:pk>/importar/", views_importacao.confirmar, name="confirmar_importacao"),
    path("importacoes/<uuid:pk>/recusadas/", views_importacao.recusas, name="recusadas"),
]
