"""A cell of the cockpit's grid, drawn in one go: there are four hundred of them on a page."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from comum.templatetags.tela import chip
from painel.celulas import Grau
from painel.linhas import Celula

register = template.Library()


@register.simple_tag
def celula(celula: Celula) -> SafeString:
    """State as sign, word and colour; under it the next action and why it stopped."""
    if celula.tom == "neutro":  # nothing is asked of anybody: words alone, quietly
        classe = "nada" if celula.grau is Grau.NADA else "espera"
        sinal = "–" if celula.grau is Grau.NADA else "·"
        # The sign never ends a line: it stays with the first word.
        primeira, espaco, resto = celula.rotulo.lower().partition(" ")
        junto = format_html('<span class="text-nowrap"><span aria-hidden="true">{}</span> {}</span>', sinal, primeira)
        return format_html('<td class="estado quieto {}">{}{}</td>', classe, junto, espaco + resto)
    acao, separador = SafeString(""), ""
    if celula.url:
        acao = format_html('<a href="{}">{}</a>', celula.url, celula.acao)
        separador = " · " if celula.detalhe else ""
    abaixo = (
        format_html('<small title="{0}">{1}{2}{0}</small>', celula.detalhe, acao, separador)
        if acao or celula.detalhe
        else ""
    )
    return format_html('<td class="estado">{}{}</td>', chip(celula.tom, celula.rotulo), abaixo)
