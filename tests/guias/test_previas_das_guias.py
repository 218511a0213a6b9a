"""What the pré-voo says of the guias it would draw: which live copy gives way, for which day, with which amounts."""

from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.formatos import format_data, format_dinheiro
from comum.models import Usuario
from credentials.models import Credencial, Servico
from empresas.calendario import somar_meses
from empresas.models import Carteira, Empresa, Regime
from guias.forms.dctfweb import GuiaForm
from guias.models import Apuracao, Darf, Guia, TaxaSelic
from guias.services import aprovacao, darfs, dctfweb, mei, prevoo
from guias.services.acoes import Acao
from guias.services.das import prazo_das
from guias.services.dia_de_pagar import sem_banco
from tests.cast import criar_empresa
from tests.guias.apoio import MES, emitir_guia, informar, vincular
from tests.guias.previas import empresa_para, previa_de, responder

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adicional_216")]

DEZEMBRO, SABADO, SEGUNDA = date(2026, 12, 1), date(2027, 1, 23), date(2027, 1, 25)


@pytest.fixture
def num_sabado(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: SABADO)


def _transmitida(empresa: Empresa, mes: date = MES, total: str = "500.00") -> Apuracao:
    apuracao = informar(empresa, competencia=mes)
    Apuracao.objects.filter(pk=apuracao.pk).update(
        situacao=Apuracao.Situacao.TRANSMITIDA, total_declarado=Decimal(total), id_declaracao="1"
    )
    apuracao.refresh_from_db()
    return apuracao


def test_a_second_copy_is_told_as_such_with_the_one_it_replaces(entrar, ana, empresas, credencial) -> None:
    for empresa in empresas[:2]:
        vincular(empresa, credencial, ana)
    viva = emitir_guia(empresas[0], _transmitida(empresas[0]), f"{1:017d}", "512.34")
    _transmitida(empresas[1])

    um = prevoo.prevoo(Acao.EMITIR_DAS, empresas[:1], MES, via_nova=True)
    dois = prevoo.prevoo(Acao.EMITIR_DAS, empresas[:2], MES, via_nova=True)
    dia = {"ids": [viva.pk], "pagamento": f"{timezone.localdate() + timedelta(days=1):%d/%m/%Y}"}
    pagina = entrar(ana).post(reverse("guias:emitir_de_novo"), dia).content.decode()

    assert um.titulo == "Emitir de novo 1 DAS"
    assert dois.titulo == "Emitir 2 DAS, 1 de novo"
    assert "<h1>Emitir de novo 1 DAS</h1>" in pagina
    assert "1 guia por pagar será substituída" in pagina
    assert viva.numero in pagina
    assert "R$ 512,34" in pagina
    assert f"vencimento {format_data(viva.vencimento)}" in pagina


def test_what_was_paid_is_not_told_as_replaced(ana, empresas, credencial) -> None:
    vincular(empresas[0], credencial, ana)
    guia = emitir_guia(empresas[0], _transmitida(empresas[0]), f"{1:017d}")
    Apuracao.objects.update(revisao=2)
    Guia.objects.filter(pk=guia.pk).update(paga_em=timezone.localdate(), valor_pago=guia.total)
    previa = prevoo.prevoo(Acao.EMITIR_DAS, empresas[:1], MES)
    assert previa.titulo == "Emitir 1 DAS"


