"""The processes of a run: sandbox, PostgreSQL, workers and web, on free ports in a folder of their own."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from operacoes.ensaio import PelaTela

RAIZ = Path(__file__).resolve().parents[2]
THREADS = 8
_DO_PRODUTO = (
    *("SANDBOX_", "GUICHE_", "INTEGRA", "SISGENFE_", "NFSE_", "SMTP_", "EMAIL_", "ENTREGA_"),
    *("MOTOR_", "PGDASD_", "DATABASE_", "TREINO_", "FOGO_"),
)


def porta_livre() -> int:
    with socket.socket() as prova:
        prova.bind(("127.0.0.1", 0))
        return int(prova.getsockname()[1])


def _ritmos(ritmo: float) -> dict[str, str]:
    """What we keep to with the services of notes, scaled as the engine's waits are; `limites_do_sandbox` scales what
    they allow."""
    return {
        "SISGENFE_POR_SEGUNDO": str(round(2 / ritmo)),
        "INTEGRANOTAS_POR_MINUTO": str(round(57 / ritmo)),
        "INTEGRANOTAS_SOFT_POR_HORA": str(round(270 / ritmo)),
        "INTEGRANOTAS_SEGUNDOS_POR_NOTA": str(round(35 * ritmo, 2)),
        "INTEGRANOTAS_HOST_POR_SEGUNDO": str(round(5 / ritmo)),
        "NFSE_NACIONAL_POR_SEGUNDO": str(round(3 / ritmo)),
        "ENTREGA_POR_MINUTO": str(round(60 / ritmo)),
    }


def limites_do_sandbox(ritmo: float) -> dict[str, int]:
    """The published limits of Integra Notas and its block, in windows as much shorter."""
    return {
        "integranotas.limite_segundos": round(60 * ritmo),
        "integranotas.limite_bloqueio_segundos": round(300 * ritmo),
    }


class Cena:
    """Before `abrir()` nothing of the product may be imported: the environment is not set yet."""

    def __init__(self, pasta: Path, ritmo: float, demora: float) -> None:
        self.pasta = pasta
        self.porta_web = porta_livre()
        self._ritmo, self._demora = ritmo, demora
        self._trava = threading.RLock()
        self._processos: dict[str, subprocess.Popen[bytes]] = {}
        self._registros = pasta / "logs"
        self.inesperadas: list[str] = []
        self.parados: set[str] = set()  # on purpose: killed and not yet back

    def abrir(self) -> dict[str, Any]:
        """Start the sandbox and point this process and its children to it and to a database of their own."""
        self._registros.mkdir(parents=True)
        for nome in [*os.environ]:
            if nome == "DJANGO_SETTINGS_MODULE" or nome.startswith(_DO_PRODUTO):
                del os.environ[nome]
        sandbox = self.pasta / "sandbox"  # where the settings look for it (config.ambientes.enderecos_sandbox)
        comando = [sys.executable, "-m", "sandbox", "--dir", str(sandbox), "--porta-tls", "0", "--porta-controle", "0"]
        self._abrir_processo("sandbox", comando)
        limite = time.monotonic() + 120
        while not (sandbox / "enderecos.json").exists():
            if time.monotonic() > limite or self._processos["sandbox"].poll() is not None:
                raise RuntimeError(f"the sandbox did not start: {self._registros / 'sandbox.log'}")
            time.sleep(0.05)
        enderecos: dict[str, Any] = json.loads((sandbox / "enderecos.json").read_text(encoding="utf-8"))
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "GUICHE_VAR": str(self.pasta),
            "GUICHE_LOG_JSON": "1",
            "SANDBOX_PORTA_TLS": str(enderecos["porta_tls"]),
            "SMTP_SERVIDOR": "127.0.0.1",
            "SMTP_PORTA": str(enderecos["porta_smtp"]),
            "SMTP_SEGURANCA": "nenhuma",
            "MOTOR_RITMO": str(self._ritmo),
            "FOGO_DEMORA": str(self._demora),
            "TRABALHADOR_THREADS": str(THREADS),
            "WEB_PROCESSOS": "1",
            **_ritmos(self._ritmo),
        }
        return enderecos

    # -- processes ----------------------------------------------------------------------------------------------------
    def _abrir_processo(self, nome: str, comando: list[str], **ambiente: str) -> None:
        with (self._registros / f"{nome}.log").open("ab") as saida:
            self._processos[nome] = subprocess.Popen(
                comando, cwd=RAIZ, env=os.environ | ambiente, stdout=saida, stderr=saida, start_new_session=True
            )

    def trabalhador(self, qual: int) -> str:
        return f"worker-{qual}"

    def relogio(self, qual: int) -> Path:
        return self.pasta / f"clock-{qual}"

    def iniciar(self, nome: str) -> None:
        with self._trava:
            if self._vive(nome):
                return  # killed twice by now, and already brought back
            if nome == "web":
                from config.partida import _web

                self._abrir_processo(nome, _web("127.0.0.1", self.porta_web))
            else:
                qual = int(nome.removeprefix("worker-"))
                comando = [sys.executable, "-m", "tests.fogo.trabalhador", "--threads", str(THREADS)]
                self._abrir_processo(nome, comando, FOGO_RELOGIO=str(self.relogio(qual)))
            self.parados.discard(nome)

    def _vive(self, nome: str) -> bool:
        processo = self._processos.get(nome)
        return processo is not None and processo.poll() is None

    def matar(self, nome: str) -> bool:
        """kill -9 of the process and, for the web, of the processes it started: nothing of it is left. False: it was
        dead already."""
        with self._trava:
            self.parados.add(nome)
            if vivia := self._vive(nome):
                processo = self._processos[nome]
                os.killpg(processo.pid, signal.SIGKILL)  # a session of its own: only what it started
                processo.wait()
            return vivia

    def sinal(self, nome: str, numero: int) -> bool:
        """Whether there was a process to send it to."""
        with self._trava:
            if vive := self._vive(nome):
                os.kill(self._processos[nome].pid, numero)
            return vive

    def vigiar(self) -> None:
        """Bring back what ended by itself, as the supervisor of the product does."""
        with self._trava:
            for nome in [*self._processos]:
                codigo = self._processos[nome].poll()
                if nome != "sandbox" and nome not in self.parados and codigo is not None:
                    self.inesperadas.append(f"{nome} ended by itself with {codigo}")
                    self.iniciar(nome)

    def encerrar_produto(self) -> None:
        """Workers and web end in order."""
        with self._trava:
            nomes = [nome for nome in self._processos if nome != "sandbox"]
            self.parados |= set(nomes)
            for nome in nomes:
                self.sinal(nome, signal.SIGCONT)
                self.sinal(nome, signal.SIGTERM)
            for nome in nomes:
                try:
                    self._processos[nome].wait(timeout=40)
                except subprocess.TimeoutExpired:
                    self.inesperadas.append(f"{nome} did not end in 40 s")
                    self.matar(nome)

    def fechar(self) -> None:
        with contextlib.suppress(Exception):
            self.encerrar_produto()
        if (sandbox := self._processos.get("sandbox")) and sandbox.poll() is None:
            sandbox.terminate()
            try:
                sandbox.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(sandbox.pid, signal.SIGKILL)
        if (self.pasta / "pg").exists():
            from config import postgres

            postgres.stop(self.pasta / "pg")

    # -- PostgreSQL ---------------------------------------------------------------------------------------------------
    def parar_postgres(self, modo: str) -> None:
        from config import postgres

        servidor = postgres._library(self.pasta / "pg")
        subprocess.run(
            [str(servidor.bin_path / "pg_ctl"), "-D", str(self.pasta / "pg"), "-m", modo, "-w", "stop"],
            user=servidor.system_user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )

    def subir_postgres(self) -> None:
        from config import postgres

        postgres.start(self.pasta / "pg")


class Controle:
    """The sandbox's control API; patient, since everything else is busy."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=f"{url}controle/api/", timeout=120, trust_env=False)

    def __call__(self, caminho: str, corpo: dict[str, Any] | None = None) -> Any:
        resposta = self._http.get(caminho) if corpo is None else self._http.post(caminho, json=corpo)
        return resposta.raise_for_status().json()

    def apagar_cenario(self, numero: int) -> None:
        self._http.delete(f"cenarios/{numero}").raise_for_status()

    def baixar(self, url: str) -> bytes:
        return self._http.get(url).raise_for_status().content


