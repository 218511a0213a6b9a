"""What the handlers make of doubts, repeats and refusals, with a client in memory in place of the service."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from arquivo import services
from arquivo.models import Documento
from arquivo.services import abrir
from comum.documentos import LinhaDigitavel, linha_digitavel
from credentials.models import Credencial
from empresas.models import Empresa
from guias import handlers
from guias.handlers import EmitirDas, Simular, Transmitir
from guias.handlers.base import Sessao
from guias.models import Apuracao, Guia
from guias.providers import pgdasd
from guias.providers.interface import (
    Calculo,
    DasEmitido,
    DeclaracaoListada,
    Multa,
    Periodo,
    Procuracao,
    Recibo,
    Transmitida,
)
from guias.services import aprovacao, prevoo, quadro
from guias.services.acoes import Acao
from guias.services.dia_de_pagar import dia_proposto
from guias.services.intencoes import DAS_EMITIDO
from guias.services.retificacao import retificar as retificacao_de
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderRefused
from operacoes.handlers import Aconteceu, NaoAconteceu, Repeticao, handler_de
from operacoes.http import Chamadas
from operacoes.models import Operacao, Tentativa
from operacoes.motor import execucao, nova_revisao, submeter
from operacoes.motor.tomada import tomar
from sandbox import arrecadacao
from tests.guias.apoio import OUTUBRO, informar, instante, vincular

pytestmark = pytest.mark.django_db

AGORA = timezone.now().replace(microsecond=0)


class Receita:
    """The service's side of one period."""

    def __init__(self, *declaracoes: DeclaracaoListada, agora: datetime | None = None) -> None:
        self.declaracoes = declaracoes
        self.agora = agora
        self.recusa: ProviderRefused | None = None
        self.sem_consulta: AccessDenied | None = None

    def transmitir(self, *_: Any, **__: Any) -> Transmitida:
        if self.recusa is not None:
            raise self.recusa
        raise AssertionError("not expected to transmit")

    def periodo(self, *_: Any, **__: Any) -> Periodo:
        if self.sem_consulta is not None:
            raise self.sem_consulta
        return Periodo(OUTUBRO, self.declaracoes, (), self.agora)

    def ultima_declaracao(self, *_: Any, **__: Any) -> Recibo:
        return Recibo(self.declaracoes[-1].numero, b"%PDF-d", b"%PDF-r")


