"""Back office of the engine. What has fiscal effect is read-only; prices are data that an administrator keeps."""

from django.contrib import admin

from comum.admin import SomenteLeitura
from operacoes.models import (
    Balde,
    Circuito,
    FaixaPreco,
    Operacao,
    Pausa,
    Processamento,
    Tentativa,
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


@admin.register(FaixaPreco)
class FaixaPrecoAdmin(admin.ModelAdmin[FaixaPreco]):
    list_display = ("classe", "ate", "preco", "vigente_desde")
    list_filter = ("classe", "vigente_desde")
