"""The refusals of a run, by reason: each leads to the screen where it is mended, on those that it concerns."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from credentials.models import Credencial
from empresas.calendario import somar_meses
from empresas.models import Empresa, Regime
from guias.handlers import base, telas
from guias.services.quadro_mei import do_mei
from operacoes.handlers import handler_de, todos
from operacoes.models import Operacao, Situacao
from operacoes.motor import NovaOperacao
from operacoes.processamentos import resultados
from operacoes.processamentos.criacao import criar
from tests.cast import criar_empresas
from tests.guias.apoio import MES, informar, vincular

pytestmark = pytest.mark.django_db

DAQUI = sorted(handler.tipo for handler in todos() if handler.tipo.startswith("guias."))
CODIGOS = ("Erro-NUNCA-VISTO", "AcessoNegado-ICGERENCIADOR-022", "Erro-ICGERENCIADOR-019")
PROPRIOS = {
    "guias.mei.das": ("Erro-PGMEI-MSG_23008", "Erro-PGMEI-MSG_13011"),
    "guias.parcelas.emitir": ("Erro-PARCSN-ESP-ER_N010", "Erro-RELPMEI-ER_N002"),
    "guias.darf.emitir": ("Erro-SICALC-MSG_014",),
    "guias.dctfweb.transmitir": ("Erro-DCTFWEB-MG08",),
    "guias.mit.encerrar": ("Erro-MIT-MSG_0005",),
    "guias.sitfis.relatorio": ("Erro-SITFIS-MSG_001",),
    "guias.caixapostal.listar": ("Erro-CAIXAPOSTAL-005",),
    "guias.regime.optar": ("Erro-REGIMEAPURACAO-MSG_002",),
    "guias.defis.transmitir": ("Erro-DEFIS-MSG_0021", "Erro-DEFIS-MSG_0099"),
    "guias.entrega.enviar": ("RCPT-550", "NAO-ENVIAR"),
    "guias.pgdasd.transmitir": ("Erro-PGDASD-MSG_ISN_018", "Erro-PGDASD-MSG_ISN_035"),
}

# What the handlers read of a pedido when it is submitted.
PEDIDO: dict[str, Any] = {
    "apuracao": 0,
    "versao": 0,
    "entrega": 0,
    "darf": 0,
    "competencia": MES.isoformat(),
    "ano": str(MES.year),
    "parametros": {"ano": str(MES.year)},
}


def partes(empresa: Empresa) -> dict[str, str]:
    return {"contratante": "90000001000188", "autor": "90000001000188", "contribuinte": empresa.documento}


def recusar(tipo: str, grupo: str, empresas: list[Empresa], usuario: Usuario, acesso: str = "credencial:1") -> Any:
    """A run of one kind whose Operacoes were all refused for one reason."""
    novas = [
        NovaOperacao(tipo, f"teste:{tipo}:{grupo}:{e.pk}", PEDIDO | {"partes": partes(e)}, acesso, e.pk, MES)
        for e in empresas
    ]
    run = criar(tipo, "Ensaio", usuario, MES, novas)
    Operacao.objects.filter(processamento=run).update(
        situacao=Situacao.RECUSADA, grupo=grupo, encerrada_em=timezone.now()
    )
    return run


def da_recusa(tipo: str, grupo: str, empresas: list[Empresa], usuario: Usuario) -> Any:
    (grupo_lido,), _ = resultados.recusadas_por_motivo(recusar(tipo, grupo, empresas, usuario), usuario, MES)
    return grupo_lido.acao


@pytest.mark.parametrize("tipo", DAQUI)
def test_every_refusal_leads_to_a_screen_that_opens(
    tipo: str, entrar: Any, ana: Usuario, empresas: list[Empresa], credencial: Credencial
) -> None:
    client = entrar(ana)
    for grupo in (*CODIGOS, *PROPRIOS.get(tipo, ())):
        acao = da_recusa(tipo, grupo, empresas[:1], ana)
        assert acao is not None, grupo
        assert all((acao.texto, acao.rotulo)), grupo
        assert client.get(acao.url, follow=True).status_code == 200, acao.url


def test_the_page_of_one_refused_leads_to_those_refused_alike(
    entrar: Any, ana: Usuario, empresas: list[Empresa], credencial: Credencial
) -> None:
    client, tipo = entrar(ana), "guias.dte.consultar"
    run = recusar(tipo, "Erro-DTE-MSG_001", empresas[:2], ana)
    url = client.get(run.operacoes.first().get_absolute_url()).context["proxima"].url
    assert {e.pk for e in client.get(url).context["lista"].pagina} == {e.pk for e in empresas[:2]}


def test_a_list_of_another_month_is_not_led_to(ana: Usuario, empresas: list[Empresa]) -> None:
    outro = somar_meses(MES, 1)
    do_mes = recusar("guias.pgdasd.transmitir", "Erro-PGDASD-MSG_ISN_100", empresas[:1], ana)
    sempre = recusar("guias.defis.transmitir", "Erro-DEFIS-MSG_0099", empresas[:1], ana)
    (um,), _ = resultados.recusadas_por_motivo(do_mes, ana, outro)
    assert um.acao is not None
    assert (um.acao.url, f"{MES:%m/%Y}" in um.acao.texto) == ("", True)
    (dois,), _ = resultados.recusadas_por_motivo(sempre, ana, outro)
    assert dois.acao is not None
    assert dois.acao.url


# A kind, a code of it, and the list on which its refusals are mended.
LISTAS = [
    ("guias.pgdasd.transmitir", "Erro-PGDASD-MSG_ISN_035", "guias:apuracao"),
    ("guias.pgdasd.transmitir", "Erro-PGDASD-MSG_ISN_100", "guias:receitas"),
    ("guias.pgdasd.transmitir", "Erro-PGDASD-MSG_ISN_018", "empresas:lista"),
    ("guias.das.emitir", "Erro-PGDASD-MSG_ISN_100", "guias:apuracao"),
    ("guias.pgdasd.consultar", "Erro-PGDASD-MSG_ISN_100", "guias:apuracao"),
    ("guias.pgdasd.transmitir", "AcessoNegado-ICGERENCIADOR-022", "guias:procuracoes"),
    ("guias.sitfis.relatorio", "Erro-SITFIS-MSG_001", "guias:situacao_fiscal"),
    ("guias.dte.consultar", "Erro-DTE-MSG_001", "guias:situacao_fiscal"),
    ("guias.caixapostal.listar", "Erro-CAIXAPOSTAL-005", "guias:caixas"),
    ("guias.regime.optar", "Erro-REGIMEAPURACAO-MSG_002", "guias:anuais"),
    ("guias.defis.transmitir", "Erro-DEFIS-MSG_0099", "guias:anuais"),
    ("guias.eprocesso.consultar", "Erro-EPROCESSO-001", "guias:processos"),
    ("guias.dctfweb.transmitir", "Erro-DCTFWEB-MG08", "guias:dctfweb"),
    ("guias.mit.listar", "Erro-QUALQUER", "guias:mit"),
    ("guias.mit.encerrar", "Erro-MIT-MSG_0005", "guias:mit"),
    ("guias.parcelas.emitir", "Erro-PARCSN-ER_N002", "guias:parcelamentos"),
]


@pytest.mark.parametrize(("tipo", "grupo", "nome"), LISTAS, ids=[f"{t}:{g}" for t, g, _ in LISTAS])
def test_the_screen_of_a_refusal_shows_only_who_it_concerns(
    tipo: str, grupo: str, nome: str, entrar: Any, ana: Usuario, empresas: list[Empresa], credencial: Credencial
) -> None:
    for empresa in empresas:
        vincular(empresa, credencial, ana)
        informar(empresa, competencia=MES)
    acao = da_recusa(tipo, grupo, empresas[:2], ana)
    assert urlsplit(acao.url).path == reverse(nome)
    resposta = entrar(ana).get(acao.url)
    assert resposta.status_code == 200
    pagina = resposta.content.decode()
    assert [empresa.razao_social in pagina for empresa in empresas] == [True, True, False]


def test_the_refused_mei_are_the_ones_shown(entrar: Any, ana: Usuario, credencial: Credencial) -> None:
    meis = criar_empresas(range(50, 53), regimes=(Regime.MEI,))
    assert do_mei(ana, MES).count() == 3
    acao = da_recusa("guias.mei.das", "Erro-PGMEI-MSG_13011", meis[:1], ana)
    lista = entrar(ana).get(acao.url).context["lista"]
    assert [e.pk for e in lista.pagina] == [meis[0].pk]


def test_who_sees_less_is_shown_no_more_by_a_refusal(
    entrar: Any, ana: Usuario, bruno: Usuario, empresas: list[Empresa], credencial: Credencial
) -> None:
    (fora,) = criar_empresas([90])
    acao = da_recusa("guias.sitfis.relatorio", "Erro-X", [empresas[0], fora], ana)
    assert entrar(bruno).get(acao.url).context["lista"].total == 1


def test_what_was_repeated_since_is_not_shown(
    entrar: Any, ana: Usuario, empresas: list[Empresa], credencial: Credencial
) -> None:
    run = recusar("guias.sitfis.relatorio", "Erro-X", empresas[:2], ana)
    (grupo,), _ = resultados.recusadas_por_motivo(run, ana, MES)
    antes = Operacao.objects.get(processamento=run, empresa=empresas[0])
    Operacao.objects.filter(pk=antes.pk).update(encerrada_em=timezone.now() - timedelta(hours=1))
    criar(
        "guias.sitfis.relatorio",
        "De novo",
        ana,
        MES,
        [NovaOperacao(antes.tipo, "de novo", {}, antes.acesso, empresas[0].pk, MES, revisao=2, anterior_id=antes.pk)],
    )
    assert grupo.acao is not None
    lista = entrar(ana).get(grupo.acao.url).context["lista"]
    assert [e.pk for e in lista.pagina] == [empresas[1].pk]


@pytest.mark.parametrize("valor", ["", "x", "1", "1:guias.sitfis.relatorio", "99999999999999999999:a:b", "1:a:b:c"])
def test_a_hand_made_address_is_answered(entrar: Any, ana: Usuario, credencial: Credencial, valor: str) -> None:
    for nome in ("guias:situacao_fiscal", "empresas:lista", "guias:darfs", "guias:lista"):
        assert entrar(ana).get(reverse(nome), {"recusa": valor}).status_code == 200


def test_every_group_of_services_has_its_screen() -> None:
    assert all(tela.rotulo and tela.nome for tela in telas.TELAS.values())
    assert {h.servico_do_vinculo for h in todos() if isinstance(h, base.IntegraContadorHandler)} <= set(telas.TELAS)


@pytest.mark.parametrize(
    ("tipo", "grupo", "dito"),
    [
        ("guias.mei.das", "Aviso-PGMEI-MSG_23018", "Já está pago"),
        ("guias.mei.barras", "Aviso-PGMEI-23018", "Já está pago"),
        ("guias.mei.das", "Erro-PGMEI-MSG_13011", "dívida ativa"),
        ("guias.dctfweb.guia", "Erro-DCTFWEB-GUIA02", "Não há guia a emitir"),
        ("guias.dctfweb.transmitir", "EntradaIncorreta-DCTFWEB-TRANS11", "Busque o recibo"),
        ("guias.parcelas.emitir", "Aviso-PARCSN-ESP-ER_N006", "Consulte de novo os pedidos e as parcelas"),
        ("guias.parcelas.emitir", "Aviso-RELPMEI-N006", "Consulte de novo os pedidos e as parcelas"),
        ("guias.regime.optar", "EntradaIncorreta-REGIME-MSG_ISN_052", "Consulte a opção do ano"),
        ("guias.pgdasd.transmitir", "EntradaIncorreta-PGDASD-MSG_ISN_048", "confira e aprove de novo"),
        ("guias.pgdasd.simular", "EntradaIncorreta-PGDASD-MSG_ISN_048", "confira e aprove de novo"),
    ],
)
def test_what_would_be_refused_again_is_not_repeated(
    tipo: str, grupo: str, dito: str, entrar: Any, ana: Usuario, empresas: list[Empresa], credencial: Credencial
) -> None:
    run = recusar(tipo, grupo, empresas, ana)
    (lido,), orcado = resultados.recusadas_por_motivo(run, ana, MES)
    assert lido.acao is not None
    assert dito in lido.acao.texto
    assert not lido.repetivel
    assert not orcado.total
    cliente = entrar(ana)
    pagina = cliente.get(reverse("operacoes:processamento", args=[run.pk])).content.decode()
    assert ">Repetir" not in pagina
    operacao = run.operacoes.order_by("pk")[0]
    da_operacao = cliente.get(operacao.get_absolute_url()).content.decode()
    assert ">Repetir" not in da_operacao
    assert dito in da_operacao
    cliente.post(reverse("operacoes:repetir", args=[run.pk]))
    assert not Operacao.objects.filter(anterior__isnull=False).exists()


def test_a_month_already_declared_leads_to_the_apuracoes_whose_historico_is_mended(
    entrar: Any, ana: Usuario, empresas: list[Empresa], credencial: Credencial
) -> None:
    apuracao = informar(empresas[0], competencia=MES)
    run = recusar("guias.pgdasd.transmitir", "EntradaIncorreta-PGDASD-MSG_ISN_048", empresas[:1], ana)
    (lido,), _ = resultados.recusadas_por_motivo(run, ana, MES)
    assert lido.acao is not None
    cliente = entrar(ana)
    lista = cliente.get(lido.acao.url)
    assert lido.acao.rotulo == "Abrir apurações"
    assert [linha.pk for linha in lista.context["lista"].pagina] == [empresas[0].pk]
    assert reverse("guias:ver", args=[apuracao.pk]) in lista.content.decode()
    assert (
        reverse("guias:historico", args=[apuracao.pk])
        in cliente.get(reverse("guias:ver", args=[apuracao.pk])).content.decode()
    )


def test_a_declaration_refused_for_its_receitas_leads_to_them(
    ana: Usuario, empresas: list[Empresa], credencial: Credencial
) -> None:
    codigos = [f"EntradaIncorreta-PGDASD-MSG_ISN_{numero}" for numero in ("009", "010", "023", "045")]
    for codigo in (*codigos, "E0044"):
        acao = handler_de("guias.pgdasd.simular").proxima_acao(codigo, "")
        assert acao is not None
        assert (acao.rotulo, acao.url) == ("Abrir receitas", reverse("guias:receitas"))


@pytest.mark.parametrize("grupo", ["Erro-PGMEI-MSG_23015", "Aviso-PGMEI-MSG_23016", "Erro-NUNCA-VISTO"])
def test_what_time_or_a_person_mends_is_repeated(grupo: str) -> None:
    assert handler_de("guias.mei.das").repetivel(grupo)
