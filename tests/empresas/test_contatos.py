"""The contacts of a client: on its page, by CSV, and to whom the guias go."""

from typing import Any

import pytest
from django.urls import reverse

from comum.models import Auditoria, Usuario
from empresas import contatos
from empresas.importacao import base
from empresas.models import Carteira, Contato, Empresa, Importacao
from tests.cast import criar_empresa

pytestmark = pytest.mark.django_db


@pytest.fixture
def empresa(carteira: Carteira) -> Empresa:
    return criar_empresa(1, carteira=carteira)


@pytest.fixture
def outra(outra_carteira: Carteira) -> Empresa:
    return criar_empresa(2, carteira=outra_carteira)


def gravar(client: Any, empresa: Empresa, email: str, nome: str = "", **campos: str) -> Any:
    dados = {"email": email, "nome": nome, "recebe_guias": "on"} | campos
    return client.post(reverse("empresas:contato_incluir", args=[empresa.pk]), dados)


def test_included_altered_and_excluded_with_an_audit(client: Any, bruno: Usuario, empresa: Empresa) -> None:
    client.force_login(bruno)
    assert gravar(client, empresa, "ana@x.example", "Ana").status_code == 302
    contato = Contato.objects.get()
    url = reverse("empresas:contato_alterar", args=[empresa.pk, contato.pk])
    client.post(url, {"email": "ana@x.example", "nome": "Ana Paula"})
    contato.refresh_from_db()
    assert (contato.nome, contato.recebe_guias) == ("Ana Paula", False)
    assert "Ana Paula" in client.get(empresa.get_absolute_url()).content.decode()
    client.post(reverse("empresas:contato_excluir", args=[empresa.pk, contato.pk]))
    assert not Contato.objects.exists()
    atos = Auditoria.objects.filter(acao__startswith="contatos.").order_by("pk").values_list("acao", flat=True)
    assert list(atos) == ["contatos.incluir", "contatos.alterar", "contatos.excluir"]


@pytest.mark.parametrize(
    ("email", "dito"),
    [
        ("", "Informe o e-mail do contato"),
        ("ana", "E-mail inválido"),
        ("a@x.example; b@x.example", "E-mail inválido"),
        ("ANA@x.example", "já é contato desta empresa"),
    ],
)
def test_a_bad_address_is_told_and_nothing_typed_is_lost(
    client: Any, bruno: Usuario, empresa: Empresa, email: str, dito: str
) -> None:
    Contato.objects.create(empresa=empresa, email="ana@x.example")
    client.force_login(bruno)
    resposta = gravar(client, empresa, email, "Nome digitado")
    pagina = resposta.content.decode()
    assert (resposta.status_code, Contato.objects.count()) == (422, 1)
    assert dito in pagina
    assert "Nome digitado" in pagina


def test_of_another_carteira_nothing_can_be_done(client: Any, bruno: Usuario, outra: Empresa) -> None:
    contato = Contato.objects.create(empresa=outra, email="z@x.example")
    client.force_login(bruno)
    assert gravar(client, outra, "ana@x.example").status_code == 404
    for nome in ("contato_alterar", "contato_excluir"):
        url = reverse(f"empresas:{nome}", args=[outra.pk, contato.pk])
        assert client.post(url, {"email": "w@x.example"}).status_code == 404


def test_guias_go_to_the_contacts_that_receive_them_else_to_the_fiscal_address(
    empresa: Empresa, outra: Empresa, django_assert_num_queries: Any
) -> None:
    sem = criar_empresa(3)
    Empresa.objects.filter(pk__in=[empresa.pk, outra.pk]).update(email_fiscal="fiscal@x.example")
    Contato.objects.create(empresa=empresa, email="b@x.example")
    Contato.objects.create(empresa=empresa, email="a@x.example")
    Contato.objects.create(empresa=outra, email="c@x.example", recebe_guias=False)
    with django_assert_num_queries(2):
        achados = contatos.recebem_guias([empresa.pk, outra.pk, sem.pk])
    assert achados == {empresa.pk: ["b@x.example", "a@x.example"], outra.pk: ["fiscal@x.example"]}


def importar(usuario: Usuario, texto: str) -> Importacao:
    feita = base.receber(tipo="contatos", usuario=usuario, nome_arquivo="c.csv", conteudo=texto.encode(), agendar=False)
    base.conferir(feita.pk)
    feita.refresh_from_db()
    return feita


def test_a_file_includes_and_alters_and_leaves_blanks_alone(bruno: Usuario, empresa: Empresa) -> None:
    Contato.objects.create(empresa=empresa, email="Ana@x.example", nome="Ana", recebe_guias=True)
    doc = empresa.documento_mascarado
    feita = importar(bruno, f"cnpj;e-mail;nome;guias\n{doc};ana@X.example;;N\n{doc};beto@x.example;Beto;\n")
    assert (feita.resultado["novas"], feita.resultado["alteradas"], feita.resultado["recusadas"]) == (1, 1, 0)
    assert feita.previa["alteracoes"][0][2:] == ["recebe guias", "sim", "não"]
    base.pedir_importar(feita, agendar=False)
    base.importar(feita.pk)
    gravados = Contato.objects.order_by("pk").values_list("email", "nome", "recebe_guias")
    assert list(gravados) == [("Ana@x.example", "Ana", False), ("beto@x.example", "Beto", True)]


@pytest.mark.parametrize(
    ("linha", "coluna", "dito"),
    [
        ("{doc};ana;;", "e-mail", "E-mail inválido"),
        ("{doc};;;", "e-mail", "Falta o e-mail"),
        ("{doc};a@x.example;;talvez", "recebe guias", "sim"),
        ("{outro};a@x.example;;", "CNPJ ou CPF", "fora das suas carteiras"),
        ("123;a@x.example;;", "CNPJ ou CPF", ""),
        ("{doc};a@x.example;" + "x" * 81 + ";", "nome", "cabem 80"),
        ("{doc};A@x.example;;\n{doc};a@X.example;;", "e-mail", "já está na linha 2"),
    ],
)
def test_a_bad_line_is_told_with_line_and_column(
    bruno: Usuario, empresa: Empresa, outra: Empresa, linha: str, coluna: str, dito: str
) -> None:
    texto = linha.format(doc=empresa.documento, outro=outra.documento)
    feita = importar(bruno, f"cnpj;e-mail;nome;guias\n{texto}\n")
    (recusa,) = feita.previa["recusas"]
    assert recusa[1] == coluna
    assert dito.lower() in recusa[3].lower()


def test_the_page_of_the_import_and_its_model_open(client: Any, bruno: Usuario) -> None:
    client.force_login(bruno)
    assert client.get(reverse("empresas:importar_contatos")).status_code == 200
    modelo = client.get(reverse("empresas:modelo_contatos")).content.decode()
    assert "recebe guias" in modelo
    assert client.post(reverse("empresas:importar_contatos"), {}).status_code == 422
