"""What an installation kept before the retention rules is brought up to date."""

import uuid
from datetime import date

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from arquivo.models import Documento
from tests.cast import criar_empresa

pytestmark = pytest.mark.django_db

CHAVE = "3" * 50
ANTIGOS = [
    ("nfse_xml", "NFSE-12.xml", CHAVE, date(2026, 10, 1), (CHAVE, "12", date(2031, 12, 31))),
    ("cancel_pdf", "NFSE-CANCELAMENTO-12.pdf", CHAVE, date(2026, 12, 1), (CHAVE, "12", date(2032, 12, 31))),
    ("nfse_pdf", "NFSE-77.pdf", "77", date(2026, 1, 1), ("", "77", date(2031, 12, 31))),
    ("das", "DAS-072026.pdf", "072026", date(2025, 12, 1), ("", "072026", date(2031, 12, 31))),
    ("sitfis", "Situação.pdf", "", date(2026, 5, 1), ("", "", date(2031, 12, 31))),
]


def test_rows_of_before_get_key_number_words_and_date() -> None:
    empresa = criar_empresa(1)
    connection.check_constraints()
    executor = MigrationExecutor(connection)
    grafo = executor.loader.graph
    antes = executor.loader.project_state([("arquivo", "0004_guias_do_mes"), ("empresas", "0004_contatos")])
    depois = executor.loader.project_state([("arquivo", "0005_guarda_e_busca"), ("empresas", "0004_contatos")])
    executor.unapply_migration(depois, grafo.nodes["arquivo", "0006_eventos_e_truncate"])
    executor.unapply_migration(antes, grafo.nodes["arquivo", "0005_guarda_e_busca"])
    with connection.cursor() as cursor:
        for tipo, nome, referencia, competencia, _ in ANTIGOS:
            cursor.execute(
                "INSERT INTO arquivo_documento (id, empresa_id, tipo, competencia, nome, referencia, mime, tamanho,"
                " sha256, criado_em, reter_ate) VALUES (%s, %s, %s, %s, %s, %s, 'x', 1, %s, %s, %s)",
                [
                    uuid.uuid4(), empresa.pk, tipo, competencia, nome, referencia, "0" * 64, timezone.now(),
                    date(competencia.year + 5, 12, 31),
                ],
            )  # fmt: skip
    connection.check_constraints()
    agora = executor.apply_migration(antes, grafo.nodes["arquivo", "0005_guarda_e_busca"])
    connection.check_constraints()
    executor.apply_migration(agora, grafo.nodes["arquivo", "0006_eventos_e_truncate"])
    lidos = {d.nome: (d.chave, d.numero, d.reter_ate) for d in Documento.objects.all()}
    assert lidos == {nome: esperado for _, nome, _, _, esperado in ANTIGOS}
    assert {d.nome for d in Documento.objects.procurar("situacao")} == {"Situação.pdf"}
    assert {d.origem for d in Documento.objects.all()} == {"servico"}
