"""How each service knows a tomador: what was sent of it last, when, and how the service writes its document.

Written when a service took it, inside the recording transaction. It informs; nothing is left unsent because of it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from comum.documentos import mascarar
from nfse.models import CanalNfse, Nota, TipoCanal, Tomador, TomadorNoCanal
from nfse.providers.interface import Pessoa
from nfse.services.pedidos import pessoa_de, pessoa_do_pedido


def impressao(pessoa: Pessoa) -> str:
    """SHA-256 of all that is sent of a tomador; the same again means that nothing of it changed."""
    texto = json.dumps(asdict(pessoa), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(texto.encode()).hexdigest()


def registrar(
    nota: Nota,
    canal: CanalNfse,
    enviado: Mapping[str, Any],
    *,
    em: datetime | None,
    dados: Mapping[str, Any] | None = None,
) -> None:
    """The service of `canal` took the tomador of this note, as `enviado` (the pedido's) says it. `dados` is what the
    service answered of it, None where it tells nothing, which takes nothing away. One statement, whoever else does it.
    """
    pessoa = pessoa_do_pedido(enviado)
    if not pessoa.documento or pessoa.documento != nota.tomador.documento:
        return
    dito = dados or {}
    como_escrevemos = mascarar(pessoa.documento) if canal.tipo == TipoCanal.SISGENFE else pessoa.documento
    linha = TomadorNoCanal(
        tomador_id=nota.tomador_id,
        canal=canal,
        documento=str(dito.get("documento") or como_escrevemos)[:18],
        id_servico=str(dito.get("id") or "")[:60],
        enviado=impressao(pessoa),
        dados=dict(dito),
        enviado_em=em or timezone.now(),
    )
    mudam = ["documento", "enviado", "enviado_em"]
    if dados is not None:
        mudam += ["dados", "id_servico"]
    TomadorNoCanal.objects.bulk_create(
        [linha], update_conflicts=True, unique_fields=["tomador", "canal"], update_fields=mudam
    )


@dataclass(frozen=True)
class NoCanal:
    """One row for the screen. `mudou`: the cadastro is no longer what was sent."""

    linha: TomadorNoCanal
    mudou: bool

    @property
    def rotulo(self) -> str:
        canal = self.linha.canal
        municipio = canal.empresa.municipio
        return TipoCanal(canal.tipo).com("N") + (f" de {municipio.nome}" if municipio else "")


def do_tomador(tomador: Tomador) -> list[NoCanal]:
    """Where the services have it, in the order of the canais."""
    atual = impressao(pessoa_de(tomador))
    linhas = tomador.nos_canais.select_related("canal__empresa__municipio").order_by("canal__codigo")
    return [NoCanal(linha, mudou=bool(linha.enviado) and linha.enviado != atual) for linha in linhas]
