"""Notes through the national system end to end, against the simulator: what our tables say and what its ledger says."""

import io
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pypdf
import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from arquivo.models import Documento
from arquivo.services import abrir
from comum.models import Usuario
from empresas.models import Empresa, Regime, RegimeEmpresa
from nfse.models import CanalNfse, Cancelamento, ConvenioNacional, DocumentoAssinado, Nota
from nfse.models.detalhes import Detalhes
from nfse.models.papeis import PapelDeDeducao, PapelReembolsado
from nfse.providers.nacional.leitura import ler_nfse
from nfse.services import acoes, testes
from nfse.services.emissao import com_tudo, emitir, pedido_de, prevoo
from nfse.services.exigencias import Exigencias
from nfse.services.notas import NotaOcupada, abandonar
from nfse.services.validacao import Contexto
from operacoes.models import Operacao
from tests.nfse.apoio_nacional import canal_no_nacional, nacional
from tests.nfse.escritorio import emitir_ja, item, rascunho, tomador_de, trabalhar
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)
MOTIVO = "Serviço não foi prestado ao tomador"


@pytest.fixture
def sefin(nfse_vivo: SandboxVivo) -> Iterator[SandboxVivo]:
    yield nfse_vivo
    nfse_vivo.controle.relogio(real=True)


@pytest.fixture
def canal(sefin: SandboxVivo) -> CanalNfse:
    return canal_no_nacional(sefin, 31)


def no_livro(sandbox: SandboxVivo, tipo: str = "nfse_autorizada") -> list[str]:
    return [efeito["documento"] for efeito in sandbox.controle.ledger(servico="nacional", tipo=tipo)]


def emitida(canal: CanalNfse, usuario: Usuario) -> Nota:
    nota = nacional(canal, usuario)
    emitir_ja(nota, usuario=usuario)
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.AUTORIZADA, nota.operacao and nota.operacao.mensagem
    return nota


def test_a_note_comes_back_with_chave_number_xml_and_danfse(canal: CanalNfse, ana: Usuario, sefin: SandboxVivo) -> None:
    nota = emitida(canal, ana)
    assert (len(nota.chave), nota.serie, nota.numero) == (50, "1", 1)
    assert nota.numero_nfse
    assert nota.xml is not None
    assert nota.pdf is not None
    assert (abrir(nota.pdf)[:4], len(no_livro(sefin))) == (b"%PDF", 1)
    assert DocumentoAssinado.objects.get().identificador == no_livro(sefin)[0]


def test_all_that_a_note_says_of_ibs_and_cbs_is_authorised_and_drawn(canal, ana: Usuario, sefin: SandboxVivo) -> None:
    ditos = Detalhes(
        desconto_condicionado=Decimal("100.00"),
        imovel_cib="12345678",
        diferimento_cbs=Decimal(50),
        regular_situacao="000",
        regular_classificacao="000001",
        tipo_operacao="5",
        ente_governamental="4",
    )
    codigos: dict[str, Any] = {
        "ibs_cbs_fornecimento": "020101",
        "ibs_cbs_situacao": "000",
        "ibs_cbs_classificacao": "000001",
    }
    outro = tomador_de(canal.empresa, 9)
    exigencias = Exigencias(**codigos, destinatario_id=outro.pk, detalhes=ditos.para_json())
    um = item(atividade=None, item_lc116="7.13", codigo_nacional="071301", nbs="114061100")
    nota = rascunho(canal, ana, um, tomador=tomador_de(canal.empresa, 8), exigencias=exigencias)
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.AUTORIZADA, nota.operacao and nota.operacao.mensagem
    assert nota.xml is not None
    xml = abrir(nota.xml).decode()
    assert nota.pdf is not None
    assert "<vLiq>900.00</vLiq>" in xml
    assert nota.valor_liquido == Decimal("900.00")
    assert f"<dest><CNPJ>{outro.documento}" in xml
    assert "<vDifCBS>" in xml


@pytest.mark.parametrize("acao", ["perder_resposta", "truncar", "tempo_esgotado", "cortar", "erro", "html"])
def test_a_lost_answer_never_makes_a_second_note(canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, acao: str) -> None:
    sefin.controle.cenario(acao=acao, servico="nacional", operacao="nfse_emitir", vezes=1)
    emitida(canal, ana)
    assert len(no_livro(sefin)) == 1


