"""Sending the CSV of notas; the check and the rest are the import page's (empresas)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from comum.permissoes import opera, usuario_de
from comum.respostas import modelo_csv
from empresas.importacao import base
from empresas.models import Importacao
from nfse.forms.importacao import ArquivoComEmpresaForm
from nfse.importacao.colunas_notas import ACEITA, COLUNAS, EXEMPLOS
from nfse.views.base import empresa_do_contexto


@opera
def importar(request: HttpRequest) -> HttpResponse:
    """Send a file of notas; the check runs in the worker and shows on the page of the import."""
    usuario = usuario_de(request)
    iniciais = {"empresa": empresa_do_contexto(request)}
    form = ArquivoComEmpresaForm(usuario=usuario, initial=iniciais)
    if request.method == "POST":
        form = ArquivoComEmpresaForm(request.POST, request.FILES, usuario=usuario, initial=iniciais)
        if form.is_valid():
            arquivo, empresa = form.cleaned_data["arquivo"], form.cleaned_data["empresa"]
            importacao = base.receber(
                tipo="notas",
                usuario=usuario,
                nome_arquivo=arquivo.name,
                conteudo=arquivo.read(),
                parametros={"empresa": empresa.pk} if empresa else {},
            )
            return redirect("empresas:importacao", pk=importacao.pk)
    recentes = Importacao.objects.visiveis(usuario).filter(tipo="notas").select_related("usuario")[:10]
    contexto = {"form": form, "escolhida": form.escolhida(), "colunas": _ajuda(), "recentes": recentes}
    return render(request, "nfse/nota_importar.html", contexto, status=422 if form.is_bound else 200)


def _ajuda() -> list[dict[str, Any]]:
    return [
        {
            "rotulo": coluna.rotulo,
            "outros": ", ".join(coluna.sinonimos),
            "obrigatoria": coluna.obrigatoria,
            "aceita": ACEITA[coluna.nome],
            "exemplo": EXEMPLOS[0].get(coluna.nome) or EXEMPLOS[1].get(coluna.nome, ""),
        }
        for coluna in COLUNAS
    ]


@require_GET
@opera
def modelo(request: HttpRequest) -> HttpResponse:
    """The template of the import: header and example rows."""
    return modelo_csv(COLUNAS, EXEMPLOS, "notas")
