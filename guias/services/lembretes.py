"""The reminder: two days before the last day to pay, once, to who was sent a guia and has not opened it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from empresas.calendario import dia_util, dia_util_anterior
from empresas.models import Feriado
from guias import correio
from guias.models import Entrega, Guia
from guias.services import mensagens
from guias.services.entregas import nova_operacao
from operacoes import motor

ANTES = timedelta(days=2)
DAS_HORAS, ATE_HORAS = 8, 18  # nobody is reminded at night
_ALCANCE = timedelta(days=12)  # the longest run of days without a bank, and two more
_LOTE = 500


def dia_do_lembrete(limite: date, feriados: Collection[date]) -> date:
    """Two days before the last day to pay; the business day before that when there is nobody at work."""
    return dia_util_anterior(limite - ANTES, feriados)


def lembrar(agora: datetime | None = None) -> int:
    """Submit the reminders that are due by now; the number of them. Safe to repeat: one for each delivery, for ever."""
    quando = timezone.localtime(agora)
    hoje = quando.date()
    texto = mensagens.texto_de(mensagens.Tipo.LEMBRETE)
    if not texto.ligada or not correio.configurado() or not DAS_HORAS <= quando.hour < ATE_HORAS:
        return 0
    feriados = set(
        Feriado.objects.filter(data__range=(hoje - _ALCANCE, hoje + _ALCANCE)).values_list("data", flat=True)
    )
    if not dia_util(hoje, feriados):
        return 0
    feitos = 0
    while entregas := _por_lembrar(hoje, feriados):
        with transaction.atomic():
            novas = [
                nova_operacao(
                    entrega.pk,
                    entrega.guia,
                    entrega.para,
                    texto,
                    base=entrega.operacao.pedido["base"] if entrega.operacao else "",
                    lembrete=True,
                )
                for entrega in entregas
            ]
            criadas = motor.submeter(novas, usuario=None).criadas
        feitos += len(criadas)
        if not criadas:
            break
    return feitos


def _por_lembrar(hoje: date, feriados: Collection[date]) -> list[Entrega]:
    """The next ones: sent before today, not opened, of dívidas of which no copy was paid, before the last day of the
    last copy."""
    dias = (hoje + timedelta(days=n) for n in range(1, _ALCANCE.days + 1))
    limites = [dia for dia in dias if dia_do_lembrete(dia, feriados) <= hoje]
    comeco = timezone.make_aware(datetime.combine(hoje, time.min))
    guias = Guia.objects.por_pagar().filter(limite__in=limites)
    candidatas = Entrega.objects.filter(
        guia__in=guias, enviada_em__lt=comeco, lida_em=None, lembrete=None, operacao__isnull=False
    )
    candidatas = candidatas.select_related("guia__empresa", "operacao").order_by("pk")
    return list(candidatas[:_LOTE])


def motivos_de_nao_lembrar(entregas: Sequence[Entrega], hoje: date) -> dict[int, str]:
    """Looked at again when the messages are about to leave, since the queue may have waited: of those that are not to,
    by pk, why (pt-BR)."""
    suas = Guia.objects.filter(pk__in=[entrega.guia_id for entrega in entregas])
    em_vigor = set(suas.vigentes().values_list("pk", flat=True))
    pagas = set(suas.de_divida_paga().values_list("pk", flat=True))
    pares = ((entrega.pk, _motivo(entrega, em_vigor, pagas, hoje)) for entrega in entregas)
    return {pk: motivo for pk, motivo in pares if motivo}


def _motivo(entrega: Entrega, em_vigor: Collection[int], pagas: Collection[int], hoje: date) -> str:
    guia = entrega.guia
    if entrega.lida_em is not None:
        return "A guia já foi aberta pelo cliente."
    if guia.paga_em is not None:
        return "A guia já foi paga."
    if guia.pk in pagas:
        return "Outra via da guia já foi paga."
    if guia.limite <= hoje:
        return "O último dia para pagar já chegou."
    if guia.pk not in em_vigor:
        return "Há uma via mais nova da guia."
    return ""


def dia_de(guia: Guia) -> date:
    """The day on which who has not opened this guia is reminded of it."""
    proximos = Feriado.objects.filter(data__range=(guia.limite - _ALCANCE, guia.limite))
    return dia_do_lembrete(guia.limite, set(proximos.values_list("data", flat=True)))