class Confirmacao(HTMLParser):
    """The form `confirmar` of a page: what it would send, and whether there is a button that sends it."""

    def __init__(self, pagina: str) -> None:
        super().__init__()
        self.campos: list[tuple[str, str]] = []
        self.confirma = self._dentro = False
        self.feed(pagina)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        ditos = dict(attrs)
        if tag == "form":
            self._dentro = ditos.get("id") == "confirmar"
        elif tag == "button" and ditos.get("form") == "confirmar":
            self.confirma = True
        elif tag == "input" and self._dentro and (ditos.get("type") != "checkbox" or "checked" in ditos):
            self.campos.append((ditos.get("name") or "", ditos.get("value") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._dentro = False


class Pessoa:
    """Somebody at the screens while the web dies and comes back: everything is asked for again until it answers.

    A 503, or nobody there, is what a person sees while the database or the web is away; any other 5xx is a defect.
    `enviando` is set while a form is on its way.
    """

    def __init__(self, porta: int, usuario: str, senha: str, enviando: threading.Event) -> None:
        self._base, self._usuario, self._senha = f"http://127.0.0.1:{porta}", usuario, senha
        self._http: httpx.Client | None = None
        self._enviando = enviando
        self.paginas = self.envios = self.cortados = self.quedas = 0
        self.defeitos: Counter[str] = Counter()

    def olhar(self, caminho: str) -> bool:
        """Whether the page came."""
        resposta = self._pedir("GET", caminho)
        veio = resposta is not None and resposta.status_code == 200
        self.paginas += veio
        return veio

    def enviar(self, caminho: str, campos: Iterable[tuple[str, str]]) -> httpx.Response | None:
        """The answer to a form, redirects followed. None: no answer came, and nobody knows whether it was taken."""
        self.envios += 1
        dados: dict[str, list[str]] = {}
        for nome, valor in campos:
            dados.setdefault(nome, []).append(valor)
        return self._pedir("POST", caminho, dados)

    def fazer(self, tela: "PelaTela", ate: float) -> bool:
        """Mark, look at what would be done and confirm it, again and again until it is there. False: time is over."""
        campos: Sequence[tuple[str, str]] = tela.campos
        while time.monotonic() < ate:
            resposta = self.enviar(tela.url, campos)
            if resposta is None:
                time.sleep(0.3)  # the form is still on the screen
                continue
            if resposta.url.path != tela.url:
                return True
            formulario = Confirmacao(resposta.text)
            if resposta.status_code not in (200, 422):
                self.defeitos[f"POST {tela.url} answered {resposta.status_code}"] += 1
                return False
            if not formulario.confirma:
                return True  # nothing is left to ask for
            campos = [(nome, valor) for nome, valor in formulario.campos if nome not in tela.sem]
        return False

    def _pedir(self, metodo: str, caminho: str, dados: dict[str, list[str]] | None = None) -> httpx.Response | None:
        try:
            if self._http is None:
                self._http = self._entrar()
            http = self._http
            resposta = http.get(caminho) if dados is None else self._preencher(http, caminho, dados)
            if resposta.status_code < 500 and "/entrar" not in str(resposta.url):
                return resposta
            if resposta.status_code < 500:
                self._http = None
        except httpx.HTTPError:
            self._http = None
        self.quedas += 1
        return None

    def _preencher(self, http: httpx.Client, caminho: str, dados: dict[str, list[str]]) -> httpx.Response:
        com_ficha = dados | {"csrfmiddlewaretoken": [http.cookies["csrftoken"]]}
        self._enviando.set()
        try:
            return http.post(caminho, data=com_ficha, headers={"Referer": f"{self._base}{caminho}"})
        except httpx.ConnectError:
            raise
        except httpx.HTTPError:
            self.cortados += 1
            raise
        finally:
            self._enviando.clear()

    def _anotar(self, resposta: httpx.Response) -> None:
        if resposta.status_code >= 500 and resposta.status_code != 503:
            pedido = resposta.request
            self.defeitos[f"{pedido.method} {pedido.url.raw_path.decode()} answered {resposta.status_code}"] += 1

    def _entrar(self) -> httpx.Client:
        http = httpx.Client(
            base_url=self._base,
            timeout=30,
            follow_redirects=True,
            trust_env=False,
            event_hooks={"response": [self._anotar]},
        )
        http.get("/entrar/").raise_for_status()
        dados = {"username": self._usuario, "password": self._senha, "csrfmiddlewaretoken": http.cookies["csrftoken"]}
        http.post("/entrar/", data=dados, headers={"Referer": f"{self._base}/entrar/"}).raise_for_status()
        return http


@contextlib.contextmanager
def aberta(pasta: Path, ritmo: float, demora: float) -> Iterator[tuple[Cena, Controle]]:
    cena = Cena(pasta, ritmo, demora)
    try:
        enderecos = cena.abrir()
        controle = Controle(enderecos["controle"])
        controle("ajustes", limites_do_sandbox(ritmo))
        yield cena, controle
    finally:
        cena.fechar()
