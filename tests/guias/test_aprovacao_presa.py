"""An approval is of one declaration and of its values: another declaration, or other values, undo it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from credentials.models import Credencial
from empresas.calendario import somar_meses
from empresas.models import Empresa
from guias.handlers import Simular, Transmitir
from guias.models import Apuracao, Guia, HistoricoMensal
from guias.providers.interface import Calculo, Transmitida
from guias.services import aprovacao, prevoo
from guias.services.acesso import Codigo
from guias.services.acoes import Acao
from guias.services.aprovacao import VENCIDA, ValoresMudaram
from guias.services.fatos import carregar
from guias.services.historico import MesDigitado, gravar
from guias.services.intencoes import SEM_FALTA
from guias.services.montagem import vencida
from operacoes.handlers import handler_de
from operacoes.models import Operacao
from operacoes.motor import submeter
from tests.cast import cnpj_valido, criar_empresa
from tests.guias.apoio import OUTUBRO, emitir_guia, informar, instante, vincular

pytestmark = pytest.mark.django_db

AGORA = timezone.now().replace(microsecond=0)
SETEMBRO = date(2026, 9, 1)
Situacao = Apuracao.Situacao


@pytest.fixture
def apuracao(empresas: list[Empresa], credencial: Credencial, ana: Any) -> Apuracao:
    vincular(empresas[0], credencial, ana)
    informar(empresas[0])
    return aprovada(empresas[0], ana)


def aprovada(empresa: Empresa, usuario: Any) -> Apuracao:
    aprovacao.aprovar([empresa], OUTUBRO, usuario, diferentes={empresa.pk})
    return Apuracao.objects.get(empresa=empresa, competencia=OUTUBRO)


def pedir(acao: Acao, empresa: Empresa, usuario: Any, **opcoes: Any) -> Operacao:
    return submeter(prevoo.prevoo(acao, [empresa], OUTUBRO, **opcoes).novas, usuario=usuario).criadas[0]


def encerrar(operacao: Operacao, situacao: str = "concluida") -> None:
    Operacao.objects.filter(pk=operacao.pk).update(situacao=situacao, encerrada_em=AGORA)


def simular(apuracao: Apuracao, usuario: Any, **muda: str) -> Apuracao:
    """Simulate after the approval; the answer is the approved values, but for `muda` by name of the code."""
    operacao = pedir(Acao.SIMULAR, apuracao.empresa, usuario)
    valores = apuracao.calculado | {codigo.removeprefix("t"): valor for codigo, valor in muda.items()}
    Simular().aplicar(operacao, Calculo({codigo: Decimal(valor) for codigo, valor in valores.items()}))
    encerrar(operacao)
    return Apuracao.objects.get(pk=apuracao.pk)


def motivo(acao: Acao, empresa: Empresa) -> Codigo:
    (fora,) = prevoo.prevoo(acao, [empresa], OUTUBRO).fora
    return fora.codigo


def por_fora(empresa: Empresa) -> None:
    """A change of the declaration that nothing computed again: the office's months before are of another amount."""
    HistoricoMensal.objects.filter(empresa=empresa, competencia=SETEMBRO).update(declarada=True)


# -- a simulation made again -------------------------------------------------------------------------------------------


def test_what_came_different_may_be_simulated_again_and_what_came_equal_not(apuracao, ana) -> None:
    empresa = apuracao.empresa
    for vez in (1, 2):
        simular(apuracao, ana, t1001=f"{vez}.00")
        de_novo = prevoo.prevoo(Acao.SIMULAR, [empresa], OUTUBRO)
        assert len(de_novo.novas) == 1
        assert ("ja_simulada", [empresa]) in [(aviso.codigo, [e for e, _ in aviso.itens]) for aviso in de_novo.avisos]
    simular(apuracao, ana)
    assert Operacao.objects.filter(tipo=Simular.tipo).values("chave").distinct().count() == 3
    assert motivo(Acao.SIMULAR, empresa) == Codigo.JA_SIMULADA


