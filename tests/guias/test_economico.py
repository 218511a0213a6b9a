"""The two ways to a transmitted declaration, what the pré-voo says of them, the late one and the rectified one; against
the living sandbox, with its ledger."""

from decimal import Decimal

import pytest
from django.urls import reverse

from arquivo.models import Documento
from comum.models import Auditoria
from empresas.models import Empresa
from guias.models import Apuracao, Caminho, Escritorio, Guia, Receita, Retificacao
from guias.services import aprovacao, divergencia, prevoo, retificacao
from guias.services.acoes import Acao
from guias.services.calculo import recalcular
from operacoes.models import Operacao, Situacao, Tentativa
from tests.cast import criar_empresa
from tests.guias.apoio import OUTUBRO, credencial_do_sandbox, informar, trabalhar, vincular

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def escritorio(serpro_vivo, carteira, ana, adicional_216) -> list[Empresa]:
    credencial = credencial_do_sandbox(serpro_vivo)
    criadas = [criar_empresa(numero, carteira=carteira) for numero in range(1, 4)]
    for empresa in criadas:
        informar(empresa, f"{40_000 + 100 * int(empresa.codigo)}.00")
        vincular(empresa, credencial, ana)
    return criadas


def processar(acao: Acao, empresas: list[Empresa], usuario, **opcoes) -> prevoo.Prevoo:
    previa = prevoo.prevoo(acao, empresas, OUTUBRO, **opcoes)
    prevoo.processar(acao, empresas, OUTUBRO, usuario, marca=previa.marca, **opcoes)
    trabalhar()
    return previa


def errar(empresa: Empresa, quanto: str) -> Apuracao:
    """Approve one IRPJ that is not the Receita's."""
    apuracao = Apuracao.objects.get(empresa=empresa)
    apuracao.aprovado = apuracao.aprovado | {"1001": str(Decimal(apuracao.aprovado["1001"]) + Decimal(quanto))}
    apuracao.save()
    return apuracao


def cobradas() -> int:
    return Tentativa.objects.filter(cobrada=True, classe="declaracao").count()


def test_economical_is_one_charged_call_each_and_simulating_first_two(escritorio, ana) -> None:
    aprovacao.aprovar(escritorio, OUTUBRO, ana, diferentes=set())
    previa = processar(Acao.TRANSMITIR, escritorio, ana)
    assert cobradas() == 3
    assert previa.por_caminho == {Caminho.ECONOMICO: Decimal("1.20"), Caminho.SIMULAR: Decimal("2.40")}
    assert previa.custo == Decimal("1.20")


def test_simulating_first_leaves_out_what_was_not_simulated(escritorio, ana) -> None:
    aprovacao.aprovar(escritorio, OUTUBRO, ana, diferentes=set())
    Escritorio.objects.create(caminho=Caminho.SIMULAR)
    previa = prevoo.prevoo(Acao.TRANSMITIR, escritorio, OUTUBRO)
    assert (previa.novas, previa.por_simular) == ([], 3)
    desta_vez = prevoo.prevoo(Acao.TRANSMITIR, escritorio, OUTUBRO, caminho=Caminho.ECONOMICO)
    assert len(desta_vez.novas) == 3

    processar(Acao.SIMULAR, escritorio, ana)
    aprovacao.aprovar(escritorio, OUTUBRO, ana, diferentes=set())
    processar(Acao.TRANSMITIR, escritorio, ana)
    assert cobradas() == 6
    assert {nova.pedido["simular_se_diferir"] for nova in Operacao.objects.filter(tipo="guias.pgdasd.transmitir")} == {
        False
    }


def test_one_cent_is_refused_free_told_by_tribute_and_only_then_simulated(escritorio, ana, entrar) -> None:
    aprovacao.aprovar(escritorio, OUTUBRO, ana, diferentes=set())
    apuracao = errar(escritorio[0], "0.01")
    processar(Acao.TRANSMITIR, escritorio, ana)

    assert Operacao.objects.filter(tipo="guias.pgdasd.simular").count() == 1
    assert cobradas() == 3  # two declarations and one simulation
    apuracao.refresh_from_db()
    assert apuracao.situacao == Apuracao.Situacao.SIMULADA
    recusada = Operacao.objects.get(situacao=Situacao.RECUSADA)
    Apuracao.objects.filter(pk=apuracao.pk).update(simulado={}, total_simulado=None, exige_simulacao=True)
    apuracao.refresh_from_db()
    achada = divergencia.da_apuracao(apuracao, [recusada])
    assert achada is not None
    assert (achada.da_recusa, achada.total, [item.nome for item in achada.itens]) == (True, Decimal("-0.01"), ["IRPJ"])
    pagina = entrar(ana).get(reverse("guias:ver", args=[apuracao.pk])).content.decode()
    assert "O que a Receita disse ao recusar" in pagina
    assert "IRPJ: a Receita calculou" in pagina
    assert "arredondamento de centavo" in pagina


