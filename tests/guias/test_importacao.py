"""The CSV of receitas and of past months: what is refused and why, what is written, all or nothing."""

from datetime import date
from decimal import Decimal

import pytest

from empresas.importacao import base
from empresas.models import Empresa, Importacao
from guias.calculo.rbt12 import ReceitaMes
from guias.models import Apuracao, HistoricoMensal, OpcaoRegime, Receita
from guias.services.calculo import travar
from guias.services.fatos import carregar
from tests.cast import cnpj_valido, criar_empresa
from tests.guias.apoio import OUTUBRO, informar

pytestmark = pytest.mark.django_db


def conferir(tipo: str, usuario, texto: str) -> Importacao:
    importacao = base.receber(
        tipo=tipo, usuario=usuario, nome_arquivo="lista.csv", conteudo=texto.encode(), agendar=False
    )
    base.conferir(importacao.pk)
    return Importacao.objects.get(pk=importacao.pk)


def importar(importacao: Importacao) -> Importacao:
    base.pedir_importar(importacao, agendar=False)
    base.importar(importacao.pk)
    return Importacao.objects.get(pk=importacao.pk)


TREZE_MESES = [*(f"{mes}/2025" for mes in (10, 11, 12)), *(f"{mes:02}/2026" for mes in range(1, 11))]
CABECALHO = "CNPJ;competência;atividade;valor;tratamento;município do ISS;UF;folha;sem movimento\n"


def test_imports_the_good_lines_and_computes(bruno, empresas) -> None:
    a, b, c = (empresa.documento for empresa in empresas)
    texto = CABECALHO + (
        f"{a};10/2026;1;1.000,00;;;;500,00;\n{a};102026;2;10,00;ST;;;;\n"
        f"{b};10/26;10;20,00;;Rio de Janeiro;RJ;;\n{c};10/2026;;;;;;;S\n"
    )
    conferida = conferir("receitas", bruno, texto)
    assert conferida.resultado["novas"] == 4
    assert Receita.objects.count() == 0

    feita = importar(conferida)

    assert feita.situacao == Importacao.Situacao.IMPORTADA
    assert sorted(Receita.objects.values_list("atividade", "tratamento", "municipio_iss", "valor")) == [
        (1, "", None, Decimal("1000.00")),
        (2, "st", None, Decimal("10.00")),
        (10, "", "3304557", Decimal("20.00")),
    ]
    assert Apuracao.objects.get(empresa=empresas[2]).sem_movimento is True
    assert Apuracao.objects.get(empresa=empresas[0]).receita_total == Decimal("1010.00")


RUINS = [
    ("{doc};10/2026;99;1,00;;;;;", "atividade", "veja a lista em Atividades do PGDAS-D e seus números"),
    ("{doc};10/2026;2;1,00;;;;;", "tratamento", "pede o tratamento"),
    ("{doc};10/2026;1;1,00;ST;;;;", "tratamento", "não tem tratamento"),
    ("{doc};10/2026;10;1,00;;;;;", "município do ISS", "pede o município"),
    ("{doc};10/2026;10;1,00;;Xique;;;", "município do ISS", "Município não encontrado"),
    ("{doc};13/2026;1;1,00;;;;;", "competência", "Não existe o mês"),
    ("{doc};01/2090;1;1,00;;;;;", "competência", "ainda não começou"),
    ("{doc};10/2026;1;1,005;;;;;", "valor", "mais de duas casas"),
    ("{doc};10/2026;1;-5,00;;;;;", "valor", "não pode ser negativo"),
    ("{doc};10/2026;1;;;;;;", "valor", "vão juntos"),
    ("{doc};10/2026;;;;;;;", "valor", "Linha sem receita"),
    ("{doc};10/2026;1;1,00;;;;;talvez", "sem movimento", "Esperado sim ou não"),
    ("11111111111111;10/2026;1;1,00;;;;;", "CNPJ", "todos os números iguais"),
    (cnpj_valido(999) + ";10/2026;1;1,00;;;;;", "CNPJ", "fora das suas carteiras"),
]


@pytest.mark.parametrize(("linha", "coluna", "motivo"), RUINS)
def test_a_bad_line_is_refused_with_its_number_column_and_reason(bruno, empresas, linha, coluna, motivo) -> None:
    texto = (
        CABECALHO + f"{empresas[1].documento};10/2026;1;9,00;;;;;\n" + linha.format(doc=empresas[0].documento) + "\n"
    )
    conferida = conferir("receitas", bruno, texto)
    achadas = [(r[0], r[1]) for r in conferida.recusas if motivo in r[3]]
    assert achadas == [(3, coluna)]
    assert conferida.resultado["novas"] == 1


