"""The two searches, in the service's base and at the town hall, and the list of what is still in processing."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.integranotas import codigos
from sandbox.integranotas.comportamento import do_municipio
from sandbox.integranotas.contexto import Contexto
from sandbox.integranotas.envelope import Recusa, Resultado, campo_invalido
from sandbox.integranotas.models import CANCELADA, PROCESSANDO, Nota
from sandbox.integranotas.notas import formas, respostas
from sandbox.nucleo.ajustes import BRASILIA

_INTEIRO = re.compile(r"[0-9]{1,15}", re.ASCII)
Leitor = Callable[[Any, str], Any]
Filtros = dict[str, tuple[str, Leitor]]  # field -> (lookup of the model, reader)


def _inteiro(valor: Any, campo: str) -> int:
    if isinstance(valor, bool) or not isinstance(valor, int | str) or not _INTEIRO.fullmatch(str(valor)):
        raise campo_invalido(campo, "Deve ser um número inteiro.")
    return int(valor)


def _texto(valor: Any, campo: str) -> str:
    if isinstance(valor, bool) or not isinstance(valor, str | int):
        raise campo_invalido(campo, "Deve ser texto.")
    return str(valor)


def _dia(valor: Any, campo: str) -> date:
    if descricao := formas.dia(valor):
        raise campo_invalido(campo, descricao)
    return date.fromisoformat(valor)


def _inicio(valor: Any, campo: str) -> datetime:
    return datetime.combine(_dia(valor, campo), time.min, BRASILIA)


def _fim(valor: Any, campo: str) -> datetime:
    """The first instant after a day."""
    return _inicio(valor, campo) + timedelta(days=1)


def _documento(valor: Any, campo: str) -> str:
    if not isinstance(valor, str) or not (cnpj_valido(valor) or cpf_valido(valor)):
        raise campo_invalido(campo, f"Documento inválido: {valor}.")
    return valor


_NA_BASE: Filtros = {
    "numero_rps_inicial": ("numero__gte", _inteiro),
    "numero_rps_final": ("numero__lte", _inteiro),
    "serie_rps": ("serie", _texto),
    "numero_nfse_inicial": ("numero_nfse__gte", _inteiro),
    "numero_nfse_final": ("numero_nfse__lte", _inteiro),
    "data_inicial": ("autorizada__gte", _inicio),
    "data_final": ("autorizada__lt", _fim),
    "cancel_inicial": ("cancelada__gte", _inicio),
    "cancel_final": ("cancelada__lt", _fim),
}
_NA_PREFEITURA: Filtros = {
    "data_emissao_inicial": ("emissao__gte", _inicio),
    "data_emissao_final": ("emissao__lt", _fim),
    "data_competencia_inicial": ("competencia__gte", lambda valor, campo: _dia(valor, campo).replace(day=1)),
    "data_competencia_final": ("competencia__lte", _dia),
    "tomador_cnpj": ("tomador", _documento),
    "tomador_cpf": ("tomador", _documento),
    "tomador_im": ("pedido__tomador__im", _texto),
    "nfse_numero": ("numero_nfse", _inteiro),
    "nfse_numero_inicial": ("numero_nfse__gte", _inteiro),
    "nfse_numero_final": ("numero_nfse__lte", _inteiro),
    "rps_numero": ("numero", _inteiro),
    "rps_serie": ("serie", _texto),
}


def _filtrar(linhas: QuerySet[Nota], corpo: Mapping[str, Any], filtros: Filtros) -> QuerySet[Nota]:
    for campo, (consulta, ler) in filtros.items():
        if corpo.get(campo) not in (None, ""):
            linhas = linhas.filter(**{consulta: ler(corpo[campo], campo)})
    return linhas


def _pagina(ctx: Contexto, linhas: QuerySet[Nota], desenhar: Callable[[Nota], dict[str, Any]]) -> Resultado:
    """One page of a list, in the shape that the options say."""
    por_pagina = ctx.opcoes["busca_por_pagina"]
    pagina = max(1, _inteiro(ctx.corpo.get("pagina") or 1, "pagina"))
    total = linhas.count()
    achadas = linhas.select_related("emitente").order_by("id")[(pagina - 1) * por_pagina : pagina * por_pagina]
    corpo: dict[str, Any] = {"pagina": pagina, "total_paginas": max(1, -(-total // por_pagina))}
    if ctx.opcoes["busca_forma"] == "docs":
        corpo["docs"] = [desenhar(nota) for nota in achadas]
    elif ctx.opcoes["busca_forma"] == "chaves":
        corpo["chaves"] = [respostas.chave_de(nota) for nota in achadas]
    return Resultado(codigos.FEITO, f"{total} documento(s) encontrado(s).", corpo)


def na_base(ctx: Contexto) -> Resultado:
    return _pagina(ctx, _filtrar(Nota.objects.filter(emitente=ctx.emitente), ctx.corpo, _NA_BASE), respostas.resumo)


def na_prefeitura(ctx: Contexto) -> Resultado:
    """What the town hall has, which may differ from what the service thinks."""
    if not do_municipio(ctx.opcoes, str(ctx.emitente.dados.get("cmun") or "")).localiza:
        raise Recusa(codigos.NAO_OFERECIDO, "A prefeitura não oferece consulta de notas.")
    if ctx.corpo.get("rps_tipo") not in (None, "", "1", 1):
        raise campo_invalido("rps_tipo", "Deve ser 1.")
    linhas = Nota.objects.filter(~Q(prefeitura=""), emitente=ctx.emitente)
    return _pagina(ctx, _filtrar(linhas, ctx.corpo, _NA_PREFEITURA), _da_prefeitura)


def _da_prefeitura(nota: Nota) -> dict[str, Any]:
    cancelada = nota.prefeitura == CANCELADA
    return {
        "status": "cancelado" if cancelada else "autorizado",
        "chave": respostas.chave_de(nota),
        "numero": str(nota.numero_nfse),
        "rps_numero": str(nota.numero),
        "rps_serie": nota.serie,
        "codigo_verificacao": nota.codigo_verificacao,
        "data_hora_evento": respostas.instante(nota.prefeitura_em),
        "valor_servicos": f"{nota.valor:.2f}",
    }


def em_processamento(ctx: Contexto) -> Resultado:
    notas = Nota.objects.filter(emitente=ctx.emitente, situacao=PROCESSANDO).order_by("id")
    docs = [respostas.resumo(nota) for nota in notas]
    return Resultado(codigos.FEITO, f"{len(docs)} documento(s) em processamento.", {"docs": docs})
