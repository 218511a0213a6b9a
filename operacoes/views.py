"""Screens of the engine: bulk runs, the operações one by one, and what people decide about them."""

from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from arquivo.models import Documento
from arquivo.services import zip_de
from comum.formatos import contar
from comum.listas import Lista
from comum.permissoes import opera, usuario_de
from comum.planilhas import escrever_csv
from comum.respostas import volta
from empresas.contexto import contexto_de
from operacoes import processamento as runs
from operacoes.custos import previsto
from operacoes.forms import ResolverForm
from operacoes.handlers import handler_de
from operacoes.listas import lista_de_operacoes
from operacoes.models import Operacao, Pausa, Processamento, ProcessamentoQuerySet, Situacao
from operacoes.motor import EstadoErrado, desistir, nova_revisao, resolver, retomar
from operacoes.motor.pessoas import suspender

# -- bulk runs --------------------------------------------------------------------------------------------------------


@require_GET
@never_cache
def processamentos(request: HttpRequest) -> HttpResponse:
    usuario = usuario_de(request)
    lista: Lista[ProcessamentoQuerySet] = Lista(
        params=request.GET,
        base=Processamento.objects.visiveis(usuario).da_empresa(contexto_de(request).empresa).select_related("usuario"),
        ordens={"criado": ("criado_em",), "titulo": ("titulo",), "competencia": ("competencia",)},
        ordem_padrao="-criado",
        procurar=lambda consulta, texto: consulta.filter(titulo__icontains=texto),
    )
    contas = runs.contagens([run.pk for run in lista.pagina], usuario)
    linhas = [(run, run.titulo_para(usuario), contas[run.pk]) for run in lista.pagina]
    template = "operacoes/processamento_list.html" + ("#tabela" if request.htmx else "")  # type: ignore[attr-defined]
    return render(request, template, {"lista": lista, "linhas": linhas})


def _run(request: HttpRequest, pk: int) -> Processamento:
    visiveis = Processamento.objects.visiveis(usuario_de(request)).select_related("usuario")
    return get_object_or_404(visiveis, pk=pk)


@require_GET
@never_cache
def processamento(request: HttpRequest, pk: int) -> HttpResponse:
    """The run's page; ?parte=andamento and ?parte=resultados are its two live parts.

    The first also brings the commands when they no longer fit: the run ended, or it is not `suspenso` as it was.
    """
    usuario, run = usuario_de(request), _run(request, pk)
    parte = request.GET.get("parte", "")
    andamento = runs.andamento(run, usuario)
    mudou = andamento.terminado or request.GET.get("suspenso", "0") != str(int(run.suspenso))
    contexto: dict[str, object] = {
        "run": run,
        "titulo": run.titulo_para(usuario),
        "inteiro": run.pertence_a(usuario),
        "andamento": andamento,
        "trazer_comandos": parte == "andamento" and mudou,
    }
    if parte != "resultados":
        contexto["tem_documentos"] = runs.tem_documentos(run, usuario)
    if parte != "andamento":
        grupos = runs.recusadas_por_motivo(run, usuario)
        contexto |= {
            "grupos": grupos,
            "repetiveis": sum(grupo.quantas for grupo in grupos if grupo.repetivel),
            "custo_de_repetir": sum((grupo.custo_de_repetir for grupo in grupos if grupo.repetivel), Decimal(0)),
            "duvidas": runs.em_duvida(run, usuario),
            "fora": runs.fora_por_motivo(run, usuario),
        }
    template = "operacoes/processamento_detail.html"
    if request.htmx and parte in ("andamento", "resultados"):  # type: ignore[attr-defined]
        template += f"#{parte}"
    return render(request, template, contexto)


@require_POST
@opera
def suspender_processamento(request: HttpRequest, pk: int) -> HttpResponse:
    """By who started the run, or an Administrador: it holds back every row, also those this user does not see."""
    run, usuario = _run(request, pk), usuario_de(request)
    if not run.pertence_a(usuario):
        raise PermissionDenied(f"Só {run.usuario.nome}, que iniciou este envio, ou um Administrador pode suspendê-lo.")
    suspender(run, request.POST.get("suspenso") == "1", usuario)
    return redirect(run)


