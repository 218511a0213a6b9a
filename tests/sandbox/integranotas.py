"""A bare client of the simulated Integra Notas, as another program would write it, and builders of payloads."""

import base64
import gzip
import http.server
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from sandbox.documentos import digitos_cnpj
from sandbox.integranotas.catalogo import SERVICO
from sandbox.integranotas.comportamento import TOMADORES_DE_TESTE
from tests.sandbox_fixture import SandboxVivo

AGORA = "2026-11-21T10:00:00-03:00"
SEM_LIMITES = {"limites": False, "aviso_automatico": False}
TOMADORES = {tomador.titulo: tomador.cnpj for tomador in TOMADORES_DE_TESTE}
TOMADOR = "11222333000181"
_NUMEROS = itertools.count(1000)
PONTA_GROSSA, SAO_PAULO = "4119905", "3550308"


def cnpj(numero: int) -> str:
    """An invented CNPJ with letters and valid check digits."""
    doze = f"NFS{numero:05d}0001"
    return doze + digitos_cnpj(doze)


def tomador_de_teste(trecho: str) -> str:
    (achado,) = (documento for titulo, documento in TOMADORES.items() if trecho in titulo)
    return achado


class Notas:
    """Speaks for one emitente, or for its software house; the token is what was registered."""

    def __init__(self, sandbox: SandboxVivo, http: httpx.Client) -> None:
        self.sandbox, self.controle, self.http = sandbox, sandbox.controle, http
        self._mexidas: set[str] = set()
        self._relogio_mexido = self._zerado = False
        self.documento = self.token = ""
        self.conta: dict[str, Any] = {}
        self._contas: list[dict[str, Any]] = []
        self.preparar()

    def preparar(self) -> None:
        """An empty sandbox at 10:00 of 21/11/2026, no rate limit, webhooks sent only when asked for."""
        self.controle.reset()
        self.controle.relogio(fixo=AGORA)
        self.controle.ajustes(**{f"{SERVICO}.{nome}": valor for nome, valor in SEM_LIMITES.items()})
        self.padroes = self.controle.get("ajustes")
        self._contas = self.controle.get("integranotas/contas")["contas"]

    def usar_conta(self, ambiente: str) -> None:
        """The demonstration account of an environment."""
        self.conta = next(conta for conta in self._contas if conta["ambiente"] == ambiente)

    def nova_conta(self) -> None:
        """An account of one's own, with one emitente."""
        self.conta = self.controle.post("integranotas/contas", {"nome": "OUTRA"}).json()
        self.novo_emitente()

    def novo_emitente(self, **dados: Any) -> None:
        """Speak for an emitente that nobody used before."""
        self.documento = cnpj(next(_NUMEROS))
        self.token = self.cadastrar(self.documento, **dados)["token"]

    def zerar(self) -> None:
        """A reset, whose traces are undone after the test."""
        self._zerado = True
        self.controle.reset()
        self.controle.relogio(fixo=AGORA)

    def desfazer(self) -> None:
        """Settings, clock and rules as `preparar` left them, and the account too."""
        if self._zerado:
            self.preparar()
        elif self._mexidas:
            self.controle.ajustes(**{nome: self.padroes[nome] for nome in self._mexidas})
        if self._relogio_mexido:
            self.controle.relogio(fixo=AGORA)
        self.controle.apagar_cenarios()
        self._mexidas, self._relogio_mexido, self._zerado = set(), False, False

    def cadastrar(self, documento: str, **dados: Any) -> dict[str, Any]:
        """Register an emitente through the control API."""
        corpo = {"conta": self.conta["id"], "emitentes": [{"documento": documento, **dados}]}
        return dict(self.controle.post("integranotas/emitentes", corpo).json()["emitentes"][0])

    def prefeitura(self, **comportamento: Any) -> None:
        """How the town hall treats the emitente from now on."""
        self.cadastrar(self.documento, **comportamento)

    def opcoes(self, **valores: Any) -> None:
        ajustes = {f"{SERVICO}.{nome}": valor for nome, valor in valores.items()}
        self.controle.ajustes(**ajustes)
        self._mexidas |= set(ajustes)

    def relogio(self, instante: str) -> None:
        """A time of 21/11/2026, or a whole instant."""
        self._relogio_mexido = True
        self.controle.relogio(fixo=instante if "T" in instante else f"2026-11-21T{instante}-03:00")

    def chamar(
        self,
        metodo: str,
        rota: str,
        corpo: Any = None,
        *,
        versao: int = 1,
        token: str | None = None,
        tag: str = "",
        ambiente: str = "producao",
        **opcoes: Any,
    ) -> httpx.Response:
        cabecalhos = {
            "Authorization": self.token if token is None else token,
            "Content-Type": "application/json",
            "Accept": "application/json",
            **({"X-Request-Tag": tag} if tag else {}),
            **opcoes.pop("headers", {}),
        }
        if corpo is not None:
            opcoes["content"] = corpo if isinstance(corpo, bytes) else json.dumps(corpo).encode()
        base = self.sandbox.enderecos["integranotas"][ambiente]
        return self.http.request(metodo, f"{base}/v{versao}{rota}", headers=cabecalhos, **opcoes)

    def soft(self, metodo: str, rota: str, corpo: Any = None, **opcoes: Any) -> httpx.Response:
        return self.chamar(metodo, f"/soft{rota}", corpo, token=self.conta["token"], **opcoes)

    def criar(self, numero: int = 1, /, *, versao: int = 1, tag: str = "", **mudancas: Any) -> dict[str, Any]:
        montar = nota if versao == 1 else nota_v2
        return dict(self.chamar("POST", "/nfse", montar(numero, **mudancas), versao=versao, tag=tag).json())

    def consultar(self, chave: str) -> dict[str, Any]:
        return dict(self.chamar("GET", f"/nfse/{chave}").json())

    def cancelar(self, chave: str, /, **mudancas: Any) -> dict[str, Any]:
        corpo = {"chave": chave, "codigo_cancelamento": "1", "motivo_cancelamento": "Valor do serviço errado"}
        return dict(self.chamar("POST", "/nfse/cancela", corpo | mudancas).json())

    def substituir(self, chave: str, numero: int, /, **mudancas: Any) -> dict[str, Any]:
        motivo = {"chave": chave, "codigo_cancelamento": "1", "motivo_cancelamento": "Valor do serviço errado"}
        return dict(self.chamar("POST", "/nfse/substitui", nota(numero, **mudancas) | motivo).json())

    def ledger(self, tipo: str = "nfse_autorizada", **filtros: Any) -> list[dict[str, Any]]:
        """Effects of this emitente."""
        return self.controle.ledger(servico=SERVICO, tipo=tipo, **{"contribuinte": self.documento} | filtros)