def test_after_a_refusal_for_difference_the_page_says_that_it_was_simulated(apuracao, ana, entrar) -> None:
    """The refusal simulated by itself: to simulate once more is another charge, and the pré-voo says so."""
    recusada = pedir(Acao.TRANSMITIR, apuracao.empresa, ana)
    Operacao.objects.filter(pk=recusada.pk).update(situacao="recusada", codigo="PGDASD-MSG_ISN_035", encerrada_em=AGORA)
    Transmitir().recusada(Operacao.objects.get(pk=recusada.pk))
    simulada = Operacao.objects.get(tipo=Simular.tipo)
    Simular().aplicar(simulada, Calculo({"1001": Decimal("1.00")}))
    encerrar(simulada)
    cliente = entrar(ana)
    cliente.post(reverse("contexto"), {"competencia": "10/2026"})
    pagina = cliente.post(reverse("guias:agir", args=["simular"]), {"ids": [apuracao.empresa_id]})
    assert [empresa.pk for empresa in pagina.context["previa"].prontas] == [apuracao.empresa_id]
    dito = pagina.content.decode()
    assert "1 empresa já foi simulada e deu valor diferente do nosso" in dito
    assert "a Receita deu R$ 1,00" in dito


# -- a simulation after the approval ----------------------------------------------------------------------------------


def test_a_simulation_with_other_values_undoes_the_approval(apuracao, ana) -> None:
    depois = simular(apuracao, ana, t1001="1.00")
    assert (depois.situacao, depois.aprovado, depois.conferida_por) == ("simulada", {}, None)
    assert "outros valores" in depois.reaberta_porque
    assert motivo(Acao.TRANSMITIR, apuracao.empresa) == Codigo.NAO_CONFERIDA


def test_a_simulation_with_the_approved_values_leaves_the_approval(apuracao, ana) -> None:
    depois = simular(apuracao, ana, t1008="0.00")
    assert (depois.situacao, depois.reaberta_porque) == ("conferida", "")
    assert depois.total_simulado == apuracao.total_aprovado


def test_a_simulation_of_another_declaration_undoes_the_approval(apuracao, ana) -> None:
    por_fora(apuracao.empresa)
    depois = simular(apuracao, ana)
    assert (depois.situacao, depois.aprovado) == ("simulada", {})
    assert "outra declaração" in depois.reaberta_porque
    assert aprovada(apuracao.empresa, ana).situacao == Situacao.CONFERIDA


def test_what_undid_an_approval_is_on_the_page_until_the_next(apuracao, ana, entrar) -> None:
    simular(apuracao, ana, t1001="1.00")
    pagina, url = entrar(ana), reverse("guias:ver", args=[apuracao.pk])
    antes = pagina.get(url).content.decode()
    aprovada(apuracao.empresa, ana)
    depois = pagina.get(url).content.decode()
    assert "A aprovação foi desfeita." in antes
    assert "A aprovação foi desfeita." not in depois


def test_a_simulation_of_a_newer_declaration_is_compared_with_our_figures_of_it(empresas, credencial, ana) -> None:
    """The receita changed and nothing computed again: both figures are of what was sent, and nothing is outdated."""
    empresa = empresas[0]
    vincular(empresa, credencial, ana)
    antes = informar(empresa)
    empresa.receitas.update(valor=Decimal("60000.00"))
    operacao = pedir(Acao.SIMULAR, empresa, ana)
    Simular().aplicar(operacao, Calculo({"1001": Decimal("1.00")}))
    encerrar(operacao)
    depois = Apuracao.objects.get(pk=antes.pk)
    assert (antes.receita_total, depois.receita_total) == (Decimal("50000.00"), Decimal("60000.00"))
    assert depois.total_calculado is not None
    assert antes.total_calculado is not None
    assert depois.total_calculado > antes.total_calculado
    assert (depois.situacao, depois.total_simulado) == (Situacao.SIMULADA, Decimal("1.00"))
    aprovacao.aprovar([empresa], OUTUBRO, ana, diferentes=set())
    assert Apuracao.objects.get(pk=antes.pk).total_simulado == Decimal("1.00")


