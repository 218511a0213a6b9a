"""Template tags of the forms of bodies (pagar/forms/corpo.py)."""

from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, Select
from django.utils.safestring import SafeString

from comum.formularios import DinheiroField
from pagar.forms.campos import InteiroField, NumeroField

register = template.Library()


@register.simple_tag
def celula(campo: BoundField) -> SafeString:
    """A field alone, in a cell of a sheet; what is wrong with it is said in the row below."""
    attrs: dict[str, Any] = {"aria-invalid": "true"} if campo.errors else {}
    widget = campo.field.widget
    if isinstance(widget, CheckboxInput):
        attrs["class"] = "form-check-input"
    elif not isinstance(widget, Select):
        attrs["autocomplete"] = "off"
    return campo.as_widget(attrs=attrs)


@register.filter
def alinhado(campo: BoundField) -> str:
    """The class of a cell: numbers to the right."""
    return "num" if isinstance(campo.field, DinheiroField | NumeroField | InteiroField) else ""
