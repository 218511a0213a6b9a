"""The reading of every kept file: what it finds, that it goes on where it stopped, and what is discarded."""

import io
import threading
import time
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from arquivo.models import Defeito, Documento, Ronda
from arquivo.services import ArquivoCorrompido, abrir, guardar, verificacao
from arquivo.tasks import pedir, verificar
from comum.models import Auditoria, Usuario
from empresas.models import Empresa
from tests.cast import criar_empresa

pytestmark = pytest.mark.django_db


@pytest.fixture
def empresa(db: None) -> Empresa:
    return criar_empresa(1)


def kept(empresa: Empresa, n: int, competencia: date = date(2026, 10, 1)) -> Documento:
    return guardar(
        b"%PDF-1.4 numero " + bytes(str(n), "ascii"),
        empresa=empresa,
        tipo="das",
        nome=f"DAS-{n}.pdf",
        competencia=competencia,
    )


def arquivo_de(documento: Documento) -> Path:
    return Path(default_storage.path(documento.caminho))


def test_sound_files_pass(empresa: Empresa, capsys: pytest.CaptureFixture[str]) -> None:
    kept(empresa, 1)
    kept(empresa, 2)
    call_command("verificar_arquivo")
    assert "2 arquivos lidos, todos íntegros" in capsys.readouterr().out
    assert Ronda.objects.get().terminou_em is not None


def test_missing_and_changed_are_named_and_healed_ones_are_not(
    empresa: Empresa, capsys: pytest.CaptureFixture[str]
) -> None:
    falta, mudado, _ = kept(empresa, 1), kept(empresa, 2), kept(empresa, 3)
    copia = guardar(b"%PDF-1.4 numero 2", empresa=empresa, tipo="das", nome="copia.pdf", competencia=date(2026, 9, 1))
    arquivo_de(falta).unlink()
    arquivo_de(mudado).write_bytes(b"%PDF-1.4 Numero 2")
    with pytest.raises(CommandError, match="3 documentos com defeito"):
        call_command("verificar_arquivo")
    dito = capsys.readouterr().out
    assert all(nome in dito for nome in ("DAS-1.pdf", "DAS-2.pdf", "copia.pdf"))
    assert set(Defeito.objects.values_list("documento", "motivo")) == {
        (falta.pk, "ausente"),
        (mudado.pk, "alterado"),
        (copia.pk, "alterado"),
    }
    achado_em = Defeito.objects.get(documento=falta).achado_em
    arquivo_de(mudado).write_bytes(b"%PDF-1.4 numero 2")
    with pytest.raises(CommandError, match="1 documento com defeito"):
        call_command("verificar_arquivo")
    assert [d.documento_id for d in Defeito.objects.abertos()] == [falta.pk]
    assert Defeito.objects.get(documento=falta).achado_em == achado_em
    arquivo_de(falta).write_bytes(b"%PDF-1.4 numero 1")
    assert verificacao.conferir(falta) is None
    assert not Defeito.objects.abertos().exists()


