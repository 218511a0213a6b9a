"""From a slip paid at the bank to a guia that is paid here, against the living sandbox."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.dispatch import receiver
from django.utils import timezone

from arquivo.services import abrir
from credentials.models import Servico
from empresas.models import Empresa
from guias.models import Apuracao, Arrecadacao, Consulta, Guia, Novidade, SituacaoGuia
from guias.providers.eventos import Evento
from guias.services import aprovacao, buscas, consultas, especiais, novidades, prevoo
from guias.services.acoes import Acao
from guias.sinais import guia_paga, guia_reemitida
from operacoes.models import Classe, Operacao, Situacao
from tests.cast import criar_empresa
from tests.guias.apoio import OUTUBRO, credencial_do_sandbox, informar, trabalhar, vincular

pytestmark = pytest.mark.django_db(transaction=True)

INTENCAO = "0123456789abcdef"
TODOS = (Servico.PGDASD, Servico.DAS, Servico.PROCURACOES, Servico.PAGAMENTOS)


@pytest.fixture
def escritorio(serpro_vivo, carteira, ana, adicional_216) -> list[Empresa]:
    """Three companies of the Simples with their DAS of October drawn."""
    credencial = credencial_do_sandbox(serpro_vivo)
    criadas = [criar_empresa(numero, carteira=carteira, letras=numero == 2) for numero in range(1, 4)]
    for empresa in criadas:
        informar(empresa, "50000.00")
        vincular(empresa, credencial, ana, *TODOS)
    aprovacao.aprovar(criadas, OUTUBRO, ana, diferentes=set())
    processar(Acao.TRANSMITIR, criadas, ana, das_em_seguida=True)
    assert Guia.objects.count() == 3
    return criadas


def processar(acao: str, empresas: list[Empresa], usuario, competencia: date = OUTUBRO, **opcoes) -> None:
    previa = prevoo.prevoo(acao, empresas, competencia, **opcoes)
    prevoo.processar(acao, empresas, competencia, usuario, marca=previa.marca, **opcoes)
    trabalhar()


def periodo(quais: str = buscas.TODAS) -> dict[str, str]:
    hoje = timezone.localdate()
    return {"desde": (hoje - timedelta(days=30)).isoformat(), "ate": hoje.isoformat(), "quais": quais}


def pagar(sandbox, guia: Guia, **campos: str) -> None:
    sandbox.controle.post("pagamentos", {"numero": guia.numero, "data": timezone.localdate().isoformat(), **campos})


def situacao(guia: Guia) -> str:
    vista: Any = Guia.objects.com_situacao(timezone.localdate()).get(pk=guia.pk)
    return str(vista.situacao)


@pytest.fixture
def ouvidas() -> Any:
    """The guias that the signals told of."""
    ditas: dict[str, list[int]] = {"paga": [], "reemitida": []}

    @receiver(guia_paga)
    def paga(sender: Any, guia: Guia, **_: Any) -> None:
        ditas["paga"].append(guia.pk)

    @receiver(guia_reemitida)
    def reemitida(sender: Any, guia: Guia, **_: Any) -> None:
        ditas["reemitida"].append(guia.pk)

    yield ditas
    guia_paga.disconnect(paga)
    guia_reemitida.disconnect(reemitida)


def test_a_guia_paid_at_the_bank_becomes_paid_here(escritorio, ana, serpro_vivo, ouvidas) -> None:
    guia = Guia.objects.get(empresa=escritorio[0])
    pagar(serpro_vivo, guia)
    processar(buscas.BUSCAR, escritorio, ana, parametros=periodo())

    guia.refresh_from_db()
    assert (guia.paga_em, guia.valor_pago, guia.fonte) == (timezone.localdate(), guia.total, Guia.Fonte.PAGTOWEB)
    assert situacao(guia) == SituacaoGuia.PAGA
    assert ouvidas["paga"] == [guia.pk]
    assert Arrecadacao.objects.get().guia == guia
    assert Consulta.objects.filter(servico="PAGTOWEB/PAGAMENTOS71").count() == 3
    assert Operacao.objects.filter(tipo=buscas.TIPO_BUSCAR).values_list("classe", flat=True)[0] == Classe.CONSULTA

    # The same told again changes nothing, and tells nobody.
    processar(buscas.BUSCAR, escritorio, ana, parametros=periodo())
    assert ouvidas["paga"] == [guia.pk]
    assert Arrecadacao.objects.count() == 1


def test_part_of_a_guia_does_not_make_it_paid_until_the_rest_comes(escritorio, ana, serpro_vivo) -> None:
    guia = Guia.objects.get(empresa=escritorio[1])
    pagar(serpro_vivo, guia, valor="10.00")
    processar(buscas.BUSCAR, escritorio[1:2], ana, parametros=periodo())
    guia.refresh_from_db()
    assert (guia.paga_em, guia.valor_pago, guia.paga_em_parte) == (None, Decimal("10.00"), True)
    assert situacao(guia) in (SituacaoGuia.EMITIDA, SituacaoGuia.VENCIDA)

    pagar(serpro_vivo, guia, valor=str(guia.total - 5))
    processar(buscas.BUSCAR, escritorio[1:2], ana, parametros=periodo())
    guia.refresh_from_db()
    assert guia.paga_em == timezone.localdate()
    assert guia.diferenca_paga == Decimal("5.00")


def test_every_page_is_followed_and_charged(escritorio, ana, serpro_vivo, monkeypatch) -> None:
    guia = Guia.objects.get(empresa=escritorio[0])
    for dia in range(1, 6):
        quando = timezone.localdate() - timedelta(days=dia)
        serpro_vivo.controle.post("pagamentos", {"numero": guia.numero, "data": quando.isoformat(), "valor": "1.00"})
    monkeypatch.setattr("guias.providers.pagtoweb.PAGINA", 2)
    processar(buscas.BUSCAR, escritorio[:1], ana, parametros=periodo())
    assert Arrecadacao.objects.count() == 5
    chamadas = serpro_vivo.controle.chamadas(operacao="PAGAMENTOS71")
    assert [c["cobranca"] for c in chamadas] == ["sim"] * 3


def test_one_document_is_asked_by_its_number_and_its_proof_kept(escritorio, ana, serpro_vivo) -> None:
    guia = Guia.objects.get(empresa=escritorio[0])
    pagar(serpro_vivo, guia)
    consultas.buscar_pagamento(guia, ana, INTENCAO)
    trabalhar()
    guia.refresh_from_db()
    assert guia.paga_em is not None
    serpro_vivo.controle.cenario(acao="perder_resposta", operacao="COMPARRECADACAO72", vezes=1)
    consultas.buscar_comprovante(guia, ana, INTENCAO)
    trabalhar()
    guia.refresh_from_db()
    assert guia.comprovante is not None
    assert abrir(guia.comprovante).startswith(b"%PDF")
    assert len(serpro_vivo.controle.ledger(tipo="comprovante_emitido")) == 2  # a repeat is a charge, not a duplicate


def test_the_count_is_kept(escritorio, ana, serpro_vivo) -> None:
    pagar(serpro_vivo, Guia.objects.get(empresa=escritorio[0]))
    processar(buscas.CONTAR, escritorio[:1], ana, parametros=periodo())
    assert Consulta.objects.get(servico="PAGTOWEB/CONTACONSDOCARRPG73").resposta == {"quantos": 1}


def test_what_the_pgdasd_says_is_paid_says_neither_when_nor_how_much(escritorio, ana, serpro_vivo) -> None:
    guia = Guia.objects.get(empresa=escritorio[0])
    pagar(serpro_vivo, guia)
    consultas.consultar_periodo(Apuracao.objects.get(empresa=escritorio[0]), ana, INTENCAO)
    trabalhar()
    guia.refresh_from_db()
    assert (guia.fonte, guia.valor_pago) == (Guia.Fonte.PGDASD, guia.total)
    # The payments themselves know better, when they are asked.
    processar(buscas.BUSCAR, escritorio[:1], ana, parametros=periodo())
    guia.refresh_from_db()
    assert guia.fonte == Guia.Fonte.PAGTOWEB


def test_a_declaration_is_fetched_by_its_number(escritorio, ana) -> None:
    apuracao = Apuracao.objects.get(empresa=escritorio[0])
    numero, competencia = apuracao.id_declaracao, apuracao.competencia
    consultas.buscar_declaracao(escritorio[0], ana, INTENCAO, numero=numero, competencia=competencia)
    trabalhar()
    consulta = Consulta.objects.get(servico="PGDASD/CONSDECREC15")
    assert (consulta.chave, len(consulta.resposta["documentos"])) == (apuracao.id_declaracao, 2)


# -- free before paid --------------------------------------------------------------------------------------------------


def mais_tarde(sandbox) -> None:
    """The data of the news is 15 minutes behind."""
    sandbox.controle.relogio(deslocamento_segundos=16 * 60)


def perguntar_novidades(empresas: list[Empresa], ana) -> None:
    novidades.consultar(ana, empresas, [Evento.PAGAMENTOS])
    # The answer is ready a second after the request: what is asked before is looked at again.
    for _ in range(40):
        trabalhar()
        if not Operacao.objects.filter(tipo=novidades.TIPO, situacao=Situacao.ACEITA).exists():
            return


def test_the_economical_way_asks_only_of_whom_there_is_news(escritorio, ana, serpro_vivo) -> None:
    sem = escritorio[2]
    serpro_vivo.controle.cadastro(contribuintes=[{"documento": sem.documento, "procuracao_padrao": False}])
    pagar(serpro_vivo, Guia.objects.get(empresa=escritorio[0]))
    mais_tarde(serpro_vivo)
    antes = prevoo.prevoo(buscas.BUSCAR, escritorio, OUTUBRO, parametros=periodo(buscas.COM_NOVIDADE))
    assert (len(antes.novas), len(antes.fora)) == (0, 3)  # nobody asked for the news yet

    perguntar_novidades(escritorio, ana)
    (operacao,) = Operacao.objects.filter(tipo=novidades.TIPO)
    assert (operacao.situacao, operacao.classe) == (Situacao.CONCLUIDA, Classe.GRATIS)
    assert sorted(operacao.empresas) == sorted(e.pk for e in escritorio)
    ditas = {n.empresa_id: (n.dia is not None, n.sem_procuracao) for n in Novidade.objects.all()}
    assert ditas == {escritorio[0].pk: (True, False), escritorio[1].pk: (False, False), sem.pk: (False, True)}

    previa = prevoo.prevoo(buscas.BUSCAR, escritorio, OUTUBRO, parametros=periodo(buscas.COM_NOVIDADE))
    assert [nova.empresa_id for nova in previa.novas] == [escritorio[0].pk]
    assert len(prevoo.prevoo(buscas.BUSCAR, escritorio, OUTUBRO, parametros=periodo()).novas) == 3
    assert [c["cobranca"] for c in serpro_vivo.controle.chamadas(operacao="SOLICEVENTOSPJ132")] == ["nao"]


def test_thousands_of_empresas_go_a_thousand_at_a_time(credencial, ana, carteira) -> None:
    empresas = [criar_empresa(numero, carteira=carteira) for numero in range(1, 6)]
    for empresa in empresas:
        vincular(empresa, credencial, ana, Servico.PAGAMENTOS)
    from guias.providers import eventos

    anterior, eventos.MAXIMO = eventos.MAXIMO, 2
    try:
        plano = novidades.planejar(empresas, [Evento.PAGAMENTOS])
    finally:
        eventos.MAXIMO = anterior
    assert [len(nova.empresas) for nova in plano.novas] == [2, 2, 1]
    assert len({nova.chave for nova in plano.novas}) == 3
    novidades.consultar(ana, empresas, [Evento.PAGAMENTOS])
    with pytest.raises(novidades.Impedida, match="em andamento"):
        novidades.consultar(ana, empresas, [Evento.PAGAMENTOS])


# -- DAS apart from declarations ---------------------------------------------------------------------------------------


def test_the_das_of_collection_process_and_tributes(escritorio, ana, serpro_vivo, ouvidas) -> None:
    empresa, processo = escritorio[0], "10880123456202611"
    valores = {"1006": "80.00"}
    serpro_vivo.controle.cadastro(
        contribuintes=[
            {
                "documento": empresa.documento,
                "cobrancas": [{"pa": 202601, "valores": valores}],
                "processos": [{"numero": processo, "valores": valores}],
            }
        ]
    )
    janeiro = date(2026, 1, 1)
    processar(especiais.COBRANCA, [empresa], ana, janeiro)
    processar(especiais.PROCESSO, [empresa], ana, parametros={"processo": processo})
    processar(especiais.AVULSO, [empresa], ana, parametros={"tributos": "1001=30.50;1010=20.00,7107,SP"})

    cobranca = Guia.objects.get(tipo=Guia.Tipo.DAS_COBRANCA)
    assert (cobranca.divida, cobranca.competencia) == (f"cobranca:{empresa.pk}:202601", janeiro)
    assert cobranca.multa > 0
    de_processo = Guia.objects.get(tipo=Guia.Tipo.DAS_PROCESSO)
    assert (de_processo.divida, de_processo.periodo, de_processo.referencia) == (
        f"processo:{processo}",
        "Diversos",
        processo,
    )
    assert de_processo.vencimento == de_processo.limite
    avulso = Guia.objects.get(tipo=Guia.Tipo.DAS_AVULSO)
    assert (avulso.divida, avulso.total) == (f"avulso:{empresa.pk}:202610:1001+1010", Decimal("50.50"))

    quota = {"tributos": "1001=30.50", "prorrogacao": "2"}
    processar(especiais.AVULSO, [empresa], ana, date(2021, 4, 1), parametros=quota)
    assert Guia.objects.filter(divida=f"avulso:{empresa.pk}:202104:1001:prorrogado2").exists()

    # Asked again it stays out, unless another copy is wanted.
    assert not prevoo.prevoo(especiais.COBRANCA, [empresa], janeiro).novas
    processar(especiais.COBRANCA, [empresa], ana, janeiro, via_nova=True)
    assert ouvidas["reemitida"] == [Guia.objects.get(tipo=Guia.Tipo.DAS_COBRANCA, via=2).pk]

    # Of a slip that was paid the other copies are not to be.
    pagar(serpro_vivo, cobranca)
    consultas.buscar_pagamento(cobranca, ana, INTENCAO)
    trabalhar()
    segunda = Guia.objects.get(tipo=Guia.Tipo.DAS_COBRANCA, via=2)
    assert (situacao(cobranca), situacao(segunda)) == (SituacaoGuia.PAGA, SituacaoGuia.SUBSTITUIDA)


def test_a_debt_that_is_not_there_is_refused_in_the_service_s_words(escritorio, ana) -> None:
    processar(especiais.PROCESSO, escritorio[:1], ana, parametros={"processo": "1" * 17})
    operacao = Operacao.objects.get(tipo=especiais.TIPO_PROCESSO)
    assert operacao.situacao == Situacao.RECUSADA
    assert "não tem débito" in operacao.palavras_do_servico
