"""The window's pages: who may do what, what each step answers, and nothing of what lies outside the carteiras."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.urls import get_resolver, reverse

from comum.models import Adicional, Auditoria
from credentials.lista_janela import lista_da_janela
from credentials.models import Acao, CertificadoA1, Credencial, Gravacao, ItemRascunho, Servico, Vinculo
from empresas.models import Carteira, Empresa
from tests.cast import criar_empresa, criar_empresas
from tests.credentials.fabrica import CNPJ, SENHA_PFX, criar_credencial, guardar_certificado, pfx, vincular

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
SERVICOS = {"servicos": ["pgdasd", "das"], "autor": "contratante"}


@pytest.fixture
def cliente(bruno, client: Client, credencial) -> Client:
    """Bruno, Operador of carteira "Fiscal A", at the window of credencial 3."""
    client.force_login(bruno)
    return client


@pytest.fixture
def empresas(carteira, bruno) -> list[Empresa]:
    return criar_empresas(range(1, 6), carteira=carteira)


def eventos(resposta) -> dict[str, Any]:
    return dict(json.loads(resposta.headers["HX-Trigger"]))


def aviso(resposta) -> str:
    return str(eventos(resposta)["aviso"]["texto"])


def itens() -> dict[str, str]:
    return dict(ItemRascunho.objects.values_list("empresa__codigo", "acao"))


def postar(cliente: Client, caminho: str, dados: Mapping[str, Any] | None = None):
    return cliente.post(f"/integra-contador/3/{caminho}", dados or {}, headers=HTMX)


def ids(*empresas: Empresa) -> dict[str, Any]:
    return {"ids": [empresa.pk for empresa in empresas]}


# -- add-on and roles --


def rotas() -> list[tuple[str, list[int]]]:
    achadas = []
    for prefixo in ("credenciais", "janela"):
        nomes = get_resolver().namespace_dict[prefixo][1].reverse_dict
        for nome in [n for n in nomes if isinstance(n, str)]:
            parametros = nomes.getlist(nome)[0][0][0][1]
            achadas.append((f"{prefixo}:{nome}", [3 if p == "codigo" else 1 for p in parametros]))
    return achadas


@pytest.mark.parametrize(("nome", "args"), rotas())
def test_without_the_add_on_every_url_says_what_is_missing(client, ana, nome, args) -> None:
    Adicional.objects.update_or_create(pk=216, defaults={"nome": "Mens.API Integra Contador", "ativo": False})
    criar_credencial(3, completa=False)
    client.force_login(ana)
    for resposta in (client.get(reverse(nome, args=args)), client.post(reverse(nome, args=args))):
        assert resposta.status_code == 403
        assert "216" in resposta.content.decode()


@pytest.mark.parametrize(("nome", "args"), rotas())
def test_strangers_are_sent_to_the_log_in(client, credencial, nome, args) -> None:
    resposta = client.get(reverse(nome, args=args))
    assert resposta.status_code == 302
    assert resposta.url.startswith("/entrar/")


LEITURA = {"abrir", "procurar", "trocar", "ver", "consultar", "consultar_marcada", "gravacoes", "gravacao"}


@pytest.mark.parametrize(("nome", "args"), [r for r in rotas() if r[0].startswith("janela:")])
def test_consulta_reads_and_does_nothing_else(client, carla, credencial, nome, args) -> None:
    client.force_login(carla)
    for metodo in (client.get, client.post):
        status = metodo(reverse(nome, args=args)).status_code
        assert (status != 403) if nome.removeprefix("janela:") in LEITURA else (status == 403)


def test_consulta_sees_no_button_that_edits(client, carla, credencial, empresas, bruno) -> None:
    vincular(empresas[0], credencial, bruno)
    client.force_login(carla)
    pagina = client.get("/integra-contador/3/").content.decode()
    assert "Empresa Inventada 0001" in pagina
    assert "Avançar e gravar" not in pagina
    assert "/alterar/" not in pagina


def test_empresas_outside_the_carteiras_do_not_exist(cliente, ana, credencial, outra_carteira) -> None:
    alheia = criar_empresa(9, carteira=outra_carteira, razao_social="Alheia Ltda")
    vincular(alheia, credencial, ana)
    for url in ("", "?q=alheia", "incluir/varias/?vinculo=todas", "incluir/opcoes/?q=alheia"):
        assert "Alheia" not in cliente.get(f"/integra-contador/3/{url}").content.decode()
    assert cliente.get(f"/integra-contador/3/consultar/{alheia.pk}/").status_code == 404
    postar(cliente, "excluir/", ids(alheia))
    assert itens() == {}


def test_empresas_outside_the_carteiras_are_not_counted(cliente, ana, credencial, outra_carteira, empresas) -> None:
    vincular(criar_empresa(9, carteira=outra_carteira), credencial, ana)
    vincular(empresas[0], credencial, ana)
    assert cliente.get("/integra-contador/3/").context["lista"].total == 1
    assert "1 empresa vinculada" in cliente.get("/credenciais/3/").content.decode()


# -- credencial --


@pytest.mark.parametrize("minhas", [0, 1, 2, 3])
def test_the_count_is_of_the_rows_shown_whichever_carteiras_are_given(bruno, ana, credencial, minhas) -> None:
    carteiras = [Carteira.objects.create(nome=f"Carteira {n}") for n in range(3)]
    bruno.carteiras.set(carteiras[:minhas])
    donas = [carteiras[0], carteiras[0], carteiras[1], carteiras[2], None]
    for numero, carteira in enumerate(donas, start=800):
        vincular(criar_empresa(numero, carteira=carteira), credencial, ana)
    lista = lista_da_janela(bruno, credencial, None, QueryDict())
    assert lista.total == len(list(lista.consulta)) == [0, 2, 3, 4][minhas]


def test_opens_the_only_credencial_at_once(cliente) -> None:
    assert cliente.get("/integra-contador/").url == "/integra-contador/3/"


def test_opens_the_one_used_last(cliente, outra_credencial) -> None:
    cliente.get("/integra-contador/5/")
    assert cliente.get("/integra-contador/").url == "/integra-contador/5/"


@pytest.mark.parametrize("texto", ["5", "Escritório 5", "escrit"])
def test_credenciais_are_looked_up_by_code_and_description(cliente, outra_credencial, texto) -> None:
    assert 'data-valor="5"' in cliente.get("/integra-contador/credenciais/", {"q": texto}).content.decode()


def test_loading_another_credencial_with_pending_edits_asks_first(cliente, outra_credencial, empresas) -> None:
    postar(cliente, "incluir/", {"empresa": empresas[0].pk, **SERVICOS})
    resposta = cliente.get("/integra-contador/trocar/", {"de": 3, "para": 5})
    assert resposta.status_code == 200
    assert "Ficar na credencial 3" in resposta.content.decode()


def test_loading_another_credencial_without_edits_just_loads_it(cliente, outra_credencial) -> None:
    assert cliente.get("/integra-contador/trocar/", {"de": 3, "para": 5}).url == "/integra-contador/5/"


# -- incluir --


def test_incluir_one_empresa(cliente, empresas) -> None:
    resposta = postar(cliente, "incluir/", {"empresa": empresas[0].pk, **SERVICOS})
    assert resposta.status_code == 204
    assert {"dialogo:fechar", "janela:mudou"} <= set(eventos(resposta))
    assert itens() == {"0001": Acao.INCLUIR}
    assert not Vinculo.objects.exists()


def test_an_invalid_inclusion_keeps_what_was_typed(cliente, empresas) -> None:
    resposta = postar(cliente, "incluir/", {"empresa": empresas[0].pk, "autor": "procurador", "observacao": "digitada"})
    pagina = resposta.content.decode()
    assert resposta.status_code == 422
    assert "Escolha ao menos um serviço" in pagina
    assert "Informe o CPF ou CNPJ do procurador" in pagina
    assert 'value="digitada"' in pagina
    assert f'value="{empresas[0].pk}"' in pagina


def test_the_lookup_greys_what_cannot_be_included(cliente, ana, outra_credencial, empresas) -> None:
    vincular(empresas[0], outra_credencial, ana)
    pagina = cliente.get("/integra-contador/3/incluir/opcoes/", {"q": "inventada 0001"}).content.decode()
    assert 'aria-disabled="true"' in pagina
    assert "na credencial 5 · Escritório 5" in pagina


def test_the_lookup_puts_the_very_code_first(cliente, carteira) -> None:
    criar_empresa(12, carteira=carteira, razao_social="AAA 0007 Ltda")
    criar_empresa(7, carteira=carteira, razao_social="ZZZ Ltda")
    pagina = cliente.get("/integra-contador/3/incluir/opcoes/", {"q": "0007"}).content.decode()
    assert pagina.index("ZZZ") < pagina.index("AAA")


def test_multiple_inclusion_lists_only_free_empresas_by_default(cliente, ana, outra_credencial, empresas) -> None:
    vincular(empresas[0], outra_credencial, ana)
    pagina = cliente.get("/integra-contador/3/incluir/varias/").content.decode()
    assert "Inventada 0001" not in pagina
    assert "Inventada 0002" in pagina


def test_multiple_inclusion_shows_marked_what_the_draft_excluded(cliente, bruno, credencial, empresas) -> None:
    for empresa in empresas[:2]:
        vincular(empresa, credencial, bruno)
    postar(cliente, "excluir/", ids(empresas[0]))
    pagina = cliente.get("/integra-contador/3/incluir/varias/").content.decode()
    assert "Inventada 0001" in pagina
    assert pagina.count("Excluída no rascunho") == 1
    assert "Inventada 0002" not in pagina
    assert 'data-total="4"' in pagina
    postar(cliente, "incluir/gravar/", {"todos": "1", "filtro": "", "servicos": ["das"], "autor": "contratante"})
    assert itens()["0001"] == Acao.ALTERAR


def test_multiple_inclusion_greys_the_taken_ones_and_counts_the_others(
    cliente, ana, outra_credencial, empresas
) -> None:
    vincular(empresas[0], outra_credencial, ana)
    pagina = cliente.get("/integra-contador/3/incluir/varias/", {"vinculo": "todas"}).content.decode()
    assert "Não pode ser incluída: na credencial 5" in pagina
    assert 'data-total="4"' in pagina
    texto = " ".join(pagina.split())
    assert "5 empresas, 4 podem ser marcadas" in texto
    assert "marcar todas as 4 filtradas" in texto


def test_select_all_filtered_includes_every_page(cliente, carteira, bruno) -> None:
    criar_empresas(range(1, 71), carteira=carteira, regimes=("mei", *["simples"] * 6))
    todas: dict[str, Any] = {"todos": "1", "filtro": "regime=simples"}
    assert "Serviços de 60 empresas" in postar(cliente, "incluir/servicos/", todas).content.decode()
    resposta = postar(cliente, "incluir/gravar/", todas | SERVICOS)
    assert resposta.headers["HX-Redirect"] == "/integra-contador/3/"
    assert len(itens()) == 60


def test_the_services_form_of_many_keeps_the_selection_when_invalid(cliente, empresas) -> None:
    resposta = postar(cliente, "incluir/gravar/", ids(*empresas[:2]))
    assert resposta.status_code == 422
    assert resposta.content.decode().count('name="ids"') == 2


def test_a_pasted_list_finds_documents_and_codes_and_names_the_rest(cliente, ana, outra_credencial, empresas) -> None:
    vincular(empresas[2], outra_credencial, ana)
    lista = f"{empresas[0].documento_mascarado}\n0002; {empresas[2].documento} 11.222.333/0001-99 nada"
    pagina = postar(cliente, "incluir/colar/", {"lista": lista}).content.decode()
    assert "Serviços de 2 empresas" in pagina
    assert "3 itens da lista ficaram de fora" in pagina
    assert "na credencial 5" in pagina


# -- alterar, replicar, consultar, excluir, cancelar --


@pytest.fixture
def vinculadas(empresas: list[Empresa], credencial, bruno) -> list[Empresa]:
    for empresa in empresas[:3]:
        vincular(empresa, credencial, bruno)
    return empresas[:3]


def test_alterar_opens_the_first_marked_and_counts_the_others(cliente, vinculadas) -> None:
    pagina = postar(cliente, "alterar/", ids(*vinculadas)).content.decode()
    assert "Alterar 0001 Empresa Inventada 0001" in pagina
    assert "as outras 2 marcadas" in pagina


def test_altering_one_of_many_shows_what_changed_before_replicating(cliente, vinculadas) -> None:
    dados = {"empresa": vinculadas[0].pk, "servicos": ["pgdasd", "das", "pagamentos"], "autor": "contratante"}
    pagina = postar(cliente, "alterar/gravar/", ids(*vinculadas) | dados).content.decode()
    assert "Serviços: + Pagamentos" in pagina
    assert "Replicar para 2" in pagina
    assert itens() == {"0001": Acao.ALTERAR}


def test_replicating_reaches_the_other_marked_rows(cliente, vinculadas) -> None:
    dados = {"empresa": vinculadas[0].pk, "servicos": ["pgdasd", "das", "pagamentos"], "autor": "contratante"}
    resposta = postar(cliente, "alterar/gravar/", ids(*vinculadas) | dados)
    assinada = resposta.context["assinada"]
    resposta = postar(cliente, "replicar/", ids(*vinculadas) | {"empresa": vinculadas[0].pk, "mudancas": assinada})
    assert "replicada para 2 empresas" in aviso(resposta)
    assert set(itens().values()) == {Acao.ALTERAR}
    assert len(itens()) == 3


def test_replicating_tells_those_that_were_like_that_already(cliente, vinculadas) -> None:
    dados = {"servicos": ["pgdasd", "das", "pagamentos"], "autor": "contratante"}
    postar(cliente, "alterar/gravar/", ids(vinculadas[2]) | dados | {"empresa": vinculadas[2].pk})
    resposta = postar(cliente, "alterar/gravar/", ids(*vinculadas) | dados | {"empresa": vinculadas[0].pk})
    assert "Replicar para 1 " in resposta.content.decode()
    assert "1 delas já está assim" in resposta.content.decode()
    assinada = resposta.context["assinada"]
    resposta = postar(cliente, "replicar/", ids(*vinculadas) | {"empresa": vinculadas[0].pk, "mudancas": assinada})
    assert "replicada para 1 empresa no rascunho; 1 empresa já estava assim" in aviso(resposta)


def test_altering_some_when_the_others_are_like_that_asks_nothing(cliente, vinculadas) -> None:
    dados = {"servicos": ["pgdasd", "das", "pagamentos"], "autor": "contratante"}
    postar(cliente, "alterar/gravar/", ids(vinculadas[1]) | dados | {"empresa": vinculadas[1].pk})
    resposta = postar(cliente, "alterar/gravar/", ids(*vinculadas[:2]) | dados | {"empresa": vinculadas[0].pk})
    assert "A outra marcada já estava assim" in aviso(resposta)


def test_alterar_opens_the_first_marked_row_of_the_order_on_screen(cliente, vinculadas) -> None:
    por_nome = sorted(vinculadas, key=lambda e: e.ordem)
    for filtro, primeira in (("", por_nome[0]), ("ordem=-razao&tamanho=100", por_nome[-1])):
        pagina = postar(cliente, "alterar/", ids(*vinculadas) | {"filtro": filtro}).content.decode()
        assert f"Alterar {primeira}" in pagina, filtro


def test_all_filtered_but_one_is_carried_to_the_next_step(cliente, vinculadas) -> None:
    todas: dict[str, Any] = {"todos": "1", "filtro": "", "menos": [vinculadas[1].pk]}
    pagina = postar(cliente, "alterar/", todas).content.decode()
    assert f'name="menos" value="{vinculadas[1].pk}"' in pagina
    postar(cliente, "excluir/", todas)
    assert set(itens()) == {vinculadas[0].codigo, vinculadas[2].codigo}


def test_who_administers_finds_the_empresas_without_carteira(cliente, ana, vinculadas) -> None:
    cliente.force_login(ana)
    Empresa.objects.filter(pk=vinculadas[0].pk).update(carteira=None)
    pagina = cliente.get("/integra-contador/3/?carteira=nenhuma", headers=HTMX)
    assert [linha.empresa.pk for *_, linha in pagina.context["linhas"]] == [vinculadas[0].pk]


def test_a_forged_replication_is_refused(cliente, vinculadas) -> None:
    assert postar(cliente, "replicar/", ids(*vinculadas) | {"mudancas": "forjada"}).status_code == 404


def test_consultar_is_read_only(cliente, vinculadas) -> None:
    pagina = cliente.get(f"/integra-contador/3/consultar/{vinculadas[0].pk}/", headers=HTMX).content.decode()
    assert "PGDAS-D, DAS" in pagina
    assert "<form" not in pagina


def test_excluir_many_marks_them_in_words(cliente, vinculadas) -> None:
    assert "2 empresas" in aviso(postar(cliente, "excluir/", ids(*vinculadas[:2])))
    pagina = cliente.get("/integra-contador/3/", headers=HTMX).content.decode()
    assert pagina.count('data-edicao="excluida"') == 2
    assert "Excluída" in pagina
    assert "2 edições não gravadas" in pagina


def test_excluir_of_what_was_only_included_says_it_left_the_draft(cliente, empresas, vinculadas) -> None:
    for empresa in empresas[3:5]:
        postar(cliente, "incluir/", {"empresa": empresa.pk, **SERVICOS})
    assert aviso(postar(cliente, "excluir/", ids(*empresas[3:5]))) == "2 inclusões retiradas do rascunho."


def test_the_edit_of_one_row_can_be_undone(cliente, vinculadas) -> None:
    postar(cliente, "excluir/", ids(*vinculadas[:2]))
    postar(cliente, "desfazer-edicao/", {"empresa": vinculadas[0].pk})
    assert itens() == {"0002": Acao.EXCLUIR}


def test_cancelar_asks_first_and_then_undoes_all(cliente, vinculadas) -> None:
    postar(cliente, "excluir/", ids(*vinculadas))
    assert 'data-confirmar="As 3 edições não gravadas' in cliente.get("/integra-contador/3/").content.decode()
    assert aviso(postar(cliente, "cancelar/")) == "3 edições desfeitas."
    assert itens() == {}
    assert Vinculo.objects.count() == 3


def test_edits_survive_a_closed_browser(cliente, bruno, vinculadas) -> None:
    postar(cliente, "excluir/", ids(*vinculadas))
    outro = Client()
    outro.force_login(bruno)
    assert "3 edições não gravadas" in outro.get("/integra-contador/3/").content.decode()


def test_nobody_sees_the_draft_of_somebody_else(cliente, ana, vinculadas) -> None:
    postar(cliente, "excluir/", ids(*vinculadas))
    cliente.force_login(ana)
    assert "Sem edições" in cliente.get("/integra-contador/3/").content.decode()


# -- avançar --


def test_differences_are_shown_before_writing(cliente, vinculadas, empresas) -> None:
    postar(cliente, "excluir/", ids(vinculadas[0]))
    postar(cliente, "incluir/", {"empresa": empresas[4].pk, **SERVICOS})
    pagina = cliente.get("/integra-contador/3/diferencas/", headers=HTMX).content.decode()
    assert "Incluída: 1" in pagina
    assert "Excluída: 1" in pagina


def test_avancar_writes_and_offers_to_undo(cliente, vinculadas) -> None:
    postar(cliente, "excluir/", ids(*vinculadas))
    resposta = cliente.post("/integra-contador/3/avancar/", {"quantas": "3"}, follow=True)
    assert "Gravado: 3 excluídas" in resposta.content.decode()
    assert not Vinculo.objects.exists()
    gravacao = Gravacao.objects.get()
    cliente.post(f"/integra-contador/3/gravacoes/{gravacao.pk}/desfazer/")
    assert Vinculo.objects.count() == 3


def test_the_back_button_and_a_second_click_are_harmless(cliente, vinculadas) -> None:
    postar(cliente, "excluir/", ids(vinculadas[0]))
    cliente.post("/integra-contador/3/avancar/", {"quantas": "1"})
    resposta = cliente.post("/integra-contador/3/avancar/", {"quantas": "1"}, follow=True)
    assert "Nada a gravar" in resposta.content.decode()
    assert Gravacao.objects.count() == 1


def test_a_draft_that_grew_in_another_tab_is_shown_before_writing(cliente, vinculadas) -> None:
    postar(cliente, "excluir/", ids(*vinculadas))
    resposta = cliente.post("/integra-contador/3/avancar/", {"quantas": "1"}, follow=True)
    assert "mudou em outra aba: agora são 3" in resposta.content.decode()
    assert Vinculo.objects.count() == 3


def test_a_conflict_is_named_with_its_ways_out_and_keeps_the_draft(
    cliente, ana, credencial, outra_credencial, empresas
) -> None:
    for empresa in empresas[:2]:
        postar(cliente, "incluir/", {"empresa": empresa.pk, **SERVICOS})
    vincular(empresas[0], outra_credencial, ana)
    resposta = cliente.post("/integra-contador/3/avancar/", {"quantas": "2"})
    pagina = resposta.content.decode()
    assert resposta.status_code == 409
    assert "1 empresa já está em outra credencial" in pagina
    assert "Abrir a outra credencial" in pagina
    assert "Tirar a empresa do rascunho" in pagina
    assert "Tirar do rascunho a empresa em conflito e avançar a outra" in pagina
    assert len(itens()) == 2
    sem = resposta.context["impressao"]
    resposta = cliente.post("/integra-contador/3/avancar/", {"quantas": "2", "sem": sem}, follow=True)
    assert "Gravado: 1 incluída" in resposta.content.decode()
    assert itens() == {}


def test_resolving_the_last_conflict_leads_back_to_avancar(cliente, ana, outra_credencial, empresas) -> None:
    for empresa in empresas[:2]:
        postar(cliente, "incluir/", {"empresa": empresa.pk, **SERVICOS})
    vincular(empresas[0], outra_credencial, ana)
    dados = {"motivo": "tomada", "saida": "tirar"}
    resposta = cliente.post("/integra-contador/3/conflitos/resolver/", dados, follow=True)
    assert "Não há mais conflitos" in resposta.content.decode()
    assert itens() == {"0002": Acao.INCLUIR}


def test_the_record_shows_only_the_users_carteiras(cliente, ana, bruno, credencial, outra_carteira, vinculadas) -> None:
    alheia = criar_empresa(9, carteira=outra_carteira, razao_social="Alheia Ltda")
    vincular(alheia, credencial, ana)
    cliente.force_login(ana)
    postar(cliente, "excluir/", ids(alheia, vinculadas[0]))
    cliente.post("/integra-contador/3/avancar/")
    cliente.force_login(bruno)
    pk = Gravacao.objects.get().pk
    for url in ("gravacoes/", f"gravacoes/{pk}/"):
        pagina = cliente.get(f"/integra-contador/3/{url}").content.decode()
        assert "1 excluída" in pagina
        assert "Alheia" not in pagina


# -- csv --


def importar(cliente: Client, texto: str):
    return postar(cliente, "importar/", {"arquivo": SimpleUploadedFile("v.csv", texto.encode())})


def test_a_csv_fills_the_draft_and_nothing_else(cliente, vinculadas, empresas) -> None:
    linhas = [
        "cnpj;serviços;autor;procurador;observação",
        f"{empresas[3].documento_mascarado};PGDAS-D, DAS;;;cliente novo",
        f"{vinculadas[0].documento};todos;;;",
    ]
    resposta = importar(cliente, "\r\n".join(linhas))
    assert resposta.context["resultado"].recusas == []
    assert itens() == {"0001": Acao.ALTERAR, "0004": Acao.INCLUIR}
    assert ItemRascunho.objects.get(acao=Acao.ALTERAR).servicos == list(Servico.values)
    assert Vinculo.objects.count() == 3


@pytest.mark.parametrize(
    ("linha", "trecho"),
    [
        ("11.222.333/0001-99;DAS;;", "dígito verificador"),
        ("11.222.333/0001-81;DAS;;", "fora das suas carteiras"),
        ("{livre};;;", "Informe ao menos um serviço"),
        ("{livre};XPTO;;", "Serviço desconhecido"),
        ("{livre};DAS;gerente;", "Autor desconhecido"),
        ("{livre};DAS;procurador;", "informe o CPF ou CNPJ dele"),
        ("{livre};DAS;contratante;529.982.247-25", "o autor não é procurador"),
        ("{tomada};DAS;;", "já está em outra credencial"),
    ],
)
def test_a_refused_line_is_named_with_column_and_reason(
    cliente, ana, outra_credencial, empresas, linha, trecho
) -> None:
    vincular(empresas[0], outra_credencial, ana)
    texto = linha.format(livre=empresas[1].documento, tomada=empresas[0].documento)
    resposta = importar(cliente, f"cnpj;serviços;autor;procurador\n{texto}\n{empresas[2].documento};DAS;;\n")
    [recusa] = resposta.context["resultado"].recusas
    assert recusa.linha == 2
    assert trecho in recusa.mensagem
    assert itens() == {"0003": Acao.INCLUIR}


def test_a_document_twice_names_the_first_line(cliente, empresas) -> None:
    documento = empresas[0].documento
    resposta = importar(cliente, f"cnpj;serviços\n{documento};DAS\n{documento};MEI\n")
    assert resposta.context["resultado"].recusas[0].mensagem.startswith("Esta empresa já está na linha 2")


@pytest.mark.parametrize("texto", ["", "razao;valor\n1;2", "PK\x03\x04 planilha"])
def test_a_file_that_is_no_such_csv_is_refused_whole(cliente, texto) -> None:
    assert importar(cliente, texto).status_code == 422


def test_the_model_file_reads_back(cliente) -> None:
    conteudo = b"".join(cliente.get("/integra-contador/importar/modelo.csv"))
    assert conteudo.decode("utf-8-sig").startswith('"CNPJ";"serviços"')


# -- size --


def test_the_window_asks_the_same_number_of_queries_for_few_and_many_rows(
    cliente, carteira, bruno, credencial, django_assert_max_num_queries
) -> None:
    def consultas(url: str) -> int:
        with django_assert_max_num_queries(30) as contexto:
            assert cliente.get(url, headers=HTMX).status_code == 200
        return len(contexto)

    vincular(criar_empresa(1, carteira=carteira), credencial, bruno)
    postar(cliente, "incluir/", {"empresa": criar_empresa(2, carteira=carteira).pk, **SERVICOS})
    criar_empresa(3, carteira=carteira)
    urls = ("/integra-contador/3/", "/integra-contador/3/incluir/varias/")
    cliente.get(urls[0])  # the first visit also writes down which credencial was used last
    poucas = [consultas(url) for url in urls]
    for empresa in criar_empresas(range(10, 130), carteira=carteira)[1::2]:
        vincular(empresa, credencial, bruno)
    assert [consultas(url) for url in urls] == poucas


@pytest.mark.parametrize("consulta", ["q=0003", "regime=simples", "uf=SP", "municipio=sao", "servico=das",
    "autor=contratante", "edicao=todas", "edicao=incluir", "ordem=-codigo", "ordem=municipio", "pagina=99", "tamanho=x",
    "carteira=abc", "servico=zzz"])  # fmt: skip
def test_no_query_string_breaks_the_list(cliente, vinculadas, empresas, consulta) -> None:
    postar(cliente, "incluir/", {"empresa": empresas[4].pk, **SERVICOS})
    assert cliente.get(f"/integra-contador/3/?{consulta}", headers=HTMX).status_code == 200


def test_the_service_filter_follows_the_draft(cliente, vinculadas) -> None:
    dados = {"empresa": vinculadas[0].pk, "servicos": ["mei"], "autor": "contratante"}
    postar(cliente, "alterar/gravar/", ids(vinculadas[0]) | dados)
    totais = {
        nome: cliente.get(f"/integra-contador/3/?servico={nome}", headers=HTMX).context["lista"].total
        for nome in ("mei", "das")
    }
    assert totais == {"mei": 1, "das": 2}


def test_the_procuradors_certificate_is_brought_by_an_administrador_only(cliente, ana, credencial) -> None:
    assert 'name="certificado"' not in cliente.get("/integra-contador/3/incluir/", headers=HTMX).content.decode()
    cliente.force_login(ana)
    assert 'name="certificado"' in cliente.get("/integra-contador/3/incluir/", headers=HTMX).content.decode()


def test_a_procurador_left_typed_when_another_autor_is_chosen_refuses_nothing(cliente, ana, empresas) -> None:
    dados = com_procurador(empresas[0]) | {"autor": "contratante", "procurador": "123"}
    assert postar(cliente, "incluir/", dados).status_code == 204
    assert ItemRascunho.objects.get().procurador == ""


def com_procurador(empresa: Empresa, arquivo: bytes | None = None) -> dict[str, Any]:
    dados = {"empresa": empresa.pk, "servicos": ["das"], "autor": "procurador", "procurador": CNPJ}
    if arquivo is not None:
        dados |= {"certificado": SimpleUploadedFile("procurador.pfx", arquivo), "senha": SENHA_PFX}
    return dados


def test_the_procuradors_certificate_is_saved_and_audited_with_the_row_that_takes_it(cliente, ana, empresas) -> None:
    cliente.force_login(ana)
    assert postar(cliente, "incluir/", com_procurador(empresas[0], pfx())).status_code == 204
    certificado = ItemRascunho.objects.get().procurador_certificado_id
    assert certificado is not None
    assert Auditoria.objects.get(acao="certificado.guardar").objeto == f"certificadoa1:{certificado}"


def test_a_refused_row_leaves_no_certificate_behind(cliente, ana, outra_credencial, empresas) -> None:
    vincular(empresas[0], outra_credencial, ana)
    antes = CertificadoA1.objects.count()
    cliente.force_login(ana)
    assert postar(cliente, "incluir/", com_procurador(empresas[0], pfx())).status_code == 422
    assert CertificadoA1.objects.count() == antes


def test_a_procurador_gets_only_a_certificate_already_used_as_such(cliente, bruno, credencial, empresas) -> None:
    assert credencial.certificado.documento == CNPJ  # the contratante's, never lent
    postar(cliente, "incluir/", com_procurador(empresas[0]))
    usado = guardar_certificado()
    outro = vincular(empresas[4], credencial, bruno)
    outro.autor, outro.procurador, outro.procurador_certificado = "procurador", CNPJ, usado
    outro.save()
    postar(cliente, "incluir/", com_procurador(empresas[1]))
    certificados = dict(ItemRascunho.objects.values_list("empresa__codigo", "procurador_certificado"))
    assert certificados == {"0001": None, "0002": usado.pk}


def test_unknown_credenciais_are_not_found(cliente) -> None:
    assert Credencial.objects.count() == 1
    assert cliente.get("/integra-contador/99/").status_code == 404
