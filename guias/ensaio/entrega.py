"""Guias drawn beforehand, and to whom they go, with which the fault harness exercises the sending by e-mail."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import cycle

from django.db.models.functions import Now
from django.urls import reverse

from empresas.models import Contato
from guias.ensaio import guias_emitidas
from guias.models import Entrega, Guia
from guias.services import entregas, mensagens
from operacoes.ensaio import Palco, PelaTela
from operacoes.motor import NovaOperacao

_BASE = "http://127.0.0.1"


def envios(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    feitas = _entregas(palco, quantas, "cliente")
    texto = mensagens.texto_de(mensagens.Tipo.ENTREGA)
    return [entregas.nova_operacao(e.pk, e.guia, e.para, texto, base=_BASE) for e in feitas]


def lembretes(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """Of guias sent yesterday, before the sandbox kept a ledger."""
    feitas = _entregas(palco, quantas, "lembrado")
    Entrega.objects.filter(pk__in=[e.pk for e in feitas]).update(enviada_em=Now() - timedelta(days=1))
    texto = mensagens.texto_de(mensagens.Tipo.LEMBRETE)
    return [entregas.nova_operacao(e.pk, e.guia, e.para, texto, base=_BASE, lembrete=True) for e in feitas]


def pela_tela(novas: Sequence[NovaOperacao]) -> Sequence[PelaTela]:
    """The guias marked in the list, the pré-voo and its confirmation: they go to every contact of their empresas."""
    marcadas = {("ids", str(nova.pedido["guia"])) for nova in novas}
    return [PelaTela(reverse("guias:entregar"), tuple(sorted(marcadas)))] if marcadas else []


def _entregas(palco: Palco, quantas: int, quem: str) -> list[Entrega]:
    """Each of a few guias, to be paid in ten days, goes to several contacts of its empresa."""
    guias = [guia for guia, _ in guias_emitidas(palco, max(1, quantas // 10))]
    Guia.objects.filter(pk__in=[guia.pk for guia in guias]).update(limite=palco.hoje + timedelta(days=10))
    pares = [(guia, f"{quem}.{n}@ensaio.example") for n, guia in zip(range(quantas), cycle(guias), strict=False)]
    Contato.objects.bulk_create([Contato(empresa=guia.empresa, email=para) for guia, para in pares])
    feitas = Entrega.objects.bulk_create([Entrega(guia=guia, para=para) for guia, para in pares])
    return list(Entrega.objects.filter(pk__in=[e.pk for e in feitas]).select_related("guia__empresa").order_by("pk"))