def test_a_run_that_does_not_ask_for_it_simulates_nothing(escritorio, ana) -> None:
    processar(Acao.SIMULAR, escritorio[:1], ana)
    aprovacao.aprovar(escritorio[:1], OUTUBRO, ana, diferentes=set())
    apuracao = errar(escritorio[0], "1.00")
    processar(Acao.TRANSMITIR, escritorio[:1], ana, caminho=Caminho.SIMULAR)
    apuracao.refresh_from_db()
    assert Operacao.objects.filter(tipo="guias.pgdasd.simular").count() == 1
    assert apuracao.exige_simulacao is True


def test_a_real_difference_waits_for_a_person_with_its_reason(escritorio, ana, entrar) -> None:
    """The Receita knows another revenue of a month before: the simulation shows both values and why."""
    empresa = escritorio[0]
    apuracao = Apuracao.objects.get(empresa=empresa)
    assert apuracao.total_calculado is not None
    Apuracao.objects.filter(pk=apuracao.pk).update(
        situacao="simulada",
        simulado={c: str(Decimal(v) + Decimal("1.00")) for c, v in apuracao.calculado.items()},
        total_simulado=apuracao.total_calculado + len(apuracao.calculado),
    )
    assert [item.codigo for item in aprovacao.aprovar([empresa], OUTUBRO, ana, diferentes=set()).fora] == ["diferenca"]
    client = entrar(ana)
    client.post(reverse("contexto"), {"competencia": "10/2026"})
    pagina = client.post(reverse("guias:conferir"), {"ids": [empresa.pk]}).content.decode()
    assert "IRPJ: a Receita calculou" in pagina
    assert "Por que, provavelmente" in pagina


def test_the_month_is_said_to_be_equal_and_that_stops_nobody(escritorio, ana) -> None:
    Receita.objects.filter(empresa=escritorio[2]).update(valor=Decimal("1.00"))
    recalcular(escritorio[2:], OUTUBRO, ana, receita_mudou=True)
    previa = prevoo.prevoo(Acao.SIMULAR, escritorio, OUTUBRO)
    (igual,) = [aviso for aviso in previa.avisos if aviso.codigo == "igual"]
    assert ([empresa.pk for empresa, _ in igual.itens], len(previa.novas)) == ([e.pk for e in escritorio[:2]], 3)


# -- late ------------------------------------------------------------------------------------------------------


def test_a_late_one_is_warned_with_its_fine_whose_darf_becomes_a_guia_to_pay(escritorio, ana, serpro_vivo) -> None:
    julho = OUTUBRO.replace(month=7)
    empresa = escritorio[0]
    apuracao = informar(empresa, "90000.00", competencia=julho)
    aprovacao.aprovar([empresa], julho, ana, diferentes=set())
    apuracao.refresh_from_db()
    previa = prevoo.prevoo(Acao.TRANSMITIR, [empresa], julho)
    (aviso,) = [aviso for aviso in previa.avisos if aviso.codigo == "maed"]

    prevoo.processar(Acao.TRANSMITIR, [empresa], julho, ana, marca=previa.marca)
    trabalhar()

    apuracao.refresh_from_db()
    (multa,) = serpro_vivo.controle.ledger(tipo="maed_lancada")
    assert apuracao.transmitida_em is not None
    guia = Guia.objects.get()
    assert (guia.tipo, guia.divida, guia.apuracao) == ("darf", f"maed:{apuracao.id_declaracao}", None)
    assert (guia.numero, guia.total, guia.principal) == (multa["numero"], Decimal(multa["valor"]), guia.total)
    assert guia.limite > apuracao.transmitida_em.date()
    assert guia.documento is not None
    assert guia.documento.tipo == Documento.Tipo.DARF_MAED
    assert Documento.objects.filter(empresa=empresa, tipo=Documento.Tipo.NOTIFICACAO_MAED).count() == 1
    assert f"{guia.total:,.2f}".replace(",", "X").replace(".", ",").replace("X", ".") in aviso.texto


