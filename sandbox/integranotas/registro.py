"""The first state of this simulator."""

from sandbox.integranotas import tokens
from sandbox.integranotas.contexto import AMBIENTES
from sandbox.integranotas.models import ENVIANDO, PENDENTE, Aviso, Conta

CONTA_DE_DEMONSTRACAO = "SOFTWARE HOUSE DEMONSTRACAO"


def semear() -> None:
    """A demonstration software house in each environment. What a stopped sandbox was sending is sent again."""
    for ambiente in AMBIENTES:
        token = tokens.de_demonstracao(ambiente)
        if not Conta.objects.filter(nome=CONTA_DE_DEMONSTRACAO, ambiente=ambiente).exists():
            Conta.objects.create(nome=CONTA_DE_DEMONSTRACAO, ambiente=ambiente, token=token)
    Aviso.objects.filter(situacao=ENVIANDO).update(situacao=PENDENTE)
