"""News of the archive for the apps above it."""

from django.dispatch import Signal

# Inside the transaction that files them: `documentos`, a list of Documento that the office brought.
documentos_importados = Signal()
