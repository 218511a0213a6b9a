"""The clients of outside services, kept open for a moment: opening the vault for every item of a bulk run would cost
more than the call."""

import time
from collections.abc import Callable

VALE_S = 2.0


class Clientes[C]:
    """One client for each access, as long as what it was opened with is the same (`versao`)."""

    def __init__(self) -> None:
        self._guardados: dict[str, tuple[float, str, C]] = {}  # by access: until when, of which version

    def achar(self, acesso: str, versao: str, abrir: Callable[[], C]) -> C:
        """The one kept, else what `abrir` makes. Raises what `abrir` does."""
        guardado = self._guardados.get(acesso)
        if guardado is not None and guardado[0] > time.monotonic() and guardado[1] == versao:
            return guardado[2]
        cliente = abrir()
        self._guardados[acesso] = (time.monotonic() + VALE_S, versao, cliente)
        return cliente

    def esquecer(self) -> None:
        """Open again at the next call."""
        self._guardados.clear()
