"""The transport of Integra Notas: headers, body limit, and what each answer means.

An answer with the envelope is judged by `sucesso` and `codigo` whatever its HTTP status; only one without it (pages of
proxies) is judged by the status.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from nfse.providers.integranotas import envelope as codigos
from nfse.providers.integranotas.envelope import Envelope, abrir
from nfse.providers.integranotas.erros import CorpoGrande, DuvidaComChave, JaExiste
from operacoes.errors import AccessDenied, Alcance, ProviderRefused, ProviderUnavailable
from operacoes.http import Chamadas, Provider, Reply, host_of, retry_after, transport_for
from operacoes.wire import encode_json

# "2 MB" in the official page: taken at its smallest.
CORPO_MAXIMO = 2_000_000

_QUALQUER_STATUS = range(100, 600)


@dataclass(frozen=True)
class AcessoIntegraNotas:
    """What it takes to call the service: host (without version), CA bundle (None: the system's) and a token, of an
    emitente or of the software house. `versao_emissao`: 1 for municipal layouts, 2 for the national one; it concerns
    create, preview and substitute only."""

    base: str
    token: str = field(repr=False)
    ca: Path | None = None
    versao_emissao: int = 1

    def __post_init__(self) -> None:
        if self.versao_emissao not in (1, 2):
            raise ValueError(f"version {self.versao_emissao} of the API is not known")

    def __repr__(self) -> str:
        return f"<AcessoIntegraNotas {host_of(self.base)}>"


@dataclass(frozen=True)
class Chamada:
    """One operation of the API. `o_que` names it in messages ("a emissão"), `bons` are its codes of success (empty:
    any that says `sucesso`), `efeito` that it must never be repeated blindly, `unica` that the service refuses a
    second one with 5008."""

    verbo: str
    rota: str
    o_que: str
    bons: frozenset[int] = frozenset()
    efeito: bool = False
    unica: bool = False
    versao: int = 1
    depois: str = "corrija e repita"


class Gateway(Provider):
    """One token at one host."""

    label = "Integra Notas"

    def __init__(self, acesso: AcessoIntegraNotas) -> None:
        super().__init__(acesso.base, transport=transport_for(None, acesso.ca, host_of(acesso.base)))
        self._acesso = acesso

    def chamar(self, chamada: Chamada, chamadas: Chamadas, corpo: Mapping[str, Any] | None = None) -> Envelope:
        """Make one call; its envelope of success, or an error of the family.

        Raises CorpoGrande before anything is sent.
        """
        if corpo is not None:
            conferir_tamanho(corpo)
        reply = self.request(
            chamada.verbo,
            f"v{chamada.versao}{chamada.rota}",
            chamadas=chamadas,
            repeatable=not chamada.efeito,
            headers={
                "Authorization": self._acesso.token,  # bare, without Bearer
                "Content-Type": "application/json",
                "Accept": "application/json",
            },
            json=corpo,
            accept=_QUALQUER_STATUS,
        )
        with chamadas.veredito(reply.registro):
            envelope = abrir(reply)
            if envelope is None:
                self._sem_envelope(chamada, reply)
            if not _boa(chamada, envelope):
                _recusar(chamada, envelope, reply, chamadas)
        return envelope

    def _sem_envelope(self, chamada: Chamada, reply: Reply) -> NoReturn:
        if reply.status == 429:
            _bloqueada(reply)
        if reply.status == 413:
            raise ProviderRefused(
                "O Integra Notas não recebeu o pedido: passa do tamanho que ele aceita. Diminua os textos ou o "
                "arquivo e repita.",
                codigo="HTTP-413",
                texto=reply.palavras,
                status=413,
            )
        if reply.status in (401, 403):
            _sem_acesso(reply.status, reply.palavras, reply.status)
        if 200 <= reply.status < 300 or (reply.status < 500 and not chamada.efeito):
            # A page of a proxy proves nothing about a note, least of all that there is none.
            ilegivel(chamada, reply.palavras, status=reply.status)
        self._traduzir_status(reply)


def conferir_tamanho(corpo: Mapping[str, Any]) -> int:
    """Bytes of a request's body. Raises CorpoGrande above what the service takes."""
    tamanho = len(encode_json(corpo))
    if tamanho > CORPO_MAXIMO:
        raise CorpoGrande(tamanho, CORPO_MAXIMO)
    return tamanho


def nao_existe(recusa: ProviderRefused) -> bool:
    """Whether a refusal is the service's "there is none"."""
    return str(codigos.NAO_EXISTE) in (recusa.codigo, str(recusa.status))


def ilegivel(chamada: Chamada, texto: str, *, chave: str = "", status: int | None = None) -> NoReturn:
    """An answer of success that cannot be read: a doubt where there may be an effect, else to be asked again."""
    if not chamada.efeito:
        raise ProviderUnavailable(
            f"A resposta do Integra Notas sobre {chamada.o_que} veio ilegível. O Guichê tenta de novo.",
            codigo="RESPOSTA-ILEGIVEL",
            texto=texto,
            status=status,
        )
    raise DuvidaComChave(
        f"A resposta do Integra Notas sobre {chamada.o_que} veio ilegível. O Guichê confere o que aconteceu antes "
        "de repetir.",
        chave=chave,
        codigo="RESPOSTA-ILEGIVEL",
        texto=texto,
        status=status,
    )


def _boa(chamada: Chamada, envelope: Envelope) -> bool:
    if envelope.codigo == codigos.PROCESSANDO:  # accepted, whatever else it says
        return not chamada.bons or codigos.PROCESSANDO in chamada.bons
    if not envelope.sucesso or envelope.codigo >= codigos.SEM_AUTORIDADE:
        return False
    return not chamada.bons or envelope.codigo in chamada.bons


# Refusals known by their codes: what is wrong, for people.
_RECUSAS = {
    codigos.FALTAM_DADOS: "faltam dados, no pedido ou no cadastro do emitente",
    codigos.DADOS_ERRADOS: "há dados inválidos",
    codigos.JA_EXISTE: "já existe",
}


def _recusar(chamada: Chamada, envelope: Envelope, reply: Reply, chamadas: Chamadas) -> NoReturn:
    codigo, palavra = envelope.codigo, _palavra(envelope)
    if codigo == codigos.JA_EXISTE and chamada.unica:
        chamadas.nao_executada(reply.registro)
        raise JaExiste(
            "O Integra Notas já tem uma nota com esta série e este número. O Guichê consulta a chave dela antes de "
            "qualquer outra coisa.",
            chave=envelope.chave,
            **palavra,
        )
    if codigo in _RECUSAS and not envelope.sucesso:
        raise ProviderRefused(
            f"O Integra Notas recusou {chamada.o_que}: {_RECUSAS[codigo]}. Veja as palavras do serviço, "
            f"{chamada.depois}.",
            **palavra,
        )
    if codigo >= codigos.SEM_AUTORIDADE:
        _duvida(chamada, envelope, "a prefeitura não respondeu ao serviço")
    if 429 in (codigo, envelope.status):
        _bloqueada(reply)
    for negado in (401, 403):
        if negado in (codigo, envelope.status):
            _sem_acesso(negado, envelope.palavras, envelope.status)
    if envelope.sucesso or codigo in (codigos.AUTORIZADA, codigos.CANCELADA, codigos.FEITO):
        _duvida(chamada, envelope, "o Guichê não conhece essa resposta")
    if envelope.status >= 500 or 500 <= codigo < 600:
        _duvida(chamada, envelope, "falha do serviço")
    raise ProviderRefused(
        f"O Integra Notas recusou {chamada.o_que}. Veja as palavras do serviço, {chamada.depois}.", **palavra
    )


def _palavra(envelope: Envelope) -> dict[str, Any]:
    return {"codigo": str(envelope.codigo), "texto": envelope.palavras, "status": envelope.status}


def _duvida(chamada: Chamada, envelope: Envelope, motivo: str) -> NoReturn:
    inicio = f"O Integra Notas respondeu {envelope.codigo} sobre {chamada.o_que}: {motivo}."
    if not chamada.efeito:
        raise ProviderUnavailable(f"{inicio} O Guichê tenta de novo.", **_palavra(envelope))
    raise DuvidaComChave(
        f"{inicio} O Guichê confere o que aconteceu antes de repetir.", chave=envelope.chave, **_palavra(envelope)
    )


def _bloqueada(reply: Reply) -> NoReturn:
    """Without a stated wait, whoever keeps the limits knows how long a block lasts."""
    raise ProviderUnavailable(
        "O Integra Notas bloqueou as chamadas por alguns minutos: passaram do limite. O Guichê espera e continua.",
        retry_after=retry_after(reply.headers),
        bloqueio=True,
        codigo="HTTP-429",
        texto=reply.palavras,
        status=reply.status,
    )


_NEGADOS = {
    401: "O Integra Notas não aceitou o token: ele pode ter sido trocado, ou o emitente removido. Informe o token em "
    "vigor.",
    403: "O Integra Notas não deixa este token fazer isto. Confira se é o token do emitente (notas) ou o da software "
    "house (cadastro de emitentes), e se é deste ambiente.",
}


def _sem_acesso(negado: int, texto: str, status: int) -> NoReturn:
    raise AccessDenied(
        _NEGADOS[negado], alcance=Alcance.CREDENCIAL, codigo=f"HTTP-{negado}", texto=texto, status=status
    )