def test_a_simulation_of_what_is_no_longer_declared_is_seen_as_outdated(empresas, credencial, ana) -> None:
    empresa = empresas[0]
    vincular(empresa, credencial, ana)
    apuracao = informar(empresa)
    operacao = pedir(Acao.SIMULAR, empresa, ana)
    por_fora(empresa)
    valores = {codigo: Decimal(valor) for codigo, valor in apuracao.calculado.items()}
    Simular().aplicar(operacao, Calculo(valores))
    encerrar(operacao)
    assert vencida(carregar([empresa], OUTUBRO)[empresa.pk])
    assert aprovada(empresa, ana).total_simulado is None


# -- the declaration that was approved --------------------------------------------------------------------------------


def test_another_declaration_than_the_approved_one_is_not_transmitted(apuracao, ana, entrar) -> None:
    por_fora(apuracao.empresa)
    assert motivo(Acao.TRANSMITIR, apuracao.empresa) == Codigo.NAO_CONFERIDA
    assert "não é mais a que foi aprovada" in entrar(ana).get(reverse("guias:ver", args=[apuracao.pk])).content.decode()


def test_nor_by_repeating_a_refused_transmission(apuracao, ana) -> None:
    transmissao = pedir(Acao.TRANSMITIR, apuracao.empresa, ana)
    encerrar(transmissao, "recusada")
    por_fora(apuracao.empresa)
    assert handler_de(transmissao.tipo).repetir([transmissao], ana)[transmissao.pk] == VENCIDA


def test_approving_again_pins_the_declaration_of_now(apuracao, ana) -> None:
    por_fora(apuracao.empresa)
    depois = aprovada(apuracao.empresa, ana)
    assert (depois.situacao, depois.versao) == (Situacao.CONFERIDA, apuracao.versao + 1)
    assert depois.impressao != apuracao.impressao
    assert len(prevoo.prevoo(Acao.TRANSMITIR, [apuracao.empresa], OUTUBRO).novas) == 1


def test_figures_of_another_declaration_are_not_approved_unseen(empresas, ana) -> None:
    """What was simulated is of the declaration that was sent: changed since, it has to be simulated again."""
    apuracao = informar(empresas[0])
    Apuracao.objects.filter(pk=apuracao.pk).update(
        situacao="simulada", simulado=apuracao.calculado, total_simulado=apuracao.total_calculado
    )
    marca = aprovacao.marca_dos_valores([Apuracao.objects.get(pk=apuracao.pk)])
    por_fora(empresas[0])
    with pytest.raises(ValoresMudaram):
        aprovacao.aprovar([empresas[0]], OUTUBRO, ana, diferentes=set(), marca=marca)
    assert aprovada(empresas[0], ana).total_simulado is None


def test_a_month_marked_as_declared_reopens_with_the_same_figures(apuracao, ana) -> None:
    mes = MesDigitado(SETEMBRO, Decimal("50000.00"), Decimal(0), Decimal("9000.00"), declarada=True)
    gravar(apuracao, [mes], ana)
    depois = Apuracao.objects.get(pk=apuracao.pk)
    assert (depois.total_calculado, depois.situacao) == (apuracao.total_calculado, Situacao.ABERTA)
    assert "dados da declaração mudaram" in depois.reaberta_porque


def test_a_new_filial_reopens_with_the_same_figures(apuracao, ana) -> None:
    """All establishments go in the declaration, those without revenue too."""
    filial = criar_empresa(9, documento=cnpj_valido(1, ordem="0002"))
    Empresa.objects.filter(pk=filial.pk).update(matriz=apuracao.empresa)
    assert motivo(Acao.TRANSMITIR, apuracao.empresa) == Codigo.NAO_CONFERIDA


def test_the_month_before_transmitted_reopens_what_still_tells_it(apuracao, ana) -> None:
    """A declared month is not told again (MSG_ISN_048): the declaration that was approved is not the one to send."""
    empresa = apuracao.empresa
    setembro = informar(empresa, competencia=SETEMBRO)
    aprovada(empresa, ana)
    aprovacao.aprovar([empresa], SETEMBRO, ana, diferentes=set())
    novas = prevoo.prevoo(Acao.TRANSMITIR, [empresa], SETEMBRO).novas
    operacao = submeter(novas, usuario=ana).criadas[0]
    Transmitir().aplicar(operacao, Transmitida("1" * 17, AGORA, {}, b"", b""))
    setembro.refresh_from_db()
    apuracao.refresh_from_db()
    assert (setembro.situacao, apuracao.situacao) == (Situacao.TRANSMITIDA, Situacao.ABERTA)


