"""Client of SERPRO's API Integra Contador: the envelope, the tokens and what its messages mean.

The services themselves are functions over it, one module for each system of the catalogue (pgdasd, procuracoes...).
Source: SERPRO, API Integra Contador documentation centre (service catalogue of 3 September 2026).
docs/integra-contador.md tells what is certain, what is not, and what this client does about it.
"""

import binascii
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import InvalidOperation
from typing import Any, NoReturn, Protocol

from credentials.providers.serpro import Acesso, invalidar, tokens
from guias.providers import mensagens as tabela
from guias.providers.catalogo import Servico
from guias.providers.interface import Partes
from guias.providers.mensagens import Destino, Mensagem, Regra
from guias.providers.mensagens.regras import TERMO, TOKEN
from guias.providers.wire import relogio
from operacoes import contrato
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderRefused, ProviderUnavailable
from operacoes.http import Chamadas, Provider, Reply, host_of, transport_for
from operacoes.wire import parse_json

_RENOVACOES = 2
_RECUSAM = frozenset({400, 403, 404})
_CHEGAM = frozenset({200, 202, 204, 304, 400, 401, 403, 404, 500, 503, 504})
_SO_200 = frozenset({200})
_SEM_CORPO = frozenset({204, 304})
TERMO_SEM_PROCURADOR = (
    "O SERPRO pediu o token de um procurador, e este pedido vai sem ele. Confira o autor do pedido na janela API "
    "Integra Contador, e repita."
)

Dados = dict[str, Any] | None


@dataclass(frozen=True)
class Resposta:
    """An answer that was understood: decoded `dados`, messages, the service's own clock when it told it, and what it
    says outside the body (`etag`, without quotes; 204 and 304 have nothing else)."""

    dados: Any
    mensagens: tuple[Mensagem, ...]
    agora: datetime | None
    status: int = 200
    etag: str = ""

    def tem(self, numero: str) -> bool:
        return any(mensagem.numero == numero for mensagem in self.mensagens)

    @property
    def avisos(self) -> tuple[str, ...]:
        """What was told besides, in our words (pt-BR)."""
        regras = (tabela.regra_de(mensagem) for mensagem in self.mensagens)
        return tuple(regra.mensagem for regra in regras if regra and regra.destino is Destino.AVISO and regra.mensagem)


class NadaEncontrado(Exception):
    """A query answered that there is nothing; the text is the service's own. Never leaves guias.providers."""


class Autorizacao(Protocol):
    """What lets the contratante speak for another autor: the token of his signed termo (guias.providers.procurador)."""

    def token(self, cliente: "IntegraContador", partes: Partes, chamadas: Chamadas) -> str: ...

    def esquecer(self, recusado: str) -> None: ...


