"""What a file that the office already has is, when it is of a note: XML of the national system or of a town (ABRASF),
of the cancellation of a national note, or the PDF (DANFSe) of one.

Access key, 50 positions: município (7), environment that issued (1), kind of inscription (1: CPF, 2: CNPJ),
inscription (14, a CPF with zeros before it), number (13), year and month of the emission (4), code (9), digit (1).
Source: Sistema Nacional NFS-e, manual of the contribuinte, "chave de acesso". The digit is not checked: no text
publishes its rule.

Whoever issues or registers a national document signs it: one that was changed since is refused, one without a signature
enters and is told, for some systems export what the note says and leave the signature out. Towns sign each in its way,
or not at all: that is told too.
"""

import re
from datetime import date
from xml.etree.ElementTree import Element

from django.conf import settings

from arquivo.importacao import NaoLido, Papel, Reconhecido
from arquivo.importacao.pdf import texto_do_pdf
from arquivo.models import Documento
from nfse.providers.nacional.eventos import FINAIS
from nfse.providers.nacional.leitura import instante_do_processamento
from nfse.providers.nacional.pacote import DocumentoInvalido
from nfse.providers.nacional.pacote import ler_xml as abrir_nacional
from nfse.providers.nacional.verificacao import AssinaturaInvalida, conferir
from nfse.services.numeros_de_fora import Numeracao
from nfse.services.registro import PDF, XML
from nfse.services.xml_nota import NotaLida, XmlIlegivel, abrir_xml, achar, ler_de, texto_de
from operacoes.xmldsig import DS

_CHAVE = re.compile(r"[0-9]{8}(1[0-9]{14}|2[0-9A-Z]{12}[0-9]{2})[0-9]{27}")
# As it is printed: in groups or not, beside nothing that would make it longer.
_CHAVE_IMPRESSA = re.compile(r"(?<![0-9A-Z])[0-9A-Z](?:[ .]?[0-9A-Z]){49}(?![0-9A-Z])")
_EVENTO = re.compile(r"(?:\{.*\})?e([0-9]{6})")
_HOMOLOGACAO = "2"
_XML = re.compile(rb"\s*<")
_SEM_ASSINATURA = (
    "O XML não traz a assinatura de quem o autorizou: nada garante que é como foi emitido. Prefira o que o portal "
    "nacional entrega."
)
_DENTRO_DE_OUTRO = "O documento veio dentro de outro XML: a assinatura não foi verificada."
_DO_MUNICIPIO = "É do layout do município (ABRASF): a assinatura, se houver, não foi verificada."


def ler_xml(conteudo: bytes) -> Reconhecido | None:
    """Raises NaoLido."""
    inicio = conteudo[:200].lstrip(b"\xef\xbb\xbf\xff\xfe")
    if not _XML.match(inicio.replace(b"\x00", b"")):
        return None
    try:
        raiz = abrir_xml(conteudo)
        if achar(raiz, "infNFSe") is None and (evento := achar(raiz, "infPedReg")) is not None:
            return _evento(evento, _assinatura(raiz, conteudo, "evento", "infEvento"))
        return _nota(raiz, conteudo)
    except XmlIlegivel as erro:
        raise NaoLido(str(erro)) from erro


def _assinatura(raiz: Element, conteudo: bytes, nome: str, elemento: str) -> str:
    """What is to be told of it, empty when it holds. Raises NaoLido when it does not."""
    if raiz.tag.rpartition("}")[2] != nome:
        return _DENTRO_DE_OUTRO
    try:
        no = abrir_nacional(conteudo, nome)
        if no.find(f"{{{DS}}}Signature") is None:
            return _SEM_ASSINATURA
        conferir(no, elemento, instante_do_processamento(no, elemento))
    except (DocumentoInvalido, AssinaturaInvalida) as erro:
        raise NaoLido(f"{erro} O arquivo não foi guardado: peça de novo o XML a quem o emitiu.") from erro
    return ""


