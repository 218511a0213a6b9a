"""Notes through the real worker against the simulators, and the list of notas.

Integra Notas counts strictly, 60 calls a minute for each token; we start 57, so that what the network and the machines
make of their order never comes over. Our throttle goes by the database's clock and could not follow a simulator whose
clock were made to run: four tokens work at once, in real time and under the real limits. SISGENF-e publishes no limit:
there the ideal is what we configured, two calls a second for each prestador, one at a time, and a note is two calls.

BENCH_NOTAS chooses parts (integranotas, sisgenfe, lista).
"""

import itertools
import json
import os
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from comum.models import Papel, Usuario
from config.ambientes import EnderecoNfse
from empresas.calendario import somar_meses
from empresas.models import Empresa, Municipio, Regime
from nfse import ensaio
from nfse.ensaio.prestadores import novos_canais
from nfse.models import CanalNfse, Nota, TipoCanal, Tomador
from nfse.providers import sisgenfe
from nfse.services import acesso
from nfse.services.emissao import com_tudo, emitir, prevoo
from operacoes.ensaio import Palco
from tests.bench.medir import medir_pagina
from tests.bench.processos import cpu, cpu_do_banco, esperar, trabalhadores, tudo_feito
from tests.cast import cnpj_valido
from tests.sandbox_fixture import Controle, SandboxVivo, iniciar, parar

POR_INTEGRANOTAS, TOKENS, PERMITIDAS = 600, 4, 60
POR_SISGENFE, PRESTADORES, CHAMADAS_POR_NOTA = 500, 10, 2
LATENCIA_MS = 100
NOTAS, MESES, EMPRESAS, TOMADORES = 100_000, 12, 1000, 10_000
SALTO = 1000  # one number in so many is of no note

CONSULTAS = {
    "a month, first page": "",
    "a month, whole page": "",
    "a month, page 50": "?pagina=50",
    "all months, first page": "?periodo=todos",
    "all months, page 1,000": "?periodo=todos&pagina=1000",
    "all months, last page": "?periodo=todos&pagina=99999",
    "search a common word in a month": "?q=ltda",
    "search a common word in all months": "?periodo=todos&q=ltda",
    "search one taker in all months": "?periodo=todos&q=tomador+04321",
    "search a masked CNPJ in all months": "?periodo=todos&q={cnpj}",
    "search a number in all months": "?periodo=todos&q=54321",
    "search with nothing found": "?periodo=todos&q=padaria+inexistente",
    "filter refused": "?periodo=todos&situacao=recusada",
    "filter what needs somebody": "?periodo=todos&situacao=precisam",
    "filter one empresa": "?periodo=todos&empresa={empresa}",
    "filter by value": "?periodo=todos&de=900,00",
    "sort by value": "?periodo=todos&ordem=-valor",
    "sort by situação": "?periodo=todos&ordem=situacao",
}


def executar() -> list[dict[str, Any]]:
    pedidas = os.environ.get("BENCH_NOTAS", "integranotas,sisgenfe,lista").split(",")
    usuario = Usuario.objects.create(username="bench", papel=Papel.ADMINISTRADOR)
    linhas: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as pasta:
        processo = iniciar(Path(pasta))
        try:
            enderecos = json.loads((Path(pasta) / "enderecos.json").read_text(encoding="utf-8"))
            sandbox = SandboxVivo(enderecos, Controle(enderecos["controle"]), Path(enderecos["ca"]), Path(pasta))
            escritorio = Escritorio(sandbox, usuario)
            if "integranotas" in pedidas:
                linhas.append(escritorio.por_integranotas())
            if "sisgenfe" in pedidas:
                linhas.append(escritorio.por_sisgenfe())
        finally:
            parar(processo)
    return linhas + (_lista(usuario) if "lista" in pedidas else [])