class IntegraContador(Provider):
    """One access to Integra Contador. `autorizacoes`: by autor other than the contratante, what lets it ask for him."""

    label = "Integra Contador"

    def __init__(self, acesso: Acesso) -> None:
        # Only the token service asks for the certificate.
        super().__init__(acesso.base, transport=transport_for(None, acesso.ca, host_of(acesso.base)))
        self._acesso = acesso
        self.autorizacoes: dict[str, Autorizacao] = {}

    def chamar(
        self,
        servico: Servico,
        partes: Partes,
        dados: Dados,
        chamadas: Chamadas,
        *,
        aceita: Collection[int] = _SO_200,
        tipo: int | None = None,
    ) -> Resposta:
        """Send one request, renewing the tokens when the gateway or the manager did not take them.

        Both refusals come before anything is carried out, so the repeat is safe for every service. Twice, because the
        renewed pair may have been dropped outside while another call was renewing it. `dados` None for a service
        without input; `aceita`: the statuses that are an answer, not a refusal; `tipo` of the contribuinte where it is
        a list (3 CPF, 4 CNPJ).
        Raises NadaEncontrado for a query with nothing to tell, and the error family of operacoes.errors.
        """
        if not servico.em_producao:
            raise ProviderRefused(
                f"O SERPRO não oferece este serviço em produção ({servico.fase}): {servico.descricao}. "
                "Faça-o no portal da Receita.",
                codigo="FORA-DE-PRODUCAO",
                texto=str(servico),
            )
        corpo = _envelope(servico, partes, dados, tipo)
        for _ in range(1 + _RENOVACOES):
            procurador = self._token_do_procurador(servico, partes, chamadas)
            portados = tokens(self._acesso, chamadas)
            reply = self.request(
                "POST",
                servico.rota,
                chamadas=chamadas,
                headers=portados.cabecalhos() | ({"autenticar_procurador_token": procurador} if procurador else {}),
                json=corpo,
                repeatable=servico.repetivel,
                accept=_CHEGAM,
                cobrada=contrato.cobrada if servico.cobrado else None,
                classe=servico.classe,
            )
            reply.registro["incerta"] = reply.status == contrato.INCERTO and servico.cobrado
            with chamadas.veredito(reply.registro):
                resposta = _abrir(servico, reply, aceita)
            if isinstance(resposta, Resposta):
                return resposta
            chamadas.nao_executada(reply.registro)
            regra = resposta
            if regra.destino is not Destino.TERMO:
                invalidar(self._acesso, portados)
            elif procurador:
                self.autorizacoes[partes.autor].esquecer(procurador)
            else:
                raise AccessDenied(
                    TERMO_SEM_PROCURADOR,
                    alcance=Alcance.EMPRESA,
                    codigo=f"HTTP-{reply.status}",
                    texto=reply.palavras,
                    status=reply.status,
                )
        raise AccessDenied(
            regra.dita(servico.sistema),
            alcance=Alcance.EMPRESA if regra.destino is Destino.TERMO else Alcance.CREDENCIAL,
            codigo=f"HTTP-{reply.status}",
            texto=reply.palavras,
            status=reply.status,
        )

    def _token_do_procurador(self, servico: Servico, partes: Partes, chamadas: Chamadas) -> str:
        """Empty when the autor is the contratante, and in the call that fetches the token itself."""
        if partes.autor == partes.contratante or servico.sistema == "AUTENTICAPROCURADOR":
            return ""
        if self._acesso.bearer_publico:  # the trial base takes none
            return ""
        autorizacao = self.autorizacoes.get(partes.autor)
        if autorizacao is None:
            raise AccessDenied(TERMO.mensagem, alcance=Alcance.EMPRESA, codigo="SEM-TERMO")
        return autorizacao.token(self, partes, chamadas)


def tipo_de(documento: str) -> int:
    """1 for a CPF, 2 for a CNPJ."""
    return 1 if len(documento) == 11 else 2


def _envelope(servico: Servico, partes: Partes, dados: Dados, tipo: int | None) -> dict[str, Any]:
    def parte(documento: str, tipo: int | None = None) -> dict[str, Any]:
        return {"numero": documento, "tipo": tipo or tipo_de(documento)}

    return {
        "contratante": parte(partes.contratante),
        "autorPedidoDados": parte(partes.autor),
        "contribuinte": parte(partes.contribuinte, tipo),
        "pedidoDados": {
            "idSistema": servico.sistema,
            "idServico": servico.servico,
            "versaoSistema": servico.versao,
            "dados": "" if dados is None else json.dumps(dados, ensure_ascii=False),
        },
    }


def _abrir(servico: Servico, reply: Reply, aceita: Collection[int]) -> Resposta | Regra:
    """Understand an answer, or raise; the rule of the tokens that were not taken, when nothing was carried out for
    want of them."""
    etag = reply.headers.get("etag", "").removeprefix("W/").strip('"')
    if reply.status in _SEM_CORPO and reply.status in aceita:
        return Resposta(None, (), None, reply.status, etag)
    envelope = _json_ou_nada(reply)
    lidas = tuple(tabela.ler(item) for item in envelope.get("mensagens") or []) if envelope else ()
    conhecidas = [(mensagem, regra) for mensagem in lidas if (regra := tabela.regra_de(mensagem)) is not None]
    regras = [(mensagem, regra) for mensagem, regra in conhecidas if regra.destino is not Destino.AVISO]
    apontada = any(mensagem.aponta for mensagem in lidas) and not conhecidas  # at a message that nobody knows
    if reply.status == 401 and not regras:  # the gateway's; a system that denies with a 401 has a code of its own
        return TOKEN
    for _, regra in regras:
        if regra.destino in (Destino.REAUTENTICAR, Destino.TERMO):
            return regra
    if reply.status not in aceita or any(mensagem.ruim for mensagem in lidas) or regras or apontada:
        _recusar(servico, reply, lidas, regras)
    with lendo(servico):
        if envelope is None:
            raise ValueError("not an envelope")
        dados = envelope.get("dados")
        decodificado = parse_json(dados) if isinstance(dados, str) and dados else dados
        return Resposta(decodificado, lidas, relogio(envelope.get("responseDateTime")), reply.status, etag)


