"""Back office of the engine. What has fiscal effect is read-only; prices are data that an administrator keeps."""

from collections import defaultdict
from datetime import date
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import F
from django.forms import ModelForm
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from comum.admin import SomenteLeitura
from comum.auditoria import registrar
from comum.permissoes import usuario_de
from operacoes.custos import limpar_memoria
from operacoes.custos.precos import Faixa, problema_da_data, problemas_das_faixas
from operacoes.models import (
    AcessoCobrado,
    Balde,
    Circuito,
    Consumo,
    FaixaPreco,
    LinhaConsumo,
    Operacao,
    Pausa,
    Processamento,
    TabelaPreco,
    Tentativa,
    Teto,
    Trabalhador,
)


@admin.register(Processamento)
class ProcessamentoAdmin(SomenteLeitura[Processamento]):
    list_display = ("id", "titulo", "competencia", "usuario", "custo_previsto", "suspenso", "criado_em")
    list_filter = ("tipo", "competencia")
    list_select_related = ("usuario",)


@admin.register(Operacao)
class OperacaoAdmin(SomenteLeitura[Operacao]):
    list_display = ("id", "tipo", "empresa", "competencia", "situacao", "codigo", "custo", "criada_em")
    list_filter = ("situacao", "tipo", "competencia")
    search_fields = ("chave__exact", "codigo__exact", "empresa__busca")
    list_select_related = ("empresa",)
    show_full_result_count = False


@admin.register(Tentativa)
class TentativaAdmin(SomenteLeitura[Tentativa]):
    list_display = ("id", "operacao", "especie", "desfecho", "http_status", "cobrada", "duracao_ms", "iniciada_em")
    list_filter = ("especie", "desfecho", "cobrada")
    search_fields = ("=id", "operacao__chave__exact")
    list_select_related = ("operacao",)
    show_full_result_count = False


@admin.register(Balde)
class BaldeAdmin(SomenteLeitura[Balde]):
    list_display = ("nome", "intervalo", "tolerancia", "tat", "bloqueado_ate")


@admin.register(Circuito)
class CircuitoAdmin(SomenteLeitura[Circuito]):
    list_display = ("servico", "falhas", "aberto_desde", "tentar_em", "motivo")


@admin.register(Pausa)
class PausaAdmin(SomenteLeitura[Pausa]):
    """Lifted on the screens (Retomar), where it is audited."""

    list_display = ("acesso", "motivo", "codigo", "desde")


@admin.register(Trabalhador)
class TrabalhadorAdmin(SomenteLeitura[Trabalhador]):
    list_display = ("nome", "vagas", "desde", "batida")


@admin.register(AcessoCobrado)
class AcessoCobradoAdmin(SomenteLeitura[AcessoCobrado]):
    """Kept by the app that owns the access: for a credencial, its contratante."""

    list_display = ("rotulo", "acesso", "nome", "conta")


@admin.register(Teto)
class TetoAdmin(SomenteLeitura[Teto]):
    """Set in Custos, where it is audited and what is queued follows at once."""

    list_display = ("conta", "valor", "parar_tudo", "parado_ate", "alterado_por", "alterado_em")
    list_select_related = ("alterado_por",)


@admin.register(Consumo)
class ConsumoAdmin(SomenteLeitura[Consumo]):
    list_display = ("id", "conta", "nome_arquivo", "inicio", "de", "ate", "linhas", "importado_por", "importado_em")
    list_select_related = ("importado_por",)


@admin.register(LinhaConsumo)
class LinhaConsumoAdmin(SomenteLeitura[LinhaConsumo]):
    list_display = ("consumo", "numero", "quando", "url", "status", "tag", "quantidade", "cobranca")
    search_fields = ("tag__exact",)
    list_select_related = ("consumo",)
    show_full_result_count = False


class FaixasFormSet(BaseInlineFormSet[FaixaPreco, TabelaPreco, ModelForm[FaixaPreco]]):
    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        faixas: dict[str, list[Faixa]] = defaultdict(list)
        for form in self.forms:
            dados = form.cleaned_data
            if dados and not dados.get("DELETE"):
                faixas[dados["classe"]].append(Faixa(dados["ate"], dados["preco"]))
        if ruins := problemas_das_faixas(faixas):
            raise ValidationError([texto for _, texto in ruins])


class FaixaForm(ModelForm[FaixaPreco]):
    class Meta:
        fields = ("classe", "ate", "preco")
        localized_fields = ("preco",)  # 0,32 as it is written here


class FaixaPrecoInline(admin.TabularInline[FaixaPreco, TabelaPreco]):
    model, form, formset = FaixaPreco, FaixaForm, FaixasFormSet
    extra = 24  # as many as the published table has
    ordering = ("classe", F("ate").asc(nulls_last=True))


class TabelaPrecoForm(ModelForm[TabelaPreco]):
    def clean_vigente_desde(self) -> date:
        desde: date = self.cleaned_data["vigente_desde"]
        if problema := problema_da_data(desde):
            raise ValidationError(problema)
        return desde


@admin.register(TabelaPreco)
class TabelaPrecoAdmin(admin.ModelAdmin[TabelaPreco]):
    """A table is added from a date on; one that already priced a closed period is only seen."""

    form = TabelaPrecoForm
    list_display = ("vigente_desde", "fonte", "certeza")
    inlines = (FaixaPrecoInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: TabelaPreco | None = None) -> tuple[str, ...]:
        return ("vigente_desde",) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: TabelaPreco | None = None) -> bool:
        return super().has_change_permission(request, obj) and _muda(obj)

    def has_delete_permission(self, request: HttpRequest, obj: TabelaPreco | None = None) -> bool:
        return obj is not None and super().has_delete_permission(request, obj) and _muda(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        limpar_memoria()
        tabela: TabelaPreco = form.instance
        registrar(
            usuario=usuario_de(request),
            acao="custos.precos",
            objeto=f"tabela:{tabela.pk}",
            resumo=f"{'Alterou' if change else 'Incluiu'} os preços desde {tabela.pk:%d/%m/%Y}: {tabela.fonte}",
        )


def _muda(tabela: TabelaPreco | None) -> bool:
    return tabela is None or not problema_da_data(tabela.vigente_desde)
