"""The screens of the fiscal month: roles, carteiras, numbers, selections and what is said."""

import re
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from arquivo.services import guardar
from comum.formatos import format_dinheiro, hora
from comum.models import Adicional, Auditoria, Usuario
from credentials.models import CertificadoA1, Credencial, Servico, Vinculo
from empresas.calendario import somar_meses
from empresas.contexto import competencia_padrao
from empresas.models import Empresa
from guias.calculo.atividades import ATIVIDADES
from guias.models import Apuracao, Guia, HistoricoMensal, Receita
from guias.services import aprovacao, prevoo, quadro
from guias.services.acesso import Codigo
from guias.services.calculo import recalcular
from guias.services.prevoo import Acao
from guias.urls import urlpatterns
from operacoes.models import Circuito, Operacao, Pausa, Processamento
from operacoes.motor import NovaOperacao, submeter
from operacoes.processamentos.criacao import criar
from tests.cast import cnpj_valido, criar_empresa
from tests.guias.apoio import informar, vincular

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adicional_216")]

MES = competencia_padrao()


@pytest.fixture
def entrar(client: Client):
    def fazer(usuario: Usuario) -> Client:
        client.force_login(usuario)
        return client

    return fazer


def emitir_guia(empresa, apuracao, numero: str, total: str = "100.00", **campos) -> Guia:
    documento = guardar(
        b"%PDF-" + numero.encode(), empresa=empresa, tipo="das", nome=f"DAS-{numero}.pdf", competencia=MES
    )
    operacao = submeter(
        [
            NovaOperacao(
                "guias.das.emitir",
                f"teste:{numero}",
                {"versao": apuracao.versao, "apuracao": apuracao.pk},
                "credencial:1",
                empresa.pk,
                MES,
            )
        ],
        usuario=None,
    ).criadas[0]
    Operacao.objects.filter(pk=operacao.pk).update(situacao="concluida", encerrada_em=timezone.now())
    return Guia.objects.create(
        tipo="das",
        empresa=empresa,
        apuracao=apuracao,
        competencia=MES,
        numero=numero,
        vencimento=timezone.localdate(),
        limite=timezone.localdate() + timedelta(days=2),
        principal=Decimal(total),
        multa=0,
        juros=0,
        total=Decimal(total),
        documento=documento,
        operacao=operacao,
        **campos,
    )


# -- receitas ------------------------------------------------------------------------------------------------


def folha_de(empresas: list[Empresa], **valores: str) -> dict[str, Any]:
    return {"e": [str(e.pk) for e in empresas], **valores}


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


def test_nonsense_in_the_columns_of_the_url_is_ignored(entrar, bruno, empresas) -> None:
    resposta = entrar(bruno).get(reverse("guias:receitas") + "?colunas=99,2,10.123,abc,1&nova=x&tirar=y")
    assert [coluna.chave for coluna in resposta.context["folha"].colunas] == ["1"]


# -- apuração ------------------------------------------------------------------------------------------------


def test_the_list_says_where_each_company_stands(entrar, ana, bruno, carteira, empresas, credencial) -> None:
    a, b, _ = empresas
    sem, negada = criar_empresa(4, carteira=carteira), criar_empresa(5, carteira=carteira)
    for empresa in (a, b, negada):
        vincular(empresa, credencial, ana)
    negada.procuracoes.create(
        credencial=credencial, outorgado=credencial.contratante, consultada_em=timezone.now(), sistemas=[]
    )
    for empresa in (a, sem, negada):
        informar(empresa, competencia=MES)
    informar(b, competencia=MES, meses=3)

    linhas = entrar(bruno).get(reverse("guias:apuracao")).context["linhas"]

    rotulos = ["A conferir", "Não calculada", "Sem receita", "Sem acesso", "Sem procuração"]
    assert [linha.rotulo for linha in linhas] == rotulos
    assert "Falta a receita de" in linhas[1].detalhe
    assert "Não está em nenhuma credencial" in linhas[3].detalhe
    assert "Peça ao cliente o poder" in linhas[4].detalhe


def test_what_the_receita_refused_comes_before_what_is_missing_here(entrar, bruno, empresas) -> None:
    sem_receita, recusada, _ = empresas
    apuracao = informar(recusada, competencia=MES)
    pedido = {"versao": apuracao.versao, "apuracao": apuracao.pk}
    nova = NovaOperacao("guias.pgdasd.transmitir", "recusada", pedido, "credencial:1", recusada.pk, MES)
    operacao = submeter([nova], usuario=bruno).criadas[0]
    Operacao.objects.filter(pk=operacao.pk).update(situacao="recusada", encerrada_em=timezone.now())
    client = entrar(bruno)

    def nomes(**params: str) -> list[str]:
        linhas = client.get(reverse("guias:apuracao"), params).context["linhas"]
        return [linha.rotulo for linha in linhas if linha.empresa in (sem_receita, recusada)]

    assert nomes(situacao="paradas") == ["Recusada", "Sem receita"]
    assert nomes(situacao="paradas", ordem="empresa") == ["Sem receita", "Recusada"]