def test_the_darf_of_a_declaration_found_after_a_doubt_is_read_from_its_paper(escritorio, ana, serpro_vivo) -> None:
    julho = OUTUBRO.replace(month=7)
    empresa = escritorio[0]
    informar(empresa, "90000.00", competencia=julho)
    aprovacao.aprovar([empresa], julho, ana, diferentes=set())
    serpro_vivo.controle.cenario(acao="perder_resposta", operacao="TRANSDECLARACAO11", vezes=1)
    previa = prevoo.prevoo(Acao.TRANSMITIR, [empresa], julho)
    prevoo.processar(Acao.TRANSMITIR, [empresa], julho, ana, marca=previa.marca)
    trabalhar()
    (multa,) = serpro_vivo.controle.ledger(tipo="maed_lancada")
    guia = Guia.objects.get()
    assert (guia.numero, guia.total) == (multa["numero"], Decimal(multa["valor"]))


# -- rectified -------------------------------------------------------------------------------------------------


def test_a_rectification_begins_as_declared_says_why_and_what_changes(escritorio, ana, entrar) -> None:
    empresa = escritorio[0]
    aprovacao.aprovar([empresa], OUTUBRO, ana, diferentes=set())
    processar(Acao.TRANSMITIR, [empresa], ana)
    apuracao = Apuracao.objects.get(empresa=empresa)
    client, url = entrar(ana), reverse("guias:retificar", args=[apuracao.pk])
    assert "40.100,00" in client.get(url).content.decode()
    sem_motivo = client.post(url, {"motivo": "x"})
    assert (sem_motivo.status_code, Retificacao.objects.count()) == (422, 0)

    assert client.post(url, {"motivo": "nota 123 cancelada depois"}).status_code == 302

    aberta = Retificacao.objects.get()
    assert (aberta.valores, aberta.total) == (apuracao.declarado, apuracao.total_declarado)
    assert [valor for _, _, valor in aberta.receitas] == ["40100.00"]
    assert "nota 123 cancelada depois" in Auditoria.objects.get(acao="guias.retificar").resumo
    Receita.objects.filter(empresa=empresa, competencia=OUTUBRO).update(valor=Decimal("30000.00"))
    recalcular([empresa], OUTUBRO, ana, receita_mudou=True)
    apuracao.refresh_from_db()
    comparada = retificacao.comparar(apuracao)
    assert comparada is not None
    assert [(m.antes, m.depois) for m in comparada.receitas] == [(Decimal("40100.00"), Decimal("30000.00"))]
    assert comparada.diferenca is not None
    assert comparada.diferenca < 0
    assert "fica como crédito" in comparada.conclusao
    assert "nota 123 cancelada depois" in client.get(reverse("guias:ver", args=[apuracao.pk])).content.decode()

    aprovacao.aprovar([empresa], OUTUBRO, ana, diferentes=set())
    processar(Acao.TRANSMITIR, [empresa], ana)
    apuracao.refresh_from_db()
    assert apuracao.id_declaracao.endswith("002")
    assert apuracao.total_declarado == comparada.depois


def test_the_das_of_a_rectified_period_is_only_what_is_missing(escritorio, ana, serpro_vivo) -> None:
    empresa = escritorio[0]
    aprovacao.aprovar([empresa], OUTUBRO, ana, diferentes=set())
    processar(Acao.TRANSMITIR, [empresa], ana, das_em_seguida=True)
    primeira = Guia.objects.get()
    serpro_vivo.controle.pagar(primeira.numero)
    apuracao = Apuracao.objects.get(empresa=empresa)
    assert retificacao.retificar(apuracao, ana, "receita de uma nota esquecida") == ""
    Receita.objects.filter(empresa=empresa, competencia=OUTUBRO).update(valor=Decimal("50100.00"))
    recalcular([empresa], OUTUBRO, ana, receita_mudou=True)
    aprovacao.aprovar([empresa], OUTUBRO, ana, diferentes=set())
    processar(Acao.TRANSMITIR, [empresa], ana, das_em_seguida=True)

    apuracao.refresh_from_db()
    segunda = Guia.objects.get(revisao=2)
    assert apuracao.total_declarado is not None
    assert segunda.principal == apuracao.total_declarado - primeira.principal
