from django.contrib import admin
from django.http import HttpRequest

from arquivo.models import Documento


@admin.register(Documento)
class DocumentoAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Read-only: a kept document is never edited or deleted here."""

    list_display = ("nome", "tipo", "empresa", "competencia", "tamanho", "criado_em", "reter_ate")
    list_filter = ("tipo", "competencia")
    search_fields = ("nome", "referencia", "sha256", "empresa__busca")
    list_select_related = ("empresa",)
    date_hierarchy = "competencia"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Documento | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Documento | None = None) -> bool:
        return False
