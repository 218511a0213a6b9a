"""The screens of the notes of the national system: its own words, and what to do next."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from arquivo.faltas import Dono, donos_de
from arquivo.models import Defeito, Documento
from arquivo.services import guardar, verificacao
from comum.models import Usuario
from config.ambientes import EnderecosNacional
from credentials.services import certificados
from empresas.models import Empresa
from nfse.models import CanalNfse, Cancelamento, Nota, TipoCanal
from nfse.models.exigencias import RegimeApuracao
from nfse.services import acoes, testes
from operacoes.handlers import handler_de
from operacoes.models import Operacao, Tentativa
from operacoes.motor import NovaOperacao
from operacoes.processamentos.criacao import criar as criar_run
from operacoes.templatetags.operacoes import o_que_se_respondeu
from tests.credentials.fabrica import certificado_x509, chave_rsa
from tests.nfse.apoio import criar_canal, criar_item, criar_nota
from tests.nfse.test_telas_nova import texto

pytestmark = pytest.mark.django_db
MOTIVO = "Serviço não foi prestado ao tomador"


@pytest.fixture
def canal(minha: Empresa) -> CanalNfse:
    campos: dict[str, Any] = {"regime_apuracao": RegimeApuracao.NO_SIMPLES, "total_simples": Decimal(6), "serie": "1"}
    return criar_canal(minha, TipoCanal.NACIONAL, usuario="", senha=b"", chave_aplicacao=b"", **campos)


def autorizada(canal: CanalNfse, usuario: Usuario, situacao: str = Nota.Situacao.AUTORIZADA) -> Nota:
    nota = criar_nota(canal, usuario, None, criar_item(aliquota=None, atividade=None, codigo_nacional="171901"))
    Nota.objects.filter(pk=nota.pk).update(
        canal=canal, serie="1", numero=7, numero_nfse="12", chave="5" * 50, situacao=situacao
    )
    nota.refresh_from_db()
    return nota


def recusado(nota: Nota, usuario: Usuario, codigo: str = "E0823") -> Cancelamento:
    pedido = acoes.cancelar(nota, "2", MOTIVO, usuario)
    assert pedido.operacao is not None
    Operacao.objects.filter(pk=pedido.operacao.pk).update(
        situacao="recusada",
        encerrada_em=timezone.now(),
        codigo=codigo,
        mensagem="Passa do limite do município. Peça a análise fiscal.",
    )
    Cancelamento.objects.filter(pk=pedido.pk).update(situacao=Cancelamento.Situacao.RECUSADO)
    return pedido


def pagina(cliente: Client, nota: Nota) -> str:
    return cliente.get(reverse("nfse:nota", args=[nota.pk])).content.decode()


def test_the_note_is_told_in_the_words_of_its_channel(como_bruno: Client, canal: CanalNfse, ana: Usuario) -> None:
    nota = autorizada(canal, ana)
    html = pagina(como_bruno, nota)
    assert "<dt>DPS</dt>" in html
    assert "RPS" not in html
    assert "pago no DAS" in html
    assert "do município, ou sem ISS" not in html
    Nota.objects.filter(pk=nota.pk).update(numero_nfse="")
    nota.refresh_from_db()
    assert nota.nome == "DPS 1/7"


def test_the_form_names_the_channel_and_leads_to_it(como_bruno: Client, canal: CanalNfse, ana: Usuario) -> None:
    html = como_bruno.get(reverse("nfse:nova"), {"empresa": canal.empresa_id}).content.decode()
    assert "Pela NFS-e Nacional" in html
    assert ", DPS 1/1" in html
    assert canal.get_absolute_url() in html


def test_what_lacks_is_said_of_the_canal_and_links_to_it(como_bruno: Client, canal: CanalNfse, ana: Usuario) -> None:
    CanalNfse.objects.update(total_simples=None)
    nota = criar_nota(canal, ana, None, criar_item(aliquota=None, atividade=None, codigo_nacional="171901"))
    html = como_bruno.get(reverse("nfse:emitir", args=[nota.pk])).content.decode()
    assert "Informe no canal da empresa os tributos aproximados" in html
    assert f'<a href="{canal.get_absolute_url()}">Abrir o canal</a>' in html
    assert "tem efeito fiscal" not in html
    CanalNfse.objects.update(total_simples=6, certificado=None)
    assert "só se corrige" not in como_bruno.get(reverse("nfse:emitir", args=[nota.pk])).content.decode()


def test_a_refused_cancellation_stands_on_top_with_what_is_left(
    como_bruno: Client, canal: CanalNfse, ana: Usuario
) -> None:
    nota = autorizada(canal, ana)
    recusado(nota, ana)
    html = pagina(como_bruno, nota)
    assert "A nota continua valendo: o cancelamento foi recusado." in html
    assert "Pedir análise fiscal…" in html
    assert "Cancelar…" not in html
    dialogo = como_bruno.get(reverse("nfse:cancelar", args=[nota.pk])).content.decode()
    assert "Pedir a análise fiscal da nota 12" in dialogo


def test_another_refusal_leaves_the_cancellation_to_be_asked_again(
    como_bruno: Client, canal: CanalNfse, ana: Usuario
) -> None:
    nota = autorizada(canal, ana)
    recusado(nota, ana, "E9999")
    html = pagina(como_bruno, nota)
    assert "o cancelamento foi recusado" in html
    assert "Cancelar…" in html


def test_an_analysis_under_way_is_asked_about_and_not_answered_by_hand(
    como_bruno: Client, canal: CanalNfse, ana: Usuario
) -> None:
    nota = autorizada(canal, ana)
    recusado(nota, ana)
    pedido = acoes.cancelar(nota, "2", MOTIVO, ana)
    Cancelamento.objects.filter(pk=pedido.pk).update(situacao=Cancelamento.Situacao.SOLICITADO)
    Nota.objects.filter(pk=nota.pk).update(situacao=Nota.Situacao.CANCELANDO)
    html = pagina(como_bruno, nota)
    assert "A análise fiscal do cancelamento foi pedida." in html
    assert "Perguntar a decisão agora" in html
    assert "Informar a decisão" not in html


@pytest.mark.parametrize("fim", [Nota.Situacao.CANCELADA, Nota.Situacao.SUBSTITUIDA])
def test_the_danfse_that_ended_is_told_from_the_one_that_was_authorised(
    como_bruno: Client, canal: CanalNfse, ana: Usuario, fim: str
) -> None:
    nota = autorizada(canal, ana, fim)
    comuns: dict[str, Any] = {"empresa": nota.empresa, "competencia": nota.competencia, "referencia": nota.chave}
    pdf = guardar(b"%PDF-1.4 a", tipo="nfse_pdf", nome="NFSE-12.pdf", **comuns)
    guardar(b"%PDF-1.4 b", tipo="cancel_pdf", nome="NFSE-CANCELAMENTO-12.pdf", **comuns)
    Nota.objects.filter(pk=nota.pk).update(pdf=pdf)
    html = pagina(como_bruno, nota)
    assert "DANFSe, como foi autorizado" in html
    assert f"DANFSe com a marca de {'cancelada' if fim == 'cancelada' else 'substituída'}" in html
    assert "Cancelamento de NFS-e (PDF)" not in html


@pytest.mark.parametrize("tipo", list(TipoCanal))
def test_the_name_of_a_channel_takes_its_article(tipo: TipoCanal) -> None:
    assert tipo.com("pel") == f"pel{'a' if tipo == TipoCanal.NACIONAL else 'o'} {tipo.label}"


def test_what_is_in_doubt_says_which_note_it_is_about(como_bruno: Client, canal: CanalNfse, bruno: Usuario) -> None:
    novas = []
    for numero in (1, 2):
        nota = criar_nota(canal, bruno)
        Nota.objects.filter(pk=nota.pk).update(canal=canal, serie="1", numero=numero)
        pedido = {"nota": nota.pk}
        novas.append(NovaOperacao("nfse.nacional.emitir", f"n{numero}", pedido, canal.acesso, canal.empresa_id))
    run = criar_run("nfse.nacional.emitir", "Emitir 2 notas", bruno, None, novas)
    run.operacoes.update(situacao="incerta")
    for endereco in (run.get_absolute_url(), reverse("operacoes:lista")):
        html = como_bruno.get(endereco).content.decode()
        assert "<small>DPS 1/1 · " in html
        assert "<small>DPS 1/2 · " in html


def test_the_canal_says_what_its_notes_lack(como_bruno: Client, canal: CanalNfse) -> None:
    endereco = canal.get_absolute_url()
    assert "Sem isso nenhuma nota passa da conferência." not in como_bruno.get(endereco).content.decode()
    CanalNfse.objects.update(total_simples=None, regime_apuracao="")
    html = como_bruno.get(endereco).content.decode()
    assert "Falta dizer como a empresa apura os tributos no Simples." in html
    assert "Faltam os tributos aproximados" in html


def test_a_code_that_nobody_knows_is_told_once(como_bruno: Client, canal: CanalNfse, ana: Usuario) -> None:
    nota = autorizada(canal, ana, Nota.Situacao.AUTORIZADA)
    operacao = acoes.cancelar(nota, "2", MOTIVO, ana).operacao
    palavras = "E4321 Regra municipal desconhecida."
    Operacao.objects.update(mensagem=f"Não aceitou a emissão. {palavras}", palavras_do_servico=palavras)
    Nota.objects.filter(pk=nota.pk).update(situacao=Nota.Situacao.RECUSADA, operacao=operacao)
    assert f'<small class="palavras">{palavras}' not in pagina(como_bruno, nota)
    Operacao.objects.update(mensagem="Não aceitou a emissão.")
    assert f'<small class="palavras">{palavras}' in pagina(como_bruno, nota)


def test_an_expired_authority_in_the_file_is_told_by_testar(canal: CanalNfse, ana: Usuario, settings: Any) -> None:
    settings.NFSE_NACIONAL = EnderecosNacional("https://127.0.0.1:9", "https://127.0.0.1:9", "https://127.0.0.1:9")
    ontem = timezone.now() - timedelta(days=1)
    autoridade = certificado_x509(
        nome="AC INVENTADA RFB v5", cn_com_cnpj=False, de=ontem - timedelta(days=9), ate=ontem
    )
    titular = certificado_x509(cnpj=canal.empresa.documento)
    conteudo = pkcs12.serialize_key_and_certificates(
        b"a1", chave_rsa(), titular, [autoridade], BestAvailableEncryption(b"s")
    )
    canal.certificado = certificados.guardar(conteudo, "s", certificados.ler_pfx(conteudo, "s"))
    canal.save()
    teste = testes.testar(canal=canal, usuario=ana)
    assert not teste.ok
    assert "O certificado de AC INVENTADA RFB v5 venceu em" in teste.mensagem


def test_a_refusal_leads_to_the_canal_where_some_are_settled(
    como_bruno: Client, canal: CanalNfse, ana: Usuario
) -> None:
    nota = autorizada(canal, ana)
    (operacao,) = acoes.reler([nota], ana)
    Nota.objects.filter(pk=nota.pk).update(situacao=Nota.Situacao.RECUSADA, operacao=operacao)
    assert f'<a href="{canal.get_absolute_url()}">Abrir o canal {canal.codigo}</a>' in pagina(como_bruno, nota)


# -- a file of a note that was altered or lost ------------------------------------------------------------------------


def com_xml_alterado(canal: CanalNfse, usuario: Usuario) -> Nota:
    nota = autorizada(canal, usuario)
    nota.xml = guardar_xml(nota)
    nota.save()
    Path(default_storage.path(nota.xml.caminho)).write_bytes(b"<outro/>")
    for _ in verificacao.andar(verificacao.ronda_aberta()):
        pass
    return nota


def guardar_xml(nota: Nota) -> Documento:
    return guardar(
        b"<NFSe/>",
        empresa=nota.empresa,
        tipo="nfse_xml",
        nome="NFSE-12.xml",
        competencia=nota.competencia,
        mime="application/xml",
        chave=nota.chave,
    )


def test_a_damaged_file_is_told_on_the_note_and_asked_for_again_where_it_was_found(
    como_bruno: Client, canal: CanalNfse, ana: Usuario
) -> None:
    nota = com_xml_alterado(canal, ana)
    html = pagina(como_bruno, nota)
    assert "Um arquivo desta nota está danificado" in html
    assert "NFS-e (XML) (arquivo alterado)" in html
    verificados = como_bruno.get(reverse("arquivo:verificacao"))
    ((_, dono),) = verificados.context["defeitos"]
    assert (dono.nome, dono.url) == ("NFS-e 12", nota.get_absolute_url())
    assert f'action="{dono.acao.url}"' in verificados.content.decode()
    como_bruno.post(dono.acao.url, dono.acao.campos)
    assert Operacao.objects.get().tipo == "nfse.nacional.reler"
    assert "1 documento guardado está com o arquivo danificado" in texto(como_bruno.get(reverse("arquivo:faltas")))


def test_a_document_kept_again_closes_its_defect(como_bruno: Client, canal: CanalNfse, ana: Usuario) -> None:
    nota = com_xml_alterado(canal, ana)
    assert guardar_xml(nota) == nota.xml
    assert not Defeito.objects.abertos().exists()
    assert "danificado" not in pagina(como_bruno, nota)


def test_what_a_cancelled_note_lost_leads_to_the_note(como_bruno: Client, canal: CanalNfse, ana: Usuario) -> None:
    nota = autorizada(canal, ana)
    campos: dict[str, Any] = {"empresa": nota.empresa, "competencia": nota.competencia, "chave": nota.chave}
    evento = guardar(b"<evento/>", tipo="cancel_xml", nome="NFSE-CANCELAMENTO-12.xml", **campos)
    assert donos_de(ana, [evento]) == {evento.pk: Dono("NFS-e 12", nota.get_absolute_url())}


def test_a_reading_without_events_does_not_look_like_a_failure() -> None:
    lida = Tentativa(desfecho=Tentativa.Desfecho.CONCLUIDA, http_status=404)
    assert o_que_se_respondeu(lida, handler_de("nfse.nacional.reler")) == "a nota não tem eventos (código 404)"
    lida.desfecho = Tentativa.Desfecho.RECUSADA
    assert o_que_se_respondeu(lida, handler_de("nfse.nacional.reler")) == "resposta com código 404"
