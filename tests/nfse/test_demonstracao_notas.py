"""The notas of the demo office, made whole by the simulators and the real engine."""

import pytest

from nfse.models import CanalNfse, Contrato, Nota, TipoCanal, Tomador
from operacoes.models import Operacao
from painel.demonstracao import criar
from tests.nfse.escritorio import trabalhar
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)


def test_without_the_sandbox_the_notes_stay_drafts() -> None:
    resumo = criar(empresas=120, controle=None)
    assert (CanalNfse.objects.count(), Operacao.objects.count()) == (0, 0)
    assert (Contrato.objects.count(), resumo.notas) == (10, 20)
    assert set(Nota.objects.values_list("situacao", flat=True)) == {Nota.Situacao.RASCUNHO}


def test_with_the_sandbox_a_later_run_completes_it_and_the_notes_are_issued(nfse_vivo: SandboxVivo) -> None:
    nfse_vivo.controle.ajustes(**{"integranotas.limites": False})
    criar(empresas=120, controle=None)
    controle = nfse_vivo.enderecos["controle"].rstrip("/")
    criar(empresas=120, controle=controle)
    conectaram = CanalNfse.objects.filter(teste_ok=True)
    assert set(conectaram.values_list("tipo", flat=True)) == {TipoCanal.SISGENFE, TipoCanal.INTEGRANOTAS}
    trabalhar()
    assert set(Nota.objects.values_list("situacao", flat=True)) == {Nota.Situacao.AUTORIZADA, Nota.Situacao.RASCUNHO}
    assert Nota.objects.filter(situacao=Nota.Situacao.AUTORIZADA).count() == 15
    assert Tomador.objects.count() > 40
    quantas = Operacao.objects.count()
    assert criar(empresas=120, controle=controle).notas == 0
    assert (CanalNfse.objects.count(), Operacao.objects.count()) == (12, quantas)
