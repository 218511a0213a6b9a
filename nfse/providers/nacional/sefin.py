"""The Sefin Nacional: notes and events.

A sending whose answer is lost is settled by the Id of the DPS (`existe_dps`, `chave_da_dps`), and the same signed bytes
are sent again: the Sefin refuses the second of two with E0014.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nfse.providers.interface import RecusaNossa
from nfse.providers.nacional.identificadores import IdentificadorInvalido, ler_chave, ler_id_dps
from nfse.providers.nacional.leitura import EventoLido, Nfse, ler_evento, ler_nfse
from nfse.providers.nacional.pacote import DocumentoInvalido, desempacotar, empacotar
from nfse.providers.nacional.recados import Recado, ler_recados
from nfse.providers.nacional.transporte import AcessoNacional, Gateway, Resposta, em_duvida, recusar
from operacoes.http import Chamadas


@dataclass(frozen=True)
class Emitida:
    """An authorised note, and what the Sefin warns about it."""

    nota: Nfse
    alertas: tuple[Recado, ...] = ()


class Sefin(Gateway):
    def __init__(self, acesso: AcessoNacional) -> None:
        super().__init__(acesso, acesso.sefin)

    def emitir(self, dps: bytes, id_dps: str, *, chamadas: Chamadas) -> Emitida:
        """Send a signed DPS. Raises the error family; OutcomeUnknown for a 2xx without a note that can be read."""
        resposta = self.pedir("POST", "nfse", "a emissão", chamadas, corpo={"dpsXmlGZipB64": empacotar(dps)})
        lembrar = _lembrar(resposta, id_dps=id_dps)
        with chamadas.veredito(resposta.reply.registro):
            if not resposta.boa:
                recusar(resposta, chamadas, lembrar)
            nota = _documento(
                resposta,
                "nfsexmlgzipb64",
                lambda xml: ler_nfse(xml, producao=self.producao, id_dps=id_dps),
                lembrar,
            )
        return Emitida(nota, _alertas(resposta))

    def consultar(self, chave: str, *, chamadas: Chamadas) -> Nfse | None:
        """The note of a chave; None when there is none."""
        resposta = self.pedir("GET", f"nfse/{_da_chave(chave)}", "a consulta da nota", chamadas)
        if resposta.boa:
            return _documento(
                resposta, "nfsexmlgzipb64", lambda xml: ler_nfse(xml, producao=self.producao, chave=chave)
            )
        if _nao_ha(resposta):
            return None
        recusar(resposta, chamadas)

    def existe_dps(self, id_dps: str, *, chamadas: Chamadas) -> bool:
        """Whether a note was issued of this DPS: any certificate may ask."""
        resposta = self.pedir("HEAD", f"dps/{_do_id(id_dps)}", "a consulta da DPS", chamadas)
        if resposta.boa:
            return True
        if resposta.status == 404:
            return False
        recusar(resposta, chamadas)

    def chave_da_dps(self, id_dps: str, *, chamadas: Chamadas) -> str | None:
        """The chave of the note issued of this DPS; None when there is none. Only its actors may ask."""
        resposta = self.pedir("GET", f"dps/{_do_id(id_dps)}", "a consulta da DPS", chamadas)
        if resposta.boa:
            try:
                return ler_chave(str(resposta.campo("chaveacesso") or "")).texto
            except IdentificadorInvalido:
                em_duvida(resposta, "respondeu sem a chave da nota")
        if _nao_ha(resposta):
            return None
        recusar(resposta, chamadas)

    def registrar_evento(self, chave: str, tipo: str, pedido: bytes, *, chamadas: Chamadas) -> EventoLido:
        """Send a signed request of event."""
        resposta = self.pedir(
            "POST",
            f"nfse/{_da_chave(chave)}/eventos",
            "o pedido sobre a nota",
            chamadas,
            corpo={"pedidoRegistroEventoXmlGZipB64": empacotar(pedido)},
        )
        with chamadas.veredito(resposta.reply.registro):
            if not resposta.boa:
                recusar(resposta, chamadas, {"chave": chave})
            return _documento(
                resposta,
                "eventoxmlgzipb64",
                lambda xml: ler_evento(xml, producao=self.producao, chave=chave, tipo=tipo),
                {"chave": chave},
            )

    def evento(self, chave: str, tipo: str, sequencia: int = 1, *, chamadas: Chamadas) -> EventoLido | None:
        """An event of a note; None when there is none. The description of the API promises one form of answer, and
        production gives another: a list, with the document in Base64 twice."""
        resposta = self.pedir(
            "GET", f"nfse/{_da_chave(chave)}/eventos/{int(tipo)}/{sequencia}", "a consulta do evento", chamadas
        )
        if resposta.boa:
            return self._evento_da_resposta(resposta, chave, tipo)
        if resposta.status == 404 and (resposta.corpo is not None or not resposta.reply.content):
            return None  # with or without messages
        recusar(resposta, chamadas)

    def _evento_da_resposta(self, resposta: Resposta, chave: str, tipo: str) -> EventoLido | None:
        def ler(xml: bytes) -> EventoLido:
            return ler_evento(xml, producao=self.producao, chave=chave, tipo=tipo)

        lista = resposta.campo("eventos")
        if isinstance(lista, list) and not resposta.campo("eventoxmlgzipb64"):
            tipos = (tipo, f"e{tipo}")
            do_tipo = [um for um in lista if isinstance(um, Mapping) and str(um.get("tipoevento", tipo)) in tipos]
            if not lista:
                return None
            return _aberto(resposta, do_tipo[0].get("arquivoxml") if do_tipo else None, ler)
        return _documento(resposta, "eventoxmlgzipb64", ler)


def _documento[D](
    resposta: Resposta, campo: str, ler: Callable[[bytes], D], lembrar: Mapping[str, str] | None = None
) -> D:
    """The document that a good answer promises; without it the answer is no success."""
    return _aberto(resposta, resposta.campo(campo), ler, lembrar)


def _aberto[D](
    resposta: Resposta, pacote: Any, ler: Callable[[bytes], D], lembrar: Mapping[str, str] | None = None
) -> D:
    try:
        return ler(desempacotar(pacote))
    except DocumentoInvalido as erro:
        motivo = str(erro).rstrip(".")
        em_duvida(resposta, motivo[0].lower() + motivo[1:], lembrar=lembrar)


def _lembrar(resposta: Resposta, *, id_dps: str) -> dict[str, str]:
    chave = resposta.campo("chaveacesso") if resposta.boa else None
    return {"id_dps": id_dps} | ({"chave": chave} if isinstance(chave, str) and chave else {})


def _alertas(resposta: Resposta) -> tuple[Recado, ...]:
    return ler_recados({"erros": resposta.campo("alertas")})


def _nao_ha(resposta: Resposta) -> bool:
    """A 404 of the service itself, and not of a proxy on the way."""
    return resposta.status == 404 and isinstance(resposta.corpo, Mapping)


def _da_chave(chave: str) -> str:
    try:
        return ler_chave(chave).texto
    except IdentificadorInvalido as erro:
        raise RecusaNossa(f"{erro} Nada foi enviado.", codigo="CHAVE-INVALIDA") from erro


def _do_id(id_dps: str) -> str:
    try:
        ler_id_dps(id_dps)
    except IdentificadorInvalido as erro:
        raise RecusaNossa(f"{erro} Nada foi enviado.", codigo="ID-INVALIDO") from erro
    return id_dps
