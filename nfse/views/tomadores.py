"""Tomadores: list, export, one by one, look-up and the dialog that creates one where it is needed."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from comum.documentos import Invalido, documento
from comum.listas import Lista, a_exportar, enderecos, selecionados
from comum.permissoes import opera, usuario_de
from comum.respostas import exportacao, lista_de_onde_veio
from empresas.models import Empresa
from nfse.forms import TomadorForm
from nfse.forms.contratos import rotulo_do_tomador
from nfse.listas import CABECALHO_TOMADORES, CelulasTomador, lista_de_tomadores, tomadores_exportados
from nfse.models import Nota, Tomador
from nfse.models.cadastro import TomadorQuerySet
from nfse.paises import nome_do_pais
from nfse.services import identidade
from nfse.services.tomadores import faltas_do_endereco, salvar_tomador
from nfse.views.base import ativar, desenhar_lista, empresa_do_contexto, empresa_pedida, gravado

OPCOES = 20


# -- list and what is done to many ------------------------------------------------------------------------------------


def _lista(request: HttpRequest, params: QueryDict) -> Lista[TomadorQuerySet]:
    return lista_de_tomadores(params, usuario_de(request), empresa_do_contexto(request))


@require_GET
def lista(request: HttpRequest) -> HttpResponse:
    tomadores = _lista(request, request.GET)
    endereco = enderecos("nfse:tomador")
    linhas = [(*CelulasTomador.de(t), endereco(t.pk), t) for t in tomadores.pagina]
    return desenhar_lista(request, "nfse/tomador_list.html", tomadores, linhas=linhas)


def _marcados(request: HttpRequest) -> TomadorQuerySet:
    visiveis = Tomador.objects.visiveis(usuario_de(request))
    return selecionados(request.POST, visiveis, lambda params: _lista(request, params))


@require_POST
def exportar(request: HttpRequest) -> HttpResponseBase:
    tomadores = a_exportar(request, lambda params: _lista(request, params), _marcados, "ordem", "pk")
    return exportacao(request, "tomadores", CABECALHO_TOMADORES, tomadores_exportados(tomadores))


@require_POST
@opera
def ativar_marcados(request: HttpRequest) -> HttpResponse:
    return ativar(request, _marcados(request), True, "nfse:tomadores")


@require_POST
@opera
def inativar_marcados(request: HttpRequest) -> HttpResponse:
    return ativar(request, _marcados(request), False, "nfse:tomadores")


# -- one tomador ------------------------------------------------------------------------------------------------------


@require_GET
def ver(request: HttpRequest, pk: int) -> HttpResponse:
    visiveis = Tomador.objects.visiveis(usuario_de(request)).select_related("empresa", "municipio")
    tomador = get_object_or_404(visiveis, pk=pk)
    notas = Nota.objects.filter(tomador=tomador)
    contexto = {
        "tomador": tomador,
        "volta": lista_de_onde_veio(request, reverse("nfse:tomadores")),
        "pais": nome_do_pais(tomador.pais),
        "faltas": faltas_do_endereco(tomador),
        "contratos": list(tomador.contratos.select_related("servico").order_by("-ativo", "-de")),
        "canais": identidade.do_tomador(tomador),
        "notas": notas.exclude(situacao__in=Nota.EDITAVEIS).count(),
        "rascunhos": notas.filter(situacao__in=Nota.EDITAVEIS).count(),
    }
    return render(request, "nfse/tomador_detail.html", contexto)


@opera
def novo(request: HttpRequest) -> HttpResponse:
    return _editar(request, None)


@opera
def alterar(request: HttpRequest, pk: int) -> HttpResponse:
    visiveis = Tomador.objects.visiveis(usuario_de(request)).select_related("empresa")
    return _editar(request, get_object_or_404(visiveis, pk=pk))


def _editar(request: HttpRequest, tomador: Tomador | None) -> HttpResponse:
    usuario = usuario_de(request)
    dados = request.POST if request.method == "POST" else None
    iniciais = {"empresa": empresa_do_contexto(request)} if tomador is None else None
    form = TomadorForm(dados, instance=tomador, usuario=usuario, initial=iniciais)
    existia = form.altera
    if dados is not None:
        salvo = gravado(form, lambda: salvar_tomador(tomador=form.instance, usuario=usuario))
        if salvo is not None:
            _dizer_gravado(request, salvo, existia)
            return redirect(salvo)
    contexto = {"form": form, "existia": existia, "escolhas": form.textos(), "tomador": tomador}
    return render(request, "nfse/tomador_form.html", contexto, status=422 if dados is not None else 200)


def _aviso_do_endereco(tomador: Tomador) -> str:
    faltas = faltas_do_endereco(tomador)
    if not faltas:
        return ""
    falta = " e ".join([", ".join(faltas[:-1]), faltas[-1]] if len(faltas) > 1 else faltas)
    return f"Endereço incompleto, falta {falta}: complete-o antes de emitir notas para este tomador."


def _dizer_gravado(request: HttpRequest, tomador: Tomador, existia: bool) -> None:
    messages.success(request, f"Tomador {tomador} {'alterado' if existia else 'incluído'}.")
    if aviso := _aviso_do_endereco(tomador):
        messages.warning(request, aviso)


# -- look-up (F2) and creating in place -------------------------------------------------------------------------------


@require_GET
def procurar(request: HttpRequest) -> HttpResponse:
    """Options among the active tomadores of one empresa (?empresa=), by name or document, exact document first."""
    empresa = empresa_pedida(request)
    texto = request.GET.get("q", "").strip()[:200]
    contexto: dict[str, Any] = {"empresa": empresa, "texto": texto}
    if empresa is not None:
        contexto["tomadores"] = [(t, rotulo_do_tomador(t)) for t in _achados(request, empresa, texto)]
    return render(request, "nfse/opcoes.html#tomadores", contexto)


def _achados(request: HttpRequest, empresa: Empresa, texto: str) -> list[Tomador]:
    usuario = usuario_de(request)
    doc = documento(texto) if texto else None
    if isinstance(doc, str):
        exato = Tomador.objects.filter(empresa=empresa, documento=doc, ativo=True).select_related("municipio")
        if achado := list(exato):
            return achado
    params = QueryDict(mutable=True)
    params.update({"q": texto, "situacao": "ativo"})
    return list(lista_de_tomadores(params, usuario, empresa).primeiras[:OPCOES])


@opera
def dialogo(request: HttpRequest) -> HttpResponse:
    """Create a tomador without leaving the screen: once saved, the dialog closes and the look-up that asked (`alvo`,
    the id of its text field) has it chosen. What was typed there (`q`) begins the form."""
    empresa = empresa_pedida(request)
    if empresa is None:
        return HttpResponseBadRequest("Escolha antes a empresa.", content_type="text/plain; charset=utf-8")
    usuario = usuario_de(request)
    dados = request.POST if request.method == "POST" else None
    iniciais = {"empresa": empresa, **_do_texto(request.GET.get("q", "").strip()[:150])}
    form = TomadorForm(dados, usuario=usuario, initial=iniciais, auto_id="tomador_%s")
    if dados is None:
        form.fields["nome" if "documento" in iniciais else "documento"].widget.attrs["autofocus"] = True
    else:
        salvo = gravado(form, lambda: salvar_tomador(tomador=form.instance, usuario=usuario))
        if salvo is not None:
            return _escolhido(request, salvo, dados.get("alvo", ""))
    alvo = (dados or request.GET).get("alvo", "")
    contexto = {"form": form, "empresa": empresa, "escolhas": form.textos(), "alvo": alvo}
    status = 422 if dados is not None else 200
    return render(request, "nfse/partials/tomador_dialogo.html", contexto, status=status)


def _do_texto(texto: str) -> dict[str, str]:
    """Where the text of a search belongs: digits in the document, anything else in the name."""
    if not texto:
        return {}
    parece = not isinstance(documento(texto), Invalido) or sum(map(str.isdigit, texto)) > len(texto) // 2
    return {"documento" if parece else "nome": texto}


def _escolhido(request: HttpRequest, tomador: Tomador, alvo: str) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        _dizer_gravado(request, tomador, existia=False)
        return redirect(tomador)
    aviso = _aviso_do_endereco(tomador)
    eventos = {
        "lookup:escolher": {"alvo": alvo, "valor": str(tomador.pk), "rotulo": rotulo_do_tomador(tomador)},
        "dialogo:fechar": "",
        "aviso": {"texto": f"Tomador {tomador} incluído. {aviso}".strip(), "tom": "atencao" if aviso else "ok"},
    }
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(eventos)})
