"""The XML of a note of services taken, in the layouts that come: ABRASF of the towns, and the national one.

Only what identifies the note, its values and its withholdings is read. Sources: ABRASF, "Modelo conceitual" 2.04;
Sistema Nacional NFS-e, "Leiaute NFS-e" 1.01 (groups infNFSe, DPS/infDPS).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import islice
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

ZERO = Decimal(0)


class XmlIlegivel(ValueError):
    """Not an NFS-e that can be read; the text is pt-BR."""


@dataclass(frozen=True)
class NotaLida:
    """Amounts in reais; withholdings only where the taker keeps them. `emissao` None when it is not told."""

    prestador: str
    prestador_nome: str
    tomador: str
    numero: str
    emissao: date | None
    competencia: date | None
    descricao: str
    valor: Decimal
    liquido: Decimal
    iss: Decimal = ZERO
    ir: Decimal = ZERO
    pis: Decimal = ZERO
    cofins: Decimal = ZERO
    csll: Decimal = ZERO
    inss: Decimal = ZERO
    cancelada: bool = False


def ler(xml: bytes) -> NotaLida:
    """Read a note. Raises XmlIlegivel."""
    try:
        raiz = fromstring(xml)
    except (ParseError, DefusedXmlException, ValueError) as erro:
        raise XmlIlegivel("O arquivo recebido não é um XML legível.") from erro
    if (info := _achar(raiz, "infNFSe")) is not None:
        return _nacional(info)
    if (info := _achar(raiz, "InfNfse")) is not None:
        return _abrasf(raiz, info)
    raise XmlIlegivel("O XML recebido não é de uma NFS-e nos layouts conhecidos (ABRASF ou nacional).")


def campos(xml: bytes, maximo: int = 400) -> list[tuple[str, str]]:
    """Every text of the XML with the path of its element, in order, without signatures; none when it is no XML."""
    try:
        raiz = fromstring(xml)
    except (ParseError, DefusedXmlException, ValueError):
        return []
    return list(islice(_folhas(raiz, ""), maximo))


def _folhas(no: Element, onde: str) -> Iterator[tuple[str, str]]:
    caminho = f"{onde} › {_nome(no)}" if onde else _nome(no)
    if _nome(no) == "Signature":
        return
    if len(no) == 0 and (no.text or "").strip():
        yield caminho, (no.text or "").strip()
    for filho in no:
        yield from _folhas(filho, caminho)


def _abrasf(raiz: Element, info: Element) -> NotaLida:
    prestadores = list(_todos(info, "PrestadorServico", "Prestador"))
    valores = _somas(info, "ValorServicos", "ValorPis", "ValorCofins", "ValorInss", "ValorIr", "ValorCsll", "ValorIss")
    iss = _soma(info, "ValorIssRetido")
    if not iss and _texto(info, "IssRetido") == "1":
        iss = valores["ValorIss"]
    retido = iss + sum((valores[nome] for nome in valores if nome not in ("ValorServicos", "ValorIss")), ZERO)
    liquido = _soma(info, "ValorLiquidoNfse") or valores["ValorServicos"] - retido
    valor = valores["ValorServicos"] or liquido + retido
    return NotaLida(
        prestador=next(filter(None, map(_documento, prestadores)), ""),
        prestador_nome=next(filter(None, (_texto(no, "RazaoSocial") for no in prestadores)), ""),
        tomador=next(filter(None, map(_documento, _todos(info, "TomadorServico", "Tomador"))), ""),
        numero=_texto(info, "Numero"),
        emissao=_data(_texto(info, "DataEmissao")),
        competencia=_mes(_texto(info, "Competencia")),
        descricao="\n".join(no.text or "" for no in _todos(info, "Discriminacao")),
        valor=valor,
        liquido=liquido,
        iss=iss,
        ir=valores["ValorIr"],
        pis=valores["ValorPis"],
        cofins=valores["ValorCofins"],
        csll=valores["ValorCsll"],
        inss=valores["ValorInss"],
        cancelada=_achar(raiz, "NfseCancelamento") is not None,
    )


def _nacional(info: Element) -> NotaLida:
    dps = _achar(info, "infDPS")
    emitente, prestador = _achar(info, "emit"), _achar(dps, "prest")
    valor = _soma(dps, "vServ")
    # 1 not withheld; 2 by the taker; 3 by the intermediary. PIS and COFINS: 1 withheld, 2 not.
    iss = _soma(info, "vISSQN") if _texto(dps, "tpRetISSQN") in ("2", "3") else ZERO
    retem = _texto(dps, "tpRetPisCofins") not in ("", "0", "2")
    pis, cofins = (_soma(dps, "vPis"), _soma(dps, "vCofins")) if retem else (ZERO, ZERO)
    ir, csll, inss = _soma(dps, "vRetIRRF"), _soma(dps, "vRetCSLL"), _soma(dps, "vRetCP")
    return NotaLida(
        prestador=_documento(emitente) or _documento(prestador),
        prestador_nome=_texto(emitente, "xNome") or _texto(prestador, "xNome"),
        tomador=_documento(_achar(dps, "toma")),
        numero=_texto(info, "nNFSe"),
        emissao=_data(_texto(dps, "dhEmi")),
        competencia=_mes(_texto(dps, "dCompet")),
        descricao=_texto(dps, "xDescServ"),
        valor=valor,
        liquido=_soma(info, "vLiq") or valor - iss - pis - cofins - ir - csll - inss,
        iss=iss,
        ir=ir,
        pis=pis,
        cofins=cofins,
        csll=csll,
        inss=inss,
        cancelada=_texto(info, "cStat") == "101",
    )


def _nome(no: Element) -> str:
    return str(no.tag).rpartition("}")[2]


def _todos(onde: Element | None, *nomes: str) -> Iterable[Element]:
    return () if onde is None else (no for no in onde.iter() if _nome(no) in nomes)


def _achar(onde: Element | None, nome: str) -> Element | None:
    return next(iter(_todos(onde, nome)), None)


def _texto(onde: Element | None, nome: str) -> str:
    achado = _achar(onde, nome)
    return (achado.text or "").strip() if achado is not None else ""


def _documento(onde: Element | None) -> str:
    for nome in ("Cnpj", "CNPJ", "Cpf", "CPF"):
        if texto := _texto(onde, nome):
            return "".join(letra for letra in texto.upper() if letra.isalnum())[:14]
    return ""


def _soma(onde: Element | None, nome: str) -> Decimal:
    return sum((_decimal(no.text) for no in _todos(onde, nome)), ZERO)


def _somas(onde: Element, *nomes: str) -> dict[str, Decimal]:
    return {nome: _soma(onde, nome) for nome in nomes}


def _decimal(texto: str | None) -> Decimal:
    try:
        valor = Decimal((texto or "0").strip())
    except InvalidOperation:
        return ZERO
    return valor.quantize(Decimal("0.01")) if valor.is_finite() and abs(valor) < Decimal(10) ** 12 else ZERO


def _data(texto: str) -> date | None:
    try:
        return date.fromisoformat(texto[:10])
    except ValueError:
        return None


def _mes(texto: str) -> date | None:
    """The month of a date, or of AAAA-MM."""
    dia = _data(texto) or _data(f"{texto[:7]}-01")
    return dia.replace(day=1) if dia else None
