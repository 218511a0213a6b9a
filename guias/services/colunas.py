"""What a column of the sheet of receitas stands for, and a line of its file."""

from dataclasses import dataclass

from empresas.municipios import UFS
from guias.calculo import ajustes
from guias.calculo.atividades import ATIVIDADES, NOMES_CURTOS
from guias.models import COM_OUTRA_UF, COM_OUTRO_MUNICIPIO, COM_TRATAMENTO, Receita, Tratamento
from guias.services.montagem import qualificacoes


@dataclass(frozen=True, order=True)
class Coluna:
    """What a column of the sheet holds: an activity, its treatment, where its ISS is due (IBGE code), what takes a
    tribute away (the key of an Ajuste), and the state to which its ICMS is due, where it is another."""

    atividade: int
    tratamento: str = ""
    municipio: str = ""
    ajuste: str = ""
    uf: str = ""

    @property
    def chave(self) -> str:
        """As it travels in URLs and field names: 13, 2.st, 10.3304557, 34.RJ, 14.isento-iss."""
        return ".".join(filter(None, [str(self.atividade), self.tratamento, self.municipio, self.uf, self.ajuste]))

    @property
    def processo(self) -> str:
        """Number of the process that suspends a tribute of it, empty when none does."""
        lido = ajustes.ler(self.ajuste)
        return lido.processo if lido else ""

    @property
    def dito_do_ajuste(self) -> str:
        return ajustes.rotulo_de(self.ajuste)

    @property
    def rotulo(self) -> str:
        """As a person reads it: atividade 2 (Revenda ST/mono), ICMS por substituição."""
        partes = [f"atividade {self.atividade} ({NOMES_CURTOS[self.atividade]})"]
        if self.tratamento:
            partes.append(Tratamento(self.tratamento).label)
        if self.municipio:
            partes.append(f"município {self.municipio}")
        if self.uf:
            partes.append(f"ICMS devido a {self.uf}")
        if self.ajuste:
            partes.append(self.dito_do_ajuste)
        return ", ".join(partes)

    @classmethod
    def ler(cls, chave: str) -> "Coluna | None":
        """The column of a key; None when it names nothing that can be typed."""
        numero, *partes = chave.split(".")
        if not numero.isascii() or not numero.isdecimal() or len(numero) > 2 or int(numero) not in ATIVIDADES:
            return None
        ajuste = partes.pop() if partes and "-" in partes[-1] else ""
        atividade, resto = int(numero), ".".join(partes)
        if atividade in COM_TRATAMENTO:
            coluna = cls(atividade, resto, "", ajuste) if resto and resto in Tratamento.values else None
        elif atividade in COM_OUTRO_MUNICIPIO:
            coluna = cls(atividade, "", resto, ajuste) if len(resto) == 7 and resto.isdecimal() else None
        elif atividade in COM_OUTRA_UF and resto:
            coluna = cls(atividade, ajuste=ajuste, uf=resto) if resto in UFS else None
        else:
            coluna = None if resto else cls(atividade, ajuste=ajuste)
        return None if coluna is None or problema_do_ajuste(coluna) else coluna

    @classmethod
    def de(cls, receita: Receita) -> "Coluna":
        municipio = receita.municipio_iss_id or ""
        return cls(receita.atividade, receita.tratamento, municipio, receita.ajuste, receita.uf_icms)


def problema_do_ajuste(coluna: Coluna) -> str:
    """Why what the column takes away does not go with its activity and treatment (pt-BR); empty when it does."""
    if not coluna.ajuste:
        return ""
    lido = ajustes.ler(coluna.ajuste)
    if lido is None:
        return "O ajuste não foi entendido. Escolha a espécie, os tributos e o percentual ou o processo."
    receita = Receita(atividade=coluna.atividade, tratamento=coluna.tratamento)
    return ajustes.problema(lido, coluna.atividade, frozenset(tributo for tributo, _ in qualificacoes(receita)))
