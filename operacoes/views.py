"""Screens of the engine: bulk runs, the operações one by one, and what people decide about them."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from arquivo.models import Documento
from arquivo.services import zip_de
from comum.formatos import contar
from comum.listas import Lista
from comum.models import Usuario
from comum.permissoes import administra, opera, usuario_de
from comum.planilhas import escrever_csv
from comum.respostas import volta
from empresas.contexto import contexto_de
from empresas.models import Empresa
from operacoes import duvidas
from operacoes.custos import orcar, previsto
from operacoes.esperas import Estado, contar_operacoes, filas_de
from operacoes.forms import AconteceuForm, NaoAconteceuForm, PausaForm
from operacoes.handlers import ProximaAcao, alvos_de, handler_de, nome_do_servico, todos
from operacoes.listas import ABAS, DAS_ABAS, EM_ABERTO, lista_de_operacoes, na_recusa
from operacoes.models import (
    Circuito,
    Operacao,
    OperacaoQuerySet,
    Pausa,
    Processamento,
    ProcessamentoQuerySet,
    Situacao,
)
from operacoes.motor import (
    EstadoErrado,
    desistir,
    nova_revisao,
    pausar_servico,
    perguntar_de_novo,
    resolver,
    retomar,
    retomar_servico,
    suspender,
)
from operacoes.processamentos import andamento as progresso
from operacoes.processamentos import repeticao, resultados, saida

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
    contas = progresso.contagens([run.pk for run in lista.pagina], usuario)
    titulos = progresso.titulos(lista.pagina, contas, usuario)
    linhas = [(run, titulos[run.pk], contas[run.pk]) for run in lista.pagina]
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
    andamento = progresso.andamento(run, usuario)
    mudou = andamento.terminado or request.GET.get("suspenso", "0") != str(int(run.suspenso))
    contexto: dict[str, object] = {
        "run": run,
        "titulo": progresso.titulos([run], {run.pk: andamento}, usuario)[run.pk],
        "inteiro": run.pertence_a(usuario),
        "andamento": andamento,
        "trazer_comandos": parte == "andamento" and mudou,
    }
    if parte != "resultados":
        contexto["tem_documentos"] = saida.tem_documentos(run, usuario)
        contexto["depois"] = handler_de(run.tipo).depois(run) if andamento.terminado else None
    if parte != "andamento":
        grupos, orcamento = resultados.recusadas_por_motivo(run, usuario, contexto_de(request).competencia)
        contexto |= {
            "grupos": grupos,
            "repetiveis": sum(grupo.quantas for grupo in grupos if grupo.repetivel),
            "como_repete": " ".join(dict.fromkeys(grupo.como_repete for grupo in grupos if grupo.repetivel)),
            "orcamento": orcamento,
            "duvidas": resultados.em_duvida(run, usuario),
            "fora": resultados.fora_por_motivo(run, usuario),
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
    suspenso = request.POST.get("suspenso") == "1"
    suspender(run, suspenso, usuario)
    dito = "Envio suspenso: o que está na fila espera até que alguém continue." if suspenso else "O envio continua."
    messages.success(request, dito)
    return redirect(run)


@require_POST
@opera
def repetir(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    feitas = repeticao.repetir(
        run, usuario_de(request), tipo=request.POST.get("tipo", ""), grupo=request.POST.get("grupo")
    )
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
    tabela = saida.em_tabela(run, usuario_de(request))
    resposta = StreamingHttpResponse(escrever_csv(*tabela), content_type="text/csv; charset=utf-8")
    resposta["Content-Disposition"] = f'attachment; filename="processamento-{run.pk}.csv"'
    return resposta


@require_GET
def documentos(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    run, usuario = _run(request, pk), usuario_de(request)
    return zip_de(
        saida.documentos_de(run, usuario),
        f"processamento-{run.pk}.zip",
        pasta_por_empresa=True,
        outros=saida.indice(run, usuario),
    )


# -- operações one by one ---------------------------------------------------------------------------------------------


@require_GET
@never_cache
def lista(request: HttpRequest) -> HttpResponse:
    """Everything asked of the services. The table updates itself and brings the state above it along."""
    usuario, empresa = usuario_de(request), contexto_de(request).empresa
    operacoes = lista_de_operacoes(request.GET, usuario, empresa)
    sem_aba = request.GET.copy()
    for nome in DAS_ABAS:
        sem_aba.pop(nome, None)
    filtradas = lista_de_operacoes(sem_aba, usuario, empresa)
    todas = Operacao.objects.visiveis(usuario).da_empresa(empresa)
    estado, pagina = Estado(), list(operacoes.pagina)
    geral = contar_operacoes(todas, estado)
    quadro = contar_operacoes(filtradas.consulta, estado) if filtradas.filtros_ativos or filtradas.busca else geral
    filas, alvos = filas_de(pagina, estado), alvos_de(pagina)
    retidas = estado.retidas(todas, vazias=usuario.administra)
    contexto = {
        "lista": operacoes,
        "linhas": [(o, handler_de(o.tipo).rotulo, alvos.get(o.pk, ""), estado.espera(o, filas)) for o in pagina],
        "filtros": [(filtro, operacoes.valores.get(filtro.nome, "")) for filtro in operacoes.filtros],
        "filtro_empresa": _empresa_do_filtro(operacoes, usuario),
        "quadro": quadro,
        "abas": [(aba.value, rotulo, quadro.por_situacao.get(aba, 0)) for aba, rotulo in ABAS],
        "em_aberto": EM_ABERTO,
        "servicos": estado.servicos(geral.por_servico),
        "retidas": [retida for retida in retidas if not retida.servico],
        "trabalhando": estado.trabalhando,
        "parcial": bool(request.htmx),  # type: ignore[attr-defined]
    }
    template = "operacoes/operacao_list.html" + ("#tabela" if contexto["parcial"] else "")
    return render(request, template, contexto)


def _empresa_do_filtro(operacoes: Lista[OperacaoQuerySet], usuario: Usuario) -> Empresa | None:
    valor = operacoes.valores.get("empresa", "")
    numero = valor.isdecimal() and len(valor) < 19
    return Empresa.objects.visiveis(usuario).filter(pk=valor).first() if numero else None


@require_GET
@never_cache
def responder(request: HttpRequest) -> HttpResponse:
    """The first operação that waits for a person; they are answered one after the other from there."""
    primeira = Operacao.objects.visiveis(usuario_de(request)).a_responder().first()
    if primeira is not None:
        return redirect(primeira)
    messages.info(request, "Nenhuma operação aguarda resposta.")
    return redirect("operacoes:lista")


def _servico_ou_404(servico: str) -> str:
    if any(handler.servico == servico for handler in todos()) or Circuito.objects.filter(pk=servico).exists():
        return servico
    raise Http404("Serviço desconhecido.")


@require_http_methods(["GET", "HEAD", "POST"])
@administra
def pausar_o_servico(request: HttpRequest, servico: str) -> HttpResponse:
    """The dialog that asks why, and the pause itself."""
    nome = nome_do_servico(_servico_ou_404(servico))
    form = PausaForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(
            request, "operacoes/pausar_servico.html", {"servico": servico, "nome": nome, "form": form}, status=status
        )
    if pausar_servico(servico, form.cleaned_data["motivo"], usuario_de(request)):
        messages.success(request, f"{nome} em pausa: nada mais é enviado até que alguém retome.")
    else:
        messages.info(request, f"{nome} já estava em pausa.")
    return redirect("operacoes:lista")


@require_POST
@administra
def retomar_o_servico(request: HttpRequest, servico: str) -> HttpResponse:
    nome = nome_do_servico(_servico_ou_404(servico))
    if retomar_servico(servico, usuario_de(request)):
        messages.success(request, f"{nome} retomado: o que aguardava segue na ordem da fila.")
    else:
        messages.info(request, f"{nome} não estava em pausa.")
    return redirect(volta(request, "operacoes:lista"))


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
    """The page; ?parte=nao-aconteceu is the one part of it that changes by itself, while it is not accepted yet."""
    operacao = _operacao(request, pk)
    handler = handler_de(operacao.tipo)
    if request.htmx and request.GET.get("parte") == "nao-aconteceu":  # type: ignore[attr-defined]
        duvida = duvidas.duvida_de(operacao, handler, [])
        contexto = {"operacao": operacao, "duvida": duvida, "parcial": True}
        return render(request, "operacoes/partials/nao_aconteceu.html", contexto)
    return _pagina(request, operacao, AconteceuForm(operacao, handler), NaoAconteceuForm())


def _proxima(operacao: Operacao, competencia: date) -> ProximaAcao | None:
    """What to do about its refusal; where that is a list, on those refused alike, while it is one of them."""
    run = None if hasattr(operacao, "repetida_por") else operacao.processamento
    acao = handler_de(operacao.tipo).proxima_acao(operacao.grupo, "")
    return na_recusa(acao, run, operacao.tipo, operacao.grupo, competencia)


def _pagina(
    request: HttpRequest,
    operacao: Operacao,
    aconteceu: AconteceuForm,
    nao_aconteceu: NaoAconteceuForm,
    status: int = 200,
) -> HttpResponse:
    handler, usuario = handler_de(operacao.tipo), usuario_de(request)
    repetivel = _repetivel(operacao) and not hasattr(operacao, "repetida_por")
    tentativas = list(operacao.tentativas.order_by("iniciada_em"))
    perdidas = sum(tentativa.talvez_cobrada for tentativa in tentativas)
    contexto: dict[str, object] = {
        "operacao": operacao,
        "handler": handler,
        "acesso": handler.rotulo_acesso(operacao.acesso),
        "tentativas": tentativas,
        "talvez": previsto(operacao.classe, perdidas, operacao.acesso) if perdidas else None,
        "talvez_cada": previsto(operacao.classe, 1, operacao.acesso) if perdidas else None,
        "pausa": Pausa.objects.filter(pk=operacao.acesso).first(),
        "documentos": list(Documento.objects.visiveis(usuario).filter(pk__in=operacao.resposta.get("documentos", []))),
        "repetivel": repetivel,
        "proxima": _proxima(operacao, contexto_de(request).competencia)
        if operacao.situacao == Situacao.RECUSADA
        else None,
        "orcamento": orcar([operacao]) if repetivel else None,
    }
    if operacao.situacao == Situacao.AGUARDA_PESSOA:
        contexto |= {
            "aconteceu": aconteceu,
            "nao_aconteceu": nao_aconteceu,
            "duvida": duvidas.duvida_de(operacao, handler, tentativas),
            "fila": duvidas.fila_de_respostas(operacao, usuario),
        }
    else:
        estado = Estado()
        contexto["espera"] = estado.espera(operacao, filas_de([operacao], estado))
    return render(request, "operacoes/operacao_detail.html", contexto, status=status)


@require_POST
@opera
def resolver_operacao(request: HttpRequest, pk: int) -> HttpResponse:
    """*Aconteceu* or *Não aconteceu*, with the evidence; then the next one that waits."""
    operacao, usuario = _operacao(request, pk), usuario_de(request)
    disse = request.POST.get("aconteceu") == "1"
    aconteceu = AconteceuForm(
        operacao, handler_de(operacao.tipo), request.POST if disse else None, request.FILES if disse else None
    )
    nao_aconteceu = NaoAconteceuForm(None if disse else request.POST)
    if operacao.situacao != Situacao.AGUARDA_PESSOA:  # somebody was quicker, perhaps in another tab
        messages.error(request, f"Nada foi gravado: a operação já está “{operacao.get_situacao_display()}”.")
        return redirect(operacao)
    if nao_aqui := handler_de(operacao.tipo).nao_aqui:
        messages.error(request, nao_aqui)
        return redirect(operacao)
    if not (aconteceu if disse else nao_aconteceu).is_valid():
        return _pagina(request, operacao, aconteceu, nao_aconteceu, status=422)
    proxima = duvidas.fila_de_respostas(operacao, usuario).proxima
    try:
        if disse:
            arquivo = aconteceu.cleaned_data.get("arquivo") or b""
            resolver(operacao, True, aconteceu.evidencia(), usuario, arquivo=arquivo)
        else:
            resolver(operacao, False, nao_aconteceu.cleaned_data["motivo"], usuario)
    except EstadoErrado as erro:
        if operacao.situacao == Situacao.AGUARDA_PESSOA and not disse:
            nao_aconteceu.add_error(None, str(erro))
            operacao.refresh_from_db()
            return _pagina(request, operacao, aconteceu, nao_aconteceu, status=422)
        messages.error(request, str(erro))
        return redirect(operacao)
    dito = "aconteceu" if disse else "não aconteceu, voltou à fila"
    messages.success(request, f"Gravado: {operacao.empresa or operacao.chave}, {dito}.")
    return redirect(proxima or operacao)


@require_POST
@opera
def perguntar(request: HttpRequest, pk: int) -> HttpResponse:
    operacao = _operacao(request, pk)
    try:
        perguntar_de_novo(operacao, usuario_de(request))
        messages.success(request, "A pergunta ao serviço está na fila; o resultado aparece nesta página.")
    except EstadoErrado as erro:
        messages.error(request, str(erro))
    return redirect(operacao)


@require_POST
@opera
def desistir_operacao(request: HttpRequest, pk: int) -> HttpResponse:
    operacao = _operacao(request, pk)
    try:
        desistir(operacao, usuario_de(request))
        messages.success(request, "A operação saiu da fila e não será enviada.")
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
