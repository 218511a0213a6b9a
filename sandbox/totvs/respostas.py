"""The shapes of the answers: the project's own success, the four error keys of the ERP's error builder."""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import HttpResponse

from sandbox.totvs.erros import Falha, Recusa, da_borda
from sandbox.totvs.opcoes import Opcoes

TIPO = "application/json;charset=UTF-8"
LIVRE = "17006"  # the ERP's number for a free text
_TIPOS = {"objeto": "success", "aviso": "warning", "erro": "error"}


@dataclass(frozen=True)
class Sucesso:
    """`itens` are the titles touched; `avisos` what was left out of a batch that may be partial."""

    mensagem: str
    referencia: str = ""
    itens: list[dict[str, Any]] = field(default_factory=list)
    avisos: list[Falha] = field(default_factory=list)


def _numero(valor: Any) -> float | str:
    return float(valor) if isinstance(valor, Decimal) else str(valor)


def responder(corpo: Any, http: int = 200) -> HttpResponse:
    return HttpResponse(json.dumps(corpo, ensure_ascii=False, default=_numero), status=http, content_type=TIPO)


def sucesso(feito: Sucesso, opcoes: Opcoes) -> HttpResponse:
    forma = opcoes["sucesso_forma"]
    if forma == "vazio":
        return HttpResponse(b"", content_type=TIPO)
    corpo: dict[str, Any] = {
        "type": "warning" if feito.avisos and forma == "objeto" else _TIPOS[forma],
        "message": feito.mensagem,
        "Reference": feito.referencia,
        "items": feito.itens,
    }
    if forma == "erro":
        corpo |= {"code": LIVRE, "detailedMessage": "Configuração do sandbox: 200 com type error."}
    if feito.avisos:
        corpo["details"] = [_erro(falha, opcoes) for falha in feito.avisos]
    return responder(corpo)


def _erro(falha: Falha, opcoes: Opcoes) -> dict[str, Any]:
    em_numero = opcoes["codigo_numero"] and falha.codigo.isdecimal()
    return {
        "detailedMessage": falha.caminho or falha.mensagem,
        "code": int(falha.codigo) if em_numero else falha.codigo,
        "message": falha.mensagem,
        "type": "error",
    }


def recusa(recusada: Recusa, opcoes: Opcoes) -> HttpResponse:
    erros = [_erro(falha, opcoes) for falha in recusada.falhas]
    forma = opcoes["erros_forma"]
    corpo: Any = dict(erros[0])
    if forma == "lista":
        corpo = erros
    elif forma == "sempre_detalhes" or (forma == "detalhes" and len(erros) > 1):
        corpo["details"] = erros
    return responder(corpo, opcoes["negocio_status"] if recusada.negocio else recusada.http)


@dataclass(frozen=True)
class RespostasTotvs:
    """The shapes of refusal of this service, for the scenario engine."""

    opcoes: Opcoes

    def recusa(self, http: int, codigo: str, texto: str) -> HttpResponse:
        return recusa(Recusa(http, [Falha(codigo or LIVRE, texto)]), self.opcoes)

    def erro(self, http: int) -> HttpResponse:
        return recusa(da_borda(http, "Serviço indisponível."), self.opcoes)

    def token_expirado(self) -> HttpResponse:
        return nao_autorizado(self.opcoes)

    def limite(self, espera: int | None) -> HttpResponse:
        resposta = recusa(da_borda(429, "Limite de requisições excedido."), self.opcoes)
        if espera is not None:
            resposta["Retry-After"] = str(espera)
        return resposta

    def tempo_esgotado(self) -> HttpResponse:
        return recusa(da_borda(504, "O servidor de aplicação não respondeu a tempo."), self.opcoes)


def nao_autorizado(opcoes: Opcoes) -> HttpResponse:
    resposta = recusa(da_borda(401, "Usuário ou senha do ERP não conferem, ou o token não vale."), opcoes)
    resposta["WWW-Authenticate"] = 'Basic realm="Datasul"'
    return resposta
