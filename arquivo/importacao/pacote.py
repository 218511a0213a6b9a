"""The files of a ZIP somebody sends, one at a time, within limits: nothing is written, no name is trusted."""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator

from comum.formatos import format_numero
from empresas.importacao.base import ArquivoRecusado

MAXIMO_DE_ARQUIVOS = 20_000
MAXIMO_POR_ARQUIVO = 10 * 1024 * 1024
MAXIMO_NO_TOTAL = 1024 * 1024 * 1024
_RAZAO = 200  # an XML shrinks to a tenth; what shrinks to less than this is made to fill the memory
_PEQUENO = 1024 * 1024
_DO_SISTEMA = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


class Estragado(Exception):
    """One file of the package is not read; the text (pt-BR) says why."""


def e_zip(conteudo: bytes) -> bool:
    return conteudo[:4] in (b"PK\x03\x04", b"PK\x05\x06")


class Pacote:
    """A ZIP, or one file by itself under `nome`. Raises ArquivoRecusado."""

    def __init__(self, conteudo: bytes, nome: str) -> None:
        self._conteudo, self._zip = conteudo, None
        if not e_zip(conteudo):
            self.nomes = [nome]
            return
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(conteudo))
            membros = [m for m in self._zip.infolist() if not m.is_dir() and not _do_sistema(m.filename)]
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as erro:
            raise ArquivoRecusado("O ZIP está quebrado e não pôde ser aberto. Gere-o de novo.") from erro
        if not membros:
            raise ArquivoRecusado("O ZIP não traz nenhum arquivo.")
        if len(membros) > MAXIMO_DE_ARQUIVOS:
            raise ArquivoRecusado(
                f"O ZIP traz {format_numero(len(membros))} arquivos; o máximo são {format_numero(MAXIMO_DE_ARQUIVOS)}. "
                "Divida-o."
            )
        if sum(m.file_size for m in membros) > MAXIMO_NO_TOTAL:
            raise ArquivoRecusado("O conteúdo do ZIP passa de 1 GB depois de aberto. Divida-o.")
        self._membros = membros
        self.nomes = [m.filename for m in membros]

    def abrir(self, posicao: int) -> bytes:
        """The bytes of the file in this place. Raises Estragado."""
        if self._zip is None:
            return self._conteudo
        return _ler(self._zip, self._membros[posicao])

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return iter(enumerate(self.nomes))


def _do_sistema(nome: str) -> bool:
    return nome.startswith(_DO_SISTEMA[0]) or nome.rpartition("/")[2] in _DO_SISTEMA[1:]


def _ler(pacote: zipfile.ZipFile, membro: zipfile.ZipInfo) -> bytes:
    _conferir(membro)
    try:
        with pacote.open(membro) as arquivo:
            conteudo = arquivo.read(MAXIMO_POR_ARQUIVO + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, EOFError, OSError, RuntimeError) as erro:
        raise Estragado("O arquivo está quebrado dentro do ZIP. Gere o ZIP de novo.") from erro
    if len(conteudo) > MAXIMO_POR_ARQUIVO:
        raise Estragado("O arquivo é maior do que o ZIP diz. Não foi aberto.")
    if not conteudo:
        raise Estragado("O arquivo está vazio.")
    if e_zip(conteudo):
        raise Estragado("É um ZIP dentro do ZIP. Envie-o separado.")
    return conteudo


def _conferir(membro: zipfile.ZipInfo) -> None:
    """What the directory says of it, before a byte is opened."""
    nome = membro.orig_filename
    partes = nome.replace("\\", "/").split("/")
    if "\x00" in nome or ".." in partes or nome.startswith(("/", "\\")) or nome[1:2] == ":":
        raise Estragado("O nome do arquivo aponta para fora do ZIP. Não foi aberto.")
    if stat.S_ISLNK(membro.external_attr >> 16):
        raise Estragado("É um atalho para outro arquivo, e não um arquivo. Não foi aberto.")
    if membro.flag_bits & 0x1:
        raise Estragado("O arquivo está protegido por senha. Envie o ZIP sem senha.")
    if membro.file_size > MAXIMO_POR_ARQUIVO:
        raise Estragado("O arquivo passa de 10 MB depois de aberto. Não foi aberto.")
    if membro.file_size > _PEQUENO and membro.file_size > _RAZAO * max(membro.compress_size, 1):
        raise Estragado("O arquivo cresce demais ao ser aberto (bomba de descompressão). Não foi aberto.")
