"""The service catalogue (119 services, SERPRO, "Catálogo de Serviços", 3 September 2026), read from `dados/`."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SERVICO = "integra_contador"  # this simulator, in the ledger, in the calls and in the scenarios
_ARQUIVO = Path(__file__).resolve().parent.parent / "dados" / "integra_contador_servicos.csv"

_SO_CNPJ = frozenset({2})
_CPF_OU_CNPJ = frozenset({1, 2})
_LISTAS = frozenset({3, 4})
_DOIS_TIPOS = {
    *("SICALC", "SITFIS", "CAIXAPOSTAL", "PAGTOWEB", "PROCURACOES"),
    *("DCTFWEB", "AUTENTICAPROCURADOR", "PNRCONTADOR", "EPROCESSO"),
}
_DO_SERVICO = {
    "CCMEISITCADASTRAL123": frozenset({1, 2}),
    "SOLICEVENTOSPF131": frozenset({3}),
    "OBTEREVENTOSPF133": frozenset({3}),
    "SOLICEVENTOSPJ132": frozenset({4}),
    "OBTEREVENTOSPJ134": frozenset({4}),
}


@dataclass(frozen=True)
class Servico:
    """One row of the catalogue; `poderes` are alternative codes of procuração, empty when none is needed."""

    sistema: str
    servico: str
    versao: str
    rota: str
    descricao: str
    classe: str
    poderes: frozenset[str]

    @property
    def liberado(self) -> bool:
        return "[prospecção]" not in self.descricao and "[em construção]" not in self.descricao

    @property
    def descontinuado(self) -> bool:
        return "[descontinuado" in self.descricao

    @property
    def tipos_do_sistema(self) -> frozenset[int]:
        if self.sistema == "EVENTOSATUALIZACAO":
            return _LISTAS
        if self.sistema in _DOIS_TIPOS or self.servico in _DO_SERVICO:
            return _CPF_OU_CNPJ
        return _SO_CNPJ

    @property
    def tipos_do_servico(self) -> frozenset[int]:
        return _DO_SERVICO.get(self.servico, self.tipos_do_sistema)


def _poderes(texto: str) -> frozenset[str]:
    return frozenset(parte.rstrip("?") for parte in texto.split("|") if parte[:5].isdigit())


@lru_cache(maxsize=1)
def catalogo() -> dict[tuple[str, str], Servico]:
    with _ARQUIVO.open(encoding="utf-8", newline="") as arquivo:
        linhas = [
            Servico(
                linha["id_sistema"],
                linha["id_servico"],
                linha["versao"],
                linha["rota"],
                linha["descricao"],
                linha["classe_cobranca"],
                _poderes(linha["procuracao_codigo"]),
            )
            for linha in csv.DictReader(arquivo)
        ]
    return {(linha.sistema, linha.servico): linha for linha in linhas}


def operacoes() -> list[str]:
    """Every name a call may have."""
    return ["authenticate", *(servico for _, servico in catalogo())]


NOMES_DOS_PODERES = {
    "00146": "PGDAS-D - a partir de 01/2018",
    "00103": "DCTFWeb",
    "00006": "Caixa Postal - Mensagens",
    "00050": "Caixa Postal - Opção pelo Domicílio Tributário Eletrônico",
    "00004": "Pagamentos - Comprovante de Arrecadação",
    "00002": "Situação Fiscal do Contribuinte",
    "00060": "Simples Nacional - Opção pelo Regime de Apuração de Receitas",
    "00076": "Simples Nacional - Parcelamento",
    "00188": "Simples Nacional - Parcelamento: Solicitar, acompanhar e emitir DAS",
    "00125": "Simples Nacional - Parcelamento Especial",
    "00149": "PERT-SN",
    "10011": "PERT-SN - Solicitar, acompanhar e emitir DAS",
    "00210": "RELP-SN",
    "10036": "RELP-SN - Solicitar, acompanhar e emitir DAS",
    "00134": "MEI - Parcelamento",
    "00152": "MEI - Parcelamento Especial e PERT",
    "00209": "MEI - RELP",
    "00051": "e-Processo",
    "TODOS": "TODOS",
}
