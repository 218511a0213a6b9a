"""Sending the CSV of notas, of tomadores or of contratos; the check and the rest are the import page's (empresas)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from comum.permissoes import opera, usuario_de
from comum.respostas import ajuda_das_colunas, modelo_csv
from empresas.importacao import base
from empresas.models import Importacao
from nfse.forms.importacao import ArquivoComEmpresaForm
from nfse.importacao.colunas_notas import ACEITA, EXEMPLOS
from nfse.importacao.contratos import ImportadorDeContratos
from nfse.importacao.notas import ImportadorDeNotas
from nfse.importacao.tomadores import ImportadorDeTomadores
from nfse.views.base import empresa_do_contexto

_EMPRESA = "código ou CNPJ de quem presta o serviço; dispensada quando a empresa é escolhida ao enviar"
_ACEITA_TOMADORES = {
    "empresa": _EMPRESA,
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
    "regiao": "estado, província ou região do tomador no exterior; a NFS-e Nacional pede",
    "codigo_postal": "até 11 posições, do tomador no exterior; a NFS-e Nacional pede",
    "sem_nif": "do tomador no exterior sem NIF: 1 dispensado, 2 o país não exige",
    "ativo": "S ou N; tomador novo sem a coluna entra ativo",
}
_ACEITA_CONTRATOS = {
    "empresa": _EMPRESA,
    "tomador": "não é lido: serve para conferir o arquivo",
    "documento": "CNPJ ou CPF de um tomador cadastrado na empresa; no exterior, o NIF",
    "servico": "código de um serviço cadastrado na empresa",
    "valor": "em reais, como 1.234,56",
    "valor_desde": "data; em branco, desde o início do contrato",
    "de": "data em que o contrato começa",
    "ate": "data em que termina; em branco, sem fim marcado",
    "dia": "de 1 a 31; em branco, 1",
    "mes_do_reajuste": "de 1 a 12, ou o nome do mês",
    "indice": "como IPCA",
    "descricao": "em branco, a do serviço; {MES} e {ANO} viram os da competência",
    "ativo": "S ou N; contrato novo sem a coluna entra ativo",
}
# Invented, with valid check digits.
_TOMADORES = [
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


_CONTRATOS = [
    {
        "empresa": "0012",
        "tomador": "Aurora Serviços Digitais Ltda",
        "documento": "12.ABC.345/01DE-35",
        "servico": "HON",
        "valor": "1.250,00",
        "valor_desde": "01/01/2026",
        "de": "01/03/2024",
        "dia": "5",
        "mes_do_reajuste": "1",
        "indice": "IPCA",
        "ativo": "S",
    },
]


@dataclass(frozen=True)
class _Tipo:
    """`nota` is said above the columns: how a record is recognised, and what a blank means."""

    importador: type[base.Importador]
    aceita: Mapping[str, str]
    exemplos: Sequence[Mapping[str, str]]
    nota: str
    url_modelo: str
    lede: str = "Primeiro o arquivo é conferido e nada é gravado. Depois de ver o resultado, você decide importar."


_BRANCO = "Célula em branco deixa o que está cadastrado; coluna que não está no arquivo também."
_TIPOS = {
    "notas": _Tipo(
        ImportadorDeNotas,
        ACEITA,
        EXEMPLOS,
        "O serviço pode ser um dos cadastrados na empresa, que dá item, descrição, alíquota e retenções, ou item e "
        "descrição na própria linha. O que a linha diz vale mais que o cadastro. A mesma referência nunca vira duas "
        "notas na mesma empresa: o arquivo corrigido pode ser enviado inteiro de novo.",
        "nfse:importar_modelo",
        "Cada linha vira um rascunho, e nada é enviado ainda. Primeiro o arquivo é conferido como no pré-voo; depois "
        "de ver o resultado, você decide importar; depois de importar, emitir.",
    ),
    "tomadores": _Tipo(
        ImportadorDeTomadores,
        _ACEITA_TOMADORES,
        _TOMADORES,
        f"O tomador é reconhecido pela empresa e pelo CNPJ ou CPF; no exterior, pelo NIF ou pelo nome. {_BRANCO}",
        "nfse:tomadores_modelo",
    ),
    "contratos": _Tipo(
        ImportadorDeContratos,
        _ACEITA_CONTRATOS,
        _CONTRATOS,
        f"O contrato é reconhecido pela empresa, pelo tomador, pelo serviço e pelo início da vigência. {_BRANCO}",
        "nfse:contratos_modelo",
    ),
}


@opera
def importar(request: HttpRequest, tipo: str) -> HttpResponse:
    """Send a list; the check runs in the worker and shows on the page of the import."""
    usuario = usuario_de(request)
    iniciais = {"empresa": empresa_do_contexto(request)}
    form = ArquivoComEmpresaForm(usuario=usuario, initial=iniciais)
    if request.method == "POST":
        form = ArquivoComEmpresaForm(request.POST, request.FILES, usuario=usuario, initial=iniciais)
        if form.is_valid():
            arquivo, empresa = form.cleaned_data["arquivo"], form.cleaned_data["empresa"]
            importacao = base.receber(
                tipo=tipo,
                usuario=usuario,
                nome_arquivo=arquivo.name,
                conteudo=arquivo.read(),
                parametros={"empresa": empresa.pk} if empresa else {},
            )
            return redirect("empresas:importacao", pk=importacao.pk)
    contexto = {
        "form": form,
        "escolhida": form.escolhida(),
        "importador": _TIPOS[tipo].importador,
        "url_lista": reverse(_TIPOS[tipo].importador.url_lista),
        "url_modelo": reverse(_TIPOS[tipo].url_modelo),
        "lede": _TIPOS[tipo].lede,
        "nota": _TIPOS[tipo].nota,
        "colunas": ajuda_das_colunas(_TIPOS[tipo].importador.colunas, _TIPOS[tipo].aceita, _TIPOS[tipo].exemplos),
        "recentes": Importacao.objects.visiveis(usuario).filter(tipo=tipo).select_related("usuario")[:10],
    }
    return render(request, "nfse/importar.html", contexto, status=422 if form.is_bound else 200)


@require_GET
@opera
def modelo(request: HttpRequest, tipo: str) -> HttpResponse:
    """The template of the import: header and example rows."""
    return modelo_csv(_TIPOS[tipo].importador.colunas, _TIPOS[tipo].exemplos, tipo)
