"""News of the register for the apps above it, sent inside the transaction that records them."""

from django.dispatch import Signal

# `ids`: empresas that changed (of a filial that moved, the matriz it left too); `campos`: which of what the fiscal work
# looks at changed in some of them: inicio_atividade, matriz, ativa, municipio, regime.
cadastro_mudou = Signal()
CAMPOS_FISCAIS = frozenset({"inicio_atividade", "matriz", "ativa", "municipio", "regime"})
