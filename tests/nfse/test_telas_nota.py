"""The page of one nota: its story, what was applied, and what can be asked of it."""

from decimal import Decimal
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from comum.models import Auditoria, Usuario
from empresas.models import Empresa
from nfse.models import CanalNfse, Cancelamento, CartaCorrecao, EventoNota, Nota, TipoCanal
from nfse.providers.interface import ItemAplicado
from nfse.services import registro
from nfse.services.comparacao import comparar
from nfse.services.linha_do_tempo import historia
from operacoes.models import Classe, Operacao, Tentativa
from operacoes.models import Situacao as SituacaoDaOperacao
from tests.nfse.apoio import autorizar, criar_canal, criar_item, criar_nota, enviar, recusar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hoje")]
MOTIVO = "Serviço lançado para o tomador errado"


@pytest.fixture
def canal(minha: Empresa) -> CanalNfse:
    return criar_canal(minha)


@pytest.fixture
def municipal(minha: Empresa) -> CanalNfse:
    return criar_canal(minha, TipoCanal.SISGENFE)


def ver(cliente: Client, nota: Nota, **params: Any) -> Any:
    return cliente.get(reverse("nfse:nota", args=[nota.pk]), params)


def pedir(cliente: Client, nome: str, nota: Nota, **dados: Any) -> Any:
    return cliente.post(reverse(f"nfse:{nome}", args=[nota.pk]), dados)


def tentar(operacao: Operacao, desfecho: str, vezes: int = 1, especie: str = "envio", **campos: Any) -> None:
    for _ in range(vezes):
        Tentativa.objects.create(
            operacao=operacao, especie=especie, trabalhador="teste", desfecho=desfecho, classe=Classe.GRATIS, **campos
        )


# -- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("preparar", "principal"),
    [
        (lambda nota, ana: nota, "Conferir e emitir"),
        (recusar, "Corrigir"),
        (autorizar, "Enviar por e-mail"),
    ],
)
def test_one_act_stands_out_in_each_state(como_bruno, canal, ana, preparar, principal) -> None:
    nota = preparar(criar_nota(canal, ana), ana)
    pagina = ver(como_bruno, nota).content.decode()
    (botao,) = [parte for parte in pagina.split("btn btn-primary")[1:] if "confirmacao" not in parte[:200]][:1]
    assert principal in botao.split("</")[0]


def test_who_consults_is_offered_no_act(client: Client, carla: Usuario, canal, ana) -> None:
    nota = autorizar(criar_nota(canal, ana), ana)
    client.force_login(carla)
    pagina = ver(client, nota).content.decode()
    assert "Enviar por e-mail" not in pagina
    assert pedir(client, "cancelar", nota).status_code == 403


def test_a_refusal_stands_on_top_in_the_services_own_words(como_bruno, canal, ana) -> None:
    pagina = ver(como_bruno, recusar(criar_nota(canal, ana), ana)).content.decode()
    assert "O município recusou o código do serviço." in pagina
    assert "E5002 código inválido" in pagina


def test_what_was_applied_is_marked_where_it_differs(como_bruno, canal, ana) -> None:
    aplicado = ItemAplicado(Decimal("1000.00"), Decimal("5.00"), Decimal(0))
    nota = autorizar(criar_nota(canal, ana), ana, itens=(aplicado,))
    pagina = ver(como_bruno, nota).content.decode()
    assert "O município aplicou valores diferentes dos enviados" in pagina
    assert "5%" in pagina


def test_the_rate_of_the_municipio_is_no_difference_and_becomes_the_iss(municipal, ana) -> None:
    nota = autorizar(criar_nota(municipal, ana), ana)
    comparacao = comparar(nota, list(nota.itens.all()))
    assert (comparacao.difere, comparacao.linhas[0].aliquota.do_municipio) == (False, True)
    assert nota.valor_iss == Decimal("43.10")


def test_a_rate_we_sent_keeps_the_iss_we_computed(canal, ana) -> None:
    aplicado = ItemAplicado(Decimal("1000.00"), Decimal("5.00"), Decimal(0))
    assert autorizar(criar_nota(canal, ana), ana, itens=(aplicado,)).valor_iss == Decimal("20.00")


def test_the_story_tells_every_try_and_what_it_meant(canal, ana) -> None:
    nota = criar_nota(canal, ana)
    operacao = enviar(nota, ana)
    tentar(operacao, Tentativa.Desfecho.INDISPONIVEL, http_status=503)
    tentar(operacao, Tentativa.Desfecho.NAO_SEI, vezes=12, especie="conferencia")
    passos = historia(nota).passos
    titulos = [passo.titulo for passo in passos]
    assert titulos == ["Emitir NFS-e: conferência", "Emitir NFS-e: envio", "Enviada para emissão", "Criada"]
    assert passos[0].vezes == 12


