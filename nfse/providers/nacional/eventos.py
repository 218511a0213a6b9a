"""Requests of events that the emitente makes: cancellation (101101) and fiscal analysis for it (101103).

A note is replaced by no event of ours: the new DPS carries the group `subst`, and the Sefin registers 105102 on the old
note by itself. After the municipal time limit, or above its amount (E0822, E0823), only 101103 is left.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nfse.providers.interface import Problema
from nfse.providers.nacional.dps import APLICATIVO, BRASILIA
from nfse.providers.nacional.escrita import Montado, campo, grupo, instante, restrito
from nfse.providers.nacional.identificadores import IdentificadorInvalido, id_pedido_de_evento, ler_chave
from nfse.providers.nacional.problemas import MOTIVO_MAXIMO, MOTIVO_MINIMO


class TipoEvento(StrEnum):
    """Events of the layout that concern the product, by code."""

    CANCELAMENTO = "101101"
    ANALISE_FISCAL = "101103"
    SUBSTITUICAO = "105102"
    ANALISE_DEFERIDA = "105104"
    ANALISE_INDEFERIDA = "105105"
    CANCELAMENTO_POR_OFICIO = "305101"
    BLOQUEIO_POR_OFICIO = "305102"
    DESBLOQUEIO_POR_OFICIO = "305103"


# Every event of the layout, as people read it.
NOMES = {
    "101101": "Cancelamento",
    "101103": "Pedido de análise fiscal para cancelamento",
    "105102": "Cancelamento por substituição",
    "105104": "Cancelamento deferido pelo município",
    "105105": "Cancelamento indeferido pelo município",
    "202201": "Confirmação do prestador",
    "202205": "Rejeição do prestador",
    "203202": "Confirmação do tomador",
    "203206": "Rejeição do tomador",
    "204203": "Confirmação do intermediário",
    "204207": "Rejeição do intermediário",
    "205204": "Confirmação tácita",
    "205208": "Anulação da rejeição",
    "305101": "Cancelamento por ofício",
    "305102": "Bloqueio por ofício",
    "305103": "Desbloqueio por ofício",
}


def nome_do_evento(codigo: str) -> str:
    """With its code, by which `services.eventos_nota` knows it again."""
    return f"{NOMES.get(codigo, 'Evento')} ({codigo})"


# The descriptions are an enumeration of the schema: the reason does not go there.
_DESCRICOES = {
    TipoEvento.CANCELAMENTO: "Cancelamento de NFS-e",
    TipoEvento.ANALISE_FISCAL: "Solicitação de Análise Fiscal para Cancelamento de NFS-e",
}
MOTIVOS = {"1": "Erro na emissão", "2": "Serviço não prestado", "9": "Outros"}
MOTIVOS_DA_SUBSTITUICAO = {
    "01": "Desenquadramento do Simples Nacional",
    "02": "Enquadramento no Simples Nacional",
    "03": "Inclusão de imunidade ou isenção",
    "04": "Exclusão de imunidade ou isenção",
    "05": "Rejeição pelo tomador ou intermediário",
    "99": "Outros",
}
# After one of these the note is at its end: no other event of the emitente is accepted (E0840).
FINAIS = frozenset(
    {
        TipoEvento.CANCELAMENTO,
        TipoEvento.SUBSTITUICAO,
        TipoEvento.ANALISE_DEFERIDA,
        TipoEvento.CANCELAMENTO_POR_OFICIO,
    }
)


@dataclass(frozen=True)
class PedidoDeEvento:
    """`autor` is the CNPJ or CPF of the emitente; `codigo` one of MOTIVOS; `motivo` has 15 to 255 characters."""

    tipo: TipoEvento
    producao: bool
    autor: str
    chave: str
    codigo: str
    motivo: str
    instante: datetime


def montar(pedido: PedidoDeEvento, *, aplicativo: str = APLICATIVO) -> Montado:
    """The document, ready to be signed. Raises KeyError for an event that is not ours, IdentificadorInvalido."""
    corpo = "".join(
        (
            campo("tpAmb", "1" if pedido.producao else "2"),
            campo("verAplic", aplicativo),
            campo("dhEvento", instante(pedido.instante.astimezone(BRASILIA))),
            campo("CNPJAutor" if len(pedido.autor) == 14 else "CPFAutor", pedido.autor),
            campo("chNFSe", pedido.chave),
            grupo(
                f"e{pedido.tipo}",
                campo("xDesc", _DESCRICOES[pedido.tipo]),
                campo("cMotivo", pedido.codigo),
                campo("xMotivo", restrito(pedido.motivo)),
            ),
        )
    )
    return Montado("pedRegEvento", "infPedReg", id_pedido_de_evento(pedido.chave, pedido.tipo), corpo)


def problemas(pedido: PedidoDeEvento) -> list[Problema]:
    """What keeps a request from leaving."""
    achados = []
    try:
        chave = ler_chave(pedido.chave)
    except IdentificadorInvalido as erro:
        achados.append(Problema("chave", str(erro)))
    else:
        if chave.documento != pedido.autor:
            achados.append(
                Problema("chave", "A nota desta chave é de outro emitente: só quem a emitiu pede o cancelamento.")
            )
    if pedido.codigo not in MOTIVOS:
        achados.append(Problema("codigo", "Escolha o motivo: erro na emissão, serviço não prestado ou outros."))
    quantos = len(restrito(pedido.motivo))
    if not MOTIVO_MINIMO <= quantos <= MOTIVO_MAXIMO:
        achados.append(
            Problema(
                "motivo",
                f"A justificativa tem {quantos} caracteres, e são de {MOTIVO_MINIMO} a {MOTIVO_MAXIMO}. Reescreva-a.",
            )
        )
    return achados
