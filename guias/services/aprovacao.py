"""Checking and approving: the values that a person pins are the ones that are transmitted."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from comum import auditoria
from comum.formatos import contar, format_competencia
from comum.models import Usuario
from empresas.models import Empresa
from guias.calculo.tributos import POR_CODIGO, SEM_CODIGO
from guias.models import Apuracao, Escritorio
from guias.services.acesso import Codigo, Fora
from guias.services.andamento import em_andamento
from guias.services.calculo import recalcular, refazer_vencidas, travar

VENCIDA = (
    "A declaração não é mais a que foi aprovada: algum dado dela mudou depois. Em Apuração, marque a empresa, use "
    "Conferir e aprove de novo."
)
EXIGE_SIMULACAO = "A Receita calculou outros valores na transmissão. Simule de novo antes de aprovar."


def segunda_pessoa() -> bool:
    """Whether whoever prepared an apuração may not approve it: by the environment, or as the office chose."""
    return settings.APURACAO_SEGUNDA_PESSOA or Escritorio.atual().segunda_pessoa


@dataclass(frozen=True)
class Aprovacao:
    aprovadas: list[int]  # ids of the empresas
    fora: list[Fora]


class ValoresMudaram(Exception):
    """Between the figures that were shown and their approval, some changed; nothing was approved."""


def marca_dos_valores(apuracoes: Iterable[Apuracao]) -> str:
    """Changes when what an approval would pin does; the approval carries it."""
    partes = [
        [a.pk, a.versao, a.calculado, str(a.total_calculado), a.simulado, str(a.total_simulado)]
        for a in sorted(apuracoes, key=lambda apuracao: apuracao.pk)
    ]
    return hashlib.sha256(json.dumps(partes, sort_keys=True).encode()).hexdigest()[:24]


def aprovar(
    empresas: Iterable[Empresa],
    competencia: date,
    usuario: Usuario,
    *,
    diferentes: set[int],
    marca: str | None = None,
) -> Aprovacao:
    """Pin the values to transmit: what SERPRO simulated, else our own computation.

    An apuração whose two figures differ is approved only when its empresa is in `diferentes` (a person looked at it).
    `marca` is the `marca_dos_valores` of what the person was looking at, None when nobody was; raises ValoresMudaram
    when the stored figures are others.
    """
    por_pk = {empresa.pk: empresa for empresa in empresas}
    fora: list[Fora] = []
    aprovadas: list[Apuracao] = []
    segunda = segunda_pessoa()
    with transaction.atomic():
        travar(por_pk)
        refazer_vencidas(por_pk.values(), competencia)
        apuracoes = Apuracao.objects.filter(empresa__in=por_pk, competencia=competencia).order_by("pk")
        lidas = {apuracao.empresa_id: apuracao for apuracao in apuracoes.select_for_update()}
        for pk, empresa in por_pk.items():
            achada = aprovavel(empresa, lidas.get(pk), usuario, conferida=pk in diferentes, segunda=segunda)
            if isinstance(achada, Fora):
                fora.append(achada)
            else:
                aprovadas.append(achada)
        if aprovadas and marca is not None and marca != marca_dos_valores(lidas.values()):
            raise ValoresMudaram
        for apuracao in aprovadas:
            _fixar(apuracao, usuario)
        Apuracao.objects.bulk_update(
            aprovadas,
            ["situacao", "aprovado", "total_aprovado", "conferida_por", "conferida_em", "reaberta_porque"],
            batch_size=500,
        )
        if aprovadas:
            quantas = contar(len(aprovadas), "apuração aprovada", "apurações aprovadas")
            auditoria.registrar(
                usuario=usuario,
                acao="guias.aprovar",
                objeto=f"competencia:{competencia:%Y-%m}",
                resumo=f"{quantas} de {format_competencia(competencia)}",
                dados={"valores": {str(a.empresa_id): str(a.total_aprovado) for a in aprovadas[:2000]}},
            )
    return Aprovacao([apuracao.empresa_id for apuracao in aprovadas], fora)


def desaprovar(apuracao: Apuracao, porque: str) -> None:
    """Undo the approval of what stays simulated, to be looked at again; `porque` in pt-BR. The caller saves."""
    apuracao.situacao = Apuracao.Situacao.SIMULADA
    apuracao.aprovado, apuracao.total_aprovado = {}, None
    apuracao.conferida_por = apuracao.conferida_em = None
    apuracao.reaberta_porque = porque


def declarar_retificadora(apuracao: Apuracao, usuario: Usuario, retificadora: bool) -> str:
    """Say that the Receita already has a declaration of the period made elsewhere, which the next one replaces. What
    was simulated or approved goes back to be checked. Returns why it could not be said (pt-BR), empty when it was."""
    with transaction.atomic():
        travar([apuracao.empresa_id])
        travada = Apuracao.objects.select_for_update().get(pk=apuracao.pk)
        if (
            travada.situacao == Apuracao.Situacao.TRANSMITIDA
            or travada.id_declaracao
            or travada.retificadora is retificadora
        ):
            return ""
        if em_andamento([travada.empresa_id], travada.competencia):
            return "Há uma operação em andamento para esta apuração. Espere que termine."
        travada.retificadora = retificadora
        travada.save(update_fields=["retificadora"])
        recalcular([apuracao.empresa], travada.competencia, usuario, receita_mudou=True)
        auditoria.registrar(
            usuario=usuario,
            acao="guias.retificadora",
            objeto=travada,
            resumo=f"{format_competencia(travada.competencia)} como {'retificadora' if retificadora else 'original'}",
        )
    return ""


def aprovavel(
    empresa: Empresa, apuracao: Apuracao | None, usuario: Usuario, *, conferida: bool, segunda: bool
) -> Apuracao | Fora:
    """The Apuracao to approve, or why it is not to be; `conferida`: a person looked at its difference; `segunda`: the
    office asks for a `segunda_pessoa`."""
    if apuracao is None or not (apuracao.receita_total or apuracao.sem_movimento):
        motivo = "Sem receita na competência. Informe as receitas ou marque sem movimento."
        return Fora(empresa, Codigo.SEM_RECEITA, motivo)
    if apuracao.situacao == Apuracao.Situacao.TRANSMITIDA:
        return Fora(empresa, Codigo.TRANSMITIDA, "A declaração já foi transmitida.")
    if apuracao.situacao == Apuracao.Situacao.CONFERIDA:
        return Fora(empresa, Codigo.APROVADA, "Já aprovada.")
    if apuracao.total_simulado is None and (apuracao.total_calculado is None or apuracao.impedimento):
        motivo = f"Não calculada: {apuracao.impedimento} Informe o que falta ou simule."
        return Fora(empresa, Codigo.SEM_VALORES, motivo)
    if apuracao.exige_simulacao:
        return Fora(empresa, Codigo.EXIGE_SIMULACAO, EXIGE_SIMULACAO)
    if segunda and apuracao.preparada_por_id == usuario.pk:
        motivo = "O escritório pede que outra pessoa aprove o que você preparou."
        return Fora(empresa, Codigo.SEGUNDA_PESSOA, motivo)
    if difere(apuracao) and not conferida:
        motivo = "O valor simulado difere do calculado. Confira os tributos e marque a empresa para aprovar."
        return Fora(empresa, Codigo.DIFERENCA, motivo)
    return apuracao


def difere(apuracao: Apuracao) -> bool:
    """Whether both figures exist and are not the same, tribute by tribute as `lados` compares them."""
    if apuracao.total_simulado is None or apuracao.total_calculado is None:
        return False
    return not mesmos_valores(*lados(apuracao))


def em_parte(apuracao: Apuracao) -> bool:
    """Whether some tribute of ours has no published code (CBS and IBS, from 2027): those are compared added up."""
    return apuracao.total_calculado is not None and bool(apuracao.impedimento)


def lados(apuracao: Apuracao) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Our figures and the simulated ones by the codes that can be compared: what has no published code on our side,
    and what comes under a code not known here on the other, is one amount under SEM_CODIGO."""
    if not em_parte(apuracao):
        return apuracao.calculado, apuracao.simulado
    return (
        _somar_sem_codigo(apuracao.calculado, apuracao.total_calculado),
        _somar_sem_codigo(apuracao.simulado, apuracao.total_simulado),
    )


