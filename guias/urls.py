from credentials.urls_credenciais import com_adicional
from guias.views import acoes, apuracao, especiais, guias, historico, importar, pagamentos, receitas, reemissao

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
    com_adicional("apuracao/<int:pk>/declaracao/", apuracao.declaracao, name="declaracao"),
    com_adicional("guias/", guias.lista, name="lista"),
    com_adicional("guias/zip/", guias.zip_das_guias, name="zip"),
    com_adicional("guias/emitir-de-novo/", reemissao.emitir_de_novo, name="emitir_de_novo"),
    com_adicional("guias/das/<str:especie>/", especiais.novo, name="das_novo"),
    com_adicional("guias/pagamentos/", pagamentos.buscar, name="pagamentos"),
    com_adicional("guias/novidades/", pagamentos.perguntar_novidades, name="novidades"),
    com_adicional("guias/<int:pk>/", guias.ver, name="guia"),
    com_adicional("guias/<int:pk>/extrato/", guias.extrato, name="extrato"),
    com_adicional("guias/<int:pk>/pagamento/", guias.pagamento, name="pagamento"),
    com_adicional("guias/<int:pk>/comprovante/", guias.comprovante, name="comprovante"),
]
