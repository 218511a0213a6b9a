"""Canonical XML by the examples of the recommendation, and a signature that changes nothing else of its document."""

import pytest

from operacoes.http import Certificado
from operacoes.xmldsig import XmlInvalido, assinar, canonico
from tests.assinaturas import verificar
from tests.credentials.fabrica import SENHA_PFX, pfx

A1 = Certificado(pfx(), SENHA_PFX)

# W3C, Canonical XML 1.0, section 3.3, without its document type.
ENTRADA = b"""<doc>
   <e1   />
   <e3   name = "elem3"   id="elem3"   />
   <e5 a:attr="out" b:attr="sorted" attr2="all" attr="I'm"
      xmlns:b="http://www.ietf.org"
      xmlns:a="http://www.w3.org"
      xmlns="http://example.org"/>
   <e6 xmlns="" xmlns:a="http://www.w3.org">
      <e7 xmlns="http://www.ietf.org">
         <e8 xmlns="" xmlns:a="http://www.w3.org">
            <e9 xmlns="" xmlns:a="http://www.ietf.org" attr="default"/>
         </e8>
      </e7>
   </e6>
</doc>"""
SAIDA = b"""<doc>
   <e1></e1>
   <e3 id="elem3" name="elem3"></e3>
   <e5 xmlns="http://example.org" xmlns:a="http://www.w3.org" xmlns:b="http://www.ietf.org" attr="I'm" attr2="all" \
b:attr="sorted" a:attr="out"></e5>
   <e6 xmlns:a="http://www.w3.org">
      <e7 xmlns="http://www.ietf.org">
         <e8 xmlns="">
            <e9 xmlns:a="http://www.ietf.org" attr="default"></e9>
         </e8>
      </e7>
   </e6>
</doc>"""


def test_the_example_of_the_recommendation() -> None:
    assert canonico(ENTRADA, "doc") == SAIDA


def test_characters_and_references() -> None:
    documento = b'<?xml version="1.0"?><d><!-- no --><v a="x&quot;&lt;&#9;&#10;">1&#13;&gt;<![CDATA[<&]]></v></d>'
    assert canonico(documento, "v") == b'<v a="x&quot;&lt;&#x9;&#xA;">1&#xD;&gt;&lt;&amp;</v>'


def test_a_part_brings_the_namespaces_in_force_above_it() -> None:
    documento = b'<p xmlns="urn:a" xmlns:z="urn:z" xml:lang="pt"><f id="1"><g/></f></p>'
    esperado = b'<f xmlns="urn:a" xmlns:z="urn:z" id="1" xml:lang="pt"><g></g></f>'
    assert canonico(documento, "f") == esperado


@pytest.mark.parametrize(
    "documento", [b"<a><b/><b/></a>", b"<a/>", b"<a>", b'<!DOCTYPE a [<!ENTITY e "x">]><a><b>&e;</b></a>']
)
def test_what_cannot_be_signed_is_told(documento: bytes) -> None:
    with pytest.raises(XmlInvalido):
        canonico(documento, "b")


def test_a_document_that_ends_otherwise_is_not_signed() -> None:
    with pytest.raises(XmlInvalido, match="não termina"):
        assinar(b'<x id="1"/>', A1)
    with pytest.raises(XmlInvalido, match="id"):
        assinar(b"<x><c/></x>", A1, elemento="c")


def test_nothing_but_the_signature_is_added() -> None:
    documento = b'<?xml version="1.0"?>\r\n<ProcDctf  xmlns="urn:x" ><c id="1"> a&amp;b </c>\r\n</ProcDctf>\n'
    assinado = assinar(documento, A1, elemento="c")
    inicio, fim = assinado.index(b"<Signature"), assinado.index(b"</Signature>") + len(b"</Signature>")
    assert assinado[:inicio] + assinado[fim:] == documento
    assert b'URI="#1"' in assinado


@pytest.mark.parametrize("elemento", ["", "c"])
@pytest.mark.parametrize(
    "documento",
    [
        b'<r><c id="1">a &amp; b</c></r>',
        b'<r xmlns="urn:x" xmlns:z="urn:z">\n<c id="1"><z:d/></c></r>',
        b'<z:r xmlns:z="urn:z" xml:lang="pt"><c id="1"/></z:r>',
    ],
)
def test_another_implementation_accepts_the_signature(documento: bytes, elemento: str) -> None:
    verificar(assinar(documento, A1, elemento=elemento))
