"""The forms of what is asked of titles in the ERP: update, cancellation, reversal, payment."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from empresas.models import Carteira, Empresa
from operacoes.models import Operacao, Situacao
from pagar.models import Fornecedor, Movimento, Pagamento, Titulo
from pagar.providers import interface
from pagar.providers.pedidos import guardar, reler
from pagar.services import atos, implantacao, pagamentos, referencias, registro
from tests.cast import criar_empresa
from tests.pagar import fabricas
from tests.pagar.fabricas import erros_da_pagina

HOJE = timezone.localdate()
LINHA: dict[str, Any] = {"plano_contas": "Geral", "conta": "11031601", "unidade_negocio": "1", "fluxo": "10.06.01"}


@pytest.fixture
def titulo(empresa: Empresa, fornecedor: Fornecedor) -> Titulo:
    return fabricas.aberto(empresa, fornecedor, numero="777")


def _url(nome: str, titulo: Titulo) -> str:
    return reverse(f"pagar:titulo_{nome}", args=[titulo.pk])


def _rateio(valor: str) -> dict[str, str]:
    return {"rateio-total": "1"} | {f"rateio-0-{nome}": texto for nome, texto in (LINHA | {"valor": valor}).items()}


# -- update ------------------------------------------------------------------------------------------------------------


def test_an_update_sends_only_what_was_typed_beside_what_is_there(cliente: Client, titulo: Titulo) -> None:
    pagina = cliente.get(_url("atualizar", titulo)).content.decode()
    assert "agora: 20/11/2026" in pagina
    assert "agora: R$ 100,00" in pagina
    dados = {"versao": "1", "data": f"{HOJE:%d/%m/%Y}", "vencimento": "25/12/2026", "saldo": "90,00",
             "motivo": "alteracao", "bloqueado": "False"} | _rateio("10,00")  # fmt: skip
    assert cliente.post(_url("atualizar", titulo), dados)["Location"] == titulo.get_absolute_url()
    pedido = reler(interface.Atualizacao, Operacao.objects.get().pedido["corpo"])
    assert (pedido.vencimento, pedido.saldo, pedido.bloqueado) == (date(2026, 12, 25), Decimal("90.00"), False)
    assert (pedido.multa, pedido.carencia, pedido.portador, pedido.moeda) == (None, None, "", "")
    assert cliente.post(_url("atualizar", titulo), dados).status_code == 302  # a second click
    assert Operacao.objects.count() == 1


def test_the_difference_of_a_new_balance_is_completed(cliente: Client, titulo: Titulo) -> None:
    form = cliente.get(_url("atualizar", titulo)).context["edicao"].digitado
    (linha,) = form.listas["rateio"].forms
    nomes = ("plano_contas", "conta", "unidade_negocio", "fluxo", "valor")
    assert [linha[nome].value() or "" for nome in nomes] == ["GERAL", "21101001", "00", "10.06.01", ""]
    deixada = {linha.add_prefix(nome): linha[nome].value() or "" for nome in nomes} | {"rateio-total": "1"}
    soma = {"versao": "1", "data": f"{HOJE:%d/%m/%Y}", "acao": "calcular"} | deixada
    assert "não muda" in cliente.post(_url("atualizar", titulo), soma).content.decode()
    assert "aumenta R$ 5,00" in cliente.post(_url("atualizar", titulo), soma | {"saldo": "105,00"}).content.decode()
    assert "diminui R$ 5,00" in cliente.post(_url("atualizar", titulo), soma | {"saldo": "95,00"}).content.decode()
    sem_saldo = cliente.post(_url("atualizar", titulo), soma | {"acao": "enviar"})
    assert erros_da_pagina(sem_saldo) == {"": "Nada mudou. Preencha o que deve mudar no ERP."}
    dados = {"versao": "1", "saldo": "90,00", "acao": "completar"} | _rateio("1,00")
    cheia = cliente.post(_url("atualizar", titulo), dados, headers={"HX-Request": "true"}).content.decode()
    assert 'value="10,00"' in cheia
    assert "O rateio fecha" in cheia


@pytest.mark.parametrize(
    ("mudado", "esperado"),
    [
        ({}, {"": "Nada mudou. Preencha o que deve mudar no ERP."}),
        (
            {"saldo": "90,00"} | _rateio("9,99"),
            {
                "motivo": "Falta informar para mudar o saldo.",
                "rateio": "O rateio soma R$ 9,99 e o saldo muda R$ 10,00: faltam R$ 0,01.",
            },
        ),
        (
            {"vencimento": "20/12/2026", "multa": "1,234", "codigo_barras": "12"},
            {
                "multa": "Número com mais de 2 casas decimais. Arredonde.",
                "codigo_barras": "2 números. São 44 (código de barras), 47 (linha do boleto) ou 48 (linha da guia).",
            },
        ),
        (
            {"vencimento": "20/12/2026", "data": "01/10/2026"},
            {"data": "01/10/2026 é anterior à entrada do título no ERP, em 03/11/2026."},
        ),
        (
            {"vencimento": "31/10/2026", "previsao": "30/10/2026"},
            {
                "vencimento": "O vencimento (31/10/2026) é anterior a 01/11/2026. Confira as datas.",
                "previsao": "A previsão de pagamento (30/10/2026) é anterior a 01/11/2026. Confira as datas.",
            },
        ),
        (
            {"emissao": "21/11/2026"},
            {"emissao": "O vencimento (20/11/2026) é anterior a 21/11/2026. Confira as datas."},
        ),
    ],
)
def test_an_update_that_cannot_be_asked_says_why(
    cliente: Client, titulo: Titulo, mudado: dict[str, str], esperado: dict[str, str]
) -> None:
    dados = {"versao": "1", "data": f"{HOJE:%d/%m/%Y}"} | mudado
    resposta = cliente.post(_url("atualizar", titulo), dados)
    assert (resposta.status_code, erros_da_pagina(resposta)) == (422, esperado)
    assert not Operacao.objects.exists()


def test_the_screen_of_an_older_state_changes_nothing(cliente: Client, titulo: Titulo) -> None:
    dados = {"versao": "7", "data": f"{HOJE:%d/%m/%Y}", "vencimento": "25/12/2026"}
    resposta = cliente.post(_url("atualizar", titulo), dados)
    assert erros_da_pagina(resposta)[""].startswith("O título mudou depois que esta tela foi aberta.")
    assert "25/12/2026" in resposta.content.decode()


# -- cancellation and reversal -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nome", "operacao"), [("cancelar", "cancelamento_do_titulo"), ("estornar", "estorno_do_titulo")]
)
def test_a_title_is_cancelled_or_reversed_once(cliente: Client, titulo: Titulo, nome: str, operacao: str) -> None:
    assert "O que vai acontecer:" in cliente.get(_url(nome, titulo)).content.decode()
    dados = {"versao": "1", "data": f"{HOJE:%d/%m/%Y}", "tipo": "total", "historico": "x" * 41}
    assert erros_da_pagina(cliente.post(_url(nome, titulo), dados)) == {"historico": "41 caracteres, e o limite é 40."}
    dados["historico"] = "Pago por engano"
    for _ in range(2):
        assert cliente.post(_url(nome, titulo), dados).status_code == 302
    pedido = reler(interface.Estorno, Operacao.objects.get().pedido["corpo"])
    assert (pedido.operacao, pedido.numero, pedido.historico) == (operacao, "777", "Pago por engano")


def test_a_cancelled_title_takes_no_more_acts(cliente: Client, titulo: Titulo) -> None:
    titulo.situacao = Titulo.Situacao.CANCELADO
    titulo.save()
    for nome in ("atualizar", "cancelar", "estornar"):
        resposta = cliente.post(_url(nome, titulo), {"versao": "1"}, follow=True)
        assert "o ERP não aceita mais nada sobre ele" in resposta.content.decode()
    assert not Operacao.objects.exists()


def test_a_movement_without_our_reference_asks_for_the_erps(cliente: Client, titulo: Titulo) -> None:
    pago = Movimento.objects.create(titulo=titulo, tipo=Movimento.Tipo.PAGO, valor=Decimal(10), data=HOJE)
    url = reverse("pagar:movimento_estornar", args=[titulo.pk, pago.pk])
    dados = {"versao": "1", "data": f"{HOJE:%d/%m/%Y}", "tipo": "total"}
    erros = erros_da_pagina(cliente.post(url, dados))
    assert erros == {"referencia_movimento": "Falta informar qual movimento se estorna."}
    assert cliente.post(url, dados | {"referencia_movimento": "261110Pabc"}).status_code == 302
    pedido = reler(interface.Estorno, Operacao.objects.get().pedido["corpo"])
    assert (pedido.referencia_movimento, pedido.transacao) == ("261110Pabc", 1)
    assert cliente.get(reverse("pagar:movimento_estornar", args=[titulo.pk, 987654])).status_code == 404


# -- payment -----------------------------------------------------------------------------------------------------------

PAGAR = "pagar:pagamento_novo"


def _pagamento(*titulos: Titulo, **mais: str) -> dict[str, Any]:
    dados: dict[str, Any] = {
        "acao": "pagar", "titulos": [titulo.pk for titulo in titulos], "tipo": "bordero",
        "data": f"{HOJE:%d/%m/%Y}", "moeda": "Real", "portador": "341", "bordero": "17",
        "estabelecimento_bordero": "101", "no_estabelecimento_do_titulo": "on",
    }  # fmt: skip
    dados |= {f"t{titulo.pk}-valor": "100,00" for titulo in titulos}
    return dados | {f"t{titulo.pk}-versao": str(titulo.versao) for titulo in titulos} | mais


@pytest.fixture
def outro(empresa: Empresa, fornecedor: Fornecedor) -> Titulo:
    return fabricas.aberto(empresa, fornecedor, numero="778")


def test_a_bordero_is_proposed_and_sent_once(cliente: Client, titulo: Titulo, outro: Titulo) -> None:
    fabricas.pagamento([fabricas.aberto(titulo.empresa, titulo.fornecedor)], bordero=16)
    pagina = cliente.post(reverse(PAGAR), {"ids": [titulo.pk, outro.pk]})
    edicao = pagina.context["edicao"]
    assert edicao.digitado.form["bordero"].value() == "17"
    assert "Pagar 2 títulos · R$ 200,00" in pagina.content.decode()
    assert [linha.digitado.form["valor"].value() for linha in edicao.linhas] == ["100,00", "100,00"]
    dados = _pagamento(titulo, outro, **{f"t{outro.pk}-juros": "1,50", f"t{outro.pk}-valor": "101,50"})
    feito = Pagamento.objects.exclude(bordero=16)
    for _ in range(2):
        resposta = cliente.post(reverse(PAGAR), dados)
        assert resposta.status_code == 302, erros_da_pagina(resposta)
        assert resposta["Location"] == feito.get().get_absolute_url()
    assert (feito.get().total, feito.get().bordero) == (Decimal("201.50"), 17)
    de_novo = cliente.post(reverse(PAGAR), {"ids": [titulo.pk, outro.pk]})  # marked again, a moment later
    assert de_novo["Location"] == feito.get().get_absolute_url()


def test_the_form_of_an_older_state_pays_nothing(cliente: Client, bruno: Usuario, titulo: Titulo) -> None:
    """The answer of a partial payment came at once; then the back button, and another person's form."""
    dados = _pagamento(titulo, **{f"t{titulo.pk}-valor": "40,00"})
    assert f'name="t{titulo.pk}-versao"' in cliente.get(reverse(PAGAR), {"ids": titulo.pk}).content.decode()
    assert cliente.post(reverse(PAGAR), dados).status_code == 302
    feito = Pagamento.objects.get()
    Pagamento.objects.update(situacao=Pagamento.Situacao.PAGO)
    Titulo.objects.filter(pk=titulo.pk).update(em_curso=None, saldo=60)
    assert cliente.post(reverse(PAGAR), dados)["Location"] == feito.get_absolute_url()
    com_outro_valor = dados | {"bordero": "18", f"t{titulo.pk}-valor": "41,00"}
    resposta = cliente.post(reverse(PAGAR), com_outro_valor)
    (dito,) = erros_da_pagina(resposta).values()
    assert dito.startswith("O título DP 777 mudou depois que esta tela foi aberta.")
    pagina = resposta.content.decode()
    assert "41,00" in pagina
    assert cliente.post(reverse(PAGAR), com_outro_valor).status_code == 422
    with pytest.raises(atos.Mudou):
        pagamentos.pagar([titulo], [], interface.LotePagamento(), bruno, versoes={titulo.pk: 1})
    assert Pagamento.objects.count() == 1
    lido = resposta.context["edicao"].linhas[0].versao
    conferido = com_outro_valor | {f"t{titulo.pk}-versao": str(lido)}
    assert cliente.post(reverse(PAGAR), conferido).status_code == 302


