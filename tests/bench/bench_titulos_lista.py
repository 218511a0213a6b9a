"""The list of titles with 100,000 of them, and what is asked of ten thousand marked ones."""

import time
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.models import Papel, Usuario
from empresas.calendario import somar_meses
from empresas.models import Empresa, Municipio, Regime
from pagar.models import Titulo
from tests.bench.medir import medir_pagina
from tests.cast import cnpj_valido
from tests.pagar import fabricas

TITULOS, MESES, EMPRESAS, FORNECEDORES, MARCADOS = 100_000, 12, 1000, 200, 10_000

CONSULTAS = {
    "a month, first page": "",
    "a month, whole page": "",
    "a month, page 50": "?pagina=50",
    "all months, first page": "?periodo=todos",
    "all months, whole page": "?periodo=todos",
    "all months, page 1,000": "?periodo=todos&pagina=1000",
    "all months, last page": "?periodo=todos&pagina=99999",
    "search a common word in a month": "?q=ltda",
    "search a common word in all months": "?periodo=todos&q=ltda",
    "search one supplier in all months": "?periodo=todos&q=fornecedor+0123",
    "search a number in all months": "?periodo=todos&q=54321",
    "search with nothing found": "?periodo=todos&q=padaria+inexistente",
    "filter open": "?periodo=todos&situacao=aberto",
    "filter what needs somebody": "?periodo=todos&situacao=precisam",
    "filter pending bar code": "?periodo=todos&barras=pendente",
    "filter from guias": "?periodo=todos&origem=guia",
    "filter one empresa": "?periodo=todos&empresa={empresa}",
    "filter one supplier": "?periodo=todos&fornecedor={fornecedor}",
    "filter by due date": "?periodo=todos&vence_de={vence}&vence_ate={vence}",
    "filter by value": "?periodo=todos&de=900,00",
    "sort by value": "?periodo=todos&ordem=-valor",
    "sort by situação": "?periodo=todos&ordem=situacao",
}
_COLUNAS = {
    "id": "10000000 + n",
    "busca": "n || ' ' || f.codigo || ' ' || lower(f.nome) || ' ' || e.busca",
    "empresa_id": "e.id",
    "fornecedor_id": "f.id",
    "competencia": "(%(mes)s::date - (n %% %(meses)s) * interval '1 month')::date",
    "vencimento": "(%(mes)s::date - (n %% %(meses)s) * interval '1 month')::date + 30 + (n %% 27)::int",
    "situacao": "CASE WHEN n %% 50 = 0 THEN 'recusado' WHEN n %% 50 = 1 THEN 'cancelado' WHEN n %% 50 < 10 THEN"
    " 'rascunho' WHEN n %% 50 < 25 THEN 'aberto' ELSE 'liquidado' END",
    "barras": "CASE WHEN n %% 100 = 11 THEN 'pendente' ELSE '' END",
    "codigo_barras": "CASE WHEN n %% 100 = 11 THEN %(barras)s ELSE '' END",
    "mensagem": "CASE WHEN n %% 50 = 0 THEN 'O ERP recusou.' ELSE '' END",
    "numero": "n::text",
    "chave": "'1/101/DP//' || f.codigo || '/' || n || '/'",
    "valor": "(n * 7919 %% 100000) / 100.0 + 1",
    "saldo": "CASE WHEN n %% 50 BETWEEN 2 AND 24 THEN (n * 7919 %% 100000) / 100.0 + 1 ELSE 0 END",
}


