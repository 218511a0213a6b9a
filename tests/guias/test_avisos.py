"""What the pré-voo tells of the accesses, at no cost: an end before the due date, a procuração nobody asked about, the
add-on that is missing."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from comum.formatos import format_data
from comum.models import Adicional, Usuario
from credentials.models import CertificadoA1, Credencial, Servico
from empresas.models import Carteira, Empresa
from guias.models import Darf, Procuracao
from guias.providers.eventos import Evento
from guias.services import darfs, novidades, redesim
from guias.services.acesso import Codigo, exigidos
from guias.services.acoes import DEFINICOES
from guias.services.avisos import NUNCA_CONSULTADA, Aviso
from guias.services.prevoo import Prevoo
from operacoes.custos import teto
from operacoes.models import Operacao, Processamento
from tests.guias.apoio import MES, credencial_falsa, procuracao_de, vincular
from tests.guias.previas import empresa_para, previa_de

pytestmark = pytest.mark.django_db

# Those with a due date of their own: each kind reads its own calendar.
COM_PRAZO = [
    "simular",
    "transmitir",
    "das",
    "varios-das",
    "transmitir-defis",
    "mei.das",
    "mei.barras",
    "darf",
    "dctfweb_transmitir",
    "dctfweb_guia",
    "mit_encerrar",
    "das_cobranca",
    "das_avulso",
    *(acao for acao in DEFINICOES if acao.endswith(".emitir") and acao.startswith(("parc", "pert", "relp"))),
]


def avisos(previa: Prevoo, codigo: str) -> list[Aviso]:
    return [aviso for aviso in previa.avisos if aviso.codigo == codigo]


@pytest.fixture
def prazo(monkeypatch: pytest.MonkeyPatch) -> date:
    """The due date of everything, some days ahead: most real ones are past when a test runs."""
    adiado = timezone.localdate() + timedelta(days=20)
    for modulo, nome in (
        ("guias.services.acesso", "prazo_das"),
        ("guias.services.mei", "prazo_das"),
        ("guias.services.especiais", "prazo_das"),
        ("guias.services.dctfweb", "prazo"),
        ("guias.services.mit", "prazo"),
        ("guias.services.parcelamentos", "vencimento_da_parcela"),
        ("guias.services.defis", "prazo_da_defis"),
    ):
        monkeypatch.setattr(f"{modulo}.{nome}", lambda *_: adiado)
    return adiado


def preparada(acao: str, credencial: Credencial, ana: Usuario, carteira: Carteira, prazo: date) -> Empresa:
    empresa = empresa_para(acao, credencial, ana, carteira)
    empresa.darfs.update(vencimento=prazo, consolidacao=prazo)
    return empresa


@pytest.mark.parametrize("acao", COM_PRAZO)
@pytest.mark.parametrize("dias", [-1, 0])
def test_a_certificate_that_ends_before_what_is_asked_is_due(
    acao: str, dias: int, ana: Usuario, credencial: Credencial, carteira: Carteira, prazo: date
) -> None:
    empresa = preparada(acao, credencial, ana, carteira, prazo)
    fim = timezone.make_aware(datetime.combine(prazo + timedelta(days=dias), time.min))
    CertificadoA1.objects.update(valido_ate=fim)
    previa = previa_de(acao, [empresa])
    assert {nova.prazo for nova in previa.novas} == {prazo}
    ditos = avisos(previa, "certificado")
    assert bool(ditos) == (dias < 0)
    for aviso in ditos:
        assert (
            f"vence em {format_data(prazo - timedelta(days=1))}, antes do vencimento ({format_data(prazo)})"
            in aviso.texto
        )
        assert [dita.pk for dita, _ in aviso.itens] == [empresa.pk]


@pytest.mark.parametrize("acao", COM_PRAZO)
@pytest.mark.parametrize("dias", [-1, 0])
def test_a_procuracao_that_ends_before_what_is_asked_is_due(
    acao: str, dias: int, ana: Usuario, credencial: Credencial, carteira: Carteira, prazo: date
) -> None:
    empresa = preparada(acao, credencial, ana, carteira, prazo)
    fim = prazo + timedelta(days=dias)
    procuracao_de(empresa, credencial, ["TODOS"], fim)
    previa = previa_de(acao, [empresa])
    assert len(previa.novas) == 1  # it holds nobody
    ditos = avisos(previa, "procuracao_vence")
    precisa = exigidos(previa.definicao.servico, previa.definicao.poderes)
    assert bool(ditos) == (dias < 0 and bool(precisa))
    for aviso in ditos:
        assert f"antes do vencimento ({format_data(prazo)})" in aviso.texto
        assert [(dita.pk, dito) for dita, dito in aviso.itens] == [(empresa.pk, f"vence em {format_data(fim)}")]


def test_what_has_no_due_date_warns_of_no_end(
    ana: Usuario, credencial: Credencial, carteira: Carteira, prazo: date
) -> None:
    amanha = timezone.now() + timedelta(days=1)
    CertificadoA1.objects.update(valido_ate=amanha)
    for numero, acao in enumerate(("das_processo", "pagamentos", "situacao-fiscal", "mit_listar"), start=1):
        empresa = empresa_para(acao, credencial, ana, carteira, numero)
        procuracao_de(empresa, credencial, ["TODOS"], amanha.date())
        esperados = ["certificado", "procuracao_vence"] if acao == "mit_listar" else []
        assert [aviso.codigo for aviso in previa_de(acao, [empresa]).avisos] == esperados


@pytest.mark.parametrize("acao", [str(acao) for acao in DEFINICOES])
def test_a_procuracao_never_asked_about_is_told_where_one_is_needed(
    acao: str, ana: Usuario, credencial: Credencial, carteira: Carteira
) -> None:
    empresa = empresa_para(acao, credencial, ana, carteira)
    definicao = DEFINICOES[acao]
    ditos = avisos(previa_de(acao, [empresa]), NUNCA_CONSULTADA)
    assert bool(ditos) == bool(exigidos(definicao.servico, definicao.poderes))
    assert all([dita.pk for dita, _ in aviso.itens] == [empresa.pk] for aviso in ditos)
    procuracao_de(empresa, credencial, ["TODOS"])
    assert not avisos(previa_de(acao, [empresa]), NUNCA_CONSULTADA)


def test_who_asks_in_its_own_name_needs_no_procuracao(ana: Usuario, credencial: Credencial, carteira: Carteira) -> None:
    empresa = empresa_para("situacao-fiscal", credencial, ana, carteira)
    assert avisos(previa_de("situacao-fiscal", [empresa]), NUNCA_CONSULTADA)
    Credencial.objects.update(contratante=empresa.documento)
    assert not previa_de("situacao-fiscal", [empresa]).avisos


def test_the_procuracao_that_counts_is_the_one_to_the_autor(
    ana: Usuario, credencial: Credencial, carteira: Carteira
) -> None:
    empresa = empresa_para("situacao-fiscal", credencial, ana, carteira)
    procuracao_de(empresa, credencial, ["TODOS"], outorgado="52998224725")
    assert avisos(previa_de("situacao-fiscal", [empresa]), NUNCA_CONSULTADA)
    Procuracao.objects.update(outorgado=credencial.contratante)
    assert not avisos(previa_de("situacao-fiscal", [empresa]), NUNCA_CONSULTADA)


def test_the_warning_leads_to_asking_about_those_procuracoes(
    entrar: Any, ana: Usuario, credencial: Credencial, carteira: Carteira
) -> None:
    empresas = [empresa_para("situacao-fiscal", credencial, ana, carteira, numero) for numero in (1, 2, 3)]
    procuracao_de(empresas[2], credencial, ["TODOS"])
    client = entrar(ana)
    pagina = client.post(reverse("guias:pedir", args=["situacao-fiscal"]), {"ids": [e.pk for e in empresas]})
    assert "2 empresas com a procuração nunca consultada" in pagina.content.decode()
    (aviso,) = avisos(pagina.context["previa"], NUNCA_CONSULTADA)
    url, campo = reverse("guias:procuracoes_consultar"), {"empresas": aviso.por_consultar}
    previa = client.post(url, campo).context["previa"]
    assert [e.pk for e in previa.prontas] == [e.pk for e in empresas[:2]]
    assert not Operacao.objects.exists()
    assert client.post(url, campo | {"marca": previa.marca}).status_code == 302
    assert Operacao.objects.filter(tipo="guias.procuracoes.consultar").count() == 2


def test_two_months_of_darfs_are_warned_of_once(
    ana: Usuario, credencial: Credencial, carteira: Carteira, prazo: date
) -> None:
    primeira = preparada(darfs.ACAO, credencial, ana, carteira, prazo)
    CertificadoA1.objects.update(valido_ate=timezone.now() + timedelta(days=1))
    depois = Darf.objects.get(empresa=primeira)
    depois.pk, depois.periodo = None, f"{MES.replace(year=MES.year - 1):%m/%Y}"
    depois.competencia = MES.replace(year=MES.year - 1)
    depois.nomear()
    depois.save(force_insert=True)
    previa = previa_de(darfs.ACAO, [primeira])
    assert len(previa.novas) == 2
    (aviso,) = avisos(previa, "certificado")
    assert aviso.quantas == 1


# -- the add-on --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("acao", [str(acao) for acao in DEFINICOES])
def test_without_the_add_on_everyone_stays_out_and_is_told_who_mends_it(
    acao: str, ana: Usuario, credencial: Credencial, carteira: Carteira
) -> None:
    empresa = empresa_para(acao, credencial, ana, carteira)
    Adicional.objects.update(ativo=False)
    previa = previa_de(acao, [empresa])
    assert not previa.novas
    (fora,) = previa.fora
    assert (fora.empresa.pk, fora.codigo) == (empresa.pk, Codigo.ADICIONAL)
    assert "O adicional 216 - Mens.API Integra Contador não está contratado" in fora.motivo
    assert "Quem ativa: o administrador do Guichê" in fora.motivo


def test_without_the_add_on_the_free_questions_are_not_left_in_the_queue(
    ana: Usuario, credencial: Credencial, empresas: list[Empresa]
) -> None:
    vincular(empresas[0], credencial, ana, *Servico)
    Adicional.objects.update(ativo=False)
    assert novidades.consultar_todas(list(Evento)) == 0
    with pytest.raises(novidades.Impedida, match="adicional 216"):
        novidades.consultar(ana, empresas[:1], [Evento.DCTFWEB])
    with pytest.raises(redesim.NadaAConsultar, match="adicional 216"):
        redesim.consultar(redesim.VINCULOS, [credencial], ana, "0" * 16)
    assert not Operacao.objects.exists()


# -- Redesim -----------------------------------------------------------------------------------------------------------


def test_a_query_that_the_cap_keeps_out_is_refused_with_the_reason(
    entrar: Any, ana: Usuario, credencial: Credencial, empresas: list[Empresa]
) -> None:
    vincular(empresas[0], credencial, ana, *Servico)
    teto.definir(credencial.contratante, Decimal("0.01"), ana, parar_tudo=True)
    resposta = entrar(ana).post(reverse("guias:vinculos_na_redesim"), {"intencao": "0" * 16}, follow=True)
    assert resposta.redirect_chain[-1][0] == reverse("guias:processos")
    assert "Passaria do teto de R$ 0,01" in resposta.content.decode()
    assert not Processamento.objects.exists()


def test_of_two_credenciais_the_one_that_the_cap_keeps_out_is_told(
    entrar: Any, ana: Usuario, credencial: Credencial, empresas: list[Empresa]
) -> None:
    outra = credencial_falsa(codigo=2)
    outra.contratante = "90000002000132"
    outra.save()
    for empresa, dela in zip(empresas, (credencial, outra), strict=False):
        vincular(empresa, dela, ana, *Servico)
    teto.definir(outra.contratante, Decimal("0.01"), ana, parar_tudo=True)
    resposta = entrar(ana).post(reverse("guias:vinculos_na_redesim"), {"intencao": "0" * 16}, follow=True)
    (operacao,) = Operacao.objects.all()
    assert operacao.acesso == credencial.acesso
    assert resposta.redirect_chain[-1][0] == Processamento.objects.get().get_absolute_url()
    assert "1 credencial não foi consultada: Passaria do teto" in resposta.content.decode()


def test_a_second_click_opens_the_run_of_the_first(
    ana: Usuario, credencial: Credencial, empresas: list[Empresa]
) -> None:
    vincular(empresas[0], credencial, ana, *Servico)
    run = redesim.consultar(redesim.VINCULOS, [credencial], ana, "0" * 16)
    assert redesim.consultar(redesim.VINCULOS, [credencial], ana, "0" * 16) == run
    with pytest.raises(redesim.NadaAConsultar, match="já estão sendo consultados"):
        redesim.consultar(redesim.VINCULOS, [credencial], ana, "1" * 16)
    assert Operacao.objects.count() == 1
