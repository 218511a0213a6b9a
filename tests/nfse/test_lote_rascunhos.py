"""Many drafts at once, and the notes of the recurring contracts: each once, whoever asks again."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
import time_machine

from comum.models import Auditoria
from nfse.models import Contrato, EventoNota, Nota, NotaItem
from nfse.services.contratos import vigentes
from nfse.services.mensalidades import gerar, mensalidades, referencia
from nfse.services.notas import ReferenciaRepetida, abandonar, gravar
from operacoes.models import Operacao
from tests.cast import criar_empresa
from tests.nfse.apoio_lote import CONTABIL, HOJE, OUTUBRO, criar_rascunhos, dados_da_nota, empresa_no_sisgenfe, item
from tests.nfse.fabrica import criar_contrato, criar_servico, criar_tomador

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def hoje() -> Iterator[None]:
    with time_machine.travel(HOJE, tick=False):
        yield


@pytest.fixture
def empresa(carteira):
    return empresa_no_sisgenfe(1, carteira)


# -- many drafts ------------------------------------------------------------------------------------------------------


def test_the_bulk_writes_what_one_by_one_would(bruno, empresa) -> None:
    dados = dados_da_nota(empresa, item("100.00", aliquota=Decimal(2)), item("7.50", pis=Decimal("1.00")))
    uma, (outra,) = gravar(dados, bruno), criar_rascunhos([dados], bruno)
    campos = [campo.attname for campo in Nota._meta.concrete_fields]
    proprios = {"id", "marca", "criada_em", "alterada_em"}
    assert {c: getattr(uma, c) for c in campos if c not in proprios} == {
        c: getattr(Nota.objects.get(pk=outra.pk), c) for c in campos if c not in proprios
    }
    linhas = ("ordem", "descricao", "valor", "iss", "pis", "atividade")
    assert list(uma.itens.values_list(*linhas)) == list(outra.itens.values_list(*linhas))
    assert uma.eventos.get().texto == outra.eventos.get().texto
    assert outra.eventos.get().usuario == bruno


def test_the_number_of_statements_does_not_grow_with_the_notes(bruno, empresa, django_assert_num_queries) -> None:
    criar_rascunhos([dados_da_nota(empresa)], bruno)
    todas = [dados_da_nota(empresa, referencia=f"R-{n}") for n in range(200)]
    with django_assert_num_queries(10):  # three of the routes, three inserts and their savepoints
        criar_rascunhos(todas, bruno)


def test_a_referência_taken_leaves_nothing_written_and_is_named(bruno, empresa) -> None:
    criar_rascunhos([dados_da_nota(empresa, referencia="R-2")], bruno)
    with pytest.raises(ReferenciaRepetida, match="R-2"):
        criar_rascunhos([dados_da_nota(empresa, referencia=nome) for nome in ("R-1", "R-2", "R-3")], bruno)
    assert (Nota.objects.count(), NotaItem.objects.count(), EventoNota.objects.count()) == (1, 1, 1)


# -- the notes of the contratos ---------------------------------------------------------------------------------------


@pytest.fixture
def contrato(empresa) -> Contrato:
    servico = criar_servico(empresa, atividade=CONTABIL, cnae_id="6920601")
    return criar_contrato(empresa, servico=servico, valor=Decimal("850.00"), dia=31)


def test_a_contrato_gives_the_draft_of_the_month(bruno, contrato) -> None:
    geracao = gerar([contrato.pk], OUTUBRO, bruno)
    nota = Nota.objects.get()
    assert [criada.pk for criada in geracao.criadas] == [nota.pk]
    assert (nota.contrato, nota.tomador, nota.valor_servicos) == (contrato, contrato.tomador, Decimal("850.00"))
    assert (nota.competencia, nota.emissao) == (OUTUBRO, date(2026, 10, 31))
    assert nota.itens.get().descricao == "Honorários contábeis de outubro de 2026"
    assert not Operacao.objects.exists()


def test_asked_twice_is_once(bruno, contrato) -> None:
    gerar([contrato.pk], OUTUBRO, bruno)
    segunda = gerar([contrato.pk], OUTUBRO, bruno)
    assert (segunda.criadas, segunda.existentes) == ([], 1)
    assert Nota.objects.get().referencia == referencia(contrato.pk, OUTUBRO)
    assert Auditoria.objects.filter(acao="nfse.gerar_dos_contratos").count() == 1


def test_each_month_has_its_own(bruno, contrato) -> None:
    gerar([contrato.pk], OUTUBRO, bruno)
    assert len(gerar([contrato.pk], date(2026, 11, 1), bruno).criadas) == 1


def test_an_abandoned_one_may_be_made_again(bruno, contrato) -> None:
    abandonar(gerar([contrato.pk], OUTUBRO, bruno).criadas[0], bruno)
    assert len(gerar([contrato.pk], OUTUBRO, bruno).criadas) == 1


def test_one_date_for_all_when_asked(bruno, contrato) -> None:
    gerar([contrato.pk], OUTUBRO, bruno, emissao=date(2026, 11, 3))
    assert Nota.objects.get().emissao == date(2026, 11, 3)


@pytest.mark.parametrize(
    "campos",
    [{"ate": date(2026, 9, 30)}, {"de": date(2026, 11, 2)}, {"ativo": False}],
)
def test_what_is_not_in_force_gives_nothing(bruno, contrato, campos) -> None:
    Contrato.objects.filter(pk=contrato.pk).update(**campos)
    assert gerar([contrato.pk], OUTUBRO, bruno).criadas == []


def test_a_month_before_the_known_price_is_told(bruno, contrato) -> None:
    Contrato.objects.filter(pk=contrato.pk).update(valor_desde=date(2026, 11, 1))
    geracao = gerar([contrato.pk], OUTUBRO, bruno)
    assert geracao.criadas == []
    assert "Não se sabe o valor de 10/2026" in geracao.fora[0].impedimento


def test_the_price_of_a_past_month_is_the_one_before_the_reajuste(bruno, contrato) -> None:
    Contrato.objects.filter(pk=contrato.pk).update(
        valor=Decimal("900.00"),
        valor_desde=date(2026, 11, 1),
        valor_anterior=Decimal("850.00"),
        anterior_desde=date(2025, 1, 1),
    )
    assert gerar([contrato.pk], OUTUBRO, bruno).criadas[0].valor_servicos == Decimal("850.00")


def test_an_empresa_without_município_is_told(bruno, contrato) -> None:
    type(contrato.empresa).objects.update(municipio=None)
    assert "não tem município no cadastro" in gerar([contrato.pk], OUTUBRO, bruno).fora[0].impedimento


def test_the_screen_sees_note_value_and_what_would_keep_it(bruno, contrato, carteira) -> None:
    outra = criar_contrato(criar_empresa(7, carteira=carteira, regime="presumido"))
    gerar([contrato.pk], OUTUBRO, bruno)
    todos = vigentes(OUTUBRO, [contrato.empresa, outra.empresa])
    por_contrato = {mensalidade.contrato.pk: mensalidade for mensalidade in mensalidades(todos, OUTUBRO, bruno)}
    assert por_contrato[contrato.pk].nota == Nota.objects.get()
    sem_canal = por_contrato[outra.pk]
    assert (sem_canal.nota, sem_canal.valor, sem_canal.emissao) == (None, Decimal("1000.00"), date(2026, 10, 5))
    assert "Falta um canal" in sem_canal.problemas[0].mensagem


def test_many_contratos_cost_a_constant_number_of_queries(bruno, contrato, django_assert_max_num_queries) -> None:
    for numero in range(100, 130):
        criar_contrato(contrato.empresa, tomador=criar_tomador(contrato.empresa, numero), servico=contrato.servico)
    chaves = list(Contrato.objects.values_list("pk", flat=True))
    with django_assert_max_num_queries(16):
        assert len(gerar(chaves, OUTUBRO, bruno).criadas) == 31


def test_a_month_counts_as_billed_whatever_became_of_its_referência(bruno, contrato) -> None:
    Nota.objects.filter(pk=gerar([contrato.pk], OUTUBRO, bruno).criadas[0].pk).update(referencia="minha")
    assert gerar([contrato.pk], OUTUBRO, bruno).criadas == []
