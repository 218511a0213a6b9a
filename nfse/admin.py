"""Back office of the notes. What has fiscal effect, and what a screen of the product owns, is only seen here; the rules
of channel are changed here. Sealed columns are not shown, not even as ciphertext."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from comum import auditoria
from comum.admin import SemExclusao, SomenteLeitura
from comum.mudancas import diferencas
from comum.permissoes import usuario_de
from empresas.models import Regime
from empresas.municipios import UFS
from nfse.models import (
    AvisoWebhook,
    CanalNfse,
    Cancelamento,
    CartaCorrecao,
    ContaSofthouse,
    Contrato,
    ConvenioNacional,
    CursorAdn,
    DocumentoAdn,
    DocumentoAssinado,
    EventoNota,
    Nota,
    NotaItem,
    NotaRecebida,
    NumeroLivre,
    ReferenciaCanal,
    RegraCanal,
    Servico,
    Tomador,
    TomadorNoCanal,
)

CAMPOS_DA_REGRA = ("empresa", "municipio", "uf", "regime", "canal", "desde", "ate", "fundamento", "ativa")


class RegraCanalForm(ModelForm[RegraCanal]):
    uf = forms.ChoiceField(label="UF", choices=[("", "Todas"), *((uf, uf) for uf in UFS)], required=False)
    regime = forms.ChoiceField(label="Regime", choices=[("", "Todos"), *Regime.choices], required=False)

    class Meta:
        model = RegraCanal
        fields = CAMPOS_DA_REGRA

    def clean(self) -> dict[str, Any] | None:
        dados = super().clean() or self.cleaned_data
        desde, ate, municipio = dados.get("desde"), dados.get("ate"), dados.get("municipio")
        for campo, dia in (("desde", desde), ("ate", ate)):
            if dia and dia.day != 1:
                self.add_error(campo, "Uma competência começa no dia 1: use o primeiro dia do mês.")
        if desde and ate and ate < desde:
            self.add_error("ate", "A última competência é anterior à primeira. Confira as duas.")
        if municipio and dados.get("uf") and municipio.uf != dados["uf"]:
            self.add_error(
                "uf", f"{municipio} não fica em {dados['uf']}. Deixe a UF em branco, ou corrija o município."
            )
        if desde and dados.get("ativa") and not self.errors:
            self._recusar_igual(dados)
        return dados

    def _recusar_igual(self, dados: dict[str, Any]) -> None:
        mesmas = RegraCanal.objects.filter(
            ativa=True, **{campo: dados.get(campo) for campo in ("empresa", "municipio", "uf", "regime", "desde")}
        )
        if (igual := mesmas.exclude(pk=self.instance.pk).first()) is not None:
            raise ValidationError(
                f"Já há uma regra ativa para os mesmos casos e competência: {igual}. Altere-a, ou desative-a."
            )


@admin.register(RegraCanal)
class RegraCanalAdmin(SemExclusao[RegraCanal]):
    """Which channel on which competência. Switched off, not deleted: notes were issued by it."""

    form = RegraCanalForm
    list_display = ["canal", "desde", "ate", "empresa", "municipio", "uf", "regime", "ativa", "fundamento"]
    list_filter = ["canal", "ativa", "regime", "uf"]
    list_select_related = ["empresa", "municipio"]
    autocomplete_fields = ["empresa", "municipio"]
    search_fields = ["fundamento", "empresa__busca", "municipio__busca"]

    def save_model(self, request: HttpRequest, obj: RegraCanal, form: ModelForm[RegraCanal], change: bool) -> None:
        antes = RegraCanal.objects.select_related("empresa", "municipio").get(pk=obj.pk) if change else None
        super().save_model(request, obj, form, change)
        mudancas = diferencas(antes, obj, CAMPOS_DA_REGRA)
        if mudancas:
            auditoria.registrar(
                usuario=usuario_de(request),
                acao="regra_canal.alterar" if change else "regra_canal.incluir",
                resumo=f"Regra de canal {'alterada' if change else 'incluída'}: {obj}",
                objeto=obj,
                dados={"campos": mudancas},
            )


# -- seen only --------------------------------------------------------------------------------------------------------


class _DaEmpresa[M: Model](SomenteLeitura[M]):
    """Records of many empresas: found by the empresa, counted by nobody."""

    list_select_related = ["empresa"]
    search_fields = ["empresa__busca"]
    show_full_result_count = False


@admin.register(ContaSofthouse)
class ContaSofthouseAdmin(SomenteLeitura[ContaSofthouse]):
    list_display = ["nome", "ativa", "alterada_em"]
    exclude = ["token"]


@admin.register(CanalNfse)
class CanalNfseAdmin(_DaEmpresa[CanalNfse]):
    list_display = ["codigo", "empresa", "tipo", "ativo", "serie", "proximo_numero", "teste_ok", "testado_em"]
    list_filter = ["tipo", "ativo", "teste_ok"]
    exclude = ["senha", "chave_aplicacao", "token"]


@admin.register(NumeroLivre)
class NumeroLivreAdmin(SomenteLeitura[NumeroLivre]):
    list_display = ["canal", "serie", "numero"]
    list_select_related = ["canal__empresa"]
    search_fields = ["canal__empresa__busca"]


@admin.register(ReferenciaCanal)
class ReferenciaCanalAdmin(SomenteLeitura[ReferenciaCanal]):
    list_display = ["canal", "especie", "codigo", "nome", "lc116", "id_servico", "lida_em"]
    list_filter = ["especie"]
    list_select_related = ["canal__empresa"]
    search_fields = ["codigo", "nome"]
    show_full_result_count = False


@admin.register(ConvenioNacional)
class ConvenioNacionalAdmin(SomenteLeitura[ConvenioNacional]):
    """Read by *Testar* of a canal of the national system."""

    list_display = ["municipio", "ativo", "emite", "lido_em"]
    list_filter = ["ativo", "emite"]
    list_select_related = ["municipio"]
    search_fields = ["municipio__nome"]


@admin.register(CursorAdn)
class CursorAdnAdmin(SomenteLeitura[CursorAdn]):
    list_display = ["documento", "empresa", "nsu", "lida_em", "em_dia", "falha"]
    list_filter = ["em_dia"]
    list_select_related = ["empresa"]
    search_fields = ["documento"]


@admin.register(DocumentoAdn)
class DocumentoAdnAdmin(SomenteLeitura[DocumentoAdn]):
    list_display = ["nsu", "empresa", "papel", "chave", "evento", "salto", "motivo", "lido_em"]
    list_filter = ["papel", "pendente"]
    list_select_related = ["empresa"]
    search_fields = ["chave"]
    show_full_result_count = False


@admin.register(DocumentoAssinado)
class DocumentoAssinadoAdmin(SomenteLeitura[DocumentoAssinado]):
    list_display = ["identificador", "operacao_id", "assinado_em"]
    search_fields = ["identificador"]
    exclude = ["xml"]
    show_full_result_count = False


@admin.register(Tomador)
class TomadorAdmin(_DaEmpresa[Tomador]):
    """Altered on its own screens, which keep search text, duplicates and audit in step."""

    list_display = ["nome", "documento_mascarado", "empresa", "municipio", "ativo"]
    list_filter = ["ativo"]
    list_select_related = ["empresa", "municipio"]
    search_fields = ["busca"]
    exclude = ["busca", "ordem"]


@admin.register(TomadorNoCanal)
class TomadorNoCanalAdmin(SomenteLeitura[TomadorNoCanal]):
    list_display = ["tomador", "canal", "id_servico", "enviado_em"]
    list_select_related = ["tomador", "canal__empresa"]
    search_fields = ["tomador__busca"]
    show_full_result_count = False


@admin.register(Servico)
class ServicoAdmin(_DaEmpresa[Servico]):
    list_display = ["codigo", "nome", "empresa", "item_lc116", "ativo"]
    list_filter = ["ativo"]
    list_select_related = ["empresa", "item_lc116"]


@admin.register(Contrato)
class ContratoAdmin(_DaEmpresa[Contrato]):
    list_display = ["empresa", "tomador", "servico", "valor", "dia", "de", "ate", "ativo"]
    list_filter = ["ativo"]
    list_select_related = ["empresa", "tomador", "servico"]


class _Inline[M: Model](admin.TabularInline[M, Nota]):
    can_delete = False
    extra = 0
    max_num = 0

    def has_add_permission(self, request: HttpRequest, obj: Nota | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Nota | None = None) -> bool:
        return False


class NotaItemInline(_Inline[NotaItem]):
    model = NotaItem
    fields = ["ordem", "descricao", "item_lc116", "quantidade", "valor_unitario", "valor", "aliquota", "iss"]


class EventoInline(_Inline[EventoNota]):
    model = EventoNota
    fields = ["em", "tipo", "usuario", "texto"]


@admin.register(Nota)
class NotaAdmin(_DaEmpresa[Nota]):
    list_display = ["nome", "empresa", "tomador", "competencia", "situacao", "valor_servicos", "revisao"]
    list_filter = ["situacao", "competencia"]
    list_select_related = ["empresa", "tomador"]
    search_fields = ["busca", "empresa__busca", "chave"]
    exclude = ["busca"]
    inlines = [NotaItemInline, EventoInline]


class _DaNota[M: Model](SomenteLeitura[M]):
    list_select_related = ["nota__empresa", "nota__tomador"]
    search_fields = ["nota__busca", "nota__empresa__busca"]
    show_full_result_count = False


@admin.register(NotaItem)
class NotaItemAdmin(_DaNota[NotaItem]):
    list_display = ["nota", "ordem", "descricao", "item_lc116", "valor"]
    list_select_related = ["nota__empresa", "nota__tomador", "item_lc116"]


@admin.register(EventoNota)
class EventoNotaAdmin(_DaNota[EventoNota]):
    list_display = ["em", "tipo", "nota", "usuario", "texto"]
    list_filter = ["tipo"]
    list_select_related = ["nota__empresa", "nota__tomador", "usuario"]


@admin.register(CartaCorrecao)
class CartaCorrecaoAdmin(_DaNota[CartaCorrecao]):
    list_display = ["nota", "ordem", "situacao", "criada_em"]
    list_filter = ["situacao"]


@admin.register(Cancelamento)
class CancelamentoAdmin(_DaNota[Cancelamento]):
    list_display = ["nota", "codigo", "motivo", "situacao", "criado_em", "decidido_em"]
    list_filter = ["situacao"]


@admin.register(NotaRecebida)
class NotaRecebidaAdmin(_DaEmpresa[NotaRecebida]):
    list_display = ["numero", "prestador_nome", "empresa", "competencia", "valor_servicos", "retido", "situacao"]
    list_filter = ["situacao", "competencia"]
    search_fields = ["empresa__busca", "prestador", "prestador_nome", "chave"]


@admin.register(AvisoWebhook)
class AvisoWebhookAdmin(SomenteLeitura[AvisoWebhook]):
    list_display = ["recebido_em", "conta", "situacao", "origem", "documento", "chave", "motivo"]
    list_filter = ["situacao", "conta"]
    list_select_related = ["conta"]
    search_fields = ["documento", "chave"]
    date_hierarchy = "recebido_em"
    show_full_result_count = False