@pytest.mark.parametrize(
    ("acao", "titulo"),
    [
        (mei.EMISSAO, "Emitir de novo 1 DAS-MEI"),
        (mei.SO_BARRAS, "Pedir de novo o código de barras de 1 DAS-MEI"),
        ("parcsn.emitir", "Emitir de novo 1 guia de parcela"),
        (dctfweb.ACAO_GUIA, "Emitir de novo 1 DARF da DCTFWeb"),
        (darfs.ACAO, "Emitir de novo 1 DARF"),
        ("das_avulso", "Emitir de novo 1 DAS avulso"),
    ],
)
def test_every_kind_of_guia_says_what_it_replaces(
    acao: str, titulo: str, ana: Usuario, credencial: Credencial, carteira: Carteira
) -> None:
    empresa = empresa_para(acao, credencial, ana, carteira)
    (nova,) = previa_de(acao, [empresa]).novas
    devida = previa_de(acao, [empresa]).definicao.divida
    assert devida is not None
    apuracao = informar(criar_empresa(8, carteira=carteira), competencia=MES)
    guia = emitir_guia(empresa, apuracao, f"{7:017d}")
    passada = timezone.localdate() - timedelta(days=1)
    Guia.objects.filter(pk=guia.pk).update(divida=devida(nova), apuracao=None, limite=passada)
    previa = previa_de(acao, [empresa])
    assert previa.titulo == titulo
    (aviso,) = [aviso for aviso in previa.avisos if aviso.codigo == "substitui"]
    assert guia.numero in aviso.itens[0][1]


# -- the day of payment ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("num_sabado")
def test_what_is_overdue_is_asked_for_a_bank_day(ana, carteira, empresas, credencial) -> None:
    vincular(empresas[0], credencial, ana)
    _transmitida(empresas[0], DEZEMBRO)
    do_mei = criar_empresa(9, carteira=carteira, regime=Regime.MEI)
    vincular(do_mei, credencial, ana, *Servico)

    (das,) = prevoo.prevoo(Acao.EMITIR_DAS, empresas[:1], DEZEMBRO).novas
    (no_mei,) = prevoo.prevoo(mei.EMISSAO, [do_mei], DEZEMBRO).novas
    hoje = {"meses": f"{DEZEMBRO:%Y%m}", "pagar_em": SABADO.isoformat()}
    (pedido,) = prevoo.prevoo(mei.EMISSAO, [do_mei], DEZEMBRO, parametros=hoje).novas

    assert das.pedido["consolidacao"] == no_mei.pedido["consolidacao"] == SEGUNDA.isoformat()
    assert pedido.pedido["consolidacao"] == SABADO.isoformat()  # the day that somebody chose


@pytest.mark.usefixtures("num_sabado")
def test_the_forms_begin_with_a_bank_day(entrar, ana, carteira, credencial) -> None:
    client: Client = entrar(ana)
    client.get(reverse("guias:apuracao"), {"competencia": f"{DEZEMBRO:%m/%Y}"})
    do_mei = criar_empresa(9, carteira=carteira, regime=Regime.MEI)
    federal = criar_empresa(8, carteira=carteira, regime=Regime.PRESUMIDO)
    vincular(do_mei, credencial, ana, *Servico)
    vincular(federal, credencial, ana, *Servico)

    no_campo = f"{SEGUNDA:%d/%m/%Y}"
    meses = client.post(reverse("guias:mei_meses"), {"ids": [do_mei.pk]}).context["form"]
    guia = client.post(reverse("guias:dctfweb_guia"), {"ids": [federal.pk], "categoria": "40"}).context["form"]
    darf = client.get(reverse("guias:darf_novo")).context["form"]

    assert (meses["pagar_em"].value(), guia["pagamento"].value()) == (no_campo, no_campo)
    assert darf["consolidacao"].value() == no_campo


@pytest.mark.usefixtures("num_sabado")
def test_a_day_without_banks_is_said_to_be_one_before_and_in_the_pre_voo(entrar, ana, carteira, credencial) -> None:
    client: Client = entrar(ana)
    empresa = criar_empresa(1, carteira=carteira)
    vincular(empresa, credencial, ana)
    guia = emitir_guia(empresa, _transmitida(empresa, DEZEMBRO), f"{1:017d}")
    Guia.objects.update(competencia=DEZEMBRO, vencimento=prazo_das(DEZEMBRO), limite=prazo_das(DEZEMBRO))
    dito = "23/01/2027 é sábado, sem expediente bancário: o banco só recebe em 25/01/2027, segunda-feira."
    multa = "A guia vale até 23/01/2027, e nesse dia falta a multa dos dias a mais: peça-a para 25/01/2027."
    for acao, dia, avisa in (("rever", SABADO, True), ("", SABADO, True), ("rever", SEGUNDA, False)):
        dados = {"ids": [guia.pk], "pagamento": f"{dia:%d/%m/%Y}"} | ({acao: "1"} if acao else {})
        pagina = client.post(reverse("guias:emitir_de_novo"), dados)
        assert pagina.status_code == 200
        assert (f"{dito} {multa}" in pagina.content.decode()) is avisa
    assert "previa" not in pagina.context