def test_a_repeat_sends_the_same_bytes(canal: CanalNfse, ana: Usuario, sefin: SandboxVivo) -> None:
    sefin.controle.cenario(acao="cortar", servico="nacional", operacao="nfse_emitir", vezes=1)
    nota = nacional(canal, ana)
    emitir([nota.pk], ana, marca=prevoo(com_tudo([nota.pk])).marca)
    trabalhar(voltas=1)
    antes = bytes(DocumentoAssinado.objects.get().xml)
    canal.carga_federal = 1
    canal.save()
    trabalhar()
    nota.refresh_from_db()
    assert (nota.situacao, bytes(DocumentoAssinado.objects.get().xml)) == (Nota.Situacao.AUTORIZADA, antes)


def test_a_refused_note_goes_again_with_its_number(canal: CanalNfse, ana: Usuario, sefin: SandboxVivo) -> None:
    sefin.controle.ajustes(**{"nacional.cadastro_aberto": False})
    nota = nacional(canal, ana)
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert (nota.situacao, nota.numero) == (Nota.Situacao.RECUSADA, 1)
    assert nota.operacao is not None
    assert nota.operacao.codigo.startswith("E0")
    sefin.controle.ajustes(**{"nacional.cadastro_aberto": True})
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert (nota.situacao, nota.numero, nota.revisao) == (Nota.Situacao.AUTORIZADA, 1, 2)


def test_a_number_that_another_system_used_is_told_and_lost(canal: CanalNfse, ana: Usuario, sefin: SandboxVivo) -> None:
    Nota.objects.filter(pk=emitida(canal, ana).pk).update(serie="", numero=None)
    CanalNfse.objects.update(proximo_numero=1)
    nota = nacional(canal, ana, "77.00")
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert (nota.situacao, nota.numero) == (Nota.Situacao.RECUSADA, None)
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert (nota.situacao, nota.numero, len(no_livro(sefin))) == (Nota.Situacao.AUTORIZADA, 2, 2)


def test_the_number_of_an_abandoned_note_is_used_again(canal: CanalNfse, ana: Usuario, sefin: SandboxVivo) -> None:
    sefin.controle.ajustes(**{"nacional.cadastro_aberto": False})
    primeira = nacional(canal, ana)
    emitir_ja(primeira, usuario=ana)
    primeira.refresh_from_db()
    abandonar(primeira, ana)
    sefin.controle.ajustes(**{"nacional.cadastro_aberto": True})
    assert emitida(canal, ana).numero == 1


@pytest.mark.parametrize("acao", ["", "perder_resposta", "cortar"])
def test_a_note_is_cancelled_once(canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, acao: str) -> None:
    nota = emitida(canal, ana)
    if acao:
        sefin.controle.cenario(acao=acao, servico="nacional", operacao="evento_registrar", vezes=1)
    acoes.cancelar(nota, "1", MOTIVO, ana)
    trabalhar()
    nota.refresh_from_db()
    assert (nota.situacao, len(no_livro(sefin, "nfse_cancelada"))) == (Nota.Situacao.CANCELADA, 1)
    guardados = set(Documento.objects.values_list("tipo", flat=True))
    assert {Documento.Tipo.CANCELAMENTO_XML, Documento.Tipo.CANCELAMENTO_PDF} <= guardados


@pytest.mark.parametrize(
    ("decisao", "fim", "do_pedido"),
    [
        ("105105", Nota.Situacao.AUTORIZADA, Cancelamento.Situacao.NEGADO),
        ("105104", Nota.Situacao.CANCELADA, Cancelamento.Situacao.CONFIRMADO),
    ],
)
def test_after_the_time_limit_the_next_request_is_one_of_analysis(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, decisao: str, fim: str, do_pedido: str
) -> None:
    nota = emitida(canal, ana)
    sefin.controle.ajustes(**{"nacional.municipios": {"2601409": {"cancelamento_valor": "1.00"}}})
    acoes.cancelar(nota, "1", MOTIVO, ana)
    trabalhar()
    assert Operacao.objects.get(tipo="nfse.nacional.cancelar").codigo in ("E0822", "E0823")
    assert acoes.pede_analise(nota)
    acoes.cancelar(nota, "1", MOTIVO, ana)
    trabalhar()
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.CANCELANDO
    sefin.controle.post("nacional/eventos", {"chave": nota.chave, "codigo": decisao})
    acoes.reler([nota], ana)
    trabalhar()
    nota.refresh_from_db()
    ultimo = nota.cancelamentos.order_by("criado_em").last()
    assert ultimo is not None
    assert (nota.situacao, ultimo.situacao) == (fim, do_pedido)
    eventos = codigos_guardados(Documento.Tipo.EVENTO_XML, nota)
    assert eventos == sorted({"101103", "105105"} - ({"105105"} if decisao == "105104" else set()))
    acoes.reler([nota], ana)
    trabalhar()
    assert codigos_guardados(Documento.Tipo.EVENTO_XML, nota) == eventos  # each once, however often it is read


