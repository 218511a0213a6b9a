"""The envelope of every call: strict reading of the request, building of the answer."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn

from django.http import HttpResponse

from sandbox.integra_contador.erros import Recusa, envelope_invalido

_IDENTIDADES = ("contratante", "autorPedidoDados", "contribuinte")
_PARTES = {*_IDENTIDADES, "pedidoDados"}
_PEDIDO = {"idSistema", "idServico", "versaoSistema", "dados"}


@dataclass(frozen=True)
class Identidade:
    numero: str
    tipo: int


@dataclass(frozen=True)
class Pedido:
    """One request as the envelope brings it; `bruto` holds the four objects to echo."""

    contratante: Identidade
    autor: Identidade
    contribuinte: Identidade
    sistema: str
    servico: str
    versao: str | None
    dados: str
    bruto: dict[str, Any]


def _constante(nome: str) -> NoReturn:
    raise ValueError(nome)


def ler_json(texto: str | bytes) -> Any:
    """JSON with decimals kept exact; NaN and Infinity are refused. Raises ValueError."""
    if isinstance(texto, bytes):
        texto = texto.decode("utf-8")
    return json.loads(texto, parse_float=Decimal, parse_constant=_constante)


def ecoavel(corpo: bytes) -> dict[str, Any]:
    """The four objects of a body, null where they cannot be read."""
    try:
        lido = ler_json(corpo)
    except ValueError:
        lido = {}
    if not isinstance(lido, dict):
        lido = {}
    return {nome: lido.get(nome) for nome in (*_IDENTIDADES, "pedidoDados")}


def ler(corpo: bytes, *, aceita_tipo_texto: bool = False) -> Pedido:
    """Read the envelope. Raises Recusa 400; the meaning of the fields is checked later, by the manager."""
    try:
        bruto = ler_json(corpo)
    except ValueError:
        raise envelope_invalido("O corpo da requisição não é um JSON válido.") from None
    if not isinstance(bruto, dict):
        raise envelope_invalido("O corpo da requisição deve ser um objeto JSON.")
    _chaves(bruto, _PARTES, _PARTES, "requisição")
    pedido = bruto["pedidoDados"]
    _chaves(pedido, _PEDIDO, _PEDIDO - {"versaoSistema"}, "pedidoDados")
    for nome, valor in pedido.items():
        if not isinstance(valor, str):
            raise envelope_invalido(f"O campo pedidoDados.{nome} deve ser texto.")
    contratante, autor, contribuinte = (_identidade(bruto[nome], nome, aceita_tipo_texto) for nome in _IDENTIDADES)
    return Pedido(
        contratante=contratante,
        autor=autor,
        contribuinte=contribuinte,
        sistema=pedido["idSistema"],
        servico=pedido["idServico"],
        versao=pedido.get("versaoSistema"),
        dados=pedido["dados"],
        bruto={nome: bruto[nome] for nome in (*_IDENTIDADES, "pedidoDados")},
    )


def _chaves(valor: Any, aceitas: set[str], obrigatorias: set[str], onde: str) -> None:
    if not isinstance(valor, dict):
        raise envelope_invalido(f"O campo {onde} deve ser um objeto.")
    if sobra := sorted(set(valor) - aceitas):
        raise envelope_invalido(f"Campo desconhecido em {onde}: {sobra[0]}.")
    if falta := sorted(obrigatorias - set(valor)):
        raise envelope_invalido(f"Campo obrigatório ausente em {onde}: {falta[0]}.")


def _identidade(valor: Any, nome: str, aceita_tipo_texto: bool) -> Identidade:
    _chaves(valor, {"numero", "tipo"}, {"numero", "tipo"}, nome)
    if not isinstance(valor["numero"], str):
        raise envelope_invalido(f"O campo {nome}.numero deve ser texto.")
    tipo = valor["tipo"]
    if aceita_tipo_texto and isinstance(tipo, str) and tipo.isdecimal():
        tipo = int(tipo)
    # A type that is not a number is left to the manager, which names the field (code 012).
    return Identidade(valor["numero"], tipo if isinstance(tipo, int) and not isinstance(tipo, bool) else 0)


@dataclass(frozen=True)
class Resultado:
    """What a service answers: `dados` is what goes into the JSON string, None for an empty one; a 204 or 304 has no
    body, only `cabecalhos`. `status_em_texto`: the envelope's `status` as text, as some systems have it."""

    dados: Any
    mensagens: list[tuple[str, str]]
    http: int = 200
    cabecalhos: dict[str, str] = field(default_factory=dict)
    status_em_texto: bool = False


def _numero(valor: object) -> float:
    if isinstance(valor, Decimal):
        return float(valor)
    raise TypeError(type(valor).__name__)


_SEM_CORPO = (204, 304)


class Resposta(HttpResponse):
    """An envelope on its way out, with the codes of its messages for the record of calls."""

    codigos: Sequence[str] = ()


def responder(eco: dict[str, Any], resultado: Resultado, agora: datetime) -> Resposta:
    if resultado.http in _SEM_CORPO:
        return Resposta(status=resultado.http, headers=resultado.cabecalhos)
    dados = "" if resultado.dados is None else json.dumps(resultado.dados, ensure_ascii=False, default=_numero)
    corpo = {
        **eco,
        "status": str(resultado.http) if resultado.status_em_texto else resultado.http,
        "responseId": str(uuid.uuid4()),
        "responseDateTime": agora.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "dados": dados,
        "mensagens": [{"codigo": codigo, "texto": texto} for codigo, texto in resultado.mensagens],
    }
    resposta = Resposta(
        json.dumps(corpo, ensure_ascii=False, default=_numero),
        status=resultado.http,
        content_type="application/json",
        headers=resultado.cabecalhos,
    )
    resposta.codigos = [codigo.strip("[]") for codigo, _ in resultado.mensagens]
    return resposta


def resposta_de_recusa(eco: dict[str, Any], recusa: Recusa, agora: datetime) -> Resposta:
    return responder(eco, Resultado(None, [(recusa.codigo, recusa.texto)], recusa.http), agora)
