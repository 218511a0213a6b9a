"""How a refused Operacao is tried again: by what the apuração says now, through today's Vinculo."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from credentials.models import Servico, Vinculo
from empresas.models import Empresa
from guias.models import Apuracao
from guias.services.acesso import Contexto, Fora, acesso_ou_motivo, partes_de, segurar, sem_servico
from guias.services.aprovacao import EXIGE_SIMULACAO, VENCIDA
from guias.services.das import a_pagar, consolidacao_das, ha_das
from guias.services.fatos import Fatos
from guias.services.intencoes import (
    DAS_EMITIDO,
    SEM_FALTA,
    das_pago,
    espera_a_anterior,
    pedido_da_declaracao,
    sem_competencia,
    sem_das,
)
from guias.services.montagem import vencida
from guias.services.pedidos import Pedido, partes_para_json
from operacoes.handlers import Repeticao
from operacoes.models import Operacao


def repeticoes(
    operacoes: Sequence[Operacao], servico: Servico, poderes: frozenset[str] | None = None
) -> dict[int, Repeticao | str]:
    """How each refused Operacao is tried again: what the apuração says now, through today's Vinculo, checked as in the
    pré-voo; else pt-BR words on why not. Inside a transaction, no Vinculo it relied on leaves before the commit."""
    resultado: dict[int, Repeticao | str] = {}
    por_mes: dict[date, list[Operacao]] = defaultdict(list)
    for operacao in operacoes:
        if operacao.competencia is not None and operacao.empresa_id is not None:
            por_mes[operacao.competencia].append(operacao)
    segurar({operacao.empresa_id for lote in por_mes.values() for operacao in lote})
    for competencia, lote in por_mes.items():
        empresas = Empresa.objects.in_bulk({operacao.empresa_id for operacao in lote})
        contexto = Contexto(list(empresas.values()), competencia)
        for operacao in lote:
            empresa = empresas[operacao.empresa_id or 0]
            vinculo = acesso_ou_motivo(servico, empresa, contexto, poderes)
            resultado[operacao.pk] = (
                vinculo.motivo if isinstance(vinculo, Fora) else _repeticao(operacao, empresa, contexto, vinculo)
            )
    return resultado


def _repeticao(operacao: Operacao, empresa: Empresa, contexto: Contexto, vinculo: Vinculo) -> Repeticao | str:
    if operacao.pedido.get("emitir_das") and Servico.DAS not in vinculo.servicos:
        return sem_servico(Servico.DAS)
    pedido: Pedido | str = operacao.pedido
    if operacao.tipo in ("guias.pgdasd.simular", "guias.pgdasd.transmitir"):
        pedido = _declaracao_atual(operacao, contexto.fatos[empresa.pk], contexto.transmissoes_antes.get(empresa.pk))
    elif operacao.tipo == "guias.das.emitir":
        pedido = _das_atual(operacao, contexto)
    elif operacao.tipo == "guias.procuracoes.consultar":
        pedido = operacao.pedido | {"credencial": str(vinculo.credencial_id)}
    if isinstance(pedido, str):
        return pedido
    return Repeticao(pedido | {"partes": partes_para_json(partes_de(vinculo, empresa))}, vinculo.credencial.acesso)


def _declaracao_atual(operacao: Operacao, fatos: Fatos, antes: date | None) -> Pedido | str:
    """`antes`: a month before whose declaration is being transmitted."""
    apuracao = fatos.apuracao
    if apuracao is None or not fatos.informada:
        return "A apuração não tem mais receita. Informe as receitas."
    if falta := sem_competencia(fatos):
        return falta
    if apuracao.situacao == Apuracao.Situacao.TRANSMITIDA:
        return "A declaração já foi transmitida."
    pedido: Pedido = operacao.pedido | pedido_da_declaracao(fatos, apuracao)
    if "comparar" not in pedido:
        return pedido
    if apuracao.exige_simulacao:
        return EXIGE_SIMULACAO
    if apuracao.situacao != Apuracao.Situacao.CONFERIDA:
        return "Os valores mudaram e ainda não foram aprovados. Confira a apuração e transmita por ela."
    if vencida(fatos):
        return VENCIDA
    return espera_a_anterior(antes) if antes else pedido | {"comparar": apuracao.aprovado}


def _das_atual(operacao: Operacao, contexto: Contexto) -> Pedido | str:
    apuracao, pedido = contexto.fatos[operacao.empresa_id or 0].apuracao, operacao.pedido
    if apuracao is None or apuracao.revisao != pedido["revisao"]:
        return "Há uma retificação depois deste pedido. Emita o DAS dela pela Apuração."
    if apuracao.situacao != Apuracao.Situacao.TRANSMITIDA or apuracao.total_declarado is None:
        return "A declaração não está transmitida. Transmita antes."
    if not ha_das(apuracao.total_declarado):
        return sem_das(apuracao.total_declarado)
    if paga_em := contexto.pagas.get((apuracao.pk, apuracao.revisao)):
        return das_pago(paga_em)
    if not ha_das(falta := a_pagar(apuracao)):
        return sem_das(falta) if falta else SEM_FALTA
    if contexto.vias.get((apuracao.pk, apuracao.revisao), 0) >= pedido["via"]:
        return DAS_EMITIDO
    # The day to pay that was asked for stays, unless it went by.
    pedida = pedido["consolidacao"]
    vale = date.fromisoformat(pedida) if pedida and pedida >= contexto.hoje.isoformat() else contexto.dia_de_pagar
    consolidacao = consolidacao_das(contexto.prazo, vale)
    atual: Pedido = pedido | {
        "versao": apuracao.versao,
        "consolidacao": consolidacao.isoformat() if consolidacao else None,
    }
    return atual
