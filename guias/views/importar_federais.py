"""Sending the CSV of DARFs or of debits of MIT; the check and the rest are the import page's (empresas)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from comum.permissoes import opera, usuario_de
from comum.respostas import ajuda_das_colunas, modelo_csv
from empresas.forms import ArquivoForm
from empresas.importacao import base
from empresas.models import Importacao
from guias.importacao.darf import ImportadorDeDarfs
from guias.importacao.mit import ImportadorDoMit

_ACEITA: dict[str, dict[str, str]] = {
    "darfs": {
        "cnpj": "CNPJ ou CPF da empresa, com ou sem pontos",
        "receita": "código e extensão, como 8109-02; sem a extensão quando a receita só tem uma",
        "periodo": "na forma que a receita pede: 10/2026 do mês, 03/2026 do trimestre, 15/10/2026 do dia",
        "valor": "o principal em reais, como 1.234,56; 0,00 nas receitas que não o aceitam",
        "vencimento": "data; em branco, o da regra do tributo, quando a tabela o diz",
        "consolidacao": "o dia do pagamento; em branco, o vencimento, ou hoje se já passou",
        "referencia": "só nas receitas que a pedem ou aceitam",
        "cota": "de 1 a 8, nas receitas que se pagam em quotas",
        "complemento": "1, 2... quando há outro débito com tudo isto igual; 0 para outra via do que já foi emitido",
        "multa": "só nas receitas em que quem emite informa a multa",
        "juros": "só nas receitas em que quem emite informa os juros",
        "ganho_capital": "S ou N, nas receitas que perguntam",
        "alienacao": "data, nas receitas que a pedem",
        "cno": "12 algarismos, nas receitas que o aceitam",
        "cnpj_prestador": "nas receitas que o pedem",
        "observacao": "até 100 letras, impressas no DARF",
        "so_barras": "S para receber só o código de barras, sem PDF",
    },
    "mit": {
        "cnpj": "da matriz, com ou sem pontos",
        "competencia": "mês e ano, como 10/2026",
        "codigo": "receita e extensão, 6 algarismos, como 8109-02; uma linha para cada débito",
        "valor": "em reais, como 1.234,56",
        "grupo": "só de código que o Guichê não conhece: IRPJ, CSLL, CPSS, RET/Pagamento unificado...",
        "periodo": "o número do dia, do decêndio ou da quinzena, de débito que não é do mês inteiro",
        "cnpj_scp": "nos débitos de IRPJ, CSLL, PIS/Pasep e Cofins de uma SCP",
        "estabelecimento": "os 6 últimos do CNPJ, como 0001-00: IPI e Cide (em branco, o da empresa) e RET",
        "evento": "o número do evento especial depois do qual surgiu o débito",
        "referente": "o trimestre ou o ano do débito postergado (código de final 10), como 2/2024 ou 2024; o município "
        "de origem do ouro (4028-02), como Itaituba/PA",
        "cpf_responsavel": "em branco, o que já está no mês",
        "sem_movimento": "S na única linha da empresa no mês",
    },
}
# Invented, with valid check digits.
_EXEMPLOS: dict[str, list[dict[str, str]]] = {
    "darfs": [
        {"cnpj": "12.ABC.345/01DE-35", "receita": "8109-02", "periodo": "10/2026", "valor": "650,00"},
        {
            "cnpj": "12.ABC.345/01DE-35",
            "receita": "2089-01",
            "periodo": "03/2026",
            "valor": "3.200,00",
            "vencimento": "30/10/2026",
            "cota": "1",
        },
    ],
    "mit": [
        {
            "cnpj": "12.ABC.345/01DE-35",
            "competencia": "10/2026",
            "codigo": "8109-02",
            "valor": "650,00",
            "cpf_responsavel": "529.982.247-25",
        },
        {"cnpj": "12.ABC.345/01DE-35", "competencia": "10/2026", "codigo": "2172-01", "valor": "3.000,00"},
    ],
}
_NOTAS = {
    "darfs": "Cada linha é um DARF a emitir; nada é pedido antes de emitir. A mesma dívida não entra duas vezes.",
    "mit": "As linhas de uma empresa e competência são o mês inteiro: substituem os débitos que estavam digitados. "
    "As suspensões ficam as que estavam: confira-as na tela do mês.",
}


def _tela(request: HttpRequest, importador: type[base.Importador], url_modelo: str) -> HttpResponse:
    usuario, tipo = usuario_de(request), importador.tipo
    form = (
        ArquivoForm(request.POST, request.FILES, usuario=usuario)
        if request.method == "POST"
        else ArquivoForm(usuario=usuario)
    )
    form.fields.pop("criar_carteiras", None)
    if form.is_bound and form.is_valid():
        arquivo = form.cleaned_data["arquivo"]
        importacao = base.receber(tipo=tipo, usuario=usuario, nome_arquivo=arquivo.name, conteudo=arquivo.read())
        return redirect("empresas:importacao", pk=importacao.pk)
    contexto: dict[str, Any] = {
        "form": form,
        "importador": importador,
        "titulo": f"Importar {importador.titulo}",
        "colunas": ajuda_das_colunas(importador.colunas, _ACEITA[tipo], _EXEMPLOS[tipo]),
        "url_lista": reverse(importador.url_lista),
        "url_modelo": url_modelo,
        "nota": _NOTAS[tipo],
        "recentes": Importacao.objects.visiveis(usuario).filter(tipo=tipo).select_related("usuario")[:10],
    }
    return render(request, "includes/importar.html", contexto, status=422 if form.is_bound else 200)


@opera
def darfs(request: HttpRequest) -> HttpResponse:
    return _tela(request, ImportadorDeDarfs, reverse("guias:darfs_modelo"))


@opera
def mit(request: HttpRequest) -> HttpResponse:
    return _tela(request, ImportadorDoMit, reverse("guias:mit_modelo"))


@require_GET
@opera
def modelo_darfs(request: HttpRequest) -> HttpResponse:
    return modelo_csv(ImportadorDeDarfs.colunas, _EXEMPLOS["darfs"], "darfs")


@require_GET
@opera
def modelo_mit(request: HttpRequest) -> HttpResponse:
    return modelo_csv(ImportadorDoMit.colunas, _EXEMPLOS["mit"], "mit")
