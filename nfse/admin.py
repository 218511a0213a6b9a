"""Back office of the notes. What has fiscal effect, and what a screen of the product owns, is only seen here; the rules
of channel are changed here. Sealed columns are not shown, not even as ciphertext."""

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from comum import auditoria
from comum.admin import SemExclusao, SomenteLeitura
from comum.mudancas import diferencas
from comum.permissoes import usuario_de
from nfse.forms.emissores import CAMPOS_DO_EMISSOR, EmissorMunicipalForm
from nfse.forms.regras import CAMPOS_DA_REGRA, RegraCanalForm
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
    EmissorMunicipal,
    EventoNota,
    Nota,
    NotaItem,
    NotaRecebida,
    NumeroDeFora,
    NumeroLivre,
    ParametroMunicipal,
    ReferenciaCanal,
    RegraCanal,
    Servico,
    Tomador,
    TomadorNoCanal,
)


class _Auditado[M: Model](SemExclusao[M]):
    """Each save leaves an audit row with what changed. `campos` are those of the form; `acao`, `nome` and `genero`
    ("a" or "o") name it."""

    campos: tuple[str, ...]
    acao: str
    nome: str
    genero: str

    def save_model(self, request: HttpRequest, obj: M, form: ModelForm[M], change: bool) -> None:
        antes = self.get_queryset(request).get(pk=obj.pk) if change else None
        super().save_model(request, obj, form, change)
        mudancas = diferencas(antes, obj, self.campos)
        if mudancas:
            auditoria.registrar(
                usuario=usuario_de(request),
                acao=f"{self.acao}.{'alterar' if change else 'incluir'}",
                resumo=f"{self.nome} {'alterad' if change else 'incluíd'}{self.genero}: {obj}",
                objeto=obj,
                dados={"campos": mudancas},
            )


@admin.register(RegraCanal)
class RegraCanalAdmin(_Auditado[RegraCanal]):
    """Which channel on which competência. Switched off, not deleted: notes were issued by it. One that came with the
    product is only switched off and on: another date for it is given in Canais, Regras, and makes a new one."""

    campos, acao, nome, genero = CAMPOS_DA_REGRA, "regra_canal", "Regra de canal", "a"
    form = RegraCanalForm
    list_display = ["canal", "desde", "ate", "empresa", "municipio", "uf", "regime", "ativa", "do_guiche", "fundamento"]
    list_filter = ["canal", "ativa", "do_guiche", "regime", "uf"]
    list_select_related = ["empresa", "municipio"]
    autocomplete_fields = ["empresa", "municipio"]
    search_fields = ["fundamento", "empresa__busca", "municipio__busca"]

    def get_readonly_fields(self, request: HttpRequest, obj: RegraCanal | None = None) -> list[str]:
        if obj is None or not obj.do_guiche:
            return []
        return [campo for campo in CAMPOS_DA_REGRA if campo != "ativa"]


@admin.register(EmissorMunicipal)
class EmissorMunicipalAdmin(_Auditado[EmissorMunicipal]):
    """Where the notes of a município with an emitter of its own go. Switched off, not deleted."""

    campos, acao, nome, genero = CAMPOS_DO_EMISSOR, "emissor_municipal", "Emissor municipal", "o"
    form = EmissorMunicipalForm
    list_display = ["municipio", "sefin", "ativo", "fundamento"]
    list_filter = ["ativo"]
    list_select_related = ["municipio"]
    autocomplete_fields = ["municipio"]
    search_fields = ["municipio__busca", "sefin"]

    def get_readonly_fields(self, request: HttpRequest, obj: EmissorMunicipal | None = None) -> list[str]:
        return ["municipio"] if obj is not None else []  # its key: another município is another row


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


@admin.register(NumeroDeFora)
class NumeroDeForaAdmin(_DaEmpresa[NumeroDeFora]):
    list_display = ["empresa", "nacional", "serie", "numero"]
    list_filter = ["nacional"]


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

    list_display = ["municipio", "ativo", "emite", "lido_em", "falhou_em"]
    list_filter = ["ativo", "emite"]
    list_select_related = ["municipio"]
    search_fields = ["municipio__nome"]


@admin.register(ParametroMunicipal)
class ParametroMunicipalAdmin(SomenteLeitura[ParametroMunicipal]):
    """Read by *Testar* and *Ler de novo* of a canal of the national system, and before a pré-voo."""

    list_display = ["municipio", "tipo", "servico", "competencia", "lido_em", "falhou_em"]
    list_filter = ["tipo"]
    list_select_related = ["municipio"]
    search_fields = ["municipio__nome", "servico"]
    show_full_result_count = False


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
    list_display = ["identificador", "operacao_id", "endereco", "assinado_em"]
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
