"""One call to SISGENF-e, and the pages of a query: what is sent around the body, and what each answer means.

Source: Systema Informática, API SISGENF-e 1.1. It documents no error: a 4xx is taken as "not carried out", whatever its
body; the text of a body {status, mensagem, campo} is quoted, any other body is quoted raw.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from nfse.providers.sisgenfe.acesso import (
    LABEL,
    QUALQUER,
    AcessoSisgenfe,
    aceita,
    campo_do_erro,
    invalidar,
    palavras,
    recusada,
    sem_segredos,
    token_de,
)
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderRefused, ProviderUnavailable
from operacoes.http import Chamadas, Provider, Reply, host_of, transport_for

LIMITE = 100  # elements asked for in one page
LIMITE_DOCUMENTADO = 10  # what the documentation's examples ask for
_PASSADAS = 8  # over a list whose pages come in another order each time


_RECUSAS_DO_LIMITE = ("HTTP-400", "HTTP-400:limit")
CANCELAMENTO_JA_PEDIDO = "CANCELAMENTO-JA-PEDIDO"

type Onde = Mapping[str, Mapping[str, str | int]]  # {"eq" or "ge": {dotted field: value}}, all of it true at once


@dataclass(frozen=True)
class Servico:
    """`alcance` is what a missing `permissao` stops: the prestador, unless only this one order needs it."""

    rota: str
    permissao: str
    rotulo: str  # pt-BR, as in "recusou a nota"
    verbo: str = "POST"
    repetivel: bool = True
    alcance: Alcance = Alcance.CREDENCIAL


TOMADOR = Servico("tomador", "wsIncluirTomador ou wsAlterarTomador", "o cadastro do tomador")
NFS = Servico("nfs", "wsIncluirNota", "a nota", repetivel=False)
CORRIGE = Servico("nfs/corrige", "wsIncluirCorrecao", "a carta de correção", repetivel=False, alcance=Alcance.EMPRESA)
CANCELA = Servico(
    "nfs/cancela", "wsIncluirCancelamento", "o pedido de cancelamento", repetivel=False, alcance=Alcance.EMPRESA
)
CNAE = Servico("cnae", "wsListaAtividade", "a lista de atividades", verbo="GET")
TOMADORES = Servico("tomador/query", "wsListaTomador", "a consulta de tomadores")
NOTAS = Servico("nfs/query", "wsListaNota", "a consulta de notas")
CNAES = Servico("cnae/query", "wsListaCnae", "a consulta de CNAE")
MUNICIPIOS = Servico("municipio/query", "wsListaMunicipio", "a consulta de municípios")
UNIDADES = Servico("unidade/query", "wsListaUnidadeMedida", "a consulta de unidades de medida")


@dataclass(frozen=True)
class Leitura[T]:
    """What the pages of a query brought, without repetitions. `completa` only when nothing can have been missed."""

    itens: list[T]
    completa: bool


class Ligacao(Provider):
    """One prestador's line to the service."""

    label = LABEL

    def __init__(self, acesso: AcessoSisgenfe) -> None:
        super().__init__(acesso.base, transport=transport_for(None, acesso.ca, host_of(acesso.base)))
        self._acesso = acesso
        self._limite = LIMITE

    def paginas[T](
        self,
        servico: Servico,
        onde: Onde,
        ler: Callable[[Any], T],
        identidade: Callable[[T], Hashable],
        chamadas: Chamadas,
        *,
        ate_vazia: bool = False,
    ) -> Leitura[T]:
        """Everything a query has, page by page until a short one (an empty one with `ate_vazia`).

        The order between pages is not documented. As many different elements as rows means that none was missed; fewer,
        that pages overlapped, and the list is read again for the others while that brings any.
        """
        achados: dict[Hashable, T] = {}
        for _ in range(_PASSADAS):
            antes, linhas = len(achados), 0
            while True:
                pagina = self.pagina(servico, onde, linhas, chamadas, ler)
                sabidos = len(achados)
                achados.update((identidade(item), item) for item in pagina)
                linhas += len(pagina)
                curta = not pagina or (len(pagina) < self._limite and not ate_vazia)
                if curta or len(achados) == sabidos:
                    break
            if curta and len(achados) >= linhas:
                return Leitura(list(achados.values()), completa=True)
            if len(achados) == antes:
                break
        return Leitura(list(achados.values()), completa=False)

    def pagina[T](
        self, servico: Servico, onde: Onde, offset: int, chamadas: Chamadas, ler: Callable[[Any], T]
    ) -> list[T]:
        """The highest `limit` is not documented: a service that refuses ours is asked for that of its examples."""
        corpo = {"limit": self._limite, "offset": offset} | ({"where": onde} if onde else {})
        try:
            return self.chamar(servico, corpo, chamadas, lambda dados: [ler(item) for item in lista(dados)])
        except ProviderRefused as erro:
            if self._limite == LIMITE_DOCUMENTADO or erro.codigo not in _RECUSAS_DO_LIMITE:
                raise
        self._limite = LIMITE_DOCUMENTADO
        return self.pagina(servico, onde, offset, chamadas, ler)

    # -- one call ------------------------------------------------------------------------------------------------------
    def chamar[T](self, servico: Servico, corpo: Any, chamadas: Chamadas, ler: Callable[[Any], T]) -> T:
        """Send, logging in again once when the token is not taken: nothing was carried out then."""
        for _ in range(2):
            token = token_de(self._acesso, chamadas)
            veio = self.request(
                servico.verbo,
                servico.rota,
                chamadas=chamadas,
                headers={"Authorization": f"Bearer {token.valor}", "Content-Type": "application/json"},
                json=corpo,
                repeatable=servico.repetivel,
                accept=QUALQUER,
            )
            reply = sem_segredos(veio, token.valor)
            if reply.status != 401:
                with chamadas.veredito(reply.registro):
                    return self._abrir(servico, reply, ler)
            chamadas.nao_executada(reply.registro)
            invalidar(self._acesso, token)
        raise AccessDenied(
            "O SISGENF-e não aceitou o acesso mesmo depois de um novo login. Confira o usuário e a senha do prestador.",
            alcance=Alcance.CREDENCIAL,
            codigo="HTTP-401",
            texto=palavras(reply),
            status=401,
        )

    def _abrir[T](self, servico: Servico, reply: Reply, ler: Callable[[Any], T]) -> T:
        if recusada(reply):
            _recusar(servico, reply)
        if not aceita(reply):
            self._traduzir_status(reply)
        with _lendo(servico, reply):
            return ler(reply.json())


