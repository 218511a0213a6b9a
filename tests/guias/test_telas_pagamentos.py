"""The list and the page of a guia, the search for payments, the DAS apart from declarations, as people see them."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comum.formatos import format_dinheiro
from credentials.models import Servico
from empresas.calendario import somar_meses
from empresas.models import Municipio
from guias.models import Apuracao, Consulta, Guia, Novidade
from guias.services import acrescimos, buscas, especiais, prevoo, reemissao
from guias.services.acoes import Acao
from guias.services.dia_de_pagar import dia_proposto
from operacoes import custos
from operacoes.handlers import Repeticao, handler_de
from operacoes.models import Classe, Operacao, Processamento
from operacoes.motor import NovaOperacao, submeter
from tests.cast import criar_empresa
from tests.guias.apoio import MES, emitir_guia, informar, vincular

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adicional_216")]
LISTA = "guias:lista"


@pytest.fixture
def guia(empresas) -> Guia:
    return emitir_guia(empresas[0], informar(empresas[0], competencia=MES), "07202632500000014")


def pagar(guia: Guia, valor: str | None = None, *, inteira: bool = True) -> None:
    guia.paga_em = timezone.localdate() if inteira else None
    guia.valor_pago, guia.fonte = Decimal(valor or guia.total), Guia.Fonte.PAGTOWEB
    guia.save()


def test_tabs_count_and_filter_by_what_each_guia_is_by_now(entrar, carla, empresas) -> None:
    apuracoes = [informar(empresa, competencia=MES) for empresa in empresas]
    paga, vencida, velha = (
        emitir_guia(empresa, apuracao, f"{n:017d}")
        for n, (empresa, apuracao) in enumerate(zip(empresas, apuracoes, strict=True), 1)
    )
    nova = emitir_guia(empresas[2], apuracoes[2], f"{9:017d}", via=2)
    pagar(paga, "90.00")
    Guia.objects.filter(pk=vencida.pk).update(limite=timezone.localdate() - timedelta(days=1))
    client = entrar(carla)

    def na(**filtro: str) -> list[int]:
        return sorted(guia.pk for guia in client.get(reverse(LISTA), filtro).context["lista"].pagina)

    assert na(situacao="emitida") == [nova.pk]
    assert na(situacao="vencida") == [vencida.pk]
    assert na(situacao="paga") == na(pagamento="outro_valor") == [paga.pk]
    assert na(situacao="substituida") == [velha.pk]
    assert na(tipo="darf") == na(situacao="xyz") == []
    abas = {valor: n for valor, _, n in client.get(reverse(LISTA)).context["abas"]}
    assert abas == {"emitida": 1, "vencida": 1, "paga": 1, "substituida": 1}


def test_the_list_costs_the_same_for_many_guias(entrar, carla, empresas) -> None:
    def consultas() -> int:
        with CaptureQueriesContext(
            connection,
        ) as vistas:
            assert client.get(reverse(LISTA)).status_code == 200
        return len(vistas)

    client = entrar(carla)
    emitir_guia(empresas[0], informar(empresas[0], competencia=MES), f"{1:017d}")
    consultas()
    poucas = consultas()
    for n in range(2, 22):
        empresa = criar_empresa(100 + n, carteira=empresas[0].carteira)
        emitir_guia(empresa, informar(empresa, competencia=MES), f"{n:017d}")
    assert consultas() == poucas


def test_the_darf_of_a_fine_has_a_filter_of_its_own(entrar, carla, empresas) -> None:
    tributo, multa = (emitir_guia(e, informar(e, competencia=MES), f"{n:017d}") for n, e in enumerate(empresas[:2], 1))
    Guia.objects.update(tipo=Guia.Tipo.DARF)
    Guia.objects.filter(pk=multa.pk).update(divida="maed:90000001202610001")
    client = entrar(carla)

    def na(tipo: str) -> list[int]:
        return [guia.pk for guia in client.get(reverse(LISTA), {"tipo": tipo}).context["lista"].pagina]

    assert (na("darf"), na("maed")) == ([tributo.pk], [multa.pk])
    assert "DARF da MAED</option>" in client.get(reverse(LISTA)).content.decode()


def test_the_page_of_a_guia_tells_a_payment_in_part_and_offers_what_comes_next(
    entrar, bruno, ana, guia, credencial
) -> None:
    vincular(guia.empresa, credencial, ana, Servico.PAGAMENTOS)
    pagar(guia, "40.00", inteira=False)
    pagina = entrar(bruno).get(reverse("guias:guia", args=[guia.pk])).content.decode()
    assert "R$ 40,00 pagos de R$ 100,00: faltam R$ 60,00" in pagina
    assert "Buscar o pagamento · custo R$ 0,24" in pagina
    assert "Buscar o comprovante · custo R$ 0,32" in pagina


def test_a_question_about_a_guia_sent_twice_is_asked_once(entrar, bruno, ana, guia, credencial) -> None:
    vincular(guia.empresa, credencial, ana, Servico.PAGAMENTOS)
    client = entrar(bruno)
    for _ in range(2):
        client.post(reverse("guias:pagamento", args=[guia.pk]), {"intencao": "0" * 16})
    (operacao,) = Operacao.objects.filter(tipo=buscas.TIPO_BUSCAR)
    assert operacao.pedido["numeros"] == [guia.numero]


def test_the_proof_is_only_asked_of_what_was_paid(entrar, bruno, guia) -> None:
    resposta = entrar(bruno).post(reverse("guias:comprovante", args=[guia.pk]), {"intencao": "0" * 16}, follow=True)
    assert "Busque o pagamento antes" in resposta.content.decode()
    assert not Processamento.objects.exists()


# -- searching ---------------------------------------------------------------------------------------------------------


def form(**campos: str) -> dict[str, str]:
    hoje = timezone.localdate()
    return {
        "desde": f"{hoje - timedelta(days=20):%d/%m/%Y}",
        "ate": f"{hoje:%d/%m/%Y}",
        "quais": "todas",
        "acao": "pagamentos",
        **campos,
    }


def test_the_search_says_its_cost_and_that_each_page_is_a_call(entrar, bruno, ana, guia, credencial) -> None:
    vincular(guia.empresa, credencial, ana, Servico.PAGAMENTOS)
    client = entrar(bruno)
    previa = client.post(reverse("guias:pagamentos"), form())
    assert "Buscar pagamentos de 1 empresa · custo R$ 0,24" in previa.content.decode()
    assert "Cada 100 pagamentos" in previa.content.decode()
    feito = client.post(reverse("guias:pagamentos"), {**form(), "marca": previa.context["previa"].marca}, follow=True)
    assert feito.redirect_chain
    (operacao,) = Operacao.objects.filter(tipo=buscas.TIPO_BUSCAR)
    assert operacao.pedido["ate"] == timezone.localdate().isoformat()
    # While it is under way nobody asks again.
    outra = client.post(reverse("guias:pagamentos"), form())
    assert [f.codigo for f in outra.context["previa"].fora] == ["andamento"]


@pytest.mark.parametrize(
    ("campos", "dito"),
    [
        ({"desde": "31/02/2026"}, "desde"),
        ({"desde": ""}, "Informe o dia"),
        ({"desde": "20/11/2026", "ate": "01/11/2026"}, "depois do último"),
        ({"desde": "01/01/2001"}, "cinco anos"),
        ({"quais": "x"}, "Escolha uma das opções"),
    ],
)
def test_a_wrong_interval_is_told_at_its_field(entrar, bruno, guia, campos, dito) -> None:
    resposta = entrar(bruno).post(reverse("guias:pagamentos"), form(**campos))
    assert resposta.status_code == 422
    erros = resposta.context["form"].errors
    assert dito in erros or any(dito in texto for textos in erros.values() for texto in textos)


HOJE = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("novidade", "ultima", "pede"),
    [
        (None, None, False),
        ({"dia": None}, None, False),
        ({"dia": date(2026, 11, 20)}, None, True),
        ({"dia": date(2026, 11, 20)}, date(2026, 11, 20), True),
        ({"dia": date(2026, 11, 20)}, date(2026, 11, 21), False),
        ({"dia": date(2026, 11, 20), "sem_procuracao": True}, None, False),
        ({"dia": date(2026, 11, 20), "perguntada": -1}, None, False),
    ],
)
def test_only_news_since_the_last_look_asks_for_a_paid_call(novidade, ultima, pede) -> None:
    lida = None
    if novidade is not None:
        quando = timezone.make_aware(datetime(2026, 11, 22 + novidade.pop("perguntada", 0), 9))
        lida = Novidade(evento="E0701", perguntada_em=quando, **novidade)
    vistas = {date(2026, 10, 1): ultima} if ultima else {}
    motivo = buscas.Situacao(lida, vistas).motivo(date(2026, 10, 1), HOJE)
    assert (not motivo) is pede


def test_what_the_news_do_not_tell_yet_is_said_with_what_a_whole_search_costs(
    entrar, bruno, ana, guia, credencial
) -> None:
    assert "Nenhuma delas tem acesso" in entrar(bruno).get(reverse("guias:pagamentos")).content.decode()
    vincular(guia.empresa, credencial, ana, *Servico)
    agora = timezone.now().replace(hour=15, minute=20)
    Novidade.objects.create(empresa=guia.empresa, evento="E0701", perguntada_em=agora, dia=None)
    preco = format_dinheiro(custos.previsto(Classe.CONSULTA, 1, credencial.acesso))
    cliente = entrar(bruno)

    tela = cliente.get(reverse("guias:pagamentos")).content.decode()
    previa = cliente.post(reverse("guias:pagamentos"), form(quais=buscas.COM_NOVIDADE)).context["previa"]

    assert f"Ela pergunta de 1 empresa e custa {preco}." in tela
    (fora,) = previa.fora
    ate = timezone.localtime(agora)
    assert "As novidades não trazem pagamento nos últimos 60 dias. Foram perguntadas em" in fora.motivo
    assert f"o que foi pago depois das {ate - timedelta(minutes=15):%H:%M} ainda não aparece" in fora.motivo
    assert f"“Todas as marcadas”: cada uma é uma consulta ({preco})." in fora.motivo


def test_older_than_the_60_days_of_the_news_is_asked_of_who_was_never_looked_at() -> None:
    agora = timezone.make_aware(datetime(2026, 11, 22, 9))
    calada = Novidade(evento="E0701", perguntada_em=agora, dia=None)
    assert not buscas.Situacao(calada).motivo(date(2026, 1, 1), HOJE)
    assert buscas.Situacao(calada, {date(2026, 1, 1): HOJE}).motivo(date(2026, 1, 1), HOJE)


@pytest.mark.parametrize(
    ("desde", "ate", "vista", "cobre"),
    [
        (date(2026, 10, 1), HOJE, HOJE, True),
        (date(2026, 9, 1), HOJE, HOJE, True),
        (date(2026, 11, 10), HOJE, HOJE, False),  # begins after what is asked for now
        (date(2026, 1, 1), date(2026, 1, 31), HOJE, False),  # says nothing of what was paid since January
        (date(2026, 1, 1), date(2026, 9, 22), date(2026, 9, 22), False),  # 61 days ago: the news do not go back so far
        (date(2026, 1, 1), date(2026, 9, 23), date(2026, 9, 23), True),
    ],
)
@time_machine.travel("2026-11-22T12:00:00-03:00", tick=False)
def test_only_a_search_up_to_its_own_day_says_what_was_paid_since(empresas, desde, ate, vista, cobre) -> None:
    pedida = {"desde": desde.isoformat(), "ate": ate.isoformat()}
    (operacao,) = submeter(
        [NovaOperacao(buscas.TIPO_BUSCAR, "teste:busca", pedida, "credencial:1", empresas[0].pk, MES)], usuario=None
    ).criadas
    Consulta.objects.create(
        empresa=empresas[0],
        servico="PAGTOWEB/PAGAMENTOS71",
        parametros=pedida,
        operacao=operacao,
        consultada_em=timezone.make_aware(datetime.combine(vista, time(9))),
    )
    situacao = buscas.situacoes([empresas[0].pk])[empresas[0].pk]
    assert situacao.ultima(date(2026, 10, 1)) == (vista if cobre else None)


# -- again, with fine and interest -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pagamento", "multa", "juros"),
    [
        (date(2026, 11, 20), "0.00", "0.00"),
        (date(2026, 11, 30), "33.00", "0.00"),
        (date(2026, 12, 10), "66.00", "10.00"),
        (date(2027, 1, 20), "200.00", None),
    ],
)
def test_fine_by_day_and_interest_by_month(pagamento, multa, juros) -> None:
    lido = acrescimos.estimar(Decimal("1000.00"), date(2026, 11, 20), pagamento, {})
    assert (lido.multa, lido.juros) == (Decimal(multa), juros and Decimal(juros))


def test_interest_of_months_between_comes_from_the_selic() -> None:
    selic = {date(2026, 12, 1): Decimal("1.07")}
    lido = acrescimos.estimar(Decimal("1000.00"), date(2026, 11, 20), date(2027, 1, 20), selic)
    assert lido.juros == Decimal("20.70")


def test_a_paid_guia_and_one_of_another_kind_stay_out_of_the_re_emission(guia, empresas) -> None:
    pagar(guia)
    outra = emitir_guia(empresas[1], informar(empresas[1], competencia=MES), f"{2:017d}")
    outra.tipo = Guia.Tipo.DAS_AVULSO
    outra.save()
    terceira = emitir_guia(empresas[2], informar(empresas[2], competencia=MES), f"{3:017d}")
    so_a_soma = reemissao.prever(Guia.objects.order_by("pk"), timezone.localdate())[2]
    assert (so_a_soma.motivo, so_a_soma.total) == ("", None)  # known by its line alone: fine on fine is no estimate
    Guia.objects.filter(pk=terceira.pk).update(limite=terceira.vencimento)
    paga, avulsa, vai = reemissao.prever(Guia.objects.order_by("pk"), timezone.localdate())
    assert "Paga em" in paga.motivo
    assert "página da guia" in avulsa.motivo
    assert (vai.motivo, vai.total) == ("", terceira.total)


@pytest.mark.parametrize(
    ("hoje", "dia"),
    [
        (date(2026, 11, 23), date(2026, 11, 23)),
        (date(2026, 11, 21), date(2026, 11, 23)),  # a Saturday
        (date(2026, 12, 24), date(2026, 12, 24)),
        (date(2026, 10, 31), date(2026, 10, 31)),  # the bank day after it is of another month
    ],
)
def test_the_day_proposed_is_one_on_which_banks_open(db, hoje, dia) -> None:
    assert dia_proposto(hoje) == dia


def test_a_copy_that_another_took_the_place_of_is_named(guia) -> None:
    emitir_guia(guia.empresa, guia.apuracao, f"{2:017d}", via=2)
    ditas = [p.motivo for p in reemissao.prever(Guia.objects.order_by("pk"), timezone.localdate())]
    assert ditas == ["Há uma via mais nova desta guia.", ""]


def test_a_das_whose_first_copy_was_paid_is_not_drawn_again(entrar, bruno, ana, guia, credencial) -> None:
    Apuracao.objects.update(situacao="transmitida", id_declaracao="1" * 17, total_declarado=Decimal("100.00"))
    vincular(guia.empresa, credencial, ana)
    emitir_guia(guia.empresa, guia.apuracao, f"{2:017d}", via=2)
    pagar(guia)
    ditas = [p.motivo for p in reemissao.prever(Guia.objects.order_by("pk"), timezone.localdate())]
    assert (ditas[0].startswith("Paga em"), ditas[1:]) == (True, ["Outra via desta guia já foi paga."])
    previa = prevoo.prevoo(Acao.EMITIR_DAS, [guia.empresa], MES, via_nova=True)
    assert (previa.novas, [fora.codigo for fora in previa.fora]) == ([], ["paga"])
    assert entrar(bruno).get(reverse("guias:pagamentos")).context["linhas"] == []
    assert list(Guia.objects.por_pagar()) == []
    assert Guia.objects.de_divida_paga().count() == 2


def test_the_day_of_payment_goes_to_the_receita(entrar, bruno, ana, guia, credencial) -> None:
    Apuracao.objects.update(situacao="transmitida", id_declaracao="1" * 17, total_declarado=Decimal("100.00"))
    vincular(guia.empresa, credencial, ana)
    dia = timezone.localdate() + timedelta(days=40)
    dados = {"ids": [guia.pk], "pagamento": f"{dia:%d/%m/%Y}"}
    previa = entrar(bruno).post(reverse("guias:emitir_de_novo"), dados).context["previa"]
    assert previa.novas[0].pedido["consolidacao"] == dia.isoformat()
    passado = entrar(bruno).post(reverse("guias:emitir_de_novo"), {"ids": [guia.pk], "pagamento": "01/01/2026"})
    assert passado.status_code == 422
    assert "já passou" in passado.content.decode()


# -- DAS apart from declarations ---------------------------------------------------------------------------------------


def novo(especie: str) -> str:
    return reverse("guias:das_novo", args=[especie])


def test_each_quota_of_an_extension_is_a_debt_of_its_own(entrar, bruno, ana, empresas, credencial) -> None:
    vincular(empresas[0], credencial, ana)
    client, pk = entrar(bruno), empresas[0].pk
    for quota in ("1", "2"):
        dados = {"empresa": pk, "periodo": "03/2021", "valor_1001": "30,50", "prorrogacao": quota}
        previa = client.post(novo("avulso"), dados).context["previa"]
        client.post(novo("avulso"), {**dados, "marca": previa.marca})
    pedidos = Operacao.objects.filter(tipo=especiais.TIPO_AVULSO).order_by("pk").values_list("pedido", flat=True)
    assert [(p["prorrogacao"], p["divida"]) for p in pedidos] == [
        (quota, f"avulso:{pk}:202103:1001:prorrogado{quota}") for quota in (1, 2)
    ]


def test_an_avulso_goes_from_the_form_to_its_operacao(entrar, bruno, ana, empresas, credencial) -> None:
    vincular(empresas[0], credencial, ana)
    client = entrar(bruno)
    dados = {"empresa": empresas[0].pk, "periodo": "09/2026", "valor_1001": "30,50", "valor_1006": "20"}
    previa = client.post(novo("avulso"), dados).context["previa"]
    assert len(previa.novas) == 1
    assert previa.novas[0].pedido["tributos"] == "1001=30.50;1006=20.00"
    carregados = {**dados, "marca": previa.marca}
    client.post(novo("avulso"), carregados)
    client.post(novo("avulso"), carregados)
    (operacao,) = Operacao.objects.filter(tipo=especiais.TIPO_AVULSO)
    assert operacao.pedido["divida"] == f"avulso:{empresas[0].pk}:202609:1001+1006"


@pytest.mark.parametrize("vencido", [False, True])
def test_an_avulso_without_a_day_is_for_the_one_proposed_once_overdue(
    entrar, bruno, ana, empresas, credencial, vencido
) -> None:
    vincular(empresas[0], credencial, ana)
    hoje = timezone.localdate()
    periodo = somar_meses(hoje.replace(day=1), -2 if vencido else 0)
    dados = {"empresa": empresas[0].pk, "periodo": f"{periodo:%m/%Y}", "valor_1001": "30,50"}
    (nova,) = entrar(bruno).post(novo("avulso"), dados).context["previa"].novas
    assert nova.pedido["consolidacao"] == (dia_proposto(hoje).isoformat() if vencido else None)


def test_an_avulso_tried_again_on_another_day_is_for_that_day(ana, empresas, credencial) -> None:
    vincular(empresas[0], credencial, ana)
    (ha_dias,) = submeter(
        [
            NovaOperacao(
                especiais.TIPO_AVULSO,
                "teste:avulso",
                {"competencia": "2026-08-01", "consolidacao": "2026-10-01"},
                "credencial:1",
                empresas[0].pk,
                date(2026, 8, 1),
            )
        ],
        usuario=None,
    ).criadas
    repeticao = handler_de(especiais.TIPO_AVULSO).repetir([ha_dias], ana)[ha_dias.pk]
    assert isinstance(repeticao, Repeticao)
    assert repeticao.pedido["consolidacao"] == dia_proposto(timezone.localdate()).isoformat()


@pytest.mark.parametrize(
    ("especie", "campos", "campo"),
    [
        ("avulso", {"valor_1001": "abc"}, "valor_1001"),
        ("avulso", {"valor_1001": "-5"}, "valor_1001"),
        ("avulso", {"valor_1001": "5,00"}, "valor_1001"),
        ("avulso", {}, "valor_1001"),
        ("avulso", {"valor_1001": "50", "periodo": "13/2026"}, "periodo"),
        ("avulso", {"valor_1001": "50", "periodo": "01/2099"}, "periodo"),
        ("avulso", {"valor_1001": "50", "pagamento": "01/01/2020"}, "pagamento"),
        ("avulso", {"valor_1001": "50", "empresa": "999999"}, "empresa"),
        ("avulso", {"valor_1001": "50", "prorrogacao": "9"}, "prorrogacao"),
        ("avulso", {"valor_1001": "50", "periodo": "06/2021", "prorrogacao": "1"}, "prorrogacao"),
        ("avulso", {"valor_1001": "50", "periodo": "03/2020", "prorrogacao": "2"}, "prorrogacao"),
        ("avulso", {"valor_1001": "50", "periodo": "03/2020", "prorrogacao": "4"}, "valor_1001"),
        ("cobranca", {"periodo": ""}, "periodo"),
        ("processo", {"processo": "123"}, "processo"),
    ],
)
def test_a_form_typed_wrong_says_where_and_keeps_what_was_typed(
    entrar, bruno, empresas, especie, campos, campo
) -> None:
    dados = {"empresa": str(empresas[0].pk), "periodo": "09/2026", **campos}
    resposta = entrar(bruno).post(novo(especie), dados)
    assert resposta.status_code == 422
    assert list(resposta.context["form"].errors) == [campo]
    for valor in filter(None, (v for n, v in campos.items() if n not in ("empresa", "prorrogacao"))):
        assert f'value="{valor}"' in resposta.content.decode()


def test_iss_needs_a_municipio_with_its_tom(entrar, bruno, empresas) -> None:
    empresas[0].municipio = None
    empresas[0].save()
    dados = {"empresa": str(empresas[0].pk), "periodo": "09/2026", "valor_1010": "50,00"}
    assert list(entrar(bruno).post(novo("avulso"), dados).context["form"].errors) == ["municipio"]
    olinda = Municipio.objects.exclude(codigo_tom="").first()
    assert olinda is not None
    form = entrar(bruno).post(novo("avulso"), {**dados, "municipio": olinda.pk}).context
    assert "form" not in form or not form["form"].errors


def test_another_carteiras_empresa_has_no_das(entrar, davi, empresas) -> None:
    dados = {"empresa": str(empresas[0].pk), "processo": "1" * 17}
    assert list(entrar(davi).post(novo("processo"), dados).context["form"].errors) == ["empresa"]
