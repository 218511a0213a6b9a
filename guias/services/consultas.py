"""Paid questions about one apuração, guia, message or empresa, asked from its page."""

import re
from datetime import date
from typing import Protocol

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from comum.models import Usuario
from credentials.models import Servico
from empresas.models import Empresa
from guias.models import Apuracao, DeclaracaoDefis, Guia, MensagemEcac, OpcaoRegime, Renuncia
from guias.providers import caixapostal, defis, regime
from guias.services.acesso import Acessos, Fora, acesso_ou_motivo, partes_de
from guias.services.calculo import travar
from guias.services.pedidos import Pedido, do_contador, partes_para_json
from operacoes.models import ABERTAS, Operacao, Processamento
from operacoes.motor import NovaOperacao
from operacoes.processamentos.criacao import criar


class PeloNumero(Protocol):
    """The question for the paper of one number."""

    def __call__(
        self, empresa: Empresa, usuario: Usuario, intencao: str, /, *, numero: str, competencia: date
    ) -> Processamento: ...


class Impedida(Exception):
    """The question cannot be asked; the text (pt-BR) says why and what next."""


def consultar_periodo(apuracao: Apuracao, usuario: Usuario, intencao: str) -> Processamento:
    """Which declarations and DAS the Receita has of the competência."""
    return _perguntar("guias.pgdasd.consultar", "Consultar declarações", apuracao, usuario, intencao)


def buscar_recibo(apuracao: Apuracao, usuario: Usuario, intencao: str) -> Processamento:
    return _perguntar("guias.pgdasd.recibo", "Buscar declaração e recibo", apuracao, usuario, intencao)


def buscar_extrato(
    empresa: Empresa, usuario: Usuario, intencao: str, *, numero: str, competencia: date
) -> Processamento:
    """The statement of a DAS by its number, drawn here or elsewhere."""
    return _pelo_numero(
        "guias.pgdasd.extrato", "Buscar extrato do DAS", empresa, usuario, intencao, numero, competencia
    )


def buscar_declaracao(
    empresa: Empresa, usuario: Usuario, intencao: str, *, numero: str, competencia: date
) -> Processamento:
    """One of the declarations that the Receita has of the competência, by its number."""
    titulo = f"Buscar declaração {numero}"
    return _pelo_numero("guias.pgdasd.declaracao", titulo, empresa, usuario, intencao, numero, competencia)


def _pelo_numero(
    tipo: str, titulo: str, empresa: Empresa, usuario: Usuario, intencao: str, numero: str, competencia: date
) -> Processamento:
    return _perguntar(
        tipo, titulo, empresa, usuario, intencao, {"numero": numero}, competencia=competencia, qual=numero
    )


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


def abrir_mensagem(mensagem: MensagemEcac, usuario: Usuario, intencao: str) -> Processamento:
    """The text of a message, which notifies the empresa of it."""
    return _perguntar(
        "guias.caixapostal.ler",
        "Abrir mensagem da caixa postal",
        mensagem,
        usuario,
        intencao,
        {"mensagem": mensagem.pk, "isn": mensagem.isn, "chave": mensagem.isn},
        servico=Servico.CAIXA_POSTAL,
        poderes=caixapostal.MSGDETALHAMENTO62.poderes,
    )


def buscar_defis(declaracao: DeclaracaoDefis, usuario: Usuario, intencao: str) -> Processamento:
    """The PDFs of a DEFIS that the Receita has."""
    return _perguntar(
        "guias.defis.documentos",
        "Buscar declaração e recibo da DEFIS",
        declaracao,
        usuario,
        intencao,
        {"declaracao": declaracao.pk, "numero": declaracao.numero, "ano": declaracao.ano},
        servico=Servico.ANUAIS,
        poderes=defis.CONSDECREC144.poderes,
    )