def codigos_guardados(tipo: Documento.Tipo, nota: Nota) -> list[str]:
    """The codes of the events that are filed."""
    nomes = Documento.objects.filter(tipo=tipo, chave=nota.chave).values_list("nome", flat=True)
    return sorted(nome.split("-")[2] for nome in nomes)


@pytest.mark.parametrize("acao", ["cancelar", "substituir"])
def test_the_pdf_of_an_ended_note_is_the_one_with_the_mark(
    canal: CanalNfse, ana: Usuario, como_ana: Client, acao: str
) -> None:
    nota = emitida(canal, ana)
    endereco = reverse("nfse:baixar", args=[nota.pk, "pdf"])
    assert nota.pdf_id is not None
    assert str(nota.pdf_id) in como_ana.get(endereco)["Location"]
    if acao == "cancelar":
        acoes.cancelar(nota, "1", MOTIVO, ana)
        trabalhar()
    else:
        emitir_ja(acoes.substituir(nota, "99", MOTIVO, ana), usuario=ana)
    com_marca = Documento.objects.get(tipo=Documento.Tipo.CANCELAMENTO_PDF, chave=nota.chave)
    assert str(com_marca.pk) in como_ana.get(endereco)["Location"]
    lista = como_ana.get(reverse("nfse:notas"), {"periodo": "todos"}).content.decode()
    assert endereco in lista
    assert str(nota.pdf_id) not in lista


def test_what_breaks_our_rules_is_never_signed(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, monkeypatch: pytest.MonkeyPatch
) -> None:
    nota = nacional(canal, ana)
    emitir([nota.pk], ana, marca=prevoo(com_tudo([nota.pk])).marca)
    relogio_atrasado = SimpleNamespace(now=lambda: timezone.now() - timedelta(hours=1))
    monkeypatch.setattr("nfse.services.nacional.timezone", relogio_atrasado)
    trabalhar()
    operacao = Operacao.objects.get(tipo="nfse.nacional.emitir")
    assert operacao.situacao == "recusada"
    assert "adiante" in operacao.mensagem or "futuro" in operacao.mensagem, operacao.mensagem
    assert not DocumentoAssinado.objects.exists()
    assert no_livro(sefin) == []


def test_a_mei_issues_whatever_its_municipio_agreed_to(canal: CanalNfse, ana: Usuario, sefin: SandboxVivo) -> None:
    nota = nacional(canal, ana)
    ConvenioNacional.objects.update(emite=False)
    assert "nacional-convenio" in {fora.codigo for fora in prevoo(com_tudo([nota.pk])).fora}
    RegimeEmpresa.objects.filter(empresa=canal.empresa).update(regime=Regime.MEI)
    Empresa.objects.filter(pk=canal.empresa_id).update(regime=Regime.MEI)
    codigos = {p.codigo for fora in prevoo(com_tudo([nota.pk])).fora for p in fora.problemas}
    assert "nacional-convenio" not in codigos
    sefin.controle.ajustes(**{"nacional.municipios": {"2601409": {"emissor_nacional": 0}}})
    teste = testes.testar(canal=canal, usuario=ana)
    assert (teste.ok, ConvenioNacional.objects.get().emite) == (True, False)


