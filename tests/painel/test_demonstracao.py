from typing import Any

import pytest
from django.core.management import CommandError, call_command

from comum.models import Adicional, Usuario
from comum.segredos import abrir_texto
from credentials.models import Credencial, Vinculo
from empresas.models import Empresa, Regime
from guias.models import Apuracao, HistoricoMensal, Receita
from painel import demonstracao
from painel.demonstracao import Resumo, criar, falta
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db


def test_the_office_has_every_regime_several_ufs_and_letters_in_some_cnpjs() -> None:
    criar(empresas=300, controle=None)
    assert Empresa.objects.count() == 300
    assert set(Empresa.objects.values_list("regime", flat=True)) == set(Regime.values)
    assert Empresa.objects.values("municipio__uf").distinct().count() > 5
    assert Empresa.objects.filter(documento__regex="[A-Z]").count() > 10
    assert Empresa.objects.exclude(matriz=None).count() > 0


def test_receitas_of_two_competencias_with_their_history() -> None:
    criar(empresas=100, controle=None)
    assert Receita.objects.values("competencia").distinct().count() == 2
    assert (
        HistoricoMensal.objects.values("empresa", "competencia").distinct().count() == HistoricoMensal.objects.count()
    )
    com_receita = Receita.objects.filter(empresa__matriz=None).values("empresa").distinct().count()
    assert HistoricoMensal.objects.filter(interno__gt=0).count() == com_receita * 12


def test_running_again_adds_only_what_is_missing() -> None:
    criar(empresas=40, controle=None)
    assert criar(empresas=40, controle=None).empresas == 0
    assert criar(empresas=60, controle=None).empresas == 20
    assert Empresa.objects.count() == 60
    assert Usuario.objects.count() == 3


def test_credenciais_come_from_the_sandbox_with_working_keys(nfse_vivo: SandboxVivo) -> None:
    criar(empresas=60, controle=nfse_vivo.enderecos["controle"].rstrip("/"))
    credencial = Credencial.objects.get(codigo=1)
    esperado = nfse_vivo.controle.contratantes()[0]
    assert abrir_texto(credencial, "consumer_secret") == esperado["consumerSecret"]
    assert credencial.contratante == esperado["cnpj"]
    assert Vinculo.objects.filter(credencial=credencial).exists()
    assert Adicional.objects.get(pk=Adicional.INTEGRA_CONTADOR).ativo


def test_what_an_interrupted_run_did_not_come_to_is_completed(
    nfse_vivo: SandboxVivo, monkeypatch: pytest.MonkeyPatch
) -> None:
    pedir, cadastros = demonstracao._pedir, list[Any]()

    def anotar(url: str, dados: Any = None) -> bytes:
        cadastros.extend([dados] if url.endswith("/cadastro") else [])
        return pedir(url, dados)

    monkeypatch.setattr(demonstracao, "_pedir", anotar)
    assert falta()
    with pytest.raises(OSError, match="refused"):
        criar(empresas=40, controle="http://127.0.0.1:9")
    assert falta()
    Receita.objects.all().delete()
    HistoricoMensal.objects.all().delete()
    Apuracao.objects.all().delete()
    resumo = criar(empresas=40, controle=nfse_vivo.enderecos["controle"].rstrip("/"))
    assert not falta()
    assert (resumo.empresas, resumo.receitas) == (0, Receita.objects.count())
    assert resumo.vinculos == Vinculo.objects.count() > 10
    matrizes = Empresa.objects.filter(matriz=None).values_list("documento", flat=True)
    assert {c["documento"] for c in cadastros[0]["contribuintes"]} == set(matrizes)
    assert criar(empresas=40, controle=nfse_vivo.enderecos["controle"].rstrip("/")) == Resumo(0, 0, 0)


def test_an_office_of_its_own_users_is_not_given_the_demo(davi: Usuario) -> None:
    assert not falta()


def test_some_empresas_have_no_movement_and_some_no_receita_yet() -> None:
    criar(empresas=300, controle=None)
    assert Apuracao.objects.filter(sem_movimento=True).exists()


def test_demo_is_refused_outside_the_sandbox(settings: object) -> None:
    from config.ambientes import Ambiente

    settings.AMBIENTE = Ambiente.PRODUCAO  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="só existem no sandbox"):
        call_command("demo")
    assert not Empresa.objects.exists()


def test_an_absent_sandbox_is_said_in_words(settings: object) -> None:
    settings.SANDBOX_PORTA_CONTROLE = 9  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="sandbox não respondeu"):
        call_command("demo", empresas=1)
