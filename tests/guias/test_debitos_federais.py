"""What tells one federal debt from another, receipts and due days of DCTFWeb, and the layout of MIT on its sheet."""

from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comum.models import Usuario
from credentials.models import Servico
from empresas.calendario import somar_meses
from empresas.models import Empresa, Regime
from guias.handlers.base import Sessao, SessaoEmEspera
from guias.handlers.mit import EncerrarMit
from guias.importacao.darf import ImportadorDeDarfs
from guias.importacao.mit import ImportadorDoMit
from guias.models import ApuracaoMit, Darf, Guia
from guias.providers.mit import Apuracao as Listada
from guias.providers.mit import Situacao as NaReceita
from guias.services import dctfweb, debitos_mit, mit, prevoo
from operacoes.errors import ProviderRefused
from operacoes.handlers import Aconteceu, NaoAconteceu
from operacoes.models import Operacao, Situacao, Tentativa
from operacoes.motor import NovaOperacao, submeter
from tests.cast import criar_empresa
from tests.guias.apoio import MES, vincular
from tests.guias.test_integra_contador import PARTES
from tests.guias.test_telas_federais import HOJE, digitado, do_mes, empresa, importar, mes, receita, receitas

__all__ = ["empresa", "receitas"]  # fixtures
pytestmark = pytest.mark.django_db

# -- what tells one debt from another ----------------------------------------------------------------------------------


def emitido(empresa: Empresa, usuario: Usuario, darf: Darf, numero: str = "07162632600000017", **campos: Any) -> Guia:
    """As if it had been drawn."""
    darf.operacao = nova_operacao(empresa, usuario, "guias.darf.emitir", f"darf.emitir:{darf.pk}", darf=darf.pk)
    darf.save()
    valores = {"principal": darf.valor, "multa": Decimal(0), "juros": Decimal(0), "total": darf.valor}
    return Guia.objects.create(
        tipo=Guia.Tipo.DARF,
        empresa=empresa,
        divida=darf.divida,
        competencia=darf.competencia,
        numero=numero,
        vencimento=HOJE,
        limite=HOJE,
        operacao=darf.operacao,
        **valores | campos,
    )


def nova_operacao(empresa: Empresa, usuario: Usuario, tipo: str, chave: str, **pedido: Any) -> Operacao:
    nova = NovaOperacao(
        tipo=tipo, chave=chave, pedido=pedido, empresa_id=empresa.pk, acesso="credencial:1", competencia=MES
    )
    (operacao,) = submeter([nova], usuario=usuario).criadas
    Operacao.objects.filter(pk=operacao.pk).update(situacao=Situacao.CONCLUIDA, encerrada_em=timezone.now())
    operacao.refresh_from_db()
    return operacao


def test_a_debt_equal_to_one_already_drawn_is_asked_about_and_stands_beside_it(
    empresa: Empresa, ana: Usuario, entrar: Any
) -> None:
    cliente = entrar(ana)
    cliente.post(reverse("guias:darf_novo"), digitado(empresa))
    guia = emitido(empresa, ana, Darf.objects.get())
    perguntado = cliente.post(reverse("guias:darf_novo"), digitado(empresa, valor="90,00"))
    assert perguntado.status_code == 422
    pagina = perguntado.content.decode()
    assert "outra via do mesmo débito" in pagina
    assert guia.numero in pagina
    assert Darf.objects.count() == 1
    assert (
        cliente.post(reverse("guias:darf_novo"), digitado(empresa, valor="90,00", complemento="1")).status_code == 302
    )
    outro = Darf.objects.get(complemento=1)
    assert outro.divida == f"{guia.divida}:1"
    assert cliente.post(reverse("guias:darf_novo"), digitado(empresa, complemento="0")).status_code == 302
    assert Darf.objects.filter(divida=guia.divida).count() == 2


