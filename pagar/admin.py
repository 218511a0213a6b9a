"""Back office of the accounts payable. The registers are changed here by the forms of their screens, with the same
checks; what went to the ERP is only seen. Sealed columns are not shown, not even as ciphertext."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from comum.admin import SemExclusao, SomenteLeitura
from comum.permissoes import usuario_de
from empresas.services import CadastroRecusado
from pagar.forms.cadastros import EstabelecimentoForm, FornecedorForm, RegraImpostoForm, RegraTituloForm
from pagar.forms.contas import AJUSTES, ContaForm
from pagar.models import (
    ContaErp,
    EstabelecimentoErp,
    Fornecedor,
    ItemPagamento,
    Lote,
    Movimento,
    Pagamento,
    ReferenciaUsada,
    RegraImposto,
    RegraTitulo,
    Titulo,
)
from pagar.services import cadastro, contas


class _PelosServicos[M: Model](admin.ModelAdmin[M]):
    """Saved by the services of the screens; what they refuse after the form let it pass is told, and undone. With the
    way to its import."""

    change_list_template = "admin/pagar/com_importacao.html"
    importacao: str  # URL name of the page that sends a file

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "url_importar": reverse(self.importacao)})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (CadastroRecusado, contas.ContaErro) as recusa:
            messages.error(request, f"Nada foi gravado. {recusa}")
            return redirect(request.path)


@admin.register(ContaErp)
class ContaErpAdmin(SemExclusao[ContaErp], _PelosServicos[ContaErp]):
    form = ContaForm
    importacao = "pagar:contas_importar"
    list_display = ["codigo", "nome", "base", "empresa", "estabelecimento", "ativa", "teste_ok", "testada_em"]
    list_filter = ["ativa", "teste_ok"]
    search_fields = ["nome", "base"]

    def get_fieldsets(self, request: HttpRequest, obj: ContaErp | None = None) -> Any:
        primeiros = ["versao", "nome", "ativa", "endereco", "contexto", "usuario"]
        campos = [nome for nome in ContaForm.base_fields if nome not in (*primeiros, *AJUSTES)]
        segredos = [nome for nome in campos if nome.startswith(("nov", "tirar_"))]
        outros = [nome for nome in campos if nome not in segredos]
        return [
            (None, {"fields": [*primeiros, *segredos]}),
            ("Códigos do ERP", {"fields": outros}),
            ("Ajustes da base", {"fields": list(AJUSTES), "classes": ["collapse"]}),
        ]

    def save_model(self, request: HttpRequest, obj: ContaErp, form: Any, change: bool) -> None:
        contas.salvar(
            usuario=usuario_de(request), conta=obj, secretos=form.secretos(), versao=form.cleaned_data["versao"]
        )


class _Cadastro[M: Model](_PelosServicos[M]):
    """A register, saved and excluded with its audit row."""

    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: M, form: ModelForm[M], change: bool) -> None:
        cadastro.gravar(objeto=obj, usuario=usuario_de(request))

    def delete_model(self, request: HttpRequest, obj: M) -> None:
        try:
            cadastro.excluir(objeto=obj, usuario=usuario_de(request))
        except CadastroRecusado as recusa:
            messages.error(request, f"Nada foi excluído. {recusa.mensagem}")

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for objeto in queryset:
            self.delete_model(request, objeto)


@admin.register(Fornecedor)
class FornecedorAdmin(SemExclusao[Fornecedor], _Cadastro[Fornecedor]):
    """Switched off, not excluded: titles were made to it."""

    form = FornecedorForm
    importacao = "pagar:fornecedores_importar"
    list_display = ["codigo", "nome", "documento_mascarado", "papel", "municipio", "conta", "ativo"]
    list_filter = ["ativo", "papel", "conta"]
    list_select_related = ["conta", "municipio"]
    search_fields = ["nome", "documento", "=codigo"]
    autocomplete_fields = ["municipio"]


@admin.register(EstabelecimentoErp)
class EstabelecimentoErpAdmin(_Cadastro[EstabelecimentoErp]):
    form = EstabelecimentoForm
    importacao = "pagar:estabelecimentos_importar"
    list_display = ["empresa", "empresa_erp", "estabelecimento", "conta"]
    list_filter = ["conta"]
    list_select_related = ["empresa", "conta"]
    search_fields = ["empresa__busca", "estabelecimento"]
    autocomplete_fields = ["empresa"]


@admin.register(RegraTitulo)
class RegraTituloAdmin(_Cadastro[RegraTitulo]):
    form = RegraTituloForm
    importacao = "pagar:regras_importar"
    list_display = ["origem", "codigo", "especie", "fornecedor", "conta_contabil", "fluxo", "conta"]
    list_filter = ["origem", "conta"]
    list_select_related = ["fornecedor", "conta"]
    search_fields = ["codigo", "especie", "conta_contabil"]
    autocomplete_fields = ["fornecedor"]


@admin.register(RegraImposto)
class RegraImpostoAdmin(_Cadastro[RegraImposto]):
    form = RegraImpostoForm
    importacao = "pagar:impostos_importar"
    list_display = ["retencao", "municipio", "imposto", "classificacao", "aliquota", "momento", "fornecedor", "conta"]
    list_filter = ["retencao", "conta"]
    list_select_related = ["municipio", "fornecedor", "conta"]
    search_fields = ["imposto", "classificacao", "municipio__busca"]
    autocomplete_fields = ["municipio", "fornecedor"]


# -- seen only --------------------------------------------------------------------------------------------------------


class _Visto[M: Model](SomenteLeitura[M]):
    show_full_result_count = False


@admin.register(Lote)
class LoteAdmin(_Visto[Lote]):
    list_display = ["pk", "conta", "empresa_erp", "estabelecimento", "referencia", "quantidade", "total"]
    list_select_related = ["conta"]
    search_fields = ["referencia"]


@admin.register(Titulo)
class TituloAdmin(_Visto[Titulo]):
    list_display = ["nome", "empresa", "fornecedor", "competencia", "vencimento", "valor", "saldo", "situacao"]
    list_filter = ["situacao", "tipo", "barras"]
    list_select_related = ["empresa", "fornecedor"]
    search_fields = ["busca"]
    exclude = ["busca"]


@admin.register(Pagamento)
class PagamentoAdmin(_Visto[Pagamento]):
    list_display = ["__str__", "conta", "estabelecimento", "portador", "data", "quantidade", "total", "situacao"]
    list_filter = ["tipo", "situacao"]
    list_select_related = ["conta"]
    search_fields = ["referencia", "=bordero"]


@admin.register(ItemPagamento)
class ItemPagamentoAdmin(_Visto[ItemPagamento]):
    list_display = ["pagamento", "titulo", "valor", "baixa"]
    list_select_related = ["pagamento", "titulo"]
    search_fields = ["titulo__busca"]


@admin.register(Movimento)
class MovimentoAdmin(_Visto[Movimento]):
    list_display = ["em", "tipo", "titulo", "valor", "saldo", "referencia", "usuario"]
    list_filter = ["tipo"]
    list_select_related = ["titulo", "usuario"]
    search_fields = ["titulo__busca", "referencia"]


@admin.register(ReferenciaUsada)
class ReferenciaUsadaAdmin(_Visto[ReferenciaUsada]):
    list_display = [campo.name for campo in ReferenciaUsada._meta.concrete_fields if not campo.primary_key]
    search_fields = ["referencia"]
