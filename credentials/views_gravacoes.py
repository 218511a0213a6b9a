"""Avançar, its differences and conflicts, and the record of what was written, with Desfazer."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from comum.formatos import format_numero
from comum.listas import Lista
from comum.models import Usuario
from comum.permissoes import opera, usuario_de
from credentials.models import Acao, Credencial, Gravacao, GravacaoItem, ItemRascunho, Servico
from credentials.services import conflitos as servico_conflitos
from credentials.services import rascunho as servico
from credentials.services.avancar import GravacaoEmConflito, GravacaoRecusada
from credentials.services.avancar import avancar as gravar
from credentials.services.avancar import desfazer as desfazer_gravacao
from credentials.services.rascunho import Configuracao, Contagem, Mudancas
from credentials.views_janela import credencial_de
from empresas.models import Empresa

_MOSTRADAS = 200


@dataclass(frozen=True)
class Diferenca:
    """One line of a diff: the empresa and what happens to it, in words."""

    empresa: Empresa
    acao: str
    palavras: list[str]


def _rotulos(servicos: list[str] | tuple[str, ...], *, perde: bool = False) -> list[str]:
    antes = "Deixa: " if perde else "Serviços: "
    return [antes + ", ".join(Servico(s).label for s in servicos)] if servicos else []


@opera
@require_safe
def diferencas(request: HttpRequest, codigo: int) -> HttpResponse:
    """What *Avançar* would write."""
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    rascunho = servico.rascunho_de(usuario, credencial)
    visiveis = Empresa.objects.visiveis(usuario)
    grupos = []
    for acao in (Acao.EXCLUIR, Acao.ALTERAR, Acao.INCLUIR):  # what takes something away is read first
        itens = ItemRascunho.objects.filter(rascunho=rascunho, acao=acao, empresa__in=visiveis)
        empresas = list(Empresa.objects.filter(pk__in=itens.values("empresa"))[:_MOSTRADAS])
        linhas = [
            Diferenca(
                linha.empresa, acao.value, linha.mudancas or _rotulos(linha.atual.servicos, perde=acao == Acao.EXCLUIR)
            )
            for linha in servico.linhas(empresas, credencial, rascunho)
        ]
        if linhas:
            grupos.append((acao, itens.count(), linhas))
    contexto = {"credencial": credencial, "grupos": grupos, "contagem": servico.contar(rascunho)}
    return render(request, "credentials/janela_diferencas.html", contexto)


@opera
@require_POST
def avancar(request: HttpRequest, codigo: int) -> HttpResponse:
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    pendentes = servico.contar(servico.rascunho_de(usuario, credencial)).total
    vistas = request.POST.get("quantas", "")
    if pendentes and vistas.isdecimal() and int(vistas[:9]) != pendentes:
        messages.warning(
            request,
            f"O rascunho mudou em outra aba: agora são {format_numero(pendentes)} edições. Confira e avance de novo.",
        )
        return redirect("janela:ver", codigo)
    sem = request.POST.get("sem", "")
    try:
        gravacao = gravar(usuario=usuario, credencial=credencial, sem=sem)
    except GravacaoEmConflito as conflito:
        return _pagina_de_conflitos(request, credencial, conflito.conflitos, mudaram=bool(sem))
    except GravacaoRecusada as recusada:
        messages.error(request, str(recusada))
        return redirect("janela:ver", codigo)
    if gravacao is None and sem and pendentes:
        messages.info(request, "As edições em conflito saíram do rascunho, e não sobrou nenhuma a gravar.")
        return redirect("janela:ver", codigo)
    if gravacao is None:
        messages.info(request, "Nada a gravar: o rascunho está vazio. Se você já avançou, a gravação está na lista.")
        return redirect("janela:ver", codigo)
    url = reverse("janela:gravacao", args=[codigo, gravacao.pk])
    messages.success(
        request, format_html('Gravado: {}. <a href="{}">Ver a gravação ou desfazer</a>', em_palavras(gravacao), url)
    )
    return redirect("janela:ver", codigo)


def em_palavras(contagem: Gravacao | Contagem) -> str:
    partes = [
        f"{format_numero(quantas)} {singular if quantas == 1 else singular + 's'}"
        for quantas, singular in (
            (contagem.incluidas, "incluída"),
            (contagem.alteradas, "alterada"),
            (contagem.excluidas, "excluída"),
        )
        if quantas
    ]
    return ", ".join(partes)


def _pagina_de_conflitos(request: HttpRequest, credencial: Credencial, achados: Any, **mais: Any) -> HttpResponse:
    """Nothing was written: each conflict by name, with its way out. 409 where there is one."""
    contagem = servico.contar(servico.rascunho_de(usuario_de(request), credencial))
    fora = len(servico_conflitos.em_conflito(achados))
    contexto = {
        "credencial": credencial,
        "conflitos": achados,
        "contagem": contagem,
        "fora": fora,
        "demais": contagem.total - fora,
        "impressao": servico_conflitos.impressao(achados),
        **mais,
    }
    return render(request, "credentials/janela_conflitos.html", contexto, status=409 if achados else 200)


@opera
@require_safe
def conflitos(request: HttpRequest, codigo: int) -> HttpResponse:
    """The conflicts as they are now, after one was resolved."""
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    achados = servico_conflitos.conflitos_do_rascunho(usuario=usuario, credencial=credencial)
    return _pagina_de_conflitos(request, credencial, achados)


@opera
@require_POST
def resolver(request: HttpRequest, codigo: int) -> HttpResponse:
    """Take the rows of one conflict out of the draft, or keep the edit on top of what is written now."""
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    try:
        motivo = servico_conflitos.Motivo(request.POST.get("motivo", ""))
    except ValueError as erro:
        raise Http404("Conflito desconhecido.") from erro
    if request.POST.get("saida") == "manter":
        quantas = servico_conflitos.manter(usuario=usuario, credencial=credencial, motivo=motivo)
        feito = "mantidas" if quantas != 1 else "mantida"
    else:
        quantas = servico_conflitos.tirar(usuario=usuario, credencial=credencial, motivo=motivo)
        feito = "tiradas do rascunho" if quantas != 1 else "tirada do rascunho"
    messages.info(request, f"{format_numero(quantas)} {feito}.")
    if not servico_conflitos.conflitos_do_rascunho(usuario=usuario, credencial=credencial):
        messages.success(request, "Não há mais conflitos. Confira e avance.")
        return redirect("janela:ver", codigo)
    return redirect("janela:conflitos", codigo)


def _visiveis(usuario: Usuario, credencial: Credencial) -> QuerySet[Gravacao]:
    gravacoes = Gravacao.objects.filter(credencial=credencial).select_related("usuario", "desfaz", "desfeita_por")
    if usuario.administra:
        return gravacoes
    itens = GravacaoItem.objects.filter(gravacao=OuterRef("pk"), empresa__in=Empresa.objects.visiveis(usuario))
    return gravacoes.filter(Exists(itens))


def _contagens(usuario: Usuario, gravacoes: list[Gravacao]) -> dict[int, Contagem]:
    """What each Gravacao did, counted within the user's carteiras."""
    if usuario.administra:
        return {g.pk: Contagem(g.incluidas, g.alteradas, g.excluidas) for g in gravacoes}
    linhas = (
        GravacaoItem.objects.filter(gravacao__in=gravacoes, empresa__in=Empresa.objects.visiveis(usuario))
        .values_list("gravacao")
        .annotate(
            incluidas=Count("pk", filter=Q(acao=Acao.INCLUIR)),
            alteradas=Count("pk", filter=Q(acao=Acao.ALTERAR)),
            excluidas=Count("pk", filter=Q(acao=Acao.EXCLUIR)),
        )
    )
    return {pk: Contagem(*contagem) for pk, *contagem in linhas}


