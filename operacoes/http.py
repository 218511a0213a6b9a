"""The one place where httpx is imported: deadlines, redaction and the translation of transport errors."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Chamadas:
    """What one Tentativa sent and received. `tag` goes out as X-Request-Tag; `registros` are redacted exchanges."""

    tag: str
    deadline: float  # time.monotonic() value at which every phase of every call must have ended
    registros: list[dict[str, Any]] = field(default_factory=list)