@require_POST
@opera
def repetir(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    feitas = runs.repetir(run, usuario_de(request), tipo=request.POST.get("tipo", ""), grupo=request.POST.get("grupo"))
    if feitas.quantas:
        messages.success(request, f"{contar(feitas.quantas, 'operação', 'operações')} de volta à fila.")
    for motivo, quantas in feitas.deixadas.items():
        messages.warning(request, f"{contar(quantas, 'não repetida', 'não repetidas')}: {motivo}")
    if not feitas.quantas and not feitas.deixadas:
        messages.info(request, "Nada a repetir: nenhuma recusada espera nova tentativa igual.")
    return redirect(run)


@require_POST
@opera
def retomar_acesso(request: HttpRequest) -> HttpResponse:
    """Lift the pause of an access that some visible open operação uses."""
    usuario, acesso = usuario_de(request), request.POST.get("acesso", "")
    pausa = get_object_or_404(Pausa, pk=acesso)
    if not Operacao.objects.visiveis(usuario).abertas().filter(acesso=pausa.acesso).exists() and not usuario.administra:
        return HttpResponse(status=404)
    retomar(acesso, usuario)
    messages.success(request, "Pausa retirada: o envio continua. Se o acesso ainda falhar, a pausa volta com o motivo.")
    return redirect(volta(request, "operacoes:processamentos"))


@require_GET
def exportar(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    run = _run(request, pk)
    linhas = runs.linhas_exportadas(run, usuario_de(request))
    resposta = StreamingHttpResponse(escrever_csv(runs.CABECALHO, linhas), content_type="text/csv; charset=utf-8")
    resposta["Content-Disposition"] = f'attachment; filename="processamento-{run.pk}.csv"'
    return resposta


@require_GET
def documentos(request: HttpRequest, pk: int) -> FileResponse:
    run = _run(request, pk)
    return zip_de(runs.documentos_de(run, usuario_de(request)), f"processamento-{run.pk}.zip", pasta_por_empresa=True)


# -- operações one by one ---------------------------------------------------------------------------------------------


@require_GET
@never_cache
def lista(request: HttpRequest) -> HttpResponse:
    operacoes = lista_de_operacoes(request.GET, usuario_de(request))
    template = "operacoes/operacao_list.html" + ("#tabela" if request.htmx else "")  # type: ignore[attr-defined]
    rotulos = {handler_tipo: handler_de(handler_tipo).rotulo for handler_tipo in {o.tipo for o in operacoes.pagina}}
    linhas = [(operacao, rotulos[operacao.tipo]) for operacao in operacoes.pagina]
    filtros = [(filtro, operacoes.valores.get(filtro.nome, "")) for filtro in operacoes.filtros]
    return render(request, template, {"lista": operacoes, "linhas": linhas, "filtros": filtros})


def _operacao(request: HttpRequest, pk: int) -> Operacao:
    visiveis = Operacao.objects.visiveis(usuario_de(request))
    return get_object_or_404(
        visiveis.select_related("empresa", "usuario", "processamento", "anterior", "repetida_por"), pk=pk
    )


def _repetivel(operacao: Operacao) -> bool:
    if operacao.situacao == Situacao.RECUSADA:
        return handler_de(operacao.tipo).repetivel(operacao.grupo)
    return operacao.situacao == Situacao.DESISTIDA


@require_GET
@never_cache
def ver(request: HttpRequest, pk: int) -> HttpResponse:
    return _pagina(request, _operacao(request, pk), ResolverForm())


def _pagina(request: HttpRequest, operacao: Operacao, form: ResolverForm, status: int = 200) -> HttpResponse:
    handler = handler_de(operacao.tipo)
    repetivel = _repetivel(operacao) and not hasattr(operacao, "repetida_por")
    contexto = {
        "operacao": operacao,
        "handler": handler,
        "acesso": handler.rotulo_acesso(operacao.acesso),
        "tentativas": list(operacao.tentativas.order_by("iniciada_em")),
        "pausa": Pausa.objects.filter(pk=operacao.acesso).first(),
        "documentos": list(
            Documento.objects.visiveis(usuario_de(request)).filter(pk__in=operacao.resposta.get("documentos", []))
        ),
        "form": form,
        "repetivel": repetivel,
        "proxima": handler.proxima_acao(operacao.grupo, "") if operacao.situacao == Situacao.RECUSADA else None,
        "custo_de_repetir": previsto(operacao.classe, 1, operacao.acesso) if repetivel else None,
    }
    return render(request, "operacoes/operacao_detail.html", contexto, status=status)


@require_POST
@opera
def resolver_operacao(request: HttpRequest, pk: int) -> HttpResponse:
    """*Aconteceu* or *Não aconteceu*, with the evidence."""
    operacao, form = _operacao(request, pk), ResolverForm(request.POST)
    if not form.is_valid():
        return _pagina(request, operacao, form, status=422)
    aconteceu = request.POST.get("aconteceu") == "1"
    try:
        resolver(operacao, aconteceu, form.cleaned_data["evidencia"], usuario_de(request))
    except EstadoErrado as erro:
        messages.error(request, str(erro))
    else:
        messages.success(request, "Gravado: aconteceu." if aconteceu else "Gravado: não aconteceu. Voltou à fila.")
    return redirect(operacao)


@require_POST
@opera
def desistir_operacao(request: HttpRequest, pk: int) -> HttpResponse:
    operacao = _operacao(request, pk)
    try:
        desistir(operacao, usuario_de(request))
    except EstadoErrado as erro:
        messages.error(request, str(erro))
    return redirect(operacao)


@require_POST
@opera
def repetir_operacao(request: HttpRequest, pk: int) -> HttpResponse:
    operacao, usuario = _operacao(request, pk), usuario_de(request)
    if operacao.situacao == Situacao.RECUSADA and not _repetivel(operacao):
        messages.error(request, "Enviada de novo como estava, seria recusada de novo. Resolva antes o motivo.")
        return redirect(operacao)
    try:
        with transaction.atomic():
            repetir = handler_de(operacao.tipo).repetir([operacao], usuario)
            repeticao = repetir.get(operacao.pk, "Não pode ser repetida como está.")
            if not isinstance(repeticao, str):
                return redirect(nova_revisao(operacao, repeticao, usuario))
        messages.error(request, repeticao)
        return redirect(operacao)
    except EstadoErrado as erro:
        messages.error(request, str(erro))
        return redirect(operacao)