def buscar_demonstrativo(opcao: OpcaoRegime, usuario: Usuario, intencao: str) -> Processamento:
    """The statement of an option of regime."""
    return _perguntar(
        "guias.regime.demonstrativo",
        "Buscar demonstrativo do regime",
        opcao,
        usuario,
        intencao,
        {"ano": opcao.ano},
        servico=Servico.ANUAIS,
        poderes=regime.CONSULTAROPCAOREGIME103.poderes,
    )


def buscar_resolucao(empresa: Empresa, usuario: Usuario, intencao: str, ano: int) -> Processamento:
    """The resolution that the option for caixa agrees with; the same text for everybody, so one asks for all."""
    return _perguntar(
        "guias.regime.resolucao",
        "Buscar a resolução do regime de caixa",
        empresa,
        usuario,
        intencao,
        {"ano": ano, "chave": str(ano)},
        servico=Servico.ANUAIS,
        poderes=regime.CONSULTARRESOLUCAO104.poderes,
    )


def buscar_comprovante_da_renuncia(renuncia: Renuncia, usuario: Usuario, intencao: str) -> Processamento:
    """The receipt of a renúncia; asked by the contador about itself."""
    return _perguntar(
        "guias.redesim.comprovante",
        "Emitir comprovante de renúncia",
        renuncia,
        usuario,
        intencao,
        {"renuncia": renuncia.pk, "numero": renuncia.numero, "do_contador": True},
        servico=Servico.PROCESSOS,
        poderes=frozenset(),
    )


_INTENCAO = re.compile(r"[0-9a-f]{16}")


@transaction.atomic
def _perguntar(
    tipo: str,
    titulo: str,
    sobre: Apuracao | Guia | MensagemEcac | DeclaracaoDefis | OpcaoRegime | Renuncia | Empresa,
    usuario: Usuario,
    intencao: str,
    extra: Pedido | None = None,
    *,
    servico: Servico = Servico.PGDASD,
    poderes: frozenset[str] | None = None,
    competencia: date | None = None,
    qual: str = "",
) -> Processamento:
    """One Operacao for each intent, which is the mark that the page gave to its button: a second click, or the way
    back, finds the run of the first. While one such question is open, nobody asks it again. `qual` tells apart the
    questions of one kind about an empresa, `competencia` is the month that they are of."""
    if not _INTENCAO.fullmatch(intencao):
        raise Impedida("O pedido veio incompleto e nada foi enviado. Abra a página de novo e peça outra vez.")
    empresa = sobre if isinstance(sobre, Empresa) else sobre.empresa
    if competencia is None:
        competencia = sobre.competencia if isinstance(sobre, Apuracao | Guia) else timezone.localdate().replace(day=1)
    prefixo = f"{tipo}:{sobre._meta.model_name}:{sobre.pk}:" + (f"{qual}:" if qual else "")
    travar([empresa.pk])
    feitas = Operacao.objects.filter(empresa=empresa.pk, tipo=tipo, processamento__isnull=False)
    mesma = feitas.filter(Q(chave=prefixo + intencao) | Q(chave__startswith=prefixo, situacao__in=ABERTAS))
    if (ja_feita := mesma.select_related("processamento").order_by("-pk").first()) and ja_feita.processamento:
        return ja_feita.processamento
    vinculo = acesso_ou_motivo(servico, empresa, Acessos([empresa], competencia), poderes)
    if isinstance(vinculo, Fora):
        raise Impedida(vinculo.motivo)
    partes = partes_de(vinculo, empresa)
    resto = dict(extra or {})
    if resto.pop("do_contador", False):
        partes = do_contador(partes)
    nova = NovaOperacao(
        tipo=tipo,
        chave=prefixo + intencao,
        pedido={
            "partes": partes_para_json(partes),
            "competencia": competencia.isoformat(),
            **({"apuracao": sobre.pk} if isinstance(sobre, Apuracao) else {}),
            **resto,
        },
        acesso=vinculo.credencial.acesso,
        empresa_id=empresa.pk,
        competencia=competencia,
    )
    run = criar(tipo, titulo, usuario, competencia, [nova])
    if run.fora:  # the cap of cost keeps it out
        raise Impedida(run.fora[0][2])
    return run
