"""What the calls cost: who pays (contas), prices by date (precos), what was counted (volume, gastos, extrato), what is
to come (previsao, projecao), the cap (teto) and SERPRO's own report (consumo). docs/custos.md tells the rules."""

from operacoes.custos.gastos import Custo, das_operacoes
from operacoes.custos.precos import carregar_precos, periodo
from operacoes.custos.previsao import Orcamento, Previsao, cobradas, orcar, orcar_chamadas, previsto
from operacoes.custos.volume import limpar_memoria, preco_unitario, somar, volumes

__all__ = [
    "Custo",
    "Orcamento",
    "Previsao",
    "carregar_precos",
    "cobradas",
    "das_operacoes",
    "limpar_memoria",
    "orcar",
    "orcar_chamadas",
    "periodo",
    "preco_unitario",
    "previsto",
    "somar",
    "volumes",
]