@pytest.mark.parametrize(("quem", "passo"), [("bruno", "Conferir"), ("carla", "")])
def test_the_next_step_is_offered_to_who_may_take_it(quem, passo, request, entrar, ana, empresas, credencial) -> None:
    """On the row, and as the one button of the bar that stands out."""
    empresa = empresas[0]
    vincular(empresa, credencial, ana)
    informar(empresa, competencia=MES)
    client = entrar(request.getfixturevalue(quem))

    def oferecido() -> tuple[list[str], list[str]]:
        resposta = client.get(reverse("guias:apuracao"))
        da_barra = r'form="acoes"\s+class="btn btn-primary"\s+formaction="[^"]*/([^"/]+)/"'
        return (
            [linha.acao for linha in resposta.context["linhas"] if linha.empresa == empresa],
            re.findall(da_barra, resposta.content.decode()),
        )

    assert oferecido() == ([passo], ["conferir"] if passo else [])
    aprovacao.aprovar([empresa], MES, ana, diferentes=set())
    assert oferecido() == (["Transmitir"] if passo else [""], ["transmitir"] if passo else [])


@pytest.mark.parametrize("quem", ["ana", "bruno", "carla"])
def test_lists_cost_the_same_number_of_queries_whatever_the_rows(
    quem, request, entrar, carteira, empresas, credencial, django_assert_max_num_queries
) -> None:
    client = entrar(request.getfixturevalue(quem))
    for empresa in empresas:
        emitir_guia(empresa, informar(empresa, competencia=MES), f"{empresa.pk:017d}")
    contagens = {}
    for nome in ("receitas", "apuracao", "lista"):
        with django_assert_max_num_queries(40) as antes:
            assert client.get(reverse(f"guias:{nome}")).status_code == 200
        contagens[nome] = len(antes)
    for numero in range(100, 130):
        empresa = criar_empresa(numero, carteira=carteira)
        emitir_guia(empresa, informar(empresa, competencia=MES), f"{empresa.pk:017d}")
    for nome, quantas in contagens.items():
        with django_assert_max_num_queries(quantas):
            client.get(reverse(f"guias:{nome}"))


def test_prevoo_says_what_stays_out_and_why_and_sends_nothing(entrar, ana, carteira, empresas, credencial) -> None:
    a, b, c = empresas
    d = criar_empresa(9, carteira=carteira)
    for empresa in (a, c, d):
        informar(empresa, competencia=MES)
    vincular(a, credencial, ana)
    vincular(b, credencial, ana)
    vincular(c, credencial, ana, Servico.MEI)

    resposta = entrar(ana).post(reverse("guias:agir", args=["simular"]), {"ids": [e.pk for e in (a, b, c, d)]})

    previa = resposta.context["previa"]
    assert [e.pk for e in previa.prontas] == [a.pk]
    assert {item.codigo for item in previa.fora} == {"sem_receita", "servico", "sem_vinculo"}
    assert "Simular 1 apuração · custo R$ 0,40" in resposta.content.decode()
    assert Operacao.objects.count() == 0


def test_prevoo_says_that_the_service_is_held_and_that_what_is_sent_waits(entrar, ana, empresas, credencial) -> None:
    informar(empresas[0], competencia=MES)
    vincular(empresas[0], credencial, ana)
    client, agora = entrar(ana), timezone.now()

    def previa() -> str:
        url = reverse("guias:agir", args=["simular"])
        pagina: str = client.post(url, {"ids": [empresas[0].pk]}).content.decode()
        return pagina[: pagina.index('class="figuras"')]

    assert "Ver em Operações" not in previa()
    circuito = Circuito.objects.create(
        servico="integra_contador", falhas=5, aberto_desde=agora, tentar_em=agora + timedelta(minutes=5)
    )
    assert f"Integra Contador fora do ar desde {hora(agora)}; tenta de novo às" in previa()
    circuito.pausado_desde, circuito.pausado_por, circuito.motivo_da_pausa = agora, ana, "Manutenção"
    circuito.save()
    dito = previa()
    assert f"Integra Contador em pausa desde {hora(agora)} por {ana.nome} (Manutenção)" in dito
    assert "até que um Administrador o retome" in dito
    assert f'href="{reverse("operacoes:lista")}"' in dito[dito.index("em pausa desde") :]


def test_prevoo_says_first_that_a_credencial_is_paused(entrar, ana, empresas, credencial) -> None:
    informar(empresas[0], competencia=MES)
    vincular(empresas[0], credencial, ana)
    Pausa.objects.create(acesso=credencial.acesso, motivo="O certificado venceu.")
    url = reverse("guias:agir", args=["simular"])
    pagina = entrar(ana).post(url, {"ids": [empresas[0].pk]}).content.decode()
    assert "1 empresa fica de fora porque a credencial está em pausa" in pagina[: pagina.index('class="figuras"')]