def executar() -> list[dict[str, Any]]:
    usuario = Usuario.objects.create(username="bench", papel=Papel.ADMINISTRADOR)
    _povoar(usuario)
    meio = Titulo.objects.order_by("pk")[TITULOS // 2]
    valores = {
        "empresa": meio.empresa_id,
        "fornecedor": meio.fornecedor_id,
        "vence": meio.vencimento.strftime("%d/%m/%Y"),
    }
    linhas = [_medir(usuario, nome, consulta.format(**valores)) for nome, consulta in CONSULTAS.items()]
    return linhas + _marcados(usuario)


def _medir(usuario: Usuario, nome: str, consulta: str) -> dict[str, Any]:
    def escrever() -> None:
        Titulo.objects.filter(referencia="-").update(aviso="")

    parte = {} if "whole page" in nome else {"HX-Request": "true"}
    medida = medir_pagina(usuario, reverse("pagar:titulos") + consulta, escrever, **parte)
    return {"o_que": f"títulos, {nome} (first after a write: {medida.pop('depois') * 1000:.0f} ms)", **medida}


def _marcados(usuario: Usuario) -> list[dict[str, Any]]:
    """Seconds of one request each, about ten thousand titles marked one by one."""
    cliente, linhas = Client(), []
    cliente.force_login(usuario)

    def pedir(nome: str, acao: str, dados: dict[str, Any]) -> Any:
        inicio = time.perf_counter()
        resposta = cliente.post(reverse("pagar:agir", args=[acao]), dados)
        linhas.append({"o_que": f"títulos, {MARCADOS:,} marked: {nome}", "nosso_s": time.perf_counter() - inicio})
        if resposta.status_code not in (200, 302):
            raise RuntimeError(f"{nome}: {resposta.status_code}")
        return resposta

    rascunhos = Titulo.objects.filter(situacao=Titulo.Situacao.RASCUNHO).order_by("pk")
    pks = list(rascunhos.values_list("pk", flat=True)[:MARCADOS])
    previa = pedir("what would be sent", "enviar", {"ids": pks}).context["previa"]
    pedir("sent", "enviar", {"ids": pks, "marca": previa.marca})
    recusados = Titulo.objects.filter(situacao__in=Titulo.EDITAVEIS).order_by("pk")
    outros = list(recusados.values_list("pk", flat=True)[:MARCADOS])
    pedir(f"given up ({len(outros):,})", "abandonar", {"ids": outros})
    return linhas


def _povoar(usuario: Usuario) -> None:
    """As many titles as an office of a thousand empresas gathers in a year, copies of one but for what differs."""
    municipio = Municipio.objects.get(pk="2601409")
    empresas = [
        Empresa(
            codigo=f"T{n}",
            documento=cnpj_valido(n),
            razao_social=f"Pagadora {n:04d} Ltda",
            regime=Regime.PRESUMIDO,
            municipio=municipio,
        )
        for n in range(EMPRESAS)
    ]
    for empresa in empresas:
        empresa.preparar()
    Empresa.objects.bulk_create(empresas, batch_size=1000)
    conta = fabricas.conta()
    fornecedores = [fabricas.fornecedor(conta, f"Fornecedor {n:04d}") for n in range(FORNECEDORES)]
    mes = somar_meses(timezone.localdate().replace(day=1), -1)
    modelo = fabricas.titulo(empresas[0], fornecedores[0], numero="0", competencia=mes, criado_por=usuario)
    _para_enviar(modelo)
    colunas = [str(campo.column) for campo in Titulo._meta.concrete_fields]
    lidas = ", ".join(_COLUNAS.get(coluna, f"o.{coluna}") for coluna in colunas)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH e AS (SELECT e.*, row_number() OVER (ORDER BY id) - 1 AS ordinal FROM empresas_empresa e),"
            f" f AS (SELECT f.*, row_number() OVER (ORDER BY id) - 1 AS ordinal FROM pagar_fornecedor f)"
            f" INSERT INTO pagar_titulo ({', '.join(colunas)}) SELECT {lidas}"
            f" FROM pagar_titulo o, generate_series(1, %(n)s) AS n"
            f" JOIN e ON e.ordinal = n %% %(empresas)s JOIN f ON f.ordinal = n %% %(fornecedores)s"
            f" WHERE o.id = %(modelo)s",
            {
                "n": TITULOS,
                "empresas": EMPRESAS,
                "fornecedores": FORNECEDORES,
                "mes": mes,
                "meses": MESES,
                "barras": fabricas.BARRAS,
                "modelo": modelo.pk,
            },
        )
        cursor.execute("VACUUM ANALYZE")


def _para_enviar(modelo: Titulo) -> None:
    """A due date gone by would keep every copy from being sent."""
    hoje = timezone.localdate()
    modelo.corpo |= {"emissao": hoje.isoformat(), "vencimento": somar_meses(hoje, 6).isoformat()}
    modelo.save()