def test_everything_wrong_with_a_payment_is_told_at_its_title(cliente: Client, titulo: Titulo, outro: Titulo) -> None:
    dados = _pagamento(
        titulo, outro, **{"data": "", f"t{titulo.pk}-valor": "100,01", f"t{outro.pk}-valor": "1,001", "portador": ""}
    )
    resposta = cliente.post(reverse(PAGAR), dados)
    assert resposta.status_code == 422
    assert erros_da_pagina(resposta) == {
        "data": "Falta informar.",
        "portador": "Falta informar.",
        f"t{titulo.pk}-valor": "O pagamento de R$ 100,01 passa do que se pode pagar, R$ 100,00.",
        f"t{outro.pk}-valor": "Valor com mais de duas casas decimais. Arredonde para centavos, como 1.234,56.",
    }
    assert "100,01" in resposta.content.decode()
    dados = _pagamento(titulo, outro, data="31/10/2026", **{f"t{titulo.pk}-desconto": "100,01"})
    assert erros_da_pagina(cliente.post(reverse(PAGAR), dados)) == {
        "data": "31/10/2026 é anterior à emissão do título DP 777, 01/11/2026. Confira as datas.",
        f"t{titulo.pk}-desconto": "O desconto de R$ 100,01 passa do saldo, R$ 100,00.",
    }
    assert not Pagamento.objects.exists()


