"""A reading of the sandbox under rate limits of token and document, for workers of tests.operacoes.frota."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from operacoes.handlers import Handler, Limite, registrar
from operacoes.http import Chamadas, Provider, host_of, transport_for
from operacoes.models import Classe, Efeito, Operacao
from operacoes.motor import NovaOperacao

VARIAVEL = "TESTE_LIMITADO"  # JSON: base, ca, tokens (headers by access) and limites (by access)


@registrar
class Limitado(Handler):
    tipo = "teste.limitado"
    rotulo = "Leitura limitada"
    efeito = Efeito.DOCUMENTO
    classe = Classe.GRATIS
    servico = "limitado"
    prova = ""
    onde_conferir = "Uma leitura não deixa nada no serviço: não há o que procurar lá."
    prazo_total = timedelta(seconds=60)

    def limites(self, acesso: str) -> tuple[Limite, ...]:
        return tuple(_limite(*limite) for limite in _dito()["limites"][acesso])

    def limites_do_pedido(self, pedido: Mapping[str, Any], acesso: str) -> tuple[Limite, ...]:
        if not (limite := _dito()["por_documento"]):
            return ()
        return (_limite(f"doc:{acesso}:{pedido['corpo']['contribuinte']['numero']}", *limite),)

    def preparar(self, operacao: Operacao) -> dict[str, str]:
        return dict(_dito()["tokens"][operacao.acesso])

    def enviar(self, pedido: dict[str, Any], sessao: dict[str, str], chamadas: Chamadas) -> int:
        base = _dito()["base"]
        cliente = Provider(base, transport=transport_for(None, Path(_dito()["ca"]), host_of(base)))
        resposta = cliente.request(
            "POST", "Consultar", chamadas=chamadas, repeatable=True, headers=sessao, json=pedido["corpo"]
        )
        return resposta.status

    def aplicar(self, operacao: Operacao, resposta: int) -> dict[str, Any]:
        return {"status": resposta}


def _limite(balde: str, quantidade: int, segundos: float) -> Limite:
    return Limite(balde, quantidade, timedelta(seconds=segundos))


def _dito() -> dict[str, Any]:
    return dict(json.loads(os.environ[VARIAVEL]))


def leitura(chave: str, acesso: str, corpo: dict[str, Any]) -> NovaOperacao:
    return NovaOperacao(tipo=Limitado.tipo, chave=chave, pedido={"corpo": corpo}, acesso=acesso)


def maximo_na_janela(instantes: Sequence[float], segundos: float) -> int:
    """The most calls that any window of so many seconds holds."""
    ordem = sorted(instantes)
    return max((sum(inicio <= outro < inicio + segundos for outro in ordem) for inicio in ordem), default=0)
