"""The month on screen: where each company stands, what is approved, one apuração, and who sees what."""

import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.models import Adicional, Auditoria, Usuario
from credentials.models import Servico
from empresas.calendario import somar_meses
from empresas.models import Carteira, Empresa
from guias.models import Apuracao, Receita
from guias.services import aprovacao
from guias.services.acesso import Codigo
from guias.services.calculo import recalcular
from guias.urls import urlpatterns
from operacoes.models import Operacao
from operacoes.motor import NovaOperacao, submeter
from tests.cast import criar_empresa
from tests.guias.apoio import MES, emitir_guia, folha_de, informar, vincular

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adicional_216")]


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


def test_lists_cost_the_same_number_of_queries_whatever_the_rows(
    entrar, ana, bruno, carla, carteira, empresas, credencial, django_assert_max_num_queries
) -> None:
    def contar(limites: dict[tuple[str, str], int]) -> dict[tuple[str, str], int]:
        contagens = {}
        for usuario in (ana, bruno, carla):
            client = entrar(usuario)
            for nome in ("receitas", "apuracao", "lista"):
                with django_assert_max_num_queries(limites.get((usuario.username, nome), 40)) as consultas:
                    assert client.get(reverse(f"guias:{nome}")).status_code == 200
                contagens[usuario.username, nome] = len(consultas)
        return contagens

    for empresa in empresas:
        emitir_guia(empresa, informar(empresa, competencia=MES), f"{empresa.pk:017d}")
    com_poucas = contar({})
    for numero in range(100, 115):
        empresa = criar_empresa(numero, carteira=carteira)
        emitir_guia(empresa, informar(empresa, competencia=MES), f"{empresa.pk:017d}")
    contar(com_poucas)


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

    entrar(bruno).post(reverse("guias:retificar", args=[apuracao.pk]), {"motivo": "nota 12 cancelada depois"})

    apuracao.refresh_from_db()
    assert (apuracao.situacao, apuracao.retificadora, apuracao.revisao) == ("aberta", True, 2)
    assert apuracao.id_declaracao == "1" * 17


POSTS = [
    ("guias:agir", ["simular"]),
    ("guias:agir", ["transmitir"]),
    ("guias:agir", ["das"]),
    ("guias:agir", ["procuracoes"]),
    ("guias:conferir", []),
    ("guias:aprovar", []),
    ("guias:emitir_de_novo", []),
]


@pytest.mark.parametrize(("nome", "args"), POSTS)
def test_consulta_acts_on_nothing(nome, args, entrar, carla, empresas, credencial) -> None:
    informar(empresas[0], competencia=MES)
    assert entrar(carla).post(reverse(nome, args=args), {"ids": [empresas[0].pk]}).status_code == 403


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
    exemplos = {
        "acao": "simular",
        "tipo": "receitas",
        "especie": "avulso",
        "pk": 1,
        "o_que": "das",
        "familia": "parcsn",
        "ano": 2026,
        "mes": "2026-10",
    }
    endereco = reverse(f"guias:{rota.name}", kwargs={nome: exemplos[nome] for nome in rota.pattern.converters})
    respostas = [entrar(ana).get(endereco), entrar(ana).post(endereco)]
    assert [resposta.status_code for resposta in respostas] == [403, 403]
    assert all("216" in resposta.content.decode() for resposta in respostas)


def test_the_month_follows_the_empresa_of_the_top_bar_and_says_so(entrar, bruno, empresas) -> None:
    for empresa in empresas:
        emitir_guia(empresa, informar(empresa, competencia=MES), f"{empresa.pk:017d}")
    client = entrar(bruno)
    client.post(reverse("contexto"), {"empresa": empresas[0].pk})

    paginas = {nome: client.get(reverse(f"guias:{nome}")) for nome in ("receitas", "apuracao", "lista")}

    assert [pagina.context["lista"].total for pagina in paginas.values()] == [1, 1, 1]
    assert paginas["apuracao"].context["totais"].empresas == 1
    assert all(f"Só <b>{empresas[0]}</b>" in pagina.content.decode() for pagina in paginas.values())


def test_what_has_no_values_for_other_reasons_is_told_when_checking(entrar, bruno, empresas) -> None:
    for empresa, meses in zip(empresas, (1, 2, 3), strict=True):
        informar(empresa, competencia=MES, meses=meses)
    resposta = entrar(bruno).post(reverse("guias:conferir"), {"ids": [e.pk for e in empresas]})
    assert [motivo for motivo, _ in resposta.context["grupos"]] == [Codigo.SEM_VALORES.label]


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


