"""The first page: what the month still asks for, of whom, and in the words of what that person may do."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comum.models import Usuario
from empresas.models import Carteira, Empresa
from guias.models import Apuracao
from operacoes.processamentos.criacao import criar
from tests.cast import criar_empresa
from tests.operacoes.apoio import nova

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adicional_216")]

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


def inicio(client: Client, usuario: Usuario, empresa: Empresa | None = None, **filtros: str) -> str:
    client.force_login(usuario)
    client.post(reverse("contexto"), {"competencia": "10/2026", "empresa": empresa.pk if empresa else ""})
    return client.get("/", filtros).content.decode()


def totais(pagina: str) -> dict[str, int]:
    """The address of each total of the strip of obrigações, and what it counts."""
    faixa = pagina[pagina.index('class="obrigacoes"') : pagina.index('aria-label="Empresas"')]
    links = re.findall(r'<a href="([^"]+)"><span[^>]*>[^<]*</span><b>([\d.]+)</b>', faixa)
    return {endereco.replace("&amp;", "&"): int(n.replace(".", "")) for endereco, n in links}


def test_what_is_missing_has_a_total_and_a_list(client: Client, bruno: Usuario, empresas: list[Empresa]) -> None:
    assert totais(inicio(client, bruno)) == {
        f"{reverse('guias:apuracao')}?etapa=receita.falta": 1,
        f"{reverse('guias:apuracao')}?etapa=apuracao.a_conferir": 1,
        f"{reverse('guias:apuracao')}?etapa=transmissao.sem_acesso": 1,
    }


def test_without_access_are_told_also_after_the_transmission(
    client: Client, bruno: Usuario, carteira: Carteira, empresas: list[Empresa]
) -> None:
    """The DAS of a declaration cannot be asked for either; of the one without receita there is nothing to ask."""
    transmitida(carteira, 100)
    contas = totais(inicio(client, bruno))
    assert contas[f"{reverse('guias:apuracao')}?etapa=transmissao.sem_acesso"] == 1
    assert contas[f"{reverse('guias:apuracao')}?etapa=das.sem_acesso"] == 1


def test_what_waits_for_a_person_is_counted_and_opened_as_one_list(
    client: Client, bruno: Usuario, carteira: Carteira, empresas: list[Empresa]
) -> None:
    transmitida(carteira, 0)
    paradas = f'<a href="{reverse("inicio")}?estado=precisa">2<'
    assert paradas in inicio(client, bruno)
    pagina = client.get("/", {"estado": "precisa"}, headers={"HX-Request": "true"}).content.decode()
    assert [empresa.razao_social in pagina for empresa in (*empresas, Empresa.objects.get(codigo="0003"))] == [
        True,
        True,
        False,
    ]
    assert paradas not in inicio(client, bruno, empresas[0])


@pytest.mark.parametrize("declarado", [0, 5])
def test_a_finished_month_lacks_nothing_even_without_access(
    client: Client, bruno: Usuario, carteira: Carteira, declarado: int
) -> None:
    transmitida(carteira, declarado)
    pagina = inicio(client, bruno)
    assert totais(pagina) == {}
    assert 'estado=pronto">Com tudo feito <span>1</span>' in pagina
    assert "nenhuma declaração por transmitir" in pagina


def test_who_consults_sees_the_states_and_no_action(client: Client, carla: Usuario, empresas: list[Empresa]) -> None:
    pagina = inicio(client, carla)
    assert "Sem receita" in pagina
    assert "Esperam uma pessoa" in pagina
    assert "Precisam de você" not in pagina
    grade = pagina[pagina.index('id="painel"') :]
    assert f'href="{reverse("guias:receitas")}' not in grade
    assert "Conferir" not in pagina


def test_it_follows_the_empresa_of_the_top_bar(client: Client, bruno: Usuario, empresas: list[Empresa]) -> None:
    criar("teste", "Envio da primeira", bruno, OUT, [nova("a", empresa_id=empresas[0].pk)])
    assert "Envio da primeira" in inicio(client, bruno, empresas[0])
    pagina = inicio(client, bruno, empresas[1])
    assert "Ver todas as empresas" in pagina
    assert totais(pagina) == {f"{reverse('guias:apuracao')}?etapa=receita.falta": 1}
    assert empresas[0].razao_social not in pagina
    assert "Envio da primeira" not in pagina
    assert "Envio da primeira" not in client.get(reverse("operacoes:processamentos")).content.decode()


def test_the_figures_say_of_which_carteiras_they_are(
    client: Client, ana: Usuario, bruno: Usuario, empresas: list[Empresa]
) -> None:
    assert "de 2 empresas · suas carteiras<" in inicio(client, bruno)
    assert "de 2 empresas · todas as carteiras<" in inicio(client, ana)
    assert "carteiras<" not in inicio(client, bruno, empresas[0])


def test_an_empty_office_is_told_where_to_begin(client: Client, ana: Usuario) -> None:
    pagina = inicio(client, ana)
    assert "Nenhuma empresa ainda" in pagina
    assert f'href="{reverse("primeiros_passos")}">Começar pelos primeiros passos' in pagina


def test_its_cost_does_not_grow(client: Client, bruno: Usuario, carteira: Carteira, empresas: list[Empresa]) -> None:
    def consultas(**cabecalhos: str) -> int:
        with CaptureQueriesContext(connection) as capturadas:
            client.get("/", headers=cabecalhos)
        return len(capturadas)

    criar("teste", "A", bruno, OUT, [nova("a", empresa_id=empresas[0].pk)])
    inicio(client, bruno)
    antes = consultas(), consultas(**{"HX-Request": "true"})
    for n in range(10, 20):
        empresa = criar_empresa(n, carteira=carteira)
        criar("teste", f"B{n}", bruno, OUT, [nova(f"b{n}", empresa_id=empresa.pk)])
        Apuracao.objects.create(
            empresa=empresa, competencia=OUT, receita_total=Decimal(1000), total_calculado=Decimal(40)
        )
    inicio(client, bruno)
    assert (consultas(), consultas(**{"HX-Request": "true"})) == antes
