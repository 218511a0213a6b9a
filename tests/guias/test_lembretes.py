"""The reminder before the last day to pay: when, to whom, once."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from comum.models import Usuario
from empresas.models import Contato, Empresa, Feriado
from guias.models import Entrega, Guia, MensagemEntrega
from guias.services import entregas, lembretes, mensagens
from operacoes.models import Operacao, Situacao
from tests.guias.apoio import trabalhar
from tests.pagar.documentos import guia as desenhar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adicional_216")]

QUINTA, SEXTA, SABADO = date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 28)
SEGUNDA, TERCA = date(2026, 11, 30), date(2026, 12, 1)


def as_(dia: date, hora: int = 9) -> datetime:
    return timezone.make_aware(datetime(dia.year, dia.month, dia.day, hora))


@pytest.fixture
def entrega(empresas: list[Empresa], bruno: Any) -> Entrega:
    """Sent on the 10th, to be paid on Monday the 30th, not opened."""
    Contato.objects.create(empresa=empresas[0], email="ana@cliente.example")
    guia = desenhar(empresas[0])
    previa = entregas.prevoo(Guia.objects.all())
    entregas.enviar(Guia.objects.all(), bruno, marca=previa.marca, base="https://guiche.example")
    trabalhar()
    mail.outbox.clear()
    Guia.objects.filter(pk=guia.pk).update(limite=SEGUNDA)
    Entrega.objects.update(enviada_em=as_(date(2026, 11, 10)))
    return Entrega.objects.get()


@pytest.mark.parametrize(
    ("limite", "feriados", "dia"),
    [
        (date(2026, 11, 26), (), date(2026, 11, 24)),
        (SEGUNDA, (), SEXTA),  # two days before is a Saturday
        (SEGUNDA, (SEXTA,), QUINTA),  # and Friday a holiday
    ],
)
def test_two_days_before_or_the_business_day_before_that(limite: date, feriados: Any, dia: date) -> None:
    assert lembretes.dia_do_lembrete(limite, set(feriados)) == dia


def test_who_did_not_open_is_reminded_once(entrega: Entrega, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: SEXTA)
    assert [lembretes.lembrar(as_(SEXTA)) for _ in range(3)] == [1, 0, 0]
    trabalhar()
    (carta,) = mail.outbox
    entrega.refresh_from_db()
    assert carta.subject.startswith("[SEM VALOR FISCAL] Vence em 30/11/2026: DAS 10/2026")
    assert carta.extra_headers["Auto-Submitted"] == "auto-generated"
    assert "https://guiche.example/entrega/" in carta.body
    assert entrega.lembrete is not None
    assert (entrega.lembrada_em is not None, entrega.lembrete.situacao) == (True, Situacao.CONCLUIDA)
    assert lembretes.lembrar(as_(SEXTA)) == 0


@pytest.mark.parametrize(
    "quando",
    [as_(QUINTA), as_(SEXTA, 7), as_(SEXTA, 18), as_(SABADO), as_(SEGUNDA), as_(TERCA)],
)
def test_not_before_its_day_nor_at_night_nor_on_the_last_day(entrega: Entrega, quando: datetime) -> None:
    assert lembretes.lembrar(quando) == 0


def test_a_worker_that_slept_on_the_day_reminds_on_the_next_one(entrega: Entrega) -> None:
    Guia.objects.update(limite=TERCA)
    assert lembretes.lembrar(as_(SEGUNDA)) == 1


def _paga(entrega: Entrega) -> None:
    Guia.objects.update(paga_em=SEXTA, valor_pago="672.80")


def _lida(entrega: Entrega) -> None:
    Entrega.objects.update(lida_em=as_(date(2026, 11, 11)))


def _substituida(entrega: Entrega) -> None:
    desenhar(entrega.guia.empresa, 2, via=2)


def _outra_paga(entrega: Entrega) -> None:
    """The one sent is the second copy; the client paid by the first."""
    nova = desenhar(entrega.guia.empresa, 2, via=2, limite=SEGUNDA)
    Guia.objects.exclude(pk=nova.pk).update(paga_em=SEXTA, valor_pago="672.80")
    Entrega.objects.update(guia=nova)


def _de_hoje(entrega: Entrega) -> None:
    Entrega.objects.update(enviada_em=as_(SEXTA, 8))


def _nao_saiu(entrega: Entrega) -> None:
    Entrega.objects.update(enviada_em=None)


def _desligado(entrega: Entrega) -> None:
    texto = mensagens.PADROES[mensagens.Tipo.LEMBRETE]
    MensagemEntrega.objects.create(
        tipo="lembrete",
        assunto=texto.assunto,
        corpo=texto.corpo,
        ligada=False,
        alterada_por=Usuario.objects.get(username="bruno"),
    )


@pytest.mark.parametrize("mudou", [_paga, _outra_paga, _lida, _substituida, _de_hoje, _nao_saiu, _desligado])
def test_nobody_is_reminded_without_need(entrega: Entrega, mudou: Any) -> None:
    mudou(entrega)
    assert lembretes.lembrar(as_(SEXTA)) == 0


@pytest.mark.parametrize(
    ("mudou", "dito"),
    [
        (_paga, "A guia já foi paga"),
        (_outra_paga, "Outra via da guia já foi paga"),
        (_lida, "já foi aberta"),
        (_substituida, "via mais nova"),
    ],
)
def test_what_changed_while_it_waited_keeps_it_back(
    entrega: Entrega, mudou: Any, dito: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: SEXTA)
    lembretes.lembrar(as_(SEXTA))
    mudou(entrega)
    trabalhar()
    operacao = Operacao.objects.get(tipo=entregas.LEMBRAR)
    assert (operacao.situacao, operacao.grupo, mail.outbox) == (Situacao.RECUSADA, "NAO-ENVIAR", [])
    assert dito in operacao.mensagem


def test_the_bank_holidays_on_record_count(entrega: Entrega) -> None:
    Feriado.objects.get_or_create(data=SEXTA, defaults={"nome": "Um feriado"})
    assert lembretes.dia_de(Guia.objects.get()) == QUINTA
    assert lembretes.lembrar(as_(SEXTA)) == 0  # nobody is at work
    assert lembretes.lembrar(as_(QUINTA)) == 1


def test_thousands_are_submitted_in_pieces(entrega: Entrega, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lembretes, "_LOTE", 2)
    for n in range(4):
        outra = Entrega.objects.create(guia=entrega.guia, para=f"p{n}@cliente.example", operacao=entrega.operacao)
        Entrega.objects.filter(pk=outra.pk).update(enviada_em=as_(date(2026, 11, 10)))
    assert lembretes.lembrar(as_(QUINTA)) == 0
    assert lembretes.lembrar(as_(SEXTA)) == 5
    assert timedelta(days=2) == lembretes.ANTES