def test_confirming_creates_the_run_and_a_second_click_finds_it(entrar, ana, empresas, credencial) -> None:
    a = empresas[0]
    informar(a, competencia=MES)
    vincular(a, credencial, ana)
    client = entrar(ana)
    url, ids = reverse("guias:agir", args=["simular"]), {"ids": [a.pk]}
    marca = client.post(url, ids).context["previa"].marca

    primeira = client.post(url, ids | {"marca": marca})
    segunda = client.post(url, ids | {"marca": marca})

    processamento = Processamento.objects.get()
    assert primeira.url == segunda.url == reverse("operacoes:processamento", args=[processamento.pk])
    assert Operacao.objects.count() == 1


def test_what_changed_since_the_prevoo_is_shown_again(entrar, ana, empresas, credencial) -> None:
    a, b, _ = empresas
    for empresa in (a, b):
        informar(empresa, competencia=MES)
        vincular(empresa, credencial, ana)
    client = entrar(ana)
    url, ids = reverse("guias:agir", args=["simular"]), {"ids": [a.pk, b.pk]}
    marca = client.post(url, ids).context["previa"].marca
    Receita.objects.filter(empresa=b).delete()
    acoes_antes = Operacao.objects.count()

    resposta = client.post(url, ids | {"marca": marca})

    assert resposta.status_code == 422
    assert "A situação mudou" in resposta.content.decode()
    assert Operacao.objects.count() == acoes_antes


def test_confirming_sends_the_values_that_were_shown_and_no_others(entrar, ana, empresas, credencial) -> None:
    a = empresas[0]
    informar(a, competencia=MES)
    vincular(a, credencial, ana)
    aprovacao.aprovar([a], MES, ana, diferentes=set())
    client = entrar(ana)
    url, ids = reverse("guias:agir", args=["transmitir"]), {"ids": [a.pk], "emitir_das": "1", "das_mostrado": "1"}
    mostrada = client.post(url, {"ids": [a.pk]}).context["previa"]
    Receita.objects.filter(empresa=a, competencia=MES).update(valor=Decimal("90000.00"))
    recalcular([a], MES, None, receita_mudou=True)
    aprovacao.aprovar([a], MES, ana, diferentes=set())

    resposta = client.post(url, ids | {"marca": mostrada.marca})

    agora = resposta.context["previa"]
    assert (resposta.status_code, Operacao.objects.count()) == (422, 0)
    assert agora.valor > mostrada.valor
    assert f"· valor {format_dinheiro(agora.valor)} · custo" in resposta.content.decode()
    assert client.post(url, ids | {"marca": agora.marca}).status_code == 302


def test_confirming_goes_through_the_credencial_that_was_shown(ana, empresas, credencial) -> None:
    a = empresas[0]
    informar(a, competencia=MES)
    vincular(a, credencial, ana)
    mostrada = prevoo.prevoo(Acao.SIMULAR, [a], MES)
    outra = Credencial.objects.create(
        codigo=2,
        descricao="Outra",
        contratante=credencial.contratante,
        consumer_key=b"x",
        consumer_secret=b"x",
        certificado=credencial.certificado,
    )
    Vinculo.objects.update(credencial=outra)
    with pytest.raises(prevoo.Mudou):
        prevoo.processar(Acao.SIMULAR, [a], MES, ana, marca=mostrada.marca)


def aprovar_na_tela(client: Client, empresa: Empresa, **dados: Any) -> Any:
    marca = client.post(reverse("guias:conferir"), {"ids": [empresa.pk]}).context["marca"]
    return client.post(reverse("guias:aprovar"), {"ids": [empresa.pk], "marca": marca} | dados, follow=True)


def test_values_that_changed_since_they_were_shown_are_not_approved(entrar, bruno, empresas, credencial) -> None:
    a = empresas[0]
    apuracao = informar(a, competencia=MES)
    client = entrar(bruno)
    marca = client.post(reverse("guias:conferir"), {"ids": [a.pk]}).context["marca"]
    Receita.objects.filter(empresa=a, competencia=MES).update(valor=Decimal("60000.00"))
    recalcular([a], MES, None, receita_mudou=True)

    resposta = client.post(reverse("guias:aprovar"), {"ids": [a.pk], "marca": marca})

    apuracao.refresh_from_db()
    assert resposta.status_code == 422
    assert "nada foi aprovado" in resposta.content.decode()
    assert apuracao.situacao == "aberta"


def test_approving_pins_the_values_and_says_who(entrar, bruno, empresas, credencial) -> None:
    a = empresas[0]
    apuracao = informar(a, competencia=MES)

    aprovar_na_tela(entrar(bruno), a)

    apuracao.refresh_from_db()
    assert (apuracao.situacao, apuracao.conferida_por) == ("conferida", bruno)
    assert apuracao.aprovado == apuracao.calculado


