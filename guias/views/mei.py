"""The MEI: the month's list and its actions, several months at once, months with a benefit, and the year of one MEI."""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_GET, require_POST

from arquivo.models import Documento
from comum.formatos import format_competencia, format_dinheiro
from comum.listas import Lista, campos_da_selecao, selecionados
from comum.permissoes import opera, usuario_de
from comum.respostas import lista_de_onde_veio
from credentials.models import Servico
from empresas.models import Empresa
from guias.calculo import mei as calculo
from guias.forms.mei import BeneficioForm, MesesForm
from guias.models import Consulta, Guia
from guias.services import mei, quadro_mei
from guias.services.acesso import sem_acesso
from guias.services.das import prazo_das
from guias.services.dia_de_pagar import dia_proposto
from guias.services.esperado_mei import Esperado, esperados
from guias.views.acoes import pedir
from guias.views.base import contexto_fiscal, de_volta, muda_o_resumo, nova_intencao

# What the list does to the marked ones at once, by the name in the address.
DIRETAS = {
    "das": mei.EMISSAO,
    "barras": mei.SO_BARRAS,
    "divida-ativa": mei.INSCRITOS,
    "ccmei": mei.PAPEL,
    "dados": mei.PERGUNTA,
    "cnpjs": mei.DO_CPF,
}


MAIS = [
    ("barras", "Só o código de barras"),
    ("divida-ativa", "Consultar a dívida ativa do ano"),
    ("ccmei", "Emitir o CCMEI (PDF)"),
    ("dados", "Consultar os dados do CCMEI"),
    ("cnpjs", "Consultar os CNPJs do responsável"),
]


@dataclass
class Linha:
    """One MEI of the list or one month of its page: what is expected beside what the Receita drew."""

    empresa: Empresa
    mes: date
    estado: str
    guia: Guia | None
    esperado: Esperado
    detalhe: str = ""
    url: str = ""
    diferencas: list[str] = field(default_factory=list)

    @property
    def rotulo(self) -> str:
        return quadro_mei.ESTADOS[self.estado][0]

    @property
    def tom(self) -> str:
        return quadro_mei.ESTADOS[self.estado][1]


def _lista(request: HttpRequest, params: QueryDict) -> Lista[QuerySet[Any]]:
    contexto, competencia = contexto_fiscal(request)
    lista = quadro_mei.lista(params, usuario_de(request), competencia)
    if contexto.empresa is not None:
        lista.base = lista.base.filter(pk=contexto.empresa.matriz_id or contexto.empresa.pk)
    return lista


def _marcadas(request: HttpRequest, competencia: date) -> QuerySet[Empresa]:
    base = quadro_mei.do_mei(usuario_de(request), competencia)
    marcadas = selecionados(request.POST, _lista(request, request.GET).base, lambda params: _lista(request, params))
    return base.filter(pk__in=marcadas.order_by().values("pk")).order_by("ordem", "pk")


@require_GET
def lista_do_mei(request: HttpRequest) -> HttpResponse:
    _, competencia = contexto_fiscal(request)
    lista = _lista(request, request.GET)
    prazo = prazo_das(competencia)
    totais: Any = SimpleLazyObject(lambda: quadro_mei.totais(lista.so("carteira")))
    return render(
        request,
        "guias/mei_list.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "linhas": _linhas(list(lista.pagina), competencia),
            "totais": totais,
            "muda_o_resumo": muda_o_resumo(request),
            "mais": MAIS,
            "competencia": competencia,
            "prazo": prazo,
            "dias": (prazo - timezone.localdate()).days,
        },
    )


