"""The taxes that the ERP linked to a title, as it lists them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from comum.formatos import normalizar
from comum.permissoes import administra, usuario_de
from comum.respostas import exportacao
from operacoes.errors import ProviderError
from pagar.models import ContaErp
from pagar.providers.interface import ImpostoListado
from pagar.services import impostos
from pagar.views.titulo import titulo_visivel

CABECALHO = (
    "Imposto", "Classificação", "Descrição", "UF", "Alíquota (%)", "Rendimento tributável", "Valor", "Vencimento",
    "Favorecido no ERP", "Favorecido", "Opcional", "Identificador no ERP",
)  # fmt: skip
_VALORES = {"com": "Só com valor", "zero": "Só com valor zero"}
_MAXIMO = 18  # positions
_NAO_E_NUMERO = f"O identificador tem só números, até {_MAXIMO}. Confira no ERP."


@require_GET
@never_cache
def do_titulo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """By the identifier that the ERP told of the title; where it told none, by the one that an administrator types: any
    number is the taxes of some title, of whatever empresa."""
    titulo = titulo_visivel(request, pk)
    digita = titulo.id_pagamento is None and usuario_de(request).administra
    texto = request.GET.get("identificador", "").strip() if digita else str(titulo.id_pagamento or "")
    identificador, erro = _identificador(texto)
    contexto = {"titulo": titulo, "texto": texto, "erro": erro, "digita": digita}
    return _responder(request, titulo.conta, identificador, contexto)


@require_GET
@never_cache
@administra
def no_erp(request: HttpRequest) -> HttpResponseBase:
    """By any identifier of an account."""
    contas = list(ContaErp.objects.filter(ativa=True))
    escolhida = request.GET.get("conta", "")
    conta = next((conta for conta in contas if str(conta.codigo) == escolhida), contas[0] if contas else None)
    texto = request.GET.get("identificador", "").strip()
    identificador, erro = _identificador(texto)
    return _responder(request, conta, identificador, {"contas": contas, "texto": texto, "erro": erro, "digita": True})


def _identificador(texto: str) -> tuple[int | None, str]:
    if not texto:
        return None, ""
    if texto.isascii() and texto.isdecimal() and len(texto) <= _MAXIMO:
        return int(texto), ""
    return None, _NAO_E_NUMERO


def _responder(
    request: HttpRequest, conta: ContaErp | None, identificador: int | None, contexto: dict[str, Any]
) -> HttpResponseBase:
    ordem = request.GET.get("ordem", "")
    ordem = ordem if ordem in impostos.ORDENS else ""
    lidos: Sequence[ImpostoListado] | None = None
    if conta is not None and identificador is not None:
        try:
            lidos = impostos.listar(conta, identificador, ordem)
        except ProviderError as erro:
            contexto["falha"] = erro
    busca, valores = request.GET.get("q", "").strip(), request.GET.get("valores", "")
    achados = [imposto for imposto in lidos or () if _passa(imposto, busca, valores)]
    if lidos is not None and request.GET.get("formato"):
        return exportacao(request, "impostos", CABECALHO, map(_linha, achados))
    contexto |= {
        "conta": conta,
        "identificador": identificador,
        "lidos": lidos,
        "impostos": achados,
        "total": sum((imposto.valor for imposto in achados), Decimal(0)),
        "lido_em": timezone.now(),
        "ordens": impostos.ORDENS,
        "ordem": ordem,
        "valores": _VALORES,
        "valor_atual": valores,
        "busca": busca,
    }
    return render(request, "pagar/impostos.html", contexto)


def _passa(imposto: ImpostoListado, busca: str, valores: str) -> bool:
    texto = normalizar(f"{imposto.imposto} {imposto.classificacao} {imposto.descricao} {imposto.nome_favorecido}")
    if not all(palavra in texto for palavra in normalizar(busca).split()):
        return False
    return valores not in _VALORES or (imposto.valor != 0) == (valores == "com")


def _linha(imposto: ImpostoListado) -> tuple[Any, ...]:
    return (
        imposto.imposto,
        imposto.classificacao,
        imposto.descricao,
        imposto.uf,
        imposto.aliquota,
        imposto.rendimento,
        imposto.valor,
        imposto.vencimento or "",
        str(imposto.favorecido or ""),
        imposto.nome_favorecido,
        imposto.opcional,
        str(imposto.id_pagamento or ""),
    )
