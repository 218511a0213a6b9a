"""Screens of the register: what each role and carteira sees and may do, and that no typed data is lost."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from comum.models import Auditoria, Usuario
from empresas.forms import EmpresaForm
from empresas.importacao import base
from empresas.models import Carteira, Empresa, Importacao, RegimeEmpresa
from tests.cast import cnpj_valido, criar_empresa, criar_empresas

pytestmark = pytest.mark.django_db

LISTA = reverse("empresas:lista")


def entrar(client: Client, usuario: Usuario) -> Client:
    client.force_login(usuario)
    return client


@pytest.fixture
def como_ana(client: Client, ana: Usuario) -> Client:
    return entrar(client, ana)


@pytest.fixture
def como_bruno(client: Client, bruno: Usuario) -> Client:
    return entrar(client, bruno)


@pytest.fixture
def minha(carteira: Carteira) -> Empresa:
    return criar_empresa(1, carteira=carteira)


@pytest.fixture
def alheia(outra_carteira: Carteira) -> Empresa:
    return criar_empresa(2, carteira=outra_carteira)


def mensagens(resposta: Any) -> list[str]:
    return [str(m) for m in get_messages(resposta.wsgi_request)]


def codigos(resposta: Any) -> list[str]:
    return [e.codigo for e in resposta.context["lista"].pagina]


def ler_csv(resposta: Any) -> list[list[str]]:
    conteudo = b"".join(resposta.streaming_content) if resposta.streaming else resposta.content
    return list(csv.reader(io.StringIO(conteudo.decode("utf-8-sig"), newline=""), delimiter=";"))


def dados_do_form(**mudancas: str) -> dict[str, str]:
    return {
        "documento": "90.000.009/0001-95",
        "codigo": "0009",
        "razao_social": "Padaria Nova",
        "ativa": "on",
        "regimes-TOTAL_FORMS": "1",
        "regimes-INITIAL_FORMS": "1",
        "regimes-0-regime": "simples",
        "regimes-0-desde": "01/01/2026",
    } | mudancas


# -- who sees what ---------------------------------------------------------------------------------------------------


def test_each_user_sees_the_empresas_of_their_carteiras(
    client: Client, ana: Usuario, carla: Usuario, davi: Usuario, minha: Empresa, alheia: Empresa
) -> None:
    vistas = {u.username: codigos(entrar(client, u).get(LISTA)) for u in (ana, carla, davi)}
    assert vistas == {"ana": ["0001", "0002"], "carla": ["0001"], "davi": []}


@pytest.mark.parametrize("nome", ["ver", "alterar"])
def test_an_empresa_outside_the_carteiras_does_not_exist(como_bruno: Client, alheia: Empresa, nome: str) -> None:
    assert como_bruno.get(reverse(f"empresas:{nome}", args=[alheia.pk])).status_code == 404


@pytest.mark.parametrize(
    ("nome", "metodo"),
    [
        ("nova", "get"),
        ("nova", "post"),
        ("importar", "get"),
        ("importar", "post"),
        ("modelo", "get"),
        ("ativar", "post"),
        ("inativar", "post"),
        ("carteira", "post"),
    ],
)
def test_consulta_only_reads(client: Client, carla: Usuario, nome: str, metodo: str) -> None:
    assert getattr(entrar(client, carla), metodo)(reverse(f"empresas:{nome}")).status_code == 403


@pytest.mark.parametrize("nome", ["alterar", "ligar_matriz"])
def test_consulta_alters_nothing(client: Client, carla: Usuario, minha: Empresa, nome: str) -> None:
    assert entrar(client, carla).post(reverse(f"empresas:{nome}", args=[minha.pk])).status_code == 403


def test_only_an_administrator_changes_the_carteira_of_many(como_bruno: Client, minha: Empresa) -> None:
    assert como_bruno.post(reverse("empresas:carteira"), {"ids": minha.pk}).status_code == 403


# -- list --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def variadas(carteira: Carteira) -> None:
    criar_empresa(1, carteira=carteira, razao_social="Zebra Água", regime="mei")
    criar_empresa(2, razao_social="Árvore Verde", municipio="2609600", letras=True)
    criar_empresa(3, razao_social="bola", municipio="3304557", ativa=False)


@pytest.mark.parametrize(
    ("consulta", "esperadas"),
    [
        ("", ["0002", "0003", "0001"]),
        ("q=agua", ["0001"]),
        ("q=90.000.003/0001", ["0003"]),
        ("q=ab000002", ["0002"]),
        ("regime=mei", ["0001"]),
        ("uf=PE", ["0002"]),
        ("municipio=3304557", ["0003"]),
        ("situacao=inativa", ["0003"]),
        ("situacao=ativa&ordem=codigo", ["0001", "0002"]),
        ("carteira=nenhuma", ["0002", "0003"]),
        ("ordem=-codigo", ["0003", "0002", "0001"]),
        ("ordem=documento", ["0001", "0003", "0002"]),
        ("ordem=municipio", ["0002", "0003", "0001"]),
        ("ordem=-regime", ["0003", "0002", "0001"]),
    ],
)
def test_search_filters_and_sorts(como_ana: Client, variadas: None, consulta: str, esperadas: list[str]) -> None:
    assert codigos(como_ana.get(f"{LISTA}?{consulta}")) == esperadas


@pytest.mark.parametrize("consulta", ["situacao=xyz", "carteira=999999", "carteira=x", "regime=simples&uf=ZZ"])
def test_a_filter_that_is_not_understood_is_said_above_an_empty_list(
    como_bruno: Client, minha: Empresa, consulta: str
) -> None:
    resposta = como_bruno.get(f"{LISTA}?{consulta}")
    assert codigos(resposta) == []
    assert "Filtro não entendido" in resposta.content.decode()
    como_bruno.post(reverse("empresas:inativar"), {"todos": "1", "filtro": consulta})
    minha.refresh_from_db()
    assert minha.ativa


def test_the_carteira_of_others_is_no_filter(como_bruno: Client, minha: Empresa, alheia: Empresa) -> None:
    resposta = como_bruno.get(f"{LISTA}?carteira={alheia.carteira_id}")
    assert resposta.context["lista"].recusados == [("Carteira", str(alheia.carteira_id))]


def test_htmx_gets_only_the_table(como_ana: Client, minha: Empresa) -> None:
    texto = como_ana.get(LISTA, headers={"HX-Request": "true"}).content.decode()
    assert texto.lstrip().startswith('<form id="tabela"')
    assert "<html" not in texto


def test_links_keep_the_state_of_the_list(como_ana: Client) -> None:
    criar_empresas(range(60))
    texto = como_ana.get(f"{LISTA}?q=inventada&regime=simples&ordem=-codigo").content.decode()
    assert "q=inventada&amp;regime=simples&amp;ordem=-codigo&amp;pagina=2" in texto


def test_an_empty_list_says_what_to_do_first(client: Client, ana: Usuario, carla: Usuario) -> None:
    assert "Importe a lista do escritório" in entrar(client, ana).get(LISTA).content.decode()
    assert "Peça ao administrador" in entrar(client, carla).get(LISTA).content.decode()


@pytest.mark.parametrize("quantas", [10, 400])
@pytest.mark.parametrize(
    "consulta", ["", "?q=inventada", "?q=0003", "?uf=SP&ordem=municipio&pagina=2", "?municipio=3550308"]
)
def test_a_page_costs_the_same_queries_at_any_size(
    como_ana: Client,
    quantas: int,
    consulta: str,
    carteira: Carteira,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    criar_empresas(range(quantas), carteira=carteira)
    with django_assert_max_num_queries(11):
        resposta = como_ana.get(LISTA + consulta)
    assert resposta.status_code == 200  # a refusal would cost little too


def test_a_page_far_down_a_long_list_costs_the_same_queries(
    como_ana: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Empresa.objects.bulk_create(
        Empresa(
            codigo=str(n),
            documento=cnpj_valido(n),
            razao_social=f"Loja {n}",
            regime="mei",
            municipio_id="3550308",
            busca=f"{n} {cnpj_valido(n)} loja {n}",
            ordem=f"loja {n}",
        )
        for n in range(1_000)
    )
    with django_assert_max_num_queries(10):
        resposta = como_ana.get(f"{LISTA}?q=loja&ordem=codigo&pagina=15&tamanho=50")
    assert codigos(resposta)[0] == "700"


# -- what is done to many ----------------------------------------------------------------------------------------------


def test_inactivating_the_marked_ones_says_how_many(como_bruno: Client, minha: Empresa, alheia: Empresa) -> None:
    resposta = como_bruno.post(reverse("empresas:inativar"), {"ids": [minha.pk, alheia.pk], "next": LISTA + "?q=x"})
    assert (resposta.url, mensagens(resposta)) == (LISTA + "?q=x", ["1 empresa inativada."])  # type: ignore[attr-defined]
    assert list(Empresa.objects.filter(ativa=False)) == [minha]


def test_activating_what_is_active_does_nothing(como_bruno: Client, minha: Empresa) -> None:
    resposta = como_bruno.post(reverse("empresas:ativar"), {"ids": [minha.pk]})
    assert mensagens(resposta) == ["Nada a fazer: nenhuma das marcadas precisava ser ativada."]
    assert not Auditoria.objects.exists()


def test_all_filtered_acts_on_the_filter_only(como_ana: Client, variadas: None) -> None:
    como_ana.post(reverse("empresas:inativar"), {"todos": "1", "filtro": "uf=PE"})
    assert sorted(Empresa.objects.filter(ativa=False).values_list("codigo", flat=True)) == ["0002", "0003"]


def test_the_dialog_says_how_many_would_move(como_ana: Client, minha: Empresa, alheia: Empresa) -> None:
    resposta = como_ana.post(reverse("empresas:carteira"), {"escolher": "1", "ids": [minha.pk, alheia.pk]})
    assert "Mudar a carteira de 2 empresas" in resposta.content.decode()


def test_moving_answers_the_browser_with_the_list(como_ana: Client, minha: Empresa, outra_carteira: Carteira) -> None:
    dados = {"ids": [minha.pk], "carteira": outra_carteira.pk, "next": LISTA}
    resposta = como_ana.post(reverse("empresas:carteira"), dados, headers={"HX-Request": "true"})
    minha.refresh_from_db()
    assert (minha.carteira, resposta.headers["HX-Redirect"]) == (outra_carteira, LISTA)


def test_an_unknown_carteira_is_refused_in_the_dialog(como_ana: Client, minha: Empresa) -> None:
    resposta = como_ana.post(reverse("empresas:carteira"), {"ids": [minha.pk], "carteira": "999"})
    assert resposta.status_code == 422


def test_the_way_back_never_leaves_the_product(como_ana: Client, minha: Empresa) -> None:
    resposta = como_ana.post(reverse("empresas:inativar"), {"ids": [minha.pk], "next": "https://mau.example/"})
    assert resposta.headers["Location"] == LISTA


# -- export ------------------------------------------------------------------------------------------------------------


def exportar(cliente: Client, formato: str, **dados: Any) -> HttpResponse:
    todas = "&todas=1" if "lista" in dados else ""
    return cliente.post(f"{reverse('empresas:exportar')}?formato={formato}{todas}", dados)  # type: ignore[return-value]


def test_everything_listed_is_exported_in_the_order_shown(como_ana: Client, variadas: None) -> None:
    linhas = ler_csv(exportar(como_ana, "csv", lista="ordem=-codigo&situacao=ativa"))
    assert [linha[:3] for linha in linhas] == [
        ["código", "CNPJ ou CPF", "razão social"],
        ["0002", "AB.000.002/0001-51", "Árvore Verde"],
        ["0001", "90.000.001/0001-29", "Zebra Água"],
    ]


def test_only_the_marked_are_exported(como_bruno: Client, minha: Empresa, alheia: Empresa) -> None:
    linhas = ler_csv(exportar(como_bruno, "csv", ids=[minha.pk, alheia.pk]))
    assert [linha[0] for linha in linhas[1:]] == ["0001"]


def test_an_export_never_goes_beyond_the_carteiras(como_bruno: Client, minha: Empresa, alheia: Empresa) -> None:
    assert len(ler_csv(exportar(como_bruno, "csv", lista=""))) == 2


def test_a_name_that_looks_like_a_formula_is_guarded(como_ana: Client) -> None:
    criar_empresa(1, razao_social="=1+1")
    assert ler_csv(exportar(como_ana, "csv", lista=""))[1][2] == "'=1+1"


def test_the_spreadsheet_keeps_codes_and_documents_as_text(como_ana: Client, minha: Empresa) -> None:
    aba = load_workbook(io.BytesIO(exportar(como_ana, "xlsx", lista="").content)).active
    assert [celula.value for celula in aba[2]][:2] == ["0001", "90.000.001/0001-29"]  # type: ignore[index]


def test_an_unknown_format_is_refused_in_words(como_ana: Client) -> None:
    resposta = exportar(como_ana, "pdf", lista="")
    assert (resposta.status_code, resposta.content.decode()) == (400, "Formato desconhecido: use csv ou xlsx.")


def test_what_was_exported_comes_back_equal(como_ana: Client, ana: Usuario, variadas: None) -> None:
    Empresa.objects.filter(codigo="0001").update(
        cnae_id="6201501", email_fiscal="f@x.com.br", nome_fantasia="+55 Fone", inscricao_municipal="1.2-3"
    )
    RegimeEmpresa.objects.create(empresa=Empresa.objects.get(codigo="0003"), regime="real", desde=date(2030, 1, 1))
    conteudo = b"".join(exportar(como_ana, "csv", lista="").streaming_content)  # type: ignore[attr-defined]
    importacao = base.receber(tipo="empresas", usuario=ana, nome_arquivo="x.csv", conteudo=conteudo, agendar=False)
    base.conferir(importacao.pk)
    importacao.refresh_from_db()
    assert (importacao.recusas, importacao.resultado["iguais"]) == ([], 3)


# -- one empresa -------------------------------------------------------------------------------------------------------


def test_a_new_empresa(como_bruno: Client, carteira: Carteira) -> None:
    resposta = como_bruno.post(reverse("empresas:nova"), dados_do_form(carteira=str(carteira.pk)))
    empresa = Empresa.objects.get()
    assert resposta.headers["Location"] == reverse("empresas:ver", args=[empresa.pk])
    assert (empresa.documento, empresa.regime, empresa.carteira) == ("90000009000195", "simples", carteira)


@pytest.mark.parametrize(
    ("mudancas", "mensagem"),
    [
        ({"documento": "123"}, "CPF ou CNPJ com 3 posições"),
        ({"documento": "90.000.001/0001-29"}, "Já cadastrada: 0001 Empresa Inventada 0001 Ltda"),
        ({"codigo": "0001"}, "Este código já é de Empresa Inventada 0001 Ltda"),
        ({"codigo": "código"}, "ou com caractere que não pode"),
        ({"razao_social": ""}, "Informe a razão social"),
        ({"razao_social": "a\u200bb"}, "caractere invisível"),
        ({"inscricao_municipal": "ç"}, "Inscrição municipal com mais de 20 posições"),
        ({"email_fiscal": "x@"}, "E-mail inválido"),
        ({"inicio_atividade": "31/02/2020"}, "não existe no calendário"),
        ({"inicio_atividade": "01/01/2090"}, "Início de atividade depois de hoje"),
        ({"municipio": "9999999"}, "Faça uma escolha válida"),
        ({"regimes-0-regime": ""}, "Escolha o regime tributário"),
        ({"regimes-0-desde": "ontem"}, "Data fora do formato"),
        ({"regimes-0-desde": "01/01/0026"}, "está fora do esperado"),
        ({"documento": "529.982.247-25"}, "CPF só pode ter o regime Outro"),
    ],
)
def test_a_bad_form_comes_back_with_what_was_typed(como_ana: Client, mudancas: dict[str, str], mensagem: str) -> None:
    criar_empresa(1)
    resposta = como_ana.post(reverse("empresas:nova"), dados_do_form(nome_fantasia="Digitado aqui", **mudancas))
    texto = resposta.content.decode()
    assert (resposta.status_code, Empresa.objects.count()) == (422, 1)
    assert mensagem in texto
    assert "Digitado aqui" in texto


def test_a_document_outside_the_carteiras_is_refused_without_a_name(como_bruno: Client, alheia: Empresa) -> None:
    resposta = como_bruno.post(reverse("empresas:nova"), dados_do_form(documento=alheia.documento, codigo="0002"))
    texto = resposta.content.decode()
    assert "Já cadastrada no escritório, fora das suas carteiras" in texto
    assert "Este código já é de outra empresa do escritório" in texto
    assert alheia.razao_social not in texto


def test_an_operator_chooses_among_their_carteiras(como_bruno: Client, outra_carteira: Carteira) -> None:
    resposta = como_bruno.post(reverse("empresas:nova"), dados_do_form(carteira=str(outra_carteira.pk)))
    assert (resposta.status_code, Empresa.objects.exists()) == (422, False)


def _alterar(cliente: Client, empresa: Empresa, **mudancas: str) -> HttpResponse:
    dados = dados_do_form(
        codigo=empresa.codigo,
        razao_social=empresa.razao_social,
        versao=empresa.alterada_em.isoformat(),
        **{"regimes-TOTAL_FORMS": "2", "regimes-0-desde": "01/01/2020", "regimes-1-regime": "", "regimes-1-desde": ""},
    )
    return cliente.post(reverse("empresas:alterar", args=[empresa.pk]), dados | mudancas)  # type: ignore[return-value]


def test_altering_keeps_document_and_carteira_of_an_operator(
    como_bruno: Client, minha: Empresa, outra_carteira: Carteira
) -> None:
    outra_carteira.usuarios.add(Usuario.objects.get(username="bruno"))
    resposta = _alterar(
        como_bruno, minha, razao_social="Nome novo", documento=cnpj_valido(77), carteira=str(outra_carteira.pk)
    )
    depois = Empresa.objects.get(pk=minha.pk)
    assert resposta.status_code == 302
    assert (depois.razao_social, depois.documento, depois.carteira) == ("Nome novo", minha.documento, minha.carteira)


def test_a_change_of_regime_from_a_date(como_bruno: Client, minha: Empresa) -> None:
    _alterar(como_bruno, minha, **{"regimes-1-regime": "real", "regimes-1-desde": "01/11/2026"})
    assert [(r.regime, r.desde) for r in minha.regimes.order_by("desde")] == [
        ("simples", date(2020, 1, 1)),
        ("real", date(2026, 11, 1)),
    ]


def test_two_regimes_of_one_date_are_refused_naming_the_line(como_bruno: Client, minha: Empresa) -> None:
    resposta = _alterar(como_bruno, minha, **{"regimes-1-regime": "real", "regimes-1-desde": "01/01/2020"})
    assert (resposta.status_code, minha.regimes.count()) == (422, 1)
    assert "Já há um regime a partir de 01/01/2020, na linha 1." in resposta.content.decode()


def test_half_a_change_of_regime_is_refused(como_bruno: Client, minha: Empresa) -> None:
    assert _alterar(como_bruno, minha, **{"regimes-1-regime": "real"}).status_code == 422


def test_the_last_regime_cannot_be_taken_out(como_bruno: Client, minha: Empresa) -> None:
    resposta = _alterar(como_bruno, minha, **{"regimes-0-DELETE": "on"})
    assert (resposta.status_code, minha.regimes.count()) == (422, 1)


def test_a_change_made_meanwhile_is_named_and_nothing_typed_is_lost(como_bruno: Client, minha: Empresa) -> None:
    versao = minha.alterada_em
    minha.nome_fantasia = "De outra pessoa"
    minha.save()
    minha.alterada_em = versao
    resposta = _alterar(como_bruno, minha, razao_social="Digitado por mim")
    texto = resposta.content.decode()
    assert resposta.status_code == 422
    assert "Nome fantasia: De outra pessoa" in texto
    assert "Digitado por mim" in texto
    assert Empresa.objects.get(pk=minha.pk).razao_social == "Empresa Inventada 0001 Ltda"
    atual = re.search(r'name="versao" value="([^"]+)"', texto)
    assert atual is not None
    assert _alterar(como_bruno, minha, razao_social="Digitado por mim", versao=atual[1]).status_code == 302


def test_the_page_of_an_empresa_shows_regimes_and_filiais(
    como_bruno: Client, minha: Empresa, carteira: Carteira
) -> None:
    filial = criar_empresa(5, documento=cnpj_valido(1, ordem="0002"), carteira=carteira, razao_social="A Filial")
    Empresa.objects.filter(pk=filial.pk).update(matriz=minha)
    texto = como_bruno.get(minha.get_absolute_url()).content.decode()
    assert "A Filial" in texto
    assert "01/01/2020" in texto


def test_a_matriz_outside_the_carteiras_is_not_named(como_bruno: Client, carteira: Carteira, alheia: Empresa) -> None:
    filial = criar_empresa(5, documento=cnpj_valido(2, ordem="0002"), carteira=carteira)
    Empresa.objects.filter(pk=filial.pk).update(matriz=alheia)
    texto = como_bruno.get(filial.get_absolute_url()).content.decode()
    assert "fora das suas carteiras" in texto
    assert alheia.razao_social not in texto


def test_the_matriz_by_the_number_is_proposed_and_taken(como_bruno: Client, minha: Empresa, carteira: Carteira) -> None:
    filial = criar_empresa(5, documento=cnpj_valido(1, ordem="0002"), carteira=carteira)
    assert "Pelo CNPJ, esta empresa é filial de" in como_bruno.get(filial.get_absolute_url()).content.decode()
    como_bruno.post(reverse("empresas:ligar_matriz", args=[filial.pk]))
    filial.refresh_from_db()
    assert filial.matriz == minha


def test_a_filial_starts_with_its_matriz(como_bruno: Client, minha: Empresa) -> None:
    form: EmpresaForm = como_bruno.get(f"{reverse('empresas:nova')}?matriz={minha.pk}").context["form"]
    assert form.textos()["matriz"] == (minha.pk, "0001 Empresa Inventada 0001 Ltda")


def test_there_is_no_way_to_exclude(como_ana: Client, minha: Empresa) -> None:
    texto = como_ana.get(reverse("empresas:alterar", args=[minha.pk])).content.decode()
    assert "Empresas não são excluídas, porque os documentos fiscais delas ficam guardados por lei" in texto


# -- look-ups ----------------------------------------------------------------------------------------------------------


def opcoes(cliente: Client, nome: str, q: str) -> list[tuple[str, str]]:
    texto = cliente.get(reverse(f"empresas:{nome}"), {"q": q}).content.decode()
    return re.findall(r'data-valor="([^"]*)"\s+data-rotulo="([^"]*)"', texto)


def test_an_empresa_is_looked_up_by_code_name_or_document(como_bruno: Client, minha: Empresa, alheia: Empresa) -> None:
    achada = [(str(minha.pk), "0001 Empresa Inventada 0001 Ltda")]
    assert [opcoes(como_bruno, "procurar", q) for q in ("0001", "inventada", "90.000.001/0001-29")] == [achada] * 3


def test_the_exact_code_comes_first(como_ana: Client) -> None:
    criar_empresa(11, razao_social="A 7 Irmãos")
    sete = criar_empresa(7, razao_social="Z")
    Empresa.objects.filter(pk=sete.pk).update(codigo="7", busca="7 x z")
    assert [rotulo for _, rotulo in opcoes(como_ana, "procurar", "7")] == ["7 Z", "0011 A 7 Irmãos"]


def test_at_most_twenty_options(como_ana: Client) -> None:
    criar_empresas(range(30))
    assert len(opcoes(como_ana, "procurar", "")) == 20


@pytest.mark.parametrize(
    ("q", "primeira"),
    [
        ("sao paulo", "São Paulo/SP"),
        ("são paulo/rn", "São Paulo do Potengi/RN"),
        ("3550308", "São Paulo/SP"),
        ("7107", "São Paulo/SP"),
        ("embu-gua", "Embu-Guaçu/SP"),
    ],
)
def test_municipios_by_name_or_code(como_ana: Client, q: str, primeira: str) -> None:
    assert opcoes(como_ana, "municipios", q)[0][1] == primeira


@pytest.mark.parametrize(
    ("q", "primeira"), [("6201-5/01", "6201501"), ("62015", "6201501"), ("cultivo arroz", "0111301"), ("", "0111301")]
)
def test_cnaes_by_code_or_words(como_ana: Client, q: str, primeira: str) -> None:
    assert opcoes(como_ana, "cnaes", q)[0][0] == primeira


@pytest.mark.parametrize("nome", ["procurar", "municipios", "cnaes"])
def test_what_is_not_found_gives_no_option(como_ana: Client, nome: str) -> None:
    assert opcoes(como_ana, nome, "xyzw nada") == []


# -- context of the top bar --------------------------------------------------------------------------------------------


def contexto(cliente: Client, **dados: Any) -> tuple[Empresa | None, date, list[str]]:
    resposta = cliente.post(reverse("contexto"), dados | {"next": LISTA})
    atual = cliente.get(LISTA).context["contexto"]
    return atual.empresa, atual.competencia, mensagens(resposta)


def test_the_context_takes_id_or_document(como_bruno: Client, minha: Empresa) -> None:
    for valor in (minha.pk, minha.documento, "90.000.001/0001-29"):
        contexto(como_bruno, empresa="")
        assert contexto(como_bruno, empresa=valor, competencia="092026") == (minha, date(2026, 9, 1), [])


def test_the_id_of_one_is_not_taken_for_the_code_of_another(
    como_bruno: Client, minha: Empresa, carteira: Carteira
) -> None:
    outra = criar_empresa(3, carteira=carteira)
    Empresa.objects.filter(pk=outra.pk).update(codigo=str(minha.pk))
    assert contexto(como_bruno, empresa=minha.pk)[0] == minha
    assert contexto(como_bruno, empresa=outra.pk)[0] == outra


def test_blank_means_all(como_bruno: Client, minha: Empresa) -> None:
    contexto(como_bruno, empresa=minha.pk)
    assert contexto(como_bruno, empresa="")[0] is None


@pytest.mark.parametrize("texto", ["12/2017", "11/2098"])
def test_a_competencia_out_of_reach_says_the_range_and_changes_nothing(como_bruno: Client, texto: str) -> None:
    contexto(como_bruno, competencia="09/2026")
    _, competencia, ditas = contexto(como_bruno, competencia=texto)
    assert competencia == date(2026, 9, 1)
    assert "de 01/2018 a" in ditas[0]


def test_a_bad_value_says_so_and_changes_nothing(como_bruno: Client, minha: Empresa, alheia: Empresa) -> None:
    contexto(como_bruno, empresa=minha.pk, competencia="10/2026")
    empresa, competencia, ditas = contexto(como_bruno, empresa=alheia.pk, competencia="13/2026")
    assert (empresa, competencia) == (minha, date(2026, 10, 1))
    assert ditas == [
        f"Empresa “{alheia.pk}” não encontrada. Escolha na lista (F2) ou apague para todas.",
        "Não existe o mês 13. Digite a competência com mês de 01 a 12. Ficou a que estava.",
    ]


def test_an_empresa_that_leaves_the_carteiras_falls_out_of_the_context(
    como_bruno: Client, minha: Empresa, outra_carteira: Carteira
) -> None:
    contexto(como_bruno, empresa=minha.pk)
    Empresa.objects.filter(pk=minha.pk).update(carteira=outra_carteira)
    assert como_bruno.get(LISTA).context["contexto"].empresa is None


@pytest.mark.parametrize("fora", ["https://mau.example/", "//mau.example", "javascript:alert(1)", ""])
def test_the_context_returns_only_to_our_pages(como_bruno: Client, fora: str) -> None:
    assert como_bruno.post(reverse("contexto"), {"next": fora}).headers["Location"] == "/"


# -- import ------------------------------------------------------------------------------------------------------------


def enviar(cliente: Client, conteudo: bytes, nome: str = "lista.csv") -> Any:
    arquivo = io.BytesIO(conteudo)
    arquivo.name = nome
    return cliente.post(reverse("empresas:importar"), {"arquivo": arquivo})


CSV = b"cnpj;razao social;regime\n90.000.009/0001-95;Padaria;Simples\n123;Ruim;MEI\n"


@pytest.fixture
def enviada(como_bruno: Client) -> Importacao:
    enviar(como_bruno, CSV)
    return Importacao.objects.get()


def test_a_sent_file_has_a_page_that_follows_it(como_bruno: Client, enviada: Importacao) -> None:
    url = reverse("empresas:importacao", args=[enviada.pk])
    assert 'hx-trigger="every 1s, retomar"' in como_bruno.get(url).content.decode()
    base.conferir(enviada.pk)
    texto = como_bruno.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "data-fim" in texto
    assert "CPF ou CNPJ com 3 posições" in texto
    assert "Importar 1 empresa" in texto


def test_importing_from_the_page(como_bruno: Client, enviada: Importacao) -> None:
    base.conferir(enviada.pk)
    como_bruno.post(reverse("empresas:confirmar_importacao", args=[enviada.pk]))
    base.importar(enviada.pk)
    texto = como_bruno.get(reverse("empresas:importacao", args=[enviada.pk])).content.decode()
    assert "Importado: 1 linha nova." in texto
    assert Empresa.objects.count() == 1


def test_importing_before_the_check_says_so(como_bruno: Client, enviada: Importacao) -> None:
    resposta = como_bruno.post(reverse("empresas:confirmar_importacao", args=[enviada.pk]))
    assert "ainda não foi conferido" in mensagens(resposta)[0]


def test_every_refusal_can_be_downloaded(como_bruno: Client, enviada: Importacao) -> None:
    base.conferir(enviada.pk)
    linhas = ler_csv(como_bruno.get(reverse("empresas:recusadas", args=[enviada.pk])))
    assert linhas[0] == ["linha", "coluna", "valor", "motivo"]
    assert linhas[1][:3] == ["3", "CNPJ ou CPF", "123"]


def test_the_file_of_refusals_has_the_time_of_the_office(como_bruno: Client, enviada: Importacao) -> None:
    Importacao.objects.update(criada_em=datetime(2026, 11, 22, 1, 30, tzinfo=UTC))
    resposta = como_bruno.get(reverse("empresas:recusadas", args=[enviada.pk]))
    assert 'filename="recusadas-2026-11-21-2230.csv"' in resposta["Content-Disposition"]


@pytest.mark.parametrize(("segundos", "parada"), [(-5, False), (5, False), (25, True), (24 * 3600 + 5, True)])
def test_a_file_that_nobody_takes_up_says_so(
    como_bruno: Client, enviada: Importacao, segundos: int, parada: bool
) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        Importacao.objects.update(criada_em=timezone.now() - timedelta(seconds=segundos))
        resposta = como_bruno.get(reverse("empresas:importacao", args=[enviada.pk]))
    assert resposta.context["parada"] is parada


@pytest.mark.parametrize("nome", ["importacao", "recusadas"])
def test_an_import_exists_for_its_owner_and_administrators(
    client: Client, enviada: Importacao, ana: Usuario, davi: Usuario, nome: str
) -> None:
    url = reverse(f"empresas:{nome}", args=[enviada.pk])
    assert [entrar(client, u).get(url).status_code for u in (ana, davi)] == [200, 404]


def test_a_file_that_cannot_be_read_says_why(como_bruno: Client) -> None:
    enviar(como_bruno, b"%PDF-1.7 ...", "lista.pdf")
    importacao = Importacao.objects.get()
    base.conferir(importacao.pk)
    texto = como_bruno.get(reverse("empresas:importacao", args=[importacao.pk])).content.decode()
    assert "Nada foi importado." in texto
    assert "O arquivo não é CSV: é um PDF" in texto


@pytest.mark.parametrize(("conteudo", "mensagem"), [(None, "Escolha o arquivo CSV."), (b"", "O arquivo está vazio")])
def test_no_file_or_an_empty_one_is_refused_at_once(como_bruno: Client, conteudo: bytes | None, mensagem: str) -> None:
    resposta = enviar(como_bruno, b"") if conteudo == b"" else como_bruno.post(reverse("empresas:importar"), {})
    assert resposta.status_code == 422
    assert mensagem in resposta.content.decode()


def test_the_template_file_is_accepted_by_the_import(como_ana: Client, ana: Usuario) -> None:
    conteudo = como_ana.get(reverse("empresas:modelo")).content
    importacao = base.receber(tipo="empresas", usuario=ana, nome_arquivo="m.csv", conteudo=conteudo, agendar=False)
    base.conferir(importacao.pk)
    importacao.refresh_from_db()
    assert (importacao.recusas, importacao.resultado["novas"]) == ([], 2)


def test_the_help_names_every_column(como_ana: Client) -> None:
    texto = como_ana.get(reverse("empresas:importar")).content.decode()
    assert all(f"{rotulo}</th>" in texto for rotulo in ("CNPJ ou CPF", "regime desde", "início de atividade", "ativa"))


def test_a_user_without_carteira_is_told_before_sending(client: Client, davi: Usuario) -> None:
    assert "Você ainda não tem carteira" in entrar(client, davi).get(reverse("empresas:importar")).content.decode()


def test_an_empty_form_has_one_summary_with_all_that_is_missing(como_ana: Client) -> None:
    dados = dados_do_form(documento="", razao_social="", **{"regimes-0-regime": ""})
    texto = como_ana.post(reverse("empresas:nova"), dados).content.decode()
    assert texto.count("data-erros") == 1
    assert "Falta acertar 3 pontos" in texto
    assert "obrigatório." not in texto
