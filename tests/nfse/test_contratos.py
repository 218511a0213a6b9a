"""Recurring contracts: which are in force, what each month costs, when a reajuste is due and what it changes."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from comum.models import Auditoria, Usuario
from empresas.models import Empresa
from empresas.services import CadastroRecusado
from nfse.forms import ContratoForm
from nfse.models import Contrato
from nfse.services.contratos import data_de_emissao, reajustar, salvar_contrato, vigentes
from tests.nfse.fabrica import criar_contrato, criar_servico, criar_tomador

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hoje")]

LISTA, NOVO, REAJUSTE = (reverse(f"nfse:{nome}") for nome in ("contratos", "contrato_novo", "contratos_reajuste"))
NOVEMBRO = date(2026, 11, 1)


def dados(empresa: Empresa, **mudancas: Any) -> dict[str, str]:
    padrao = {"empresa": empresa.pk, "valor": "1.000,00", "de": "01/01/2026", "dia": "5", "ativo": "on"}
    if "tomador" not in mudancas:
        padrao["tomador"] = criar_tomador(empresa).pk
    if "servico" not in mudancas:
        padrao["servico"] = criar_servico(empresa).pk
    return {nome: str(valor) for nome, valor in (padrao | mudancas).items()}


# -- in force, date, amount --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("de", "ate", "ativo", "vigente"),
    [
        (date(2026, 1, 1), None, True, True),
        (date(2026, 11, 30), None, True, True),
        (date(2026, 12, 1), None, True, False),
        (date(2026, 1, 1), date(2026, 11, 1), True, True),
        (date(2026, 1, 1), date(2026, 10, 31), True, False),
        (date(2026, 1, 1), None, False, False),
    ],
)
def test_a_contrato_is_in_force_on_any_day_of_its_vigencia(
    minha: Empresa, de: date, ate: date | None, ativo: bool, vigente: bool
) -> None:
    criar_contrato(minha, de=de, ate=ate, valor_desde=de, ativo=ativo)
    assert bool(vigentes(NOVEMBRO, [minha])) is vigente


def test_those_in_force_bring_all_a_nota_is_made_from(
    minha: Empresa, alheia: Empresa, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for numero in (50, 51):
        criar_contrato(minha, numero)
    criar_contrato(alheia)
    with django_assert_num_queries(1):
        achados = [
            (c.tomador.nome, str(c.tomador.municipio), c.servico.item_lc116.item, str(c.empresa.municipio))
            for c in vigentes(NOVEMBRO, [minha])
        ]
    assert achados == [
        ("Tomador Inventado 0050", "Recife/PE", "17.19", "São Paulo/SP"),
        ("Tomador Inventado 0051", "Recife/PE", "17.19", "São Paulo/SP"),
    ]


@pytest.mark.parametrize(
    ("dia", "competencia", "emissao"),
    [
        (5, NOVEMBRO, date(2026, 11, 5)),
        (31, NOVEMBRO, date(2026, 11, 30)),
        (30, date(2026, 2, 1), date(2026, 2, 28)),
        (29, date(2028, 2, 1), date(2028, 2, 29)),
        (31, date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_beyond_the_end_of_the_month_the_nota_is_of_the_last_day(dia: int, competencia: date, emissao: date) -> None:
    assert data_de_emissao(Contrato(dia=dia), competencia) == emissao


# -- reajuste ----------------------------------------------------------------------------------------------------------


def test_a_reajuste_changes_the_months_from_then_on_and_is_audited(minha: Empresa, ana: Usuario) -> None:
    contrato = reajustar(criar_contrato(minha, valor=Decimal("1234.56")), Decimal("4.65"), date(2027, 1, 20), ana)
    meses = [date(2025, 12, 1), date(2026, 1, 1), date(2026, 12, 1), date(2027, 1, 1)]
    assert [contrato.valor_na(mes) for mes in meses] == [
        None,
        Decimal("1234.56"),
        Decimal("1234.56"),
        Decimal("1291.97"),
    ]
    linha = Auditoria.objects.get()
    assert (linha.acao, linha.usuario, linha.dados["antes"], linha.dados["depois"]) == (
        "nfse.reajustar_contrato",
        ana,
        "1234.56",
        "1291.97",
    )


@pytest.mark.parametrize(
    ("campos", "percentual", "desde", "campo", "mensagem"),
    [
        ({}, "0", date(2027, 1, 1), "percentual", "maior que zero"),
        ({}, "4.65", date(2026, 1, 1), "desde", "já vale desde 01/01/2026"),
        ({"ate": date(2026, 12, 31)}, "4.65", date(2027, 1, 1), "desde", "termina em 31/12/2026"),
        ({"ativo": False}, "4.65", date(2027, 1, 1), "desde", "inativo"),
    ],
)
def test_a_reajuste_that_makes_no_sense_is_refused(
    minha: Empresa, ana: Usuario, campos: dict[str, Any], percentual: str, desde: date, campo: str, mensagem: str
) -> None:
    contrato = criar_contrato(minha, **campos)
    with pytest.raises(CadastroRecusado, match=mensagem) as recusa:
        reajustar(contrato, Decimal(percentual), desde, ana)
    assert recusa.value.campo == campo
    contrato.refresh_from_db()
    assert contrato.valor == Decimal("1000.00")


@pytest.mark.parametrize(
    ("valor_desde", "mes", "proximo", "devido_em_novembro"),
    [
        (date(2025, 11, 1), 11, date(2026, 11, 1), True),
        (date(2025, 11, 15), 12, date(2026, 12, 1), False),
        (date(2026, 3, 1), 1, date(2028, 1, 1), False),
        (date(2024, 1, 1), 6, date(2025, 6, 1), True),
        (date(2025, 12, 1), 1, date(2027, 1, 1), False),
        (date(2025, 6, 1), None, None, False),
    ],
)
def test_a_reajuste_is_due_in_its_month_once_the_price_stood_for_a_year(
    minha: Empresa, valor_desde: date, mes: int | None, proximo: date | None, devido_em_novembro: bool
) -> None:
    contrato = criar_contrato(minha, de=valor_desde, valor_desde=valor_desde, mes_do_reajuste=mes)
    assert contrato.proximo_reajuste == proximo
    assert Contrato.objects.com_reajuste_devido(NOVEMBRO).exists() is devido_em_novembro


def test_many_are_adjusted_at_once_and_each_outcome_is_told(
    como_bruno: Client, minha: Empresa, alheia: Empresa
) -> None:
    bons = [criar_contrato(minha, 50), criar_contrato(minha, 51)]
    encerra = criar_contrato(minha, 52, ate=date(2026, 12, 31))
    de_outro = criar_contrato(alheia)
    ids = [str(c.pk) for c in (*bons, encerra, de_outro)]
    dialogo = como_bruno.post(REAJUSTE, {"ids": ids, "escolher": "1"})
    assert "Reajustar 3 contratos" in dialogo.text
    resposta = como_bruno.post(REAJUSTE, {"ids": ids, "percentual": "10", "desde": "01/2027"})
    ditas = [str(m) for m in get_messages(resposta.wsgi_request)]
    assert ditas[0] == "2 contratos reajustados em 10% desde 01/2027."
    assert "termina em 31/12/2026" in ditas[1]
    assert sorted(Contrato.objects.values_list("valor", flat=True)) == [Decimal(1000)] * 2 + [Decimal(1100)] * 2


@pytest.mark.parametrize(
    ("campo", "valor", "mensagem"),
    [
        ("percentual", "", "Informe o percentual"),
        ("percentual", "0", "maior que zero"),
        ("percentual", "4,65,1", "fora do formato"),
        ("desde", "13/2026", "Não existe o mês 13"),
        ("desde", "01/2040", "fora do período"),
    ],
)
def test_the_dialog_of_the_reajuste_says_what_is_wrong_and_keeps_the_marks(
    como_bruno: Client, minha: Empresa, campo: str, valor: str, mensagem: str
) -> None:
    contrato = criar_contrato(minha)
    corpo = {"ids": str(contrato.pk), "percentual": "4,65", "desde": "01/2027"} | {campo: valor}
    resposta = como_bruno.post(REAJUSTE, corpo)
    assert resposta.status_code == 422
    assert mensagem in str(resposta.context["form"].errors[campo])
    assert str(contrato.pk) in resposta.text


# -- form --------------------------------------------------------------------------------------------------------------


def test_a_new_contrato_has_its_price_from_its_beginning(como_bruno: Client, minha: Empresa) -> None:
    como_bruno.post(NOVO, dados(minha, ate="31/12/2027", mes_do_reajuste="1", indice="IPCA"))
    contrato = Contrato.objects.get()
    assert (contrato.valor, contrato.valor_desde, contrato.ordem) == (
        Decimal("1000.00"),
        date(2026, 1, 1),
        "tomador inventado 0050",
    )
    assert Auditoria.objects.get().acao == "nfse.incluir_contrato"


@pytest.mark.parametrize(
    ("mudancas", "campo", "mensagem"),
    [
        ({"empresa": ""}, "empresa", "Escolha a empresa"),
        ({"tomador": ""}, "tomador", "Escolha o tomador"),
        ({"servico": ""}, "servico", "Escolha o serviço"),
        ({"valor": ""}, "valor", "Informe o valor mensal"),
        ({"valor": "0,00"}, "valor", "não pode ser zero"),
        ({"valor": "-5"}, "valor", "não pode ser negativo"),
        ({"dia": "32"}, "dia", "de 1 a 31"),
        ({"dia": "x"}, "dia", "de 1 a 31"),
        ({"de": ""}, "de", "em que o contrato começa"),
        ({"de": "31/02/2026"}, "de", "não existe no calendário"),
        ({"de": "01/01/1950"}, "de", "Confira o ano"),
        ({"ate": "31/12/2025"}, "ate", "Termina antes de começar"),
        ({"ate": "31/12/2026", "valor_desde": "01/01/2027"}, "valor_desde", "Depois do fim"),
        ({"indice": "IPCA"}, "mes_do_reajuste", "Escolha o mês"),
        ({"descricao": "x" * 2001}, "descricao", "2001 letras"),
    ],
)
def test_each_bad_value_has_its_message_at_its_field(
    bruno: Usuario, minha: Empresa, mudancas: dict[str, str], campo: str, mensagem: str
) -> None:
    form = ContratoForm(dados(minha) | mudancas, usuario=bruno)
    assert mensagem in str(form.errors[campo])


def test_tomador_and_servico_are_of_the_empresa_and_active(
    bruno: Usuario, minha: Empresa, carteira: Any, alheia: Empresa
) -> None:
    de_outra, inativo = criar_tomador(alheia), criar_servico(minha, ativo=False)
    form = ContratoForm(dados(minha, tomador=de_outra.pk, servico=inativo.pk), usuario=bruno)
    assert {nome for nome in form.errors if "Não é desta empresa, ou está inativo" in str(form.errors[nome])} == {
        "tomador",
        "servico",
    }


def test_a_contrato_keeps_the_tomador_it_has_though_it_was_switched_off(como_bruno: Client, minha: Empresa) -> None:
    contrato = criar_contrato(minha)
    contrato.tomador.ativo = False
    contrato.tomador.save()
    corpo = dados(minha, tomador=contrato.tomador_id, servico=contrato.servico_id, dia="9")
    assert como_bruno.post(reverse("nfse:contrato_alterar", args=[contrato.pk]), corpo).status_code == 302


def test_a_price_typed_from_a_later_date_keeps_the_one_before(minha: Empresa, ana: Usuario) -> None:
    contrato = criar_contrato(minha)
    contrato.valor, contrato.valor_desde = Decimal("1200.00"), date(2026, 6, 1)
    salvar_contrato(contrato=contrato, usuario=ana)
    assert [contrato.valor_na(date(2026, mes, 1)) for mes in (5, 6)] == [Decimal("1000.00"), Decimal("1200.00")]


def test_a_price_corrected_on_its_date_replaces_it(minha: Empresa, ana: Usuario) -> None:
    contrato = criar_contrato(minha)
    contrato.valor = Decimal("900.00")
    salvar_contrato(contrato=contrato, usuario=ana)
    assert (contrato.valor_na(date(2026, 5, 1)), contrato.valor_anterior) == (Decimal("900.00"), None)


def test_a_contrato_of_anothers_servico_is_refused_by_the_service(
    minha: Empresa, alheia: Empresa, ana: Usuario
) -> None:
    contrato = criar_contrato(minha)
    contrato.servico = criar_servico(alheia)
    with pytest.raises(CadastroRecusado, match="de outra empresa"):
        salvar_contrato(contrato=contrato, usuario=ana)


def test_a_contrato_begins_from_its_tomador(como_bruno: Client, minha: Empresa, alheia: Empresa) -> None:
    meu, alheio = criar_tomador(minha), criar_tomador(alheia)
    escolhas = como_bruno.get(NOVO, {"tomador": meu.pk}).context["escolhas"]
    assert (escolhas["empresa"][0], escolhas["tomador"][0]) == (minha.pk, meu.pk)
    assert como_bruno.get(NOVO, {"tomador": alheio.pk}).context["escolhas"]["tomador"] == ("", "")


# -- list --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nome", ["contrato", "contrato_alterar"])
def test_a_contrato_outside_the_carteiras_does_not_exist(como_bruno: Client, alheia: Empresa, nome: str) -> None:
    assert como_bruno.get(reverse(f"nfse:{nome}", args=[criar_contrato(alheia).pk])).status_code == 404


def test_consulta_only_reads(client: Client, carla: Usuario, minha: Empresa) -> None:
    contrato = criar_contrato(minha)
    client.force_login(carla)
    assert client.get(contrato.get_absolute_url()).status_code == 200
    assert client.post(NOVO, dados(minha, tomador="1", servico="1")).status_code == 403
    assert client.post(REAJUSTE, {"ids": contrato.pk}).status_code == 403


@pytest.mark.parametrize(
    ("consulta", "esperados"),
    [
        ("", ["Alfa", "Beta", "Gama", "Zeta"]),
        ("ordem=-valor", ["Zeta", "Gama", "Beta", "Alfa"]),
        ("ordem=dia", ["Gama", "Alfa", "Beta", "Zeta"]),
        ("q=zeta", ["Zeta"]),
        ("q=90.000.060/0001", ["Alfa"]),
        ("situacao=vigente", ["Alfa", "Zeta"]),
        ("situacao=encerrado", ["Beta"]),
        ("situacao=futuro", ["Gama"]),
        ("reajuste=devido", ["Zeta"]),
    ],
)
def test_search_filters_and_order(como_bruno: Client, minha: Empresa, consulta: str, esperados: list[str]) -> None:
    como_bruno.post(reverse("contexto"), {"competencia": "11/2026"})
    quatro: dict[str, dict[str, Any]] = {
        "Alfa": {},
        "Beta": {"ate": date(2026, 10, 31)},
        "Gama": {"de": date(2027, 1, 1), "valor_desde": date(2027, 1, 1), "dia": 1},
        "Zeta": {"valor": Decimal(2000), "valor_desde": date(2025, 1, 1), "mes_do_reajuste": 3, "dia": 9},
    }
    for numero, (nome, campos) in enumerate(quatro.items(), 60):
        criar_contrato(minha, tomador=criar_tomador(minha, numero, nome=nome), **campos)
    resposta = como_bruno.get(f"{LISTA}?{consulta}")
    assert [str(c.tomador) for c in resposta.context["lista"].pagina] == esperados


def test_the_list_sums_what_is_in_force_and_recalls_what_is_due(como_bruno: Client, minha: Empresa) -> None:
    como_bruno.post(reverse("contexto"), {"competencia": "11/2026"})
    criar_contrato(minha, 50, mes_do_reajuste=1, valor_desde=date(2025, 1, 1), de=date(2025, 1, 1))
    criar_contrato(minha, 51)
    criar_contrato(minha, 52, ativo=False)
    resposta = como_bruno.get(LISTA)
    assert resposta.context["soma"] == (2, Decimal("2000.00"))
    assert "1 contrato tem reajuste a fazer até 11/2026" in resposta.text


def test_the_list_asks_a_constant_number_of_questions(
    como_bruno: Client, minha: Empresa, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for numero in range(60, 72):
        criar_contrato(minha, numero)
    with django_assert_max_num_queries(26):
        como_bruno.get(LISTA)


def test_all_filtered_but_one_are_switched_off(como_bruno: Client, minha: Empresa) -> None:
    fica, sai = criar_contrato(minha, 50), criar_contrato(minha, 51)
    corpo = {"todos": "1", "filtro": "q=inventado", "menos": str(fica.pk)}
    como_bruno.post(reverse("nfse:contratos_inativar"), corpo)
    assert list(Contrato.objects.filter(ativo=False)) == [sai]


def test_the_page_shows_the_nota_of_the_competencia(como_bruno: Client, minha: Empresa) -> None:
    como_bruno.post(reverse("contexto"), {"competencia": "02/2026"})
    pagina = como_bruno.get(criar_contrato(minha, dia=31).get_absolute_url()).text
    assert "28/02/2026" in pagina
    assert "Honorários contábeis de fevereiro de 2026" in pagina
