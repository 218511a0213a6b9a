"""Drawing again the DAS and DAS-MEI that were not paid: the day of payment, what it may come to, and the pré-voo."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from comum.documentos import Invalido
from comum.listas import campos_da_selecao
from comum.permissoes import opera, usuario_de
from comum.respostas import lista_de_onde_veio
from empresas.models import Empresa
from guias.forms.datas import ler_dia
from guias.models import GuiaQuerySet
from guias.services import reemissao
from guias.services.dia_de_pagar import dia_proposto, sem_banco
from guias.views.acoes import pedir
from guias.views.base import de_volta
from guias.views.guias import guias_marcadas

MAXIMO_NA_TELA = 300


@require_POST
@opera
def emitir_de_novo(request: HttpRequest) -> HttpResponse:
    """First the marked guias and the day on which they are to be paid; then the pré-voo of those that can be."""
    guias = guias_marcadas(request)
    if not guias.exists():
        messages.error(request, "Nenhuma guia marcada. Marque as guias e peça de novo.")
        return de_volta(request, "guias:lista")
    if "pagamento" not in request.POST:
        return _desenhar(request, guias, dia_proposto(timezone.localdate()))
    dia = ler_dia(request.POST["pagamento"])
    if isinstance(dia, Invalido) or dia < timezone.localdate():
        erro = (
            str(dia) if isinstance(dia, Invalido) else "O dia do pagamento já passou. Informe hoje ou um dia à frente."
        )
        return _desenhar(request, guias, dia_proposto(timezone.localdate()), erro=erro, status=422)
    if "rever" in request.POST:
        return _desenhar(request, guias, dia)
    prontas = [previsao.guia for previsao in _previsoes(guias, dia) if not previsao.motivo]
    pedido = reemissao.pedido_de(prontas, dia)
    if pedido is None:
        return _desenhar(request, guias, dia, status=422)
    empresas = Empresa.objects.visiveis(usuario_de(request)).filter(pk__in={guia.empresa_id for guia in prontas})
    return pedir(
        request,
        pedido[0],
        empresas.order_by("ordem", "pk"),
        max(guia.competencia for guia in prontas),
        via_nova=True,
        parametros=pedido[1],
        voltar=reverse("guias:lista"),
    )


def _previsoes(guias: GuiaQuerySet, dia: date) -> list[reemissao.Previsao]:
    return reemissao.prever(guias.select_related("empresa").order_by("competencia", "empresa__ordem", "pk"), dia)


def _desenhar(
    request: HttpRequest, guias: GuiaQuerySet, dia: date, *, erro: str = "", status: int = 200
) -> HttpResponse:
    previsoes = _previsoes(guias, dia)
    prontas = [previsao for previsao in previsoes if not previsao.motivo]
    voltar = lista_de_onde_veio(request, reverse("guias:lista"))
    return render(
        request,
        "guias/emitir_de_novo.html",
        {
            "prontas": prontas[:MAXIMO_NA_TELA],
            "quantas": len(prontas),
            "por_mes": reemissao.por_mes(prontas),
            "misturadas": len({previsao.guia.tipo for previsao in prontas}) > 1,
            "a_mais": max(0, len(prontas) - MAXIMO_NA_TELA),
            "fora": [previsao for previsao in previsoes if previsao.motivo][:MAXIMO_NA_TELA],
            "sem_juros": sum(previsao.total is None for previsao in prontas),
            "dia": dia,
            "sem_banco": sem_banco(dia, max((p.guia.vencimento for p in prontas), default=dia), timezone.localdate()),
            "digitado": request.POST.get("pagamento", "") if erro else "",
            "erro": erro,
            "selecao": [*campos_da_selecao(request.POST), ("next", voltar)],
            "voltar": voltar,
        },
        status=status,
    )
