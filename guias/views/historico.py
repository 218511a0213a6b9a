"""The past months of one company: revenue and payroll that RBT12 and fator r look at."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from comum.documentos import Invalido
from comum.formatos import format_numero, parse_dinheiro
from comum.permissoes import opera, usuario_de
from guias.models import Apuracao, HistoricoMensal
from guias.services.ano_na_receita import meses_declarados
from guias.services.historico import MesDigitado, gravar, meses
from guias.views.apuracao import apuracao_visivel

CAMPOS = ("interno", "externo", "folha")


@dataclass
class Linha:
    competencia: date
    propria: bool  # its revenue comes from the receitas of that month
    textos: dict[str, str]
    declarada: bool
    declarada_aqui: bool
    na_receita: str  # number of the declaration that the last consulta of its year has
    erros: dict[str, str] = field(default_factory=dict)


@opera
def historico(request: HttpRequest, pk: int) -> HttpResponse:
    apuracao = apuracao_visivel(request, pk)
    linhas = _linhas(apuracao)
    if request.method == "POST":
        digitados = _ler(request, linhas)
        if not any(linha.erros for linha in linhas):
            gravar(apuracao, digitados, usuario_de(request))
            transmitida = apuracao.situacao == Apuracao.Situacao.TRANSMITIDA
            feito = "A declaração transmitida fica como está." if transmitida else "A apuração foi calculada de novo."
            messages.success(request, f"Histórico gravado. {feito}")
            return redirect("guias:ver", pk=pk)
    return render(
        request,
        "guias/historico.html",
        {"apuracao": apuracao, "linhas": linhas, "erros": [e for linha in linhas for e in linha.erros.values()]},
        status=422 if request.method == "POST" else 200,
    )


def _linhas(apuracao: Apuracao) -> list[Linha]:
    transmitidas = set(
        Apuracao.objects.filter(empresa=apuracao.empresa_id)
        .exclude(id_declaracao="")
        .values_list("competencia", flat=True)
    )
    na_receita = meses_declarados(apuracao.empresa)
    digitados = set(HistoricoMensal.objects.filter(empresa=apuracao.empresa_id).values_list("competencia", flat=True))
    return [
        Linha(
            mes,
            propria,
            {campo: _texto(getattr(lido, campo)) for campo in CAMPOS},
            lido.declarada or (mes in na_receita and mes not in digitados),  # what a person said of it stays
            mes in transmitidas,
            na_receita.get(mes, ""),
        )
        for mes, lido, propria in meses(apuracao)
    ]


def _texto(valor: Decimal | None) -> str:
    return "" if valor is None else format_numero(valor, 2)


def _ler(request: HttpRequest, linhas: list[Linha]) -> list[MesDigitado]:
    digitados = []
    for linha in linhas:
        valores: dict[str, Decimal | None] = {}
        for campo in CAMPOS:
            linha.textos[campo] = request.POST.get(f"{campo}-{linha.competencia:%Y%m}", linha.textos[campo]).strip()
            lido = parse_dinheiro(linha.textos[campo]) if linha.textos[campo] else None
            if isinstance(lido, Invalido):
                linha.erros[campo] = lido.mensagem
                lido = None
            # A month with receitas of its own keeps its revenue there only.
            valores[campo] = None if linha.propria and campo != "folha" else lido
        linha.declarada = linha.declarada_aqui or request.POST.get(f"declarada-{linha.competencia:%Y%m}") == "1"
        digitados.append(MesDigitado(linha.competencia, declarada=linha.declarada, **valores))
    return digitados
