"""The free question of news: of whom there is any, since we last looked, in the lists of what is paid for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from credentials.models import Credencial, Servico
from empresas.models import Carteira, Empresa, Regime
from guias import tasks
from guias.models import Consulta, DeclaracaoDctfweb, Novidade
from guias.providers.caixapostal import MSGCONTRIBUINTE61
from guias.providers.dctfweb import Categoria
from guias.providers.eventos import Evento
from guias.services import novidades, obrigadas, panorama
from guias.services.acoes import Acao
from guias.services.prevoo import prevoo
from operacoes.models import Operacao, Processamento, Situacao
from operacoes.motor import NovaOperacao, submeter
from tests.cast import criar_empresa
from tests.guias.apoio import MES, credencial_do_sandbox, trabalhar, vincular
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db

AGORA = timezone.now()
LISTAS = {Evento.CAIXA_POSTAL: "guias:caixas", Evento.DCTFWEB: "guias:dctfweb"}
PERGUNTAS = {Evento.CAIXA_POSTAL: "guias:caixas_novidades", Evento.DCTFWEB: "guias:dctfweb_novidades"}


@pytest.fixture
def empresas(carteira: Carteira) -> list[Empresa]:
    """Of presumido: of those that DCTFWeb lists too."""
    return [criar_empresa(numero, carteira=carteira, regime=Regime.PRESUMIDO) for numero in range(1, 4)]


def dizer(empresa: Empresa, evento: Evento, ha_dias: int | None, *, sem_procuracao: bool = False) -> None:
    dia = None if ha_dias is None else timezone.localdate() - timedelta(days=ha_dias)
    Novidade.objects.create(
        empresa=empresa, evento=evento.value, dia=dia, sem_procuracao=sem_procuracao, perguntada_em=AGORA
    )


def ver(empresa: Empresa, evento: Evento, quando: datetime) -> None:
    """Our last look at what the list shows, which was paid for."""
    if evento is Evento.DCTFWEB:
        DeclaracaoDctfweb.objects.create(empresa=empresa, competencia=MES, categoria=40, consultada_em=quando)
        return
    operacao = Operacao.objects.filter(empresa=empresa).first() or _operacao(empresa)
    Consulta.objects.create(
        empresa=empresa, servico=str(MSGCONTRIBUINTE61), operacao=operacao, consultada_em=quando, resposta={}
    )


def _operacao(empresa: Empresa) -> Operacao:
    nova = NovaOperacao("guias.caixapostal.listar", f"teste:{empresa.pk}", {}, "credencial:1", empresa.pk, MES)
    operacao = submeter([nova], usuario=None).criadas[0]
    Operacao.objects.filter(pk=operacao.pk).update(situacao=Situacao.CONCLUIDA, encerrada_em=AGORA)
    return operacao


def estado(usuario: Usuario, evento: Evento, empresa: Empresa) -> str:
    if evento is Evento.DCTFWEB:
        base = obrigadas.da_dctfweb(usuario, MES, Categoria.GERAL_MENSAL, todas=False)
    else:
        base = panorama.caixas(QueryDict(), usuario).base
    return str(base.get(pk=empresa.pk).novidade)


@pytest.mark.parametrize("evento", LISTAS)
@pytest.mark.parametrize(
    ("ha_dias", "vista_ha_dias", "esperado"),
    [
        (0, None, "com"),
        (30, None, "com"),
        (2, 3, "com"),
        (2, 2, "com"),  # the day tells no hour: it may have been after our look
        (2, 1, "sem"),
        (None, None, "sem"),
        (None, 1, "sem"),
    ],
)
def test_news_is_what_happened_since_our_last_look(
    evento: Evento,
    ha_dias: int | None,
    vista_ha_dias: int | None,
    esperado: str,
    ana: Usuario,
    empresas: list[Empresa],
    credencial: Credencial,
) -> None:
    assert estado(ana, evento, empresas[0]) == "nunca"
    dizer(empresas[0], Evento.PAGAMENTOS, 0)  # of another system
    assert estado(ana, evento, empresas[0]) == "nunca"
    dizer(empresas[0], evento, ha_dias)
    if vista_ha_dias is not None:
        ver(empresas[0], evento, AGORA - timedelta(days=vista_ha_dias))
    assert estado(ana, evento, empresas[0]) == esperado


@pytest.mark.parametrize("evento", LISTAS)
def test_the_lists_filter_by_news(
    evento: Evento, entrar: Callable[[Usuario], Any], ana: Usuario, empresas: list[Empresa], credencial: Credencial
) -> None:
    dizer(empresas[0], evento, 1)
    dizer(empresas[1], evento, None, sem_procuracao=True)
    client = entrar(ana)
    for valor, esperada in (("com", empresas[0]), ("negada", empresas[1]), ("nunca", empresas[2])):
        resposta = client.get(reverse(LISTAS[evento]), {"novidade": valor})
        assert [e.pk for e in resposta.context["lista"].pagina] == [esperada.pk]
    pagina = client.get(reverse(LISTAS[evento])).content.decode()
    for dito in ("Com novidade", "Sem procuração", "não consultada", "última em"):
        assert dito in pagina


@pytest.mark.parametrize("evento", LISTAS)
def test_the_list_asks_of_the_marked_at_no_cost(
    evento: Evento, entrar: Callable[[Usuario], Any], ana: Usuario, empresas: list[Empresa], credencial: Credencial
) -> None:
    for empresa in empresas:
        vincular(empresa, credencial, ana, Servico.CAIXA_POSTAL, Servico.DCTFWEB)
    client, url = entrar(ana), reverse(PERGUNTAS[evento])
    resposta = client.post(url, {"ids": [e.pk for e in empresas[:2]]})
    (operacao,) = Operacao.objects.all()
    run = Processamento.objects.get()
    assert resposta.url == run.get_absolute_url()
    assert (operacao.pedido["evento"], operacao.classe, operacao.custo) == (evento.value, "gratis", Decimal(0))
    assert sorted(operacao.empresas) == sorted(e.pk for e in empresas[:2])
    de_novo = client.post(url, {"ids": [e.pk for e in empresas]}, follow=True)
    assert "Já há uma consulta de novidades em andamento" in de_novo.content.decode()
    assert Operacao.objects.count() == 1
    Operacao.objects.update(situacao=Situacao.CONCLUIDA, encerrada_em=AGORA)
    pagina = client.get(run.get_absolute_url()).content.decode()
    assert "Ver quem tem novidade" in pagina
    assert f"{reverse(LISTAS[evento])}?" in pagina


def test_another_carteira_is_not_asked_about(
    entrar: Callable[[Usuario], Any], ana: Usuario, bruno: Usuario, empresas: list[Empresa], credencial: Credencial
) -> None:
    fora = criar_empresa(90, regime=Regime.PRESUMIDO)
    for empresa in (empresas[0], fora):
        vincular(empresa, credencial, ana, Servico.CAIXA_POSTAL, Servico.DCTFWEB)
    client = entrar(bruno)
    for nome in PERGUNTAS.values():
        client.post(reverse(nome), {"ids": [fora.pk, empresas[0].pk]})
    assert [operacao.empresas for operacao in Operacao.objects.all()] == [[empresas[0].pk]] * 2


@pytest.mark.django_db(transaction=True)
def test_every_morning_the_three_systems_are_asked(
    ana: Usuario, empresas: list[Empresa], credencial: Credencial, settings: Any
) -> None:
    vincular(empresas[0], credencial, ana, *Servico)
    settings.GUIAS_NOVIDADES_DIARIAS = False
    tasks.consultar_novidades(0)
    assert not Operacao.objects.exists()
    settings.GUIAS_NOVIDADES_DIARIAS = True
    tasks.consultar_novidades(0)
    assert sorted(o.pedido["evento"] for o in Operacao.objects.all()) == sorted(Evento)


@pytest.mark.django_db(transaction=True)
def test_the_receita_tells_of_messages_and_of_dctfweb(
    serpro_vivo: SandboxVivo, ana: Usuario, empresas: list[Empresa], adicional_216: Any
) -> None:
    credencial = credencial_do_sandbox(serpro_vivo)
    for empresa in empresas:
        vincular(empresa, credencial, ana, Servico.CAIXA_POSTAL, Servico.DCTFWEB)
    com_mensagem, com_dctfweb, sem = empresas
    serpro_vivo.controle.cadastro(contribuintes=[{"documento": e.documento} for e in empresas])
    serpro_vivo.controle.post("avisos", {"mensagens": [{"documento": com_mensagem.documento, "assunto": "Termo"}]})
    fechada = {"periodo": f"{MES:%Y%m}", "debitos": [{"origem": 1, "codigo": "108201", "valor": "10.00"}]}
    serpro_vivo.controle.cadastro(contribuintes=[{"documento": com_dctfweb.documento, "dctfweb": [fechada]}])
    serpro_vivo.controle.relogio(deslocamento_segundos=16 * 60)  # the data is 15 minutes behind
    for evento in LISTAS:
        novidades.consultar(ana, empresas, [evento])
    for _ in range(40):
        trabalhar()
        if not Operacao.objects.filter(situacao=Situacao.ACEITA).exists():
            break
    ditos = {e.pk: tuple(estado(ana, evento, e) for evento in LISTAS) for e in empresas}
    assert ditos == {com_mensagem.pk: ("com", "sem"), com_dctfweb.pk: ("sem", "com"), sem.pk: ("sem", "sem")}
    submeter(prevoo(Acao.MENSAGENS, [com_mensagem], MES, parametros={"quais": "todas"}).novas, usuario=ana)
    Novidade.objects.update(dia=timezone.localdate() - timedelta(days=1))
    trabalhar()
    assert estado(ana, Evento.CAIXA_POSTAL, com_mensagem) == "sem"  # it was looked at since
