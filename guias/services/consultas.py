"""Paid questions about one apuração or one guia, asked from its page."""

import re

from django.db import transaction
from django.db.models import Q

from comum.models import Usuario
from credentials.models import Servico
from guias.models import Apuracao, Guia
from guias.services.acesso import Fora, acesso_de_uma, partes_de
from guias.services.calculo import travar
from guias.services.pedidos import Pedido, partes_para_json
from operacoes.models import ABERTAS, Operacao, Processamento
from operacoes.motor import NovaOperacao
from operacoes.processamentos.criacao import criar


class Impedida(Exception):
    """The question cannot be asked; the text (pt-BR) says why and what next."""


def consultar_periodo(apuracao: Apuracao, usuario: Usuario, intencao: str) -> Processamento:
    """Which declarations and DAS the Receita has of the competência."""
    return _perguntar("guias.pgdasd.consultar", "Consultar declarações", apuracao, usuario, intencao)


def buscar_recibo(apuracao: Apuracao, usuario: Usuario, intencao: str) -> Processamento:
    return _perguntar("guias.pgdasd.recibo", "Buscar declaração e recibo", apuracao, usuario, intencao)


def buscar_extrato(guia: Guia, usuario: Usuario, intencao: str) -> Processamento:
    extra = {"guia": guia.pk, "numero": guia.numero}
    return _perguntar("guias.pgdasd.extrato", "Buscar extrato do DAS", guia, usuario, intencao, extra)


def buscar_declaracao(apuracao: Apuracao, usuario: Usuario, intencao: str, *, numero: str) -> Processamento:
    """One of the declarations that the Receita has of the competência, by its number."""
    titulo = f"Buscar declaração {numero}"
    return _perguntar("guias.pgdasd.declaracao", titulo, apuracao, usuario, intencao, {"numero": numero})


def buscar_pagamento(guia: Guia, usuario: Usuario, intencao: str) -> Processamento:
    """Whether one guia was paid."""
    extra = {"numeros": [guia.numero], "chave": guia.numero}
    return _perguntar(
        "guias.pagtoweb.pagamentos", "Buscar pagamento", guia, usuario, intencao, extra, servico=Servico.PAGAMENTOS
    )


def buscar_comprovante(guia: Guia, usuario: Usuario, intencao: str) -> Processamento:
    extra = {"guia": guia.pk, "numero": guia.numero}
    return _perguntar(
        "guias.pagtoweb.comprovante",
        "Buscar comprovante",
        guia,
        usuario,
        intencao,
        extra,
        servico=Servico.PAGAMENTOS,
    )


_INTENCAO = re.compile(r"[0-9a-f]{16}")


@transaction.atomic
def _perguntar(
    tipo: str,
    titulo: str,
    sobre: Apuracao | Guia,
    usuario: Usuario,
    intencao: str,
    extra: Pedido | None = None,
    *,
    servico: Servico = Servico.PGDASD,
) -> Processamento:
    """One Operacao for each intent, which is the mark that the page gave to its button: a second click, or the way
    back, finds the run of the first. While one such question is open, nobody asks it again."""
    if not _INTENCAO.fullmatch(intencao):
        raise Impedida("O pedido veio incompleto e nada foi enviado. Abra a página de novo e peça outra vez.")
    empresa = sobre.empresa
    prefixo = f"{tipo}:{sobre._meta.model_name}:{sobre.pk}:"
    travar([empresa.pk])
    feitas = Operacao.objects.filter(empresa=empresa.pk, tipo=tipo, processamento__isnull=False)
    mesma = feitas.filter(Q(chave=prefixo + intencao) | Q(chave__startswith=prefixo, situacao__in=ABERTAS))
    if (ja_feita := mesma.select_related("processamento").order_by("-pk").first()) and ja_feita.processamento:
        return ja_feita.processamento
    vinculo = acesso_de_uma(servico, empresa, sobre.competencia)
    if isinstance(vinculo, Fora):
        raise Impedida(vinculo.motivo)
    nova = NovaOperacao(
        tipo=tipo,
        chave=prefixo + intencao,
        pedido={
            "partes": partes_para_json(partes_de(vinculo, empresa)),
            "competencia": sobre.competencia.isoformat(),
            **({"apuracao": sobre.pk} if isinstance(sobre, Apuracao) else {}),
            **(extra or {}),
        },
        acesso=vinculo.credencial.acesso,
        empresa_id=empresa.pk,
        competencia=sobre.competencia,
    )
    run = criar(tipo, titulo, usuario, sobre.competencia, [nova])
    if run.fora:  # the cap of cost keeps it out
        raise Impedida(run.fora[0][2])
    return run
