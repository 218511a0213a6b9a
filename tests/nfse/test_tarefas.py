"""What happens to notes without anybody asking."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comum.models import Usuario
from nfse import tasks
from nfse.models import CanalNfse, Nota
from nfse.services import acoes
from operacoes.models import Operacao
from tests.nfse.escritorio import canal_no_integranotas, emitir_ja, rascunho, trabalhar

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_cancellation_that_the_service_shows_is_seen_in_the_morning(
    canal: CanalNfse, ana: Usuario, nfse_vivo
) -> None:
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    acoes.cancelar(nota, "3", "Erro de digitação", ana)
    trabalhar()
    nota.refresh_from_db()
    nfse_vivo.controle.ajustes(**{"sisgenfe.mostra_cancelada": True})
    aprovada = {"prestador": canal.empresa.documento, "numero": int(nota.numero_nfse), "aprova": True}
    nfse_vivo.controle.post("sisgenfe/cancelamentos", aprovada)
    tasks.acompanhar_cancelamentos(0)
    trabalhar()
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.CANCELADA


def test_papers_that_are_missing_are_asked_for_once_a_day(nfse_vivo, ana: Usuario) -> None:
    nfse_vivo.controle.ajustes(**{"integranotas.limites": False})
    canal = canal_no_integranotas(nfse_vivo, 41)
    nota = rascunho(canal, ana)
    emitir_ja(nota, usuario=ana)
    Nota.objects.update(xml=None, autorizada_em=timezone.now() - timedelta(hours=2))
    for _ in range(2):
        tasks.buscar_documentos(0)
        trabalhar()
    nota.refresh_from_db()
    assert nota.xml is not None
    assert Operacao.objects.filter(tipo="nfse.integranotas.documentos").count() == 1