class Escritorio:
    """An office beside the simulators, its prestadores made as for the fault harness."""

    def __init__(self, sandbox: SandboxVivo, usuario: Usuario) -> None:
        self.sandbox, self.usuario = sandbox, usuario
        settings.SISGENFE = EnderecoNfse(sandbox.enderecos["sisgenfe"]["producao"], sandbox.ca)
        settings.INTEGRANOTAS = EnderecoNfse(sandbox.enderecos["integranotas"]["producao"], sandbox.ca)
        self._ambiente = {
            "SISGENFE_URL_BASE": settings.SISGENFE.base,
            "SISGENFE_CA": str(sandbox.ca),
            "INTEGRANOTAS_URL_BASE": settings.INTEGRANOTAS.base,
            "INTEGRANOTAS_CA": str(sandbox.ca),
        }
        acesso.esquecer()
        sisgenfe.esquecer()
        hoje, numeros = timezone.localdate(), itertools.count(1)
        self.palco = Palco(random.Random("bench"), usuario, hoje, numeros, self._controle, lambda url: b"")

    def _controle(self, caminho: str, corpo: dict[str, Any] | None) -> Any:
        controle = self.sandbox.controle
        return controle.get(caminho) if corpo is None else controle.post(caminho, corpo).json()

    def por_integranotas(self) -> dict[str, Any]:
        canais = novos_canais(self.palco, TipoCanal.INTEGRANOTAS, [{}] * TOKENS)
        _, cpu_ms, banco_ms = self._emitir(canais, POR_INTEGRANOTAS)
        chamadas = self.sandbox.controle.chamadas(servico="integranotas")
        acima = sum(bool(chamada["limite"]) for chamada in chamadas)
        criadas = _instantes(chamadas, "nfse_criar")
        ritmos = [(len(instantes) - 1) / (instantes[-1] - instantes[0]) for instantes in criadas.values()]
        usado = min(ritmos) * 60 / PERMITIDAS
        ideal = (POR_INTEGRANOTAS / TOKENS - 1) * 60 / PERMITIDAS
        duracao = max(instantes[-1] - instantes[0] for instantes in criadas.values())
        return {
            "o_que": f"{self._emitidas('nfse_autorizada')} notes by Integra Notas, {TOKENS} tokens:"
            f" {usado:.1%} of the {PERMITIDAS} a minute that each is allowed, {acima} calls over a limit or blocked;"
            f" CPU {cpu_ms:.1f} ms + database {banco_ms:.1f} ms a note",
            "nosso_s": duracao,
            "referencia": f"{PERMITIDAS} a minute",
            "referencia_s": ideal,
            "razao": duracao / ideal,
        }

    def por_sisgenfe(self) -> dict[str, Any]:
        canais = novos_canais(self.palco, TipoCanal.SISGENFE, [{}] * PRESTADORES)
        self.sandbox.controle.ajustes(latencia_ms=LATENCIA_MS)
        segundos, cpu_ms, banco_ms = self._emitir(canais, POR_SISGENFE)
        ideal = POR_SISGENFE / PRESTADORES * CHAMADAS_POR_NOTA / settings.SISGENFE_POR_SEGUNDO
        return {
            "o_que": f"{self._emitidas('nota_emitida')} notes by SISGENF-e, {PRESTADORES} prestadores one call of"
            f" {LATENCIA_MS} ms at a time: {POR_SISGENFE / segundos:.1f} notes/s, {ideal / segundos:.0%} of the"
            f" configured rate; CPU {cpu_ms:.1f} ms + database {banco_ms:.1f} ms a note",
            "nosso_s": segundos,
            "referencia": f"{settings.SISGENFE_POR_SEGUNDO} calls/s each",
            "referencia_s": ideal,
            "razao": segundos / ideal,
        }

    def _emitir(self, canais: list[CanalNfse], quantas: int) -> tuple[float, float, float]:
        """Seconds until all are settled, CPU of the worker and of the database in ms a note."""
        pks = [nota.pk for nota in ensaio.rascunhos(self.palco, canais, quantas)]
        with trabalhadores(1, str(connection.settings_dict["NAME"]), None, outros=self._ambiente) as [processo]:
            antes, banco_antes = cpu(processo), cpu_do_banco()
            emitir(pks, self.usuario, marca=prevoo(com_tudo(pks)).marca)
            inicio = time.perf_counter()
            segundos = esperar(tudo_feito, "the notes were not issued", 1800) - inicio
            gasto, gasto_banco = cpu(processo) - antes, cpu_do_banco() - banco_antes
        if (feitas := Nota.objects.filter(pk__in=pks, situacao=Nota.Situacao.AUTORIZADA).count()) != quantas:
            raise RuntimeError(f"{feitas} of {quantas} notes were authorised")
        return segundos, gasto / quantas * 1000, gasto_banco / quantas * 1000

    def _emitidas(self, tipo: str) -> int:
        """By the simulator's ledger, each document once."""
        documentos = [efeito["documento"] for efeito in self.sandbox.controle.ledger(tipo=tipo)]
        if len(set(documentos)) != len(documentos):
            raise RuntimeError("a note was issued twice")
        return len(documentos)


def _instantes(chamadas: Iterable[dict[str, Any]], operacao: str) -> dict[str, list[float]]:
    """When each prestador's calls of one operation came, those that a limit refused left out."""
    por_prestador: dict[str, list[float]] = defaultdict(list)
    for chamada in chamadas:
        if chamada["operacao"] == operacao and not chamada["limite"]:
            instante = datetime.fromisoformat(chamada["instante"]).timestamp()
            por_prestador[chamada["contribuinte"]].append(instante)
    return {prestador: sorted(instantes) for prestador, instantes in por_prestador.items()}


