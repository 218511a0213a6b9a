"""The month end to end, against the living sandbox: what our tables say and what its ledger says."""

from decimal import Decimal

import pytest

from arquivo.services import abrir
from empresas.models import Empresa
from guias.models import Apuracao, Guia
from guias.services import aprovacao, prevoo
from guias.services.acoes import Acao
from operacoes import circuito
from operacoes.models import Circuito, Operacao, Situacao
from tests.cast import criar_empresa
from tests.guias.apoio import OUTUBRO, credencial_do_sandbox, informar, trabalhar, vincular

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def escritorio(serpro_vivo, carteira, ana, adicional_216) -> list[Empresa]:
    """Twenty companies of the Simples in commerce, linked to a credencial of the sandbox."""
    credencial = credencial_do_sandbox(serpro_vivo)
    criadas = [criar_empresa(numero, carteira=carteira, letras=numero % 5 == 0) for numero in range(1, 21)]
    for empresa in criadas:
        informar(empresa, f"{40_000 + 100 * int(empresa.codigo)}.00")
        vincular(empresa, credencial, ana)
    return criadas


def processar(acao: Acao, empresas: list[Empresa], usuario, **opcoes) -> None:
    previa = prevoo.prevoo(acao, empresas, OUTUBRO, **opcoes)
    prevoo.processar(acao, empresas, OUTUBRO, usuario, marca=previa.marca, **opcoes)
    trabalhar()


def test_simulates_with_the_same_figures_as_our_own_computation(escritorio, ana) -> None:
    processar(Acao.SIMULAR, escritorio, ana)

    apuracoes = list(Apuracao.objects.filter(competencia=OUTUBRO))
    assert {a.situacao for a in apuracoes} == {Apuracao.Situacao.SIMULADA}
    assert [a.total_simulado for a in apuracoes] == [a.total_calculado for a in apuracoes]
    assert not any(aprovacao.difere(a) for a in apuracoes)


def test_transmits_and_draws_the_das_of_every_company_exactly_once(escritorio, ana, serpro_vivo) -> None:
    aprovacao.aprovar(escritorio, OUTUBRO, ana, diferentes=set())
    # The first three transmissions and two of the DAS lose their answers after the effect.
    serpro_vivo.controle.cenario(acao="perder_resposta", operacao="TRANSDECLARACAO11", vezes=3)
    serpro_vivo.controle.cenario(acao="perder_resposta", operacao="GERARDAS12", vezes=2)

    processar(Acao.TRANSMITIR, escritorio, ana, das_em_seguida=True)

    assert {o.situacao for o in Operacao.objects.all()} == {Situacao.CONCLUIDA}
    declaradas = serpro_vivo.controle.ledger(tipo="declaracao_transmitida")
    assert sorted(e["contribuinte"] for e in declaradas) == sorted(e.documento for e in escritorio)
    assert set(Apuracao.objects.values_list("id_declaracao", flat=True)) == {e["numero"] for e in declaradas}
    assert Guia.objects.count() == 20
    assert set(Guia.objects.values_list("numero", flat=True)) <= {
        e["numero"] for e in serpro_vivo.controle.ledger(tipo="das_emitido")
    }


def test_the_das_says_what_was_declared_and_its_pdf_is_kept(escritorio, ana) -> None:
    uma = escritorio[:1]
    aprovacao.aprovar(uma, OUTUBRO, ana, diferentes=set())

    processar(Acao.TRANSMITIR, uma, ana, das_em_seguida=True)

    guia, apuracao = Guia.objects.get(), Apuracao.objects.get(empresa=uma[0])
    assert (guia.principal, guia.vencimento.isoformat()) == (apuracao.total_declarado, "2026-11-23")
    assert guia.documento is not None
    assert abrir(guia.documento).startswith(b"%PDF")
    assert apuracao.documento_declaracao is not None
    assert apuracao.documento_recibo is not None


def test_a_difference_transmits_nothing_and_sends_the_apuracao_back_to_be_checked(escritorio, ana, serpro_vivo) -> None:
    uma = escritorio[:1]
    aprovacao.aprovar(uma, OUTUBRO, ana, diferentes=set())
    apuracao = Apuracao.objects.get(empresa=uma[0])
    apuracao.aprovado = apuracao.aprovado | {"1001": str(Decimal(apuracao.aprovado["1001"]) + 1)}
    apuracao.save()

    processar(Acao.TRANSMITIR, uma, ana)

    operacao, simulacao = Operacao.objects.order_by("pk")
    apuracao.refresh_from_db()
    assert operacao.situacao == Situacao.RECUSADA
    assert "Nada foi transmitido" in operacao.mensagem
    assert apuracao.total_aprovado is None
    assert serpro_vivo.controle.ledger(tipo="declaracao_transmitida") == []
    # The refusal is free; the simulation that follows it is the one charged call, and a person decides on both values.
    assert (simulacao.tipo, simulacao.situacao) == ("guias.pgdasd.simular", Situacao.CONCLUIDA)
    assert simulacao.processamento_id == operacao.processamento_id
    cobradas = {o.pk: list(o.tentativas.values_list("cobrada", flat=True)) for o in (operacao, simulacao)}
    assert cobradas == {operacao.pk: [False], simulacao.pk: [True]}
    assert (apuracao.situacao, apuracao.exige_simulacao) == (Apuracao.Situacao.SIMULADA, False)
    assert apuracao.total_simulado == apuracao.total_calculado


def test_a_refusal_with_a_code_not_in_the_table_is_sent_once_and_stops_nobody(escritorio, ana, serpro_vivo) -> None:
    recusa = {"http": 400, "codigo": "EntradaIncorreta-PGDASD-MSG_ISN_999", "texto": "SN-Entregar: não serve"}
    poucas = escritorio[: circuito.FALHAS_PARA_ABRIR + 1]
    aprovacao.aprovar(poucas, OUTUBRO, ana, diferentes=set())
    serpro_vivo.controle.cenario(acao="recusar", operacao="TRANSDECLARACAO11", parametros=recusa)

    processar(Acao.TRANSMITIR, poucas, ana)

    feitas = set(Operacao.objects.values_list("situacao", "codigo", "palavras_do_servico", "envios"))
    assert feitas == {(Situacao.RECUSADA, recusa["codigo"], recusa["texto"], 1)}
    assert not Circuito.objects.filter(falhas__gt=0).exists()
