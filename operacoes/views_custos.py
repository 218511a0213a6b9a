"""The pages of costs: a billing period in figures, the calls behind each number, the cap."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from comum.documentos import mascarar
from comum.formatos import format_dinheiro
from comum.permissoes import administra, usuario_de
from comum.planilhas import Celula
from comum.respostas import exportacao
from operacoes.custos import teto
from operacoes.custos.extrato import Soma, extrato, por_empresa
from operacoes.custos.precos import COBRADAS
from operacoes.custos.projecao import projetar
from operacoes.custos.tarifa import Tarifa
from operacoes.forms import TetoForm
from operacoes.handlers import handler_de
from operacoes.listas_custos import O_QUE, ListaDeEmpresas, Recorte, chamadas_em_palavras, lista_de_chamadas
from operacoes.models import TabelaPreco, Tentativa, Teto


@require_GET
@never_cache
def periodo(request: HttpRequest) -> HttpResponse:
    """One billing period of one contratante; who does not administer sees the part of their carteiras."""
    usuario = usuario_de(request)
    recorte = Recorte(request.GET, usuario)
    inteiro = not recorte.filtrado
    visto = extrato(recorte.lista.consulta, recorte.conta.chave, recorte.inicio, todas=inteiro)
    contexto: dict[str, Any] = {
        "recorte": recorte,
        "lista": recorte.lista,
        "extrato": visto,
        "inteiro": inteiro,
        "filtros": [(filtro, recorte.lista.valores.get(filtro.nome, "")) for filtro in recorte.lista.filtros],
        "por_acesso": _em_ordem(visto.por_acesso, recorte.rotulos),
        "por_tipo": _em_ordem(visto.por_tipo, {tipo: handler_de(tipo).rotulo for tipo in visto.por_tipo}),
        "classes": COBRADAS,
        "tabelas": _tabelas_do_periodo(recorte.inicio, recorte.fim),
    }
    if usuario.administra:
        contexto["teto"] = teto.andamento(recorte.conta.chave) if recorte.em_curso else None
        if inteiro and recorte.em_curso:
            fila = teto.na_fila([recorte.conta.chave])
            contexto |= {
                "projecao": projetar(recorte.conta.chave, fila),
                "fila": sum(fila.values()),
            }
    return render(request, "custos/periodo.html", contexto)


def _em_ordem(somas: dict[str, Soma], rotulos: dict[str, str]) -> list[tuple[str, str, Soma]]:
    """(key, words, figures), the dearest first."""
    linhas = [(chave, rotulos.get(chave, chave), soma) for chave, soma in somas.items()]
    return sorted(linhas, key=lambda linha: (-linha[2].valor, linha[1]))


def _tabelas_do_periodo(inicio: date, fim: date) -> list[TabelaPreco]:
    """The tables that price the period: the one in force as it begins, and those that take over in it."""
    dentro = list(
        TabelaPreco.objects.filter(vigente_desde__gt=inicio, vigente_desde__lte=fim).order_by("vigente_desde")
    )
    antes = TabelaPreco.objects.filter(vigente_desde__lte=inicio).order_by("-vigente_desde").first()
    return [*([antes] if antes else []), *dentro]


@require_GET
@never_cache
def chamadas(request: HttpRequest) -> HttpResponseBase:
    """The calls behind a number: each with its tag, as SERPRO's report names it. ?formato=csv or xlsx: all of them."""
    recorte = Recorte(request.GET, usuario_de(request))
    lista, tarifa = lista_de_chamadas(recorte), Tarifa(recorte.conta.chave, recorte.inicio)
    if "formato" in request.GET:
        nome = f"chamadas-{recorte.inicio:%Y-%m-%d}"
        return exportacao(request, nome, _COLUNAS, _em_tabela(recorte, lista.ordenada, tarifa))
    chaves = [tentativa.pk for tentativa in lista.pagina]
    fases = dict(Tentativa.objects.filter(pk__in=chaves).values_list("pk", tarifa.fase()))
    for tentativa in lista.pagina:
        tentativa.fase = fases[tentativa.pk]
    contexto = {
        "recorte": recorte,
        "lista": lista,
        "linhas": chamadas_em_palavras(list(lista.pagina), recorte, tarifa),
        "filtros": [(filtro, lista.valores.get(filtro.nome, "")) for filtro in lista.filtros],
        "o_que": dict(O_QUE).get(request.GET.get("o_que", ""), O_QUE[0][1]),
    }
    template = "custos/chamadas.html" + ("#tabela" if request.htmx else "")  # type: ignore[attr-defined]
    return render(request, template, contexto)


_COLUNAS = (
    "Data e hora", "Credencial", "Código", "CNPJ", "Razão social", "Serviço", "O que foi", "Classes cobradas",
    "Chamadas", "Valor", "Cobrança incerta", "Resposta", "Tag",
)  # fmt: skip


