"""The list of procurações: what is missing or ending, per service, and asking again with its cost."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.documentos import mascarar
from credentials.models import Autor, Credencial, Servico
from empresas.calendario import somar_meses
from empresas.models import Empresa, Regime
from guias import lista_procuracoes
from guias.providers.catalogo import catalogo
from guias.services.poderes import EXIGENCIAS, validades
from operacoes.models import Operacao
from operacoes.processamentos.criacao import criar
from tests.cast import criar_empresas
from tests.guias.apoio import MES, procuracao_de, vincular

pytestmark = pytest.mark.django_db

HOJE = timezone.localdate()
URL = "/fiscal/procuracoes/"


def estado(usuario: Any, empresa: Empresa) -> str:
    (um,) = lista_procuracoes.quadro(usuario).get(pk=empresa.pk).estados
    return str(um)


@pytest.mark.parametrize(
    ("sistemas", "dias", "esperado"),
    [
        (["TODOS"], 400, "ok"),
        (["TODOS"], 59, "vence"),
        (["TODOS"], -1, "vencida"),
        (["TODOS"], 0, "vence"),
        (["PGDAS-D - a partir de 01/2018"], 400, "falta"),
        (["PGDAS-D - a partir de 01/2018", "DCTFWeb"], 400, "ok"),
        (["Pgdas-d e Defis", "dctfweb e outros"], 61, "ok"),
        ([], 400, "falta"),
    ],
)
def test_the_state_follows_what_the_services_of_the_vinculo_need(
    sistemas: list[str], dias: int, esperado: str, ana: Any, empresas: list[Empresa], credencial: Credencial
) -> None:
    vincular(empresas[0], credencial, ana, Servico.PGDASD, Servico.DCTFWEB)
    assert estado(ana, empresas[0]) == "nunca"
    procuracao_de(empresas[0], credencial, sistemas, HOJE + timedelta(days=dias))
    assert estado(ana, empresas[0]) == esperado


PGDAS, DCTF = "PGDAS-D - a partir de 01/2018", "DCTFWeb"


@pytest.mark.parametrize(
    ("ate", "estados", "fim", "fins"),
    [
        ({PGDAS: 10}, ["falta", "vence"], 10, [("vence", 10)]),
        ({PGDAS: -10}, ["falta", "vencida"], -10, [("vencida", -10)]),
        ({PGDAS: 10, DCTF: -10}, ["vencida", "vence"], -10, [("vencida", -10), ("vence", 10)]),
        ({PGDAS: 400, "Situação fiscal": 5}, ["falta"], 400, []),
        ({PGDAS: 400, DCTF: 300, "TODOS": 350}, ["ok"], 350, []),
    ],
)
def test_what_ends_is_told_whatever_else_is_missing(
    ate: dict[str, int],
    estados: list[str],
    fim: int,
    fins: list[tuple[str, int]],
    client: Client,
    ana: Any,
    empresas: list[Empresa],
    credencial: Credencial,
) -> None:
    vincular(empresas[0], credencial, ana, Servico.PGDASD, Servico.DCTFWEB)
    guardada = procuracao_de(empresas[0], credencial, [*ate], HOJE)
    guardada.validades = validades((HOJE + timedelta(days=dias), [nome]) for nome, dias in ate.items())
    guardada.save()
    lida = lista_procuracoes.quadro(ana).get()
    assert (lida.estados, lida.fim) == (estados, HOJE + timedelta(days=fim))
    achados = lista_procuracoes.fins(ana)
    assert [(um.estado, um.empresas, (um.dia - HOJE).days) for um in achados] == [(e, 1, dias) for e, dias in fins]
    client.force_login(ana)
    for nome in ("falta", "vencida", "vence", "ok", "nunca"):
        contexto = client.get(URL, {"estado": nome}).context
        assert (nome, contexto["lista"].total) == (nome, int(nome in estados))
        assert (contexto["total"], [um for um, _, _ in contexto["estados"]]) == (1, estados)


def test_every_power_of_the_catalogue_is_asked_by_a_service_of_the_vinculo() -> None:
    do_catalogo = {poder for servico in catalogo().values() if servico.em_producao for poder in servico.poderes}
    pedidos = {poder for exigencias in EXIGENCIAS.values() for uma in exigencias for poder in uma.poderes}
    assert pedidos == do_catalogo


CAIXA, DTE = "Caixa Postal - mensagens", "Domicílio Tributário Eletrônico"
ORDINARIO, PERT = "Simples Nacional - Parcelamento", "PERT-SN - consultar"
MEI_ORDINARIO, MEI_RELP = "Parcelamento do MEI", "RELP do MEI"


@pytest.mark.parametrize(
    ("servico", "regime", "sistemas", "esperado", "ditas"),
    [
        (Servico.CAIXA_POSTAL, Regime.SIMPLES, [CAIXA], "falta", {"Caixa postal": "ok", "DTE": "erro"}),
        (Servico.CAIXA_POSTAL, Regime.SIMPLES, [CAIXA, DTE], "ok", {"Caixa postal": "ok", "DTE": "ok"}),
        (Servico.ANUAIS, Regime.SIMPLES, ["PGDAS-D"], "falta", {"DEFIS": "ok", "Regime de apuração": "erro"}),
        (Servico.PROCESSOS, Regime.SIMPLES, ["e-Processo"], "ok", {"e-Processo": "ok"}),
        (Servico.PROCESSOS, Regime.SIMPLES, ["PGDAS-D"], "falta", {"e-Processo": "erro"}),
        (
            Servico.PARCELAMENTOS,
            Regime.SIMPLES,
            [PERT],
            "ok",
            {"PARCSN": "neutro", "PARCSN-ESP": "neutro", "PERTSN": "ok", "RELPSN": "neutro"},
        ),
        (
            Servico.PARCELAMENTOS,
            Regime.SIMPLES,
            [MEI_ORDINARIO],
            "falta",
            {"PARCSN": "erro", "PARCSN-ESP": "erro", "PERTSN": "erro", "RELPSN": "erro"},
        ),
        (
            Servico.PARCELAMENTOS,
            Regime.MEI,
            [MEI_RELP],
            "ok",
            {"PARCMEI": "neutro", "PARCMEI-ESP e PERTMEI": "neutro", "RELPMEI": "ok"},
        ),
        (
            Servico.PARCELAMENTOS,
            Regime.MEI,
            [ORDINARIO],
            "falta",
            {"PARCMEI": "erro", "PARCMEI-ESP e PERTMEI": "erro", "RELPMEI": "erro"},
        ),
        (Servico.DARF, Regime.SIMPLES, [], "ok", {}),
        (Servico.MEI, Regime.MEI, [], "ok", {}),
        (Servico.DCTFWEB, Regime.SIMPLES, ["DCTFWeb"], "ok", {"DCTFWeb": "ok"}),
        (Servico.PAGAMENTOS, Regime.SIMPLES, ["Comprovante de arrecadação"], "ok", {"Pagamentos": "ok"}),
        (Servico.SITUACAO_FISCAL, Regime.SIMPLES, ["Situação fiscal"], "ok", {"Situação fiscal": "ok"}),
    ],
)
def test_each_service_asks_what_its_systems_need(
    servico: Servico,
    regime: Regime,
    sistemas: list[str],
    esperado: str,
    ditas: dict[str, str],
    ana: Any,
    credencial: Credencial,
) -> None:
    (empresa,) = criar_empresas([1], regimes=(regime,))
    vincular(empresa, credencial, ana, servico)
    procuracao_de(empresa, credencial, sistemas)
    lida = lista_procuracoes.quadro(ana).get(pk=empresa.pk)
    assert lida.estados == [esperado]
    assert {poder.servico: poder.tom for poder in lista_procuracoes.poderes_de(lida)} == ditas


@pytest.mark.parametrize("servico", list(Servico))
@pytest.mark.parametrize(("dias", "esperado"), [(400, "ok"), (59, "vence"), (-1, "vencida")])
def test_the_end_of_the_powers_of_any_service_is_told(
    servico: Servico, dias: int, esperado: str, ana: Any, empresas: list[Empresa], credencial: Credencial
) -> None:
    """In the list and in its lines alike; what asks for no power has none to end."""
    vincular(empresas[0], credencial, ana, servico)
    procuracao_de(empresas[0], credencial, ["TODOS"], HOJE + timedelta(days=dias))
    lida = lista_procuracoes.quadro(ana).get(pk=empresas[0].pk)
    linhas = lista_procuracoes.poderes_de(lida)
    assert lida.estados == [esperado if linhas else "ok"]
    tons = {"ok": "ok", "vence": "atencao", "vencida": "erro"}
    assert {linha.tom for linha in linhas} == ({tons[esperado]} if linhas else set())
    assert bool(linhas) == bool(EXIGENCIAS[servico])


def test_the_grant_that_counts_is_the_one_to_the_autor(
    ana: Any, empresas: list[Empresa], credencial: Credencial
) -> None:
    vinculo = vincular(empresas[0], credencial, ana, Servico.PGDASD)
    procuracao_de(empresas[0], credencial, ["TODOS"])
    assert estado(ana, empresas[0]) == "ok"
    vinculo.autor, vinculo.procurador = Autor.PROCURADOR, "52998224725"
    vinculo.save()
    assert estado(ana, empresas[0]) == "nunca"
    procuracao_de(empresas[0], credencial, ["TODOS"], outorgado="52998224725")
    assert estado(ana, empresas[0]) == "ok"
    vinculo.procurador = empresas[0].documento
    vinculo.save()
    assert estado(ana, empresas[0]) == "propria"


def test_who_asks_for_itself_is_not_told_as_having_granted_a_power(
    entrar: Any, ana: Any, empresas: list[Empresa], credencial: Credencial
) -> None:
    for empresa in empresas[:2]:
        vincular(empresa, credencial, ana, Servico.PGDASD)
    vinculo = empresas[0].vinculo
    vinculo.autor, vinculo.procurador = Autor.PROCURADOR, empresas[0].documento
    vinculo.save()
    pagina = entrar(ana).get(URL).content.decode()
    assert pagina.count("a própria empresa pede: não precisa de procuração") == 1
    assert pagina.count("dada a") == 1
    assert f"dada a {mascarar(empresas[0].documento)}" not in pagina


def test_each_power_is_told_with_its_end(
    client: Client, ana: Any, empresas: list[Empresa], credencial: Credencial
) -> None:
    vincular(empresas[0], credencial, ana, Servico.PGDASD, Servico.DCTFWEB)
    procuracao_de(empresas[0], credencial, ["PGDAS-D - a partir de 01/2018"], date(2099, 1, 15))
    client.force_login(ana)
    pagina = client.get(URL).content.decode()
    assert [(grupo.dito, [um.servico for um in grupo.poderes]) for grupo in _grupos(ana, empresas[0])] == [
        ("Falta", ["DCTFWeb"]),
        ("Até 15/01/2099", ["PGDAS-D"]),
    ]
    assert "Até 15/01/2099" in pagina
    assert "00103 (DCTFWeb)" in pagina
    assert empresas[1].razao_social not in pagina  # in no credencial


def _grupos(usuario: Any, empresa: Empresa) -> list[lista_procuracoes.Grupo]:
    return lista_procuracoes.agrupar(lista_procuracoes.poderes_de(lista_procuracoes.quadro(usuario).get(pk=empresa.pk)))


def test_powers_of_which_the_same_is_said_are_told_together_and_the_worst_before(
    ana: Any, empresas: list[Empresa], credencial: Credencial
) -> None:
    vincular(empresas[0], credencial, ana, Servico.PGDASD, Servico.DAS, Servico.DCTFWEB, Servico.CAIXA_POSTAL)
    guardada = procuracao_de(empresas[0], credencial, [PGDAS, DCTF, CAIXA], HOJE)
    fins = {PGDAS: 400, DCTF: -3, CAIXA: 20}
    guardada.validades = validades((HOJE + timedelta(days=dias), [nome]) for nome, dias in fins.items())
    guardada.save()
    ditos = [(um.tom, um.dito.split()[0], [p.servico for p in um.poderes]) for um in _grupos(ana, empresas[0])]
    assert ditos == [
        ("erro", "Falta", ["DTE"]),
        ("erro", "Venceu", ["DCTFWeb"]),
        ("atencao", "Até", ["Caixa postal"]),
        ("ok", "Até", ["PGDAS-D", "DAS"]),
    ]


def test_asking_again_shows_its_cost_before_anything_is_sent(
    client: Client, ana: Any, empresas: list[Empresa], credencial: Credencial
) -> None:
    for empresa in empresas[:2]:
        vincular(empresa, credencial, ana, Servico.PROCURACOES)
    client.force_login(ana)
    endereco = reverse("guias:procuracoes_consultar")
    previa = client.post(endereco, {"ids": [empresas[0].pk, empresas[1].pk]})
    assert previa.context["previa"].titulo == "Consultar procurações de 2 empresas"
    assert "custo R$" in previa.content.decode()
    assert not Operacao.objects.exists()
    feita = client.post(endereco, {"ids": [empresas[0].pk, empresas[1].pk], "marca": previa.context["previa"].marca})
    assert feita.status_code == 302
    assert Operacao.objects.filter(tipo="guias.procuracoes.consultar").count() == 2


def test_the_list_costs_the_same_for_any_number_of_rows(
    client: Client, ana: Any, credencial: Credencial, django_assert_max_num_queries: Any
) -> None:
    for empresa in criar_empresas(range(1, 41)):
        vincular(empresa, credencial, ana, Servico.PGDASD)
        procuracao_de(empresa, credencial, ["TODOS"])
    client.force_login(ana)
    with django_assert_max_num_queries(14):
        assert client.get(URL + "?tamanho=50").context["lista"].total == 40


def test_another_carteira_is_not_seen(
    client: Client, bruno: Any, ana: Any, empresas: list[Empresa], credencial: Credencial
) -> None:
    (fora,) = criar_empresas([90])
    for empresa in (empresas[0], fora):
        vincular(empresa, credencial, ana, Servico.PGDASD)
    client.force_login(bruno)
    assert client.get(URL).context["lista"].total == 1


def test_a_run_leads_back_to_the_procuracoes(client: Client, ana: Any) -> None:
    client.force_login(ana)
    run = criar("guias.procuracoes.consultar", "Procurações", ana, somar_meses(MES, -3), [])
    assert f'href="{URL}"' in (pagina := client.get(run.get_absolute_url()).content.decode())
    assert ">Voltar às procurações</a>" in pagina


def test_what_was_just_asked_was_a_moment_ago(
    client: Client, ana: Any, empresas: list[Empresa], credencial: Credencial
) -> None:
    vincular(empresas[0], credencial, ana, Servico.PGDASD)
    guardada = procuracao_de(empresas[0], credencial, ["TODOS"])
    client.force_login(ana)
    assert "agora há pouco" in client.get(URL).content.decode()
    guardada.consultada_em = timezone.now() - timedelta(hours=3)
    guardada.save()
    assert "3\xa0horas atrás" in client.get(URL).content.decode()


def test_a_field_brings_nothing_else_that_could_be_told_of_the_powers() -> None:
    def trazidos(campo: str) -> set[str]:
        return {nome for nome in lista_procuracoes._da_empresa(campo).query.annotations if not nome.startswith("ate_")}

    assert trazidos("validades") == {"de_validades"}
    assert trazidos("primeira") == {"primeira", "de_primeira"}
