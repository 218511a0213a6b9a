from django.urls import URLPattern, path

from nfse.views import (
    contratos,
    contratos_gerar,
    duplicados,
    iguais,
    importar_notas,
    importar_tomadores,
    nota,
    notas,
    nova,
    servicos,
    tomadores,
)

app_name = "nfse"

_NOTAS: list[URLPattern] = [
    path("", notas.lista, name="notas"),
    path("exportar/", notas.exportar, name="notas_exportar"),
    path("zip/", notas.baixar_zip, name="notas_zip"),
    path("agir/<str:acao>/", notas.agir, name="agir"),
    path("prevoo/", notas.prevoo, name="prevoo"),
    path("iguais/", iguais.iguais, name="iguais"),
    path("importar/", importar_notas.importar, name="importar"),
    path("importar/modelo/", importar_notas.modelo, name="importar_modelo"),
    path("nova/", nova.nova, name="nova"),
    path("calcular/", nova.calcular, name="calcular"),
    path("previa/", nova.previa, name="previa"),
    path("<int:pk>/", nota.ver, name="nota"),
    path("<int:pk>/editar/", nova.editar, name="editar"),
    path("<int:pk>/emitir/", nota.emitir, name="emitir"),
    path("<int:pk>/abandonar/", nota.abandonar_nota, name="abandonar"),
    path("<int:pk>/corrigir/", nota.corrigir, name="corrigir"),
    path("<int:pk>/cancelar/", nota.cancelar, name="cancelar"),
    path("<int:pk>/substituir/", nota.substituir, name="substituir"),
    path("<int:pk>/resposta/", nota.responder_cancelamento, name="responder_cancelamento"),
    path("<int:pk>/reler/", nota.reler, name="reler"),
    path("<int:pk>/email/", nota.email, name="email"),
    path("<int:pk>/baixar/<str:formato>/", nota.baixar, name="baixar"),
]
_TOMADORES: list[URLPattern] = [
    path("tomadores/", tomadores.lista, name="tomadores"),
    path("tomadores/exportar/", tomadores.exportar, name="tomadores_exportar"),
    path("tomadores/ativar/", tomadores.ativar_marcados, name="tomadores_ativar"),
    path("tomadores/inativar/", tomadores.inativar_marcados, name="tomadores_inativar"),
    path("tomadores/novo/", tomadores.novo, name="tomador_novo"),
    path("tomadores/procurar/", tomadores.procurar, name="tomadores_procurar"),
    path("tomadores/dialogo/", tomadores.dialogo, name="tomador_dialogo"),
    path("tomadores/duplicados/", duplicados.duplicados, name="tomador_duplicados"),
    path("tomadores/duplicados/unir/", duplicados.unir_marcados, name="tomador_unir"),
    path("tomadores/importar/", importar_tomadores.importar, name="tomadores_importar"),
    path("tomadores/importar/modelo/", importar_tomadores.modelo, name="tomadores_modelo"),
    path("tomadores/<int:pk>/", tomadores.ver, name="tomador"),
    path("tomadores/<int:pk>/alterar/", tomadores.alterar, name="tomador_alterar"),
]
_SERVICOS: list[URLPattern] = [
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
_CONTRATOS: list[URLPattern] = [
    path("contratos/", contratos.lista, name="contratos"),
    path("contratos/exportar/", contratos.exportar, name="contratos_exportar"),
    path("contratos/ativar/", contratos.ativar_marcados, name="contratos_ativar"),
    path("contratos/inativar/", contratos.inativar_marcados, name="contratos_inativar"),
    path("contratos/reajuste/", contratos.reajuste, name="contratos_reajuste"),
    path("contratos/gerar/", contratos_gerar.contratos_gerar, name="contratos_gerar"),
    path("contratos/novo/", contratos.novo, name="contrato_novo"),
    path("contratos/<uuid:pk>/", contratos.ver, name="contrato"),
    path("contratos/<uuid:pk>/alterar/", contratos.alterar, name="contrato_alterar"),
]

urlpatterns = [*_NOTAS, *_TOMADORES, *_SERVICOS, *_CONTRATOS]
