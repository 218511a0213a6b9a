"""Both ends of a call, the same in every simulator: what is known when it comes in, and how it goes out."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from sandbox.nucleo import adiados, rapido
from sandbox.nucleo import ajustes as ajustes_do_nucleo
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.cenarios import Plano, entregar
from sandbox.nucleo.livro import gravacao
from sandbox.nucleo.models import Chamada


@dataclass(frozen=True)
class Atendimento:
    """A call being answered. `chamada` is its record, to be filled in until `fechar`."""

    request: HttpRequest
    ajustes: Ajustes
    chamada: Chamada
    inicio: float

    def fechar(
        self, plano: Plano, resposta: HttpResponse, *, gravada: Callable[[Ajustes], None] | None = None
    ) -> HttpResponseBase:
        """Record the call, hold the answer for the set latency, put it on the wire.

        `gravada` is called as soon as the record stands, while the answer is still held.
        """
        chamada = self.chamada
        chamada.status_http = resposta.status_code
        chamada.cenario = plano.nome
        chamada.entrega = {"corte": "cortada", "truncada": "truncada", "html": "html"}.get(plano.final, "inteira")
        chamada.duracao_ms = int((time.monotonic() - self.inicio) * 1000)
        with gravacao():
            if ajustes_do_nucleo.ler().reinicio == self.ajustes.reinicio:  # what a reset overtook is forgotten with it
                rapido.inserir(chamada)
        if gravada is not None:
            gravada(self.ajustes)
        falta = self.ajustes.valores["latencia_ms"] / 1000 - (time.monotonic() - self.inicio)
        if falta > 0:
            time.sleep(falta)
        return entregar(plano, self.request, resposta)


def abrir(request: HttpRequest, *, servico: str, ambiente: str, rota: str, maior_tag: int) -> Atendimento:
    """Read the settings and let land what was to land by now. The tag is cut at `maior_tag` characters."""
    inicio = time.monotonic()
    ajustes = ajustes_do_nucleo.ler()
    adiados.pousar(ajustes.agora())
    chamada = Chamada(
        instante=ajustes.agora(),
        servico=servico,
        ambiente=ambiente,
        rota=rota,
        tag=request.headers.get("X-Request-Tag", "")[:maior_tag],
        ip=request.META.get("REMOTE_ADDR") or None,
    )
    return Atendimento(request, ajustes, chamada, inicio)