@pytest.mark.usefixtures("num_sabado")
def test_a_darf_for_a_day_without_banks_says_whether_it_would_be_late(entrar, ana, carteira, credencial) -> None:
    client: Client = entrar(ana)
    empresa = empresa_para(darfs.ACAO, credencial, ana, carteira)
    darf = Darf.objects.get()
    ditos = {
        (
            SABADO,
            SABADO,
        ): "Aí já passou do vencimento, 23/01/2027, e a guia sai sem multa e juros: pague até 22/01/2027",
        (SABADO, SEGUNDA): "Ainda é no prazo, que vai até 25/01/2027.",
        (date(2027, 1, 31), SABADO): "falta a multa dos dias a mais e os juros de 02/2027: pague até 29/01/2027",
        (SEGUNDA, SABADO): "",
    }
    for (dia, vencimento), dito in ditos.items():
        Darf.objects.update(consolidacao=dia, vencimento=vencimento)
        previa = darfs.previa(Darf.objects.all(), MES)
        avisos = [aviso.texto for aviso in previa.avisos if aviso.codigo == "dia_sem_banco"]
        assert len(avisos) == bool(dito)
        assert dito in "".join(avisos)
        digitado: dict[str, Any] = {"empresa": empresa.pk, "receita": darf.codigo, "extensao": darf.extensao}
        digitado |= {"vencimento": f"{vencimento:%d/%m/%Y}", "consolidacao": f"{dia:%d/%m/%Y}"}
        no_formulario = client.get(reverse("guias:darf_estimativa"), digitado).content.decode()
        assert dito in no_formulario
        assert ("sem expediente" in no_formulario) is bool(dito)


@pytest.mark.parametrize(
    ("dia", "dito"),
    [
        (date(2026, 12, 25), "25/12/2026 é feriado (Natal), sem expediente bancário: o banco só recebe em 28/12/2026"),
        (date(2027, 1, 31), "pague até 29/01/2027, ou peça-a em 01/02/2027."),
    ],
)
def test_a_holiday_has_its_name_and_another_month_its_interest(dia: date, dito: str) -> None:
    assert dito in sem_banco(dia, date(2026, 11, 23), date(2026, 12, 1))


def test_a_guia_within_its_time_has_no_day_proposed_nor_has_a_month_without_bank_days() -> None:
    pedido = {"categoria": 40, "competencia": "2026-12-01", "dia": 0}
    assert dctfweb.pagamento_proposto(pedido, date(2027, 1, 20)) is None
    assert dctfweb.pagamento_proposto(pedido, date(2027, 1, 21)) == date(2027, 1, 21)
    assert dctfweb.pagamento_proposto(pedido, date(2027, 1, 31)) is None  # a Sunday, the last of its month


def test_the_day_proposed_stops_nobody_who_wants_the_declaration_in_progress() -> None:
    dados = {"de": dctfweb.ACAO_GUIA_ANDAMENTO, "pagamento": f"{SEGUNDA:%d/%m/%Y}"}
    form = GuiaForm(dados, proposto=SEGUNDA)
    assert form.is_valid(), form.errors
    assert form.parametros()["pagamento"] == ""
    assert not GuiaForm(dados).is_valid()


