"""Serviços: the codes agree with each other and with the channel, and the text of the month is made as it should."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from comum.models import Auditoria, Usuario
from empresas.models import Empresa
from nfse.forms import ServicoForm
from nfse.models import CanalNfse, ReferenciaCanal, Servico
from nfse.services.descricao import montar_descricao
from tests.nfse.fabrica import criar_servico

pytestmark = pytest.mark.django_db

LISTA, NOVO = reverse("nfse:servicos"), reverse("nfse:servico_novo")


def dados(empresa: Empresa, **mudancas: str) -> dict[str, str]:
    return {
        "empresa": str(empresa.pk),
        "codigo": "HON",
        "nome": "Honorários contábeis",
        "item_lc116": "17.19",
        "descricao": "Honorários de {MES} de {ANO}",
        "ativo": "on",
    } | mudancas


@pytest.fixture
def no_sisgenfe(minha: Empresa) -> CanalNfse:
    """The empresa's channel, with its registers read."""
    canal = CanalNfse.objects.create(codigo=1, empresa=minha, tipo="sisgenfe")
    especies = ReferenciaCanal.Especie
    ReferenciaCanal.objects.bulk_create(
        ReferenciaCanal(
            canal=canal, especie=especie, codigo=codigo, id_servico=pk, nome=nome, lc116=lc, lida_em=timezone.now()
        )
        for especie, codigo, pk, nome, lc in (
            (especies.ATIVIDADE, "6920601", 77, "Atividades de contabilidade", "17.19"),
            (especies.ATIVIDADE, "6201501", 78, "Programas sob encomenda", "1.04"),
            (especies.UNIDADE, "Unidade", 1, "Unidade", ""),
            (especies.UNIDADE, "Hora", 2, "Hora", ""),
        )
    )
    return canal


# -- the text of the month ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texto", "montado"),
    [
        ("Honorários de {MES} de {ANO}", "Honorários de março de 2026"),
        ("Ref. {MM}/{ANO}", "Ref. 03/2026"),
        ("{mês}/{ano}", "março/2026"),
        ("{OUTRA} {MES", "{OUTRA} {MES"),
        ("", ""),
    ],
)
def test_the_month_takes_the_place_of_its_braces_and_others_stay(texto: str, montado: str) -> None:
    assert montar_descricao(texto, date(2026, 3, 1)) == montado


# -- form --------------------------------------------------------------------------------------------------------------


def test_percentages_and_amounts_are_read_as_people_type_them(como_bruno: Client, minha: Empresa) -> None:
    como_bruno.post(
        NOVO, dados(minha, valor="1.234,5", aliquota_iss="2,5%", retem_csll="1", nbs="1.1502.10.00", iss_retido="on")
    )
    servico = Servico.objects.get()
    assert (servico.valor, servico.aliquota_iss, servico.retem_csll, servico.nbs, servico.iss_retido) == (
        Decimal("1234.50"),
        Decimal("2.5000"),
        Decimal("1.0000"),
        "115021000",
        True,
    )
    assert Auditoria.objects.get().acao == "nfse.incluir_servico"


