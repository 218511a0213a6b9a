"""The engine: intent (submissao), claim (tomada), try (execucao), its meaning (julgamento), its record (desfecho), what
people decide (pessoas), what was left behind (recuperacao). docs/motor.md tells the rules."""

from operacoes.motor.pessoas import (
    EstadoErrado,
    desistir,
    nova_revisao,
    pausar_servico,
    perguntar_de_novo,
    resolver,
    retomar,
    retomar_servico,
    suspender,
)
from operacoes.motor.submissao import NovaOperacao, Submetidas, submeter

__all__ = [
    "EstadoErrado",
    "NovaOperacao",
    "Submetidas",
    "desistir",
    "nova_revisao",
    "pausar_servico",
    "perguntar_de_novo",
    "resolver",
    "retomar",
    "retomar_servico",
    "submeter",
    "suspender",
]