def test_a_difference_is_approved_only_when_ticked(entrar, bruno, empresas, credencial) -> None:
    a = empresas[0]
    apuracao = informar(a, competencia=MES)
    apuracao.simulado = apuracao.calculado | {"1001": "0.01"}
    apuracao.total_simulado, apuracao.situacao = Decimal("1.00"), "simulada"
    apuracao.save()
    client = entrar(bruno)

    tela = client.post(reverse("guias:conferir"), {"ids": [a.pk]})
    aprovar_na_tela(client, a)
    apuracao.refresh_from_db()
    antes = apuracao.situacao
    aprovar_na_tela(client, a, diferente=[a.pk])
    apuracao.refresh_from_db()

    assert "Difere" in tela.content.decode()
    assert (antes, apuracao.situacao, apuracao.total_aprovado) == ("simulada", "conferida", Decimal("1.00"))


def test_a_second_person_approves_when_the_office_wants(entrar, bruno, ana, empresas, credencial, settings) -> None:
    settings.APURACAO_SEGUNDA_PESSOA = True
    a = empresas[0]
    apuracao = informar(a, competencia=MES)
    Apuracao.objects.filter(pk=apuracao.pk).update(preparada_por=bruno)
    client = entrar(bruno)

    resposta = aprovar_na_tela(client, a)
    apuracao.refresh_from_db()
    antes = apuracao.situacao
    client.force_login(ana)
    aprovar_na_tela(client, a)
    apuracao.refresh_from_db()

    assert "outra pessoa aprove" in resposta.content.decode()
    assert (antes, apuracao.situacao) == ("aberta", "conferida")


def test_the_page_of_an_apuracao_tells_the_arithmetic(entrar, carla, empresas, credencial) -> None:
    apuracao = informar(empresas[0], competencia=MES)
    texto = entrar(carla).get(reverse("guias:ver", args=[apuracao.pk])).content.decode()
    assert "Memória de cálculo" in texto
    assert "RBT12 do mercado interno" in texto
    assert "Simular 1" not in texto


def test_retificar_opens_a_revision_and_unlocks_the_receitas(entrar, bruno, empresas, credencial) -> None:
    apuracao = informar(empresas[0], competencia=MES)
    Apuracao.objects.filter(pk=apuracao.pk).update(situacao="transmitida", id_declaracao="1" * 17)

    entrar(bruno).post(reverse("guias:retificar", args=[apuracao.pk]))

    apuracao.refresh_from_db()
    assert (apuracao.situacao, apuracao.retificadora, apuracao.revisao) == ("aberta", True, 2)
    assert apuracao.id_declaracao == "1" * 17


# -- who sees what -------------------------------------------------------------------------------------------

POSTS = [
    ("guias:agir", ["simular"]),
    ("guias:agir", ["transmitir"]),
    ("guias:agir", ["das"]),
    ("guias:agir", ["procuracoes"]),
    ("guias:conferir", []),
    ("guias:aprovar", []),
    ("guias:segunda_via", []),
]


@pytest.mark.parametrize(("nome", "args"), POSTS)
def test_consulta_acts_on_nothing(nome, args, entrar, carla, empresas, credencial) -> None:
    informar(empresas[0], competencia=MES)
    assert entrar(carla).post(reverse(nome, args=args), {"ids": [empresas[0].pk]}).status_code == 403


def test_consulta_saves_no_receita(entrar, carla, empresas) -> None:
    a = empresas[0]
    resposta = entrar(carla).post(reverse("guias:receitas") + "?colunas=1", folha_de([a], **{f"v-{a.pk}-1": "5,00"}))
    assert resposta.status_code == 403
    assert Receita.objects.count() == 0


def test_companies_outside_the_carteira_do_not_exist(entrar, davi, ana, empresas, credencial) -> None:
    a = empresas[0]
    apuracao = informar(a, competencia=MES)
    guia = emitir_guia(a, apuracao, "1" * 17)
    vincular(a, credencial, ana)
    client = entrar(davi)

    assert client.get(reverse("guias:ver", args=[apuracao.pk])).status_code == 404
    assert client.post(reverse("guias:extrato", args=[guia.pk])).status_code == 404
    assert client.get(reverse("guias:apuracao")).context["totais"].empresas == 0
    assert client.get(reverse("guias:lista")).context["lista"].total == 0
    previa = client.post(reverse("guias:agir", args=["simular"]), {"ids": [a.pk]}).context["previa"]
    assert (previa.novas, previa.fora) == ([], [])
    client.post(reverse("guias:receitas") + "?colunas=1", folha_de([a], **{f"v-{a.pk}-1": "5,00"}))
    assert Receita.objects.get().valor == Decimal("50000.00")


