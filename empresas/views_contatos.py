"""The contacts of a client: in dialogs on the page of the empresa, and by CSV."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from comum.permissoes import opera, usuario_de
from comum.respostas import ajuda_das_colunas, modelo_csv
from empresas import contatos
from empresas.forms import ArquivoForm, ContatoForm
from empresas.importacao import base
from empresas.importacao.contatos import COLUNAS, ImportadorDeContatos
from empresas.models import Contato, Empresa, Importacao

_ACEITA = {
    "documento": "CNPJ (também com letras) ou CPF da empresa, com ou sem pontos, barra e traço",
    "email": "um endereço; a linha com o mesmo da mesma empresa altera o contato",
    "nome": "até 80 letras",
    "recebe_guias": "S ou N; contato novo sem a coluna recebe",
}
# Invented, with valid check digits.
_EXEMPLOS = [
    {
        "documento": "12.ABC.345/01DE-35",
        "email": "financeiro@aurora.com.br",
        "nome": "Paula, do financeiro",
        "recebe_guias": "S",
    },
    {"documento": "529.982.247-25", "email": "maria@souza.com.br", "nome": "Maria", "recebe_guias": "S"},
]


def _empresa(request: HttpRequest, pk: int) -> Empresa:
    return get_object_or_404(Empresa.objects.visiveis(usuario_de(request)), pk=pk)


@require_http_methods(["GET", "POST"])
@opera
def incluir(request: HttpRequest, pk: int) -> HttpResponse:
    return _editar(request, Contato(empresa=_empresa(request, pk)))


@require_http_methods(["GET", "POST"])
@opera
def alterar(request: HttpRequest, pk: int, contato: int) -> HttpResponse:
    return _editar(request, get_object_or_404(Contato, pk=contato, empresa=_empresa(request, pk)))


def _editar(request: HttpRequest, contato: Contato) -> HttpResponse:
    form = ContatoForm(request.POST or None, instance=contato)
    if request.method == "POST" and form.is_valid():
        contatos.gravar(form.instance, usuario_de(request))
        messages.success(request, f"Contato {form.instance} gravado.")
        destino = contato.empresa.get_absolute_url()
        return HttpResponseClientRedirect(destino) if request.htmx else redirect(destino)  # type: ignore[attr-defined]
    contexto = {"form": form, "contato": contato, "empresa": contato.empresa}
    return render(request, "empresas/contato.html", contexto, status=422 if request.method == "POST" else 200)


@require_POST
@opera
def excluir(request: HttpRequest, pk: int, contato: int) -> HttpResponse:
    achado = get_object_or_404(Contato.objects.select_related("empresa"), pk=contato, empresa=_empresa(request, pk))
    contatos.excluir(achado, usuario_de(request))
    messages.success(request, f"Contato {achado} excluído.")
    return redirect(achado.empresa)


@require_http_methods(["GET", "POST"])
@opera
def importar(request: HttpRequest) -> HttpResponse:
    """Send a list of contacts; the check runs in the worker and shows on the page of the import."""
    usuario = usuario_de(request)
    enviado = request.method == "POST"
    form = ArquivoForm(request.POST, request.FILES, usuario=usuario) if enviado else ArquivoForm(usuario=usuario)
    form.fields.pop("criar_carteiras", None)
    if enviado and form.is_valid():
        arquivo = form.cleaned_data["arquivo"]
        feita = base.receber(tipo="contatos", usuario=usuario, nome_arquivo=arquivo.name, conteudo=arquivo.read())
        return redirect("empresas:importacao", pk=feita.pk)
    contexto = {
        "form": form,
        "importador": ImportadorDeContatos,
        "titulo": "Importar contatos",
        "lede": "Os e-mails dos clientes, vários por empresa. Primeiro o arquivo é conferido e nada é gravado.",
        "nota": "O contato é reconhecido pelo e-mail dentro da empresa: se já existe, é alterado. Célula em branco "
        "deixa o que está cadastrado.",
        "url_lista": reverse("empresas:lista"),
        "url_modelo": reverse("empresas:modelo_contatos"),
        "colunas": ajuda_das_colunas(COLUNAS, _ACEITA, _EXEMPLOS),
        "recentes": Importacao.objects.visiveis(usuario).filter(tipo="contatos").select_related("usuario")[:10],
    }
    return render(request, "includes/importar.html", contexto, status=422 if enviado else 200)


@require_GET
@opera
def modelo(request: HttpRequest) -> HttpResponse:
    """The template of the import: header and example rows."""
    return modelo_csv(COLUNAS, _EXEMPLOS, "contatos")
