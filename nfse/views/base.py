"""What the screens of tomadores, serviços and contratos share."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from comum.formatos import format_numero
from comum.listas import Filtro, Lista
from comum.permissoes import usuario_de
from comum.respostas import volta
from empresas.contexto import contexto_de
from empresas.models import Empresa
from empresas.services import CadastroRecusado
from nfse.services import cadastro


def empresa_do_contexto(request: HttpRequest) -> Empresa | None:
    return contexto_de(request).empresa


def empresa_pedida(request: HttpRequest) -> Empresa | None:
    """The empresa of a look-up or dialog (?empresa= or the field), among those of the user."""
    texto = (request.POST if request.method == "POST" else request.GET).get("empresa", "")
    if not (texto.isdecimal() and len(texto) < 19):
        return None
    return Empresa.objects.visiveis(usuario_de(request)).filter(pk=texto).first()


def desenhar_lista(request: HttpRequest, template: str, lista: Lista[Any], **contexto: Any) -> HttpResponse:
    parte = "#tabela" if request.htmx else ""  # type: ignore[attr-defined]
    rotulos = {rotulo: valor for rotulo, valor, _ in lista.filtros_ativos}
    filtros: list[tuple[Filtro, str]] = [(filtro, lista.valores.get(filtro.nome, "")) for filtro in lista.filtros]
    comum = {
        "lista": lista,
        "filtros": filtros,
        "municipio": (lista.valores.get("municipio", ""), rotulos.get("Município", "")),
        "so_uma": empresa_do_contexto(request) is not None,
    }
    return render(request, template + parte, comum | contexto)


def ativar(request: HttpRequest, linhas: QuerySet[Any], ativo: bool, lista: str) -> HttpResponse:
    opcoes = linhas.model._meta
    mudaram = cadastro.ativar(linhas, ativo, usuario_de(request))
    palavra = "ativado" if ativo else "inativado"
    if mudaram == 1:
        messages.success(request, f"1 {opcoes.verbose_name} {palavra}.")
    elif mudaram:
        messages.success(request, f"{format_numero(mudaram)} {opcoes.verbose_name_plural} {palavra}s.")
    else:
        messages.info(request, f"Nada a fazer: nenhum dos marcados precisava ser {palavra}.")
    return redirect(volta(request, reverse(lista)))


def gravado[M: Model](form: BaseForm, salvar: Callable[[], M]) -> M | None:
    """Save through a service; what it refuses becomes the error of its field. None when there is something to mend."""
    if not form.is_valid():
        return None
    try:
        return salvar()
    except CadastroRecusado as recusa:
        form.add_error(recusa.campo if recusa.campo in form.fields else None, recusa.mensagem)
        return None
