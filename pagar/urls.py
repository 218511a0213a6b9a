from django.urls import URLPattern, path

from pagar.views import impostos, pagamentos, titulo, titulos

app_name = "pagar"

_titulos: list[URLPattern] = [
    path("", titulos.lista, name="titulos"),
    path("exportar/", titulos.exportar, name="titulos_exportar"),
    path("agir/<str:acao>/", titulos.agir, name="agir"),
    path("prevoo/", titulos.prevoo, name="prevoo"),
    path("<int:pk>/", titulo.ver, name="titulo"),
    path("<int:pk>/impostos/", impostos.do_titulo, name="titulo_impostos"),
    path("impostos/", impostos.no_erp, name="impostos_no_erp"),
    path("lotes/<int:pk>/", pagamentos.lote, name="lote"),
]

_pagamentos: list[URLPattern] = [
    path("pagamentos/", pagamentos.lista, name="pagamentos"),
    path("pagamentos/<int:pk>/", pagamentos.ver, name="pagamento"),
    path("pagamentos/<int:pk>/retorno/", pagamentos.retorno, name="pagamento_retorno"),
]

urlpatterns = _titulos + _pagamentos