def _json_ou_nada(reply: Reply) -> dict[str, Any] | None:
    try:
        lido = parse_json(reply.content)
    except ValueError:
        return None
    return lido if isinstance(lido, dict) else None


def _recusar(
    servico: Servico, reply: Reply, lidas: tuple[Mensagem, ...], regras: list[tuple[Mensagem, Regra]]
) -> NoReturn:
    """Raise what the messages mean; all of the service's words travel with the error."""
    # A rule that says no is worth more than a notice that came along with it.
    decisiva = next(((m, r) for m, r in regras if m.ruim), regras[0] if regras else None)
    palavras = _palavras(lidas) or reply.palavras
    if decisiva is None:
        estranhas = [m.codigo for m in lidas if not m.aponta and m.tipo != "sucesso"]
        codigo = next((m.codigo for m in lidas if m.ruim), estranhas[-1] if estranhas else str(reply.status))
        negada = reply.status in _RECUSAM and any(m.nega for m in lidas) and not any(m.falha for m in lidas)
        _desconhecida(servico, reply.status, codigo, palavras, negada=negada)
    mensagem, regra = decisiva
    palavra: dict[str, Any] = {"codigo": mensagem.codigo, "texto": palavras, "status": reply.status}
    dita = regra.dita(servico.sistema)
    match regra.destino:
        case Destino.NADA if servico.repetivel:
            raise NadaEncontrado(palavras)
        case Destino.RECUSADA | Destino.NADA:
            raise ProviderRefused(dita, **palavra)
        case Destino.EMPRESA:
            raise AccessDenied(dita, alcance=Alcance.EMPRESA, **palavra)
        case Destino.CREDENCIAL:
            raise AccessDenied(dita, alcance=Alcance.CREDENCIAL, **palavra)
        case Destino.SERVICO:
            raise AccessDenied(dita, alcance=Alcance.SERVICO, **palavra)
        case Destino.INDISPONIVEL:
            raise ProviderUnavailable(dita, **palavra)
        case _:
            if servico.repetivel:
                raise ProviderUnavailable(dita, **palavra)
            raise OutcomeUnknown(dita, **palavra)


def _palavras(lidas: tuple[Mensagem, ...]) -> str:
    """The texts of the service; with their codes where there are several, since the error carries only one code."""
    if len(lidas) == 1 and lidas[0].texto:
        return lidas[0].texto
    return "\n".join(f"{m.codigo}: {m.texto}".strip(": ") for m in lidas)


def _desconhecida(servico: Servico, status: int, codigo: str, palavras: str, *, negada: bool) -> NoReturn:
    """An answer no rule speaks of: never taken for success, and for proof that nothing happened only when it says so
    itself (`negada`)."""
    palavra: dict[str, Any] = {"codigo": codigo, "texto": palavras, "status": status}
    if not servico.repetivel and not negada:
        raise OutcomeUnknown(
            f"O SERPRO respondeu {codigo}, que o Guichê não conhece. Ele confere o que aconteceu antes de repetir.",
            **palavra,
        )
    if status >= 500:
        raise ProviderUnavailable("O SERPRO está com problemas. O Guichê tenta de novo.", **palavra)
    raise ProviderRefused("O SERPRO recusou o pedido. Veja as palavras do serviço, corrija e repita.", **palavra)


@contextmanager
def lendo(servico: Servico) -> Iterator[None]:
    """An answer of success in another shape than known: a reading may be repeated, an effect is in doubt."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, InvalidOperation, binascii.Error) as erro:
        texto = f"{servico}: {type(erro).__name__}: {str(erro)[:200]}"
        if servico.repetivel:
            raise ProviderUnavailable(
                "A resposta do SERPRO veio ilegível. O Guichê tenta de novo.", texto=texto
            ) from erro
        raise OutcomeUnknown(
            "A resposta do SERPRO veio ilegível. O Guichê confere o que aconteceu antes de repetir.", texto=texto
        ) from erro
