"""Contas do ERP: the list, one account with its settings, and its test. For the Administrador."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comum.permissoes import administra, usuario_de
from operacoes.models import Pausa
from pagar.forms.contas import ContaForm
from pagar.models import ContaErp
from pagar.services import acesso, contas, testes


@administra
@require_GET
def lista(request: HttpRequest) -> HttpResponse:
    todas = list(ContaErp.objects.all())
    pausas = set(Pausa.objects.filter(acesso__in=[conta.acesso for conta in todas]).values_list("acesso", flat=True))
    linhas = [(conta, conta.acesso in pausas, contas.alterada_depois_do_teste(conta)) for conta in todas]
    return render(request, "pagar/conta_list.html", {"linhas": linhas})


def _conta(codigo: int) -> ContaErp:
    return get_object_or_404(ContaErp, codigo=codigo)


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def nova(request: HttpRequest) -> HttpResponse:
    return _formulario(request, None)


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def alterar(request: HttpRequest, codigo: int) -> HttpResponse:
    return _formulario(request, _conta(codigo))


def _formulario(request: HttpRequest, conta: ContaErp | None) -> HttpResponse:
    form = ContaForm(request.POST if request.method == "POST" else None, instance=conta)
    if request.method == "POST" and form.is_valid():
        try:
            salva = contas.salvar(
                usuario=usuario_de(request),
                conta=form.instance,
                secretos=form.secretos(),
                versao=form.cleaned_data["versao"],
            )
        except contas.ContaMudou as mudou:
            form.add_error(None, str(mudou))
            form.passar_a(acesso.versao_de(_conta(form.instance.codigo)))
        except contas.ContaErro as erro:
            form.add_error(erro.campo or None, str(erro))
        else:
            dito = "Agora teste a conexão." if conta is None else ""
            messages.success(request, f"Conta do ERP {salva.codigo} gravada. {dito}".strip())
            return redirect(salva)
    guardada = ContaErp.objects.get(pk=conta.pk) if conta else None  # the form writes over `conta`
    contexto: dict[str, Any] = {"form": form, "conta": guardada}
    if guardada:
        contexto |= {
            "impedimento": acesso.impedimento_de(guardada),
            "pausa": Pausa.objects.filter(acesso=guardada.acesso).first(),
            "alterada_depois": contas.alterada_depois_do_teste(guardada),
        }
    return render(request, "pagar/conta_form.html", contexto, status=422 if form.errors else 200)


@administra
@require_POST
def testar(request: HttpRequest, codigo: int) -> HttpResponse:
    conta = _conta(codigo)
    try:
        teste = testes.testar(conta=conta, usuario=usuario_de(request))
    except contas.ContaErro as erro:
        messages.warning(request, str(erro))
        return redirect("pagar:contas")
    if teste.ok:
        messages.success(request, teste.mensagem)
    else:
        messages.error(request, f"Não conectou. {teste.mensagem}")
    return redirect(conta)
