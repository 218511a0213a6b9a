"""What a refused repeat means, by what the account knows of its ERP's codes; and what can end nowhere."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from comum.models import Usuario
from empresas.models import Empresa
from operacoes.handlers import Aconteceu, NaoAconteceu, NaoSei, handler_de
from pagar.handlers.base import Sessao
from pagar.models import Fornecedor, Movimento, Titulo
from pagar.providers.datasul import JaUsada, Motivo, RecusaErp
from pagar.providers.interface import (
    Atualizacao,
    Estorno,
    LotePagamento,
    LoteTitulos,
    Resultado,
    TipoPagamento,
    TituloPago,
)
from pagar.providers.pedidos import guardar
from pagar.services import acesso, atos, registro
from pagar.services.chaves import ChaveInvalida
from tests.pagar import fabricas

TODOS, ZERO = frozenset(Motivo), Decimal(0)
ITEM = "AccountPayableDocumentInformation"
TITULOS = tuple(TituloPago(numero=str(n)) for n in range(2))


class ErpQueRecusa:
    """A client that refuses whatever it is sent."""

    def __init__(self, *motivos: Motivo, texto: str = "") -> None:
        classe = JaUsada if Motivo.REFERENCIA_USADA in motivos else RecusaErp
        self._erro = classe("não", mensagens=(), motivos=frozenset(motivos), texto=texto)

    def __getattr__(self, nome: str) -> Any:
        def recusar(*_: Any, **__: Any) -> Resultado:
            raise self._erro

        return recusar


def perguntar(tipo: str, corpo: Any, cliente: ErpQueRecusa, conhecidos: frozenset[Motivo] = TODOS) -> Any:
    sessao = Sessao(acesso.Sessao(cliente, conhecidos), ja_enviada=True)  # type: ignore[arg-type]
    return handler_de(tipo).conferir({"corpo": guardar(corpo)}, sessao, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("motivos", "conhecidos", "classe"),
    [
        ((Motivo.REFERENCIA_USADA,), TODOS, Aconteceu),
        ((), TODOS, NaoAconteceu),
        ((), frozenset({Motivo.TITULO_EXISTE}), NaoSei),  # the code that would tell is not known
        ((Motivo.TITULO_EXISTE,), TODOS, NaoSei),
    ],
)
def test_a_refused_batch_proves_what_its_codes_say(
    motivos: tuple[Motivo, ...], conhecidos: frozenset[Motivo], classe: type
) -> None:
    assert isinstance(perguntar("pagar.titulo.implantar", LoteTitulos(), ErpQueRecusa(*motivos), conhecidos), classe)


def test_an_update_of_a_title_that_is_closed_waits_for_a_person() -> None:
    feito = perguntar("pagar.titulo.atualizar", Atualizacao(), ErpQueRecusa(Motivo.TITULO_FECHADO))
    assert isinstance(feito, NaoSei)


@pytest.mark.parametrize(
    ("texto", "classe"),
    [
        (
            "AccountPayableDocumentInformation[0]: em borderô\nAccountPayableDocumentInformation[1]: em borderô",
            Aconteceu,
        ),
        ("AccountPayableDocumentInformation[1]: em borderô", NaoSei),  # somebody else's number, and one title held
    ],
)
def test_a_bordero_is_ours_when_all_of_its_titles_are_in_it(texto: str, classe: type) -> None:
    corpo = LotePagamento(tipo=TipoPagamento.BORDERO, titulos=TITULOS)
    cliente = ErpQueRecusa(Motivo.BORDERO_USADO, texto=texto)
    assert isinstance(perguntar("pagar.pagamento.criar", corpo, cliente), classe)
    sem_codigo = frozenset({Motivo.REFERENCIA_USADA})
    assert isinstance(perguntar("pagar.pagamento.criar", corpo, ErpQueRecusa(), sem_codigo), NaoSei)


def test_nothing_is_asked_of_a_title_that_waits_for_the_bank(empresa: Empresa, fornecedor: Fornecedor) -> None:
    titulo = fabricas.aberto(empresa, fornecedor, situacao=Titulo.Situacao.BORDERO)
    for por_que_nao in (atos.por_que_nao_atualizar, atos.por_que_nao_estornar, atos.por_que_nao_mover):
        assert "borderô" in por_que_nao(titulo)


def test_a_day_without_references_leaves_the_bar_code_pending(
    empresa: Empresa, fornecedor: Fornecedor, bruno: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    titulo = fabricas.titulo(
        empresa,
        fornecedor,
        situacao=Titulo.Situacao.ENVIANDO,
        barras=Titulo.Barras.PENDENTE,
        codigo_barras=fabricas.BARRAS,
    )
    corpo = LoteTitulos(referencia="261122Taaa", data=titulo.emissao)
    pedido = {"lote": 1, "titulos": [titulo.pk], "corpo": guardar(corpo)}
    operacao = fabricas.operacao(titulo.conta, "pagar.titulo.implantar", "x", pedido, usuario=bruno)

    def sem_referencias(*_: Any) -> None:
        raise ChaveInvalida("Não há mais referências livres.")

    monkeypatch.setattr(atos, "gravar_barras", sem_referencias)
    handler_de(operacao.tipo).aplicar(operacao, Resultado())
    titulo.refresh_from_db()
    assert (titulo.situacao, titulo.barras) == (Titulo.Situacao.ABERTO, Titulo.Barras.PENDENTE)
    assert "referências" in titulo.aviso


def test_what_was_given_back_to_a_prepayment_no_longer_holds_it(empresa: Empresa, fornecedor: Fornecedor) -> None:
    adiantada = fabricas.aberto(empresa, fornecedor, tipo=Titulo.Tipo.ANTECIPACAO, saldo=Decimal("80.00"))
    tomado = registro.contar(adiantada, Movimento.Tipo.ANTECIPACAO, valor=Decimal("20.00"), dados={"titulo": 1})
    tomado.save()
    assert "abatimento" in atos.por_que_nao_estornar(adiantada)
    registro.contar(
        adiantada, Movimento.Tipo.ANTECIPACAO, valor=Decimal("20.00"), dados={"titulo": 1, "devolvido": True}
    ).save()
    assert atos.por_que_nao_estornar(adiantada) == ""


def test_a_person_writes_down_the_balance_that_the_erp_has(
    cliente: Client, empresa: Empresa, fornecedor: Fornecedor
) -> None:
    titulo = fabricas.aberto(empresa, fornecedor, aviso="Confira lá se este foi pago.")
    url = reverse("pagar:titulo_acertar", args=[titulo.pk])
    assert "Confira lá" in cliente.get(url).content.decode()
    dados = {"versao": "1", "saldo": "0,00", "texto": "Pago pela tesouraria em 20/11"}
    for errado in ({"saldo": "-1"}, {"texto": ""}, {"saldo": "100,01"}, {"versao": "7"}):
        assert cliente.post(url, dados | errado).status_code == 422
    assert cliente.post(url, dados)["Location"] == titulo.get_absolute_url()
    titulo.refresh_from_db()
    assert (titulo.saldo, titulo.situacao, titulo.aviso) == (ZERO, "liquidado", "")
    assert "aqui era R$ 100,00" in titulo.movimentos.last().texto  # type: ignore[union-attr]
    assert "Pago pela tesouraria" in titulo.movimentos.last().texto  # type: ignore[union-attr]


def test_a_reversal_never_leaves_less_than_nothing(empresa: Empresa, fornecedor: Fornecedor, bruno: Usuario) -> None:
    titulo = fabricas.aberto(empresa, fornecedor, saldo=Decimal("50.00"), valor="200.00")
    alterado = registro.contar(
        titulo, Movimento.Tipo.ATUALIZADO, referencia="261122Uaaa", dados={"mudancas": {"saldo": ["100", "200"]}}
    )
    alterado.save()
    operacao = fabricas.operacao(titulo.conta, "pagar.titulo.estornar", "y", {}, usuario=bruno)
    corpo = Estorno(data=titulo.emissao)
    assert corpo.data is not None
    registro.movimento_desfeito(
        registro.travado(titulo.pk), alterado, operacao, Resultado(), referencia="261122Eaaa", data=corpo.data
    )
    titulo.refresh_from_db()
    assert (titulo.saldo, titulo.situacao) == (ZERO, "liquidado")