def test_the_details_of_a_title_are_loaded_on_demand_and_go_with_it(
    cliente: Client, empresa: Empresa, fornecedor: Fornecedor
) -> None:
    retido = guardar(fabricas.imposto(aliquota=Decimal("1.5"), rendimento=Decimal(90), base=Decimal(90)))
    titulo = fabricas.aberto(empresa, fornecedor, impostos_no_pagamento=[retido])
    calcular, chave = reverse("pagar:pagamento_calcular"), f"t{titulo.pk}"
    dados = _pagamento(titulo, **{f"{chave}-valor": "85,00"})
    detalhes = cliente.post(calcular, dados | {"acao": f"detalhes-{chave}"})
    linha = detalhes.context["linha"]
    assert linha.digitado.listas["impostos"].forms[0]["aliquota"].value() == "1,50"
    assert f'name="{chave}-cambio-total"' in detalhes.content.decode()
    mais = cliente.post(calcular, dados | {"acao": f"incluir-{chave}-cambio", f"{chave}-detalhes": "1"})
    assert len(mais.context["linha"].digitado.listas["cambio"].forms) == 1
    assert "Pagar 1 título · R$ 85,00" in cliente.post(calcular, dados | {"acao": ""}).content.decode()
    assert cliente.post(reverse(PAGAR), dados).status_code == 302
    item = titulo.pagamentos.get()
    assert (item.valor, item.baixa) == (Decimal(85), Decimal(100))  # with the tax, unseen, still in it
    assert reler(interface.TituloPago, item.corpo).impostos[0].classificacao == "1708"


