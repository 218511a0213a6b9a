"""What Datasul says when it says no, and what each answer means.

A body of error is one object {code, message, detailedMessage, type}, an object with a list of them in `details`, or a
bare list; `code` may be a number. 400 and 500 may both carry a business error. Source: TOTVS, page of the REST API of
Contas a Pagar, and its API guide.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderRefused
from operacoes.http import Reply
from operacoes.redacao import limpar
from operacoes.wire import parse_json
from pagar.providers.datasul.acesso import Motivo
from pagar.providers.interface import MensagemErp

_TEXTO_MAXIMO = 2000
_MOSTRADAS = 3  # messages of the ERP inside ours; all of them are in `texto`
JA_USADAS = frozenset({Motivo.REFERENCIA_USADA, Motivo.TITULO_EXISTE, Motivo.BORDERO_USADO})


class RecusaErp(ProviderRefused):
    """The ERP refused, and did nothing. `mensagens` are all of its reasons, `motivos` what the known codes among them
    mean (AcessoDatasul.codigos)."""

    def __init__(
        self,
        mensagem: str,
        *,
        mensagens: tuple[MensagemErp, ...],
        motivos: frozenset[Motivo] = frozenset(),
        codigo: str = "",
        texto: str = "",
        status: int | None = None,
    ) -> None:
        super().__init__(mensagem, codigo=codigo, texto=texto, status=status)
        self.mensagens, self.motivos = mensagens, motivos


class JaUsada(RecusaErp):
    """Refused because the reference, a title's key or the number of the borderô is taken: of a first sending, by
    something else; of the identical repeat after a lost answer, by the first sending, which therefore was carried out.
    Other reasons may stand beside (the first sending used up a balance)."""


class ConfiguracaoErrada(AccessDenied):
    """The address, context or path of the ERP is not right: nothing was carried out, and nothing will be until it is
    mended."""


def mensagens_de(corpo: Any, tipo: str = "error") -> tuple[MensagemErp, ...]:
    """The messages of a body of error, in order, without repetitions; empty when it is none. `tipo` for those that do
    not tell theirs."""
    achadas: list[MensagemErp] = []
    for item in corpo if isinstance(corpo, list) else [corpo]:
        if isinstance(item, Mapping):
            campos = {str(nome).casefold(): valor for nome, valor in item.items()}
            achadas += _uma(campos, tipo)
            detalhes = campos.get("details")
            for detalhe in detalhes if isinstance(detalhes, list) else []:
                if isinstance(detalhe, Mapping):
                    achadas += _uma({str(nome).casefold(): valor for nome, valor in detalhe.items()}, tipo)
    return tuple(dict.fromkeys(achadas))


def _uma(campos: Mapping[str, Any], tipo: str) -> list[MensagemErp]:
    codigo, texto, ajuda = (_texto(campos.get(nome)) for nome in ("code", "message", "detailedmessage"))
    proprio = _texto(campos.get("type")).casefold() or tipo
    return [MensagemErp(codigo, texto, ajuda, proprio)] if codigo or texto else []


def _texto(valor: Any) -> str:
    if isinstance(valor, bool) or valor is None:
        return ""
    return limpar(str(valor).strip()) if isinstance(valor, str | int) or hasattr(valor, "as_tuple") else ""


def corpo_de(reply: Reply) -> Any:
    """The JSON of an answer; None when there is none to read."""
    try:
        return parse_json(reply.content)
    except ValueError:
        return None


def recusar(reply: Reply, o_que: str, codigos: Mapping[str, Motivo], mensagens: tuple[MensagemErp, ...]) -> NoReturn:
    """Raise the refusal of an answer, with every message it brought; its bare text when it brought none."""
    textos = [str(mensagem) for mensagem in mensagens]
    motivos = frozenset(codigos[mensagem.codigo] for mensagem in mensagens if mensagem.codigo in codigos)
    classe = JaUsada if motivos & JA_USADAS else RecusaErp
    ditas = " ".join(f"“{mensagem.para_pessoas}”" for mensagem in mensagens[:_MOSTRADAS])
    mais = f" e mais {len(textos) - _MOSTRADAS}" if len(textos) > _MOSTRADAS else ""
    raise classe(
        f"O Datasul recusou ({o_que}){f': {ditas}{mais}' if ditas else f', código {reply.status}'}. "
        "Corrija e envie de novo.",
        mensagens=mensagens,
        motivos=motivos,
        codigo=next((mensagem.codigo for mensagem in mensagens if mensagem.codigo), f"HTTP-{reply.status}")[:80],
        texto="\n".join(textos) or cru(reply),
        status=reply.status,
    )


def cru(reply: Reply) -> str:
    """The start of an answer that is not of the known shapes."""
    return limpar(reply.text[:_TEXTO_MAXIMO])


def negado(reply: Reply) -> NoReturn:
    """401: the user or the password, for everything. 403: this branch or program, for this sending."""
    if reply.status == 401:
        raise AccessDenied(
            "O Datasul não aceitou o usuário e a senha (ou o token). Confira o acesso na conta do ERP.",
            alcance=Alcance.CREDENCIAL,
            codigo="HTTP-401",
            texto=_palavras(reply),
            status=401,
        )
    raise AccessDenied(
        "O usuário do Datasul não tem permissão para este estabelecimento ou programa. Peça o acesso a quem cuida do "
        "ERP e envie de novo.",
        alcance=Alcance.EMPRESA,
        codigo="HTTP-403",
        texto=_palavras(reply),
        status=403,
    )


def configuracao(reply: Reply, caminho: str) -> NoReturn:
    motivos = {
        404: "não conhece este endereço",
        405: "não aceita este método neste endereço",
        415: "não aceitou JSON neste endereço",
    }
    motivo = motivos.get(reply.status, f"mandou procurar em outro endereço (código {reply.status})")
    raise ConfiguracaoErrada(
        f"O Datasul {motivo}: /{caminho}. Confira servidor, contexto e caminhos na conta do ERP. Nada foi feito.",
        alcance=Alcance.CREDENCIAL,
        codigo=f"HTTP-{reply.status}",
        texto=_palavras(reply),
        status=reply.status,
    )


def duvida(reply: Reply, o_que: str, motivo: str, mensagens: tuple[MensagemErp, ...] = ()) -> NoReturn:
    raise OutcomeUnknown(
        f"O Datasul {motivo} ({o_que}). O Guichê confere o que aconteceu antes de repetir.",
        codigo="RESPOSTA-ILEGIVEL" if reply.status < 300 else f"HTTP-{reply.status}",
        texto="\n".join(map(str, mensagens)) or cru(reply),
        status=reply.status,
    )


def _palavras(reply: Reply) -> str:
    return "\n".join(map(str, mensagens_de(corpo_de(reply)))) or cru(reply)
