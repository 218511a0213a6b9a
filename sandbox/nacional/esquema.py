"""The official schemas: package 2026-02-09 as nfelib distributes it, and over it what 2026-07-27 changed (facets of
simple types, for the CNPJ with letters)."""

import threading
from functools import cache
from importlib.resources import files
from typing import Any, cast

from lxml import etree

from sandbox.nacional.codigos import recusa
from sandbox.nacional.pacote import Arvore

NS = "http://www.sped.fazenda.gov.br/nfse"
DS = "http://www.w3.org/2000/09/xmldsig#"
_SIMPLES = "tiposSimples_v1.01.xsd"
_XS = "{http://www.w3.org/2001/XMLSchema}"
# simple type -> its pattern in package 2026-07-27
_PADROES = {
    "TSCNPJ": "[0-9A-Z]{14}",
    "TSIdDPS": "DPS[0-9]{7}(1[0-9]{14}|2[0-9A-Z]{14})[0-9]{20}",
    "TSIdNFSe": "NFS[0-9]{9}[0-9A-Z]{14}[0-9]{27}",
    "TSChaveNFSe": "[0-9]{6}([0-9A-Z]{14})[0-9]{30}",
    "TSChaveNFe": "[0-9]{6}([0-9A-Z]{14})[0-9]{24}",
    "TSIdPedRegEvt": "PRE[0-9]{8}(1[0-9]{14}|2[0-9A-Z]{14})[0-9]{33}",
    "TSIdEvento": "EVT[0-9]{8}(1[0-9]{14}|2[0-9A-Z]{14})[0-9]{36}",
    "TSIdNumEvento": "[0-9]{8}(1[0-9]{14}|2[0-9A-Z]{14})[0-9]{33}",
    "TSSerieDPS": "[0-9]{1,4}|[0-8][0-9]{4}",
}
_COM_NAO_BRANCO = r"[\s\S]*\S[\s\S]*"
_TURNO = threading.Lock()  # a compiled schema keeps the errors of its last document


class _Resolvedor(etree.Resolver):
    """Gives the schemas of the package by their file names, the simple types rewritten."""

    def resolve(self, url: str, _: str | None, contexto: Any) -> Any:  # type: ignore[override]
        nome = url.rpartition("/")[2]
        conteudo = _texto(nome)
        if nome == _SIMPLES:
            conteudo = _reescrito(conteudo)
        return self.resolve_string(conteudo, contexto, base_url=url)


def _texto(nome: str) -> bytes:
    return (files("nfelib") / "nfse" / "schemas" / "v1_0" / nome).read_bytes()


def _reescrito(conteudo: bytes) -> bytes:
    raiz = etree.fromstring(conteudo)
    faltam = set(_PADROES)
    for tipo in raiz.iter(f"{_XS}simpleType"):
        nome = tipo.get("name", "")
        restricao = tipo.find(f"{_XS}restriction")
        if restricao is None:
            continue
        if nome in _PADROES:
            (padrao,) = restricao.findall(f"{_XS}pattern")
            padrao.set("value", _PADROES[nome])
            faltam.discard(nome)
        elif nome.startswith("TSDesc"):
            _exigir_nao_branco(restricao)
    if faltam:
        raise LookupError(f"types that the distributed schema no longer has: {', '.join(sorted(faltam))}")
    return etree.tostring(raiz)


def _exigir_nao_branco(restricao: Arvore) -> None:
    """A pattern of its own level is one more condition, beside that of the base type."""
    if restricao.find(f"{_XS}pattern") is None:
        etree.SubElement(restricao, f"{_XS}pattern").set("value", _COM_NAO_BRANCO)


@cache
def _esquema(nome: str) -> etree.XMLSchema:
    analisador = etree.XMLParser(no_network=True)
    analisador.resolvers.add(_Resolvedor())
    return etree.XMLSchema(etree.fromstring(_texto(nome), analisador, base_url=f"pacote://{nome}"))


def conferir(raiz: Arvore, esquema: str) -> None:
    """`esquema`: DPS, NFSe, pedRegEvento or evento. Raises Recusa E1235."""
    if problema := _problema(raiz, esquema):
        raise recusa("E1235", problema[:500])


def _problema(raiz: Arvore, esquema: str) -> str:
    with _TURNO:
        validador = _esquema(f"{esquema}_v1.01.xsd")
        if not validador.validate(raiz):
            return next(iter(cast(Any, validador.error_log))).message or "inválido"
    return _forma(raiz)


def _forma(raiz: Arvore) -> str:
    """What the texts forbid and no schema sees: comments, instructions, CDATA, space between elements (those of a
    Signature may have some)."""
    topo = raiz.getroottree()
    if any(no is not raiz for no in (*raiz.itersiblings(), *raiz.itersiblings(preceding=True))):
        return "Comentário ou instrução de processamento não é permitido."
    for no in raiz.iter():
        if not isinstance(no.tag, str):
            return "Comentário ou instrução de processamento não é permitido."
        if no.tag.startswith(f"{{{DS}}}"):
            continue
        cauda, texto = no.tail or "", no.text or ""
        if (cauda and no is not raiz) or (len(no) and texto):
            return f"Há espaço ou quebra de linha entre elementos, junto a {no.tag.rpartition('}')[2]}."
        if not len(no) and not texto and not no.attrib:
            return f"Elemento vazio: {no.tag.rpartition('}')[2]}."
    return "CDATA não é permitido." if b"<![CDATA[" in etree.tostring(topo) else ""
