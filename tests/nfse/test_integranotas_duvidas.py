"""What the handlers of Integra Notas make of a doubt, and of a refusal that comes after one; no service is called."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from nfse.handlers.integranotas import Cancelar, Emitir, Sessao, Substituir
from nfse.handlers.integranotas import _ja_saiu as ja_saiu
from nfse.providers.integranotas.erros import JaExiste
from nfse.providers.interface import Estado, NotaNoServico, Referencia
from nfse.services.pedidos import Pedido, para_json
from operacoes.errors import OutcomeUnknown, ProviderRefused, ProviderUnavailable
from operacoes.handlers import Aceita, Aconteceu, NaoAconteceu, NaoSei, PrecisaDePessoa
from operacoes.http import Chamadas
from operacoes.models import Operacao
from tests.nfse.apoio_integranotas import CHAVE, CHAVE_NACIONAL, NOTA, XML

RECUSA = ProviderRefused("O Integra Notas recusou a emissão.", codigo="5200", texto="Não.", status=200)
DOCUMENTO = NOTA.tomador.documento.encode()
AUTORIZADA = NotaNoServico(Estado.AUTORIZADA, chave=CHAVE, numero="7", xml=XML + DOCUMENTO)
LISTADA = NotaNoServico(Estado.AUTORIZADA, chave=CHAVE_NACIONAL)
PEDIDO: Pedido = {"nota": 1, "emissao": para_json(NOTA)}
SUBSTITUICAO: Pedido = PEDIDO | {
    "antiga": para_json(Referencia(chave=CHAVE, serie="1", rps=3)),
    "codigo": "1",
    "motivo": "Valor do serviço digitado errado",
}
CHAMADAS = Chamadas(tag="a" * 32, deadline=0)


@dataclass
class Servico:
    """What each kind of call answers, or raises; notes are consulted by their chave."""

    emissao: Any = RECUSA
    notas: dict[str, Any] = field(default_factory=dict)
    lista: Any = ()
    feitas: list[str] = field(default_factory=list)

    def _dizer(self, chamada: str, resposta: Any) -> Any:
        self.feitas.append(chamada)
        if isinstance(resposta, Exception):
            raise resposta
        return resposta

    def emitir(self, *_: Any, **__: Any) -> Any:
        return self._dizer("emitir", self.emissao)

    substituir = emitir

    def consultar(self, referencia: Referencia, **_: Any) -> Any:
        return self._dizer(f"consultar {referencia.chave}", self.notas.get(referencia.chave))

    def procurar(self, referencia: Referencia, **_: Any) -> Any:
        return self._dizer(f"procurar {referencia.serie}/{referencia.rps}", self.lista)


def sessao(servico: Servico, *, chave: str = "", saiu: bool = True) -> Sessao:
    return Sessao(servico, chave, 1, saiu)  # type: ignore[arg-type]


def enviar(servico: Servico, *, saiu: bool = True) -> Any:
    return Emitir().enviar(PEDIDO, sessao(servico, saiu=saiu), CHAMADAS)


def conferir(servico: Servico, *, chave: str = "") -> Any:
    return Emitir().conferir(PEDIDO, sessao(servico, chave=chave), CHAMADAS)


def acompanhar(servico: Servico) -> Any:
    return Emitir().acompanhar(PEDIDO, sessao(servico, chave=CHAVE), CHAMADAS)


# -- a refusal after a doubt --------------------------------------------------------------


def test_the_first_sending_refused_is_refused() -> None:
    servico = Servico(lista=(LISTADA,))
    with pytest.raises(ProviderRefused):
        enviar(servico, saiu=False)
    assert servico.feitas == ["emitir"]


def test_a_refusal_after_a_sending_is_believed_when_the_number_is_not_there() -> None:
    servico = Servico()
    with pytest.raises(ProviderRefused):
        enviar(servico)
    assert servico.feitas == ["emitir", "procurar 1/19"]


def test_a_refusal_after_a_sending_that_made_the_note_is_none() -> None:
    resposta = enviar(Servico(lista=(LISTADA,)))
    assert isinstance(resposta, Aceita)
    assert resposta.resumo["chave"] == CHAVE_NACIONAL


def test_a_refused_search_does_not_refuse_the_note() -> None:
    with pytest.raises(ProviderUnavailable):
        enviar(Servico(lista=RECUSA))


def test_a_number_that_is_there_without_its_chave_is_a_doubt() -> None:
    with pytest.raises(OutcomeUnknown):
        enviar(Servico(lista=(NotaNoServico(Estado.AUTORIZADA, numero="7"),)))


def test_a_refused_repeat_proves_nothing_by_itself() -> None:
    assert isinstance(conferir(Servico(lista=(LISTADA,))), Aconteceu)
    assert isinstance(conferir(Servico()), NaoAconteceu)


# -- by the chave --------------------------------------------------------------


def test_the_chave_of_an_earlier_try_may_not_be_that_of_the_last_one() -> None:
    conferida = conferir(Servico(lista=(LISTADA,)), chave=CHAVE)
    assert isinstance(conferida, Aconteceu)
    assert conferida.resposta.resumo["chave"] == CHAVE_NACIONAL


def test_a_chave_that_nobody_has_and_a_number_that_is_not_there_did_not_happen() -> None:
    servico = Servico()
    assert isinstance(conferir(servico, chave=CHAVE), NaoAconteceu)
    assert "emitir" not in servico.feitas


def test_a_number_taken_is_ours_when_the_note_is() -> None:
    existe = JaExiste("Já existe.", chave=CHAVE)
    assert isinstance(conferir(Servico(existe, {CHAVE: AUTORIZADA})), Aconteceu)


def test_a_number_taken_by_a_note_to_somebody_else_is_not_taken_for_ours() -> None:
    de_outro = NotaNoServico(Estado.AUTORIZADA, chave=CHAVE, xml=XML + b"<Cnpj>11222333000181</Cnpj>")
    existe = JaExiste("Já existe.", chave=CHAVE)
    conferida = conferir(Servico(existe, {CHAVE: de_outro}))
    assert isinstance(conferida, NaoSei)
    assert conferida.perguntar_em == timedelta.max


def test_a_masked_document_in_the_xml_is_the_same() -> None:
    documento = NOTA.tomador.documento
    mascarado = f"{documento[:2]}.{documento[2:5]}.{documento[5:8]}/{documento[8:12]}-{documento[12:]}"
    nota = NotaNoServico(Estado.AUTORIZADA, chave=CHAVE, xml=XML + mascarado.encode())
    assert isinstance(conferir(Servico(notas={CHAVE: nota}), chave=CHAVE), Aconteceu)


# -- accepted, to be looked at later --------------------------------------------------------------


def test_a_refused_look_at_an_accepted_note_is_no_refusal_of_it() -> None:
    resposta = acompanhar(Servico(notas={CHAVE: RECUSA}, lista=(LISTADA,)))
    assert isinstance(resposta, Aceita)
    assert resposta.resumo == {"chave": CHAVE, "olhadas": 2}


@pytest.mark.parametrize("resposta", [RECUSA, None])
def test_an_accepted_note_that_is_nowhere_any_more_was_refused(resposta: Any) -> None:
    with pytest.raises(ProviderRefused):
        acompanhar(Servico(notas={CHAVE: resposta}))


def test_an_accepted_note_that_turns_out_to_be_another_is_shown_to_a_person() -> None:
    de_outro = NotaNoServico(Estado.AUTORIZADA, chave=CHAVE, xml=XML)
    assert isinstance(acompanhar(Servico(notas={CHAVE: de_outro})), PrecisaDePessoa)


def test_a_refused_look_at_a_cancellation_is_no_refusal_of_it() -> None:
    with pytest.raises(ProviderUnavailable):
        Cancelar().acompanhar({}, sessao(Servico(notas={CHAVE: RECUSA}), chave=CHAVE), CHAMADAS)


# -- a replacement --------------------------------------------------------------


@pytest.mark.parametrize(
    ("antiga", "esperada"),
    [(Estado.AUTORIZADA, NaoAconteceu), (Estado.CANCELADA, NaoSei)],
)
def test_a_replacement_refused_once_the_old_note_is_gone_may_have_happened(antiga: Estado, esperada: type) -> None:
    servico = Servico(notas={CHAVE: NotaNoServico(antiga, chave=CHAVE)})
    assert isinstance(Substituir().conferir(SUBSTITUICAO, sessao(servico), CHAMADAS), esperada)


# -- whether the number may have left before --------------------------------------------------------------


def operacao(numero: int, **campos: Any) -> Operacao:
    return Operacao(pedido={"emissao": {"serie": "1", "numero": numero}}, **campos)


@pytest.mark.parametrize(("anterior", "esperado"), [(19, True), (18, False)])
def test_a_revision_with_the_number_of_the_one_before_may_have_left(anterior: int, esperado: bool) -> None:
    assert ja_saiu(operacao(19, anterior=operacao(anterior))) is esperado


def test_a_first_try_has_not_left_and_a_second_may_have() -> None:
    assert not ja_saiu(operacao(19, envios=1))
    assert ja_saiu(operacao(19, envios=2))
