"""One correction for all the notes that have the same problem: what it would do, what it does, and never twice."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
import time_machine

from comum.documentos import Invalido
from comum.models import Auditoria
from nfse.models import EventoNota, Nota, ReferenciaCanal
from nfse.services.correcoes import CAMPOS, sugeridos
from nfse.services.emissao import com_tudo, prevoo
from nfse.services.iguais import aplicar_as_iguais, com_o_problema, efeito
from nfse.services.notas import abandonar
from operacoes.models import Operacao
from tests.nfse.apoio_lote import CONTABIL, HOJE, OUTUBRO, empresa_no_sisgenfe, item, rascunhos

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def hoje() -> Iterator[None]:
    with time_machine.travel(HOJE, tick=False):
        yield


@pytest.fixture
def empresas(carteira):
    return [empresa_no_sisgenfe(numero, carteira) for numero in (1, 2, 3)]


def codigos(notas: list[Nota]) -> set[str]:
    return {item.codigo for item in prevoo(com_tudo(nota.pk for nota in notas)).fora}


RETIDO = {"iss_retido": True}  # a rate that is ours to give
# (what is wrong with the line or the note, its code, what to correct, the text typed)
CORRECOES = [
    ({"aliquota": Decimal(7)}, RETIDO, "iss-fora-da-faixa", "aliquota", "2,5"),
    ({"atividade": None}, {}, "sem-atividade", "atividade", "6920-6/01"),
    ({"atividade": 999}, {}, "atividade-de-outro", "atividade", "6920601"),
    ({"item_lc116": "8.02"}, {}, "lc116-da-atividade", "item_lc116", "17.19"),
    ({"aliquota": Decimal(2), "deducao": Decimal(5000)}, RETIDO, "deducao-maior", "deducao", ""),
    ({"descricao": "Honorários 🎉"}, {}, "caractere", "limpar", ""),
    ({"descricao": " "}, {}, "sem-descricao", "descricao", "Honorários de {MES}"),
    ({}, {"observacao": "Pago ✅"}, "caractere", "observacao", "Pago"),
    ({}, {"emissao": date(2026, 12, 1)}, "emissao-futura", "emissao", "20/11/2026"),
    ({}, {"competencia": date(2026, 12, 1)}, "competencia-futura", "competencia", "10/2026"),
    ({}, {"iss_retido": True}, None, "iss_retido", "N"),
]


@pytest.mark.parametrize(
    ("linha", "nota", "codigo", "campo", "texto"), CORRECOES, ids=[f"{c[2]}-{c[3]}" for c in CORRECOES]
)
def test_a_correction_makes_all_of_them_pass(bruno, empresas, linha, nota, codigo, campo, texto) -> None:
    notas = rascunhos(empresas, bruno, item(**linha), **nota)
    assert codigo is None or codigos(notas) == {codigo}
    assert codigos(notas)
    valor = CAMPOS[campo].valor(texto)
    mudadas, fora = aplicar_as_iguais(notas, campo, valor, bruno, codigo=codigo or "")
    assert (len(mudadas), fora) == (3, [])
    assert codigos(notas) == set()


def test_the_effect_is_told_before_and_nothing_is_written(bruno, empresas) -> None:
    notas = rascunhos(empresas, bruno, item(aliquota=Decimal(7)), **RETIDO)
    rascunhos(empresas[:1], bruno, item(aliquota=Decimal(7), descricao="🎉"), **RETIDO)
    visto = efeito([nota.pk for nota in Nota.objects.all()], "aliquota", Decimal(2), codigo="iss-fora-da-faixa")
    assert (len(visto.mudam), len(visto.previa.prontas), visto.fora) == (4, 3, [])
    assert [achado.codigo for achado in visto.previa.fora[0].problemas] == ["caractere"]
    assert set(notas[0].itens.values_list("aliquota", flat=True)) == {Decimal(7)}


def test_totals_version_event_and_audit_follow(bruno, empresas) -> None:
    (nota, *_) = notas = rascunhos(empresas, bruno, item("1000.00", aliquota=Decimal(7)), **RETIDO)
    aplicar_as_iguais(notas, "aliquota", Decimal("2.5"), bruno)
    nota.refresh_from_db()
    assert (nota.valor_iss, nota.valor_liquido, nota.versao) == (Decimal("25.00"), Decimal("975.00"), 2)
    evento = nota.eventos.get(tipo=EventoNota.Tipo.ALTERADA)
    assert evento.texto == "Alíquota do ISS: 2,5% (aplicada a 3 notas iguais)"
    registro = Auditoria.objects.get(acao="nfse.aplicar_as_iguais")
    assert sorted(registro.dados["notas"]) == sorted(nota.pk for nota in notas)
    assert not Operacao.objects.exists()


def test_a_second_click_finds_nothing_to_do(bruno, empresas) -> None:
    notas = rascunhos(empresas, bruno, item(aliquota=Decimal(7)), **RETIDO)
    aplicar_as_iguais(notas, "aliquota", Decimal(2), bruno)
    assert aplicar_as_iguais(notas, "aliquota", Decimal(2), bruno) == ([], [])
    assert Auditoria.objects.filter(acao="nfse.aplicar_as_iguais").count() == 1


def test_only_the_lines_that_have_the_problem_are_corrected(bruno, empresas) -> None:
    (nota,) = rascunhos(empresas[:1], bruno, item(aliquota=Decimal(7)), item(aliquota=Decimal(3)), **RETIDO)
    aplicar_as_iguais([nota], "aliquota", Decimal(2), bruno, codigo="iss-fora-da-faixa")
    assert list(nota.itens.order_by("ordem").values_list("aliquota", flat=True)) == [Decimal(2), Decimal(3)]


def test_each_prestador_gets_its_own_atividade(bruno, empresas) -> None:
    ReferenciaCanal.objects.filter(canal__empresa=empresas[1], id_servico=CONTABIL).update(id_servico=501)
    notas = rascunhos(empresas, bruno, item(atividade=None))
    aplicar_as_iguais(notas, "atividade", "6920601", bruno, codigo="sem-atividade")
    assert [nota.itens.get().atividade for nota in notas] == [CONTABIL, 501, CONTABIL]


def test_a_prestador_without_the_atividade_stays_out_with_its_reason(bruno, empresas) -> None:
    ReferenciaCanal.objects.filter(canal__empresa=empresas[2], id_servico=CONTABIL).delete()
    notas = rascunhos(empresas, bruno, item(atividade=None))
    mudadas, fora = aplicar_as_iguais(notas, "atividade", "6920601", bruno)
    assert (len(mudadas), len(fora)) == (2, 1)
    assert "não é de 0003" in fora[0].motivo


def test_a_note_that_went_on_meanwhile_is_left_alone(bruno, empresas) -> None:
    notas = rascunhos(empresas, bruno, item(aliquota=Decimal(7)), **RETIDO)
    abandonar(notas[0], bruno)
    mudadas, fora = aplicar_as_iguais(notas, "aliquota", Decimal(2), bruno)
    assert (len(mudadas), fora[0].codigo) == (2, "situacao-abandonada")


def test_the_description_is_made_for_each_month(bruno, empresas) -> None:
    rascunhos(empresas[:1], bruno, item(descricao=" "))
    rascunhos(empresas[:1], bruno, item(descricao=" "), competencia=date(2026, 9, 1))
    aplicar_as_iguais(Nota.objects.all(), "descricao", "Honorários de {MES}", bruno)
    ditas = Nota.objects.order_by("competencia").values_list("itens__descricao", flat=True)
    assert list(ditas) == ["Honorários de setembro", "Honorários de outubro"]


def test_cleaning_takes_only_what_is_not_accepted(bruno, empresas) -> None:
    (nota,) = rascunhos(
        empresas[:1], bruno, item(descricao="Honorários 🎉 de outubro,\n1ª parcela"), observacao="✅ Pago"
    )
    aplicar_as_iguais([nota], "limpar", None, bruno)
    nota.refresh_from_db()
    assert (nota.itens.get().descricao, nota.observacao) == ("Honorários de outubro,\n1ª parcela", "Pago")


@pytest.mark.parametrize(
    ("campo", "texto", "motivo"),
    [
        ("aliquota", "sete", "Percentual fora do formato"),
        ("emissao", "", "Falta Data de emissão"),
        ("item_lc116", "99.99", "Não existe o item 99.99"),
        ("codigo_nacional", "999999", "Não existe o código 999999"),
        ("descricao", "a" * 2001, "o máximo é 2.000"),
        ("atividade", "123", "a subclasse tem 7"),
        ("deducao", "1,234", "mais de duas casas"),
    ],
)
def test_a_value_that_cannot_be_read_says_why(db, campo, texto, motivo) -> None:
    lido = CAMPOS[campo].valor(texto)
    assert isinstance(lido, Invalido)
    assert motivo in lido.mensagem


def test_what_no_field_of_the_note_mends_has_no_suggestion() -> None:
    assert sugeridos("tomador-sem-endereco", "tomador") == []
    assert sugeridos("sem-canal", "") == []
    assert [campo.nome for campo in sugeridos("sisgenfe-itens.aliquota", "itens.2.aliquota")] == [
        "aliquota",
        "iss_retido",
    ]


def test_the_equal_ones_are_those_with_the_problem_whatever_else_is_wrong(bruno, empresas) -> None:
    rascunhos(empresas[:1], bruno, item(aliquota=Decimal(7), descricao="🎉"), **RETIDO)
    rascunhos(empresas[1:2], bruno, item(aliquota=Decimal(7)), **RETIDO)
    rascunhos(empresas[2:], bruno, item(descricao="🎉"))
    assert len(com_o_problema(Nota.objects.values_list("pk", flat=True), "iss-fora-da-faixa")) == 2


def test_many_notes_cost_a_constant_number_of_queries(bruno, empresas, django_assert_max_num_queries) -> None:
    for _ in range(15):
        rascunhos(empresas, bruno, item(aliquota=Decimal(7)), **RETIDO)
    with django_assert_max_num_queries(30):
        mudadas, _ = aplicar_as_iguais(Nota.objects.filter(competencia=OUTUBRO), "aliquota", Decimal(2), bruno)
    assert len(mudadas) == 45
