"""A bare client of the simulated SISGENF-e, as another program would write it, and builders of requests.

A reset costs more than a test of these: each one gets a prestador nobody used yet, and the module shares one state.
"""

import itertools
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from sandbox.documentos import digitos_cnpj
from tests.sandbox_fixture import SandboxVivo

APP, USUARIO, SENHA = "chave-de-teste", "ana", "senha-inventada"
OLINDA, TAQUARITINGA = 1578, 1636
FORA = 622  # LC 116 7.05: the ISS is due elsewhere
DENTRO = 78  # LC 116 7.13
CPF = "529.982.247-25"
TOMADOR = "02.472.202/0001-61"
MARCA = "[gc:7f3a]"
INICIO = "2026-11-20T10:00:00-03:00"
_PRONTOS = 40


def cnpj(numero: int) -> str:
    """An invented CNPJ with letters and valid check digits."""
    doze = f"SGF{numero:05d}0001"
    return doze + digitos_cnpj(doze)


def mascara(documento: str) -> str:
    return f"{documento[:2]}.{documento[2:5]}.{documento[5:8]}/{documento[8:12]}-{documento[12:]}"


class Cliente:
    """Speaks for one prestador; `entrar` once, then the operations."""

    def __init__(self, sandbox: SandboxVivo, http: httpx.Client, prestador: str, ambiente: str = "producao") -> None:
        self.sandbox, self.http, self.prestador = sandbox, http, prestador
        self.base = sandbox.enderecos["sisgenfe"][ambiente]
        self.token = ""

    def efeitos(self, **filtros: str) -> list[dict[str, Any]]:
        """The ledger of this prestador."""
        return self.sandbox.controle.ledger(contribuinte=self.prestador, servico="sisgenfe", **filtros)

    def login(self, **mudancas: Any) -> httpx.Response:
        corpo = {"app": APP, "prestador": mascara(self.prestador), "username": USUARIO, "password": SENHA, **mudancas}
        return self.http.post(f"{self.base}/login", json={n: v for n, v in corpo.items() if v is not None})

    def entrar(self, **mudancas: Any) -> "Cliente":
        self.token = self.login(**mudancas).raise_for_status().text
        return self

    def enviar(self, rota: str, corpo: Any, *, tag: str = "", **cabecalhos: str) -> httpx.Response:
        """`corpo` as JSON, or as it is when it is bytes."""
        todos = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        todos |= ({"X-Request-Tag": tag} if tag else {}) | cabecalhos
        if isinstance(corpo, bytes):
            return self.http.post(f"{self.base}/{rota}", content=corpo, headers=todos)
        return self.http.post(f"{self.base}/{rota}", json=corpo, headers=todos)

    def atividades(self, autorizacao: bytes | None = None, tipo: str = "application/json") -> httpx.Response:
        portador = f"Bearer {self.token}".encode() if autorizacao is None else autorizacao
        todos = {b"Authorization": portador, b"Content-Type": tipo.encode()}
        return self.http.get(f"{self.base}/cnae", headers={nome: valor for nome, valor in todos.items() if valor})

    def tomador(self, documento: str = TOMADOR, /, **mudancas: Any) -> httpx.Response:
        return self.enviar("tomador", tomador(documento, **mudancas))

    def emitir(self, *, tag: str = "", **mudancas: Any) -> httpx.Response:
        return self.enviar("nfs", nota(**mudancas), tag=tag)

    def corrigir(self, numero: Any, historico: Any = "Onde se lê A, leia-se B", **outros: Any) -> httpx.Response:
        return self.enviar("nfs/corrige", {"notaFiscal": {"numero": numero}, "historico": historico, **outros})

    def cancelar(self, numero: Any, tipo: Any = 3, historico: Any = "Valor trocado") -> httpx.Response:
        corpo = {"notaFiscal": {"numero": numero}, "tipoCancelamento": {"id": tipo}, "historico": historico}
        return self.enviar("nfs/cancela", corpo)

    def consultar(self, rota: str, corpo: Any = None, /, **eq: Any) -> httpx.Response:
        """`eq` by keyword with `__` for the dots; or the whole body."""
        iguais = {nome.replace("__", "."): valor for nome, valor in eq.items()}
        return self.enviar(f"{rota}/query", corpo if corpo is not None else {"limit": 100, "where": {"eq": iguais}})


def cadastrar(sandbox: SandboxVivo, *prestadores: str, **mudancas: Any) -> None:
    """Register, all with the same user and key."""
    item = {"usuario": USUARIO, "senha": SENHA, "app": APP, **mudancas}
    sandbox.controle.post("sisgenfe/prestadores", {"prestadores": [{"cnpj": cnpj, **item} for cnpj in prestadores]})


