from django.urls import URLPattern, path

from pagar.views import cadastros, contas, edicao, fornecedores, importar

app_name = "pagar"

urlpatterns: list[URLPattern] = [
    path("titulos/novo/", edicao.novo, {"antecipacao": False}, name="titulo_novo"),
    path("titulos/nova-antecipacao/", edicao.novo, {"antecipacao": True}, name="antecipacao_nova"),
    path("titulos/calcular/", edicao.calcular, name="titulo_calcular"),
    path("titulos/<int:pk>/editar/", edicao.editar, {"antecipacao": False}, name="titulo_editar"),
    path("titulos/<int:pk>/editar-antecipacao/", edicao.editar, {"antecipacao": True}, name="antecipacao_editar"),
    path("contas/", contas.lista, name="contas"),
    path("contas/nova/", contas.nova, name="conta_nova"),
    path("contas/<int:codigo>/", contas.alterar, name="conta"),
    path("contas/<int:codigo>/testar/", contas.testar, name="conta_testar"),
    path("fornecedores/", fornecedores.lista, name="fornecedores"),
    path("fornecedores/exportar/", fornecedores.exportar, name="fornecedores_exportar"),
    path("fornecedores/novo/", fornecedores.novo, name="fornecedor_novo"),
    path("fornecedores/buscar/", fornecedores.buscar, name="fornecedor_buscar"),
    path("fornecedores/dialogo/", fornecedores.dialogo, name="fornecedor_dialogo"),
    path("fornecedores/importar/", importar.fornecedores, name="fornecedores_importar"),
    path("fornecedores/importar/modelo/", importar.modelo, {"tipo": "fornecedores"}, name="fornecedores_modelo"),
    path("fornecedores/<int:fornecedor>/", fornecedores.alterar, name="fornecedor"),
    path("cadastros/", cadastros.lista, {"tipo": "titulos"}, name="regras"),
    path("cadastros/titulos/novo/", cadastros.novo, {"tipo": "titulos"}, name="regra_novo"),
    path("cadastros/titulos/importar/", importar.importar, {"tipo": "regras"}, name="regras_importar"),
    path("cadastros/titulos/importar/modelo/", importar.modelo, {"tipo": "regras"}, name="regras_modelo"),
    path("cadastros/titulos/<int:pk>/", cadastros.alterar, {"tipo": "titulos"}, name="regra"),
    path("cadastros/titulos/<int:pk>/excluir/", cadastros.excluir, {"tipo": "titulos"}, name="regra_excluir"),
    path("cadastros/impostos/", cadastros.lista, {"tipo": "impostos"}, name="impostos"),
    path("cadastros/impostos/novo/", cadastros.novo, {"tipo": "impostos"}, name="imposto_novo"),
    path("cadastros/impostos/importar/", importar.importar, {"tipo": "impostos"}, name="impostos_importar"),
    path("cadastros/impostos/importar/modelo/", importar.modelo, {"tipo": "impostos"}, name="impostos_modelo"),
    path("cadastros/impostos/<int:pk>/", cadastros.alterar, {"tipo": "impostos"}, name="imposto"),
    path("cadastros/impostos/<int:pk>/excluir/", cadastros.excluir, {"tipo": "impostos"}, name="imposto_excluir"),
    path("cadastros/empresas/", cadastros.lista, {"tipo": "estabelecimentos"}, name="estabelecimentos"),
    path("cadastros/empresas/novo/", cadastros.novo, {"tipo": "estabelecimentos"}, name="estabelecimento_novo"),
    path(
        "cadastros/empresas/importar/",
        importar.importar,
        {"tipo": "estabelecimentos"},
        name="estabelecimentos_importar",
    ),
    path(
        "cadastros/empresas/importar/modelo/",
        importar.modelo,
        {"tipo": "estabelecimentos"},
        name="estabelecimentos_modelo",
    ),
    path("cadastros/empresas/<int:pk>/", cadastros.alterar, {"tipo": "estabelecimentos"}, name="estabelecimento"),
    path(
        "cadastros/empresas/<int:pk>/excluir/",
        cadastros.excluir,
        {"tipo": "estabelecimentos"},
        name="estabelecimento_excluir",
    ),
]
