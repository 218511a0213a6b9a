"""Instalments: the list of each family with its actions, and the page of one empresa."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from arquivo.models import Documento
from comum.listas import Lista, selecionados
from comum.permissoes import opera, usuario_de
from comum.respostas import lista_de_onde_veio
from credentials.models import Servico
from empresas.models import Empresa
from guias.models import Consulta, Guia
from guias.providers.parcelamentos import DETALHE, FAMILIAS, PAGAMENTO, PARCELAS, PEDIDOS, Familia
from guias.services import quadro_parcelamentos
from guias.services.acesso import sem_acesso
from guias.services.mei import meses_de
from guias.services.parcelamentos import O_QUE, acao, ativo, divida
from guias.views.acoes import pedir
from guias.views.base import contexto_fiscal
from operacoes import custos
from operacoes.models import Classe

_PADRAO = "parcsn"


def _familia(chave: str) -> Familia:
    if chave not in FAMILIAS:
        raise Http404
    return FAMILIAS[chave]


def _lista(request: HttpRequest, params: QueryDict, familia: Familia) -> Lista[QuerySet[Any]]:
    contexto, _ = contexto_fiscal(request)
    lista = quadro_parcelamentos.lista(params, usuario_de(request), familia)
    if contexto.empresa is not None:
        lista.base = lista.base.filter(pk=contexto.empresa.matriz_id or contexto.empresa.pk)
    return lista


@require_GET
def lista_de_parcelamentos(request: HttpRequest) -> HttpResponse:
    _, competencia = contexto_fiscal(request)
    familia = FAMILIAS.get(request.GET.get("familia", ""), FAMILIAS[_PADRAO])
    lista = _lista(request, request.GET, familia)
    return render(
        request,
        "guias/parcelamento_list.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "linhas": quadro_parcelamentos.linhas(list(lista.pagina), familia, competencia),
            "familia": familia,
            "familias": FAMILIAS.values(),
            "competencia": competencia,
        },
    )


@require_POST
@opera
def agir(request: HttpRequest, familia: str, o_que: str) -> HttpResponse:
    """The pré-voo of an action of one family over the marked empresas, and its run."""
    escolhida = _familia(familia)
    if o_que not in O_QUE:
        raise Http404
    _, competencia = contexto_fiscal(request)
    base = quadro_parcelamentos.da_familia(usuario_de(request), escolhida)
    marcadas = selecionados(
        request.POST,
        _lista(request, request.GET, escolhida).base,
        lambda params: _lista(request, params, escolhida),
    )
    empresas = base.filter(pk__in=marcadas.order_by().values("pk")).order_by("ordem", "pk")
    return pedir(
        request,
        acao(escolhida, o_que),
        empresas,
        competencia,
        via_nova=request.POST.get("via_nova") == "1",
        parametros=_parametros(request),
        voltar=reverse("guias:parcelamentos"),
    )


def _parametros(request: HttpRequest) -> dict[str, str]:
    """`parcelas` may come as one text, or as the ticked boxes of a page."""
    lidos = {
        "numero": request.POST.get("numero", ""),
        "parcelas": ",".join(request.POST.getlist("parcelas")),
        "via_nova": request.POST.get("via_nova", ""),
    }
    formas = {"numero": r"\d{1,9}", "parcelas": r"todas|\d{6}(,\d{6})*", "via_nova": "1"}
    return {nome: valor for nome, valor in lidos.items() if re.fullmatch(formas[nome], valor, re.ASCII)}


@require_GET
def ver(request: HttpRequest, pk: int, familia: str) -> HttpResponse:
    """What the Receita last told of the parcelamentos of one empresa in one family."""
    escolhida = _familia(familia)
    _, competencia = contexto_fiscal(request)
    empresa = get_object_or_404(Empresa.objects.visiveis(usuario_de(request)), pk=pk)
    respostas = _respostas(empresa, escolhida)
    pedidos, parcelas = respostas.get((PEDIDOS, "")), respostas.get((PARCELAS, ""))
    feitos = pedidos.resposta["pedidos"] if pedidos else []
    fora = sem_acesso(Servico.PARCELAMENTOS, [empresa], competencia).get(empresa.pk)
    guias = Guia.objects.filter(empresa=empresa, divida__startswith=f"{escolhida.chave}:").select_related("documento")
    hoje, pedida = timezone.localdate(), request.GET.get("parcela", "")
    em_curso = ativo(feitos)
    no_prazo = dict(guias.filter(limite__gte=hoje).order_by("pk").values_list("divida", "limite"))
    abertas = [
        {"mes": mes, "valor": Decimal(p["valor"]), "guia_ate": no_prazo.get(_divida(empresa, escolhida, em_curso, mes))}
        for p in (parcelas.resposta["parcelas"] if parcelas else [])
        for mes in [date.fromisoformat(p["mes"])]
    ]
    mes_pedido = meses_de(pedida, competencia)[0] if pedida else None
    return render(
        request,
        "guias/parcelamento_detail.html",
        {
            "empresa": empresa,
            "familia": escolhida,
            "pedidos": pedidos,
            "parcelamentos": [_um(pedido, respostas) for pedido in feitos],
            "ativo": em_curso,
            "parcelas": parcelas,
            "abertas": abertas,
            "mes_pedido": mes_pedido,
            "fora_da_lista": mes_pedido is not None and mes_pedido not in {parcela["mes"] for parcela in abertas},
            "guias": guias.com_situacao(hoje).order_by("-competencia", "-pk"),
            "sem_linha": Documento.objects.filter(
                empresa=empresa, tipo=Documento.Tipo.GUIA, referencia__startswith=f"{escolhida.chave}:"
            ).order_by("-criado_em"),
            "impedimento": fora.motivo if fora else "",
            "custo_consulta": _custo(empresa, Classe.CONSULTA),
            "custo_emissao": _custo(empresa, Classe.EMISSAO),
            "voltar": lista_de_onde_veio(request, reverse("guias:parcelamentos")),
        },
    )


def _divida(empresa: Empresa, familia: Familia, pedido: dict[str, Any] | None, mes: date) -> str:
    return divida(familia, empresa.pk, int(pedido["numero"]), mes) if pedido else ""


def _custo(empresa: Empresa, classe: Classe) -> Decimal | None:
    vinculo = getattr(empresa, "vinculo", None)
    return custos.previsto(classe, 1, vinculo.credencial.acesso) if vinculo else None


def _respostas(empresa: Empresa, familia: Familia) -> dict[tuple[str, str], Consulta]:
    """The last answer of each question: by service and what was asked."""
    nomes = {str(familia.servico(nome)): nome for nome in (PEDIDOS, PARCELAS, DETALHE, PAGAMENTO)}
    lidas = Consulta.objects.filter(empresa=empresa, servico__in=nomes).ultimas()
    return {(nomes[consulta.servico], consulta.chave): consulta for consulta in lidas}


def _um(pedido: dict[str, Any], respostas: dict[tuple[str, str], Consulta]) -> dict[str, Any]:
    """One pedido with its detail and its payments, dates and amounts as such."""
    consulta = respostas.get((DETALHE, str(pedido["numero"])))
    detalhe = consulta.resposta["parcelamento"] if consulta else None
    pagas = []
    for parcela in detalhe["pagas"] if detalhe else []:
        mes = date.fromisoformat(parcela["mes"])
        pagamento = respostas.get((PAGAMENTO, f"{pedido['numero']}:{mes:%Y%m}"))
        pagas.append(
            {
                "mes": mes,
                "vencimento": _data(parcela["vencimento"]),
                "paga_em": _data(parcela["paga_em"]),
                "valor": Decimal(parcela["valor"]),
                "pagamento": pagamento.resposta["pagamento"] if pagamento else None,
                "perguntado_em": pagamento.consultada_em if pagamento else None,
            }
        )
    original = detalhe["original"] if detalhe else None
    return {
        "numero": pedido["numero"],
        "situacao": pedido["situacao"],
        "pedido_em": _data(pedido["pedido_em"]),
        "desde": _data(pedido["desde"]),
        "consulta": consulta,
        "vazio": consulta is not None and detalhe is None,
        "original": original
        and {
            **original,
            "total": Decimal(original["total"]),
            "basica": Decimal(original["basica"]),
            "em": _data(original["em"]),
        },
        "pagas": pagas,
    }


def _data(texto: str | None) -> date | None:
    return date.fromisoformat(texto) if texto else None
