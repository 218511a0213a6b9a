"""The guias of the month: list, PDFs, ZIP and statements; the page of one guia."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from arquivo.services import zip_de
from comum.listas import Lista, selecionados
from comum.permissoes import opera, usuario_de
from comum.respostas import lista_de_onde_veio
from credentials.models import Servico, Vinculo
from guias.ligacoes import ligacoes
from guias.lista_guias import ABAS, TONS, Soma, do_filtro, lista_de_guias, quadro, soma
from guias.models import Darf, Guia, GuiaQuerySet, SituacaoGuia
from guias.services import barras, consultas, entregas, mensagens, reemissao
from guias.services.acesso import Fora, acesso_de_uma
from guias.views.base import contexto_fiscal, de_volta, nova_intencao, perguntar
from operacoes import custos
from operacoes.handlers import handler_de
from operacoes.models import Classe, Operacao


def lista_da_tela(request: HttpRequest, params: QueryDict) -> Lista[GuiaQuerySet]:
    contexto, _ = contexto_fiscal(request)
    return lista_de_guias(params, usuario_de(request), contexto, timezone.localdate())


def guias_marcadas(request: HttpRequest) -> GuiaQuerySet:
    visiveis = Guia.objects.visiveis(usuario_de(request))
    return selecionados(request.POST, visiveis, lambda params: lista_da_tela(request, params))


@require_GET
def lista(request: HttpRequest) -> HttpResponse:
    _, competencia = contexto_fiscal(request)
    lista = lista_da_tela(request, request.GET)
    guias = _com_entrega(_com_tom(_com_custo_do_extrato(list(lista.pagina))))
    somas = quadro(lista.base)
    return render(
        request,
        "guias/guia_list.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "guias": guias,
            "competencia": competencia,
            "soma": soma(do_filtro(lista)),
            "abas": [(str(valor), rotulo, somas.get(str(valor), Soma()).n) for valor, rotulo in ABAS],
            "existem": sum(soma.n for soma in somas.values()),
            "todos_os_periodos": request.GET.get("periodo") == "todos",
            "intencao": nova_intencao(),
        },
    )


def _com_tom(guias: list[Any]) -> list[Any]:
    for guia in guias:
        situacao = SituacaoGuia(guia.situacao)
        guia.tom, guia.dita = TONS[situacao], situacao.label
    return guias


def _com_custo_do_extrato(guias: list[Any]) -> list[Any]:
    """What asking for each statement would cost, in reais; None where the empresa is in no credencial, or the guia has
    no statement."""
    acessos = {
        vinculo.empresa_id: vinculo.credencial.acesso
        for vinculo in Vinculo.objects.filter(empresa__in={g.empresa_id for g in guias}).select_related("credencial")
    }
    previsao = custos.Previsao(set(acessos.values()))
    precos = {acesso: previsao.custo(Classe.CONSULTA, 1, acesso) for acesso in set(acessos.values())}
    for guia in guias:
        guia.custo_extrato = precos.get(acessos.get(guia.empresa_id, "")) if guia.tipo == Guia.Tipo.DAS else None
    return guias


def _com_entrega(guias: list[Any]) -> list[Any]:
    resumos = entregas.resumos(guias)
    for guia in guias:
        guia.entrega = resumos.get(guia.pk)
    return guias


@require_GET
def ver(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything of one guia: facts, line, copies, payments, titles, deliveries, operações."""
    usuario = usuario_de(request)
    visiveis = Guia.objects.visiveis(usuario).com_situacao(timezone.localdate())
    com_tudo = visiveis.select_related("empresa", "apuracao", "documento", "extrato", "operacao")
    guia: Any = get_object_or_404(com_tudo, pk=pk)
    sem_linha = barras.completar([guia]).get(guia.pk, "")
    vias = _com_tom(list(visiveis.filter(divida=guia.divida).select_related("documento").order_by("-pk")))
    vinculo = acesso_de_uma(Servico.PAGAMENTOS, guia.empresa, guia.competencia)
    acesso = "" if isinstance(vinculo, Fora) else vinculo.credencial.acesso
    da_guia = Q(pk=guia.operacao_id) | Q(pedido__guia=guia.pk) | Q(pedido__numeros__contains=[guia.numero])
    operacoes = Operacao.objects.visiveis(usuario).filter(da_guia, empresa=guia.empresa_id).order_by("-pk")[:30]
    return render(
        request,
        "guias/guia_detail.html",
        {
            "guia": _com_tom([guia])[0],
            "blocos": mensagens.blocos(guia.linha),
            "sem_linha": sem_linha,
            "vias": vias,
            "pagamentos": guia.arrecadacoes.order_by("dia", "pk"),
            "ligacoes": ligacoes(vias, usuario),
            "entregas": guia.entregas.order_by("-criada_em"),
            "rotulos": [(operacao, handler_de(operacao.tipo).rotulo) for operacao in operacoes],
            "impedimento": vinculo.motivo if isinstance(vinculo, Fora) else "",
            "custo_consulta": custos.previsto(Classe.CONSULTA, 1, acesso) if acesso else None,
            "custo_emissao": custos.previsto(Classe.EMISSAO, 1, acesso) if acesso else None,
            "de_novo": guia.tipo in reemissao.ACOES and guia.situacao in _A_PAGAR,
            "nova_via": _nova_via(guia, guia.situacao),
            "pedir_de_novo": _pedir_de_novo(guia, guia.situacao),
            "intencao": nova_intencao(),
            "voltar": lista_de_onde_veio(request, reverse("guias:lista")),
        },
    )


