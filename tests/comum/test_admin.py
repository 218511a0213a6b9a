"""Administration: administrators only, records of the product read-only, roles instead of flags, audited."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from comum.models import Adicional, Auditoria, Instalacao, Papel, SeloAuditoria, Usuario
from empresas.models import (
    Carteira,
    Cnae,
    Empresa,
    FaixaSimples,
    Feriado,
    Importacao,
    ItemLc116,
    Municipio,
    Obrigacao,
    ProrrogacaoVencimento,
    ReceitaFederal,
    RegimeEmpresa,
    ServicoNacional,
    TabelaCarregada,
)
from tests.cast import criar_empresa

pytestmark = pytest.mark.django_db

SO_LEITURA = [
    Auditoria,
    SeloAuditoria,
    Instalacao,
    Empresa,
    RegimeEmpresa,
    Importacao,
    Municipio,
    Cnae,
    Feriado,
    ItemLc116,
    ServicoNacional,
    ReceitaFederal,
    FaixaSimples,
    TabelaCarregada,
]
EDITAVEIS = [Usuario, Adicional, Carteira, Obrigacao, ProrrogacaoVencimento]


@pytest.fixture
def como_ana(client: Client, ana: Usuario) -> Client:
    client.force_login(ana)
    return client


def _url(modelo: type, pagina: str, *args: object) -> str:
    return reverse(f"admin:{modelo._meta.app_label}_{modelo._meta.model_name}_{pagina}", args=args)  # type: ignore[attr-defined]


@pytest.mark.parametrize("modelo", SO_LEITURA + EDITAVEIS)
def test_every_list_opens(modelo: type, como_ana: Client) -> None:
    criar_empresa(1)
    assert como_ana.get(_url(modelo, "changelist")).status_code == 200


@pytest.mark.parametrize("modelo", SO_LEITURA)
def test_what_the_product_owns_is_not_added_by_hand(modelo: type, como_ana: Client) -> None:
    assert como_ana.get(_url(modelo, "add")).status_code == 403


@pytest.mark.parametrize("modelo", [Empresa, RegimeEmpresa, Municipio, Cnae, Feriado, TabelaCarregada, Instalacao])
def test_what_the_product_owns_is_seen_and_not_changed(modelo: type, como_ana: Client) -> None:
    criar_empresa(1)
    primeiro = modelo.objects.first()  # type: ignore[attr-defined]
    url = _url(modelo, "change", primeiro.pk)
    assert (como_ana.get(url).status_code, como_ana.post(url, {}).status_code) == (200, 403)


@pytest.mark.parametrize("modelo", SO_LEITURA + EDITAVEIS[:2])
def test_nothing_of_these_is_deleted(modelo: type, rf: object, ana: Usuario) -> None:
    request = type("Pedido", (), {"user": ana})()
    assert not admin.site.get_model_admin(modelo).has_delete_permission(request)


@pytest.mark.parametrize("endereco", ["admin:index", "admin:comum_usuario_changelist"])
def test_operators_do_not_enter_and_are_told_so(client: Client, bruno: Usuario, endereco: str) -> None:
    client.force_login(bruno)
    resposta = client.get(reverse(endereco))
    assert resposta.status_code == 403
    assert "papel Administrador" in resposta.content.decode()


def test_there_is_one_log_in_form(client: Client, db: None) -> None:
    assert client.get("/admin/login/?next=/admin/comum/")["Location"] == "/entrar/?next=%2Fadmin%2Fcomum%2F"


def test_the_content_of_an_import_is_never_drawn(como_ana: Client, ana: Usuario) -> None:
    importacao = Importacao.objects.create(
        tipo="empresas", usuario=ana, nome_arquivo="a.csv", conteudo=b"conteudo-do-arquivo", sha256="x"
    )
    assert b"conteudo-do-arquivo" not in como_ana.get(_url(Importacao, "change", importacao.pk)).content


def _dados_do_usuario(usuario: Usuario, **mudancas: str) -> dict[str, str]:
    dados = {"username": usuario.username, "first_name": "", "last_name": "", "email": "", "papel": usuario.papel}
    return dados | {"is_active": "on"} | mudancas


def test_the_role_of_a_user_changes_and_is_audited(como_ana: Client, bruno: Usuario) -> None:
    como_ana.post(_url(Usuario, "change", bruno.pk), _dados_do_usuario(bruno, papel=Papel.CONSULTA))
    bruno.refresh_from_db()
    assert bruno.papel == Papel.CONSULTA
    assert Auditoria.objects.get(acao="usuarios.alterar").dados["papel"] == "consulta"


def test_flags_and_permissions_are_not_offered(como_ana: Client, bruno: Usuario) -> None:
    pagina = como_ana.get(_url(Usuario, "change", bruno.pk)).content.decode()
    assert not any(f'name="{nome}"' in pagina for nome in ("is_staff", "is_superuser", "groups", "user_permissions"))


def test_the_last_administrator_stays(como_ana: Client, ana: Usuario) -> None:
    resposta = como_ana.post(_url(Usuario, "change", ana.pk), _dados_do_usuario(ana, papel=Papel.OPERADOR))
    ana.refresh_from_db()
    assert ana.papel == Papel.ADMINISTRADOR
    assert "É o único administrador ativo" in resposta.content.decode()


def test_a_new_user_enters_with_a_role(como_ana: Client) -> None:
    senha = "Uma-senha-boa-7"
    como_ana.post(
        _url(Usuario, "add"),
        {"username": "novo", "papel": "operador", "usable_password": "true", "password1": senha, "password2": senha},
    )
    novo = Usuario.objects.get(username="novo")
    assert (novo.papel, novo.is_staff, novo.check_password(senha)) == ("operador", False, True)


def test_activating_the_add_on_is_audited(como_ana: Client) -> None:
    como_ana.post(_url(Adicional, "change", 216), {"ativo": "on", "quem_ativa": "o administrador"})
    assert Adicional.objects.get(pk=216).ativo
    assert Auditoria.objects.filter(acao="adicionais.ativar").count() == 1


def test_giving_a_carteira_is_audited_with_who_has_it(como_ana: Client, carteira: Carteira, davi: Usuario) -> None:
    como_ana.post(_url(Carteira, "change", carteira.pk), {"nome": "Fiscal A", "usuarios": [davi.pk]})
    assert Auditoria.objects.get(acao="carteiras.alterar").dados == {"usuarios": ["davi"]}


def test_a_due_rule_can_be_corrected_but_not_its_identity(como_ana: Client) -> None:
    antes = Obrigacao.objects.get(pk="DAS")
    campos = [f.name for f in Obrigacao._meta.fields if f.name not in ("codigo", "nome", "esfera", "publico")]
    dados = {nome: getattr(antes, nome) for nome in campos} | {"dia": "21", "nome": "Outra"}
    como_ana.post(_url(Obrigacao, "change", "DAS"), dados)
    depois = Obrigacao.objects.get(pk="DAS")
    assert (depois.dia, depois.nome) == ("21", antes.nome)
