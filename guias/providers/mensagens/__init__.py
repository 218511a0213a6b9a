"""The tables that turn message codes of Integra Contador into our few situations, our words and the next action.

Codes are compared by system and number only: the type in front of them changed over time (017 and 044), and brackets
and letter case vary between services. A code that is not here is not success: on a call that may not be repeated it is
a doubt, unless the answer itself says that the request was refused (Mensagem.nega).
Sources: SERPRO, API Integra Contador, "Mensagens do Gerenciador" (8 September 2026) and the message pages of each
system; docs/integra-contador.md.
"""

import re
from dataclasses import dataclass
from typing import Any

from guias.providers.mensagens import (
    autenticaprocurador,
    caixapostal,
    ccmei,
    dctfweb,
    defis,
    dte,
    eprocesso,
    eventos,
    gerenciador,
    mit,
    pagtoweb,
    parcelamentos,
    pgdasd,
    pgmei,
    pnr,
    procuracoes,
    regime,
    sicalc,
    sitfis,
)
from guias.providers.mensagens.regras import DEMOROU, Destino, Regra
from operacoes.redacao import redigir

__all__ = ["Destino", "Mensagem", "Regra", "ler", "regra_de"]

_RECUSA_DE_CAMPO = re.compile(r"\bE\d{4}\b")  # PGDASD's checks of a field, which name no system
# Type, system and number: "[Aviso-PGDASD-MSG_ISN_034]", "Sitfis-SC01" without a type, "[EntradaIncorreta-SICALC]".
_CODIGO = re.compile(
    r"^\[?\s*(?P<tipo>[^-\]]+?)-(?P<sistema>.+?)(?:-(?P<numero>(?:MSG_ISN_|MSG_)?[A-Z_]*\d[A-Z0-9]*))?\s*\]?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Mensagem:
    """One entry of `mensagens`: type in lower case, system in upper case, number as digits ("" when there is none)."""

    tipo: str
    sistema: str
    numero: str
    codigo: str
    texto: str

    @property
    def nega(self) -> bool:
        """Says that the request was looked at and refused, whether or not the code is known."""
        negativa = self.tipo in ("entradaincorreta", "entrataincorreta", "acessonegado")
        return negativa or _RECUSA_DE_CAMPO.fullmatch(self.codigo) is not None

    @property
    def falha(self) -> bool:
        return self.tipo == "erro"

    @property
    def aponta(self) -> bool:
        """Says only that another message of the answer matters (DCTFWEB: a refusal, or a notice)."""
        return self.sistema == "DCTFWEB" and self.numero == dctfweb.VEJA_AS_OUTRAS

    @property
    def ruim(self) -> bool:
        """Says no, whatever the HTTP status: SERPRO answers 200 with refusals in some services."""
        return self.nega or self.falha


def ler(bruto: Any) -> Mensagem:
    """Read one {codigo, texto}; anything else becomes a message without code."""
    if not isinstance(bruto, dict):
        return Mensagem("", "", "", "", _palavras(bruto)[:500])
    codigo = _palavras(bruto.get("codigo"))
    texto = _palavras(bruto.get("texto"))
    limpo = codigo.strip("[]").strip()
    achado = _CODIGO.match(codigo)
    if achado is None:
        de_campo = _RECUSA_DE_CAMPO.fullmatch(limpo) is not None
        return Mensagem("", "PGDASD" if de_campo else "", limpo if de_campo else "", limpo, texto)
    numero = (achado["numero"] or "").upper().removeprefix("MSG_ISN_").removeprefix("MSG_")
    return Mensagem(achado["tipo"].strip().lower(), achado["sistema"].strip().upper(), numero, limpo, texto)


def _palavras(bruto: Any) -> str:
    """Words of the service as they may be kept and shown: without secrets."""
    return "" if bruto is None else str(redigir(bruto)).strip()


def regra_de(mensagem: Mensagem) -> Regra | None:
    if mensagem.tipo == "sucesso":
        return None
    if mensagem.sistema == "SICALC" and not mensagem.numero:
        return sicalc.por_texto(mensagem.texto)
    propria = _REGRAS.get((mensagem.sistema, mensagem.numero))
    if (mensagem.sistema, mensagem.numero) == ("PGDASD", "002") and (campo := _RECUSA_DE_CAMPO.search(mensagem.texto)):
        propria = _REGRAS.get(("PGDASD", campo[0]), propria)
    if propria is None and mensagem.numero == "058":  # [Erro-<idSistema>-058]: downstream did not answer in time
        return DEMOROU
    return propria


_TABELAS = {
    "AUTENTICAPROCURADOR": autenticaprocurador.TABELA,
    "CAIXAPOSTAL": caixapostal.TABELA,
    "DCTFWEB": dctfweb.TABELA,
    "DEFIS": defis.TABELA,
    "DTE": dte.TABELA,
    "EPROCESSO": eprocesso.TABELA,
    "EVENTOSATUALIZACAO": eventos.TABELA,
    "ICGERENCIADOR": gerenciador.TABELA,
    "MIT": mit.TABELA,
    "PAGTOWEB": pagtoweb.TABELA,
    "PGDASD": pgdasd.TABELA,
    "PGMEI": pgmei.TABELA,
    "PNRCONTADOR": pnr.TABELA,
    "PROCURACOES": procuracoes.TABELA,
    "REGIME": regime.TABELA,
    "SITFIS": sitfis.TABELA,
    **ccmei.TABELAS,
    **parcelamentos.TABELAS,
}
_REGRAS: dict[tuple[str, str], Regra] = {
    (sistema, numero): regra for sistema, tabela in _TABELAS.items() for numero, regra in tabela.items()
}