def test_the_header_follows_the_kind_of_payment(cliente: Client, titulo: Titulo) -> None:
    resposta = cliente.post(reverse(PAGAR), _pagamento(titulo) | {"acao": "tipo", "tipo": "lote_de_pagamento"})
    form = resposta.context["edicao"].digitado.form
    assert [form[nome].value() for nome in ("bordero", "estabelecimento_bordero", "estabelecimento_referencia")] == [
        "", "", "101",
    ]  # fmt: skip


def test_what_cannot_be_paid_stays_out_and_says_why(
    cliente: Client, titulo: Titulo, outro: Titulo, outra_carteira: Carteira
) -> None:
    Titulo.objects.filter(pk=outro.pk).update(bloqueado=True)
    pagina = cliente.post(reverse(PAGAR), {"ids": [titulo.pk, outro.pk]}).content.decode()
    assert "O pagamento do título DP 778 está bloqueado." in pagina
    alheia = criar_empresa(2, carteira=outra_carteira)
    alheio = fabricas.aberto(alheia, titulo.fornecedor)
    assert cliente.get(reverse(PAGAR), {"ids": alheio.pk}).status_code == 404
    assert cliente.post(reverse(PAGAR), _pagamento(titulo, alheio)).status_code == 404


# -- what was refused, to be corrected ---------------------------------------------------------------------------------


