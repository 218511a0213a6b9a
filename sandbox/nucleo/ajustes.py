"""Settings of the running sandbox and its clock: every "now" of a simulator is Ajustes.agora()."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sandbox.nucleo import rapido, simuladores
from sandbox.nucleo.models import Ajuste

BRASILIA = ZoneInfo("America/Sao_Paulo")
_REINICIO = "reinicio"
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
    """A reading of the settings, valid for one call. `reinicio` names the state that stood when it was read."""

    valores: dict[str, Any]
    reinicio: str = ""

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
    gravados = {chave: json.loads(valor) for chave, valor in rapido.todas("SELECT chave, valor FROM nucleo_ajuste")}
    return Ajustes(reinicio=gravados.pop(_REINICIO, ""), valores=padroes() | gravados)


def marcar_reinicio() -> None:
    Ajuste.objects.create(chave=_REINICIO, valor=uuid4().hex)


def gravar(chave: str, valor: Any) -> None:
    if chave not in padroes():
        raise KeyError(chave)
    Ajuste.objects.update_or_create(chave=chave, defaults={"valor": valor})
