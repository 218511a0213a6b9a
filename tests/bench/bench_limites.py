"""How much of a configured rate eight workers on two hosts use while there is work, by the sandbox's own record.

Four accesses at once, each with its limit: the three of a service that counts strictly (57, 4.5 and 1.7 a minute) and
600 a minute. The reference is the time that the same calls take at exactly the configured pace.
"""

import json
import os
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from operacoes.motor import submeter
from tests.operacoes import limitado
from tests.operacoes.frota import frota
from tests.sandbox.integra import Cliente, cnpj, contexto_tls
from tests.sandbox_fixture import Controle, SandboxVivo, iniciar, parar

RITMOS = {"600 a minute": (600, 60.0), "57 a minute": (57, 60.0), "4.5 a minute": (9, 120.0), "1 in 35 s": (1, 35.0)}
LATENCIA_MS = 300


def executar(segundos: int = 120) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as pasta:
        processo = iniciar(Path(pasta))
        try:
            enderecos = json.loads((Path(pasta) / "enderecos.json").read_text(encoding="utf-8"))
            sandbox = SandboxVivo(enderecos, Controle(enderecos["controle"]), Path(enderecos["ca"]), Path(pasta))
            return _medir(sandbox, Path(pasta), segundos)
        finally:
            parar(processo)


def _medir(sandbox: SandboxVivo, pasta: Path, segundos: int) -> list[dict[str, Any]]:
    contratante = sandbox.controle.contratantes()[0]
    pfx = sandbox.controle.a1(contratante["cnpj"])
    cliente = Cliente(sandbox, contratante, contexto_tls(sandbox.ca, pfx, contratante["senha"], pasta))
    cliente.autenticar()
    sandbox.controle.ajustes(latencia_ms=LATENCIA_MS)
    os.environ[limitado.VARIAVEL] = json.dumps(
        {
            "base": sandbox.enderecos["integra_contador"]["producao"],
            "ca": str(sandbox.ca),
            "tokens": dict.fromkeys(RITMOS, cliente.tokens),
            "limites": {nome: [[nome, *ritmo]] for nome, ritmo in RITMOS.items()},
            "por_documento": None,
        }
    )
    # More work than the time allows, so that no access is ever without; each asks for a company of its own.
    documentos = {nome: cnpj(numero) for numero, nome in enumerate(RITMOS, start=1)}
    pedidos = [
        limitado.leitura(
            f"{nome}/{n}", nome, cliente.envelope(documentos[nome], "CONSDECLARACAO13", {"anoCalendario": "2026"})
        )
        for nome, (quantidade, periodo) in RITMOS.items()
        for n in range(int(2 * segundos * quantidade / periodo) + 10)
    ]
    submeter(pedidos, usuario=None)
    with frota(str(connection.settings_dict["NAME"]), limitado.__name__, trabalhadores=8):
        while not sandbox.controle.chamadas(operacao="CONSDECLARACAO13"):
            time.sleep(0.5)
        time.sleep(segundos)
    return [_linha(nome, sandbox, documento) for nome, documento in documentos.items()]


def _linha(nome: str, sandbox: SandboxVivo, documento: str) -> dict[str, Any]:
    chamadas = sandbox.controle.chamadas(operacao="CONSDECLARACAO13", contribuinte=documento)
    instantes = sorted(datetime.fromisoformat(chamada["instante"]).timestamp() for chamada in chamadas)
    quantidade, periodo = RITMOS[nome]
    duracao = instantes[-1] - instantes[0]
    ideal = (len(instantes) - 1) * periodo / quantidade
    usado = f"{ideal / duracao:.1%} of the rate" if duracao else "too few to tell"
    return {
        "o_que": f"{nome}: {len(instantes)} calls, {usado}",
        "nosso_s": duracao,
        "referencia": "the pace",
        "referencia_s": ideal,
        "razao": duracao / ideal if ideal else None,
        "memoria_mb": None,
    }
