"""Sending XML and PDF that the office already has; the check and the rest are the import page's (empresas)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from arquivo.forms import DocumentosForm
from arquivo.importacao.documentos import ImportadorDeDocumentos
from comum.permissoes import opera, usuario_de
from empresas.importacao import base
from empresas.models import Importacao


@opera
@require_http_methods(["GET", "HEAD", "POST"])
def importar(request: HttpRequest) -> HttpResponse:
    usuario = usuario_de(request)
    form = DocumentosForm(usuario=usuario)
    if request.method == "POST":
        form = DocumentosForm(request.POST, request.FILES, usuario=usuario)
        if form.is_valid():
            arquivo = form.cleaned_data["arquivo"]
            importacao = base.receber(
                tipo=ImportadorDeDocumentos.tipo,
                usuario=usuario,
                nome_arquivo=arquivo.name,
                conteudo=arquivo.read(),
                parametros={"nome": arquivo.name},
            )
            return redirect("empresas:importacao", pk=importacao.pk)
    da_tela = Importacao.objects.visiveis(usuario).filter(tipo=ImportadorDeDocumentos.tipo)
    contexto = {"form": form, "recentes": da_tela.select_related("usuario")[:10]}
    return render(request, "arquivo/importar.html", contexto, status=422 if form.is_bound else 200)
