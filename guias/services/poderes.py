"""Which electronic powers open each service, and which of them a grant gives.

The catalogue names the powers by code; OBTERPROCURACAO41 answers with their names, of which SERPRO publishes no list: a
name is recognised by the words it must and must not have (docs/integra-contador.md).
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Greatest

from credentials.models import Servico
from guias.providers.catalogo import catalogo
from guias.providers.parcelamentos import FAMILIAS

TODOS = "TODOS"


@dataclass(frozen=True)
class Poder:
    """One power of e-CAC. `tem` and `nao_tem`: words of its name, upper case without accents."""

    codigo: str
    nome: str
    tem: tuple[str, ...]
    nao_tem: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.codigo} ({self.nome})"

    def serve(self, nome: str) -> bool:
        limpo = _limpo(nome)
        return all(palavra in limpo for palavra in self.tem) and not any(palavra in limpo for palavra in self.nao_tem)


_PODERES = {
    poder.codigo: poder
    for poder in (
        Poder("00146", "PGDAS-D", ("PGDAS",)),
        Poder("00103", "DCTFWeb", ("DCTFWEB",)),
        Poder("00006", "Caixa Postal", ("CAIXA POSTAL",), ("DOMICILIO",)),
        Poder("00050", "Domicílio Tributário Eletrônico", ("DOMICILIO TRIBUTARIO",)),
        Poder("00004", "Comprovante de arrecadação", ("COMPROVANTE DE ARRECADACAO",)),
        Poder("00002", "Situação fiscal", ("SITUACAO FISCAL",)),
        Poder("00060", "Regime de apuração do Simples", ("REGIME DE APURACAO",)),
        Poder("00076", "Parcelamento do Simples", ("SIMPLES", "PARCELAMENTO"), ("ESPECIAL", "SOLICITAR", "MEI")),
        Poder("00188", "Parcelamento do Simples", ("SIMPLES", "PARCELAMENTO", "SOLICITAR"), ("ESPECIAL", "MEI")),
        Poder("00125", "Parcelamento especial do Simples", ("SIMPLES", "PARCELAMENTO ESPECIAL"), ("MEI",)),
        Poder("00149", "PERT-SN", ("PERT-SN",), ("SOLICITAR",)),
        Poder("10011", "PERT-SN", ("PERT-SN", "SOLICITAR")),
        Poder("00210", "RELP-SN", ("RELP-SN",), ("SOLICITAR",)),
        Poder("10036", "RELP-SN", ("RELP-SN", "SOLICITAR")),
        Poder("00134", "Parcelamento do MEI", ("MEI", "PARCELAMENTO"), ("ESPECIAL", "PERT", "RELP")),
        Poder("00152", "Parcelamento especial e PERT do MEI", ("MEI", "PERT")),
        Poder("00209", "RELP do MEI", ("MEI", "RELP")),
        Poder("00051", "e-Processo", ("E-PROCESSO",)),
    )
}

# The systems of the catalogue that each group of services of the Vinculo asks.
_SISTEMAS: dict[Servico, tuple[str, ...]] = {
    Servico.PGDASD: ("PGDASD",),
    Servico.DAS: ("PGDASD",),
    Servico.DARF: ("SICALC",),
    Servico.DCTFWEB: ("DCTFWEB", "MIT"),
    Servico.MEI: ("PGMEI", "CCMEI"),
    Servico.PROCURACOES: ("PROCURACOES",),
    Servico.PAGAMENTOS: ("PAGTOWEB",),
    Servico.SITUACAO_FISCAL: ("SITFIS",),
    Servico.CAIXA_POSTAL: ("CAIXAPOSTAL", "DTE"),
    Servico.PARCELAMENTOS: tuple(familia.sigla for familia in FAMILIAS.values()),
    Servico.ANUAIS: ("DEFIS", "REGIMEAPURACAO"),
    Servico.PROCESSOS: ("EPROCESSO", "PNRCONTADOR"),
}
_DE_MEI = frozenset(familia.sigla for familia in FAMILIAS.values() if familia.mei)
_NOMES_DOS_SISTEMAS = {
    "CAIXAPOSTAL": "Caixa postal",
    "REGIMEAPURACAO": "Regime de apuração",
    "EPROCESSO": "e-Processo",
    "PNRCONTADOR": "Redesim",
}


@dataclass(frozen=True)
class Exigencia:
    """What some systems of one group of services ask: one of the alternative `poderes`. `mei`: only of a MEI (True),
    only of who is not (False), or of anybody (None). `conforme_o_caso`: of an instalment system, which the client may
    have nothing in; of those, one is enough."""

    servico: Servico
    nome: str
    poderes: frozenset[str]
    mei: bool | None = None
    conforme_o_caso: bool = False

    def cabe(self, *, mei: bool) -> bool:
        return self.mei is None or self.mei == mei


def _do_sistema(sistema: str) -> set[frozenset[str]]:
    return {s.poderes for s in catalogo().values() if s.sistema == sistema and s.em_producao}


def _exigencias(servico: Servico) -> Iterator[Exigencia]:
    sistemas = _SISTEMAS[servico]
    por_poderes: dict[frozenset[str], list[str]] = {}
    for sistema in sistemas:
        for poderes in sorted(filter(None, _do_sistema(sistema)), key=sorted):
            por_poderes.setdefault(poderes, []).append(sistema)
    de_parcelas = servico == Servico.PARCELAMENTOS
    for poderes, seus in por_poderes.items():
        todos = len(seus) == len(sistemas)
        nome = str(servico.label) if todos else " e ".join(_NOMES_DOS_SISTEMAS.get(um, um) for um in seus)
        yield Exigencia(servico, nome, poderes, seus[0] in _DE_MEI if de_parcelas else None, de_parcelas)


# By group of services, read from the catalogue: empty where its services need none.
EXIGENCIAS: dict[Servico, tuple[Exigencia, ...]] = {servico: tuple(_exigencias(servico)) for servico in Servico}
# What a group needs where its services all need the same.
DO_GRUPO: dict[Servico, frozenset[str]] = {
    servico: exigencias[0].poderes
    for servico, exigencias in EXIGENCIAS.items()
    if exigencias and set().union(*map(_do_sistema, _SISTEMAS[servico])) == {exigencias[0].poderes}
}


def _limpo(nome: str) -> str:
    return unicodedata.normalize("NFKD", nome).encode("ascii", "ignore").decode().upper()


def validades(concessoes: Iterable[tuple[date, Iterable[str]]]) -> dict[str, str]:
    """Until when each power holds, over all the grants: by code or TODOS, as ISO dates. A name that is not recognised
    gives none."""
    ate: dict[str, str] = {}
    for expira, sistemas in concessoes:
        for nome in sistemas:
            codigos = [TODOS] if nome == TODOS else [codigo for codigo, poder in _PODERES.items() if poder.serve(nome)]
            for codigo in codigos:
                ate[codigo] = max(ate.get(codigo, ""), expira.isoformat())
    return ate


def ate_quando(validades: Mapping[str, str], poderes: frozenset[str]) -> date | None:
    """The last day on which one of the alternative powers holds; None where none was ever granted."""
    dias = [validades[codigo] for codigo in (TODOS, *poderes) if codigo in validades]
    return date.fromisoformat(max(dias)) if dias else None


def ate_quando_sql(poderes: frozenset[str], campo: str = "validades") -> Greatest:
    """As ate_quando(), asked of the database: the ISO date as text, NULL where no power was granted."""
    codigos = (TODOS, *sorted(poderes))
    return Greatest(
        *(Func(F(campo), Value(codigo), function="jsonb_extract_path_text") for codigo in codigos),
        output_field=TextField(),
    )


def nomes(poderes: frozenset[str]) -> str:
    """The powers as told to a person: "00149 (PERT-SN) ou 10011 (PERT-SN)"."""
    return " ou ".join(str(_PODERES[codigo]) for codigo in sorted(poderes))
