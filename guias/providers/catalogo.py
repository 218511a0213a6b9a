"""SERPRO's catalogue of services (119, of 3 September 2026), read from guias/dados/servicos.csv.

Source: SERPRO, API Integra Contador, "Catálogo de Serviços". The power of procuração of some services is not stated
there and was deduced (docs/integra-contador.md).
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

_ARQUIVO = Path(__file__).resolve().parent.parent / "dados" / "servicos.csv"
_CLASSES = {"Declaração": "declaracao", "Emissão": "emissao", "Consulta": "consulta", "Sem cobrança": "gratis"}
_FASE = re.compile(r"\s*\[(?P<fase>[^\]]+)\]$")
_SO_LEEM = frozenset({"Apoiar", "Consultar", "Monitorar"})


@dataclass(frozen=True)
class Servico:
    """One service. `classe` is that of charging (operacoes.models.Classe), `poderes` the alternative codes of
    procuração that open it (empty: none needed), `fase` why it is not in production ("prospecção", "em construção",
    "descontinuado em ..."; empty when it is). `repetivel`: carrying it out twice changes nothing at the Receita and
    draws nothing anew."""

    rota: str
    sistema: str
    servico: str
    versao: str
    descricao: str
    classe: str
    poderes: frozenset[str]
    fase: str
    repetivel: bool

    def __str__(self) -> str:
        return f"{self.sistema}/{self.servico}"

    @property
    def cobrado(self) -> bool:
        return self.classe != "gratis"

    @property
    def em_producao(self) -> bool:
        return not self.fase


def _ler(linha: Mapping[str, str]) -> Servico:
    achada = _FASE.search(linha["descricao"])
    return Servico(
        rota=linha["rota"],
        sistema=linha["id_sistema"],
        servico=linha["id_servico"],
        versao=linha["versao"],
        descricao=_FASE.sub("", linha["descricao"]),
        classe=_CLASSES[linha["classe_cobranca"]],
        poderes=frozenset(parte.rstrip("?") for parte in linha["procuracao_codigo"].split("|") if parte[:5].isdigit()),
        fase=achada["fase"] if achada else "",
        repetivel=linha["rota"] in _SO_LEEM,
    )


@lru_cache(maxsize=1)
def catalogo() -> Mapping[str, Servico]:
    """Every service by "SISTEMA/SERVICO", in the catalogue's order."""
    with _ARQUIVO.open(encoding="utf-8", newline="") as arquivo:
        lidos = [_ler(linha) for linha in csv.DictReader(arquivo)]
    return MappingProxyType({str(servico): servico for servico in lidos})


def achar(sistema: str, servico: str) -> Servico:
    """Raises KeyError for a service that the catalogue does not have."""
    return catalogo()[f"{sistema}/{servico}"]
