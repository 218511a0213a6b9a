from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comum.permissoes import usuario_de
from credentials.services import passos
from empresas.contexto import contexto_de
from painel import services
from painel.passos_notas import passos_de_notas
from painel.passos_pagar import passos_de_pagar
from painel.validades import a_vencer, avisos, dar_ciencia


@require_safe
@never_cache
def inicio(request: HttpRequest) -> HttpResponse:
    usuario = usuario_de(request)
    itens = passos.passos(usuario)
    das_notas = passos_de_notas(usuario)
    if das_notas[0].feito:  # an office that issues no notes is not asked to go on
        itens += das_notas
    de_pagar = passos_de_pagar(usuario)
    if de_pagar[0].feito:
        itens += de_pagar
    contexto = contexto_de(request)
    return render(
        request,
        "painel/inicio.html",
        {
            "quadro": services.quadro(usuario, contexto.competencia, contexto.empresa),
            "processamentos": services.recentes(usuario, contexto.empresa),
            "passos_feitos": sum(item.feito for item in itens),
            "passos_total": len(itens),
            "validades": avisos(usuario),
        },
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
