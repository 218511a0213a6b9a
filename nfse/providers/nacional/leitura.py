"""An authorised NFS-e and a registered event, read into values after their signatures were checked.

A document that cannot be trusted whole is not read in part: what says another chave, another environment or another
DPS than the one asked for is refused with the reason.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from lxml import etree

from nfse.providers.interface import Estado, ItemAplicado, NotaNoServico
from nfse.providers.nacional.identificadores import (
    Chave,
    IdentificadorInvalido,
    ler_chave,
    ler_id_evento,
)
from nfse.providers.nacional.pacote import DocumentoInvalido, ler_xml
from nfse.providers.nacional.verificacao import AssinaturaInvalida, QuemAssinou, conferir

_NUMERO = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,10})?")


@dataclass(frozen=True)
class Nfse:
    """What an authorised NFS-e says. `substituida` is the chave of the note it replaces; `tributos` what the Sefin
    computed (ISS, IBS, CBS) and what is withheld; money is None where the document has none."""

    chave: Chave
    numero: str
    situacao: str  # cStat: 100 issued, 102 by court or administrative decision, 103 avulsa, 107 MEI
    instante: datetime
    producao: bool
    id_dps: str
    serie: str
    numero_dps: int
    competencia: date
    emissao: datetime
    prestador: str
    tomador: str
    tomador_nome: str
    valor: Decimal
    liquido: Decimal
    base: Decimal | None
    aliquota: Decimal | None
    iss: Decimal | None
    total_retido: Decimal | None
    iss_retido: bool
    municipio_incidencia: str
    codigo_servico: str
    descricao: str
    ibs: Decimal | None
    cbs: Decimal | None
    base_ibs_cbs: Decimal | None
    substituida: str
    assinada_por: QuemAssinou
    xml: bytes = field(repr=False)

    def no_servico(self, estado: Estado = Estado.AUTORIZADA) -> NotaNoServico:
        """The note in the values that every channel gives."""
        tributos = (("ISS", self.iss), ("IBS", self.ibs), ("CBS", self.cbs))
        return NotaNoServico(
            estado=estado,
            chave=str(self.chave),
            numero=self.numero,
            serie=self.serie,
            rps=self.numero_dps,
            instante=self.instante,
            valor=self.valor,
            documento_tomador=self.tomador,
            itens=(ItemAplicado(self.valor, self.aliquota),),
            tributos=tuple((nome, valor) for nome, valor in tributos if valor is not None),
            xml=self.xml,
        )


@dataclass(frozen=True)
class EventoLido:
    """A registered event: its code (101101...), the note it is about, when, and what it says."""

    tipo: str
    chave: str
    sequencia: int
    instante: datetime
    codigo: str
    motivo: str
    substituta: str
    xml: bytes = field(repr=False)


def ler_nfse(xml: bytes, *, producao: bool | None, chave: str = "", id_dps: str = "") -> Nfse:
    """Read an authorised note. `producao`, `chave` and `id_dps` are what it must be; None and empty: whatever it is.

    Raises DocumentoInvalido, with the reason in Portuguese.
    """
    raiz = ler_xml(xml, "NFSe")
    nota = _Leitor(_filho(raiz, "infNFSe"))
    dps = _Leitor(_filho(nota.filho("DPS").no, "infDPS"))
    lida = _chave((nota.no.get("Id") or "").removeprefix("NFS"))
    if chave and lida.texto != chave:
        raise DocumentoInvalido(f"O XML é da nota de chave {lida}, e se esperava {chave}.")
    da_producao = dps.exato("tpAmb", ("1", "2")) == "1"
    if producao is not None and da_producao is not producao:
        raise DocumentoInvalido(
            "A nota é do ambiente de testes (produção restrita), e esta instalação é de produção."
            if producao
            else "A nota é de produção, e esta instalação é do ambiente de testes."
        )
    if id_dps and dps.no.get("Id") != id_dps:
        raise DocumentoInvalido("A nota devolvida não é a da DPS enviada: o identificador é outro.")
    instante = nota.instante("dhProc")
    return Nfse(
        chave=lida,
        numero=nota.texto("nNFSe"),
        situacao=nota.texto("cStat"),
        instante=instante,
        producao=da_producao,
        id_dps=dps.no.get("Id") or "",
        serie=dps.texto("serie"),
        numero_dps=int(dps.decimal("nDPS")),
        competencia=dps.dia("dCompet"),
        emissao=dps.instante("dhEmi"),
        prestador=nota.texto("emit/CNPJ", "") or nota.texto("emit/CPF", ""),
        tomador=dps.texto("toma/CNPJ", "") or dps.texto("toma/CPF", ""),
        tomador_nome=dps.texto("toma/xNome", ""),
        valor=dps.decimal("valores/vServPrest/vServ"),
        liquido=nota.decimal("valores/vLiq"),
        base=nota.talvez("valores/vBC"),
        aliquota=nota.talvez("valores/pAliqAplic"),
        iss=nota.talvez("valores/vISSQN"),
        total_retido=nota.talvez("valores/vTotalRet"),
        iss_retido=dps.texto("valores/trib/tribMun/tpRetISSQN") != "1",
        municipio_incidencia=nota.texto("cLocIncid", ""),
        codigo_servico=dps.texto("serv/cServ/cTribNac"),
        descricao=dps.texto("serv/cServ/xDescServ"),
        ibs=nota.talvez("IBSCBS/totCIBS/gIBS/vIBSTot"),
        cbs=nota.talvez("IBSCBS/totCIBS/gCBS/vCBS"),
        base_ibs_cbs=nota.talvez("IBSCBS/valores/vBC"),
        substituida=dps.texto("subst/chSubstda", ""),
        assinada_por=_assinatura(raiz, "infNFSe", instante),
        xml=xml,
    )


def ler_evento(xml: bytes, *, producao: bool | None, chave: str = "", tipo: str = "") -> EventoLido:
    """Read a registered event. Raises DocumentoInvalido, with the reason in Portuguese."""
    raiz = ler_xml(xml, "evento")
    evento = _Leitor(_filho(raiz, "infEvento"))
    pedido = _Leitor(_filho(evento.filho("pedRegEvento").no, "infPedReg"))
    try:
        da_chave, codigo, sequencia = ler_id_evento(evento.no.get("Id") or "")
    except IdentificadorInvalido as erro:
        raise DocumentoInvalido(str(erro)) from erro
    if pedido.texto("chNFSe") != da_chave or (chave and da_chave != chave) or (tipo and codigo != tipo):
        raise DocumentoInvalido("O evento devolvido não é o desta nota.")
    if producao is not None and (pedido.exato("tpAmb", ("1", "2")) == "1") is not producao:
        raise DocumentoInvalido("O evento é de outro ambiente (produção ou testes).")
    instante = evento.instante("dhProc")
    _assinatura(raiz, "infEvento", instante)
    return EventoLido(
        tipo=codigo,
        chave=da_chave,
        sequencia=sequencia,
        instante=instante,
        codigo=pedido.texto(f"e{codigo}/cMotivo", ""),
        motivo=pedido.texto(f"e{codigo}/xMotivo", "") or pedido.texto(f"e{codigo}/xProcAdm", ""),
        substituta=pedido.texto(f"e{codigo}/chSubstituta", ""),
        xml=xml,
    )


def instante_do_processamento(raiz: etree._Element, elemento: str = "infNFSe") -> datetime:
    """When the note was authorised, or the event (`infEvento`) registered. Raises DocumentoInvalido."""
    return _Leitor(_filho(raiz, elemento)).instante("dhProc")


class _Leitor:
    """Reads the fields below one element, by paths without namespace. Raises DocumentoInvalido for what lacks."""

    def __init__(self, no: etree._Element) -> None:
        self.no = no

    def filho(self, nome: str) -> "_Leitor":
        return _Leitor(_filho(self.no, nome))

    def texto(self, caminho: str, padrao: str | None = None) -> str:
        achado = self.no.findtext("/".join(f"{{*}}{passo}" for passo in caminho.split("/")))
        if achado is None and padrao is None:
            raise DocumentoInvalido(f"O XML não traz o campo {caminho}.")
        return achado.strip() if achado is not None else padrao or ""

    def exato(self, caminho: str, opcoes: tuple[str, ...]) -> str:
        texto = self.texto(caminho)
        if texto not in opcoes:
            raise DocumentoInvalido(f"O campo {caminho} do XML traz um valor que não existe.")
        return texto

    def decimal(self, caminho: str) -> Decimal:
        texto = self.texto(caminho)
        if not _NUMERO.fullmatch(texto):
            raise DocumentoInvalido(f"O campo {caminho} do XML não é um número.")
        return Decimal(texto)

    def talvez(self, caminho: str) -> Decimal | None:
        return self.decimal(caminho) if self.texto(caminho, "") else None

    def instante(self, caminho: str) -> datetime:
        try:
            quando = datetime.fromisoformat(self.texto(caminho))
        except ValueError as erro:
            raise DocumentoInvalido(f"O campo {caminho} do XML não é uma data e hora.") from erro
        if quando.tzinfo is None:
            raise DocumentoInvalido(f"O campo {caminho} do XML não diz o fuso horário.")
        return quando

    def dia(self, caminho: str) -> date:
        try:
            return date.fromisoformat(self.texto(caminho))
        except ValueError as erro:
            raise DocumentoInvalido(f"O campo {caminho} do XML não é uma data.") from erro


def _filho(no: etree._Element, nome: str) -> etree._Element:
    achados: Iterator[etree._Element] = no.iterchildren("{*}" + nome)
    primeiro, segundo = next(achados, None), next(achados, None)
    if primeiro is None or segundo is not None:
        raise DocumentoInvalido(f"O XML devia ter um elemento {nome}.")
    return primeiro


def _chave(texto: str) -> Chave:
    try:
        return ler_chave(texto)
    except IdentificadorInvalido as erro:
        raise DocumentoInvalido(str(erro)) from erro


def _assinatura(raiz: etree._Element, elemento: str, quando: datetime) -> QuemAssinou:
    try:
        return conferir(raiz, elemento, quando)
    except AssinaturaInvalida as erro:
        raise DocumentoInvalido(str(erro)) from erro
