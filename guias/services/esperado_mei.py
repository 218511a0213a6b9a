"""What the DAS-MEI of a month should be, by the activities of the MEI and the minimum wage."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from empresas.calendario import somar_meses
from empresas.models import Empresa
from guias.calculo import mei as calculo
from guias.models import Guia


@dataclass(frozen=True)
class Esperado:
    """R$ by tribute, and where the activities were read ("" when unknown). `motivo` says why there is no figure."""

    tributos: dict[str, Decimal]
    fonte: str = ""
    motivo: str = ""

    @property
    def total(self) -> Decimal | None:
        return sum(self.tributos.values(), Decimal(0)) if self.fonte else None


def esperados(
    pares: Iterable[tuple[Empresa, date]], com_beneficio: Collection[tuple[int, date]] = ()
) -> dict[tuple[int, date], Esperado]:
    """By empresa and month. The activities are those of the last DAS-MEI of another month that the Receita drew, which
    is the surest, from a year before on (so that the years on record cost nothing); else those of the main CNAE. One
    query."""
    todos = list(pares)
    vistas: dict[int, list[tuple[date, calculo.AtividadeMei]]] = {}
    desde = somar_meses(min((mes for _, mes in todos), default=date.max), -12) if todos else date.max
    guias = Guia.objects.filter(
        empresa__in={empresa.pk for empresa, _ in todos}, tipo=Guia.Tipo.DAS_MEI, competencia__gte=desde
    )
    for pk, competencia, composicao in guias.order_by("competencia", "pk").values_list(
        "empresa", "competencia", "composicao"
    ):
        if salario := calculo.salario_minimo(competencia):
            lida = calculo.atividade_da_composicao(calculo.tributos_de(composicao), salario)
            vistas.setdefault(pk, []).extend([(competencia, lida)] if lida else [])
    return {
        (empresa.pk, mes): _esperado(empresa, mes, vistas.get(empresa.pk, []), (empresa.pk, mes) in com_beneficio)
        for empresa, mes in todos
    }


def _esperado(
    empresa: Empresa, mes: date, vistas: list[tuple[date, calculo.AtividadeMei]], beneficio: bool
) -> Esperado:
    salario = calculo.salario_minimo(mes)
    if salario is None:
        return Esperado({}, motivo=f"O salário mínimo de {mes.year} ainda não está no Guichê.")
    de_outros = [lida for outro, lida in vistas if outro != mes and outro >= somar_meses(mes, -12)]
    atividade = de_outros[-1] if de_outros else calculo.atividade_do_cnae(empresa.cnae_id or "")
    if atividade is None:
        return Esperado({}, motivo="A empresa está sem CNAE no cadastro: não se sabe se deve ICMS ou ISS.")
    fonte = "pelo último DAS-MEI" if de_outros else "pelo CNAE principal"
    return Esperado(calculo.das_mei(mes, atividade, salario, beneficio=beneficio), fonte)
