"""The clock of deadlines: it goes on while the machine sleeps, as the services and the database do."""

import time

_CONTINUO: int | None = getattr(time, "CLOCK_BOOTTIME", None)  # Linux's; the monotonic clock stops in a sleep there


def segundos() -> float:
    return time.monotonic() if _CONTINUO is None else time.clock_gettime(_CONTINUO)
