"""The office's own words: checked when they are saved, used from then on."""

from typing import Any

import pytest
from django.urls import reverse

from comum.models import Auditoria
from guias.models import MensagemEntrega
from guias.services import mensagens
from guias.services.mensagens import Texto, Tipo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adicional_216")]


@pytest.mark.parametrize(
    ("assunto", "corpo", "campo", "dito"),
    [
        ("Guia", "Abra {link} e veja {vlaor}", "corpo", "{vlaor}"),
        ("Guia", "Abra {link", "corpo", "sem o seu par"),
        ("Guia", "Sem endereço", "corpo", "Falta o campo {link}"),
        ("Guia {link}", "Abra {link}", "assunto", "não cabe no assunto"),
        ("{empresa.documento}", "Abra {link}", "assunto", "{empresa.documento}"),
    ],
)
def test_a_text_that_cannot_be_used_is_told_where(assunto: str, corpo: str, campo: str, dito: str) -> None:
    achados = mensagens.problemas(assunto, corpo)
    assert list(achados) == [campo]
    assert dito in achados[campo]


@pytest.mark.parametrize("tipo", list(Tipo))
def test_the_words_it_comes_with_are_good(tipo: Tipo) -> None:
    assert mensagens.problemas(mensagens.PADROES[tipo].assunto, mensagens.PADROES[tipo].corpo) == {}


def gravar(client: Any, **campos: str) -> Any:
    dados = {"tipo": "lembrete", "lembrete-assunto": "Vence", "lembrete-corpo": "Abra {link}", **campos}
    return client.post(reverse("guias:mensagens"), dados)


def test_the_administrator_writes_and_switches_off(entrar: Any, ana: Any) -> None:
    resposta = gravar(entrar(ana))
    assert resposta.status_code == 302
    assert mensagens.texto_de(Tipo.LEMBRETE) == Texto("Vence", "Abra {link}", ligada=False)
    assert Auditoria.objects.get(acao="guias.mensagem").resumo.endswith("que deixa de ser enviada")


def test_a_bad_text_stays_on_the_screen(entrar: Any, ana: Any) -> None:
    resposta = gravar(entrar(ana), **{"lembrete-corpo": "Texto meu, {nome}"})
    pagina = resposta.content.decode()
    assert (resposta.status_code, MensagemEntrega.objects.count()) == (422, 0)
    assert "Texto meu, {nome}" in pagina
    assert "Campo desconhecido: {nome}" in pagina


def test_the_products_words_come_back(entrar: Any, ana: Any) -> None:
    client = entrar(ana)
    gravar(client)
    client.post(reverse("guias:mensagens"), {"tipo": "lembrete", "padrao": "1"})
    assert mensagens.texto_de(Tipo.LEMBRETE) == mensagens.PADROES[Tipo.LEMBRETE]


def test_only_the_administrator_writes(entrar: Any, bruno: Any) -> None:
    assert gravar(entrar(bruno)).status_code == 403
