"""The ADN: what was issued for or by a taxpayer, and what happened to it, in the order of its NSU.

An item that cannot be read never loses its batch: it comes with the reason and in the form in which it came, and the
cursor goes past it. HTTP 404 with the body of the service says that there is nothing newer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from nfse.providers.nacional.identificadores import ler_chave
from nfse.providers.nacional.pacote import DocumentoInvalido, desempacotar
from nfse.providers.nacional.transporte import AcessoNacional, Gateway, Resposta, em_duvida, recusar
from operacoes.http import Chamadas

_ACHADOS, _NENHUM = "DOCUMENTOS_LOCALIZADOS", "NENHUM_DOCUMENTO_LOCALIZADO"


@dataclass(frozen=True)
class Distribuido:
    """One document of the feed. `tipo` NFSE, EVENTO, DPS, PEDIDO_REGISTRO_EVENTO, CNC...; `xml` is empty and `ilegivel`
    says why when it cannot be opened; `nsu` is None when not even that can be read. `bruto` is the item as it came."""

    nsu: int | None
    chave: str
    tipo: str
    tipo_evento: str
    instante: datetime | None
    xml: bytes = field(repr=False)
    ilegivel: str = ""
    bruto: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class Lote:
    """A batch, and the NSU to ask from next time: that of its last item, or the one asked from when it has none.
    `em_dia` says that there is nothing newer now."""

    documentos: tuple[Distribuido, ...]
    ultimo_nsu: int
    em_dia: bool


class Adn(Gateway):
    def __init__(self, acesso: AcessoNacional) -> None:
        super().__init__(acesso, acesso.adn)

    def distribuir(self, nsu: int, *, chamadas: Chamadas, cnpj: str = "") -> Lote:
        """The documents after an NSU. `cnpj` asks for a filial with the certificate of its matriz."""
        filtro = urlencode({"lote": "true"} | ({"cnpjConsulta": cnpj} if cnpj else {}))
        return self._lote(f"DFe/{nsu}?{filtro}", nsu, "a distribuição de documentos", chamadas)

    def eventos_da_nota(self, chave: str, *, chamadas: Chamadas) -> tuple[Distribuido, ...]:
        """All events of one note. Raises IdentificadorInvalido for a chave that is none."""
        return self._lote(f"NFSe/{ler_chave(chave)}/Eventos", 0, "a consulta dos eventos", chamadas).documentos

    def _lote(self, caminho: str, nsu: int, o_que: str, chamadas: Chamadas) -> Lote:
        resposta = self.pedir("GET", caminho, o_que, chamadas)
        situacao = resposta.campo("statusprocessamento")
        if resposta.status not in (200, 404) or situacao not in (_ACHADOS, _NENHUM):
            if resposta.status in (200, 404) and not resposta.recados:
                em_duvida(resposta, "respondeu sem dizer a situação do pedido")
            recusar(resposta, chamadas)
        if situacao == _NENHUM:
            return Lote((), nsu, em_dia=True)
        _conferir_ambiente(resposta, self.producao)
        itens = resposta.campo("lotedfe")
        if not isinstance(itens, list) or not itens:
            em_duvida(resposta, "diz que há documentos e não traz nenhum")
        documentos = tuple(ler_item(item) for item in itens)
        return Lote(documentos, max([nsu, *(um.nsu for um in documentos if um.nsu is not None)]), em_dia=False)


def _conferir_ambiente(resposta: Resposta, producao: bool) -> None:
    esperado = "PRODUCAO" if producao else "HOMOLOGACAO"
    if (resposta.campo("tipoambiente") or esperado) != esperado:
        em_duvida(resposta, "respondeu com documentos de outro ambiente", codigo="OUTRO-AMBIENTE")


def ler_item(item: Any) -> Distribuido:
    """One item, as `sem_caixa` leaves it, or as `Distribuido.bruto` kept it."""
    if not isinstance(item, Mapping):
        return Distribuido(None, "", "", "", None, b"", "O item não tem a forma de um documento.", item)
    xml, ilegivel = b"", ""
    try:
        xml = desempacotar(item.get("arquivoxml"))
    except DocumentoInvalido as erro:
        ilegivel = str(erro)
    nsu = _inteiro(item.get("nsu"))
    return Distribuido(
        nsu=nsu,
        chave=_texto(item.get("chaveacesso")),
        tipo=_texto(item.get("tipodocumento")),
        tipo_evento=_texto(item.get("tipoevento")),
        instante=_instante(item.get("datahorageracao")),
        xml=xml,
        ilegivel=ilegivel or ("" if nsu is not None else "O item veio sem NSU."),
        bruto=dict(item),
    )


def _inteiro(valor: Any) -> int | None:
    if isinstance(valor, bool):
        return None
    texto = str(valor) if isinstance(valor, int | str) else ""
    return int(texto) if texto.isascii() and texto.isdecimal() and len(texto) <= 19 else None


def _texto(valor: Any) -> str:
    return valor.strip() if isinstance(valor, str) else ""


def _instante(valor: Any) -> datetime | None:
    """Seven digits of fraction are cut to six; without an offset the instant is not known."""
    try:
        quando = datetime.fromisoformat(valor) if isinstance(valor, str) else None
    except ValueError:
        return None
    return quando if quando is not None and quando.tzinfo is not None else None
