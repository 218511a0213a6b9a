"""The envelope of every answer: `sucesso`, `codigo`, `mensagem`, sometimes `erros`, and the fields of the operation."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NoReturn

from django.http import HttpResponse

from sandbox.integranotas import codigos
from sandbox.integranotas.opcoes import Opcoes

PAGINA_DE_PROXY = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
    "<hr><center>sandbox</center>\r\n</body>\r\n</html>\r\n"
)


@dataclass(frozen=True)
class Erro:
    """One field that is missing or wrong; `campo` is its dotted path."""

    campo: str
    erro: str
    descricao: str


@dataclass(frozen=True)
class Resultado:
    """What a service answers. `http` replaces the status of the profile."""

    codigo: int
    mensagem: str
    corpo: Mapping[str, Any] = field(default_factory=dict)
    erros: Sequence[Erro] = ()
    http: int | None = None

    @property
    def sucesso(self) -> bool:
        return self.codigo in codigos.SUCESSOS

    @property
    def chave(self) -> str:
        """The chave it tells, nested or not."""
        return str(self.corpo.get("chave") or self.corpo.get("nfse", {}).get("chave", ""))


_METADE_DE_PAR = re.compile(rb"\\u[dD][89a-fA-F]")


class Recusa(Exception):
    """An answer with `sucesso` false."""

    def __init__(
        self,
        codigo: int,
        mensagem: str,
        corpo: Mapping[str, Any] | None = None,
        *,
        erros: Sequence[Erro] = (),
        http: int | None = None,
    ) -> None:
        super().__init__(mensagem)
        self.resultado = Resultado(codigo, mensagem, corpo or {}, erros, http)


def campo_invalido(campo: str, descricao: str) -> Recusa:
    return invalidos([Erro(campo, "Valor inválido", descricao)])


def invalidos(erros: Sequence[Erro]) -> Recusa:
    return Recusa(codigos.INVALIDO, f"Dados inválidos: {erros[0].campo}. {erros[0].descricao}", erros=erros)


def faltas(campos: Sequence[str]) -> Recusa:
    erros = [Erro(campo, "Campo obrigatório", f"Informe {campo}.") for campo in campos]
    return Recusa(codigos.FALTA, f"Faltam dados obrigatórios: {', '.join(campos[:5])}.", erros=erros)


class Resposta(HttpResponse):
    """An envelope on its way out, with its code for the record of calls."""

    codigos: Sequence[str] = ()


def responder(resultado: Resultado, opcoes: Opcoes) -> Resposta:
    corpo: dict[str, Any] = {
        "sucesso": resultado.sucesso,
        "codigo": str(resultado.codigo) if opcoes["codigo_texto"] else resultado.codigo,
        "mensagem": resultado.mensagem,
        **resultado.corpo,
    }
    if resultado.erros:
        corpo["erros"] = [_erro(erro, so_erro=opcoes["erros_forma"] == "so_erro") for erro in resultado.erros]
    por_codigo = opcoes["status_http"] == "por_codigo"
    resposta = Resposta(
        json.dumps(corpo, ensure_ascii=False, default=_texto),
        status=resultado.http or codigos.status_http(resultado.codigo, por_codigo=por_codigo),
        content_type="application/json",
    )
    resposta.codigos = [str(resultado.codigo)]
    return resposta


def _erro(erro: Erro, *, so_erro: bool) -> dict[str, str]:
    if so_erro:
        return {"erro": f"{erro.campo}: {erro.descricao}"}
    return {"campo": erro.campo, "erro": erro.erro, "descricao": erro.descricao, "detalhes": ""}


def _texto(valor: object) -> str:
    if isinstance(valor, Decimal):
        return str(valor)
    raise TypeError(type(valor).__name__)


def pagina_de_proxy(status: int, titulo: str) -> HttpResponse:
    """What a proxy in front of the service answers: HTML, no envelope."""
    return HttpResponse(PAGINA_DE_PROXY.format(f"{status} {titulo}"), status=status, content_type="text/html")


def _constante(nome: str) -> NoReturn:
    raise ValueError(nome)


def ler_corpo(corpo: bytes) -> dict[str, Any]:
    """The object of a request, decimals kept exact; an empty body is an empty object."""
    try:
        lido = json.loads(corpo.decode("utf-8") or "{}", parse_float=Decimal, parse_constant=_constante)
        if _METADE_DE_PAR.search(corpo):
            json.dumps(lido, ensure_ascii=False, default=str).encode()  # half of a surrogate pair is no character
    except (ValueError, RecursionError):
        raise Recusa(codigos.ILEGIVEL, "O corpo da requisição não é JSON em UTF-8.") from None
    if lido == []:
        return {}  # how PHP writes an empty object
    if not isinstance(lido, dict):
        raise Recusa(codigos.ILEGIVEL, "O corpo da requisição deve ser um objeto JSON.")
    return lido
