"""The scenario engine: which rule touches a call, and how the call then ends. Knows no service."""

import ctypes
import hashlib
import random
import re
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import http_date

from sandbox.nucleo import ajustes, rapido
from sandbox.nucleo.desfechos import ACOES
from sandbox.nucleo.livro import gravacao
from sandbox.nucleo.models import Cenario, Contagem

_CANDIDATAS = (
    "SELECT id FROM nucleo_cenario WHERE servico IN ('', %s) AND operacao IN ('', %s) AND contribuinte IN ('', %s)"
)
# On Linux, connect() to no address breaks an established connection at once, with a RST and nothing flushed.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_NENHUMA_FAMILIA = struct.pack("H14x", socket.AF_UNSPEC)
_GOTAS = 20
_MAIOR_DOCUMENTO = 60
PAGINA_HTML = "<!DOCTYPE html><html><head><title>Service Unavailable</title></head><body><h1>Sandbox</h1></body></html>"


@dataclass(frozen=True)
class Alvo:
    """What a rule is compared with. `documento` is which document the call is about, whole, as its service names one;
    `efeito` says whether the call asks for an effect rather than a reading."""

    servico: str
    operacao: str
    contribuinte: str = ""
    pa: str = ""
    tag: str = ""
    efeito: bool = False
    documento: str = ""


@dataclass(frozen=True)
class Plano:
    """How a call will end. The empty plan lets it through."""

    acao: str = "nenhuma"
    nome: str = ""
    parametros: dict[str, Any] = field(default_factory=dict)

    @property
    def executa(self) -> bool:
        padrao = ACOES.get(self.acao, (True, "resposta"))[0]
        return bool(self.parametros.get("efeito", padrao))

    @property
    def final(self) -> str:
        return ACOES.get(self.acao, (True, "resposta"))[1]


class Respostas(Protocol):
    """The shapes in which one service says no; each simulator brings its own."""

    def recusa(self, http: int, codigo: str, texto: str) -> HttpResponse: ...
    def erro(self, http: int) -> HttpResponse: ...
    def token_expirado(self) -> HttpResponse: ...
    def limite(self, espera: int | None) -> HttpResponse: ...
    def tempo_esgotado(self) -> HttpResponse: ...


def escolher(alvo: Alvo) -> Plano:
    """The first rule that applies to a call, counted; rules of the control page come before those of test documents."""
    candidatas = rapido.todas(_CANDIDATAS, [alvo.servico, alvo.operacao, alvo.contribuinte])
    if not candidatas:
        return Plano()
    for regra in Cenario.objects.filter(pk__in=[pk for (pk,) in candidatas]).order_by("origem", "id"):
        if _combina(regra, alvo) and _conta(regra, alvo):
            return Plano(regra.acao, regra.descricao[:50] or f"cenário {regra.pk}", regra.parametros)
    return Plano()


def _combina(regra: Cenario, alvo: Alvo) -> bool:
    if regra.so_efeito and not alvo.efeito:
        return False
    if regra.pa and regra.pa != alvo.pa:
        return False
    if regra.documento and not re.fullmatch(expressao(regra.documento), alvo.documento):
        return False
    if regra.tag.endswith("*"):
        return alvo.tag.startswith(regra.tag[:-1])
    return regra.tag in ("", alvo.tag)


def expressao(documento: str) -> str:
    """The regular expression of a document as rules and filters write one: `*` at an end stands for any text."""
    antes, depois = documento.startswith("*"), documento[1:].endswith("*")
    miolo = re.escape(documento[antes : len(documento) - depois])
    return f"(?s:{'.*' * antes}{miolo}{'.*' * depois})"


def _resumo(documento: str) -> str:
    """A document in no more than 60 characters, still unlike any other."""
    if len(documento) <= _MAIOR_DOCUMENTO:
        return documento
    return f"{documento[:40]}~{hashlib.sha256(documento.encode()).hexdigest()[:19]}"


