"""Back office of the credentials: read-only, because table 102 and the window are their owners. Sealed columns are not
shown, not even as ciphertext."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from comum.admin import SomenteLeitura
from credentials.models import (
    CertificadoA1,
    Credencial,
    Gravacao,
    GravacaoItem,
    ItemRascunho,
    PassoInicial,
    Rascunho,
    TermoAutorizacao,
    Vinculo,
)


@admin.register(Credencial)
class CredencialAdmin(SomenteLeitura[Credencial]):
    list_display = ["codigo", "descricao", "contratante_mascarado", "tipo_certificado", "certificado", "ativa"]
    list_filter = ["ativa", "tipo_certificado"]
    list_select_related = ["certificado"]
    search_fields = ["codigo", "descricao", "contratante", "contratante_nome"]
    exclude = ["consumer_key", "consumer_secret"]


@admin.register(CertificadoA1)
class CertificadoA1Admin(SomenteLeitura[CertificadoA1]):
    list_display = ["titular", "documento", "emissor", "valido_ate", "criado_em"]
    search_fields = ["titular", "documento"]
    exclude = ["pfx", "senha"]


@admin.register(TermoAutorizacao)
class TermoAutorizacaoAdmin(SomenteLeitura[TermoAutorizacao]):
    list_display = ["autor_nome", "autor", "contratante", "assinado_em", "vigencia"]
    search_fields = ["autor", "autor_nome", "contratante"]


@admin.register(Vinculo)
class VinculoAdmin(SomenteLeitura[Vinculo]):
    list_display = ["empresa", "credencial", "autor", "versao", "gravado_por", "gravado_em"]
    list_filter = ["credencial", "autor"]
    list_select_related = ["empresa", "credencial", "gravado_por"]
    search_fields = ["empresa__busca"]
    show_full_result_count = False


class ItemRascunhoInline(admin.TabularInline):  # type: ignore[type-arg]
    model = ItemRascunho
    can_delete = False
    extra = 0
    max_num = 0
    fields = ["empresa", "acao", "servicos", "autor", "versao_base"]
    readonly_fields = ["empresa", "acao", "servicos", "autor", "versao_base"]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Shown for small drafts only: a page of 10,000 rows helps nobody."""
        return isinstance(obj, Rascunho) and obj.itens.count() <= 200


@admin.register(Rascunho)
class RascunhoAdmin(SomenteLeitura[Rascunho]):
    list_display = ["usuario", "credencial", "criado_em", "salvo_em"]
    list_select_related = ["usuario", "credencial"]
    inlines = [ItemRascunhoInline]


@admin.register(Gravacao)
class GravacaoAdmin(SomenteLeitura[Gravacao]):
    list_display = ["id", "credencial", "usuario", "quando", "incluidas", "alteradas", "excluidas", "desfaz"]
    list_filter = ["credencial"]
    list_select_related = ["credencial", "usuario", "desfaz"]
    date_hierarchy = "quando"


@admin.register(GravacaoItem)
class GravacaoItemAdmin(SomenteLeitura[GravacaoItem]):
    list_display = ["gravacao", "empresa", "acao"]
    list_filter = ["acao"]
    list_select_related = ["gravacao", "empresa"]
    search_fields = ["empresa__busca"]
    show_full_result_count = False


@admin.register(PassoInicial)
class PassoInicialAdmin(SomenteLeitura[PassoInicial]):
    list_display = ["codigo", "feito_em", "feito_por"]
