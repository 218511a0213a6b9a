from django.urls import URLPattern

from credentials import views_gravacoes as gravacoes
from credentials import views_incluir as inclusao
from credentials import views_janela as janela
from credentials.urls_credenciais import com_adicional

app_name = "janela"
urlpatterns: list[URLPattern] = [
    com_adicional("", janela.abrir, name="abrir"),
    com_adicional("credenciais/", janela.procurar, name="procurar"),
    com_adicional("trocar/", janela.trocar, name="trocar"),
    com_adicional("<int:codigo>/", janela.ver, name="ver"),
    com_adicional("<int:codigo>/consultar/", janela.consultar_marcada, name="consultar_marcada"),
    com_adicional("<int:codigo>/consultar/<int:empresa>/", janela.consultar, name="consultar"),
    com_adicional("<int:codigo>/alterar/", janela.alterar, name="alterar"),
    com_adicional("<int:codigo>/alterar/gravar/", janela.gravar_alteracao, name="gravar_alteracao"),
    com_adicional("<int:codigo>/replicar/", janela.replicar, name="replicar"),
    com_adicional("<int:codigo>/excluir/", janela.excluir, name="excluir"),
    com_adicional("<int:codigo>/desfazer-edicao/", janela.desfazer_edicao, name="desfazer_edicao"),
    com_adicional("<int:codigo>/cancelar/", janela.cancelar, name="cancelar"),
    com_adicional("<int:codigo>/incluir/", inclusao.incluir, name="incluir"),
    com_adicional("<int:codigo>/incluir/opcoes/", inclusao.opcoes, name="opcoes"),
    com_adicional("<int:codigo>/incluir/varias/", inclusao.varias, name="varias"),
    com_adicional("<int:codigo>/incluir/servicos/", inclusao.servicos, name="servicos"),
    com_adicional("<int:codigo>/incluir/gravar/", inclusao.gravar_varias, name="gravar_varias"),
    com_adicional("<int:codigo>/incluir/colar/", inclusao.colar, name="colar"),
    com_adicional("<int:codigo>/importar/", inclusao.importar, name="importar"),
    com_adicional("importar/modelo.csv", inclusao.modelo, name="modelo"),
    com_adicional("<int:codigo>/diferencas/", gravacoes.diferencas, name="diferencas"),
    com_adicional("<int:codigo>/avancar/", gravacoes.avancar, name="avancar"),
    com_adicional("<int:codigo>/conflitos/", gravacoes.conflitos, name="conflitos"),
    com_adicional("<int:codigo>/conflitos/resolver/", gravacoes.resolver, name="resolver"),
    com_adicional("<int:codigo>/gravacoes/", gravacoes.lista, name="gravacoes"),
    com_adicional("<int:codigo>/gravacoes/<int:pk>/", gravacoes.ver, name="gravacao"),
    com_adicional("<int:codigo>/gravacoes/<int:pk>/desfazer/", gravacoes.desfazer, name="desfazer"),
]
