"""The distribution of the ADN: read through the simulator, filed once, shown with what went wrong."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from arquivo.models import Documento
from arquivo.services import abrir
from comum.models import Auditoria, Usuario
from nfse.models import CanalNfse, Cancelamento, CursorAdn, DocumentoAdn, EventoNota, Nota, NotaRecebida, NumeroDeFora
from nfse.providers.nacional.adn import Adn, Distribuido, Lote
from nfse.providers.nacional.leitura import ler_nfse
from nfse.services import acoes, distribuicao, distribuidos, recebidas
from nfse.services.recebidas import Baixada
from nfse.sinais import recebida_cancelada
from operacoes.errors import AccessDenied, Alcance
from operacoes.models import Operacao, Pausa, Situacao
from tests.cast import cnpj_valido
from tests.nfse.apoio_nacional import canal_no_nacional
from tests.nfse.escritorio import emitir_ja, trabalhar
from tests.nfse.test_nacional_fluxo import MOTIVO, emitida
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)
Papel = DocumentoAdn.Papel


@pytest.fixture
def sefin(nfse_vivo: SandboxVivo) -> Iterator[SandboxVivo]:
    yield nfse_vivo
    nfse_vivo.controle.relogio(real=True)


@pytest.fixture
def canal(sefin: SandboxVivo) -> CanalNfse:
    return canal_no_nacional(sefin, 41)


def no_portal(sefin: SandboxVivo, **dados: Any) -> list[str]:
    """Notes issued at the portal: their chaves."""
    return [nota["chave"] for nota in sefin.controle.post("nacional/portal", dados).json()["notas"]]


def ler(canal: CanalNfse, usuario: Usuario | None = None) -> None:
    if usuario is None:
        assert distribuicao.pedir_de_todos() == 1
    else:
        processamento, fora = distribuicao.pedir(CanalNfse.objects.filter(pk=canal.pk), usuario)
        assert processamento is not None, fora
    trabalhar()


def cursor_de(canal: CanalNfse) -> CursorAdn:
    return CursorAdn.objects.get(pk=canal.empresa.documento)


def evento(sefin: SandboxVivo, chave: str, codigo: str) -> None:
    sefin.controle.post("nacional/eventos", {"chave": chave, "codigo": codigo})


def test_notes_taken_are_filed_once_and_the_cursor_goes_on_through_the_batches(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo
) -> None:
    chaves = no_portal(sefin, emitente=cnpj_valido(70), tomador=canal.empresa.documento, quantas=53, valor="150.00")
    ler(canal, ana)
    assert set(NotaRecebida.objects.values_list("chave", flat=True)) == set(chaves)
    assert Documento.objects.filter(tipo=Documento.Tipo.NFSE_RECEBIDA).count() == 53
    cursor = cursor_de(canal)
    assert (cursor.nsu, cursor.em_dia, cursor.falha) == (53, True, "")
    assert cursor.operacao is not None
    assert cursor.operacao.usuario == ana
    assert cursor.operacao.resposta["ate"] == 53
    # Three questions: two batches and the one that found nothing newer.
    assert Operacao.objects.filter(tipo=distribuicao.LER, situacao=Situacao.CONCLUIDA).count() == 3
    CursorAdn.objects.update(nsu=0)
    ler(canal)
    assert (NotaRecebida.objects.count(), DocumentoAdn.objects.count(), Documento.objects.count()) == (53, 53, 53)


def test_a_lost_or_broken_answer_loses_and_doubles_nothing(canal: CanalNfse, ana: Usuario, sefin: SandboxVivo) -> None:
    no_portal(sefin, emitente=cnpj_valido(70), tomador=canal.empresa.documento, quantas=3)
    for acao in ("perder_resposta", "html", "erro"):
        sefin.controle.cenario(acao=acao, servico="nacional", operacao="dfe_distribuir", vezes=1)
    ler(canal, ana)
    assert (NotaRecebida.objects.count(), DocumentoAdn.objects.count(), cursor_de(canal).nsu) == (3, 3, 3)


def test_what_fails_while_filing_moves_no_cursor(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_portal(sefin, emitente=cnpj_valido(70), tomador=canal.empresa.documento, quantas=2)
    guardar, vezes = DocumentoAdn.save, []

    def cair(self: DocumentoAdn, *args: Any, **kwargs: Any) -> None:
        vezes.append(self.nsu)
        if len(vezes) == 2:
            raise RuntimeError("no meio")
        guardar(self, *args, **kwargs)

    monkeypatch.setattr(DocumentoAdn, "save", cair)
    ler(canal, ana)
    assert vezes[:3] == [1, 2, 1]
    assert (NotaRecebida.objects.count(), DocumentoAdn.objects.count(), cursor_de(canal).nsu) == (2, 2, 2)


def test_a_note_of_ours_is_found_and_what_ended_it_elsewhere_is_learnt(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo
) -> None:
    nota = emitida(canal, ana)
    papeis = Documento.objects.count()
    ler(canal, ana)
    documento = DocumentoAdn.objects.get()
    assert (documento.papel, documento.nota, documento.xml) == (Papel.EMITIDA, nota, nota.xml)
    assert Documento.objects.count() == papeis
    evento(sefin, nota.chave, "305102")
    evento(sefin, nota.chave, "305103")
    evento(sefin, nota.chave, "305101")
    ler(canal)
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.CANCELADA
    ditos = list(nota.eventos.order_by("pk").values_list("tipo", "texto"))[-3:]
    assert [tipo for tipo, _ in ditos] == [EventoNota.Tipo.EVENTO, EventoNota.Tipo.EVENTO, EventoNota.Tipo.CANCELADA]
    assert "Bloqueio por ofício" in ditos[0][1]
    assert "Cancelamento por ofício" in ditos[2][1]
    tipos = list(
        Documento.objects.exclude(tipo__startswith="nfse").order_by("criado_em").values_list("tipo", flat=True)
    )
    assert sorted(tipos) == ["cancel_pdf", "cancel_xml", "evento_xml", "evento_xml"]


def test_our_own_cancellation_and_replacement_come_back_without_another_word(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo
) -> None:
    cancelada, trocada = emitida(canal, ana), emitida(canal, ana)
    acoes.cancelar(cancelada, "1", MOTIVO, ana)
    emitir_ja(acoes.substituir(trocada, "99", MOTIVO, ana), usuario=ana)
    antes = EventoNota.objects.count()
    ler(canal, ana)
    trocada.refresh_from_db()
    assert trocada.situacao == Nota.Situacao.SUBSTITUIDA
    assert EventoNota.objects.count() == antes
    assert not DocumentoAdn.objects.filter(nota=None).exists()
    assert Documento.objects.filter(tipo=Documento.Tipo.CANCELAMENTO_XML, chave=cancelada.chave).count() == 1


def test_a_refused_analysis_is_learnt_and_an_older_refusal_denies_no_newer_request(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo
) -> None:
    nota = emitida(canal, ana)
    sefin.controle.ajustes(**{"nacional.municipios": {"2601409": {"cancelamento_valor": "1.00"}}})
    for _ in range(2):
        acoes.cancelar(nota, "1", MOTIVO, ana)
        trabalhar()
    evento(sefin, nota.chave, "105105")
    ler(canal)
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.AUTORIZADA
    ultimo = nota.cancelamentos.order_by("criado_em").last()
    assert ultimo is not None
    assert ultimo.situacao == Cancelamento.Situacao.NEGADO


def test_a_note_made_elsewhere_with_our_cnpj_is_kept_and_told(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo
) -> None:
    (chave,) = no_portal(sefin, emitente=canal.empresa.documento, tomador=cnpj_valido(71))
    evento(sefin, chave, "305101")
    ler(canal, ana)
    (documento,) = DocumentoAdn.objects.a_ver()
    assert (documento.papel, documento.chave, documento.nota) == (Papel.EMITIDA, chave, None)
    assert "Emitida por outro sistema" in distribuicao.explicado(documento)
    assert Documento.objects.filter(chave=chave).count() == 2
    assert not NotaRecebida.objects.exists()
    numero = NumeroDeFora.objects.get()
    assert documento.xml is not None
    lida = ler_nfse(abrir(documento.xml), producao=None)
    assert (numero.empresa, numero.nacional, numero.numero) == (canal.empresa, True, lida.numero_dps)
    assert numero.serie == lida.serie.lstrip("0")
    situacao = distribuicao.situacao(ana, None)
    assert situacao is not None
    assert [dito for _, dito in situacao.problemas] == ["Há 1 nota emitida fora do Guichê."]


def test_a_note_being_issued_is_left_to_its_operacao(canal: CanalNfse, ana: Usuario, sefin: SandboxVivo) -> None:
    nota = emitida(canal, ana)
    chave, xml = nota.chave, nota.xml
    Nota.objects.filter(pk=nota.pk).update(situacao=Nota.Situacao.EMITINDO, chave="", numero_nfse="", xml=None)
    evento(sefin, chave, "305101")
    ler(canal)
    assert not DocumentoAdn.objects.exclude(pendente=True, nota=None).exists()
    assert not DocumentoAdn.objects.a_ver().exists()
    Nota.objects.filter(pk=nota.pk).update(situacao=Nota.Situacao.AUTORIZADA, chave=chave, xml=xml)
    ler(canal)
    nota.refresh_from_db()
    assert nota.situacao == Nota.Situacao.CANCELADA
    assert set(DocumentoAdn.objects.values_list("pendente", "nota", "bruto")) == {(False, nota.pk, None)}


def test_what_ends_a_note_that_became_ours_after_the_drawing_waits_for_the_next_reading(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, monkeypatch: pytest.MonkeyPatch
) -> None:
    nota = emitida(canal, ana)
    evento(sefin, nota.chave, "305101")
    with monkeypatch.context() as antes:
        antes.setattr(distribuidos, "_resposta", lambda *_: None)
        ler(canal)
    nota.refresh_from_db()
    assert (nota.situacao, DocumentoAdn.objects.get(pendente=True).evento) == (Nota.Situacao.AUTORIZADA, "305101")
    ler(canal)
    nota.refresh_from_db()
    assert (nota.situacao, DocumentoAdn.objects.filter(pendente=True).count()) == (Nota.Situacao.CANCELADA, 0)
    assert Documento.objects.filter(tipo=Documento.Tipo.CANCELAMENTO_PDF, chave=nota.chave).count() == 1


def test_an_event_cancels_a_note_taken_and_the_apps_above_are_told(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo
) -> None:
    avisadas: list[str] = []

    def avisar(sender: Any, nota: NotaRecebida, **_: Any) -> None:
        avisadas.append(nota.chave)

    recebida_cancelada.connect(avisar)
    try:
        (chave,) = no_portal(sefin, emitente=cnpj_valido(70), tomador=canal.empresa.documento)
        ler(canal, ana)
        evento(sefin, chave, "305101")
        ler(canal)
    finally:
        recebida_cancelada.disconnect(avisar)
    nota = NotaRecebida.objects.get()
    assert (nota.situacao, avisadas) == (NotaRecebida.Situacao.CANCELADA, [chave])
    assert [um["tipo"] for um in nota.eventos] == ["Cancelamento por ofício (305101)"]
    assert Documento.objects.filter(tipo=Documento.Tipo.CANCELAMENTO_XML, chave=chave).count() == 1


def alterado(monkeypatch: pytest.MonkeyPatch, mudar: Any) -> None:
    """The batches as `mudar` leaves them."""
    verdadeiro = Adn.distribuir

    def distribuir(self: Adn, nsu: int, **mais: Any) -> Lote:
        return mudar(verdadeiro(self, nsu, **mais))  # type: ignore[no-any-return]

    monkeypatch.setattr(Adn, "distribuir", distribuir)


def test_what_cannot_be_trusted_is_kept_raw_with_its_reason_and_the_rest_is_filed(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_portal(sefin, emitente=cnpj_valido(70), tomador=canal.empresa.documento, quantas=4)

    def mudar(lote: Lote) -> Lote:
        estragos: tuple[Callable[[Distribuido], Distribuido], ...] = (
            lambda um: replace(um, xml=um.xml.replace(b"<vServ>", b"<vServ>9")),
            lambda um: replace(um, xml=b"<a", bruto={"arquivoxml": "\x00"}),
            lambda um: replace(um, nsu=None, ilegivel="O item veio sem NSU."),
        )
        doentes = [estrago(um) for estrago, um in zip(estragos, lote.documentos, strict=False)]
        return replace(lote, documentos=(*doentes, *lote.documentos[3:]))

    alterado(monkeypatch, mudar)
    ler(canal, ana)
    CursorAdn.objects.update(nsu=0)
    ler(canal)
    assert NotaRecebida.objects.count() == 1
    ilegiveis = DocumentoAdn.objects.filter(papel=Papel.ILEGIVEL).order_by("pk")
    assert [um.motivo.split(":")[0].split(".")[0] for um in ilegiveis] == [
        "O documento foi alterado depois de assinado",
        "O XML está malformado",
        "O item veio sem NSU",
    ]
    assert all(um.bruto for um in ilegiveis)


def test_an_item_that_the_database_does_not_take_keeps_no_batch_back(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, monkeypatch: pytest.MonkeyPatch
) -> None:
    chaves = no_portal(sefin, emitente=cnpj_valido(70), tomador=canal.empresa.documento, quantas=3)
    gravar = recebidas.gravar

    def grande(dono: CanalNfse, baixada: Baixada, periodo: date) -> Any:
        nota, documentos = gravar(dono, baixada, periodo)
        if baixada.chave == chaves[1]:
            NotaRecebida.objects.filter(pk=nota.pk).update(valor_servicos=10**13)
        return nota, documentos

    monkeypatch.setattr(distribuidos, "gravar", grande)
    ler(canal, ana)
    assert list(DocumentoAdn.objects.order_by("nsu").values_list("papel", flat=True)) == [
        Papel.RECEBIDA,
        Papel.ILEGIVEL,
        Papel.RECEBIDA,
    ]
    assert (NotaRecebida.objects.count(), cursor_de(canal).nsu) == (2, 3)


def test_a_batch_without_any_nsu_stops_and_says_so(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_portal(sefin, emitente=cnpj_valido(70), tomador=canal.empresa.documento)

    def mudar(lote: Lote) -> Lote:
        sem = tuple(replace(um, nsu=None, ilegivel="O item veio sem NSU.") for um in lote.documentos)
        return replace(lote, documentos=sem, ultimo_nsu=0)

    alterado(monkeypatch, mudar)
    ler(canal, ana)
    assert Operacao.objects.filter(tipo=distribuicao.LER).count() == 1
    assert "sem NSU" in cursor_de(canal).falha


def test_numbers_that_never_came_are_told_until_somebody_knows(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, monkeypatch: pytest.MonkeyPatch, como_ana: Client, settings: Any
) -> None:
    no_portal(sefin, emitente=cnpj_valido(70), tomador=canal.empresa.documento, quantas=5)
    alterado(
        monkeypatch, lambda lote: replace(lote, documentos=tuple(d for d in lote.documentos if d.nsu not in (2, 3)))
    )
    ler(canal, ana)
    assert not DocumentoAdn.objects.exclude(salto=0).exclude(nsu=4).exists()
    (documento,) = DocumentoAdn.objects.a_ver()
    assert (documento.nsu, documento.salto) == (4, 2)
    endereco = reverse("nfse:canal_distribuicao", args=[canal.codigo])
    assert "2 números não vieram" in como_ana.get(endereco).content.decode()
    assert "Há 1 salto na numeração." in como_ana.get(reverse("nfse:recebidas")).content.decode()
    como_ana.post(reverse("nfse:canal_distribuicao_ciente", args=[canal.codigo]))
    assert not DocumentoAdn.objects.a_ver().exists()
    assert Auditoria.objects.filter(acao="nfse.distribuicao_vista").count() == 1
    assert "salto na numeração" not in como_ana.get(reverse("nfse:recebidas")).content.decode()


def test_where_numbers_are_known_to_jump_nothing_is_told(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.NFSE_NACIONAL_NSU_CONTINUO = False
    no_portal(sefin, emitente=cnpj_valido(70), tomador=canal.empresa.documento, quantas=3)
    alterado(monkeypatch, lambda lote: replace(lote, documentos=tuple(d for d in lote.documentos if d.nsu != 2)))
    ler(canal, ana)
    assert not DocumentoAdn.objects.a_ver().exists()


def test_a_refusal_is_told_where_the_notes_are(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, monkeypatch: pytest.MonkeyPatch, como_ana: Client
) -> None:
    monkeypatch.setattr("nfse.services.distribuicao.nsu_de", lambda documento: 2**63)
    ler(canal, ana)
    assert Operacao.objects.get(tipo=distribuicao.LER).situacao == Situacao.RECUSADA
    assert "não aceitou a distribuição" in como_ana.get(reverse("nfse:recebidas")).content.decode()
    monkeypatch.undo()


def test_access_denied_to_a_reading_stops_nothing_that_is_issued(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def negar(self: Any, nsu: int, **_: Any) -> None:
        raise AccessDenied("O portão recusou.", alcance=Alcance.CREDENCIAL)

    monkeypatch.setattr("nfse.providers.nacional.adn.Adn.distribuir", negar)
    ler(canal, ana)
    lida = Operacao.objects.get(tipo=distribuicao.LER)
    assert (lida.situacao, "O portão recusou." in lida.mensagem) == (Situacao.RECUSADA, True)
    assert not Pausa.objects.exists()
    assert emitida(canal, ana).chave


def test_what_is_of_another_carteira_is_neither_read_nor_told(
    canal: CanalNfse, ana: Usuario, sefin: SandboxVivo, como_bruno: Client
) -> None:
    como_bruno.post(reverse("nfse:recebidas_ler"))
    assert como_bruno.post(reverse("nfse:canal_ler_distribuicao", args=[canal.codigo])).status_code == 404
    assert not Operacao.objects.exists()
    no_portal(sefin, emitente=canal.empresa.documento, tomador=cnpj_valido(71))
    ler(canal, ana)
    assert "NFS-e Nacional, " not in como_bruno.get(reverse("nfse:recebidas")).content.decode()
    assert como_bruno.get(reverse("nfse:canal_distribuicao", args=[canal.codigo])).status_code == 404


def test_read_now_asks_each_canal_once_at_a_time(canal: CanalNfse, sefin: SandboxVivo, como_ana: Client) -> None:
    outro = canal_no_nacional(sefin, 42, ativo=False)
    resposta = como_ana.post(reverse("nfse:recebidas_ler"))
    assert resposta["Location"].startswith("/processamentos/")
    assert list(Operacao.objects.values_list("acesso", flat=True)) == [canal.acesso]
    dito = como_ana.post(reverse("nfse:canal_ler_distribuicao", args=[canal.codigo]), follow=True).content.decode()
    assert "já está em andamento" in dito
    assert (
        "inativo"
        in como_ana.post(reverse("nfse:canal_ler_distribuicao", args=[outro.codigo]), follow=True).content.decode()
    )
    trabalhar()
    pagina = como_ana.get(reverse("nfse:recebidas")).content.decode()
    assert "última leitura" in pagina
    run = Operacao.objects.get().processamento
    assert run is not None
    assert "Abrir as notas recebidas" in como_ana.get(run.get_absolute_url()).content.decode()
    exportado = como_ana.get(reverse("operacoes:exportar", args=[run.pk]), {"formato": "csv"})
    assert canal.empresa.razao_social in b"".join(exportado.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
