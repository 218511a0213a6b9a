"""The revenue codes and what each asks for, as CONSULTAAPOIORECEITAS52 tells it.

Codes, extensions and periods are the official ones (dados/receitas_federais.csv). SERPRO publishes no table of the
other characteristics: those below are the sandbox's own, from the law of each tribute.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

_ARQUIVO = Path(__file__).resolve().parent.parent.parent / "dados" / "receitas_federais.csv"
CAMPOS = (
    "numeroReferencia", "dataPA", "cota", "valorMulta", "valorJuros", "ganhoCapital", "dataAlienacao", "cno",
    "cnpjPrestador",
)  # fmt: skip
_PERIODOS = {"mensal": "ME", "trimestral": "TR", "anual": "AN", "decendial": "DC", "diaria": "DI", "": "DI"}
_SO_MATRIZ = {"IRPJ", "CSLL", "PIS/Pasep", "Cofins", "CSRF"}
_COM_COTA = {"2089", "2372", "0220", "3373", "6012", "0211"}
_COM_REFERENCIA = {"4095": "Inscrição da incorporação", "1068": "Inscrição da incorporação", "1889": "Processo"}
_GANHO_DE_CAPITAL = {"4600", "0507"}
_MANUAIS = {"6147", "6190"}
_SEM_BARRAS = {"1889"}
_DESDE_1997, _DA_CPRB = date(1997, 1, 1), date(2011, 12, 1)
_FIM = {"1068": date(2028, 12, 31)}


@dataclass(frozen=True)
class Extensao:
    codigo: str
    extensao: str
    descricao: str
    tributo: str
    tipo_pa: str

    @property
    def obrigatorios(self) -> frozenset[str]:
        campos = {"dataPA"}
        if self.codigo in _COM_REFERENCIA:
            campos.add("numeroReferencia")
        if self.codigo in _GANHO_DE_CAPITAL:
            campos |= {"ganhoCapital", "dataAlienacao"}
        if self.manual:
            campos |= {"valorMulta", "valorJuros"}
        if self.codigo == "1162":
            campos.add("cnpjPrestador")
        return frozenset(campos)

    @property
    def opcionais(self) -> frozenset[str]:
        campos = {"cota"} if self.codigo in _COM_COTA else set()
        if self.codigo == "1162":
            campos.add("cno")
        if self.tributo == "Multa":
            campos.add("numeroReferencia")
        return frozenset(campos)

    @property
    def manual(self) -> bool:
        return self.codigo in _MANUAIS

    @property
    def codigo_barras(self) -> bool:
        return self.codigo not in _SEM_BARRAS

    @property
    def exige_matriz(self) -> bool:
        return self.tributo in _SO_MATRIZ

    @property
    def pf(self) -> bool:
        return self.tributo in ("IRPF", "INSS", "Multa")

    @property
    def pj(self) -> bool:
        return self.tributo != "IRPF"

    @property
    def criacao(self) -> date:
        return _DA_CPRB if self.tributo == "CPRB" else _DESDE_1997

    @property
    def extincao(self) -> date | None:
        return _FIM.get(self.codigo)

    def dita(self) -> dict[str, Any]:
        return {
            "obrigatorios": {nome: nome in self.obrigatorios for nome in CAMPOS},
            "opcionais": {nome: nome in self.opcionais for nome in CAMPOS},
            "informacoes": {
                "calculado": not self.manual,
                "codigoBarras": self.codigo_barras,
                "codigoReceitaExtensao": self.extensao,
                "criacao": f"{self.criacao:%Y-%m-%d}T00:00:00",
                "descricaoReceitaExtensao": self.descricao,
                "descricaoReferencia": _COM_REFERENCIA.get(self.codigo, ""),
                "exigeMatriz": self.exige_matriz,
                "extincao": f"{self.extincao:%Y-%m-%d}T00:00:00" if self.extincao else None,
                "manual": self.manual,
                "pf": self.pf,
                "pj": self.pj,
                "tipoPeriodoApuracao": self.tipo_pa,
                "vedaValor": False,
            },
        }


@lru_cache(maxsize=1)
def receitas() -> dict[str, dict[str, Extensao]]:
    """By code and extension; where the table names no extension it is 01."""
    achadas: dict[str, dict[str, Extensao]] = {}
    with _ARQUIVO.open(encoding="utf-8", newline="") as arquivo:
        for linha in csv.DictReader(arquivo):
            lida = Extensao(
                linha["codigo_receita"],
                linha["extensao"] or "01",
                linha["denominacao"],
                linha["tributo"],
                _PERIODOS[linha["periodicidade"]],
            )
            achadas.setdefault(lida.codigo, {})[lida.extensao] = lida
    return achadas