@pytest.fixture(autouse=True)
def a_receita_responde(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the client is a Receita, it answers for the functions of PGDASD."""
    for nome in ("transmitir", "periodo", "ultima_declaracao"):
        monkeypatch.setattr(pgdasd, nome, lambda receita, *a, _nome=nome, **k: getattr(receita, _nome)(*a, **k))


def listada(numero: str, quando: datetime = AGORA) -> DeclaracaoListada:
    return DeclaracaoListada(numero, quando, "Original")


@pytest.fixture
def apuracao(empresas: list[Empresa], credencial: Credencial, ana: Any) -> Apuracao:
    vincular(empresas[0], credencial, ana)
    apuracao = informar(empresas[0])
    aprovacao.aprovar([empresas[0]], OUTUBRO, ana, diferentes=set())
    apuracao.refresh_from_db()
    return apuracao


def operacao_de(acao: Acao, apuracao: Apuracao, usuario: Any, **opcoes: Any) -> Operacao:
    novas = prevoo.prevoo(acao, [apuracao.empresa], OUTUBRO, **opcoes).novas
    return submeter(novas, usuario=usuario).criadas[0]


@pytest.fixture
def transmissao(apuracao: Apuracao, ana: Any) -> Operacao:
    return operacao_de(Acao.TRANSMITIR, apuracao, ana)


def conferir(operacao: Operacao, receita: Receita, primeiro_envio: datetime = AGORA) -> Any:
    return Transmitir().conferir(operacao.pedido, Sessao(receita, primeiro_envio), None)  # type: ignore[arg-type]


def test_a_declaration_made_since_our_sending_is_ours_and_brings_its_documents(transmissao) -> None:
    resposta = conferir(transmissao, Receita(listada("90000001202610001")))
    assert isinstance(resposta, Aconteceu)
    assert (resposta.resposta.id_declaracao, resposta.resposta.recibo) == ("90000001202610001", b"%PDF-r")


def test_nothing_at_the_receita_is_not_happened(transmissao) -> None:
    assert isinstance(conferir(transmissao, Receita()), NaoAconteceu)


def test_a_declaration_from_before_our_sending_is_not_ours(transmissao) -> None:
    antiga = listada("90000001202610001", AGORA - timedelta(hours=3))
    assert isinstance(conferir(transmissao, Receita(antiga)), NaoAconteceu)


def test_a_declaration_already_known_is_not_ours(transmissao) -> None:
    transmissao.pedido["conhecidas"] = ["90000001202610001"]
    assert isinstance(conferir(transmissao, Receita(listada("90000001202610001"))), NaoAconteceu)


def test_the_clock_of_the_service_may_be_another(transmissao) -> None:
    la = AGORA - timedelta(days=30)
    resposta = conferir(transmissao, Receita(listada("90000001202610001", la), agora=la + timedelta(seconds=5)))
    assert isinstance(resposta, Aconteceu)


@pytest.mark.parametrize("desvio", [timedelta(hours=-1), timedelta(hours=1)])
def test_the_clock_of_the_worker_may_be_wrong(transmissao, monkeypatch, desvio: timedelta) -> None:
    """Found by the fault harness: an hour behind, a worker did not see its own declaration and rectified twice."""
    tentativa = Tentativa.objects.create(
        id=uuid.uuid4(),
        operacao=transmissao,
        especie="envio",
        trabalhador="outro",
        iniciada_em=AGORA,
        classe="declaracao",
    )
    Operacao.objects.filter(pk=transmissao.pk).update(situacao="incerta", envios=1)
    transmissao.refresh_from_db()
    nossa = listada("90000001202610002", tentativa.iniciada_em + timedelta(seconds=1))
    antiga = listada("90000001202610001", AGORA - timedelta(minutes=30))
    with time_machine.travel(datetime.now(UTC) + desvio, tick=True):
        for declaracao, esperado in ((nossa, Aconteceu), (antiga, NaoAconteceu)):
            receita = Receita(declaracao, agora=AGORA + timedelta(seconds=2))
            monkeypatch.setattr("guias.handlers.base.abrir", lambda _, receita=receita: receita)
            sessao = Transmitir().preparar(transmissao)
            assert isinstance(Transmitir().conferir(transmissao.pedido, sessao, None), esperado)  # type: ignore[arg-type]


def test_a_refused_repeat_that_had_landed_before_is_found(transmissao) -> None:
    receita = Receita(listada("90000001202610001"))
    receita.recusa = ProviderRefused("período já declarado")
    feita = Transmitir().enviar(transmissao.pedido, Sessao(receita, AGORA), None)  # type: ignore[arg-type]
    assert feita.id_declaracao == "90000001202610001"


def test_a_refused_repeat_that_nobody_can_look_up_stays_a_doubt(transmissao) -> None:
    """The access denied to the question is no refusal of the sending, which had landed."""
    receita = Receita(listada("90000001202610001"))
    receita.recusa = ProviderRefused("período já declarado", codigo="MSG_ISN_002")
    receita.sem_consulta = AccessDenied("Falta procuração.", alcance=Alcance.EMPRESA)
    with pytest.raises(OutcomeUnknown, match="Falta procuração") as achado:
        Transmitir().enviar(transmissao.pedido, Sessao(receita, AGORA), None)  # type: ignore[arg-type]
    assert achado.value.codigo == "MSG_ISN_002"


@pytest.mark.parametrize(("desfecho", "visto"), [("incerta", True), ("abandonada", True), ("recusada", False)])
def test_a_revision_remembers_a_sending_of_the_one_before_whose_end_nobody_knows(
    transmissao, ana, monkeypatch, desfecho: str, visto: bool
) -> None:
    Tentativa.objects.create(
        id=uuid.uuid4(), operacao=transmissao, especie="envio", trabalhador="w", classe="declaracao", desfecho=desfecho
    )
    Operacao.objects.filter(pk=transmissao.pk).update(situacao="recusada", encerrada_em=AGORA)
    repetida = nova_revisao(transmissao, Repeticao(transmissao.pedido, transmissao.acesso), ana)
    monkeypatch.setattr("guias.handlers.base.abrir", lambda _: Receita())
    assert (Transmitir().preparar(repetida).primeiro_envio is not None) is visto


def test_a_first_refusal_is_believed_without_asking(transmissao) -> None:
    receita = Receita(listada("90000001202610001"))
    receita.recusa = ProviderRefused("período já declarado")
    with pytest.raises(ProviderRefused):
        Transmitir().enviar(transmissao.pedido, Sessao(receita, None), None)  # type: ignore[arg-type]


def transmitida(**campos: Any) -> Transmitida:
    base: dict[str, Any] = {
        "id_declaracao": "90000001202610001",
        "transmitida_em": AGORA,
        "valores": {},
        "declaracao": b"%PDF-d",
        "recibo": b"%PDF-r",
    }
    return Transmitida(**(base | campos))


def test_a_found_declaration_is_worth_the_approved_values(apuracao, transmissao) -> None:
    Transmitir().aplicar(transmissao, transmitida())
    depois = Apuracao.objects.get(pk=apuracao.pk)
    assert depois.situacao == Apuracao.Situacao.TRANSMITIDA
    assert depois.declarado == apuracao.aprovado


def test_applying_twice_leaves_one_das_intent(apuracao, ana) -> None:
    operacao = operacao_de(Acao.TRANSMITIR, apuracao, ana, das_em_seguida=True)
    for _ in range(2):
        Transmitir().aplicar(operacao, transmitida())
    assert Operacao.objects.filter(tipo="guias.das.emitir").count() == 1


def test_no_das_is_asked_where_nothing_is_due(empresas, credencial, ana) -> None:
    vincular(empresas[0], credencial, ana)
    apuracao = informar(empresas[0])
    apuracao.simulado, apuracao.total_simulado = {}, Decimal("0.00")
    apuracao.calculado, apuracao.total_calculado = {}, Decimal("0.00")
    apuracao.save()
    aprovacao.aprovar([empresas[0]], OUTUBRO, ana, diferentes=set())
    operacao = operacao_de(Acao.TRANSMITIR, apuracao, ana, das_em_seguida=True)

    Transmitir().aplicar(operacao, transmitida())

    assert not Operacao.objects.filter(tipo="guias.das.emitir").exists()


def test_a_retificacao_without_its_papers_does_not_show_those_of_the_declaration_before(apuracao, ana) -> None:
    Transmitir().aplicar(operacao_de(Acao.TRANSMITIR, apuracao, ana), transmitida())
    Operacao.objects.update(situacao="concluida", encerrada_em=AGORA)
    antes = Apuracao.objects.get(pk=apuracao.pk)
    assert retificacao_de(antes, ana, "nota cancelada depois") == ""
    aprovacao.aprovar([apuracao.empresa], OUTUBRO, ana, diferentes=set())

    retificacao = operacao_de(Acao.TRANSMITIR, apuracao, ana)
    Transmitir().aplicar(retificacao, transmitida(id_declaracao="90000001202610002", declaracao=b"", recibo=b""))

    depois = Apuracao.objects.get(pk=apuracao.pk)
    assert (antes.documento_declaracao is None, antes.documento_recibo is None) == (False, False)
    assert (depois.id_declaracao, depois.documento_declaracao, depois.documento_recibo) == (
        "90000001202610002",
        None,
        None,
    )
    assert apuracao.empresa.documentos.count() == 2


def test_the_late_fine_is_kept_with_its_notice(apuracao, transmissao) -> None:
    resultado = Transmitir().aplicar(
        transmissao, transmitida(multa=Multa(b"%PDF-n", b"%PDF-f"), avisos=("fora do prazo",))
    )
    assert resultado["avisos"] == ["fora do prazo"]
    assert set(apuracao.empresa.documentos.values_list("tipo", flat=True)) == {
        "declaracao",
        "recibo",
        "maed",
        "darf_maed",
    }


def test_what_was_told_besides_shows_on_the_operacao(transmissao, ana, client) -> None:
    Operacao.objects.filter(pk=transmissao.pk).update(resposta={"avisos": ["Transmitida fora do prazo."]})
    client.force_login(ana)
    assert "Transmitida fora do prazo." in client.get(transmissao.get_absolute_url()).content.decode()


def test_a_person_may_say_that_it_was_transmitted(apuracao, transmissao) -> None:
    Transmitir().resolvida(transmissao, "visto no portal: 90000001202610001")
    apuracao.refresh_from_db()
    assert (apuracao.situacao, apuracao.id_declaracao) == ("transmitida", "90000001202610001")
    assert apuracao.transmitida_em is None  # the person knows the number, not the moment


def slip(total: Decimal, limite: date, orgao: str = arrecadacao.ORGAO_SIMPLES) -> str:
    codigo = arrecadacao.codigo_barras(total, limite, arrecadacao.numero_documento("0720", limite, 7), orgao)
    return arrecadacao.linha_digitavel(codigo)


@pytest.fixture
def emissao(apuracao: Apuracao, ana: Any) -> Operacao:
    Transmitir().aplicar(operacao_de(Acao.TRANSMITIR, apuracao, ana, das_em_seguida=True), transmitida())
    apuracao.refresh_from_db()
    return Operacao.objects.get(tipo="guias.das.emitir")


def test_a_person_may_bring_the_das_seen_on_the_portal(apuracao, emissao) -> None:
    devido = apuracao.total_declarado
    linha = slip(devido, emissao.prazo)
    assert EmitirDas().problema_da_prova(emissao, linha) == ""
    EmitirDas().resolvida(emissao, linha, b"%PDF-do-portal")
    guia = Guia.objects.get(operacao=emissao)
    assert (guia.total, guia.principal, guia.multa, guia.juros) == (devido, devido, Decimal(0), Decimal(0))
    assert (guia.limite, guia.numero[:4], guia.apuracao) == (emissao.prazo, "0720", apuracao)
    assert guia.documento is not None
    assert abrir(guia.documento) == b"%PDF-do-portal"


def test_an_overdue_das_brings_its_fine_and_interest(apuracao, emissao) -> None:
    devido = apuracao.total_declarado
    linha = slip(devido + 150, emissao.prazo + timedelta(days=10))
    EmitirDas().resolvida(emissao, linha, b"%PDF-")
    guia = Guia.objects.get(operacao=emissao)
    assert guia.multa == (devido * Decimal("0.033")).quantize(Decimal("0.01"), ROUND_DOWN)
    assert (guia.principal, guia.multa + guia.juros, guia.total) == (devido, Decimal(150), devido + 150)


def test_the_das_of_somebody_else_is_refused_with_the_reason(apuracao, emissao) -> None:
    devido, prazo = apuracao.total_declarado, emissao.prazo
    problema = EmitirDas().problema_da_prova
    assert "o declarado nesta competência é" in problema(emissao, slip(devido + 1, prazo))
    a_menos = problema(emissao, slip(devido - 1, prazo + timedelta(days=10)))
    assert "o declarado nesta competência é" in a_menos
    assert "responda “Não aconteceu” para pedir outro" in a_menos
    assert "de outra guia" in problema(emissao, slip(devido, prazo, arrecadacao.ORGAO_RECEITA))
    assert "48" in problema(emissao, "8588 0000")
    lida = linha_digitavel(slip(devido, prazo))
    assert isinstance(lida, LinhaDigitavel)
    Guia.objects.create(
        tipo="das",
        empresa=apuracao.empresa,
        divida="outra",
        competencia=date(2026, 9, 1),
        numero=lida.documento,
        vencimento=prazo,
        limite=prazo,
        principal=1,
        multa=0,
        juros=0,
        total=1,
        documento=Documento.objects.all()[0],
        operacao=Operacao.objects.exclude(pk=emissao.pk)[0],
    )
    assert "já está guardado" in problema(emissao, slip(devido, prazo))


def test_an_overdue_das_is_bounded_by_the_fine_and_the_interest_of_its_months(apuracao, emissao) -> None:
    Apuracao.objects.filter(pk=apuracao.pk).update(total_declarado=1000)
    problema, prazo = EmitirDas().problema_da_prova, emissao.prazo
    assert problema(emissao, slip(Decimal(1000), prazo + timedelta(days=10))) == ""
    assert problema(emissao, slip(Decimal(1053), prazo + timedelta(days=10))) == ""
    assert "no máximo R$ 1.053,00" in problema(emissao, slip(Decimal("1053.01"), prazo + timedelta(days=10)))
    um_ano = prazo.replace(year=prazo.year + 1)
    assert problema(emissao, slip(Decimal(1440), um_ano)) == ""
    assert "no máximo R$ 1.440,00" in problema(emissao, slip(Decimal("1440.01"), um_ano))


@pytest.mark.parametrize("declarado", [None, Decimal(0)])
def test_a_month_with_nothing_declared_has_no_das_to_bring(apuracao, emissao, declarado) -> None:
    Apuracao.objects.filter(pk=apuracao.pk).update(total_declarado=declarado)
    assert "não tem valor declarado" in EmitirDas().problema_da_prova(emissao, slip(Decimal(10), emissao.prazo))


def test_the_day_to_pay_is_neither_before_the_due_date_nor_before_the_day_asked_for(apuracao, emissao) -> None:
    devido, prazo, problema = apuracao.total_declarado, emissao.prazo, EmitirDas().problema_da_prova
    assert "vence em" in problema(emissao, slip(devido, prazo - timedelta(days=1)))
    emissao.pedido["consolidacao"] = (prazo + timedelta(days=5)).isoformat()
    assert "um DAS mais antigo" in problema(emissao, slip(devido, prazo + timedelta(days=4)))
    assert problema(emissao, slip(devido, prazo + timedelta(days=5))) == ""


def test_a_difference_reopens_and_other_refusals_do_not(apuracao, transmissao) -> None:
    transmissao.codigo = "EntradaIncorreta-PGDASD-MSG_ISN_018"
    Transmitir().recusada(transmissao)
    apuracao.refresh_from_db()
    antes = apuracao.situacao
    transmissao.codigo = "EntradaIncorreta-PGDASD-MSG_ISN_035"
    Transmitir().recusada(transmissao)
    apuracao.refresh_from_db()
    assert (antes, apuracao.situacao) == ("conferida", "aberta")


def test_after_a_difference_the_month_is_to_be_simulated_and_checked_again(apuracao, transmissao, ana) -> None:
    Apuracao.objects.filter(pk=apuracao.pk).update(simulado=apuracao.aprovado, total_simulado=apuracao.total_aprovado)
    Operacao.objects.filter(pk=transmissao.pk).update(situacao="recusada", encerrada_em=AGORA)
    transmissao.codigo = "EntradaIncorreta-PGDASD-MSG_ISN_035"
    transmissao.pedido["simular_se_diferir"] = False
    Transmitir().recusada(transmissao)
    estado = quadro.quadro(ana, OUTUBRO).get(pk=apuracao.empresa_id).estado
    previa = prevoo.prevoo(Acao.SIMULAR, [apuracao.empresa], OUTUBRO)
    assert (estado, previa.prontas) == ("a_simular", [apuracao.empresa])
    assert not handler_de(transmissao.tipo).repetivel(transmissao.codigo)

    empresa = apuracao.empresa
    antes = aprovacao.aprovar([empresa], OUTUBRO, ana, diferentes={empresa.pk})
    apuracao.refresh_from_db()
    simulacao = operacao_de(Acao.SIMULAR, apuracao, ana)
    Simular().aplicar(simulacao, Calculo({"1001": Decimal("1.00")}))
    depois = aprovacao.aprovar([empresa], OUTUBRO, ana, diferentes={empresa.pk})
    assert ([item.codigo for item in antes.fora], antes.aprovadas, len(depois.aprovadas)) == (
        ["exige_simulacao"],
        [],
        1,
    )


def recusar(operacao: Operacao) -> None:
    Operacao.objects.filter(pk=operacao.pk).update(situacao="recusada", encerrada_em=AGORA)


def estado_de(apuracao: Apuracao, usuario: Any) -> str:
    estado: str = quadro.quadro(usuario, OUTUBRO).get(pk=apuracao.empresa_id).estado
    return estado


def test_a_refused_simulation_does_not_hide_what_was_approved_after_it(empresas, credencial, ana) -> None:
    vincular(empresas[0], credencial, ana)
    apuracao = informar(empresas[0])
    recusar(operacao_de(Acao.SIMULAR, apuracao, ana))
    antes = estado_de(apuracao, ana)
    aprovacao.aprovar([empresas[0]], OUTUBRO, ana, diferentes=set())
    depois = estado_de(apuracao, ana)
    recusar(operacao_de(Acao.TRANSMITIR, apuracao, ana))
    assert (antes, depois, estado_de(apuracao, ana)) == ("recusada", "conferida", "recusada")


def test_a_refused_copy_does_not_hide_the_das_there_is(apuracao, ana) -> None:
    declarar(apuracao, "100.00")
    primeira = operacao_de(Acao.EMITIR_DAS, apuracao, ana)
    recusar(primeira)
    sem_guia = estado_de(apuracao, ana)
    EmitirDas().aplicar(primeira, das("07202632512345678"))
    recusar(operacao_de(Acao.EMITIR_DAS, apuracao, ana, via_nova=True))
    assert (sem_guia, estado_de(apuracao, ana)) == ("recusada", "emitida")


def test_a_late_das_that_follows_is_brought_to_the_day_proposed(apuracao, transmissao) -> None:
    Operacao.objects.filter(pk=transmissao.pk).update(prazo=date(2026, 11, 19))
    transmissao.refresh_from_db()
    transmissao.pedido["emitir_das"] = True
    Transmitir().aplicar(transmissao, Transmitida("1" * 17, AGORA, {"1001": Decimal("50.00")}, b"", b""))
    assert (
        Operacao.objects.get(tipo="guias.das.emitir").pedido["consolidacao"]
        == dia_proposto(timezone.localdate()).isoformat()
    )


def test_a_retry_from_the_list_names_what_it_repeats(apuracao, transmissao, ana) -> None:
    Operacao.objects.filter(pk=transmissao.pk).update(situacao="recusada", encerrada_em=AGORA)
    assert operacao_de(Acao.TRANSMITIR, apuracao, ana).anterior_id == transmissao.pk


def test_repeating_goes_through_the_credencial_of_today(apuracao, transmissao, ana) -> None:
    outra = Credencial.objects.create(
        codigo=2,
        descricao="Outra",
        contratante="90000002000177",
        consumer_key=b"x",
        consumer_secret=b"x",
        certificado=Credencial.objects.get().certificado,
    )
    apuracao.empresa.vinculo.delete()
    sem = handler_de(transmissao.tipo).repetir([transmissao], ana)[transmissao.pk]
    vincular(apuracao.empresa, outra, ana)
    com: Any = handler_de(transmissao.tipo).repetir([transmissao], ana)[transmissao.pk]
    assert "Inclua a empresa na janela" in str(sem)
    assert (com.acesso, com.pedido["partes"]["contratante"]) == (outra.acesso, outra.contratante)


def test_an_avancar_waits_for_the_submission_to_commit(apuracao, ana) -> None:
    previa = prevoo.prevoo(Acao.TRANSMITIR, [apuracao.empresa], OUTUBRO)
    with CaptureQueriesContext(connection) as feitas:
        prevoo.processar(Acao.TRANSMITIR, [apuracao.empresa], OUTUBRO, ana, marca=previa.marca)
    consultas = [consulta["sql"] for consulta in feitas]
    trava = next(n for n, sql in enumerate(consultas) if "FOR KEY SHARE" in sql)
    assert trava < next(n for n, sql in enumerate(consultas) if 'FROM "credentials_vinculo"' in sql)


def test_repeating_sends_what_the_apuracao_says_now(apuracao, transmissao, ana) -> None:
    assert "em andamento" in aprovacao.declarar_retificadora(apuracao, ana, True)
    Operacao.objects.filter(pk=transmissao.pk).update(situacao="recusada", encerrada_em=AGORA)
    assert aprovacao.declarar_retificadora(apuracao, ana, True) == ""
    repetir = handler_de(transmissao.tipo).repetir
    assert "ainda não foram aprovados" in str(repetir([transmissao], ana)[transmissao.pk])
    aprovacao.aprovar([apuracao.empresa], OUTUBRO, ana, diferentes=set())
    repeticao: Any = repetir([transmissao], ana)[transmissao.pk]
    assert repeticao.pedido["declaracao"]["retificadora"] is True


def declarar(apuracao: Apuracao, total: str, **campos: Any) -> None:
    Apuracao.objects.filter(pk=apuracao.pk).update(
        situacao="transmitida", id_declaracao="90000001202610001", total_declarado=Decimal(total), **campos
    )


@pytest.mark.parametrize(("total", "estado", "prontas"), [("9.99", "abaixo_do_minimo", 0), ("10.00", "transmitida", 1)])
def test_a_das_under_ten_reais_is_not_drawn(apuracao, ana, total, estado, prontas) -> None:
    declarar(apuracao, total)
    previa = prevoo.prevoo(Acao.EMITIR_DAS, [apuracao.empresa], OUTUBRO)
    assert quadro.quadro(ana, OUTUBRO).get(pk=apuracao.empresa_id).estado == estado
    assert len(previa.prontas) == prontas
    assert prontas or "soma-se ao mês seguinte" in previa.fora[0].motivo


def test_a_das_repeated_after_the_due_date_is_brought_to_the_day_proposed(apuracao, ana, time_machine) -> None:
    declarar(apuracao, "100.00")
    time_machine.move_to(instante("2026-11-20 10:00"), tick=False)
    operacao = operacao_de(Acao.EMITIR_DAS, apuracao, ana)
    time_machine.move_to(instante("2026-11-25 10:00"), tick=False)
    repeticao: Any = handler_de(operacao.tipo).repetir([operacao], ana)[operacao.pk]
    assert (operacao.pedido["consolidacao"], repeticao.pedido["consolidacao"]) == (None, "2026-11-25")


def test_a_das_of_an_earlier_revision_is_not_repeated(apuracao, ana) -> None:
    declarar(apuracao, "100.00")
    operacao = operacao_de(Acao.EMITIR_DAS, apuracao, ana)
    declarar(apuracao, "100.00", revisao=2)
    assert "retificação" in str(handler_de(operacao.tipo).repetir([operacao], ana)[operacao.pk])


def das(numero: str) -> DasEmitido:
    cem = Decimal("100.00")
    return DasEmitido(numero, OUTUBRO, OUTUBRO, cem, Decimal(0), Decimal(0), cem, [], (), b"%PDF-" + numero.encode())


def test_the_same_das_drawn_again_is_one_guia(apuracao, ana) -> None:
    Apuracao.objects.filter(pk=apuracao.pk).update(
        situacao="transmitida", id_declaracao="90000001202610001", total_declarado=Decimal(100)
    )
    operacao = operacao_de(Acao.EMITIR_DAS, apuracao, ana)
    primeira, segunda = (handlers.EmitirDas().aplicar(operacao, das("07202632512345678")) for _ in range(2))
    assert Guia.objects.get().total == Decimal("100.00")
    assert segunda == primeira
    assert [str(documento.pk) for documento in Documento.objects.all()] == primeira["documentos"]


def test_a_copy_asked_after_one_that_came_with_the_same_number_is_another_request(apuracao, ana) -> None:
    declarar(apuracao, "100.00")
    for via, numero in ((1, "07202632512345678"), (2, "07202632512345678"), (3, "07202632512345699")):
        operacao = operacao_de(Acao.EMITIR_DAS, apuracao, ana, via_nova=True)
        assert operacao.pedido["via"] == via
        EmitirDas().aplicar(operacao, das(numero))
        Operacao.objects.filter(pk=operacao.pk).update(situacao="concluida", encerrada_em=AGORA)
    recusada = operacao_de(Acao.EMITIR_DAS, apuracao, ana, via_nova=True)
    recusar(recusada)
    repetida = operacao_de(Acao.EMITIR_DAS, apuracao, ana, via_nova=True)
    assert (repetida.pedido["via"], repetida.revisao) == (4, 2)
    EmitirDas().aplicar(repetida, das("07202632512345700"))
    assert handler_de(recusada.tipo).repetir([recusada], ana)[recusada.pk] == DAS_EMITIDO


def test_an_answer_to_older_figures_is_not_taken_for_the_present_ones(apuracao, ana) -> None:
    operacao = operacao_de(Acao.SIMULAR, apuracao, ana)
    Apuracao.objects.filter(pk=apuracao.pk).update(versao=99)
    handlers.Simular().aplicar(operacao, Calculo({"1001": Decimal("1.00")}))
    apuracao.refresh_from_db()
    assert apuracao.total_simulado is None


def test_procuracoes_are_kept_with_the_grant_that_serves(apuracao, ana) -> None:
    operacao = operacao_de(Acao.PROCURACOES, apuracao, ana)
    outorgas = [
        Procuracao(OUTUBRO.replace(year=2027), ["PGDAS-D a partir de 01/2018"]),
        Procuracao(OUTUBRO.replace(year=2030), ["Caixa Postal"]),
    ]
    handlers.ConsultarProcuracoes().aplicar(operacao, outorgas)
    guardada = apuracao.empresa.procuracoes.get()
    assert (guardada.expira, len(guardada.sistemas)) == (OUTUBRO.replace(year=2027), 2)


def test_the_pdf_of_an_answer_is_written_before_its_transaction(emissao, monkeypatch) -> None:
    """No transaction waits for a bucket."""
    blocos: list[int] = []
    escrever = services._guardar_arquivo

    def anotar(caminho: str, conteudo: bytes) -> None:
        blocos.append(len(connection.atomic_blocks))
        escrever(caminho, conteudo)

    monkeypatch.setattr("arquivo.services._guardar_arquivo", anotar)
    Operacao.objects.exclude(pk=emissao.pk).update(situacao="concluida", encerrada_em=AGORA)
    tomada = tomar(emissao.balde)
    assert tomada is not None
    antes = len(connection.atomic_blocks)
    execucao.registrar(tomada, execucao.Retorno(Chamadas("t", 0.0), resposta=das("07202632512345678")))
    emissao.refresh_from_db()
    assert (emissao.situacao, blocos) == ("concluida", [antes])
