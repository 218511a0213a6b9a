from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from comum import auditoria
from comum.models import Adicional, Auditoria, Instalacao, Papel, SeloAuditoria, Usuario
from comum.permissoes import usuario_de

admin.site.unregister(Group)  # roles and carteiras decide; groups would be a second way


class SomenteLeitura[M: Model](admin.ModelAdmin[M]):
    """Seen, never touched: the record has fiscal effect, or another part of the product owns it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


class SemExclusao[M: Model](admin.ModelAdmin[M]):
    """Added and altered, never deleted: other records point here, or the history is owed."""

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


class UsuarioForm(UserChangeForm[Usuario]):
    def clean(self) -> dict[str, Any] | None:
        dados = super().clean() or {}
        continua = dados.get("papel") == Papel.ADMINISTRADOR and dados.get("is_active")
        outros = Usuario.objects.filter(papel=Papel.ADMINISTRADOR, is_active=True).exclude(pk=self.instance.pk)
        if self.instance.administra and not continua and not outros.exists():
            raise ValidationError("É o único administrador ativo. Torne outro usuário administrador antes.")
        return dados


@admin.register(Usuario)
class UsuarioAdmin(UserAdmin[Usuario]):
    """Who enters, with which role. Users are switched off, not deleted: the audit names them."""

    form = UsuarioForm
    list_display = ["username", "first_name", "last_name", "papel", "is_active", "last_login"]
    list_filter = ["papel", "is_active", "carteiras"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Quem é", {"fields": ["first_name", "last_name", "email"]}),
        ("O que pode", {"fields": ["papel", "is_active"]}),
        ("Acessos", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "first_name", "last_name", "email", "papel", "usable_password", "password1"]}),
        (None, {"fields": ["password2"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = []

    def has_delete_permission(self, request: HttpRequest, obj: Usuario | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Usuario, form: ModelForm[Usuario], change: bool) -> None:
        super().save_model(request, obj, form, change)
        mudados = [nome for nome in form.changed_data if "password" not in nome]
        auditoria.registrar(
            usuario=usuario_de(request),
            acao="usuarios.alterar" if change else "usuarios.incluir",
            resumo=f"{'Alterado' if change else 'Incluído'} o usuário {obj.username}, {obj.get_papel_display()}",
            objeto=obj,
            dados={"campos": mudados, "papel": obj.papel, "ativo": obj.is_active},
        )


@admin.register(Adicional)
class AdicionalAdmin(SemExclusao[Adicional]):
    """The add-ons the office has contracted; the list itself is the product's."""

    list_display = ["codigo", "nome", "ativo"]
    readonly_fields = ["codigo", "nome"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Adicional, form: ModelForm[Adicional], change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "ativo" in form.changed_data:
            auditoria.registrar(
                usuario=usuario_de(request),
                acao="adicionais.ativar" if obj.ativo else "adicionais.desativar",
                resumo=f"Adicional {obj} {'ativado' if obj.ativo else 'desativado'}",
                objeto=obj,
            )


@admin.register(Auditoria)
class AuditoriaAdmin(SomenteLeitura[Auditoria]):
    list_display = ["quando", "usuario", "acao", "objeto", "resumo"]
    list_filter = ["acao"]
    search_fields = ["resumo", "objeto", "usuario__username"]
    date_hierarchy = "quando"
    list_select_related = ["usuario"]
    show_full_result_count = False


@admin.register(SeloAuditoria)
class SeloAuditoriaAdmin(SomenteLeitura[SeloAuditoria]):
    list_display = ["ate", "registros", "criado_em", "hash"]


@admin.register(Instalacao)
class InstalacaoAdmin(SomenteLeitura[Instalacao]):
    list_display = ["ambiente", "criada_em"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).order_by("id")
