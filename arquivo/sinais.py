"""News of the archive for the apps above it."""

from django.dispatch import Signal

# Inside the transaction that files them: `documentos`, a list of Documento that the office brought, and `dados`, what
# the reader of each file said of it (Reconhecido.dados), in the same order.
documentos_importados = Signal()
