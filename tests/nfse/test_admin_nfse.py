"""The back office of the notes: rules of channel changed with their history, everything else only seen, no secret."""

from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from comum import segredos
from comum.models import Auditoria, Usuario
from empresas.models import Municipio
from nfse.forms.regras import CAMPOS_DA_REGRA
from nfse.models import CanalNfse, ContaSofthouse, EmissorMunicipal, RegraCanal, TipoCanal
from tests.cast import criar_empresa

pytestmark = pytest.mark.django_db

SENHA, TOKEN = "Senha-secreta-91", "eyJ0eXAi.token-secreto-92.x"
MODELOS = [modelo for modelo in admin.site._registry if modelo._meta.app_label == "nfse"]


@pytest.fixture
def cliente(ana: Usuario, client: Client) -> Client:
    client.force_login(ana)
    return client


def regra(cliente: Client, pk: int | None = None, **mudados: Any) -> Any:
    dados = {
        "empresa": "",
        "municipio": "",
        "uf": "",
        "regime": "simples",
        "canal": "integranotas",
        "desde": "01/12/2026",
        "ate": "",
        "fundamento": "Resolução inventada 1/2026",
        "ativa": "on",
    } | mudados
    nome = "admin:nfse_regracanal_change" if pk else "admin:nfse_regracanal_add"
    return cliente.post(reverse(nome, args=[pk] if pk else []), dados)


def test_every_model_of_the_app_is_there_and_only_rules_and_addresses_are_changed(rf, ana) -> None:
    pedido = rf.get("/")
    pedido.user = ana
    assert len(MODELOS) == 23
    mudaveis = {modelo for modelo in MODELOS if admin.site._registry[modelo].has_change_permission(pedido)}
    assert mudaveis == {EmissorMunicipal, RegraCanal}
    assert not any(admin.site._registry[modelo].has_delete_permission(pedido) for modelo in MODELOS)


@pytest.mark.parametrize("modelo", MODELOS, ids=lambda modelo: modelo.__name__)
def test_every_list_opens(cliente, modelo) -> None:
    assert cliente.get(reverse(f"admin:nfse_{modelo._meta.model_name}_changelist")).status_code == 200


def test_no_sealed_column_is_shown(cliente) -> None:
    conta = ContaSofthouse(nome="Escritório")
    segredos.selar(conta, "token", TOKEN)
    conta.save()
    canal = CanalNfse(codigo=1, empresa=criar_empresa(1), tipo=TipoCanal.INTEGRANOTAS, conta=conta)
    for campo in ("senha", "chave_aplicacao", "token"):
        segredos.selar(canal, campo, SENHA)
    canal.save()
    for objeto in (conta, canal):
        pagina = cliente.get(reverse(f"admin:nfse_{objeto._meta.model_name}_change", args=[objeto.pk])).content.decode()
        assert str(objeto) in pagina
        assert not any(dito in pagina for dito in ("selad", SENHA, TOKEN))


def test_a_rule_is_added_and_changed_with_its_history(cliente) -> None:
    assert regra(cliente).status_code == 302
    nova = RegraCanal.objects.get(fundamento="Resolução inventada 1/2026")
    assert regra(cliente, nova.pk, ate="01/06/2027").status_code == 302
    linha = Auditoria.objects.get(acao="regra_canal.alterar")
    assert linha.dados == {"campos": {"ate": ["", "01/06/2027"]}}
    assert LogEntry.objects.filter(object_id=str(nova.pk)).count() == 2
    assert cliente.get(reverse("admin:nfse_regracanal_history", args=[nova.pk])).status_code == 200


def test_saving_a_rule_without_a_change_leaves_no_audit_row(cliente) -> None:
    regra(cliente)
    nova = RegraCanal.objects.get(fundamento="Resolução inventada 1/2026")
    regra(cliente, nova.pk)
    assert not Auditoria.objects.filter(acao="regra_canal.alterar").exists()


@pytest.mark.parametrize(
    ("mudados", "trecho"),
    [
        ({"desde": "15/12/2026"}, "use o primeiro dia do mês"),
        ({"ate": "15/12/2026"}, "use o primeiro dia do mês"),
        ({"ate": "01/11/2026"}, "anterior à primeira"),
        ({"desde": "31/02/2026"}, "Informe uma data válida."),
        ({"canal": "fax"}, "não é uma das escolhas"),
        ({"uf": "XX"}, "não é uma das escolhas"),
        ({"municipio": "2601409", "uf": "SP"}, "Barreiros/PE não fica em SP"),
    ],
)
def test_each_wrong_rule_gets_its_own_message(cliente, mudados, trecho) -> None:
    antes = RegraCanal.objects.count()
    resposta = regra(cliente, **mudados)
    assert resposta.status_code == 200
    assert trecho in resposta.content.decode()
    assert RegraCanal.objects.count() == antes


def test_two_active_rules_for_the_same_cases_are_refused(cliente) -> None:
    regra(cliente)
    assert "Já há uma regra ativa" in regra(cliente, canal="sisgenfe").content.decode()
    assert regra(cliente, canal="sisgenfe", ativa="").status_code == 302


def test_a_rule_of_a_town_leaves_the_others_alone(cliente) -> None:
    assert regra(cliente, municipio="2601409").status_code == 302
    nova = RegraCanal.objects.get(municipio=Municipio.objects.get(pk="2601409"))
    assert (nova.desde, nova.canal) == (date(2026, 12, 1), TipoCanal.INTEGRANOTAS)


def test_a_rule_is_not_deleted(cliente) -> None:
    existente = RegraCanal.objects.create(canal=TipoCanal.NACIONAL, desde=date(2026, 11, 1))
    assert cliente.post(reverse("admin:nfse_regracanal_delete", args=[existente.pk])).status_code == 403


def test_the_fields_of_a_rule_are_all_audited() -> None:
    assert set(CAMPOS_DA_REGRA) == {campo.name for campo in RegraCanal._meta.fields if campo.editable} - {"id"}


def test_form_speaks_portuguese_where_nothing_is_chosen(cliente: Client) -> None:
    pagina = cliente.get(reverse("admin:nfse_regracanal_add")).content.decode()
    assert "Escolha…" in pagina
    assert "Select an option" not in pagina
