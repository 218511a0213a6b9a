"""The months before a competência, typed on the screen of one apuração."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from comum import auditoria
from comum.formatos import format_competencia
from comum.models import Usuario
from empresas.calendario import somar_meses
from guias.models import Apuracao, HistoricoMensal
from guias.services.calculo import recalcular_seguintes, travar
from guias.services.fatos import Mes, anos_de_caixa, carregar, primeiro_lido, ultimo_que_olha


@dataclass(frozen=True)
class MesDigitado:
    """What was typed for one month; None leaves the amount unknown."""

    competencia: date
    interno: Decimal | None
    externo: Decimal | None
    folha: Decimal | None
    declarada: bool


def meses(apuracao: Apuracao) -> list[tuple[date, Mes, bool]]:
    """(month, what is known, whether its revenue comes from receitas or a declaration and is not typed here)."""
    fatos = carregar([apuracao.empresa], apuracao.competencia)[apuracao.empresa_id]
    proprios = _com_receita_propria(apuracao)
    primeiro, competencia = primeiro_lido(apuracao.competencia), apuracao.competencia
    quantos = (competencia.year - primeiro.year) * 12 + competencia.month - primeiro.month
    todos = [somar_meses(primeiro, n) for n in range(quantos)]
    return [
        (mes, fatos.meses.get(mes, Mes()), mes in proprios)
        for mes in todos
        if fatos.inicio is None or mes >= fatos.inicio
    ]


def _com_receita_propria(apuracao: Apuracao) -> set[date]:
    """Earlier months whose revenue comes from receitas or a declaration. In a year of cash the receitas are what was
    received: what was accrued is typed here, except where nothing moved."""
    de_caixa = anos_de_caixa([apuracao.empresa_id], 0)
    meses = Apuracao.objects.filter(empresa=apuracao.empresa_id, competencia__lt=apuracao.competencia).exclude(
        receita_total=0, sem_movimento=False
    )
    return {
        mes
        for mes, parada in meses.values_list("competencia", "sem_movimento")
        if parada or (apuracao.empresa_id, mes.year) not in de_caixa
    }


def gravar(apuracao: Apuracao, digitados: list[MesDigitado], usuario: Usuario) -> None:
    """Keep the months and compute again what looks back on them. Revenue of a month that has its own is left alone."""
    linhas = [
        HistoricoMensal(
            empresa=apuracao.empresa,
            competencia=d.competencia,
            interno=d.interno if d.interno is not None else (Decimal(0) if d.externo else None),
            externo=d.externo or Decimal(0),
            folha=d.folha,
            declarada=d.declarada,
        )
        for d in digitados
    ]
    with transaction.atomic():
        travar([apuracao.empresa_id])
        proprios = _com_receita_propria(apuracao)
        for propria, campos in ((False, ["interno", "externo", "folha", "declarada"]), (True, ["folha", "declarada"])):
            HistoricoMensal.objects.bulk_create(
                [linha for linha in linhas if (linha.competencia in proprios) is propria],
                update_conflicts=True,
                unique_fields=["empresa", "competencia"],
                update_fields=campos,
            )
        meses_lidos = [linha.competencia for linha in linhas]
        if meses_lidos:
            recalcular_seguintes([apuracao.empresa], min(meses_lidos), ultimo_que_olha(max(meses_lidos)), usuario)
        auditoria.registrar(
            usuario=usuario,
            acao="guias.historico",
            objeto=apuracao.empresa,
            resumo=f"Histórico anterior a {format_competencia(apuracao.competencia)} gravado",
            dados={"meses": [f"{mes:%Y-%m}" for mes in meses_lidos]},
        )
