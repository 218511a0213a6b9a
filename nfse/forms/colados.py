"""Papers pasted from a spreadsheet: text with a header to the raw rows of their form, and back."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.text import Truncator

from comum.documentos import Invalido
from comum.formatos import normalizar
from comum.planilhas import DE_DOCUMENTO, Coluna, Problema, ler
from empresas.municipios import Municipios
from nfse.models.papeis import FormaDeducao, FormaReembolso, TipoDeducao, TipoReembolso
from nfse.services.papeis import forma_da_chave

_DE_MUNICIPIO = ("municipio", "fornecedor_municipio")
_SIGLAS = {"nfs e": "nfse", "nfse": "nfse", "nf e": "nfe", "nfe": "nfe", "ct e": "cte", "cte": "cte"}


@dataclass(frozen=True)
class Colado:
    """(line of the text, raw row) of what was read, and what could not be, in words."""

    linhas: Sequence[tuple[int, dict[str, Any]]] = ()
    erros: Sequence[str] = ()


@dataclass(frozen=True)
class Colagem:
    """How one list is pasted: its columns, and the choices that two of them name by code or by words."""

    colunas: Sequence[Coluna]
    escolhas: Mapping[str, Sequence[tuple[str, str]]]

    @property
    def cabecalho(self) -> str:
        return "; ".join(coluna.rotulo for coluna in self.colunas)

    def ler(self, texto: str) -> Colado:
        if not texto.strip():
            return Colado()
        planilha = ler(texto, self.colunas, sem_cabecalho="Cole também a linha dos títulos, acima das outras.")
        if planilha.erros:
            return Colado(erros=[erro.mensagem for erro in planilha.erros])
        lugares, linhas, erros = _Lugares(), [], []
        for linha in planilha:
            if isinstance(linha, Problema):
                erros.append(linha.mensagem)
                continue
            cru = self._cru(linha.valores, lugares)
            erros += (fora := [f"Linha {linha.numero}: {dito}" for dito in self._fora_da_lista(cru)])
            if not fora:  # a list of choices could not show it
                linhas.append((linha.numero, cru))
        return Colado(linhas, erros)

    def _fora_da_lista(self, cru: Mapping[str, str]) -> Iterator[str]:
        rotulos = {coluna.nome: coluna.rotulo for coluna in self.colunas}
        for nome, opcoes in self.escolhas.items():
            if cru.get(nome) and cru[nome] not in dict(opcoes):
                ditas = "; ".join(Truncator(palavras).chars(60) for _, palavras in opcoes)
                yield f"“{cru[nome][:60]}” não é {rotulos[nome]} que se conheça. Use um destes: {ditas}."

    def _cru(self, valores: Mapping[str, str], lugares: "_Lugares") -> dict[str, Any]:
        cru = {nome: valor for nome, valor in valores.items() if valor}
        if "forma" not in cru and (forma := forma_da_chave(re.sub(r"\W", "", cru.get("documento", "")))):
            cru["forma"] = forma
        for nome, opcoes in self.escolhas.items():
            if nome in cru:
                cru[nome] = _escolher(cru[nome], opcoes)
        for nome in _DE_MUNICIPIO:
            if nome in cru:
                cru[nome] = lugares.codigo(cru[nome])
        return cru

    def escrever(self, crus: Iterable[Mapping[str, str]]) -> str:
        """The text that ler() reads back."""
        saida = io.StringIO()
        escritor = csv.writer(saida, delimiter="\t", lineterminator="\n")
        escritor.writerow([coluna.rotulo for coluna in self.colunas])
        escritor.writerows([cru.get(coluna.nome, "") for coluna in self.colunas] for cru in crus)
        return saida.getvalue()


class _Lugares:
    """Municípios by what people write; the table is read for a name only."""

    @cached_property
    def _tabela(self) -> Municipios:
        return Municipios()

    def codigo(self, texto: str) -> str:
        """What cannot be found stays as it is, for the form to refuse."""
        if re.fullmatch("[0-9]{7}", texto):
            return texto
        achado = self._tabela.achar(texto)
        return texto if isinstance(achado, Invalido) else achado


def _escolher(texto: str, opcoes: Sequence[tuple[str, str]]) -> str:
    """The value of a choice by its number ("2", "02 - Materiais") or its words; what is none stays as it is."""
    numero = re.match(r"0*([0-9]+)", texto)
    if numero:
        return next((valor for valor, _ in opcoes if valor.lstrip("0") == numero[1]), texto)
    dito = normalizar(texto)
    ditas = {normalizar(nome.partition(" - ")[2] or nome): valor for valor, nome in opcoes} | {v: v for v, _ in opcoes}
    achado = ditas.get(dito) or _SIGLAS.get(dito, "")
    return achado if achado in dict(opcoes) else texto


def _colunas(*primeiras: Coluna) -> tuple[Coluna, ...]:
    return (
        Coluna("forma", "tipo de documento", False, ("espécie",)),
        Coluna("documento", "chave ou número", True, ("chave", "documento", "número do documento", "nota")),
        *primeiras,
        Coluna("tipo", "tipo", True, ("tipo da dedução", "tipo do reembolso")),
        Coluna("descricao", "descrição"),
        Coluna("emissao", "data", True, ("emissão", "data de emissão")),
    )


DEDUCOES_COLADAS = Colagem(
    (
        *_colunas(
            Coluna("municipio", "município da nota"),
            Coluna("verificacao", "código de verificação", False, ("verificação",)),
            Coluna("modelo", "modelo"),
            Coluna("serie", "série"),
        ),
        Coluna("dedutivel", "dedutível", True, ("valor dedutível", "valor")),
        Coluna("deduzido", "deduzido", False, ("valor deduzido",)),
        Coluna("fornecedor_documento", "CNPJ ou CPF do fornecedor", False, ("fornecedor", *DE_DOCUMENTO[:-1])),
        Coluna("fornecedor_nome", "nome do fornecedor", False, ("nome",)),
        Coluna("fornecedor_cep", "CEP"),
        Coluna("fornecedor_logradouro", "logradouro"),
        Coluna("fornecedor_numero", "número"),
        Coluna("fornecedor_complemento", "complemento"),
        Coluna("fornecedor_bairro", "bairro"),
        Coluna("fornecedor_municipio", "município"),
    ),
    {"forma": FormaDeducao.choices, "tipo": TipoDeducao.choices},
)
REEMBOLSOS_COLADOS = Colagem(
    (
        *_colunas(
            Coluna("descricao_documento", "que documento é"),
            Coluna("municipio", "município"),
        ),
        Coluna("competencia", "competência"),
        Coluna("valor", "valor", True),
        Coluna("fornecedor_documento", "CNPJ ou CPF do fornecedor", False, ("fornecedor", *DE_DOCUMENTO[:-1])),
        Coluna("fornecedor_nome", "nome do fornecedor", False, ("nome",)),
    ),
    {"forma": FormaReembolso.choices, "tipo": TipoReembolso.choices},
)
