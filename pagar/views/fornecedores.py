"""Fornecedores: list, export, one by one, look-up and the dialog that includes one where it is needed."""

import json
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from comum.documentos import Invalido, documento
from comum.permissoes import opera
from comum.respostas import exportacao, lista_de_onde_veio
from nfse.views.base import desenhar_lista
from pagar.forms.cadastros import FornecedorForm, unica_conta
from pagar.listas import CABECALHO_FORNECEDORES, fornecedores_exportados, lista_de_fornecedores
from pagar.models import ContaErp, Fornecedor
from pagar.views.base import gravado

OPCOES = 20


@require_GET
def lista(request: HttpRequest) -> HttpResponse:
    return desenhar_lista(request, "pagar/fornecedor_list.html", lista_de_fornecedores(request.GET))


@require_GET
def exportar(request: HttpRequest) -> HttpResponseBase:
    """Everything of the list as it is filtered and sorted."""
    linhas = fornecedores_exportados(lista_de_fornecedores(request.GET).ordenada)
    return exportacao(request, "fornecedores", CABECALHO_FORNECEDORES, linhas)


@opera
@require_http_methods(["GET", "HEAD", "POST"])
def novo(request: HttpRequest) -> HttpResponse:
    return _editar(request, None)


@opera
@require_http_methods(["GET", "HEAD", "POST"])
def alterar(request: HttpRequest, fornecedor: int) -> HttpResponse:
    return _editar(request, get_object_or_404(Fornecedor.objects.select_related("conta", "municipio"), pk=fornecedor))


def _editar(request: HttpRequest, fornecedor: Fornecedor | None) -> HttpResponse:
    dados = request.POST if request.method == "POST" else None
    form, nome = FornecedorForm(dados, instance=fornecedor), str(fornecedor or "")
    if dados is not None and (salvo := gravado(request, form)) is not None:
        messages.success(request, f"Fornecedor {salvo} {'alterado' if fornecedor else 'incluído'}.")
        return redirect(lista_de_onde_veio(request, reverse("pagar:fornecedores")))
    contexto = {
        "form": form,
        "fornecedor": fornecedor,
        "nome": nome,
        "escolhas": form.textos(),
        "voltar": lista_de_onde_veio(request, reverse("pagar:fornecedores")),
    }
    return render(request, "pagar/fornecedor_form.html", contexto, status=422 if dados is not None else 200)


# -- look-up (F2) and including in place ------------------------------------------------------------------------------


def _conta(request: HttpRequest) -> ContaErp | None:
    """The account of a look-up or dialog (?conta=), else the only one there is."""
    texto = (request.POST if request.method == "POST" else request.GET).get("conta", "")
    try:
        return ContaErp.objects.filter(pk=UUID(texto)).first()
    except ValueError:
        return unica_conta() if not texto else None


@require_GET
def buscar(request: HttpRequest) -> HttpResponse:
    """Options among the active suppliers of one account (?conta=), by code, name or document."""
    conta, texto = _conta(request), request.GET.get("q", "").strip()[:200]
    achados: list[Fornecedor] = []
    if conta is not None:
        params = QueryDict(mutable=True)
        params.update({"q": texto, "situacao": "ativo"})
        achados = list(lista_de_fornecedores(params).ordenada.filter(conta=conta).select_related("municipio")[:OPCOES])
    return render(request, "pagar/opcoes.html", {"conta": conta, "texto": texto, "fornecedores": achados})


@opera
@require_http_methods(["GET", "HEAD", "POST"])
def dialogo(request: HttpRequest) -> HttpResponse:
    """Include a supplier without leaving the screen: once saved, the dialog closes and the look-up that asked (`alvo`,
    the id of its text field) has it chosen. What was typed there (`q`) begins the form."""
    dados = request.POST if request.method == "POST" else None
    iniciais = {"conta": _conta(request), **_do_texto(request.GET.get("q", "").strip()[:150])}
    form = FornecedorForm(dados, initial=iniciais, auto_id="fornecedor_%s")
    form.fields["nome" if "codigo" in iniciais else "codigo"].widget.attrs["autofocus"] = True
    alvo = (dados or request.GET).get("alvo", "")
    if dados is not None and (salvo := gravado(request, form)) is not None:
        if not request.htmx:  # type: ignore[attr-defined]
            messages.success(request, f"Fornecedor {salvo} incluído.")
            return redirect("pagar:fornecedores")
        eventos = {
            "lookup:escolher": {"alvo": alvo, "valor": str(salvo.pk), "rotulo": str(salvo)},
            "dialogo:fechar": "",
            "aviso": {"texto": f"Fornecedor {salvo} incluído.", "tom": "ok"},
        }
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(eventos)})
    contexto = {"form": form, "escolhas": form.textos(), "alvo": alvo}
    status = 422 if dados is not None else 200
    return render(request, "pagar/partials/fornecedor_dialogo.html", contexto, status=status)


def _do_texto(texto: str) -> dict[str, str]:
    """Where the text of a search belongs: a document, the code in the ERP, or the name."""
    if not texto:
        return {}
    if not isinstance(documento(texto), Invalido):
        return {"documento": texto}
    return {"codigo" if texto.isdecimal() and len(texto) < 10 else "nome": texto}
