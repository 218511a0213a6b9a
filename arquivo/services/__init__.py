"""Keeping and giving back documents. Content is addressed by its SHA-256, so equal bytes are stored once and a changed
file betrays itself."""

import hashlib
import io
import os
import re
import tempfile
import threading
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import structlog
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from arquivo.models import Defeito, Documento, caminho_de, guarda_padrao
from comum.banco import inserir
from comum.formatos import format_data, format_numero, normalizar
from comum.planilhas import Celula, escrever_csv
from empresas.models import Empresa

log = structlog.get_logger(__name__)


class ArquivoCorrompido(Exception):
    """The stored file is missing or is not what was kept; the text is pt-BR and names the document."""

    def __init__(self, documento: Documento, motivo: str) -> None:
        super().__init__(
            f"O arquivo “{documento.nome}” ({documento.get_tipo_display()} de {documento.competencia:%m/%Y}) {motivo}. "
            "Recupere-o de uma cópia de segurança ou peça o documento de novo ao serviço."
        )
        self.documento = documento


class ArquivoDescartado(ArquivoCorrompido):
    """The file was discarded after its date; the text is pt-BR."""

    def __init__(self, documento: Documento) -> None:
        dia = format_data(documento.descartado_em) if documento.descartado_em else ""
        Exception.__init__(
            self,
            f"O arquivo “{documento.nome}” ({documento.get_tipo_display()} de {documento.competencia:%m/%Y}) foi "
            f"descartado em {dia}, depois do prazo de guarda, que terminou em {format_data(documento.reter_ate)}.",
        )
        self.documento = documento


class ArquivoForaDoAr(Exception):
    """The place where documents are kept did not give one back now; the text is pt-BR."""

    def __init__(self, documento: Documento) -> None:
        super().__init__(
            f"O arquivo “{documento.nome}” ({documento.get_tipo_display()} de {documento.competencia:%m/%Y}) não pôde "
            "ser lido agora: o lugar em que os documentos ficam guardados não respondeu. Tente de novo em alguns "
            "minutos e, se continuar, avise o administrador."
        )


_ja_la = threading.local()
_DESCARTE = "arquivo.descarte"  # the advisory lock between who counts on a file and who takes files away


@contextmanager
def depositados(conteudos: Iterable[bytes]) -> Iterator[None]:
    """Write these contents at once; in the block `guardar` only adds their rows. For use around the transaction that
    keeps them: a bucket may take long to answer, and meanwhile nothing is to be held."""
    la = set[str]()
    for conteudo in conteudos:
        sha256 = hashlib.sha256(conteudo).hexdigest()
        _guardar_arquivo(caminho_de(sha256), conteudo)
        la.add(sha256)
    if not la:
        yield
        return
    with _sem_descarte():
        # One that was taken away before the lock is written again by `guardar`.
        _ja_la.hashes = {sha256 for sha256 in la if default_storage.exists(caminho_de(sha256))}
        try:
            yield
        finally:
            _ja_la.hashes = frozenset()


@contextmanager
def _sem_descarte() -> Iterator[None]:
    """Meanwhile, or until the transaction in course ends, no file is taken away: one that is there already is counted
    on before the row that keeps it can be seen."""
    ate_o_fim = connection.in_atomic_block
    with connection.cursor() as cursor:
        tranca = "pg_advisory_xact_lock_shared" if ate_o_fim else "pg_advisory_lock_shared"
        cursor.execute(f"SELECT {tranca}(hashtext(%s))", [_DESCARTE])
    try:
        yield
    finally:
        if not ate_o_fim:
            with suppress(DatabaseError), connection.cursor() as cursor:  # a lost connection held nothing
                cursor.execute("SELECT pg_advisory_unlock_shared(hashtext(%s))", [_DESCARTE])


