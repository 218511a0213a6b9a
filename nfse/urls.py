from django.urls import URLPattern, path

from nfse.views import nota, notas, nova

app_name = "nfse"

_NOTAS: list[URLPattern] = [
    path("", notas.lista, name="notas"),
    path("exportar/", notas.exportar, name="notas_exportar"),
    path("zip/", notas.baixar_zip, name="notas_zip"),
    path("agir/<str:acao>/", notas.agir, name="agir"),
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

urlpatterns = [*_NOTAS]
