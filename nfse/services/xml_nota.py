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

ZERO, CENTAVO = Decimal(0), Decimal("0.01")
_DECLARACAO = ("DeclaracaoPrestacaoServico", "InfDeclaracaoPrestacaoServico")
_ISS_RETIDO = ("2", "3")  # by the taker, by the intermediary; 1 not withheld
# tpRetPisCofins since NT 007: which taxes vRetCSLL adds up.
_RETIDAS: dict[str, tuple[str, ...]] = {
    "3": ("pis", "cofins", "csll"),
    "4": ("pis", "cofins"),
    "5": ("pis",),
    "6": ("cofins",),
    "7": ("cofins", "csll"),
    "8": ("csll",),
    "9": ("pis", "csll"),
}
# Percent of what is paid. Source: Lei 10.833/2003, art. 31.
_DA_LEI = {"pis": Decimal("0.65"), "cofins": Decimal(3), "csll": Decimal(1)}


class XmlIlegivel(ValueError):
    """Not an NFS-e that can be read; the text is pt-BR."""


@dataclass(frozen=True)
class NotaLida:
    """Amounts in reais; withholdings only where the taker keeps them. `emissao` None when it is not told. `juntas`: the
    taxes whose sum stands undivided in `csll`, because the file does not tell them apart. `serie` and `rps` are of the
    RPS or DPS, empty where the file names none."""

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
    juntas: tuple[str, ...] = ()
    serie: str = ""
    rps: str = ""


def ler(xml: bytes) -> NotaLida:
    """Read a note. Raises XmlIlegivel."""
    return ler_de(abrir_xml(xml))


def abrir_xml(xml: bytes) -> Element:
    """The root of an XML that neither grows nor reaches outside itself. Raises XmlIlegivel."""
    try:
        raiz: Element = fromstring(xml, forbid_dtd=True)
    except DefusedXmlException as erro:
        raise XmlIlegivel(
            "O XML traz DTD ou entidades, que não existem em nota nenhuma e servem para atacar quem o abre. "
            "Não foi lido."
        ) from erro
    except ParseError as erro:
        linha, coluna = erro.position
        raise XmlIlegivel(
            f"O arquivo recebido não é um XML legível (linha {linha}, coluna {coluna + 1}): está cortado, ou em outra "
            "codificação que a que ele diz. Baixe-o de novo."
        ) from erro
    except (ValueError, LookupError) as erro:
        raise XmlIlegivel(
            "O arquivo recebido não é um XML legível: diz uma codificação que não existe. Baixe-o de novo."
        ) from erro
    return raiz


def ler_de(raiz: Element) -> NotaLida:
    """Raises XmlIlegivel."""
    if (info := achar(raiz, "infNFSe")) is not None:
        return _nacional(info)
    if (info := achar(raiz, "InfNfse")) is not None:
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
    """Layout 1.0 tells everything in the services; 2.x tells the ISS and the net of the whole note in ValoresNfse, and
    the services again inside the declaration."""
    prestadores = list(_todos(info, "PrestadorServico", "Prestador"))
    servicos = _servicos(info)

    def da_nota(nome: str) -> Decimal:
        """What the note says of itself, else what its services add up to: never the one on top of the other."""
        return _valor(_filho(info, "ValoresNfse"), nome) or sum((_do_servico(um, nome) for um in servicos), ZERO)

    valores = {nome: da_nota(nome) for nome in ("ValorPis", "ValorCofins", "ValorInss", "ValorIr", "ValorCsll")}
    iss = da_nota("ValorIssRetido") or _iss_retido(info, servicos, da_nota("ValorIss"))
    descontos = ("OutrasRetencoes", "DescontoIncondicionado", "DescontoCondicionado")
    fora = iss + sum(valores.values(), ZERO) + sum(map(da_nota, descontos), ZERO)
    rps = achar(info, "IdentificacaoRps")
    servico, liquido = da_nota("ValorServicos"), da_nota("ValorLiquidoNfse")
    return NotaLida(
        prestador=next(filter(None, map(_documento, prestadores)), ""),
        prestador_nome=next(filter(None, (texto_de(no, "RazaoSocial") for no in prestadores)), ""),
        tomador=next(filter(None, map(_documento, _todos(info, "TomadorServico", "Tomador"))), ""),
        numero=_proprio(info, "Numero"),
        emissao=_data(_proprio(info, "DataEmissao")),
        competencia=_mes(_proprio(info, "Competencia")),
        descricao="\n".join(no.text or "" for um in servicos for no in _todos(um, "Discriminacao")),
        valor=servico or liquido + fora,
        liquido=liquido or servico - fora,
        iss=iss,
        ir=valores["ValorIr"],
        pis=valores["ValorPis"],
        cofins=valores["ValorCofins"],
        csll=valores["ValorCsll"],
        inss=valores["ValorInss"],
        cancelada=achar(raiz, "NfseCancelamento") is not None,
        serie=texto_de(rps, "Serie"),
        rps=texto_de(rps, "Numero"),
    )


