"""A row of the list of titles, its cells in words already: fifty of them are drawn at each turn of a page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from comum.formatos import contar, format_competencia, format_data, format_numero
from pagar.lista_titulos import origem_de
from pagar.models import Titulo
from pagar.services.guias import POR_PAGAR, NaReceita
from pagar.templatetags.titulos import Estado, estado_do_titulo

Endereco = Callable[[int | UUID], str]


@dataclass(slots=True)
class LinhaDaLista:
    """A title tells the cell whole. `atraso` is said under a due date that passed with something still owed."""

    pk: str
    url: str
    nome: str
    tipo: str
    vencimento: str
    atraso: str
    fornecedor: str
    fornecedor_titulo: str
    empresa: str
    empresa_titulo: str
    competencia: str
    valor: str
    saldo: str
    estado: Estado
    origem: str
    receita: str
    receita_atencao: bool


def linha_da_lista(titulo: Titulo, do_titulo: Endereco, hoje: date, receita: NaReceita | None = None) -> LinhaDaLista:
    empresa, fornecedor = titulo.empresa, titulo.fornecedor
    da_empresa = f"{empresa.codigo} {empresa.razao_social}"
    documento = f" · {fornecedor.documento_mascarado}" if fornecedor.documento else ""
    return LinhaDaLista(
        pk=str(titulo.pk),
        url=do_titulo(titulo.pk),
        nome=titulo.nome,
        tipo="antecipação" if titulo.antecipacao else "",
        vencimento=format_data(titulo.vencimento),
        atraso=atraso_de(titulo, hoje),
        fornecedor=fornecedor.nome,
        fornecedor_titulo=f"{fornecedor}{documento}",
        empresa=da_empresa,
        empresa_titulo=f"{da_empresa} · {empresa.documento_mascarado}",
        competencia=format_competencia(titulo.competencia),
        valor=format_numero(titulo.valor, 2),
        saldo=format_numero(titulo.saldo, 2),
        estado=estado_do_titulo(titulo),
        origem=origem_de(titulo),
        receita=receita.texto if receita else "",
        receita_atencao=receita is not None
        and (receita.falta or (receita.paga_em is not None and titulo.situacao in POR_PAGAR)),
    )


def atraso_de(titulo: Titulo, hoje: date) -> str:
    """What is said of a due date that has passed with something still owed; empty for the others."""
    if titulo.antecipacao or titulo.vencimento >= hoje or not titulo.saldo or titulo.situacao in Titulo.MORTOS:
        return ""
    return f"venceu há {contar((hoje - titulo.vencimento).days, 'dia', 'dias')}"