def _linhas(pagina: list[Any], competencia: date) -> list[Linha]:
    guias = {g.pk: g for g in Guia.objects.filter(pk__in=[e.guia_pk for e in pagina if e.guia_pk])}
    com_beneficio = {(e.pk, competencia) for e in pagina if e.beneficio == "true"}
    da_tabela = esperados([(e, competencia) for e in pagina], com_beneficio)
    motivos = quadro_mei.motivos(pagina, competencia)
    linhas = []
    for empresa in pagina:
        linha = Linha(
            empresa, competencia, empresa.estado, guias.get(empresa.guia_pk), da_tabela[empresa.pk, competencia]
        )
        if motivo := motivos.get(empresa.pk):
            linha.detalhe, linha.url = motivo.detalhe, motivo.url
        _comparar(linha)
        linhas.append(linha)
    return linhas


def _comparar(linha: Linha) -> None:
    """What differs between the guia and what was expected, by tribute; a guia without composition tells its total."""
    guia, esperado = linha.guia, linha.esperado
    if guia is None or esperado.total is None:
        return
    if guia.composicao:
        linha.diferencas = calculo.explicar(esperado.tributos, calculo.tributos_de(guia.composicao))
    elif guia.principal != esperado.total:
        linha.diferencas = [
            f"O valor é {format_dinheiro(guia.principal)}, e o esperado {format_dinheiro(esperado.total)}: "
            "a guia não diz "
            "os tributos. Veja o PDF."
        ]


@require_POST
@opera
def agir(request: HttpRequest, o_que: str) -> HttpResponse:
    """The pré-voo of an action over the marked MEIs, and its run."""
    if o_que not in DIRETAS:
        raise Http404
    _, competencia = contexto_fiscal(request)
    return pedir(
        request,
        DIRETAS[o_que],
        _marcadas(request, competencia),
        competencia,
        via_nova=request.POST.get("via_nova") == "1",
        parametros=_parametros(request),
        voltar=reverse("guias:mei"),
    )


def _parametros(request: HttpRequest) -> dict[str, str]:
    """What travels from the steps to the confirmation, in the shapes that the intents read."""
    formas = {
        "meses": r"\d{6}(,\d{6})*",
        "pagar_em": r"\d{4}-\d{2}-\d{2}",
        "ano": r"20\d{2}",
        "marcar": "[01]",
        "intencao": "[0-9a-f]{16}",
        "via_nova": "1",
    }
    return {
        nome: valor
        for nome, forma in formas.items()
        if re.fullmatch(forma, valor := request.POST.get(nome, ""), re.ASCII)
    }


@require_POST
@opera
def varios_meses(request: HttpRequest) -> HttpResponse:
    """First the months, then the pré-voo of the DAS-MEI of each of them."""
    _, competencia = contexto_fiscal(request)
    voltar = reverse("guias:mei")
    if "marca" in request.POST:
        acao = mei.SO_BARRAS if request.POST.get("o_que") == "barras" else mei.EMISSAO
        parametros = _parametros(request) | {"o_que": request.POST.get("o_que", "")}
        return pedir(request, acao, _marcadas(request, competencia), competencia, parametros=parametros, voltar=voltar)
    form = MesesForm(request.POST if "de" in request.POST else None, initial=_sugeridos(competencia))
    if not form.is_bound or not form.is_valid():
        return _passo(request, "guias/mei_meses.html", form, competencia)
    parametros = {"meses": mei.em_texto(form.meses()), "o_que": form.cleaned_data["o_que"]}
    if dia := form.cleaned_data["pagar_em"]:
        parametros["pagar_em"] = dia.isoformat()
    acao = mei.SO_BARRAS if parametros["o_que"] == "barras" else mei.EMISSAO
    return pedir(request, acao, _marcadas(request, competencia), competencia, parametros=parametros, voltar=voltar)


def _sugeridos(competencia: date) -> dict[str, Any]:
    return {
        "de": format_competencia(competencia.replace(month=1)),
        "ate": format_competencia(competencia),
        "pagar_em": dia_proposto(timezone.localdate()),
    }


