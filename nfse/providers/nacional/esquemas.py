"""The official schemas of the layout 1.01, compiled once per process, and what they say of a document in Portuguese.

The files are package resources of nfelib (package of schemas of 2026-02-09). That of 2026-07-27, which brought the CNPJ
with letters, only changed facets of simple types: they are written over the older ones while the schema is read.
"""

import re
import threading
from collections.abc import Iterator
from enum import StrEnum
from importlib.resources import files
from typing import Any

from lxml import etree

from nfse.providers.interface import Problema
from nfse.providers.nacional.identificadores import PADRAO_DA_CHAVE
from nfse.providers.nacional.palavras import campo_e_rotulo

NS = "http://www.sped.fazenda.gov.br/nfse"
_XS = "{http://www.w3.org/2001/XMLSchema}"


class Esquema(StrEnum):
    DPS = "DPS_v1.01.xsd"
    NFSE = "NFSe_v1.01.xsd"
    PEDIDO_DE_EVENTO = "pedRegEvento_v1.01.xsd"
    EVENTO = "evento_v1.01.xsd"


# type -> pattern of 2026-02-09, pattern of 2026-07-27
_FACETAS = {
    "TSCNPJ": ("[0-9]{14}", "[0-9A-Z]{14}"),
    "TSIdDPS": ("DPS[0-9]{42}", "DPS[0-9]{7}(1[0-9]{14}|2[0-9A-Z]{14})[0-9]{20}"),
    "TSIdNFSe": ("NFS[0-9]{50}", "NFS[0-9]{9}[0-9A-Z]{14}[0-9]{27}"),
    "TSChaveNFSe": ("[0-9]{50}", "[0-9]{6}([0-9A-Z]{14})[0-9]{30}"),
    "TSChaveNFe": ("[0-9]{44}", "[0-9]{6}([0-9A-Z]{14})[0-9]{24}"),
    "TSIdPedRegEvt": ("PRE[0-9]{56}", "PRE[0-9]{8}(1[0-9]{14}|2[0-9A-Z]{14})[0-9]{33}"),
    "TSIdEvento": ("EVT[0-9]{59}", "EVT[0-9]{8}(1[0-9]{14}|2[0-9A-Z]{14})[0-9]{36}"),
    "TSIdNumEvento": ("[0-9]{59}", "[0-9]{8}(1[0-9]{14}|2[0-9A-Z]{14})[0-9]{33}"),
    "TSSerieDPS": (r"0{0,4}\d{1,5}", "[0-9]{1,4}|[0-8][0-9]{4}"),
}
_NAO_EM_BRANCO = r"[\s\S]*\S[\s\S]*"  # and this pattern is added to every TSDesc*, which has none of its own
_DESCRICOES = re.compile(r"TSDesc([0-9]+|InfCompl)")
_SIMPLES = "tiposSimples_v1.01.xsd"
_CHAVES = frozenset({"chNFSe", "chSubstda", "chSubstituta", "refNFSe", "chNFSeRej"})


class _Recursos(etree.Resolver):
    """Only what is in the package is read: nothing of the network, nothing of the disk besides."""

    def resolve(self, url: str, pubid: str, context: Any) -> Any:  # type: ignore[override]
        conteudo = _recurso(url.rsplit("/", 1)[-1])
        return self.resolve_string(conteudo, context, base_url=url)  # type: ignore[attr-defined]


def _recurso(nome: str) -> bytes:
    conteudo = files("nfelib.nfse.schemas.v1_0").joinpath(nome).read_bytes()
    return _com_as_facetas(conteudo) if nome == _SIMPLES else conteudo


def _com_as_facetas(conteudo: bytes) -> bytes:
    raiz = etree.fromstring(conteudo)
    faltam = dict(_FACETAS)
    for tipo in raiz.iter(f"{_XS}simpleType"):
        nome = tipo.get("name", "")
        if nome in faltam:
            antigo, novo = faltam.pop(nome)
            padrao = tipo.find(f".//{_XS}pattern")
            if padrao is None or padrao.get("value") not in (antigo, novo):
                raise RuntimeError(f"the schemas of nfelib changed: {nome} has another pattern")
            padrao.set("value", novo)
        elif _DESCRICOES.fullmatch(nome):
            etree.SubElement(tipo[-1], f"{_XS}pattern", value=_NAO_EM_BRANCO)
    if faltam:
        raise RuntimeError(f"the schemas of nfelib changed: no {', '.join(faltam)}")
    return etree.tostring(raiz)


_compilados: dict[Esquema, etree.XMLSchema] = {}
_trava = threading.Lock()


