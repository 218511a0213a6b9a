"""Titles of guias through the real worker to the simulated ERP, in batches of the account's size against one call for
each title.

A batch carries no bar code, so that every title of a guia is one more call, whatever the batches: the same titles are
measured without bar codes too. BENCH_TITULOS is how many.
"""

import itertools
import os
import random
import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from comum.models import Papel, Usuario
from operacoes.ensaio import Palco
from pagar.ensaio import titulos as ensaio
from pagar.models import ContaErp, Titulo
from pagar.services import acesso, implantacao
from tests.bench.medir import medir
from tests.bench.processos import cpu, cpu_do_banco, esperar, trabalhadores, tudo_feito
from tests.sandbox_fixture import SandboxVivo, iniciar, parar, vivo_em

TITULOS = int(os.environ.get("BENCH_TITULOS", "2000"))
LATENCIA_MS, POR_SEGUNDO, UM = 100, 100, 1


def executar() -> list[dict[str, Any]]:
    usuario = Usuario.objects.create(username="bench", papel=Papel.ADMINISTRADOR)
    with tempfile.TemporaryDirectory() as pasta:
        processo = iniciar(Path(pasta))
        try:
            return Escritorio(vivo_em(Path(pasta)), usuario).medir()
        finally:
            parar(processo)


class Escritorio:
    """An office beside the simulator, its accounts and titles made as for the fault harness: one account a run."""

    def __init__(self, sandbox: SandboxVivo, usuario: Usuario) -> None:
        self.sandbox, self.usuario = sandbox, usuario
        settings.SANDBOX_PORTA_TLS, settings.DATASUL_CA = sandbox.enderecos["porta_tls"], sandbox.ca
        acesso.esquecer()
        hoje, numeros = timezone.localdate(), itertools.count(1)
        self.palco = Palco(random.Random("bench"), usuario, hoje, numeros, self._controle, lambda url: b"")
        self._contas = iter(ensaio.contas(self.palco))
        sandbox.controle.ajustes(latencia_ms=LATENCIA_MS)

    def _controle(self, caminho: str, corpo: dict[str, Any] | None) -> Any:
        controle = self.sandbox.controle
        return controle.get(caminho) if corpo is None else controle.post(caminho, corpo).json()

    def medir(self) -> list[dict[str, Any]]:
        padrao = ContaErp._meta.get_field("titulos_por_lote").default
        linhas = []
        for barras in (False, True):
            em_lotes, um_a_um = (self._implantar(por_lote, barras=barras) for por_lote in (padrao, UM))
            linhas.append(
                {
                    "o_que": f"{TITULOS} titles {'with' if barras else 'without'} bar code, batches of {padrao},"
                    f" {LATENCIA_MS} ms a call, {POR_SEGUNDO} calls/s: {em_lotes.pop('dito')}",
                    **em_lotes,
                    "referencia": f"one call each: {um_a_um['dito']}",
                    "referencia_s": um_a_um["nosso_s"],
                    "razao": em_lotes["nosso_s"] / um_a_um["nosso_s"],
                }
            )
        return linhas

    def _implantar(self, por_lote: int, *, barras: bool) -> dict[str, Any]:
        """Seconds from the confirmation until the ERP has them all; memory of the confirmation in this process."""
        conta = next(self._contas)
        conta.titulos_por_lote, conta.por_segundo = por_lote, POR_SEGUNDO
        conta.save()
        pks = [titulo.pk for titulo in ensaio.rascunhos(self.palco, TITULOS, barras=barras, na_conta=conta)]
        antes = len(self._chamadas())
        with trabalhadores(
            1, str(connection.settings_dict["NAME"]), None, outros={"DATASUL_CA": str(self.sandbox.ca)}
        ) as [processo]:
            gasto, gasto_banco, inicio = cpu(processo), cpu_do_banco(), time.perf_counter()
            with medir() as pedido:
                implantacao.enviar(pks, self.usuario, marca=implantacao.prevoo(implantacao.com_tudo(pks)).marca)
            segundos = esperar(tudo_feito, "the titles were not implanted", 1800) - inicio
            cpu_ms, banco_ms = (
                (agora - antes_) / TITULOS * 1000
                for agora, antes_ in ((cpu(processo), gasto), (cpu_do_banco(), gasto_banco))
            )
            memoria = processo.memory_info().rss / 1024**2
        self._conferir(pks, conta, barras=barras)
        chamadas = len(self._chamadas()) - antes
        return {
            "dito": f"{chamadas} calls, {segundos:.1f} s, confirmation {pedido.segundos:.1f} s; CPU {cpu_ms:.1f} ms +"
            f" database {banco_ms:.1f} ms a title; worker {memoria:.0f} MB",
            "nosso_s": segundos,
            "memoria_mb": pedido.memoria_mb,
        }

    def _chamadas(self) -> list[dict[str, Any]]:
        todas: list[dict[str, Any]] = []
        while pagina := self.sandbox.controle.chamadas(servico="totvs", desde_id=todas[-1]["id"] if todas else 0):
            todas += pagina
        return todas

    def _conferir(self, pks: list[int], conta: ContaErp, *, barras: bool) -> None:
        """Each title there once, with its bar code."""
        la = self.sandbox.controle.get("totvs/titulos", estabelecimento=conta.estabelecimento, tipo="normal")
        gravados = sum(bool(titulo["barras"]) for titulo in la["titulos"])
        abertos = Titulo.objects.filter(pk__in=pks, situacao=Titulo.Situacao.ABERTO).count()
        if (len(la["titulos"]), gravados, abertos) != (TITULOS, TITULOS * barras, TITULOS):
            raise RuntimeError(f"{len(la['titulos'])} titles there, {gravados} with a bar code, {abertos} open here")
