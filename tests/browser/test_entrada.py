"""Two tabs of one browser: what a tab left open sends after a log-in in the other."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Page, expect

from comum.models import Papel, Usuario
from empresas.models import Carteira, Empresa
from tests.cast import SENHA, criar_empresa, criar_usuario

pytestmark = [pytest.mark.navegador, pytest.mark.django_db(transaction=True)]

Entrar = Callable[[Page, Usuario], None]


@pytest.fixture
def entrar(transactional_db: None, live_server: Any) -> Entrar:
    def fazer(page: Page, usuario: Usuario) -> None:
        page.goto(live_server.url + reverse("entrar"))
        page.get_by_label("Usuário").fill(usuario.username)
        page.get_by_label("Senha").fill(SENHA)
        page.get_by_role("button", name="Entrar").click()
        expect(page.get_by_role("navigation", name="Principal")).to_be_visible()

    return fazer


def _editar(page: Page, live_server: Any, empresa: Empresa) -> None:
    page.goto(live_server.url + reverse("empresas:alterar", args=[empresa.pk]))
    page.get_by_label("Razão social").fill("Padaria Nova Ltda")


@pytest.mark.parametrize("por_outra", [False, True])
def test_a_form_left_open_goes_after_a_new_log_in_of_the_same_user_only(
    sem_erros: Page, live_server: Any, entrar: Entrar, por_outra: bool
) -> None:
    ana, eva = criar_usuario("ana", Papel.ADMINISTRADOR), criar_usuario("eva", Papel.ADMINISTRADOR)
    empresa = criar_empresa(1, carteira=Carteira.objects.create(nome="Fiscal A"))
    entrar(sem_erros, ana)
    _editar(sem_erros, live_server, empresa)
    Session.objects.all().delete()
    entrar(sem_erros.context.new_page(), eva if por_outra else ana)
    sem_erros.keyboard.press("F9")
    if por_outra:
        expect(sem_erros.locator("#avisos")).to_contain_text("Outra pessoa entrou no Guichê")
        expect(sem_erros.get_by_label("Razão social")).to_have_value("Padaria Nova Ltda")
    else:
        expect(sem_erros.get_by_role("heading", name="Padaria Nova Ltda")).to_be_visible()
    empresa.refresh_from_db()
    assert (empresa.razao_social == "Padaria Nova Ltda") is not por_outra


@pytest.mark.parametrize("por_outra", [False, True])
def test_an_act_of_a_part_goes_after_a_new_log_in_of_the_same_user_only(
    sem_erros: Page, live_server: Any, entrar: Entrar, por_outra: bool
) -> None:
    ana, eva = criar_usuario("ana", Papel.ADMINISTRADOR), criar_usuario("eva", Papel.ADMINISTRADOR)
    empresa = criar_empresa(1, carteira=Carteira.objects.create(nome="Fiscal A"))
    entrar(sem_erros, ana)
    Session.objects.all().delete()
    entrar(sem_erros.context.new_page(), eva if por_outra else ana)
    enviados = []
    sem_erros.on("response", lambda r: enviados.append(r.status) if r.url.endswith(reverse("contexto")) else None)
    sem_erros.evaluate(f"void htmx.ajax('POST', '{reverse('contexto')}', {{values: {{empresa: {empresa.pk}}}}})")
    if por_outra:
        expect(sem_erros.locator("#avisos")).to_contain_text("Outra pessoa entrou no Guichê")
        assert not enviados
    else:
        expect(sem_erros.locator("body")).not_to_have_class("htmx-request")
        assert enviados
        assert enviados[0] < 400