@pytest.mark.parametrize("cabecalho", ["CNPJ ou CPF", "CPF/CNPJ", "Documento"])
def test_the_document_answers_to_the_headings_of_the_other_lists(bruno, empresas, cabecalho) -> None:
    texto = CABECALHO.replace("CNPJ", cabecalho, 1) + f"{empresas[0].documento};10/2026;1;9,00;;;;;\n"
    assert conferir("receitas", bruno, texto).resultado["novas"] == 1


def test_a_repeated_line_names_the_first(bruno, empresas) -> None:
    linha = f"{empresas[0].documento};10/2026;1;9,00;;;;;\n"
    conferida = conferir("receitas", bruno, CABECALHO + linha + linha)
    assert "linha 2" in conferida.recusas[0][3]


@pytest.mark.parametrize(
    ("linhas", "coluna"),
    [
        ((";;;;;500,00;", ";;;;;900,00;"), "folha"),
        (("1;9,00;;;;500,00;", "4;9,00;;;;900,00;"), "folha"),
        ((";;;;;;S", ";;;;;;N"), "sem movimento"),
    ],
)
def test_two_lines_that_say_different_things_of_the_matriz_are_not_both_taken(bruno, empresas, linhas, coluna) -> None:
    texto = "".join(
        f"{empresas[0].documento};10/2026;{linha}\n" for linha in (*linhas, linhas[0].replace("1;9", "3;9"))
    )
    conferida = conferir("receitas", bruno, CABECALHO + texto)
    assert [(r[0], r[1]) for r in conferida.recusas] == [(3, coluna)]
    assert "a linha 2 diz" in conferida.recusas[0][3]
    assert conferida.resultado["novas"] == 2


def test_only_the_simples_of_that_month(bruno, carteira) -> None:
    presumido = criar_empresa(70, carteira=carteira, regime="presumido")
    conferida = conferir("receitas", bruno, CABECALHO + f"{presumido.documento};10/2026;1;9,00;;;;;\n")
    assert "não está no Simples Nacional em 10/2026" in conferida.recusas[0][3]


def test_a_transmitted_month_is_refused(bruno, empresas) -> None:
    apuracao = informar(empresas[0])
    Apuracao.objects.filter(pk=apuracao.pk).update(situacao="transmitida", id_declaracao="1" * 17)
    conferida = conferir("receitas", bruno, CABECALHO + f"{empresas[0].documento};10/2026;1;9,00;;;;;\n")
    assert "já foi transmitida" in conferida.recusas[0][3]


def test_a_changed_value_shows_before_and_after_and_equal_lines_do_nothing(bruno, empresas) -> None:
    informar(empresas[0], "100.00")
    informar(empresas[1], "100.00")
    texto = (
        CABECALHO + f"{empresas[0].documento};10/2026;1;150,00;;;;;\n{empresas[1].documento};10/2026;1;100,00;;;;;\n"
    )
    conferida = conferir("receitas", bruno, texto)
    assert (conferida.resultado["alteradas"], conferida.resultado["iguais"]) == (1, 1)
    assert conferida.previa["alteracoes"][0][3:] == ["100,00", "150,00"]


def test_what_changed_after_the_check_is_not_written(bruno, empresas) -> None:
    conferida = conferir("receitas", bruno, CABECALHO + f"{empresas[0].documento};10/2026;1;9,00;;;;;\n")
    informar(empresas[0], "100.00")
    feita = importar(conferida)
    assert feita.situacao == Importacao.Situacao.CONFERIDA
    assert Receita.objects.get().valor == Decimal("100.00")


def test_history_completes_the_computation_and_marks_declared_months(bruno, empresas) -> None:
    apuracao = informar(empresas[0], meses=11)
    assert "10/2025" in apuracao.impedimento
    texto = f"cnpj;competência;receita interna;folha;já declarada\n{empresas[0].documento};10/2025;40.000,00;;S\n"

    importar(conferir("historico", bruno, texto))

    apuracao.refresh_from_db()
    assert apuracao.impedimento == ""
    assert apuracao.total_calculado is not None
    assert HistoricoMensal.objects.get(competencia=date(2025, 10, 1)).declarada is True


