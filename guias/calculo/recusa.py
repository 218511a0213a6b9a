"""What the calculation answers in place of a guess."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recusa:
    """Why nothing was computed, in pt-BR: what is missing or wrong and what to do."""

    motivo: str