def _somar_sem_codigo(valores: Mapping[str, str], total: Decimal | None) -> dict[str, str]:
    com_codigo = {codigo: valor for codigo, valor in valores.items() if codigo in POR_CODIGO}
    if total is None:
        return com_codigo
    return com_codigo | {SEM_CODIGO: str(total - sum(map(Decimal, com_codigo.values())))}


def mesmos_valores(um: Mapping[str, str], outro: Mapping[str, str]) -> bool:
    """Whether two sets of amounts by tribute are the same; one that is missing is zero."""
    return _sem_zeros(um) == _sem_zeros(outro)


def _sem_zeros(valores: Mapping[str, str]) -> dict[str, Decimal]:
    return {codigo: Decimal(valor) for codigo, valor in valores.items() if Decimal(valor)}


def _fixar(apuracao: Apuracao, usuario: Usuario) -> None:
    simulada = apuracao.total_simulado is not None
    apuracao.aprovado = apuracao.simulado if simulada else apuracao.calculado
    apuracao.total_aprovado = apuracao.total_simulado if simulada else apuracao.total_calculado
    apuracao.situacao = Apuracao.Situacao.CONFERIDA
    apuracao.conferida_por, apuracao.conferida_em = usuario, timezone.now()
    apuracao.reaberta_porque = ""