@pytest.mark.parametrize(
    ("mudancas", "campo", "mensagem"),
    [
        ({"empresa": ""}, "empresa", "Escolha a empresa"),
        ({"codigo": ""}, "codigo", "Informe um código"),
        ({"codigo": "a b"}, "codigo", "caractere que não pode"),
        ({"nome": "x" * 81}, "nome", "81 letras; cabem 80"),
        ({"item_lc116": ""}, "item_lc116", "Escolha o item"),
        ({"item_lc116": "99.99"}, "item_lc116", "Item não encontrado"),
        ({"descricao": ""}, "descricao", "Escreva a descrição"),
        ({"descricao": "x" * 2001}, "descricao", "2001 letras; cabem 2000"),
        ({"valor": "0"}, "valor", "Valor zero"),
        ({"valor": "1,234.56"}, "valor", "formato americano"),
        ({"aliquota_iss": "6"}, "aliquota_iss", "acima de 5%"),
        ({"aliquota_iss": "-1"}, "aliquota_iss", "não pode ser negativo"),
        ({"aliquota_iss": "2,12345"}, "aliquota_iss", "até quatro casas"),
        ({"aliquota_iss": "0", "iss_retido": "on"}, "aliquota_iss", "Com ISS retido"),
        ({"retem_pis": "dois"}, "retem_pis", "fora do formato"),
        ({"nbs": "1234"}, "nbs", "9 números"),
        ({"codigo_nacional": "123"}, "codigo_nacional", "6 números"),
        ({"codigo_nacional": "999999"}, "codigo_nacional", "não existe na tabela"),
        ({"codigo_nacional": "010101"}, "codigo_nacional", "é do item 1.01 da LC 116, e o serviço está no item 17.19"),
        ({"cnae": "0000000"}, "cnae", "CNAE não encontrado"),
        ({"atividade": "x"}, "atividade", "Atividade não encontrada"),
        ({"atividade": "99"}, "atividade", "não tem esta atividade para a empresa"),
        ({"atividade": "78"}, "atividade", "é do item 1.04 da LC 116"),
        ({"unidade": "Caixa"}, "unidade", "não tem a unidade “Caixa”. As dele: "),
    ],
)
def test_each_bad_value_has_its_message_at_its_field(
    bruno: Usuario, minha: Empresa, no_sisgenfe: CanalNfse, mudancas: dict[str, str], campo: str, mensagem: str
) -> None:
    form = ServicoForm(dados(minha) | mudancas, usuario=bruno)
    assert mensagem in str(form.errors[campo])


def test_an_atividade_whose_item_is_told_with_a_zero_in_front_is_of_that_item(
    bruno: Usuario, minha: Empresa, no_sisgenfe: CanalNfse
) -> None:
    ReferenciaCanal.objects.filter(canal=no_sisgenfe, id_servico=78).update(lc116="07.05")
    form = ServicoForm(dados(minha, item_lc116="7.05", atividade="78"), usuario=bruno)
    assert "atividade" not in form.errors


def test_an_iss_above_five_is_taken_where_the_office_lets_it_through(
    bruno: Usuario, minha: Empresa, settings: Any
) -> None:
    settings.NFSE_ISS_ACIMA_DE_5 = True
    assert "aliquota_iss" not in ServicoForm(dados(minha, aliquota_iss="6"), usuario=bruno).errors


def test_without_registers_of_the_channel_any_atividade_is_taken(bruno: Usuario, minha: Empresa) -> None:
    assert ServicoForm(dados(minha, atividade="99"), usuario=bruno).is_valid()


def test_a_code_is_used_once_in_an_empresa(como_ana: Client, minha: Empresa, alheia: Empresa) -> None:
    criar_servico(minha, nome="O primeiro")
    assert "já é de O primeiro" in como_ana.post(NOVO, dados(minha)).context["form"].errors["codigo"][0]
    assert como_ana.post(NOVO, dados(alheia)).status_code == 302


def test_nothing_typed_is_lost_when_a_field_is_refused(como_bruno: Client, minha: Empresa) -> None:
    pagina = como_bruno.post(NOVO, dados(minha, valor="12,345", aliquota_iss="2,5", item_lc116="1.07"))
    texto = pagina.content.decode()
    for valor in ('value="12,345"', 'value="2,5"', "1.07 Suporte", "Honorários de {MES}"):
        assert valor in texto


def test_altering_keeps_what_is_stored_and_shows_it_as_people_write(como_bruno: Client, minha: Empresa) -> None:
    servico = criar_servico(minha, aliquota_iss=Decimal("2.5"))
    url = reverse("nfse:servico_alterar", args=[servico.pk])
    form = como_bruno.get(url).context["form"]
    assert (form["aliquota_iss"].value(), form["valor"].value()) == ("2,5", "500,00")
    versao = form["versao"].value()
    como_bruno.post(url, dados(minha, versao=versao, aliquota_iss="2,5", valor="500,00", descricao=servico.descricao))
    assert not Auditoria.objects.exists()


# -- who sees and does what, list --------------------------------------------------------------------------------------