def _recusada(titulo: Titulo, tipo: str, corpo: Any, **mais: Any) -> Operacao:
    pedido = {"titulo": titulo.pk, "corpo": guardar(corpo)} | mais
    feita = fabricas.operacao(
        titulo.conta, tipo, f"r{titulo.movimentos.count()}", pedido, empresa=titulo.empresa,
        situacao=Situacao.RECUSADA,
    )  # fmt: skip
    registro.ato_recusado(titulo, feita, "O portador não existe.")
    return feita


def test_a_refused_act_opens_as_it_was_typed(cliente: Client, titulo: Titulo, outro: Titulo) -> None:
    ontem = HOJE - timedelta(days=1)
    linha = interface.RateioAlteracao(**LINHA, valor=Decimal(10))
    pedida = interface.Atualizacao(
        data=ontem, saldo=Decimal(90), portador="999", bloqueado=False, rateio=(linha,), historico="Acordo"
    )
    recusada = _recusada(titulo, atos.ATUALIZAR, pedida, barras=False)
    endereco = f"{_url('atualizar', titulo)}?de={recusada.pk}"
    assert (
        f'<a href="{endereco}">Corrigir e pedir de novo</a>' in cliente.get(titulo.get_absolute_url()).content.decode()
    )
    pagina = cliente.get(endereco)
    form = pagina.context["edicao"].digitado
    assert [form.form[nome].value() for nome in ("saldo", "portador", "historico")] == ["90,00", "999", "Acordo"]
    assert form.form["data"].value() == f"{HOJE:%d/%m/%Y}"
    assert [linha["valor"].value() for linha in form.listas["rateio"].forms] == ["10,00"]
    assert '<option value="False" selected>' in pagina.content.decode()
    assert pagina.context["edicao"].cabeca["versao"].value() == Titulo.objects.get(pk=titulo.pk).versao
    for de in (f"{_url('atualizar', outro)}?de={recusada.pk}", f"{_url('cancelar', titulo)}?de={recusada.pk}",
               f"{_url('atualizar', titulo)}?de=x"):  # fmt: skip
        assert b"Acordo" not in cliente.get(de).content


