"""Recurring contracts: which are in force, when their notes are dated, and how their price changes."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.db.models import QuerySet

from comum import auditoria
from comum.formatos import format_competencia, format_data, format_dinheiro, format_percentual
from comum.models import Usuario
from empresas.models import Empresa
from empresas.services import CadastroRecusado
from nfse.models import Contrato
from nfse.services import cadastro

CAMPOS = (
    "tomador",
    "servico",
    "descricao",
    "valor",
    "valor_desde",
    "de",
    "ate",
    "dia",
    "mes_do_reajuste",
    "indice",
    "ativo",
)
_CENTAVO = Decimal("0.01")


def vigentes(competencia: date, empresas: Iterable[Empresa] | QuerySet[Empresa]) -> list[Contrato]:
    """The active contratos of these empresas in force on some day of the competência, by empresa and tomador.

    Everything a note is made from comes along (empresa, tomador, serviço and their municípios). A tomador or serviço
    that is switched off does not hide its contrato: who emits is told. The amount is Contrato.valor_na(competencia).
    """
    contratos = Contrato.objects.vigentes(competencia).filter(empresa__in=empresas)
    return list(
        contratos.select_related(
            "empresa__municipio", "tomador__municipio", "servico__item_lc116", "servico__cnae"
        ).order_by("empresa__ordem", "empresa_id", "ordem", "pk")
    )


def data_de_emissao(contrato: Contrato, competencia: date) -> date:
    """The contrato's day in the month of the competência; beyond its end, the last day."""
    ultimo = monthrange(competencia.year, competencia.month)[1]
    return competencia.replace(day=min(contrato.dia, ultimo))


@transaction.atomic
def salvar_contrato(*, contrato: Contrato, usuario: Usuario | None) -> Contrato:
    """Create or alter one contrato, with one audit row. A new price from a later date on keeps the one before it.

    Raises CadastroRecusado when tomador or serviço are another empresa's.
    """
    for campo, dona in (("tomador", contrato.tomador.empresa_id), ("servico", contrato.servico.empresa_id)):
        if dona != contrato.empresa_id:
            raise CadastroRecusado(campo, f"Este {'serviço' if campo == 'servico' else campo} é de outra empresa.")
    antes = cadastro.atual(contrato)
    if antes is not None:
        guardar_anterior(contrato, antes.valor, antes.valor_desde)
    cadastro.gravar(contrato, antes, CAMPOS, usuario, {})
    return contrato


def guardar_anterior(contrato: Contrato, valor: Decimal, desde: date) -> None:
    """Keep the price that a new one from a later date replaces; forget it when it no longer comes before."""
    if contrato.valor != valor and contrato.valor_desde > desde:
        contrato.valor_anterior, contrato.anterior_desde = valor, desde
    elif contrato.anterior_desde is not None and contrato.anterior_desde >= contrato.valor_desde:
        contrato.valor_anterior = contrato.anterior_desde = None


def valor_reajustado(valor: Decimal, percentual: Decimal) -> Decimal:
    """`valor` plus a percentage of it, to the cent."""
    return (valor * (1 + percentual / 100)).quantize(_CENTAVO, ROUND_HALF_UP)


@transaction.atomic
def reajustar(contrato: Contrato, percentual: Decimal, desde: date, usuario: Usuario) -> Contrato:
    """Raise the price by a percentage (4.65 is 4.65 %) from a competência on (any day of it); audited.

    The price before stays for the competências before. Returns the contrato as stored. Raises CadastroRecusado.
    """
    contrato = Contrato.objects.select_for_update().get(pk=contrato.pk)
    desde = desde.replace(day=1)
    _conferir_reajuste(contrato, percentual, desde)
    antes, antes_desde = contrato.valor, contrato.valor_desde
    contrato.valor_anterior, contrato.anterior_desde = antes, antes_desde
    contrato.valor, contrato.valor_desde = valor_reajustado(antes, percentual), desde
    contrato.save()
    auditoria.registrar(
        usuario=usuario,
        acao="nfse.reajustar_contrato",
        resumo=f"Reajuste de {format_percentual(percentual)} desde {format_competencia(desde)}: {contrato}, "
        f"de {format_dinheiro(antes)} para {format_dinheiro(contrato.valor)}",
        objeto=contrato,
        dados={
            "percentual": str(percentual),
            "desde": desde.isoformat(),
            "antes": str(antes),
            "antes_desde": antes_desde.isoformat(),
            "depois": str(contrato.valor),
            "empresa": contrato.empresa_id,
        },
    )
    return contrato


def _conferir_reajuste(contrato: Contrato, percentual: Decimal, desde: date) -> None:
    if percentual <= 0:
        raise CadastroRecusado("percentual", "Informe um percentual maior que zero, como 4,65.")
    if desde <= contrato.valor_desde:
        raise CadastroRecusado(
            "desde",
            f"O valor de agora já vale desde {format_data(contrato.valor_desde)}. "
            "O reajuste começa em uma competência depois dessa.",
        )
    if contrato.ate is not None and desde > contrato.ate:
        raise CadastroRecusado("desde", f"O contrato termina em {format_data(contrato.ate)}, antes do reajuste.")
    if not contrato.ativo:
        raise CadastroRecusado("desde", "O contrato está inativo. Ative-o antes de reajustar.")
