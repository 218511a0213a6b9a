"""What will go wrong, drawn from a seed before anything starts: the same seed is the same plan.

Faults of a service are drawn for each thing it is asked about, so they do not depend on which call comes first; faults
of the machines are drawn in time.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

COM_FALHA = 0.45  # of what a service is asked about meets faults


@dataclass(frozen=True)
class Medidas:
    """Sizes and times of a run. `ritmo` scales the engine's own waits (MOTOR_RITMO), `demora` is how long the service
    may take at most and `atraso` when a late effect lands, in seconds."""

    operacoes: int
    trabalhadores: int
    ritmo: float
    demora: float
    atraso: float
    submissao: float

    @property
    def prazo(self) -> float:
        """Total deadline of a call."""
        return 90 * self.ritmo

    @property
    def vez(self) -> float:
        """The lease."""
        return 105 * self.ritmo

    @property
    def sem_sinal(self) -> float:
        return 30 * self.ritmo


def curta(operacoes: int, trabalhadores: int) -> Medidas:
    return Medidas(operacoes, trabalhadores, ritmo=0.1, demora=12, atraso=6, submissao=8)


def inteira(operacoes: int, trabalhadores: int) -> Medidas:
    return Medidas(operacoes, trabalhadores, ritmo=0.2, demora=120, atraso=90, submissao=max(20.0, operacoes * 0.075))


@dataclass(frozen=True)
class Evento:
    """A fault of a machine, `em` seconds after the first submission."""

    em: float
    tipo: str
    dados: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.em:6.1f} s  {self.tipo} " + " ".join(f"{nome}={valor}" for nome, valor in self.dados.items())


type Sorteio = Callable[[random.Random, Medidas], dict[str, Any]]

RECUSA = "refused"

# kind of fault -> (weight, fields of the sandbox's rule)
FALHAS: dict[str, tuple[float, Sorteio]] = {
    "answer lost after the effect": (16, lambda r, m: {"acao": "perder_resposta"}),
    "reset after the effect": (8, lambda r, m: {"acao": "perder_resposta", "parametros": {"rst": True}}),
    "cut before the effect": (6, lambda r, m: {"acao": "cortar"}),
    "reset before the effect": (8, lambda r, m: {"acao": "cortar", "parametros": {"rst": True}}),
    "timeout, effect made": (
        4,
        lambda r, m: {"acao": "lento", "parametros": {"ms": int(m.prazo * 1000) + 3000, "quando": "depois"}},
    ),
    "timeout, effect after the client left": (
        4,
        lambda r, m: {"acao": "lento", "parametros": {"ms": int(m.prazo * 1000) + 3000, "quando": "antes"}},
    ),
    "5xx": (8, lambda r, m: {"acao": "erro", "parametros": {"http": r.choice([500, 502, 503])}}),
    "504 after the effect": (6, lambda r, m: {"acao": "tempo_esgotado"}),
    "504 before the effect": (3, lambda r, m: {"acao": "tempo_esgotado", "parametros": {"efeito": False}}),
    "HTML instead of JSON": (
        6,
        lambda r, m: {"acao": "html", "parametros": {"http": r.choice([200, 502]), "efeito": r.random() < 0.5}},
    ),
    "truncated body": (8, lambda r, m: {"acao": "truncar"}),
    "slow body": (
        4,
        lambda r, m: {"acao": "gotejar", "parametros": {"segundos": round(m.prazo * r.choice([0.2, 1.5]), 1)}},
    ),
    "401 in mid-run": (6, lambda r, m: {"acao": "token_expirado"}),
    "429 with Retry-After": (1, lambda r, m: {"acao": "limite", "parametros": {"retry_after": 1}}),
    "429 until a date": (
        0.5,
        lambda r, m: {"acao": "limite", "parametros": {"retry_after": 2, "retry_after_data": True}},
    ),
    "429 with Retry-After: 0": (1, lambda r, m: {"acao": "limite", "parametros": {"retry_after": 0}}),
    "429 without Retry-After": (0.5, lambda r, m: {"acao": "limite"}),
    RECUSA: (2, lambda r, m: {"acao": "recusar"}),
}
TARDIA = "effect lands late"
PESO_TARDIA = 12.0


@dataclass(frozen=True)
class Regra:
    falha: str
    campos: dict[str, Any]


def regras_do_alvo(
    semente: int, servico: str, alvo: Mapping[str, str], medidas: Medidas, *, com_efeito: bool
) -> list[Regra]:
    """Rules that the calls about one thing (an empresa, a title ...) of a service meet, one after the other."""
    sorteio = random.Random("/".join([str(semente), servico, *(alvo[campo] for campo in sorted(alvo))]))
    if sorteio.random() >= COM_FALHA:
        return []
    nomes = [*FALHAS, *([TARDIA] if com_efeito else [])]
    pesos = [peso for peso, _ in FALHAS.values()] + ([PESO_TARDIA] if com_efeito else [])
    regras = []
    for nome in sorteio.choices(nomes, pesos, k=sorteio.choices([1, 2, 3], [6, 3, 1])[0]):
        tardia = nome == TARDIA
        campos = (
            {"acao": "efeito_tardio", "parametros": {"segundos": medidas.atraso}}
            if tardia
            else FALHAS[nome][1](sorteio, medidas)
        )
        # The others touch the questions about a doubt too.
        so_efeito = tardia or (com_efeito and sorteio.random() < 0.6)
        da_regra = {"servico": servico, **alvo, "vezes": 1, "so_efeito": so_efeito, "descricao": nome, **campos}
        regras.append(Regra(nome, da_regra))
    return regras


def eventos(semente: int, medidas: Medidas) -> list[Evento]:
    """Faults of the machines while there is work."""
    sorteio = random.Random(f"{semente}/machines")
    duracao = medidas.submissao * 1.15
    quantos: Sequence[tuple[str, float]] = [
        ("kill worker", duracao / 18),
        ("freeze worker past its lease", duracao / 60),
        ("freeze worker past its heartbeat", duracao / 60),
        ("kill web", duracao / 30),
        ("restart PostgreSQL fast", duracao / 90),
        ("restart PostgreSQL immediate", duracao / 90),
        ("deliver a job twice", duracao / 40),
        ("deliver a job five times", duracao / 40),
        ("all workers claim together", duracao / 50),
        ("clock jumps", duracao / 30),
        ("5xx storm", duracao / 80),
        ("429 for everybody", duracao / 160),
    ]
    todos = []
    for tipo, media in quantos:
        # At least one of each, however short the run.
        for _ in range(max(1, round(media))):
            em = round(sorteio.uniform(0.08, 1) * duracao, 1)
            todos.append(Evento(em, tipo, _dados(tipo, sorteio, medidas)))
    return sorted(todos, key=lambda evento: (evento.em, evento.tipo))


def _dados(tipo: str, sorteio: random.Random, medidas: Medidas) -> dict[str, Any]:
    qual = sorteio.randrange(medidas.trabalhadores)
    match tipo:
        case "kill worker":
            return {"worker": qual, "away": round(sorteio.uniform(0, 3), 1)}
        case "freeze worker past its lease":
            return {"worker": qual, "seconds": round(medidas.vez + 2, 1)}
        case "freeze worker past its heartbeat":
            return {"worker": qual, "seconds": round(medidas.sem_sinal + 2, 1)}
        case "clock jumps":
            return {"worker": qual, "seconds": sorteio.choice([-7200, -3600, -300, 90, 600, 3600, 7200])}
        case "5xx storm":
            return {"seconds": round(min(6.0, medidas.submissao / 6), 1)}
        case "429 for everybody":
            return {"retry_after": sorteio.choice([None, 0, 2]), "date": sorteio.random() < 0.5}
        case "kill web":
            return {"into": round(sorteio.uniform(0, 0.4), 2)}
    return {}
