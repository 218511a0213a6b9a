"""Guias sent to clients: what goes, what stays out, once each, and what becomes of it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from empresas.models import Contato, Empresa
from guias.models import Entrega, Guia
from guias.services import barras, entregas, leitura
from operacoes.handlers import Repeticao, handler_de
from operacoes.models import Operacao, Processamento, Situacao
from operacoes.motor import execucao
from tests.guias.apoio import trabalhar
from tests.pagar.documentos import guia as desenhar
from tests.pagar.documentos import pdf_do_das

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adicional_216")]

BASE = "https://guiche.example"


@pytest.fixture
def guia(empresas: list[Empresa]) -> Guia:
    Contato.objects.create(empresa=empresas[0], email="ana@cliente.example", nome="Ana")
    return desenhar(empresas[0])


def enviar(usuario: Any, **opcoes: Any) -> Processamento:
    previa = entregas.prevoo(Guia.objects.all(), de_novo=opcoes.get("de_novo", False))
    return entregas.enviar(Guia.objects.all(), usuario, marca=previa.marca, base=BASE, **opcoes)


def codigos(previa: entregas.Prevoo) -> list[str]:
    return sorted(item.codigo for item in previa.fora)


def test_a_guia_goes_with_its_pdf_and_a_personal_link(guia: Guia, bruno: Any) -> None:
    enviar(bruno)
    trabalhar()

    (carta,) = mail.outbox
    entrega = Entrega.objects.get()
    assert (carta.to, carta.subject) == (
        ["ana@cliente.example"],
        f"[SEM VALOR FISCAL] DAS 10/2026 de {guia.empresa.razao_social}: R$ 672,80 até {guia.limite:%d/%m/%Y}",
    )
    (anexo,) = carta.attachments
    assert guia.documento is not None
    assert (anexo.filename, anexo.content[:5], anexo.mimetype) == (guia.documento.nome, b"%PDF-", "application/pdf")
    link = next(linha for linha in carta.body.splitlines() if "/entrega/" in linha)
    assert leitura.abrir(link.removeprefix(f"{BASE}/entrega/").rstrip("/")) == entrega
    assert f"{BASE}/conferir/" in carta.body
    assert "{" not in carta.body
    assert entrega.enviada_em is not None
    assert entrega.operacao is not None
    assert entrega.operacao.situacao == Situacao.CONCLUIDA


def test_the_message_id_is_of_the_operacao_and_never_changes(guia: Guia, bruno: Any) -> None:
    enviar(bruno)
    trabalhar()
    enviar(bruno, de_novo=True)
    trabalhar()
    primeira, segunda = (carta.extra_headers["Message-ID"] for carta in mail.outbox)
    dos_pedidos = [op.resposta["numero"] for op in Operacao.objects.filter(tipo=entregas.ENVIAR).order_by("pk")]
    assert dos_pedidos == [primeira, segunda]
    assert primeira != segunda


def test_every_contact_receives_it_and_else_the_fiscal_address(guia: Guia, empresas: list[Empresa]) -> None:
    a, b, _ = empresas
    Contato.objects.create(empresa=a, email="beto@cliente.example")
    Contato.objects.create(empresa=a, email="fora@cliente.example", recebe_guias=False)
    Empresa.objects.filter(pk=b.pk).update(email_fiscal="fiscal@b.example")
    desenhar(b, 2)
    para = [carta.para for carta in entregas.prevoo(Guia.objects.all()).cartas]
    assert para == ["ana@cliente.example", "beto@cliente.example", "fiscal@b.example"]


@pytest.mark.parametrize(
    ("mudanca", "codigo"),
    [
        ({"paga_em": "2026-11-10", "valor_pago": "672.80"}, "paga"),
        ({"limite": "2026-10-01"}, "vencida"),
        ({"problema": "O 2º bloco difere."}, "nao_confere"),
        ({"documento": None}, "sem_pdf"),
    ],
)
def test_what_is_not_to_be_paid_is_not_sent(guia: Guia, mudanca: dict[str, Any], codigo: str) -> None:
    Guia.objects.update(**mudanca)
    previa = entregas.prevoo(Guia.objects.all())
    assert (codigos(previa), previa.cartas) == ([codigo], [])


def test_a_replaced_copy_stays_out_and_the_last_one_goes(guia: Guia) -> None:
    desenhar(guia.empresa, 2, via=2)
    previa = entregas.prevoo(Guia.objects.all())
    assert (codigos(previa), [carta.guia.via for carta in previa.cartas]) == (["substituida"], [2])


def test_without_an_address_it_says_where_to_put_one(guia: Guia) -> None:
    Contato.objects.all().delete()
    (item,) = entregas.prevoo(Guia.objects.all()).fora
    assert (item.codigo, "página da empresa" in item.motivo) == ("sem_email", True)


def test_sent_once_it_goes_again_only_when_asked(guia: Guia, bruno: Any) -> None:
    enviar(bruno)
    assert codigos(entregas.prevoo(Guia.objects.all())) == ["andamento"]
    trabalhar()
    assert codigos(entregas.prevoo(Guia.objects.all())) == ["ja_enviada"]
    enviar(bruno, de_novo=True)
    trabalhar()
    assert (len(mail.outbox), Entrega.objects.count()) == (2, 1)


def test_confirmed_twice_it_goes_once(guia: Guia, bruno: Any) -> None:
    marca = entregas.prevoo(Guia.objects.all()).marca
    entregas.enviar(Guia.objects.all(), bruno, marca=marca, base=BASE)
    with pytest.raises(entregas.Mudou):
        entregas.enviar(Guia.objects.all(), bruno, marca=marca, base=BASE)
    trabalhar()
    assert (len(mail.outbox), Processamento.objects.count()) == (1, 1)


def test_paid_while_it_waited_it_does_not_leave(guia: Guia, bruno: Any) -> None:
    enviar(bruno)
    Guia.objects.update(paga_em=timezone.localdate(), valor_pago=Decimal("672.80"))
    trabalhar()
    operacao = Operacao.objects.get(tipo=entregas.ENVIAR)
    assert (operacao.situacao, operacao.grupo, mail.outbox) == (Situacao.RECUSADA, "NAO-ENVIAR", [])
    assert operacao.mensagem.endswith("Nada foi enviado.")


def test_a_pdf_of_another_value_is_found_before_it_leaves(empresas: list[Empresa], bruno: Any) -> None:
    Empresa.objects.update(email_fiscal="fiscal@a.example")
    limite = timezone.localdate() + timedelta(days=5)
    desenhar(empresas[0], pdf=pdf_do_das("07202632500000001", Decimal("999.99"), limite))
    enviar(bruno)
    trabalhar()
    guia = Guia.objects.get()
    assert (mail.outbox, guia.examinada_em is not None) == ([], True)
    assert "R$ 999,99" in guia.problema
    assert codigos(entregas.prevoo(Guia.objects.all())) == ["nao_confere"]


# -- the PDF -----------------------------------------------------------------------------------------------------------


def test_the_pdf_is_compared_digit_by_digit_with_the_answered_bar_code(empresas: list[Empresa]) -> None:
    guia = desenhar(empresas[0])
    outro = desenhar(empresas[1], 2, limite=guia.limite + timedelta(days=7))
    barras.completar([guia, outro])
    certo, trocado = guia.codigo_barras, outro.codigo_barras
    Guia.objects.filter(pk=guia.pk).update(codigo_barras=trocado, examinada_em=None)
    assert barras.examinar_novas(5.0) == 1
    guia.refresh_from_db()
    assert guia.codigo_barras == trocado != certo
    assert guia.problema.startswith("O 1º bloco da linha digitável do PDF é ")


def test_the_periodic_work_looks_at_each_pdf_once(empresas: list[Empresa]) -> None:
    for n, empresa in enumerate(empresas, 1):
        desenhar(empresa, n, pdf=b"%PDF-1.4 nada" if n == 2 else None)
    assert barras.examinar_novas(5.0) == 3
    assert barras.examinar_novas(5.0) == 0
    achadas = Guia.objects.order_by("pk").values_list("codigo_barras", "problema")
    assert [(len(codigo), bool(problema)) for codigo, problema in achadas] == [(44, False), (0, True), (44, False)]


# -- screens -----------------------------------------------------------------------------------------------------------


def test_the_pre_voo_says_what_goes_and_the_confirmation_starts_it(entrar: Any, bruno: Any, guia: Guia) -> None:
    client, url = entrar(bruno), reverse("guias:entregar")
    tela = client.post(url, {"ids": [guia.pk]})
    assert "Enviar 1 guia por e-mail · 1 mensagem" in tela.content.decode()
    dados = {"ids": [guia.pk], "marca": tela.context["previa"].marca}
    primeira, segunda = client.post(url, dados), client.post(url, dados)
    run = Processamento.objects.get()
    assert primeira["Location"] == segunda["Location"] == run.get_absolute_url()
    assert client.get(run.get_absolute_url()).status_code == 200


def test_nothing_marked_is_said(entrar: Any, bruno: Any) -> None:
    resposta = entrar(bruno).post(reverse("guias:entregar"), {}, follow=True)
    assert "Nenhuma guia marcada" in resposta.content.decode()


def test_without_a_mail_server_nothing_is_offered(entrar: Any, bruno: Any, guia: Guia, settings: Any) -> None:
    settings.MAILERS = {}
    tela = entrar(bruno).post(reverse("guias:entregar"), {"ids": [guia.pk], "marca": "x"}).content.decode()
    assert "Nenhum servidor de e-mail está configurado" in tela
    assert 'form="confirmar"' not in tela
    assert not Operacao.objects.filter(tipo=entregas.ENVIAR).exists()


def test_who_only_consults_sends_nothing(entrar: Any, carla: Any, guia: Guia) -> None:
    assert entrar(carla).post(reverse("guias:entregar"), {"ids": [guia.pk]}).status_code == 403


def test_the_list_and_the_page_tell_how_it_stands(entrar: Any, bruno: Any, guia: Guia) -> None:
    client = entrar(bruno)
    lista = client.get(reverse("guias:lista"))
    assert "não enviada" in lista.content.decode()
    enviar(bruno)
    trabalhar()
    leitura.marcar(Entrega.objects.get())
    assert "Lida" in client.get(reverse("guias:lista")).content.decode()
    pagina = client.get(reverse("guias:entregas", args=[guia.pk])).content.decode()
    assert "ana@cliente.example" in pagina
    assert "Copiar o link" in pagina
    assert "valor, número e linha digitável" in pagina


def test_a_pdf_that_does_not_agree_shows_in_the_list(entrar: Any, carla: Any, guia: Guia) -> None:
    Guia.objects.update(problema="A linha é de R$ 1,00.")
    assert "Não confere" in entrar(carla).get(reverse("guias:lista")).content.decode()


def test_the_pdf_can_be_looked_at_again(entrar: Any, bruno: Any, guia: Guia) -> None:
    Guia.objects.update(problema="O arquivo não estava lá.", examinada_em=timezone.now())
    resposta = entrar(bruno).post(reverse("guias:examinar", args=[guia.pk]), follow=True)
    assert "O PDF confere com a guia" in resposta.content.decode()
    guia.refresh_from_db()
    assert (guia.problema, len(guia.codigo_barras)) == ("", 44)


def test_the_list_asks_as_many_queries_for_ten_as_for_one(
    entrar: Any, carla: Any, bruno: Any, empresas: list[Empresa]
) -> None:
    Empresa.objects.update(email_fiscal="fiscal@a.example")
    client = entrar(carla)

    def contar() -> int:
        with CaptureQueriesContext(connection) as feitas:
            client.get(reverse("guias:lista"))
        return len(feitas)

    desenhar(empresas[0], 1)
    enviar(bruno)
    contar()
    uma = contar()
    for n in range(2, 10):
        desenhar(empresas[n % 3], n, via=n)
    assert contar() == uma


def test_the_pre_voo_asks_as_many_questions_for_ten_as_for_two(empresas: list[Empresa]) -> None:
    Empresa.objects.update(email_fiscal="fiscal@a.example")

    def contar() -> int:
        with CaptureQueriesContext(connection) as feitas:
            assert entregas.prevoo(Guia.objects.all()).marca
        return len(feitas)

    for n in (1, 2):
        desenhar(empresas[n - 1], n)
    duas = contar()
    for n in range(3, 11):
        desenhar(empresas[n % 3], n, via=n)
    assert contar() == duas


def test_what_is_refused_is_repeated_only_while_it_may_go(guia: Guia, bruno: Any) -> None:
    enviar(bruno)
    operacao = Operacao.objects.get(tipo=entregas.ENVIAR)
    handler = handler_de(entregas.ENVIAR)
    assert handler.repetir([operacao], bruno) == {operacao.pk: Repeticao(operacao.pedido, operacao.acesso)}
    Guia.objects.update(paga_em=timezone.localdate(), valor_pago=Decimal("672.80"))
    (motivo,) = handler.repetir([operacao], bruno).values()
    assert str(motivo).startswith("Paga em ")


def test_a_folder_that_cannot_be_written_is_nothing_sent(guia: Guia, bruno: Any, monkeypatch: Any) -> None:
    def cheia(self: Any, cartas: Any) -> int:
        raise OSError("No space left on device")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", cheia)
    enviar(bruno)
    execucao.drenar("correio:principal", 1)
    operacao = Operacao.objects.get(tipo=entregas.ENVIAR)
    assert (operacao.situacao, operacao.codigo, operacao.falhas) == (Situacao.PENDENTE, "PASTA-DO-CORREIO", 1)


def test_the_list_is_narrowed_by_how_the_delivery_stands(entrar: Any, bruno: Any, empresas: list[Empresa]) -> None:
    Empresa.objects.update(email_fiscal="fiscal@a.example")
    lida, por_ler, ruim = (desenhar(empresa, n) for n, empresa in enumerate(empresas, 1))
    Guia.objects.filter(pk=ruim.pk).update(problema="Difere.")
    enviar(bruno)
    trabalhar()
    leitura.marcar(Entrega.objects.get(guia=lida))
    client = entrar(bruno)

    def achadas(valor: str) -> list[int]:
        resposta = client.get(reverse("guias:lista"), {"entrega": valor, "ordem": "emissao"})
        return [guia.pk for guia in resposta.context["guias"]]

    valores = ("lida", "enviada", "falta", "nao_confere", "nada")
    assert [achadas(valor) for valor in valores] == [[lida.pk], [por_ler.pk], [ruim.pk], [ruim.pk], []]
