import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from nfse.providers.nacional import assinatura, escrita
from nfse.providers.nacional.assinatura import Perfil
from nfse.providers.nacional.escrita import Montado
from operacoes.errors import AccessDenied, Alcance
from operacoes.http import Certificado
from tests.assinaturas import DS, verificar, xmlsec
from tests.nfse.nacional.apoio import CNPJ, CNPJ_COM_LETRAS, CPF, a1

ID = "DPS355030821122233300018100001000000000000001"
MONTADO = Montado(
    "DPS", "infDPS", ID, escrita.grupo("serv", escrita.campo("x", 'Ação & "reação" <\n>'), escrita.campo("y", "2"))
)


@pytest.mark.parametrize("perfil", list(Perfil))
def test_every_profile_is_accepted_by_xmlsec(perfil: Perfil) -> None:
    xml = assinatura.abrir(a1()).assinar(MONTADO, perfil)
    verificar(xml)
    assert assinatura.abrir(a1()).assinar(MONTADO, perfil) == xml


@pytest.mark.parametrize("perfil", list(Perfil))
def test_a_change_of_one_letter_is_found_by_xmlsec(perfil: Perfil) -> None:
    xml = assinatura.abrir(a1()).assinar(MONTADO, perfil)
    with pytest.raises(xmlsec.Error):
        verificar(xml.replace(b"<y>2</y>", b"<y>3</y>"))


@pytest.mark.parametrize("perfil", list(Perfil))
def test_the_signature_still_holds_inside_the_nfse(perfil: Perfil) -> None:
    """The Sefin embeds the DPS as it came, under another root with the same default namespace."""
    dps = assinatura.abrir(a1()).assinar(MONTADO, perfil).partition(b"?>")[2]
    nfse = b'<NFSe versao="1.01" xmlns="%s"><infNFSe Id="NFS1"><xLocEmi>A</xLocEmi>%s</infNFSe></NFSe>'
    verificar(nfse % (escrita.NS.encode(), dps))
    sem_repetir = dps.replace(b'<DPS xmlns="%s"' % escrita.NS.encode(), b"<DPS", 1)
    verificar(nfse % (escrita.NS.encode(), sem_repetir))


def test_the_signature_has_the_form_of_the_layout() -> None:
    raiz = etree.fromstring(assinatura.abrir(a1()).assinar(MONTADO))
    assert raiz[-1].tag == f"{{{DS}}}Signature"
    (referencia,) = raiz.iter(f"{{{DS}}}Reference")
    assert referencia.get("URI") == f"#{ID}"
    assert [no.tag.rpartition("}")[2] for no in raiz.iter() if "X509" in str(no.tag)] == ["X509Data", "X509Certificate"]
    assert not any(no.prefix for no in raiz.iter())


@given(st.text(), st.text(min_size=1))
def test_what_we_write_is_already_canonical(livre: str, restrito: str) -> None:
    """In the words of libxml2, of either kind."""
    partes = [escrita.campo("a", escrita.paragrafos(livre)), escrita.campo("b", escrita.restrito(restrito))]
    montado = Montado("DPS", "infDPS", ID, escrita.grupo("g", *partes) or "<g>x</g>")
    detached = etree.fromstring(etree.tostring(etree.fromstring(montado.documento())[0]))
    for exclusiva in (True, False):
        assert etree.tostring(detached, method="c14n", exclusive=exclusiva) == montado.canonico


@pytest.mark.parametrize("documento", [CNPJ, CNPJ_COM_LETRAS, CPF])
def test_the_certificate_says_whose_it_is(documento: str) -> None:
    assinante = assinatura.abrir(a1(documento))
    assert assinante.documento == documento
    assinante.conferir(documento)


def test_the_certificate_of_another_cnpj_is_refused() -> None:
    with pytest.raises(AccessDenied) as erro:
        assinatura.abrir(a1(CNPJ_COM_LETRAS)).conferir(CNPJ)
    assert erro.value.codigo == "CERTIFICADO-DE-OUTRO"
    assert "é de 12.ABC.345/01DE-35, e a nota é de 11.222.333/0001-81" in erro.value.mensagem
    assert erro.value.alcance is Alcance.CREDENCIAL


@pytest.mark.parametrize("qual", ["vencido", "cadeia_vencida"])
def test_an_expired_chain_is_refused(qual: str) -> None:
    with pytest.raises(AccessDenied) as erro:
        assinatura.abrir(a1(**{qual: True})).conferir(CNPJ)
    assert erro.value.codigo == "CERTIFICADO-VENCIDO"


def test_an_old_certificate_of_an_authority_that_renewed_its_own_does_not_matter() -> None:
    assinatura.abrir(a1(cadeia_vencida=True, renovada=True)).conferir(CNPJ)


@pytest.mark.parametrize(
    "certificado", [Certificado(b"", ""), Certificado(b"0\x82", "x"), replace(a1(), senha="outra")]
)
def test_a_file_that_does_not_open_is_refused(certificado: Certificado) -> None:
    with pytest.raises(AccessDenied) as erro:
        assinatura.abrir(certificado)
    assert erro.value.codigo == "CERTIFICADO-NAO-ASSINA"


def test_the_key_is_opened_once_and_never_shown() -> None:
    assinante = assinatura.abrir(a1())
    assert assinatura.abrir(Certificado(a1().pfx, "senha")) is assinante
    assert base64.b64encode(a1().pfx[:30]).decode() not in repr(assinante)


@pytest.mark.parametrize(
    ("texto", "escrito"),
    [
        ("  Rua  “São João” – fundos\n2º andar ", 'Rua "São João" - fundos 2º andar'),
        ("Ponto\u00a0fixo…", "Ponto fixo..."),
        ("Ştefan Łódź 日本", "Stefan Lódz"),
        ("zero\u200blargura\x00", "zerolargura"),
        ("", ""),
    ],
)
def test_restricted_texts_are_transliterated(texto: str, escrito: str) -> None:
    assert escrita.restrito(texto) == escrito


@given(st.text())
def test_a_restricted_text_obeys_the_schema(texto: str) -> None:
    escrito = escrita.restrito(texto)
    assert escrito == escrito.strip()
    assert all(" " <= letra <= "ÿ" for letra in escrito)
    assert escrita.restrito(escrito) == escrito