def test_the_story_of_a_corrected_note_keeps_its_refused_revision(canal, ana) -> None:
    nota = recusar(criar_nota(canal, ana), ana)
    enviar(nota, ana)
    tipos = list(nota.eventos.order_by("pk").values_list("tipo", flat=True))
    assert tipos == ["criada", "enviada", "recusada", "enviada"]
    assert Operacao.objects.count() == 2


def test_a_long_story_is_cut_and_the_rest_is_one_link_away(como_bruno, canal, ana) -> None:
    nota = criar_nota(canal, ana)
    EventoNota.objects.bulk_create(EventoNota(nota=nota, tipo="relida") for _ in range(70))
    pagina = ver(como_bruno, nota).content.decode()
    assert "Mostrar 11 passos mais antigos" in pagina
    assert historia(nota, tudo=True).ocultos == 0


def test_the_page_costs_the_same_whatever_happened(como_bruno, canal, ana, django_assert_max_num_queries) -> None:
    nota = autorizar(criar_nota(canal, ana), ana)
    with django_assert_max_num_queries(45) as antes:
        ver(como_bruno, nota)
    operacao = nota.operacao
    assert operacao is not None
    for _ in range(5):
        tentar(operacao, Tentativa.Desfecho.INDISPONIVEL, http_status=503)
        EventoNota.objects.create(nota=nota, tipo="relida", usuario=ana, operacao=operacao)
    with django_assert_max_num_queries(len(antes) + 1):
        ver(como_bruno, nota)


def test_the_page_follows_a_note_under_way(como_bruno, canal, ana) -> None:
    nota = criar_nota(canal, ana)
    operacao = enviar(nota, ana)
    pagina = ver(como_bruno, nota)
    marca, vivo = pagina.context["marca"], {"HX-Request": "true"}
    endereco = reverse("nfse:nota", args=[nota.pk])
    igual = como_bruno.get(endereco, {"parte": "situacao", "marca": marca}, headers=vivo)
    Operacao.objects.filter(pk=operacao.pk).update(situacao=SituacaoDaOperacao.INCERTA, envios=1)
    outra = como_bruno.get(endereco, {"parte": "situacao", "marca": marca}, headers=vivo)
    assert (igual.headers.get("HX-Retarget"), outra.headers["HX-Retarget"]) == (None, "#nota")
    assert "data-anuncio" in outra.content.decode()


def test_xml_and_pdf_are_downloaded_from_the_archive(como_bruno, canal, ana) -> None:
    nota = autorizar(criar_nota(canal, ana), ana, xml=b"<nfse/>")
    xml, pdf = (como_bruno.get(reverse("nfse:baixar", args=[nota.pk, formato])) for formato in ("xml", "pdf"))
    assert (xml.url, pdf.status_code) == (reverse("arquivo:documento", args=[nota.xml_id]), 404)


# -- issue one -------------------------------------------------------------------------------------------------------


def test_one_note_is_confirmed_with_its_figures(como_bruno, canal, ana) -> None:
    nota = criar_nota(canal, ana)
    endereco = reverse("nfse:emitir", args=[nota.pk])
    pagina = como_bruno.get(endereco)
    assert "Emitir 1 nota · R$ 1.000,00" in pagina.content.decode()
    marca = pagina.context["previa"].marca
    destinos = [como_bruno.post(endereco, {"marca": marca}).url for _ in range(2)]  # a double click
    nota.refresh_from_db()
    assert (destinos, nota.situacao, Operacao.objects.count()) == ([nota.get_absolute_url()] * 2, "emitindo", 1)


def test_what_keeps_a_note_is_listed_and_nothing_can_be_confirmed(como_bruno, minha, ana) -> None:
    canal = criar_canal(minha)
    nota = criar_nota(canal, ana)
    CanalNfse.objects.filter(pk=canal.pk).update(ativo=False)
    pagina = como_bruno.get(reverse("nfse:emitir", args=[nota.pk])).content.decode()
    assert "está inativo. Reative-o em Canais" in pagina
    assert "Emitir 1 nota" not in pagina


# -- correct, cancel, replace ----------------------------------------------------------------------------------------


def test_the_correction_says_first_what_it_cannot_change(como_bruno, municipal, ana) -> None:
    nota = autorizar(criar_nota(municipal, ana), ana)
    dialogo = como_bruno.get(reverse("nfse:corrigir", args=[nota.pk])).content.decode()
    assert "A correção não altera valores, prestador nem tomador" in dialogo
    pedir(como_bruno, "corrigir", nota, texto="Onde se lê A, leia-se B")
    assert CartaCorrecao.objects.get().situacao == "enviando"


