"""The columns of the receitas file that say what takes a tribute away from the revenue of a line, and the process that
suspends it."""

import re
from collections.abc import Callable
from decimal import Decimal

from comum.documentos import Invalido
from comum.formatos import normalizar, parse_percentual, parse_sim_nao
from comum.planilhas import Coluna as ColunaCsv
from comum.planilhas import Linha
from empresas.models import Empresa
from empresas.municipios import Municipios
from guias.calculo.ajustes import Ajuste, Especie
from guias.calculo.tributos import Tributo
from guias.models import Processo

COLUNAS_DO_AJUSTE = (
    ColunaCsv("ajuste", "ajuste", False, ("isenção ou redução", "espécie do ajuste")),
    ColunaCsv("tributos", "tributos", False, ("tributo", "tributos do ajuste")),
    ColunaCsv("percentual", "percentual", False, ("percentual de redução",)),
    ColunaCsv("processo", "processo", False, ("número do processo",)),
    ColunaCsv("uf_processo", "UF do processo", False, ()),
    ColunaCsv("vara", "vara", False, ()),
    ColunaCsv("municipio_processo", "município do processo", False, ()),
    ColunaCsv("deposito", "depósito", False, ("existe depósito",)),
    ColunaCsv("motivo", "motivo da suspensão", False, ("motivo",)),
)
_ESPECIES = {
    **{normalizar(especie.rotulo): especie for especie in Especie},
    **{especie.value: especie for especie in Especie},
    "suspensao": Especie.SUSPENSAO,
}
_TRIBUTOS = {
    **{tributo.value: tributo for tributo in Tributo if tributo.codigo},
    **{normalizar(tributo.rotulo): tributo for tributo in Tributo if tributo.codigo},
    "inss": Tributo.CPP,
}
_MOTIVOS = {
    **{str(motivo.value): motivo for motivo in Processo.Motivo},
    **{normalizar(str(motivo.label)): motivo for motivo in Processo.Motivo},
}
_DO_PROCESSO = ("uf_processo", "vara", "municipio_processo", "deposito", "motivo")
_SEPARA = re.compile(r"\s*(?:[,;+/]|\be\b)\s*", re.IGNORECASE)
Recusar = Callable[[int, str, str, str], None]


