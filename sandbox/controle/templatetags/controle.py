"""What the pages of the control repeat."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_block_tag(end_name="endtabela")
def tabela(content: SafeString, *colunas: str, rotulo: str = "", vazia: str = "") -> SafeString:
    """A table around its rows. A column that begins with "#" is of numbers; with `rotulo` the table scrolls on its own,
    under that name; `vazia` stands where there is no row."""
    cabecas = [(coluna.removeprefix("#"), coluna.startswith("#")) for coluna in colunas]
    contexto = {"cabecas": cabecas, "linhas": content, "rotulo": rotulo, "vazia": "" if content.strip() else vazia}
    return render_to_string("controle/tabela.html", contexto)