def _nota(raiz: Element, conteudo: bytes) -> Reconhecido:
    lida = ler_de(raiz)
    info = achar(raiz, "infNFSe")
    chave, aviso = "", _DO_MUNICIPIO
    if info is not None:
        chave = _chave_de(info.get("Id", "").removeprefix("NFS"))
        _conferir_a_chave(chave, lida, texto_de(achar(info, "infDPS"), "cLocEmi"))
        if texto_de(raiz, "tpAmb") == _HOMOLOGACAO and settings.AMBIENTE == "producao":
            raise NaoLido("É uma nota de teste (produção restrita), sem valor fiscal.")
        aviso = _assinatura(raiz, conteudo, "NFSe", "infNFSe")
    if not lida.numero:
        raise NaoLido("O XML não traz o número da nota.")
    mes = lida.competencia or (lida.emissao.replace(day=1) if lida.emissao else None)
    if mes is None:
        raise NaoLido("O XML não diz a competência nem a data de emissão da nota.")
    papeis = (
        Papel(lida.prestador, Documento.Tipo.NFSE_XML, f"NFSE-{lida.numero}.xml"),
        Papel(lida.tomador, Documento.Tipo.NFSE_RECEBIDA, f"NFSE-RECEBIDA-{chave or lida.numero}.xml"),
    )
    numeracao = Numeracao.lida(lida.serie, lida.rps, nacional=info is not None)
    return Reconhecido(papeis, mes, XML, chave=chave, numero=lida.numero, aviso=aviso, dados=numeracao)


def _evento(pedido: Element, aviso: str) -> Reconhecido:
    chave = _chave_de(texto_de(pedido, "chNFSe"))
    codigo = next((achado[1] for no in pedido if (achado := _EVENTO.fullmatch(no.tag))), "")
    if not codigo:
        raise NaoLido("É um pedido de evento de NFS-e que não diz qual é o evento.")
    numero, cancela = _numero(chave), codigo in FINAIS
    papel = Papel(
        _emitente(chave),
        Documento.Tipo.CANCELAMENTO_XML if cancela else Documento.Tipo.EVENTO_XML,
        f"NFSE-CANCELAMENTO-{numero}.xml" if cancela else f"NFSE-EVENTO-{codigo}-{numero}.xml",
    )
    return Reconhecido((papel,), _mes(chave), XML, chave=chave, numero=numero, aviso=aviso, varios=not cancela)


def ler_pdf(conteudo: bytes) -> Reconhecido | None:
    """The DANFSe prints the key of its note, which says the rest."""
    if not conteudo.startswith(b"%PDF-") or (texto := texto_do_pdf(conteudo)) is None:
        return None
    juntas = (re.sub(r"[ .]", "", achada.group()) for achada in _CHAVE_IMPRESSA.finditer(texto))
    chaves = {chave for chave in juntas if _CHAVE.fullmatch(chave)}
    if len(chaves) != 1:
        return None
    chave = chaves.pop()
    numero = _numero(chave)
    papel = Papel(_emitente(chave), Documento.Tipo.NFSE_PDF, f"NFSE-{numero}.pdf")
    return Reconhecido((papel,), _mes(chave), PDF, chave=chave, numero=numero)


def _conferir_a_chave(chave: str, lida: NotaLida, municipio: str) -> None:
    """`municipio` is that of the emitente. Raises NaoLido where the note says another thing than its chave."""
    montado = "O arquivo foi montado ou alterado: peça o XML de novo a quem o emitiu."
    if _emitente(chave) != lida.prestador:
        raise NaoLido(f"A chave de acesso é de um emitente, e o XML diz outro. {montado}")
    if municipio and chave[:7] != municipio:
        raise NaoLido(f"A chave de acesso é do município {chave[:7]} (IBGE), e o XML diz {municipio}. {montado}")
    if lida.numero and _numero(chave) != (lida.numero.lstrip("0") or "0"):
        dito = lida.numero[:20]
        raise NaoLido(f"A chave de acesso é da nota de número {_numero(chave)}, e o XML diz {dito}. {montado}")


def _chave_de(texto: str) -> str:
    if not _CHAVE.fullmatch(texto):
        raise NaoLido("O XML não traz uma chave de acesso de 50 posições.")
    return texto


def _emitente(chave: str) -> str:
    inscricao = chave[9:23]
    return inscricao[3:] if chave[8] == "1" else inscricao


def _numero(chave: str) -> str:
    return chave[23:36].lstrip("0") or "0"


def _mes(chave: str) -> date:
    """The month of the emission, as near to the competência as the key tells."""
    try:
        return date(2000 + int(chave[36:38]), int(chave[38:40]), 1)
    except ValueError:
        raise NaoLido("A chave de acesso não traz um mês de emissão que exista.") from None
