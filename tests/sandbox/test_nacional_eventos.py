"""Events: what is registered, what the matrix keeps out, what a substitution does."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from sandbox.documentos import digitos_cnpj
from sandbox.nacional import esquema
from tests.sandbox.nacional import TOMADOR, Nacional, campo, codigos, desempacotar, pedido

DEPOIS_DA_JANELA = "2026-12-22T10:00:00-03:00"


@pytest.fixture
def chave(nacional: Nacional) -> str:
    return str(nacional.emitida()["chaveAcesso"])


def oficio(nacional: Nacional, chave: str, codigo: str, **dados: str) -> None:
    nacional.controle.post("nacional/eventos", {"chave": chave, "codigo": codigo, **dados})


def evento_xml(resposta: Any) -> bytes:
    return desempacotar(resposta.json()["eventoXmlGZipB64"])


def depois(**mudancas: Any) -> dict[str, Any]:
    """A DPS or a request of a later instant."""
    return {"dhEvento": "2026-12-22T09:00:00-03:00"} | mudancas


def test_cancels_with_an_event_that_is_valid_and_embeds_the_request(nacional: Nacional, chave: str) -> None:
    assinado = nacional.titular.assinar(pedido(nacional.documento, chave))
    resposta = nacional.enviar_evento(chave, assinado)
    assert resposta.status_code == 201, resposta.text
    xml = evento_xml(resposta)
    esquema.conferir(etree.fromstring(xml), "evento")
    assert assinado in xml
    assert etree.fromstring(xml)[0].get("Id") == f"EVT{chave}101101001"
    assert [linha["numero"] for linha in nacional.ledger("evento_registrado")] == ["101101"]
    assert len(nacional.ledger("nfse_cancelada")) == 1


def test_a_cancelled_note_takes_no_more_events(nacional: Nacional, chave: str) -> None:
    assert nacional.evento(chave).status_code == 201
    for codigo in ("101101", "101103"):
        assert codigos(nacional.evento(chave, codigo)) == ["E0840"]
    assert len(nacional.ledger("evento_registrado")) == 1


def test_the_window_of_the_municipio(nacional: Nacional, chave: str) -> None:
    nacional.controle.relogio(fixo=DEPOIS_DA_JANELA)
    assert codigos(nacional.evento(chave, **depois())) == ["E0822"]
    assert nacional.evento(chave, "101103", **depois()).status_code == 201


def test_the_limit_of_the_municipio(nacional: Nacional) -> None:
    nacional.municipio(cancelamento_valor="999.99", cancelamento_dias=None)
    chave = nacional.emitida()["chaveAcesso"]
    nacional.controle.relogio(fixo=DEPOIS_DA_JANELA)
    assert codigos(nacional.evento(chave, **depois())) == ["E0823"]
    nacional.municipio(cancelamento_valor="1000.00", cancelamento_dias=None)
    assert nacional.evento(chave, **depois()).status_code == 201


def test_a_pending_analysis_blocks_until_it_is_decided(nacional: Nacional, chave: str) -> None:
    assert nacional.evento(chave, "101103").status_code == 201
    assert codigos(nacional.evento(chave)) == ["E0068"]
    assert codigos(nacional.evento(chave, "101103")) == ["E0845"]
    assert codigos(nacional.emitir(subst={"chSubstda": chave, "cMotivo": "01"})) == ["E0068"]
    oficio(nacional, chave, "105105")
    assert nacional.evento(chave, "101103").status_code == 201
    oficio(nacional, chave, "105104")
    assert codigos(nacional.evento(chave)) == ["E0840"]


@pytest.mark.parametrize("codigo", ["105104", "105105"])
def test_the_municipio_decides_only_what_was_asked(nacional: Nacional, chave: str, codigo: str) -> None:
    with pytest.raises(Exception, match="400"):
        oficio(nacional, chave, codigo)


def test_a_block_keeps_its_event_out_until_it_is_lifted(nacional: Nacional, chave: str) -> None:
    oficio(nacional, chave, "305102", bloqueia="101101")
    assert codigos(nacional.evento(chave)) == ["E0848"]
    oficio(nacional, chave, "305103")
    assert nacional.evento(chave).status_code == 201


@pytest.mark.parametrize("codigo", ["105104", "205204", "205208", "305101", "305102", "305103"])
def test_events_of_others_are_valid_by_the_schema(
    nacional: Nacional, nacional_de: Callable[[str], Nacional], chave: str, codigo: str
) -> None:
    if codigo == "105104":
        nacional.evento(chave, "101103")
    if codigo == "205208":
        assert nacional_de(TOMADOR).evento(chave, "203206").status_code == 201
    if codigo == "305103":
        oficio(nacional, chave, "305102")
    oficio(nacional, chave, codigo)
    lote = nacional.adn(f"/NFSe/{chave}/Eventos").json()["LoteDFe"]
    esquema.conferir(etree.fromstring(desempacotar(lote[-1]["ArquivoXml"])), "evento")
    assert lote[-1]["TipoDocumento"] == "EVENTO"


def test_the_tomador_manifests_once(nacional: Nacional, nacional_de: Callable[[str], Nacional], chave: str) -> None:
    tomador = nacional_de(TOMADOR)
    assert tomador.evento(chave, "203206").status_code == 201
    assert codigos(tomador.evento(chave, "203202")) == ["E1833"]
    oficio(nacional, chave, "205208")
    assert tomador.evento(chave, "203202").status_code == 201
    assert codigos(nacional.emitir(subst={"chSubstda": chave, "cMotivo": "01"})) == ["E0070"]


def test_a_tacit_confirmation_blocks_the_substitution(nacional: Nacional, chave: str) -> None:
    oficio(nacional, chave, "205204")
    assert codigos(nacional.emitir(subst={"chSubstda": chave, "cMotivo": "01"})) == ["E0072"]


@pytest.mark.parametrize(
    ("mudancas", "codigo"),
    [
        ({"dhEvento": "2026-11-21T10:00:01-03:00"}, "E1843"),
        ({"tpAmb": 1}, "E1845"),
        ({"e101101__xDesc": "Valor errado"}, "E1235"),
        ({"e101101__xMotivo": "curto"}, "E1235"),
    ],
)
def test_refuses_the_request(nacional: Nacional, chave: str, mudancas: dict[str, Any], codigo: str) -> None:
    resposta = nacional.evento(chave, **mudancas)
    assert (resposta.status_code, codigos(resposta)) == (400, [codigo])


def test_the_id_of_the_request_has_59_characters_and_tells_its_event(nacional: Nacional, chave: str) -> None:
    assert codigos(nacional.evento(chave, id_pedido=f"PRE{chave}101101001")) == ["E1235"]
    assert codigos(nacional.evento(chave, id_pedido=f"PRE{chave}101103")) == ["E1829"]
    varios = nacional.evento(chave, id_pedido=f"PRE{chave}101103", tpAmb=1)
    assert codigos(varios) == ["E1829", "E1845"]
    outra = str(nacional.emitida()["chaveAcesso"])
    assert codigos(nacional.evento(chave, id_pedido=f"PRE{outra}101101")) == ["E1827"]
    xml = nacional.titular.assinar(pedido(nacional.documento, outra))
    assert codigos(nacional.enviar_evento(chave, xml)) == ["E1827"]


def test_an_unknown_note(nacional: Nacional, chave: str) -> None:
    desconhecida = f"{chave[:41]}000000000"
    assert codigos(nacional.evento(desconhecida)) == ["E1831"]


def test_the_signature_of_the_request_is_the_authors(
    nacional: Nacional, nacional_de: Callable[[str], Nacional], chave: str
) -> None:
    sem = pedido(nacional.documento, chave).encode()
    assert codigos(nacional.enviar_evento(chave, sem)) == ["E1980"]
    alheia = nacional_de(TOMADOR).titular.assinar(pedido(nacional.documento, chave))
    assert codigos(nacional.enviar_evento(chave, alheia)) == ["E1991"]
    alterada = nacional.titular.assinar(pedido(nacional.documento, chave)).replace(b"errado", b"trocado")
    assert codigos(nacional.enviar_evento(chave, alterada)) == ["E1985"]


def test_only_its_author_may_make_an_event(
    nacional: Nacional, nacional_de: Callable[[str], Nacional], chave: str
) -> None:
    assert nacional_de(TOMADOR).evento(chave).status_code == 401
    assert nacional.evento(chave, "203202").status_code == 401
    assert nacional.evento(chave, "105104").status_code == 401
    assert nacional.ledger("evento_registrado") == []


def test_a_letter_in_the_twelfth_place_of_the_cnpj_meets_the_defect_of_the_schema(
    nacional_de: Callable[[str], Nacional],
) -> None:
    """TSChaveNFSe of 2026-07-27 takes letters up to position 20 of the chave, the inscription goes up to 23."""
    nacional = nacional_de(f"ABC45678000A{digitos_cnpj('ABC45678000A')}")
    chave = nacional.emitida()["chaveAcesso"]
    assert nacional.sefin("GET", f"/nfse/{chave}").status_code == 200
    assert codigos(nacional.evento(chave)) == ["E1235"]


# substitution


def test_a_substitution_ends_the_old_note_in_the_same_effect(nacional: Nacional, chave: str) -> None:
    nova = nacional.emitida(subst={"chSubstda": chave, "cMotivo": "99", "xMotivo": "Valor do serviço errado"})
    (antiga, atual) = nacional.controle.get("nacional/notas", emitente=nacional.documento)["notas"]
    assert (antiga["cancelamento"], atual["cancelamento"]) == ("105102", "")
    assert atual["substitui"] == chave
    lote = nacional.adn(f"/NFSe/{chave}/Eventos").json()["LoteDFe"]
    xml = desempacotar(lote[0]["ArquivoXml"])
    assert (campo(xml, "chSubstituta"), campo(xml, "xMotivo")) == (nova["chaveAcesso"], "Valor do serviço errado")
    esquema.conferir(etree.fromstring(xml), "evento")
    assert codigos(nacional.evento(chave)) == ["E0840"]


@pytest.mark.parametrize(
    ("subst", "mudancas", "codigo"),
    [
        ({"cMotivo": "99"}, {}, "E0078"),
        ({"cMotivo": "01"}, {"toma": None}, "E0056"),
    ],
)
def test_refuses_a_substitution(
    nacional: Nacional, chave: str, subst: dict[str, str], mudancas: dict[str, Any], codigo: str
) -> None:
    assert codigos(nacional.emitir(subst={"chSubstda": chave, **subst}, **mudancas)) == [codigo]


def test_refuses_the_substitution_of_a_note_that_does_not_allow_it(
    nacional: Nacional, nacional_de: Callable[[str], Nacional], chave: str
) -> None:
    def substituir(qual: str, quem: Nacional = nacional, **mudancas: Any) -> list[str]:
        return codigos(quem.emitir(subst={"chSubstda": qual, "cMotivo": "01"}, **mudancas))

    assert substituir(f"{chave[:41]}000000000") == ["E0044"]
    assert substituir(f"{chave[:7]}1{chave[8:]}") == ["E0065"]
    assert substituir(f"{chave[:8]}9{chave[9:]}") == ["E0042"]
    assert substituir(chave, nacional_de("11222333000181")) == ["E0058"]
    nacional.controle.relogio(fixo=DEPOIS_DA_JANELA)
    assert substituir(chave) == ["E0050"]
    nacional.controle.relogio(fixo="2026-11-21T10:00:00-03:00")
    assert nacional.evento(chave).status_code == 201
    assert substituir(chave) == ["E0046"]


# reading


def test_an_event_is_read_as_production_gives_it(nacional: Nacional, chave: str) -> None:
    registrado = evento_xml(nacional.evento(chave))
    corpo = nacional.sefin("GET", f"/nfse/{chave}/eventos/101101/1").json()
    assert "eventoXmlGZipB64" not in corpo
    (evento,) = corpo["eventos"]
    assert (evento["tipoEvento"], evento["numeroPedidoRegistroEvento"]) == (101101, 1)
    assert desempacotar(base64.b64decode(evento["arquivoXml"]).decode()) == registrado


def test_an_event_is_read_as_documented_when_asked_so(nacional: Nacional, chave: str) -> None:
    registrado = evento_xml(nacional.evento(chave))
    nacional.opcoes(forma_evento="evento_documentado")
    resposta = nacional.sefin("GET", f"/nfse/{chave}/eventos/101101/1")
    assert evento_xml(resposta) == registrado
    assert len(nacional.sefin("GET", f"/nfse/{chave}/eventos").json()["eventos"]) == 1
    assert len(nacional.sefin("GET", f"/nfse/{chave}/eventos/101101").json()["eventos"]) == 1


def test_no_such_event_is_a_404_without_an_error(nacional: Nacional, chave: str) -> None:
    resposta = nacional.sefin("GET", f"/nfse/{chave}/eventos/101101/1")
    assert resposta.status_code == 404
    assert not {"erro", "erros"} & set(resposta.json())
    assert nacional.sefin("GET", f"/nfse/{chave}/eventos/999999/1").status_code == 400
