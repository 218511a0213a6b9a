"""An effect of the sandbox that may happen once only, with the waits of the engine shortened to seconds.

`python -m tests.redes.envio preparar FILE N` declares N companies at the sandbox and submits the drawing of their DAS;
`... trabalhar FILE` is a worker. FILE keeps the addresses and the log-in.
"""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

PA = 202610
LIMITE = (9, 3.0)  # calls in seconds that the service allows for the effect; the hosts together keep to two thirds


def _registrar(dito: dict[str, Any]) -> None:
    from operacoes.handlers import Aconteceu, Conferencia, Handler, Limite, NaoAconteceu, registrar
    from operacoes.http import Chamadas, Provider, host_of, transport_for
    from operacoes.models import Classe, Efeito, Operacao

    class Das(Handler):
        tipo = "teste.das"
        rotulo = "DAS uma vez só"
        efeito = Efeito.UNICO
        classe = Classe.EMISSAO
        servico = "rede"
        prazo_total = timedelta(seconds=4)
        demora_maxima = timedelta(seconds=3)

        def limites(self, acesso: str) -> tuple[Limite, ...]:
            return (Limite("rede", LIMITE[0] * 2 // 3, timedelta(seconds=LIMITE[1])),)

        def preparar(self, operacao: Operacao) -> None:
            return None

        def _chamar(self, rota: str, corpo: dict[str, Any], chamadas: Chamadas, *, repetivel: bool) -> str:
            cliente = Provider(dito["base"], transport=transport_for(None, Path(dito["ca"]), host_of(dito["base"])))
            resposta = cliente.request(
                "POST", rota, chamadas=chamadas, repeatable=repetivel, headers=dito["tokens"], json=corpo
            )
            return str(resposta.json()["dados"])

        def enviar(self, pedido: dict[str, Any], sessao: None, chamadas: Chamadas) -> str:
            self._chamar("Emitir", pedido["das"], chamadas, repetivel=False)
            return ""

        def conferir(self, pedido: dict[str, Any], sessao: None, chamadas: Chamadas) -> Conferencia:
            dados = self._chamar("Consultar", pedido["consulta"], chamadas, repetivel=True)
            return Aconteceu("") if '"numeroDas"' in dados else NaoAconteceu()

        def aplicar(self, operacao: Operacao, resposta: str) -> dict[str, Any]:
            return {}

    registrar(Das)


def _preparar(arquivo: Path, quantas: int) -> None:
    from operacoes.motor import NovaOperacao, submeter
    from tests.sandbox.integra import Cliente, cnpj, contexto_tls
    from tests.sandbox_fixture import Controle, SandboxVivo

    pasta = arquivo.parent / "sandbox"
    enderecos = json.loads((pasta / "enderecos.json").read_text())
    sandbox = SandboxVivo(enderecos, Controle(enderecos["controle"]), Path(enderecos["ca"]), pasta)
    contratante = sandbox.controle.contratantes()[0]
    pfx = sandbox.controle.a1(contratante["cnpj"])
    cliente = Cliente(sandbox, contratante, contexto_tls(sandbox.ca, pfx, contratante["senha"], arquivo.parent))
    cliente.autenticar()
    base = enderecos["integra_contador"]["producao"].replace("127.0.0.1", "localhost")
    dito = {"base": base, "ca": enderecos["ca"], "tokens": cliente.tokens}
    arquivo.write_text(json.dumps(dito))
    _registrar(dito)
    novas = []
    for numero in range(1, quantas + 1):
        documento = cnpj(numero)
        cliente.transmitir(documento, PA).raise_for_status()
        pedido = {
            "das": cliente.envelope(documento, "GERARDAS12", {"periodoApuracao": str(PA)}),
            "consulta": cliente.envelope(documento, "CONSDECLARACAO13", {"periodoApuracao": str(PA)}),
        }
        novas.append(NovaOperacao(tipo="teste.das", chave=documento, pedido=pedido, acesso="rede"))
    estrito = {"nome": "das", "operacao": "GERARDAS12", "quantidade": LIMITE[0], "segundos": LIMITE[1]}
    sandbox.controle.ajustes(latencia_ms=1200, limites=[estrito])
    submeter(novas, usuario=None)


def _trabalhar(arquivo: Path) -> None:
    from django.core.management import call_command

    _registrar(json.loads(arquivo.read_text()))
    call_command("trabalhador", threads=3)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    if sys.argv[1] == "preparar":
        _preparar(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        _trabalhar(Path(sys.argv[2]))