def test_a_blank_cell_of_the_history_leaves_what_is_stored(bruno, empresas) -> None:
    HistoricoMensal.objects.create(
        empresa=empresas[0], competencia=OUTUBRO, interno=Decimal(10), folha=Decimal(7), declarada=True
    )
    texto = f"cnpj;competência;receita interna;folha\n{empresas[0].documento};10/2026;;8,00\n"
    importar(conferir("historico", bruno, texto))
    mes = HistoricoMensal.objects.get()
    assert (mes.interno, mes.folha, mes.declarada) == (Decimal(10), Decimal(8), True)


def test_a_blank_cell_of_the_history_leaves_what_is_written_while_the_import_waits(
    bruno, empresas, monkeypatch
) -> None:
    HistoricoMensal.objects.create(empresa=empresas[0], competencia=OUTUBRO, interno=Decimal(10), folha=Decimal(7))
    texto = f"cnpj;competência;receita interna;folha\n{empresas[0].documento};10/2026;;8,00\n"
    conferida = conferir("historico", bruno, texto)

    def esperar(matrizes: set[int]) -> None:
        HistoricoMensal.objects.update(interno=Decimal(99), declarada=True)
        travar(matrizes)

    monkeypatch.setattr("guias.importacao.historico.travar", esperar)
    importar(conferida)

    mes = HistoricoMensal.objects.get()
    assert (mes.interno, mes.folha, mes.declarada) == (Decimal(99), Decimal(8), True)


def test_a_file_without_its_columns_is_not_imported(bruno) -> None:
    conferida = conferir("receitas", bruno, "nome;cidade\nx;y\n")
    assert conferida.situacao == Importacao.Situacao.FALHOU
    assert conferida.mensagem


def test_receitas_without_the_months_before_are_counted_at_the_check_and_at_the_end(bruno, empresas) -> None:
    a, b, c = empresas
    treze = CABECALHO + "".join(f"{b.documento};{mes};1;5,00;;;;;\n" for mes in TREZE_MESES)
    conferida = conferir(
        "receitas", bruno, treze + f"{a.documento};10/2026;1;1,00;;;;;\n{c.documento};10/2026;;;;;;;S\n"
    )
    textos = [texto for texto, _, _ in conferida.resultado["pendencias"]]
    assert [texto.split(":")[0] for texto in textos] == ["2 empresas ficam sem cálculo"]

    feita = importar(conferida)

    assert feita.resultado["pendencias"] == conferida.resultado["pendencias"]
    sem_calculo = Apuracao.objects.filter(impedimento__startswith="Falta a receita").values("empresa").distinct()
    assert {linha["empresa"] for linha in sem_calculo} == {a.pk, b.pk}
    assert not Apuracao.objects.get(empresa=b, competencia=OUTUBRO).impedimento


# -- the regime of the year -------------------------------------------------------------------------------------------

COM_CAIXA = "CNPJ;competência;atividade;valor;regime de caixa;receita por competência interna\n"


def regimes() -> list[tuple[int, int, str, bool]]:
    return list(OpcaoRegime.objects.order_by("empresa", "ano").values_list("empresa", "ano", "regime", "na_receita"))


def test_the_file_says_who_is_in_cash_and_what_was_accrued(bruno, empresas) -> None:
    a, b = empresas[:2]
    texto = COM_CAIXA + (
        f"{a.documento};10/2026;1;900,00;S;1.000,00\n{b.documento};10/2026;1;700,00;;\n"
        f"{a.documento};09/2026;1;500,00;;600,00\n"
    )
    conferida = conferir("receitas", bruno, texto)
    assert (conferida.resultado["novas"], OpcaoRegime.objects.count()) == (3, 0)
    importar(conferida)
    assert regimes() == [(a.pk, 2026, "CAIXA", False)]
    fatos = carregar([a], OUTUBRO)[a.pk]
    assert (fatos.caixa, fatos.por_competencia) == (True, ReceitaMes(Decimal(1000), Decimal(0)))
    assert fatos.meses[date(2026, 9, 1)].interno == Decimal(600)


def test_the_same_file_again_changes_nothing(bruno, empresas) -> None:
    texto = COM_CAIXA + f"{empresas[0].documento};10/2026;1;900,00;S;1.000,00\n"
    importar(conferir("receitas", bruno, texto))
    assert conferir("receitas", bruno, texto).resultado["iguais"] == 1


