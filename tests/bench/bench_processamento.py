"""A bulk run of DAS through the real worker, against a sandbox that takes 300 ms to answer, 32 calls at once.

The reference is the ideal: calls x latency / calls at once, as if neither the product nor the sandbox cost anything.
Where both share few cores a call takes longer than the latency: the line says how long as seen by the worker, and how
much of the time of its call slots was spent in calls.
"""

import json
import os
import signal
import statistics
import tempfile
import threading
import time
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from comum.models import Adicional, Papel, Usuario
from config.ambientes import Enderecos
from credentials.models import Autor, Servico, Vinculo
from credentials.providers import serpro
from empresas.calendario import somar_meses
from empresas.models import Empresa, Regime, RegimeEmpresa
from empresas.models.cadastro import texto_de_busca
from guias import sessao
from guias.models import Guia, HistoricoMensal, Receita
from guias.services import aprovacao, prevoo
from guias.services.acoes import Acao
from guias.services.calculo import recalcular
from operacoes.models import ABERTAS, Tentativa
from operacoes.motor import execucao
from tests.bench.medir import Medida, medir
from tests.cast import cnpj_valido
from tests.guias.apoio import OUTUBRO, credencial_do_sandbox
from tests.sandbox_fixture import Controle, SandboxVivo, iniciar, parar

LATENCIA_MS, SIMULTANEAS = 300, 32


def executar(quantas: int = 1000) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as pasta:
        processo = iniciar(Path(pasta))
        try:
            return _medir(_sandbox(Path(pasta)), quantas)
        finally:
            parar(processo)
            _soltar_banco()


def _soltar_banco() -> None:
    """End the sessions the worker's queue left in this process, or the throw-away database could not be dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _sandbox(pasta: Path) -> SandboxVivo:
    enderecos = json.loads((pasta / "enderecos.json").read_text(encoding="utf-8"))
    return SandboxVivo(enderecos, Controle(enderecos["controle"]), Path(enderecos["ca"]), pasta)


def _medir(sandbox: SandboxVivo, quantas: int) -> list[dict[str, Any]]:
    do_servico = sandbox.enderecos["integra_contador"]
    settings.INTEGRA_CONTADOR = Enderecos(do_servico["autenticacao"], do_servico["producao"], sandbox.ca)
    settings.INTEGRA_CONTADOR_POR_SEGUNDO = 10_000  # the office's own brake is not what is measured
    serpro.esquecer()
    sessao.esquecer()
    usuario, empresas = _escritorio(sandbox, quantas)
    aprovacao.aprovar(empresas, OUTUBRO, usuario, diferentes=set())
    _processar(Acao.TRANSMITIR, empresas, usuario)
    sandbox.controle.ajustes(latencia_ms=LATENCIA_MS)
    medida = _processar(Acao.EMITIR_DAS, empresas, usuario)
    emitidas = Guia.objects.count()
    ideal = quantas * LATENCIA_MS / 1000 / SIMULTANEAS
    duracoes = _duracoes_ms()
    ocupadas = sum(duracoes) / 1000 / SIMULTANEAS / medida.segundos
    return [
        {
            "o_que": f"{emitidas} DAS, {SIMULTANEAS} at once ({ideal / medida.segundos:.0%} of ideal; a call took"
            f" {statistics.median(duracoes):.0f} ms, {ocupadas:.0%} of the slots' time was in calls)",
            "nosso_s": medida.segundos,
            "referencia": "ideal",
            "referencia_s": ideal,
            "razao": medida.segundos / ideal,
            "memoria_mb": medida.memoria_mb,
        }
    ]


def _duracoes_ms() -> list[int]:
    """How long the worker waited for each answer."""
    tentativas = Tentativa.objects.filter(operacao__tipo="guias.das.emitir").values_list("recebido", flat=True)
    return [chamada["duracao_ms"] for recebido in tentativas for chamada in recebido["chamadas"]]


def _escritorio(sandbox: SandboxVivo, quantas: int) -> tuple[Usuario, list[Empresa]]:
    """An Administrador and companies in commerce with twelve months of history, linked to a credencial."""
    Adicional.objects.update_or_create(pk=Adicional.INTEGRA_CONTADOR, defaults={"nome": "216", "ativo": True})
    usuario = Usuario.objects.create(username="bench", papel=Papel.ADMINISTRADOR)
    credencial = credencial_do_sandbox(sandbox)
    empresas = []
    for numero in range(1, quantas + 1):
        empresa = Empresa(
            codigo=str(numero), documento=cnpj_valido(numero), razao_social=f"Bench {numero:05d}", regime=Regime.SIMPLES
        )
        empresa.busca, empresa.ordem = texto_de_busca(empresa.codigo, empresa.documento, empresa.razao_social, "")
        empresas.append(empresa)
    Empresa.objects.bulk_create(empresas)
    RegimeEmpresa.objects.bulk_create(
        [RegimeEmpresa(empresa=e, regime=Regime.SIMPLES, desde=date(2020, 1, 1)) for e in empresas]
    )
    valor = Decimal("40000.00")
    Receita.objects.bulk_create([Receita(empresa=e, competencia=OUTUBRO, atividade=1, valor=valor) for e in empresas])
    HistoricoMensal.objects.bulk_create(
        [
            HistoricoMensal(empresa=e, competencia=somar_meses(OUTUBRO, -n), interno=valor)
            for e in empresas
            for n in range(1, 13)
        ],
        batch_size=5000,
    )
    Vinculo.objects.bulk_create(
        [
            Vinculo(
                empresa=e,
                credencial=credencial,
                servicos=[Servico.PGDASD, Servico.DAS],
                autor=Autor.CONTRATANTE,
                gravado_por=usuario,
                gravado_em=timezone.now(),
            )
            for e in empresas
        ]
    )
    recalcular(empresas, OUTUBRO, usuario, receita_mudou=True)
    return usuario, empresas


def _processar(acao: Acao, empresas: list[Empresa], usuario: Usuario) -> Medida:
    """Submit a run, then let the real worker finish it; the time is from the worker's start to the last outcome."""
    previa = prevoo.prevoo(acao, empresas, OUTUBRO)
    prevoo.processar(acao, empresas, OUTUBRO, usuario, marca=previa.marca)
    execucao.parar.clear()
    fim: list[float] = []

    def vigiar() -> None:
        abertas = [situacao.value for situacao in ABERTAS]
        with connection.cursor() as cursor:
            while True:
                cursor.execute("SELECT EXISTS (SELECT FROM operacoes_operacao WHERE situacao = ANY(%s))", [abertas])
                if not cursor.fetchone()[0]:
                    break
                time.sleep(0.1)
        fim.append(time.perf_counter())
        connection.close()
        os.kill(os.getpid(), signal.SIGTERM)

    with medir() as medida:
        inicio = time.perf_counter()
        vigia = threading.Thread(target=vigiar)
        vigia.start()
        call_command("trabalhador", threads=SIMULTANEAS, stdout=open(os.devnull, "w"))  # noqa: SIM115
        vigia.join()
    medida.segundos = fim[0] - inicio
    return medida