# -- what a late DAS comes to ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("num_sabado")
def test_a_late_das_is_told_with_its_fine_and_interest(entrar, ana, empresas, credencial) -> None:
    client: Client = entrar(ana)
    client.get(reverse("guias:apuracao"), {"competencia": f"{DEZEMBRO:%m/%Y}"})
    vincular(empresas[0], credencial, ana)
    _transmitida(empresas[0], DEZEMBRO, "1000.00")
    multa = Decimal("3.30") * (SEGUNDA - prazo_das(DEZEMBRO)).days

    resposta = client.post(reverse("guias:agir", args=["das"]), {"ids": [empresas[0].pk]})

    pagina, valor = resposta.content.decode(), resposta.context["previa"].em_das
    assert valor.total == Decimal("1000.00") + multa
    assert f"multa de {format_dinheiro(multa)} e juros de R$ 0,00" in pagina
    assert "DAS para pagar em 25/01/2027" in pagina
    assert "estimativa com multa e juros" in pagina


@pytest.mark.usefixtures("num_sabado")
def test_the_interest_that_is_not_known_is_said_to_be_missing(ana, empresas, credencial) -> None:
    outubro = somar_meses(DEZEMBRO, -2)
    vincular(empresas[0], credencial, ana)
    _transmitida(empresas[0], outubro, "1000.00")
    sem = prevoo.prevoo(Acao.EMITIR_DAS, empresas[:1], outubro).em_das
    TaxaSelic.objects.create(mes=DEZEMBRO, taxa=Decimal("1.00"))
    com = prevoo.prevoo(Acao.EMITIR_DAS, empresas[:1], outubro).em_das
    assert sem is not None
    assert com is not None
    assert sem.dito == "estimativa com multa, sem os juros"
    assert "só a Receita diz" in sem.avisos()[0].texto
    assert com.total - sem.total == Decimal("20.00")


@pytest.mark.usefixtures("num_sabado")
def test_a_late_declaration_says_what_its_das_would_come_to(entrar, ana, empresas, credencial) -> None:
    client: Client = entrar(ana)
    client.get(reverse("guias:apuracao"), {"competencia": f"{DEZEMBRO:%m/%Y}"})
    vincular(empresas[0], credencial, ana)
    apuracao = informar(empresas[0], competencia=DEZEMBRO)
    aprovacao.aprovar(empresas[:1], DEZEMBRO, ana, diferentes=set())

    resposta = client.post(reverse("guias:agir", args=["transmitir"]), {"ids": [empresas[0].pk]})

    previa = resposta.context["previa"]
    assert previa.valor == apuracao.total_calculado
    assert previa.em_das.total > previa.valor
    assert "a pagar em DAS, sem multa e juros" in resposta.content.decode()


def test_a_das_in_time_is_told_without_fine_and_interest(ana, empresas, credencial) -> None:
    vincular(empresas[0], credencial, ana)
    futuro = timezone.localdate().replace(day=1)
    _transmitida(empresas[0], futuro)
    em_das = prevoo.prevoo(Acao.EMITIR_DAS, empresas[:1], futuro).em_das
    assert em_das is not None
    assert (em_das.pagamento, em_das.total, em_das.avisos()) == (None, Decimal("500.00"), [])
    assert "sem multa e juros" in em_das.dito


# -- what the DAS-MEI come to ------------------------------------------------------------------------------------------


def _mei(carteira: Carteira, credencial: Credencial, ana: Usuario, numero: int, cnae: str) -> Empresa:
    empresa = criar_empresa(numero, carteira=carteira, regime=Regime.MEI)
    Empresa.objects.filter(pk=empresa.pk).update(cnae=cnae)
    vincular(empresa, credencial, ana, *Servico)
    empresa.refresh_from_db()
    return empresa


