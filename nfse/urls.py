from django.urls import URLPattern, path

from nfse.views import canais

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
]

urlpatterns: list[URLPattern] = [
    *_canais,
]
