"""The first page: what the month still asks for, of whom, and in the words of what that person may do."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comum.models import Usuario
from empresas.models import Carteira, Empresa
from guias.models import Apuracao
from guias.services.quadro import lista
from operacoes.processamentos.criacao import criar
from tests.cast import criar_empresa
from tests.operacoes.apoio import nova

pytestmark = pytest.mark.django_db

OUT = date(2026, 10, 1)


@pytest.fixture
def empresas(carteira: Carteira) -> list[Empresa]:
    """One with its receita informed and in no credencial, one without receita."""
    pronta, sem_receita = criar_empresa(1, carteira=carteira), criar_empresa(2, carteira=carteira)
    Apuracao.objects.create(
        empresa=pronta, competencia=OUT, receita_total=Decimal(1000), total_calculado=Decimal(40), calculado={}
    )
    return [pronta, sem_receita]


def transmitida(carteira: Carteira, declarado: int) -> None:
    Apuracao.objects.create(
        empresa=criar_empresa(3, carteira=carteira),
        competencia=OUT,
        situacao="transmitida",
        id_declaracao="1" * 17,
        total_declarado=declarado,
    )


def inicio(client: Client, usuario: Usuario, empresa: Empresa | None = None) -> str:
    client.force_login(usuario)
    client.post(reverse("contexto"), {"competencia": "10/2026", "empresa": empresa.pk if empresa else ""})
    return client.get("/").content.decode()


def test_what_is_missing_has_a_line_and_a_place(client: Client, bruno: Usuario, empresas: list[Empresa]) -> None:
    pagina = inicio(client, bruno)
    assert "Sem acesso à Receita" in pagina
    assert f'href="{reverse("guias:apuracao")}?alcance=sem_acesso"' in pagina
    assert "Informar receitas" in pagina


def test_without_access_are_counted_in_whatever_step(
    client: Client, bruno: Usuario, carteira: Carteira, empresas: list[Empresa]
) -> None:
    """Of those there is something to ask about: the one without receita is told in its own line."""
    transmitida(carteira, 100)
    pagina = inicio(client, bruno)
    do_passo = pagina[pagina.index("Sem acesso à Receita") :]
    assert '<td class="num" data-rotulo="Empresas">2</td>' in do_passo[: do_passo.index("</tr>")]
    assert lista(QueryDict("alcance=sem_acesso"), bruno, OUT).total == 2


@pytest.mark.usefixtures("adicional_216")
def test_what_waits_for_a_person_is_counted_and_opened_as_one_list(
    client: Client, bruno: Usuario, carteira: Carteira, empresas: list[Empresa]
) -> None:
    transmitida(carteira, 0)
    paradas = f'<a href="{reverse("guias:apuracao")}?situacao=paradas">2<'
    assert paradas in inicio(client, bruno)
    pagina = client.get(reverse("guias:apuracao"), {"situacao": "paradas"}).content.decode()
    assert paradas in pagina
    assert 'data-total="2"' in pagina
    assert set(lista(QueryDict("situacao=paradas"), bruno, OUT).pagina) == set(empresas)
    assert paradas not in inicio(client, bruno, empresas[0])


@pytest.mark.parametrize("declarado", [0, 5])
def test_a_finished_month_lacks_nothing_even_without_access(
    client: Client, bruno: Usuario, carteira: Carteira, declarado: int
) -> None:
    transmitida(carteira, declarado)
    assert "Nada falta nesta competência." in inicio(client, bruno)
    assert lista(QueryDict("alcance=sem_acesso"), bruno, OUT).total == 0


def test_who_consults_is_not_told_to_write(client: Client, carla: Usuario, empresas: list[Empresa]) -> None:
    pagina = inicio(client, carla)
    assert "Receitas não informadas" in pagina
    assert "Informar receitas" not in pagina
    assert "Precisam de você" not in pagina


def test_it_follows_the_empresa_of_the_top_bar(client: Client, bruno: Usuario, empresas: list[Empresa]) -> None:
    criar("teste", "Envio da primeira", bruno, OUT, [nova("a", empresa_id=empresas[0].pk)])
    assert "Envio da primeira" in inicio(client, bruno, empresas[0])
    pagina = inicio(client, bruno, empresas[1])
    assert "Ver todas as empresas" in pagina
    assert "A simular ou conferir" not in pagina
    assert "Receitas não informadas" in pagina
    assert "Envio da primeira" not in pagina
    assert "Envio da primeira" not in client.get(reverse("operacoes:processamentos")).content.decode()


def test_its_cost_does_not_grow(client: Client, bruno: Usuario, carteira: Carteira, empresas: list[Empresa]) -> None:
    def consultas() -> int:
        with CaptureQueriesContext(connection) as capturadas:
            client.get("/")
        return len(capturadas)

    criar("teste", "A", bruno, OUT, [nova("a", empresa_id=empresas[0].pk)])
    inicio(client, bruno)
    antes = consultas()
    for n in range(10, 20):
        criar("teste", f"B{n}", bruno, OUT, [nova(f"b{n}", empresa_id=criar_empresa(n, carteira=carteira).pk)])
    assert consultas() == antes
