"""Control page (pt-BR) and its JSON, on the loopback port."""

from django.urls import include, path
from django.views.generic import RedirectView

from sandbox.controle import api, pagina

_API = [
    path("saude", api.saude),
    path("ledger", api.ledger),
    path("tardios", api.tardios),
    path("chamadas", api.chamadas),
    path("consumo", api.consumo, name="consumo"),
    path("reset", api.reset),
    path("cenarios", api.cenarios),
    path("cenarios/<int:numero>", api.cenario),
    path("relogio", api.relogio),
    path("ajustes", api.ajustar),
    path("contratantes", api.contratantes),
    path("contratantes/<str:cnpj>/a1.pfx", api.a1_do_contratante, name="a1"),
    path("a1", api.a1),
    path("cadastro", api.cadastro),
    path("pagamentos", api.pagamentos),
]

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="inicio")),
    path("controle/", pagina.inicio, name="inicio"),
    path("controle/cenarios/", pagina.cenarios, name="cenarios"),
    path("controle/cenarios/criar/", pagina.criar_cenario, name="criar_cenario"),
    path("controle/cenarios/<int:numero>/remover/", pagina.remover_cenario, name="remover_cenario"),
    path("controle/documentos/", pagina.documentos, name="documentos"),
    path("controle/ledger/", pagina.livro, name="livro"),
    path("controle/chamadas/", pagina.chamadas, name="chamadas"),
    path("controle/reset/", pagina.reset, name="reset"),
    path("controle/relogio/", pagina.relogio, name="relogio"),
    path("controle/latencia/", pagina.latencia, name="latencia"),
    path("controle/limites/", pagina.limites, name="limites"),
    path("controle/integranotas/", include("sandbox.integranotas.controle.pagina")),
    path("controle/api/integranotas/", include("sandbox.integranotas.controle.api")),
    *(path(f"controle/api/{rota.pattern}", rota.callback, name=rota.name) for rota in _API),
]
