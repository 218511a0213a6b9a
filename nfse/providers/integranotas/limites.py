"""How long the service blocks and takes, and when a note that is still being processed is looked at. How often it may
be called the settings say.

Source: Integra Notas, "Fluxo da API" (rate limit, timeouts): 5 calls a minute on /soft, 2 a minute for one chave,
60 a minute otherwise, each by token; passing one blocks for 5 minutes. Careless traffic may block the caller's IP.
"""

from datetime import timedelta

BLOQUEIO = timedelta(minutes=5)
PRAZO = timedelta(seconds=85)  # the service itself waits 40 to 60 s for the town hall; 10 s to connect, 75 s to read

_PRIMEIRAS = (timedelta(seconds=15), timedelta(seconds=60), timedelta(seconds=120))
_FASES = ((timedelta(minutes=5), timedelta(hours=2)), (timedelta(minutes=30), timedelta(hours=48)))


def _esperas() -> tuple[timedelta, ...]:
    esperas, decorrido = list(_PRIMEIRAS), sum(_PRIMEIRAS, timedelta(0))
    for intervalo, ate in _FASES:
        while decorrido + intervalo <= ate:
            esperas.append(intervalo)
            decorrido += intervalo
    return tuple(esperas)


_AGENDA = _esperas()


def agenda(n: int) -> timedelta | None:
    """How long to wait for the next look after `n` looks (0: after the sending); None when a person takes over.

    15 s, 60 s, 120 s, every 5 minutes until 2 hours, every 30 minutes until 48 hours. No two looks are closer than
    the limit of one chave.
    """
    return _AGENDA[n] if n < len(_AGENDA) else None
