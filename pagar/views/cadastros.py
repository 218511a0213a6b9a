"""Cadastros do contas a pagar: rules of titles, withheld taxes and establishments, a tab each. For the
Administrador."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comum.listas import Lista
from comum.permissoes import administra, usuario_de
from comum.respostas import lista_de_onde_veio
from empresas.services import CadastroRecusado
from nfse.views.base import desenhar_lista
from pagar.forms.cadastros import EstabelecimentoForm, FormDoCadastro, RegraImpostoForm, RegraTituloForm
from pagar.listas import lista_de_estabelecimentos, lista_de_impostos, lista_de_regras
from pagar.models import EstabelecimentoErp, RegraImposto, RegraTitulo
from pagar.services import cadastro
from pagar.views.base import gravado


@dataclass(frozen=True)
class Aba:
    """One register: its words, its URL names (`lista`, `um`) and where its pieces are. `ligados` are read with it."""

    nome: str
    procurar: str
    lede: str
    novo: str  # what *Incluir* opens, in words
    salvo: str  # "Regra de título gravada."
    excluido: str
    lista: str
    um: str
    modelo: type[Model]
    form: type[FormDoCadastro[Any]]
    listar: Callable[[QueryDict], Lista[Any]]
    ligados: tuple[str, ...]

    @property
    def tabela(self) -> str:
        return f"pagar/partials/{self.um}_tabela.html"

    @property
    def campos(self) -> str:
        return f"pagar/partials/{self.um}_campos.html"

    @property
    def url_lista(self) -> str:
        return reverse(f"pagar:{self.lista}")

    @property
    def url_novo(self) -> str:
        return reverse(f"pagar:{self.um}_novo")

    @property
    def url_excluir(self) -> str:
        return f"pagar:{self.um}_excluir"

    @property
    def url_importar(self) -> str:
        return reverse(f"pagar:{self.lista}_importar")


ABAS: Mapping[str, Aba] = {
    "titulos": Aba(
        nome="Regras de títulos",
        procurar="Procurar por código, CNPJ do prestador, espécie, conta contábil ou fluxo",
        lede="Como cada documento vira título: espécie, fornecedor, conta contábil, fluxo e prazo.",
        novo="Incluir regra de título",
        salvo="Regra de título gravada",
        excluido="Regra de título excluída",
        lista="regras",
        um="regra",
        modelo=RegraTitulo,
        form=RegraTituloForm,
        listar=lista_de_regras,
        ligados=("conta", "fornecedor"),
    ),
    "impostos": Aba(
        nome="Impostos retidos",
        procurar="Procurar por município, imposto ou classificação",
        lede="Como cada retenção de uma nota tomada é escrita no ERP, e para quem vai o título do imposto.",
        novo="Incluir imposto retido",
        salvo="Imposto retido gravado",
        excluido="Imposto retido excluído",
        lista="impostos",
        um="imposto",
        modelo=RegraImposto,
        form=RegraImpostoForm,
        listar=lista_de_impostos,
        ligados=("conta", "fornecedor", "municipio"),
    ),
    "estabelecimentos": Aba(
        nome="Estabelecimentos das empresas",
        procurar="Procurar por empresa, CNPJ ou estabelecimento",
        lede="Para onde vão os títulos de cada empresa. As demais vão para o estabelecimento padrão da conta.",
        novo="Incluir estabelecimento",
        salvo="Estabelecimento gravado",
        excluido="Estabelecimento excluído",
        lista="estabelecimentos",
        um="estabelecimento",
        modelo=EstabelecimentoErp,
        form=EstabelecimentoForm,
        listar=lista_de_estabelecimentos,
        ligados=("conta", "empresa"),
    ),
}


@administra
@require_GET
def lista(request: HttpRequest, tipo: str) -> HttpResponse:
    aba = ABAS[tipo]
    return desenhar_lista(request, "pagar/cadastro_list.html", aba.listar(request.GET), aba=aba, abas=ABAS.values())


def _achado(tipo: str, pk: int) -> Model:
    aba = ABAS[tipo]
    return get_object_or_404(aba.modelo._default_manager.select_related(*aba.ligados), pk=pk)


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def novo(request: HttpRequest, tipo: str) -> HttpResponse:
    return _editar(request, tipo, None)


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def alterar(request: HttpRequest, tipo: str, pk: int) -> HttpResponse:
    return _editar(request, tipo, _achado(tipo, pk))


def _editar(request: HttpRequest, tipo: str, objeto: Model | None) -> HttpResponse:
    aba, nome = ABAS[tipo], str(objeto or "")
    dados = request.POST if request.method == "POST" else None
    form = aba.form(dados, instance=objeto)
    voltar = lista_de_onde_veio(request, aba.url_lista)
    if dados is not None and (salvo := gravado(request, form)) is not None:
        messages.success(request, f"{aba.salvo}: {salvo}.")
        return redirect(voltar)
    contexto = {"form": form, "aba": aba, "objeto": objeto, "nome": nome, "escolhas": form.textos(), "voltar": voltar}
    return render(request, "pagar/cadastro_form.html", contexto, status=422 if dados is not None else 200)


@administra
@require_POST
def excluir(request: HttpRequest, tipo: str, pk: int) -> HttpResponse:
    objeto, aba = _achado(tipo, pk), ABAS[tipo]
    nome = str(objeto)
    try:
        cadastro.excluir(objeto=objeto, usuario=usuario_de(request))
    except CadastroRecusado as recusa:
        messages.error(request, f"{nome}: {recusa.mensagem}")
    else:
        messages.success(request, f"{aba.excluido}: {nome}.")
    return redirect(aba.url_lista)
