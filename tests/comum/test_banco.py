"""Prepared statements: what the ORM would have written and read, and the same errors."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from arquivo.models import Documento
from arquivo.services import guardar
from comum import auditoria
from comum.banco import colunas, cursor_preparado, inserir, objeto_de
from comum.models import Auditoria, Usuario
from tests.cast import criar_empresa

pytestmark = pytest.mark.django_db


def test_an_inserted_object_is_read_back_as_it_was() -> None:
    pdf = b"%PDF-1.4 inventado"
    documento = guardar(pdf, empresa=criar_empresa(1), tipo="das", nome="a.pdf", competencia=date(2026, 10, 1))
    lido = Documento.objects.get(pk=documento.pk)
    campos = {campo.attname for campo in Documento._meta.concrete_fields} - {"busca"}  # which the database fills
    assert [getattr(lido, nome) for nome in campos] == [getattr(documento, nome) for nome in campos]


def test_a_generated_key_is_given_to_the_object() -> None:
    usuario = inserir(Usuario(username="nova"))
    assert Usuario.objects.get(username="nova").pk == usuario.pk
    usuario.first_name = "Nova"
    usuario.save()
    assert Usuario.objects.filter(username="nova").count() == 1


def test_a_constraint_speaks_with_the_errors_of_django(ana: Usuario) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        inserir(Usuario(username=ana.username))


def test_a_row_read_by_hand_is_the_object_the_orm_reads(ana: Usuario) -> None:
    linha = auditoria.registrar(usuario=ana, acao="teste.agir", resumo="agiu", objeto=ana, dados={"x": ["1", None]})
    with cursor_preparado() as cursor:
        cursor.execute(f"SELECT {colunas(Auditoria, 'a')}, 1 FROM comum_auditoria a WHERE a.id = %s", [linha.pk])
        lida = objeto_de(Auditoria, cursor.fetchone())
    esperada = Auditoria.objects.get(pk=linha.pk)
    campos = [campo.attname for campo in Auditoria._meta.concrete_fields]
    assert [getattr(lida, nome) for nome in campos] == [getattr(esperada, nome) for nome in campos]


def test_the_statement_is_prepared_once_for_its_connection() -> None:
    for numero in range(3):
        inserir(Usuario(username=f"u{numero}"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'INSERT INTO \"comum_usuario\"%'"
        )
        assert cursor.fetchone()[0] == 1
