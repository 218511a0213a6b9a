"""The notas of the demo office, made whole by the simulators and the real engine."""

import pytest
from django.db.models import QuerySet

from arquivo.models import Documento
from arquivo.services import abrir
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


def test_with_the_sandbox_a_later_run_completes_it_and_the_notes_are_issued(
    nfse_vivo: SandboxVivo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("painel.demonstracao_nacional.SEGUNDOS", 300.0)  # the first start does not wait, a test does
    nfse_vivo.controle.ajustes(**{"integranotas.limites": False})
    criar(empresas=120, controle=None)
    controle = nfse_vivo.enderecos["controle"].rstrip("/")
    criar(empresas=120, controle=controle)
    conectaram = CanalNfse.objects.filter(teste_ok=True)
    assert set(conectaram.values_list("tipo", flat=True)) == set(TipoCanal)
    nacionais = Nota.objects.filter(canal__tipo=TipoCanal.NACIONAL)
    _conferir_as_nacionais(nacionais)
    trabalhar()
    outras = Nota.objects.exclude(pk__in=nacionais)
    assert set(outras.values_list("situacao", flat=True)) == {Nota.Situacao.AUTORIZADA, Nota.Situacao.RASCUNHO}
    assert outras.filter(situacao=Nota.Situacao.AUTORIZADA).count() == 15
    assert Tomador.objects.count() > 40
    quantas = Operacao.objects.count()
    assert criar(empresas=120, controle=controle).notas == 0
    assert (CanalNfse.objects.count(), Operacao.objects.count()) == (15, quantas)


def _conferir_as_nacionais(notas: QuerySet[Nota]) -> None:
    """Done at the first start already, before any worker: with their papers, and the refused one with its reason."""
    situacoes = Nota.Situacao
    assert sorted(notas.values_list("situacao", flat=True)) == sorted(
        [situacoes.AUTORIZADA] * 3 + [situacoes.CANCELADA, situacoes.SUBSTITUIDA, situacoes.RECUSADA]
    )
    recusada = notas.get(situacao=situacoes.RECUSADA)
    assert recusada.operacao is not None
    assert recusada.operacao.codigo == "E0116"
    assert "inscrição municipal" in recusada.operacao.mensagem
    for nota in notas.exclude(pk=recusada.pk).select_related("xml", "pdf"):
        assert nota.xml is not None
        assert nota.pdf is not None
        assert abrir(nota.pdf)[:4] == b"%PDF"
    assert Documento.objects.filter(tipo=Documento.Tipo.CANCELAMENTO_XML, empresa__in=notas.values("empresa")).exists()
