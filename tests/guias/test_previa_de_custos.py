"""What a pré-voo says of the billing period: tiers crossed, the cap, and what stays out of the run because of it."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from comum.models import Usuario
from credentials.models import Credencial
from empresas.models import Empresa
from guias.models import Apuracao
from guias.services import aprovacao, consultas, darfs, dividas_dctfweb, especiais, mei, parcelamentos, prevoo
from guias.services.acesso import Codigo
from guias.services.acoes import Acao
from guias.views.base import nova_intencao
from operacoes.custos import teto
from operacoes.handlers import handler_de, todos
from operacoes.models import Classe, Operacao
from tests.guias.apoio import MES, credencial_falsa, informar, vincular
from tests.operacoes.custos_apoio import cobrar

pytestmark = pytest.mark.django_db


@pytest.fixture
def prontas(credencial: Credencial, empresas: list[Empresa], ana: Usuario) -> list[Empresa]:
    for empresa in empresas:
        informar(empresa, competencia=MES)
        vincular(empresa, credencial, ana)
    return empresas


def _selecao(empresas: list[Empresa]) -> dict[str, Any]:
    return {"ids": [empresa.pk for empresa in empresas]}


def test_a_run_that_crosses_a_tier_says_what_it_does_to_the_period(
    prontas: list[Empresa], credencial: Credencial, ana: Usuario, client: Client
) -> None:
    cobrar("declaracao", 99, acesso=credencial.acesso)
    client.force_login(ana)
    pagina = client.post(reverse("guias:agir", args=["simular"]), _selecao(prontas)).content.decode()
    assert "passa da faixa de 100; todo o volume do período, que já tem 99, cai de R$ 0,40 para R$ 0,36" in pagina
    assert "R$ 2,88 mais barato" in pagina  # 102 x 0,36 - 99 x 0,40
    assert "custo R$ 1,08" in pagina


def test_two_credenciais_of_one_contratante_reach_one_tier(prontas: list[Empresa], ana: Usuario) -> None:
    outra = credencial_falsa(2)  # of the same contratante
    cobrar("declaracao", 99, acesso=outra.acesso)
    assert prevoo.prevoo(Acao.SIMULAR, prontas, MES).custo == Decimal("1.08")


def test_simulations_stay_out_beyond_the_cap_and_transmissions_go_with_a_notice(
    prontas: list[Empresa], credencial: Credencial, ana: Usuario, client: Client
) -> None:
    teto.definir(credencial.contratante, Decimal("0.90"), ana)
    previa = prevoo.prevoo(Acao.SIMULAR, prontas, MES)
    assert len(previa.novas) == len(previa.prontas) == 2
    (fora,) = previa.fora
    assert fora.codigo == Codigo.TETO
    assert "aumente o teto em Custos" in fora.motivo
    run = prevoo.processar(Acao.SIMULAR, prontas, MES, ana, marca=previa.marca)
    assert run.operacoes.count() == 2

    aprovacao.aprovar(prontas, MES, ana, diferentes=set())
    client.force_login(ana)
    Operacao.objects.update(situacao="desistida", encerrada_em=run.criado_em)
    pagina = client.post(reverse("guias:agir", args=["transmitir"]), _selecao(prontas)).content.decode()
    assert "acima do teto de R$ 0,90: o que é obrigatório segue" in pagina
    assert "Transmitir 3 declarações" in pagina

    teto.definir(credencial.contratante, Decimal("0.90"), ana, parar_tudo=True)
    previa = prevoo.prevoo(Acao.TRANSMITIR, prontas, MES)
    assert (len(previa.novas), [fora.codigo for fora in previa.fora]) == (2, [Codigo.TETO])


def test_a_run_confirmed_after_the_room_was_taken_is_shown_again(
    prontas: list[Empresa], credencial: Credencial, ana: Usuario, bruno: Usuario
) -> None:
    teto.definir(credencial.contratante, Decimal("0.90"), ana)
    da_ana, do_bruno = prevoo.prevoo(Acao.SIMULAR, prontas[:2], MES), prevoo.prevoo(Acao.SIMULAR, prontas[2:], MES)
    assert len(do_bruno.novas) == 1
    prevoo.processar(Acao.SIMULAR, prontas[:2], MES, ana, marca=da_ana.marca)
    with pytest.raises(prevoo.Mudou) as mudou:
        prevoo.processar(Acao.SIMULAR, prontas[2:], MES, bruno, marca=do_bruno.marca)
    assert mudou.value.prevoo.fora[0].codigo == Codigo.TETO
    assert Operacao.objects.count() == 2


def test_a_question_beyond_the_cap_is_not_asked_and_says_why(
    prontas: list[Empresa], credencial: Credencial, ana: Usuario
) -> None:
    teto.definir(credencial.contratante, Decimal("0.10"), ana)
    apuracao = Apuracao.objects.get(empresa=prontas[0], competencia=MES)
    with pytest.raises(consultas.Impedida, match="Passaria do teto de R\\$ 0,10"):
        consultas.consultar_periodo(apuracao, ana, nova_intencao())
    assert not Operacao.objects.exists()


def test_what_stops_first() -> None:
    assert handler_de("guias.pgdasd.simular").e_opcional({})
    assert not handler_de("guias.pgdasd.transmitir").e_opcional({})
    # Asked for before the work that must be done.
    precisas = {"guias.dctfweb.xml", "guias.parcelas.abertas"}
    for handler in todos():
        if handler.classe == Classe.CONSULTA and handler.tipo.startswith("guias."):
            assert handler.e_opcional({}) is (handler.tipo not in precisas), handler.tipo


@pytest.mark.parametrize(
    "tipo",
    ["guias.sitfis.relatorio", "guias.pagtoweb.comprovante", "guias.redesim.comprovante", mei.CERTIFICADO],
)
def test_a_query_or_a_copy_that_is_charged_as_a_document_stops_first(tipo: str) -> None:
    assert handler_de(tipo).e_opcional({})


@pytest.mark.parametrize(
    "tipo",
    [
        "guias.das.emitir",
        mei.DAS,
        mei.BARRAS,
        parcelamentos.EMITIR,
        especiais.TIPO_COBRANCA,
        darfs.TIPO,
        darfs.TIPO_BARRAS,
        dividas_dctfweb.TIPO_GUIA,
        dividas_dctfweb.TIPO_GUIA_ANDAMENTO,
    ],
)
def test_only_another_copy_of_a_guia_stops_first(tipo: str) -> None:
    assert not handler_de(tipo).e_opcional({"via": 1})
    assert handler_de(tipo).e_opcional({"via": 2})


def test_a_renuncia_foresees_the_question_about_what_was_decided() -> None:
    assert handler_de("guias.redesim.renunciar").chamadas_previstas({}) == (Classe.DECLARACAO, Classe.CONSULTA)


def test_a_transmission_foresees_the_das_that_follows() -> None:
    transmitir = handler_de("guias.pgdasd.transmitir")
    assert transmitir.chamadas_previstas({"emitir_das": True, "comparar": {"1001": "50.00"}}) == (
        Classe.DECLARACAO,
        Classe.EMISSAO,
    )
    for pedido in ({"emitir_das": False, "comparar": {"1001": "50.00"}}, {"emitir_das": True, "comparar": {}}):
        assert transmitir.chamadas_previstas(pedido) == (Classe.DECLARACAO,)
