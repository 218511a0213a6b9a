"""Making a bulk run, with what it leaves out and what it will cost."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction

from comum.auditoria import registrar
from comum.formatos import contar
from comum.models import Usuario
from operacoes import custos
from operacoes.handlers import handler_de
from operacoes.models import Processamento
from operacoes.motor import NovaOperacao, submeter


class DeFora(NamedTuple):
    """What a run left out, as Processamento.fora keeps it. `resumo` is said of all those of one `codigo` when their
    reasons are not told in the same words."""

    empresa_id: int | None
    codigo: str
    motivo: str
    resumo: str = ""


def motivo_comum(motivos: Iterable[str], resumo: str) -> str:
    """The one reason of a group, else its summary."""
    ditos = set(motivos)
    return ditos.pop() if len(ditos) == 1 else resumo or "Por motivos diferentes."


def criar(
    tipo: str,
    titulo: str,
    usuario: Usuario,
    competencia: date | None,
    novas: Sequence[NovaOperacao],
    fora: Sequence[DeFora] = (),
    parametros: dict[str, Any] | None = None,
) -> Processamento:
    """Write a bulk run with its Operacoes, the forecast of its cost and one audit row, in one transaction.

    `fora` is what the pré-voo left out. Operacoes that exist already under the same key are not made again; they are
    listed among what was left out.
    """
    with transaction.atomic():
        processamento = Processamento.objects.create(
            tipo=tipo,
            titulo=titulo[:120],
            usuario=usuario,
            competencia=competencia,
            parametros=parametros or {},
            custo_previsto=previsao((handler_de(nova.tipo).classe.value, nova.acesso) for nova in novas),
        )
        feitas = submeter(novas, usuario=usuario, processamento=processamento)
        repetidas = [
            DeFora(
                operacao.empresa_id,
                "ja-submetida",
                f"Já submetida antes ({operacao.get_situacao_display().lower()}).",
                "Já submetidas antes.",
            )
            for operacao in feitas.existentes
        ]
        processamento.fora = [list(item) for item in (*fora, *repetidas)]
        processamento.save(update_fields=["fora"])
        registrar(
            usuario=usuario,
            acao="operacoes.processar",
            objeto=processamento,
            resumo=f"{titulo}: {contar(len(feitas.criadas), 'operação', 'operações')}",
            dados={"tipo": tipo, "criadas": len(feitas.criadas), "fora": len(processamento.fora)},
        )
    return processamento


def ja_pedido(tipo: str, marca: str, usuario: Usuario) -> Processamento | None:
    """The run that this same confirmation (the `marca` of its pré-voo) already started: a second click, or the way
    back."""
    if not marca:
        return None
    return Processamento.objects.filter(usuario=usuario, tipo=tipo, parametros__marca=marca).first()


def previsao(chamadas: Iterator[tuple[str, str]] | Sequence[tuple[str, str]]) -> Decimal:
    """R$ forecast for calls given as (classe, acesso)."""
    quantidades: dict[tuple[str, str], int] = defaultdict(int)
    for chave in chamadas:
        quantidades[chave] += 1
    previsao = custos.Previsao({acesso for _, acesso in quantidades})
    return sum((previsao.custo(classe, n, acesso) for (classe, acesso), n in quantidades.items()), Decimal(0))