def test_a_refused_reversal_opens_where_it_was_asked(cliente: Client, titulo: Titulo) -> None:
    pago = Movimento.objects.create(
        titulo=titulo, tipo=Movimento.Tipo.PAGO, valor=Decimal(10), data=HOJE, dados={"pago": "8.40"}
    )
    estornar = reverse("pagar:movimento_estornar", args=[titulo.pk, pago.pk])
    casos = [
        (interface.OperacaoEstorno.MOVIMENTO, pago.pk, estornar),
        (interface.OperacaoEstorno.CANCELAMENTO, None, _url("cancelar", titulo)),
    ]
    for operacao, movimento, endereco in casos:
        if movimento is None:
            Movimento.objects.create(titulo=titulo, tipo=Movimento.Tipo.PAGAMENTO_ESTORNADO, estorna=pago)
        corpo = interface.Estorno(operacao=operacao, data=HOJE, historico="Engano", referencia_movimento="261110Pabc")
        feita = _recusada(titulo, atos.ESTORNAR, corpo, movimento=movimento)
        assert f"{endereco}?de={feita.pk}" in cliente.get(titulo.get_absolute_url()).content.decode()
        pagina = cliente.get(endereco, {"de": feita.pk}).content.decode()
        dito = "O pagamento de R$ 8,40 é desfeito no ERP, e voltam a ficar em aberto R$ 10,00."
        assert (dito in pagina) == bool(movimento)
        assert "Engano" in pagina
        assert ("261110Pabc" in pagina) == bool(movimento)


def test_a_refused_payment_opens_as_it_was_and_is_sent_corrected(
    cliente: Client, bruno: Usuario, titulo: Titulo, outro: Titulo, outra_carteira: Carteira
) -> None:
    dados = _pagamento(
        outro, titulo,
        **{"portador": "999", f"t{titulo.pk}-juros": "1,50", f"t{titulo.pk}-valor": "101,50",
           f"t{outro.pk}-detalhes": "1", f"t{outro.pk}-comentario": "Combinado", f"t{outro.pk}-portador": "341",
           f"t{outro.pk}-moeda": "Real", f"t{outro.pk}-cotacao": "1"},
    )  # fmt: skip
    assert cliente.post(reverse(PAGAR), dados).status_code == 302
    recusado = Pagamento.objects.get()
    assert recusado.operacao is not None
    de = {"de": str(recusado.pk)}
    assert cliente.get(reverse(PAGAR), de).status_code == 404  # under way
    registro.pagamento_voltou(recusado, recusado.operacao, "O portador não existe.")
    assert f'href="{reverse(PAGAR)}?de={recusado.pk}"' in cliente.get(recusado.get_absolute_url()).content.decode()

    resposta = cliente.get(reverse(PAGAR), de)
    edicao = resposta.context["edicao"]
    assert "O portador não existe." in resposta.content.decode()
    form = edicao.digitado.form
    assert [form[nome].value() for nome in ("portador", "bordero", "data")] == ["999", "17", f"{HOJE:%d/%m/%Y}"]
    assert [linha.titulo for linha in edicao.linhas] == [titulo, outro]
    linhas = {linha.titulo.pk: linha for linha in edicao.linhas}
    assert [linhas[pk].detalhada for pk in (titulo.pk, outro.pk)] == [False, True]
    assert linhas[titulo.pk].digitado.form["juros"].value() == "1,50"
    assert linhas[outro.pk].digitado.form["comentario"].value() == "Combinado"
    assert (resposta.context["resumo"].valor, resposta.context["resumo"].juros) == (Decimal("201.50"), Decimal("1.50"))

    agora = {f"t{t.pk}-versao": str(linhas[t.pk].versao) for t in (titulo, outro)}
    assert cliente.post(reverse(PAGAR), dados | agora | {"portador": "341"}).status_code == 302
    corrigido = Pagamento.objects.exclude(pk=recusado.pk).get()
    assert (corrigido.portador, corrigido.total) == ("341", Decimal("201.50"))
    assert "Combinado" in str(corrigido.itens.get(titulo=outro).corpo)
    assert cliente.get(reverse(PAGAR), de)["Location"] == corrigido.get_absolute_url()  # opened again, a moment later

    alheio = fabricas.aberto(criar_empresa(2, carteira=outra_carteira), titulo.fornecedor)
    misto = fabricas.pagamento([titulo, alheio], bordero=40, situacao="recusado")
    for pk in (str(misto.pk), "x", "987654"):
        assert cliente.get(reverse(PAGAR), {"de": pk}).status_code == 404