def _servicos(info: Element) -> list[Element]:
    """The services of a note: its own where it has any, else those of its declaration, else the note as one."""
    proprios = list(_de_fora(info, "Servico", sem=_DECLARACAO))
    return proprios or list(_de_fora(info, "Servico")) or [info]


def _do_servico(servico: Element, nome: str) -> Decimal:
    grupos = [no for no in servico if _nome(no) == "Valores"] or list(_de_fora(servico, "Valores")) or [servico]
    return sum((_valor(grupo, nome) for grupo in grupos), ZERO)


def _iss_retido(info: Element, servicos: list[Element], iss: Decimal) -> Decimal:
    """Of the note's ISS, that of the services marked as withheld."""
    marcas = [texto_de(um, "IssRetido") or texto_de(info, "IssRetido") for um in servicos]
    if all(marca == "1" for marca in marcas):
        return iss
    retidos = (um for um, marca in zip(servicos, marcas, strict=True) if marca == "1")
    return sum((_do_servico(um, "ValorIss") for um in retidos), ZERO)


def _nacional(info: Element) -> NotaLida:
    """Never `cancelada`: the file of a note does not change, its events tell (see eventos_nota)."""
    dps = achar(info, "infDPS")
    emitente, prestador, apurado = achar(info, "emit"), achar(dps, "prest"), _filho(info, "valores")
    valor, liquido = _valor(dps, "vServ"), _valor(apurado, "vLiq")
    a_pagar = valor - _valor(dps, "vDescIncond") - _valor(dps, "vDescCond")
    contribuicoes = _contribuicoes(dps, valor)
    ir, inss = _valor(dps, "vRetIRRF"), _valor(dps, "vRetCP")
    federais = ir + inss + contribuicoes.total
    iss = ZERO
    if texto_de(dps, "tpRetISSQN") in _ISS_RETIDO:  # a note of the Simples may tell its net alone
        iss = _valor(apurado, "vISSQN") or (max(a_pagar - federais - liquido, ZERO) if liquido else ZERO)
    return NotaLida(
        prestador=_documento(emitente) or _documento(prestador),
        prestador_nome=texto_de(emitente, "xNome") or texto_de(prestador, "xNome"),
        tomador=_documento(achar(dps, "toma")),
        numero=texto_de(info, "nNFSe"),
        emissao=_data(texto_de(dps, "dhEmi")),
        competencia=_mes(texto_de(dps, "dCompet")),
        descricao=texto_de(dps, "xDescServ"),
        valor=valor,
        liquido=liquido or a_pagar - iss - federais,
        iss=iss,
        ir=ir,
        pis=contribuicoes.pis,
        cofins=contribuicoes.cofins,
        csll=contribuicoes.csll,
        inss=inss,
        juntas=contribuicoes.juntas,
        serie=texto_de(dps, "serie"),
        rps=texto_de(dps, "nDPS"),
    )


