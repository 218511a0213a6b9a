"""From what the service answers to our values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from nfse.providers.integranotas import envelope as codigos
from nfse.providers.integranotas.arquivos import arquivo
from nfse.providers.integranotas.envelope import Envelope, inteiro, normalizar_chave, texto_de
from nfse.providers.integranotas.transporte import Chamada, Gateway, nao_existe
from nfse.providers.interface import Estado, NotaNoServico
from operacoes.errors import ProviderRefused
from operacoes.http import Chamadas
from operacoes.redacao import redigir

_POR_CODIGO = {
    codigos.AUTORIZADA: Estado.AUTORIZADA,
    codigos.CANCELADA: Estado.CANCELADA,
    codigos.PROCESSANDO: Estado.PROCESSANDO,
}
# Lists tell the situation in a word; denegado and indefinido are nothing we know how to take.
_POR_PALAVRA = {
    "autorizado": Estado.AUTORIZADA,
    "autorizada": Estado.AUTORIZADA,
    "cancelado": Estado.CANCELADA,
    "cancelada": Estado.CANCELADA,
    "processando": Estado.PROCESSANDO,
}
_ARQUIVOS = ("xml", "pdf", "logo")


@dataclass(frozen=True)
class Pagina:
    """A page of a search, notes without files."""

    notas: tuple[NotaNoServico, ...]
    pagina: int = 1
    paginas: int = 1


@dataclass(frozen=True)
class Pacote:
    """A package of files to be fetched at `link`; empty while the service has none."""

    link: str
    mensagem: str = ""


def nota_de(envelope: Envelope, *, chave: str = "") -> NotaNoServico:
    """The note of an answer; `chave` is what was asked for, where the answer does not repeat it."""
    return _nota(achatado(envelope.corpo), envelope.codigo, envelope.chave or chave, envelope.mensagem)


def achatado(corpo: Mapping[str, Any]) -> dict[str, Any]:
    """The answer with a note nested in `nfse`, which one integrator has seen, brought to the top."""
    dentro = corpo.get("nfse")
    if not isinstance(dentro, Mapping):
        return dict(corpo)
    return {nome: valor for nome, valor in corpo.items() if nome != "nfse"} | dict(dentro)


def _nota(corpo: Mapping[str, Any], codigo: int | None, chave: str, mensagem: str) -> NotaNoServico:
    palavra = texto_de(corpo.get("status")).casefold()
    lidos, ilegiveis = _arquivos(corpo)
    return NotaNoServico(
        estado=_POR_CODIGO.get(codigo or 0) or _POR_PALAVRA.get(palavra, Estado.DESCONHECIDO),
        chave=chave,
        numero=texto_de(corpo.get("numero")),
        serie=texto_de(corpo.get("rps_serie")) or texto_de(corpo.get("serie")),
        rps=inteiro(corpo.get("rps_numero")),
        codigo_verificacao=texto_de(corpo.get("codigo_verificacao")),
        instante=instante(corpo.get("data_hora_evento")),
        xml=lidos["xml"],
        pdf=lidos["pdf"],
        link=endereco_web(corpo.get("link_pdf")),
        protocolo=texto_de(corpo.get("protocolo")),
        mensagem=mensagem,
        ilegiveis=ilegiveis,
        bruto=sem_arquivos(corpo),
    )


def _arquivos(corpo: Mapping[str, Any]) -> tuple[dict[str, bytes], tuple[str, ...]]:
    lidos, ilegiveis = {}, []
    for tipo in ("xml", "pdf"):
        try:
            lidos[tipo] = arquivo(corpo.get(tipo), tipo)
        except ValueError:
            lidos[tipo] = b""
            ilegiveis.append(tipo)
    return lidos, tuple(ilegiveis)


def pagina_de(envelope: Envelope) -> Pagina:
    """The notes of a list: `docs` (objects), else `chaves` (texts), else none."""
    itens = envelope.corpo.get("docs") or envelope.corpo.get("chaves") or []
    notas = tuple(filter(None, map(_da_lista, itens))) if isinstance(itens, list) else ()
    return Pagina(
        notas, inteiro(envelope.corpo.get("pagina")) or 1, max(inteiro(envelope.corpo.get("total_paginas")) or 1, 1)
    )


def _da_lista(item: Any) -> NotaNoServico | None:
    if isinstance(item, str):
        return NotaNoServico(Estado.DESCONHECIDO, chave=normalizar_chave(item))
    if not isinstance(item, dict):
        return None
    chave = normalizar_chave(item["chave"]) if isinstance(item.get("chave"), str) else ""
    return _nota(item, inteiro(item.get("codigo")), chave, texto_de(item.get("mensagem")))


def pacote_de(envelope: Envelope) -> Pacote:
    """The link of a package. Its name is not published: `link`, else the first value that is an address."""
    candidatos = (envelope.corpo.get("link"), *envelope.corpo.values())
    return Pacote(next(filter(None, map(endereco_web, candidatos)), ""), envelope.mensagem)


def pedir_pacote(gateway: Gateway, chamada: Chamada, corpo: Mapping[str, Any], chamadas: Chamadas) -> Pacote:
    """Ask for a package; one that is not ready yet comes back without a link."""
    try:
        return pacote_de(gateway.chamar(chamada, chamadas, corpo))
    except ProviderRefused as recusa:
        if nao_existe(recusa):
            return Pacote("", recusa.texto)
        raise


def objetos_de(envelope: Envelope) -> list[dict[str, Any]]:
    """The objects of a list whose name in the answer is not published: of the first list that has any."""
    listas = (valor for valor in envelope.corpo.values() if isinstance(valor, list))
    return next((lista for lista in listas if lista and all(isinstance(item, dict) for item in lista)), [])


def sem_arquivos(corpo: Mapping[str, Any]) -> dict[str, Any]:
    """An answer fit to be kept: without files, without secrets, amounts as text."""
    limpo: dict[str, Any] = redigir({nome: valor for nome, valor in corpo.items() if nome not in _ARQUIVOS})
    return limpo


def endereco_web(valor: Any) -> str:
    """A web address, or empty: what else a link may hold is never shown as one."""
    return valor if isinstance(valor, str) and valor.startswith(("https://", "http://")) else ""


def instante(valor: Any) -> datetime | None:
    """An ISO 8601 instant; None without an offset, since the zone of the town is not told."""
    try:
        lido = datetime.fromisoformat(str(valor))
    except ValueError:
        return None
    return lido if lido.tzinfo else None


def dia(valor: Any) -> date | None:
    """The date an ISO text begins with."""
    try:
        return date.fromisoformat(str(valor)[:10])
    except ValueError:
        return None