@pytest.mark.parametrize("rota", urlpatterns, ids=lambda rota: rota.name)
def test_without_the_add_on_every_page_says_what_is_missing(entrar, ana, adicional_216, rota) -> None:
    Adicional.objects.filter(pk=adicional_216.pk).update(ativo=False)
    exemplos = {"acao": "simular", "tipo": "receitas", "pk": 1}
    endereco = reverse(f"guias:{rota.name}", kwargs={nome: exemplos[nome] for nome in rota.pattern.converters})
    respostas = [entrar(ana).get(endereco), entrar(ana).post(endereco)]
    assert [resposta.status_code for resposta in respostas] == [403, 403]
    assert all("216" in resposta.content.decode() for resposta in respostas)


# -- guias ---------------------------------------------------------------------------------------------------


def test_the_list_of_guias_sums_everything_filtered(entrar, carla, empresas) -> None:
    for indice, empresa in enumerate(empresas, 1):
        emitir_guia(empresa, informar(empresa, competencia=MES), f"{indice:017d}", f"{indice}.10")
    apuracao = Apuracao.objects.get(empresa=empresas[0])
    emitir_guia(empresas[0], apuracao, f"{9:017d}", "1.25", via=2)
    resposta = entrar(carla).get(reverse("guias:lista"))
    soma = resposta.context["soma"]
    assert (resposta.context["lista"].total, soma["n"], soma["total"]) == (4, 3, Decimal("6.45"))


def test_the_zip_has_one_folder_for_each_company(entrar, carla, empresas) -> None:
    guias = [
        emitir_guia(empresa, informar(empresa, competencia=MES), f"{indice:017d}")
        for indice, empresa in enumerate(empresas[:2], 1)
    ]
    resposta = entrar(carla).post(reverse("guias:zip"), {"ids": [g.pk for g in guias]})
    pacote = ZipFile(BytesIO(b"".join(resposta.streaming_content)))
    assert sorted(pacote.namelist()) == [
        "0001 Empresa Inventada 0001 Ltda/DAS-00000000000000001.pdf",
        "0002 Empresa Inventada 0002 Ltda/DAS-00000000000000002.pdf",
    ]


def test_a_second_copy_is_another_charge_and_says_so(entrar, bruno, empresas, credencial, ana) -> None:
    a = empresas[0]
    apuracao = informar(a, competencia=MES)
    Apuracao.objects.filter(pk=apuracao.pk).update(
        situacao="transmitida", id_declaracao="1" * 17, total_declarado=Decimal("100.00")
    )
    guia = emitir_guia(a, apuracao, "1" * 17)
    vincular(a, credencial, ana)
    client = entrar(bruno)

    fora = client.post(reverse("guias:agir", args=["das"]), {"ids": [a.pk]}).context["previa"].fora
    resposta = client.post(reverse("guias:segunda_via"), {"ids": [guia.pk]})

    assert [item.codigo for item in fora] == ["das_emitido"]
    assert "Emitir 1 DAS · custo R$ 0,32" in resposta.content.decode()
    assert resposta.context["previa"].novas[0].pedido["via"] == 2


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


def test_a_known_missing_procuracao_keeps_a_company_out(ana, empresas, credencial) -> None:
    a = empresas[0]
    informar(a, competencia=MES)
    vincular(a, credencial, ana)
    a.procuracoes.create(
        credencial=credencial, outorgado=credencial.contratante, sistemas=[], consultada_em=timezone.now()
    )
    previa = prevoo.prevoo(prevoo.Acao.SIMULAR, [a], MES)
    assert [item.codigo for item in previa.fora] == ["procuracao"]


@pytest.mark.parametrize(
    ("sistemas", "serve"),
    [
        (["Caixa Postal"], False),
        (["Todos os serviços do PGDAS-D a partir de 01/2018"], True),
        (["Caixa Postal", "Pgdas-D e Defis"], True),
        (["TODOS"], True),
        (["DCTFWeb TODOS"], False),
    ],
)
def test_a_known_procuracao_without_pgdasd_keeps_a_company_out(sistemas, serve, ana, empresas, credencial) -> None:
    a = empresas[0]
    informar(a, competencia=MES)
    vincular(a, credencial, ana)
    a.procuracoes.create(
        credencial=credencial, outorgado=credencial.contratante, sistemas=sistemas, consultada_em=timezone.now()
    )
    previa = prevoo.prevoo(prevoo.Acao.SIMULAR, [a], MES)
    assert [item.codigo for item in previa.fora] == ([] if serve else ["procuracao"])
    assert serve or "não dá acesso ao PGDAS-D" in previa.fora[0].motivo
    assert quadro.quadro(ana, MES).get(pk=a.pk).estado == ("calculada" if serve else "sem_procuracao")


