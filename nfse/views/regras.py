"""*Regras e datas*: the rules of channel, another date for one, and whom a date concerns (*Simular data*)."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comum.documentos import Invalido
from comum.formatos import format_competencia, parse_competencia
from comum.listas import Lista, selecionados
from comum.permissoes import administra, usuario_de
from comum.respostas import exportacao
from empresas.calendario import somar_meses
from empresas.contexto import contexto_de
from empresas.models import Empresa
from empresas.models.cadastro import EmpresaQuerySet
from nfse.forms.regras import OutraDataForm
from nfse.lista_regras import lista_de_regras, regras_visiveis
from nfse.lista_simulacao import (
    FALTAM,
    MUDAM,
    TODAS,
    cabecalho,
    empresas_da_simulacao,
    linhas_exportadas,
    lista_da_simulacao,
)
from nfse.models import RegraCanal
from nfse.services.datas import RegraErro, mudar_data
from nfse.services.simulacao import Datas, Simulacao, datas_padrao
from nfse.views.base import desenhar_lista
from nfse.views.base_canais import enviado


@require_GET
@never_cache
def simular(request: HttpRequest) -> HttpResponse:
    datas, erros = _datas(request.GET)
    simulacao = _simulacao(request, datas)
    lista = _lista(request, request.GET, simulacao)
    faltam = sum(not simulacao.situacoes[pk].pronta for pk in simulacao.mudam)
    abas = [
        (MUDAM, "Mudam de canal", len(simulacao.mudam)),
        (FALTAM, "Mudam e falta algo", faltam),
        (TODAS, "Todas as ativas", len(simulacao.situacoes)),
    ]
    pedida = request.GET.get("aba", "")
    return desenhar_lista(
        request,
        "nfse/simular.html",
        lista,
        linhas=[(empresa, simulacao.situacoes[empresa.pk]) for empresa in lista.pagina],
        datas=datas,
        erros=erros,
        abas=abas,
        aba=pedida if pedida in (FALTAM, TODAS) else MUDAM,
        faltam=faltam,
        resumo=simulacao.resumo,
        regras=_que_comecam(request, datas),
    )


@require_POST
def simular_exportar(request: HttpRequest) -> HttpResponseBase:
    """The marked rows, or with ?todas=1 everything of the list as it is filtered and sorted (field `lista`)."""
    params = QueryDict(request.POST.get("lista", ""))
    simulacao = _simulacao(request, _datas(params)[0])
    if request.GET.get("todas") == "1":
        linhas = _lista(request, params, simulacao).ordenada
    else:
        visiveis = Empresa.objects.visiveis(usuario_de(request))
        marcadas = selecionados(request.POST, visiveis, lambda filtro: _lista(request, filtro, simulacao))
        linhas = marcadas.order_by("ordem", "pk")
    nome = f"canais-em-{simulacao.datas.para:%Y-%m}"
    return exportacao(request, nome, cabecalho(simulacao.datas), linhas_exportadas(linhas, simulacao))


def _datas(params: QueryDict) -> tuple[Datas, dict[str, str]]:
    """What the address asks for; a date that cannot be read is told, and the usual one stands in its place."""
    padrao, erros = datas_padrao(timezone.localdate()), {}
    pedidas: dict[str, date] = {}
    for nome in ("de", "para"):
        if texto := params.get(nome, "").strip():
            lida = parse_competencia(texto)
            if isinstance(lida, Invalido):
                erros[nome] = lida.mensagem
            else:
                pedidas[nome] = lida
    return Datas(pedidas.get("de", padrao.de), pedidas.get("para", padrao.para)), erros


def _simulacao(request: HttpRequest, datas: Datas) -> Simulacao:
    return Simulacao(empresas_da_simulacao(usuario_de(request), contexto_de(request).empresa), datas)


def _lista(request: HttpRequest, params: QueryDict, simulacao: Simulacao) -> Lista[EmpresaQuerySet]:
    return lista_da_simulacao(params, usuario_de(request), contexto_de(request).empresa, simulacao)


def _que_comecam(request: HttpRequest, datas: Datas) -> list[RegraCanal]:
    """The rules that begin after the first competência and up to the second: why something changes."""
    antes, depois = sorted((datas.de, datas.para))
    ativas = regras_visiveis(usuario_de(request)).filter(ativa=True, empresa=None, desde__gt=antes, desde__lte=depois)
    return list(ativas.order_by("desde", "pk")[:5])


# -- the rules --------------------------------------------------------------------------------------------------------


@require_GET
def regras(request: HttpRequest) -> HttpResponse:
    lista = lista_de_regras(request.GET, usuario_de(request))
    return desenhar_lista(request, "nfse/regras.html", lista, mes=timezone.localdate().replace(day=1))


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def regra_data(request: HttpRequest, pk: int) -> HttpResponse:
    regra = get_object_or_404(RegraCanal.objects.select_related("empresa", "municipio"), pk=pk)
    if not regra.ativa:
        messages.info(request, f"A regra {regra} não está mais ativa: alguém já mudou a data, ou a desativou.")
        return redirect("nfse:regras")
    form = OutraDataForm(*enviado(request), initial={"desde": regra.desde, "ate": regra.ate})
    if request.method == "POST" and form.is_valid():
        try:
            nova = mudar_data(regra, usuario=usuario_de(request), **form.cleaned_data)
        except RegraErro as erro:
            form.add_error(erro.campo or None, str(erro))
        else:
            desde = format_competencia(nova.desde)
            messages.success(request, f"Agora {nova.get_canal_display()} vale desde {desde}. Veja abaixo quem muda.")
            return redirect(f"{reverse('nfse:simular')}?{_em_volta(regra, nova)}")
    status = 422 if form.errors else 200
    return render(request, "nfse/regra_data.html", {"regra": regra, "form": form}, status=status)


def _em_volta(antes: RegraCanal, depois: RegraCanal) -> str:
    """The months before and from the later of the two dates on."""
    ultima = max(antes.desde, depois.desde)
    anterior = somar_meses(ultima, -1)
    params = QueryDict(mutable=True)
    params.update({"de": format_competencia(anterior), "para": format_competencia(ultima)})
    return params.urlencode()
