"""The file: a plain tar, written once from front to back.

    LEIA-ME.txt                         what this is, for whoever finds it
    banco/<table>/00001.copy.gz …       rows, in PostgreSQL's own text form of COPY
    arquivo/ab/cd/<sha256>              documents, each under the SHA-256 of its bytes
    manifesto.json                      what is inside, with the SHA-256 of every part and of all bytes before it
    manifesto.sha256                    of the manifest itself

The manifest is the last thing written: a file without it was cut short.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

VERSAO = 1
LEIA_ME, MANIFESTO, SELO = "LEIA-ME.txt", "manifesto.json", "manifesto.sha256"
BANCO, ARQUIVO = "banco/", "arquivo/"
_BLOCO = 1 << 20

TEXTO = """\
Cópia de segurança do Guichê: banco de dados e documentos de um escritório contábil.
Contém dados fiscais de clientes. Guarde-a como se guardam os originais.

Para restaurar, numa instalação do Guichê da mesma versão ou mais nova:   ./run restaurar ESTE-ARQUIVO
As chaves (COFRE_CHAVES e SECRET_KEY) não estão aqui: manifesto.json diz quais são pedidas.
"""


class CopiaErro(Exception):
    """A backup that cannot be made, read or put back; the text is pt-BR and says what to do."""


class _Somado:
    """A file being written, with the SHA-256 of all that went into it."""

    def __init__(self, arquivo: IO[bytes]) -> None:
        self._arquivo, self.soma, self._escritos = arquivo, hashlib.sha256(), 0

    def write(self, dados: bytes) -> int:
        self.soma.update(dados)
        self._escritos += len(dados)
        return self._arquivo.write(dados)

    def tell(self) -> int:
        return self._escritos


class Escritor:
    """Writes a backup under a name of its own, and gives it the final one when it is whole and on the disk."""

    def __init__(self, destino: Path, mtime: int) -> None:
        self._destino, self._mtime = destino, mtime
        self._parcial = destino.with_name(f".{destino.name}.parcial-{os.getpid()}")
        self.partes: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._arquivo = os.fdopen(os.open(self._parcial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._somado = _Somado(self._arquivo)
        self._tar = tarfile.open(fileobj=self._somado, mode="w", format=tarfile.USTAR_FORMAT)  # type: ignore[call-overload]
        self._por(LEIA_ME, TEXTO.encode())
        return self

    def __exit__(self, tipo: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._arquivo.close()
        self._parcial.unlink(missing_ok=True)  # under its final name it is another entry

    def _por(self, nome: str, dados: bytes) -> None:
        membro = tarfile.TarInfo(nome)
        membro.size, membro.mtime, membro.mode = len(dados), self._mtime, 0o600
        self._tar.addfile(membro, io.BytesIO(dados))
        self._tar.members.clear()  # or it would remember every one of them

    def parte(self, nome: str, dados: bytes) -> None:
        """A part of the database; its SHA-256 goes into the manifest."""
        self.partes[nome] = hashlib.sha256(dados).hexdigest()
        self._por(nome, dados)

    def documento(self, caminho: str, dados: bytes) -> None:
        self._por(f"{ARQUIVO}{caminho}", dados)

    def terminar(self, manifesto: dict[str, Any]) -> int:
        """Close with the manifest, and put the file in its place; its size. Raises CopiaErro where one is there."""
        conteudo = manifesto | {"formato": VERSAO, "partes": self.partes, "sha256": self._somado.soma.hexdigest()}
        dados = json.dumps(conteudo, ensure_ascii=False, indent=1, sort_keys=True).encode()
        self._por(MANIFESTO, dados)
        self._por(SELO, hashlib.sha256(dados).hexdigest().encode())
        self._tar.close()
        self._arquivo.flush()
        os.fsync(self._arquivo.fileno())
        try:
            os.link(self._parcial, self._destino)
        except FileExistsError:
            raise CopiaErro(f"Já existe um arquivo {self._destino}. Escolha outro nome.") from None
        except OSError:  # a disk without hard links
            os.rename(self._parcial, self._destino)
        pasta = os.open(self._destino.parent, os.O_RDONLY)
        try:
            os.fsync(pasta)
        finally:
            os.close(pasta)
        return self._somado.tell()


@dataclass(frozen=True)
class Membro:
    nome: str
    inicio: int
    tamanho: int


class Copia:
    """A backup being read. Opening it looks through its headers; nothing of its inside is trusted before conferir()."""

    def __init__(self, caminho: Path) -> None:
        self.caminho = caminho
        try:
            self._arquivo = caminho.open("rb")
        except FileNotFoundError:
            raise CopiaErro(f"O arquivo {caminho} não existe. Confira o caminho da cópia.") from None
        except OSError as erro:
            raise CopiaErro(f"A cópia {caminho} não abre: {erro.strerror}.") from erro
        try:
            self.manifesto: dict[str, Any] = self._abrir()
        except BaseException:
            self._arquivo.close()
            raise

    def _abrir(self) -> dict[str, Any]:
        finais: dict[str, Membro] = {}
        ultimo = "o começo"
        try:
            for membro in self._membros():
                ultimo = membro.nome
                if membro.nome in (MANIFESTO, SELO):
                    finais[membro.nome] = membro
        except (tarfile.TarError, ValueError, UnicodeError) as erro:
            raise self._defeito(f"o cabeçalho que vem depois de {ultimo} não se lê", erro) from erro
        if len(finais) < 2:
            raise self._defeito(
                f"termina depois de {ultimo}, sem o manifesto: foi cortada ou não é uma cópia do Guichê"
            )
        self._manifesto, self._selo = finais[MANIFESTO], finais[SELO]
        dados = self.ler(self._manifesto)
        if hashlib.sha256(dados).hexdigest().encode() != self.ler(self._selo):
            raise self._defeito(f"{MANIFESTO} não confere com {SELO}")
        manifesto: dict[str, Any] = json.loads(dados)
        if manifesto["formato"] > VERSAO:
            raise CopiaErro(
                f"A cópia {self.caminho.name} foi feita por uma versão mais nova do Guichê ({manifesto['versao']}), "
                "num formato que esta não conhece. Atualize o Guichê e rode de novo."
            )
        return manifesto

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._arquivo.close()

    def _defeito(self, o_que: str, erro: Exception | None = None) -> CopiaErro:
        return CopiaErro(
            f"A cópia {self.caminho.name} está danificada: {o_que}{f' ({erro})' if erro else ''}. Nada foi restaurado. "
            "Use outra cópia, ou copie esta de novo do lugar em que foi guardada."
        )

    def _membros(self) -> Iterator[Membro]:
        self._arquivo.seek(0)
        fim = os.fstat(self._arquivo.fileno()).st_size
        with tarfile.open(fileobj=self._arquivo, mode="r:") as tar:
            while (membro := tar.next()) is not None:
                if membro.offset_data + membro.size > fim:
                    raise tarfile.ReadError("arquivo cortado")
                yield Membro(membro.name, membro.offset_data, membro.size)
                tar.members.clear()  # type: ignore[attr-defined]

    def ler(self, membro: Membro) -> bytes:
        self._arquivo.seek(membro.inicio)
        return self._arquivo.read(membro.tamanho)

    def conferir(self, andou: Callable[[int], None]) -> None:
        """Read all of it and compare; `andou` is told of each bytes done. Raises CopiaErro, naming what differs."""
        soma, falta = hashlib.sha256(), self._manifesto.inicio - tarfile.BLOCKSIZE
        self._arquivo.seek(0)
        while falta:
            bloco = self._arquivo.read(min(_BLOCO, falta))
            if not bloco:
                raise self._defeito("foi cortada")
            soma.update(bloco)
            falta -= len(bloco)
            andou(len(bloco))
        if soma.hexdigest() != self.manifesto["sha256"]:
            raise self._defeito(self._culpadas() or "bytes entre as partes não são os que foram gravados")
        ate_o_selo = self._zeros_depois_de(self._manifesto, self._selo.inicio - tarfile.BLOCKSIZE)
        if not (ate_o_selo and self._zeros_depois_de(self._selo, -1)):
            raise self._defeito("há bytes estranhos depois do manifesto")

    def _zeros_depois_de(self, membro: Membro, ate: int) -> bool:
        """Whether nothing but the zeros of a tar stand between a member and `ate` (-1: the end)."""
        comeco = membro.inicio + membro.tamanho
        self._arquivo.seek(comeco)
        return not self._arquivo.read(ate if ate < 0 else ate - comeco).strip(b"\0")

    def _culpadas(self) -> str:
        """The parts whose bytes are not those that were written, in words."""
        erradas = []
        for membro in self._membros():
            esperado = self.manifesto["partes"].get(membro.nome, "")
            if membro.nome.startswith(ARQUIVO):
                esperado = membro.nome.rpartition("/")[2]
            if esperado and hashlib.sha256(self.ler(membro)).hexdigest() != esperado:
                erradas.append(membro.nome)
        if not erradas:
            return ""
        demais = f" e mais {len(erradas) - 5}" if len(erradas) > 5 else ""
        return f"não é o que foi gravado: {', '.join(erradas[:5])}{demais}"

    def membros(self, pasta: str) -> Iterator[Membro]:
        return (membro for membro in self._membros() if membro.nome.startswith(pasta))

    def partes_do_banco(self) -> dict[str, list[Membro]]:
        """The parts of each table, in their order."""
        por_tabela: dict[str, list[Membro]] = {}
        for membro in self.membros(BANCO):
            por_tabela.setdefault(membro.nome.split("/")[1], []).append(membro)
        return por_tabela

    def documentos(self) -> Iterator[tuple[str, bytes]]:
        """SHA-256 and bytes of each document."""
        for membro in self.membros(ARQUIVO):
            sha256, conteudo = membro.nome.rpartition("/")[2], self.ler(membro)
            if hashlib.sha256(conteudo).hexdigest() != sha256:  # it was whole when it was checked
                raise self._defeito(f"não é o que foi gravado: {membro.nome}")
            yield sha256, conteudo
