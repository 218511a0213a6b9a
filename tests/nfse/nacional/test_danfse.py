import io

import pypdf
import pytest

from nfse.providers.nacional import danfse
from nfse.providers.nacional.danfse import Marca
from nfse.providers.nacional.pacote import DocumentoInvalido
from tests.nfse.nacional.apoio import chave_de
from tests.nfse.nacional.autorizadas import nfse
from tests.nfse.nacional.declaracoes import COMPLETA, NORMAL, SIMPLES, com


def _texto(pdf: bytes) -> str:
    leitor = pypdf.PdfReader(io.BytesIO(pdf))
    assert len(leitor.pages) == 1
    return leitor.pages[0].extract_text()


def test_what_the_note_says_is_printed() -> None:
    texto = _texto(danfse.desenhar(nfse(NORMAL)))
    for palavra in ("12.ABC.345/01DE-35", "11.222.333/0001-81", "Padaria Três Irmãos & Cia", "1.500,00", "DANFSe v2.0"):
        assert palavra in texto
    assert chave_de(NORMAL.emitente.documento) in texto.replace(" ", "").replace("\n", "")
    assert "IBS" in texto
    assert "13,50" in texto


@pytest.mark.parametrize(("marca", "outra"), [(Marca.CANCELADA, "SUBSTITUÍDA"), (Marca.SUBSTITUIDA, "CANCELADA")])
def test_the_watermark_says_what_became_of_the_note(marca: Marca, outra: str) -> None:
    texto = _texto(danfse.desenhar(nfse(), marca))
    assert str(marca) in texto
    assert outra not in texto
    assert str(marca) not in _texto(danfse.desenhar(nfse()))


def test_outside_production_it_is_said() -> None:
    aviso = "SEM VALIDADE JURÍDICA"
    assert aviso in _texto(danfse.desenhar(nfse()))
    de_producao = nfse(com(SIMPLES, producao=True))
    assert aviso not in _texto(danfse.desenhar(de_producao))


def test_any_letter_and_the_longest_texts_are_drawn() -> None:
    declaracao = com(COMPLETA, descricao="日本 – “aspas” …\n" + "palavra longa " * 60, observacao="Ł" * 1900)
    assert '"aspas"' in _texto(danfse.desenhar(nfse(declaracao)))


def test_the_same_note_gives_the_same_file() -> None:
    assert danfse.desenhar(nfse()) == danfse.desenhar(nfse())


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"<NFSe/>",
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><NFSe>&x;</NFSe>',
        nfse().replace(b"<DPS", b"<XPS").replace(b"</DPS", b"</XPS"),
    ],
)
def test_what_is_no_note_is_not_drawn(xml: bytes) -> None:
    with pytest.raises(DocumentoInvalido):
        danfse.desenhar(xml)