def test_a_file_says_of_which_debt_an_equal_line_is(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    entrar(ana).post(reverse("guias:darf_novo"), digitado(empresa, periodo="10/2026"))
    emitido(empresa, ana, Darf.objects.get(), paga_em=HOJE, valor_pago=Decimal("650.00"))
    cabeca = "cnpj;receita;período;valor;complemento"
    sem = importar(ImportadorDeDarfs, ana, f"{cabeca}\n{empresa.documento};8109-02;10/2026;90,00;")[1]
    assert "complemento" in sem.recusas[0].motivo
    importador, com = importar(ImportadorDeDarfs, ana, f"{cabeca}\n{empresa.documento};8109-02;10/2026;90,00;1")
    assert (com.novas, com.recusas) == (1, [])
    importador.gravar()
    assert Darf.objects.filter(complemento=1, operacao=None).exists()


def test_amounts_equal_to_the_period_before_are_told_before_they_go(
    empresa: Empresa, ana: Usuario, entrar: Any
) -> None:
    cliente = entrar(ana)
    antes = somar_meses(MES, -1)
    cliente.post(reverse("guias:darf_novo"), digitado(empresa, periodo=f"{antes:%m%Y}"))
    emitido(empresa, ana, Darf.objects.get())
    cliente.post(reverse("guias:darf_novo"), digitado(empresa))
    do_darf = cliente.get(reverse("guias:darf_emitir"), {"ids": Darf.objects.get(operacao=None).pk})
    assert "igual" in {aviso.codigo for aviso in do_darf.context["previa"].avisos}
    assert "o valor do período anterior" in do_darf.content.decode()
    cliente.post(mes(empresa), do_mes())
    atual = ApuracaoMit.objects.get()
    ApuracaoMit.objects.create(empresa=empresa, competencia=antes, debitos=atual.debitos, total=atual.total)
    do_mit = cliente.post(reverse("guias:mit_agir", args=["mit_encerrar"]), {"ids": empresa.pk})
    assert "os mesmos débitos de" in do_mit.content.decode()


def test_a_receita_that_takes_no_amount_is_typed_without_one(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    receita("7001", codigo="01", veda_valor=True, obrigatorios=["dataPA", "valorMulta"], manual=True)
    cliente = entrar(ana)
    da_receita = {"receita": "7001-01", "extensao": "01", "multa": "500,00"}
    tela = cliente.get(reverse("guias:darf_campos"), digitado(empresa, **da_receita)).content.decode()
    assert 'name="valor"' not in tela
    assert cliente.post(reverse("guias:darf_novo"), digitado(empresa, **da_receita)).status_code == 302
    darf = Darf.objects.get()
    assert (darf.valor, darf.multa) == (Decimal(0), Decimal("500.00"))
    linha = f"cnpj;receita;período;valor;multa;vencimento\n{empresa.documento};7001-01;09/2026;10,00;50,00;30/12/2026"
    assert "não aceita valor do principal" in importar(ImportadorDeDarfs, ana, linha)[1].recusas[0].motivo


# -- DCTFWeb -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dia", ["9" * 5000, "32", "³", "0", "31"])
def test_a_day_that_the_month_does_not_have_is_not_found(empresa: Empresa, ana: Usuario, entrar: Any, dia: str) -> None:
    cliente = entrar(ana)
    corpo = {"empresa": empresa.pk, "categoria": "45", "dia": dia, "mes": "09/2026"}
    assert cliente.post(reverse("guias:dctfweb_agir", args=["dctfweb_xml"]), corpo).status_code == 404


def test_a_receipt_number_goes_with_the_question_and_with_the_guia_of_one_company(
    empresa: Empresa, ana: Usuario, entrar: Any, carteira: Any
) -> None:
    cliente, outra = entrar(ana), criar_empresa(2, carteira=carteira, regime=Regime.REAL)
    base = {"ids": [empresa.pk], "categoria": "40"}
    papel = reverse("guias:dctfweb_agir", args=["dctfweb_recibo"])
    previa = cliente.post(papel, base | {"recibo": "1234.5678"}).context["previa"]
    assert previa.novas[0].pedido["recibo"] == "12345678"
    for errado in (base | {"recibo": "abc"}, {"ids": [empresa.pk, outra.pk], "categoria": "40", "recibo": "1"}):
        recusado = cliente.post(papel, errado, follow=True).content.decode()
        assert "recibo" in recusado
        assert not Operacao.objects.exists()
    guia = reverse("guias:dctfweb_guia")
    assert cliente.post(guia, base | {"de": "dctfweb_guia_andamento", "recibo": "1"}).status_code == 422
    assert cliente.post(guia, base | {"de": "dctfweb_guia", "recibo": "1a"}).status_code == 422
    (nova,) = cliente.post(guia, base | {"de": "dctfweb_guia", "recibo": "123"}).context["previa"].novas
    assert (nova.pedido["recibo"], nova.chave[-5:]) == ("123", ":n123")


VENCIMENTOS = [
    (40, "2026-10-01", 0, date(2026, 11, 19)),  # the 20th is a holiday since 2024: brought forward
    (40, "2026-11-01", 0, date(2026, 12, 18)),
    (41, "2026-12-01", 0, date(2026, 12, 18)),
    (46, "2026-08-01", 0, date(2026, 9, 18)),
    (45, "2026-10-01", 30, date(2026, 11, 4)),
]


@pytest.mark.parametrize(("categoria", "competencia", "dia", "esperado"), VENCIMENTOS)
def test_a_guia_of_dctfweb_falls_due_by_the_table_and_the_banking_days(
    categoria: int, competencia: str, dia: int, esperado: date
) -> None:
    pedido = {"categoria": categoria, "competencia": competencia, "dia": dia}
    assert dctfweb.vencimento_da_guia(pedido) == esperado


def test_a_darf_and_a_guia_of_dctfweb_are_drawn_again_from_their_page(
    empresa: Empresa, ana: Usuario, entrar: Any
) -> None:
    cliente = entrar(ana)
    cliente.post(reverse("guias:darf_novo"), digitado(empresa))
    darf = Darf.objects.get()
    guia = emitido(empresa, ana, darf)
    endereco, _ = cliente.get(reverse("guias:guia", args=[guia.pk])).context["pedir_de_novo"]
    assert endereco == reverse("guias:darf_outra_via", args=[darf.pk])
    setembro = date(2026, 9, 1)
    pedido = {"categoria": 40, "dia": 0, "identificador": "", "origens": [1, 8], "competencia": "2026-09-01"}
    da_dctfweb = nova_operacao(empresa, ana, "guias.dctfweb.guia", "x", **pedido)
    Guia.objects.filter(pk=guia.pk).update(
        tipo=Guia.Tipo.DARF_DCTFWEB, operacao=da_dctfweb, competencia=setembro, divida="dctfweb:1"
    )
    pagina = cliente.get(reverse("guias:guia", args=[guia.pk]))
    endereco, campos = pagina.context["pedir_de_novo"]
    assert endereco in pagina.content.decode()
    tela = cliente.post(endereco, dict(campos))
    assert tela.context["form"]["origens"].value() == ["1", "8"]
    escondidos = {nome: str(valor) for nome, valor in tela.context["selecao"]}
    previa = cliente.post(endereco, escondidos | {"de": "dctfweb_guia", "origens": ["1", "8"], "outra_via": "on"})
    (nova,) = previa.context["previa"].novas
    assert (nova.pedido["competencia"], nova.pedido["origens"]) == ("2026-09-01", [1, 8])
    Guia.objects.filter(pk=guia.pk).update(paga_em=HOJE, valor_pago=guia.total)
    assert cliente.get(reverse("guias:guia", args=[guia.pk])).context["pedir_de_novo"] is None


# -- MIT by the import layout ------------------------------------------------------------------------------------------


SUSPENSA: dict[str, Any] = {
    "s_processo": ["1234567-89.2024.4.05.8300"], "s_motivo": ["1"], "s_deposito": ["1"], "s_terceiro": [""],
    "s_decisao": ["20/09/2024"], "s_vara": ["3"], "s_municipio": ["Olinda/PE"], "s_debito": ["1"],
    "s_suspenso": ["150,00"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("mudancas", "dito"),
    [
        ({"codigo": ["8109-02"], "valor": ["1,00"], "cnpj_scp": ["11.222.333/0001-99"]}, "CNPJ da SCP"),
        ({"codigo": ["1150-03"], "valor": ["1,00"]}, "é por período"),
        ({"codigo": ["1150-03"], "valor": ["1,00"], "periodo": ["4"]}, "de 1 a 3"),
        ({"codigo": ["8109-02"], "valor": ["1,00"], "periodo": ["1"]}, "é do mês todo"),
        ({"codigo": ["1661-01"], "valor": ["1,00"]}, "não está na tabela"),
        ({"codigo": ["1661-01"], "valor": ["1,00"], "grupo": ["Cpss"]}, "não há débito de CPSS"),
        ({"codigo": ["8109-02"], "valor": ["1,00"], "grupo": ["Cofins"]}, "é de PIS/Pasep"),
        ({"codigo": ["8109-02"], "valor": ["1,00"], "estabelecimento": ["0001-00"]}, "por estabelecimento"),
        ({"codigo": ["2089-10"], "valor": ["1,00"]}, "informe o trimestre ou o ano"),
        ({"codigo": ["2089-10"], "valor": ["1,00"], "referente": ["2024"]}, "é por trimestre"),
        ({"codigo": ["6773-10"], "valor": ["1,00"], "referente": ["2/2024"]}, "não é por trimestre"),
        ({"codigo": ["2089-10"], "valor": ["1,00"], "referente": ["4/2018"]}, "um dos cinco anos"),
        ({"codigo": ["8109-02"], "valor": ["1,00"], "referente": ["2024"]}, "Só o débito postergado"),
        ({"codigo": ["4028-02"], "valor": ["1,00"], "periodo": ["1"]}, "informe o município de origem"),
        ({"codigo": ["4028-02"], "valor": ["1,00"], "periodo": ["1"], "referente": ["Itaitubo/PA"]}, "Itaituba/PA"),
        ({"codigo": ["4028-02"], "valor": ["1,00"], "referente": ["Itaituba/PA"]}, "é por período"),
        ({"codigo": ["4028-02"], "valor": ["1,00"], "grupo": ["Irrf"]}, "é de IOF"),
        ({"s_processo": ["1"], "s_motivo": ["0"]}, "administrativo tem 17 algarismos"),
        (SUSPENSA | {"s_processo": ["1" * 17]}, "judicial tem 20 algarismos"),
        (SUSPENSA | {"s_motivo": ["3"]}, "Escolha o que suspende"),
        (SUSPENSA | {"s_debito": ["3"]}, "Informe a linha do débito"),
        (SUSPENSA | {"s_suspenso": ["650,01"]}, "mais que o seu valor"),
        (SUSPENSA | {"s_decisao": ["31/12/2099"]}, "ainda não chegou"),
        (SUSPENSA | {"s_vara": [""]}, "A vara é um número"),
        (SUSPENSA | {"s_municipio": ["Olimda/PE"]}, "Seria Olinda/PE?"),
        (SUSPENSA | {"s_motivo": ["0"], "s_processo": ["1" * 17]}, "são só de processo judicial"),
        (SUSPENSA | {"evento_dia": ["5"], "evento_tipo": ["4"]}, "o MIT não as recebe"),
        ({"codigo": ["8109-02"], "valor": ["1,00"], "evento": ["1"]}, "que não está no mês"),
        ({"evento_dia": ["40"], "evento_tipo": ["4"]}, "Evento 1"),
        ({"evento_dia": ["5", "5"], "evento_tipo": ["4", "6"]}, "no mesmo dia"),
        ({"evento_dia": ["5", "6"], "evento_tipo": ["1", "2"]}, "Só cisão parcial"),
    ],
)
def test_what_the_layout_refuses_is_told_before_it_is_sent(
    empresa: Empresa, ana: Usuario, entrar: Any, mudancas: dict[str, Any], dito: str
) -> None:
    resposta = entrar(ana).post(mes(empresa), do_mes(**mudancas))
    assert resposta.status_code == 422
    assert dito in resposta.content.decode()


def test_a_month_with_event_ipi_ret_and_a_code_out_of_the_table_is_kept_and_shown(
    empresa: Empresa, ana: Usuario, entrar: Any
) -> None:
    cliente = entrar(ana)
    digitado_no_mes = do_mes(
        codigo=["5123-01", "4095-01", "2089-08", "5434-09", "8109-02"],
        valor=["1,00"] * 5,
        periodo=["", "", "", "7", ""],
        cnpj_scp=["", "", "11.222.333/0001-81", "", ""],
        estabelecimento=["", "0021-12", "", "", ""],
        evento=["", "", "", "", "1"],
        grupo=["", "", "", "PisPasep", ""],
        evento_dia=["8", ""],
        evento_tipo=["4", ""],
    )
    assert cliente.post(mes(empresa), digitado_no_mes).status_code == 302
    gravada = ApuracaoMit.objects.get()
    assert gravada.eventos == [{"dia": 8, "tipo": 4}]
    enviado = mit.de_json(mit.para_envio(gravada))
    do_ipi, do_ret, da_scp, diario, depois = enviado.debitos
    assert do_ipi.estabelecimento == empresa.documento[-6:]
    assert (do_ret.tributo, do_ret.incorporacao) == ("RetPagamentoUnificado", "002112")
    assert da_scp.cnpj_scp == "11222333000181"
    assert (diario.tributo, diario.periodo, depois.evento) == ("PisPasep", 7, 1)
    pagina = cliente.get(mes(empresa)).content.decode()
    assert "RET/Pagamento unificado" in pagina
    assert 'value="11.222.333/0001-81"' in pagina
    assert 'value="0021' not in pagina or "002112" in pagina


def test_iof_on_gold_says_where_it_came_from(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    cliente = entrar(ana)
    do_ouro = {"codigo": ["4028-02", "4028-02"], "valor": ["10,00", "5,00"], "periodo": ["3", "3"]}
    assert cliente.post(mes(empresa), do_mes(**do_ouro, referente=["Itaituba/PA", "2611606"])).status_code == 302
    gravada = ApuracaoMit.objects.get()
    um, outro = mit.de_json(mit.para_envio(gravada)).debitos
    assert (um.tributo, um.periodo, um.municipio_do_ouro, um.postergado) == ("Iof", 3, "1503606", None)
    assert outro.municipio_do_ouro == "2611606"
    pagina = cliente.get(mes(empresa)).content.decode()
    assert ('value="Itaituba/PA"' in pagina, 'value="Recife/PE"' in pagina) == (True, True)


def test_a_suspension_follows_its_debit_wherever_it_stands(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    cliente = entrar(ana)
    vazia = {"codigo": ["", "8109-02", "2172-01"], "valor": ["", "650,00", "3.000,00"]}
    assert cliente.post(mes(empresa), do_mes(**vazia, **SUSPENSA | {"s_debito": ["2"]})).status_code == 302
    guardada = ApuracaoMit.objects.get()
    (suspensao,) = guardada.suspensoes
    assert (suspensao["debito"].partition("|")[0], suspensao["valor"]) == ("810902", "150.00")
    (pedida,) = mit.de_json(mit.para_envio(guardada)).suspensoes
    assert (pedida.motivo, pedida.deposito, pedida.vara, pedida.municipio) == (1, True, 3, "2609600")
    assert pedida.debitos == ((0, Decimal("150.00")),)
    pagina = cliente.get(mes(empresa))
    assert [s.debito for s in pagina.context["suspensoes"]] == ["1", "", ""]
    assert "Olinda/PE" in pagina.content.decode()


def test_a_suspension_whose_debit_left_the_month_is_told(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    entrar(ana).post(mes(empresa), do_mes(**SUSPENSA))
    guardada = ApuracaoMit.objects.get()
    guardada.debitos = guardada.debitos[1:]
    assert "não está mais no mês" in " ".join(mit.problemas(guardada, debitos_mit.conhecidos()))


def test_the_sheet_of_mit_reads_the_table_once(empresa: Empresa, ana: Usuario, entrar: Any) -> None:
    cliente = entrar(ana)
    cliente.post(mes(empresa), do_mes())
    with CaptureQueriesContext(connection) as feitas:
        cliente.get(mes(empresa))
    assert sum("empresas_receitafederal" in consulta["sql"] for consulta in feitas) == 1


@pytest.mark.parametrize(("regime", "esperado"), [(Regime.PRESUMIDO, 3), (Regime.REAL, 1)])
def test_the_tributacao_proposed_is_that_of_the_regime(
    empresa: Empresa, ana: Usuario, entrar: Any, regime: Regime, esperado: int
) -> None:
    Empresa.objects.filter(pk=empresa.pk).update(regime=regime)
    form = entrar(ana).get(mes(empresa)).context["form"]
    assert form["tributacao"].value() == esperado
    rotulo = dict(mit.TRIBUTACOES)[esperado]
    assert rotulo.startswith(regime.label.split()[-1].capitalize())


ANTIGOS = [
    ({"tributo": "PisPasep", "codigo": "810902", "periodo": "10/2026"}, "Débito 810902: Este débito é do mês todo"),
    ({"tributo": "Irrf", "codigo": "115003", "periodo": "1º dec"}, "Débito 115003: O período é um número de 1 a 3"),
    ({"tributo": "Cprb", "codigo": "298501"}, "O MIT não recebe débitos de Cprb"),
    ({"tributo": "Ipi", "codigo": "512301"}, "Falta o estabelecimento"),
]


@pytest.mark.parametrize(("debito", "dito"), ANTIGOS, ids=[dito for _, dito in ANTIGOS])
def test_a_debit_saved_by_older_rules_is_told_before_it_is_sent(
    empresa: Empresa, ana: Usuario, entrar: Any, debito: dict[str, str], dito: str
) -> None:
    guardado = {"valor": "100.00", "periodo": "", "cnpj_scp": ""} | debito
    linha = ApuracaoMit.objects.create(
        empresa=empresa, competencia=MES, cpf_responsavel="52998224725", debitos=[guardado]
    )
    (fora,) = prevoo.prevoo(mit.ACAO_ENCERRAR, [empresa], MES).fora
    assert dito in fora.motivo
    chave = f"mit.encerrar:{empresa.pk}:{MES:%Y%m}:1"
    recusada = nova_operacao(empresa, ana, "guias.mit.encerrar", chave, apuracao=linha.pk)
    assert dito in str(EncerrarMit().repetir([recusada], ana)[recusada.pk])
    assert entrar(ana).get(mes(empresa)).status_code == 200


@pytest.mark.parametrize("debito", [ANTIGOS[1][0], ANTIGOS[2][0]])
def test_a_month_queued_by_older_rules_is_refused_before_any_call(empresa: Empresa, debito: dict[str, str]) -> None:
    linha = ApuracaoMit(empresa=empresa, competencia=MES, debitos=[{"valor": "100.00"} | debito])
    pedido = mit.para_envio(linha) | {"partes": PARTES.__dict__}
    sessao = SessaoEmEspera(cliente=None, primeiro_envio=None)  # type: ignore[arg-type]
    with pytest.raises(ProviderRefused, match="encerre de novo"):
        EncerrarMit().enviar(pedido, sessao, None)  # type: ignore[arg-type]


def test_the_month_of_many_companies_is_checked_with_the_same_queries(
    empresa: Empresa, ana: Usuario, carteira: Any, credencial: Any
) -> None:
    def consultas(empresas: list[Empresa]) -> int:
        with CaptureQueriesContext(connection) as feitas:
            assert len(prevoo.prevoo(mit.ACAO_ENCERRAR, empresas, MES).novas) == len(empresas)
        return len(feitas)

    outras = [criar_empresa(n, carteira=carteira, regime=Regime.PRESUMIDO) for n in (2, 3, 4)]
    for nova in (empresa, *outras):
        debitos = [{"tributo": "PisPasep", "codigo": "810902", "valor": "100.00"}]
        ApuracaoMit.objects.create(empresa=nova, competencia=MES, cpf_responsavel="52998224725", debitos=debitos)
        if nova != empresa:
            vincular(nova, credencial, ana, Servico.DCTFWEB)
    assert consultas([empresa]) == consultas([empresa, *outras])


def test_a_month_of_a_file_answers_as_the_screen_would_begin(empresa: Empresa, ana: Usuario, carteira: Any) -> None:
    do_real, da_receita = (criar_empresa(n, carteira=carteira, regime=Regime.REAL) for n in (2, 3))
    antes = {"qualificacao": 7, "tributacao": 4, "variacoes": 2, "regime": 3}
    ApuracaoMit.objects.create(empresa=empresa, competencia=date(2026, 8, 1), preparada_por=ana, **antes)
    mit.anotar(da_receita.pk, 2026, [Listada("7", date(2026, 9, 1), NaReceita.EM_EDICAO, None, Decimal(0))])
    linhas = ["cnpj;competência;código;valor"]
    linhas += [f"{empresa.documento};{mes};8109-02;650,00" for mes in ("10/2026", "09/2026")]
    linhas += [f"{outra.documento};09/2026;8109-02;650,00" for outra in (do_real, da_receita)]
    importador, conferencia = importar(ImportadorDoMit, ana, "\n".join(linhas))
    assert conferencia.recusas == []
    importador.gravar()
    respostas = ApuracaoMit.objects.filter(competencia__gte=date(2026, 9, 1)).values_list(
        "empresa", "qualificacao", "tributacao", "variacoes", "regime"
    )
    assert set(respostas) == {(empresa.pk, 7, 4, 2, 3), (do_real.pk, 1, 1, 1, 1), (da_receita.pk, 1, 1, 1, 1)}


ONTEM = timezone.now() - timedelta(days=1)
ENVIADO = Sessao(cliente=None, primeiro_envio=timezone.now())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("listadas", "achada"),
    [
        ([("7", NaReceita.ENCERRADA, ONTEM)], None),  # the closing that was reopened at the portal
        ([("6", NaReceita.ENCERRADA, ONTEM), ("7", NaReceita.COM_PENDENCIAS, None)], None),
        ([("7", NaReceita.EM_EDICAO, None)], None),
        ([("7", NaReceita.ENCERRADA, ONTEM), ("8", NaReceita.ENCERRADA, timezone.now())], "8"),
        ([("7", NaReceita.COM_PENDENCIAS, None), ("8", NaReceita.COM_PENDENCIAS, None)], "8"),
        ([("8", NaReceita.ENCERRANDO, None)], "8"),
        ([("7", NaReceita.ENCERRADA, timezone.now())], "7"),  # the number of the month, kept by the new closing
    ],
)
def test_a_doubt_is_not_settled_by_an_earlier_closing(monkeypatch, listadas: Any, achada: str | None) -> None:
    itens = tuple(Listada(numero, MES, situacao, quando, Decimal(1)) for numero, situacao, quando in listadas)
    monkeypatch.setattr("guias.providers.mit.listar", lambda *_, **__: itens)
    pedido = {"competencia": MES.isoformat(), "anterior": "7", "partes": PARTES.__dict__}
    conferida = EncerrarMit().conferir(pedido, ENVIADO, None)  # type: ignore[arg-type]
    if achada is None:
        assert isinstance(conferida, NaoAconteceu)
    else:
        assert isinstance(conferida, Aconteceu)


def test_a_closing_that_was_accepted_knows_when_it_was_sent(empresa: Empresa, ana: Usuario, monkeypatch) -> None:
    monkeypatch.setattr("guias.handlers.base.abrir", lambda _: None)
    operacao = nova_operacao(empresa, ana, "guias.mit.encerrar", "mit.encerrar:x")
    Tentativa.objects.create(operacao=operacao, especie=Tentativa.Especie.ENVIO, trabalhador="x", iniciada_em=ONTEM)
    operacao.situacao = Situacao.ACEITA
    assert EncerrarMit().preparar(operacao).primeiro_envio == ONTEM


def test_months_still_to_be_sent_keep_what_the_screen_said(empresa: Empresa) -> None:
    migracao = import_module("guias.migrations.0011_debitos_e_eventos_federais")
    aberta = ApuracaoMit.objects.create(empresa=empresa, competencia=MES, tributacao=2, variacoes=3, qualificacao=3)
    fechada = ApuracaoMit.objects.create(
        empresa=empresa, competencia=somar_meses(MES, -1), tributacao=2, situacao=ApuracaoMit.Situacao.ENCERRADA
    )
    enviada = ApuracaoMit.objects.create(
        empresa=empresa, competencia=somar_meses(MES, -2), tributacao=2, situacao=ApuracaoMit.Situacao.ENCERRANDO
    )
    migracao.trocar_codigos(apps, None)
    for mes_do_mit in (aberta, fechada, enviada):
        mes_do_mit.refresh_from_db()
    assert enviada.tributacao == 3  # it may come back to be corrected
    assert (aberta.tributacao, aberta.variacoes, aberta.qualificacao) == (3, 1, 5)
    assert fechada.tributacao == 2
