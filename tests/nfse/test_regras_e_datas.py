"""Which channel on which competência: the rules as data, another date for one, and *Simular data*."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comum.models import Auditoria, Usuario
from credentials.models import CertificadoA1
from empresas.models import Empresa, Municipio, RegimeEmpresa
from nfse.models import CanalNfse, ConvenioNacional, EmissorMunicipal, RegraCanal, TipoCanal
from nfse.services import datas as mover
from nfse.services.regras import rota_de
from nfse.services.simulacao import NENHUM, VARIOS, Datas, Simulacao, datas_padrao
from tests.cast import criar_empresa, criar_empresas

pytestmark = pytest.mark.django_db

OUTUBRO, NOVEMBRO, JANEIRO = date(2026, 10, 1), date(2026, 11, 1), date(2027, 1, 1)
SAO_PAULO = "3550308"
EM_VOLTA = Datas(OUTUBRO, NOVEMBRO)


@pytest.fixture
def cliente(ana: Usuario, client: Client) -> Client:
    client.force_login(ana)
    return client


@pytest.fixture(autouse=True)
def de_fabrica(db: None) -> None:
    """The rules as the migrations leave them, which the tables of the tests begin without."""
    import_module("nfse.migrations.0002_historico_e_regras").por_regras(apps, None)
    import_module("nfse.migrations.0011_datas_e_emissores").marcar_as_do_guiche(apps, None)


@pytest.fixture
def da_191(de_fabrica: None) -> RegraCanal:
    return RegraCanal.objects.get(regime="simples", do_guiche=True)


def canal(empresa: Empresa, tipo: TipoCanal = TipoCanal.INTEGRANOTAS, **campos: Any) -> CanalNfse:
    do_simples = {"regime_apuracao": "1", "total_simples": Decimal("6.00")}
    padrao = {"token": b"selado", "serie": "1", "testado_em": timezone.now(), "teste_ok": True, **do_simples, **campos}
    return CanalNfse.objects.create(codigo=CanalNfse.objects.count() + 1, empresa=empresa, tipo=tipo, **padrao)


def a1(documento: str, ate: datetime) -> CertificadoA1:
    return CertificadoA1.objects.create(
        titular="TESTE",
        documento=documento,
        emissor="AC",
        impressao=documento.ljust(64, "0"),
        valido_de=datetime(2026, 1, 1, tzinfo=UTC),
        valido_ate=ate,
        pfx=b"selado",
        senha=b"selada",
    )


def de(empresa: Empresa, datas: Datas = EM_VOLTA) -> Any:
    return Simulacao(Empresa.objects.filter(pk=empresa.pk), datas).situacoes[empresa.pk]


# -- the rule of the competência ---------------------------------------------------------------------------------------


def test_a_note_of_an_earlier_competencia_follows_the_rule_of_its_own_month(da_191) -> None:
    empresa = criar_empresa(1)
    municipal, nacional = canal(empresa), canal(empresa, TipoCanal.NACIONAL)
    municipal.refresh_from_db()
    assert rota_de(empresa, NOVEMBRO).canal == nacional
    assert rota_de(empresa, NOVEMBRO).regra == da_191
    # October has no rule: the only active channel of that month's law is chosen by a person, not by November's rule.
    assert rota_de(empresa, OUTUBRO).regra is None
    CanalNfse.objects.filter(pk=nacional.pk).update(ativo=False)
    assert rota_de(empresa, OUTUBRO).canal == municipal


def test_another_date_in_the_data_is_another_channel_at_once(da_191, ana) -> None:
    empresa = criar_empresa(1)
    municipal, nacional = canal(empresa), canal(empresa, TipoCanal.NACIONAL)
    RegraCanal.objects.create(regime="simples", canal=TipoCanal.INTEGRANOTAS, desde=date(2026, 1, 1))
    assert rota_de(empresa, NOVEMBRO).canal == nacional
    nova = mover.mudar_data(da_191, desde=JANEIRO, ate=None, fundamento="Resolução inventada 2", usuario=ana)
    assert rota_de(empresa, NOVEMBRO).canal == municipal
    assert (rota_de(empresa, JANEIRO).canal, rota_de(empresa, JANEIRO).regra) == (nacional, nova)


def test_the_old_rule_stays_as_it_was_switched_off_and_the_change_is_audited(da_191, ana) -> None:
    antes = (da_191.desde, da_191.ate, da_191.fundamento)
    nova = mover.mudar_data(da_191, desde=JANEIRO, ate=None, fundamento="Resolução inventada 2", usuario=ana)
    da_191.refresh_from_db()
    assert ((da_191.desde, da_191.ate, da_191.fundamento), da_191.ativa) == (antes, False)
    assert (nova.substitui, nova.regime, nova.canal, nova.do_guiche) == (da_191, "simples", TipoCanal.NACIONAL, False)
    linha = Auditoria.objects.get(acao="regra_canal.mudar_data")
    assert linha.usuario == ana
    assert "desde 01/2027" in linha.resumo
    assert linha.dados["fundamento"] == "Resolução inventada 2"


def test_the_shipped_rules_are_known_as_such_and_cite_their_act() -> None:
    assert {r.regime: "CGSN" in r.fundamento for r in RegraCanal.objects.filter(do_guiche=True)} == {
        "mei": True,
        "simples": True,
    }


# -- whom a date concerns ---------------------------------------------------------------------------------------------


def test_the_default_dates_are_of_the_next_rule_or_of_the_last_one(da_191) -> None:
    assert datas_padrao(date(2026, 11, 22)) == EM_VOLTA
    assert datas_padrao(date(2026, 9, 22)) == Datas(date(2026, 9, 1), NOVEMBRO)
    da_191.ate = date(2027, 2, 1)
    da_191.save()
    assert datas_padrao(date(2026, 11, 22)) == Datas(NOVEMBRO, date(2027, 3, 1))  # the first month without it


def test_each_empresa_has_its_service_on_each_date_with_the_act() -> None:
    com, sem, varias, fora = (criar_empresa(n) for n in (1, 2, 3, 4))
    canal(com)
    canal(varias)
    canal(varias, TipoCanal.SISGENFE)
    RegimeEmpresa.objects.create(empresa=fora, regime="presumido", desde=NOVEMBRO)
    canal(fora)
    assert [um.onde for um in de(com)[1:3]] == [TipoCanal.INTEGRANOTAS, TipoCanal.NACIONAL]
    assert "Resolução CGSN 191" in de(com).depois.por_que
    assert [um.onde for um in de(sem)[1:3]] == [NENHUM, TipoCanal.NACIONAL]
    assert de(varias).antes.onde == VARIOS
    # It left the Simples on the same day: its regime of that month decides, and nothing changes.
    assert (de(fora).regime, de(fora).depois.onde, de(fora).muda) == ("presumido", TipoCanal.INTEGRANOTAS, False)


def test_the_rule_of_a_town_keeps_its_empresas_where_they_are() -> None:
    empresa = criar_empresa(1, municipio="2601409")
    canal(empresa)
    RegraCanal.objects.create(
        municipio=Municipio.objects.get(pk="2601409"), canal=TipoCanal.INTEGRANOTAS, desde=OUTUBRO, fundamento="Lei 1"
    )
    assert not de(empresa).muda


@pytest.mark.parametrize(
    ("prepara", "codigo", "acao"),
    [
        ("nada", "falta-canal", "Incluir canal"),
        ("inativo", "inativo", "Ativar"),
        ("sem certificado", "incompleto", "Completar"),
        ("sem tributos", "incompleto", "Completar"),
        ("vence antes", "certificado", "Renovar"),
        ("nunca testado", "nao-testado", "Testar"),
        ("teste falhou", "teste-falhou", "Testar"),
        ("município fora", "municipio-nao-emite", "Ver as regras"),
        ("tudo", None, None),
    ],
)
def test_what_is_missing_is_told_with_the_one_next_action(prepara, codigo, acao) -> None:
    empresa, datas = criar_empresa(1), Datas(OUTUBRO, date(2027, 6, 1))
    vence = datetime(2027, 3, 1, tzinfo=UTC) if prepara == "vence antes" else datetime(2028, 1, 1, tzinfo=UTC)
    if prepara != "nada":
        canal(
            empresa,
            TipoCanal.NACIONAL,
            ativo=prepara != "inativo",
            certificado=None if prepara == "sem certificado" else a1(empresa.documento, vence),
            testado_em=None if prepara == "nunca testado" else timezone.now(),
            teste_ok=prepara not in ("nunca testado", "teste falhou"),
            total_simples=None if prepara == "sem tributos" else Decimal("6.00"),
        )
    if prepara == "município fora":
        ConvenioNacional.objects.create(municipio_id=SAO_PAULO, ativo=True, emite=False, lido_em=timezone.now())
    uma = de(empresa, datas)
    assert (uma.pendencia and uma.pendencia.codigo, uma.pendencia and uma.pendencia.acao) == (codigo, acao)
    assert uma.pronta is (codigo is None)


def test_a_town_with_an_emitter_of_its_own_issues() -> None:
    empresa = criar_empresa(1)
    canal(empresa, TipoCanal.NACIONAL, certificado=a1(empresa.documento, timezone.now() + timedelta(days=900)))
    ConvenioNacional.objects.create(municipio_id=SAO_PAULO, ativo=True, emite=False, lido_em=timezone.now())
    EmissorMunicipal.objects.create(municipio_id=SAO_PAULO, sefin="https://nfse.cidade.example/api", fundamento="x")
    assert de(empresa).pronta


# -- the pages --------------------------------------------------------------------------------------------------------


def test_the_page_shows_who_changes_with_what_is_missing_and_the_link(cliente, carteira) -> None:
    empresa = criar_empresa(1, carteira=carteira)
    canal(empresa)
    fica = criar_empresa(2, regime="presumido")
    pagina = cliente.get(reverse("nfse:simular"), {"de": "10/2026", "para": "11/2026"}).content.decode()
    assert empresa.razao_social in pagina
    assert fica.razao_social not in pagina
    assert "Falta o canal NFS-e Nacional." in pagina
    assert "Pendente" in pagina
    assert f"{reverse('nfse:canal_novo')}?empresa={empresa.pk}&amp;tipo=nacional" in pagina
    todas = cliente.get(reverse("nfse:simular"), {"de": "10/2026", "para": "11/2026", "aba": "todas"}).content.decode()
    assert fica.razao_social in todas


def test_the_filters_narrow_and_a_date_that_cannot_be_read_is_told(cliente, carteira) -> None:
    uma, outra = criar_empresa(1, carteira=carteira), criar_empresa(2, municipio="2601409")
    canal(uma)
    datas = {"de": "10/2026", "para": "11/2026"}
    procurada = {"q": uma.documento}
    for filtro in ({"carteira": carteira.pk}, {"municipio": "3550308"}, {"antes": "integranotas"}, procurada):
        pagina = cliente.get(reverse("nfse:simular"), datas | filtro).content.decode()
        assert uma.razao_social in pagina, filtro
        assert outra.razao_social not in pagina, filtro
    pagina = cliente.get(reverse("nfse:simular"), {"para": "13/2026"}).content.decode()
    assert "Não existe o mês 13" in pagina


def test_only_ones_own_empresas_are_seen_and_exported(client, bruno, carteira) -> None:
    minha, alheia = criar_empresa(1, carteira=carteira), criar_empresa(2)
    RegraCanal.objects.create(empresa=alheia, canal=TipoCanal.INTEGRANOTAS, desde=OUTUBRO, fundamento="Ato da alheia")
    client.force_login(bruno)
    pagina = client.get(reverse("nfse:simular"), {"aba": "todas"}).content.decode()
    assert minha.razao_social in pagina
    assert alheia.razao_social not in pagina
    assert "Ato da alheia" not in pagina
    arquivo = client.post(reverse("nfse:simular_exportar") + "?todas=1", {"lista": "aba=todas"}).getvalue().decode()
    assert minha.razao_social in arquivo
    assert alheia.razao_social not in arquivo
    assert "Ato da alheia" not in client.get(reverse("nfse:regras")).content.decode()


def test_the_export_tells_both_services_and_what_is_missing(cliente) -> None:
    canal(criar_empresa(1))
    lista = {"lista": "de=10/2026&para=11/2026"}
    resposta = cliente.post(reverse("nfse:simular_exportar") + "?todas=1", lista)
    cabecalho, linha = resposta.getvalue().decode("utf-8-sig").splitlines()[:2]
    assert "Canal em 10/2026" in cabecalho
    assert "Integra Notas" in linha
    assert "NFS-e Nacional" in linha
    assert "Falta o canal NFS-e Nacional." in linha
    assert cliente.post(reverse("nfse:simular_exportar") + "?formato=xlsx&todas=1", lista).status_code == 200


def test_the_page_asks_the_same_number_of_queries_for_one_and_for_many(cliente) -> None:
    def quantas() -> int:
        with CaptureQueriesContext(connection) as consultas:
            assert cliente.get(reverse("nfse:simular"), {"de": "10/2026", "para": "11/2026"}).status_code == 200
        return len(consultas)

    canal(criar_empresa(1))
    cliente.get(reverse("nfse:simular"))
    uma = quantas()
    for empresa in criar_empresas(range(2, 40)):
        canal(empresa)
    assert quantas() <= uma


def test_an_administrator_moves_a_date_on_the_screen(cliente, da_191) -> None:
    url = reverse("nfse:regra_data", args=[da_191.pk])
    assert "Resolução CGSN 191" in cliente.get(url).content.decode()
    resposta = cliente.post(url, {"desde": "01/2027", "ate": "", "fundamento": "Resolução inventada 2"})
    assert resposta["Location"].startswith(reverse("nfse:simular"))
    nova = RegraCanal.objects.get(substitui=da_191)
    assert nova.desde == JANEIRO
    assert "Mudou de data" in cliente.get(reverse("nfse:regras")).content.decode()
    assert cliente.post(url, {"desde": "02/2027", "fundamento": "x"}).status_code == 302  # of the old one: nothing
    assert not RegraCanal.objects.filter(fundamento="x").exists()


@pytest.mark.parametrize(
    ("dados", "trecho"),
    [
        ({"desde": "", "fundamento": "Ato"}, "Informe a competência"),
        ({"desde": "13/2026", "fundamento": "Ato"}, "Não existe o mês 13"),
        ({"desde": "01/2027", "ate": "12/2026", "fundamento": "Ato"}, "anterior à primeira"),
        ({"desde": "01/2027", "fundamento": ""}, "Cite o ato"),
        ({"desde": "11/2026", "fundamento": "Ato"}, "As datas são as que a regra já tem"),
        ({"desde": "03/2027", "fundamento": "Ato"}, "Já há uma regra ativa"),
    ],
)
def test_each_wrong_date_gets_its_own_message(cliente, da_191, dados, trecho) -> None:
    RegraCanal.objects.create(regime="simples", canal=TipoCanal.INTEGRANOTAS, desde=date(2027, 3, 1))
    resposta = cliente.post(reverse("nfse:regra_data", args=[da_191.pk]), dados)
    assert resposta.status_code == 422
    assert trecho in resposta.content.decode()
    assert RegraCanal.objects.filter(ativa=True).count() == 3


def test_a_rule_that_was_replaced_and_switched_on_again_is_not_replaced_twice(cliente, ana, da_191) -> None:
    nova = mover.mudar_data(da_191, desde=date(2027, 3, 1), ate=None, fundamento="Ato", usuario=ana)
    RegraCanal.objects.filter(pk=da_191.pk).update(ativa=True)
    resposta = cliente.post(
        reverse("nfse:regra_data", args=[da_191.pk]), {"desde": "05/2027", "fundamento": "Outro ato"}
    )
    assert resposta.status_code == 422
    assert str(nova) in resposta.content.decode()


def test_only_an_administrator_moves_a_date(client, bruno, da_191) -> None:
    client.force_login(bruno)
    assert client.get(reverse("nfse:regra_data", args=[da_191.pk])).status_code == 403
    assert "Mudar a data" not in client.get(reverse("nfse:regras")).content.decode()


def test_in_admin_a_shipped_rule_is_switched_off_and_not_edited(cliente, da_191) -> None:
    url = reverse("admin:nfse_regracanal_change", args=[da_191.pk])
    cliente.post(url, {"desde": "01/03/2027", "canal": "sisgenfe", "fundamento": "outro"})
    da_191.refresh_from_db()
    assert (da_191.desde, da_191.canal, da_191.regime, da_191.ativa) == (NOVEMBRO, "nacional", "simples", False)
    assert "CGSN 191" in da_191.fundamento
    RegraCanal.objects.create(regime="simples", canal=TipoCanal.INTEGRANOTAS, desde=NOVEMBRO)
    assert "Já há uma regra ativa" in cliente.post(url, {"ativa": "on"}).content.decode()


def test_the_rules_are_searched_filtered_and_those_of_no_empresa_come_first(cliente, da_191) -> None:
    empresa = criar_empresa(1)
    dela = {"canal": TipoCanal.INTEGRANOTAS, "desde": date(2026, 12, 1), "fundamento": "Lei 7"}
    RegraCanal.objects.create(empresa=empresa, **dela)
    pagina = cliente.get(reverse("nfse:regras")).content.decode()
    assert pagina.index("Resolução CGSN 191") < pagina.index("Lei 7")
    for procura, acha in (
        ({"q": "inventada 0001"}, {"Lei 7"}),
        ({"q": "cgsn 191"}, {"Resolução CGSN 191"}),
        ({"canal": "integranotas"}, {"Lei 7"}),
        ({"ativa": "nao"}, set()),
    ):
        pagina = cliente.get(reverse("nfse:regras"), procura).content.decode()
        assert {ato for ato in ("Lei 7", "Resolução CGSN 191", "Resolução CGSN 169") if ato in pagina} == acha, procura
