from credentials.urls_credenciais import com_adicional
from guias.views import acoes, apuracao, guias, historico, importar, mei, parcelamentos, receitas

app_name = "guias"
urlpatterns = [
    com_adicional("receitas/", receitas.grade, name="receitas"),
    com_adicional("receitas/importar/", importar.nova, name="importar"),
    com_adicional("receitas/importar/modelo/<str:tipo>/", importar.modelo, name="modelo"),
    com_adicional("apuracao/", apuracao.lista_de_apuracoes, name="apuracao"),
    com_adicional("apuracao/conferir/", acoes.conferir, name="conferir"),
    com_adicional("apuracao/aprovar/", acoes.aprovar, name="aprovar"),
    com_adicional("apuracao/acao/<str:acao>/", acoes.agir, name="agir"),
    com_adicional("apuracao/<int:pk>/", apuracao.ver, name="ver"),
    com_adicional("apuracao/<int:pk>/historico/", historico.historico, name="historico"),
    com_adicional("apuracao/<int:pk>/retificar/", apuracao.retificar, name="retificar"),
    com_adicional("apuracao/<int:pk>/retificadora/", apuracao.declarar_retificadora, name="retificadora"),
    com_adicional("apuracao/<int:pk>/consultar/", apuracao.consultar, name="consultar"),
    com_adicional("apuracao/<int:pk>/recibo/", apuracao.recibo, name="recibo"),
    com_adicional("guias/", guias.lista_de_guias, name="lista"),
    com_adicional("guias/zip/", guias.zip_das_guias, name="zip"),
    com_adicional("guias/segunda-via/", guias.segunda_via, name="segunda_via"),
    com_adicional("guias/<int:pk>/extrato/", guias.extrato, name="extrato"),
    com_adicional("mei/", mei.lista_do_mei, name="mei"),
    com_adicional("mei/meses/", mei.varios_meses, name="mei_meses"),
    com_adicional("mei/beneficio/", mei.beneficio, name="mei_beneficio"),
    com_adicional("mei/acao/<str:o_que>/", mei.agir, name="mei_agir"),
    com_adicional("mei/<int:pk>/", mei.ver, name="mei_ver"),
    com_adicional("parcelamentos/", parcelamentos.lista_de_parcelamentos, name="parcelamentos"),
    com_adicional("parcelamentos/acao/<str:familia>/<str:o_que>/", parcelamentos.agir, name="parcelamentos_agir"),
    com_adicional("parcelamentos/<int:pk>/<str:familia>/", parcelamentos.ver, name="parcelamento"),
]
