"""How long a document is kept, and that nothing makes it shorter."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from arquivo.models import Documento, RegraGuarda
from arquivo.services import guardar
from comum.models import Auditoria, Usuario
from empresas.models import Empresa
from tests.cast import criar_empresa

pytestmark = pytest.mark.django_db


@pytest.fixture
def empresa(db: None) -> Empresa:
    return criar_empresa(1)


def guardado(empresa: Empresa, competencia: date, tipo: str = "das", **outros: Any) -> Documento:
    conteudo = f"%PDF-1.4 {tipo} {competencia} {outros}".encode()
    documento = guardar(conteudo, empresa=empresa, tipo=tipo, nome="a.pdf", competencia=competencia, **outros)
    lido = Documento.objects.get(pk=documento.pk)
    assert lido.reter_ate >= documento.reter_ate
    return lido


@pytest.mark.parametrize(
    ("competencia", "ate"),
    [
        (date(2026, 1, 1), date(2031, 12, 31)),
        (date(2026, 11, 1), date(2031, 12, 31)),
        (date(2026, 12, 1), date(2032, 12, 31)),  # falls due in January: assessed from 2027 on
    ],
)
def test_five_years_after_the_one_in_which_it_falls_due(empresa: Empresa, competencia: date, ate: date) -> None:
    assert guardado(empresa, competencia).reter_ate == ate


def test_the_rule_in_sql_is_the_one_in_python(empresa: Empresa) -> None:
    for mes in range(1, 13):
        documento = guardar(
            f"{mes}".encode(), empresa=empresa, tipo="das", nome="a.pdf", competencia=date(2025, mes, 1)
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT arquivo_reter_ate('das', %s)", [documento.competencia])
            assert cursor.fetchone() == (documento.reter_ate,)


def test_a_rule_moves_what_is_kept_and_what_comes_of_its_kind_and_time_alone(empresa: Empresa) -> None:
    antes = guardado(empresa, date(2025, 5, 1), "nfse_xml")
    depois = guardado(empresa, date(2026, 5, 1), "nfse_xml")
    outro = guardado(empresa, date(2026, 5, 1), "das")
    RegraGuarda.objects.create(tipo="nfse_xml", desde=date(2026, 1, 1), anos=10, motivo="contrato")
    novo = guardado(empresa, date(2026, 6, 1), "nfse_xml")
    for documento in (antes, depois, outro):
        documento.refresh_from_db()
    assert [d.reter_ate.year for d in (antes, depois, outro, novo)] == [2030, 2036, 2031, 2036]


def test_of_several_rules_the_longest_holds(empresa: Empresa) -> None:
    RegraGuarda.objects.create(tipo="das", anos=7, motivo="a")
    RegraGuarda.objects.create(tipo="", anos=6, motivo="b")
    assert [guardado(empresa, date(2026, 5, 1), tipo).reter_ate.year for tipo in ("das", "guia")] == [2033, 2032]


def test_a_rule_only_grows(empresa: Empresa) -> None:
    regra = RegraGuarda.objects.create(tipo="das", anos=7, motivo="a")
    documento = guardado(empresa, date(2026, 5, 1))
    regra.anos = 6
    with pytest.raises(ValidationError, match="só aumenta"):
        regra.clean()
    for mudanca in ({"anos": 6}, {"desde": date(2027, 1, 1)}, {"tipo": "guia"}, {"anos": 4}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RegraGuarda.objects.filter(pk=regra.pk).update(**mudanca)
    with pytest.raises(IntegrityError), transaction.atomic():
        RegraGuarda.objects.all().delete()
    RegraGuarda.objects.filter(pk=regra.pk).update(anos=8)
    documento.refresh_from_db()
    assert documento.reter_ate.year == 2034


@pytest.mark.parametrize(
    "mudanca",
    [
        {"sha256": "0" * 64},
        {"nome": "outro.pdf"},
        {"competencia": date(2020, 1, 1)},
        {"reter_ate": date(2027, 1, 1)},
        {"descartado_em": timezone.now()},
        {"chave": "9" * 50},
    ],
)
def test_what_is_kept_never_changes(empresa: Empresa, mudanca: dict[str, Any]) -> None:
    documento = guardado(empresa, date(2026, 5, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Documento.objects.filter(pk=documento.pk).update(**mudanca)


def test_nothing_is_deleted_by_any_way(empresa: Empresa, client: Client, ana: Usuario) -> None:
    documento = guardado(empresa, date(2015, 5, 1))  # its date has passed: even so
    with pytest.raises(IntegrityError), transaction.atomic():
        documento.delete()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM arquivo_documento")
    for tabelas in ("arquivo_documento CASCADE", "empresas_empresa CASCADE", "arquivo_regraguarda"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {tabelas}")
    with pytest.raises(models.ProtectedError):
        empresa.delete()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM empresas_empresa WHERE id = {empresa.pk:d}; SET CONSTRAINTS ALL IMMEDIATE")
    client.force_login(ana)
    assert client.post(reverse("admin:arquivo_documento_delete", args=[documento.pk])).status_code == 403
    assert client.post(reverse("admin:arquivo_documento_change", args=[documento.pk])).status_code == 403
    assert Documento.objects.filter(pk=documento.pk).exists()


def test_rules_are_written_in_the_back_office_and_audited(client: Client, ana: Usuario, empresa: Empresa) -> None:
    client.force_login(ana)
    dados = {"tipo": "das", "desde": "2026-01-01", "anos": "8", "motivo": "parcelamento"}
    assert client.post(reverse("admin:arquivo_regraguarda_add"), dados).status_code == 302
    regra = RegraGuarda.objects.get()
    assert Auditoria.objects.filter(acao="arquivo.regra", usuario=ana).count() == 1
    url = reverse("admin:arquivo_regraguarda_change", args=[regra.pk])
    assert "só aumenta" in client.post(url, dados | {"anos": "7"}).content.decode()
    assert client.post(reverse("admin:arquivo_regraguarda_delete", args=[regra.pk])).status_code == 403
    assert client.post(reverse("admin:arquivo_regraguarda_add"), dados | {"anos": "4"}).status_code == 200


def test_number_and_key_are_kept_with_it(empresa: Empresa) -> None:
    guia = guardado(empresa, date(2026, 5, 1), referencia="07202629312345678")
    nota = guardado(empresa, date(2026, 5, 1), "nfse_xml", referencia="4" * 50, chave="4" * 50, numero="12")
    assert [(d.chave, d.numero, d.origem) for d in (guia, nota)] == [
        ("", "07202629312345678", "servico"),
        ("4" * 50, "12", "servico"),
    ]


def test_words_are_found_by_their_beginning(empresa: Empresa) -> None:
    documento = guardado(empresa, date(2026, 5, 1), "nfse_xml", chave="4" * 50, numero="000123")
    outro = guardado(criar_empresa(2, razao_social="Padaria São João"), date(2026, 5, 1))
    for texto, achados in (
        ("444444", {documento}),
        ("000123", {documento}),
        ("A.PDF", {documento, outro}),
        ("sao joao", {outro}),
        ("nada & | ! :*", set()),
        ("'", set()),
    ):
        assert set(Documento.objects.procurar(texto)) == achados, texto


def test_a_date_that_has_not_passed_keeps_the_file_today(empresa: Empresa) -> None:
    documento = guardado(empresa, date(2015, 5, 1))
    assert documento.reter_ate < timezone.localdate() - timedelta(days=1)
    assert Documento.objects.filter(pk=documento.pk).update(descartado_em=timezone.now()) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Documento.objects.filter(pk=documento.pk).update(descartado_em=None)
