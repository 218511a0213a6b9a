"""Imports in two steps, for any kind of record: *conferir* writes nothing, *importar* applies all the lines or none.

An app offers a kind of file by registering an Importador in its `importadores.py`. The work runs in the worker; the
Importacao row tells how far it is. Reading comes before the transaction, which is open only while the database works.
"""

import hashlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import structlog
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from comum import auditoria
from comum.models import Usuario
from comum.planilhas import Coluna, Problema
from empresas.models import Importacao

log = structlog.get_logger(__name__)

TAMANHO_MAXIMO = 50 * 1024 * 1024
AMOSTRA = 200
PRIORIDADE = 10  # someone is looking at the page: before the queue of outside calls
_PASSO = 5000
ALERTA = "aviso"  # marks, in Importacao.recusas, what does not refuse its line
_CONTAGENS = ("novas", "alteradas", "iguais", "recusadas")

Situacao = Importacao.Situacao


class Recusa(NamedTuple):
    """One cell that was refused: physical line (0 for the file as a whole), column label, value, reason in pt-BR."""

    linha: int
    coluna: str
    valor: str
    motivo: str


class Alteracao(NamedTuple):
    """One field of a stored record that the file changes."""

    linha: int
    quem: str
    coluna: str
    antes: str
    depois: str


class Pendencia(NamedTuple):
    """What the file leaves to be done elsewhere: what and how many, then the words and the address of the next step."""

    texto: str
    acao: str
    url: str


@dataclass(frozen=True)
class Conferencia:
    """What importing now would do. `assinatura` changes when any line would fare differently. `alertas` are of lines
    that are accepted all the same."""

    linhas: int
    novas: int
    alteradas: int
    iguais: int
    recusas: list[Recusa]
    assinatura: str
    alteracoes: list[Alteracao] = field(default_factory=list)
    avisos: list[str] = field(default_factory=list)
    pendencias: list[Pendencia] = field(default_factory=list)
    alertas: list[Recusa] = field(default_factory=list)

    @property
    def recusadas(self) -> int:
        return len({recusa.linha for recusa in self.recusas})


class ArquivoRecusado(Exception):
    """The file as a whole cannot be read; the text (pt-BR) says why."""


class ImportacaoRecusada(Exception):
    """The request is not possible now; the text (pt-BR) says why and what next."""


Progresso = Callable[[int], None]


class ComCelulas(Protocol):
    """A Linha, or what an importer makes of one: its physical line and the text of each column."""

    @property
    def numero(self) -> int: ...
    @property
    def valores(self) -> Mapping[str, str]: ...


class Importador(ABC):
    """One kind of file. The instance serves one run and may keep what it read between the methods. `recusas`: of the
    lines as they are read."""

    do_not_call_in_templates = True  # pages show the texts of the class itself
    tipo: str
    titulo: str
    singular: str
    plural: str
    lidas, recusadas = "linhas lidas", "Linhas recusadas"  # what the page of the import says of the file's parts
    avisadas, do_aviso = "Linhas com aviso", "O que vai impedir a emissão, e o que fazer"
    por_arquivo = False  # the parts are files, each read or refused whole, and not lines of a table
    colunas: Sequence[Coluna]
    url_nova: str  # name of the page that sends a file
    url_lista: str  # name of the page where the records are seen

    def __init__(self, usuario: Usuario, parametros: dict[str, Any]) -> None:
        self.usuario = usuario
        self.parametros = parametros
        self.recusas: list[Recusa] = []
        self.rotulos = {coluna.nome: coluna.rotulo for coluna in self.colunas}

    def _recusa(self, linha: ComCelulas, coluna: str, motivo: str) -> Recusa:
        return Recusa(linha.numero, self.rotulos[coluna], linha.valores.get(coluna, "")[:200], motivo)

    def _recusar(self, linha: ComCelulas, coluna: str, motivo: str) -> None:
        self.recusas.append(self._recusa(linha, coluna, motivo))

    @classmethod
    def quantas(cls, conteudo: bytes) -> int:
        """How many parts the file has, told before it is read."""
        return max(conteudo.count(b"\n") + (not conteudo.endswith(b"\n")) - 1, 0)

    @abstractmethod
    def ler(self, conteudo: bytes, progresso: Progresso) -> None:
        """Read and check every line, writing nothing. Raises ArquivoRecusado. No transaction is open."""

    @abstractmethod
    def conferir(self) -> Conferencia:
        """Compare what was read with the database, inside the caller's transaction (temporary tables are fine)."""

    def preparado(self) -> AbstractContextManager[None]:
        """Around the transaction of gravar(): what is to be done outside the database before it begins."""
        return nullcontext()

    @abstractmethod
    def gravar(self) -> dict[str, Any]:
        """Apply what the last conferir() accepted, in the same transaction; returns what more the audit should say."""

    @classmethod
    def depois(cls, importacao: Importacao) -> tuple[str, str] | None:
        """Words and address of where a person goes on with what a file brought. None: only to the list."""
        return None


_TIPOS: dict[str, type[Importador]] = {}


