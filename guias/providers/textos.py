"""Texts of outside as plain text: markup is read for its paragraphs and dropped, so nothing of it can ever run."""

import re
from html.parser import HTMLParser

# A line of its own; a blank line around paragraphs.
_LINHA = frozenset({"div", "tr", "li", "dt", "dd", "table", "ul", "ol", "section", "header", "footer", "hr"})
_PARAGRAFO = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"})
_CELULA = frozenset({"td", "th"})
_CALADAS = frozenset(
    {"script", "style", "head", "title", "template", "noscript", "iframe", "object", "svg", "textarea"}
)
_VAZIAS = re.compile(r"\n{3,}")


class _Leitor(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.partes: list[str] = []
        self._calado = ""  # the element whose content nobody sees

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._calado:
            return
        if tag in _CALADAS:
            self._calado = tag
        elif tag == "li":
            self._linha()
            self.partes.append("• ")
        else:
            self._quebrar(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._calado:
            self._calado = ""
        elif not self._calado and tag != "li":
            self._quebrar(tag)
            if tag in _CELULA:
                self.partes.append("  ")

    def _quebrar(self, tag: str) -> None:
        if tag in _PARAGRAFO:
            self.partes.append("\n\n")
        elif tag == "br":
            self.partes.append("\n")
        elif tag in _LINHA:
            self._linha()

    def _linha(self) -> None:
        """A new line, unless one has just begun."""
        if self.partes and not self.partes[-1].endswith("\n"):
            self.partes.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._calado:
            self.partes.append(re.sub(r"[ \t\r\n\xa0]+", " ", data))


def texto_de(bruto: str) -> str:
    """The words of an HTML text, with its paragraphs, lines and list items; plain text keeps its lines."""
    if "<" not in bruto:
        bruto = bruto.replace("\r\n", "\n").replace("\n", "<br>")
    leitor = _Leitor()
    leitor.feed(bruto)
    leitor.close()
    linhas = ("".join(leitor.partes)).replace("\0", "").split("\n")
    return _VAZIAS.sub("\n\n", "\n".join(linha.strip() for linha in linhas)).strip()