# -- the list ----------------------------------------------------------------------------------------------------------


def _lista(usuario: Usuario) -> list[dict[str, Any]]:
    _povoar(usuario)
    meio = Nota.objects.select_related("tomador", "empresa").order_by("pk")[NOTAS // 2]
    valores = {"cnpj": meio.tomador.documento_mascarado, "empresa": str(meio.empresa.pk)}
    notas = reverse("nfse:notas")
    medidas = [
        _medir(usuario, f"notas, {nome}", notas + consulta.format(**valores)) for nome, consulta in CONSULTAS.items()
    ]
    saltos = f"{NOTAS // SALTO} gaps in one série of {NOTAS:,} numbers"
    return [*medidas, _medir(usuario, saltos, reverse("arquivo:faltas") + "?de=numeracao")]


def _medir(usuario: Usuario, nome: str, endereco: str) -> dict[str, Any]:
    def escrever() -> None:
        Nota.objects.filter(marca="-").update(observacao="")

    parte = {} if "whole page" in nome else {"HX-Request": "true"}
    medida = medir_pagina(usuario, endereco, escrever, **parte)
    return {"o_que": f"{nome} (first after a write: {medida.pop('depois') * 1000:.0f} ms)", **medida}


_COLUNAS = {
    "id": "10000000 + n",
    "busca": "(100000 + n) || ' ' || n || ' ' || t.busca",
    "empresa_id": "t.empresa_id",
    "tomador_id": "t.id",
    "competencia": "(%(mes)s::date - (n %% %(meses)s) * interval '1 month')::date",
    "emissao": "(%(mes)s::date - (n %% %(meses)s) * interval '1 month')::date + (n %% 27)::int",
    "situacao": "CASE n %% 50 WHEN 0 THEN 'recusada' WHEN 1 THEN 'cancelada' ELSE 'autorizada' END",
    "serie": "'1'",
    "numero": f"n + n / {SALTO}",
    "numero_nfse": "(100000 + n)::text",
    "chave": "''",
    "marca": "'B' || n",
    "referencia": "''",
    "valor_servicos": "(n * 7919 %% 100000) / 100.0 + 1",
    "operacao_id": "NULL",
}


def _povoar(usuario: Usuario) -> None:
    """As many notes as an office of a thousand prestadores gathers in a year, copies of one but for what differs."""
    municipio = Municipio.objects.get(pk="2601409")
    empresas = [
        Empresa(
            codigo=f"L{n}",
            documento=cnpj_valido(n),
            razao_social=f"Prestador {n:04d} Ltda",
            regime=Regime.PRESUMIDO,
            municipio=municipio,
        )
        for n in range(EMPRESAS)
    ]
    for empresa in empresas:
        empresa.preparar()
    Empresa.objects.bulk_create(empresas, batch_size=1000)
    tomadores = [
        Tomador(empresa=empresas[n % EMPRESAS], documento=cnpj_valido(n, letras=True), nome=f"Tomador {n:05d} Ltda")
        for n in range(TOMADORES)
    ]
    for tomador in tomadores:
        tomador.preparar()
    Tomador.objects.bulk_create(tomadores, batch_size=5000)
    canal = CanalNfse.objects.create(codigo=900_000, empresa=empresas[0], tipo=TipoCanal.INTEGRANOTAS)
    mes = somar_meses(timezone.localdate().replace(day=1), -1)
    modelo = Nota.objects.create(
        empresa=empresas[0],
        canal=canal,
        tomador=tomadores[0],
        competencia=mes,
        emissao=mes + timedelta(days=1),
        municipio_prestacao=municipio,
        criada_por=usuario,
    )
    colunas = [str(campo.column) for campo in Nota._meta.concrete_fields]
    lidas = ", ".join(_COLUNAS.get(coluna, f"o.{coluna}") for coluna in colunas)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH t AS (SELECT t.*, row_number() OVER (ORDER BY id) - 1 AS ordinal FROM nfse_tomador t)"
            f" INSERT INTO nfse_nota ({', '.join(colunas)}) SELECT {lidas}"
            f" FROM nfse_nota o, generate_series(1, %(n)s) AS n JOIN t ON t.ordinal = n %% %(tomadores)s"
            f" WHERE o.id = %(modelo)s",
            {"n": NOTAS, "tomadores": TOMADORES, "mes": mes, "meses": MESES, "modelo": modelo.pk},
        )
        cursor.execute("VACUUM ANALYZE")