def _em_tabela(recorte: Recorte, tentativas: Any, tarifa: Tarifa) -> Iterator[tuple[Celula, ...]]:
    lote: list[Tentativa] = []
    for tentativa in tentativas.annotate(fase=tarifa.fase()).iterator(chunk_size=2000):
        lote.append(tentativa)
        if len(lote) == 2000:
            yield from _linhas(recorte, lote, tarifa)
            lote = []
    yield from _linhas(recorte, lote, tarifa)


def _linhas(recorte: Recorte, tentativas: list[Tentativa], tarifa: Tarifa) -> Iterator[tuple[Celula, ...]]:
    for linha in chamadas_em_palavras(tentativas, recorte, tarifa):
        tentativa, empresa = linha.tentativa, linha.tentativa.empresa
        yield (
            tentativa.iniciada_em,
            linha.credencial,
            empresa.codigo if empresa else "",
            mascarar(empresa.documento) if empresa else "",
            empresa.razao_social if empresa else "",
            linha.servico,
            tentativa.get_especie_display(),
            linha.classes,
            len(tentativa.cobrancas) if tentativa.cobrada else 0,
            linha.valor,
            len(tentativa.incertas),
            tentativa.http_status,
            tentativa.tag,
        )


@require_GET
@never_cache
def empresas(request: HttpRequest) -> HttpResponseBase:
    """The same period by empresa, the dearest first."""
    usuario = usuario_de(request)
    recorte = Recorte(request.GET, usuario)
    lista = ListaDeEmpresas(
        request.GET, usuario, por_empresa(recorte.lista.consulta, recorte.conta.chave, recorte.inicio)
    )
    if "formato" in request.GET:
        cabecalho = ("Código", "CNPJ", "Razão social", *(classe.label for classe in COBRADAS), "Chamadas", "Valor")
        linhas: Iterator[tuple[Celula, ...]] = (
            (e.codigo, mascarar(e.documento), e.razao_social, *(n for _, n in f.por_classe), f.total, f.valor)
            for e, f in lista.com_empresas(lista.linhas)
        )
        return exportacao(request, f"custos-por-empresa-{recorte.inicio:%Y-%m-%d}", cabecalho, linhas)
    contexto = {
        "recorte": recorte,
        "lista": lista,
        "linhas": lista.com_empresas(list(lista.pagina)),
        "soma": sum((linha.valor for linha in lista.linhas), Decimal(0)),
        "quantas": sum(linha.total for linha in lista.linhas),
        "classes": COBRADAS,
        "filtros_do_recorte": recorte.lista.filtros_ativos,
    }
    template = "custos/empresas.html" + ("#tabela" if request.htmx else "")  # type: ignore[attr-defined]
    return render(request, template, contexto)


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def definir_teto(request: HttpRequest) -> HttpResponse:
    """The dialog of the cap of a conta, and its writing."""
    recorte = Recorte(request.POST or request.GET, usuario_de(request))
    if not recorte.conta.chave:
        raise Http404("Nenhuma credencial.")
    if request.method == "POST" and request.POST.get("conta") != recorte.conta.chave:
        raise Http404("Conta desconhecida.")  # and not the first one, as a page of figures falls back to
    atual = Teto.objects.filter(pk=recorte.conta.chave).first()
    form = TetoForm(
        request.POST or None,
        initial={"valor": atual.valor if atual else None, "parar_tudo": atual is not None and atual.parar_tudo},
    )
    if request.method == "POST" and form.is_valid():
        valor: Decimal | None = form.cleaned_data["valor"]
        teto.definir(
            recorte.conta.chave, valor, usuario_de(request), parar_tudo=bool(valor) and form.cleaned_data["parar_tudo"]
        )
        dito = f"Teto de {format_dinheiro(valor)} por período." if valor else "Sem teto: nada para por causa do custo."
        messages.success(request, dito)
        destino = f"{reverse('custos:periodo')}?conta={recorte.conta.chave}"
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Redirect": destino})
        return redirect(destino)
    status = 422 if request.method == "POST" else 200
    andamento = teto.andamento(recorte.conta.chave)
    contexto = {"recorte": recorte, "form": form, "tem": atual is not None, "andamento": andamento}
    return render(request, "custos/teto.html", contexto, status=status)


@require_GET
def precos(request: HttpRequest) -> HttpResponse:
    """Every table of prices, the one in force first, with its source and how certain it is."""
    tabelas = []
    for tabela in TabelaPreco.objects.prefetch_related("faixas"):
        por_classe = {
            classe: sorted(
                (f for f in tabela.faixas.all() if f.classe == classe), key=lambda f: (f.ate is None, f.ate or 0)
            )
            for classe in COBRADAS
        }
        tabelas.append((tabela, por_classe, max(map(len, por_classe.values()))))
    hoje = Recorte(request.GET, usuario_de(request)).hoje
    vigente = next((tabela for tabela, _, _ in tabelas if tabela.vigente_desde <= hoje), None)
    return render(request, "custos/precos.html", {"tabelas": tabelas, "vigente": vigente, "classes": COBRADAS})
