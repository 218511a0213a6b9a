"""What base.html needs on every page: the ambiente, the context of the top bar and the menu."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from comum.models import Adicional, Usuario
from comum.sessao import marca_de
from empresas.contexto import contexto_de


def tela(request: HttpRequest) -> dict[str, Any]:
    valores: dict[str, Any] = {
        "ambiente": settings.AMBIENTE.value,
        "treino": settings.TREINO,
        "cookie_csrf": settings.CSRF_COOKIE_NAME,
    }
    usuario = getattr(request, "user", None)
    if isinstance(usuario, Usuario):
        valores["marca_usuario"] = marca_de(usuario)
        valores["contexto"] = SimpleLazyObject(lambda: contexto_de(request))
        valores["menu"] = SimpleLazyObject(lambda: menu(usuario, getattr(request, "no_menu", request.path)))
    return valores


def menu(usuario: Usuario, caminho: str) -> list[dict[str, Any]]:
    """Groups of {titulo, itens}; the item whose address is the longest prefix of the path is the current one."""
    sem_216 = not Adicional.objects.filter(pk=Adicional.INTEGRA_CONTADOR, ativo=True).exists()
    aviso = "Adicional 216 não contratado" if sem_216 else ""
    administra = usuario.administra
    da_administracao = [
        ("Impostos no ERP", "pagar:impostos_no_erp", ""),
        ("Cadastros", "pagar:regras", ""),
        ("Contas do ERP", "pagar:contas", ""),
    ]
    grupos = [
        ("", [("Início", "inicio", ""), ("Primeiros passos", "primeiros_passos", "")]),
        (
            "Cadastros",
            [
                ("Empresas", "empresas:lista", ""),
                ("102 Credenciais", "credenciais:lista", aviso),
                ("API Integra Contador", "janela:abrir", aviso),
            ],
        ),
        (
            "Notas",
            [
                ("Notas", "nfse:notas", ""),
                ("Tomadores", "nfse:tomadores", ""),
                ("Serviços", "nfse:servicos", ""),
                ("Contratos", "nfse:contratos", ""),
                ("Notas recebidas", "nfse:recebidas", ""),
                ("Canais", "nfse:canais", ""),
            ],
        ),
        (
            "Fiscal",
            [
                ("Receitas", "guias:receitas", aviso),
                ("Apuração e DAS", "guias:apuracao", aviso),
                ("Guias", "guias:lista", aviso),
                ("DARF", "guias:darfs", aviso),
                ("DCTFWeb", "guias:dctfweb", aviso),
                ("MIT", "guias:mit", aviso),
            ],
        ),
        (
            "Contas a pagar",
            [
                ("Títulos", "pagar:titulos", ""),
                ("Pagamentos", "pagar:pagamentos", ""),
                ("Fornecedores", "pagar:fornecedores", ""),
                *(da_administracao if administra else []),
            ],
        ),
        ("Acompanhar", [("Processamentos", "operacoes:processamentos", ""), ("Operações", "operacoes:lista", "")]),
    ]
    if administra:
        grupos.append(("Sistema", [("Administração", "admin:index", "")]))
    resolvidos: list[dict[str, Any]] = [
        {
            "titulo": titulo,
            "itens": [
                {"rotulo": rotulo, "url": reverse(nome), "atual": False, "indisponivel": motivo}
                for rotulo, nome, motivo in itens
            ],
        }
        for titulo, itens in grupos
    ]
    candidatos = [i for g in resolvidos for i in g["itens"] if caminho.startswith(i["url"]) and i["url"] != "/"]
    atual = max(candidatos, key=lambda item: len(item["url"]), default=None)
    if atual is None and caminho == reverse("inicio"):
        atual = resolvidos[0]["itens"][0]
    if atual is not None:
        atual["atual"] = True
    return resolvidos
