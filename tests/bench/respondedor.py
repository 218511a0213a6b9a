"""A service that answers at once, over TLS, and remembers every effect: against it, what is measured is the caller.

`python -m tests.bench.respondedor FOLDER [--latencia-ms N]` writes FOLDER/endereco.json (`url`, `ca`) once it listens.

POST   /efeitos/KEY   an effect, remembered before the answer: {"numero": n}
GET    /efeitos/KEY   {"numero": n}, null when there was none
GET    /livro         {KEY: how many times}
DELETE /livro         forget all
GET    /total         {"chaves": different keys, "efeitos": all of them}
"""

import argparse
import asyncio
import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import trustme

_RAIZ = Path(__file__).resolve().parents[2]


class Livro:
    def __init__(self) -> None:
        self.esquecer()

    def esquecer(self) -> None:
        self.vezes: dict[str, int] = {}
        self.numeros: dict[str, int] = {}

    def acontecer(self, chave: str) -> int:
        self.vezes[chave] = self.vezes.get(chave, 0) + 1
        return self.numeros.setdefault(chave, len(self.numeros) + 1)


class _Conexao(asyncio.Protocol):
    def __init__(self, livro: Livro, latencia: float) -> None:
        self._livro, self._latencia = livro, latencia
        self._resto = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transporte = transport

    def data_received(self, data: bytes) -> None:
        self._resto += data
        while (fim := self._resto.find(b"\r\n\r\n")) >= 0:
            linha, *cabecalhos = self._resto[:fim].split(b"\r\n")
            tamanho = next((int(c[15:]) for c in cabecalhos if c[:15].lower() == b"content-length:"), 0)
            if len(self._resto) < fim + 4 + tamanho:
                return
            self._resto = self._resto[fim + 4 + tamanho :]
            metodo, caminho, _ = linha.decode().split(" ", 2)
            self._atender(metodo, caminho)

    def _atender(self, metodo: str, caminho: str) -> None:
        corpo: Any
        espera = 0.0
        if caminho == "/total":
            corpo = {"chaves": len(self._livro.vezes), "efeitos": sum(self._livro.vezes.values())}
        elif caminho == "/livro":
            corpo = self._livro.vezes
            if metodo == "DELETE":
                self._livro.esquecer()
        elif metodo == "POST":
            corpo, espera = {"numero": self._livro.acontecer(caminho.rpartition("/")[2])}, self._latencia
        else:
            corpo = {"numero": self._livro.numeros.get(caminho.rpartition("/")[2])}
        texto = json.dumps(corpo).encode()
        resposta = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
            len(texto),
            texto,
        )
        if espera:
            asyncio.get_running_loop().call_later(espera, self._transporte.write, resposta)
        else:
            self._transporte.write(resposta)


async def _servir(pasta: Path, latencia: float) -> None:
    autoridade = trustme.CA()
    autoridade.cert_pem.write_to_path(str(pasta / "ca.pem"))
    contexto = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    autoridade.issue_cert("127.0.0.1").configure_cert(contexto)
    livro = Livro()
    servidor = await asyncio.get_running_loop().create_server(
        lambda: _Conexao(livro, latencia), "127.0.0.1", 0, ssl=contexto, backlog=1000
    )
    porta = servidor.sockets[0].getsockname()[1]
    escrito = pasta / "endereco.novo"
    escrito.write_text(json.dumps({"url": f"https://127.0.0.1:{porta}", "ca": str(pasta / "ca.pem")}))
    escrito.rename(pasta / "endereco.json")
    await servidor.serve_forever()


@dataclass(frozen=True)
class Respondedor:
    url: str
    ca: str

    def livro(self) -> dict[str, int]:
        return dict(self._pedir("GET", "livro").json())

    def total(self) -> tuple[int, int]:
        """How many different keys happened, and how many effects."""
        total = self._pedir("GET", "total").json()
        return total["chaves"], total["efeitos"]

    def esquecer(self) -> None:
        self._pedir("DELETE", "livro")

    def _pedir(self, metodo: str, caminho: str) -> httpx.Response:
        return self._http.request(metodo, f"{self.url}/{caminho}")

    @cached_property
    def _http(self) -> httpx.Client:
        contexto = ssl.create_default_context(cafile=self.ca)
        return httpx.Client(verify=contexto, trust_env=False, timeout=30)


@contextmanager
def respondedor(pasta: Path, latencia_ms: int = 0) -> Iterator[Respondedor]:
    """One in a process of its own, ended with the block."""
    pasta.mkdir(parents=True, exist_ok=True)
    comando = [sys.executable, "-m", "tests.bench.respondedor", str(pasta), "--latencia-ms", str(latencia_ms)]
    processo = subprocess.Popen(comando, cwd=_RAIZ, env={**os.environ, "PYTHONPATH": str(_RAIZ)})
    try:
        limite = time.monotonic() + 60
        while not (pasta / "endereco.json").exists():
            if processo.poll() is not None or time.monotonic() > limite:
                raise RuntimeError("the responder did not start")
            time.sleep(0.05)
        yield Respondedor(**json.loads((pasta / "endereco.json").read_text()))
    finally:
        processo.terminate()
        processo.wait(20)


def main() -> None:
    opcoes = argparse.ArgumentParser()
    opcoes.add_argument("pasta", type=Path)
    opcoes.add_argument("--latencia-ms", type=int, default=0)
    pedidas = opcoes.parse_args()
    pedidas.pasta.mkdir(parents=True, exist_ok=True)
    asyncio.run(_servir(pedidas.pasta, pedidas.latencia_ms / 1000))


if __name__ == "__main__":
    main()