@require_safe
def lista(request: HttpRequest, codigo: int) -> HttpResponse:
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    pagina = Lista(request.GET, _visiveis(usuario, credencial), {"quando": ["pk"]}, "-quando")
    gravacoes = list(pagina.pagina)
    contagens = _contagens(usuario, gravacoes)
    template = "credentials/gravacao_list.html" + ("#tabela" if request.htmx else "")  # type: ignore[attr-defined]
    linhas = [(gravacao, em_palavras(contagens[gravacao.pk])) for gravacao in gravacoes]
    return render(request, template, {"credencial": credencial, "lista": pagina, "linhas": linhas})


def _configuracao(dados: dict[str, Any]) -> Configuracao:
    certificado = dados.get("procurador_certificado")
    return Configuracao(
        tuple(dados["servicos"]),
        dados["autor"],
        dados["procurador"],
        UUID(certificado) if certificado else None,
        dados["observacao"],
    )


def _diferenca(item: GravacaoItem) -> Diferenca:
    antes = _configuracao(item.antes) if item.antes else None
    depois = _configuracao(item.depois) if item.depois else None
    if antes and depois:
        palavras = Mudancas.entre(antes, depois).em_palavras()
    else:
        palavras = _rotulos((depois or antes or Configuracao()).servicos)
    return Diferenca(item.empresa, item.acao, palavras)


@require_safe
def ver(request: HttpRequest, codigo: int, pk: int) -> HttpResponse:
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    gravacao = get_object_or_404(_visiveis(usuario, credencial), pk=pk)
    itens = (
        GravacaoItem.objects.filter(gravacao=gravacao, empresa__in=Empresa.objects.visiveis(usuario))
        .select_related("empresa")
        .order_by("empresa__ordem", "empresa")
    )
    pagina = Paginator(itens, 100).get_page(request.GET.get("pagina"))
    return render(
        request,
        "credentials/gravacao_detail.html",
        {
            "credencial": credencial,
            "gravacao": gravacao,
            "resumo": em_palavras(_contagens(usuario, [gravacao])[gravacao.pk]),
            "pagina": pagina,
            "diferencas": [_diferenca(item) for item in pagina],
        },
    )


@opera
@require_POST
def desfazer(request: HttpRequest, codigo: int, pk: int) -> HttpResponse:
    usuario, credencial = usuario_de(request), credencial_de(codigo)
    gravacao = get_object_or_404(_visiveis(usuario, credencial), pk=pk)
    try:
        nova = desfazer_gravacao(usuario=usuario, gravacao=gravacao)
    except GravacaoEmConflito as conflito:
        return _pagina_de_conflitos(request, credencial, conflito.conflitos, gravacao=gravacao)
    except GravacaoRecusada as recusada:
        messages.error(request, str(recusada))
        return redirect("janela:gravacao", codigo, pk)
    messages.success(request, f"Gravação {format_numero(pk)} desfeita: {em_palavras(nova)}.")
    return redirect("janela:gravacao", codigo, nova.pk)
