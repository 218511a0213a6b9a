"""MEI and instalments end to end, against the living sandbox: what our tables say and what its ledger says."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.dispatch import receiver

from arquivo.models import Documento
from comum.models import Usuario
from credentials.models import Credencial, Servico
from empresas.models import Carteira, Empresa, Regime
from guias.models import Consulta, Guia
from guias.providers.parcelamentos import FAMILIAS
from guias.services import barras, mei, parcelamentos, prevoo
from guias.services.acesso import Codigo
from guias.sinais import guia_paga
from operacoes.models import Operacao, Situacao
from sandbox.documentos import digitos_cnpj
from tests.cast import criar_empresa
from tests.guias.apoio import OUTUBRO, credencial_do_sandbox, trabalhar, vincular
from tests.sandbox_fixture import SandboxVivo

pytestmark = pytest.mark.django_db(transaction=True)


def de_teste(numero: int) -> str:
    """The CNPJ of a test document of the sandbox."""
    doze = f"SBX{numero:05d}0001"
    return doze + digitos_cnpj(doze)


@pytest.fixture
def do_sandbox(serpro_vivo: SandboxVivo, adicional_216: Any) -> Credencial:
    serpro_vivo.controle.relogio(fixo="2026-11-21T10:00:00-03:00")
    return credencial_do_sandbox(serpro_vivo)


def empresa_de_teste(numero: int, carteira: Carteira, credencial: Credencial, ana: Usuario) -> Empresa:
    empresa = criar_empresa(numero, carteira=carteira, regime=Regime.MEI, documento=de_teste(numero))
    vincular(empresa, credencial, ana, Servico.MEI, Servico.PARCELAMENTOS)
    return empresa


@pytest.fixture
def criar(do_sandbox: Credencial, carteira: Carteira, ana: Usuario) -> Any:
    return lambda numero: empresa_de_teste(numero, carteira, do_sandbox, ana)


def processar(acao: str, empresas: list[Empresa], usuario: Usuario, **parametros: str) -> prevoo.Prevoo:
    previa = prevoo.prevoo(acao, empresas, OUTUBRO, parametros=parametros)
    if previa.novas:
        prevoo.processar(acao, empresas, OUTUBRO, usuario, marca=previa.marca, parametros=parametros)
        trabalhar()
    return previa


def test_the_das_mei_is_drawn_once_though_its_answer_is_lost(criar, ana, serpro_vivo) -> None:
    empresa = criar(50)
    processar(mei.EMISSAO, [empresa], ana)

    guia = Guia.objects.get()
    efeitos = serpro_vivo.controle.ledger(tipo="das_mei_emitido")
    assert (guia.tipo, guia.divida, guia.total) == (Guia.Tipo.DAS_MEI, f"mei:{empresa.pk}:202610", Decimal("86.05"))
    assert guia.numero in {efeito["numero"] for efeito in efeitos}
    assert {parte["denominacao"] for parte in guia.composicao} == {"INSS", "ISS"}
    assert guia.documento is not None


def test_the_bar_code_alone_is_checked_and_kept(criar, ana) -> None:
    processar(mei.SO_BARRAS, [criar(41)], ana)

    guia = Guia.objects.get()
    assert (guia.documento, guia.problema, guia.total) == (None, "", Decimal("195.52"))
    assert len(guia.linha) == 48


def test_several_late_months_come_with_fine_and_interest(criar, ana) -> None:
    previa = processar(mei.EMISSAO, [criar(40)], ana, meses="202607,202608,202610")

    guias = {guia.competencia: guia for guia in Guia.objects.all()}
    assert len(previa.novas) == len(guias) == 3
    assert guias[date(2026, 7, 1)].multa > 0 < guias[date(2026, 7, 1)].juros
    assert guias[OUTUBRO].multa == 0


@pytest.mark.parametrize(
    ("numero", "codigo"),
    [(42, "23017"), (43, "13011"), (45, "23013"), (46, "23015"), (47, "23018"), (48, "23008")],
)
def test_what_the_receita_refuses_with_200_is_a_refusal_with_what_to_do(criar, ana, numero, codigo) -> None:
    processar(mei.EMISSAO, [criar(numero)], ana)
    operacao = Operacao.objects.get()
    assert operacao.situacao == Situacao.RECUSADA
    assert codigo in operacao.grupo
    assert operacao.mensagem
    assert not Guia.objects.exists()


def test_a_part_in_active_debt_leaves_a_das_of_the_rest_that_says_so(criar, ana) -> None:
    processar(mei.EMISSAO, [criar(44)], ana)
    operacao = Operacao.objects.get()
    assert (operacao.situacao, Guia.objects.get().total) == (Situacao.CONCLUIDA, Decimal("81.05"))
    assert "dívida ativa" in operacao.resposta["avisos"][0]


def test_another_request_still_running_is_waited_for(criar, ana) -> None:
    processar(mei.EMISSAO, [criar(49)], ana)
    assert Operacao.objects.get().situacao == Situacao.CONCLUIDA
    assert Guia.objects.count() == 1


def test_what_the_receita_said_is_paid_is_not_asked_again(criar, ana) -> None:
    empresa = criar(47)
    processar(mei.EMISSAO, [empresa], ana)
    assert [fora.codigo for fora in prevoo.prevoo(mei.EMISSAO, [empresa], OUTUBRO).fora] == [Codigo.PAGA]


def test_a_benefit_is_told_kept_and_undone(criar, ana, serpro_vivo) -> None:
    empresa = criar(40)
    dados = {"meses": "202608,202610", "marcar": "1", "intencao": "0" * 16}
    serpro_vivo.controle.cenario(acao="perder_resposta", operacao="ATUBENEFICIO23", vezes=1)
    processar(mei.MARCAR, [empresa], ana, **dados)
    consulta = Consulta.objects.get(servico="PGMEI/ATUBENEFICIO23", chave="2026")
    assert {mes for mes, dito in consulta.resposta["meses"].items() if dito["marcado"]} == {"202608", "202610"}
    assert [f.codigo for f in prevoo.prevoo(mei.MARCAR, [empresa], OUTUBRO, parametros=dados).fora] == [
        Codigo.JA_CONSTA
    ]

    processar(mei.MARCAR, [empresa], ana, meses="202610", marcar="0", intencao="1" * 16)
    ultima = Consulta.objects.ultimas().get(servico="PGMEI/ATUBENEFICIO23")
    assert {mes: dito["marcado"] for mes, dito in ultima.resposta["meses"].items()} == {"202608": True, "202610": False}
    efeitos = serpro_vivo.controle.ledger(tipo="beneficio_mei")
    assert {efeito["documento"] for efeito in efeitos} == {"202608=1", "202610=1", "202610=0"}


def test_active_debt_certificate_and_the_cnpjs_of_the_person_are_kept(criar, ana) -> None:
    devedora, outra = criar(43), criar(40)
    processar(mei.INSCRITOS, [devedora, outra], ana)
    respostas = {c.empresa_id: c.resposta for c in Consulta.objects.filter(servico="PGMEI/DIVIDAATIVA24")}
    assert "202610" in respostas[devedora.pk]["meses"]
    assert respostas[outra.pk] == {"debitos": [], "meses": []}

    processar(mei.PAPEL, [outra], ana)
    assert Documento.objects.get(empresa=outra).tipo == Documento.Tipo.CCMEI
    assert prevoo.prevoo(mei.DO_CPF, [outra], OUTUBRO).fora[0].codigo == Codigo.DADOS
    processar(mei.PERGUNTA, [outra], ana)
    processar(mei.DO_CPF, [outra], ana)
    cnpjs = Consulta.objects.get(servico="CCMEI/CCMEISITCADASTRAL123").resposta["cnpjs"]
    assert outra.documento in {item["cnpj"] for item in cnpjs}


PARCSN = FAMILIAS["parcsn"]


def listar(empresas: list[Empresa], ana: Usuario, familia: Any = PARCSN) -> None:
    for o_que in ("pedidos", "parcelas"):
        processar(parcelamentos.acao(familia, o_que), empresas, ana)


def test_the_open_instalments_become_guias_read_from_their_pdf(criar, ana, serpro_vivo) -> None:
    empresa = criar(51)
    listar([empresa], ana)
    serpro_vivo.controle.cenario(acao="perder_resposta", operacao="GERARDAS161", vezes=1)
    emitir = parcelamentos.acao(PARCSN, "emitir")
    processar(emitir, [empresa], ana, parcelas="todas")

    guias = list(Guia.objects.order_by("competencia"))
    assert [guia.total for guia in guias] == [Decimal("350.00")] * 2
    assert {guia.numero for guia in guias} <= {
        e["numero"] for e in serpro_vivo.controle.ledger(tipo="das_parcela_emitido")
    }
    assert guias[0].divida == f"parcsn:{empresa.pk}:1:{guias[0].competencia:%Y%m}"
    assert all(len(guia.linha) == 48 and guia.documento for guia in guias)
    de_novo = prevoo.prevoo(emitir, [empresa], OUTUBRO, parametros={"parcelas": "todas"})
    assert {fora.codigo for fora in de_novo.fora} == {Codigo.GUIA_EMITIDA}


def test_a_slip_without_a_line_is_kept_and_says_why(criar, ana) -> None:
    empresa = criar(56)
    listar([empresa], ana)
    emitir = parcelamentos.acao(PARCSN, "emitir")
    processar(emitir, [empresa], ana, parcelas="todas")
    operacoes = list(Operacao.objects.filter(tipo=parcelamentos.EMITIR))
    assert not Guia.objects.exists()
    assert {o.situacao for o in operacoes} == {Situacao.CONCLUIDA}
    assert all("linha digitável" in o.resposta["sem_linha"] for o in operacoes)
    assert Documento.objects.filter(empresa=empresa, tipo=Documento.Tipo.GUIA).count() == len(operacoes) == 2
    assert not prevoo.prevoo(emitir, [empresa], OUTUBRO, parametros={"parcelas": "todas"}).novas


@pytest.fixture
def ouvidas() -> Any:
    """The guias that were told to be paid."""
    ditas: list[int] = []

    @receiver(guia_paga)
    def paga(sender: Any, guia: Guia, **_: Any) -> None:
        ditas.append(guia.pk)

    yield ditas
    guia_paga.disconnect(paga)


def test_details_and_the_payment_that_settles_a_guia(criar, ana, serpro_vivo, ouvidas) -> None:
    empresa = criar(51)
    listar([empresa], ana)
    processar(parcelamentos.acao(PARCSN, "detalhe"), [empresa], ana, numero="1")
    lido = Consulta.objects.get(servico="PARCSN/OBTERPARC164").resposta["parcelamento"]
    assert (lido["original"]["parcelas"], len(lido["pagas"])) == (5, 3)

    processar(parcelamentos.acao(PARCSN, "emitir"), [empresa], ana, parcelas="todas")
    guia = Guia.objects.earliest("competencia")
    serpro_vivo.controle.pagar(guia.numero)
    pagamento = parcelamentos.acao(PARCSN, "pagamento")
    processar(pagamento, [empresa], ana, numero="1", parcelas=f"{guia.competencia:%Y%m}")
    guia.refresh_from_db()
    assert (guia.paga_em, guia.valor_pago) == (date(2026, 11, 21), Decimal("350.00"))
    assert (guia.fonte, ouvidas) == (Guia.Fonte.PARCELAS, [guia.pk])

    emitir = parcelamentos.acao(PARCSN, "emitir")
    mes = {"parcelas": f"{guia.competencia:%Y%m}"}
    Guia.objects.create(
        **{campo: getattr(guia, campo) for campo in ("tipo", "divida", "competencia", "principal", "multa", "juros")},
        empresa=empresa, via=2, numero="1" * 17, vencimento=guia.vencimento, limite=date(2026, 10, 30),
        total=guia.total, operacao=Operacao.objects.filter(tipo=parcelamentos.LISTAR)[0],
    )  # fmt: skip
    for via_nova in (False, True):
        previa = prevoo.prevoo(emitir, [empresa], OUTUBRO, parametros=mes, via_nova=via_nova)
        assert ([fora.codigo for fora in previa.fora], previa.novas) == ([Codigo.PAGA], [])


@pytest.mark.parametrize(("listada", "difere"), [("350.00", False), ("349.99", True)])
def test_the_slip_is_compared_with_what_was_listed(criar, ana, listada, difere) -> None:
    empresa = criar(51)
    listar([empresa], ana)
    consulta = Consulta.objects.get(servico="PARCSN/PARCELASPARAGERAR162")
    for parcela in consulta.resposta["parcelas"]:
        parcela["valor"] = listada
    consulta.save()
    processar(parcelamentos.acao(PARCSN, "emitir"), [empresa], ana, parcelas="todas")
    barras.completar(Guia.objects.all())
    assert {guia.problema.startswith("A guia da parcela é de R$ 350,00") for guia in Guia.objects.all()} == {difere}


def test_a_list_of_another_month_is_not_compared() -> None:
    pedido = {"valor": "349.99", "listada_em": "2026-10-30"}
    assert parcelamentos.diferenca_da_lista(pedido, Decimal("350.00"), date(2026, 10, 31))
    assert not parcelamentos.diferenca_da_lista(pedido, Decimal("350.00"), date(2026, 11, 1))
    assert not parcelamentos.diferenca_da_lista({"valor": "349.99"}, Decimal("350.00"), date(2026, 11, 1))


@pytest.mark.parametrize(
    ("numero", "familia", "codigo"), [(52, "parcsn", "N015"), (53, "parcsn", "N004"), (57, "relpsn", "N014")]
)
def test_what_only_the_portal_does_is_refused_in_words(criar, ana, numero, familia, codigo) -> None:
    processar(parcelamentos.acao(FAMILIAS[familia], "parcelas"), [criar(numero)], ana)
    operacao = Operacao.objects.get()
    assert (operacao.situacao, codigo in operacao.grupo) == (Situacao.RECUSADA, True)
    assert "portal" in operacao.mensagem


def test_nothing_to_tell_is_an_answer_with_the_words_of_the_service(criar, ana) -> None:
    empresa = criar(55)
    listar([empresa], ana)
    parcelas = Consulta.objects.get(servico="PARCSN/PARCELASPARAGERAR162").resposta
    assert (parcelas["parcelas"], "saldo" in parcelas["aviso"]) == ([], True)
    processar(parcelamentos.acao(FAMILIAS["relpmei"], "pedidos"), [empresa], ana)
    assert Consulta.objects.get(servico="RELPMEI/PEDIDOSPARC233").resposta["pedidos"] == []