def test_changing_the_das_option_shows_the_new_cost_before_anything_goes(entrar, ana, empresas, credencial) -> None:
    a = empresas[0]
    informar(a, competencia=MES)
    vincular(a, credencial, ana)
    aprovacao.aprovar([a], MES, ana, diferentes=set())
    client = entrar(ana)
    url, ids = reverse("guias:agir", args=["transmitir"]), {"ids": [a.pk]}
    previa = client.post(url, ids).context["previa"]

    resposta = client.post(url, ids | {"marca": previa.marca, "das_mostrado": "1"})

    assert (previa.das_em_seguida, previa.custo) == (True, Decimal("0.72"))
    assert (
        f"Transmitir 1 declaração · valor {format_dinheiro(previa.valor)} · custo R$ 0,40" in resposta.content.decode()
    )
    assert Operacao.objects.count() == 0


def test_past_months_are_typed_and_complete_the_computation(entrar, bruno, empresas, credencial) -> None:
    apuracao = informar(empresas[0], competencia=MES, meses=11)
    client = entrar(bruno)
    url = reverse("guias:historico", args=[apuracao.pk])
    linhas = client.get(url).context["linhas"]
    falta = next(linha.competencia for linha in linhas[1:] if not linha.textos["interno"])
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


def test_a_paid_question_is_asked_once_for_each_page_that_offered_it(entrar, bruno, ana, empresas, credencial) -> None:
    vincular(empresas[0], credencial, ana)
    apuracao = informar(empresas[0], competencia=MES)
    client, endereco = entrar(bruno), reverse("guias:consultar", args=[apuracao.pk])
    intencao = client.get(reverse("guias:ver", args=[apuracao.pk])).context["intencao"]

    primeira = client.post(endereco, {"intencao": intencao})
    enquanto_aberta = client.post(endereco, {"intencao": "0" * 16})
    Operacao.objects.update(situacao="concluida", encerrada_em=timezone.now())
    voltando = client.post(endereco, {"intencao": intencao})
    outra = client.post(endereco, {"intencao": "1" * 16})
    sem_marca = client.post(endereco)

    assert primeira.url == enquanto_aberta.url == voltando.url != outra.url
    assert sem_marca.url == reverse("guias:ver", args=[apuracao.pk])
    assert Operacao.objects.count() == 2


def test_the_name_of_a_run_of_one_empresa_goes_with_the_carteira(
    entrar, bruno, ana, empresas, credencial, outra_carteira
) -> None:
    vincular(empresas[0], credencial, ana)
    client, apuracao = entrar(bruno), informar(empresas[0], competencia=MES)
    run = client.post(reverse("guias:consultar", args=[apuracao.pk]), {"intencao": "0" * 16}).url
    paginas = (run, reverse("operacoes:processamentos"), reverse("inicio"))
    nome = f"Consultar declarações · {empresas[0]}"
    assert all(nome in client.get(pagina).content.decode() for pagina in paginas)
    Empresa.objects.filter(pk=empresas[0].pk).update(carteira=outra_carteira)
    assert not any(empresas[0].razao_social in client.get(pagina).content.decode() for pagina in paginas)


def test_the_month_follows_the_empresa_of_the_top_bar_and_says_so(entrar, bruno, empresas) -> None:
    for empresa in empresas:
        emitir_guia(empresa, informar(empresa, competencia=MES), f"{empresa.pk:017d}")
    client = entrar(bruno)
    client.post(reverse("contexto"), {"empresa": empresas[0].pk})

    paginas = {nome: client.get(reverse(f"guias:{nome}")) for nome in ("receitas", "apuracao", "lista")}

    assert [pagina.context["lista"].total for pagina in paginas.values()] == [1, 1, 1]
    assert paginas["apuracao"].context["totais"].empresas == 1
    assert all(f"Só <b>{empresas[0]}</b>" in pagina.content.decode() for pagina in paginas.values())


def test_reasons_of_one_kind_in_other_words_are_told_together(entrar, ana, empresas, credencial) -> None:
    a, b, c = empresas
    for empresa, servicos in ((a, [Servico.DAS]), (b, [Servico.PGDASD]), (c, [])):
        informar(empresa, competencia=MES)
        vincular(empresa, credencial, ana, *servicos)
    client = entrar(ana)
    marcadas = {"ids": [e.pk for e in (a, b, c)]}
    client.post(reverse("guias:aprovar"), marcadas | {"marca": aprovacao.marca_dos_valores(Apuracao.objects.all())})

    resposta = client.post(reverse("guias:agir", args=["transmitir"]), marcadas)
    previa = resposta.context["previa"]
    assert [(motivo, len(itens)) for motivo, itens in previa.grupos] == [("Falta um serviço no vínculo.", 2)]

    confirmada = {"marca": previa.marca, "emitir_das": "1", "das_mostrado": "1"}
    run = client.post(reverse("guias:agir", args=["transmitir"]), marcadas | confirmada, follow=True)
    assert [(fora.motivo, fora.varia) for fora in run.context["fora"]] == [("Falta um serviço no vínculo.", True)]