def _recusar(servico: Servico, reply: Reply) -> NoReturn:
    campo, texto, status = campo_do_erro(reply, "campo"), palavras(reply), reply.status
    if status == 403:
        raise AccessDenied(
            f"O SISGENF-e negou {servico.rotulo}: peça à prefeitura a permissão {servico.permissao} para o usuário do "
            "prestador.",
            alcance=servico.alcance,
            codigo=f"HTTP-403:{servico.permissao}",
            texto=texto,
            status=status,
        )
    if status == 409 and servico is CANCELA:
        raise ProviderRefused(
            "O cancelamento desta nota já foi pedido, e o SISGENF-e só aceita um pedido por nota. Acompanhe na "
            "prefeitura.",
            codigo=CANCELAMENTO_JA_PEDIDO,
            texto=texto,
            status=status,
        )
    onde = f" (campo {campo})" if campo else ""
    raise ProviderRefused(
        f"O SISGENF-e recusou {servico.rotulo}{onde}. Veja as palavras do serviço, corrija e repita.",
        codigo=f"HTTP-{status}{':' if campo else ''}{_sem_posicao(campo)}"[:80],
        texto=texto,
        status=status,
    )


def _sem_posicao(campo: str) -> str:
    """Which field, whichever item of the note: refusals of one kind are one group."""
    return re.sub(r"\[\d+\]|\.\d+(?=\.|$)", "[]", campo)


@contextmanager
def _lendo(servico: Servico, reply: Reply) -> Iterator[None]:
    """An accepted answer in another shape than known: a reading may be repeated, an effect is in doubt."""
    try:
        yield
    except (ProviderUnavailable, OutcomeUnknown, KeyError, TypeError, ValueError, AttributeError) as erro:
        classe, depois = (
            (ProviderUnavailable, "O Guichê tenta de novo.")
            if servico.repetivel
            else (OutcomeUnknown, "O Guichê confere o que aconteceu antes de repetir.")
        )
        raise classe(
            f"A resposta do SISGENF-e sobre {servico.rotulo} veio ilegível. {depois}",
            codigo="RESPOSTA-ILEGIVEL",
            texto=reply.palavras,
            status=reply.status,
        ) from erro


def lista(dados: Any) -> list[Any]:
    if not isinstance(dados, list):
        raise TypeError("expected an array")
    return dados


def inteira[T](lida: Leitura[T]) -> list[T]:
    if not lida.completa:
        raise sem_fim()
    return lida.itens


def sem_fim() -> ProviderUnavailable:
    return ProviderUnavailable(
        "O SISGENF-e não entregou a lista inteira. O Guichê tenta de novo.", codigo="LISTA-INCOMPLETA"
    )
