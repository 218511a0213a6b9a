"""CCMEI: the certificate of the MEI, its data, and the CNPJs that a person has as MEI.

Source: SERPRO, API Integra Contador, pages of CCMEI; docs/integra-contador.md.
"""

from dataclasses import dataclass
from typing import Any

from guias.providers import wire
from guias.providers.catalogo import achar
from guias.providers.cliente import IntegraContador, NadaEncontrado, lendo
from guias.providers.interface import Partes
from operacoes.http import Chamadas

EMITIRCCMEI121 = achar("CCMEI", "EMITIRCCMEI121")
DADOSCCMEI122 = achar("CCMEI", "DADOSCCMEI122")
CCMEISITCADASTRAL123 = achar("CCMEI", "CCMEISITCADASTRAL123")


@dataclass(frozen=True)
class Ocupacao:
    descricao: str
    cnae: str


@dataclass(frozen=True)
class DadosCcmei:
    """What the certificate says, dates in the service's own words. `cpf` unmasked, empty when it was not told."""

    nome: str
    responsavel: str
    cpf: str
    situacao: str
    inicio: str
    optante: bool
    enquadramento: str
    ocupacoes: tuple[Ocupacao, ...]
    formas: tuple[str, ...]


@dataclass(frozen=True)
class CnpjDoMei:
    cnpj: str
    situacao: str
    enquadrado: bool


def emitir(cliente: IntegraContador, partes: Partes, *, chamadas: Chamadas) -> bytes:
    """The certificate as PDF."""
    resposta = cliente.chamar(EMITIRCCMEI121, partes, None, chamadas)
    with lendo(EMITIRCCMEI121):
        return wire.pdf_obrigatorio(wire.um(resposta.dados)["pdf"])


def dados(cliente: IntegraContador, partes: Partes, *, chamadas: Chamadas) -> DadosCcmei:
    resposta = cliente.chamar(DADOSCCMEI122, partes, None, chamadas)
    with lendo(DADOSCCMEI122):
        corpo = wire.um(resposta.dados)
        pessoa, regime = corpo.get("empresario") or {}, corpo.get("enquadramento") or {}
        atividade = corpo.get("atividade") or {}
        ocupacoes = [atividade.get("ocupacaoPrincipal"), *(atividade.get("ocupacoesSecundarias") or [])]
        return DadosCcmei(
            nome=str(corpo["nomeEmpresarial"]),
            responsavel=str(pessoa.get("nomeSocial") or pessoa.get("nomeCivil") or ""),
            cpf="".join(letra for letra in str(pessoa.get("cpf") or "") if letra.isdecimal()),
            situacao=str(corpo.get("situacaoCadastralVigente") or ""),
            inicio=str(corpo.get("dataInicioAtividades") or ""),
            optante=bool(regime.get("optanteMei")),
            enquadramento=str(regime.get("situacao") or ""),
            ocupacoes=tuple(_ocupacao(item) for item in ocupacoes if item),
            formas=tuple(str(forma) for forma in atividade.get("formasAtuacao") or []),
        )


def cnpjs_do_cpf(cliente: IntegraContador, partes: Partes, *, chamadas: Chamadas) -> list[CnpjDoMei]:
    """The CNPJs that the person (contribuinte: a CPF) has or had as MEI; empty when there is none."""
    try:
        resposta = cliente.chamar(CCMEISITCADASTRAL123, partes, None, chamadas)
    except NadaEncontrado:
        return []
    with lendo(CCMEISITCADASTRAL123):
        return [
            CnpjDoMei(str(item["cnpj"]), str(item.get("situacao") or ""), bool(item.get("enquadradoMei")))
            for item in resposta.dados or []
        ]


def _ocupacao(item: dict[str, Any]) -> Ocupacao:
    return Ocupacao(str(item.get("descricaoOcupacao") or ""), str(item.get("codigoCNAE") or ""))
