"""The Termo de Autorização: with it an autor lets the contratante call Integra Contador in his name. Plain Python.

Source: SERPRO, API Integra Contador, "Autentica Procurador" and its page of fixed texts, which must go byte by byte
(credentials/dados/termo_autorizacao.json); docs/integra-contador.md.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from lxml import etree

from operacoes import xmldsig
from operacoes.http import Certificado

_TEXTOS = Path(__file__).resolve().parent.parent / "dados" / "termo_autorizacao.json"


@dataclass(frozen=True)
class Termo:
    """Who authorises (`autor`, CPF or CNPJ), whom (`contratante`, CNPJ), from when and until when (both days count)."""

    contratante: str
    contratante_nome: str
    autor: str
    autor_nome: str
    assinado_em: date
    vigencia: date


@lru_cache(maxsize=1)
def _textos() -> dict[str, str]:
    lidos: dict[str, str] = json.loads(_TEXTOS.read_text(encoding="utf-8"))
    return lidos


def montar(termo: Termo) -> etree._Element:
    """The XML before its signature: attributes in the order of SERPRO's page, no white space between elements."""
    textos = _textos()
    raiz = etree.Element("termoDeAutorizacao")
    dados = etree.SubElement(raiz, "dados")
    etree.SubElement(dados, "sistema", id="API Integra Contador")
    etree.SubElement(dados, "termo", texto=textos["termo"])
    etree.SubElement(dados, "avisoLegal", texto=textos["avisoLegal"])
    etree.SubElement(dados, "finalidade", texto=textos["finalidade"])
    etree.SubElement(dados, "dataAssinatura", data=f"{termo.assinado_em:%Y%m%d}")
    etree.SubElement(dados, "vigencia", data=f"{termo.vigencia:%Y%m%d}")
    for nome, numero, titular, papel in (
        ("destinatario", termo.contratante, termo.contratante_nome, "contratante"),
        ("assinadoPor", termo.autor, termo.autor_nome, "autor pedido de dados"),
    ):
        tipo = "PF" if len(numero) == 11 else "PJ"
        etree.SubElement(dados, nome, numero=numero, nome=titular, tipo=tipo, papel=papel)
    return raiz


def assinar(termo: Termo, certificado: Certificado) -> bytes:
    """The signed XML. Raises AccessDenied(EMPRESA) when the certificate cannot sign."""
    return xmldsig.assinar(etree.tostring(montar(termo), xml_declaration=True, encoding="UTF-8"), certificado)
