from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comum.models import Usuario
from comum.permissoes import usuario_de
from comum.respostas import exportacao
from credentials.services import passos
from empresas.contexto import contexto_de
from painel import services
from painel.celulas import OBRIGACOES
from painel.leitura import fotografia
from painel.linhas import linhas_do_painel
from painel.lista import CABECALHO, linhas_exportadas, lista_do_painel
from painel.passos_notas import passos_de_notas
from painel.passos_pagar import passos_de_pagar
from painel.validades import a_vencer, avisos, dar_ciencia

_FEITOS_S = 600


@require_safe
@never_cache
def inicio(request: HttpRequest) -> HttpResponse:
    """The cockpit of the competência; to htmx, its grid alone."""
    usuario, contexto = usuario_de(request), contexto_de(request)
    foto = fotografia(usuario, contexto.competencia, contexto.empresa)
    lista = lista_do_painel(request.GET, usuario, contexto, foto)
    tela = {
        "lista": lista,
        "linhas": linhas_do_painel(lista.pagina, contexto.competencia, foto, usuario),
        "obrigacoes": [(nome, obrigacao.rotulo) for nome, obrigacao in OBRIGACOES.items()],
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "painel/inicio.html#tabela", tela)
    feitos, todos = _primeiros_passos(usuario)
    return render(
        request,
        "painel/inicio.html",
        tela
        | {
            "quadro": services.quadro(usuario, contexto, foto),
            "risco": foto.risco,
            "guias": foto.guias,
            "processamentos": services.recentes(usuario, contexto.empresa),
            "passos_feitos": feitos,
            "passos_total": todos,
            "validades": avisos(usuario),
        },
    )


def _primeiros_passos(usuario: Usuario) -> tuple[int, int]:
    """How many are done, and of how many. Once all are, they are not looked at again for a while."""
    chave = f"primeiros-passos:{usuario.pk}"
    if todos := cache.get(chave):
        return todos, todos
    itens = passos.passos(usuario)
    das_notas = passos_de_notas(usuario)
    if das_notas[0].feito:  # an office that issues no notes is not asked to go on
        itens += das_notas
    de_pagar = passos_de_pagar(usuario)
    if de_pagar[0].feito:
        itens += de_pagar
    feitos = sum(item.feito for item in itens)
    if feitos == len(itens):
        cache.set(chave, feitos, _FEITOS_S)
    return feitos, len(itens)


@require_safe
def exportar(request: HttpRequest) -> HttpResponseBase:
    """The grid as it is filtered and sorted, each state in words."""
    usuario, contexto = usuario_de(request), contexto_de(request)
    foto = fotografia(usuario, contexto.competencia, contexto.empresa)
    lista = lista_do_painel(request.GET, usuario, contexto, foto)
    return exportacao(
        request, f"painel-{contexto.competencia:%Y-%m}", CABECALHO, linhas_exportadas(lista.ordenada, foto)
    )


@require_safe
def validades(request: HttpRequest) -> HttpResponse:
    """What ended or ends within sixty days."""
    return render(request, "painel/validades.html", {"validades": a_vencer(usuario_de(request))})


@require_POST
def ciente(request: HttpRequest) -> HttpResponse:
    if not dar_ciencia(usuario_de(request), request.POST.get("item", "")):
        messages.info(request, "Este aviso já não existe: o que vencia foi renovado.")
    return redirect("inicio")


@require_http_methods(["GET", "HEAD", "POST"])
def primeiros_passos(request: HttpRequest) -> HttpResponse:
    usuario = usuario_de(request)
    if request.method == "POST":
        try:
            passos.confirmar(request.POST.get("passo", ""), usuario, feito=request.POST.get("feito") == "1")
        except KeyError as error:
            raise Http404("Passo desconhecido.") from error
        messages.success(request, "Passo atualizado.")
        return redirect("primeiros_passos")
    grupos = [
        ("", passos.passos(usuario)),
        ("Notas de serviço", passos_de_notas(usuario)),
        ("Contas a pagar", passos_de_pagar(usuario)),
    ]
    return render(request, "painel/primeiros_passos.html", {"grupos": grupos})
