"""Audit: the database refuses to change a row, and the chain of seals tells when someone managed to."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from comum import auditoria
from comum.models import Auditoria, SeloAuditoria, Usuario
from operacoes.models import Tentativa


def registrar(usuario: Usuario | None = None) -> Auditoria:
    return auditoria.registrar(usuario=usuario, acao="teste.agir", resumo="agiu", objeto="coisa:1", dados={"x": 1})


@pytest.mark.django_db
def test_an_audit_row_names_the_object_and_who_acted(ana: Usuario) -> None:
    linha = auditoria.registrar(usuario=ana, acao="teste.agir", resumo="x" * 400, objeto=ana)
    assert (linha.objeto, linha.usuario, len(linha.resumo)) == (f"usuario:{ana.pk}", ana, 300)


def test_an_audit_row_and_a_tentativa_are_told_by_the_clock_of_the_office() -> None:
    instante = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
    assert str(Auditoria(quando=instante, acao="teste.agir")) == "21/11/2026 22:30 teste.agir"
    assert str(Tentativa(iniciada_em=instante, especie="envio")) == "Envio 21/11/2026 22:30:00"


@pytest.mark.django_db
@pytest.mark.parametrize("comando", ["UPDATE comum_auditoria SET resumo = 'outro'", "DELETE FROM comum_auditoria"])
def test_the_database_refuses_to_change_an_audit_row(comando: str) -> None:
    registrar()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(comando)
    assert Auditoria.objects.filter(resumo="agiu").count() == 1


@pytest.fixture
def selada(transactional_db: None) -> SeloAuditoria:
    registrar()
    registrar()
    selo = auditoria.selar()
    assert selo is not None
    return selo


def _forjar(comando: str) -> None:
    """What someone with the database's own powers could do."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(comando)
        cursor.execute("SET session_replication_role = DEFAULT")


def test_a_seal_covers_the_committed_rows_once(selada: SeloAuditoria) -> None:
    assert (selada.registros, auditoria.selar()) == (2, None)


def test_each_seal_carries_the_one_before(selada: SeloAuditoria) -> None:
    registrar()
    proximo = auditoria.selar()
    assert proximo is not None
    assert (proximo.anterior, auditoria.conferir_selos()) == (selada.hash, [])


@pytest.mark.parametrize(
    "comando",
    [
        "UPDATE comum_auditoria SET resumo = 'forjado' WHERE id = (SELECT min(id) FROM comum_auditoria)",
        "DELETE FROM comum_auditoria WHERE id = (SELECT max(id) FROM comum_auditoria)",
        "UPDATE comum_seloauditoria SET hash = 'forjado'",
    ],
)
def test_a_forged_row_breaks_the_chain(selada: SeloAuditoria, comando: str) -> None:
    _forjar(comando)
    assert auditoria.conferir_selos() == [f"Auditoria alterada entre os registros 1 e {selada.ate}."]


def test_the_command_says_that_the_seals_hold(selada: SeloAuditoria, capsys: pytest.CaptureFixture[str]) -> None:
    registrar()
    call_command("conferir_auditoria")
    assert capsys.readouterr().out == f"1 selos conferem, até o registro {selada.ate}; 1 sem selo ainda.\n"


def test_the_command_fails_on_a_forged_row(selada: SeloAuditoria) -> None:
    _forjar("UPDATE comum_auditoria SET resumo = 'forjado'")
    with pytest.raises(CommandError, match="Auditoria alterada"):
        call_command("conferir_auditoria")
