"""The year of the PGDAS-D as the Receita has it: what was declared elsewhere, malha, the papers by number."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from arquivo.models import Documento
from comum.models import Usuario
from credentials.models import Credencial
from credentials.services.acesso import acesso_de_nome
from empresas.calendario import somar_meses
from empresas.models import Empresa
from guias.models import Apuracao, Consulta, Guia, HistoricoMensal
from guias.providers import pgdasd
from guias.providers.cliente import IntegraContador
from guias.providers.interface import Partes
from guias.services import prevoo
from guias.services.acesso import Codigo
from guias.services.acoes import Acao
from operacoes import relogio
from operacoes.http import Chamadas
from tests.guias.apoio import MES, credencial_do_sandbox, informar, trabalhar, vincular
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)

Entrar = Callable[[Usuario], Client]
ANO, PA = MES.year, int(f"{MES:%Y%m}")


@pytest.fixture
def escritorio(serpro_vivo: SandboxVivo, adicional_216: Any) -> Credencial:
    return credencial_do_sandbox(serpro_vivo)


@pytest.fixture
def empresa(empresas: list[Empresa], escritorio: Credencial, ana: Usuario) -> Empresa:
    vincular(empresas[0], escritorio, ana)
    return empresas[0]


@pytest.fixture
def no_portal(empresa: Empresa, escritorio: Credencial, serpro_vivo: SandboxVivo) -> tuple[str, str]:
    """Numbers of a declaration that the portal sent, held in malha, and of the DAS drawn there."""
    declarado = {"pa": PA, "interno": "30000.00", "valores": {"1001": "1200.00"}}
    serpro_vivo.controle.cadastro(contribuintes=[{"documento": empresa.documento, "declarados": [declarado]}])
    numero = f"{empresa.documento[:8]}{PA}001"
    serpro_vivo.controle.ajustes(**{"integra_contador.malha": {numero: "Retida em malha"}})
    cliente = IntegraContador(acesso_de_nome(escritorio.acesso))
    partes = Partes(escritorio.contratante, escritorio.contratante, empresa.documento)
    das = pgdasd.emitir_das(
        cliente, partes, MES, consolidacao=None, chamadas=Chamadas(tag="t" * 32, deadline=relogio.segundos() + 30)
    )
    return numero, das.numero


def consultar(empresa: Empresa, usuario: Usuario, cliente: Client) -> None:
    endereco = reverse("guias:agir", args=["ano"])
    previa = cliente.post(endereco, {"ids": [empresa.pk]}).context["previa"]
    assert not previa.fora, previa.fora[0].motivo
    cliente.post(endereco, {"ids": [empresa.pk], "marca": previa.marca})
    trabalhar()


def test_a_year_declared_elsewhere_shows_without_any_receita(
    empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo, no_portal: tuple[str, str], entrar: Entrar
) -> None:
    numero, das = no_portal
    cliente = entrar(ana)
    consultar(empresa, ana, cliente)
    assert not Apuracao.objects.exists()
    pagina = cliente.get(reverse("guias:ano", args=[empresa.pk, ANO])).content.decode()
    for dito in (numero, das, "fora do Guichê", "Retida em malha", "Declaração original", "sem pagamento"):
        assert dito in pagina, dito
    lista = cliente.get(reverse("guias:apuracao")).content.decode()
    assert "Declarada fora" in lista
    assert reverse("guias:ano", args=[empresa.pk, ANO]) in lista
    (chamada,) = serpro_vivo.controle.chamadas(operacao="CONSDECLARACAO13")
    assert chamada["cobranca"] == "sim"


def test_the_answer_of_the_day_is_paid_for_again_only_from_the_page_of_the_year(
    empresa: Empresa, ana: Usuario, no_portal: tuple[str, str], entrar: Entrar
) -> None:
    cliente = entrar(ana)
    consultar(empresa, ana, cliente)
    (fora,) = prevoo.prevoo(Acao.ANO, [empresa], MES).fora
    assert fora.codigo == Codigo.JA_CONSULTADA
    assert "abra o ano da empresa" in fora.motivo
    endereco = reverse("guias:consultar_ano", args=[empresa.pk, ANO])
    assert 'name="de_novo" value="1"' in cliente.get(reverse("guias:ano", args=[empresa.pk, ANO])).content.decode()
    previa = cliente.post(endereco, {"de_novo": "1"}).context["previa"]
    cliente.post(endereco, {"de_novo": "1", "marca": previa.marca})
    trabalhar()
    assert Consulta.objects.filter(servico="PGDASD/CONSDECLARACAO13", chave=str(ANO)).count() == 2


def test_a_das_of_the_portal_has_its_statement_by_number_and_the_declaration_its_papers(
    empresa: Empresa, ana: Usuario, no_portal: tuple[str, str], entrar: Entrar
) -> None:
    numero, das = no_portal
    cliente = entrar(ana)
    consultar(empresa, ana, cliente)
    mes = {"mes": f"{MES:%Y-%m}"}
    cliente.post(reverse("guias:extrato_do_das", args=[empresa.pk]), mes | {"numero": das, "intencao": "0" * 16})
    cliente.post(reverse("guias:declaracao", args=[empresa.pk]), mes | {"numero": numero, "intencao": "1" * 16})
    trabalhar()
    assert not Guia.objects.exists()
    extrato = Documento.objects.get(tipo=Documento.Tipo.EXTRATO)
    assert (extrato.empresa, extrato.referencia, extrato.competencia) == (empresa, das, MES)
    assert Documento.objects.filter(referencia=numero).count() == 2
    pagina = cliente.get(reverse("guias:ano", args=[empresa.pk, ANO])).content.decode()
    assert reverse("arquivo:documento", args=[extrato.pk]) in pagina
    recusado = cliente.post(
        reverse("guias:extrato_do_das", args=[empresa.pk]), {"numero": "1", "intencao": "2" * 16}, follow=True
    )
    assert "O número veio incompleto" in recusado.content.decode()


def test_two_papers_of_one_empresa_asked_for_at_once_are_two_questions(
    empresa: Empresa, ana: Usuario, no_portal: tuple[str, str], entrar: Entrar
) -> None:
    cliente, endereco = entrar(ana), reverse("guias:extrato_do_das", args=[empresa.pk])
    for n, numero in enumerate((no_portal[1], "07202612345678901")):
        cliente.post(endereco, {"mes": f"{MES:%Y-%m}", "numero": numero, "intencao": f"{n:016d}"})
    assert empresa.operacoes.count() == 2


def test_the_months_of_the_year_come_ticked_in_the_history(
    empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo, entrar: Entrar
) -> None:
    antes = somar_meses(MES, -1)
    declarado = {"pa": int(f"{antes:%Y%m}"), "interno": "1000.00", "valores": {"1001": "40.00"}}
    serpro_vivo.controle.cadastro(contribuintes=[{"documento": empresa.documento, "declarados": [declarado]}])
    informar(empresa, "50000.00")
    cliente = entrar(ana)
    endereco = reverse("guias:consultar_ano", args=[empresa.pk, antes.year])
    cliente.post(endereco, {"marca": cliente.post(endereco).context["previa"].marca})
    trabalhar()
    apuracao = Apuracao.objects.get(empresa=empresa, competencia=MES)
    pagina = cliente.get(reverse("guias:historico", args=[apuracao.pk])).content.decode()
    assert "consta na Receita" in pagina
    assert f'name="declarada-{antes:%Y%m}"\n' in pagina
    assert not HistoricoMensal.objects.filter(empresa=empresa, declarada=True).exists()


def test_what_was_paid_elsewhere_is_told_by_the_year(
    empresa: Empresa, ana: Usuario, serpro_vivo: SandboxVivo, no_portal: tuple[str, str], entrar: Entrar
) -> None:
    dia = timezone.localdate().isoformat()
    serpro_vivo.controle.post("pagamentos", {"numero": no_portal[1], "data": dia, "valor": str(Decimal("1200.00"))})
    cliente = entrar(ana)
    consultar(empresa, ana, cliente)
    assert "Pago" in cliente.get(reverse("guias:ano", args=[empresa.pk, ANO])).content.decode()
