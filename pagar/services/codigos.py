"""The bar code of a title that pays a guia, read from the guia's PDF."""

from collections.abc import Iterable

from django.db import transaction

from guias.models import Guia
from guias.services import barras
from pagar.models import Titulo
from pagar.services import registro
from pagar.services.colunas import gravar_colunas


def ler_das_guias(pks: Iterable[int]) -> None:
    """Fill the bar code of the titles (pk) of guias that have none; of one that cannot be read, say why on the title.
    No transaction is open: the files may be far away."""
    sem_codigo = Titulo.objects.filter(pk__in=list(pks), guia__isnull=False, codigo_barras="", aviso="")
    de_quais = dict(sem_codigo.values_list("pk", "guia"))
    if not de_quais:
        return
    guias = Guia.objects.select_related("documento").in_bulk(set(de_quais.values()))
    motivos = barras.completar(guias.values())
    with transaction.atomic():
        titulos = [titulo for titulo in registro.travados(de_quais) if not titulo.codigo_barras]
        for titulo in titulos:
            guia = guias[de_quais[titulo.pk]]
            if guia.codigo_barras:
                titulo.codigo_barras, titulo.barras = guia.codigo_barras, Titulo.Barras.PENDENTE
                titulo.preparar()
            else:
                titulo.aviso = f"O título vai sem código de barras. {motivos[guia.pk]}"
        gravar_colunas(titulos, ["codigo_barras", "barras", "aviso", "busca"])
