"""The kind of effect that the responder of this folder offers: everything the engine does, and nothing of a domain."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from operacoes.handlers import Aconteceu, Conferencia, Handler, Limite, NaoAconteceu, registrar
from operacoes.http import Chamadas, Provider, host_of, transport_for
from operacoes.models import Classe, Efeito, Operacao

TIPO, ACESSO = "bench.instantaneo", "bench:1"


class Instantaneo(Provider):
    label = "Serviço instantâneo"

    def fazer(self, chave: str, pedido: dict[str, Any], chamadas: Chamadas) -> Any:
        resposta = self.request(
            "POST", f"efeitos/{chave}", chamadas=chamadas, repeatable=False, json=pedido, cobrada=lambda s: s == 200
        )
        return resposta.json()

    def procurar(self, chave: str, chamadas: Chamadas) -> Any:
        return self.request("GET", f"efeitos/{chave}", chamadas=chamadas, repeatable=True).json()


@registrar
class EfeitoInstantaneo(Handler):
    tipo = TIPO
    rotulo = "Efeito instantâneo"
    efeito = Efeito.UNICO
    classe = Classe.DECLARACAO
    servico = "bench"
    prazo_total = timedelta(seconds=10)
    demora_maxima = timedelta(seconds=5)

    def limites(self, acesso: str) -> tuple[Limite, ...]:
        return (Limite(f"bench:{acesso}", 100_000, timedelta(seconds=1), rajada=100_000),)

    def preparar(self, operacao: Operacao) -> Instantaneo:
        url, ca = os.environ["BENCH_URL"], Path(os.environ["BENCH_CA"])
        return Instantaneo(url, transport=transport_for(None, ca, host_of(url)))

    def enviar(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Any:
        return sessao.fazer(pedido["chave"], pedido, chamadas)

    def conferir(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Conferencia:
        achado = sessao.procurar(pedido["chave"], chamadas)
        return Aconteceu(achado) if achado["numero"] else NaoAconteceu()

    def aplicar(self, operacao: Operacao, resposta: Any) -> dict[str, Any]:
        return {"numero": resposta["numero"]}
