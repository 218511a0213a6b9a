from django.urls import URLPattern, path

from nfse import webhook
from nfse.views import (
    canais,
    consultas,
    contratos,
    contratos_gerar,
    distribuicao,
    duplicados,
    emitente,
    iguais,
    importar,
    nota,
    notas,
    nova,
    recebidas,
    regras,
    servicos,
    softhouse,
    tomadores,
)

app_name = "nfse"

_notas: list[URLPattern] = [
    path("", notas.lista, name="notas"),
    path("exportar/", notas.exportar, name="notas_exportar"),
    path("zip/", notas.baixar_zip, name="notas_zip"),
    path("agir/<str:acao>/", notas.agir, name="agir"),
    path("prevoo/", notas.prevoo, name="prevoo"),
    path("iguais/", iguais.iguais, name="iguais"),
    path("importar/", importar.importar, {"tipo": "notas"}, name="importar"),
    path("importar/modelo/", importar.modelo, {"tipo": "notas"}, name="importar_modelo"),
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

_tomadores: list[URLPattern] = [
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
_servicos: list[URLPattern] = [
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
_contratos: list[URLPattern] = [
    path("contratos/", contratos.lista, name="contratos"),
    path("contratos/exportar/", contratos.exportar, name="contratos_exportar"),
    path("contratos/ativar/", contratos.ativar_marcados, name="contratos_ativar"),
    path("contratos/inativar/", contratos.inativar_marcados, name="contratos_inativar"),
    path("contratos/reajuste/", contratos.reajuste, name="contratos_reajuste"),
    path("contratos/gerar/", contratos_gerar.contratos_gerar, name="contratos_gerar"),
    path("contratos/importar/", importar.importar, {"tipo": "contratos"}, name="contratos_importar"),
    path("contratos/importar/modelo/", importar.modelo, {"tipo": "contratos"}, name="contratos_modelo"),
    path("contratos/novo/", contratos.novo, name="contrato_novo"),
    path("contratos/<uuid:pk>/", contratos.ver, name="contrato"),
    path("contratos/<uuid:pk>/alterar/", contratos.alterar, name="contrato_alterar"),
]

_canais: list[URLPattern] = [
    path("canais/", canais.lista, name="canais"),
    path("canais/exportar/", canais.exportar, name="canais_exportar"),
    path("canais/ativar/", canais.ativar, name="canais_ativar"),
    path("canais/inativar/", canais.inativar, name="canais_inativar"),
    path("canais/novo/", canais.novo, name="canal_novo"),
    path("canais/datas/", regras.simular, name="simular"),
    path("canais/datas/exportar/", regras.simular_exportar, name="simular_exportar"),
    path("canais/regras/", regras.regras, name="regras"),
    path("canais/regras/<int:pk>/data/", regras.regra_data, name="regra_data"),
    path("canais/<int:codigo>/", canais.ver, name="canal"),
    path("canais/<int:codigo>/alterar/", canais.alterar, name="canal_alterar"),
    path("canais/<int:codigo>/numeracao/", canais.numeracao, name="canal_numeracao"),
    path("canais/<int:codigo>/testar/", canais.testar, name="canal_testar"),
    path("canais/<int:codigo>/convenio/ler/", canais.ler_convenios, name="canal_ler_convenios"),
    path("canais/<int:codigo>/cadastros/", canais.referencias, name="canal_cadastros"),
    path("canais/<int:codigo>/cadastros/atualizar/", canais.atualizar_referencias, name="canal_atualizar_cadastros"),
    path("canais/<int:codigo>/consultas/", consultas.consultas, name="canal_consultas"),
    path("canais/<int:codigo>/consultas/ler/", consultas.ler_consulta, name="canal_ler_consulta"),
    path("canais/<int:codigo>/eventos/", emitente.eventos, name="canal_eventos"),
    path("canais/<int:codigo>/distribuicao/", distribuicao.ver, name="canal_distribuicao"),
    path("canais/<int:codigo>/distribuicao/ler/", distribuicao.ler, name="canal_ler_distribuicao"),
    path("canais/<int:codigo>/distribuicao/ciente/", distribuicao.ciente, name="canal_distribuicao_ciente"),
]

_integranotas: list[URLPattern] = [
    path("canais/<int:codigo>/pedidos/", emitente.lista_de_pedidos, name="canal_pedidos"),
    path("canais/<int:codigo>/emitente/", emitente.emitente, name="canal_emitente"),
    path("canais/<int:codigo>/emitente/ler/", emitente.ler_emitente, name="canal_ler_emitente"),
    path("canais/<int:codigo>/emitente/alterar/", emitente.alterar_emitente, name="canal_alterar_emitente"),
    path("canais/<int:codigo>/certificado/", emitente.certificado, name="canal_certificado"),
    path("canais/<int:codigo>/certificado/ler/", emitente.ler_certificado, name="canal_ler_certificado"),
    path("canais/<int:codigo>/token/", emitente.token, name="canal_token"),
    path("canais/<int:codigo>/token/recuperar/", softhouse.recuperar_token, name="canal_recuperar_token"),
    path("canais/<int:codigo>/avisos/", emitente.webhook, name="canal_webhook"),
    path("canais/<int:codigo>/municipio/", emitente.municipio, name="canal_municipio"),
    path("canais/<int:codigo>/municipio/ler/", emitente.ler_municipio, name="canal_ler_municipio"),
    path("canais/<int:codigo>/pendentes/", emitente.pendentes, name="canal_pendentes"),
    path("canais/<int:codigo>/pendentes/ler/", emitente.ler_pendentes, name="canal_ler_pendentes"),
    path("canais/<int:codigo>/backup/", emitente.backup, name="canal_backup"),
    path("canais/<int:codigo>/backup/ler/", emitente.ler_backup, name="canal_ler_backup"),
    path("canais/<int:codigo>/busca/", emitente.busca, name="canal_busca"),
    path("canais/<int:codigo>/busca/ler/", emitente.ler_busca, name="canal_ler_busca"),
    path("canais/<int:codigo>/conflito/", emitente.conflito, name="canal_conflito"),
]

_recebidas: list[URLPattern] = [
    path("recebidas/", recebidas.lista, name="recebidas"),
    path("recebidas/exportar/", recebidas.exportar, name="recebidas_exportar"),
    path("recebidas/zip/", recebidas.zip_dos_xml, name="recebidas_zip"),
    path("recebidas/ler/", recebidas.ler_agora, name="recebidas_ler"),
    path("recebidas/buscar/", recebidas.buscar, name="recebidas_buscar"),
    path("recebidas/<int:pk>/", recebidas.ver, name="recebida"),
]

_softhouse: list[URLPattern] = [
    path("canais/softhouse/", softhouse.lista, name="softhouse"),
    path("canais/softhouse/nova/", softhouse.nova, name="softhouse_nova"),
    path("canais/softhouse/<uuid:pk>/", softhouse.ver, name="softhouse_conta"),
    path("canais/softhouse/<uuid:pk>/alterar/", softhouse.alterar, name="softhouse_alterar"),
    path("canais/softhouse/<uuid:pk>/emitentes/", softhouse.emitentes, name="softhouse_emitentes"),
    path("canais/softhouse/<uuid:pk>/emitentes/novo/", softhouse.novo_emitente, name="emitente_novo"),
    path("canais/softhouse/emitentes/<int:codigo>/remover/", softhouse.remover, name="emitente_remover"),
]

_avisos: list[URLPattern] = [
    path("aviso/<uuid:endereco>/", webhook.aviso, name="aviso"),
]

urlpatterns: list[URLPattern] = [
    *_notas,
    *_tomadores,
    *_servicos,
    *_contratos,
    *_canais,
    *_integranotas,
    *_recebidas,
    *_softhouse,
    *_avisos,
]
