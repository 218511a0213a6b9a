"""The engine: intent (submissao), claim (tomada), turn (vez), try (execucao), its meaning (julgamento), its record
(desfecho), what people decide (pessoas), what a service tells unasked (noticias), what was left behind (recuperacao),
what a restored backup holds back (restauracao). docs/motor.md tells the rules."""

from operacoes.intencao import NovaOperacao
from operacoes.motor.noticias import adiantar
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
from operacoes.motor.submissao import Submetidas, submeter

__all__ = [
    "EstadoErrado",
    "NovaOperacao",
    "Submetidas",
    "adiantar",
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
