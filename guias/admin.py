"""Back office. Everything here has fiscal effect or comes from the Receita, so nothing is changed by hand, how the
office works excepted: the screens own these rows. The Selic and the sublimits of the states, which only our own
estimates look at, are kept here by the office."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from comum import auditoria
from comum.admin import SomenteLeitura
from comum.formatos import contar, format_dinheiro
from comum.permissoes import usuario_de
from guias.models import (
    Apuracao,
    ApuracaoMit,
    Arrecadacao,
    ConsultaDeRenuncias,
    ConsultaRedesim,
    Darf,
    DeclaracaoDctfweb,
    DeclaracaoDefis,
    Entrega,
    Escritorio,
    ForaDoDas,
    Guia,
    HistoricoMensal,
    MensagemEcac,
    MensagemEntrega,
    NaoOptante,
    Novidade,
    OpcaoRegime,
    Processo,
    Procuracao,
    RascunhoDefis,
    Receita,
    ReceitaSicalc,
    Renuncia,
    Retificacao,
    Sublimite,
    TaxaSelic,
)
from guias.services import rotina
from guias.services.seguimento import pedir_sublimites


@admin.register(Receita)
class ReceitaAdmin(SomenteLeitura[Receita]):
    list_display = ["empresa", "competencia", "atividade", "tratamento", "ajuste", "valor"]
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
    list_display = ["empresa", "ano", "regime", "na_receita", "feita_em"]
    list_filter = ["ano", "regime", "na_receita"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca"]
    show_full_result_count = False


@admin.register(ReceitaSicalc)
class ReceitaSicalcAdmin(SomenteLeitura[ReceitaSicalc]):
    list_display = ["codigo", "denominacao", "consultada_em"]
    search_fields = ["codigo", "denominacao"]


@admin.register(TaxaSelic)
class TaxaSelicAdmin(admin.ModelAdmin[TaxaSelic]):
    list_display = ["mes", "taxa"]


@admin.register(Sublimite)
class SublimiteAdmin(admin.ModelAdmin[Sublimite]):
    list_display = ["uf", "ano", "valor"]
    list_filter = ["ano"]

    def save_model(self, request: HttpRequest, obj: Sublimite, form: ModelForm[Sublimite], change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.has_changed():
            antes = {(form.initial["uf"], form.initial["ano"])} if change else set()
            self._seguir(request, {(obj.uf, obj.ano), *antes})

    def delete_model(self, request: HttpRequest, obj: Sublimite) -> None:
        super().delete_model(request, obj)
        self._seguir(request, {(obj.uf, obj.ano)})

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Sublimite]) -> None:
        retirados = set(queryset.values_list("uf", "ano"))
        super().delete_queryset(request, queryset)
        self._seguir(request, retirados)

    def _seguir(self, request: HttpRequest, mudados: set[tuple[str, int]]) -> None:
        pedir_sublimites(mudados, usuario_de(request))
        self.message_user(
            request, "As apurações abertas das empresas do estado são calculadas de novo em seguida, fora desta tela."
        )


@admin.register(ForaDoDas)
class ForaDoDasAdmin(SomenteLeitura[ForaDoDas]):
    list_display = ["empresa", "desde", "icms_iss", "ibs_cbs"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca"]
    show_full_result_count = False


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


@admin.register(NaoOptante)
class NaoOptanteAdmin(SomenteLeitura[NaoOptante]):
    list_display = ["empresa", "processo", "esfera", "municipio"]
    list_filter = ["esfera"]
    list_select_related = ["empresa", "municipio"]
    search_fields = ["empresa__busca", "processo"]
    show_full_result_count = False


@admin.register(Processo)
class ProcessoAdmin(SomenteLeitura[Processo]):
    list_display = ["empresa", "numero", "motivo", "vara", "uf", "deposito"]
    list_filter = ["motivo"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca", "numero"]
    show_full_result_count = False


@admin.register(Novidade)
class NovidadeAdmin(SomenteLeitura[Novidade]):
    list_display = ["empresa", "evento", "dia", "sem_procuracao", "perguntada_em"]
    list_filter = ["evento", "sem_procuracao"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca"]
    show_full_result_count = False


@admin.register(Retificacao)
class RetificacaoAdmin(SomenteLeitura[Retificacao]):
    list_display = ["apuracao", "revisao", "usuario", "aberta_em", "motivo"]
    list_select_related = ["apuracao", "usuario"]
    search_fields = ["apuracao__empresa__busca", "id_declaracao"]
    show_full_result_count = False


@admin.register(Escritorio)
class EscritorioAdmin(admin.ModelAdmin[Escritorio]):
    """One row: an administrator chooses how the office works."""

    list_display = ["__str__", "caminho", "segunda_pessoa", "rotina"]
    fields = ["caminho", "segunda_pessoa", "rotina"]

    def get_form(
        self, request: HttpRequest, obj: Escritorio | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[Escritorio]]:
        previsto = rotina.custo_do_mes()
        dito = (
            f"Buscar os pagamentos é cobrado, uma consulta por empresa com pagamento novo. Hoje há "
            f"{contar(previsto.empresas, 'empresa', 'empresas')} com guia a pagar: se todas pagarem no mês, cerca de "
            f"{format_dinheiro(previsto.valor)}. É opcional: o teto de Custos a para primeiro."
        )
        return super().get_form(request, obj, change, help_texts={"rotina": dito}, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Escritorio.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Escritorio | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Escritorio, form: ModelForm[Escritorio], change: bool) -> None:
        if "rotina" in form.changed_data:
            obj.rotina_de = usuario_de(request)
        super().save_model(request, obj, form, change)
        if form.changed_data or not change:
            auditoria.registrar(
                usuario=usuario_de(request),
                acao="guias.escritorio",
                resumo=f"Preferências: {obj.get_caminho_display()}; outra pessoa aprova: "
                f"{'sim' if obj.segunda_pessoa else 'não'}; pagamentos: {obj.get_rotina_display()}",
                objeto=obj,
            )


@admin.register(ConsultaRedesim)
class ConsultaRedesimAdmin(SomenteLeitura[ConsultaRedesim]):
    list_display = ["credencial", "consultada_em"]
    list_select_related = ["credencial"]
    show_full_result_count = False


@admin.register(ConsultaDeRenuncias)
class ConsultaDeRenunciasAdmin(SomenteLeitura[ConsultaDeRenuncias]):
    list_display = ["credencial", "consultada_em"]
    list_select_related = ["credencial"]
    show_full_result_count = False


@admin.register(Renuncia)
class RenunciaAdmin(SomenteLeitura[Renuncia]):
    list_display = ["numero", "empresa", "feita_em"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca", "numero"]
    show_full_result_count = False


@admin.register(ApuracaoMit)
class ApuracaoMitAdmin(SomenteLeitura[ApuracaoMit]):
    list_display = ["empresa", "competencia", "situacao", "total", "encerrada_em", "protocolo"]
    list_filter = ["competencia", "situacao"]
    list_select_related = ["empresa"]
    search_fields = ["empresa__busca", "protocolo"]
    show_full_result_count = False
