"""News of guias for the apps above, sent inside the transaction that records them."""

from django.dispatch import Signal

# `guia`: a Guia of which the Receita tells that it was paid, or paid by another value than it told before.
guia_paga = Signal()
# `guia`: a Guia drawn again, for a dívida that had one already.
guia_reemitida = Signal()
