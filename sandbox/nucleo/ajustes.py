"""Settings of the running sandbox and its clock: every "now" of a simulator is Ajustes.agora()."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.nucleo import rapido, simuladores
from sandbox.nucleo.models import Ajuste

BRASILIA = ZoneInfo("America/Sao_Paulo")
PADRAO: dict[str, Any] = {
    "relogio": {"modo": "real"},
    "latencia_ms": 0,
    "token_segundos": 3000,
    "status_017_044": 400,
    "aceita_tipo_texto": False,
    "selic": {},
    "limites": [],
}


@dataclass(frozen=True)
class Ajustes:
    """A reading of the settings, valid for one call."""

    valores: dict[str, Any]

    def agora(self) -> datetime:
        """The sandbox's present instant, aware, UTC."""
        relogio = self.valores["relogio"]
        if relogio["modo"] == "fixo":
            return datetime.fromisoformat(relogio["instante"]).astimezone(UTC)
        deslocamento = relogio.get("segundos", 0) if relogio["modo"] == "deslocado" else 0
        return datetime.now(UTC) + timedelta(seconds=deslocamento)

    def hoje(self) -> date:
        return self.agora().astimezone(BRASILIA).date()

    def selic(self, pa: int) -> Decimal | None:
        """Selic of a month in percent, as set on the control page; None when it is not known yet.

        Months before the present one that nobody set are worth the sandbox's fictional rate.
        """
        valor = self.valores["selic"].get(str(pa))
        if valor is not None:
            return Decimal(valor)
        hoje = self.hoje()
        return SELIC_FICTICIA if pa < hoje.year * 100 + hoje.month else None


SELIC_FICTICIA = Decimal("1.00")


def padroes() -> dict[str, Any]:
    return PADRAO | {nome: opcao.padrao for nome, opcao in simuladores.opcoes().items()}


def ler() -> Ajustes:
    linhas = rapido.todas("SELECT chave, valor FROM nucleo_ajuste")
    return Ajustes(padroes() | {chave: json.loads(valor) for chave, valor in linhas})


def gravar(chave: str, valor: Any) -> None:
    if chave not in padroes():
        raise KeyError(chave)
    Ajuste.objects.update_or_create(chave=chave, defaults={"valor": valor})
