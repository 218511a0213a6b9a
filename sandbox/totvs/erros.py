"""Refusals: what is wrong, with its code, and every wrong thing of one phase together.

The numbers from 90001 on are the sandbox's own: the ERP's message numbers for these rules are not published. A refusal
of the edge has its HTTP status as code.
"""

from dataclasses import dataclass

JSON, NOME, TIPO, FALTA, TAMANHO = "90001", "90002", "90003", "90004", "90005"
CADASTRO, MATRIZ, DATA, REFERENCIA, CHAVE, SEQUENCIA = "90010", "90011", "90012", "90013", "90014", "90015"
RATEIO, TOTAL, ABATIMENTO, IMPOSTO = "90020", "90021", "90022", "90023"
NAO_ACHADO, NAO_ABERTO, PRESO, ACIMA, BORDERO = "90030", "90031", "90032", "90033", "90034"
MOVIMENTO, TEM_MOVIMENTO, FORA_DA_TABELA, BARRAS = "90035", "90036", "90040", "90050"


@dataclass(frozen=True)
class Falha:
    """`caminho` is the JSON path of the field, empty when it is about no field."""

    codigo: str
    mensagem: str
    caminho: str = ""


class Falhas(list[Falha]):
    """What is wrong so far, in the order of the body."""

    def add(self, codigo: str, caminho: str, mensagem: str) -> None:
        self.append(Falha(codigo, mensagem, caminho))


class Recusa(Exception):
    """An answer other than success. `negocio`: a business rule said no, which an ERP may tell with another status."""

    def __init__(self, http: int, falhas: list[Falha], *, negocio: bool = False) -> None:
        super().__init__(falhas[0].mensagem)
        self.http, self.falhas, self.negocio = http, falhas, negocio


def da_borda(http: int, mensagem: str) -> Recusa:
    return Recusa(http, [Falha(str(http), mensagem)])