@pytest.mark.parametrize(("texto", "mensagem"), [(" ", "Escreva a correção."), ("x" * 2001, "tem 2001 caracteres")])
def test_a_bad_correction_is_told_at_its_field(como_bruno, municipal, ana, texto, mensagem) -> None:
    resposta = pedir(como_bruno, "corrigir", autorizar(criar_nota(municipal, ana), ana), texto=texto)
    assert (resposta.status_code, mensagem in resposta.content.decode()) == (422, True)


def test_a_channel_without_correction_says_what_to_do_instead(como_bruno, canal, ana) -> None:
    resposta = pedir(como_bruno, "corrigir", autorizar(criar_nota(canal, ana), ana), texto="Outra coisa")
    assert "não tem carta de correção. Substitua ou cancele" in resposta.content.decode()


def test_cancelling_says_its_rules_and_asks_once(como_bruno, municipal, ana) -> None:
    nota = autorizar(criar_nota(municipal, ana), ana)
    dialogo = como_bruno.get(reverse("nfse:cancelar", args=[nota.pk])).content.decode()
    assert "Só se pede uma vez por nota" in dialogo
    primeira = pedir(como_bruno, "cancelar", nota, codigo="3", motivo=MOTIVO)
    segunda = pedir(como_bruno, "cancelar", nota, codigo="3", motivo=MOTIVO)
    assert (primeira.status_code, segunda.status_code, Cancelamento.objects.count()) == (302, 422, 1)
    assert "já foi pedido e está em andamento" in segunda.content.decode()


@pytest.mark.parametrize(
    ("dados", "mensagem"),
    [
        ({"codigo": "", "motivo": MOTIVO}, "Escolha o motivo na lista."),
        ({"codigo": "9", "motivo": MOTIVO}, "Escolha o motivo na lista."),
        ({"codigo": "1", "motivo": ""}, "Escreva a justificativa."),
        ({"codigo": "1", "motivo": "curta"}, "A justificativa tem 5 caracteres"),
    ],
)
def test_a_bad_reason_is_told_at_its_field(como_bruno, canal, ana, dados, mensagem) -> None:
    resposta = pedir(como_bruno, "cancelar", autorizar(criar_nota(canal, ana), ana), **dados)
    assert (resposta.status_code, mensagem in resposta.content.decode()) == (422, True)


def test_a_cancelled_note_is_not_cancelled_again(como_bruno, canal, ana) -> None:
    nota = autorizar(criar_nota(canal, ana), ana)
    Nota.objects.filter(pk=nota.pk).update(situacao="cancelada")
    resposta = pedir(como_bruno, "cancelar", nota, codigo="1", motivo=MOTIVO)
    assert "está “Cancelada”: só dá para cancelar uma nota autorizada" in resposta.content.decode()


def test_replacing_prepares_a_draft_and_sends_nothing(como_bruno, canal, ana) -> None:
    nota = autorizar(criar_nota(canal, ana), ana)
    resposta = pedir(como_bruno, "substituir", nota, codigo="1", motivo=MOTIVO)
    nova = nota.substitutas.get()
    assert (resposta.url, nova.situacao) == (reverse("nfse:editar", args=[nova.pk]), "rascunho")
    assert Operacao.objects.count() == 1  # that of the first


# -- what the town hall decided --------------------------------------------------------------------------------------


def solicitada(canal: CanalNfse, ana: Usuario) -> Nota:
    nota = autorizar(criar_nota(canal, ana), ana)
    operacao = nota.operacao
    assert operacao is not None
    pedido = Cancelamento.objects.create(nota=nota, codigo="3", motivo=MOTIVO, pedido_por=ana)
    pedido.nota = registro.travada(nota.pk)
    registro.cancelamento_solicitado(pedido, operacao)
    nota.refresh_from_db()
    return nota


def test_a_request_waits_until_a_person_tells_its_end(como_bruno, municipal, ana) -> None:
    nota = solicitada(municipal, ana)
    assert "O cancelamento foi solicitado" in ver(como_bruno, nota).content.decode()
    pedir(como_bruno, "responder_cancelamento", nota, aprovado="sim", evidencia="Portal, 21/11, protocolo 77")
    nota.refresh_from_db()
    assert (nota.situacao, str(nota.cancelamentos.get().decidido_por)) == ("cancelada", "bruno")
    assert Auditoria.objects.filter(acao="nfse.responder_cancelamento").exists()


