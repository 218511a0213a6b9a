from django.urls import path

from guias.views import apuracao, guias, historico, importar, receitas

app_name = "guias"
urlpatterns = [
    path("receitas/", receitas.grade, name="receitas"),
    path("receitas/importar/", importar.nova, name="importar"),
    path("receitas/importar/modelo/<str:tipo>/", importar.modelo, name="modelo"),
    path("apuracao/", apuracao.lista_de_apuracoes, name="apuracao"),
    path("apuracao/conferir/", apuracao.conferir, name="conferir"),
    path("apuracao/aprovar/", apuracao.aprovar, name="aprovar"),
    path("apuracao/acao/<str:acao>/", apuracao.agir, name="agir"),
    path("apuracao/<int:pk>/", apuracao.ver, name="ver"),
    path("apuracao/<int:pk>/historico/", historico.historico, name="historico"),
    path("apuracao/<int:pk>/retificar/", apuracao.retificar, name="retificar"),
    path("apuracao/<int:pk>/retificadora/", apuracao.declarar_retificadora, name="retificadora"),
    path("apuracao/<int:pk>/consultar/", apuracao.consultar, name="consultar"),
    path("apuracao/<int:pk>/recibo/", apuracao.recibo, name="recibo"),
    path("guias/", guias.lista_de_guias, name="lista"),
    path("guias/zip/", guias.zip_das_guias, name="zip"),
    path("guias/segunda-via/", guias.segunda_via, name="segunda_via"),
    path("guias/<int:pk>/extrato/", guias.extrato, name="extrato"),
]