@contextmanager
def sozinho_com_os_arquivos() -> Iterator[None]:
    """Alone with the files, each of them either kept by a row that can be seen or by none. Waits; for a few files at a
    time, since who keeps a document waits meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [_DESCARTE])
    try:
        yield
    finally:
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [_DESCARTE])


def guardar(
    conteudo: bytes,
    *,
    empresa: Empresa,
    tipo: str,
    nome: str,
    competencia: date,
    mime: str = "application/pdf",
    referencia: str = "",
    chave: str = "",
    numero: str = "",
    origem: str = Documento.Origem.SERVICO,
    com_linha: bool = True,
) -> Documento:
    """Keep a document: the file first, whole and flushed to disk, then its row in the caller's transaction.

    What is kept already of this empresa, equal in everything, is not kept twice: its row comes back.
    `chave` is the access key of a note; without it and without a `numero`, the reference is its number.
    `reter_ate` is the least there is: the database moves it to what the RegraGuarda in force asks for.
    A transaction rolled back leaves a file nobody points to, which is harmless: the same content finds it again.
    Without `com_linha` the row is left for the caller to insert.
    """
    documento = Documento(
        empresa=empresa,
        tipo=tipo,
        competencia=competencia.replace(day=1),
        nome=nome_seguro(nome)[:120],
        referencia=referencia[:60],
        chave=chave[:60],
        numero=(numero or ("" if chave else referencia))[:60],
        origem=origem,
        mime=mime,
        tamanho=len(conteudo),
        sha256=hashlib.sha256(conteudo).hexdigest(),
        reter_ate=guarda_padrao(competencia),
    )
    if documento.sha256 in getattr(_ja_la, "hashes", ()):
        return _com_linha(documento) if com_linha else documento
    with _sem_descarte():
        _guardar_arquivo(documento.caminho, conteudo)
        return _com_linha(documento) if com_linha else documento


_IGUAIS = ("empresa_id", "tipo", "competencia", "nome", "sha256", "referencia", "chave", "numero")


def _com_linha(documento: Documento) -> Documento:
    iguais = {campo: getattr(documento, campo) for campo in _IGUAIS}
    ja = Documento.objects.guardados().filter(**iguais).order_by("criado_em").first()
    if ja is None:
        return inserir(documento)
    # Its file is whole by now, which before this may have been missing or altered.
    Defeito.objects.filter(documento__sha256=ja.sha256).sanar()
    return ja


def _guardar_arquivo(caminho: str, conteudo: bytes) -> None:
    ja_la = default_storage.exists(caminho)
    if ja_la:
        with default_storage.open(caminho) as arquivo:
            antes = arquivo.read()
        if antes == conteudo:
            return
        # Altered or cut short since it was written: put aside, for whoever asks what happened to it.
        de_lado = f"{caminho}.alterado-{hashlib.sha256(antes).hexdigest()[:12]}"
        log.warning("a kept file is not what was kept, and is written again", file=caminho, put_aside=de_lado)
        if not default_storage.exists(de_lado):
            default_storage.save(de_lado, ContentFile(antes))
    try:
        destino = Path(default_storage.path(caminho))
    except NotImplementedError:  # a bucket: it writes whole objects or none
        if ja_la:
            default_storage.delete(caminho)
        default_storage.save(caminho, ContentFile(conteudo))
        return
    _escrever(destino, conteudo)


def _escrever(destino: Path, conteudo: bytes) -> None:
    """All or nothing: a reader never sees half a file, and a crash leaves none under the final name."""
    destino.parent.mkdir(parents=True, exist_ok=True)
    descritor, temporario = tempfile.mkstemp(dir=destino.parent, prefix=".parcial-")
    try:
        with os.fdopen(descritor, "wb") as arquivo:
            arquivo.write(conteudo)
            arquivo.flush()
            os.fsync(arquivo.fileno())
        os.chmod(temporario, 0o640)
        os.replace(temporario, destino)
    except BaseException:
        os.unlink(temporario)
        raise


@contextmanager
def arquivo_de(documento: Documento) -> Iterator[File[bytes]]:
    """The kept file, open. Raises FileNotFoundError and ArquivoForaDoAr."""
    try:
        with default_storage.open(documento.caminho) as arquivo:
            yield arquivo
    except FileNotFoundError:
        raise
    except Exception as erro:  # every kind of storage has errors of its own
        log.warning("document not read", documento=str(documento.pk), error=f"{type(erro).__name__}: {erro}")
        raise ArquivoForaDoAr(documento) from erro


def abrir(documento: Documento) -> bytes:
    """The kept bytes, checked against their hash. Raises ArquivoCorrompido and ArquivoForaDoAr."""
    if documento.descartado_em is not None:
        raise ArquivoDescartado(documento)
    try:
        with arquivo_de(documento) as arquivo:
            conteudo = bytes(arquivo.read())
    except FileNotFoundError:
        raise ArquivoCorrompido(documento, "não está na pasta do arquivo fiscal") from None
    if hashlib.sha256(conteudo).hexdigest() != documento.sha256:
        raise ArquivoCorrompido(documento, "foi alterado depois de guardado")
    return conteudo


NO_ZIP = 20_000  # files: more would keep a thread of the server busy for many minutes
_DE_UMA_VEZ = 200
INDICE = "indice.csv"
_COLUNAS_DO_INDICE = (
    "tipo",
    "empresa",
    "CNPJ ou CPF",
    "competência",
    "chave",
    "número",
    "SHA-256",
    "tamanho",
    "guardar até",
    "nome no ZIP",
)


def demais_para_zip(quantos: int) -> str:
    """Why so many files do not fit one ZIP, in pt-BR; empty when they do."""
    if quantos <= NO_ZIP:
        return ""
    return (
        f"São {format_numero(quantos)} arquivos, e um ZIP leva até {format_numero(NO_ZIP)}. Filtre por carteira ou "
        "empresa e baixe em partes."
    )


def zip_de(
    documentos: Iterable[Documento],
    nome: str,
    *,
    pasta_por_empresa: bool = False,
    outros: Mapping[str, bytes] | None = None,
    indice: bool = False,
) -> StreamingHttpResponse:
    """A ZIP of the documents as a download, sent as it is made: in memory there is one file at a time. `outros` are
    files put beside them, by name; with `indice` a CSV tells each of the files in it.

    Names inside are unique and safe on any system. A corrupted file does not stop the rest: it is left out and named
    in LEIA-ME.txt. Once the storage does not answer, nothing more is asked of it: the rest is left out and named too.
    """
    partes = _partes_do_zip(documentos, pasta_por_empresa, outros or {}, indice)
    resposta = StreamingHttpResponse(partes, content_type="application/zip")
    resposta["Content-Disposition"] = content_disposition_header(True, nome_seguro(nome)) or "attachment"
    return resposta


def _partes_do_zip(
    documentos: Iterable[Documento], pasta_por_empresa: bool, outros: Mapping[str, bytes], indice: bool
) -> Iterator[bytes]:
    saida = _Saida()
    usados: set[str] = {nome.lower() for nome in (*outros, INDICE)}
    faltas: list[str] = []
    linhas: list[tuple[Celula, ...]] = []
    quantos, fora_do_ar = 0, False
    with zipfile.ZipFile(saida, "w", zipfile.ZIP_DEFLATED) as pacote:
        for nome_do_outro, conteudo in outros.items():
            pacote.writestr(nome_do_outro, conteudo)
        for documento in _um_a_um(documentos):
            try:
                if fora_do_ar:
                    raise ArquivoForaDoAr(documento)
                conteudo = abrir(documento)
            except (ArquivoCorrompido, ArquivoForaDoAr) as erro:
                fora_do_ar = isinstance(erro, ArquivoForaDoAr)
                faltas.append(str(erro))
                continue
            no_zip = _nome_unico(documento, usados, pasta_por_empresa)
            ja_comprimido = documento.mime == "application/pdf"
            pacote.writestr(no_zip, conteudo, zipfile.ZIP_STORED if ja_comprimido else None)
            quantos += 1
            if indice:
                linhas.append(_linha_do_indice(documento, no_zip))
            yield saida.tirar()
        if indice:
            pacote.writestr(INDICE, b"".join(escrever_csv(_COLUNAS_DO_INDICE, linhas)))
        if faltas or not quantos:
            texto = "\r\n".join(["Ficaram de fora deste pacote:", *faltas] if faltas else ["Nenhum documento."])
            pacote.writestr("LEIA-ME.txt", texto.encode("utf-8-sig"))
    yield saida.tirar()


class _Saida(io.BytesIO):
    """What a ZipFile wrote and nobody has taken yet. It goes back only to the header of the file that it is writing,
    to put its size and check there: readers that never look at the directory (Java, macOS) ask for them."""

    _tirados = 0

    def tell(self) -> int:
        return self._tirados + super().tell()

    def seek(self, onde: int, de: int = os.SEEK_SET) -> int:
        return self._tirados + super().seek(onde - self._tirados if de == os.SEEK_SET else onde, de)

    def tirar(self) -> bytes:
        parte = self.getvalue()
        self._tirados += len(parte)
        super().seek(0)
        self.truncate()
        return parte


def _um_a_um(documentos: Iterable[Documento]) -> Iterator[Documento]:
    """Of a queryset the keys are read at once and the rows a few at a time: no cursor is held through a download."""
    if not isinstance(documentos, QuerySet):
        yield from documentos
        return
    chaves = list(documentos.values_list("pk", flat=True))
    linhas = documentos.model._default_manager.select_related("empresa")
    for inicio in range(0, len(chaves), _DE_UMA_VEZ):
        lote = chaves[inicio : inicio + _DE_UMA_VEZ]
        achados = linhas.in_bulk(lote)
        yield from (achados[chave] for chave in lote if chave in achados)


def _linha_do_indice(documento: Documento, no_zip: str) -> tuple[Celula, ...]:
    empresa = documento.empresa
    return (
        documento.get_tipo_display(),
        f"{empresa.codigo} {empresa.razao_social}",
        empresa.documento_mascarado,
        f"{documento.competencia:%m/%Y}",
        documento.chave,
        documento.numero,
        documento.sha256,
        documento.tamanho,
        documento.reter_ate,
        no_zip,
    )


def _nome_unico(documento: Documento, usados: set[str], pasta_por_empresa: bool) -> str:
    empresa = documento.empresa
    pasta = nome_seguro(f"{empresa.codigo} {empresa.razao_social}"[:60]) + "/" if pasta_por_empresa else ""
    base, ponto, extensao = documento.nome.rpartition(".")
    candidato, vez = f"{pasta}{documento.nome}", 2
    while candidato.lower() in usados:
        candidato = f"{pasta}{base or documento.nome} ({vez}){ponto}{extensao if base else ''}"
        vez += 1
    usados.add(candidato.lower())
    return candidato


_PROIBIDOS = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')


def nome_seguro(nome: str) -> str:
    """A file name that no system refuses and no path can hide in."""
    limpo = _PROIBIDOS.sub("-", nome).strip(" .")
    return limpo or f"documento-{normalizar(nome) or 'sem-nome'}"
