"""Control page (pt-BR) and its JSON, on the loopback port."""

from django.urls import include, path
from django.views.generic import RedirectView

from sandbox.controle import api, pagina, sisgenfe

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
    path("avisos", api.avisos),
    path("pagamentos", api.pagamentos),
    path("sisgenfe/prestadores", sisgenfe.prestadores),
    path("sisgenfe/aplicativos", sisgenfe.aplicativos),
    path("sisgenfe/demonstracao", sisgenfe.demonstracao),
    path("sisgenfe/notas", sisgenfe.notas),
    path("sisgenfe/cancelamentos", sisgenfe.cancelamentos),
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
    path("controle/sisgenfe/", sisgenfe.pagina, name="sisgenfe"),
    path("controle/sisgenfe/cadastrar/", sisgenfe.cadastrar, name="sisgenfe_cadastrar"),
    path("controle/sisgenfe/bloquear/", sisgenfe.bloquear, name="sisgenfe_bloquear"),
    path("controle/sisgenfe/decidir/", sisgenfe.decidir, name="sisgenfe_decidir"),
    path("controle/integranotas/", include("sandbox.integranotas.controle.pagina")),
    path("controle/api/integranotas/", include("sandbox.integranotas.controle.api")),
    path("controle/nacional/", include("sandbox.nacional.controle.pagina")),
    path("controle/api/nacional/", include("sandbox.nacional.controle.api")),
    path("controle/totvs/", include("sandbox.totvs.controle.pagina")),
    path("controle/api/totvs/", include("sandbox.totvs.controle.api")),
    *(path(f"controle/api/{rota.pattern}", rota.callback, name=rota.name) for rota in _API),
]