def test_a_round_cut_off_goes_on_where_it_was(
    empresa: Empresa, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    documentos = [kept(empresa, n) for n in range(7)]
    monkeypatch.setattr(verificacao, "_LOTE", 2)
    passos = verificacao.andar(verificacao.ronda_aberta())
    assert [next(passos).lidos, next(passos).lidos] == [2, 2]
    passos.close()
    lidos: list[str] = []
    ler = verificacao._ler

    def anotar(documento: Documento) -> str:
        lidos.append(documento.sha256)
        return ler(documento)

    monkeypatch.setattr(verificacao, "_ler", anotar)
    call_command("verificar_arquivo")
    assert lidos == sorted(d.sha256 for d in documentos)[4:]
    assert "Continua a verificação que já tinha lido 4 arquivos" in capsys.readouterr().out
    assert Ronda.objects.get().arquivos == 7


def test_a_storage_that_does_not_answer_stops_the_round_and_is_said(
    empresa: Empresa, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(empresa, 1)

    def cair(*_: object) -> Any:
        raise OSError("gone")

    monkeypatch.setattr(default_storage, "open", cair)
    with pytest.raises(CommandError, match="não respondeu"):
        call_command("verificar_arquivo")
    assert "não respondeu" in Ronda.objects.get(terminou_em=None).parada
    assert not Defeito.objects.exists()
    monkeypatch.undo()
    call_command("verificar_arquivo")
    assert Ronda.objects.get().parada == ""


def test_the_worker_reads_in_slices_and_rests(empresa: Empresa, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(5):
        kept(empresa, n)
    monkeypatch.setattr(verificacao, "_LOTE", 2)
    monkeypatch.setattr("arquivo.tasks.conexao_devolvida", nullcontext)
    monkeypatch.setattr("arquivo.tasks._FATIA_S", 0.0)
    verificar(0)
    assert Ronda.objects.get().arquivos == 2
    monkeypatch.setattr("arquivo.tasks._FATIA_S", 20.0)
    verificar(0)
    verificar(0)
    ronda = Ronda.objects.get()
    assert (ronda.arquivos, ronda.terminou_em is not None) == (5, True)
    Ronda.objects.update(terminou_em=timezone.now() - timedelta(days=8))
    verificar(0)
    assert Ronda.objects.count() == 2
    settings.ARQUIVO_VERIFICAR_DIAS = 0
    Ronda.objects.update(terminou_em=timezone.now() - timedelta(days=80))
    verificar(0)
    assert Ronda.objects.count() == 2


def test_an_archive_without_files_does_not_put_off_the_first_round(
    empresa: Empresa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arquivo.tasks.conexao_devolvida", nullcontext)
    verificar(0)
    assert not Ronda.objects.exists()
    kept(empresa, 1)
    verificar(0)
    assert Ronda.objects.get().arquivos == 1


def test_a_round_that_was_asked_for_is_made_whatever_the_rest(
    empresa: Empresa, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(empresa, 1)
    monkeypatch.setattr("arquivo.tasks.conexao_devolvida", nullcontext)
    verificar(0)
    settings.ARQUIVO_VERIFICAR_DIAS = 0
    pedir()
    pedir()  # a second click finds it under way
    assert Ronda.objects.filter(terminou_em=None).count() == 1
    verificar(0)
    assert Ronda.objects.filter(terminou_em=None).count() == 0
    assert Ronda.objects.count() == 2


# -- what is discarded -------------------------------------------------------------------------------------------------


def descartar(monkeypatch: pytest.MonkeyPatch, *respostas: str, usuario: str = "ana") -> str:
    ditas = iter(respostas)
    monkeypatch.setattr("builtins.input", lambda _: next(ditas))
    saida = io.StringIO()
    call_command("descartar_documentos", descartar=True, usuario=usuario, stdout=saida)
    return saida.getvalue()


def test_only_what_is_over_goes_and_its_row_stays(
    empresa: Empresa, ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    velho, novo = kept(empresa, 1, date(2015, 5, 1)), kept(empresa, 2)
    velho_mas_guardado_por_outro = kept(empresa, 3, date(2015, 5, 1))
    kept(empresa, 3)
    assert "3 documentos" not in descartar(monkeypatch, "2", "DESCARTAR")
    assert [arquivo_de(d).exists() for d in (velho, novo, velho_mas_guardado_por_outro)] == [False, True, True]
    assert Documento.objects.count() == 4
    assert Documento.objects.guardados().count() == 2
    velho.refresh_from_db()
    with pytest.raises(ArquivoCorrompido, match="descartado em"):
        abrir(velho)
    linha = Auditoria.objects.get(acao="arquivo.descartar")
    assert (linha.usuario, len(linha.dados["documentos"])) == (ana, 2)
    call_command("verificar_arquivo")


def test_without_being_asked_nothing_goes(empresa: Empresa, capsys: pytest.CaptureFixture[str]) -> None:
    velho = kept(empresa, 1, date(2015, 5, 1))
    call_command("descartar_documentos")
    assert "1 documento com prazo" in capsys.readouterr().out
    assert arquivo_de(velho).exists()


@pytest.mark.parametrize(
    ("respostas", "usuario"),
    [(("2",), "ana"), (("1", "descartar"), "ana"), ((), ""), ((), "bruno"), ((), "ninguem")],
)
def test_two_confirmations_of_an_administrator(
    empresa: Empresa,
    ana: Usuario,
    bruno: Usuario,
    monkeypatch: pytest.MonkeyPatch,
    respostas: tuple[str, ...],
    usuario: str,
) -> None:
    velho = kept(empresa, 1, date(2015, 5, 1))
    with pytest.raises(CommandError, match="Nada foi apagado"):
        descartar(monkeypatch, *respostas, usuario=usuario)
    assert arquivo_de(velho).exists()
    assert Documento.objects.guardados().count() == 1


def test_what_an_interrupted_run_left_is_taken_away(
    empresa: Empresa, ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    velho = kept(empresa, 1, date(2015, 5, 1))
    Documento.objects.update(descartado_em=timezone.now())
    assert "interrompido" in descartar(monkeypatch)
    assert not arquivo_de(velho).exists()


def test_content_kept_again_after_it_was_discarded_is_there(
    empresa: Empresa, ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(empresa, 1, date(2015, 5, 1))
    descartar(monkeypatch, "1", "DESCARTAR")
    assert abrir(kept(empresa, 1)) == b"%PDF-1.4 numero 1"


@pytest.mark.django_db(transaction=True)
def test_a_file_that_somebody_is_keeping_again_is_not_taken_away(
    empresa: Empresa, ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    velho = kept(empresa, 1, date(2015, 5, 1))
    contado = threading.Event()

    def guardar_de_novo() -> None:
        try:
            with transaction.atomic():
                kept(empresa, 1)
                contado.set()
                esperar_quem_espera()
        finally:
            connection.close()

    quem_guarda = threading.Thread(target=guardar_de_novo)
    quem_guarda.start()
    assert contado.wait(10)
    descartar(monkeypatch, "1", "DESCARTAR")
    quem_guarda.join()
    velho.refresh_from_db()
    assert velho.descartado_em is not None
    assert abrir(Documento.objects.guardados().get()) == b"%PDF-1.4 numero 1"


def esperar_quem_espera() -> None:
    """Until another session waits for an advisory lock."""
    ate = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < ate:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            if cursor.fetchone() != (0,):
                return
            time.sleep(0.01)
    raise AssertionError("nobody waits")
