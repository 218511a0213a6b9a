from django.urls import path

from nfse.views import contratos, duplicados, importar, servicos, tomadores

app_name = "nfse"

_TOMADORES = [
    path("tomadores/", tomadores.lista, name="tomadores"),
    path("tomadores/exportar/", tomadores.exportar, name="tomadores_exportar"),
    path("tomadores/ativar/", tomadores.ativar_marcados, name="tomadores_ativar"),
    path("tomadores/inativar/", tomadores.inativar_marcados, name="tomadores_inativar"),
    path("tomadores/novo/", tomadores.novo, name="tomador_novo"),
    path("tomadores/procurar/", tomadores.procurar, name="tomadores_procurar"),
    path("tomadores/dialogo/", tomadores.dialogo, name="tomador_dialogo"),
    path("tomadores/duplicados/", duplicados.duplicados, name="tomador_duplicados"),
    path("tomadores/duplicados/unir/", duplicados.unir_marcados, name="tomador_unir"),
    path("tomadores/importar/", importar.importar, {"tipo": "tomadores"}, name="tomadores_importar"),
    path("tomadores/importar/modelo/", importar.modelo, {"tipo": "tomadores"}, name="tomadores_modelo"),
    path("tomadores/<int:pk>/", tomadores.ver, name="tomador"),
    path("tomadores/<int:pk>/alterar/", tomadores.alterar, name="tomador_alterar"),
]
_SERVICOS = [
    path("servicos/", servicos.lista, name="servicos"),
    path("servicos/exportar/", servicos.exportar, name="servicos_exportar"),
    path("servicos/ativar/", servicos.ativar_marcados, name="servicos_ativar"),
    path("servicos/inativar/", servicos.inativar_marcados, name="servicos_inativar"),
    path("servicos/novo/", servicos.novo, name="servico_novo"),
    path("servicos/procurar/", servicos.procurar, name="servicos_procurar"),
    path("servicos/lc116/", servicos.itens_lc116, name="itens_lc116"),
    path("servicos/nacionais/", servicos.servicos_nacionais, name="servicos_nacionais"),
    path("servicos/atividades/", servicos.procurar_atividades, name="atividades"),
    path("servicos/<int:pk>/", servicos.ver, name="servico"),
    path("servicos/<int:pk>/alterar/", servicos.alterar, name="servico_alterar"),
]
_CONTRATOS = [
    path("contratos/", contratos.lista, name="contratos"),
    path("contratos/exportar/", contratos.exportar, name="contratos_exportar"),
    path("contratos/ativar/", contratos.ativar_marcados, name="contratos_ativar"),
    path("contratos/inativar/", contratos.inativar_marcados, name="contratos_inativar"),
    path("contratos/reajuste/", contratos.reajuste, name="contratos_reajuste"),
    path("contratos/importar/", importar.importar, {"tipo": "contratos"}, name="contratos_importar"),
    path("contratos/importar/modelo/", importar.modelo, {"tipo": "contratos"}, name="contratos_modelo"),
    path("contratos/novo/", contratos.novo, name="contrato_novo"),
    path("contratos/<uuid:pk>/", contratos.ver, name="contrato"),
    path("contratos/<uuid:pk>/alterar/", contratos.alterar, name="contrato_alterar"),
]

urlpatterns = [*_TOMADORES, *_SERVICOS, *_CONTRATOS]