def compilado(esquema: Esquema) -> etree.XMLSchema:
    with _trava:
        if esquema not in _compilados:
            parser = etree.XMLParser(no_network=True)
            parser.resolvers.add(_Recursos())
            raiz = etree.fromstring(_recurso(esquema), parser, base_url=f"nfelib:/{esquema}")
            _compilados[esquema] = etree.XMLSchema(raiz)
        return _compilados[esquema]


def validar(raiz: etree._Element, esquema: Esquema) -> list[Problema]:
    """What the schema says of a document, one Problema for each place; empty when it is valid."""
    xsd = compilado(esquema)
    with _trava:  # a schema keeps the errors of its last document
        if xsd.validate(raiz):
            return []
        diario: Any = xsd.error_log
        erros = [(erro.type_name, erro.path or "", erro.message) for erro in diario]
    return list(_problemas(raiz, erros))


def _problemas(raiz: etree._Element, erros: list[tuple[str, str, str]]) -> Iterator[Problema]:
    vistos = set()
    for tipo, caminho, mensagem in erros:
        no = _achar(raiz, caminho)
        passos = [etree.QName(acima).localname for acima in (*reversed(list(no.iterancestors())), no)]
        problema = _problema(tipo, passos, (no.text or "").strip(), mensagem)
        if problema not in vistos:
            vistos.add(problema)
            yield problema


def _achar(raiz: etree._Element, caminho: str) -> etree._Element:
    achados: Any = raiz.getroottree().xpath(caminho) if caminho else []
    return achados[0] if isinstance(achados, list) and achados else raiz


_ATRIBUTO = re.compile(r"attribute '(\w+)'")
_ESPERADOS = re.compile(r"\}(\w+)")
_NUMERO = re.compile(r"(?:length of '(\d+)'|maximum length of '(\d+)'|minimum length of '(\d+)')")


def _problema(tipo: str, passos: list[str], valor: str, mensagem: str) -> Problema:
    if atributo := _ATRIBUTO.search(mensagem):
        passos = [*passos, atributo[1]]
    elif tipo == "SCHEMAV_CVC_PATTERN_VALID" and passos[-1] in _CHAVES and PADRAO_DA_CHAVE.fullmatch(valor):
        campo, rotulo = campo_e_rotulo(passos)
        return Problema(
            campo,
            f"{rotulo}: a chave está certa, mas o schema oficial da NFS-e tem um defeito conhecido e recusa a de um "
            "CNPJ com letra na 12ª posição. Não há o que corrigir na nota: faça isto no portal nacional "
            "(www.nfse.gov.br) até o schema ser consertado.",
        )
    if tipo == "SCHEMAV_ELEMENT_CONTENT":
        return _do_conteudo(passos, mensagem)
    campo, rotulo = campo_e_rotulo(passos)
    return Problema(campo, f"{rotulo}: {_motivo(tipo, valor, mensagem)}")


def _do_conteudo(passos: list[str], mensagem: str) -> Problema:
    """A field that lacks, or one that cannot be where it is."""
    _, _, esperados = mensagem.partition("Expected is")
    nomes = _ESPERADOS.findall(esperados)
    if mensagem.find("Missing child") >= 0 and nomes:
        campo, rotulo = campo_e_rotulo([*passos, nomes[-1]])  # what may be left out comes before what may not
        return Problema(campo, f"{rotulo}: falta preencher.")
    campo, rotulo = campo_e_rotulo(passos)
    if nomes:
        _, falta = campo_e_rotulo([*passos[:-1], nomes[-1]])
        return Problema(campo, f"{rotulo}: não pode ser informado aqui; antes dele se espera: {falta}.")
    return Problema(campo, f"{rotulo}: não pode ser informado junto com o que já foi preenchido.")


def _motivo(tipo: str, valor: str, mensagem: str) -> str:
    mostrado = valor if len(valor) <= 40 else f"{valor[:40]}…"
    medida = next((n for achado in _NUMERO.findall(mensagem) for n in achado[1:] if n), "")
    if tipo == "SCHEMAV_CVC_MAXLENGTH_VALID" and medida:
        return f"{len(valor)} caracteres, e o limite é {medida}. Encurte o texto."
    if tipo == "SCHEMAV_CVC_MINLENGTH_VALID" and medida:
        return f"{len(valor)} caracteres, e o mínimo é {medida}. Complete o texto."
    if not valor:
        return "está em branco. Preencha ou retire."
    if tipo == "SCHEMAV_CVC_ENUMERATION_VALID":
        return f"“{mostrado}” não é uma das opções do layout nacional. Escolha outra."
    return f"“{mostrado}” não está no formato do layout nacional. Confira o que foi preenchido."