@pytest.mark.parametrize("nome", ["servico", "servico_alterar"])
def test_a_servico_outside_the_carteiras_does_not_exist(como_bruno: Client, alheia: Empresa, nome: str) -> None:
    assert como_bruno.get(reverse(f"nfse:{nome}", args=[criar_servico(alheia).pk])).status_code == 404


def test_consulta_only_reads(client: Client, carla: Usuario, minha: Empresa) -> None:
    servico = criar_servico(minha)
    client.force_login(carla)
    assert client.get(servico.get_absolute_url()).status_code == 200
    assert client.post(NOVO, dados(minha)).status_code == 403
    assert client.post(reverse("nfse:servicos_inativar"), {"ids": servico.pk}).status_code == 403


@pytest.mark.parametrize(
    ("consulta", "esperados"),
    [
        ("", ["HON", "DEV"]),
        ("ordem=codigo", ["DEV", "HON"]),
        ("q=honorarios+contabeis", ["HON"]),
        ("q=1.07", ["DEV"]),
        ("q=suporte+mensal", ["DEV"]),
        ("situacao=inativo", ["DEV"]),
        ("iss=retido", ["HON"]),
    ],
)
def test_search_filters_and_order(como_bruno: Client, minha: Empresa, consulta: str, esperados: list[str]) -> None:
    criar_servico(minha, iss_retido=True)
    criar_servico(minha, "DEV", nome="Suporte", item_lc116_id="1.07", descricao="Suporte mensal", ativo=False)
    resposta = como_bruno.get(f"{LISTA}?{consulta}")
    assert [s.codigo for s in resposta.context["lista"].pagina] == esperados


def test_the_list_asks_a_constant_number_of_questions(
    como_bruno: Client, minha: Empresa, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for numero in range(12):
        criar_servico(minha, f"S{numero}")
    with django_assert_max_num_queries(16):
        como_bruno.get(LISTA)


def test_the_page_shows_the_text_of_the_competencia(como_bruno: Client, minha: Empresa) -> None:
    como_bruno.post(reverse("contexto"), {"competencia": "03/2026"})
    assert "Honorários contábeis de março de 2026" in como_bruno.get(criar_servico(minha).get_absolute_url()).text


# -- look-ups ----------------------------------------------------------------------------------------------------------


def opcoes(cliente: Client, nome: str, **consulta: Any) -> str:
    return cliente.get(reverse(f"nfse:{nome}"), consulta).text


@pytest.mark.parametrize("q", ["1.07", "0107", "01.07", "suporte técnico em informática"])
def test_an_item_of_the_lc_116_is_found_by_number_or_words(como_bruno: Client, q: str) -> None:
    assert 'data-valor="1.07"' in opcoes(como_bruno, "itens_lc116", q=q)


def test_national_codes_are_those_of_the_item_chosen(como_bruno: Client) -> None:
    achados = opcoes(como_bruno, "servicos_nacionais", q="", item_lc116="1.07")
    assert 'data-valor="010701"' in achados
    assert 'data-valor="010101"' not in achados


def test_atividades_come_from_the_registers_of_the_channel(
    como_bruno: Client, minha: Empresa, no_sisgenfe: CanalNfse
) -> None:
    assert 'data-valor="77"' in opcoes(como_bruno, "atividades", q="contab", empresa=minha.pk)
    no_sisgenfe.referencias.all().delete()
    assert "Atualize os cadastros no canal" in opcoes(como_bruno, "atividades", q="", empresa=minha.pk)


def test_servicos_are_looked_up_inside_one_empresa(como_bruno: Client, minha: Empresa, alheia: Empresa) -> None:
    servico = criar_servico(minha)
    criar_servico(alheia, nome="Serviço alheio")
    assert f'data-valor="{servico.pk}"' in opcoes(como_bruno, "servicos_procurar", q="HON", empresa=minha.pk)
    assert "alheio" not in opcoes(como_bruno, "servicos_procurar", q="", empresa=minha.pk)
    assert "Escolha antes a empresa" in opcoes(como_bruno, "servicos_procurar", q="", empresa=alheia.pk)
