from importlib.resources import files

import pytest
from lxml import etree

from nfse.providers.nacional import esquemas
from nfse.providers.nacional.esquemas import Esquema
from tests.nfse.nacional.apoio import CNPJ_COM_LETRAS, chave_de

AMOSTRAS = files("nfelib.nfse.samples.v1_0")


def _amostra(nome: str) -> etree._Element:
    return etree.fromstring(AMOSTRAS.joinpath(nome).read_bytes(), etree.XMLParser(remove_blank_text=True))


def _trocar(raiz: etree._Element, nome: str, valor: str) -> etree._Element:
    no = next(raiz.iter("{*}" + nome))
    no.text = valor
    return raiz


def test_a_dps_of_the_package_is_valid() -> None:
    assert esquemas.validar(_amostra("dps-simples.xml"), Esquema.DPS) == []


def test_what_is_out_of_place_is_told_with_what_should_come_before() -> None:
    (problema,) = esquemas.validar(_amostra("dps-regime-normal.xml"), Esquema.DPS)  # the package's own is not valid
    assert problema.campo == "tomador.endereco.logradouro"
    assert "antes dele se espera: País e cidade do tomador" in problema.mensagem


def test_an_nfse_of_the_package_is_valid() -> None:
    assert esquemas.validar(_amostra("nfse-ibscbs.xml"), Esquema.NFSE) == []


def test_a_cnpj_with_letters_is_valid() -> None:
    raiz = _amostra("dps-simples.xml")
    inf = raiz[0]
    inf.set("Id", f"DPS3550308{2}{CNPJ_COM_LETRAS}00001000000000000001")
    _trocar(raiz, "CNPJ", CNPJ_COM_LETRAS)
    assert esquemas.validar(raiz, Esquema.DPS) == []


@pytest.mark.parametrize(
    ("elemento", "valor", "campo", "palavras"),
    [
        ("nDPS", "01", "numero", "Número da DPS: “01” não está no formato"),
        ("serie", "90000", "serie", "Série da DPS: “90000” não está no formato"),
        ("tpAmb", "3", "producao", "Ambiente: “3” não é uma das opções"),
        ("xDescServ", "x" * 2001, "itens.0.descricao", "Descrição do serviço: 2001 caracteres, e o limite é 2000"),
        ("xDescServ", " \n ", "itens.0.descricao", "Descrição do serviço: está em branco"),
        ("vServ", "1000.0", "itens.0.valor_unitario", "Valor do serviço: “1000.0”"),
        ("dhEmi", "2026-11-20T10:00:00Z", "emissao", "Data e hora da emissão: “2026-11-20T10:00:00Z”"),
    ],
)
def test_problems_name_the_field_in_portuguese(elemento: str, valor: str, campo: str, palavras: str) -> None:
    (problema,) = esquemas.validar(_trocar(_amostra("dps-simples.xml"), elemento, valor), Esquema.DPS)
    assert problema.campo == campo
    assert problema.mensagem.startswith(palavras)


def test_a_field_that_lacks_is_named() -> None:
    raiz = _amostra("dps-simples.xml")
    for no in list(raiz.iter("{*}xDescServ")):
        no.getparent().remove(no)  # type: ignore[union-attr]
    (problema,) = esquemas.validar(raiz, Esquema.DPS)
    assert problema.mensagem == "Descrição do serviço: falta preencher."


def test_the_known_defect_of_the_chave_is_told_as_such() -> None:
    raiz = _amostra("dps-simples.xml")
    antes = next(raiz.iter("{*}prest"))
    subst = etree.Element(f"{{{esquemas.NS}}}subst")
    for nome, valor in (("chSubstda", chave_de("12ABC345000188")), ("cMotivo", "01")):
        etree.SubElement(subst, f"{{{esquemas.NS}}}{nome}").text = valor
    antes.addprevious(subst)
    assert esquemas.validar(raiz, Esquema.DPS) == []
    next(raiz.iter("{*}chSubstda")).text = chave_de(CNPJ_COM_LETRAS)
    (problema,) = esquemas.validar(raiz, Esquema.DPS)
    assert "defeito conhecido" in problema.mensagem
    next(raiz.iter("{*}chSubstda")).text = "1" * 49
    (problema,) = esquemas.validar(raiz, Esquema.DPS)
    assert "defeito conhecido" not in problema.mensagem
    assert problema.campo == "substituicao.chave"


def test_a_schema_is_compiled_once() -> None:
    assert esquemas.compilado(Esquema.DPS) is esquemas.compilado(Esquema.DPS)
    for esquema in Esquema:
        esquemas.compilado(esquema)
