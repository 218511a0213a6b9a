"""The sheet of the month's revenue: one row per establishment, one column per activity."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Case, Q, QuerySet, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from comum.documentos import Invalido
from comum.formatos import contar, format_competencia, format_numero, parse_dinheiro
from comum.listas import Filtro, Lista
from comum.permissoes import opera, usuario_de
from empresas.calendario import somar_meses
from empresas.models import Empresa
from empresas.municipios import UFS
from guias.calculo.ajustes import Especie
from guias.calculo.atividades import ATIVIDADES
from guias.calculo.tributos import Tributo
from guias.models import Apuracao, Receita, Tratamento
from guias.services import quadro
from guias.services.copia import copiar_do_mes_anterior
from guias.services.receitas import (
    DA_EMPRESA,
    FIXOS,
    Digitado,
    Estado,
    estados,
    gravar,
)
from guias.views.base import contexto_fiscal
from guias.views.colunas import MAXIMO_DE_COLUNAS, ColunaNaTela, colunas_da_pagina, problema_da_nova
from operacoes.listas import filtro_da_recusa

_TITULOS = {
    "folha": "Folha",
    "interno": "Competência interna",
    "externo": "Competência externa",
    "fixo_icms": "ICMS fixo",
    "fixo_iss": "ISS fixo",
}


_CAMPO = {"folha": "f"}
_SO_DE_CAIXA = ("interno", "externo")


@dataclass
class Celula:
    nome: str
    valor: str
    rotulo: str
    erro: str = ""


@dataclass
class Linha:
    """One establishment as drawn: its cells, those of the company by name (None where it has no such amount, as a
    filial), "sem movimento" (matriz only), and why it is locked."""

    empresa: Empresa
    estado: Estado
    celulas: list[Celula]
    da_empresa: dict[str, Celula | None]
    sem_movimento: bool
    erro: str = ""

    @property
    def eh_filial(self) -> bool:
        return self.empresa.matriz_id is not None


@dataclass
class Folha:
    """The sheet: columns, rows of the page, and what was wrong with what was typed."""

    colunas: list[ColunaNaTela]
    da_empresa: list[str] = field(default_factory=list)
    linhas: list[Linha] = field(default_factory=list)

    @property
    def titulos_da_empresa(self) -> list[tuple[str, str, str]]:
        """(name, title, what it is) of the columns of the company."""
        return [(nome, _TITULOS[nome], DA_EMPRESA[nome]) for nome in self.da_empresa]

    @property
    def erros(self) -> list[tuple[str, str, str]]:
        """(whose, what, id of the cell)."""
        achados = []
        for linha in self.linhas:
            if linha.erro:
                achados.append((str(linha.empresa), linha.erro, f"linha-{linha.empresa.pk}"))
            achados += [
                (f"{linha.empresa}, {celula.rotulo}", celula.erro, celula.nome)
                for celula in [*linha.celulas, *linha.da_empresa.values()]
                if celula is not None and celula.erro
            ]
        return achados


def _lista(request: HttpRequest, params: QueryDict, competencia: date) -> Lista[QuerySet[Empresa]]:
    usuario = usuario_de(request)
    contexto, _ = contexto_fiscal(request)
    matrizes = quadro.da_empresa(quadro.do_simples(usuario, competencia), contexto.empresa)
    visiveis = Empresa.objects.visiveis(usuario).filter(ativa=True)
    estabelecimentos = visiveis.filter(Q(pk__in=matrizes.values("pk")) | Q(matriz__in=matrizes.values("pk"))).annotate(
        ordem_da_matriz=Coalesce("matriz__ordem", "ordem"),
        grupo=Coalesce("matriz_id", "pk"),
        filial=Case(When(matriz=None, then=0), default=1),
    )
    receitas = Receita.objects.filter(competencia=competencia).values("empresa")
    paradas = Apuracao.objects.filter(competencia=competencia, sem_movimento=True).values("empresa")
    informadas = Q(pk__in=receitas) | Q(grupo__in=paradas)
    return Lista(
        params=params,
        base=estabelecimentos,
        ordens={
            "empresa": ["ordem_da_matriz", "grupo", "filial", "documento"],
            "codigo": ["codigo_ordem"],
        },
        ordem_padrao="empresa",
        procurar=lambda consulta, texto: consulta.procurar(texto),  # type: ignore[attr-defined]
        filtros=[
            Filtro(
                "falta",
                "Receita",
                lambda consulta, valor: consulta.exclude(informadas) if valor == "sim" else consulta.filter(informadas),
                [("sim", "Falta informar"), ("nao", "Já informada")],
            ),
            filtro_da_recusa("grupo"),
        ],
        fixos=["colunas", "fixos"],
    )


def _texto(valor: Decimal | None) -> str:
    return "" if valor is None else format_numero(valor, 2)


def _da_empresa(atuais: Iterable[Estado], *, fixos: bool) -> list[str]:
    """The columns of the company: payroll always, what was accrued where somebody is in cash, fixed amounts where
    somebody has one or they were asked for."""
    todos = list(atuais)
    nomes = ["folha"]
    if any(estado.caixa for estado in todos):
        nomes += ["interno", "externo"]
    if fixos or any(estado.da_empresa.keys() & set(FIXOS) for estado in todos):
        nomes += FIXOS
    return nomes


def _montar(colunas: list[ColunaNaTela], pagina: list[Empresa], competencia: date, *, fixos: bool) -> Folha:
    atuais = estados(pagina, competencia)
    folha = Folha(colunas, _da_empresa(atuais.values(), fixos=fixos))
    for empresa in pagina:
        estado = atuais[empresa.pk]
        folha.linhas.append(
            Linha(
                empresa,
                estado,
                [
                    Celula(
                        f"v-{empresa.pk}-{c.chave}",
                        _texto(estado.valores.get(c.coluna)),
                        f"atividade {c.coluna.atividade} ({c.curta})",
                    )
                    for c in colunas
                ],
                {nome: _celula_da_empresa(nome, empresa, estado) for nome in folha.da_empresa},
                estado.sem_movimento,
            )
        )
    return folha


def _celula_da_empresa(nome: str, empresa: Empresa, estado: Estado) -> Celula | None:
    if empresa.matriz_id or (nome in _SO_DE_CAIXA and not estado.caixa):
        return None
    campo = f"{_CAMPO.get(nome, nome)}-{empresa.pk}"
    return Celula(campo, _texto(estado.da_empresa.get(nome)), DA_EMPRESA[nome])


def _ler(folha: Folha, dados: QueryDict) -> list[Digitado]:
    """Read the form into what was typed, leaving the text and its errors on the cells."""
    digitados = []
    for linha in folha.linhas:
        if linha.estado.trava:
            continue
        digitado = Digitado(linha.empresa, base=dados.get(f"b-{linha.empresa.pk}"))
        for coluna, celula in zip(folha.colunas, linha.celulas, strict=True):
            valor = _ler_celula(celula, dados)
            if valor is not None:
                digitado.valores[coluna.coluna] = valor
        for nome, da_empresa in linha.da_empresa.items():
            if da_empresa is None:
                continue
            valor = _ler_celula(da_empresa, dados)
            if valor is not None and (valor or nome in linha.estado.da_empresa or da_empresa.valor):
                digitado.da_empresa[nome] = valor
        if not linha.eh_filial:
            linha.sem_movimento = dados.get(f"s-{linha.empresa.pk}") == "1"
            digitado.sem_movimento = linha.sem_movimento
        digitados.append(digitado)
    return digitados


def _ler_celula(celula: Celula, dados: QueryDict) -> Decimal | None:
    """The amount typed, zero for an emptied cell, None when the cell was not sent or cannot be read."""
    texto = dados.get(celula.nome)
    if texto is None:
        return None
    celula.valor = texto.strip()
    if not celula.valor:
        return Decimal(0)
    lido = parse_dinheiro(celula.valor)
    if isinstance(lido, Invalido):
        celula.erro = lido.mensagem
        return None
    return lido


def grade(request: HttpRequest) -> HttpResponseBase:
    """GET draws the page of the sheet; POST writes it, all or nothing."""
    _, competencia = contexto_fiscal(request)
    lista = _lista(request, request.GET, competencia)
    # What was typed is for the rows that were drawn, wherever the list stands now.
    pagina = list(
        lista.base.filter(pk__in=_inteiros(request.POST.getlist("e"))).order_by(*lista.ordens["empresa"])
        if request.method == "POST"
        else lista.pagina
    )
    colunas = colunas_da_pagina(request, pagina, competencia)
    folha = _montar(colunas, pagina, competencia, fixos=request.GET.get("fixos") == "1")
    if request.method == "POST":
        return _gravar(request, lista, folha, competencia)
    return _desenhar(request, lista, folha, competencia)


def _inteiros(textos: list[str]) -> list[int]:
    return [int(texto) for texto in textos if texto.isdecimal() and len(texto) < 19]


@opera
def _gravar(request: HttpRequest, lista: Lista[Any], folha: Folha, competencia: date) -> HttpResponse:
    digitados = _ler(folha, request.POST)
    if folha.erros:
        return _desenhar(request, lista, folha, competencia, status=422)
    mudadas, impedimentos = gravar(digitados, competencia, usuario_de(request))
    if impedimentos:
        por_empresa = {item.empresa_id: item.mensagem for item in impedimentos}
        atuais = estados([linha.empresa for linha in folha.linhas], competencia)
        for linha in folha.linhas:
            linha.erro = por_empresa.get(linha.empresa.pk, "")
            linha.estado = atuais[linha.empresa.pk]
        return _desenhar(request, lista, folha, competencia, status=422)
    mes = format_competencia(competencia)
    if mudadas:
        messages.success(
            request, f"Receitas de {mes} gravadas: {contar(mudadas, 'estabelecimento', 'estabelecimentos')}."
        )
    else:
        messages.info(request, "Nada a gravar: nenhum valor mudou.")
    return redirect(request.get_full_path())


def _desenhar(
    request: HttpRequest, lista: Lista[Any], folha: Folha, competencia: date, *, status: int = 200
) -> HttpResponse:
    return render(
        request,
        "guias/receitas.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "folha": folha,
            "competencia": competencia,
            "colunas_da_url": ",".join(c.chave for c in folha.colunas),
            "atividades": [a for _, a in sorted(ATIVIDADES.items())],
            "ufs": UFS,
            "tratamentos": [(v, r) for v, r in Tratamento.choices if v],
            "cheia": len(folha.colunas) >= MAXIMO_DE_COLUNAS,
            "especies": list(Especie),
            "tributos": [tributo for tributo in Tributo if tributo.codigo],
            "problema_da_nova": problema_da_nova(request.GET),
            "mes_anterior": somar_meses(competencia, -1),
        },
        status=status,
    )


@require_POST
@opera
def copiar(request: HttpRequest) -> HttpResponse:
    """The receitas of the month before, for every establishment of the list that has none."""
    _, competencia = contexto_fiscal(request)
    lista = _lista(request, request.GET, competencia)
    mudadas, impedimentos = copiar_do_mes_anterior(lista.consulta, competencia, usuario_de(request))
    de, para = format_competencia(somar_meses(competencia, -1)), format_competencia(competencia)
    if impedimentos:
        messages.error(request, f"Nada foi copiado. {impedimentos[0].mensagem}")
    elif mudadas:
        quantos = contar(mudadas, "estabelecimento", "estabelecimentos")
        messages.success(request, f"Receitas de {de} copiadas para {para} em {quantos}. Confira os valores.")
    else:
        messages.info(request, f"Nada a copiar: quem não tem receita em {para} também não tem em {de}.")
    return redirect(f"{reverse('guias:receitas')}?{request.GET.urlencode()}")
