"""What the notes need without anybody asking: cancellations that town halls decide, papers that did not come, old
agreements of municípios, old avisos."""

from datetime import timedelta

from django.db.models import Case, Q, When
from django.utils import timezone
from procrastinate.contrib.django import app

from comum.banco import conexao_devolvida
from nfse.models import AvisoWebhook, Nota, TipoCanal
from nfse.services import acoes, convenios, distribuicao

_POR_VEZ = 500
# Integra Notas keeps the XML at hand for a year; what is still missing then is asked for no more.
_UM_ANO = timedelta(days=360)
_AVISOS = timedelta(days=90)
_CONVENIOS = timedelta(minutes=5)
_MORTAS = (Nota.Situacao.CANCELADA, Nota.Situacao.SUBSTITUIDA)


@app.periodic(cron="20 6 * * *")
@app.task(name="nfse.acompanhar_cancelamentos", queueing_lock="nfse.acompanhar_cancelamentos")
def acompanhar_cancelamentos(timestamp: int) -> None:
    """Every morning: look again at the notes whose cancellation waits for a town hall."""
    with conexao_devolvida():
        esperam = Nota.objects.filter(situacao=Nota.Situacao.CANCELANDO, canal__ativo=True)
        acoes.reler(esperam.select_related("canal", "tomador").order_by("pk").iterator(_POR_VEZ), None)


@app.periodic(cron="40 * * * *")
@app.task(name="nfse.buscar_documentos", queueing_lock="nfse.buscar_documentos")
def buscar_documentos(timestamp: int) -> None:
    """Every hour: ask again for the XML and PDF that an authorised note has not got, each note once a day. Those
    without XML go first, since that is what has to be kept, and the newest of them, whose files are likelier there."""
    with conexao_devolvida():
        agora = timezone.now()
        faltam = Nota.objects.filter(
            Q(xml=None) | Q(pdf=None),
            ~Q(chave="", numero_nfse=""),
            canal__tipo=TipoCanal.INTEGRANOTAS,
            canal__ativo=True,
            situacao__in=[*Nota.VALIDAS, *_MORTAS],
            autorizada_em__lt=agora - timedelta(hours=1),
            autorizada_em__gt=agora - _UM_ANO,
        )
        por_xml = Case(When(xml=None, then=0), default=1)
        proximas = acoes.nao_buscadas_hoje(faltam).order_by(por_xml, "-autorizada_em", "-pk")
        acoes.buscar_documentos(proximas.select_related("canal", "tomador")[:_POR_VEZ], None)


@app.periodic(cron="25 * * * *")
@app.task(name="nfse.reler_convenios", queueing_lock="nfse.reler_convenios")
def reler_convenios(timestamp: int) -> None:
    """Every hour: the agreements of the municípios with the national system that are old."""
    with conexao_devolvida():
        convenios.renovar_todos(_POR_VEZ, prazo=_CONVENIOS.total_seconds())


@app.periodic(cron="10 5,11,17 * * *")
@app.task(name="nfse.ler_distribuicao", queueing_lock="nfse.ler_distribuicao")
def ler_distribuicao(timestamp: int) -> None:
    """Three times a day: what the ADN has of each empresa with a canal of the national system."""
    with conexao_devolvida():
        distribuicao.pedir_de_todos()


@app.periodic(cron="50 4 * * *")
@app.task(name="nfse.apagar_avisos", queueing_lock="nfse.apagar_avisos")
def apagar_avisos(timestamp: int) -> None:
    """Every day: drop the refused avisos of the webhook older than 90 days. The others stay: their print of the
    signature is all that refuses its replay, whose date anybody may set anew (providers/integranotas/aviso.py)."""
    with conexao_devolvida():
        antigos = AvisoWebhook.objects.filter(
            situacao=AvisoWebhook.Situacao.RECUSADO, recebido_em__lt=timezone.now() - _AVISOS
        )
        antigos.delete()