def test_what_has_no_values_for_other_reasons_is_told_when_checking(entrar, bruno, empresas) -> None:
    for empresa, meses in zip(empresas, (1, 2, 3), strict=True):
        informar(empresa, competencia=MES, meses=meses)
    resposta = entrar(bruno).post(reverse("guias:conferir"), {"ids": [e.pk for e in empresas]})
    assert [motivo for motivo, _ in resposta.context["grupos"]] == [Codigo.SEM_VALORES.label]


def test_procuracoes_are_asked_once_a_day_from_whatever_month(ana, empresas, credencial) -> None:
    for empresa in empresas:
        vincular(empresa, credencial, ana)
    previa = prevoo.prevoo(Acao.PROCURACOES, empresas, MES)
    prevoo.processar(Acao.PROCURACOES, empresas, MES, ana, marca=previa.marca)
    outra = prevoo.prevoo(Acao.PROCURACOES, empresas, somar_meses(MES, -1))
    assert (len(outra.novas), {item.codigo for item in outra.fora}) == (0, {Codigo.JA_CONSULTADA})
    Operacao.objects.update(situacao="recusada", encerrada_em=timezone.now())
    de_novo = prevoo.prevoo(Acao.PROCURACOES, empresas, somar_meses(MES, -1))
    assert {nova.revisao for nova in de_novo.novas} == {2}


def test_the_same_confirmed_by_two_at_once_is_one_run(
    ana, bruno, empresas, credencial, monkeypatch: pytest.MonkeyPatch
) -> None:
    for empresa in empresas:
        vincular(empresa, credencial, ana)
    vista = prevoo.prevoo(Acao.PROCURACOES, empresas, MES)
    submeter(vista.novas, usuario=bruno)  # after ana's confirmation looked, before it wrote
    depois = prevoo.prevoo
    visto = iter([vista])
    monkeypatch.setattr(prevoo, "prevoo", lambda *args, **opcoes: next(visto, None) or depois(*args, **opcoes))
    with pytest.raises(prevoo.Mudou) as mudou:
        prevoo.processar(Acao.PROCURACOES, empresas, MES, ana, marca=vista.marca)
    assert {item.codigo for item in mudou.value.prevoo.fora} == {Codigo.JA_CONSULTADA}
    assert not Processamento.objects.exists()


def _outro_autor(vinculo: Vinculo) -> None:
    Vinculo.objects.filter(pk=vinculo.pk).update(autor="contribuinte")


def _autor_contratante(vinculo: Vinculo) -> None:
    Vinculo.objects.filter(pk=vinculo.pk).update(autor="procurador", procurador=vinculo.credencial.contratante)


def _certificado_vencido(vinculo: Vinculo) -> None:
    CertificadoA1.objects.update(valido_ate=timezone.now() - timedelta(days=1))


def _sem_segredo(vinculo: Vinculo) -> None:
    Credencial.objects.update(consumer_secret=b"")


def _pausada(vinculo: Vinculo) -> None:
    Pausa.objects.create(acesso=vinculo.credencial.acesso, motivo="Acesso negado.")


def _inativa(vinculo: Vinculo) -> None:
    Credencial.objects.update(ativa=False)


@pytest.mark.parametrize(
    ("mudar", "estado"),
    [
        (_outro_autor, "sem_acesso"),
        (_autor_contratante, "calculada"),
        (_certificado_vencido, "sem_acesso"),
        (_sem_segredo, "sem_acesso"),
        (_pausada, "sem_acesso"),
        (_inativa, "sem_acesso"),
    ],
)
def test_the_list_and_the_prevoo_agree_about_access(mudar, estado, entrar, ana, empresas, credencial) -> None:
    a = empresas[0]
    informar(a, competencia=MES)
    mudar(vincular(a, credencial, ana))
    (linha,) = entrar(ana).get(reverse("guias:apuracao"), {"q": a.documento}).context["linhas"]
    assert linha.empresa.estado == estado
    fora = prevoo.prevoo(Acao.SIMULAR, [a], MES).fora
    assert [item.motivo for item in fora] == ([linha.detalhe] if estado == "sem_acesso" else [])


def test_the_list_of_those_without_access_says_why_of_each(entrar, ana, empresas, credencial) -> None:
    a, b, _ = empresas
    for empresa in (a, b):
        informar(empresa, competencia=MES)
        vincular(empresa, credencial, ana)
    Apuracao.objects.filter(empresa=a).update(
        situacao="transmitida", id_declaracao="1" * 17, total_declarado=Decimal("100.00")
    )
    Credencial.objects.update(ativa=False)
    client = entrar(ana)
    linhas = client.get(reverse("guias:apuracao"), {"alcance": "sem_acesso"}).context["linhas"]
    assert {linha.empresa.estado for linha in linhas} == {"transmitida", "sem_acesso"}
    assert all("está inativa" in linha.detalhe and linha.acao == "Ver credenciais" for linha in linhas)
    (linha,) = client.get(reverse("guias:apuracao"), {"situacao": "transmitida"}).context["linhas"]
    assert linha.detalhe == "Falta emitir o DAS."


