"""What a person sees of a backup or a restore, and is asked."""

import sys
import time
from collections.abc import Callable
from typing import TextIO

from comum.formatos import format_numero

_UNIDADES = ("bytes", "KB", "MB", "GB", "TB")


def tamanho(quantos: int) -> str:
    """ "1,2 GB"."""
    valor, unidade = float(quantos), 0
    while valor >= 1000 and unidade < len(_UNIDADES) - 1:
        valor, unidade = valor / 1000, unidade + 1
    return f"{format_numero(quantos)} bytes" if not unidade else f"{valor:.1f} {_UNIDADES[unidade]}".replace(".", ",")


class Terminal:
    """Lines, and a line that moves where somebody is looking; elsewhere (cron, a file) one every ten seconds."""

    def __init__(self, saida: TextIO | None = None, perguntar: Callable[[str], str] = input) -> None:
        self._saida = saida or sys.stdout
        self._vivo = self._saida.isatty()
        self._perguntar = perguntar

    def dizer(self, texto: str) -> None:
        self._escrever(f"{texto}\n")

    def _escrever(self, texto: str) -> None:
        self._saida.write(texto)
        self._saida.flush()

    def confirmar(self, pergunta: str, resposta: str) -> bool:
        """Whether the person typed exactly that."""
        try:
            return self._perguntar(f"{pergunta}\n> ").strip() == resposta
        except EOFError:  # nobody is there
            return False

    def etapa(self, titulo: str, total: int) -> "Etapa":
        return Etapa(titulo, total, self._escrever, vivo=self._vivo)


class Etapa:
    """How far a stage of `total` bytes got; used as a context manager, called with the bytes done since."""

    def __init__(self, titulo: str, total: int, escrever: Callable[[str], None], *, vivo: bool) -> None:
        self._titulo, self._total, self._escrever, self._vivo = titulo, max(total, 1), escrever, vivo
        self._feitos, self._dito = 0, time.monotonic()

    def __enter__(self) -> "Etapa":
        if not self._vivo:
            self._escrever(f"{self._titulo}…\n")
        return self

    def __call__(self, bytes_feitos: int) -> None:
        self._feitos += bytes_feitos
        agora = time.monotonic()
        if agora - self._dito >= (0.2 if self._vivo else 10):
            self._dito = agora
            self._andamento("\r" if self._vivo else "\n")

    def _andamento(self, fim: str) -> None:
        parte = min(100, self._feitos * 100 // self._total)
        texto = f"{self._titulo}: {parte}% ({tamanho(self._feitos)})"
        self._escrever((texto.ljust(70) if self._vivo else texto) + fim)

    def __exit__(self, tipo: type[BaseException] | None, *_: object) -> None:
        if self._vivo:
            self._andamento("\n")
