"""What the screens of suppliers and of the mapping tables share."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from comum.listas import Lista
from comum.permissoes import usuario_de
from empresas.services import CadastroRecusado
from pagar.forms.cadastros import FormDoCadastro
from pagar.services import cadastro


def desenhar_lista(request: HttpRequest, template: str, lista: Lista[Any], **contexto: Any) -> HttpResponse:
    parte = "#tabela" if request.htmx else ""  # type: ignore[attr-defined]
    rotulos = {rotulo: valor for rotulo, valor, _ in lista.filtros_ativos}
    comum = {
        "lista": lista,
        "filtros": [(filtro, lista.valores.get(filtro.nome, "")) for filtro in lista.filtros],
        "municipio": (lista.valores.get("municipio", ""), rotulos.get("Município", "")),
    }
    return render(request, template + parte, comum | contexto)


def gravado[M: Model](request: HttpRequest, form: FormDoCadastro[M]) -> M | None:
    """Save what the form says; what is refused becomes its error. None when there is something to mend."""
    if not form.is_valid():
        return None
    try:
        cadastro.gravar(objeto=form.instance, usuario=usuario_de(request))
    except CadastroRecusado as recusa:
        form.add_error(recusa.campo if recusa.campo in form.fields else None, recusa.mensagem)
        return None
    return form.instance
