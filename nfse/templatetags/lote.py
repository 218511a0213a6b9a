"""What can be done about a group of notes that the pré-voo leaves out."""

from dataclasses import dataclass

from django import template
from django.urls import reverse

from nfse.services.correcoes import sugeridos
from nfse.services.emissao import ForaNota
from nfse.services.lote import NotaDeFora

register = template.Library()


@dataclass(frozen=True)
class Proxima:
    """`codigo`: one correction serves all of them. Else the page where it is mended, if there is one."""

    codigo: str = ""
    rotulo: str = ""
    url: str = ""


@register.filter
def proxima(item: ForaNota | NotaDeFora) -> Proxima:
    """Of the group that this note is the first of."""
    if not isinstance(item, ForaNota):
        return Proxima()
    problema = item.problemas[0]
    if sugeridos(problema.codigo, problema.campo):
        return Proxima(codigo=problema.codigo)
    if problema.campo == "tomador":
        if problema.codigo == "tomador-sem-endereco":
            return Proxima(rotulo="Tomadores sem endereço", url=reverse("nfse:tomadores") + "?endereco=falta")
        return Proxima(rotulo="Abrir o tomador", url=item.nota.tomador.get_absolute_url())
    if problema.codigo in ("sem-canal", "sem-serie", "canal-pausado"):
        return Proxima(rotulo="Abrir os canais", url=reverse("nfse:canais"))
    return Proxima()