def aprovar_setembro(empresa: Empresa, usuario: Any) -> None:
    informar(empresa, competencia=SETEMBRO)
    aprovada(empresa, usuario)
    aprovacao.aprovar([empresa], SETEMBRO, usuario, diferentes=set())


def transmitir_setembro(empresa: Empresa, usuario: Any) -> Operacao:
    novas = prevoo.prevoo(Acao.TRANSMITIR, [empresa], SETEMBRO).novas
    return submeter(novas, usuario=usuario).criadas[0]


def test_a_month_in_course_is_left_alone_by_the_one_before(apuracao, ana, entrar) -> None:
    """October was queued first: what is sent is what was approved, and it stays so until its answer comes."""
    empresa = apuracao.empresa
    aprovar_setembro(empresa, ana)
    outubro = pedir(Acao.TRANSMITIR, empresa, ana)
    antes = Apuracao.objects.filter(pk=apuracao.pk).values().get()
    Transmitir().aplicar(transmitir_setembro(empresa, ana), Transmitida("1" * 17, AGORA, {}, b"", b""))
    cliente = entrar(ana)
    cliente.post(reverse("contexto"), {"competencia": "10/2026"})
    cliente.post(reverse("guias:conferir"), {"ids": [empresa.pk]})  # the page that computes again what is outdated
    assert Apuracao.objects.filter(pk=apuracao.pk).values().get() == antes
    encerrar(outubro, "recusada")
    assert motivo(Acao.TRANSMITIR, empresa) == Codigo.NAO_CONFERIDA
    assert aprovada(empresa, ana).versao == antes["versao"] + 1


def test_a_month_waits_for_the_transmission_of_the_one_before(apuracao, ana) -> None:
    empresa = apuracao.empresa
    aprovar_setembro(empresa, ana)
    recusada = pedir(Acao.TRANSMITIR, empresa, ana)
    encerrar(recusada, "recusada")
    setembro = transmitir_setembro(empresa, ana)
    (fora,) = prevoo.prevoo(Acao.TRANSMITIR, [empresa], OUTUBRO).fora
    de_novo = handler_de(recusada.tipo).repetir([recusada], ana)[recusada.pk]
    assert (fora.codigo, fora.motivo) == (Codigo.ANDAMENTO, de_novo)
    assert "A declaração de 09/2026 ainda está sendo transmitida" in fora.motivo
    encerrar(setembro, "recusada")
    assert len(prevoo.prevoo(Acao.TRANSMITIR, [empresa], OUTUBRO).novas) == 1


def test_a_transmitted_month_is_never_computed_again_for_its_declaration(apuracao, ana) -> None:
    Apuracao.objects.filter(pk=apuracao.pk).update(situacao="transmitida", id_declaracao="1" * 17)
    por_fora(apuracao.empresa)
    antes = Apuracao.objects.filter(pk=apuracao.pk).values().get()
    aprovacao.aprovar([apuracao.empresa], OUTUBRO, ana, diferentes=set())
    assert Apuracao.objects.filter(pk=apuracao.pk).values().get() == antes


def test_saying_that_it_rectifies_reopens(apuracao, ana, entrar) -> None:
    entrar(ana).post(reverse("guias:retificadora", args=[apuracao.pk]), {"retificadora": "1"})
    depois = Apuracao.objects.get(pk=apuracao.pk)
    assert (depois.retificadora, depois.situacao, depois.versao) == (True, Situacao.ABERTA, apuracao.versao + 1)


def test_it_cannot_be_said_while_it_is_being_transmitted(apuracao, ana, entrar) -> None:
    pedir(Acao.TRANSMITIR, apuracao.empresa, ana)
    resposta = entrar(ana).post(reverse("guias:retificadora", args=[apuracao.pk]), {"retificadora": "1"}, follow=True)
    assert "em andamento" in resposta.content.decode()
    assert Apuracao.objects.get(pk=apuracao.pk).retificadora is False


