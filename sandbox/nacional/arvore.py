"""A document that passed its schema, read by the names of its fields."""

from datetime import date, datetime
from decimal import Decimal

from sandbox.nacional.codigos import recusa
from sandbox.nacional.esquema import NS
from sandbox.nacional.pacote import Arvore

CENTAVO = Decimal("0.01")


class Campos:
    """The fields below one element, by path: `prest/regTrib/opSimpNac`."""

    def __init__(self, elemento: Arvore) -> None:
        self.elemento = elemento

    def no(self, caminho: str) -> Arvore | None:
        return self.elemento.find("/".join(f"{{{NS}}}{parte}" for parte in caminho.split("/")))

    def nos(self, caminho: str) -> list[Arvore]:
        return self.elemento.findall("/".join(f"{{{NS}}}{parte}" for parte in caminho.split("/")))

    def tem(self, caminho: str) -> bool:
        return self.no(caminho) is not None

    def texto(self, caminho: str) -> str:
        """Empty when the field is not there."""
        achado = self.no(caminho)
        return (achado.text or "") if achado is not None else ""

    def valor(self, caminho: str) -> Decimal | None:
        texto = self.texto(caminho)
        return Decimal(texto) if texto else None

    def dinheiro(self, caminho: str) -> Decimal:
        """Zero when the field is not there."""
        return self.valor(caminho) or Decimal(0)

    def dia(self, caminho: str) -> date:
        """Raises Recusa E1235: the patterns of the schema let some texts through that are no date."""
        try:
            return date.fromisoformat(self.texto(caminho))
        except ValueError:
            raise recusa("E1235", f"{caminho} não é uma data.") from None

    def instante(self, caminho: str) -> datetime:
        """Raises Recusa E1235, as `dia`."""
        try:
            lido = datetime.strptime(self.texto(caminho), "%Y-%m-%dT%H:%M:%S%z")
        except ValueError:
            raise recusa("E1235", f"{caminho} não é data e hora com o fuso.") from None
        return lido

    def um_de(self, grupo: str, *nomes: str) -> str:
        """The text of the first of alternative fields of a group that is there."""
        return next((texto for nome in nomes if (texto := self.texto(f"{grupo}/{nome}"))), "")
