"""What takes a tribute away from revenue: as it is written down, what it does to the DAS, and that the Receita's side
(the sandbox, whose arithmetic is another) computes the same."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from comum.formatos import format_competencia
from empresas.models import Empresa
from guias.calculo import ajustes
from guias.calculo.ajustes import Ajuste, Especie
from guias.calculo.atividades import ATIVIDADES
from guias.calculo.tributos import Tributo
from guias.models import Apuracao, HistoricoMensal, OpcaoRegime, Processo, Receita
from guias.services import prevoo
from guias.services.acoes import Acao
from guias.services.calculo import recalcular
from guias.services.colunas import Coluna
from guias.services.regime import gravar_processo, optar
from tests.cast import cnpj_valido, criar_empresa
from tests.guias.apoio import (
    OUTUBRO,
    credencial_do_sandbox,
    credencial_falsa,
    historico_de,
    informar,
    trabalhar,
    vincular,
)
from tests.guias.test_importacao import conferir, importar
from tests.guias.test_simples import calculado, receita

PROCESSO = "50012345620264036100"


@pytest.mark.parametrize("especie", list(Especie))
def test_the_key_of_an_adjustment_reads_back(especie: Especie) -> None:
    ajuste = Ajuste(
        especie,
        especie.tributos,
        Decimal("33.33") if especie.reduz else None,
        PROCESSO if especie is Especie.SUSPENSAO else "",
    )
    assert ajustes.ler(ajuste.chave) == ajuste
    assert len(ajuste.chave) <= 100


@given(st.text(max_size=40))
def test_any_other_text_is_no_adjustment_or_its_own_key(texto: str) -> None:
    lido = ajustes.ler(texto)
    assert lido is None or lido.chave == texto


@pytest.mark.parametrize(
    "chave",
    ["isento-", "isento-iss-10", "reduzido-icms", "reduzido-icms-0", "reduzido-icms-10001", "suspenso-iss", "imune-x",
     "imune-icms_cofins", "isento-icms_icms"],
)  # fmt: skip
def test_an_adjustment_that_is_not_whole_is_none(chave: str) -> None:
    assert ajustes.ler(chave) is None


def test_what_does_not_go_with_the_activity_is_said() -> None:
    def dito(chave: str, atividade: int) -> str:
        lido = ajustes.ler(chave)
        assert lido is not None
        return ajustes.problema(lido, atividade)

    assert dito("isento-iss", 14) == dito("isento-icms", 1) == dito("suspenso-irpj-12", 3) == ""
    assert "não se aplica a IRPJ" in dito("isento-irpj", 14)
    assert "não tem ICMS no DAS" in dito("isento-icms", 14)
    assert "não tem ISS no DAS" in dito("isento-iss", 15)
    assert "não tem PIS/Pasep no DAS" in dito("imune-pis", 3)
    assert Coluna.ler("2.st.isento-icms") is None
    assert Coluna.ler("2.mono.isento-icms") == Coluna(2, "mono", "", "isento-icms")


def test_every_activity_owes_what_the_computation_finds() -> None:
    for id_ in ATIVIDADES:
        feito = calculado(receita(id_, removidos=frozenset()), rbt12_externo="500000", folha12=Decimal(200000))
        devidos = ajustes.devidos(id_)
        atividade = ATIVIDADES[id_]
        so_retidos = (
            atividade.removidos_padrao if atividade.qualificaveis == atividade.removidos_padrao else frozenset()
        )
        assert set(feito.valores) == devidos | so_retidos, id_


def test_exemption_reduction_and_immunity_in_the_das() -> None:
    inteiro = calculado(receita(1)).valores
    isento = calculado(receita(1, reducoes={Tributo.ICMS: Decimal(100)})).valores
    imune = calculado(receita(1, afastados=frozenset({Tributo.PIS, Tributo.COFINS}))).valores
    assert isento == {tributo: valor for tributo, valor in inteiro.items() if tributo is not Tributo.ICMS}
    assert imune.keys() == inteiro.keys() - {Tributo.PIS, Tributo.COFINS}


# -- the same, by the Receita ----------------------------------------------------------------------------------


def porcao(empresa: Empresa, atividade: int, valor: str, ajuste: str = "", tratamento: str = "") -> Receita:
    return Receita(
        empresa=empresa,
        competencia=OUTUBRO,
        atividade=atividade,
        valor=Decimal(valor),
        ajuste=ajuste,
        tratamento=tratamento,
    )


CASOS: list[list[tuple[Any, ...]]] = [
    [(1, "10000.00"), (1, "3333.33", "isento-icms"), (1, "777.77", "reduzido-icms-3333")],
    [(1, "5000.01", "reduzidocesta-cofins_pis_icms-5000"), (1, "1234.56", "isentocesta-icms")],
    [(4, "9000.00", "imune-icms_ipi"), (5, "4321.10", "", "ant"), (5, "100.10", "", "ant_mono")],
    [(14, "8000.00"), (14, "2000.00", "isento-iss"), (14, "55.55", "oficio-iss"), (17, "900.00", "reduzido-iss-4000")],
    [(14, "7000.00", f"suspenso-cofins_pis_iss-{PROCESSO}"), (3, "1500.00"), (34, "800.00", "isento-icms")],
]


@pytest.mark.django_db(transaction=True)
def test_our_computation_of_adjustments_is_the_receitas(serpro_vivo, carteira, ana, adicional_216) -> None:
    credencial = credencial_do_sandbox(serpro_vivo)
    empresas = [criar_empresa(numero, carteira=carteira) for numero in range(1, len(CASOS) + 3)]
    for empresa, caso in zip(empresas, CASOS, strict=False):
        Processo.objects.create(
            empresa=empresa, numero=PROCESSO, uf="SP", vara="1ª Vara", motivo=1, municipio_id="3550308"
        )
        Receita.objects.bulk_create(porcao(empresa, *linha) for linha in caso)
    de_caixa, fixa = empresas[-2:]
    OpcaoRegime.objects.create(empresa=de_caixa, ano=2026, regime="CAIXA", na_receita=False)
    HistoricoMensal.objects.create(empresa=de_caixa, competencia=OUTUBRO, interno=Decimal("77777.77"))
    Receita.objects.bulk_create(
        [porcao(de_caixa, 1, "12345.67"), porcao(fixa, 1, "2000.00"), porcao(fixa, 14, "900.00")]
    )
    Apuracao.objects.create(empresa=fixa, competencia=OUTUBRO, fixo_icms=Decimal("40.00"), fixo_iss=Decimal("12.34"))
    for empresa in empresas:
        historico_de(empresa, "21000.00", OUTUBRO)
        vincular(empresa, credencial, ana)
    recalcular(empresas, OUTUBRO, ana, receita_mudou=True)

    previa = prevoo.prevoo(Acao.SIMULAR, empresas, OUTUBRO)
    prevoo.processar(Acao.SIMULAR, empresas, OUTUBRO, ana, marca=previa.marca)
    trabalhar()

    feitas = Apuracao.objects.filter(competencia=OUTUBRO).order_by("empresa__codigo")
    assert [apuracao.simulado for apuracao in feitas] == [apuracao.calculado for apuracao in feitas]
    assert all(apuracao.total_calculado for apuracao in feitas)
    assert len(feitas) == len(empresas)


# -- cash ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.usefixtures("adicional_216")
def test_in_cash_the_tributes_are_of_what_was_received_and_rbt12_of_what_was_accrued(empresas, ana) -> None:
    empresa = empresas[0]
    apuracao = informar(empresa)
    de_competencia = apuracao.total_calculado
    assert optar(empresa, 2026, OpcaoRegime.Regime.CAIXA, ana) == ""
    apuracao.refresh_from_db()
    assert "Falta a receita por competência de 10/2026" in apuracao.impedimento
    vincular(empresa, credencial_falsa(), ana)
    (fora,) = prevoo.prevoo(Acao.SIMULAR, [empresa], OUTUBRO).fora
    assert "Falta a receita por competência" in fora.motivo

    HistoricoMensal.objects.create(empresa=empresa, competencia=OUTUBRO, interno=Decimal("99000.00"))
    recalcular([empresa], OUTUBRO, ana, receita_mudou=True)
    apuracao.refresh_from_db()
    assert (apuracao.total_calculado, apuracao.rbt12) == (de_competencia, Decimal("600000.00"))
    assert "Regime de caixa" in apuracao.explicacao[1]
    (nova,) = prevoo.prevoo(Acao.SIMULAR, [empresa], OUTUBRO).novas
    assert nova.pedido["declaracao"]["interno"] == "99000.00"
    assert nova.pedido["declaracao"]["caixa"] == ["50000.00", "0"]


@pytest.mark.django_db
def test_a_year_with_a_declaration_keeps_its_regime(empresas, ana) -> None:
    apuracao = informar(empresas[0])
    Apuracao.objects.filter(pk=apuracao.pk).update(situacao="transmitida", id_declaracao="1" * 17)
    assert "vale para o ano inteiro" in optar(empresas[0], 2026, OpcaoRegime.Regime.CAIXA, ana)
    assert not OpcaoRegime.objects.exists()


# -- files and sheet -------------------------------------------------------------------------------------------

CABECALHO = (
    "CNPJ;competência;atividade;valor;ajuste;tributos;percentual;processo;UF do processo;vara;motivo da suspensão;"
    "ICMS fixo;receita por competência interna\n"
)


@pytest.mark.django_db
def test_the_file_brings_every_kind_and_the_process_with_it(bruno, empresas) -> None:
    doc = empresas[0].documento
    texto = CABECALHO + (
        f"{doc};10/2026;14;100,00;;;;;;;;;\n"
        f"{doc};10/2026;14;50,00;Isenção;ISS;;;;;;;\n"
        f"{doc};10/2026;1;60,00;Redução, cesta básica;PIS, Cofins e ICMS;12,5;;;;;;\n"
        f"{doc};10/2026;14;70,00;Exigibilidade suspensa;PIS/Pasep;;5001234-56.2026.4.03.6100;sp;3ª Vara Federal;1;;\n"
        f"{doc};10/2026;;;;;;;;;;45,00;\n"
    )
    feita = importar(conferir("receitas", bruno, texto))
    assert feita.situacao == "importada", feita.mensagem
    assert set(Receita.objects.values_list("atividade", "ajuste", "valor")) == {
        (14, "", Decimal("100.00")),
        (14, "isento-iss", Decimal("50.00")),
        (1, "reduzidocesta-cofins_pis_icms-1250", Decimal("60.00")),
        (14, f"suspenso-pis-{PROCESSO}", Decimal("70.00")),
    }
    processo = Processo.objects.get()
    assert (processo.numero, processo.uf, processo.motivo, processo.empresa) == (PROCESSO, "SP", 1, empresas[0])
    assert Apuracao.objects.get().fixo_icms == Decimal("45.00")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("linha", "coluna", "motivo"),
    [
        ("14;1,00;Perdão;ISS;;;;;;;", "ajuste", "Ajuste desconhecido"),
        ("14;1,00;;ISS;;;;;;;", "ajuste", "Falta dizer o ajuste"),
        ("14;1,00;Isenção;;;;;;;;", "tributos", "Diga os tributos"),
        ("14;1,00;Isenção;ISS;10;;;;;;", "percentual", "Só a redução"),
        ("14;1,00;Redução;ISS;;;;;;;", "percentual", "pede um percentual"),
        ("14;1,00;Isenção;ICMS;;;;;;;", "ajuste", "não tem ICMS no DAS"),
        (";;Isenção;ISS;;;;;;;", "ajuste", "é da receita de uma atividade"),
        ("14;1,00;Exigibilidade suspensa;ISS;;;;;;;", "processo", "pede o número"),
        ("14;1,00;Exigibilidade suspensa;ISS;;123;;;;;", "processo", "não cadastrado"),
        ("14;1,00;Exigibilidade suspensa;ISS;;123;SP;;1;;", "vara", "Diga a vara"),
        ("14;1,00;Exigibilidade suspensa;ISS;;123;SP;1ª;9;;", "motivo da suspensão", "de 1 a 6"),
        ("14;1,00;Isenção;ISS;;123;;;;;", "processo", "Só a exigibilidade suspensa"),
        ("14;1,00;;;;;;;;;5,00", "CNPJ", "regime de caixa"),
    ],
)
def test_a_bad_adjustment_is_refused_with_its_column_and_reason(bruno, empresas, linha, coluna, motivo) -> None:
    conferida = conferir("receitas", bruno, CABECALHO + f"{empresas[0].documento};10/2026;{linha}\n")
    achadas = [(r[0], r[1]) for r in conferida.recusas if motivo in r[3]]
    assert achadas == [(2, coluna)], conferida.recusas
    assert not Processo.objects.exists()


@pytest.mark.django_db
def test_the_sheet_takes_a_column_of_exemption_and_keeps_the_common_one(entrar, bruno, empresas, adicional_216) -> None:
    a = empresas[0]
    client = entrar(bruno)
    client.post(reverse("contexto"), {"competencia": format_competencia(OUTUBRO)})
    nova = client.get(reverse("guias:receitas"), {"nova": "14", "especie": "isento", "tributos": "iss"})
    assert "Isenção de ISS" in nova.content.decode()

    url = reverse("guias:receitas") + "?colunas=14,14.isento-iss&fixos=1"
    dados = {"e": [a.pk], f"v-{a.pk}-14": "100,00", f"v-{a.pk}-14.isento-iss": "40,00", f"fixo_iss-{a.pk}": "9,00"}
    assert client.post(url, dados).status_code == 302
    assert {r.ajuste: r.valor for r in Receita.objects.all()} == {"": Decimal("100.00"), "isento-iss": Decimal("40.00")}
    assert Apuracao.objects.get().fixo_iss == Decimal("9.00")

    pedida = client.get(reverse("guias:receitas"), {"nova": "14", "especie": "reduzido", "tributos": "iss"})
    assert "A coluna não foi incluída" in pedida.content.decode()


@pytest.mark.django_db
def test_a_suspension_needs_its_process_and_changing_it_sends_back_to_be_checked(
    entrar, bruno, ana, empresas, adicional_216
) -> None:
    a = empresas[0]
    apuracao = informar(a, atividade=14)
    coluna = f"14.suspenso-iss-{PROCESSO}"
    client = entrar(bruno)
    client.post(reverse("contexto"), {"competencia": format_competencia(OUTUBRO)})
    url = reverse("guias:receitas") + f"?colunas=14,{coluna}"
    dados = {"e": [a.pk], f"v-{a.pk}-{coluna}": "40,00"}
    recusada = client.post(url, dados)
    assert recusada.status_code == 422
    assert "não está cadastrado nesta empresa" in recusada.content.decode()

    pagina = reverse("guias:suspensoes", args=[apuracao.pk])
    assert (
        "Digite a sigla da UF"
        in client.post(pagina, {"numero": PROCESSO, "motivo": "1", "vara": "1ª", "uf": "XX"}).content.decode()
    )
    assert client.post(pagina, {"numero": PROCESSO, "motivo": "1", "vara": "1ª", "uf": "sp"}).status_code == 302
    assert client.post(url, dados).status_code == 302
    apuracao.refresh_from_db()
    processo = Processo.objects.get()
    processo.deposito = True
    antes = apuracao.versao
    assert gravar_processo(processo, ana) == ""
    apuracao.refresh_from_db()
    assert apuracao.versao > antes


@pytest.mark.django_db
def test_the_receitas_of_the_month_before_are_copied_where_nothing_was_typed(
    entrar, bruno, carteira, empresas, adicional_216
) -> None:
    a, b, c = empresas
    d = criar_empresa(8, carteira=carteira, documento=cnpj_valido(8))
    setembro = OUTUBRO.replace(month=9)
    for empresa, valor in ((a, "10.00"), (b, "20.00"), (d, "40.00")):
        Receita.objects.create(
            empresa=empresa, competencia=setembro, atividade=14, valor=Decimal(valor), ajuste="isento-iss"
        )
    Receita.objects.create(empresa=b, competencia=OUTUBRO, atividade=1, valor=Decimal(5))
    Apuracao.objects.create(empresa=d, competencia=OUTUBRO, sem_movimento=True)
    client = entrar(bruno)
    client.post(reverse("contexto"), {"competencia": format_competencia(OUTUBRO)})

    resposta = client.post(reverse("guias:copiar"), follow=True)

    assert "copiadas para 10/2026 em 1 estabelecimento" in resposta.content.decode()
    de_outubro = Receita.objects.filter(competencia=OUTUBRO).values_list("empresa", "atividade", "ajuste", "valor")
    assert set(de_outubro) == {(a.pk, 14, "isento-iss", Decimal("10.00")), (b.pk, 1, "", Decimal("5.00"))}
    assert not Receita.objects.filter(empresa=c).exists()
