"""The list of notas and what is done to the marked ones."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse

from comum.models import Usuario
from empresas.models import Empresa
from nfse.models import CanalNfse, Cancelamento, Nota, NumeroLivre, TipoCanal
from operacoes.models import Operacao, Processamento
from operacoes.models import Situacao as SituacaoDaOperacao
from tests.cast import criar_empresa
from tests.nfse.apoio import autorizar, criar_canal, criar_item, criar_nota, enviar, recusar
from tests.nfse.fabrica import criar_tomador

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hoje")]
LISTA = "/notas/"
MOTIVO = "Serviço lançado para o tomador errado"


@pytest.fixture
def canal(minha: Empresa) -> CanalNfse:
    return criar_canal(minha)


def agir(cliente: Client, acao: str, *notas: Nota, **dados: Any) -> Any:
    return cliente.post(reverse("nfse:agir", args=[acao]), {"ids": [nota.pk for nota in notas]} | dados)


def nomes(resposta: Any) -> list[str]:
    return [linha.nome for linha in resposta.context["linhas"]]


# -- list ------------------------------------------------------------------------------------------------------------


def test_the_list_shows_the_month_of_the_top_bar_and_sums_it(
    como_bruno: Client, canal: CanalNfse, ana: Usuario
) -> None:
    criar_nota(canal, ana)
    criar_nota(canal, ana, None, criar_item("500.50"))
    criar_nota(canal, ana, competencia=date(2026, 9, 1), emissao=date(2026, 9, 30))
    resposta = como_bruno.get(LISTA)
    soma = resposta.context["soma"]
    assert (resposta.context["lista"].total, soma.quantas, soma.servicos) == (2, 2, Decimal("1500.50"))


def test_what_was_given_up_stays_in_the_list_and_out_of_the_total(como_bruno, canal, ana) -> None:
    criar_nota(canal, ana)
    agir(como_bruno, "abandonar", criar_nota(canal, ana))
    resposta = como_bruno.get(LISTA)
    assert (resposta.context["lista"].total, resposta.context["soma"].servicos) == (2, Decimal("1000.00"))
    assert como_bruno.get(LISTA, {"situacao": "abandonada"}).context["soma"].servicos == Decimal("1000.00")


def test_every_month_is_one_link_away(como_bruno, canal, ana) -> None:
    criar_nota(canal, ana)
    criar_nota(canal, ana, competencia=date(2026, 9, 1), emissao=date(2026, 9, 30))
    assert como_bruno.get(LISTA, {"periodo": "todos"}).context["lista"].total == 2


def test_a_note_is_found_by_number_name_and_masked_document(como_bruno, canal, ana, minha) -> None:
    tomador = criar_tomador(minha, 60, nome="Clínica Água Viva")
    autorizar(criar_nota(canal, ana, tomador), ana, "4321")
    criar_nota(canal, ana, criar_tomador(minha, 61))
    for texto in ("4321", "agua viva", tomador.documento_mascarado):
        assert nomes(como_bruno.get(LISTA, {"q": texto})) == ["4321"], texto


def test_what_needs_a_person_is_one_tab(como_bruno, canal, ana) -> None:
    criar_nota(canal, ana)
    recusada = recusar(criar_nota(canal, ana), ana)
    parada = criar_nota(canal, ana)
    operacao = enviar(parada, ana)
    Operacao.objects.filter(pk=operacao.pk).update(situacao=SituacaoDaOperacao.AGUARDA_PESSOA)
    resposta = como_bruno.get(LISTA, {"situacao": "precisam"})
    assert {linha.pk for linha in resposta.context["linhas"]} == {str(recusada.pk), str(parada.pk)}
    assert resposta.context["precisam"] == 2


@pytest.mark.parametrize(
    ("filtro", "achadas"),
    [
        ({"de": "600,00"}, ["1.000,00"]),
        ({"ate": "600,00"}, ["500,00"]),
        ({"de": "mil"}, []),
        ({"xml": "com"}, []),
        ({"xml": "sem"}, ["1.000,00", "500,00"]),
        ({"canal": "sisgenfe"}, []),
        ({"situacao": "xyz"}, []),
    ],
)
def test_filters_narrow_the_list(como_bruno, canal, ana, filtro, achadas) -> None:
    autorizar(criar_nota(canal, ana), ana)
    criar_nota(canal, ana, None, criar_item("500.00"))
    linhas = como_bruno.get(LISTA, filtro).context["linhas"]
    assert sorted(linha.valor for linha in linhas) == achadas


def test_the_office_is_told_what_to_do_first(como_bruno: Client) -> None:
    pagina = como_bruno.get(LISTA).content.decode()
    assert "Nenhuma nota nesta competência" in pagina
    assert reverse("nfse:nova") in pagina


def test_who_consults_sees_the_notes_and_no_command(client: Client, carla: Usuario, canal, ana) -> None:
    criar_nota(canal, ana)
    client.force_login(carla)
    pagina = client.get(LISTA).content.decode()
    assert "Tomador Inventado" in pagina
    assert "Nova nota" not in pagina
    assert agir(client, "emitir").status_code == 403


@pytest.mark.parametrize("quem", ["ana", "bruno"])
def test_the_list_costs_the_same_number_of_queries_whatever_the_rows(
    quem, request, client, canal, ana, django_assert_max_num_queries
) -> None:
    client.force_login(request.getfixturevalue(quem))
    criar_nota(canal, ana)
    client.get(LISTA)
    with django_assert_max_num_queries(30) as antes:
        client.get(LISTA)
    for _ in range(8):
        autorizar(criar_nota(canal, ana), ana, str(5000 + Nota.objects.count()))
    with django_assert_max_num_queries(len(antes) + 2):  # what is kept while nothing is written is read anew
        client.get(LISTA)


def test_the_export_has_what_the_filter_has(como_bruno, canal, ana) -> None:
    autorizar(criar_nota(canal, ana), ana, "4321")
    criar_nota(canal, ana)
    resposta = como_bruno.post(
        reverse("nfse:notas_exportar") + "?formato=csv&todas=1", {"lista": "situacao=autorizada"}
    )
    linhas = b"".join(resposta.streaming_content).decode("utf-8-sig").splitlines()
    assert len(linhas) == 2
    assert linhas[1].startswith('"4321";"1";1;"20/10/2026";"10/2026";"Autorizada"')


def test_the_export_tells_apart_the_discount_that_is_off_the_net_amount_alone(como_bruno, canal, ana) -> None:
    nota = criar_nota(canal, ana, None, criar_item(desconto=Decimal("100.00")))
    Nota.objects.filter(pk=nota.pk).update(valor_liquido=nota.valor_liquido - Decimal("20.00"))
    resposta = como_bruno.post(reverse("nfse:notas_exportar") + "?formato=csv", {"ids": [nota.pk]})
    cabecalho, linha = b"".join(resposta.streaming_content).decode("utf-8-sig").splitlines()
    celulas = dict(zip(cabecalho.split(";"), linha.replace('"', "").split(";"), strict=True))
    ditos = [celulas[f'"{nome}"'] for nome in ("Descontos", "Desconto condicionado", "Líquido")]
    assert ditos == ["100,00", "20,00", "880,00"]


def test_the_marked_rows_are_exported_to_excel(como_bruno, canal, ana) -> None:
    nota = criar_nota(canal, ana)
    resposta = como_bruno.post(reverse("nfse:notas_exportar") + "?formato=xlsx", {"ids": [nota.pk]})
    assert resposta.content[:2] == b"PK"


def test_the_zip_brings_xml_and_pdf_of_the_marked(como_bruno, canal, ana) -> None:
    nota = autorizar(criar_nota(canal, ana), ana, "4321", xml=b"<nfse/>", pdf=b"%PDF-1.4")
    resposta = como_bruno.post(reverse("nfse:notas_zip"), {"ids": [nota.pk]})
    nomes_no_zip = ZipFile(BytesIO(b"".join(resposta.streaming_content))).namelist()
    assert [nome.rpartition("/")[2] for nome in nomes_no_zip] == ["NFSE-4321.pdf", "NFSE-4321.xml"]


# -- issue many ------------------------------------------------------------------------------------------------------


def test_the_prevoo_says_what_goes_what_stays_and_why(como_bruno, canal, ana, minha) -> None:
    pronta = criar_nota(canal, ana)
    sem_endereco = criar_nota(canal, ana, criar_tomador(minha, 70, logradouro=""))
    resposta = agir(como_bruno, "emitir", pronta, sem_endereco)
    previa = resposta.context["previa"]
    assert ([n.pk for n in previa.prontas], [f.codigo for f in previa.fora]) == ([pronta.pk], ["tomador-sem-endereco"])
    assert "Emitir 1 nota · R$ 1.000,00" in resposta.content.decode()
    assert not Operacao.objects.exists()


def test_the_confirmation_makes_one_run(como_bruno, canal, ana) -> None:
    notas = [criar_nota(canal, ana), criar_nota(canal, ana)]
    marca = agir(como_bruno, "emitir", *notas).context["previa"].marca
    resposta = agir(como_bruno, "emitir", *notas, marca=marca)
    run = Processamento.objects.get()
    assert resposta.url == run.get_absolute_url()
    assert set(Nota.objects.values_list("situacao", flat=True)) == {"emitindo"}


def test_a_run_through_two_services_tells_them_apart(como_bruno, canal, ana, carteira) -> None:
    outra = criar_canal(criar_empresa(3, carteira=carteira, regime="presumido"), TipoCanal.SISGENFE)
    notas = [criar_nota(canal, ana), criar_nota(outra, ana)]
    marca = agir(como_bruno, "emitir", *notas).context["previa"].marca
    resposta = como_bruno.get(agir(como_bruno, "emitir", *notas, marca=marca).url)
    etapas = resposta.context["andamento"].etapas
    assert {etapa.rotulo for etapa in etapas} == {"Emitir NFS-e (Integra Notas)", "Emitir NFS-e (SISGENF-e)"}
    assert not any(etapa.crescendo for etapa in etapas)


def test_a_second_click_shows_the_run_of_the_first(como_bruno, canal, ana) -> None:
    nota = criar_nota(canal, ana)
    marca = agir(como_bruno, "emitir", nota).context["previa"].marca
    primeira = agir(como_bruno, "emitir", nota, marca=marca)
    segunda = agir(como_bruno, "emitir", nota, marca=marca)
    assert (segunda.url, Operacao.objects.count()) == (primeira.url, 1)


def test_a_note_changed_meanwhile_is_not_sent(como_bruno, canal, ana) -> None:
    nota = criar_nota(canal, ana)
    marca = agir(como_bruno, "emitir", nota).context["previa"].marca
    Nota.objects.filter(pk=nota.pk).update(versao=2)
    resposta = agir(como_bruno, "emitir", nota, marca=marca)
    assert resposta.status_code == 422
    assert "nada foi enviado" in resposta.content.decode()
    assert not Operacao.objects.exists()


def test_nothing_marked_is_told(como_bruno, canal) -> None:
    resposta = como_bruno.post(reverse("nfse:agir", args=["emitir"]), {}, follow=True)
    assert "Nenhuma nota marcada" in resposta.content.decode()


def test_everything_filtered_is_marked_at_once(como_bruno, canal, ana) -> None:
    for _ in range(3):
        criar_nota(canal, ana)
    fica = Nota.objects.first()
    assert fica is not None
    dados = {"todos": "1", "filtro": "situacao=rascunho", "menos": [fica.pk]}
    resposta = como_bruno.post(reverse("nfse:agir", args=["emitir"]), dados)
    assert len(resposta.context["previa"].prontas) == 2


# -- give up, look again, cancel -------------------------------------------------------------------------------------


def test_the_given_up_leave_their_numbers_to_the_next(como_bruno, canal, ana) -> None:
    recusada, autorizada = recusar(criar_nota(canal, ana), ana), autorizar(criar_nota(canal, ana), ana)
    resposta = agir(como_bruno, "abandonar", recusada, autorizada)
    recusada.refresh_from_db()
    assert (recusada.situacao, recusada.numero, NumeroLivre.objects.get().numero) == ("abandonada", None, 1)
    textos = [str(m) for m in resposta.wsgi_request._messages]
    assert textos[0].startswith("1 nota abandonada.")
    assert "só se abandonam rascunhos e notas recusadas" in textos[1]


def test_those_that_exist_are_asked_about_in_one_run(como_bruno, canal, ana) -> None:
    agir(como_bruno, "reler", autorizar(criar_nota(canal, ana), ana), criar_nota(canal, ana))
    run = Processamento.objects.get(tipo="nfse.reler")
    assert (run.operacoes.get().tipo, len(run.fora)) == ("nfse.integranotas.reler", 1)


def test_cancelling_many_says_the_rules_of_each_service_first(como_bruno, canal, ana, carteira) -> None:
    outra = criar_canal(criar_empresa(3, carteira=carteira, regime="presumido"), TipoCanal.SISGENFE)
    notas = [autorizar(criar_nota(c, ana), ana, str(4000 + n)) for n, c in enumerate((canal, outra))]
    pagina = agir(como_bruno, "cancelar", *notas).content.decode()
    assert "O cancelamento é definitivo" in pagina
    assert "a prefeitura decide depois" in pagina
    assert "Cancelar 2 notas · R$ 2.000,00" in pagina
    assert not Cancelamento.objects.exists()


def test_cancelling_many_asks_once_for_each(como_bruno, canal, ana) -> None:
    notas = [autorizar(criar_nota(canal, ana), ana, str(4001 + n)) for n in range(2)]
    marca = agir(como_bruno, "cancelar", *notas).context["separadas"].marca
    dados = {"marca": marca, "codigo-integranotas": "1", "motivo": MOTIVO}
    primeira = agir(como_bruno, "cancelar", *notas, **dados)
    segunda = agir(como_bruno, "cancelar", *notas, **dados)
    assert (Cancelamento.objects.count(), segunda.url) == (2, primeira.url)
    assert all(um.operacao and um.operacao.processamento for um in Cancelamento.objects.all())


@pytest.mark.parametrize(
    ("dados", "mensagem"),
    [
        ({"motivo": MOTIVO}, "Escolha o motivo na lista."),
        ({"codigo-integranotas": "1", "motivo": "curto"}, "A justificativa tem 5 caracteres"),
    ],
)
def test_a_reason_the_service_refuses_is_told_and_kept(como_bruno, canal, ana, dados, mensagem) -> None:
    nota = autorizar(criar_nota(canal, ana), ana)
    marca = agir(como_bruno, "cancelar", nota).context["separadas"].marca
    resposta = agir(como_bruno, "cancelar", nota, marca=marca, **dados)
    pagina = resposta.content.decode()
    assert (resposta.status_code, mensagem in pagina, dados["motivo"] in pagina) == (422, True, True)


def test_a_cancelled_note_is_left_out_with_its_reason(como_bruno, canal, ana) -> None:
    nota = autorizar(criar_nota(canal, ana), ana)
    Nota.objects.filter(pk=nota.pk).update(situacao="cancelada")
    (fora,) = agir(como_bruno, "cancelar", nota).context["separadas"].fora
    assert "só dá para cancelar uma nota autorizada" in fora.motivo


def test_more_files_than_a_zip_holds_are_not_begun(como_bruno, canal, ana, monkeypatch) -> None:
    monkeypatch.setattr("arquivo.services.NO_ZIP", 1)
    nota = autorizar(criar_nota(canal, ana), ana, xml=b"<nota/>", pdf=b"%PDF-1.4")
    resposta = como_bruno.post(reverse("nfse:notas_zip"), {"ids": [nota.pk]}, follow=True)
    assert "São 2 arquivos, e um ZIP leva até 1" in resposta.content.decode()
