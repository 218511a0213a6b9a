"""The transport of the national NFS-e: mutual TLS with the empresa's A1, and what each answer means.

There is no token and no log-in: the certificate of the connection says who calls. A refusal counts as one only when it
brings a message with a code or a text: a page of a proxy refuses nothing, and after a sending leaves a doubt.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from nfse.providers.nacional.recados import Classe, Recado, classe_de, em_portugues, ler_recados, sem_caixa
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderRefused, ProviderUnavailable
from operacoes.http import Certificado, Chamadas, Provider, Reply, host_of, retry_after, transport_for
from operacoes.redacao import limpar
from operacoes.wire import parse_json

NOME = "sistema nacional da NFS-e"  # as messages call the service
_QUALQUER_STATUS = range(100, 600)


@dataclass(frozen=True)
class AcessoNacional:
    """What it takes to call the services: one address for each, the certificate, which ambiente they are of, and the CA
    bundle that vouches for them (None: the system's)."""

    sefin: str
    adn: str
    parametros: str
    certificado: Certificado = field(repr=False)
    producao: bool
    ca: Path | None = None


class JaExiste(OutcomeUnknown):
    """The Sefin already has a note of this série and número (E0014) and did nothing now: which one, only a consult by
    the Id of the DPS tells. A member of OutcomeUnknown, so that a caller that does not look asks."""


@dataclass(frozen=True)
class Resposta:
    """An answer: its body with keys in lower case, None when it is not JSON. `o_que` names the call in messages
    ("a emissão"); `efeito` says that it may have changed something there."""

    reply: Reply
    corpo: Any
    o_que: str
    efeito: bool

    @property
    def status(self) -> int:
        return self.reply.status

    @property
    def boa(self) -> bool:
        return 200 <= self.status < 300

    def campo(self, nome: str) -> Any:
        return self.corpo.get(nome) if isinstance(self.corpo, Mapping) else None

    @property
    def palavras(self) -> str:
        """What a person reads of it: the one text of the parameters' refusals, else the start of the body."""
        texto = self.campo("mensagem")
        return limpar(texto)[:500] if isinstance(texto, str) and texto else self.reply.palavras

    @property
    def recados(self) -> tuple[Recado, ...]:
        return ler_recados(self.corpo)


class Gateway(Provider):
    """One service of the national NFS-e, called with one certificate."""

    label = "Sistema nacional da NFS-e"

    def __init__(self, acesso: AcessoNacional, base: str) -> None:
        super().__init__(base, transport=transport_for(acesso.certificado, acesso.ca, host_of(base)))
        self.producao = acesso.producao

    def pedir(
        self,
        metodo: str,
        caminho: str,
        o_que: str,
        chamadas: Chamadas,
        *,
        corpo: Mapping[str, Any] | None = None,
    ) -> Resposta:
        """One call; the caller judges the answer, within `chamadas.veredito` when it sent something."""
        try:
            reply = self.request(
                metodo,
                caminho,
                chamadas=chamadas,
                repeatable=corpo is None,
                headers={"Accept": "application/json"},
                json=corpo,
                accept=_QUALQUER_STATUS,
            )
        except AccessDenied as erro:  # the handshake: the words of the base speak of another kind of certificate
            raise sem_acesso(erro.texto, erro.status, "CERTIFICADO-RECUSADO") from erro
        try:
            lido = sem_caixa(parse_json(reply.content)) if reply.content else None
        except (ValueError, RecursionError):
            lido = None
        return Resposta(reply, lido, o_que, corpo is not None)


def recusar(resposta: Resposta, chamadas: Chamadas, lembrar: Mapping[str, str] | None = None) -> NoReturn:
    """The error of the family that an answer other than the good one means."""
    recados, status = resposta.recados, resposta.status
    if recados and 400 <= status < 500:
        _recusada(resposta, recados, chamadas, lembrar)
    if status == 429:
        raise ProviderUnavailable(
            f"O {NOME} pede menos chamadas por agora. O Guichê espera e continua.",
            retry_after=retry_after(resposta.reply.headers),
            bloqueio=True,
            codigo="HTTP-429",
            texto=resposta.reply.palavras,
            status=status,
        )
    if status in (401, 403):
        raise sem_acesso(resposta.palavras, status, f"HTTP-{status}")
    em_duvida(resposta, f"respondeu {status}", lembrar=lembrar, codigo=f"HTTP-{status}")


def _recusada(
    resposta: Resposta, recados: tuple[Recado, ...], chamadas: Chamadas, lembrar: Mapping[str, str] | None
) -> NoReturn:
    classe, texto = classe_de(recados), "\n".join(recado.palavras for recado in recados)
    codigo = next((r.codigo for r in recados if r.classe is classe and r.codigo), "") or recados[0].codigo
    mensagem = f"O {NOME} não aceitou {resposta.o_que}. {em_portugues(recados)}"
    if classe is Classe.CONCILIAR:
        chamadas.nao_executada(resposta.reply.registro)
        raise JaExiste(mensagem, codigo=codigo, texto=texto, status=resposta.status, lembrar=lembrar)
    if classe is Classe.REPETIR:
        raise ProviderUnavailable(mensagem, codigo=codigo, texto=texto, status=resposta.status)
    if classe is Classe.ACESSO:
        raise AccessDenied(mensagem, alcance=Alcance.CREDENCIAL, codigo=codigo, texto=texto, status=resposta.status)
    raise ProviderRefused(mensagem, codigo=codigo, texto=texto, status=resposta.status)


def sem_acesso(texto: str, status: int | None, codigo: str) -> AccessDenied:
    return AccessDenied(
        f"O {NOME} não aceitou o certificado da empresa. Confira se é o A1 deste CNPJ, da ICP-Brasil e dentro da "
        "validade, e envie-o de novo.",
        alcance=Alcance.CREDENCIAL,
        codigo=codigo,
        texto=texto,
        status=status,
    )


def em_duvida(
    resposta: Resposta, motivo: str, *, lembrar: Mapping[str, str] | None = None, codigo: str = "RESPOSTA-ILEGIVEL"
) -> NoReturn:
    """An answer that proves nothing: after a sending a doubt, otherwise to be asked again."""
    inicio = f"O {NOME}, sobre {resposta.o_que}: {motivo}."
    palavras = resposta.reply.palavras
    if resposta.efeito:
        raise OutcomeUnknown(
            f"{inicio} O Guichê confere o que aconteceu antes de repetir.",
            codigo=codigo,
            texto=palavras,
            status=resposta.status,
            lembrar=lembrar,
        )
    raise ProviderUnavailable(
        f"{inicio} O Guichê tenta de novo.",
        retry_after=retry_after(resposta.reply.headers),
        codigo=codigo,
        texto=palavras,
        status=resposta.status,
    )