@dataclass(frozen=True)
class _Contribuicoes:
    pis: Decimal = ZERO
    cofins: Decimal = ZERO
    csll: Decimal = ZERO
    juntas: tuple[str, ...] = ()

    @property
    def total(self) -> Decimal:
        return self.pis + self.cofins + self.csll


def _contribuicoes(dps: Element | None, valor: Decimal) -> _Contribuicoes:
    """What the taker keeps of PIS, COFINS and CSLL.

    Since NT 007 vPis and vCofins are the provider's own debit, vRetCSLL is the sum of what is withheld of the three,
    and tpRetPisCofins (3 to 9) says of which. Of one alone, the sum is that one's. Of several, the file does not tell
    the parts: where the sum is that of the law's rates (to one cent a part), they are those of the law; where it is
    not, the sum stays whole in `csll`, as the file has it, and `juntas` names the taxes in it. Codes 1 and 2, and none,
    are the older reading: vRetCSLL is the CSLL alone, and vPis and vCofins are withheld under code 1 only.
    """
    codigo, soma = texto_de(dps, "tpRetPisCofins"), _valor(dps, "vRetCSLL")
    nomes = _RETIDAS.get(codigo)
    if nomes is None:
        pis, cofins = (_valor(dps, "vPis"), _valor(dps, "vCofins")) if codigo == "1" else (ZERO, ZERO)
        return _Contribuicoes(pis, cofins, soma)
    if len(nomes) == 1:
        return _partes({nomes[0]: soma})
    for base in (valor, valor - _valor(dps, "vDescIncond"), _valor(dps, "vBCPisCofins")):
        partes = {nome: (base * _DA_LEI[nome] / 100).quantize(CENTAVO) for nome in nomes}
        sobra = soma - sum(partes.values(), ZERO)
        if soma and abs(sobra) <= CENTAVO * len(nomes):
            partes[nomes[-1]] += sobra
            return _partes(partes)
    return _Contribuicoes(csll=soma, juntas=nomes if soma else ())


def _partes(de: dict[str, Decimal]) -> _Contribuicoes:
    return _Contribuicoes(de.get("pis", ZERO), de.get("cofins", ZERO), de.get("csll", ZERO))


def _nome(no: Element) -> str:
    return str(no.tag).rpartition("}")[2]


def _todos(onde: Element | None, *nomes: str) -> Iterable[Element]:
    return () if onde is None else (no for no in onde.iter() if _nome(no) in nomes)


def achar(onde: Element | None, nome: str) -> Element | None:
    return next(iter(_todos(onde, nome)), None)


def texto_de(onde: Element | None, nome: str) -> str:
    achado = achar(onde, nome)
    return (achado.text or "").strip() if achado is not None else ""


def _documento(onde: Element | None) -> str:
    for nome in ("Cnpj", "CNPJ", "Cpf", "CPF"):
        if texto := texto_de(onde, nome):
            return "".join(letra for letra in texto.upper() if letra.isalnum())[:14]
    return ""


def _valor(onde: Element | None, nome: str) -> Decimal:
    """The amount of the first element of that name."""
    return _decimal(texto_de(onde, nome))


def _filho(onde: Element, nome: str) -> Element | None:
    return next((no for no in onde if _nome(no) == nome), None)


def _proprio(onde: Element, nome: str) -> str:
    """The text of the element's own child, before that of what is deeper in it (an RPS has a Numero as well)."""
    filho = _filho(onde, nome)
    return (filho.text or "").strip() if filho is not None else texto_de(onde, nome)


def _de_fora(onde: Element, nome: str, *, sem: tuple[str, ...] = ()) -> Iterator[Element]:
    """The outermost elements of that name, without what stands under the names `sem`."""
    for no in onde:
        if _nome(no) == nome:
            yield no
        elif _nome(no) not in sem:
            yield from _de_fora(no, nome, sem=sem)


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
