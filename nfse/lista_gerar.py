"""The contratos in force in a competência, with or without their note of the month."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, When
from django.http import QueryDict

from comum.contagens import enquanto_nada_muda
from comum.listas import Filtro, Lista
from comum.models import Usuario
from empresas.calendario import somar_meses
from empresas.contexto import Contexto
from empresas.listas import filtro_de_carteira
from nfse.lista_notas import filtro_de_empresa
from nfse.models import Contrato, Nota
from nfse.models.cadastro import ContratoQuerySet

FALTA, FEITA = "falta", "feita"


def com_a_nota(competencia: date) -> Exists:
    """Whether a contrato has its note of the month; an abandoned one does not count."""
    suas = Nota.objects.filter(contrato=OuterRef("pk"), competencia=competencia)
    return Exists(suas.exclude(situacao=Nota.Situacao.ABANDONADA))


def lista_a_gerar(params: QueryDict, usuario: Usuario, contexto: Contexto) -> Lista[ContratoQuerySet]:
    competencia, empresa = contexto.competencia, contexto.empresa
    visiveis = Contrato.objects.visiveis(usuario)
    em_vigor = visiveis.vigentes(competencia)
    return Lista(
        params=params,
        base=em_vigor if empresa is None else em_vigor.filter(empresa=empresa),
        ordens={"tomador": ["ordem"], "valor": ["valor", "ordem"], "dia": ["dia", "ordem"]},
        ordem_padrao="tomador",
        procurar=ContratoQuerySet.procurar,
        filtros=[
            Filtro(
                "nota",
                "Nota do mês",
                lambda consulta, valor: consulta.filter(
                    com_a_nota(competencia) if valor == FEITA else ~com_a_nota(competencia)
                ),
                [(FALTA, "A gerar"), (FEITA, "Já gerada")],
            ),
            Filtro(
                "reajuste",
                "Reajuste",
                lambda consulta, valor: consulta.com_reajuste_devido(competencia),
                [("devido", "A fazer")],
            ),
            *([] if empresa else [filtro_de_carteira(usuario, "empresa__carteira"), filtro_de_empresa(usuario)]),
        ],
        leitura=visiveis.select_related(
            "empresa__municipio", "tomador__municipio", "servico__item_lc116", "servico__cnae"
        ),
    )


@dataclass(frozen=True)
class Quadro:
    """Contratos of the list without and with their note, and what the first would bring, in reais."""

    faltam: int
    valor: Decimal
    feitas: int


def quadro(consulta: QuerySet[Any], competencia: date) -> Quadro:
    """One pass, kept while nothing is written."""
    fim = somar_meses(competencia, 1)
    valor = Case(
        When(valor_desde__lt=fim, then=F("valor")), When(anterior_desde__lt=fim, then=F("valor_anterior")), default=None
    )

    def contar() -> Quadro:
        achado = (
            consulta.order_by()
            .annotate(tem=com_a_nota(competencia), do_mes=valor)
            .aggregate(
                faltam=Count("pk", filter=Q(tem=False)),
                valor=Sum("do_mes", filter=Q(tem=False)),
                feitas=Count("pk", filter=Q(tem=True)),
            )
        )
        return Quadro(achado["faltam"], achado["valor"] or Decimal(0), achado["feitas"])

    return enquanto_nada_muda(consulta.annotate(tem=com_a_nota(competencia)), f"a gerar {competencia}", contar)
