"""The settings of one simulator: every point that its service leaves open, named `<service>.<option>`."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.simuladores import Opcao

Confere = Callable[[Any], bool]
Abertas = Mapping[str, tuple[Any, Confere]]


def logico(valor: Any) -> bool:
    return isinstance(valor, bool)


def um_de(*aceitos: Any) -> Confere:
    return lambda valor: not isinstance(valor, bool) and valor in aceitos


def inteiro(de: int, ate: int | None = None) -> Confere:
    return lambda valor: (
        isinstance(valor, int) and not isinstance(valor, bool) and de <= valor and (ate is None or valor <= ate)
    )


def registradas(servico: str, abertas: Abertas) -> dict[str, Opcao]:
    return {f"{servico}.{nome}": Opcao(padrao, valida) for nome, (padrao, valida) in abertas.items()}


class OpcoesDoServico(Mapping[str, Any]):
    """The options as they stand, by their name without the simulator's."""

    servico: ClassVar[str]
    abertas: ClassVar[Abertas]

    def __init__(self, ajustes: Ajustes) -> None:
        self._valores = ajustes.valores

    def __getitem__(self, nome: str) -> Any:
        return self._valores[f"{self.servico}.{nome}"]

    def __iter__(self) -> Iterator[str]:
        return iter(self.abertas)

    def __len__(self) -> int:
        return len(self.abertas)
