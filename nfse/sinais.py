"""News of notes for the apps above, sent inside the transaction that records them."""

from django.dispatch import Signal

# `nota`: the NotaRecebida that its issuer cancelled.
recebida_cancelada = Signal()
