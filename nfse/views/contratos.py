"""Recurring contracts: list, export, one by one, and the reajuste of one or of many."""

from decimal import Decimal

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from comum.contagens import enquanto_nada_muda
from comum.formatos import contar, format_competencia, format_numero, format_percentual
from comum.listas import Lista, a_exportar, campos_da_selecao, selecionados
from comum.permissoes import opera, usuario_de
from comum.respostas import exportacao, lista_de_onde_veio, volta
from empresas.contexto import contexto_de
from empresas.services import CadastroRecusado
from nfse.forms import ContratoForm, ReajusteForm
from nfse.listas import CABECALHO_CONTRATOS, contratos_exportados, lista_de_contratos
from nfse.models import Contrato, Tomador
from nfse.models.cadastro import ContratoQuerySet
from nfse.services.contratos import data_de_emissao, reajustar, salvar_contrato
from nfse.services.descricao import MESES, montar_descricao
from nfse.views.base import ativar, desenhar_lista, empresa_do_contexto, gravado

MAXIMO = 2000  # one transaction each, while somebody waits
_DITAS = 10  # refusals told one by one; the rest are counted


def _lista(request: HttpRequest, params: QueryDict) -> Lista[ContratoQuerySet]:
    contexto = contexto_de(request)
    return lista_de_contratos(params, usuario_de(request), contexto.empresa, contexto.competencia)


@require_GET
def lista(request: HttpRequest) -> HttpResponse:
    contratos = _lista(request, request.GET)
    competencia = contexto_de(request).competencia
    devidos = contratos.base.com_reajuste_devido(competencia)
    return desenhar_lista(
        request,
        "nfse/contrato_list.html",
        contratos,
        linhas=[(c, c.get_absolute_url(), _reajuste(c)) for c in contratos.pagina],
        competencia=competencia,
        soma=_soma(contratos.consulta, competencia),
        reajustes=enquanto_nada_muda(devidos, "quantas", devidos.count),
    )


def _soma(consulta: ContratoQuerySet, competencia: object) -> tuple[int, Decimal]:
    """How many of the list are in force, and what they bring in a month."""
    vigentes = consulta.vigentes(competencia)  # type: ignore[arg-type]

    def somar() -> tuple[int, Decimal]:
        achado = vigentes.order_by().aggregate(total=Sum("valor"))
        return vigentes.count(), achado["total"] or Decimal(0)

    return enquanto_nada_muda(vigentes, "soma", somar)


def _reajuste(contrato: Contrato) -> str:
    proximo = contrato.proximo_reajuste
    return f"{format_competencia(proximo)} {contrato.indice}".strip() if proximo else ""


def _marcados(request: HttpRequest) -> ContratoQuerySet:
    visiveis = Contrato.objects.visiveis(usuario_de(request))
    return selecionados(request.POST, visiveis, lambda params: _lista(request, params))


@require_POST
def exportar(request: HttpRequest) -> HttpResponseBase:
    contratos = a_exportar(request, lambda params: _lista(request, params), _marcados, "ordem", "pk")
    return exportacao(request, "contratos", CABECALHO_CONTRATOS, contratos_exportados(contratos))


@require_POST
@opera
def ativar_marcados(request: HttpRequest) -> HttpResponse:
    return ativar(request, _marcados(request), True, "nfse:contratos")


@require_POST
@opera
def inativar_marcados(request: HttpRequest) -> HttpResponse:
    return ativar(request, _marcados(request), False, "nfse:contratos")


# -- one contrato -----------------------------------------------------------------------------------------------------


@require_GET
def ver(request: HttpRequest, pk: str) -> HttpResponse:
    visiveis = Contrato.objects.visiveis(usuario_de(request)).select_related("empresa", "tomador", "servico")
    contrato = get_object_or_404(visiveis, pk=pk)
    competencia = contexto_de(request).competencia
    proximo = contrato.proximo_reajuste
    contexto = {
        "contrato": contrato,
        "volta": lista_de_onde_veio(request, reverse("nfse:contratos")),
        "competencia": competencia,
        "vigente": Contrato.objects.vigentes(competencia).filter(pk=contrato.pk).exists(),
        "valor": contrato.valor_na(competencia),
        "emissao": data_de_emissao(contrato, competencia),
        "descricao": montar_descricao(contrato.descricao or contrato.servico.descricao, competencia),
        "mes_do_reajuste": MESES[contrato.mes_do_reajuste - 1] if contrato.mes_do_reajuste else "",
        "proximo": proximo,
        "devido": contrato.ativo and proximo is not None and proximo <= competencia,
        "notas": contrato.notas.count(),
    }
    return render(request, "nfse/contrato_detail.html", contexto)


