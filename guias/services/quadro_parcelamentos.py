"""Instalments of one family: one row per empresa, what the Receita last told, and the guias drawn."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Length
from django.http import QueryDict

from comum.listas import Filtro, Lista
from comum.models import Usuario
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa, Regime, RegimeEmpresa
from guias.models import Consulta, Guia
from guias.providers.parcelamentos import PARCELAS, PEDIDOS, Familia
from guias.services.parcelamentos import ativo
from operacoes.listas import filtro_da_recusa

SEM_RESPOSTA, COM_PEDIDO, SEM_PEDIDO = "nunca", "com", "sem"


def da_familia(usuario: Usuario, familia: Familia) -> QuerySet[Empresa]:
    """The visible, active companies that are or were of the regime whose debts the family divides."""
    regime = Regime.MEI if familia.mei else Regime.SIMPLES
    foi = RegimeEmpresa.objects.filter(empresa=OuterRef("pk"), regime=regime)
    return (
        Empresa.objects.visiveis(usuario)
        .alias(tamanho=Length("documento"))
        .filter(Exists(foi), ativa=True, matriz=None, tamanho=14)
    )


def quadro(usuario: Usuario, familia: Familia) -> QuerySet[Any]:
    def ultima(nome: str) -> Subquery:
        respostas = Consulta.objects.filter(empresa=OuterRef("pk"), servico=str(familia.servico(nome)))
        return Subquery(respostas.order_by("-pk").values("pk")[:1])

    return da_familia(usuario, familia).annotate(pedidos_pk=ultima(PEDIDOS), parcelas_pk=ultima(PARCELAS))


def _da_situacao(consulta: QuerySet[Any], valor: str) -> QuerySet[Any]:
    if valor == SEM_RESPOSTA:
        return consulta.filter(pedidos_pk=None)
    vazias = Consulta.objects.filter(pk=OuterRef("pedidos_pk"), resposta__pedidos=[])
    return consulta.filter(~Exists(vazias) if valor == COM_PEDIDO else Exists(vazias), pedidos_pk__isnull=False)


def lista(params: QueryDict, usuario: Usuario, familia: Familia) -> Lista[QuerySet[Any]]:
    return Lista(
        params=params,
        base=quadro(usuario, familia),
        ordens={"codigo": ["codigo_ordem"], "empresa": ["ordem"]},
        ordem_padrao="empresa",
        procurar=lambda consulta, texto: consulta.procurar(texto),  # type: ignore[attr-defined]
        filtros=[
            Filtro(
                "pedidos",
                "Pedidos",
                _da_situacao,
                [
                    (SEM_RESPOSTA, "Nunca consultados"),
                    (COM_PEDIDO, "Com parcelamento"),
                    (SEM_PEDIDO, "Sem parcelamento"),
                ],
            ),
            filtro_da_recusa(),
            filtro_de_carteira(usuario),
        ],
        fixos=["familia"],
    )


def linhas(pagina: list[Any], familia: Familia, mes: date) -> list[dict[str, Any]]:
    """For the page of the list: the pedido under way, the open instalments and the guia of the competência."""
    consultas = Consulta.objects.in_bulk([pk for e in pagina for pk in (e.pedidos_pk, e.parcelas_pk) if pk])
    guias: dict[int, Guia] = {}
    do_mes = Guia.objects.filter(
        Q(empresa__in=[e.pk for e in pagina]), divida__startswith=f"{familia.chave}:", competencia=mes
    )
    for guia in do_mes.order_by("pk"):
        guias[guia.empresa_id] = guia
    return [_linha(e, consultas.get(e.pedidos_pk), consultas.get(e.parcelas_pk), guias.get(e.pk), mes) for e in pagina]


def _linha(
    empresa: Any, pedidos: Consulta | None, parcelas: Consulta | None, guia: Guia | None, mes: date
) -> dict[str, Any]:
    feitos = pedidos.resposta["pedidos"] if pedidos else []
    abertas = parcelas.resposta["parcelas"] if parcelas else []
    return {
        "empresa": empresa,
        "pedidos": pedidos,
        "quantos": len(feitos),
        "ativo": ativo(feitos),
        "parcelas": parcelas,
        "abertas": len(abertas),
        "valor": sum((Decimal(parcela["valor"]) for parcela in abertas), Decimal(0)) if abertas else None,
        "do_mes": next((Decimal(p["valor"]) for p in abertas if p["mes"] == mes.isoformat()), None),
        "guia": guia,
    }
