"""Charged calls made up by the hundred, for the pages and the caps of costs."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from operacoes.models import Operacao, Tentativa
from operacoes.motor import submeter
from tests.operacoes.apoio import ACESSO, nova


def cobrar(
    classe: str,
    quantas: int = 1,
    *,
    acesso: str = ACESSO,
    quando: datetime | None = None,
    tipo: str = "teste.unico",
    empresa: Any = None,
    especie: str = "envio",
    **campos: Any,
) -> Tentativa:
    """One Tentativa that `quantas` calls of a class were charged for."""
    chave = f"cobrada:{Operacao.objects.count()}"
    empresa_id = empresa.pk if empresa else None
    operacao = submeter([nova(chave, tipo=tipo, acesso=acesso, empresa_id=empresa_id)], usuario=None).criadas[0]
    Operacao.objects.filter(pk=operacao.pk).update(situacao="concluida", encerrada_em=timezone.now())
    dados = {"cobrada": True, "cobrancas": [classe] * quantas, "classe": classe, "desfecho": "concluida"} | campos
    tentativa: Tentativa = Tentativa.objects.create(operacao=operacao, especie=especie, trabalhador="t", **dados)
    if quando is not None:
        Tentativa.objects.filter(pk=tentativa.pk).update(iniciada_em=quando)
    tentativa.refresh_from_db()
    return tentativa