def test_approved_without_access_are_counted_and_shown(entrar, bruno, ana, empresas, credencial) -> None:
    a, b, _ = empresas
    for empresa in (a, b):
        informar(empresa, competencia=MES)
    vincular(a, credencial, ana)
    client = entrar(bruno)
    marca = aprovacao.marca_dos_valores(Apuracao.objects.all())
    resposta = client.post(reverse("guias:aprovar"), {"ids": [a.pk, b.pk], "marca": marca}, follow=True)
    assert resposta.redirect_chain[-1][0].endswith("?situacao=conferida")
    assert "1 não pode ser transmitida ainda: veja o motivo de cada uma em Sem acesso (1)." in resposta.content.decode()

    informar(empresas[2], competencia=MES)
    marca = aprovacao.marca_dos_valores(Apuracao.objects.filter(empresa=empresas[2]))
    resposta = client.post(reverse("guias:aprovar"), {"ids": [empresas[2].pk], "marca": marca}, follow=True)
    assert resposta.redirect_chain[-1][0].endswith("?situacao=sem_acesso")
    assert len(resposta.context["linhas"]) == 2


def test_without_receita_nor_access_is_told_alike_by_the_list_and_the_prevoo(entrar, ana, empresas) -> None:
    client = entrar(ana)
    estados = {e.estado for e in client.get(reverse("guias:apuracao")).context["lista"].pagina}
    previa = client.post(reverse("guias:agir", args=["simular"]), {"ids": [e.pk for e in empresas]}).context["previa"]
    assert estados == {"sem_receita"}
    assert {item.codigo.value for item in previa.fora} == estados


def test_what_cannot_be_transmitted_is_set_apart_before_approving(entrar, ana, empresas, credencial) -> None:
    a, b, _ = empresas
    for empresa in (a, b):
        informar(empresa, competencia=MES)
    vincular(a, credencial, ana, Servico.PGDASD)
    client = entrar(ana)
    tela = client.post(reverse("guias:conferir"), {"ids": [a.pk, b.pk]})
    assert list(tela.context["esperam"]) == [b.pk]
    assert "1 fica aprovada e espera o acesso" in tela.content.decode()


def test_all_that_would_be_approved_can_be_downloaded(entrar, bruno, empresas, credencial, monkeypatch) -> None:
    for empresa in empresas:
        informar(empresa, competencia=MES)
    monkeypatch.setattr("guias.views.acoes.MAXIMO_NA_CONFERENCIA", 1)
    client, marcadas = entrar(bruno), {"ids": [empresa.pk for empresa in empresas]}
    tela = client.post(reverse("guias:conferir"), marcadas)
    assert "Mostrando 1 de 3." in tela.content.decode()
    arquivo = client.post(reverse("guias:conferir"), marcadas | {"formato": "csv"})
    linhas = arquivo.content.decode("utf-8-sig").splitlines()
    assert len(linhas) == 1 + len(empresas)
    assert all(empresa.razao_social in arquivo.content.decode() for empresa in empresas)


def test_back_from_the_prevoo_is_the_list_as_it_was_left(entrar, bruno: Usuario, empresas: list[Empresa]) -> None:
    client = entrar(bruno)
    lista = reverse("guias:apuracao") + "?q=inventada&pagina=2"
    agir, dados = reverse("guias:agir", args=["simular"]), {"todos": "1", "filtro": "q=inventada"}
    pagina = client.post(agir, dados, headers={"referer": f"http://testserver{lista}"})
    assert pagina.context["voltar"] == lista
    # Carried by the form: seen again from its own address, and never to another place.
    assert client.post(agir, dados | {"next": lista}).context["voltar"] == lista
    for fora in ("http://outro.example" + lista, "//outro.example" + lista, reverse("guias:lista") + "?q=x"):
        assert client.post(agir, dados | {"next": fora}).context["voltar"] == reverse("guias:apuracao")


@pytest.mark.parametrize(
    ("tipo", "rotulo"),
    [
        ("guias.pgdasd.simular", "Conferir as apurações"),
        ("guias.pgdasd.transmitir", "Voltar à apuração"),
        ("guias.das.emitir", "Abrir as guias"),
    ],
)
def test_a_run_that_ended_says_where_to_go_on_in_its_month(entrar, ana, tipo: str, rotulo: str) -> None:
    client = entrar(ana)
    run = criar(tipo, "Do mês", ana, MES, [])
    assert f">{rotulo}</a>" in client.get(run.get_absolute_url()).content.decode()
    outro = criar(tipo, "De outro mês", ana, somar_meses(MES, -3), [])
    assert rotulo not in client.get(outro.get_absolute_url()).content.decode()  # the top bar shows another month