_A_PAGAR = (SituacaoGuia.EMITIDA, SituacaoGuia.VENCIDA)
_FORMULARIO_DO_TIPO = {
    Guia.Tipo.DAS_COBRANCA.value: "cobranca",
    Guia.Tipo.DAS_PROCESSO.value: "processo",
    Guia.Tipo.DAS_AVULSO.value: "avulso",
}


def _pedir_de_novo(guia: Guia, situacao: str) -> tuple[str, list[tuple[str, str]]] | None:
    """(address, fields) of the form that begins another copy of a DARF, on its own screen; None where there is none."""
    if situacao not in _A_PAGAR:
        return None
    if guia.tipo == Guia.Tipo.DARF:
        darf = Darf.objects.filter(divida=guia.divida).order_by("-pk").first()
        return (reverse("guias:darf_outra_via", args=[darf.pk]), []) if darf else None
    if guia.tipo != Guia.Tipo.DARF_DCTFWEB:
        return None
    pedido = guia.operacao.pedido
    campos = {
        "empresa": guia.empresa_id,
        "mes": f"{guia.competencia:%m/%Y}",
        "categoria": pedido["categoria"],
        "dia": pedido["dia"] or "",
        "identificador": pedido["identificador"],
        "origens": ",".join(map(str, pedido["origens"])),
        "recibo": pedido.get("recibo", ""),
        "outra_via": "1",
    }
    return reverse("guias:dctfweb_guia"), [(nome, str(valor)) for nome, valor in campos.items() if valor]


def _nova_via(guia: Guia, situacao: str) -> str:
    """Where a copy of a guia of these kinds is asked for, with what it said; empty where it is not."""
    if situacao not in _A_PAGAR:
        return ""
    if guia.tipo == Guia.Tipo.DAS_PARCELA:
        familia = guia.divida.partition(":")[0]
        return f"{reverse('guias:parcelamento', args=[guia.empresa_id, familia])}?parcela={guia.competencia:%Y%m}"
    if guia.tipo not in _FORMULARIO_DO_TIPO:
        return ""
    inicio = QueryDict(mutable=True)
    inicio.update({"empresa": str(guia.empresa_id), "via_nova": "1"})
    if guia.tipo == Guia.Tipo.DAS_PROCESSO:
        inicio["processo"] = guia.referencia
    else:
        inicio["periodo"] = f"{guia.competencia:%m/%Y}"
    if guia.tipo == Guia.Tipo.DAS_AVULSO:
        for parte in guia.composicao:
            inicio[f"valor_{parte['codigo']}"] = str(parte["principal"]).replace(".", ",")
    return reverse("guias:das_novo", args=[_FORMULARIO_DO_TIPO[guia.tipo]]) + f"?{inicio.urlencode()}"


@require_POST
def zip_das_guias(request: HttpRequest) -> HttpResponseBase:
    """The PDFs of the marked guias, one folder per empresa."""
    _, competencia = contexto_fiscal(request)
    guias = guias_marcadas(request).select_related("documento__empresa").order_by("empresa__ordem", "pk")
    documentos = [guia.documento for guia in guias if guia.documento is not None]
    if not documentos:
        messages.error(request, "Nenhuma guia marcada. Marque as guias e baixe de novo.")
        return de_volta(request, "guias:lista")
    return zip_de(documentos, f"guias-{competencia:%Y-%m}.zip", pasta_por_empresa=True)


def _guia(request: HttpRequest, pk: int) -> Guia:
    return get_object_or_404(Guia.objects.visiveis(usuario_de(request)).select_related("empresa"), pk=pk)


@require_POST
@opera
def extrato(request: HttpRequest, pk: int) -> HttpResponse:
    guia = _guia(request, pk)
    pergunta = partial(consultas.buscar_extrato, numero=guia.numero, competencia=guia.competencia)
    return perguntar(request, pergunta, guia.empresa, "guias:lista")


@require_POST
@opera
def pagamento(request: HttpRequest, pk: int) -> HttpResponse:
    return perguntar(request, consultas.buscar_pagamento, _guia(request, pk), "guias:guia", pk)


@require_POST
@opera
def comprovante(request: HttpRequest, pk: int) -> HttpResponse:
    guia = _guia(request, pk)
    if guia.valor_pago is None:
        messages.error(request, "A Receita ainda não informou o pagamento desta guia. Busque o pagamento antes.")
        return redirect("guias:guia", pk)
    return perguntar(request, consultas.buscar_comprovante, guia, "guias:guia", pk)
