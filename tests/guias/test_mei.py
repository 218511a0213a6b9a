"""The DAS-MEI of a month, computed here, and the screens of the MEI."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from credentials.models import Servico
from empresas.calendario import somar_meses
from empresas.models import Carteira, Empresa, Regime
from guias.calculo.mei import (
    AtividadeMei,
    atividade_da_composicao,
    atividade_do_cnae,
    das_mei,
    explicar,
    salario_minimo,
    tributos_de,
)
from guias.models import Consulta, Guia
from guias.providers.parcelamentos import FAMILIAS, PARCELAS, PEDIDOS
from guias.services import mei, prevoo, quadro_mei
from guias.services.acesso import Codigo
from guias.services.esperado_mei import esperados
from operacoes.models import Operacao, Situacao
from operacoes.motor import NovaOperacao, submeter
from tests.cast import criar_empresa
from tests.guias.apoio import MES, vincular

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adicional_216")]
SALARIO = Decimal("1621.00")
OUTUBRO = date(2026, 10, 1)


@pytest.mark.parametrize(
    ("atividade", "total"),
    [
        (AtividadeMei(icms=True, iss=False), "82.05"),
        (AtividadeMei(icms=False, iss=True), "86.05"),
        (AtividadeMei(icms=True, iss=True), "87.05"),
        (AtividadeMei(icms=True, iss=False, caminhoneiro=True), "195.52"),
        (AtividadeMei(icms=False, iss=True, caminhoneiro=True), "199.52"),
        (AtividadeMei(icms=True, iss=True, caminhoneiro=True), "200.52"),
    ],
)
def test_the_figures_of_2026(atividade: AtividadeMei, total: str) -> None:
    assert sum(das_mei(OUTUBRO, atividade, SALARIO).values()) == Decimal(total)


def test_from_2027_on_cbs_and_ibs_make_the_fixed_part_seven_reais() -> None:
    partes = das_mei(date(2027, 1, 1), AtividadeMei(icms=True, iss=True), Decimal("1700.00"))
    assert partes["INSS"] == Decimal("85.00")
    assert sum(valor for nome, valor in partes.items() if nome != "INSS") == Decimal("7.00")
    assert "CBS" not in das_mei(date(2026, 12, 1), AtividadeMei(icms=True, iss=True), SALARIO)


def test_a_benefit_takes_the_inss_away() -> None:
    assert das_mei(OUTUBRO, AtividadeMei(icms=False, iss=True), SALARIO, beneficio=True) == {"ISS": Decimal("5.00")}


def test_the_wage_is_dated_and_not_guessed_for_a_year_to_come() -> None:
    assert salario_minimo(date(2023, 4, 1)) == Decimal("1302.00")
    assert salario_minimo(date(2023, 5, 1)) == Decimal("1320.00")
    assert salario_minimo(OUTUBRO) == SALARIO
    assert salario_minimo(date(2027, 1, 1)) is None
    assert salario_minimo(date(2020, 12, 1)) is None


@pytest.mark.parametrize(
    ("cnae", "esperada"),
    [
        ("4721102", AtividadeMei(icms=True, iss=False)),
        ("4520001", AtividadeMei(icms=False, iss=True)),
        ("9602502", AtividadeMei(icms=False, iss=True)),
        ("4930202", AtividadeMei(icms=True, iss=False, caminhoneiro=True)),
        ("", None),
    ],
)
def test_the_main_cnae_tells_what_to_expect(cnae: str, esperada: AtividadeMei | None) -> None:
    assert atividade_do_cnae(cnae) == esperada


def composicao(**valores: str) -> list[dict[str, str]]:
    codigos = {"INSS": "0151", "ICMS": "0083", "ISS": "0125"}
    return [
        {"codigo": codigos.get(nome, ""), "denominacao": nome, "principal": valor} for nome, valor in valores.items()
    ]


def test_a_slip_of_the_receita_teaches_the_activities() -> None:
    tributos = tributos_de(composicao(INSS="194.52", ICMS="1.00"))
    assert atividade_da_composicao(tributos, SALARIO) == AtividadeMei(icms=True, iss=False, caminhoneiro=True)
    assert atividade_da_composicao(tributos_de(composicao(ISS="5.00")), SALARIO) is None


def test_each_tribute_that_differs_is_explained() -> None:
    esperado = das_mei(OUTUBRO, AtividadeMei(icms=False, iss=True), SALARIO)
    assert explicar(esperado, tributos_de(composicao(INSS="81.05", ISS="5.00"))) == []
    ditos = explicar(esperado, tributos_de(composicao(INSS="75.90", ICMS="1.00")))
    assert [dito.split(" ")[0] for dito in ditos] == ["INSS", "Sem", "ICMS"]
    assert "R$ 81,05" in ditos[0]
    assert "outra atividade" in ditos[2]


# -- the month's list -------------------------------------------------------------------------------------------------
@pytest.fixture
def meis(carteira: Carteira, credencial: Any, ana: Any) -> list[Empresa]:
    """Ten MEIs of service, linked."""
    feitos = [criar_empresa(n, carteira=carteira, regime=Regime.MEI) for n in range(1, 11)]
    Empresa.objects.update(cnae="9602501")
    for empresa in feitos:
        vincular(empresa, credencial, ana, Servico.MEI)
    return feitos


def operacao(empresa: Empresa, chave: str, situacao: str, grupo: str = "", tipo: str = mei.DAS) -> Operacao:
    pedido: dict[str, Any] = {
        "partes": {"contribuinte": empresa.documento},
        "competencia": MES.isoformat(),
        "via": 1,
        "ano": MES.year,
    }
    pedido["parametros"] = {"ano": str(MES.year)}
    feita = submeter([NovaOperacao(tipo, chave, pedido, "credencial:1", empresa.pk, MES)], usuario=None).criadas[0]
    encerrada = {"encerrada_em": timezone.now()} if situacao in ("concluida", "recusada") else {}
    Operacao.objects.filter(pk=feita.pk).update(
        situacao=situacao, grupo=grupo, mensagem="dito" if grupo else "", **encerrada
    )
    return feita


def guia(empresa: Empresa, *, limite: date, via: int = 1, **campos: Any) -> Guia:
    feita = operacao(empresa, mei.chave_do_das(empresa.pk, MES, via), "concluida")
    return Guia.objects.create(
        tipo=Guia.Tipo.DAS_MEI, empresa=empresa, divida=mei.divida(empresa.pk, MES), competencia=MES, via=via,
        numero=f"{feita.pk:017d}", vencimento=limite, limite=limite, principal=Decimal("86.05"), multa=0, juros=0,
        total=Decimal("86.05"), composicao=composicao(INSS="81.05", ISS="5.00"), operacao=feita, **campos,
    )  # fmt: skip


def consulta(empresa: Empresa, servico: str, resposta: dict[str, Any], tipo: str) -> None:
    feita = operacao(empresa, f"{servico}:{empresa.pk}", "concluida", tipo=tipo)
    Consulta.objects.create(
        empresa=empresa, servico=servico, chave=str(MES.year), resposta=resposta, operacao=feita,
        consultada_em=timezone.now(),
    )  # fmt: skip


def test_every_mei_is_in_the_estado_that_says_what_is_next(meis: list[Empresa], carteira: Carteira, ana: Any) -> None:
    hoje, mes = timezone.localdate(), f"{MES:%Y%m}"
    guia(meis[0], limite=hoje)
    guia(meis[1], limite=somar_meses(hoje, -1))
    guia(meis[2], limite=hoje, paga_em=hoje, valor_pago=Decimal("86.05"))
    consulta(meis[3], "PGMEI/DIVIDAATIVA24", {"debitos": [], "meses": [mes]}, mei.DIVIDA)
    consulta(meis[4], "PGMEI/ATUBENEFICIO23", {"meses": {mes: {"marcado": True, "agrupado": ""}}}, mei.BENEFICIO)
    operacao(meis[5], "a", "recusada", "EntradaIncorreta-PGMEI-MSG_23015")
    operacao(meis[6], "b", "recusada", "Aviso-PGMEI-23018")
    operacao(meis[7], "c", "recusada", "EntradaIncorreta-PGMEI-MSG_23016")
    operacao(meis[8], "d", "pendente")
    sem_acesso = criar_empresa(11, carteira=carteira, regime=Regime.MEI)
    vistos = dict(quadro_mei.quadro(ana, MES).values_list("pk", "estado"))
    assert [vistos[empresa.pk] for empresa in (*meis, sem_acesso)] == [
        *("emitida", "vencida", "paga", "divida_ativa", "beneficio", "sem_declaracao", "paga", "recusada"),
        *("andamento", "a_emitir", "sem_acesso"),
    ]
    assert quadro_mei.totais(quadro_mei.quadro(ana, MES)).paradas == 5
    assert set(quadro_mei.ESTADOS) == set(quadro_mei._ORDEM)


def test_the_tabs_tell_how_many_a_situacao_finds(entrar: Any, bruno: Any, meis: list[Empresa]) -> None:
    hoje = timezone.localdate()
    guia(meis[0], limite=somar_meses(hoje, -1))
    guia(meis[1], limite=hoje)
    cliente = entrar(bruno)
    for filtro, esperadas in (("vencida", 1), ("paradas", 1), ("a_emitir", 8), ("paga", 0), ("inventada", 0)):
        contexto = cliente.get(reverse("guias:mei") + f"?situacao={filtro}").context
        assert (filtro, contexto["lista"].total, len(contexto["linhas"])) == (filtro, esperadas, esperadas)
    um = cliente.get(reverse("guias:mei") + f"?situacao=a_emitir&q={meis[5].codigo}").context
    assert (um["lista"].total, um["totais"].empresas) == (1, 10)


@pytest.mark.parametrize(("meses", "fonte"), [(12, "pelo último DAS-MEI"), (13, "pelo CNAE principal")])
def test_what_to_expect_is_read_from_the_slips_of_a_year(meis: list[Empresa], meses: int, fonte: str) -> None:
    guia(meis[0], limite=timezone.localdate())
    Guia.objects.update(competencia=somar_meses(MES, -meses))
    assert esperados([(empresa, MES) for empresa in Empresa.objects.all()])[meis[0].pk, MES].fonte == fonte


def test_each_source_of_the_month_is_asked_once_a_row(meis: list[Empresa], ana: Any) -> None:
    sql = str(quadro_mei.quadro(ana, MES).order_by().values("estado").query)
    for tabela in ("operacoes_operacao", "guias_guia", "credentials_vinculo"):
        assert sql.count(f'FROM "{tabela}"') == 1
    assert sql.count('FROM "guias_consulta"') == 2


def test_the_totals_are_kept_until_an_answer_comes(transactional_db: Any, meis: list[Empresa], ana: Any) -> None:
    quadro_mei.totais(quadro_mei.quadro(ana, MES))
    with CaptureQueriesContext(connection) as vistas:
        assert quadro_mei.totais(quadro_mei.quadro(ana, MES)).por_estado == {"a_emitir": 10}
    assert not [
        consulta for consulta in vistas if "guias_consulta" in consulta["sql"] and "split_part" in consulta["sql"]
    ]
    consulta(meis[3], "PGMEI/DIVIDAATIVA24", {"debitos": [], "meses": [f"{MES:%Y%m}"]}, mei.DIVIDA)
    assert quadro_mei.totais(quadro_mei.quadro(ana, MES)).por_estado == {"divida_ativa": 1, "a_emitir": 9}


def test_the_list_takes_a_constant_number_of_queries(entrar: Any, ana: Any, meis: list[Empresa]) -> None:
    cliente = entrar(ana)
    cliente.get(reverse("guias:mei"))

    def quantas() -> int:
        with CaptureQueriesContext(connection) as vistas:
            assert cliente.get(reverse("guias:mei")).status_code == 200
        return len(vistas)

    Empresa.objects.filter(pk__in=[e.pk for e in meis[2:]]).update(ativa=False)
    poucas = quantas()
    Empresa.objects.update(ativa=True)
    assert quantas() == poucas


def test_a_difference_is_told_on_the_row(entrar: Any, bruno: Any, meis: list[Empresa]) -> None:
    Guia.objects.filter(pk=guia(meis[0], limite=timezone.localdate()).pk).update(
        composicao=composicao(INSS="81.05", ISS="5.00", ICMS="1.00")
    )
    pagina = entrar(bruno).get(reverse("guias:mei")).content.decode()
    assert "ICMS de R$ 1,00 que não se esperava" in pagina
    assert "86,05" in pagina


def test_what_a_mei_was_asked_shows_on_its_page(entrar: Any, bruno: Any, carla: Any, meis: list[Empresa]) -> None:
    debito = {"competencia": MES.isoformat(), "tributo": "INSS", "valor": "81.05", "ente": "União", "situacao": "PGFN"}
    consulta(meis[0], "PGMEI/DIVIDAATIVA24", {"debitos": [debito], "meses": [f"{MES:%Y%m}"]}, mei.DIVIDA)
    pagina = entrar(bruno).get(reverse("guias:mei_ver", args=[meis[0].pk])).content.decode()
    assert "81,05" in pagina
    assert "Vários meses" in pagina
    assert "Vários meses" not in entrar(carla).get(reverse("guias:mei_ver", args=[meis[0].pk])).content.decode()


def test_a_mei_of_another_carteira_does_not_exist(entrar: Any, bruno: Any, outra_carteira: Carteira) -> None:
    alheia = criar_empresa(50, carteira=outra_carteira, regime=Regime.MEI, razao_social="Alheia Ltda")
    cliente = entrar(bruno)
    assert "Alheia" not in cliente.get(reverse("guias:mei")).content.decode()
    assert cliente.get(reverse("guias:mei_ver", args=[alheia.pk])).status_code == 404
    previa = cliente.post(reverse("guias:mei_agir", args=["das"]), {"ids": [alheia.pk]}).context["previa"]
    assert (previa.novas, previa.fora) == ([], [])


# -- what is asked ----------------------------------------------------------------------------------------------------
def test_several_months_of_several_meis_are_one_run(entrar: Any, bruno: Any, meis: list[Empresa]) -> None:
    cliente, ids = entrar(bruno), [empresa.pk for empresa in meis[:2]]
    passo = cliente.post(reverse("guias:mei_meses"), {"ids": ids})
    assert "2 empresas marcadas" in passo.content.decode()
    de, ate = somar_meses(MES, -2), MES
    dados = {"ids": ids, "de": f"{de:%m/%Y}", "ate": f"{ate:%m/%Y}", "pagar_em": "", "o_que": "das"}
    resposta = cliente.post(reverse("guias:mei_meses"), dados)
    previa = resposta.context["previa"]
    assert (len(previa.novas), len(previa.prontas)) == (6, 2)
    campos = dict(resposta.context["selecao"]) | {"ids": ids, "marca": previa.marca}
    assert cliente.post(reverse("guias:mei_meses"), campos).status_code == 302
    assert Operacao.objects.filter(tipo=mei.DAS).count() == 6
    assert Operacao.objects.values("competencia").distinct().count() == 3


@pytest.mark.parametrize(
    ("mudanca", "dito"),
    [
        ({"de": "12/2026", "ate": "01/2026"}, "antes do primeiro"),
        ({"de": "13/2026"}, "13/2026"),
        ({"de": ""}, "Informe o primeiro mês"),
        ({"pagar_em": "01/01/2020"}, "já passou"),
        ({"de": "01/2018", "ate": "09/2026"}, "60 meses"),
    ],
)
def test_months_that_make_no_sense_are_told_and_kept(
    entrar: Any, bruno: Any, meis: list[Empresa], mudanca: dict[str, str], dito: str
) -> None:
    dados = {"ids": [meis[0].pk], "de": "01/2026", "ate": "09/2026", "pagar_em": "", "o_que": "das"} | mudanca
    resposta = entrar(bruno).post(reverse("guias:mei_meses"), dados)
    assert resposta.status_code == 422
    assert dito in resposta.content.decode()
    assert f'value="{meis[0].pk}"' in resposta.content.decode()


def test_the_benefit_step_asks_for_months_and_confirms_them(entrar: Any, bruno: Any, meis: list[Empresa]) -> None:
    cliente, ids = entrar(bruno), [meis[0].pk]
    url = reverse("guias:mei_beneficio")
    assert cliente.post(url, {"ids": ids, "ano": "2026", "marcar": "1"}).status_code == 422
    dados = {"ids": ids, "ano": "2026", "marcar": "1", "quais": ["1", "2"], "intencao": "a" * 16}
    resposta = cliente.post(url, dados)
    previa = resposta.context["previa"]
    assert previa.novas[0].pedido["meses"] == {"202601": True, "202602": True}
    campos = dict(resposta.context["selecao"]) | {"ids": ids, "marca": previa.marca}
    assert cliente.post(url, campos).status_code == 302
    assert Operacao.objects.get().pedido["meses"] == {"202601": True, "202602": True}


def test_what_is_paid_drawn_or_of_another_regime_stays_out(meis: list[Empresa]) -> None:
    hoje = timezone.localdate()
    guia(meis[0], limite=hoje)
    guia(meis[1], limite=hoje, paga_em=hoje, valor_pago=Decimal("86.05"))
    guia(meis[2], limite=somar_meses(hoje, -1))
    previa = prevoo.prevoo(mei.EMISSAO, meis[:3], MES)
    assert [item.codigo for item in previa.fora] == [Codigo.GUIA_EMITIDA, Codigo.PAGA]
    assert previa.novas[0].pedido["via"] == 2
    antes = prevoo.prevoo(mei.EMISSAO, meis[:1], MES, parametros={"meses": "201912"})
    assert [item.codigo for item in antes.fora] == [Codigo.REGIME]
    futuro = prevoo.prevoo(mei.EMISSAO, meis[:1], MES, parametros={"meses": f"{somar_meses(hoje, 1):%Y%m}"})
    assert [item.codigo for item in futuro.fora] == [Codigo.DADOS]


def test_a_month_in_active_debt_stays_out_while_nothing_newer_is_known(meis: list[Empresa]) -> None:
    mes, ontem = f"{MES:%Y%m}", timezone.now() - timedelta(days=1)

    def de_fora(empresa: Empresa, **campos: Any) -> list[Codigo]:
        return [item.codigo for item in prevoo.prevoo(mei.EMISSAO, [empresa], MES, **campos).fora]

    operacao(meis[0], "a", "recusada", "Aviso-PGMEI-MSG_13011")
    consulta(meis[1], "PGMEI/DIVIDAATIVA24", {"debitos": [], "meses": [mes]}, mei.DIVIDA)
    for empresa in meis[:2]:
        assert de_fora(empresa) == [Codigo.DIVIDA_ATIVA]
        assert de_fora(empresa, via_nova=True) == []
        assert de_fora(empresa, parametros={"meses": f"{somar_meses(MES, -1):%Y%m}"}) == []
    (fora,) = prevoo.prevoo(mei.EMISSAO, meis[:1], MES).fora
    assert "dívida ativa" in fora.motivo
    assert "consulte de novo" in fora.motivo
    # Out of it since: the debts of the year no longer have the month, or a DAS-MEI was drawn.
    Operacao.objects.filter(chave="a").update(encerrada_em=ontem)
    consulta(meis[0], "PGMEI/DIVIDAATIVA24", {"debitos": [], "meses": []}, mei.DIVIDA)
    Consulta.objects.filter(empresa=meis[1]).update(consultada_em=ontem)
    guia(meis[1], limite=somar_meses(timezone.localdate(), -1))
    assert de_fora(meis[0]) == de_fora(meis[1]) == de_fora(meis[2]) == []


def test_the_cnpjs_of_a_person_whose_cpf_the_receita_did_not_tell(meis: list[Empresa]) -> None:
    (fora,) = prevoo.prevoo(mei.DO_CPF, meis[:1], MES).fora
    assert "Consulte antes os dados do CCMEI" in fora.motivo
    consulta(meis[0], "CCMEI/DADOSCCMEI122", {"cpf": ""}, mei.DADOS)
    (fora,) = prevoo.prevoo(mei.DO_CPF, meis[:1], MES).fora
    assert "Consulte antes" not in fora.motivo
    assert "não disse neles o CPF" in fora.motivo


def test_cases_are_counted_where_an_empresa_is_left_out_more_than_once(
    entrar: Any, bruno: Any, meis: list[Empresa]
) -> None:
    guia(meis[0], limite=timezone.localdate())
    cliente, agir = entrar(bruno), reverse("guias:mei_agir", args=["das"])

    def pagina(*ids: int, **mais: str) -> str:
        return str(cliente.post(agir, {"ids": ids, **mais}).content.decode())

    assert "<b>1 empresa</b><span>sem custo" in pagina(meis[0].pk, meis[1].pk)
    varios = f"{somar_meses(MES, -1):%Y%m},{MES:%Y%m}"
    um_vai = pagina(meis[0].pk, meses=varios)
    assert "<b>1 caso</b><span>sem custo" in um_vai
    assert "<summary><b>1 caso</b>:" in um_vai
    assert "<b>2 casos</b><span>sem custo" in pagina(meis[0].pk, meses=f"201912,{MES:%Y%m}")


def test_a_month_of_which_any_copy_was_paid_is_paid(meis: list[Empresa], ana: Any) -> None:
    hoje = timezone.localdate()
    guia(meis[0], limite=somar_meses(hoje, -1), paga_em=hoje, valor_pago=Decimal("86.05"))
    guia(meis[0], limite=somar_meses(hoje, -1), via=2)
    previa = prevoo.prevoo(mei.EMISSAO, meis[:1], MES, via_nova=True)
    assert ([item.codigo for item in previa.fora], previa.novas) == ([Codigo.PAGA], [])
    assert quadro_mei.quadro(ana, MES).get(pk=meis[0].pk).estado == "paga"


def test_a_late_das_mei_is_drawn_again_from_its_page_for_a_day(entrar: Any, bruno: Any, meis: list[Empresa]) -> None:
    hoje = timezone.localdate()
    vencida = guia(meis[0], limite=somar_meses(hoje, -1))
    client = entrar(bruno)
    assert client.get(reverse("guias:guia", args=[vencida.pk])).context["de_novo"]
    tela = client.post(reverse("guias:emitir_de_novo"), {"ids": [vencida.pk]})
    (pronta,) = tela.context["prontas"]
    assert pronta.acrescimos.multa > 0
    dia = hoje + timedelta(days=40)
    dados = {"ids": [vencida.pk], "pagamento": f"{dia:%d/%m/%Y}"}
    resposta = client.post(reverse("guias:emitir_de_novo"), dados)
    (nova,) = resposta.context["previa"].novas
    assert (nova.tipo, nova.pedido["via"], nova.pedido["consolidacao"]) == (mei.DAS, 2, dia.isoformat())
    carregados = dict(resposta.context["selecao"]) | {"marca": resposta.context["previa"].marca}
    client.post(reverse("guias:emitir_de_novo"), carregados)
    assert Operacao.objects.latest("pk").pedido["consolidacao"] == dia.isoformat()


def test_of_each_mei_only_the_months_marked_are_drawn_again(entrar: Any, bruno: Any, meis: list[Empresa]) -> None:
    hoje, antes = timezone.localdate(), somar_meses(MES, -1)
    vencidas = [guia(meis[0], limite=somar_meses(hoje, -1)), guia(meis[1], limite=somar_meses(hoje, -1))]
    outra = vencidas[1]
    Guia.objects.filter(pk=outra.pk).update(competencia=antes, divida=mei.divida(meis[1].pk, antes))
    dados = {"ids": [g.pk for g in vencidas], "pagamento": f"{hoje:%d/%m/%Y}"}
    previa = entrar(bruno).post(reverse("guias:emitir_de_novo"), dados).context["previa"]
    assert {(nova.empresa_id, nova.competencia) for nova in previa.novas} == {(meis[0].pk, MES), (meis[1].pk, antes)}


def test_das_and_das_mei_are_not_drawn_again_together(entrar: Any, bruno: Any, meis: list[Empresa]) -> None:
    vencida = guia(meis[0], limite=somar_meses(timezone.localdate(), -1))
    outra = guia(meis[1], limite=vencida.limite)
    Guia.objects.filter(pk=outra.pk).update(tipo=Guia.Tipo.DAS)
    dados = {"ids": [vencida.pk, outra.pk], "pagamento": f"{timezone.localdate():%d/%m/%Y}"}
    resposta = entrar(bruno).post(reverse("guias:emitir_de_novo"), dados)
    assert (resposta.status_code, resposta.context["misturadas"]) == (422, True)


def test_a_late_slip_of_an_instalment_leads_to_where_another_is_drawn(
    entrar: Any, bruno: Any, meis: list[Empresa]
) -> None:
    parcela = guia(meis[0], limite=somar_meses(timezone.localdate(), -1))
    Guia.objects.update(tipo=Guia.Tipo.DAS_PARCELA, divida=f"parcmei-esp:{meis[0].pk}:1:{MES:%Y%m}")
    client = entrar(bruno)
    endereco = client.get(reverse("guias:guia", args=[parcela.pk])).context["nova_via"]
    assert endereco == reverse("guias:parcelamento", args=[meis[0].pk, "parcmei-esp"]) + f"?parcela={MES:%Y%m}"
    assert "Consulte as parcelas de novo" in client.get(endereco).content.decode()
    feita = operacao(meis[0], "lista", "concluida", tipo="guias.parcelas.abertas")
    Consulta.objects.create(
        empresa=meis[0], servico="PARCMEI-ESP/PARCELASPARAGERAR212", operacao=feita, consultada_em=timezone.now(),
        resposta={"parcelas": [{"mes": m.isoformat(), "valor": "50.00"} for m in (somar_meses(MES, -1), MES)]},
    )  # fmt: skip
    pagina = client.get(endereco).content.decode()
    assert "Consulte as parcelas de novo" not in pagina
    assert "já com guia" not in pagina
    assert re.findall(r'value="(\d{6})"\s+checked', pagina) == [f"{MES:%Y%m}"]


def test_instalments_say_which_have_a_guia_already(entrar: Any, bruno: Any, meis: list[Empresa]) -> None:
    hoje, outro = timezone.localdate(), somar_meses(MES, -1)
    guia(meis[0], limite=hoje)
    Guia.objects.update(tipo=Guia.Tipo.DAS_PARCELA, divida=f"parcmei:{meis[0].pk}:1:{MES:%Y%m}")
    pedidos = [{"numero": 1, "pedido_em": "2026-01-10", "desde": "2026-01-10", "situacao": "Em parcelamento"}]
    parcelas = [{"mes": mes.isoformat(), "valor": "50.00"} for mes in (outro, MES)]
    familia = FAMILIAS["parcmei"]
    for nome, resposta in ((PEDIDOS, {"pedidos": pedidos}), (PARCELAS, {"parcelas": parcelas})):
        feita = operacao(meis[0], nome, "concluida", tipo="guias.parcelas.abertas")
        Consulta.objects.create(
            empresa=meis[0], servico=str(familia.servico(nome)), operacao=feita, consultada_em=timezone.now(),
            resposta=resposta,
        )  # fmt: skip
    cliente = entrar(bruno)
    lista, uma = (
        reverse("guias:parcelamentos") + "?familia=parcmei",
        reverse("guias:parcelamento", args=[meis[0].pk, "parcmei"]),
    )
    assert "2 parcelas, 1 já com guia" in cliente.get(lista).content.decode()
    assert cliente.get(uma).content.decode().count(f"já com guia, para pagar até {hoje:%d/%m/%Y}") == 1
    Guia.objects.update(limite=hoje - timedelta(days=1))
    assert "já com guia" not in cliente.get(lista).content.decode()
    assert "já com guia" not in cliente.get(uma).content.decode()


def test_pdf_and_bar_code_of_one_month_are_one_intent(meis: list[Empresa], ana: Any) -> None:
    primeira = prevoo.prevoo(mei.EMISSAO, meis[:1], MES)
    prevoo.processar(mei.EMISSAO, meis[:1], MES, ana, marca=primeira.marca)
    assert [item.codigo for item in prevoo.prevoo(mei.SO_BARRAS, meis[:1], MES).fora] == [Codigo.ANDAMENTO]


def test_one_request_at_a_time_for_a_cnpj_and_a_year(meis: list[Empresa], ana: Any) -> None:
    meses = {"meses": f"{MES:%Y%m},{somar_meses(MES, -1):%Y%m}"}
    previa = prevoo.prevoo(mei.EMISSAO, meis[:1], MES, parametros=meses)
    prevoo.processar(mei.EMISSAO, meis[:1], MES, ana, marca=previa.marca, parametros=meses)
    baldes = {balde for operacao in Operacao.objects.all() for balde in operacao.outros_baldes}
    assert baldes == {f"pgmei:{meis[0].documento}:{MES.year}"}


def test_the_same_number_drawn_again_leaves_the_way_free(meis: list[Empresa]) -> None:
    """A copy that turned out to be a guia already kept: the next one asked for is a new intent."""
    operacao(meis[0], mei.chave_do_das(meis[0].pk, MES, 1), Situacao.CONCLUIDA)
    assert prevoo.prevoo(mei.EMISSAO, meis[:1], MES).novas[0].pedido["via"] == 2
