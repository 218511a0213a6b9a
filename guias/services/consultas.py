"""Paid questions about one apuração or one guia, asked from its page."""

from django.utils import timezone

from comum.models import Usuario
from credentials.models import Servico
from empresas.models import Empresa
from guias.models import Apuracao, Guia
from guias.services.acoes import Fora, acesso_de_uma, partes_de
from guias.services.pedidos import Pedido, partes_para_json
from operacoes import processamento
from operacoes.models import Processamento
from operacoes.motor import NovaOperacao


class Impedida(Exception):
    """The question cannot be asked; the text (pt-BR) says why and what next."""


def consultar_periodo(apuracao: Apuracao, usuario: Usuario) -> Processamento:
    """Which declarations and DAS the Receita has of the competência."""
    return _perguntar(
        "guias.pgdasd.consultar", "Consultar declarações", apuracao, usuario, {}, empresa=apuracao.empresa
    )


def buscar_recibo(apuracao: Apuracao, usuario: Usuario) -> Processamento:
    return _perguntar(
        "guias.pgdasd.recibo", "Buscar declaração e recibo", apuracao, usuario, {}, empresa=apuracao.empresa
    )


def buscar_extrato(guia: Guia, usuario: Usuario) -> Processamento:
    extra = {"guia": guia.pk, "numero": guia.numero}
    return _perguntar(
        "guias.pgdasd.extrato", f"Extrato do DAS {guia.numero}", guia, usuario, extra, empresa=guia.empresa
    )


def _perguntar(
    tipo: str, titulo: str, sobre: Apuracao | Guia, usuario: Usuario, extra: Pedido, *, empresa: Empresa
) -> Processamento:
    """One Operacao; the same question within a minute is the same row, so a double click costs nothing."""
    vinculo = acesso_de_uma(Servico.PGDASD, empresa, sobre.competencia)
    if isinstance(vinculo, Fora):
        raise Impedida(vinculo.motivo)
    nova = NovaOperacao(
        tipo=tipo,
        chave=f"{tipo}:{sobre._meta.model_name}:{sobre.pk}:{timezone.now():%Y%m%d%H%M}",
        pedido={
            "partes": partes_para_json(partes_de(vinculo, empresa)),
            "competencia": sobre.competencia.isoformat(),
            **({"apuracao": sobre.pk} if isinstance(sobre, Apuracao) else {}),
            **extra,
        },
        acesso=vinculo.credencial.acesso,
        empresa_id=empresa.pk,
        competencia=sobre.competencia,
    )
    return processamento.criar(tipo, f"{titulo} · {empresa}", usuario, sobre.competencia, [nova])