def test_an_older_denial_says_nothing_of_a_newer_request(canal: CanalNfse, ana: Usuario, sefin: SandboxVivo) -> None:
    nota = emitida(canal, ana)
    sefin.controle.ajustes(**{"nacional.municipios": {"2601409": {"cancelamento_valor": "1.00"}}})
    for _ in range(2):
        acoes.cancelar(nota, "1", MOTIVO, ana)
        trabalhar()
    sefin.controle.post("nacional/eventos", {"chave": nota.chave, "codigo": "105105"})
    acoes.reler([nota], ana)
    trabalhar()
    pedido = nota.cancelamentos.order_by("criado_em").last()
    assert pedido is not None
    assert pedido.situacao == Cancelamento.Situacao.NEGADO
    # A newer request, while the ADN still shows the denial last.
    Cancelamento.objects.filter(pk=pedido.pk).update(
        situacao=Cancelamento.Situacao.SOLICITADO, criado_em=timezone.now() + timedelta(minutes=10)
    )
    Nota.objects.filter(pk=nota.pk).update(situacao=Nota.Situacao.CANCELANDO)
    acoes.reler([nota], ana)
    trabalhar()
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.CANCELANDO


def test_in_the_first_minute_of_a_day_a_note_is_not_of_the_day_before(
    canal: CanalNfse, ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    nota = nacional(canal, ana)
    meia_noite = timezone.make_aware(datetime.combine(nota.emissao, time(0, 0, 20)))
    monkeypatch.setattr("nfse.services.emissao.instante_de", lambda nota: meia_noite)
    (com_itens,) = com_tudo([nota.pk])
    com_itens.canal = canal
    pedido = pedido_de(com_itens, Contexto([canal.empresa]))
    assert pedido["emissao"]["emissao"] == f"{nota.emissao}T00:00:00-03:00"


def test_a_note_is_replaced_by_the_answer_of_the_new_one(canal: CanalNfse, ana: Usuario, sefin: SandboxVivo) -> None:
    antiga = emitida(canal, ana)
    nova = acoes.substituir(antiga, "99", MOTIVO, ana)
    emitir_ja(nova, usuario=ana)
    nova.refresh_from_db()
    antiga.refresh_from_db()
    assert nova.operacao is not None
    assert (nova.situacao, nova.operacao.mensagem) == (Nota.Situacao.AUTORIZADA, "")
    assert antiga.empresa.documentos.filter(tipo=Documento.Tipo.CANCELAMENTO_PDF, chave=antiga.chave).exists()
    assert (antiga.situacao, nova.operacao.tipo) == (Nota.Situacao.SUBSTITUIDA, "nfse.nacional.substituir")


def test_what_was_ended_on_the_portal_is_learnt_by_reading_again(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo
) -> None:
    nota = emitida(canal, ana)
    sefin.controle.post("nacional/eventos", {"chave": nota.chave, "codigo": "305101"})
    acoes.reler([nota], ana)
    trabalhar()
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.CANCELADA


def test_a_note_settled_by_its_number_finds_its_chave(canal: CanalNfse, ana: Usuario, sefin: SandboxVivo) -> None:
    nota = emitida(canal, ana)
    chave = nota.chave
    Nota.objects.update(chave="")
    nota.refresh_from_db()
    assert "sem a chave" in acoes.por_que_nao_cancelar(nota, [])
    acoes.reler([nota], ana)
    trabalhar()
    nota.refresh_from_db()
    assert nota.chave == chave


def test_the_test_of_the_canal_reads_the_agreement(sefin: SandboxVivo, ana: Usuario) -> None:
    canal = canal_no_nacional(sefin, 33, lido=False)
    nota = nacional(canal, ana)
    assert "Use Testar" in prevoo(com_tudo([nota.pk])).fora[0].motivo
    teste = testes.testar(canal=canal, usuario=ana)
    assert teste.ok, teste.mensagem
    assert prevoo(com_tudo([nota.pk])).prontas
    emitir_ja(nota, usuario=ana)
    CanalNfse.objects.update(proximo_numero=1)
    canal.refresh_from_db()
    assert "já tem nota com o próximo número" in testes.testar(canal=canal, usuario=ana).mensagem


def test_the_certificate_of_another_company_is_told_before_anything_leaves(
    sefin: SandboxVivo, canal: CanalNfse, ana: Usuario
) -> None:
    outro = canal_no_nacional(sefin, 35)
    canal.certificado = outro.certificado
    canal.save()
    nota = nacional(canal, ana, tomador=tomador_de(canal.empresa, 5))
    assert "só aceita o do próprio emitente" in prevoo(com_tudo([nota.pk])).fora[0].motivo


@pytest.mark.parametrize("prestado_em", ["", "PT"])
def test_an_exported_service_is_authorised_for_a_tomador_abroad(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, prestado_em: str
) -> None:
    fora = {"pais": "PT", "cidade_exterior": "Lisboa", "regiao_exterior": "Lisboa", "codigo_postal": "1100-148"}
    quem = tomador_de(canal.empresa, 6, documento="", municipio=None, cep="", nif="PT501964843", **fora)
    comex: dict[str, Any] = {
        "comex_modo": "1",
        "comex_vinculo": "0",
        "comex_moeda": "978",
        "comex_valor": Decimal("180.50"),
    }
    detalhes = Detalhes(pais_resultado="PT", pais_prestacao=prestado_em, **comex).para_json()
    um = item("1000.00", atividade=None, item_lc116="7.13", codigo_nacional="071301", nbs="114061100")
    ditas = Exigencias(exigibilidade="exportacao", detalhes=detalhes)
    nota = rascunho(canal, ana, um, tomador=quem, exigencias=ditas)
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.AUTORIZADA, nota.operacao and nota.operacao.mensagem
    assert nota.xml is not None
    assert nota.pdf is not None
    assert b"<cPaisResult>PT</cPaisResult>" in abrir(nota.xml)
    assert len(no_livro(sefin)) == 1


def test_what_was_withheld_gives_the_net_amount_that_the_sefin_computes(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo
) -> None:
    retido = {"pis": "6.50", "cofins": "30.00", "csll": "10.00", "ir": "15.00", "inss": "110.00"}
    um = item(
        "1000.00",
        atividade=None,
        item_lc116="7.13",
        codigo_nacional="071301",
        **{nome: Decimal(valor) for nome, valor in retido.items()},
    )
    proprios = Detalhes(pis_cofins_situacao="01", pis_aliquota=Decimal("0.65"), cofins_aliquota=Decimal(3))
    nota = rascunho(canal, ana, um, exigencias=Exigencias(detalhes=proprios.para_json()))
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.AUTORIZADA, nota.operacao and nota.operacao.mensagem
    assert nota.xml is not None
    lida = ler_nfse(abrir(nota.xml), producao=False)
    assert (lida.total_retido, lida.liquido) == (nota.valor_retido, nota.valor_liquido)


@pytest.mark.parametrize(
    ("exigibilidade", "detalhes"),
    [
        ("imunidade", Detalhes(imunidade="3")),
        ("nao_incidencia", Detalhes()),
        ("susp_judicial", Detalhes(processo="1".zfill(30))),
    ],
)
def test_each_tributacao_of_the_iss_is_authorised(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, exigibilidade: str, detalhes: Detalhes
) -> None:
    um = item("1000.00", atividade=None, item_lc116="7.13", codigo_nacional="071301", aliquota=Decimal(5))
    ditas = Exigencias(exigibilidade=exigibilidade, detalhes=detalhes.para_json())
    nota = rascunho(canal, ana, um, exigencias=ditas)
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.AUTORIZADA, nota.operacao and nota.operacao.mensagem
    assert (nota.valor_iss, nota.valor_liquido) == (Decimal(0), Decimal("1000.00"))


# -- what the office sends and keeps -----------------------------------------------------------------------------------


def texto_do_pdf(conteudo: bytes) -> str:
    return " ".join(pagina.extract_text() for pagina in pypdf.PdfReader(io.BytesIO(conteudo)).pages)


def test_the_tomador_gets_the_danfse_and_the_xml_by_mail(canal: CanalNfse, ana: Usuario) -> None:
    nota = emitida(canal, ana)
    acoes.enviar_por_email(nota, ["tomador@exemplo.com.br"], ana)
    (carta,) = mail.outbox
    assert nota.chave in carta.body
    (_, pdf, _), (_, xml, tipo_do_xml) = carta.attachments  # type: ignore[misc]
    assert nota.numero_nfse in carta.subject
    assert nota.chave in texto_do_pdf(pdf).replace(" ", "")  # type: ignore[arg-type]
    assert (nota.chave in str(xml), tipo_do_xml) == (True, "application/xml")
    acoes.cancelar(nota, "1", MOTIVO, ana)
    trabalhar()
    nota.refresh_from_db()
    with pytest.raises(NotaOcupada, match="Cancelada"):
        acoes.enviar_por_email(nota, ["tomador@exemplo.com.br"], ana)


def test_the_zip_and_the_list_say_what_became_of_each_note(canal: CanalNfse, ana: Usuario, como_ana: Client) -> None:
    valida, cancelada, trocada = (emitida(canal, ana) for _ in range(3))
    acoes.cancelar(cancelada, "1", MOTIVO, ana)
    nova = acoes.substituir(trocada, "99", MOTIVO, ana)
    emitir_ja(nova, usuario=ana)
    for nota in (cancelada, trocada):
        nota.refresh_from_db()
    resposta = como_ana.post(reverse("nfse:notas_zip"), {"ids": [valida.pk, cancelada.pk, trocada.pk]})
    pacote = ZipFile(io.BytesIO(b"".join(resposta.streaming_content)))  # type: ignore[attr-defined]
    nomes = {nome.rpartition("/")[2]: nome for nome in pacote.namelist()}
    marcas = {}
    for nota in (valida, cancelada, trocada):
        assert nota.chave.encode() in pacote.read(nomes[f"NFSE-{nota.numero_nfse}.xml"])
        assert nota.chave in texto_do_pdf(pacote.read(nomes[f"NFSE-{nota.numero_nfse}.pdf"])).replace(" ", "")
        com_marca = nomes.get(f"NFSE-CANCELAMENTO-{nota.numero_nfse}.pdf")
        texto = texto_do_pdf(pacote.read(com_marca)) if com_marca else ""
        marcas[nota.pk] = [marca for marca in ("CANCELADA", "SUBSTITUÍDA") if marca in texto]
    assert marcas == {valida.pk: [], cancelada.pk: ["CANCELADA"], trocada.pk: ["SUBSTITUÍDA"]}
    assert f"NFSE-CANCELAMENTO-{cancelada.numero_nfse}.xml" in nomes
    pagina = como_ana.get(reverse("nfse:notas"), {"periodo": "todos"}).content.decode()
    for nota, situacao in ((valida, "Autorizada"), (cancelada, "Cancelada"), (trocada, "Substituída")):
        linha = pagina.partition(f'id="nota-{nota.pk}"')[2].partition("</tr>")[0]
        assert f">{nota.numero_nfse}</a>" in linha
        assert f'title="Chave {nota.chave}"' in linha
        assert situacao in linha
    em_grupos = " ".join(valida.chave[inicio : inicio + 4] for inicio in range(0, 50, 4))
    achada = como_ana.get(reverse("nfse:notas"), {"q": em_grupos, "periodo": "todos"}).content.decode()
    assert f'id="nota-{valida.pk}"' in achada
    assert f'id="nota-{cancelada.pk}"' not in achada


def test_the_sefin_counts_the_papers_as_we_do(canal: CanalNfse, ana: Usuario, sefin: SandboxVivo) -> None:
    """The rate is the município's: the ISS of the note is what the Sefin applied on a base without the papers."""
    hoje = timezone.localdate()
    pago = PapelReembolsado("outro", "B-7", "Bilhete", "", "02", "", hoje, hoje, Decimal("100.00"))
    recibo = PapelDeDeducao("outro", "9", tipo="2", emissao=hoje, dedutivel=Decimal(300), deduzido=Decimal("250.00"))
    codigos: dict[str, Any] = {
        "ibs_cbs_situacao": "000",
        "ibs_cbs_classificacao": "000001",
        "ibs_cbs_fornecimento": "100301",
    }
    dito = Exigencias(**codigos, detalhes=Detalhes(deducoes=(recibo,), reembolsos=(pago,)).para_json())
    um = item("1000.00", atividade=None, item_lc116="7.13", codigo_nacional="071301", nbs="115021000", aliquota=None)
    nota = rascunho(canal, ana, um, exigencias=dito)
    emitir_ja(nota, usuario=ana)
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.AUTORIZADA, nota.operacao and nota.operacao.mensagem
    assert nota.xml is not None
    lida = ler_nfse(abrir(nota.xml), producao=False)
    assert (lida.base, lida.iss) == (Decimal("650.00"), Decimal("19.50"))
    assert (nota.valor_deducoes, nota.valor_iss) == (Decimal("250.00"), Decimal("19.50"))
    assert lida.base_ibs_cbs == Decimal("1000.00") - Decimal("100.00") - Decimal("19.50")
