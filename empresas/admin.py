from django.contrib import admin
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest

from comum import auditoria
from comum.admin import SemExclusao, SomenteLeitura
from comum.permissoes import usuario_de
from empresas.models import (
    Carteira,
    Cnae,
    Contato,
    Empresa,
    FaixaSimples,
    Feriado,
    Importacao,
    ItemLc116,
    Municipio,
    Obrigacao,
    ProrrogacaoVencimento,
    ReceitaFederal,
    RegimeEmpresa,
    ServicoNacional,
    TabelaCarregada,
)


@admin.register(Carteira)
class CarteiraAdmin(admin.ModelAdmin[Carteira]):
    """Groups of empresas and who is given them. One with empresas cannot be deleted (the database protects it)."""

    list_display = ["nome", "quem"]
    search_fields = ["nome"]
    filter_horizontal = ["usuarios"]

    @admin.display(description="usuários")
    def quem(self, carteira: Carteira) -> str:
        return ", ".join(usuario.nome for usuario in carteira.usuarios.all())

    def get_queryset(self, request: HttpRequest):  # type: ignore[no-untyped-def]
        return super().get_queryset(request).prefetch_related("usuarios")

    def save_related(
        self,
        request: HttpRequest,
        form: ModelForm[Carteira],
        formsets: list[BaseModelFormSet],  # type: ignore[type-arg]
        change: bool,
    ) -> None:
        super().save_related(request, form, formsets, change)
        auditoria.registrar(
            usuario=usuario_de(request),
            acao="carteiras.alterar" if change else "carteiras.incluir",
            resumo=f"{'Alterada' if change else 'Incluída'} a carteira {form.instance}",
            objeto=form.instance,
            dados={"usuarios": sorted(form.instance.usuarios.values_list("username", flat=True))},
        )


@admin.register(Contato)
class ContatoAdmin(SomenteLeitura[Contato]):
    """Kept at the page of the empresa, which writes the audit."""

    list_display = ["empresa", "email", "nome", "recebe_guias"]
    list_filter = ["recebe_guias"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca", "email"]
    show_full_result_count = False


class RegimeInline(admin.TabularInline[RegimeEmpresa, Empresa]):
    model = RegimeEmpresa
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Empresa | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Empresa | None = None) -> bool:
        return False


@admin.register(Empresa)
class EmpresaAdmin(SomenteLeitura[Empresa]):
    """The register is altered on its own screens, which keep search text, regimes and audit in step."""

    list_display = ["codigo", "documento_mascarado", "razao_social", "regime", "municipio", "carteira", "ativa"]
    list_filter = ["regime", "ativa", "carteira"]
    list_select_related = ["municipio", "carteira"]
    search_fields = ["busca"]
    show_full_result_count = False
    exclude = ["busca", "ordem"]
    inlines = [RegimeInline]


@admin.register(RegimeEmpresa)
class RegimeEmpresaAdmin(SomenteLeitura[RegimeEmpresa]):
    list_display = ["empresa", "regime", "desde"]
    list_filter = ["regime"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca"]
    show_full_result_count = False


@admin.register(Importacao)
class ImportacaoAdmin(SomenteLeitura[Importacao]):
    list_display = ["nome_arquivo", "tipo", "usuario", "situacao", "linhas", "criada_em"]
    list_filter = ["tipo", "situacao"]
    list_select_related = ["usuario"]
    exclude = ["conteudo", "recusas", "previa"]

    def get_queryset(self, request: HttpRequest):  # type: ignore[no-untyped-def]
        return super().get_queryset(request).defer("conteudo", "recusas", "previa")


@admin.register(Obrigacao)
class ObrigacaoAdmin(SemExclusao[Obrigacao]):
    """An office may correct a due rule; what the obligation is comes from the official table."""

    list_display = ["codigo", "nome", "dia", "mes", "meses_apos", "ajuste_dia_nao_util", "confianca"]
    search_fields = ["codigo", "nome"]
    readonly_fields = ["codigo", "nome", "esfera", "publico", "periodicidade", "tipo"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(ProrrogacaoVencimento)
class ProrrogacaoVencimentoAdmin(admin.ModelAdmin[ProrrogacaoVencimento]):
    list_display = ["obrigacao", "competencia", "vencimento", "base_legal"]
    list_select_related = ["obrigacao"]
    search_fields = ["obrigacao__nome", "base_legal"]


@admin.register(Municipio)
class MunicipioAdmin(SomenteLeitura[Municipio]):
    list_display = ["nome", "uf", "codigo_ibge", "codigo_tom"]
    search_fields = ["busca", "codigo_ibge", "codigo_tom"]
    list_filter = ["uf"]


@admin.register(Cnae)
class CnaeAdmin(SomenteLeitura[Cnae]):
    list_display = ["subclasse", "descricao", "secao"]
    search_fields = ["subclasse", "descricao"]


@admin.register(Feriado)
class FeriadoAdmin(SomenteLeitura[Feriado]):
    list_display = ["data", "nome", "tipo", "base_legal"]


@admin.register(ItemLc116)
class ItemLc116Admin(SomenteLeitura[ItemLc116]):
    list_display = ["item", "descricao", "tomador_local"]
    search_fields = ["item", "descricao"]


@admin.register(ServicoNacional)
class ServicoNacionalAdmin(SomenteLeitura[ServicoNacional]):
    list_display = ["codigo", "descricao", "item_lc116"]
    search_fields = ["codigo", "descricao"]


@admin.register(ReceitaFederal)
class ReceitaFederalAdmin(SomenteLeitura[ReceitaFederal]):
    list_display = ["codigo_receita", "extensao", "denominacao", "tributo"]
    search_fields = ["codigo_receita", "denominacao"]


@admin.register(FaixaSimples)
class FaixaSimplesAdmin(SomenteLeitura[FaixaSimples]):
    list_display = ["anexo", "faixa", "vigencia_de", "limite_superior_rbt12", "aliquota_nominal", "parcela_deduzir"]
    list_filter = ["anexo", "vigencia_de"]


@admin.register(TabelaCarregada)
class TabelaCarregadaAdmin(SomenteLeitura[TabelaCarregada]):
    list_display = ["arquivo", "linhas", "carregada_em", "sha256"]
