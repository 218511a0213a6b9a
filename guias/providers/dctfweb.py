"""DCTFWEB: the declaration that gathers eSocial, Reinf and MIT, its XML, transmission, papers and DARF.

Refusals come with HTTP 200 (guias.providers.mensagens.dctfweb). 31 to 33 are about the active declaration, 38 and 313
about the one in progress. Source: SERPRO, API Integra Contador, pages of DCTFWEB.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any

from guias.providers import wire
from guias.providers.catalogo import Servico, achar
from guias.providers.cliente import IntegraContador, NadaEncontrado, lendo
from guias.providers.interface import Partes
from operacoes.http import Chamadas

GERARGUIA31 = achar("DCTFWEB", "GERARGUIA31")
CONSRECIBO32 = achar("DCTFWEB", "CONSRECIBO32")
CONSDECCOMPLETA33 = achar("DCTFWEB", "CONSDECCOMPLETA33")
CONSXMLDECLARACAO38 = achar("DCTFWEB", "CONSXMLDECLARACAO38")
TRANSDECLARACAO310 = achar("DCTFWEB", "TRANSDECLARACAO310")
GERARGUIAANDAMENTO313 = achar("DCTFWEB", "GERARGUIAANDAMENTO313")


class Categoria(IntEnum):
    """Kinds of declaration. 41 and 51 are of a year, 45 of a day; 44 names a CNO and 46 a process."""

    GERAL_MENSAL = 40
    GERAL_13O_SALARIO = 41
    AFERICAO = 44
    ESPETACULO_DESPORTIVO = 45
    RECLAMATORIA_TRABALHISTA = 46
    PF_MENSAL = 50
    PF_13O_SALARIO = 51

    @property
    def anual(self) -> bool:
        return self in (Categoria.GERAL_13O_SALARIO, Categoria.PF_13O_SALARIO)


class Origem(IntEnum):
    """Where a debit of the declaration came from."""

    ESOCIAL = 1
    SERO = 5
    REINF_CP = 6
    REINF_RET = 7
    MIT = 8


_NOMES = {
    Categoria.GERAL_MENSAL: "GERAL_MENSAL",
    Categoria.GERAL_13O_SALARIO: "GERAL_13o_SALARIO",
    Categoria.AFERICAO: "AFERICAO",
    Categoria.ESPETACULO_DESPORTIVO: "ESPETACULO_DESPORTIVO",
    Categoria.RECLAMATORIA_TRABALHISTA: "RECLAMATORIA_TRABALHISTA",
    Categoria.PF_MENSAL: "PF_MENSAL",
    Categoria.PF_13O_SALARIO: "PF_13o_SALARIO",
}


@dataclass(frozen=True)
class Chave:
    """Which declaration: `periodo` is the day in a sports event, day 1 of the month otherwise (of an annual one only
    its year counts)."""

    categoria: Categoria
    periodo: date
    cno: str = ""
    processo: str = ""


@dataclass(frozen=True)
class Recebida:
    """A declaration was transmitted; `atrasada` when the answer told of a fine for delay."""

    atrasada: bool = False


def gerar_guia(
    cliente: IntegraContador,
    partes: Partes,
    chave: Chave,
    *,
    pagamento: date | None,
    origens: Sequence[Origem] = (),
    recibo: str = "",
    chamadas: Chamadas,
) -> bytes:
    """DARF (PDF) of the active declaration, to be paid on `pagamento` (a working day of this month) if said."""
    dados = _dados(chave, recibo, origens)
    if pagamento is not None:
        dados["DataAcolhimentoProposta"] = int(f"{pagamento:%Y%m%d}")
    return _pdf(cliente, GERARGUIA31, partes, dados, chamadas)


def gerar_guia_em_andamento(
    cliente: IntegraContador, partes: Partes, chave: Chave, *, origens: Sequence[Origem] = (), chamadas: Chamadas
) -> bytes:
    """DARF (PDF) of the declaration in progress."""
    return _pdf(cliente, GERARGUIAANDAMENTO313, partes, _dados(chave, "", origens), chamadas)


def recibo(
    cliente: IntegraContador, partes: Partes, chave: Chave, *, numero: str = "", chamadas: Chamadas
) -> bytes | None:
    """Receipt (PDF) of the active declaration, or of that of a number; None when there is none."""
    return _pdf_ou_nada(cliente, CONSRECIBO32, partes, _dados(chave, numero), chamadas)


def declaracao(
    cliente: IntegraContador, partes: Partes, chave: Chave, *, numero: str = "", chamadas: Chamadas
) -> bytes | None:
    """The whole declaration (PDF), as `recibo`."""
    return _pdf_ou_nada(cliente, CONSDECCOMPLETA33, partes, _dados(chave, numero), chamadas)


def xml(cliente: IntegraContador, partes: Partes, chave: Chave, *, chamadas: Chamadas) -> bytes | None:
    """XML of the declaration in progress, to be signed as it is; None when none is in progress."""
    try:
        resposta = cliente.chamar(CONSXMLDECLARACAO38, partes, _dados(chave, ""), chamadas)
    except NadaEncontrado:
        return None
    with lendo(CONSXMLDECLARACAO38):
        conteudo = base64.b64decode(resposta.dados["XMLStringBase64"], validate=True)
        if b"<" not in conteudo[:8]:
            raise ValueError("not an XML")
        return conteudo


def transmitir(
    cliente: IntegraContador, partes: Partes, chave: Chave, assinado: bytes, *, chamadas: Chamadas
) -> Recebida:
    dados = _dados(chave, "") | {"xmlAssinadoBase64": base64.b64encode(assinado).decode()}
    resposta = cliente.chamar(TRANSDECLARACAO310, partes, dados, chamadas)
    return Recebida(atrasada=resposta.tem("TRANS14"))


def _dados(chave: Chave, recibo: str, origens: Sequence[Origem] = ()) -> dict[str, Any]:
    dados: dict[str, Any] = {"categoria": _NOMES[chave.categoria], "anoPA": f"{chave.periodo:%Y}"}
    if not chave.categoria.anual:
        dados["mesPA"] = f"{chave.periodo:%m}"
    if chave.categoria is Categoria.ESPETACULO_DESPORTIVO:
        dados["diaPA"] = f"{chave.periodo:%d}"
    if chave.categoria is Categoria.AFERICAO:
        dados["cnoAfericao"] = int(chave.cno)
    if chave.categoria is Categoria.RECLAMATORIA_TRABALHISTA:
        dados["numProcReclamatoria"] = chave.processo
    if recibo:
        dados["numeroReciboEntrega"] = int(recibo)
    if origens:
        dados["idsSistemaOrigem"] = [int(origem) for origem in origens]
    return dados


def _pdf(
    cliente: IntegraContador, servico: Servico, partes: Partes, dados: dict[str, Any], chamadas: Chamadas
) -> bytes:
    resposta = cliente.chamar(servico, partes, dados, chamadas)
    with lendo(servico):
        return wire.pdf_obrigatorio(resposta.dados["PDFByteArrayBase64"])


def _pdf_ou_nada(
    cliente: IntegraContador, servico: Servico, partes: Partes, dados: dict[str, Any], chamadas: Chamadas
) -> bytes | None:
    try:
        return _pdf(cliente, servico, partes, dados, chamadas)
    except NadaEncontrado:
        return None
