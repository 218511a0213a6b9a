"""The receiver of Integra Notas' webhook: a message is only a reason to look sooner at a note.

The signature proves that somebody who holds the software house's token signed a moment; nothing of the body is under
it. So nothing of the body is believed or kept but what names the note, and what changes comes from the consult.
"""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import structlog
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from comum import segredos
from comum.cofre import CofreErro
from nfse.models import AvisoWebhook, ContaSofthouse
from nfse.providers.integranotas.aviso import AssinaturaInvalida, Aviso, AvisoIlegivel, conferir_assinatura, ler_aviso
from nfse.services.limites import intervalo_da_nota
from operacoes import motor
from operacoes.models import Operacao, Situacao

log = structlog.get_logger(__name__)

TAMANHO_MAXIMO = 8 * 1024 * 1024  # bytes: XML and PDF of one note come along, and are not read
# Refusals kept for each account and hour: who knows the address may not fill the table.
RECUSAS_POR_HORA = 200
_QUE_ESPERAM = (Situacao.ACEITA, Situacao.INCERTA)
_DE_NOTA = "nfse.integranotas."
_SEM_CHAVE = 20  # doubts without a chave yet that one message may wake
_FORA_DA_CHAVE = re.compile(r"[^0-9A-Z]")


@csrf_exempt
@login_not_required
def aviso(request: HttpRequest, endereco: UUID) -> HttpResponse:
    """Answer at once; never an exception for what anybody may send."""
    if request.method != "POST":
        return _texto("Este endereço só recebe avisos do Integra Notas, por POST.", 405)
    conta = ContaSofthouse.objects.filter(endereco=endereco, ativa=True).first()
    if conta is None:
        return _texto("Endereço desconhecido.", 404)
    try:
        tamanho = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        tamanho = 0
    if tamanho > TAMANHO_MAXIMO:
        return _texto("Aviso grande demais.", 413)
    try:
        lido = ler_aviso(request.read(TAMANHO_MAXIMO))
    except (AvisoIlegivel, OSError) as erro:
        _recusar(conta, "", str(erro))
        return _texto(str(erro), 400)
    return _receber(conta, _limpo(lido))


def _limpo(lido: Aviso) -> Aviso:
    """What names the note, in characters that a chave and a document may have: anybody may have written it."""
    chave, documento = (_FORA_DA_CHAVE.sub("", texto) for texto in (lido.chave, lido.documento))
    return replace(lido, chave=chave[:60], documento=documento[:14])


def _receber(conta: ContaSofthouse, lido: Aviso) -> HttpResponse:
    try:
        veredito = conferir_assinatura(lido.assinatura, segredos.abrir_texto(conta, "token"), timezone.now())
    except (CofreErro, ValueError):
        log.warning("webhook without a usable token", conta=str(conta.pk))
        return _texto("A assinatura não pode ser conferida agora.", 401)
    if isinstance(veredito, AssinaturaInvalida):
        _recusar(conta, "", veredito.mensagem, lido)
        return _texto(veredito.mensagem, 401)
    operacoes = [] if lido.teste or not lido.de_nota else _da_nota(conta, lido)
    situacao = (
        AvisoWebhook.Situacao.TESTE
        if lido.teste
        else AvisoWebhook.Situacao.ACEITO
        if operacoes
        else AvisoWebhook.Situacao.SEM_NOTA
    )
    try:
        with transaction.atomic():
            _gravar(conta, veredito.marca, situacao, lido, operacao=operacoes[0] if operacoes else None)
            motor.adiantar(operacoes, intervalo=intervalo_da_nota())
    except IntegrityError:
        _recusar(conta, veredito.marca, "Aviso repetido: esta assinatura já foi usada.", lido)
        return _texto("Aviso repetido.", 401)
    return _texto("Recebido.", 200)


def _da_nota(conta: ContaSofthouse, lido: Aviso) -> list[int]:
    """The Operacoes of the note named, in wait for the service; where no note has this chave, those of the emitente
    whose answer was lost before it told one."""
    suas = Operacao.objects.filter(
        situacao__in=_QUE_ESPERAM, tipo__startswith=_DE_NOTA, empresa__canais__conta=conta
    ).distinct()
    if lido.documento:
        suas = suas.filter(empresa__documento=lido.documento)
    da_chave = suas.filter(
        Q(nota__chave=lido.chave) | Q(cancelamento__nota__chave=lido.chave) | Q(resposta__chave=lido.chave)
    )
    if pks := sorted(da_chave.values_list("pk", flat=True)):
        return pks
    if not lido.documento:
        return []
    sem_chave = suas.filter(situacao=Situacao.INCERTA, nota__chave="")
    return sorted(sem_chave.values_list("pk", flat=True)[:_SEM_CHAVE])


def _gravar(
    conta: ContaSofthouse,
    marca: str,
    situacao: AvisoWebhook.Situacao,
    lido: Aviso | None,
    *,
    motivo: str = "",
    operacao: int | None = None,
) -> None:
    AvisoWebhook.objects.create(
        conta=conta,
        assinatura=marca,
        origem=lido.origem[:20] if lido else "",
        documento=lido.documento if lido else "",
        chave=lido.chave if lido else "",
        situacao=situacao,
        motivo=motivo[:200],
        operacao_id=operacao,
    )


def _recusar(conta: ContaSofthouse, marca: str, motivo: str, lido: Aviso | None = None) -> None:
    """Keep that a message was refused, and why; beyond some an hour only the log tells."""
    desde = timezone.now() - timedelta(hours=1)
    log.info("webhook refused", conta=str(conta.pk), motivo=motivo)
    if conta.avisos.filter(situacao=AvisoWebhook.Situacao.RECUSADO, recebido_em__gte=desde).count() < RECUSAS_POR_HORA:
        _gravar(conta, marca, AvisoWebhook.Situacao.RECUSADO, lido, motivo=motivo)


def _texto(dito: str, status: int) -> HttpResponse:
    return HttpResponse(dito, status=status, content_type="text/plain; charset=utf-8")
