"""The bar code of a title that pays a guia, read from the guia's PDF."""

from collections.abc import Iterable

from guias.models import Guia
from guias.services import barras
from pagar.models import Titulo


def ler_das_guias(pks: Iterable[int]) -> None:
    """Fill the bar code of the titles (pk) of guias that have none; of one that cannot be read, say why on the title.
    No transaction is open: the files may be far away."""
    consulta = Titulo.objects.filter(pk__in=list(pks), guia__isnull=False, codigo_barras="", aviso="")
    por_guia = dict(consulta.values_list("guia", "pk"))
    guias = list(Guia.objects.select_related("documento").filter(pk__in=por_guia))
    motivos = barras.completar(guias)
    for guia in guias:
        titulo = Titulo.objects.filter(pk=por_guia[guia.pk], codigo_barras="")
        if guia.codigo_barras:
            titulo.update(codigo_barras=guia.codigo_barras, barras=Titulo.Barras.PENDENTE)
        else:
            titulo.update(aviso=f"O título vai sem código de barras. {motivos[guia.pk]}")
