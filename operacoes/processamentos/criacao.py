"""Making a bulk run, with what it leaves out and what it will cost."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction

from comum.auditoria import registrar
from comum.formatos import contar
from comum.models import Usuario
from operacoes.custos.previsao import Previsao, chamadas_de
from operacoes.custos.teto import Barrada
from operacoes.models import Processamento
from operacoes.motor import NovaOperacao, submeter

TETO = "teto"
RESUMO_DO_TETO = "O teto de custo do período não comporta mais chamadas."


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
        sem_lugar = [DeFora(nova.empresa_id, TETO, motivo, RESUMO_DO_TETO) for nova, motivo in feitas.barradas]
        processamento.fora = [list(item) for item in (*fora, *repetidas, *sem_lugar)]
        processamento.custo_previsto = previsao(novas, menos=feitas.barradas)
        processamento.save(update_fields=["fora", "custo_previsto"])
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


def previsao(novas: Sequence[NovaOperacao], *, menos: Sequence[Barrada] = ()) -> Decimal:
    """R$ forecast for these intents, without those that the cap keeps out."""
    fora = {nova.chave for nova, _ in menos}
    chamadas = chamadas_de(nova for nova in novas if nova.chave not in fora)
    por_classe = Previsao({acesso for _, acesso in chamadas}).de_todas(chamadas)
    return sum(por_classe.values(), Decimal(0))