def test_an_office_that_simulates_first_is_told_to_and_its_choice_is_audited(entrar, ana, empresas, credencial) -> None:
    informar(empresas[0], competencia=MES)
    vincular(empresas[0], credencial, ana)
    client = entrar(ana)
    antes = client.get(reverse("guias:apuracao")).context
    assert (antes["a_fazer"], antes["linhas"][0].acao) == ("conferir", "Conferir")

    feito = client.post(reverse("admin:guias_escritorio_add"), {"caminho": "simular", "segunda_pessoa": "on"})

    assert feito.status_code == 302
    assert "Simular antes" in Auditoria.objects.get(acao="guias.escritorio").resumo
    depois = client.get(reverse("guias:apuracao")).context
    assert (depois["a_fazer"], depois["linhas"][0].acao) == ("simular", "Simular")
    Apuracao.objects.update(preparada_por=ana)
    conferir = client.post(reverse("guias:conferir"), {"ids": [empresas[0].pk]})
    assert [item.codigo for item in conferir.context["fora"]] == ["segunda_pessoa"]
    assert client.get(reverse("admin:guias_escritorio_add")).status_code == 403


def test_a_late_das_is_told_with_its_fine_before_it_is_drawn(entrar, ana, empresas, credencial) -> None:
    tres_meses_antes = somar_meses(MES, -3)
    apuracao = informar(empresas[0], competencia=tres_meses_antes)
    vincular(empresas[0], credencial, ana)
    pagina = entrar(ana).get(reverse("guias:ver", args=[apuracao.pk])).content.decode()
    assert "sai com multa de R$" in pagina
    assert "juros pela Selic" in pagina
    assert "multa (MAED) de R$" in pagina


@pytest.mark.parametrize(("tela", "regime"), [("guias:apuracao", "simples"), ("guias:mei", "mei")])
def test_the_tabs_count_the_carteira_that_is_chosen(
    client: Client, ana: Usuario, carteira: Carteira, outra_carteira: Carteira, tela: str, regime: str
) -> None:
    for numero in (91, 92, 93):
        criar_empresa(numero, carteira=carteira if numero == 91 else outra_carteira, regime=regime)
    client.force_login(ana)
    todas, de_uma = reverse(tela), f"{reverse(tela)}?carteira={outra_carteira.pk}"
    assert client.get(todas).context["totais"].empresas == 3
    pagina = client.get(f"{de_uma}&q=nada")
    assert pagina.context["totais"].empresas == 2
    assert "Todas <span>2</span>" in pagina.content.decode()
    assert client.get(f"{todas}?carteira=x").context["totais"].empresas == 0
    # A fragment brings them along only when they are others.
    trocada = client.get(de_uma, headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{todas}?q=a"})
    assert '<div id="resumo" hx-swap-oob="true">' in trocada.content.decode()
    assert "Todas <span>2</span>" in trocada.content.decode()
    mesma = client.get(f"{de_uma}&q=a", headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{de_uma}"})
    assert 'id="resumo"' not in mesma.content.decode()


def test_after_an_approval_the_list_has_the_filters_it_had(entrar, bruno, empresas, credencial) -> None:
    a = empresas[0]
    informar(a, competencia=MES)
    client = entrar(bruno)
    lista = reverse("guias:apuracao")
    veio = f"{lista}?carteira={a.carteira_id}&q=inventada&situacao=a_conferir&pagina=1"
    conferir = client.post(reverse("guias:conferir"), {"ids": [a.pk]}, headers={"referer": f"http://testserver{veio}"})
    dados = {"marca": conferir.context["marca"]} | dict(conferir.context["selecao"])

    aprovada = client.post(reverse("guias:aprovar"), dados)
    de_novo = client.post(reverse("guias:aprovar"), dados | {"marca": aprovacao.marca_dos_valores(a.apuracoes.all())})

    estado = parse_qs(urlsplit(aprovada["Location"]).query)
    assert urlsplit(aprovada["Location"]).path == lista
    assert (estado["carteira"], estado["q"], "pagina" in estado) == ([str(a.carteira_id)], ["inventada"], False)
    assert estado["situacao"] != ["a_conferir"]
    assert de_novo["Location"] == veio  # nothing was approved: as it was


def test_what_cannot_be_done_to_the_marked_leaves_the_filters_of_the_list(entrar, bruno, carteira, empresas) -> None:
    client, veio = entrar(bruno), f"{reverse('guias:lista')}?periodo=todos&carteira={carteira.pk}"
    de_la = {"referer": f"http://testserver{veio}"}
    for nome in ("emitir_de_novo", "zip", "entregar"):
        assert client.post(reverse(f"guias:{nome}"), headers=de_la)["Location"] == veio
