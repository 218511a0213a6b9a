"""Back office. Everything here has fiscal effect or comes from the Receita, so nothing is changed by hand: the
screens own these rows. The Selic, which only our own estimates look at, is kept here by the office."""

from django.contrib import admin

from comum.admin import SomenteLeitura
from guias.models import (
    Apuracao,
    ApuracaoMit,
    Darf,
    DeclaracaoDctfweb,
    Guia,
    HistoricoMensal,
    Procuracao,
    Receita,
    ReceitaSicalc,
    TaxaSelic,
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


@admin.register(ReceitaSicalc)
class ReceitaSicalcAdmin(SomenteLeitura[ReceitaSicalc]):
    list_display = ["codigo", "denominacao", "consultada_em"]
    search_fields = ["codigo", "denominacao"]


@admin.register(TaxaSelic)
class TaxaSelicAdmin(admin.ModelAdmin[TaxaSelic]):
    list_display = ["mes", "taxa"]


@admin.register(Darf)
class DarfAdmin(SomenteLeitura[Darf]):
    list_display = ["empresa", "codigo", "periodo", "vencimento", "valor", "operacao"]
    list_filter = ["competencia"]
    list_select_related = ["empresa", "operacao"]
    search_fields = ["empresa__busca", "receita"]
    show_full_result_count = False


@admin.register(DeclaracaoDctfweb)
class DeclaracaoDctfwebAdmin(SomenteLeitura[DeclaracaoDctfweb]):
    list_display = ["empresa", "competencia", "categoria", "situacao", "transmitida_em", "consultada_em"]
    list_filter = ["competencia", "categoria", "situacao"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca"]
    show_full_result_count = False


@admin.register(ApuracaoMit)
class ApuracaoMitAdmin(SomenteLeitura[ApuracaoMit]):
    list_display = ["empresa", "competencia", "situacao", "total", "encerrada_em", "protocolo"]
    list_filter = ["competencia", "situacao"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca", "protocolo"]
    show_full_result_count = False
