"""DTE: whether a CNPJ has a domicílio tributário eletrônico. Source: SERPRO, API Integra Contador, page of DTE."""

from dataclasses import dataclass

from guias.providers.catalogo import achar
from guias.providers.cliente import IntegraContador, lendo
from guias.providers.interface import Partes
from operacoes.errors import ProviderRefused
from operacoes.http import Chamadas

CONSULTASITUACAODTE111 = achar("DTE", "CONSULTASITUACAODTE111")

INVALIDO, NAO_OPTANTE, DTE, SIMPLES, AMBOS = -2, -1, 0, 1, 2


@dataclass(frozen=True)
class SituacaoDte:
    """`indicador`: -1 not opting, 0 DTE, 1 DTE-SN (Simples), 2 both; `texto` in the Receita's words."""

    indicador: int
    texto: str


def situacao(cliente: IntegraContador, partes: Partes, *, chamadas: Chamadas) -> SituacaoDte:
    resposta = cliente.chamar(CONSULTASITUACAODTE111, partes, None, chamadas)
    with lendo(CONSULTASITUACAODTE111):
        indicador = int(resposta.dados["indicadorEnquadramento"])
        texto = str(resposta.dados.get("statusEnquadramento") or "")
        if indicador not in (INVALIDO, NAO_OPTANTE, DTE, SIMPLES, AMBOS):
            raise ValueError(f"indicator {indicador}")
    if indicador == INVALIDO:
        raise ProviderRefused(
            "A Receita não reconheceu o CNPJ da empresa. Confira o cadastro e consulte de novo.",
            codigo="DTE-2",
            texto=texto,
        )
    return SituacaoDte(indicador, texto)
