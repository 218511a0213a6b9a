"""What the screens of this app share."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from comum.listas import Lista, selecionados
from comum.permissoes import usuario_de
from empresas.contexto import Contexto, contexto_de
from empresas.models import Empresa
from guias.services import quadro


def contexto_fiscal(request: HttpRequest) -> tuple[Contexto, date]:
    contexto = contexto_de(request)
    return contexto, contexto.competencia


def da_empresa(consulta: QuerySet[Any], contexto: Contexto) -> QuerySet[Any]:
    """Narrow to the company of the top bar, when one is chosen (a filial stands for its matriz)."""
    if contexto.empresa is None:
        return consulta
    return consulta.filter(pk=contexto.empresa.matriz_id or contexto.empresa.pk)


def lista_do_quadro(request: HttpRequest, params: Any, competencia: date) -> Lista[QuerySet[Any]]:
    lista = quadro.lista(params, usuario_de(request), competencia)
    lista.base = da_empresa(lista.base, contexto_de(request))
    return lista


def empresas_marcadas(request: HttpRequest, competencia: date) -> QuerySet[Empresa]:
    """The companies a bulk form speaks of, always among those of the month that the user sees."""
    base = quadro.do_simples(usuario_de(request), competencia)
    marcadas = selecionados(
        request.POST,
        lista_do_quadro(request, request.GET, competencia).base,
        lambda params: lista_do_quadro(request, params, competencia),
    )
    return base.filter(pk__in=marcadas.order_by().values("pk")).order_by("ordem", "pk")
