"""What the engine asks of every kind of effect, and the register of them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from comum.models import Usuario
from comum.planilhas import Celula
from operacoes.ensaio import NoLivro, NoSandbox, Palco, PelaTela
from operacoes.http import Chamadas
from operacoes.intencao import NovaOperacao
from operacoes.models import Classe, Efeito, Operacao, Processamento
from operacoes.ritmo import no_ritmo


@dataclass(frozen=True)
class Aconteceu:
    """The service proves the effect happened; `resposta` is what `enviar` would have returned."""

    resposta: Any


@dataclass(frozen=True)
class NaoAconteceu:
    """The service proves it did not happen. The engine believes it only after `demora_maxima` since the sending."""

    motivo: str = ""


@dataclass(frozen=True)
class NaoSei:
    """No proof yet; ask again after this long. `motivo` is pt-BR for the screens."""

    perguntar_em: timedelta
    motivo: str = ""


Conferencia = Aconteceu | NaoAconteceu | NaoSei


@dataclass(frozen=True)
class Aceita:
    """Returned by `enviar` or `acompanhar`: the service took it and decides later; look again after this long."""

    olhar_em: timedelta
    resumo: dict[str, Any]


@dataclass(frozen=True)
class PrecisaDePessoa:
    """Returned by `acompanhar`: the service has not decided for too long. `motivo` is pt-BR for the screens."""

    motivo: str


@dataclass(frozen=True)
class Limite:
    """A rate limit: `quantidade` starts per `periodo`, at most `rajada` at once, on the bucket `balde`.

    Starts are spaced evenly, but calls reach the service earlier or later by what the network and this machine take:
    one that counts strictly is given a little less than it allows (57 for 60 a minute). `bloqueio` is how long a 429
    without Retry-After stops the bucket. `em_serie`: one Operacao of the bucket is tried at a time, on all hosts.
    """

    balde: str
    quantidade: int
    periodo: timedelta
    rajada: int = 1
    bloqueio: timedelta = timedelta(seconds=60)
    em_serie: bool = False


@dataclass(frozen=True)
class ProximaAcao:
    """What a person does about one group of refusals, or once a run has ended: pt-BR words, and a button when there is
    a page for it."""

    texto: str
    rotulo: str = ""
    url: str = ""
    em_qualquer_mes: bool = False  # its page does not follow the competência of the top bar
    # Of a group of refusals: its page is a list that takes operacoes.listas.filtro_da_recusa, opened on the affected.
    filtra: bool = False


@dataclass(frozen=True)
class Repeticao:
    """With what a refused Operacao is tried again: the pedido, and the access it goes through by now."""

    pedido: dict[str, Any]
    acesso: str


class Handler(ABC):
    """One kind of outside effect. Stateless: one instance serves every thread.

    `preparar` may read the database and returns what the calls need (client, access); it runs before the call, with
    its own connection, and raises AccessDenied when the access cannot be used. `enviar`, `conferir` and `acompanhar`
    talk to the service with no database connection held, and raise the error family of operacoes.errors only.
    `aplicar` saves the domain effects inside the recording transaction and must be safe to run again.
    """

    tipo: ClassVar[str]
    rotulo: ClassVar[str]  # pt-BR, for screens: "Transmitir PGDAS-D"
    efeito: ClassVar[Efeito]
    classe: ClassVar[Classe]
    servico: ClassVar[str]  # the circuit it belongs to
    prazo_total: ClassVar[timedelta] = no_ritmo(
        timedelta(seconds=90)
    )  # total deadline of one call, every phase counted
    demora_maxima: ClassVar[timedelta] = timedelta(minutes=5)  # the service's own longest processing time
    adicional: ClassVar[int | None] = None  # add-on without which no operation of this kind runs
    nome_do_servico: ClassVar[str] = ""  # pt-BR, for screens: "Integra Contador"
    # Doubt, in pt-BR, said by every handler: what `conferir` finds that proves the effect (empty: the service cannot
    # be asked), and what a person looks for on the service's own site, and where.
    prova: ClassVar[str]
    onde_conferir: ClassVar[str]
    # `conferir` may make the identical repeat, which the service takes once: like a sending it may still take effect
    # after its answer was lost.
    pergunta_envia: ClassVar[bool] = False
    # A documento that changes something outside, and may be sent again because the same once more changes nothing: what
    # was sent and not answered may have changed it, also where the last try is refused.
    muda: ClassVar[bool] = False
    # What a status above 399 says that ends a try well, in pt-BR: {404: "nada de novo"}.
    status_ao_concluir: ClassVar[Mapping[int, str]] = {}
    numero_da_prova: ClassVar[str] = "Número ou protocolo"  # what *Aconteceu* asks for; empty: no number
    arquivo_da_prova: ClassVar[str] = ""  # the PDF *Aconteceu* may bring (a documento must); empty: none
    como_repete: ClassVar[str] = "Cada uma é enviada de novo como estava."  # pt-BR, said before *Repetir*
    colunas_do_resultado: ClassVar[tuple[str, ...]] = ()  # pt-BR, what the file of outcomes has more of this kind
    # Whether it stops first when the cap of cost is reached. None: a charged query does, anything else does not.
    opcional: ClassVar[bool | None] = None
    campos_das_chamadas: ClassVar[tuple[str, ...]] = ()
    nao_aqui: ClassVar[str] = ""  # pt-BR, why nothing can be decided about it in this version; empty: it can
    # The rehearsal (operacoes.ensaio): the service as the sandbox sees it, and the kind of effect by which the ledger
    # knows this handler; empty for a reading, which leaves none.
    no_sandbox: ClassVar[NoSandbox]
    efeito_no_livro: ClassVar[str] = ""

    @abstractmethod
    def limites(self, acesso: str) -> tuple[Limite, ...]:
        """Rate limits of an access, strictest first: every call counts in all of them. The first one's bucket is the
        Operacao's `balde`, its queue."""

    def limites_do_pedido(self, pedido: Mapping[str, Any], acesso: str) -> tuple[Limite, ...]:
        """Further limits of this one Operacao's calls, as of the document they name. None by default."""
        return ()

    def limites_da_resposta(self, resposta: Mapping[str, Any], acesso: str) -> tuple[Limite, ...]:
        """Further limits of an Operacao's calls from now on, once the service named its document in what is kept of
        the answer (Aceita.resumo, OutcomeUnknown.lembrar). None by default."""
        return ()

    def e_opcional(self, pedido: Mapping[str, Any]) -> bool:
        """Whether this one intent stops first at the cap of cost: what has to be done in the month does not."""
        return self.classe == Classe.CONSULTA if self.opcional is None else self.opcional

    def chamadas_previstas(self, pedido: Mapping[str, Any]) -> Sequence[Classe]:
        """The class of each call that this intent makes when all goes well, with those of what follows by itself. Of
        the pedido only `campos_das_chamadas` may be looked at."""
        return (self.classe,)

    @abstractmethod
    def preparar(self, operacao: Operacao) -> Any: ...

    @abstractmethod
    def enviar(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Any: ...

    def conferir(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Conferencia:
        """Ask the service whether a doubtful sending happened. The default knows no way to ask."""
        return NaoSei(timedelta.max, "O serviço não oferece consulta que prove o resultado.")

    def acompanhar(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Any:
        raise NotImplementedError(f"{self.tipo} is never accepted for later")

    @abstractmethod
    def aplicar(self, operacao: Operacao, resposta: Any) -> dict[str, Any]:
        """Save the domain effects; returns the small JSON summary kept in Operacao.resposta."""

    def submetidas(self, operacoes: Sequence[Operacao]) -> None:
        """Domain effects of new rows of this kind entering the queue, repeats too, same transaction. Nothing by
        default."""

    def desistida(self, operacao: Operacao) -> None:
        """Domain effects of a row that was taken out of the queue, same transaction. Nothing by default."""

    def recusada(self, operacao: Operacao) -> None:
        """Domain effects of a refusal, same transaction. Nothing by default."""

    def problema_da_prova(self, operacao: Operacao, numero: str) -> str:
        """Why the number typed for *Aconteceu* cannot be this operação's, in pt-BR; empty when it can."""
        return ""

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        """A person proved that the effect happened (`evidencia`: its number or protocol; `arquivo`: its PDF, where
        `arquivo_da_prova` asks for one). Domain effects, same transaction; returns what Operacao.resposta gains.
        Nothing by default."""
        return {}

    def acesso_mudou(self, acesso: str, desde: datetime) -> bool:
        """Whether what the access opens with was changed since: a denial of the old one then pauses nothing. Called
        inside the recording transaction, and locks what it looks at until its end: whoever mends the access and lifts
        its pause comes wholly before, or wholly after."""
        return False

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        """How each refused Operacao (by pk) is tried again, or pt-BR words on why it cannot be.

        The default repeats what was approved; a handler whose pedido or access ages (values corrected, date passed,
        empresa moved to another access) overrides it.
        """
        return {operacao.pk: Repeticao(operacao.pedido, operacao.acesso) for operacao in operacoes}

    def resultados(self, operacoes: Sequence[Operacao]) -> Mapping[int, Sequence[Celula]]:
        """What the file of a run's outcomes says of each of these (by pk) under `colunas_do_resultado`. Constant
        queries; nothing by default."""
        return {}

    def alvos(self, operacoes: Sequence[Operacao]) -> Mapping[int, str]:
        """Which of its empresa's things each of these (by pk) is about, in few words for a list (pt-BR). Constant
        queries; nothing by default, where the empresa and the competência tell it."""
        return {}

    def repetivel(self, grupo: str) -> bool:
        """Whether the refusals of one `grupo`, sent again, can end otherwise; if not, *Repetir* is not offered."""
        return True

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        """What to do about the refusals of one `grupo`; `operacoes_url` lists them. None: only the words are shown."""
        return None

    def depois(self, run: Processamento) -> ProximaAcao | None:
        """Where a person goes on, in the same month unless it says else, once `run` has ended. None: no button."""
        return None

    def url_do_acesso(self, acesso: str) -> str:
        """The page where the access is mended, or empty."""
        return ""

    def rotulo_acesso(self, acesso: str) -> str:
        """The access in words, for the pause banner: "Credencial 3 · Escritório Modelo"."""
        return acesso

    def ensaiar(self, palco: Palco, quantas: int) -> "Sequence[NovaOperacao]":
        """About `quantas` intents for the fault harness, with the data they need; the same for the same seed."""
        raise NotImplementedError(f"{self.tipo} brings no factory of pedidos")

    def pela_tela(self, novas: "Sequence[NovaOperacao]") -> Sequence[PelaTela]:
        """How a person asks for these intents of `ensaiar` at the screens. None by default: they are submitted."""
        return ()

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        """Which rows of the sandbox's ledger are the effect of an Operacao; None for a reading, which leaves none."""
        raise NotImplementedError(f"{self.tipo} brings no ledger key")


_registro: dict[str, Handler] = {}


def registrar(cls: type[Handler]) -> type[Handler]:
    """Class decorator: make a handler known by its `tipo`."""
    _registro[cls.tipo] = cls()
    return cls


class Desconhecido(Handler):
    """Stands for a kind that only a newer version of the product knows, while both run beside each other: it can be
    shown, and nothing can be done to it here. The claim leaves its rows to the newer workers."""

    efeito = Efeito.UNICO
    classe = Classe.GRATIS
    servico = ""
    adicional = None
    prova = ""
    onde_conferir = "A versão mais nova do Guichê diz o que procurar: abra esta página quando a atualização terminar."
    nao_aqui = "Esta operação é de uma versão mais nova do Guichê. Espere a atualização terminar e tente de novo."

    def __init__(self, tipo: str) -> None:
        self.tipo = tipo  # type: ignore[misc]
        self.rotulo = f"Operação de uma versão mais nova ({tipo})"  # type: ignore[misc]

    def limites(self, acesso: str) -> tuple[Limite, ...]:
        raise LookupError(self.tipo)

    def preparar(self, operacao: Operacao) -> Any:
        raise LookupError(self.tipo)

    def enviar(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Any:
        raise LookupError(self.tipo)

    def aplicar(self, operacao: Operacao, resposta: Any) -> dict[str, Any]:
        raise LookupError(self.tipo)

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        return {operacao.pk: self.nao_aqui for operacao in operacoes}

    def repetivel(self, grupo: str) -> bool:
        return False


def handler_de(tipo: str) -> Handler:
    return _registro.get(tipo) or Desconhecido(tipo)


def alvos_de(operacoes: "Sequence[Operacao]") -> dict[int, str]:
    """`Handler.alvos` of Operacoes of any kinds."""
    por_tipo: dict[str, list[Operacao]] = {}
    for operacao in operacoes:
        por_tipo.setdefault(operacao.tipo, []).append(operacao)
    return {pk: alvo for tipo, delas in por_tipo.items() for pk, alvo in handler_de(tipo).alvos(delas).items()}


def todos() -> list[Handler]:
    return list(_registro.values())


def nome_do_servico(servico: str) -> str:
    """A circuit's service in words: "Integra Contador"."""
    nomes = (handler.nome_do_servico for handler in todos() if handler.servico == servico)
    return next(filter(None, nomes), servico.replace("_", " ").capitalize())