class Preparo:
    """One reset sandbox, its clock stopped, with prestadores to hand out."""

    def __init__(self, sandbox: SandboxVivo, http: httpx.Client) -> None:
        self.sandbox, self.http = sandbox, http
        self._numeros = itertools.count(1)
        cadastrar(sandbox, *(cnpj(numero) for numero in range(1, _PRONTOS + 1)))

    def novo(self, **mudancas: Any) -> Cliente:
        """A client nobody used yet, logged in; `mudancas` are of its register."""
        numero = next(self._numeros)
        if mudancas or numero > _PRONTOS:
            cadastrar(self.sandbox, cnpj(numero), **mudancas)
        return Cliente(self.sandbox, self.http, cnpj(numero)).entrar(app=mudancas.get("app") or APP)


@pytest.fixture(scope="session")
def http_sisgenfe(sandbox_vivo: SandboxVivo) -> Iterator[httpx.Client]:
    contexto = ssl.create_default_context(cafile=str(sandbox_vivo.ca))
    with httpx.Client(verify=contexto, timeout=30, trust_env=False) as http:
        yield http


@pytest.fixture(scope="module")
def preparo(sandbox_vivo: SandboxVivo, http_sisgenfe: httpx.Client) -> Preparo:
    sandbox_vivo.controle.reset()
    sandbox_vivo.controle.relogio(fixo=INICIO)
    return Preparo(sandbox_vivo, http_sisgenfe)


@pytest.fixture
def prestador(preparo: Preparo) -> Cliente:
    return preparo.novo()


@pytest.fixture
def emissor(prestador: Cliente) -> Cliente:
    """A prestador with a customer in its register."""
    prestador.tomador().raise_for_status()
    return prestador


@pytest.fixture
def opcoes(preparo: Preparo) -> Iterator[Callable[..., None]]:
    """Set options of the simulator for one test."""
    mudadas: dict[str, Any] = {}

    def mudar(**valores: Any) -> None:
        antes = preparo.sandbox.controle.get("ajustes")
        mudadas.update({f"sisgenfe.{nome}": antes[f"sisgenfe.{nome}"] for nome in valores})
        preparo.sandbox.controle.ajustes(**{f"sisgenfe.{nome}": valor for nome, valor in valores.items()})

    yield mudar
    preparo.sandbox.controle.ajustes(**mudadas)


@pytest.fixture
def passar_tempo(preparo: Preparo) -> Iterator[Callable[[str], None]]:
    """Stop the clock at another instant for one test."""

    def passar(instante: str) -> None:
        preparo.sandbox.controle.relogio(fixo=instante)

    yield passar
    preparo.sandbox.controle.relogio(fixo=INICIO)


def tomador(documento: str = TOMADOR, /, **mudancas: Any) -> dict[str, Any]:
    """`mudancas` are of `dadosTomador`; the value None leaves the key out."""
    dados = {
        "razaoSocial": "CLIENTE INVENTADO LTDA",
        "email": "contato@cliente.example",
        "rua": "Rua do Sol",
        "bairro": "Carmo",
        "numero": "15",
        "cep": "53030-020",
        "municipio": {"id": OLINDA},
        **mudancas,
    }
    return {"documento": documento, "dadosTomador": {n: v for n, v in dados.items() if v is not None}}


def item(**mudancas: Any) -> dict[str, Any]:
    """One hour of R$ 5.840,00 of an activity of LC 116 7.13."""
    campos = {
        "qtd": 1,
        "valorUnitario": 5840.00,
        "inss": 0,
        "irrf": 0,
        "unidadeMedida": {"id": 15},
        "atividade": {"id": DENTRO},
        "descricao": "Serviço de teste",
        **mudancas,
    }
    return {nome: valor for nome, valor in campos.items() if valor is not None}


def nota(itens: list[dict[str, Any]] | None = None, **mudancas: Any) -> dict[str, Any]:
    campos = {
        "tomador": {"documento": TOMADOR},
        "observacao": f"Serviços do mês {MARCA}",
        "municipio": {"id": TAQUARITINGA},
        "issPagoTomador": False,
        "listaTributos": [],
        "listaItensNotaFiscal": [item()] if itens is None else itens,
        **mudancas,
    }
    return {nome: valor for nome, valor in campos.items() if valor is not None}


def erro(resposta: httpx.Response) -> tuple[int, str | None]:
    """Status and field of a refusal in the documented shape."""
    corpo = resposta.json()
    assert set(corpo) == {"status", "mensagem", "campo"}, corpo
    assert corpo["status"] == resposta.status_code
    assert corpo["mensagem"]
    return resposta.status_code, corpo["campo"]
