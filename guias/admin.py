"""Back office. Everything here has fiscal effect or comes from the Receita, so nothing is changed by hand: the
screens own these rows."""

from django.contrib import admin

from comum.admin import SomenteLeitura
from guias.models import (
    Apuracao,
    Arrecadacao,
    Entrega,
    Guia,
    HistoricoMensal,
    MensagemEntrega,
    Novidade,
    Procuracao,
    Receita,
)


@admin.register(Receita)
class ReceitaAdmin(SomenteLeitura[Receita]):
    list_display = ["empresa", "competencia", "atividade", "tratamento", "valor"]
    list_filter = ["competencia"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca"]
    show_full_result_count = False


@admin.register(HistoricoMensal)
class HistoricoMensalAdmin(SomenteLeitura[HistoricoMensal]):
    list_display = ["empresa", "competencia", "interno", "externo", "folha", "declarada"]
    list_filter = ["competencia", "declarada"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca"]
    show_full_result_count = False


@admin.register(Apuracao)
class ApuracaoAdmin(SomenteLeitura[Apuracao]):
    list_display = ["empresa", "competencia", "situacao", "receita_total", "total_aprovado", "total_declarado"]
    list_filter = ["competencia", "situacao", "retificadora"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca", "id_declaracao"]
    show_full_result_count = False


@admin.register(Guia)
class GuiaAdmin(SomenteLeitura[Guia]):
    list_display = ["numero", "tipo", "empresa", "competencia", "limite", "total", "via"]
    list_filter = ["competencia", "tipo"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca", "numero"]
    show_full_result_count = False


@admin.register(Procuracao)
class ProcuracaoAdmin(SomenteLeitura[Procuracao]):
    list_display = ["empresa", "outorgado", "expira", "consultada_em"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca", "outorgado"]
    show_full_result_count = False


@admin.register(Entrega)
class EntregaAdmin(SomenteLeitura[Entrega]):
    list_display = ["guia", "para", "enviada_em", "lida_em", "lembrada_em"]
    list_select_related = ["guia"]
    search_fields = ["para", "guia__numero"]
    show_full_result_count = False


@admin.register(MensagemEntrega)
class MensagemEntregaAdmin(SomenteLeitura[MensagemEntrega]):
    """Written at its own screen, which checks the fields."""

    list_display = ["tipo", "assunto", "ligada", "alterada_em", "alterada_por"]
    list_select_related = ["alterada_por"]


@admin.register(Arrecadacao)
class ArrecadacaoAdmin(SomenteLeitura[Arrecadacao]):
    list_display = ["numero", "tipo_nome", "empresa", "dia", "total", "guia"]
    list_filter = ["dia"]
    list_select_related = ["empresa", "guia"]
    search_fields = ["empresa__busca", "numero"]
    show_full_result_count = False


@admin.register(Novidade)
class NovidadeAdmin(SomenteLeitura[Novidade]):
    list_display = ["empresa", "evento", "dia", "sem_procuracao", "perguntada_em"]
    list_filter = ["evento", "sem_procuracao"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca"]
    show_full_result_count = False