def registrar(importador: type[Importador]) -> type[Importador]:
    """Class decorator: offer this kind of file."""
    _TIPOS[importador.tipo] = importador
    return importador


def importador_de(tipo: str) -> type[Importador]:
    return _TIPOS[tipo]


# -- requests of the screens ----------------------------------------------------------------------------------------


@transaction.atomic
def receber(
    *,
    tipo: str,
    usuario: Usuario,
    nome_arquivo: str,
    conteudo: bytes,
    parametros: dict[str, Any] | None = None,
    agendar: bool = True,
) -> Importacao:
    """Keep a file and have it checked by the worker. Raises ImportacaoRecusada for an empty or over-large one."""
    if not conteudo:
        raise ImportacaoRecusada("O arquivo está vazio. Escolha o arquivo com a lista.")
    if len(conteudo) > TAMANHO_MAXIMO:
        raise ImportacaoRecusada(
            f"O arquivo tem {len(conteudo) // 1024 // 1024} MB; o máximo são {TAMANHO_MAXIMO // 1024 // 1024} MB. "
            "Divida-o em dois e importe um de cada vez."
        )
    importacao = Importacao.objects.create(
        tipo=tipo,
        usuario=usuario,
        nome_arquivo=nome_arquivo[-200:],
        conteudo=conteudo,
        sha256=hashlib.sha256(conteudo).hexdigest(),
        parametros=parametros or {},
        linhas=importador_de(tipo).quantas(conteudo),
    )
    if agendar:
        _agendar("empresas.conferir_importacao", importacao)
    return importacao


@transaction.atomic
def pedir_importar(importacao: Importacao, *, agendar: bool = True) -> None:
    """Have a checked file applied by the worker. Raises ImportacaoRecusada when there is nothing to apply."""
    atual = Importacao.objects.select_for_update().only("situacao", "resultado").get(pk=importacao.pk)
    if atual.situacao in (Situacao.IMPORTANDO, Situacao.IMPORTADA):
        return  # a second click finds nothing to do
    if atual.situacao != Situacao.CONFERIDA:
        raise ImportacaoRecusada("Este arquivo ainda não foi conferido, ou não pôde ser lido. Envie-o de novo.")
    if not atual.resultado.get("novas", 0) + atual.resultado.get("alteradas", 0):
        raise ImportacaoRecusada("Nada a importar: nenhuma linha nova ou alterada. Corrija o arquivo e envie de novo.")
    Importacao.objects.filter(pk=importacao.pk).update(situacao=Situacao.IMPORTANDO, feitas=0, mensagem="")
    if agendar:
        _agendar("empresas.importar", importacao)


def _agendar(tarefa: str, importacao: Importacao) -> None:
    app.configure_task(tarefa, priority=PRIORIDADE).defer(importacao_id=str(importacao.pk))


# -- work of the worker ---------------------------------------------------------------------------------------------


def conferir(importacao_id: Any) -> None:
    """Check the file and keep what was found. Safe to repeat; anything unexpected ends as *Não importada*."""
    pegas = Importacao.objects.filter(pk=importacao_id, situacao__in=[Situacao.NA_FILA, Situacao.CONFERINDO])
    if not pegas.update(situacao=Situacao.CONFERINDO, feitas=0):
        return
    importacao = Importacao.objects.defer("recusas").get(pk=importacao_id)
    with _Encerramento(importacao):
        importador = _ler(importacao)
        with transaction.atomic():
            conferencia = importador.conferir()
            transaction.set_rollback(True)
        _guardar(importacao, conferencia)


def importar(importacao_id: Any) -> None:
    """Apply a checked file in one transaction, with one audit row; a repeated or late job changes nothing.

    What the user approved is what is written: when the check no longer gives the same result, nothing is written and
    the new check is shown instead.
    """
    importacao = Importacao.objects.defer("recusas").get(pk=importacao_id)
    if importacao.situacao != Situacao.IMPORTANDO:
        return
    with _Encerramento(importacao):
        importador = _ler(importacao)
        try:
            with importador.preparado(), transaction.atomic():
                _gravar(importacao, importador)
        except _Mudou as mudou:
            _guardar(
                importacao,
                mudou.conferencia,
                "Os cadastros mudaram depois da conferência e nada foi gravado. "
                "Veja a nova conferência e, se estiver certa, importe.",
            )


class _Mudou(Exception):
    def __init__(self, conferencia: Conferencia) -> None:
        self.conferencia = conferencia


class _Encerramento:
    """Ends the Importacao with a message when the work inside fails; a lost database leaves it to the retry."""

    def __init__(self, importacao: Importacao) -> None:
        self.importacao = importacao

    def __enter__(self) -> None:
        return None

    def __exit__(self, tipo: object, erro: BaseException | None, traceback: object) -> bool:
        if erro is None or not isinstance(erro, Exception) or isinstance(erro, OperationalError):
            return False
        if isinstance(erro, ArquivoRecusado):
            mensagem = str(erro)
        else:
            log.exception("import failed", importacao=str(self.importacao.pk), exc_info=erro)
            mensagem = (
                "Algo falhou do nosso lado e nada foi gravado. "
                "Envie o arquivo de novo; se continuar, avise o administrador."
            )
        Importacao.objects.filter(pk=self.importacao.pk).update(
            situacao=Situacao.FALHOU, mensagem=mensagem, encerrada_em=timezone.now()
        )
        return True


