"""Sending the CSV of receitas or of past months; the check and the rest are the import page's (empresas)."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from comum.permissoes import opera, usuario_de
from comum.respostas import ajuda_das_colunas, modelo_csv
from empresas.forms import ArquivoForm
from empresas.importacao import base
from empresas.models import Importacao
from guias.calculo.ajustes import Especie
from guias.calculo.atividades import ATIVIDADES, Atividade
from guias.importacao import ImportadorDeHistorico, ImportadorDeReceitas
from guias.models import Processo

_TIPOS: dict[str, type[base.Importador]] = {
    "receitas": ImportadorDeReceitas,
    "historico": ImportadorDeHistorico,
}
_ACEITA = {
    "cnpj": "do estabelecimento, com ou sem pontos; no histórico, o da matriz",
    "competencia": "mês e ano, como 10/2026",
    "atividade": "número de 1 a 43 do PGDAS-D, ou o nome inteiro, da lista abaixo",
    "valor": "em reais, como 1.234,56; 0,00 apaga a atividade",
    "tratamento": "só nas atividades 2 e 5: ST, Monofásica, ST e monofásica, Antecipação ou Antecipação e monofásica",
    "municipio": "nome ou código IBGE; só nas atividades com ISS devido a outro município",
    "uf": "sigla, quando há mais de um município com o nome",
    "uf_icms": "sigla; só nas atividades 34 a 37, com o ICMS devido a outra UF",
    "folha": "folha de salários do mês com encargos, para o fator r",
    "sem_movimento": "S ou N; só na linha da matriz",
    "ajuste": ", ".join(especie.rotulo for especie in Especie) + "; uma linha por ajuste da mesma atividade",
    "tributos": "do ajuste, separados por vírgula: ICMS, ISS, PIS, Cofins, IPI...",
    "percentual": "só da redução, maior que zero até 100",
    "processo": "número do processo, só da exigibilidade suspensa",
    "uf_processo": "sigla; com vara e motivo, inclui o processo que ainda não está cadastrado",
    "vara": "vara ou órgão do processo",
    "municipio_processo": "só quando o tributo suspenso é o ISS",
    "deposito": "S ou N: há depósito do valor",
    "motivo": "; ".join(f"{motivo.value} {motivo.label.lower()}" for motivo in Processo.Motivo),
    "fixo_icms": "ICMS do mês em valor fixo; só na linha da matriz; 0,00 apaga",
    "fixo_iss": "ISS do mês em valor fixo; só na linha da matriz; 0,00 apaga",
    "caixa": "S ou N; só na linha da matriz e vale para o ano inteiro; em branco fica como está",
    "interno": "receita do mês no mercado interno, por competência; nas receitas, só de quem está no regime de caixa",
    "externo": "receita do mês no mercado externo, por competência; nas receitas, só de quem está no regime de caixa",
    "declarada": "S quando a Receita já tem o mês em um PGDAS-D",
}
# Invented, with valid check digits.
_EXEMPLOS: dict[str, list[dict[str, str]]] = {
    "receitas": [
        {"cnpj": "12.ABC.345/01DE-35", "competencia": "10/2026", "atividade": "14", "valor": "48.200,00"},
        {
            "cnpj": "12.ABC.345/01DE-35",
            "competencia": "10/2026",
            "atividade": "2",
            "valor": "1.500,00",
            "tratamento": "ST",
        },
        {
            "cnpj": "12.ABC.345/01DE-35",
            "competencia": "10/2026",
            "atividade": "14",
            "valor": "3.000,00",
            "ajuste": "Redução",
            "tributos": "ISS",
            "percentual": "40",
        },
    ],
    "historico": [
        {
            "cnpj": "12.ABC.345/01DE-35",
            "competencia": "09/2026",
            "interno": "45.100,00",
            "externo": "0,00",
            "folha": "12.300,00",
            "declarada": "S",
        },
    ],
}

_NOTAS = {
    "receitas": "Atividade que não está no arquivo fica como está; valor 0,00 apaga.",
    "historico": "Célula em branco deixa o que está gravado.",
}


@opera
def nova(request: HttpRequest) -> HttpResponse:
    usuario = usuario_de(request)
    tipo = _tipo(request.POST.get("tipo") or request.GET.get("tipo") or "receitas")
    form = _form(request, usuario)
    if form.is_bound and form.is_valid():
        arquivo = form.cleaned_data["arquivo"]
        importacao = base.receber(tipo=tipo, usuario=usuario, nome_arquivo=arquivo.name, conteudo=arquivo.read())
        return redirect("empresas:importacao", pk=importacao.pk)
    return render(
        request,
        "guias/importar.html",
        {
            "form": form,
            "tipo": tipo,
            "importador": _TIPOS[tipo],
            "titulo": f"Importar {_TIPOS[tipo].titulo[0].lower()}{_TIPOS[tipo].titulo[1:]}",
            "nota": _NOTAS[tipo],
            "url_lista": reverse(_TIPOS[tipo].url_lista),
            "url_modelo": reverse("guias:modelo", args=[tipo]),
            "colunas": ajuda_das_colunas(_TIPOS[tipo].colunas, _ACEITA, _EXEMPLOS[tipo]),
            "atividades": _atividades() if tipo == "receitas" else [],
            "recentes": Importacao.objects.visiveis(usuario).filter(tipo__in=_TIPOS).select_related("usuario")[:10],
        },
        status=422 if form.is_bound else 200,
    )


def _form(request: HttpRequest, usuario: Any) -> ArquivoForm:
    form = (
        ArquivoForm(request.POST, request.FILES, usuario=usuario)
        if request.method == "POST"
        else ArquivoForm(usuario=usuario)
    )
    form.fields.pop("criar_carteiras", None)
    return form


def _tipo(texto: str) -> str:
    if texto not in _TIPOS:
        raise Http404
    return texto


def _atividades() -> list[tuple[int, str, str]]:
    """(number, name, annex) of each activity that a line may name."""
    return [(atividade.id, atividade.nome, _anexo(atividade)) for atividade in ATIVIDADES.values()]


def _anexo(atividade: Atividade) -> str:
    if atividade.anexo is None:
        return "III ou V, pelo fator r"
    if atividade.emprestado is None:
        return atividade.anexo
    tributo, anexo = atividade.emprestado
    return f"{atividade.anexo}, com {tributo.rotulo} do {anexo}"


@require_GET
@opera
def modelo(request: HttpRequest, tipo: str) -> HttpResponse:
    """The template of the import: header and example rows."""
    return modelo_csv(_TIPOS[_tipo(tipo)].colunas, _EXEMPLOS[tipo], tipo)
