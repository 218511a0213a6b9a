"""The settlement of a title: made at once by a payment batch, or when the bank confirms a borderô; and its undoing."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.totvs.chaves import nova_referencia
from sandbox.totvs.exame import Exame, movimentar
from sandbox.totvs.models import Bordero, Movimento, Titulo
from sandbox.totvs.registros import ANTECIPACAO
from sandbox.totvs.regras import abatimentos
from sandbox.totvs.regras.abatimentos import Abatimentos

PAGAMENTO = "BXA"


@dataclass(frozen=True)
class Baixa:
    """`pago` is the money, `reducao` what the balance loses."""

    pago: Decimal
    reducao: Decimal
    feitos: Abatimentos = field(default_factory=Abatimentos)

    def como_json(self) -> dict[str, Any]:
        return {"pago": str(self.pago), "reducao": str(self.reducao), **self.feitos.como_json()}


def de_json(dados: dict[str, Any]) -> Baixa:
    return Baixa(Decimal(dados["pago"]), Decimal(dados["reducao"]), abatimentos.de_json(dados))


def baixar(exame: Exame, titulo: Titulo, baixa: Baixa, dia: date, referencia: str, impostos: list[int]) -> None:
    """Pay for a title, or pay a prepayment, which keeps its balance. Inside `gravacao`."""
    if titulo.tipo == ANTECIPACAO:
        titulo.pago = True
        titulo.save(update_fields=["pago"])  # a title of the same batch may have taken of it
    else:
        titulo.saldo -= baixa.reducao
        titulo.situacao = Titulo.Situacao.ABERTO if titulo.saldo else Titulo.Situacao.LIQUIDADO
        titulo.save(update_fields=["saldo", "situacao"])
    abatimentos.aplicar(baixa.feitos, dia, referencia)
    movimentar(titulo, PAGAMENTO, referencia, dia, baixa.reducao, impostos=impostos, **baixa.como_json())
    exame.livro("pagamento", titulo, dia, referencia, baixa.pago)


def devolver(movimento: Movimento) -> None:
    """Undo a settlement: the balance comes back and the title opens again. Inside `gravacao`."""
    titulo, baixa = movimento.titulo, de_json(movimento.dados)
    if titulo.tipo == ANTECIPACAO:
        titulo.pago = False
    else:
        titulo.saldo += baixa.reducao
        titulo.situacao = Titulo.Situacao.ABERTO
    titulo.save(update_fields=["saldo", "situacao", "pago"])
    abatimentos.desfazer(baixa.feitos, movimento.referencia)


def confirmar(exame: Exame, bordero: Bordero, dia: date) -> str:
    """The bank paid what is in a borderô; the reference of the settlements. Inside `gravacao`."""
    referencia = nova_referencia(bordero.empresa, bordero.estabelecimento, dia, "B")
    for item in bordero.itens.select_related("titulo"):
        dados = dict(item.dados)
        impostos = dados.pop("impostos", [])
        item.titulo.situacao = Titulo.Situacao.ABERTO
        baixar(exame, item.titulo, de_json(dados), dia, referencia, impostos)
    bordero.confirmado = True
    bordero.save(update_fields=["confirmado"])
    return referencia
