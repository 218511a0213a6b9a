"""The calls of Contas a Pagar: what is sent, and which error of the family each answer is.

No idempotency key and no way to read a title back: what settles a lost answer is the identical repeat, which the ERP
refuses when the reference or the title's key is taken (erros.JaUsada).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlencode

from operacoes.errors import ProviderError, ProviderRefused, ProviderUnavailable
from operacoes.http import Chamadas, Provider, Reply, host_of, transport_for
from pagar.providers import regras
from pagar.providers.datasul import erros, leitura
from pagar.providers.datasul.acesso import AcessoDatasul
from pagar.providers.datasul.corpo import codificar, montar
from pagar.providers.interface import (
    Antecipacao,
    Atualizacao,
    Corpo,
    Estorno,
    ImpostoListado,
    LotePagamento,
    LoteTitulos,
    MensagemErp,
    Resultado,
)

CORPO_MAXIMO = 5 * 1024 * 1024
_QUALQUER_STATUS = range(100, 600)
# Resend-there answers: the server did not take the request. 302 and 303 may follow something done.
_OUTRO_ENDERECO = (301, 307, 308)
_CONFIGURACAO = (404, 405, 415, *_OUTRO_ENDERECO)
_TRADUZIDOS_PELA_BASE = (408, 429)


@dataclass(frozen=True)
class _Escrita:
    verbo: str
    caminho: str  # field of Caminhos


_LOTE = _Escrita("POST", "lote")
_ANTECIPACAO = _Escrita("POST", "antecipacao")
_PAGAMENTO = _Escrita("POST", "pagamento")
_ESTORNO = _Escrita("PUT", "estorno")
_ATUALIZACAO = _Escrita("PUT", "atualizacao")


class Datasul(Provider):
    """One ERP (interface.ContasAPagar). Every write raises DadosInvalidos before anything is sent, or the error family:
    RecusaErp with all the ERP's messages (JaUsada among them), AccessDenied, ConfiguracaoErrada, ProviderUnavailable
    when nothing left, OutcomeUnknown when the answer was lost or proves nothing."""

    label = "Datasul"

    def __init__(self, acesso: AcessoDatasul) -> None:
        super().__init__(acesso.base, transport=transport_for(None, acesso.ca, host_of(acesso.base)))
        self._acesso = acesso

    def implantar(self, lote: LoteTitulos, *, chamadas: Chamadas) -> Resultado:
        return self._escrever(_LOTE, lote, chamadas)

    def antecipar(self, antecipacao: Antecipacao, *, chamadas: Chamadas) -> Resultado:
        return self._escrever(_ANTECIPACAO, antecipacao, chamadas)

    def pagar(self, lote: LotePagamento, *, chamadas: Chamadas, repete: bool = False) -> Resultado:
        """With `parcial` the good items are kept, so that no error of the ERP says that nothing was done: all are
        doubts, but for those of a request that `repete` an earlier one, which would have taken its reference."""
        return self._escrever(_PAGAMENTO, lote, chamadas, parcial=lote.parcial and not repete)

    def estornar(self, estorno: Estorno, *, chamadas: Chamadas) -> Resultado:
        return self._escrever(_ESTORNO, estorno, chamadas)

    def atualizar(self, atualizacao: Atualizacao, *, chamadas: Chamadas) -> Resultado:
        return self._escrever(_ATUALIZACAO, atualizacao, chamadas)

    def impostos(
        self, id_pagamento: int, *, chamadas: Chamadas, ordem: str = "", filtros: Mapping[str, str] | None = None
    ) -> tuple[ImpostoListado, ...]:
        """The taxes linked to a title or payment, page by page to the end. `ordem` as the ERP reads it (fields between
        commas, "-" in front for descending), `filtros` by the ERP's names of the fields.

        Raises ProviderRefused above the limit of pages, ProviderUnavailable for pages that do not add up.
        """
        achados: list[ImpostoListado] = []
        for numero in range(1, self._acesso.paginas_maximas + 1):
            pedido = {"page": str(numero), "pageSize": str(self._acesso.por_pagina)} | (
                {"order": ordem} if ordem else {}
            )
            itens, ha_mais, total = self._pagina(id_pagamento, pedido | dict(filtros or {}), chamadas)
            achados += itens
            if not ha_mais:
                if total not in (None, len(achados)):
                    raise _lista_incompleta(f"{len(achados)} de {total}")
                return tuple(achados)
            if not itens:
                raise _lista_incompleta("uma página vazia que diz ter mais")
        raise ProviderRefused(
            f"A listagem de impostos passa de {self._acesso.paginas_maximas} páginas. Use um filtro, ou aumente o "
            "limite de páginas na conta do ERP.",
            codigo="LISTA-LONGA",
        )

    # -- one write -----------------------------------------------------------------------------------------------------
    def _escrever(self, escrita: _Escrita, corpo: Corpo, chamadas: Chamadas, *, parcial: bool = False) -> Resultado:
        regras.conferir(corpo, self._acesso.formato)
        conteudo = codificar(montar(corpo, self._acesso.formato))
        if len(conteudo) > CORPO_MAXIMO:
            raise ProviderRefused(
                f"Nada foi enviado ao Datasul ({corpo.NOME}): o envio passa de 5 MB. Divida em envios menores.",
                codigo="CORPO-GRANDE",
            )
        caminho = self._acesso.caminho(escrita.caminho)
        reply = self._chamar(escrita.verbo, caminho, chamadas, conteudo)
        with chamadas.veredito(reply.registro):
            return self._julgar(reply, corpo.NOME, caminho, parcial)

    def _julgar(self, reply: Reply, o_que: str, caminho: str, parcial: bool) -> Resultado:
        corpo = erros.corpo_de(reply)
        if 200 <= reply.status < 300:
            return self._aceita(reply, corpo, o_que, parcial)
        mensagens = erros.mensagens_de(corpo)
        if reply.status in (401, 403):
            erros.negado(reply)
        if reply.status in _CONFIGURACAO:
            erros.configuracao(reply, caminho)
        if reply.status in _TRADUZIDOS_PELA_BASE:
            self._traduzir_status(reply)
        # A code that is the status again is the server's, not a message of the ERP.
        do_erp = any(item.codigo not in ("", str(reply.status)) and item.texto for item in mensagens)
        if 400 <= reply.status < 500 or (reply.status == 500 and do_erp):
            self._recusar(reply, o_que, mensagens, parcial)
        erros.duvida(reply, o_que, f"falhou depois do envio, com o código {reply.status}", mensagens)

    def _aceita(self, reply: Reply, corpo: Any, o_que: str, parcial: bool) -> Resultado:
        """Any 2xx is done, with or without a body; a body that says error is not, and one that is no JSON (the log-in
        page of a portal) proves nothing."""
        if reply.content.strip() and corpo is None and reply.content.strip() != b"null":
            erros.duvida(reply, o_que, "respondeu com um texto que não se consegue ler")
        if leitura.tipo_de(corpo) == "error":
            self._recusar(reply, o_que, erros.mensagens_de(corpo), parcial)
        return leitura.resultado(corpo)

    def _recusar(self, reply: Reply, o_que: str, mensagens: tuple[MensagemErp, ...], parcial: bool) -> NoReturn:
        if parcial:
            erros.duvida(reply, o_que, "recusou uma parte e pode ter aceito outra", mensagens)
        erros.recusar(reply, o_que, self._acesso.codigos, mensagens)

    # -- the listing ---------------------------------------------------------------------------------------------------
    def _pagina(
        self, id_pagamento: int, pedido: Mapping[str, str], chamadas: Chamadas
    ) -> tuple[list[ImpostoListado], bool, int | None]:
        caminho = self._acesso.caminho_dos_impostos(id_pagamento)
        reply = self._chamar("GET", f"{caminho}?{urlencode(pedido)}", chamadas)
        mensagens = erros.mensagens_de(erros.corpo_de(reply))
        if reply.status in (401, 403):
            erros.negado(reply)
        if reply.status in (404, 405):
            raise ProviderRefused(
                f"O Datasul não tem a listagem de impostos em /{caminho}. Confira o caminho dela na conta do ERP.",
                codigo=f"HTTP-{reply.status}",
                texto="\n".join(map(str, mensagens)) or erros.cru(reply),
                status=reply.status,
            )
        business = reply.status in (400, 500) and any(item.codigo and item.texto for item in mensagens)
        if business or (reply.status < 300 and leitura.tipo_de(erros.corpo_de(reply)) == "error"):
            erros.recusar(reply, "listagem de impostos", self._acesso.codigos, mensagens)
        if not 200 <= reply.status < 300:
            self._traduzir_status(reply)
        try:
            return leitura.pagina(reply.json())
        except (ProviderError, KeyError, TypeError, ValueError) as erro:
            raise ProviderUnavailable(
                "A listagem de impostos do Datasul veio ilegível. Tente de novo em alguns minutos.",
                codigo="RESPOSTA-ILEGIVEL",
                texto=erros.cru(reply),
                status=reply.status,
            ) from erro

    # -- one call ------------------------------------------------------------------------------------------------------
    def _chamar(self, verbo: str, caminho: str, chamadas: Chamadas, conteudo: bytes | None = None) -> Reply:
        cabecalhos = {
            "Authorization": self._acesso.autorizacao,
            "Accept": "application/json",
            "Accept-Language": self._acesso.idioma,
        }
        if conteudo is not None:
            cabecalhos["Content-Type"] = "application/json"
        reply = self.request(
            verbo,
            caminho,
            chamadas=chamadas,
            repeatable=conteudo is None,
            headers=cabecalhos,
            content=conteudo,
            accept=_QUALQUER_STATUS,
        )
        return self._acesso.sem_segredos(reply)


def _lista_incompleta(o_que_veio: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"O Datasul não entregou a listagem inteira de impostos ({o_que_veio}). Tente de novo em alguns minutos.",
        codigo="LISTA-INCOMPLETA",
    )