@require_POST
@opera
def beneficio(request: HttpRequest) -> HttpResponse:
    """First the months and whether they had a benefit, then the pré-voo."""
    _, competencia = contexto_fiscal(request)
    parametros = _parametros(request)
    if "marca" not in request.POST:
        form = BeneficioForm(request.POST if "ano" in request.POST else None, competencia=competencia)
        if not form.is_bound or not form.is_valid():
            return _passo(request, "guias/mei_beneficio.html", form, competencia)
        parametros = {
            "meses": mei.em_texto(form.meses()),
            "marcar": form.cleaned_data["marcar"],
            "intencao": parametros.get("intencao", ""),
        }
    if not parametros.get("intencao"):
        messages.error(request, "O pedido veio incompleto e nada foi enviado. Marque as empresas e peça de novo.")
        return de_volta(request, "guias:mei")
    return pedir(
        request,
        mei.MARCAR,
        _marcadas(request, competencia),
        competencia,
        parametros=parametros,
        voltar=reverse("guias:mei"),
    )


def _passo(request: HttpRequest, template: str, form: Any, competencia: date) -> HttpResponse:
    marcadas = _marcadas(request, competencia)
    quantas = marcadas.count()
    if not quantas:
        messages.error(request, "Nenhuma empresa marcada. Marque as empresas e peça de novo.")
        return de_volta(request, "guias:mei")
    voltar = lista_de_onde_veio(request, reverse("guias:mei"))
    return render(
        request,
        template,
        {
            "form": form,
            "quantas": quantas,
            "primeiras": marcadas[:5],
            "selecao": [*campos_da_selecao(request.POST), ("next", voltar)],
            "intencao": nova_intencao(),
            "voltar": voltar,
        },
        status=422 if form.is_bound else 200,
    )


@require_GET
def ver(request: HttpRequest, pk: int) -> HttpResponse:
    """The year of one MEI, and what the Receita last told of it."""
    usuario = usuario_de(request)
    _, competencia = contexto_fiscal(request)
    empresa = get_object_or_404(Empresa.objects.visiveis(usuario).select_related("cnae"), pk=pk)
    ultimas = {
        consulta.servico.partition("/")[2]: consulta
        for consulta in Consulta.objects.filter(
            empresa=empresa, servico__regex="^(PGMEI|CCMEI)/", chave__in=["", str(competencia.year)]
        )
        .ultimas()
        .select_related("documento")
    }
    acesso = sem_acesso(Servico.MEI, [empresa], competencia).get(empresa.pk)
    return render(
        request,
        "guias/mei_detail.html",
        {
            "empresa": empresa,
            "ano": competencia.year,
            "competencia": competencia,
            "meses": _do_ano(request, empresa, competencia),
            "divida": ultimas.get("DIVIDAATIVA24"),
            "debitos": _debitos(ultimas.get("DIVIDAATIVA24")),
            "ccmei": ultimas.get("DADOSCCMEI122"),
            "cnpjs": ultimas.get("CCMEISITCADASTRAL123"),
            "certificados": Documento.objects.filter(empresa=empresa, tipo=Documento.Tipo.CCMEI).order_by("-criado_em")[
                :5
            ],
            "impedimento": acesso.motivo if acesso else "",
            "voltar": lista_de_onde_veio(request, reverse("guias:mei")),
        },
    )


def _debitos(consulta: Consulta | None) -> list[dict[str, Any]]:
    return [
        {**debito, "mes": date.fromisoformat(debito["competencia"]), "valor": Decimal(debito["valor"])}
        for debito in (consulta.resposta["debitos"] if consulta else [])
    ]


def _do_ano(request: HttpRequest, empresa: Empresa, competencia: date) -> list[Linha]:
    """The months of the year of the competência, up to the present one, in which it was MEI."""
    hoje = timezone.localdate()
    linhas = []
    for mes in (competencia.replace(month=n) for n in range(1, 13)):
        if mes > hoje:
            break
        do_mes = quadro_mei.quadro(usuario_de(request), mes).filter(pk=empresa.pk).select_related("cnae")
        linhas += _linhas(list(do_mes), mes)
    return linhas
