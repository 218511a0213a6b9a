"""*Avançar* is all or nothing, names each conflict, and *Desfazer* restores until something outside used it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from comum.models import Adicional, Auditoria, Papel, Usuario
from credentials.models import Acao, Credencial, Gravacao, GravacaoItem, ItemRascunho, Rascunho, Servico, Vinculo
from credentials.services import avancar as servico
from credentials.services import conflitos, rascunho
from credentials.services.avancar import GravacaoEmConflito, GravacaoRecusada
from credentials.services.conflitos import Motivo
from credentials.services.rascunho import Configuracao, Mudancas
from empresas.models import Carteira, Empresa
from guias.services.acesso import segurar
from operacoes.models import ABERTAS, Classe, Efeito, Operacao, Situacao
from tests.cast import criar_empresa, criar_empresas, criar_usuario
from tests.credentials.fabrica import criar_credencial, vincular

DAS = Configuracao((Servico.PGDASD.value, Servico.DAS.value))


@pytest.fixture
def empresas(carteira: Carteira) -> list[Empresa]:
    return criar_empresas(range(1, 6), carteira=carteira)


def incluir(usuario: Usuario, credencial: Credencial, *empresas: Empresa) -> None:
    rascunho.incluir(usuario=usuario, credencial=credencial, configuracoes={e.pk: DAS for e in empresas})


def excluir(usuario: Usuario, credencial: Credencial, *empresas: Empresa) -> None:
    pks = [e.pk for e in empresas]
    rascunho.excluir(usuario=usuario, credencial=credencial, empresas=Empresa.objects.filter(pk__in=pks))


def alterar(usuario: Usuario, credencial: Credencial, *empresas: Empresa, mais: str = Servico.MEI) -> None:
    rascunho.alterar(
        usuario=usuario,
        credencial=credencial,
        mudancas=dict.fromkeys((e.pk for e in empresas), Mudancas(mais=(mais,))),
    )


def avancar(usuario: Usuario, credencial: Credencial) -> Gravacao | None:
    return servico.avancar(usuario=usuario, credencial=Credencial.objects.get(pk=credencial.pk))


def conflito_de(usuario: Usuario, credencial: Credencial) -> conflitos.Conflito:
    with pytest.raises(GravacaoEmConflito) as erro:
        avancar(usuario, credencial)
    assert len(erro.value.conflitos) == 1
    return erro.value.conflitos[0]


def operacao(
    empresa: Empresa, credencial: Credencial, situacao: str = Situacao.PENDENTE, enviada_em: datetime | None = None
) -> Operacao:
    return Operacao.objects.create(
        tipo="teste",
        chave=f"teste:{empresa.pk}:{Operacao.objects.count()}",
        pedido={},
        acesso=credencial.acesso,
        balde="teste",
        servico="teste",
        efeito=Efeito.DOCUMENTO,
        classe=Classe.GRATIS,
        empresa=empresa,
        situacao=situacao,
        enviada_em=enviada_em,
        encerrada_em=None if situacao in ABERTAS else timezone.now(),
    )


def estado(credencial: Credencial) -> dict[str, list[str]]:
    return dict(Vinculo.objects.filter(credencial=credencial).values_list("empresa__codigo", "servicos"))


def test_writes_inclusions_changes_and_exclusions_together(bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, bruno)
    vincular(empresas[1], credencial, bruno)
    excluir(bruno, credencial, empresas[0])
    alterar(bruno, credencial, empresas[1])
    incluir(bruno, credencial, empresas[2])
    gravacao = avancar(bruno, credencial)
    assert estado(credencial) == {"0002": ["pgdasd", "das", "mei"], "0003": ["pgdasd", "das"]}
    assert gravacao is not None
    assert (gravacao.incluidas, gravacao.alteradas, gravacao.excluidas) == (1, 1, 1)


def test_the_draft_is_gone_and_a_second_click_finds_nothing(bruno, credencial, empresas) -> None:
    incluir(bruno, credencial, empresas[0])
    avancar(bruno, credencial)
    assert avancar(bruno, credencial) is None
    assert not Rascunho.objects.exists()
    assert Gravacao.objects.count() == 1


def test_one_audit_row_carries_the_diff(bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, bruno)
    alterar(bruno, credencial, empresas[0])
    avancar(bruno, credencial)
    linha = Auditoria.objects.get(acao="janela.avancar")
    [[empresa, acao, antes, depois]] = linha.dados["itens"]
    assert (empresa, acao) == (empresas[0].pk, Acao.ALTERAR)
    assert (antes["servicos"], depois["servicos"]) == (["pgdasd", "das"], ["pgdasd", "das", "mei"])


def test_every_version_is_new_even_after_excluding_and_including_again(bruno, credencial, empresas) -> None:
    versoes: list[int] = []
    for acao in (incluir, excluir, incluir):
        acao(bruno, credencial, empresas[0])
        avancar(bruno, credencial)
        versoes += Vinculo.objects.values_list("versao", flat=True)
    assert len(set(versoes)) == 2


def test_an_empresa_taken_meanwhile_stops_everything(ana, bruno, credencial, outra_credencial, empresas) -> None:
    incluir(bruno, credencial, *empresas)
    vincular(empresas[2], outra_credencial, ana)
    conflito = conflito_de(bruno, credencial)
    assert (conflito.motivo, conflito.quantas) == (Motivo.TOMADA, 1)
    assert "Empresa Inventada 0003" in conflito.empresas[0].nome
    assert conflito.empresas[0].url.endswith("/5/")
    assert "gravada por Ana em " in conflito.empresas[0].detalhe
    assert estado(credencial) == {}
    assert ItemRascunho.objects.count() == 5


def test_taking_the_conflicting_rows_out_lets_the_rest_through(
    ana, bruno, credencial, outra_credencial, empresas
) -> None:
    incluir(bruno, credencial, *empresas)
    vincular(empresas[2], outra_credencial, ana)
    assert conflitos.tirar(usuario=bruno, credencial=credencial, motivo=Motivo.TOMADA) == 1
    avancar(bruno, credencial)
    assert set(estado(credencial)) == {"0001", "0002", "0004", "0005"}


def conflitos_agora(usuario: Usuario, credencial: Credencial) -> list[conflitos.Conflito]:
    return conflitos.conflitos_do_rascunho(usuario=usuario, credencial=credencial)


def test_the_conflicts_seen_are_left_out_and_the_rest_is_written_at_once(
    ana, bruno, credencial, outra_credencial, empresas
) -> None:
    incluir(bruno, credencial, *empresas)
    vincular(empresas[2], outra_credencial, ana)
    Credencial.objects.filter(pk=credencial.pk).update(versao=2)
    vistos = conflitos.impressao(conflitos_agora(bruno, credencial))
    gravacao = servico.avancar(usuario=bruno, credencial=credencial, sem=vistos)
    assert gravacao is not None
    assert set(estado(credencial)) == {"0001", "0002", "0004", "0005"}
    assert not ItemRascunho.objects.exists()


def test_a_conflict_that_was_not_on_the_screen_stops_everything_again(
    ana, bruno, credencial, outra_credencial, empresas
) -> None:
    incluir(bruno, credencial, *empresas)
    vincular(empresas[2], outra_credencial, ana)
    vistos = conflitos.impressao(conflitos_agora(bruno, credencial))
    vincular(empresas[3], outra_credencial, ana)
    with pytest.raises(GravacaoEmConflito):
        servico.avancar(usuario=bruno, credencial=credencial, sem=vistos)
    assert estado(credencial) == {}
    assert ItemRascunho.objects.count() == 5


def test_leaving_out_all_there_is_empties_the_draft_and_writes_nothing(
    ana, bruno, credencial, outra_credencial, empresas
) -> None:
    incluir(bruno, credencial, empresas[0])
    vincular(empresas[0], outra_credencial, ana)
    vistos = conflitos.impressao(conflitos_agora(bruno, credencial))
    assert servico.avancar(usuario=bruno, credencial=credencial, sem=vistos) is None
    assert not ItemRascunho.objects.exists()
    assert not Gravacao.objects.exists()


def test_a_row_changed_meanwhile_is_a_conflict(ana, bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, ana)
    alterar(bruno, credencial, empresas[0])
    alterar(ana, credencial, empresas[0], mais=Servico.DARF)
    avancar(ana, credencial)
    conflito = conflito_de(bruno, credencial)
    assert conflito.motivo == Motivo.MUDOU
    assert "gravada por Ana" in conflito.empresas[0].detalhe


def test_keeping_my_edit_bases_it_on_the_new_version(ana, bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, ana)
    alterar(bruno, credencial, empresas[0])
    alterar(ana, credencial, empresas[0], mais=Servico.DARF)
    avancar(ana, credencial)
    assert conflitos.manter(usuario=bruno, credencial=credencial, motivo=Motivo.MUDOU) == 1
    avancar(bruno, credencial)
    assert estado(credencial) == {"0001": ["pgdasd", "das", "mei"]}


def test_a_row_removed_meanwhile_is_a_conflict(ana, bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, ana)
    alterar(bruno, credencial, empresas[0])
    excluir(ana, credencial, empresas[0])
    avancar(ana, credencial)
    conflito = conflito_de(bruno, credencial)
    assert conflito.motivo == Motivo.REMOVIDA
    assert "excluída por Ana em " in conflito.empresas[0].detalhe
    assert conflito.empresas[0].url.endswith(f"/gravacoes/{Gravacao.objects.get().pk}/")


def test_a_row_removed_and_included_again_meanwhile_is_a_conflict(ana, bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, ana)
    alterar(bruno, credencial, empresas[0])
    for acao in (excluir, incluir):
        acao(ana, credencial, empresas[0])
        avancar(ana, credencial)
    assert conflito_de(bruno, credencial).motivo == Motivo.MUDOU


def test_a_row_included_by_somebody_else_is_a_conflict_that_can_be_kept(ana, bruno, credencial, empresas) -> None:
    incluir(bruno, credencial, empresas[0])
    incluir(ana, credencial, empresas[0])
    avancar(ana, credencial)
    assert conflito_de(bruno, credencial).motivo == Motivo.JA_INCLUIDA
    conflitos.manter(usuario=bruno, credencial=credencial, motivo=Motivo.JA_INCLUIDA)
    gravacao = avancar(bruno, credencial)
    assert gravacao is not None
    assert gravacao.alteradas == 1


def test_excluding_an_empresa_with_an_unfinished_operation_is_a_conflict(bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, bruno)
    excluir(bruno, credencial, empresas[0])
    aberta = operacao(empresas[0], credencial, Situacao.INCERTA)
    conflito = conflito_de(bruno, credencial)
    assert conflito.motivo == Motivo.OPERACAO
    assert conflito.empresas[0].url.endswith(f"/{aberta.pk}/")


def test_a_finished_operation_or_one_of_another_credencial_does_not_hold_the_exclusion(
    bruno, credencial, outra_credencial, empresas
) -> None:
    vincular(empresas[0], credencial, bruno)
    operacao(empresas[0], credencial, Situacao.CONCLUIDA)
    operacao(empresas[0], outra_credencial, Situacao.PENDENTE)
    excluir(bruno, credencial, empresas[0])
    avancar(bruno, credencial)
    assert estado(credencial) == {}


def test_an_inactive_credencial_takes_no_inclusion(bruno, credencial, empresas) -> None:
    incluir(bruno, credencial, empresas[0])
    Credencial.objects.filter(pk=credencial.pk).update(ativa=False)
    assert conflito_de(bruno, credencial).motivo == Motivo.CREDENCIAL_INATIVA


def test_an_inactive_credencial_still_lets_empresas_go(bruno, credencial, empresas) -> None:
    vincular(empresas[0], credencial, bruno)
    Credencial.objects.filter(pk=credencial.pk).update(ativa=False)
    excluir(bruno, credencial, empresas[0])
    avancar(bruno, credencial)
    assert estado(credencial) == {}


def test_a_credencial_changed_meanwhile_asks_for_a_look_first(bruno, credencial, empresas) -> None:
    incluir(bruno, credencial, empresas[0])
    Credencial.objects.filter(pk=credencial.pk).update(versao=2)
    assert conflito_de(bruno, credencial).motivo == Motivo.CREDENCIAL_MUDOU
    conflitos.manter(usuario=bruno, credencial=credencial, motivo=Motivo.CREDENCIAL_MUDOU)
    avancar(bruno, credencial)
    assert set(estado(credencial)) == {"0001"}


def test_an_empresa_made_inactive_meanwhile_is_a_conflict(bruno, credencial, empresas) -> None:
    incluir(bruno, credencial, empresas[0])
    Empresa.objects.filter(pk=empresas[0].pk).update(ativa=False)
    assert conflito_de(bruno, credencial).motivo == Motivo.INATIVA


def test_an_empresa_that_left_the_carteiras_is_counted_but_not_named(
    bruno, credencial, empresas, outra_carteira
) -> None:
    incluir(bruno, credencial, empresas[0])
    Empresa.objects.filter(pk=empresas[0].pk).update(carteira=outra_carteira)
    conflito = conflito_de(bruno, credencial)
    assert (conflito.motivo, conflito.quantas, list(conflito.empresas)) == (Motivo.FORA, 1, [])


def test_an_empresa_left_without_carteira_is_a_conflict_for_an_operador(bruno, credencial, empresas) -> None:
    incluir(bruno, credencial, empresas[0])
    Empresa.objects.filter(pk=empresas[0].pk).update(carteira=None)
    assert conflito_de(bruno, credencial).motivo == Motivo.FORA


def test_the_database_itself_refuses_an_empresa_in_two_credenciais(ana, credencial, outra_credencial, empresas) -> None:
    vincular(empresas[0], credencial, ana)
    with pytest.raises(DatabaseError), transaction.atomic():
        vincular(empresas[0], outra_credencial, ana)


def test_the_record_of_what_was_written_cannot_be_changed(bruno, credencial, empresas) -> None:
    incluir(bruno, credencial, empresas[0])
    avancar(bruno, credencial)
    with pytest.raises(DatabaseError), transaction.atomic():
        Gravacao.objects.update(incluidas=99)
    with pytest.raises(DatabaseError), transaction.atomic():
        GravacaoItem.objects.all().delete()


# -- desfazer --


@pytest.fixture
def gravada(bruno, credencial, empresas) -> Gravacao:
    """0001 excluded, 0002 altered, 0003 included."""
    vincular(empresas[0], credencial, bruno)
    vincular(empresas[1], credencial, bruno)
    excluir(bruno, credencial, empresas[0])
    alterar(bruno, credencial, empresas[1])
    incluir(bruno, credencial, empresas[2])
    gravacao = avancar(bruno, credencial)
    assert gravacao is not None
    return gravacao


def motivos_ao_desfazer(usuario: Usuario, gravacao: Gravacao) -> set[Motivo]:
    with pytest.raises(GravacaoEmConflito) as erro:
        servico.desfazer(usuario=usuario, gravacao=gravacao)
    return {c.motivo for c in erro.value.conflitos}


def test_desfazer_restores_every_empresa(bruno, credencial, gravada) -> None:
    nova = servico.desfazer(usuario=bruno, gravacao=gravada)
    assert estado(credencial) == {"0001": ["pgdasd", "das"], "0002": ["pgdasd", "das"]}
    assert nova.desfaz == gravada
    assert Auditoria.objects.filter(acao="janela.desfazer").count() == 1


def test_desfazer_of_a_desfazer_brings_it_back(bruno, credencial, gravada) -> None:
    depois = estado(credencial)
    servico.desfazer(usuario=bruno, gravacao=servico.desfazer(usuario=bruno, gravacao=gravada))
    assert estado(credencial) == depois


def test_desfazer_twice_is_refused_in_words(bruno, gravada) -> None:
    servico.desfazer(usuario=bruno, gravacao=gravada)
    with pytest.raises(GravacaoRecusada, match="já foi desfeita"):
        servico.desfazer(usuario=bruno, gravacao=gravada)


def test_desfazer_stops_at_an_operation_sent_since(bruno, credencial, empresas, gravada) -> None:
    antes = estado(credencial)
    velha = operacao(empresas[2], credencial, Situacao.CONCLUIDA, enviada_em=timezone.now())
    Operacao.objects.filter(pk=velha.pk).update(criada_em=timezone.now() - timedelta(days=1))
    assert Motivo.USADA in motivos_ao_desfazer(bruno, gravada)
    assert estado(credencial) == antes
    assert not ItemRascunho.objects.exists()


def test_an_operation_from_before_does_not_stop_desfazer(bruno, credencial, empresas, gravada) -> None:
    operacao(empresas[2], credencial, Situacao.CONCLUIDA, enviada_em=timezone.now() - timedelta(days=1))
    servico.desfazer(usuario=bruno, gravacao=gravada)
    assert "0003" not in estado(credencial)


def test_an_operation_given_up_before_being_sent_does_not_stop_desfazer(bruno, credencial, empresas, gravada) -> None:
    operacao(empresas[2], credencial, Situacao.DESISTIDA)
    servico.desfazer(usuario=bruno, gravacao=gravada)
    assert "0003" not in estado(credencial)


def test_desfazer_of_a_change_stops_at_an_unfinished_operation(bruno, credencial, empresas, gravada) -> None:
    operacao(empresas[1], credencial, Situacao.PENDENTE)
    assert motivos_ao_desfazer(bruno, gravada) == {Motivo.USADA}


def test_desfazer_names_nothing_outside_the_carteiras(bruno, credencial, empresas, gravada, outra_carteira) -> None:
    operacao(empresas[1], credencial)
    operacao(empresas[2], credencial)
    Empresa.objects.filter(pk__in=[empresas[1].pk, empresas[2].pk]).update(carteira=outra_carteira)
    with pytest.raises(GravacaoEmConflito) as erro:
        servico.desfazer(usuario=bruno, gravacao=gravada)
    [conflito] = erro.value.conflitos
    assert (conflito.motivo, conflito.quantas, list(conflito.empresas)) == (Motivo.FORA, 2, [])


def test_desfazer_stops_when_an_empresa_was_written_again(bruno, credencial, empresas, gravada) -> None:
    alterar(bruno, credencial, empresas[1], mais=Servico.DARF)
    avancar(bruno, credencial)
    assert Motivo.GRAVADA_DEPOIS in motivos_ao_desfazer(bruno, gravada)


def test_desfazer_stops_when_an_excluded_empresa_went_elsewhere(
    bruno, credencial, outra_credencial, empresas, gravada
) -> None:
    vincular(empresas[0], outra_credencial, bruno)
    assert Motivo.TOMADA in motivos_ao_desfazer(bruno, gravada)


def test_desfazer_waits_for_the_pending_draft(bruno, credencial, empresas, gravada) -> None:
    incluir(bruno, credencial, empresas[4])
    with pytest.raises(GravacaoRecusada, match="não gravadas"):
        servico.desfazer(usuario=bruno, gravacao=gravada)
    assert ItemRascunho.objects.count() == 1


# -- races --


def ao_mesmo_tempo(*atos: Callable[[], object]) -> list[object]:
    """Run each act in a thread of its own, started together; what one raises is its result."""
    barreira = threading.Barrier(len(atos))
    resultados: list[object] = [None] * len(atos)

    def correr(posicao: int, ato: Callable[[], object]) -> None:
        barreira.wait()
        try:
            resultados[posicao] = ato()
        except Exception as erro:  # the test looks at it
            resultados[posicao] = erro
        finally:
            connection.close()

    threads = [threading.Thread(target=correr, args=(n, ato)) for n, ato in enumerate(atos)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return resultados


@pytest.fixture
def escritorio(transactional_db) -> tuple[list[Usuario], list[Credencial], list[Empresa]]:
    Adicional.objects.update_or_create(pk=216, defaults={"nome": "API", "ativo": True})
    carteira = Carteira.objects.create(nome="Corrida")
    usuarios = [criar_usuario(nome, Papel.ADMINISTRADOR) for nome in ("eva", "ivo")]
    credenciais = [criar_credencial(codigo, completa=False) for codigo in (1, 2)]
    return usuarios, credenciais, criar_empresas(range(1, 31), carteira=carteira)


def test_two_users_racing_for_the_same_empresas(escritorio) -> None:
    usuarios, credenciais, empresas = escritorio
    for usuario, credencial in zip(usuarios, credenciais, strict=True):
        incluir(usuario, credencial, *empresas)
    resultados = ao_mesmo_tempo(
        *(
            lambda u=usuario, c=credencial: servico.avancar(usuario=u, credencial=c)
            for usuario, credencial in zip(usuarios, credenciais, strict=True)
        )
    )
    assert sorted(type(r).__name__ for r in resultados) == ["Gravacao", "GravacaoEmConflito"]
    [conflito] = next(r for r in resultados if isinstance(r, GravacaoEmConflito)).conflitos
    assert (conflito.motivo, conflito.quantas) == (Motivo.TOMADA, 30)
    assert Vinculo.objects.count() == 30


def test_swapping_empresas_between_credenciais_at_once_ends_without_deadlock(escritorio) -> None:
    usuarios, credenciais, empresas = escritorio
    for metade, credencial in ((empresas[:15], credenciais[0]), (empresas[15:], credenciais[1])):
        for empresa in metade:
            vincular(empresa, credencial, usuarios[0])
    excluir(usuarios[0], credenciais[0], *empresas[:15])
    excluir(usuarios[1], credenciais[1], *empresas[15:])
    resultados = ao_mesmo_tempo(
        lambda: servico.avancar(usuario=usuarios[0], credencial=credenciais[0]),
        lambda: servico.avancar(usuario=usuarios[1], credencial=credenciais[1]),
    )
    assert all(isinstance(r, Gravacao) for r in resultados), resultados
    assert Vinculo.objects.count() == 0


def enquanto_alguem_submete(empresa: Empresa, credencial: Credencial, ato: Callable[[], object]) -> object:
    """What comes of an act begun while a submission of the empresa has not committed yet."""
    resultados: list[object] = []
    thread = threading.Thread(target=lambda: resultados.extend(ao_mesmo_tempo(ato)))
    with transaction.atomic():
        segurar([empresa.pk])
        operacao(empresa, credencial)
        thread.start()
        esperar_quem_aguarda_por_mim()
    thread.join(30)
    return resultados[0]


def esperar_quem_aguarda_por_mim() -> None:
    """Until another connection waits for a lock of this one."""
    with connection.cursor() as cursor:
        for _ in range(1000):
            cursor.execute(
                "SELECT pid FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)) LIMIT 1"
            )
            if cursor.fetchone() is not None:
                return
            cursor.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("nobody came to wait")


def test_desfazer_sees_the_operation_submitted_while_it_waited(escritorio) -> None:
    usuarios, [credencial, _], [empresa, *_] = escritorio
    vincular(empresa, credencial, usuarios[0])
    alterar(usuarios[0], credencial, empresa)
    gravacao = avancar(usuarios[0], credencial)
    assert gravacao is not None
    erro = enquanto_alguem_submete(
        empresa, credencial, lambda: servico.desfazer(usuario=usuarios[0], gravacao=gravacao)
    )
    assert isinstance(erro, GravacaoEmConflito)
    assert [c.motivo for c in erro.conflitos] == [Motivo.USADA]


def test_an_exclusion_sees_the_operation_submitted_while_it_waited(escritorio) -> None:
    usuarios, [credencial, _], [empresa, *_] = escritorio
    vincular(empresa, credencial, usuarios[0])
    excluir(usuarios[0], credencial, empresa)
    erro = enquanto_alguem_submete(empresa, credencial, lambda: avancar(usuarios[0], credencial))
    assert isinstance(erro, GravacaoEmConflito)
    assert [c.motivo for c in erro.conflitos] == [Motivo.OPERACAO]


def test_a_double_click_writes_once(escritorio) -> None:
    usuarios, credenciais, empresas = escritorio
    incluir(usuarios[0], credenciais[0], *empresas)
    resultados = ao_mesmo_tempo(
        *(lambda: servico.avancar(usuario=usuarios[0], credencial=credenciais[0]) for _ in range(3))
    )
    assert sum(isinstance(r, Gravacao) for r in resultados) == 1
    assert resultados.count(None) == 2


type Ato = tuple[int, int, str, list[int]]  # user, credencial, act, empresas

# Few empresas and many *Avançar*: the two users meet in most of the runs.
ATOS = st.lists(
    st.tuples(
        st.integers(0, 1),  # user
        st.sampled_from([0, 0, 0, 1]),  # credencial
        st.sampled_from(["incluir", "incluir", "alterar", "alterar", "excluir", "avancar", "avancar", "cancelar"]),
        st.lists(st.integers(0, 1), min_size=1, max_size=2, unique=True),  # empresas
    )
    | st.tuples(st.integers(0, 1), st.just(0), st.just("desfazer"), st.just([])),
    max_size=25,
)
COMECO: list[Ato] = [(0, 0, "incluir", [0, 1]), (0, 0, "avancar", [])]  # both empresas in the first credencial
GRAVAM_OS_DOIS: list[Ato] = [(0, 0, "avancar", []), (1, 0, "avancar", [])]


@dataclass
class Oraculo:
    """The window said again in a few lines of plain Python, to be compared with what the product did.

    A vínculo is (credencial, version, services); an edit (action, version it was based on, services after it).
    """

    vinculos: dict[int, tuple[int, int, frozenset[str]]] = field(default_factory=dict)
    rascunhos: dict[tuple[int, int], dict[int, tuple[str, int | None, frozenset[str]]]] = field(default_factory=dict)
    gravadas: list[tuple[int, int, dict[int, frozenset[str] | None]]] = field(default_factory=list)
    desfeitas: set[int] = field(default_factory=set)

    def editar(self, quem: int, qual: int, ato: str, empresas: list[int]) -> None:
        rascunho = self.rascunhos.setdefault((quem, qual), {})
        for empresa in empresas:
            vinculo, item = self.vinculos.get(empresa), rascunho.get(empresa)
            daqui = vinculo if vinculo and vinculo[0] == qual else None
            nova: tuple[str, int | None, frozenset[str]] | None = None
            if ato == "incluir":
                if (vinculo and not daqui) or (item and item[0] != "excluir") or (vinculo and not item):
                    continue
                nova = ("alterar", daqui[1], SERVICOS) if daqui else ("incluir", None, SERVICOS)
                if daqui and daqui[2] == SERVICOS:
                    nova = None
            elif ato == "alterar":
                if (not item and not daqui) or (item and item[0] == "excluir"):
                    continue
                atual = item[2] if item else daqui[2] if daqui else SERVICOS
                base = item[:2] if item else ("alterar", daqui[1] if daqui else None)
                nova = (*base, atual | {Servico.MEI.value})
                if daqui and base[1] == daqui[1] and nova[2] == daqui[2]:
                    nova = None
            elif item and item[0] == "incluir":
                pass
            elif item and not daqui:
                continue
            elif daqui:
                nova = ("excluir", item[1] if item else daqui[1], daqui[2])
            if nova is None:
                rascunho.pop(empresa, None)
            else:
                rascunho[empresa] = nova

    def conflitos(self, quem: int, qual: int) -> dict[Motivo, set[int]]:
        achados: dict[Motivo, set[int]] = {}
        for empresa, (acao, base, _) in self.rascunhos.get((quem, qual), {}).items():
            vinculo = self.vinculos.get(empresa)
            motivo = None
            if vinculo and vinculo[0] != qual:
                motivo = Motivo.TOMADA
            elif acao == "incluir" and vinculo:
                motivo = Motivo.JA_INCLUIDA
            elif acao != "incluir" and not vinculo:
                motivo = Motivo.REMOVIDA
            elif vinculo and vinculo[1] != base:
                motivo = Motivo.MUDOU
            if motivo:
                achados.setdefault(motivo, set()).add(empresa)
        return achados

    def gravar(self, quem: int, qual: int, pk: int) -> None:
        rascunho = self.rascunhos.pop((quem, qual))
        self.gravadas.append((pk, qual, {e: self.vinculos[e][2] if e in self.vinculos else None for e in rascunho}))
        for empresa, (acao, _, servicos) in rascunho.items():
            if acao == "excluir":
                del self.vinculos[empresa]
            else:
                self.vinculos[empresa] = (qual, pk, servicos)

    def pode_desfazer(self, quem: int, qual: int, pk: int) -> bool:
        [tocadas] = [set(antes) for gravada, _, antes in self.gravadas if gravada == pk]
        depois = {e for gravada, _, antes in self.gravadas if gravada > pk for e in antes}
        return not self.rascunhos.get((quem, qual)) and pk not in self.desfeitas and not tocadas & depois

    def desfazer(self, quem: int, qual: int, pk: int, nova: int) -> None:
        [antes] = [antes for gravada, _, antes in self.gravadas if gravada == pk]
        self.desfeitas.add(pk)
        self.rascunhos[quem, qual] = {
            e: ("excluir", pk, self.vinculos[e][2]) if servicos is None else ("alterar", pk, servicos)
            for e, servicos in antes.items()
        }
        self.gravar(quem, qual, nova)


SERVICOS = frozenset(DAS.servicos)


@pytest.mark.django_db
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(atos=ATOS)
@example(atos=[(0, 0, "incluir", [0]), (1, 1, "incluir", [0, 1]), (0, 0, "avancar", []), (1, 1, "avancar", [])])
@example(atos=[(0, 0, "incluir", [0]), (1, 0, "incluir", [0, 1]), *GRAVAM_OS_DOIS])
@example(atos=[*COMECO, (0, 0, "excluir", [0]), (1, 0, "alterar", [0, 1]), *GRAVAM_OS_DOIS])
@example(atos=[*COMECO, (0, 0, "alterar", [0]), (1, 0, "excluir", [0, 1]), *GRAVAM_OS_DOIS])
@example(atos=[*COMECO, (0, 0, "alterar", [0]), (0, 0, "avancar", []), *[(1, 0, "desfazer", [])] * 3])
def test_every_interleaving_writes_refuses_and_keeps_what_the_rules_say(
    atos, ana, bruno, credencial, outra_credencial
) -> None:
    """Who wins, what the loser is told and what stays in each draft, after each act of two users on two credenciais."""
    with transaction.atomic():
        _interleave(atos, (ana, bruno), (credencial, outra_credencial))
        transaction.set_rollback(True)


def _interleave(atos, usuarios, credenciais) -> None:
    carteira = Carteira.objects.get(nome="Fiscal A")
    empresas = [criar_empresa(n, carteira=carteira) for n in range(1, 3)]
    oraculo = Oraculo()
    for quem, qual, ato, alvo in atos:
        usuario, cred = usuarios[quem], credenciais[qual]
        if ato in ("avancar", "desfazer"):
            _gravar_e_conferir(oraculo, quem, qual, ato, usuario, cred)
        elif ato == "cancelar":
            rascunho.cancelar(usuario=usuario, credencial=cred)
            oraculo.rascunhos.pop((quem, qual), None)
        else:
            {"incluir": incluir, "excluir": excluir, "alterar": alterar}[ato](
                usuario, cred, *(empresas[n] for n in alvo)
            )
            oraculo.editar(quem, qual, ato, [empresas[n].pk for n in sorted(set(alvo))])
        assert _no_banco(usuarios, credenciais) == (
            oraculo.vinculos,
            {chave: itens for chave, itens in oraculo.rascunhos.items() if itens},
        )


def _gravar_e_conferir(
    oraculo: Oraculo, quem: int, qual: int, ato: str, usuario: Usuario, credencial: Credencial
) -> None:
    if ato == "avancar":
        esperados = oraculo.conflitos(quem, qual)
        achados = conflitos.conflitos_do_rascunho(usuario=usuario, credencial=credencial)
        assert {c.motivo: set(c.pks) for c in achados} == esperados
        if esperados:
            with pytest.raises(GravacaoEmConflito):
                avancar(usuario, credencial)
            return
        gravacao = avancar(usuario, credencial)
        assert (gravacao is not None) == bool(oraculo.rascunhos.get((quem, qual)))
        if gravacao is not None:
            oraculo.gravar(quem, qual, gravacao.pk)
        return
    ultima = Gravacao.objects.filter(credencial=credencial).first()
    if ultima is None:
        return
    if oraculo.pode_desfazer(quem, qual, ultima.pk):
        oraculo.desfazer(quem, qual, ultima.pk, servico.desfazer(usuario=usuario, gravacao=ultima).pk)
        return
    with pytest.raises((GravacaoEmConflito, GravacaoRecusada)):
        servico.desfazer(usuario=usuario, gravacao=ultima)


def _no_banco(usuarios, credenciais) -> tuple[dict[int, Any], dict[tuple[int, int], dict[int, Any]]]:
    """What the database holds, in the shape of the Oraculo."""
    vinculos = {
        v.empresa_id: ([c.pk for c in credenciais].index(v.credencial_id), v.versao, frozenset(v.servicos))
        for v in Vinculo.objects.all()
    }
    rascunhos: dict[tuple[int, int], dict[int, Any]] = {}
    for item in ItemRascunho.objects.select_related("rascunho"):
        quem = [u.pk for u in usuarios].index(item.rascunho.usuario_id)
        qual = [c.pk for c in credenciais].index(item.rascunho.credencial_id)
        rascunhos.setdefault((quem, qual), {})[item.empresa_id] = (
            item.acao,
            item.versao_base,
            frozenset(item.servicos),
        )
    return vinculos, rascunhos
