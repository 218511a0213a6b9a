"""The rows of a month of MIT that suspend a debit, as a person types them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.http import QueryDict

from comum.formatos import format_data, format_numero
from empresas.municipios import Municipios
from guias.forms.mit import LinhaDigitada
from guias.models import ApuracaoMit
from guias.services import suspensoes_mit
from guias.services.suspensoes_mit import COLUNAS

_EM_BRANCO, _MAXIMO, _MAIOR = 2, 100, 80


@dataclass
class SuspensaoDigitada:
    processo: str = ""
    motivo: str = ""
    deposito: str = ""
    terceiro: str = ""
    decisao: str = ""
    vara: str = ""
    municipio: str = ""
    debito: str = ""
    suspenso: str = ""
    erros: dict[str, str] = field(default_factory=dict)

    @property
    def textos(self) -> dict[str, str]:
        return {coluna: getattr(self, coluna) for coluna in COLUNAS}


def suspensoes_de(apuracao: ApuracaoMit | None, linhas: Sequence[LinhaDigitada]) -> list[SuspensaoDigitada]:
    """The stored ones, each with the row of its debit in `linhas`; then blank rows."""
    guardadas = apuracao.suspensoes if apuracao else []
    municipios = Municipios() if any(item.get("municipio") for item in guardadas) else None
    onde = {linha.chave: str(numero) for numero, linha in enumerate(linhas, 1) if linha.chave}
    feitas = [
        SuspensaoDigitada(
            processo=item["processo"],
            motivo=item["motivo"],
            deposito=item.get("deposito", ""),
            terceiro=item.get("terceiro", ""),
            decisao=format_data(date.fromisoformat(item["decisao"])) if item.get("decisao") else "",
            vara=item.get("vara", ""),
            municipio=municipios.nome(item["municipio"]) if municipios and item.get("municipio") else "",
            debito=onde.get(item["debito"], ""),
            suspenso=format_numero(Decimal(item["valor"]), 2),
        )
        for item in guardadas
    ]
    return feitas + [SuspensaoDigitada() for _ in range(_EM_BRANCO)]


def ler_suspensoes(
    dados: QueryDict, linhas: Sequence[LinhaDigitada], hoje: date
) -> tuple[list[SuspensaoDigitada], list[dict[str, str]], list[str]]:
    """(rows as typed, suspensions read, what is wrong in words)."""
    colunas = [[texto.strip()[:_MAIOR] for texto in dados.getlist(f"s_{coluna}")[:_MAXIMO]] for coluna in COLUNAS]
    por_linha = {numero: linha.chave for numero, linha in enumerate(linhas, 1) if linha.chave}
    lidos: list[Municipios] = []

    def municipios() -> Municipios:
        if not lidos:
            lidos.append(Municipios())
        return lidos[0]

    digitadas, suspensoes, ditos = [], [], []
    for posicao in range(max((len(coluna) for coluna in colunas), default=0)):
        textos = [coluna[posicao] if posicao < len(coluna) else "" for coluna in colunas]
        linha = SuspensaoDigitada(**dict(zip(COLUNAS, textos, strict=True)), erros={})
        digitadas.append(linha)
        if not any(textos):
            continue
        suspensao, linha.erros = suspensoes_mit.ler(linha.textos, por_linha, municipios, hoje)
        ditos += [f"Suspensão {posicao + 1}: {dito}" for dito in linha.erros.values()]
        if not linha.erros:
            suspensoes.append(suspensao)
    return digitadas, suspensoes, ditos
