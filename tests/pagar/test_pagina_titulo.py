"""The page of one title: what is owed, what happened, what can be asked; and its taxes in the ERP."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from operacoes import avulsas
from operacoes.errors import ProviderRefused
from operacoes.models import Operacao, Tentativa
from operacoes.models import Situacao as DaOperacao
from pagar.models import ContaErp, Movimento, Titulo
from pagar.providers.blocos import AbatimentoAntecipacao
from pagar.providers.interface import ImpostoListado, MensagemErp, Resultado
from pagar.services import acesso, atos, implantacao, pagamentos, registro
from tests.cast import criar_empresa
from tests.pagar import fabricas
from tests.pagar.fabricas import BARRAS, aberto, fornecedor, imposto, titulo

pytestmark = pytest.mark.django_db
Situacao, Tipo = Titulo.Situacao, Movimento.Tipo


@pytest.fixture(autouse=True)
def hoje() -> Iterator[None]:
    with time_machine.travel("2026-11-12 12:00:00-03:00", tick=False):
        yield


@pytest.fixture
def conta(db: None) -> ContaErp:
    return fabricas.conta()


@pytest.fixture
def limpadora(conta):
    return fornecedor(conta)


@pytest.fixture
def empresa(carteira):
    return criar_empresa(1, carteira=carteira)


def entrar(usuario: Usuario) -> Client:
    cliente = Client()
    cliente.force_login(usuario)
    return cliente


@pytest.fixture
def como_bruno(bruno: Usuario) -> Client:
    return entrar(bruno)


def texto(resposta: Any) -> str:
    return str(resposta.content.decode())


# -- the page ----------------------------------------------------------------------------------------------------------


def test_a_draft_tells_what_will_be_sent(como_bruno, empresa, limpadora) -> None:
    um = titulo(
        empresa,
        limpadora,
        numero="123",
        codigo_barras=BARRAS,
        corpo={"historico": "Limpeza de outubro", "impostos": (imposto("15.00"),)},
    )
    pagina = texto(como_bruno.get(um.get_absolute_url()))
    for dito in (
        "Título DP 123",
        um.chave,
        "Limpeza de outubro",
        "21101001",
        "Rateio contábil",
        "Impostos retidos na implantação",
        "R$ 15,00",
        'data-copiar="858',
        "Conferir e enviar",
        reverse("pagar:titulo_editar", args=[um.pk]),
    ):
        assert dito in pagina, dito
    assert "Atualizar…" not in pagina
    assert texto(como_bruno.get(um.get_absolute_url())).count("<span>8") <= 4  # the bars in four blocks


def test_each_act_is_offered_or_says_why_not(como_bruno, empresa, limpadora) -> None:
    um = aberto(empresa, limpadora)
    pagina = texto(como_bruno.get(um.get_absolute_url()))
    assert "data-motivo" not in pagina
    Movimento.objects.create(
        titulo=um, tipo=Tipo.PAGO, data=date(2026, 11, 5), valor=um.valor, saldo=0, referencia="P1"
    )
    Titulo.objects.filter(pk=um.pk).update(situacao=Situacao.LIQUIDADO, saldo=0)
    pagina = texto(como_bruno.get(um.get_absolute_url()))
    assert "O título tem pagamento ou abatimento. Estorne-o antes." in pagina
    assert "está liquidado: não há saldo a mudar" in pagina
    (pago,) = um.movimentos.filter(tipo=Tipo.PAGO)
    assert reverse("pagar:movimento_estornar", args=[um.pk, pago.pk]) in pagina


def test_the_story_has_every_movement_and_every_try(como_bruno, empresa, limpadora, conta, bruno) -> None:
    um = aberto(empresa, limpadora)
    pedido = fabricas.operacao(
        conta, atos.ATUALIZAR, "a", {"titulo": um.pk}, usuario=bruno, empresa=empresa, situacao=DaOperacao.RECUSADA,
        palavras_do_servico="17: data inválida",
    )  # fmt: skip
    Tentativa.objects.create(
        operacao=pedido, especie=Tentativa.Especie.ENVIO, desfecho=Tentativa.Desfecho.RECUSADA,
        detalhe="data inválida", iniciada_em=timezone.now(),
    )  # fmt: skip
    mudancas = {"vencimento": ["2026-11-20", "2026-12-01"], "bloqueado": [None, True], "saldo": ["100.00", "80.00"]}
    Movimento.objects.create(
        titulo=um,
        tipo=Tipo.ATUALIZADO,
        valor=20,
        saldo=80,
        referencia="A1",
        usuario=bruno,
        dados={"mudancas": mudancas},
    )
    Movimento.objects.create(titulo=um, tipo=Tipo.ATO_RECUSADO, operacao=pedido, texto="O Datasul recusou.")
    pagina = texto(como_bruno.get(um.get_absolute_url()))
    for dito in (
        "Implantado",
        "Vencimento: 20/11/2026 → 01/12/2026",
        "em branco → sim",
        "R$ 20,00 · saldo R$ 80,00 · referência A1",
        "Atualizar título: ",
        "17: data inválida",
        "O título continua no ERP como estava",
    ):
        assert dito in pagina, dito


def test_what_is_under_way_is_asked_about_until_it_changes(como_bruno, empresa, limpadora, conta, bruno) -> None:
    um = aberto(empresa, limpadora)
    um.em_curso = fabricas.operacao(conta, atos.ATUALIZAR, "a", {"titulo": um.pk}, usuario=bruno, empresa=empresa)
    um.save()
    pagina = como_bruno.get(um.get_absolute_url())
    assert "every 2s" in texto(pagina)
    marca, vivo = pagina.context["marca"], {"HX-Request": "true"}
    igual = como_bruno.get(um.get_absolute_url(), {"parte": "situacao", "marca": marca}, headers=vivo)
    assert "HX-Retarget" not in igual
    assert "O que aconteceu" not in texto(igual)
    Operacao.objects.filter(pk=um.em_curso.pk).update(situacao=DaOperacao.CONCLUIDA, encerrada_em=timezone.now())
    Titulo.objects.filter(pk=um.pk).update(em_curso=None, versao=2)
    mudou = como_bruno.get(um.get_absolute_url(), {"parte": "situacao", "marca": marca}, headers=vivo)
    assert mudou["HX-Retarget"] == "#titulo"
    assert "every 2s" not in texto(mudou)


def test_a_refused_title_has_the_erps_words_for_who_sees_the_whole_batch(
    como_bruno, empresa, outra_carteira, limpadora, conta, ana
) -> None:
    alheia = criar_empresa(2, carteira=outra_carteira)
    um, outro = titulo(empresa, limpadora), titulo(alheia, limpadora)
    lote = fabricas.operacao(
        conta, implantacao.IMPLANTAR, "l", {"titulos": [um.pk, outro.pk]}, situacao=DaOperacao.RECUSADA,
        palavras_do_servico=f"17006: título {outro.numero} recusado", empresas=[empresa.pk, alheia.pk],
    )  # fmt: skip
    for cada in (um, outro):
        Titulo.objects.filter(pk=cada.pk).update(situacao=Situacao.RECUSADO, operacao=lote, mensagem="Recusado.")
        Movimento.objects.create(titulo=cada, tipo=Tipo.RECUSADO, operacao=lote, texto="Conta inválida.")
    visto = texto(como_bruno.get(um.get_absolute_url()))
    assert "Conta inválida." in visto
    assert "Corrija o que a mensagem aponta em Editar" in visto
    assert outro.numero not in visto
    assert outro.numero in texto(entrar(ana).get(um.get_absolute_url()))
    assert como_bruno.get(outro.get_absolute_url()).status_code == 404


def test_what_the_erp_said_of_others_stays_with_the_operacao(
    como_bruno, empresa, outra_carteira, limpadora, conta, ana
) -> None:
    alheia = criar_empresa(2, carteira=outra_carteira)
    um, outro = aberto(empresa, limpadora), aberto(alheia, limpadora, numero="ALHEIO")
    ditas = "17006: AccountPayableDocumentInformation[1].Value: o título ALHEIO foi pago"
    pedido = fabricas.operacao(
        conta, pagamentos.PAGAR, "p", {}, situacao=DaOperacao.AGUARDA_PESSOA, mensagem=f"Recusado. {ditas}",
        palavras_do_servico=ditas, empresas=[empresa.pk, alheia.pk],
    )  # fmt: skip
    Titulo.objects.update(em_curso=pedido)
    assert "ALHEIO" not in texto(como_bruno.get(um.get_absolute_url()))
    assert "ALHEIO foi pago" in texto(entrar(ana).get(um.get_absolute_url()))
    registro.pagamento_voltou(fabricas.pagamento([um, outro], situacao="enviando"), pedido, pedido.mensagem)
    ditos = dict(Movimento.objects.filter(tipo=Tipo.ATO_RECUSADO).values_list("titulo", "texto"))
    assert ditos == {um.pk: registro.DO_PAGAMENTO, outro.pk: ditas}
    registro.pagamento_voltou(fabricas.pagamento([um], situacao="enviando", bordero=13), pedido, pedido.mensagem)
    assert um.movimentos.filter(texto=pedido.mensagem).exists()
    registro.recusados([um], pedido, {um.pk: pedido.mensagem})
    assert um.mensagem == registro.DO_LOTE
    avisos = Resultado(avisos=(MensagemErp("9", "o título ALHEIO vence hoje"),))
    assert registro.avisos_de(avisos, [um, outro])[um.pk] == registro.DOS_AVISOS
    assert "ALHEIO" in registro.avisos_de(avisos, [um])[um.pk]


def test_a_prepayment_tells_which_titles_took_it(como_bruno, empresa, outra_carteira, limpadora) -> None:
    adiantado = aberto(empresa, limpadora, tipo=Titulo.Tipo.ANTECIPACAO, saldo=Decimal(40))
    abate = AbatimentoAntecipacao(estabelecimento="101", especie="AN", numero=adiantado.numero, valor=Decimal(60))
    um = aberto(empresa, limpadora, numero="321", corpo={"antecipacoes": (abate,)})
    alheio = aberto(criar_empresa(2, carteira=outra_carteira), limpadora, numero="ALHEIO")
    for quem in (um, alheio):
        Movimento.objects.create(
            titulo=adiantado, tipo=Tipo.ANTECIPACAO, data=date(2026, 11, 5), valor=30, saldo=40,
            texto=f"No título {quem.nome}", dados={"titulo": quem.pk},
        )  # fmt: skip
    pagina = texto(como_bruno.get(adiantado.get_absolute_url()))
    assert um.get_absolute_url() in pagina
    assert "Em um título de outra carteira" in pagina
    assert f"No título {um.nome}" in pagina
    assert "ALHEIO" not in pagina
    assert "Antecipações abatidas" in texto(como_bruno.get(um.get_absolute_url()))


def test_as_many_queries_whatever_happened(como_bruno, empresa, limpadora, django_assert_max_num_queries) -> None:
    um = aberto(empresa, limpadora)
    como_bruno.get(um.get_absolute_url())
    with django_assert_max_num_queries(40) as poucas:
        como_bruno.get(um.get_absolute_url())
    for dia in range(1, 11):
        Movimento.objects.create(titulo=um, tipo=Tipo.ATUALIZADO, data=date(2026, 11, dia), referencia=f"A{dia}")
    with django_assert_max_num_queries(40) as muitas:
        como_bruno.get(um.get_absolute_url())
    assert len(muitas) == len(poucas)


def test_who_only_consults_is_offered_no_act(carla, empresa, limpadora) -> None:
    for um in (titulo(empresa, limpadora), aberto(empresa, limpadora)):
        pagina = texto(entrar(carla).get(um.get_absolute_url()))
        assert um.chave in pagina
        assert "Estornar" not in pagina
        assert "Conferir e enviar" not in pagina


# -- its taxes in the ERP ----------------------------------------------------------------------------------------------


class ClienteFalso:
    """A client that lists two taxes, or refuses."""

    def __init__(self) -> None:
        self.pedidos: list[tuple[int, str]] = []
        self.erro: Exception | None = None

    def impostos(
        self, id_pagamento: int, *, chamadas: Any, ordem: str = "", filtros: Mapping[str, str] | None = None
    ) -> tuple[ImpostoListado, ...]:
        self.pedidos.append((id_pagamento, ordem))
        if self.erro is not None:
            raise self.erro
        return tuple(
            ImpostoListado(
                descricao=descricao,
                imposto="10",
                classificacao="1708",
                aliquota=Decimal("1.5"),
                rendimento=Decimal(1000),
                valor=Decimal(valor),
                vencimento=date(2026, 12, 18),
                uf="",
                opcional=False,
                favorecido=9,
                nome_favorecido="RFB",
                id_pagamento=id_pagamento,
            )
            for descricao, valor in (("IRRF 1,5%", "15.00"), ("CSRF 4,65%", "0.00"))
        )


@pytest.fixture
def erp(monkeypatch: pytest.MonkeyPatch) -> ClienteFalso:
    falso = ClienteFalso()

    def ler(chamar: Callable[[Any], Any], limites: Any, *, prazo: float) -> Any:
        return chamar(None)

    sessao = type("Sessao", (), {"cliente": falso})
    monkeypatch.setattr(acesso, "abrir", lambda conta: sessao)
    monkeypatch.setattr(avulsas, "ler", ler)
    return falso


def test_the_taxes_of_a_title_are_read_filtered_and_exported(como_bruno, erp, empresa, limpadora) -> None:
    um = aberto(empresa, limpadora, id_pagamento=56511)
    endereco = reverse("pagar:titulo_impostos", args=[um.pk])
    pagina = texto(como_bruno.get(endereco, {"ordem": "-TaxAmount", "identificador": "1"}))
    assert erp.pedidos == [(56511, "-TaxAmount")]  # what is typed counts only where the ERP told nothing
    assert all(dito in pagina for dito in ("IRRF 1,5%", "CSRF 4,65%", "15,00", "2 impostos lidos"))
    com_valor = como_bruno.get(endereco, {"valores": "com"})
    assert [imposto.descricao for imposto in com_valor.context["impostos"]] == ["IRRF 1,5%"]
    assert como_bruno.get(endereco, {"q": "csrf rfb"}).context["total"] == 0
    csv = b"".join(como_bruno.get(endereco, {"formato": "csv", "valores": "zero"}).streaming_content).decode()
    assert "CSRF" in csv
    assert "IRRF" not in csv


def test_only_an_administrator_types_the_number(como_bruno, ana, erp, empresa, limpadora) -> None:
    """Any number lists the taxes of some title, of whatever empresa."""
    um = aberto(empresa, limpadora)
    endereco, no_erp = reverse("pagar:titulo_impostos", args=[um.pk]), reverse("pagar:impostos_no_erp")
    assert "Peça a um administrador" in texto(como_bruno.get(endereco, {"identificador": "778"}))
    assert como_bruno.get(no_erp).status_code == 403
    assert not erp.pedidos
    como_ana = entrar(ana)
    assert "O ERP não disse o identificador" in texto(como_ana.get(endereco))
    for errado in ("12x", "0" * 5000):
        assert "só números, até 18" in texto(como_ana.get(endereco, {"identificador": errado}))
        assert "só números, até 18" in texto(como_ana.get(no_erp, {"identificador": errado}))
    como_ana.get(endereco, {"identificador": "778"})
    como_ana.get(no_erp, {"identificador": "779"})
    assert [pedido for pedido, _ in erp.pedidos] == [778, 779]


def test_what_the_erp_refuses_is_said(como_bruno, erp, empresa, limpadora) -> None:
    erp.erro = ProviderRefused("O Datasul não tem a listagem.", texto="17006: não achado")
    um = aberto(empresa, limpadora, id_pagamento=1)
    pagina = texto(como_bruno.get(reverse("pagar:titulo_impostos", args=[um.pk])))
    assert "O Datasul não tem a listagem." in pagina
    assert "17006: não achado" in pagina
