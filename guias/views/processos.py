"""Redesim and e-Processo: whose contador the office is, giving that up, and the digital processes of each empresa."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from comum.formatos import contar
from comum.listas import campos_da_selecao
from comum.permissoes import opera, usuario_de
from comum.respostas import lista_de_onde_veio
from credentials.models import Vinculo
from empresas.contexto import contexto_de
from empresas.models import Empresa
from guias.models import ConsultaRedesim, Renuncia
from guias.services import consultas, panorama, redesim
from guias.services.acesso import credenciais_em_uso
from guias.views.base import de_volta, nova_intencao, perguntar
from guias.views.receita import lista_de, marcadas
from operacoes import custos
from operacoes.models import Classe

_MAXIMO_FORA = 200
_INTENCAO = re.compile(r"[0-9a-f]{16}")


def _ultimas_da_redesim() -> dict[object, ConsultaRedesim]:
    """The last answer through each credencial."""
    todas = ConsultaRedesim.objects.select_related("credencial").order_by("credencial_id", "-pk")
    ultimas = todas.distinct("credencial_id")
    return {consulta.credencial_id: consulta for consulta in ultimas}


@require_GET
def processos(request: HttpRequest) -> HttpResponse:
    usuario = usuario_de(request)
    lista = lista_de("guias:processos", request.GET, usuario, contexto_de(request).empresa)
    empresas = list(lista.pagina)
    ultimas = _ultimas_da_redesim()
    vinculados = {pk: {item["cnpj"] for item in consulta.vinculos} for pk, consulta in ultimas.items()}
    credenciais = dict(Vinculo.objects.filter(empresa__in=empresas).values_list("empresa", "credencial"))
    em_curso = panorama.em_curso(empresas, ["guias.eprocesso.consultar", "guias.redesim.renunciar"])
    linhas = []
    for empresa in empresas:
        suas = vinculados.get(credenciais.get(empresa.pk))
        contador = None if suas is None else empresa.documento in suas
        linhas.append((empresa, em_curso.get(empresa.pk), panorama.idade(empresa.processos_em), contador))
    usaveis = credenciais_em_uso()
    return render(
        request,
        "guias/processos.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "linhas": linhas,
            "ultimas": list(ultimas.values()),
            "fora": _fora_do_cadastro(ultimas) if usuario.administra else [],
            "intencao": nova_intencao(),
            "custo": sum(custos.previsto(Classe.CONSULTA, 1, credencial.acesso) for credencial in usaveis),
            "credenciais": len(usaveis),
        },
    )


def _fora_do_cadastro(ultimas: dict[object, ConsultaRedesim]) -> list[dict[str, str]]:
    """Linked at the Redesim and not known here; only who sees every empresa may see them."""
    todos = {item["cnpj"]: item for consulta in ultimas.values() for item in consulta.vinculos}
    conhecidos = set(Empresa.objects.filter(documento__in=list(todos)).values_list("documento", flat=True))
    return [item for cnpj, item in sorted(todos.items()) if cnpj not in conhecidos][:_MAXIMO_FORA]


@require_POST
@opera
def vinculos(request: HttpRequest) -> HttpResponse:
    marca = request.POST.get("intencao", "")
    if not _INTENCAO.fullmatch(marca):
        messages.error(request, "O pedido veio incompleto e nada foi enviado. Abra a página de novo e peça outra vez.")
        return de_volta(request, "guias:processos")
    try:
        run = redesim.consultar_vinculos(credenciais_em_uso(), usuario_de(request), marca)
    except redesim.NadaAConsultar as erro:
        messages.error(request, str(erro))
        return de_volta(request, "guias:processos")
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