class LeitorDeAjustes:
    """Reads those columns of a line; what cannot be read goes to `recusar` (line, column, value, reason)."""

    def __init__(self, recusar: Recusar, municipios: Municipios) -> None:
        self._recusar = recusar
        self._municipios = municipios
        self.processos: dict[tuple[int, str], tuple[int, Processo]] = {}  # by matriz and number: its line, and it

    def ler(self, linha: Linha) -> Ajuste | None:
        """None without an adjustment, and where it was refused."""
        texto = linha.valores.get("ajuste", "")
        if not texto:
            sobra = next((nome for nome in ("tributos", "percentual") if linha.valores.get(nome)), "")
            if sobra:
                motivo = "Falta dizer o ajuste: " + ", ".join(especie.rotulo for especie in Especie) + "."
                self._recusar(linha.numero, "ajuste", "", motivo)
            return None
        especie = _ESPECIES.get(normalizar(texto))
        if especie is None:
            motivo = "Ajuste desconhecido. Use: " + ", ".join(especie.rotulo for especie in Especie) + "."
            self._recusar(linha.numero, "ajuste", texto, motivo)
            return None
        tributos = self._tributos(linha)
        percentual = self._percentual(linha, especie)
        processo = self._numero(linha, especie)
        if tributos is None or isinstance(percentual, Invalido) or processo is None:
            return None
        return Ajuste(especie, tributos, percentual, processo)

    def _tributos(self, linha: Linha) -> frozenset[Tributo] | None:
        texto = linha.valores.get("tributos", "")
        achados = {nome: _TRIBUTOS.get(normalizar(nome)) for nome in _SEPARA.split(texto) if nome}
        if normalizar(texto) in _TRIBUTOS:  # a label with a bar of its own: PIS/Pasep
            achados = {texto: _TRIBUTOS[normalizar(texto)]}
        if not achados or None in achados.values():
            motivo = "Diga os tributos do ajuste, separados por vírgula, como ICMS ou PIS, Cofins."
            self._recusar(linha.numero, "tributos", texto, motivo)
            return None
        return frozenset(tributo for tributo in achados.values() if tributo)

    def _percentual(self, linha: Linha, especie: Especie) -> Decimal | Invalido | None:
        texto = linha.valores.get("percentual", "")
        lido: Decimal | Invalido | None = parse_percentual(texto) if texto else None
        if isinstance(lido, Decimal) and not especie.reduz:
            self._recusar(linha.numero, "percentual", texto, "Só a redução tem percentual. Deixe a célula em branco.")
        elif especie.reduz and (not isinstance(lido, Decimal) or not 0 < lido <= 100 or lido * 100 % 1):
            motivo = "A redução pede um percentual maior que zero, até 100, com até duas casas."
            self._recusar(linha.numero, "percentual", texto, motivo)
        elif isinstance(lido, Invalido):
            self._recusar(linha.numero, "percentual", texto, lido.mensagem)
        return lido

    def _numero(self, linha: Linha, especie: Especie) -> str | None:
        texto = linha.valores.get("processo", "")
        numero = re.sub(r"[\s./-]", "", texto)
        if especie is not Especie.SUSPENSAO:
            if texto:
                motivo = "Só a exigibilidade suspensa tem processo. Deixe a célula em branco."
                self._recusar(linha.numero, "processo", texto, motivo)
            return ""
        if not numero.isascii() or not numero.isdecimal() or len(numero) > 20:
            motivo = "A exigibilidade suspensa pede o número do processo, com até 20 algarismos."
            self._recusar(linha.numero, "processo", texto, motivo)
            return None
        return numero

    def do_processo(self, linha: Linha, empresa: Empresa, ajuste: Ajuste, conhecidos: dict[str, Processo]) -> None:
        """Keep the process that the line brings whole, or see that it is one of the company's (`conhecidos`)."""
        matriz, numero = empresa.matriz_id or empresa.pk, ajuste.processo
        valores = {nome: linha.valores.get(nome, "") for nome in _DO_PROCESSO}
        ja = conhecidos.get(numero)
        if not any(valores.values()):
            if ja is None and (matriz, numero) not in self.processos:
                motivo = "Processo não cadastrado nesta empresa. Informe UF, vara e motivo na linha, ou inclua-o antes."
                self._recusar(linha.numero, "processo", linha.valores["processo"], motivo)
            return
        lido = self._processo(linha, valores, matriz, numero)
        if lido is None:
            return
        primeira, antes = self.processos.setdefault((matriz, numero), (linha.numero, lido))
        if _dados(antes) != _dados(lido):
            motivo = f"Diferente do que a linha {primeira} diz do mesmo processo. Deixe um valor só."
            self._recusar(linha.numero, "processo", linha.valores["processo"], motivo)
        elif ja is not None and _dados(ja) != _dados(lido):
            motivo = "O processo já está cadastrado com outros dados. Altere-o em Processos, na apuração da empresa."
            self._recusar(linha.numero, "processo", linha.valores["processo"], motivo)

    def _processo(self, linha: Linha, valores: dict[str, str], matriz: int, numero: str) -> Processo | None:
        uf, motivo = valores["uf_processo"].upper(), _MOTIVOS.get(normalizar(valores["motivo"]))
        deposito = parse_sim_nao(valores["deposito"]) if valores["deposito"] else False
        municipio: str | Invalido = ""
        if valores["municipio_processo"]:
            municipio = self._municipios.achar(valores["municipio_processo"], uf)
        problemas = (
            ("uf_processo", "" if len(uf) == 2 and uf.isalpha() else "Diga a sigla da UF do processo."),
            ("vara", "" if 0 < len(valores["vara"]) <= 60 else "Diga a vara ou o órgão, em até 60 letras."),
            ("motivo", "" if motivo else "Diga o motivo da suspensão, de 1 a 6 ou por extenso."),
            ("deposito", deposito.mensagem if isinstance(deposito, Invalido) else ""),
            ("municipio_processo", municipio.mensagem if isinstance(municipio, Invalido) else ""),
        )
        for nome, problema in problemas:
            if problema:
                self._recusar(linha.numero, nome, valores[nome], problema)
                return None
        return Processo(
            empresa_id=matriz,
            numero=numero,
            uf=uf,
            vara=valores["vara"],
            municipio_id=str(municipio) or None,
            deposito=deposito is True,
            motivo=int(motivo or 0),
        )


def _dados(processo: Processo) -> tuple[object, ...]:
    return processo.uf, processo.vara, processo.municipio_id, processo.deposito, int(processo.motivo)