@opera
def novo(request: HttpRequest) -> HttpResponse:
    return _editar(request, None)


@opera
def alterar(request: HttpRequest, pk: str) -> HttpResponse:
    visiveis = Contrato.objects.visiveis(usuario_de(request)).select_related("empresa", "tomador", "servico")
    return _editar(request, get_object_or_404(visiveis, pk=pk))


def _editar(request: HttpRequest, contrato: Contrato | None) -> HttpResponse:
    usuario = usuario_de(request)
    dados = request.POST if request.method == "POST" else None
    form = ContratoForm(dados, instance=contrato, usuario=usuario, initial=_iniciais(request, contrato))
    existia = form.altera
    if dados is not None:
        salvo = gravado(form, lambda: salvar_contrato(contrato=form.instance, usuario=usuario))
        if salvo is not None:
            messages.success(request, f"Contrato de {salvo} {'alterado' if existia else 'incluído'}.")
            return redirect(salvo)
    contexto = {"form": form, "existia": existia, "escolhas": form.textos(), "contrato": contrato}
    return render(request, "nfse/contrato_form.html", contexto, status=422 if dados is not None else 200)


def _iniciais(request: HttpRequest, contrato: Contrato | None) -> dict[str, object]:
    """A contrato may be started from its tomador (?tomador=)."""
    if contrato is not None:
        return {}
    texto = request.GET.get("tomador", "")
    if texto.isdecimal() and len(texto) < 19:
        tomador = Tomador.objects.visiveis(usuario_de(request)).filter(pk=texto).first()
        if tomador is not None:
            return {"empresa": tomador.empresa_id, "tomador": tomador.pk}
    return {"empresa": empresa_do_contexto(request)}


# -- reajuste ---------------------------------------------------------------------------------------------------------


@require_POST
@opera
def reajuste(request: HttpRequest) -> HttpResponse:
    """Dialog in two steps: `escolher` asks for the percentage of the marked contratos, the second post applies it. Each
    one is adjusted or refused alone."""
    marcados = _marcados(request)
    if "escolher" in request.POST:
        return _dialogo_do_reajuste(
            request, marcados, ReajusteForm(initial={"desde": contexto_de(request).competencia})
        )
    form = ReajusteForm(request.POST)
    if form.is_valid() and marcados.count() > MAXIMO:
        form.add_error(None, f"São muitos de uma vez: marque até {format_numero(MAXIMO)}. Nada foi reajustado.")
    if not form.is_valid():
        return _dialogo_do_reajuste(request, marcados, form, status=422)
    percentual, desde = form.cleaned_data["percentual"], form.cleaned_data["desde"]
    feitos, recusas = 0, []
    for contrato in marcados.select_related("tomador", "servico").order_by("pk"):
        try:
            reajustar(contrato, percentual, desde, usuario_de(request))
            feitos += 1
        except CadastroRecusado as recusa:
            recusas.append(f"{contrato}: {recusa.mensagem}")
    _dizer_reajuste(request, feitos, recusas, f"em {format_percentual(percentual)} desde {format_competencia(desde)}")
    destino = volta(request, reverse("nfse:contratos"))
    return HttpResponseClientRedirect(destino) if request.htmx else redirect(destino)  # type: ignore[attr-defined]


def _dizer_reajuste(request: HttpRequest, feitos: int, recusas: list[str], como: str) -> None:
    if feitos:
        quantos = contar(feitos, "contrato reajustado", "contratos reajustados")
        messages.success(request, f"{quantos} {como}.")
    for recusa in recusas[:_DITAS]:
        messages.warning(request, f"Não reajustado: {recusa}")
    if (resto := len(recusas) - _DITAS) > 0:
        messages.warning(request, f"E mais {contar(resto, 'contrato', 'contratos')}: o valor deles ficou como estava.")
    if not feitos and not recusas:
        messages.info(request, "Nada a fazer: nenhum contrato marcado.")


def _dialogo_do_reajuste(
    request: HttpRequest, marcados: ContratoQuerySet, form: ReajusteForm, status: int = 200
) -> HttpResponse:
    contexto = {
        "form": form,
        "quantos": marcados.count(),
        "primeiros": marcados.select_related("tomador").order_by("ordem", "pk")[:5],
        "selecao": campos_da_selecao(request.POST),
        "next": request.POST.get("next", ""),
    }
    return render(request, "nfse/contrato_reajuste.html", contexto, status=status)
