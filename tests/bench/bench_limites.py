"""How much of a configured rate eight workers on two hosts use while there is work, and whether the service ever sees
more than it allows, by the sandbox's own record.

Four accesses at once, each with its limit: three of a service that counts strictly, kept a little below the 60, 5 and 2
a minute that the sandbox enforces, and 600 a minute, which it leaves alone. A limit of the sandbox holds for one
operation, so each access asks another one. The reference is the time that the same calls take at exactly the
configured pace.
"""

import json
import os
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from operacoes.motor import submeter
from tests.operacoes import limitado
from tests.operacoes.frota import frota
from tests.sandbox.integra import Cliente, cnpj, contexto_tls
from tests.sandbox_fixture import Controle, SandboxVivo, iniciar, parar


@dataclass(frozen=True)
class Acesso:
    """`quantidade` in `periodo` seconds is what we keep to, `contrato` what the service allows in a minute."""

    nome: str
    operacao: str
    quantidade: int
    periodo: float
    contrato: int | None


ACESSOS = (
    Acesso("600 a minute", "OBTERPROCURACAO41", 600, 60.0, None),
    Acesso("57 a minute", "CONSDECLARACAO13", 57, 60.0, 60),
    Acesso("4.5 a minute", "CONSULTIMADECREC14", 9, 120.0, 5),
    Acesso("1 in 35 s", "CONSDECREC15", 1, 35.0, 2),
)
PA = 202609
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
    limites = [
        {"nome": acesso.nome, "operacao": acesso.operacao, "quantidade": acesso.contrato, "segundos": 60}
        for acesso in ACESSOS
        if acesso.contrato
    ]
    sandbox.controle.ajustes(latencia_ms=LATENCIA_MS, limites=limites)
    os.environ[limitado.VARIAVEL] = json.dumps(
        {
            "base": sandbox.enderecos["integra_contador"]["producao"],
            "ca": str(sandbox.ca),
            "tokens": {acesso.nome: cliente.tokens for acesso in ACESSOS},
            "limites": {acesso.nome: [[acesso.nome, acesso.quantidade, acesso.periodo]] for acesso in ACESSOS},
            "por_documento": None,
        }
    )
    # More work than the time allows, so that no access is ever without; each asks for a company of its own.
    documentos = [cnpj(numero) for numero, _ in enumerate(ACESSOS, start=1)]
    declarado = {"pa": PA, "interno": "30000.00", "valores": {"1001": "1200.00"}}
    sandbox.controle.cadastro(contribuintes=[{"documento": cada, "declarados": [declarado]} for cada in documentos])
    pedidos = [
        limitado.leitura(f"{acesso.nome}/{n}", acesso.nome, _corpo(cliente, acesso.operacao, documento))
        for acesso, documento in zip(ACESSOS, documentos, strict=True)
        for n in range(int(2 * segundos * acesso.quantidade / acesso.periodo) + 10)
    ]
    submeter(pedidos, usuario=None)
    with frota(str(connection.settings_dict["NAME"]), limitado.__name__, trabalhadores=8):
        while not sandbox.controle.chamadas(operacao="CONSDECLARACAO13"):
            time.sleep(0.5)
        time.sleep(segundos)
    return [_linha(acesso, sandbox.controle.chamadas(operacao=acesso.operacao)) for acesso in ACESSOS]


def _corpo(cliente: Cliente, operacao: str, documento: str) -> dict[str, Any]:
    dados = {
        "OBTERPROCURACAO41": {
            "outorgante": documento,
            "tipoOutorgante": "2",
            "outorgado": cliente.contratante["cnpj"],
            "tipoOutorgado": "2",
        },
        "CONSDECLARACAO13": {"anoCalendario": "2026"},
        "CONSULTIMADECREC14": {"periodoApuracao": str(PA)},
        "CONSDECREC15": {"numeroDeclaracao": f"{documento[:8]}{PA}001"},
    }
    return cliente.envelope(documento, operacao, dados[operacao])


def _linha(acesso: Acesso, chamadas: list[dict[str, Any]]) -> dict[str, Any]:
    acima = sum(bool(chamada["limite"]) for chamada in chamadas)
    instantes = sorted(
        datetime.fromisoformat(chamada["instante"]).timestamp() for chamada in chamadas if not chamada["limite"]
    )
    duracao = instantes[-1] - instantes[0]
    ideal = (len(instantes) - 1) * acesso.periodo / acesso.quantidade
    usado = f"{ideal / duracao:.1%} of the rate" if duracao else "too few to tell"
    contado = f"{acima} over the service's {acesso.contrato} a minute" if acesso.contrato else "no limit there"
    return {
        "o_que": f"{acesso.nome}: {len(instantes)} calls, {usado}, {contado}",
        "nosso_s": duracao,
        "referencia": "the pace",
        "referencia_s": ideal,
        "razao": duracao / ideal if ideal else None,
        "memoria_mb": None,
    }
