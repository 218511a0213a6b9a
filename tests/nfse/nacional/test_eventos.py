import dataclasses
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from nfse.providers.nacional import assinatura, esquemas, eventos
from nfse.providers.nacional.assinatura import Perfil
from nfse.providers.nacional.esquemas import Esquema
from nfse.providers.nacional.eventos import PedidoDeEvento, TipoEvento
from tests.assinaturas import verificar
from tests.nfse.nacional.apoio import CNPJ, CNPJ_COM_LETRAS, CPF, a1, chave_de

PEDIDO = PedidoDeEvento(
    TipoEvento.CANCELAMENTO,
    False,
    CNPJ,
    chave_de(),
    "1",
    "Valor digitado – errado\nna nota",
    datetime(2026, 11, 20, 9, 5, tzinfo=ZoneInfo("America/Sao_Paulo")),
)


@pytest.mark.parametrize("tipo", [TipoEvento.CANCELAMENTO, TipoEvento.ANALISE_FISCAL])
@pytest.mark.parametrize("perfil", list(Perfil))
def test_a_request_is_valid_and_its_signature_holds(tipo: TipoEvento, perfil: Perfil) -> None:
    montado = eventos.montar(dataclasses.replace(PEDIDO, tipo=tipo))
    xml = assinatura.abrir(a1()).assinar(montado, perfil)
    raiz = etree.fromstring(xml)
    verificar(xml)
    assert esquemas.validar(raiz, Esquema.PEDIDO_DE_EVENTO) == []
    assert raiz[0].get("Id") == f"PRE{chave_de()}{tipo}"
    assert raiz.findtext(".//{*}xMotivo") == "Valor digitado - errado na nota"
    assert raiz.findtext(".//{*}dhEvento") == "2026-11-20T09:05:00-03:00"


def test_the_author_may_be_a_person() -> None:
    raiz = etree.fromstring(eventos.montar(dataclasses.replace(PEDIDO, autor=CPF, chave=chave_de(CPF))).documento())
    assert raiz.findtext(".//{*}CPFAutor") == CPF
    assert esquemas.validar(raiz, Esquema.PEDIDO_DE_EVENTO) == []


def test_the_chave_that_the_schema_wrongly_refuses_is_told_as_a_known_defect() -> None:
    pedido = dataclasses.replace(PEDIDO, autor=CNPJ_COM_LETRAS, chave=chave_de(CNPJ_COM_LETRAS))
    assert eventos.problemas(pedido) == []
    (problema,) = esquemas.validar(etree.fromstring(eventos.montar(pedido).documento()), Esquema.PEDIDO_DE_EVENTO)
    assert "defeito conhecido" in problema.mensagem


def test_a_good_request_has_no_problem() -> None:
    assert eventos.problemas(PEDIDO) == []


@pytest.mark.parametrize(
    ("mudanca", "campo"),
    [
        ({"chave": "1"}, "chave"),
        ({"autor": CNPJ_COM_LETRAS}, "chave"),
        ({"codigo": "3"}, "codigo"),
        ({"motivo": "curto"}, "motivo"),
        ({"motivo": "x" * 256}, "motivo"),
    ],
)
def test_each_problem_names_its_field(mudanca: dict[str, str], campo: str) -> None:
    (problema,) = eventos.problemas(dataclasses.replace(PEDIDO, **mudanca))  # type: ignore[arg-type]
    assert problema.campo == campo


def test_the_event_of_the_system_is_not_ours_to_ask() -> None:
    with pytest.raises(KeyError):
        eventos.montar(dataclasses.replace(PEDIDO, tipo=TipoEvento.SUBSTITUICAO))
