"""Notes of services taken, as the service collected them for this emitente."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nfse.providers.integranotas.arquivos import arquivo
from nfse.providers.integranotas.envelope import chave_para_rota, texto_de
from nfse.providers.integranotas.filtros import FiltroRecebidas
from nfse.providers.integranotas.leitura import (
    Pacote,
    Pagina,
    instante,
    objetos_de,
    pagina_de,
    pedir_pacote,
    sem_arquivos,
)
from nfse.providers.integranotas.transporte import Chamada, Gateway, ilegivel
from operacoes.http import Chamadas

LISTA = Chamada("POST", "/dfe/nfse", "as notas recebidas")
BACKUP = Chamada("POST", "/dfe/backup", "o pacote de documentos recebidos")


@dataclass(frozen=True)
class Evento:
    """What happened to a note received. The shape is not published: `bruto` has what else came."""

    tipo: str
    instante: datetime | None
    xml: bytes = field(default=b"", repr=False)
    bruto: Mapping[str, Any] = field(default_factory=dict, repr=False)


class Recebidas(Gateway):
    """Distribution works in production only and is fed every two hours."""

    def recebidas(self, filtro: FiltroRecebidas, *, chamadas: Chamadas) -> Pagina:
        return pagina_de(self.chamar(LISTA, chamadas, filtro.para_envio()))

    def baixar_recebida(self, chave: str, *, chamadas: Chamadas) -> bytes:
        """The XML of a note received."""
        chamada = Chamada("GET", f"/dfe/nfse/{chave_para_rota(chave)}", "o XML da nota recebida")
        envelope = self.chamar(chamada, chamadas)
        documento = envelope.corpo.get("doc")
        try:
            xml = arquivo(documento.get("xml"), "xml") if isinstance(documento, dict) else b""
        except ValueError:
            xml = b""
        return xml or ilegivel(chamada, envelope.palavras, status=envelope.status)

    def eventos_recebidos(self, chave: str, *, chamadas: Chamadas) -> tuple[Evento, ...]:
        """The events of a note received, as far as the service tells any."""
        chamada = Chamada("GET", f"/dfe/eventos/{chave_para_rota(chave)}", "os eventos da nota recebida")
        return tuple(map(_evento, objetos_de(self.chamar(chamada, chamadas))))

    def backup_recebidos(self, tipo: str, ano: int, mes: int, *, chamadas: Chamadas) -> Pacote:
        """The package of a month's documents of one kind ("nfse", "nfe", "cte"), ready after the 5th of the next."""
        return pedir_pacote(self, BACKUP, {"tipo": tipo, "ano": str(ano), "mes": str(mes)}, chamadas)


def _evento(item: Mapping[str, Any]) -> Evento:
    try:
        xml = arquivo(item.get("xml"), "xml")
    except ValueError:
        xml = b""
    return Evento(texto_de(item.get("tipo")), instante(item.get("data_hora_evento")), xml, sem_arquivos(item))