def _conta(regra: Cenario, alvo: Alvo) -> bool:
    """Count the call and say whether the rule touches it."""
    chaves = {
        "regra": "",
        "contribuinte": alvo.contribuinte,
        "pa": f"{alvo.contribuinte}/{alvo.pa}",
        "documento": f"{alvo.contribuinte}/{_resumo(alvo.documento)}",
    }
    with gravacao():
        if not Cenario.objects.filter(pk=regra.pk).exists():
            return False  # removed since it was read
        contagem, _ = Contagem.objects.get_or_create(cenario=regra, chave=chaves[regra.conta_por])
        vistas = contagem.vistas + 1
        toca = vistas >= regra.nesima and (regra.vezes is None or contagem.aplicadas < regra.vezes)
        if toca and regra.probabilidade is not None:
            toca = random.Random(f"{regra.semente}/{contagem.chave}/{vistas}").random() < regra.probabilidade  # noqa: S311
        Contagem.objects.filter(pk=contagem.pk).update(vistas=F("vistas") + 1, aplicadas=F("aplicadas") + int(toca))
    return toca


def cumprir(plano: Plano, processar: Callable[[], HttpResponse], respostas: Respostas) -> HttpResponse:
    """Run the call under its plan and give the answer the service itself would send (the wire is `entregar`'s)."""
    espera = float(plano.parametros.get("ms", 0)) / 1000
    if espera and plano.parametros.get("quando", "antes") == "antes":
        time.sleep(espera)
    resposta = processar() if plano.executa else HttpResponse(status=500)
    if espera and plano.parametros.get("quando") == "depois":
        time.sleep(espera)
    return _substituir(plano, resposta, respostas)


def _substituir(plano: Plano, resposta: HttpResponse, respostas: Respostas) -> HttpResponse:
    dados = plano.parametros
    match plano.final:
        case "recusa":
            texto = dados.get("texto", "Recusado por um cenário do sandbox.")
            return respostas.recusa(int(dados.get("http", 400)), str(dados.get("codigo", "")), texto)
        case "erro":
            return respostas.erro(int(dados.get("http", 503)))
        case "token_expirado":
            return respostas.token_expirado()
        case "limite":
            resposta = respostas.limite(dados.get("retry_after"))
            if dados.get("retry_after_data"):
                quando = ajustes.ler().agora() + timedelta(seconds=dados.get("retry_after", 0))
                resposta["Retry-After"] = http_date(quando.timestamp())
            return resposta
        case "tempo_esgotado":
            return respostas.tempo_esgotado()
        case "html":
            return HttpResponse(
                PAGINA_HTML, status=int(dados.get("http", 200)), content_type="text/html; charset=utf-8"
            )
    return resposta


def entregar(plano: Plano, request: HttpRequest, resposta: HttpResponse) -> HttpResponseBase:
    """Put the answer on the wire, or cut the connection instead."""
    if plano.final == "corte":
        _cortar(request, secamente=bool(plano.parametros.get("rst")))
    if plano.final == "truncada":
        return _truncada(request, resposta)
    if plano.final == "gotejada":
        return _gotejada(resposta, float(plano.parametros.get("segundos", 5)))
    return resposta


def _cortar(request: HttpRequest, *, secamente: bool = False) -> None:
    """End the connection: with a FIN, or `secamente` with a RST, which is how a machine that crashed answers."""
    conexao: socket.socket = request.META["gunicorn.socket"]
    with suppress(OSError):  # the client may have left first
        if secamente and _LIBC is not None and _LIBC.connect(conexao.fileno(), _NENHUMA_FAMILIA, 16) == 0:
            return
        conexao.shutdown(socket.SHUT_RDWR)


def _truncada(request: HttpRequest, resposta: HttpResponse) -> StreamingHttpResponse:
    corpo = resposta.content

    def metade() -> Iterator[bytes]:
        yield corpo[: len(corpo) // 2]
        _cortar(request)

    cortada = StreamingHttpResponse(metade(), status=resposta.status_code, content_type=resposta["Content-Type"])
    cortada["Content-Length"] = str(len(corpo))
    return cortada


def _gotejada(resposta: HttpResponse, segundos: float) -> StreamingHttpResponse:
    """The whole answer, so slowly that a client which only times its reads would wait for all of it."""
    corpo = resposta.content
    tamanho = max(1, -(-len(corpo) // _GOTAS))

    def gotas() -> Iterator[bytes]:
        for inicio in range(0, len(corpo), tamanho):
            time.sleep(segundos / _GOTAS)
            yield corpo[inicio : inicio + tamanho]

    lenta = StreamingHttpResponse(gotas(), status=resposta.status_code, content_type=resposta["Content-Type"])
    lenta["Content-Length"] = str(len(corpo))
    return lenta
