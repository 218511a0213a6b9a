"""The drill: what a backup holds comes back equal, into an empty place; and every reason not to put it back."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.utils import timezone

from arquivo.models import Documento
from arquivo.services import descarte
from arquivo.services import guardar as guardar_documento
from comum import auditoria, segredos
from comum.models import Usuario
from config import partida
from config.copia import banco, guardar, restaurar
from config.copia.formato import Copia, CopiaErro
from config.copia.terminal import Terminal
from credentials.models import Credencial
from empresas.models import Empresa
from operacoes.models import Circuito, Operacao
from operacoes.motor import submeter
from tests.cast import criar_empresas
from tests.credentials.fabrica import SECRET, criar_credencial
from tests.operacoes.apoio import nova

pytestmark = pytest.mark.django_db(transaction=True)
NOVO = f"guiche_copia_restaurada_{os.environ.get('PYTEST_XDIST_WORKER', 'so')}"  # two processes may restore at once


@pytest.fixture
def escritorio(ana: Usuario, adicional_216: Any) -> Credencial:
    """A little of everything: rows, sealed secrets, documents, audit, jobs in the queue, odd characters."""
    empresas = criar_empresas(range(1, 31))
    empresas[0].razao_social = "Aspas ' \" e \\ barra\te\nlinha · çÃ"
    empresas[0].save()
    for numero, empresa in enumerate(empresas):
        for mes in (9, 10):
            texto = f"%PDF-1.4 {numero} {mes}".encode() * (numero + 1)
            guardar_documento(texto, empresa=empresa, tipo="das", nome=f"DAS {mes}.pdf", competencia=date(2026, mes, 1))
    auditoria.registrar(usuario=ana, acao="teste.ato", resumo="um ato")
    auditoria.selar()
    submeter([nova("a"), nova("b", "teste.documento")], usuario=ana)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('pagar_conta_codigo', 4242)")
    return criar_credencial(3)


@pytest.fixture
def copia(escritorio: Credencial, tmp_path: Path) -> Path:
    return guardar.guardar(tmp_path / "c.tar", _mudo()).caminho


def _mudo(*respostas: str) -> Terminal:
    ditas = iter(respostas)
    return Terminal(io.StringIO(), lambda _: next(ditas, ""))


@contextmanager
def _em_outro_banco(nome: str) -> Iterator[None]:
    antes = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = nome
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = antes


@pytest.fixture
def vazio(settings: Any, tmp_path: Path) -> Iterator[str]:
    """The name of a database without anything, as a new server has it."""
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f"DROP DATABASE IF EXISTS {NOVO} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {NOVO} TEMPLATE template0")
    yield NOVO
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f"DROP DATABASE IF EXISTS {NOVO} WITH (FORCE)")


def _guardar_em(settings: Any, pasta: Path) -> None:
    """From here on documents are kept in `pasta`."""
    padrao = settings.STORAGES["default"] | {"OPTIONS": {"location": pasta}}
    settings.STORAGES = settings.STORAGES | {"default": padrao}


def _linhas() -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        linhas = {}
        for nome in banco.tabelas():
            cursor.execute(f'SELECT t::text FROM "{nome}" t ORDER BY 1')
            linhas[nome] = [texto for (texto,) in cursor.fetchall()]
        return linhas


def _esquema() -> list[Any]:
    """Columns, constraints, indexes and triggers, in words."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type, column_default, is_nullable FROM information_schema.columns"
            " WHERE table_schema = 'public' ORDER BY 1, 2"
        )
        tudo = cursor.fetchall()
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
        )
        tudo += cursor.fetchall()
        cursor.execute("SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 2")
        tudo += cursor.fetchall()
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), tgenabled FROM pg_trigger"
            " WHERE NOT tgisinternal ORDER BY 1, 2"
        )
        return [*tudo, *cursor.fetchall()]


def _arquivos(pasta: Path) -> dict[str, bytes]:
    return {str(p.relative_to(pasta)): p.read_bytes() for p in sorted(pasta.rglob("*")) if p.is_file()}


# Held services, the audit of the restore and the sequences those moved: what a restore changes on purpose.
_MUDAM = {"operacoes_circuito", "operacoes_operacao", "comum_auditoria"}
_MOVEM = {"comum_auditoria_id_seq", "versao_operacoes_operacao", "versao_comum_auditoria"}


