"""pytest plugin: one living sandbox for the session, on free ports and a folder of its own.

`sandbox_vivo` gives `.enderecos` (as in enderecos.json), `.ca` (path of the authority's certificate) and `.controle`, a
small client of the control API. Tests that change its state begin with `sandbox_vivo.controle.reset()`, or ask for
`sandbox_limpo`, which is the same object after a reset.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

_RAIZ = Path(__file__).resolve().parents[1]
_ESPERA = 120.0  # on a busy machine


class Controle:
    """The JSON control API. Every method raises on a refused request."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=f"{url}controle/api/", timeout=30, trust_env=False)

    def get(self, caminho: str, **filtros: Any) -> Any:
        return self._http.get(caminho, params=filtros).raise_for_status().json()

    def post(self, caminho: str, dados: dict[str, Any]) -> httpx.Response:
        return self._http.post(caminho, json=dados).raise_for_status()

    def reset(self, *, manter_certificados: bool = True) -> None:
        self.post("reset", {"manter_certificados": manter_certificados})

    def ledger(self, **filtros: Any) -> list[dict[str, Any]]:
        """Effects that really happened, oldest first: servico, tipo, contribuinte, pa, tag, documento, desde_id."""
        return list(self.get("ledger", **filtros)["efeitos"])

    def chamadas(self, **filtros: Any) -> list[dict[str, Any]]:
        return list(self.get("chamadas", **filtros)["chamadas"])

    def cenario(self, **regra: Any) -> dict[str, Any]:
        """Add a rule: acao, parametros, servico, operacao, contribuinte, tag, pa, documento, nesima, vezes ..."""
        return dict(self.post("cenarios", regra).json())

    def apagar_cenarios(self) -> None:
        """Every rule but those of the test documents."""
        self._http.delete("cenarios").raise_for_status()

    def relogio(self, **acerto: Any) -> dict[str, Any]:
        """fixo="2026-11-21T10:00", deslocamento_segundos=3600 or real=True; nothing to read it."""
        return dict(self.post("relogio", acerto).json() if acerto else self.get("relogio"))

    def ajustes(self, **valores: Any) -> dict[str, Any]:
        """latencia_ms, token_segundos, selic={"202610": "1.05"}, status_017_044, aceita_tipo_texto."""
        return dict(self.post("ajustes", valores).json())

    def contratantes(self) -> list[dict[str, str]]:
        """cnpj, nome, consumerKey, consumerSecret, a1 (address of the file), senha."""
        return list(self.get("contratantes")["contratantes"])

    def novo_contratante(self, cnpj: str, nome: str) -> dict[str, str]:
        return dict(self.post("contratantes", {"cnpj": cnpj, "nome": nome}).json())

    def a1(self, cnpj: str) -> bytes:
        """The PFX of a contratante."""
        return self._http.get(f"contratantes/{cnpj}/a1.pfx").raise_for_status().content

    def emitir_a1(self, **dados: str) -> bytes:
        """A PFX for cnpj, nome, senha, valido_de, valido_ate."""
        return self.post("a1", dados).content

    def cadastro(self, **dados: Any) -> dict[str, int]:
        """Lists `contribuintes` (documento, razao_social, abertura, filiais, declarados ...) and `procuracoes`."""
        return dict(self.post("cadastro", dados).json())

    def pagar(self, numero_das: str) -> None:
        self.post("pagamentos", {"numero_das": numero_das})

    def close(self) -> None:
        self._http.close()


@dataclass(frozen=True)
class SandboxVivo:
    enderecos: dict[str, Any]
    controle: Controle
    ca: Path
    pasta: Path


def iniciar(
    pasta: Path, saida: int = subprocess.DEVNULL, *, enderecos: dict[str, Any] | None = None
) -> subprocess.Popen[bytes]:
    """Start `python -m sandbox` on free ports, or where it had these addresses, and wait until it wrote them."""
    ambiente = {nome: valor for nome, valor in os.environ.items() if not nome.startswith("SANDBOX_")}
    ambiente.pop("DJANGO_SETTINGS_MODULE", None)
    tls, controle = (enderecos["porta_tls"], urlsplit(enderecos["controle"]).port) if enderecos else (0, 0)
    portas = ["--porta-tls", str(tls), "--porta-controle", str(controle)]
    comando = [sys.executable, "-m", "sandbox", "--dir", str(pasta), *portas]
    (pasta / "enderecos.json").unlink(missing_ok=True)  # of one that was killed
    processo = subprocess.Popen(comando, cwd=_RAIZ, env=ambiente, stdout=saida)
    prazo = time.monotonic() + _ESPERA
    while not (pasta / "enderecos.json").exists():
        if processo.poll() is not None or time.monotonic() > prazo:
            processo.terminate()
            raise RuntimeError(f"the sandbox did not start (exit code {processo.poll()})")
        time.sleep(0.05)
    return processo


def vivo_em(pasta: Path) -> SandboxVivo:
    """The sandbox that runs in a folder."""
    enderecos = json.loads((pasta / "enderecos.json").read_text(encoding="utf-8"))
    return SandboxVivo(enderecos, Controle(enderecos["controle"]), Path(enderecos["ca"]), pasta)


def parar(processo: subprocess.Popen[bytes]) -> int:
    processo.terminate()
    return processo.wait(timeout=20)


@pytest.fixture(scope="session")
def sandbox_vivo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxVivo]:
    pasta = tmp_path_factory.mktemp("sandbox")
    processo = iniciar(pasta)
    try:
        vivo = vivo_em(pasta)
        yield vivo
        vivo.controle.close()
    finally:
        parar(processo)


@pytest.fixture
def sandbox_limpo(sandbox_vivo: SandboxVivo) -> SandboxVivo:
    sandbox_vivo.controle.reset()
    return sandbox_vivo
