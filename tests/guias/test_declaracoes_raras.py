"""What goes with few declarations: the process of a company that is not of the Simples for the Receita, and ICMS due to
another state. Both against the living sandbox too."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from empresas.models import Municipio
from guias.models import Apuracao, NaoOptante, Processo, Receita
from guias.providers import pgdasd
from guias.services import aprovacao, calculo, prevoo, regime
from guias.services.acesso import Codigo
from guias.services.acoes import Acao
from guias.services.pedidos import declaracao_de_json
from operacoes.models import Operacao
from operacoes.motor import submeter
from tests.cast import criar_empresa
from tests.guias.apoio import OUTUBRO, credencial_do_sandbox, informar, trabalhar, vincular

pytestmark = pytest.mark.django_db
PROCESSO = {"processo": "0001234-56.2026.4.03.6100", "esfera": "1"}


@pytest.fixture
def apuracao(empresas, credencial, ana) -> Apuracao:
    vincular(empresas[0], credencial, ana)
    informar(empresas[0])
    aprovacao.aprovar([empresas[0]], OUTUBRO, ana, diferentes=set())
    return Apuracao.objects.get(empresa=empresas[0])


def gravar(cliente: Any, apuracao: Apuracao, **campos: str) -> Any:
    municipio = Municipio.objects.exclude(codigo_tom="").earliest("pk")
    dados = PROCESSO | {"municipio": str(municipio.pk)} | campos
    return cliente.post(reverse("guias:nao_optante", args=[apuracao.pk]), dados, follow=True)


def test_the_process_reopens_and_goes_in_the_declaration(apuracao, ana, entrar) -> None:
    resposta = gravar(entrar(ana), apuracao)
    assert "Processo gravado" in resposta.content.decode()
    assert Apuracao.objects.get(pk=apuracao.pk).situacao == Apuracao.Situacao.ABERTA
    (nova,) = prevoo.prevoo(Acao.SIMULAR, [apuracao.empresa], OUTUBRO).novas
    dito, municipio = declaracao_de_json(nova.pedido["declaracao"]).nao_optante, NaoOptante.objects.get().municipio
    assert dito is not None
    assert (dito.esfera, dito.processo) == (1, "00012345620264036100")
    assert (dito.uf, dito.municipio_tom) == (municipio.uf, municipio.codigo_tom)


def test_taking_it_away_reopens_again(apuracao, ana, entrar) -> None:
    cliente = entrar(ana)
    gravar(cliente, apuracao)
    aprovacao.aprovar([apuracao.empresa], OUTUBRO, ana, diferentes=set())
    gravar(cliente, apuracao, retirar="1")
    (nova,) = prevoo.prevoo(Acao.SIMULAR, [apuracao.empresa], OUTUBRO).novas
    assert "nao_optante" not in nova.pedido["declaracao"]
    assert not NaoOptante.objects.exists()
    assert prevoo.prevoo(Acao.TRANSMITIR, [apuracao.empresa], OUTUBRO).fora[0].codigo == Codigo.NAO_CONFERIDA


def test_it_waits_for_what_is_in_course(apuracao, ana, entrar) -> None:
    submeter(prevoo.prevoo(Acao.TRANSMITIR, [apuracao.empresa], OUTUBRO).novas, usuario=ana)
    resposta = gravar(entrar(ana), apuracao)
    assert resposta.status_code == 422
    assert "operação em andamento" in resposta.content.decode()
    assert not NaoOptante.objects.exists()


@pytest.mark.parametrize(
    ("campos", "dito"),
    [({"processo": "12a"}, "até 20 algarismos"), ({"processo": "1" * 21}, "até 20 algarismos"), ({"esfera": "5"}, "5")],
)
def test_what_is_wrong_is_said_on_the_form(apuracao, ana, entrar, campos, dito) -> None:
    resposta = gravar(entrar(ana), apuracao, **campos)
    assert resposta.status_code == 422
    assert dito in resposta.content.decode()
    assert not NaoOptante.objects.exists()


@pytest.mark.parametrize("tela", ["guias:nao_optante", "guias:suspensoes"])
def test_a_municipio_that_the_receita_has_no_code_for_is_refused(apuracao, ana, entrar, tela) -> None:
    novo = Municipio.objects.create(codigo_ibge="3599999", codigo_tom="", nome="Vila Nova", uf="SP", busca="vila nova")
    dados = {"processo": "1", "esfera": "4", "numero": "1", "motivo": "1", "uf": "SP", "municipio": novo.pk}
    resposta = entrar(ana).post(reverse(tela, args=[apuracao.pk]), dados)
    assert resposta.status_code == 422
    assert "Vila Nova/SP não tem código TOM" in resposta.content.decode()


def antes_da_trava(monkeypatch: pytest.MonkeyPatch, outra_pessoa: Any) -> None:
    """Somebody else records between what the page read and the lock."""

    def travar(matrizes: Any) -> None:
        outra_pessoa()
        calculo.travar(matrizes)

    monkeypatch.setattr(regime, "travar", travar)


def test_two_people_saving_it_at_once_keep_the_last(apuracao, ana, entrar, monkeypatch) -> None:
    municipio = Municipio.objects.exclude(codigo_tom="").earliest("pk")
    campos: dict[str, Any] = {"empresa": apuracao.empresa, "esfera": 4, "municipio": municipio, "processo": "9"}
    antes_da_trava(monkeypatch, lambda: NaoOptante.objects.create(**campos))
    assert "Processo gravado" in gravar(entrar(ana), apuracao).content.decode()
    assert NaoOptante.objects.values_list("esfera", "processo").get() == (1, "00012345620264036100")


def test_nor_can_two_people_include_the_same_processo(apuracao, ana, entrar, monkeypatch) -> None:
    dados: dict[str, Any] = {"numero": "123", "motivo": 1, "vara": "1", "uf": "SP"}
    antes_da_trava(monkeypatch, lambda: Processo.objects.create(empresa=apuracao.empresa, **dados))
    resposta = entrar(ana).post(reverse("guias:suspensoes", args=[apuracao.pk]), dados)
    assert resposta.status_code == 422
    assert "já está na lista" in resposta.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_receita_takes_it(serpro_vivo, carteira, ana, adicional_216) -> None:
    empresa = criar_empresa(1, carteira=carteira)
    vincular(empresa, credencial_do_sandbox(serpro_vivo), ana)
    informar(empresa)
    municipio = Municipio.objects.exclude(codigo_tom="").earliest("pk")
    NaoOptante.objects.create(empresa=empresa, esfera=4, municipio=municipio, processo="1234")
    for uf in ("", "RJ"):
        Receita.objects.create(empresa=empresa, competencia=OUTUBRO, atividade=34, uf_icms=uf, valor=Decimal("700.00"))
    calculo.recalcular([empresa], OUTUBRO, ana, receita_mudou=True)
    submeter(prevoo.prevoo(Acao.SIMULAR, [empresa], OUTUBRO).novas, usuario=ana)
    trabalhar()
    (simulacao,) = Operacao.objects.all()
    corpo = pgdasd._declaracao_para_envio(  # what the sandbox took
        declaracao_de_json(simulacao.pedido["declaracao"]), transmitir=False, comparar=None
    )["declaracao"]
    porcoes = corpo["estabelecimentos"][0]["atividades"][1]["receitasAtividade"]
    apuracao = Apuracao.objects.get()
    assert simulacao.situacao == "concluida"
    assert corpo["naoOptante"] == {
        "esferaAdm": "4",
        "uf": municipio.uf,
        "codMunicipio": municipio.codigo_tom,
        "processo": "1234",
    }
    assert [porcao.get("outraUf") for porcao in porcoes] == [None, "RJ"]
    assert apuracao.simulado == apuracao.calculado