@pytest.mark.usefixtures("num_sabado")
def test_the_das_mei_are_told_with_value_fine_interest_and_days(entrar, ana, carteira, credencial) -> None:
    client: Client = entrar(ana)
    client.get(reverse("guias:apuracao"), {"competencia": f"{DEZEMBRO:%m/%Y}"})
    padaria = _mei(carteira, credencial, ana, 8, "4721102")
    salao = _mei(carteira, credencial, ana, 9, "9602502")
    atraso = (SEGUNDA - prazo_das(DEZEMBRO)).days
    multas = [(total * 33 * atraso / 10000).quantize(Decimal("0.01"), ROUND_DOWN) for total in _DA_TABELA]

    resposta = client.post(reverse("guias:mei_agir", args=["das"]), {"ids": [padaria.pk, salao.pk]})

    pagina, previa = resposta.content.decode(), resposta.context["previa"]
    assert previa.em_das.total == sum(_DA_TABELA) + sum(multas)
    assert "DAS-MEI para pagar em 25/01/2027" in pagina
    assert "estimativa com multa e juros" in pagina
    assert f"multa de {format_dinheiro(sum(multas))} e juros de R$ 0,00, pela nossa estimativa" in pagina
    for dito, total, multa in zip(("ICMS", "ISS"), _DA_TABELA, multas, strict=True):
        ao_todo = f"multa {format_dinheiro(multa)}, juros R$ 0,00: {format_dinheiro(total + multa)}"
        assert f"vencimento 20/01/2027, para pagar em 25/01/2027: {format_dinheiro(total)}, {ao_todo}" in pagina, dito


_DA_TABELA = (Decimal("82.05"), Decimal("86.05"))


@pytest.mark.usefixtures("num_sabado")
def test_the_das_mei_of_several_months_are_told_each_with_its_due_date(ana, carteira, credencial) -> None:
    empresa = _mei(carteira, credencial, ana, 9, "9602502")
    previa = prevoo.prevoo(mei.EMISSAO, [empresa], DEZEMBRO, parametros={"meses": "202611,202612,202701"})
    assert previa.em_das is not None
    novembro, dezembro, janeiro = previa.pedidos[0][1].split("; ")
    pago = "para pagar em 25/01/2027: R$ 86,05, multa"
    assert novembro.startswith(f"11/2026, vencimento 21/12/2026, {pago} R$ 9,93, juros R$ 0,86: R$ 96,84")
    assert dezembro.startswith(f"12/2026, vencimento 20/01/2027, {pago} R$ 1,41, juros R$ 0,00: R$ 87,46")
    # Of 2027 the minimum wage is not on record: said, and not counted as nothing.
    assert janeiro.startswith("01/2027, vence em 22/02/2027, valor só na emissão: O salário mínimo de 2027")
    assert previa.em_das.rotulo == "Valor dos DAS-MEI"
    assert previa.em_das.dito == "estimativa com multa e juros, fora 1 de valor desconhecido"
    assert [aviso.codigo for aviso in previa.avisos if aviso.codigo == "das_vencido"] == ["das_vencido"] * 2


@pytest.mark.usefixtures("num_sabado")
def test_the_das_mei_of_a_month_with_benefit_or_drawn_before_is_told_by_what_is_known(
    ana, carteira, credencial
) -> None:
    empresa = _mei(carteira, credencial, ana, 9, "9602502")
    marcado = {"meses": {"202612": {"marcado": True}}}
    responder(empresa, "PGMEI/ATUBENEFICIO23", mei.DADOS, marcado, chave="2026")
    so_iss = prevoo.prevoo(mei.EMISSAO, [empresa], DEZEMBRO).em_das
    apuracao = informar(criar_empresa(8, carteira=carteira), competencia=MES)
    guia = emitir_guia(empresa, apuracao, f"{7:017d}", "33.00")
    Guia.objects.filter(pk=guia.pk).update(
        tipo="das_mei", divida=mei.divida(empresa.pk, DEZEMBRO), apuracao=None, competencia=DEZEMBRO
    )
    Guia.objects.update(vencimento=prazo_das(DEZEMBRO), limite=prazo_das(DEZEMBRO))
    da_via = prevoo.prevoo(mei.EMISSAO, [empresa], DEZEMBRO, via_nova=True).em_das
    assert so_iss is not None
    assert da_via is not None
    principais = [um.estimativa.principal for valor in (so_iss, da_via) for um in valor.itens.values() if um.estimativa]
    assert principais == [Decimal("5.00"), Decimal("33.00")]