# -- what the totals say -----------------------------------------------------------------------------------------------


def test_the_totals_say_nothing_is_wrong_before_anything_is_typed(
    cliente: Client, empresa: Empresa, titulo: Titulo
) -> None:
    novo = {"empresa": empresa.pk}
    pagina = cliente.get(reverse("pagar:titulo_novo"), novo).content.decode()
    assert pagina.count("Sem valores") == 2
    assert "Há o que acertar" not in pagina
    assert "O rateio fecha" not in pagina
    for valor, rateado in (("-10,005", ""), ("10,00", "1x")):
        dados = novo | {"tipo": "titulo", "valor": valor} | _rateio(rateado)
        soma = cliente.post(reverse("pagar:titulo_calcular"), dados).content.decode()
        assert "Há valor a acertar" in soma
        assert "O rateio fecha" not in soma
    dados = {"versao": "1", "acao": "calcular", "saldo": "-10,005"}
    assert "Há valor a acertar" in cliente.post(_url("atualizar", titulo), dados).content.decode()


def test_who_consults_sees_no_form(client: Client, carla: Usuario, titulo: Titulo) -> None:
    client.force_login(carla)
    enderecos = [reverse(PAGAR), reverse("pagar:titulo_novo"), reverse("pagar:antecipacao_nova")]
    enderecos += [_url(nome, titulo) for nome in ("editar", "atualizar", "cancelar", "estornar")]
    assert {client.get(endereco).status_code for endereco in enderecos} == {403}


def test_the_date_of_an_act_is_not_before_the_titles_own(titulo: Titulo) -> None:
    antes = date(2026, 11, 3) - timedelta(days=1)
    problemas = atos.problemas_do_estorno(titulo, interface.Estorno(data=antes), interface.OperacaoEstorno.CANCELAMENTO)
    assert [problema.campo for problema in problemas] == ["data"]


def test_a_day_without_references_left_is_told_and_nothing_is_lost(
    cliente: Client, titulo: Titulo, outro: Titulo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(referencias, "referencias", lambda *_: iter(()))
    hoje = {"versao": "1", "data": f"{HOJE:%d/%m/%Y}"}
    em_lote = _pagamento(titulo, tipo="lote_de_pagamento", bordero="", estabelecimento_bordero="",
                         estabelecimento_referencia="101", no_estabelecimento_do_titulo="")  # fmt: skip
    for endereco, dados in (
        (_url("atualizar", titulo), hoje | {"vencimento": "25/12/2026"}),
        (_url("cancelar", titulo), hoje | {"tipo": "total"}),
        (_url("estornar", titulo), hoje | {"tipo": "total"}),
        (reverse(PAGAR), em_lote),
    ):
        resposta = cliente.post(endereco, dados)
        assert (resposta.status_code, list(erros_da_pagina(resposta))) == (422, ["data"]), endereco
    rascunho = fabricas.titulo(titulo.empresa, titulo.fornecedor)
    Titulo.objects.filter(pk=outro.pk).update(barras="pendente", codigo_barras=fabricas.BARRAS)
    for acao, pk in (("enviar", rascunho.pk), ("barras", outro.pk)):
        endereco = reverse("pagar:agir", args=[acao])
        marca = implantacao.prevoo(implantacao.com_tudo([pk])).marca
        dita = cliente.post(endereco, {"ids": [pk], "marca": marca}, follow=True).content.decode()
        assert referencias.ACABARAM in dita
    assert not Operacao.objects.exists()
