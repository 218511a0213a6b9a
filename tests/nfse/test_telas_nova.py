"""*Nova nota*: what is typed, what it comes to, and what is said of each thing that is wrong."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from comum.models import Usuario
from empresas.contexto import competencia_padrao
from empresas.models import Empresa
from nfse.models import CanalNfse, Nota, RegraCanal, Servico, TipoCanal, Tomador
from nfse.services import acesso
from operacoes.errors import ProviderRefused
from operacoes.models import Operacao
from tests.cast import criar_empresa
from tests.nfse.apoio import CONTABILIDADE, RODOVIAS, autorizar, criar_canal, criar_nota
from tests.nfse.fabrica import RECIFE, criar_servico, criar_tomador

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hoje")]
HTMX = {"HX-Request": "true"}
NOVA = "/notas/nova/"


@pytest.fixture
def canal(minha: Empresa) -> CanalNfse:
    return criar_canal(minha)


@pytest.fixture
def tomador(minha: Empresa) -> Tomador:
    return criar_tomador(minha)


@pytest.fixture
def servico(minha: Empresa) -> Servico:
    return criar_servico(
        minha, aliquota_iss=Decimal(2), retem_pis=Decimal("0.65"), retem_cofins=Decimal(3), retem_csll=Decimal(1)
    )


def digitar(empresa: Empresa, quem: Tomador | None, *linhas: dict[str, str], **cabeca: str) -> dict[str, str]:
    """What the browser sends: one line unless others are given."""
    dados = {
        "empresa": str(empresa.pk),
        "competencia": "10/2026",
        "emissao": "20/10/2026",
        "tomador": str(quem.pk) if quem else "",
        "municipio_prestacao": RECIFE,
        "acao": "salvar",
        "itens-TOTAL_FORMS": str(len(linhas) or 1),
        "itens-INITIAL_FORMS": "0",
    }
    for numero, linha in enumerate(linhas or ({},)):
        padrao = {
            "descricao": "Honorários de outubro",
            "quantidade": "1",
            "unidade": "Unidade",
            "valor_unitario": "1.000,00",
            "item_lc116": "17.19",
            "aliquota": "2",
        }
        dados |= {f"itens-{numero}-{nome}": valor for nome, valor in (padrao | linha).items()}
    return dados | cabeca


def texto(resposta: Any) -> str:
    return str(resposta.content.decode())


# -- opening ---------------------------------------------------------------------------------------------------------


def test_without_an_empresa_the_page_asks_for_one(como_bruno: Client) -> None:
    assert "Empresa que presta o serviço" in texto(como_bruno.get(NOVA))


def test_the_top_bar_says_whose_and_when(como_bruno: Client, minha: Empresa, canal: CanalNfse) -> None:
    como_bruno.post("/contexto/", {"empresa": minha.pk, "competencia": "09/2026"})
    edicao = como_bruno.get(NOVA).context["edicao"]
    assert (edicao.empresa, edicao.competencia, edicao.municipio) == (minha, date(2026, 9, 1), minha.municipio)


def test_another_carteiras_empresa_is_not_opened(como_bruno: Client, alheia: Empresa) -> None:
    assert "Empresa que presta o serviço" in texto(como_bruno.get(NOVA, {"empresa": alheia.pk}))


def test_who_consults_does_not_write(client: Client, carla: Usuario, minha: Empresa) -> None:
    client.force_login(carla)
    assert client.get(NOVA, {"empresa": minha.pk}).status_code == 403


def test_without_a_channel_the_reason_stands_on_top(como_bruno: Client, minha: Empresa) -> None:
    pagina = texto(como_bruno.get(NOVA, {"empresa": minha.pk}))
    assert "Falta um canal de NFS-e" in pagina
    assert reverse("nfse:canais") in pagina


def test_a_month_of_another_emitter_says_the_rule(como_bruno: Client, minha: Empresa, canal: CanalNfse) -> None:
    RegraCanal.objects.create(empresa=minha, canal=TipoCanal.NACIONAL, desde=date(2026, 9, 1), fundamento="Ato 1")
    pagina = texto(como_bruno.get(NOVA, {"empresa": minha.pk}))
    assert "Falta o canal NFS-e Nacional de Escritório Invicta Ltda" in pagina
    assert "(Ato 1). Cadastre-o em Canais" in pagina


def test_a_copy_begins_as_the_other_with_the_dates_of_now(como_bruno, canal, ana) -> None:
    nota = autorizar(criar_nota(canal, ana, observacao="Boleto dia 10", referencia="REF-1"), ana)
    edicao = como_bruno.get(NOVA, {"copia": nota.pk}).context["edicao"]
    assert edicao.tomador == nota.tomador
    assert edicao.form["observacao"].value() == "Boleto dia 10"
    assert (edicao.form["emissao"].value(), edicao.form["referencia"].value()) == ("21/11/2026", "")


@pytest.mark.parametrize(
    ("tipo", "campos", "tem", "falta"),
    [
        ("sisgenfe", {}, ["atividade"], ["desconto", "codigo_municipal", "aliquota", "deducao"]),
        ("integranotas", {}, ["codigo_municipal", "cnae", "desconto", "aliquota"], ["atividade", "codigo_nacional"]),
        ("integranotas", {"versao_emissao": 2}, ["codigo_nacional", "nbs"], ["cnae", "atividade"]),
        ("nacional", {}, ["codigo_nacional", "nbs"], ["cnae", "atividade"]),
    ],
)
def test_each_channel_asks_for_its_own_fields(como_bruno, minha, tipo, campos, tem, falta) -> None:
    criar_canal(minha, tipo, **campos)
    form = como_bruno.get(NOVA, {"empresa": minha.pk}).context["edicao"].itens.forms[0]
    assert set(tem) <= set(form.fields)
    assert not set(falta) & set(form.fields)


def test_a_note_that_went_on_is_shown_instead_of_edited(como_bruno, canal, ana) -> None:
    nota = autorizar(criar_nota(canal, ana), ana)
    resposta = como_bruno.get(reverse("nfse:editar", args=[nota.pk]))
    assert resposta.url == nota.get_absolute_url()


# -- what it comes to ------------------------------------------------------------------------------------------------


def calcular(cliente: Client, dados: dict[str, str], **mais: str) -> Any:
    return cliente.post("/notas/calcular/", dados | {"acao": ""} | mais, headers=HTMX)


def test_values_and_taxes_are_summed_as_one_types(como_bruno, canal, minha, tomador, servico) -> None:
    dados = digitar(minha, tomador, {"servico": str(servico.pk), "valor_unitario": "2.000,00"}, {"desconto": "100"})
    resumo = calcular(como_bruno, dados).context["resumo"]
    assert (resumo.totais.servicos, resumo.totais.iss) == (Decimal("3000.00"), Decimal("58.00"))
    assert dict(resumo.retencoes) == {"PIS": Decimal("13.00"), "COFINS": Decimal("60.00"), "CSLL": Decimal("20.00")}
    assert resumo.totais.liquido == Decimal("2807.00")


def test_a_typed_withholding_stands_before_the_rates(como_bruno, canal, minha, tomador, servico) -> None:
    linha = {"servico": str(servico.pk), "valor_unitario": "2.000,00", "pis": "0,00", "ir": "30,00"}
    resumo = calcular(como_bruno, digitar(minha, tomador, linha)).context["resumo"]
    assert dict(resumo.retencoes) == {"COFINS": Decimal("60.00"), "CSLL": Decimal("20.00"), "IR": Decimal("30.00")}


def test_what_cannot_be_read_yet_does_not_stop_the_rest(como_bruno, canal, minha) -> None:
    dados = digitar(minha, None, {"valor_unitario": "1.0"}, {"valor_unitario": "abc"}, emissao="31/02/2026")
    resposta = calcular(como_bruno, dados)
    assert (resposta.status_code, resposta.context["resumo"].totais.servicos) == (200, Decimal("1.00"))
    assert resposta.context["resumo"].problemas is None


def test_what_keeps_it_from_going_is_told_while_typing(como_bruno, canal, minha) -> None:
    sem_endereco = criar_tomador(minha, 60, logradouro="")
    resumo = calcular(como_bruno, digitar(minha, sem_endereco)).context["resumo"]
    assert [problema.codigo for problema in resumo.problemas] == ["tomador-sem-endereco"]


def test_the_template_fills_the_line_for_the_month(como_bruno, canal, minha, tomador, servico) -> None:
    vazia = {"servico": str(servico.pk), "descricao": "", "valor_unitario": "", "item_lc116": "", "aliquota": ""}
    resposta = calcular(como_bruno, digitar(minha, tomador, vazia, observacao="fica"), acao="servico-0")
    form = resposta.context["edicao"].itens.forms[0]
    assert form["descricao"].value() == "Honorários contábeis de outubro de 2026"
    assert (form["valor_unitario"].value(), form["aliquota"].value()) == ("500,00", "2")
    assert resposta.context["edicao"].form["observacao"].value() == "fica"


def test_another_month_changes_the_words_made_from_the_template(como_bruno, canal, minha, tomador, servico) -> None:
    linha = {"servico": str(servico.pk), "descricao": "Honorários contábeis de outubro de 2026"}
    dados = digitar(minha, tomador, linha, {"descricao": "Minha"}, competencia="09/2026", competencia_antes="10/2026")
    forms = calcular(como_bruno, dados, acao="mudar").context["edicao"].itens.forms
    assert [form["descricao"].value() for form in forms] == ["Honorários contábeis de setembro de 2026", "Minha"]


def test_a_line_is_added_and_taken_with_nothing_lost(como_bruno, canal, minha, tomador) -> None:
    dados = digitar(minha, tomador, {"descricao": "primeira", "valor_unitario": "1,2345"}, {"descricao": "segunda"})
    mais = calcular(como_bruno, dados, acao="incluir").context["edicao"].itens.forms
    menos = calcular(como_bruno, dados, acao="tirar-0").context["edicao"].itens.forms
    assert [form["descricao"].value() for form in mais] == ["primeira", "segunda", None]
    assert mais[0]["valor_unitario"].value() == "1,2345"
    assert [form["descricao"].value() for form in menos] == ["segunda"]


def test_the_rate_is_asked_only_where_the_municipio_takes_it(como_bruno, minha, tomador) -> None:
    criar_canal(minha, TipoCanal.SISGENFE)

    def pede(atividade: int, **cabeca: str) -> bool:
        dados = digitar(minha, tomador, {"atividade": str(atividade)}, **cabeca)
        return "aliquota" in calcular(como_bruno, dados, acao="mudar").context["edicao"].itens.forms[0].fields

    assert [pede(CONTABILIDADE.id), pede(CONTABILIDADE.id, iss_retido="on"), pede(RODOVIAS.id)] == [False, True, True]


def test_typing_costs_the_same_whatever_the_lines(
    como_bruno, canal, minha, tomador, servico, django_assert_max_num_queries
) -> None:
    linha = {"servico": str(servico.pk)}
    calcular(como_bruno, digitar(minha, tomador, linha))
    with django_assert_max_num_queries(30) as antes:
        calcular(como_bruno, digitar(minha, tomador, linha))
    with django_assert_max_num_queries(len(antes)):
        calcular(como_bruno, digitar(minha, tomador, *[linha] * 12))


# -- saving ----------------------------------------------------------------------------------------------------------


def test_a_draft_is_saved_as_typed(como_bruno, canal, minha, tomador, servico) -> None:
    linha = {"servico": str(servico.pk), "quantidade": "2,5", "valor_unitario": "400,00", "desconto": "50,00"}
    resposta = como_bruno.post(NOVA, digitar(minha, tomador, linha, observacao="Boleto", referencia="R1"))
    nota = Nota.objects.get()
    item = nota.itens.get()
    assert resposta.url == reverse("nfse:editar", args=[nota.pk])
    assert (nota.valor_servicos, nota.valor_iss, nota.referencia) == (Decimal("1000.00"), Decimal("19.00"), "R1")
    assert (item.quantidade, item.desconto, item.cofins) == (Decimal("2.5"), Decimal("50.00"), Decimal("28.50"))
    assert nota.situacao == "rascunho"


def test_what_was_saved_opens_as_it_was_typed(como_bruno, canal, minha, tomador, servico) -> None:
    linha = {"servico": str(servico.pk), "valor_unitario": "2.000,00", "pis": "5,00"}
    como_bruno.post(NOVA, digitar(minha, tomador, linha))
    form = como_bruno.get(reverse("nfse:editar", args=[Nota.objects.get().pk])).context["edicao"].itens.forms[0]
    assert (form["pis"].value(), form["cofins"].value()) == ("5,00", None)  # blank: goes on following the rates


def test_htmx_is_sent_on_to_the_draft(como_bruno, canal, minha, tomador) -> None:
    resposta = como_bruno.post(NOVA, digitar(minha, tomador), headers=HTMX)
    assert resposta["HX-Redirect"] == reverse("nfse:editar", args=[Nota.objects.get().pk])


def test_a_blank_line_under_others_is_no_line(como_bruno, canal, minha, tomador) -> None:
    vazia = {"descricao": "", "valor_unitario": "", "item_lc116": "", "aliquota": ""}
    como_bruno.post(NOVA, digitar(minha, tomador, {}, vazia))
    assert Nota.objects.get().itens.count() == 1


def test_saving_over_somebody_elses_change_is_told_and_loses_nothing(como_bruno, canal, ana, minha) -> None:
    nota = criar_nota(canal, ana)
    Nota.objects.filter(pk=nota.pk).update(versao=7)
    dados = digitar(minha, nota.tomador, versao="1", observacao="o que digitei")
    resposta = como_bruno.post(reverse("nfse:editar", args=[nota.pk]), dados)
    assert resposta.status_code == 422
    assert "alterada em outra tela" in texto(resposta)
    assert "o que digitei" in texto(resposta)


def test_the_reason_of_a_replacement_survives_the_editing(como_bruno, canal, ana, minha) -> None:
    antiga = autorizar(criar_nota(canal, ana), ana)
    motivo = {"codigo": "1", "motivo": "Erro no valor do serviço"}
    nova = criar_nota(canal, ana, substitui=antiga, substituicao=motivo)
    como_bruno.post(reverse("nfse:editar", args=[nova.pk]), digitar(minha, nova.tomador, versao="1"))
    nova.refresh_from_db()
    assert (nova.substitui, nova.substituicao, nova.versao) == (antiga, motivo, 2)


# -- each wrong thing at its field -----------------------------------------------------------------------------------

ERRADOS = [
    ({}, {"valor_unitario": "10,123"}, "mais de duas casas decimais"),
    ({}, {"valor_unitario": "1,234.56"}, "formato americano"),
    ({}, {"valor_unitario": "0,00"}, "precisa ser maior que zero"),
    ({}, {"valor_unitario": "-5,00"}, "não pode ser negativo"),
    ({}, {"valor_unitario": ""}, "Informe o valor do serviço"),
    ({}, {"quantidade": "0"}, "A quantidade precisa ser maior que zero"),
    ({}, {"quantidade": "1,23456"}, "Quantidade fora do formato"),
    ({}, {"quantidade": "99999999", "valor_unitario": "999.999.999,00"}, "passa do que cabe numa nota"),
    ({}, {"descricao": "x" * 10_000}, "A descrição tem 10000 caracteres e o máximo é 2000"),
    ({}, {"item_lc116": "99.99"}, "O item 99.99 não existe na LC 116"),
    ({}, {"item_lc116": ""}, "Escolha o item da LC 116"),
    ({}, {"aliquota": "dois"}, "Percentual fora do formato"),
    ({}, {"servico": "987654"}, "Serviço não encontrado nesta empresa"),
    ({}, {"quantidade": "1.234"}, "1.234 pode ser 1234 ou 1,234"),
    ({}, {"cnae": "12"}, "CNAE com 2 números; a subclasse tem 7"),
    ({}, {"cnae": "9999-7/99"}, "CNAE não encontrado"),
    ({}, {"nbs": "12"}, "A NBS tem 9 números"),
    ({"tomador": ""}, {}, "Escolha quem toma o serviço"),
    ({"tomador": "987654"}, {}, "Tomador não encontrado nesta empresa"),
    ({"municipio_prestacao": "9999999"}, {}, "Município não encontrado"),
    ({"emissao": "31/02/2026"}, {}, "não existe no calendário"),
    ({"competencia": "13/2026"}, {}, "Não existe o mês 13"),
    ({"observacao": "x" * 2001}, {}, "O texto tem 2001 caracteres e o máximo é 2000"),
]


@pytest.mark.parametrize(("cabeca", "linha", "mensagem"), ERRADOS, ids=[m for _, _, m in ERRADOS])
def test_a_wrong_field_is_told_and_everything_typed_stays(
    como_bruno, canal, minha, tomador, cabeca, linha, mensagem
) -> None:
    dados = digitar(minha, tomador, linha, **({"referencia": "continua aqui"} | cabeca))
    resposta = como_bruno.post(NOVA, dados)
    pagina = texto(resposta)
    assert (resposta.status_code, mensagem in pagina, "continua aqui" in pagina) == (422, True, True)
    assert all(valor[:200] in pagina for nome, valor in linha.items() if nome != "servico")  # chosen, not typed
    assert not Nota.objects.exists()


@pytest.mark.parametrize(("codigo", "mensagem"), [("12", "tem 6 números"), ("999999", "não existe na tabela")])
def test_a_national_code_is_one_of_the_table(como_bruno, minha, tomador, codigo, mensagem) -> None:
    criar_canal(minha, "integranotas", versao_emissao=2)
    assert mensagem in texto(como_bruno.post(NOVA, digitar(minha, tomador, {"codigo_nacional": codigo})))


def test_a_dot_before_three_digits_is_read_as_thousands(como_bruno, canal, minha, tomador) -> None:
    como_bruno.post(NOVA, digitar(minha, tomador, {"valor_unitario": "1.234"}))
    assert Nota.objects.get().valor_servicos == Decimal("1234.00")


IMPEDEM = [
    ({"emissao": "25/12/2026"}, {}, "emissao", "ainda não chegou"),
    ({"competencia": "11/2026"}, {}, "competencia", "é depois da data de emissão"),
    ({}, {"aliquota": "7,5"}, "itens-0-aliquota", "passa do máximo de 5 %"),
    ({}, {"descricao": "Consultoria 🚀"}, "itens-0-descricao", "caracteres que as prefeituras não aceitam: 🚀"),
    ({}, {"descricao": ""}, "itens-0-descricao", "Falta a descrição do serviço"),
    ({}, {"desconto": "5.000,00"}, "itens-0-desconto", "passam do valor do item"),
    ({}, {"inss": "5.000,00"}, "itens-0-pis", "As retenções"),
]


@pytest.mark.parametrize(("cabeca", "linha", "campo", "mensagem"), IMPEDEM, ids=[m for *_, m in IMPEDEM])
def test_what_keeps_it_from_being_issued_stands_at_its_field(
    como_bruno, canal, minha, tomador, cabeca, linha, campo, mensagem
) -> None:
    dados = digitar(minha, tomador, linha, **({"acao": "conferir"} | cabeca))
    resposta = como_bruno.post(NOVA, dados)
    edicao = resposta.context["edicao"]
    form, nome = (edicao.itens.forms[0], campo.rpartition("-")[2]) if "-" in campo else (edicao.form, campo)
    assert resposta.status_code == 422
    assert any(mensagem in erro for erro in form.errors[nome])


@pytest.mark.parametrize(
    ("linha", "mensagem"),
    [
        ({"atividade": "9999"}, "não é do prestador no SISGENF-e"),
        ({"atividade": ""}, "Escolha a atividade do prestador"),
    ],
)
def test_an_activity_of_another_prestador_is_refused(como_bruno, minha, tomador, linha, mensagem) -> None:
    criar_canal(minha, TipoCanal.SISGENFE)
    dados = digitar(minha, tomador, linha | {"item_lc116": ""}, acao="conferir")
    assert mensagem in texto(como_bruno.post(NOVA, dados))


def test_a_repeated_reference_is_told_at_its_field(como_bruno, canal, ana, minha, tomador) -> None:
    criar_nota(canal, ana, tomador, referencia="R1")
    resposta = como_bruno.post(NOVA, digitar(minha, tomador, referencia="R1"))
    assert "já tem uma nota com a referência “R1”" in texto(resposta)


def test_checking_saves_nothing_and_says_when_all_is_well(como_bruno, canal, minha, tomador) -> None:
    resposta = como_bruno.post(NOVA, digitar(minha, tomador, acao="conferir"))
    assert (resposta.status_code, Nota.objects.count()) == (200, 0)
    assert "Conferida: nada impede a emissão." in texto(resposta)


def test_issuing_saves_and_shows_the_prevoo_before_anything_leaves(como_bruno, canal, minha, tomador) -> None:
    resposta = como_bruno.post(NOVA, digitar(minha, tomador, acao="emitir"))
    assert resposta.url == reverse("nfse:emitir", args=[Nota.objects.get().pk])
    assert not Operacao.objects.exists()


def test_issuing_with_something_wrong_saves_nothing(como_bruno, canal, minha, tomador) -> None:
    resposta = como_bruno.post(NOVA, digitar(minha, tomador, {"aliquota": "7"}, acao="emitir"))
    assert (resposta.status_code, Nota.objects.count()) == (422, 0)


# -- preview ---------------------------------------------------------------------------------------------------------


def test_the_preview_comes_in_another_tab_with_the_next_number(como_bruno, canal, minha, tomador, monkeypatch) -> None:
    pedidas: list[Any] = []

    class Cliente:
        def previa(self, emissao: Any, *, chamadas: Any) -> bytes:
            pedidas.append(emissao)
            return b"%PDF-1.4 previa"

    monkeypatch.setattr(acesso, "abrir_integranotas", lambda canal: Cliente())
    resposta = como_bruno.post("/notas/previa/", digitar(minha, tomador))
    assert (resposta["Content-Type"], resposta.content) == ("application/pdf", b"%PDF-1.4 previa")
    assert (pedidas[0].serie, pedidas[0].numero, Nota.objects.count()) == ("1", 1, 0)


def test_a_preview_that_does_not_come_says_why(como_bruno, canal, minha, tomador, monkeypatch) -> None:
    def recusar(canal: CanalNfse) -> Any:
        raise ProviderRefused("O município pede a inscrição do tomador.", texto="5001 tomador.im")

    monkeypatch.setattr(acesso, "abrir_integranotas", recusar)
    resposta = como_bruno.post("/notas/previa/", digitar(minha, tomador))
    assert "O município pede a inscrição do tomador." in texto(resposta)
    assert "continua na outra aba" in texto(resposta)


def test_a_channel_without_preview_says_so(como_bruno, minha, tomador) -> None:
    criar_canal(minha, TipoCanal.SISGENFE)
    assert "não tem prévia" in texto(como_bruno.post("/notas/previa/", digitar(minha, tomador)))


# -- what it is not --------------------------------------------------------------------------------------------------


def test_another_empresas_tomador_and_servico_are_not_taken(como_bruno, canal, minha, carteira) -> None:
    outra = criar_empresa(9, carteira=carteira)
    dados = digitar(minha, criar_tomador(outra, 80), {"servico": str(criar_servico(outra).pk)})
    pagina = texto(como_bruno.post(NOVA, dados))
    assert "Tomador não encontrado nesta empresa" in pagina
    assert "Serviço não encontrado nesta empresa" in pagina


def test_the_month_of_a_new_note_is_the_one_of_the_top_bar(como_bruno, minha, canal) -> None:
    assert como_bruno.get(NOVA, {"empresa": minha.pk}).context["edicao"].competencia == competencia_padrao()
