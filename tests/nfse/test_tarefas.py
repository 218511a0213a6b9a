"""What happens to notes without anybody asking."""

from datetime import timedelta

import pytest
from django.utils import timezone

from arquivo.services import guardar
from comum.models import Usuario
from nfse import tasks
from nfse.models import AvisoWebhook, CanalNfse, ContaSofthouse, Nota, TipoCanal
from nfse.services import acoes
from nfse.services.registro import XML
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


def test_no_note_without_papers_starves_behind_the_others(
    canal: CanalNfse, ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each hour takes one: without XML first, the newest first, and none twice in a day."""
    agora = timezone.now()
    CanalNfse.objects.update(tipo=TipoCanal.INTEGRANOTAS)
    notas = [rascunho(canal, ana) for _ in range(4)]
    papel = guardar(b"<a/>", empresa=canal.empresa, tipo="nfse_xml", nome="a.xml", competencia=agora.date(), mime=XML)
    for numero, (nota, horas) in enumerate(zip(notas, (30, 10, 20, 5), strict=True), 1):
        Nota.objects.filter(pk=nota.pk).update(
            canal=canal,
            situacao=Nota.Situacao.AUTORIZADA,
            chave=f"{numero:044}",
            autorizada_em=agora - timedelta(hours=horas),
        )
    Nota.objects.filter(pk=notas[3].pk).update(xml=papel)
    monkeypatch.setattr(tasks, "_POR_VEZ", 1)
    for _ in range(5):
        tasks.buscar_documentos(0)
    pedidas = Operacao.objects.filter(tipo="nfse.integranotas.documentos").order_by("pk")
    assert [o.pedido["nota"] for o in pedidas] == [notas[i].pk for i in (1, 2, 0, 3)]


def test_old_refused_avisos_go_and_what_refuses_a_replay_stays(db: None) -> None:
    conta = ContaSofthouse.objects.create(nome="Escritório")
    velho, novo = timezone.now() - timedelta(days=91), timezone.now() - timedelta(days=89)
    for situacao, em in (("recusado", velho), ("recusado", novo), ("aceito", velho), ("teste", velho)):
        aviso = AvisoWebhook.objects.create(conta=conta, assinatura=f"{situacao}{em.isoformat()}", situacao=situacao)
        AvisoWebhook.objects.filter(pk=aviso.pk).update(recebido_em=em)
    tasks.apagar_avisos(0)
    assert sorted(AvisoWebhook.objects.values_list("situacao", flat=True)) == ["aceito", "recusado", "teste"]