def test_a_denied_request_leaves_the_note_valid_and_is_the_last(como_bruno, municipal, ana) -> None:
    nota = solicitada(municipal, ana)
    pedir(como_bruno, "responder_cancelamento", nota, aprovado="nao", evidencia="Fora do prazo")
    nota.refresh_from_db()
    resposta = pedir(como_bruno, "cancelar", nota, codigo="3", motivo=MOTIVO)
    assert nota.situacao == "autorizada"
    assert "aceita um só pedido por nota" in resposta.content.decode()


@pytest.mark.parametrize("dados", [{"aprovado": "sim", "evidencia": ""}, {"evidencia": "vi"}])
def test_an_answer_without_evidence_or_decision_changes_nothing(como_bruno, municipal, ana, dados) -> None:
    nota = solicitada(municipal, ana)
    assert pedir(como_bruno, "responder_cancelamento", nota, **dados).status_code == 422
    nota.refresh_from_db()
    assert nota.situacao == "cancelando"


# -- e-mail, look again, give up -------------------------------------------------------------------------------------


def test_the_note_goes_by_mail_with_its_files(como_bruno, canal, ana) -> None:
    nota = autorizar(criar_nota(canal, ana), ana, "4321", xml=b"<nfse/>", pdf=b"%PDF-1.4")
    pedir(como_bruno, "email", nota, para="a@exemplo.com.br; b@exemplo.com.br", mensagem="Segue.")
    (carta,) = mail.outbox
    assert carta.to == ["a@exemplo.com.br", "b@exemplo.com.br"]
    assert [anexo[0] for anexo in carta.attachments] == ["NFSE-4321.pdf", "NFSE-4321.xml"]
    assert nota.eventos.filter(tipo="email").exists()


def test_a_wrong_address_is_told_and_kept(como_bruno, canal, ana) -> None:
    resposta = pedir(como_bruno, "email", autorizar(criar_nota(canal, ana), ana), para="a@b; fulano")
    pagina = resposta.content.decode()
    assert "“a@b” não é um e-mail" in pagina
    assert "a@b; fulano" in pagina


def test_a_mail_server_that_refuses_is_told(como_bruno, canal, ana, monkeypatch) -> None:
    def recusar_carta(self: Any, *args: Any, **kwargs: Any) -> int:
        raise SMTPRecipientsRefused({"a@exemplo.com.br": (550, b"no")})

    monkeypatch.setattr("django.core.mail.EmailMessage.send", recusar_carta)
    nota = autorizar(criar_nota(canal, ana), ana)
    resposta = pedir(como_bruno, "email", nota, para="a@exemplo.com.br")
    assert "o destinatário foi recusado" in resposta.content.decode()
    assert not nota.eventos.filter(tipo="email").exists()


def test_without_a_mail_server_the_screen_says_so(como_bruno, canal, ana, settings) -> None:
    settings.MAILERS = {}
    resposta = pedir(como_bruno, "email", autorizar(criar_nota(canal, ana), ana), para="a@exemplo.com.br")
    assert "Nenhum servidor de e-mail está configurado" in resposta.content.decode()


def test_looking_again_is_an_operation_of_its_own(como_bruno, canal, ana) -> None:
    nota = autorizar(criar_nota(canal, ana), ana)
    pedir(como_bruno, "reler", nota)
    pedir(como_bruno, "reler", nota, documentos="1")
    tipos = {"nfse.integranotas.reler", "nfse.integranotas.documentos"}
    assert set(Operacao.objects.exclude(nota=nota).values_list("tipo", flat=True)) == tipos


def test_giving_up_keeps_the_note(como_bruno, canal, ana) -> None:
    nota = criar_nota(canal, ana)
    pedir(como_bruno, "abandonar", nota)
    pedir(como_bruno, "abandonar", nota)
    nota.refresh_from_db()
    assert (nota.situacao, nota.eventos.filter(tipo="abandonada").count()) == ("abandonada", 1)


def test_two_lines_are_compared_each_with_its_own(canal, ana) -> None:
    nota = criar_nota(canal, ana, None, criar_item("10.00"), criar_item("20.00"))
    aplicados = (ItemAplicado(Decimal("10.00"), Decimal("2.00")), ItemAplicado(Decimal("21.00"), Decimal("2.00")))
    nota = autorizar(nota, ana, itens=aplicados)
    assert [linha.difere for linha in comparar(nota, list(nota.itens.all())).linhas] == [False, True]


def test_the_way_back_to_the_confirmation_of_an_issued_note_shows_the_note(como_bruno, canal, ana) -> None:
    nota = autorizar(criar_nota(canal, ana), ana)
    resposta = como_bruno.get(reverse("nfse:emitir", args=[nota.pk]), follow=True)
    assert resposta.redirect_chain == [(nota.get_absolute_url(), 302)]
    assert "não há o que emitir" in resposta.content.decode()
