from django.urls import URLPattern, path

from nfse import webhook
from nfse.views import canais, emitente, softhouse

app_name = "nfse"

_canais: list[URLPattern] = [
    path("canais/", canais.lista, name="canais"),
    path("canais/exportar/", canais.exportar, name="canais_exportar"),
    path("canais/ativar/", canais.ativar, name="canais_ativar"),
    path("canais/inativar/", canais.inativar, name="canais_inativar"),
    path("canais/novo/", canais.novo, name="canal_novo"),
    path("canais/<int:codigo>/", canais.ver, name="canal"),
    path("canais/<int:codigo>/alterar/", canais.alterar, name="canal_alterar"),
    path("canais/<int:codigo>/numeracao/", canais.numeracao, name="canal_numeracao"),
    path("canais/<int:codigo>/testar/", canais.testar, name="canal_testar"),
    path("canais/<int:codigo>/cadastros/", canais.referencias, name="canal_cadastros"),
    path("canais/<int:codigo>/cadastros/atualizar/", canais.atualizar_referencias, name="canal_atualizar_cadastros"),
    path("canais/<int:codigo>/eventos/", emitente.eventos, name="canal_eventos"),
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

_softhouse: list[URLPattern] = [
    path("softhouse/", softhouse.lista, name="softhouse"),
    path("softhouse/nova/", softhouse.nova, name="softhouse_nova"),
    path("softhouse/<uuid:pk>/", softhouse.ver, name="softhouse_conta"),
    path("softhouse/<uuid:pk>/alterar/", softhouse.alterar, name="softhouse_alterar"),
    path("softhouse/<uuid:pk>/emitentes/", softhouse.emitentes, name="softhouse_emitentes"),
    path("softhouse/<uuid:pk>/emitentes/novo/", softhouse.novo_emitente, name="emitente_novo"),
    path("softhouse/emitentes/<int:codigo>/remover/", softhouse.remover, name="emitente_remover"),
]

_avisos: list[URLPattern] = [
    path("aviso/<uuid:endereco>/", webhook.aviso, name="aviso"),
]

urlpatterns: list[URLPattern] = [
    *_canais,
    *_integranotas,
    *_softhouse,
    *_avisos,
]
