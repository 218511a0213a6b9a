"""Redesim and e-Processo: whose contador the office is, giving that up, and the digital processes of each empresa."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_POST

from comum.formatos import contar
from comum.listas import Lista, campos_da_selecao
from comum.permissoes import opera, usuario_de
from comum.respostas import lista_de_onde_veio
from credentials.models import Credencial, Vinculo
from empresas.contexto import contexto_de
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa
from guias.models import ConsultaDeRenuncias, ConsultaRedesim, Renuncia
from guias.services import consultas, panorama, redesim
from guias.services.acesso import credenciais_em_uso
from guias.views.base import de_volta, nova_intencao, perguntar
from guias.views.receita import lista_de, marcadas
from operacoes import custos
from operacoes.models import Classe

_MAXIMO_FORA = 200
_INTENCAO = re.compile(r"[0-9a-f]{16}")


def _ultimas[C: (ConsultaRedesim, ConsultaDeRenuncias)](consultas: QuerySet[C]) -> list[C]:
    """The last answer through each credencial."""
    return list(consultas.select_related("credencial").order_by("credencial_id", "-pk").distinct("credencial_id"))


@require_GET
def processos(request: HttpRequest) -> HttpResponse:
    usuario = usuario_de(request)
    lista = lista_de("guias:processos", request.GET, usuario, contexto_de(request).empresa)
    empresas = list(lista.pagina)
    ultimas = _ultimas(ConsultaRedesim.objects.all())
    por_credencial: dict[Any, ConsultaRedesim] = {consulta.credencial_id: consulta for consulta in ultimas}
    vinculados = {consulta.pk: {item["cnpj"] for item in consulta.vinculos} for consulta in ultimas}
    credenciais = dict(Vinculo.objects.filter(empresa__in=empresas).values_list("empresa", "credencial"))
    em_curso = panorama.em_curso(empresas, ["guias.eprocesso.consultar", "guias.redesim.renunciar"])
    linhas = []
    for empresa in empresas:
        consulta = por_credencial.get(credenciais.get(empresa.pk))
        contador = None if consulta is None else empresa.documento in vinculados[consulta.pk]
        # Named again since: the list of vínculos is of after the renúncia, and has the empresa.
        desde = empresa.renuncia_em
        renunciado = desde is not None and not (contador and consulta is not None and consulta.consultada_em > desde)
        idade = panorama.idade(empresa.processos_em)
        linhas.append((empresa, em_curso.get(empresa.pk), idade, contador, renunciado))
    usaveis = credenciais_em_uso()
    return render(
        request,
        "guias/processos.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "linhas": linhas,
            "ultimas": ultimas,
            "fora": _fora_do_cadastro(item for c in ultimas for item in c.vinculos) if usuario.administra else [],
            "intencao": nova_intencao(),
            "custo": _custo(usaveis),
            "credenciais": len(usaveis),
        },
    )


def _custo(credenciais: list[Credencial]) -> Decimal:
    """R$ of the first page of an answer through each credencial."""
    return sum((custos.previsto(Classe.CONSULTA, 1, c.acesso) for c in credenciais), Decimal(0))


def _fora_do_cadastro(itens: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the Redesim has of CNPJs not known here; only who sees every empresa may see them."""
    todos = sorted(itens, key=lambda item: str(item["cnpj"]))
    cnpjs = {item["cnpj"] for item in todos}
    conhecidos = set(Empresa.objects.filter(documento__in=cnpjs).values_list("documento", flat=True))
    return [item for item in todos if item["cnpj"] not in conhecidos][:_MAXIMO_FORA]


@require_POST
@opera
def vinculos(request: HttpRequest) -> HttpResponse:
    return _consultar(request, redesim.VINCULOS, "guias:processos")


@require_GET
def renuncias(request: HttpRequest) -> HttpResponse:
    """The renúncias of the office that took effect, asked for or read; with those of no empresa of the cadastro."""
    usuario, empresa = usuario_de(request), contexto_de(request).empresa
    base = Renuncia.objects.visiveis(usuario).select_related("empresa", "credencial")
    if empresa is not None:
        base = base.filter(empresa=empresa)
    lista = Lista(
        params=request.GET,
        base=base,
        ordens={"feita": ["feita_em", "numero"], "empresa": ["empresa__ordem", "-feita_em"], "numero": ["numero"]},
        ordem_padrao="-feita",
        procurar=lambda todas, texto: todas.filter(empresa__in=Empresa.objects.procurar(texto)),
        filtros=[filtro_de_carteira(usuario, "empresa__carteira")],
    )
    ultimas = _ultimas(ConsultaDeRenuncias.objects.all())
    usaveis = credenciais_em_uso()
    return render(
        request,
        "guias/renuncias.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "ultimas": ultimas,
            "fora": [
                item | {"feita_em": parse_datetime(item["feita_em"])}
                for item in _fora_do_cadastro(item for consulta in ultimas for item in consulta.renuncias)
            ]
            if usuario.administra
            else [],
            "intencao": nova_intencao(),
            "custo": _custo(usaveis),
            "credenciais": len(usaveis),
        },
    )


@require_POST
@opera
def consultar_renuncias(request: HttpRequest) -> HttpResponse:
    return _consultar(request, redesim.RENUNCIAS, "guias:renuncias")


def _consultar(request: HttpRequest, tipo: str, volta: str) -> HttpResponse:
    marca = request.POST.get("intencao", "")
    if not _INTENCAO.fullmatch(marca):
        messages.error(request, "O pedido veio incompleto e nada foi enviado. Abra a página de novo e peça outra vez.")
        return de_volta(request, volta)
    try:
        run = redesim.consultar(tipo, credenciais_em_uso(), usuario_de(request), marca)
    except redesim.NadaAConsultar as erro:
        messages.error(request, str(erro))
        return de_volta(request, volta)
    if run.fora:
        de_fora = contar(len(run.fora), "credencial não foi consultada", "credenciais não foram consultadas")
        messages.warning(request, f"{de_fora}: {run.fora[0][2]}")
    return redirect("operacoes:processamento", pk=run.pk)


@require_POST
@opera
def renunciar(request: HttpRequest) -> HttpResponse:
    """What the marked empresas would be told, with the declarations to be read, before the pré-voo."""
    empresas = list(marcadas(request, "guias:processos"))
    if not empresas:
        messages.error(request, "Nenhuma empresa marcada. Marque a empresa e continue.")
        return de_volta(request, "guias:processos")
    return render(
        request,
        "guias/renunciar.html",
        {
            "empresas": empresas,
            "selecao": campos_da_selecao(request.POST),
            "voltar": lista_de_onde_veio(request, reverse("guias:processos")),
        },
    )


@require_POST
@opera
def comprovante(request: HttpRequest, pk: int) -> HttpResponse:
    visiveis = Renuncia.objects.visiveis(usuario_de(request)).select_related("empresa")
    return perguntar(
        request, consultas.buscar_comprovante_da_renuncia, get_object_or_404(visiveis, pk=pk), "guias:processos"
    )
