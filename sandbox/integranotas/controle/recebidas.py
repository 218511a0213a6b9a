"""Notes that others issued to an emitente, put there by the control page. Refusals are PedidoInvalido."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.arrecadacao import modulo_onze
from sandbox.controle.acoes import PedidoInvalido
from sandbox.documentos import cnpj_valido
from sandbox.integranotas.controle.acoes import IBGE_PADRAO, achar_emitente, instante
from sandbox.integranotas.models import MUNICIPAL, NACIONAL, PROPRIO, Emitente, Recebida
from sandbox.integranotas.notas.tributos import TRIBUTOS
from sandbox.municipios import municipio
from sandbox.nucleo import ajustes
from sandbox.nucleo.ajustes import BRASILIA
from sandbox.nucleo.livro import gravacao, proximo

_LEIAUTES = (MUNICIPAL, NACIONAL, PROPRIO)


def semear(dados: dict[str, Any]) -> list[Recebida]:
    """Notes that others issued to an emitente: {"emitente": documento, "notas": [...]}, all or nothing."""
    emitente = achar_emitente(dados.get("emitente"), dados.get("conta"))
    itens = dados.get("notas")
    if not isinstance(itens, list) or not all(isinstance(item, dict) for item in itens):
        raise PedidoInvalido("notas é uma lista de objetos.")
    agora = ajustes.ler().agora()
    with gravacao():
        return [_recebida(emitente, item, agora) for item in itens]


def _recebida(emitente: Emitente, item: dict[str, Any], agora: datetime) -> Recebida:
    prestador = item.get("prestador")
    if not isinstance(prestador, str) or not cnpj_valido(prestador):
        raise PedidoInvalido(f"prestador: CNPJ inválido: {prestador!r}.")
    emissao = instante(item["emissao"]) if item.get("emissao") else agora
    lugar = municipio(str(item.get("municipio", IBGE_PADRAO)))
    if lugar is None:
        raise PedidoInvalido(f"Não há o município {item.get('municipio')!r} na tabela do IBGE.")
    numero = item.get("numero", proximo("integranotas_recebida"))
    if not isinstance(numero, int) or isinstance(numero, bool) or not 0 < numero < 10**13:
        raise PedidoInvalido("numero deve ser um número inteiro maior que zero.")
    if item.get("leiaute", MUNICIPAL) not in _LEIAUTES:
        raise PedidoInvalido(f"leiaute deve ser um destes: {', '.join(_LEIAUTES)}.")
    corpo = f"{lugar.ibge}12{''.join(str((ord(letra) - 48) % 10) for letra in prestador)}{numero:013d}"
    corpo += f"{emissao.astimezone(BRASILIA):%y%m}{proximo('integranotas_chave') % 10**9:09d}"
    return Recebida.objects.create(
        emitente=emitente,
        chave=corpo + modulo_onze(corpo),
        prestador=prestador,
        nome=str(item.get("nome") or f"PRESTADOR {prestador}")[:150],
        municipio=lugar.ibge,
        numero=numero,
        emissao=emissao,
        discriminacao=str(item.get("discriminacao") or "Serviço de teste")[:2000],
        leiaute=item.get("leiaute", MUNICIPAL),
        competencia=_dia(item["competencia"]) if item.get("competencia") else None,
        **_valores(item),
        disponivel=instante(item["disponivel"]) if item.get("disponivel") else agora,
        cancelada=instante(item["cancelada"]) if item.get("cancelada") else None,
    )


def _valores(item: dict[str, Any]) -> dict[str, Any]:
    """`valor` of the services, and of `retencoes` what is not zero; together they leave something to receive."""
    retencoes = item.get("retencoes", {})
    if not isinstance(retencoes, dict) or not set(retencoes) <= set(TRIBUTOS):
        raise PedidoInvalido(f"retencoes é um objeto com: {', '.join(TRIBUTOS)}.")
    valor = _reais("valor", item.get("valor", "100.00"))
    lidas = {nome: _reais(f"retencoes.{nome}", retido) for nome, retido in retencoes.items()}
    if sum(lidas.values()) > valor:
        raise PedidoInvalido("As retenções passam do valor da nota.")
    return {"valor": valor, "retencoes": {nome: str(retido) for nome, retido in lidas.items() if retido}}


def _reais(nome: str, valor: Any) -> Decimal:
    try:
        lido = Decimal(str(valor)).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise PedidoInvalido(f"{nome}: {valor!r} não é um número.") from None
    if not 0 <= lido < 10**13:
        raise PedidoInvalido(f"{nome}: {valor!r} não é um valor em reais.")
    return lido


def _dia(valor: Any) -> date:
    try:
        return date.fromisoformat(valor)
    except (TypeError, ValueError):
        raise PedidoInvalido(f"competencia: {valor!r} não é uma data AAAA-MM-DD.") from None
