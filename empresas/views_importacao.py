from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from comum.permissoes import opera, usuario_de
from comum.planilhas import escrever_csv
from comum.respostas import ajuda_das_colunas, modelo_csv
from empresas.forms import ArquivoForm
from empresas.importacao import base
from empresas.importacao.empresas import COLUNAS, ImportadorDeEmpresas
from empresas.models import Importacao, Regime


@opera
def importar(request: HttpRequest) -> HttpResponse:
    """Send a list of empresas; the check runs in the worker and shows on the page of the import."""
    usuario = usuario_de(request)
    form = ArquivoForm(usuario=usuario)
    if request.method == "POST":
        form = ArquivoForm(request.POST, request.FILES, usuario=usuario)
        if form.is_valid():
            arquivo = form.cleaned_data["arquivo"]
            importacao = base.receber(
                tipo="empresas",
                usuario=usuario,
                nome_arquivo=arquivo.name,
                conteudo=arquivo.read(),
                parametros={"criar_carteiras": bool(form.cleaned_data.get("criar_carteiras"))},
            )
            return redirect("empresas:importacao", pk=importacao.pk)
    recentes = Importacao.objects.visiveis(usuario).filter(tipo="empresas").select_related("usuario")[:10]
    contexto = {
        "form": form,
        "importador": ImportadorDeEmpresas,
        "titulo": "Importar empresas",
        "nota": "A empresa é reconhecida pelo CNPJ ou CPF: se já existe, é alterada. Célula em branco deixa o que está "
        "cadastrado; coluna que não está no arquivo também.",
        "url_lista": reverse("empresas:lista"),
        "url_modelo": reverse("empresas:modelo"),
        "colunas": ajuda_das_colunas(COLUNAS, _ACEITA, _EXEMPLOS),
        "recentes": recentes,
        "sem_carteira": _sem_carteira(request),
    }
    return render(request, "empresas/importar.html", contexto, status=422 if form.is_bound else 200)


def _sem_carteira(request: HttpRequest) -> bool:
    usuario = usuario_de(request)
    return not usuario.administra and not usuario.carteiras.exists()


_ACEITA = {
    "codigo": "até 12 letras ou números, como no sistema contábil",
    "documento": "CNPJ (também com letras) ou CPF, com ou sem pontos, barra e traço",
    "razao_social": "até 150 letras",
    "nome_fantasia": "até 150 letras",
    "regime": ", ".join(str(regime.label) for regime in Regime) + "; CPF só aceita Outro",
    "regime_desde": "data a partir da qual o regime vale. Sem ela: empresa nova, desde 1º de janeiro do ano da última "
    "competência; regime mudado, desde o dia 1º deste mês",
    "uf": "sigla do estado; necessária quando há mais de um município com o nome",
    "municipio": "nome, ou código IBGE de 7 números",
    "inscricao_municipal": "até 20 posições",
    "cnae": "subclasse, como 6201-5/01 ou 6201501",
    "email_fiscal": "um endereço",
    "carteira": "nome de uma carteira cadastrada",
    "inicio_atividade": "data do cartão do CNPJ",
    "ativa": "S ou N; empresa nova sem a coluna entra ativa",
}
# Invented, with valid check digits.
_EXEMPLOS = [
    {
        "codigo": "0012",
        "documento": "12.ABC.345/01DE-35",
        "razao_social": "Aurora Serviços Digitais Ltda",
        "nome_fantasia": "Aurora",
        "regime": "Simples Nacional",
        "regime_desde": "01/01/2026",
        "uf": "RS",
        "municipio": "Novo Hamburgo",
        "inscricao_municipal": "102030",
        "cnae": "6201-5/01",
        "email_fiscal": "fiscal@aurora.com.br",
        "carteira": "",
        "inicio_atividade": "15/03/2021",
        "ativa": "S",
    },
    {
        "codigo": "0027",
        "documento": "529.982.247-25",
        "razao_social": "Maria da Silva Souza",
        "nome_fantasia": "",
        "regime": "Outro",
        "regime_desde": "",
        "uf": "",
        "municipio": "2609600",
        "inscricao_municipal": "",
        "cnae": "",
        "email_fiscal": "",
        "carteira": "",
        "inicio_atividade": "",
        "ativa": "N",
    },
]


@require_GET
@opera
def modelo(request: HttpRequest) -> HttpResponse:
    """The template of the import: header and example rows."""
    return modelo_csv(COLUNAS, _EXEMPLOS, "empresas")


@require_GET
@opera
def importacao(request: HttpRequest, pk: str) -> HttpResponse:
    """Progress, then the check, then the outcome, of any kind of import; its owner and administrators only."""
    registro = get_object_or_404(Importacao.objects.visiveis(usuario_de(request)).select_related("usuario"), pk=pk)
    importador = base.importador_de(registro.tipo)
    request.no_menu = reverse(importador.url_lista)  # type: ignore[attr-defined]  # one page for every kind
    parada = registro.situacao == base.Situacao.NA_FILA and (timezone.now() - registro.criada_em).total_seconds() > 20
    contexto = {"importacao": registro, "importador": importador, "parada": parada, **_contagens(registro)}
    template = "empresas/importacao.html" + ("#andamento" if request.htmx else "")  # type: ignore[attr-defined]
    return render(request, template, contexto)


def _contagens(registro: Importacao) -> dict[str, Any]:
    r = registro.resultado
    return {
        "aplicaveis": r.get("novas", 0) + r.get("alteradas", 0),
        "recusas": registro.previa.get("recusas", []),
        "alteracoes": registro.previa.get("alteracoes", []),
        "alertas": registro.previa.get("alertas", []),
        "depois": base.importador_de(registro.tipo).depois(registro),
        "url_nova": reverse(base.importador_de(registro.tipo).url_nova),
        "url_lista": reverse(base.importador_de(registro.tipo).url_lista),
    }


@require_POST
@opera
def confirmar(request: HttpRequest, pk: str) -> HttpResponse:
    """*Importar*: apply a checked file."""
    registro = get_object_or_404(Importacao.objects.visiveis(usuario_de(request)), pk=pk)
    try:
        base.pedir_importar(registro)
    except base.ImportacaoRecusada as recusa:
        messages.error(request, str(recusa))
    return redirect("empresas:importacao", pk=registro.pk)


@require_GET
@opera
def recusas(request: HttpRequest, pk: str) -> StreamingHttpResponse:
    """Every refused cell: line, column, value, reason; and, where there are any, the warnings of accepted lines."""
    registro = get_object_or_404(Importacao.objects.visiveis(usuario_de(request)), pk=pk)
    resposta = StreamingHttpResponse(
        escrever_csv(*base.recusas_em_tabela(registro)), content_type="text/csv; charset=utf-8"
    )
    criada = timezone.localtime(registro.criada_em)
    resposta["Content-Disposition"] = f'attachment; filename="recusadas-{criada:%Y-%m-%d-%H%M}.csv"'
    return resposta
