"""The sheet of receitas, the months before it, and the page that imports them."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from comum.models import Auditoria
from empresas.calendario import somar_meses
from guias.calculo.atividades import ATIVIDADES
from guias.models import Apuracao, HistoricoMensal, Receita
from guias.services.colunas import Coluna
from tests.cast import cnpj_valido, criar_empresa
from tests.guias.apoio import MES, folha_de, informar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adicional_216")]


def test_the_sheet_saves_revenue_payroll_and_no_movement(entrar, bruno, empresas) -> None:
    a, b, c = empresas
    client = entrar(bruno)

    resposta = client.post(
        reverse("guias:receitas") + "?colunas=1,13",
        folha_de(empresas, **{f"v-{a.pk}-1": "1.234,56", f"f-{a.pk}": "500,00", f"s-{b.pk}": "1"}),
    )

    assert resposta.status_code == 302
    assert Receita.objects.get().valor == Decimal("1234.56")
    assert HistoricoMensal.objects.get(empresa=a).folha == Decimal("500.00")
    assert Apuracao.objects.get(empresa=b).sem_movimento is True
    assert not Apuracao.objects.filter(empresa=c).exists()
    assert Auditoria.objects.filter(acao="guias.receitas").count() == 1


def test_what_is_missing_leaves_out_the_companies_without_movement(entrar, bruno, empresas) -> None:
    a, b, c = empresas
    informar(a, competencia=MES)
    Apuracao.objects.create(empresa=b, competencia=MES, sem_movimento=True)
    endereco = reverse("guias:receitas")
    client = entrar(bruno)
    listas = [client.get(f"{endereco}?falta={valor}").context["lista"] for valor in ("sim", "nao")]
    assert [set(lista.consulta) for lista in listas] == [{c}, {a, b}]


def test_a_bad_cell_saves_nothing_and_keeps_what_was_typed(entrar, bruno, empresas) -> None:
    a, b, _ = empresas
    resposta = entrar(bruno).post(
        reverse("guias:receitas") + "?colunas=1",
        folha_de(empresas, **{f"v-{a.pk}-1": "1.000,00", f"v-{b.pk}-1": "12,345,6"}),
    )

    texto = resposta.content.decode()
    assert resposta.status_code == 422
    assert Receita.objects.count() == 0
    assert "12,345,6" in texto
    assert "1.000,00" in texto
    assert "Nada foi gravado" in texto


def test_a_row_changed_by_another_person_is_named_and_kept(entrar, bruno, empresas) -> None:
    a = empresas[0]
    client = entrar(bruno)
    pagina = client.get(reverse("guias:receitas") + "?colunas=1").context["folha"]
    marca = next(linha.estado.marca for linha in pagina.linhas if linha.empresa == a)
    Receita.objects.create(empresa=a, competencia=MES, atividade=1, valor=Decimal("10.00"))

    resposta = client.post(
        reverse("guias:receitas") + "?colunas=1", folha_de([a], **{f"v-{a.pk}-1": "99,00", f"b-{a.pk}": marca})
    )

    assert resposta.status_code == 422
    assert "Outra pessoa mudou esta linha" in resposta.content.decode()
    assert Receita.objects.get().valor == Decimal("10.00")


def test_no_movement_with_revenue_is_refused(entrar, bruno, empresas) -> None:
    a = empresas[0]
    resposta = entrar(bruno).post(
        reverse("guias:receitas") + "?colunas=1", folha_de([a], **{f"v-{a.pk}-1": "5,00", f"s-{a.pk}": "1"})
    )
    assert resposta.status_code == 422
    assert "Sem movimento marcado com receita" in resposta.content.decode()


def test_a_transmitted_month_is_locked(entrar, bruno, empresas) -> None:
    a = empresas[0]
    apuracao = informar(a, competencia=MES)
    Apuracao.objects.filter(pk=apuracao.pk).update(situacao="transmitida", id_declaracao="1" * 17)

    entrar(bruno).post(reverse("guias:receitas") + "?colunas=1", folha_de([a], **{f"v-{a.pk}-1": "7,00"}))

    assert Receita.objects.get().valor == Decimal("50000.00")


def test_the_sheet_shows_filiais_under_their_matriz_and_the_columns_in_use(entrar, bruno, carteira) -> None:
    matriz = criar_empresa(50, carteira=carteira, razao_social="Zeta Matriz Ltda")
    filial = criar_empresa(
        51, carteira=carteira, documento=cnpj_valido(50, ordem="0002"), razao_social="Alfa Filial Ltda"
    )
    filial.matriz = matriz
    filial.save()
    criar_empresa(52, carteira=carteira, razao_social="Meio Ltda")
    Receita.objects.create(empresa=filial, competencia=MES, atividade=14, valor=Decimal(1))

    folha = entrar(bruno).get(reverse("guias:receitas")).context["folha"]

    assert [linha.empresa.razao_social for linha in folha.linhas] == [
        "Meio Ltda",
        "Zeta Matriz Ltda",
        "Alfa Filial Ltda",
    ]
    assert [coluna.chave for coluna in folha.colunas] == ["14"]


def test_columns_may_name_a_treatment_and_a_municipality(entrar, bruno, empresas) -> None:
    client = entrar(bruno)
    a = empresas[0]
    client.post(
        reverse("guias:receitas") + "?colunas=2.st,10.3304557",
        folha_de([a], **{f"v-{a.pk}-2.st": "10,00", f"v-{a.pk}-10.3304557": "20,00"}),
    )
    assert list(Receita.objects.values_list("atividade", "tratamento", "municipio_iss", "valor")) == [
        (2, "st", None, Decimal("10.00")),
        (10, "", "3304557", Decimal("20.00")),
    ]


def test_the_state_of_the_icms_of_a_transport_is_a_column_of_its_own(entrar, bruno, empresas) -> None:
    client, a = entrar(bruno), empresas[0]
    tela = client.get(reverse("guias:receitas") + "?colunas=34&nova=34&uf_icms=RJ")
    chaves = [coluna.chave for coluna in tela.context["folha"].colunas]
    client.post(
        reverse("guias:receitas") + f"?colunas={','.join(chaves)}",
        folha_de([a], **{f"v-{a.pk}-34": "10,00", f"v-{a.pk}-34.RJ": "20,00"}),
    )
    assert chaves == ["34", "34.RJ"]
    assert "ICMS de RJ" in tela.content.decode()
    assert sorted(Receita.objects.values_list("atividade", "uf_icms", "valor")) == [
        (34, "", Decimal("10.00")),
        (34, "RJ", Decimal("20.00")),
    ]


@pytest.mark.parametrize("chave", ["34.XX", "34.rj", "1.RJ", "13.RJ", "38.RJ"])
def test_a_state_goes_only_where_the_icms_may_be_of_another(chave: str) -> None:
    assert Coluna.ler(chave) is None


def test_the_key_of_a_column_with_state_and_adjustment_is_read_back() -> None:
    coluna = Coluna(36, ajuste="isento-icms", uf="SP")
    assert Coluna.ler(coluna.chave) == coluna


def test_nonsense_in_the_columns_of_the_url_is_ignored(entrar, bruno, empresas) -> None:
    resposta = entrar(bruno).get(reverse("guias:receitas") + "?colunas=99,2,10.123,abc,1&nova=x&tirar=y")
    assert [coluna.chave for coluna in resposta.context["folha"].colunas] == ["1"]


def test_consulta_saves_no_receita(entrar, carla, empresas) -> None:
    a = empresas[0]
    resposta = entrar(carla).post(reverse("guias:receitas") + "?colunas=1", folha_de([a], **{f"v-{a.pk}-1": "5,00"}))
    assert resposta.status_code == 403
    assert Receita.objects.count() == 0


def test_the_import_page_offers_a_template(entrar, bruno) -> None:
    client = entrar(bruno)
    assert client.get(reverse("guias:importar") + "?tipo=historico").status_code == 200
    conteudo = client.get(reverse("guias:modelo", args=["receitas"])).content.decode("utf-8-sig")
    assert conteudo.splitlines()[0].startswith('"CNPJ";"competência"')


def test_the_import_page_lists_the_activities_that_the_file_may_name(entrar, bruno) -> None:
    client = entrar(bruno)
    pagina = client.get(reverse("guias:importar")).content.decode()
    linhas = pagina.partition('id="atividades"')[2].partition("</details>")[0]
    assert "Atividades do PGDAS-D e seus números" in linhas  # as the refusal of an unknown activity calls it
    assert linhas.count('<th scope="row"') == len(ATIVIDADES)
    for numero, anexo in ((1, "I"), (14, "III"), (10, "III ou V, pelo fator r"), (35, "III, com ICMS do I")):
        assert f'>{numero}</th><td class="texto">{ATIVIDADES[numero].nome}</td><td class="texto">{anexo}</td>' in linhas
    assert 'id="atividades"' not in client.get(reverse("guias:importar") + "?tipo=historico").content.decode()


def test_past_months_are_typed_and_complete_the_computation(entrar, bruno, empresas, credencial) -> None:
    apuracao = informar(empresas[0], competencia=MES, meses=11)
    client = entrar(bruno)
    url = reverse("guias:historico", args=[apuracao.pk])
    linhas = client.get(url).context["linhas"]
    falta = somar_meses(MES, -12)
    assert next(linha for linha in linhas if linha.competencia == falta).textos["interno"] == ""
    dados = {f"{campo}-{linha.competencia:%Y%m}": linha.textos[campo] for linha in linhas for campo in linha.textos}

    ruim = client.post(url, dados | {f"interno-{falta:%Y%m}": "1,2,3"})
    bom = client.post(url, dados | {f"interno-{falta:%Y%m}": "1.000,00", f"declarada-{falta:%Y%m}": "1"})

    apuracao.refresh_from_db()
    assert (ruim.status_code, bom.status_code) == (422, 302)
    assert apuracao.impedimento == ""
    assert HistoricoMensal.objects.get(empresa=empresas[0], competencia=falta).declarada is True


def historico_na_tela(client: Client, apuracao: Apuracao, **mudado: str) -> Any:
    url = reverse("guias:historico", args=[apuracao.pk])
    linhas = client.get(url).context["linhas"]
    dados = {f"{campo}-{linha.competencia:%Y%m}": linha.textos[campo] for linha in linhas for campo in linha.textos}
    return client.post(url, dados | mudado)


def test_saving_past_months_leaves_the_history_under_months_with_receitas(entrar, bruno, empresas, credencial) -> None:
    a, anterior = empresas[0], somar_meses(MES, -1)
    apuracao = informar(a, competencia=MES)
    informar(a, "70000.00", competencia=anterior)

    historico_na_tela(entrar(bruno), apuracao, **{f"folha-{anterior:%Y%m}": "8.000,00"})

    mes = HistoricoMensal.objects.get(empresa=a, competencia=anterior)
    assert (mes.interno, mes.folha) == (Decimal("50000.00"), Decimal("8000.00"))


def test_past_months_too_big_for_the_columns_are_refused_or_explained(entrar, bruno, empresas, credencial) -> None:
    apuracao = informar(empresas[0], competencia=MES)
    client = entrar(bruno)

    grande = historico_na_tela(client, apuracao, **{f"interno-{somar_meses(MES, -1):%Y%m}": "1.000.000.000.000,00"})
    cheio = {f"interno-{somar_meses(MES, -n):%Y%m}": "999.999.999.999,99" for n in (1, 2)}
    soma = historico_na_tela(client, apuracao, **cheio)

    apuracao.refresh_from_db()
    assert (grande.status_code, soma.status_code) == (422, 302)
    assert "algarismos a mais" in grande.content.decode()
    assert "o limite do Simples Nacional" in apuracao.impedimento


def test_receitas_whose_sum_is_too_big_are_refused(entrar, bruno, empresas) -> None:
    a = empresas[0]
    valores = {f"v-{a.pk}-1": "999.999.999.999,99", f"v-{a.pk}-4": "0,01"}
    resposta = entrar(bruno).post(reverse("guias:receitas") + "?colunas=1,4", folha_de([a], **valores))
    assert resposta.status_code == 422
    assert "grande demais" in resposta.content.decode()
