"""Instalments of one family: one row per empresa, what the Receita last told, and the guias drawn."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Length
from django.http import QueryDict
from django.utils import timezone

from comum.listas import Filtro, Lista
from comum.models import Usuario
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa, Regime, RegimeEmpresa
from guias.models import Consulta, Guia
from guias.providers.parcelamentos import PARCELAS, PEDIDOS, Familia
from guias.services.parcelamentos import ativo, divida
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
    """For the page of the list: the pedido under way, the open instalments, how many of them have a guia, and the guia
    of the competência."""
    consultas = Consulta.objects.in_bulk([pk for e in pagina for pk in (e.pedidos_pk, e.parcelas_pk) if pk])
    abertas = {e.pk: consultas[e.parcelas_pk].resposta["parcelas"] if e.parcelas_pk else [] for e in pagina}
    meses = {mes} | {date.fromisoformat(parcela["mes"]) for suas in abertas.values() for parcela in suas}
    guias = Guia.objects.filter(
        Q(empresa__in=[e.pk for e in pagina]), divida__startswith=f"{familia.chave}:", competencia__in=meses
    )
    do_mes: dict[int, Guia] = {}
    com_guia: set[str] = set()
    hoje = timezone.localdate()
    for guia in guias.order_by("pk"):
        if guia.competencia == mes:
            do_mes[guia.empresa_id] = guia
        if guia.paga_em or guia.limite >= hoje:
            com_guia.add(guia.divida)
    return [_linha(e, familia, consultas, abertas[e.pk], do_mes.get(e.pk), com_guia, mes) for e in pagina]


def _linha(
    empresa: Any,
    familia: Familia,
    consultas: dict[int, Consulta],
    abertas: list[dict[str, Any]],
    guia: Guia | None,
    com_guia: set[str],
    mes: date,
) -> dict[str, Any]:
    pedidos = consultas.get(empresa.pedidos_pk)
    feitos = pedidos.resposta["pedidos"] if pedidos else []
    em_curso = ativo(feitos)
    return {
        "empresa": empresa,
        "pedidos": pedidos,
        "quantos": len(feitos),
        "ativo": em_curso,
        "parcelas": consultas.get(empresa.parcelas_pk),
        "abertas": len(abertas),
        "com_guia": _quantas_com_guia(empresa, familia, em_curso, abertas, com_guia),
        "valor": sum((Decimal(parcela["valor"]) for parcela in abertas), Decimal(0)) if abertas else None,
        "do_mes": next((Decimal(p["valor"]) for p in abertas if p["mes"] == mes.isoformat()), None),
        "guia": guia,
    }


def _quantas_com_guia(
    empresa: Any, familia: Familia, em_curso: dict[str, Any] | None, abertas: list[dict[str, Any]], com_guia: set[str]
) -> int:
    if em_curso is None:
        return 0
    numero = int(em_curso["numero"])
    return sum(divida(familia, empresa.pk, numero, date.fromisoformat(p["mes"])) in com_guia for p in abertas)