@pytest.fixture
def rodar(vazio: str, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The commands, in another installation on an empty database."""
    valores = connection.settings_dict
    endereco = f"postgres://{valores['USER']}@:{valores['PORT']}/{valores['HOST']}/{vazio}"
    ambiente = os.environ | {"DATABASE_URL": endereco, "GUICHE_VAR": str(tmp_path / "nova")}

    def rodar(*argumentos: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "config.copia", *argumentos],
            cwd=partida.RAIZ,
            env=ambiente,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return rodar


@pytest.mark.demorado
def test_what_was_saved_comes_back_equal(
    copia: Path,
    vazio: str,
    settings: Any,
    tmp_path: Path,
    rodar: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    antes, esquema, sequencias = _linhas(), _esquema(), banco.sequencias()
    arquivos = _arquivos(tmp_path / "arquivo")
    assert len(arquivos) == 60
    feita = rodar("restaurar", str(copia))
    assert feita.stderr == ""
    assert "60 documentos (60 postos agora" in feita.stdout
    assert "Nada é enviado por enquanto" in feita.stdout
    assert _arquivos(tmp_path / "nova" / "arquivo") == arquivos
    _guardar_em(settings, tmp_path / "nova" / "arquivo")
    with _em_outro_banco(vazio):
        depois = _linhas()
        assert [t for t in antes if t not in _MUDAM | banco.FORA and antes[t] != depois[t]] == []
        assert depois["comum_auditoria"][: len(antes["comum_auditoria"])] == antes["comum_auditoria"]
        assert len(depois["operacoes_operacao"]) == len(antes["operacoes_operacao"]) == 2
        assert _esquema() == esquema
        assert {nome for nome, posicao in banco.sequencias().items() if posicao != sequencias[nome]} <= _MOVEM
        assert banco.sequencias()["pagar_conta_codigo"] == [4242, True]
        assert auditoria.conferir_selos() == []
        assert segredos.abrir_texto(Credencial.objects.get(), "consumer_secret") == SECRET
        with pytest.raises(DatabaseError, match="somente"), connection.cursor() as cursor:
            cursor.execute("DELETE FROM comum_auditoria")
        assert not Circuito.objects.filter(pausado_desde=None).exists()
        assert Operacao.objects.get(chave="a").situacao == "aguarda_pessoa"  # of a kind unknown there
        assert Operacao.objects.get(chave="b").situacao == "pendente"
        _e_recusada_sem_confirmar(copia, rodar)
        _e_da_versao_anterior_se_atualiza(tmp_path)


def _e_recusada_sem_confirmar(copia: Path, rodar: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    with pytest.raises(CopiaErro, match=r"já tem dados \(30 empresas"):
        restaurar.restaurar(copia, _mudo())
    for respostas in ([], [NOVO], ["outro", "apagar os dados atuais"]):
        with pytest.raises(CopiaErro, match="Não confirmado"):
            restaurar.restaurar(copia, _mudo(*respostas), substituir=True)
    connection.close()
    sem_ninguem = rodar("restaurar", str(copia), "--substituir")
    assert (sem_ninguem.returncode, "Não confirmado" in sem_ninguem.stderr) == (1, True)
    assert Usuario.objects.exists()


def _e_da_versao_anterior_se_atualiza(tmp_path: Path) -> None:
    """A backup from before the last migration of painel, put over what is there, which was damaged meanwhile."""
    call_command("migrate", "painel", "0002", verbosity=0)
    anterior = guardar.guardar(tmp_path / "anterior.tar", _mudo())
    Usuario.objects.create(username="depois")
    documento = Documento.objects.first()
    assert documento is not None
    Path(default_storage.path(documento.caminho)).write_bytes(b"x" * documento.tamanho)
    feita = restaurar.restaurar(anterior.caminho, _mudo(NOVO, "apagar os dados atuais"), substituir=True)
    assert feita.repostos == 1
    assert not Usuario.objects.filter(username="depois").exists()
    assert Usuario.objects.filter(username="ana").exists()
    assert "0003_contagens_do_mei" in banco.migracoes()["painel"]
    assert banco.tabelas().keys() == _linhas().keys()


def test_tables_are_made_as_they_were_at_the_backup(vazio: str) -> None:
    antigas = {
        "contenttypes": ["0001_initial", "0002_remove_content_type_name"],
        "auth": banco.migracoes()["auth"],
        "comum": ["0001_initial"],
        "empresas": ["0001_initial", "0002_matriz_da_mesma_raiz"],
    }
    with _em_outro_banco(vazio):
        with banco.esquema_provisorio():
            banco.migrar_ate(antigas)
            assert banco.migracoes() == antigas
            assert "operacoes_operacao" not in banco.tabelas()
        assert banco.tabelas() == {}


def test_documents_and_rows_stand_in_the_file_and_keys_do_not(copia: Path, escritorio: Credencial) -> None:
    with tarfile.open(copia) as tar:
        nomes = tar.getnames()
        manifesto = json.load(tar.extractfile("manifesto.json"))  # type: ignore[arg-type]
    assert nomes[0] == "LEIA-ME.txt"
    assert nomes[-2:] == ["manifesto.json", "manifesto.sha256"]
    assert len([n for n in nomes if n.startswith("arquivo/")]) == manifesto["documentos"]["quantos"] == 60
    assert manifesto["banco"]["tabelas"]["empresas_empresa"]["linhas"] == 30
    assert manifesto["migracoes"]["operacoes"][0] == "0001_initial"
    assert "django_session" not in manifesto["banco"]["tabelas"]
    assert list(manifesto["chaves"]["cofre"]) == ["demo"]
    bruto = copia.read_bytes()
    for chave in (django_settings.SECRET_KEY, django_settings.COFRE_CHAVES.partition(":")[2]):
        assert chave.encode() not in bruto
    assert copia.stat().st_mode & 0o077 == 0


def _estragar(copia: Path, onde: int) -> None:
    with copia.open("r+b") as arquivo:
        arquivo.seek(onde)
        byte = arquivo.read(1)
        arquivo.seek(onde)
        arquivo.write(bytes([byte[0] ^ 1]))


def _posicao(copia: Path, nome: Callable[[str], bool]) -> tuple[str, int]:
    with tarfile.open(copia) as tar:
        membro = next(m for m in tar if nome(m.name))
    return membro.name, membro.offset_data + membro.size // 2


@pytest.mark.parametrize("pasta", ["arquivo/", "banco/empresas_empresa/", "manifesto.json", "manifesto.sha256"])
def test_one_changed_byte_is_refused_and_named(copia: Path, pasta: str) -> None:
    nome, onde = _posicao(copia, lambda n: n.startswith(pasta))
    _estragar(copia, onde)
    with pytest.raises(CopiaErro, match=f"danificada: .*{nome}.*Nada foi restaurado"), Copia(copia) as lida:
        lida.conferir(lambda _: None)


def test_a_changed_header_or_filling_is_refused(copia: Path) -> None:
    inteira = copia.read_bytes()
    nome, _ = _posicao(copia, lambda n: n.startswith("arquivo/"))
    with tarfile.open(copia) as tar:
        membro, ultimo = tar.getmember(nome), tar.getmember("manifesto.json")
    for onde in (membro.offset + 3, membro.offset_data - 1, ultimo.offset_data + ultimo.size, len(inteira) - 1):
        copia.write_bytes(inteira)
        _estragar(copia, onde)
        with pytest.raises(CopiaErro, match="danificada"), Copia(copia) as lida:
            lida.conferir(lambda _: None)
    for tamanho in (len(inteira) // 2, 700, 0):
        copia.write_bytes(inteira[:tamanho])
        with pytest.raises(CopiaErro, match="danificada"):
            Copia(copia)


def _manifesto(monkeypatch: pytest.MonkeyPatch, **mudancas: Any) -> None:
    """What Copia reads, with something said otherwise."""
    abrir = Copia.__init__

    def aberta(self: Copia, caminho: Path) -> None:
        abrir(self, caminho)
        self.manifesto |= mudancas

    monkeypatch.setattr(Copia, "__init__", aberta)


def test_a_backup_of_a_newer_version_is_refused(copia: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _manifesto(monkeypatch, versao="9.0", migracoes={"guias": ["0001_initial", "0999_do_futuro"]})
    with pytest.raises(CopiaErro, match=r"versão mais nova do Guichê \(9\.0\).*guias\.0999_do_futuro"):
        restaurar.restaurar(copia, _mudo())


def test_a_backup_of_another_ambiente_is_refused(copia: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _manifesto(monkeypatch, ambiente="producao")
    with pytest.raises(CopiaErro, match="ambiente producao"):
        restaurar.restaurar(copia, _mudo())


def test_wrong_keys_are_named(copia: Path, settings: Any) -> None:
    outra = "demo:" + "A" * 43 + "="
    settings.COFRE_CHAVES = outra
    with pytest.raises(CopiaErro, match=r"a chave demo daqui é outra \(impressão \w{16}; a cópia pede \w{16}\)"):
        restaurar.restaurar(copia, _mudo())
    settings.COFRE_CHAVES = outra.replace("demo", "nova")
    with pytest.raises(CopiaErro, match=r"falta a chave demo \(impressão \w{16}\)"):
        restaurar.restaurar(copia, _mudo())


def test_without_its_keys_the_rest_may_be_restored(copia: Path, settings: Any) -> None:
    from config.copia import chaves

    settings.COFRE_CHAVES, settings.SECRET_KEY = "nova:" + "A" * 43 + "=", "outra"
    with Copia(copia) as lida:
        cofre, links = chaves.conferir(lida.manifesto, exigir=False)
    assert "Os segredos selados com ela não abrirão" in cofre
    assert "links de guias" in links


def test_an_open_database_is_not_restored_over(
    copia: Path, vazio: str, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with _em_outro_banco(vazio):
        outra = connection.copy()
        with outra.cursor() as cursor:
            cursor.execute("SELECT 1")
            try:
                with pytest.raises(CopiaErro, match=r"em uso \(1 conexão\)"):
                    restaurar.restaurar(copia, _mudo())
            finally:
                outra.close()
        assert banco.tabelas() == {}


def test_what_the_exchange_at_the_end_could_not_do_is_said_before(copia: Path, vazio: str) -> None:
    with _em_outro_banco(vazio), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE da_casa (a int)")
        with pytest.raises(CopiaErro, match="não é do Guichê e seria apagado: da_casa"):
            restaurar.restaurar(copia, _mudo())
        cursor.execute("DROP TABLE da_casa; CREATE ROLE guiche_visita LOGIN; GRANT guiche_visita TO CURRENT_USER")
        try:
            cursor.execute("SET ROLE guiche_visita")
            with pytest.raises(CopiaErro, match="não pode trocar o esquema public"):
                restaurar.restaurar(copia, _mudo())
        finally:
            cursor.execute("RESET ROLE; DROP ROLE guiche_visita")


def test_a_restore_that_fails_half_way_leaves_nothing(
    copia: Path, vazio: str, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrar = banco.migrar_ate

    def parar_no_meio(_: object) -> None:
        migrar({"contenttypes": ["0001_initial"]})
        raise ZeroDivisionError

    monkeypatch.setattr(banco, "migrar_ate", parar_no_meio)
    _guardar_em(settings, tmp_path / "outro")
    with _em_outro_banco(vazio):
        with pytest.raises(ZeroDivisionError):
            restaurar.restaurar(copia, _mudo())
        with connection.cursor() as cursor:
            cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1")
            assert [nome for (nome,) in cursor.fetchall()] == ["information_schema", "public"]
        assert banco.tabelas() == {}


def test_missing_and_damaged_documents_are_named_and_the_rest_is_kept(escritorio: Credencial, tmp_path: Path) -> None:
    faltante, alterado = Documento.objects.order_by("pk")[:2]
    Path(default_storage.path(faltante.caminho)).unlink()
    Path(default_storage.path(alterado.caminho)).write_bytes(b"outra coisa")
    feita = guardar.guardar(tmp_path / "c.tar", _mudo())
    assert feita.documentos == 58
    assert sorted(linha.rpartition(" ")[2] for linha in feita.faltam) == sorted([faltante.sha256, alterado.sha256])


def test_what_was_discarded_after_its_date_is_not_missing(escritorio: Credencial, ana: Usuario, tmp_path: Path) -> None:
    velho = guardar_documento(
        b"%PDF de ha muito", empresa=Empresa.objects.all()[0], tipo="das", nome="v.pdf", competencia=date(2015, 5, 1)
    )
    assert sum(descarte.descartar(ana, timezone.localdate())) == 1
    assert not Path(default_storage.path(velho.caminho)).exists()
    feita = guardar.guardar(tmp_path / "c.tar", _mudo())
    assert (feita.documentos, list(feita.faltam)) == (60, [])


def test_rows_written_meanwhile_belong_to_the_next_backup(
    escritorio: Credencial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    despejar, outra = banco.despejar, connection.copy()

    def escrevendo(tabela: banco.Tabela, *resto: Any) -> int:
        if tabela.nome == "comum_usuario":
            with outra.cursor() as cursor:
                cursor.execute("UPDATE empresas_empresa SET razao_social = 'DEPOIS'; DELETE FROM comum_adicional")
        return despejar(tabela, *resto)

    monkeypatch.setattr(banco, "despejar", escrevendo)
    try:
        feita = guardar.guardar(tmp_path / "c.tar", _mudo())
    finally:
        outra.close()
    with Copia(feita.caminho) as lida:
        import zlib

        empresas = b"".join(
            zlib.decompress(lida.ler(parte), wbits=31) for parte in lida.partes_do_banco()["empresas_empresa"]
        )
        assert b"DEPOIS" not in empresas
        assert lida.manifesto["banco"]["tabelas"]["comum_adicional"]["linhas"] == 1


def test_a_backup_that_fails_leaves_no_file(
    escritorio: Credencial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guardar, "ler", lambda _: 1 / 0)
    with pytest.raises(CopiaErro, match="não respondeu"):
        guardar.guardar(tmp_path / "copias", _mudo())
    assert list((tmp_path / "copias").iterdir()) == []


def test_progress_moves_on_one_line_where_somebody_looks() -> None:
    class Tela(io.StringIO):
        def isatty(self) -> bool:
            return True

    tela, arquivo = Tela(), io.StringIO()
    for saida in (tela, arquivo):
        with Terminal(saida).etapa("Documentos", 2_500_000) as andou:
            andou(1_250_000)
            andou(1_250_000)
    assert tela.getvalue().rstrip().endswith("Documentos: 100% (2,5 MB)")
    assert arquivo.getvalue() == "Documentos…\n"


def test_a_full_disk_is_told_before(escritorio: Credencial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))
    with pytest.raises(CopiaErro, match="1,0 KB livres"):
        guardar.guardar(tmp_path / "c.tar", _mudo())
    assert not list(tmp_path.glob("*.tar*"))


def test_an_existing_file_is_not_overwritten(copia: Path) -> None:
    antes = hashlib.sha256(copia.read_bytes()).hexdigest()
    with pytest.raises(CopiaErro, match="Já existe"):
        guardar.guardar(copia, _mudo())
    assert hashlib.sha256(copia.read_bytes()).hexdigest() == antes


def test_the_command_makes_a_backup_and_says_which_keys_to_keep(
    escritorio: Credencial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from config.copia import __main__ as comando

    monkeypatch.setattr(comando, "_banco", nullcontext)
    monkeypatch.setattr(sys, "argv", ["./run", "backup", str(tmp_path / "copias")])
    assert comando.main() == 0
    dito = capsys.readouterr().out
    assert "60 documentos" in dito
    assert "COFRE_CHAVES: a chave demo (impressão " in dito
    documento = Documento.objects.first()
    assert documento is not None
    Path(default_storage.path(documento.caminho)).unlink()
    monkeypatch.setattr(sys, "argv", ["./run", "backup", str(tmp_path / "outra.tar")])
    assert comando.main() == comando.INCOMPLETA
    assert f"ATENÇÃO: 1 documento não está na cópia:\n  {documento.nome}" in capsys.readouterr().out


def test_the_command_refuses_a_database_that_was_never_prepared(
    rodar: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    feito = rodar("backup")
    assert (feito.returncode, feito.stderr[:44]) == (1, "Este banco de dados ainda não foi preparado:")
