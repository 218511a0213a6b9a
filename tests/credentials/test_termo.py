"""The Termo de Autorização: its XML, and a signature that another implementation (xmlsec) accepts."""

from datetime import date

import pytest

from credentials.providers.termo import Termo, assinar, montar
from operacoes.errors import AccessDenied
from operacoes.http import Certificado
from tests.assinaturas import verificar, xmlsec
from tests.credentials.fabrica import certificado_x509, pfx

TERMO = Termo(
    "11222333000181", "Contratante & Filhos", "52998224725", "Procuradora", date(2026, 11, 1), date(2027, 4, 30)
)
A1 = Certificado(pfx(certificado_x509(nome="Procuradora", cpf="52998224725"), senha="segredo"), "segredo")


def test_the_termo_says_who_lets_whom_until_when() -> None:
    dados = montar(TERMO)[0]
    assert [filho.tag for filho in dados] == [
        *("sistema", "termo", "avisoLegal", "finalidade"),
        *("dataAssinatura", "vigencia", "destinatario", "assinadoPor"),
    ]
    assert (dados[4].get("data"), dados[5].get("data")) == ("20261101", "20270430")
    assert dict(dados[6].items()) == {
        "numero": "11222333000181",
        "nome": "Contratante & Filhos",
        "tipo": "PJ",
        "papel": "contratante",
    }
    assert (dados[7].get("tipo"), dados[7].get("papel")) == ("PF", "autor pedido de dados")


def test_another_implementation_accepts_the_signature() -> None:
    assinado = assinar(TERMO, A1)
    verificar(assinado)
    assert assinar(TERMO, A1) == assinado  # sent again, it is the same termo


@pytest.mark.parametrize(("de", "para"), [(b"20270430", b"20290430"), (b"Procuradora", b"Procurador")])
def test_whatever_changes_after_signing_is_found(de: bytes, para: bytes) -> None:
    with pytest.raises(xmlsec.Error):
        verificar(assinar(TERMO, A1).replace(de, para, 1))


def test_a_certificate_that_does_not_open_is_told() -> None:
    with pytest.raises(AccessDenied, match="não abre para assinar"):
        assinar(TERMO, Certificado(A1.pfx, "outra"))
