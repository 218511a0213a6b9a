"""Back office. Everything here has fiscal effect or comes from the Receita, so nothing is changed by hand: the
screens own these rows."""

from django.contrib import admin

from comum.admin import SomenteLeitura
from guias.models import (
    Apuracao,
    ConsultaRedesim,
    DeclaracaoDefis,
    Guia,
    HistoricoMensal,
    MensagemEcac,
    OpcaoRegime,
    Procuracao,
    RascunhoDefis,
    Receita,
    Renuncia,
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


@admin.register(MensagemEcac)
class MensagemEcacAdmin(SomenteLeitura[MensagemEcac]):
    list_display = ["assunto", "empresa", "enviada_em", "relevante", "aberta_em", "lida_em"]
    list_filter = ["relevante"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca", "assunto", "isn"]
    show_full_result_count = False


@admin.register(DeclaracaoDefis)
class DeclaracaoDefisAdmin(SomenteLeitura[DeclaracaoDefis]):
    list_display = ["numero", "empresa", "ano", "tipo", "transmitida_em"]
    list_filter = ["ano"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca", "numero"]
    show_full_result_count = False


@admin.register(RascunhoDefis)
class RascunhoDefisAdmin(SomenteLeitura[RascunhoDefis]):
    list_display = ["empresa", "ano", "alterado_por", "alterado_em"]
    list_filter = ["ano"]
    list_select_related = ["empresa", "alterado_por"]
    search_fields = ["empresa__busca"]
    show_full_result_count = False


@admin.register(OpcaoRegime)
class OpcaoRegimeAdmin(SomenteLeitura[OpcaoRegime]):
    list_display = ["empresa", "ano", "regime", "feita_em"]
    list_filter = ["ano", "regime"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca"]
    show_full_result_count = False


@admin.register(ConsultaRedesim)
class ConsultaRedesimAdmin(SomenteLeitura[ConsultaRedesim]):
    list_display = ["credencial", "consultada_em"]
    list_select_related = ["credencial"]
    show_full_result_count = False


@admin.register(Renuncia)
class RenunciaAdmin(SomenteLeitura[Renuncia]):
    list_display = ["numero", "empresa", "feita_em"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca", "numero"]
    show_full_result_count = False