def tomador(documento: str = TOMADOR) -> dict[str, Any]:
    return {
        "cnpj" if len(documento) == 14 else "cpf": documento,
        "razao_social": "Tomador de Teste Ltda",
        "endereco": {
            "logradouro": "Rua das Acácias",
            "numero": "16",
            "bairro": "Centro",
            "codigo_municipio": PONTA_GROSSA,
            "uf": "PR",
            "cep": "84010010",
        },
    }


def item(**mudancas: Any) -> dict[str, Any]:
    return {"codigo": "1.07", "discriminacao": "Suporte técnico", "valor_servicos": "100.00"} | mudancas


def nota(numero: int = 1, /, **mudancas: Any) -> dict[str, Any]:
    """A v1 payload. `tomador` and `item` replace theirs; other keys replace those of the root."""
    quem, linha = mudancas.pop("tomador", TOMADOR), mudancas.pop("item", {})
    return {
        "numero": str(numero),
        "serie": "1",
        "tipo": "1",
        "status": "1",
        "data_emissao": "2026-11-21T10:00:00-03:00",
        "tomador": tomador(quem) if isinstance(quem, str) else quem,
        "servico": {"codigo_municipio": PONTA_GROSSA, "itens": [item(**linha)]},
    } | mudancas


def nota_v2(numero: int = 1, /, **mudancas: Any) -> dict[str, Any]:
    linha = mudancas.pop("item", {})
    corpo = nota(numero, **mudancas)
    if "servico" not in mudancas:
        corpo["servico"] = item(**{"codigo": "010701"} | linha)
    return corpo


def arquivo(codificado: str) -> bytes:
    conteudo = base64.b64decode(codificado)
    return gzip.decompress(conteudo) if conteudo[:2] == b"\x1f\x8b" else conteudo


def campos(resposta: dict[str, Any]) -> list[str]:
    return [erro["campo"] for erro in resposta["erros"]]


@contextmanager
def receptor(status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A webhook on this machine: its address and what it receives."""
    recebidos: list[dict[str, Any]] = []

    class Receptor(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            corpo = self.rfile.read(int(self.headers["Content-Length"]))
            recebidos.append(json.loads(corpo))
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    servidor = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receptor)
    threading.Thread(target=servidor.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{servidor.server_port}/avisos?de=integranotas", recebidos
    finally:
        servidor.shutdown()
        servidor.server_close()
