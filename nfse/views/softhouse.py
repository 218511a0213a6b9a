"""The office's software-house accounts at Integra Notas and their emitentes. For the Administrador."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comum.permissoes import administra, usuario_de
from empresas.models import Empresa
from nfse.forms.emitente import ContaForm, NovoEmitenteForm, cadastro_da_empresa
from nfse.models import CanalNfse, ContaSofthouse, TipoCanal
from nfse.services import acesso, administracao, canais, softhouse
from nfse.views.base_canais import enviado, pedidos
from operacoes.errors import ProviderError
from operacoes.models import Operacao, Pausa


@administra
@require_GET
def lista(request: HttpRequest) -> HttpResponse:
    contas = list(ContaSofthouse.objects.annotate(quantos=Count("canais")))
    pausas = {p.acesso: p for p in Pausa.objects.filter(acesso__in=[conta.acesso for conta in contas])}
    linhas = [(conta, pausas.get(conta.acesso)) for conta in contas]
    return render(request, "nfse/softhouse_list.html", {"linhas": linhas})


def _conta(pk: UUID) -> ContaSofthouse:
    return get_object_or_404(ContaSofthouse, pk=pk)


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def nova(request: HttpRequest) -> HttpResponse:
    return _formulario(request, None)


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def alterar(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _formulario(request, _conta(pk))


def _formulario(request: HttpRequest, conta: ContaSofthouse | None) -> HttpResponse:
    form = ContaForm(enviado(request)[0], conta=conta)
    if request.method == "POST" and form.is_valid():
        try:
            salva = softhouse.salvar(
                usuario=usuario_de(request), dados=form.dados(), conta=conta, versao=form.cleaned_data["versao"]
            )
        except softhouse.ContaErro as erro:
            form.add_error(erro.campo or None, str(erro))
            if conta is not None:
                relido = request.POST.copy()
                relido["versao"] = acesso.versao_de(_conta(conta.pk))
                form.data = relido
        else:
            messages.success(request, f"Conta {salva} gravada.")
            return redirect("nfse:softhouse_conta", salva.pk)
    return render(
        request, "nfse/softhouse_form.html", {"form": form, "conta": conta}, status=422 if form.errors else 200
    )


@administra
@require_GET
def ver(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _pagina(request, _conta(pk))


def _pagina(request: HttpRequest, conta: ContaSofthouse, **mais: Any) -> HttpResponse:
    seus = conta.canais.select_related("empresa").order_by("empresa__ordem")
    contexto = {
        "conta": conta,
        "impedimento": acesso.impedimento_da_conta(conta),
        "pausa": Pausa.objects.filter(acesso=conta.acesso).first(),
        "canais": seus[:200],
        "quantos": seus.count(),
        "sem_token": seus.filter(token=b"").count(),
        **pedidos(Operacao.objects.filter(acesso=conta.acesso, tipo__in=administracao.TIPOS)),
        **mais,
    }
    return render(request, "nfse/softhouse_detail.html", contexto)


@administra
@require_POST
def emitentes(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Read the account's emitentes now, active and removed."""
    conta = _conta(pk)
    try:
        vistos = softhouse.emitentes(conta, usuario_de(request))
    except ProviderError as erro:
        messages.error(request, erro.mensagem)
        return _pagina(request, conta)
    return _pagina(
        request,
        conta,
        ativos=[visto for visto in vistos if not visto.removido],
        removidos=[visto for visto in vistos if visto.removido],
        lidos=True,
    )


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def novo_emitente(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Create an emitente of an empresa: its token is sealed into the empresa's canal when it comes."""
    conta = _conta(pk)
    empresa = _empresa(request)
    if empresa is None:
        falta = "Empresa não encontrada. Escolha na lista (F2)." if "empresa" in request.POST else ""
        return render(
            request, "nfse/emitente_novo.html", {"conta": conta, "falta": falta}, status=422 if falta else 200
        )
    form = NovoEmitenteForm(enviado(request)[0], empresa=empresa, novo=True, initial=cadastro_da_empresa(empresa))
    if request.method == "POST" and form.is_valid():
        try:
            operacao = _criar(request, conta, empresa, form)
        except (canais.CanalErro, administracao.AdministracaoErro) as erro:
            form.add_error(None, str(erro))
        else:
            messages.success(
                request, f"Criação do emitente na fila: operação {operacao.pk}. O token vai direto para o canal."
            )
            return redirect("nfse:softhouse_conta", conta.pk)
    contexto = {"conta": conta, "empresa": empresa, "form": form}
    return render(request, "nfse/emitente_novo.html", contexto, status=422 if form.errors else 200)


def _empresa(request: HttpRequest) -> Empresa | None:
    pk = request.POST.get("empresa") or request.GET.get("empresa") or ""
    if not pk.isdecimal() or len(pk) > 18:
        return None
    return Empresa.objects.select_related("municipio").filter(pk=pk).first()


@transaction.atomic
def _criar(request: HttpRequest, conta: ContaSofthouse, empresa: Empresa, form: NovoEmitenteForm) -> Operacao:
    usuario = usuario_de(request)
    canal = softhouse.canal_para(
        conta=conta,
        empresa=empresa,
        serie=form.cleaned_data["serie"],
        proximo_numero=form.cleaned_data["proximo_numero"],
        usuario=usuario,
    )
    return administracao.criar_emitente(
        canal=canal, cadastro=form.cadastro(), prefeitura=form.cleaned_data["prefeitura"], usuario=usuario
    )


def _canal_da_conta(codigo: int) -> CanalNfse:
    consulta = CanalNfse.objects.select_related("empresa__municipio", "conta").filter(conta__isnull=False)
    return get_object_or_404(consulta, codigo=codigo, tipo=TipoCanal.INTEGRANOTAS)


@administra
@require_POST
def recuperar_token(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = _canal_da_conta(codigo)
    try:
        messages.success(request, softhouse.recuperar_token(canal=canal, usuario=usuario_de(request)))
    except softhouse.ContaErro as erro:
        messages.error(request, str(erro))
    except ProviderError as erro:
        messages.error(request, erro.mensagem)
    return redirect(canal)


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def remover(request: HttpRequest, codigo: int) -> HttpResponse:
    """What removing an emitente means, what still keeps it from being removed; POST removes it."""
    canal = _canal_da_conta(codigo)
    if request.method == "POST":
        if request.POST.get("documento") != canal.empresa.documento:
            messages.error(request, "Nada foi removido: a confirmação não é deste emitente. Abra a página de novo.")
            return redirect("nfse:emitente_remover", codigo)
        try:
            operacao = administracao.remover_emitente(canal=canal, usuario=usuario_de(request))
        except administracao.AdministracaoErro as erro:
            messages.error(request, str(erro))
            return redirect("nfse:emitente_remover", codigo)
        messages.success(request, f"Remoção na fila: operação {operacao.pk}.")
        return redirect("nfse:softhouse_conta", canal.conta_id)
    impedimento = administracao.impedimento_da_remocao(canal)
    return render(request, "nfse/emitente_remover.html", {"canal": canal, "impedimento": impedimento})
