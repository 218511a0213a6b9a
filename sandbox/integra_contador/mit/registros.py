"""Months sent to MIT: when their closing ends, and what it carries into the DCTFWeb."""

from datetime import datetime
from decimal import Decimal

from sandbox.integra_contador.dctfweb import declaracoes
from sandbox.integra_contador.models import Mit
from sandbox.nucleo.livro import gravacao

COM_PENDENCIAS, EM_EDICAO, ENCERRADA, ENCERRANDO = 1, 2, 3, 4
_GERAL_MENSAL, _ORIGEM = 40, 8


def situacao(apuracao: Mit, agora: datetime) -> int:
    if agora < apuracao.pronta:
        return ENCERRANDO
    return COM_PENDENCIAS if apuracao.pendencias else ENCERRADA


def assentar(contribuinte: str, agora: datetime) -> None:
    """Carry what was closed meanwhile into the declaration in progress of its month."""
    prontas = Mit.objects.filter(contribuinte=contribuinte, assentada=False, pronta__lte=agora).order_by("pk")
    for apuracao in prontas:
        with gravacao():
            if not apuracao.pendencias:
                debitos = [
                    {"origem": _ORIGEM, "codigo": debito["codigo"], "valor": debito.get("a_pagar", debito["valor"])}
                    for debito in apuracao.debitos
                    if Decimal(debito.get("a_pagar", debito["valor"]))
                ]
                declaracoes.somar(contribuinte, _GERAL_MENSAL, str(apuracao.pa), debitos, apuracao.pronta)
            apuracao.assentada = True
            apuracao.save()
