"""Sending the CSV of tomadores; the check and the rest are the import page's (empresas)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from comum.permissoes import opera, usuario_de
from comum.respostas import modelo_csv
from empresas.importacao import base
from empresas.models import Importacao
from nfse.forms.importacao import ArquivoComEmpresaForm
from nfse.importacao.tomadores import COLUNAS
from nfse.views.base import empresa_do_contexto

_ACEITA = {
    "empresa": "código ou CNPJ de quem presta o serviço; dispensada quando a empresa é escolhida ao enviar",
    "documento": "CNPJ (também com letras) ou CPF, com ou sem pontuação; em branco só para tomador no exterior",
    "nome": "até 150 letras",
    "inscricao_municipal": "até 20 posições",
    "email": "um endereço",
    "telefone": "com DDD, com ou sem parênteses e traço",
    "cep": "8 números, com ou sem traço",
    "logradouro": "até 125 letras",
    "numero": "até 10 letras ou números; S/N quando não há",
    "complemento": "até 60 letras",
    "bairro": "até 60 letras",
    "municipio": "nome, ou código IBGE de 7 números",
    "uf": "sigla do estado; necessária quando há mais de um município com o nome",
    "pais": "nome ou sigla de duas letras; em branco é Brasil",
    "nif": "documento do país do tomador no exterior",
    "cidade": "a do tomador no exterior; no Brasil é lida como município",
    "ativo": "S ou N; tomador novo sem a coluna entra ativo",
}
# Invented, with valid check digits.
_EXEMPLOS = [
    {
        "empresa": "0012",
        "documento": "12.ABC.345/01DE-35",
        "nome": "Aurora Serviços Digitais Ltda",
        "inscricao_municipal": "102030",
        "email": "financeiro@aurora.com.br",
        "telefone": "(81) 3222-1000",
        "cep": "50030-230",
        "logradouro": "Avenida Rio Branco",
        "numero": "155",
        "complemento": "sala 302",
        "bairro": "Recife",
        "municipio": "Recife",
        "uf": "PE",
        "ativo": "S",
    },
    {
        "empresa": "0012",
        "nome": "Vento Norte, Unipessoal Lda",
        "email": "contas@ventonorte.pt",
        "logradouro": "Rua do Carmo",
        "numero": "20",
        "pais": "Portugal",
        "nif": "501964843",
        "cidade": "Lisboa",
        "ativo": "S",
    },
]


@opera
def importar(request: HttpRequest) -> HttpResponse:
    """Send a list of tomadores; the check runs in the worker and shows on the page of the import."""
    usuario = usuario_de(request)
    iniciais = {"empresa": empresa_do_contexto(request)}
    form = ArquivoComEmpresaForm(usuario=usuario, initial=iniciais)
    if request.method == "POST":
        form = ArquivoComEmpresaForm(request.POST, request.FILES, usuario=usuario, initial=iniciais)
        if form.is_valid():
            arquivo, empresa = form.cleaned_data["arquivo"], form.cleaned_data["empresa"]
            importacao = base.receber(
                tipo="tomadores",
                usuario=usuario,
                nome_arquivo=arquivo.name,
                conteudo=arquivo.read(),
                parametros={"empresa": empresa.pk} if empresa else {},
            )
            return redirect("empresas:importacao", pk=importacao.pk)
    recentes = Importacao.objects.visiveis(usuario).filter(tipo="tomadores").select_related("usuario")[:10]
    contexto = {"form": form, "escolhida": form.escolhida(), "colunas": _ajuda(), "recentes": recentes}
    return render(request, "nfse/tomador_importar.html", contexto, status=422 if form.is_bound else 200)


def _ajuda() -> list[dict[str, Any]]:
    return [
        {
            "rotulo": coluna.rotulo,
            "outros": ", ".join(coluna.sinonimos),
            "obrigatoria": coluna.obrigatoria,
            "aceita": _ACEITA[coluna.nome],
            "exemplo": _EXEMPLOS[0].get(coluna.nome) or _EXEMPLOS[1].get(coluna.nome, ""),
        }
        for coluna in COLUNAS
    ]


@require_GET
@opera
def modelo(request: HttpRequest) -> HttpResponse:
    """The template of the import: header and example rows."""
    return modelo_csv(COLUNAS, _EXEMPLOS, "tomadores")
