from credentials.urls_credenciais import com_adicional
from guias.views import acoes, apuracao, declaracao, guias, historico, importar, receitas

app_name = "guias"
urlpatterns = [
    com_adicional("receitas/", receitas.grade, name="receitas"),
    com_adicional("receitas/copiar/", receitas.copiar, name="copiar"),
    com_adicional("receitas/importar/", importar.nova, name="importar"),
    com_adicional("receitas/importar/modelo/<str:tipo>/", importar.modelo, name="modelo"),
    com_adicional("apuracao/", apuracao.lista_de_apuracoes, name="apuracao"),
    com_adicional("apuracao/conferir/", acoes.conferir, name="conferir"),
    com_adicional("apuracao/aprovar/", acoes.aprovar, name="aprovar"),
    com_adicional("apuracao/acao/<str:acao>/", acoes.agir, name="agir"),
    com_adicional("apuracao/<int:pk>/", apuracao.ver, name="ver"),
    com_adicional("apuracao/<int:pk>/historico/", historico.historico, name="historico"),
    com_adicional("apuracao/<int:pk>/retificar/", declaracao.retificar, name="retificar"),
    com_adicional("apuracao/<int:pk>/retificadora/", declaracao.declarar_retificadora, name="retificadora"),
    com_adicional("apuracao/<int:pk>/regime/", declaracao.regime, name="regime"),
    com_adicional("apuracao/<int:pk>/processos/", declaracao.processos, name="processos"),
    com_adicional("apuracao/<int:pk>/consultar/", apuracao.consultar, name="consultar"),
    com_adicional("apuracao/<int:pk>/recibo/", apuracao.recibo, name="recibo"),
    com_adicional("guias/", guias.lista_de_guias, name="lista"),
    com_adicional("guias/zip/", guias.zip_das_guias, name="zip"),
    com_adicional("guias/segunda-via/", guias.segunda_via, name="segunda_via"),
    com_adicional("guias/<int:pk>/extrato/", guias.extrato, name="extrato"),
]
