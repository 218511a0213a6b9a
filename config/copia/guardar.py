"""Make a backup, also while the product runs.

Database first, in one snapshot; then the documents that it names. A document is written before the row that names it
and never overwritten, so every one of them is still there, and the same, however long the copy takes.
"""

import errno
import secrets
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils import timezone

from arquivo.copias import ler
from arquivo.models import Documento, caminho_de
from config.copia import banco, chaves
from config.copia.formato import CopiaErro, Escritor
from config.copia.terminal import Etapa, Terminal, tamanho
from config.instalacao import BASE_DIR

_FOLGA = 16 << 20  # bytes beside what is counted
_LISTADO = 40  # bytes by which a document is remembered: its hash and its size


@dataclass(frozen=True)
class Feita:
    """A backup that was made. `faltam`: documents that the database names and the storage does not have, in words."""

    caminho: Path
    bytes: int
    linhas: int
    documentos: int
    faltam: list[str]
    chaves: list[str]


def guardar(destino: Path, terminal: Terminal) -> Feita:
    """Write a backup into the folder `destino`, or under that name. Raises CopiaErro."""
    agora = timezone.now()
    caminho = _caminho(destino, agora)
    try:
        with Escritor(caminho, int(agora.timestamp())) as escritor, tempfile.TemporaryFile() as lista:
            return _escrever(escritor, lista, caminho, agora, terminal)
    except OSError as erro:
        if erro.errno == errno.ENOSPC:
            raise CopiaErro(
                f"O disco de {caminho.parent} encheu antes do fim. Nada ficou lá com o nome da cópia. Libere espaço ou "
                "escolha outro lugar: ./run backup PASTA."
            ) from erro
        raise CopiaErro(f"A cópia não pôde ser escrita em {caminho.parent}: {erro.strerror or erro}.") from erro


def _caminho(destino: Path, agora: datetime) -> Path:
    if destino.is_dir() or not destino.suffix:
        destino /= f"guiche-{settings.AMBIENTE.value}-{timezone.localtime(agora):%Y%m%d-%H%M%S}.tar"
    try:
        destino.parent.mkdir(parents=True, exist_ok=True)
    except OSError as erro:
        raise CopiaErro(f"A pasta {destino.parent} não pôde ser criada: {erro.strerror}.") from erro
    if destino.exists():
        raise CopiaErro(f"Já existe um arquivo {destino}. Escolha outro nome.")
    return destino.resolve()


def _escrever(escritor: Escritor, lista: IO[bytes], caminho: Path, agora: datetime, terminal: Terminal) -> Feita:
    with banco.instante():
        tabelas = banco.tabelas()
        quantos, quanto = _listar_documentos(lista)
        do_banco = sum(tabela.tamanho for tabela in tabelas.values())
        _exigir_espaco(caminho.parent, do_banco + quanto + 1024 * quantos)
        ditas: dict[str, dict[str, Any]] = {}
        with terminal.etapa("Banco de dados", do_banco) as andou:
            for nome, tabela in tabelas.items():
                if nome not in banco.FORA:
                    linhas = banco.despejar(tabela, escritor.parte, andou)
                    ditas[nome] = {"colunas": tabela.colunas, "linhas": linhas}
        sal = secrets.token_hex(8)
        pedidas = chaves.pedidas(sal)
        manifesto = {
            "produto": "Guichê",
            "versao": versao(),
            "feita_em": agora.isoformat(),
            "ambiente": settings.AMBIENTE.value,
            "postgresql": banco.servidor(),
            "migracoes": banco.migracoes(),
            "chaves": {"cofre": pedidas.cofre, "secret_key": pedidas.secret_key, "sal": sal},
            "banco": {
                "bytes": sum(tabela.com_indices for tabela in tabelas.values()),
                "tabelas": ditas,
                "sequencias": banco.sequencias(),
                "sem_as_linhas_de": sorted(banco.FORA & set(tabelas)),
            },
        }
    with terminal.etapa("Documentos", quanto) as andou:
        guardados, bytes_guardados, faltam = _guardar_documentos(escritor, lista, andou)
    em_palavras = _em_palavras(faltam)
    manifesto["documentos"] = {"quantos": guardados, "bytes": bytes_guardados, "faltam": em_palavras}
    return Feita(
        caminho=caminho,
        bytes=escritor.terminar(manifesto),
        linhas=sum(dita["linhas"] for dita in ditas.values()),
        documentos=guardados,
        faltam=em_palavras,
        chaves=pedidas.em_palavras(),
    )


def versao() -> str:
    return str(tomllib.loads((BASE_DIR / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def _exigir_espaco(pasta: Path, bytes_: int) -> None:
    livre = shutil.disk_usage(pasta).free
    if livre < bytes_ + _FOLGA:
        raise CopiaErro(
            f"A cópia pode chegar a {tamanho(bytes_ + _FOLGA)}, e {pasta} tem {tamanho(livre)} livres. Libere espaço "
            "ou escolha outro lugar: ./run backup PASTA."
        )


def _listar_documentos(lista: IO[bytes]) -> tuple[int, int]:
    """Write down which contents the snapshot names; how many, and their bytes."""
    quantos = quanto = 0
    conteudos = Documento.objects.guardados().order_by("sha256").values_list("sha256", "tamanho").distinct()
    anterior = ""
    for sha256, bytes_ in conteudos.iterator(chunk_size=5000):
        if sha256 != anterior:
            lista.write(bytes.fromhex(sha256) + bytes_.to_bytes(8))
            quantos, quanto, anterior = quantos + 1, quanto + bytes_, sha256
    return quantos, quanto


def _listados(lista: IO[bytes]) -> Iterator[str]:
    lista.seek(0)
    while dados := lista.read(_LISTADO):
        yield dados[:32].hex()


def _guardar_documentos(escritor: Escritor, lista: IO[bytes], andou: Etapa) -> tuple[int, int, list[str]]:
    """One at a time, as no more than that fits in memory for sure; those that are missing or damaged are left out."""
    guardados = bytes_guardados = 0
    faltam = []
    for sha256 in _listados(lista):
        try:
            conteudo = ler(sha256)
        except Exception as erro:  # every kind of storage has errors of its own
            raise CopiaErro(
                "O lugar em que os documentos ficam guardados não respondeu, e a cópia não foi feita "
                f"({type(erro).__name__}: {erro}). Tente de novo quando ele voltar."
            ) from erro
        if conteudo is None:
            faltam.append(sha256)
            continue
        escritor.documento(caminho_de(sha256), conteudo)
        guardados, bytes_guardados = guardados + 1, bytes_guardados + len(conteudo)
        andou(len(conteudo))
    return guardados, bytes_guardados, faltam


def _em_palavras(faltam: list[str]) -> list[str]:
    documentos = Documento.objects.filter(sha256__in=faltam).select_related("empresa").order_by("sha256", "criado_em")
    return [
        f"{documento.nome} · {documento.get_tipo_display()} de {documento.competencia:%m/%Y} · {documento.empresa} · "
        f"SHA-256 {documento.sha256}"
        for documento in documentos
    ]