# -- the second person ------------------------------------------------------------------------------------------------


def test_who_types_a_month_before_prepared_what_comes_out_different(apuracao, ana, bruno, settings) -> None:
    settings.APURACAO_SEGUNDA_PESSOA = True
    Apuracao.objects.filter(pk=apuracao.pk).update(preparada_por=ana)
    gravar(apuracao, [MesDigitado(SETEMBRO, Decimal(90_000), Decimal(0), None, declarada=False)], bruno)
    (fora,) = aprovacao.aprovar([apuracao.empresa], OUTUBRO, bruno, diferentes=set()).fora
    assert fora.codigo == Codigo.SEGUNDA_PESSOA


def test_who_brings_past_months_by_file_prepared_them_too(apuracao, ana, bruno, settings) -> None:
    settings.APURACAO_SEGUNDA_PESSOA = True
    Apuracao.objects.filter(pk=apuracao.pk).update(preparada_por=ana)
    texto = f"cnpj;competencia;interno\n{apuracao.empresa.documento};09/2026;90.000,00\n"
    importar_historico(texto, bruno)
    (fora,) = aprovacao.aprovar([apuracao.empresa], OUTUBRO, bruno, diferentes=set()).fora
    assert fora.codigo == Codigo.SEGUNDA_PESSOA


def test_who_changed_nothing_of_it_prepared_nothing(apuracao, ana, bruno, settings) -> None:
    settings.APURACAO_SEGUNDA_PESSOA = True
    Apuracao.objects.filter(pk=apuracao.pk).update(preparada_por=ana)
    longe = somar_meses(OUTUBRO, -20)
    gravar(apuracao, [MesDigitado(longe, Decimal(1_000), Decimal(0), None, declarada=False)], bruno)
    assert Apuracao.objects.get(pk=apuracao.pk).preparada_por == ana


def importar_historico(texto: str, usuario: Any) -> None:
    from guias.importacao.historico import ImportadorDeHistorico

    importador = ImportadorDeHistorico(usuario, {})
    importador.ler(texto.encode(), lambda _: None)
    importador.conferir()
    importador.gravar()


# -- the DAS that is asked for again ----------------------------------------------------------------------------------


def declarada(apuracao: Apuracao, total: str, **campos: Any) -> None:
    Apuracao.objects.filter(pk=apuracao.pk).update(
        situacao="transmitida", id_declaracao="1" * 17, total_declarado=Decimal(total), **campos
    )


def test_a_das_that_payments_cover_meanwhile_is_not_repeated(apuracao, ana) -> None:
    declarada(apuracao, "100.00", revisao=2)
    operacao = pedir(Acao.EMITIR_DAS, apuracao.empresa, ana)
    encerrar(operacao, "recusada")
    emitir_guia(apuracao.empresa, apuracao, "07202632512345678")
    Guia.objects.update(paga_em=OUTUBRO, valor_pago=Decimal("100.00"))
    assert handler_de(operacao.tipo).repetir([operacao], ana)[operacao.pk] == SEM_FALTA


@pytest.mark.parametrize(("repetida_em", "para_pagar"), [("2026-11-25", "2026-11-27"), ("2026-12-02", "2026-12-02")])
def test_a_das_repeated_keeps_the_day_it_is_to_be_paid(apuracao, ana, time_machine, repetida_em, para_pagar) -> None:
    declarada(apuracao, "100.00")
    time_machine.move_to(instante("2026-11-24 10:00"), tick=False)
    operacao = pedir(Acao.EMITIR_DAS, apuracao.empresa, ana, parametros={"pagamento": "2026-11-27"})
    encerrar(operacao, "recusada")
    time_machine.move_to(instante(f"{repetida_em} 10:00"), tick=False)
    repeticao: Any = handler_de(operacao.tipo).repetir([operacao], ana)[operacao.pk]
    assert (operacao.pedido["consolidacao"], repeticao.pedido["consolidacao"]) == ("2026-11-27", para_pagar)
