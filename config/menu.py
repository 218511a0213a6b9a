"""The side menu: its groups, and which item is the page that is open."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from comum.models import Adicional, Usuario

_SEM_216 = "Adicional 216 não contratado"


@dataclass(frozen=True)
class Item:
    """An entry: its words and the name of its URL. `da_api`: it exists only with the add-on 216."""

    rotulo: str
    nome: str
    da_api: bool = False
    administra: bool = False  # shown to administrators alone


# Title of the group (none: always there), its name in the cookie of what a person folded, and its items.
GRUPOS: tuple[tuple[str, str, tuple[Item, ...]], ...] = (
    ("", "", (Item("Início", "inicio"), Item("Primeiros passos", "primeiros_passos"))),
    (
        "Cadastros",
        "cadastros",
        (
            Item("Empresas", "empresas:lista"),
            Item("102 Credenciais", "credenciais:lista", da_api=True),
            Item("API Integra Contador", "janela:abrir", da_api=True),
            Item("Procurações", "guias:procuracoes", da_api=True),
        ),
    ),
    (
        "Notas",
        "notas",
        (
            Item("Notas", "nfse:notas"),
            Item("Tomadores", "nfse:tomadores"),
            Item("Serviços", "nfse:servicos"),
            Item("Contratos", "nfse:contratos"),
            Item("Notas recebidas", "nfse:recebidas"),
            Item("Canais", "nfse:canais"),
        ),
    ),
    (
        "Fiscal",
        "fiscal",
        (
            Item("Receitas", "guias:receitas", da_api=True),
            Item("Apuração e DAS", "guias:apuracao", da_api=True),
            Item("Guias", "guias:lista", da_api=True),
            Item("MEI", "guias:mei", da_api=True),
            Item("Parcelamentos", "guias:parcelamentos", da_api=True),
            Item("DARF", "guias:darfs", da_api=True),
            Item("DCTFWeb", "guias:dctfweb", da_api=True),
            Item("MIT", "guias:mit", da_api=True),
            Item("Situação fiscal", "guias:situacao_fiscal", da_api=True),
            Item("Caixa postal", "guias:caixa_postal", da_api=True),
            Item("Obrigações anuais", "guias:anuais", da_api=True),
            Item("Redesim e processos", "guias:processos", da_api=True),
        ),
    ),
    (
        "Contas a pagar",
        "pagar",
        (
            Item("Títulos", "pagar:titulos"),
            Item("Pagamentos", "pagar:pagamentos"),
            Item("Fornecedores", "pagar:fornecedores"),
            Item("Impostos no ERP", "pagar:impostos_no_erp", administra=True),
            Item("Cadastros", "pagar:regras", administra=True),
            Item("Contas do ERP", "pagar:contas", administra=True),
        ),
    ),
    (
        "Acompanhar",
        "acompanhar",
        (
            Item("Processamentos", "operacoes:processamentos"),
            Item("Operações", "operacoes:lista"),
            Item("Custos", "custos:periodo"),
            Item("Arquivo", "arquivo:lista"),
            Item("Validades", "validades"),
            Item("Serviços do SERPRO", "guias:servicos", da_api=True),
        ),
    ),
    ("Sistema", "sistema", (Item("Administração", "admin:index", administra=True),)),
)
COOKIE = "guiche_menu"  # names of the groups a person folded, joined by dots; written by static/js/aparencia.js


def menu(usuario: Usuario, caminho: str, dobrados: str = "") -> list[dict[str, Any]]:
    """Groups of {titulo, nome, aberto, itens}; the item whose address is the longest prefix of `caminho` is the current
    one, and its group is open whatever was folded (`dobrados`, as in the cookie)."""
    sem_216 = not Adicional.objects.filter(pk=Adicional.INTEGRA_CONTADOR, ativo=True).exists()
    fechados = set(dobrados.split("."))
    resolvidos: list[dict[str, Any]] = []
    for titulo, nome, itens in GRUPOS:
        vistos = [
            {
                "rotulo": item.rotulo,
                "url": reverse(item.nome),
                "atual": False,
                "indisponivel": _SEM_216 if item.da_api and sem_216 else "",
            }
            for item in itens
            if usuario.administra or not item.administra
        ]
        if vistos:
            resolvidos.append({"titulo": titulo, "nome": nome, "aberto": nome not in fechados, "itens": vistos})
    candidatos = [
        (len(item["url"]), grupo, item)
        for grupo in resolvidos
        for item in grupo["itens"]
        if caminho == item["url"] or (caminho.startswith(item["url"]) and item["url"] != "/")
    ]
    if candidatos:
        _, grupo, atual = max(candidatos, key=lambda candidato: candidato[0])
        atual["atual"] = grupo["aberto"] = True
    return resolvidos
