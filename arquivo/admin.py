from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from arquivo.models import Defeito, Documento, RegraGuarda, Ronda
from comum import auditoria
from comum.permissoes import usuario_de


class _SoLeitura(admin.ModelAdmin):  # type: ignore[type-arg]
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Documento)
class DocumentoAdmin(_SoLeitura):
    """Read-only: a kept document is never edited or deleted here."""

    list_display = ("nome", "tipo", "empresa", "competencia", "origem", "tamanho", "criado_em", "reter_ate")
    list_filter = ("tipo", "origem", "competencia")
    search_fields = ("nome", "referencia", "sha256", "empresa__busca")
    list_select_related = ("empresa",)
    date_hierarchy = "competencia"
    show_full_result_count = False


@admin.register(Defeito)
class DefeitoAdmin(_SoLeitura):
    list_display = ("documento", "motivo", "achado_em", "visto_em", "sanado_em")
    list_filter = ("motivo",)
    list_select_related = ("documento",)


@admin.register(Ronda)
class RondaAdmin(_SoLeitura):
    list_display = ("comecou_em", "andou_em", "terminou_em", "arquivos", "parada")


@admin.register(RegraGuarda)
class RegraGuardaAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A rule is added and grows; it is neither taken back nor deleted."""

    list_display = ("__str__", "tipo", "desde", "anos", "motivo")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: RegraGuarda, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        auditoria.registrar(
            usuario=usuario_de(request),
            acao="arquivo.regra",
            objeto=obj,
            resumo=f"Regra de guarda: {obj}",
            dados={"tipo": obj.tipo, "desde": obj.desde.isoformat(), "anos": obj.anos, "motivo": obj.motivo},
        )