def _ler(importacao: Importacao) -> Importador:
    conteudo = bytes(importacao.conteudo)
    if hashlib.sha256(conteudo).hexdigest() != importacao.sha256:
        raise ArquivoRecusado("O arquivo guardado não é mais o que foi enviado. Envie-o de novo.")
    usuario = importacao.usuario
    if not (usuario.opera and usuario.is_active):
        raise ArquivoRecusado("Quem enviou este arquivo não tem mais permissão para importar. Nada foi gravado.")
    importador = importador_de(importacao.tipo)(usuario, importacao.parametros)

    def progresso(lidas: int) -> None:
        if lidas % _PASSO == 0:
            Importacao.objects.filter(pk=importacao.pk).update(feitas=lidas)

    importador.ler(conteudo, progresso)
    return importador


def _guardar(importacao: Importacao, conferencia: Conferencia, mensagem: str = "") -> None:
    recusas, alertas = sorted(conferencia.recusas), sorted(conferencia.alertas)
    Importacao.objects.filter(pk=importacao.pk).update(
        situacao=Situacao.CONFERIDA,
        linhas=conferencia.linhas,
        feitas=conferencia.linhas,
        resultado=_resultado(conferencia),
        previa={
            "recusas": [list(recusa) for recusa in recusas[:AMOSTRA]],
            "alteracoes": [list(alteracao) for alteracao in conferencia.alteracoes[:AMOSTRA]],
            "alertas": [list(alerta) for alerta in alertas[:AMOSTRA]],
        },
        recusas=[*(list(recusa) for recusa in recusas), *([*alerta, ALERTA] for alerta in alertas)],
        mensagem=mensagem,
    )


def _resultado(conferencia: Conferencia) -> dict[str, Any]:
    return {
        **{nome: getattr(conferencia, nome) for nome in _CONTAGENS},
        "celulas": len(conferencia.recusas),
        "por_coluna": Counter(recusa.coluna for recusa in conferencia.recusas).most_common(),
        "alertas": len(conferencia.alertas),
        "assinatura": conferencia.assinatura,
        "avisos": conferencia.avisos,
        "pendencias": [list(pendencia) for pendencia in conferencia.pendencias],
    }


def _gravar(importacao: Importacao, importador: Importador) -> None:
    trancada = Importacao.objects.select_for_update().only("situacao", "resultado").get(pk=importacao.pk)
    if trancada.situacao != Situacao.IMPORTANDO:
        return
    conferencia = importador.conferir()
    resultado = _resultado(conferencia)
    if resultado["assinatura"] != trancada.resultado.get("assinatura"):
        raise _Mudou(conferencia)
    extras = importador.gravar()
    contagens = {nome: resultado[nome] for nome in _CONTAGENS}
    auditoria.registrar(
        usuario=importacao.usuario,
        acao=f"{importacao.tipo}.importar",
        resumo=f"Importado {importacao.nome_arquivo}: {contagens['novas']} novas, {contagens['alteradas']} alteradas",
        objeto=importacao,
        dados={"arquivo": importacao.nome_arquivo, "sha256": importacao.sha256, **contagens, **extras},
    )
    Importacao.objects.filter(pk=importacao.pk).update(
        situacao=Situacao.IMPORTADA,
        feitas=conferencia.linhas,
        resultado=resultado | {"extras": extras},
        encerrada_em=timezone.now(),
    )


def recusas_em_tabela(importacao: Importacao) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """Header and rows of the file of refusals; with a further column when lines were accepted with a warning."""
    cabecalho = ["linha", "coluna", "valor", "motivo"]
    if not importacao.resultado.get("alertas"):
        return cabecalho, ((linha or None, *resto) for linha, *resto in importacao.recusas)
    linhas = (
        (linha or None, coluna, valor, motivo, "entra, com aviso" if marca else "recusada")
        for linha, coluna, valor, motivo, *marca in importacao.recusas
    )
    return [*cabecalho, "efeito"], linhas


# -- help for Importadores ------------------------------------------------------------------------------------------


def recusa_de(problema: Problema) -> Recusa:
    return Recusa(problema.linha or 0, problema.coluna, problema.valor, problema.mensagem)


def copiar(tabela: str, colunas: Sequence[str], linhas: list[str]) -> None:
    """COPY lines made ready by the reader: values parted by tabs, nothing between two tabs is NULL.

    Nothing is quoted or escaped, so no value may hold a tab, a line break or U+0001; readers refuse or join them.
    """
    comando = f"COPY {tabela} ({', '.join(colunas)}) FROM STDIN (FORMAT csv, DELIMITER E'\\t', QUOTE E'\\x01')"
    with connection.cursor() as cursor, cursor.copy(comando) as copia:
        for inicio in range(0, len(linhas), 2000):
            copia.write("".join(linhas[inicio : inicio + 2000]))