def test_a_line_may_say_the_regime_only(bruno, empresas) -> None:
    a = empresas[0]
    antes = informar(a)
    importar(conferir("receitas", bruno, COM_CAIXA + f"{a.documento};10/2026;;;sim;\n"))
    depois = Apuracao.objects.get(pk=antes.pk)
    assert "receita por competência" in depois.impedimento
    importar(conferir("receitas", bruno, COM_CAIXA + f"{a.documento};10/2026;;;N;\n"))
    assert regimes() == [(a.pk, 2026, "COMPETENCIA", False)]
    assert Apuracao.objects.get(pk=antes.pk).calculado == antes.calculado


def test_the_regime_of_the_file_does_not_go_against_the_receita_nor_a_declaration(bruno, empresas) -> None:
    a, b, c = empresas
    OpcaoRegime.objects.create(empresa=a, ano=2026, regime="COMPETENCIA")
    setembro = informar(b, competencia=date(2026, 9, 1))
    Apuracao.objects.filter(pk=setembro.pk).update(situacao="transmitida", id_declaracao="1" * 17)
    texto = COM_CAIXA + "".join(f"{e.documento};10/2026;1;900,00;S;\n" for e in (a, b, c))
    conferida = conferir("receitas", bruno, texto)
    motivos = [(recusa[0], recusa[3]) for recusa in conferida.recusas]
    assert [linha for linha, _ in motivos] == [2, 3]
    assert "A Receita já tem a opção de 2026" in motivos[0][1]
    assert "Já há declaração de 2026 transmitida" in motivos[1][1]
    importar(conferida)
    assert regimes() == [(a.pk, 2026, "COMPETENCIA", True), (c.pk, 2026, "CAIXA", False)]


def test_two_regimes_in_one_year_are_refused_wherever_they_are(bruno, empresas) -> None:
    doc = empresas[0].documento
    texto = COM_CAIXA + f"{doc};09/2026;1;900,00;S;\n{doc};10/2026;1;900,00;N;\n"
    (recusa,) = conferir("receitas", bruno, texto).recusas
    assert (recusa[0], recusa[1]) == (3, "regime de caixa")
    assert "linha 2" in recusa[3]


def test_the_regime_goes_in_the_line_of_the_matriz(bruno, empresas, carteira) -> None:
    filial = criar_empresa(9, documento=cnpj_valido(1, ordem="0002"), carteira=carteira)
    Empresa.objects.filter(pk=filial.pk).update(matriz=empresas[0])
    (recusa,) = conferir("receitas", bruno, COM_CAIXA + f"{filial.documento};10/2026;1;9,00;S;\n").recusas
    assert "linha da matriz: regime de caixa" in recusa[3]


def test_many_in_cash_cost_the_queries_of_one_but_for_the_audit(bruno, carteira, django_assert_max_num_queries) -> None:
    muitas = [criar_empresa(numero, carteira=carteira) for numero in range(20, 60)]
    texto = COM_CAIXA + "".join(f"{e.documento};10/2026;1;900,00;S;1.000,00\n" for e in muitas)
    conferida = conferir("receitas", bruno, texto)
    with django_assert_max_num_queries(250):
        importar(conferida)
    assert len(regimes()) == 40


# -- ICMS of another state --------------------------------------------------------------------------------------------

COM_UF = "CNPJ;competência;atividade;valor;UF do ICMS\n"


def test_the_state_of_the_icms_comes_in_the_file(bruno, empresas) -> None:
    doc = empresas[0].documento
    importar(conferir("receitas", bruno, COM_UF + f"{doc};10/2026;34;9,00;rj\n{doc};10/2026;34;1,00;\n"))
    assert sorted(Receita.objects.values_list("uf_icms", "valor")) == [("", Decimal(1)), ("RJ", Decimal(9))]


@pytest.mark.parametrize(("resto", "dito"), [("1;9,00;RJ", "transporte e comunicação"), ("34;9,00;XX", "desconhecida")])
def test_a_state_out_of_place_is_refused(bruno, empresas, resto, dito) -> None:
    (recusa,) = conferir("receitas", bruno, COM_UF + f"{empresas[0].documento};10/2026;{resto}\n").recusas
    assert recusa[1] == "UF do ICMS"
    assert dito in recusa[3]
