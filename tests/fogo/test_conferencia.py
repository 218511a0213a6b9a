"""The harness can fail: engines and handlers broken on purpose, and what the comparison says of them."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from operacoes import handlers
from operacoes.ensaio import NoLivro, NoSandbox
from operacoes.errors import OutcomeUnknown, ProviderRefused
from operacoes.fila import DRENAR, FILA, acordar
from operacoes.handlers import Aconteceu, Conferencia, Handler, Limite, NaoAconteceu
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao, Pausa, Situacao
from operacoes.motor import NovaOperacao, submeter
from operacoes.motor.julgamento import ENVIO_SEM_RESPOSTA
from tests.fogo import plano
from tests.fogo.cena import Cena, Controle
from tests.fogo.conferencia import Linha, Registro, acima_do_limite, comparar, demais, ler_registros, tabela
from tests.fogo.rodada import Resultado, Rodada, regras_do_servico
from tests.operacoes.apoio import escoar, vencer

pytestmark = pytest.mark.django_db


class Honesto(Handler):
    """One effect for each sending; the first answer is lost."""

    tipo, rotulo, servico = "fogo.teste", "Teste do fogo", "fogo"
    efeito, classe = Efeito.UNICO, Classe.DECLARACAO
    demora_maxima = timedelta(0)
    no_sandbox = NoSandbox(lambda pedido: {"contribuinte": pedido["quem"]}, entradas=frozenset({"entrar"}))
    efeito_no_livro = "feito"
    prova, onde_conferir = "", "No livro."

    def __init__(self) -> None:
        self.livro: list[dict[str, Any]] = []

    def limites(self, acesso: str) -> tuple[Limite, ...]:
        return (Limite(f"fogo:{acesso}", 1000, timedelta(seconds=1), rajada=1000),)

    def preparar(self, operacao: Operacao) -> Any:
        return None

    def enviar(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Any:
        chamadas.sem_volta.append({})
        numero = self.acontecer(pedido, chamadas.tag)
        if len(self.livro) == 1:
            raise OutcomeUnknown("A resposta se perdeu.")
        return numero

    def acontecer(self, pedido: dict[str, Any], tag: str) -> str:
        numero = str(len(self.livro) + 1)
        self.livro.append(
            {
                "servico": "fogo",
                "tipo": "feito",
                "contribuinte": pedido["quem"],
                "pa": "202610",
                "numero": numero,
                "tag": tag,
                "documento": "",
            }
        )
        return numero

    def conferir(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Conferencia:
        feitos = [efeito["numero"] for efeito in self.livro if efeito["contribuinte"] == pedido["quem"]]
        return Aconteceu(feitos[-1]) if feitos else NaoAconteceu()

    def aplicar(self, operacao: Operacao, resposta: Any) -> dict[str, Any]:
        return {"numero": resposta}

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return NoLivro("fogo", "feito", operacao.pedido["quem"], "202610", operacao.resposta.get("numero", ""))


class Esquecido(Honesto):
    """Its question never finds what happened."""

    def conferir(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Conferencia:
        return NaoAconteceu()


class Refutador(Honesto):
    """It takes a success for a refusal."""

    def enviar(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Any:
        self.acontecer(pedido, chamadas.tag)
        raise ProviderRefused("O serviço recusou.", codigo="X")


class Otimista(Honesto):
    """It believes that what was lost on the way has happened."""

    def enviar(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Any:
        raise OutcomeUnknown("A conexão caiu.")

    def conferir(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Conferencia:
        return Aconteceu("1")


class Medroso(Honesto):
    """It refuses what it never sent."""

    def enviar(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Any:
        raise ProviderRefused("Não deu.", codigo="X")


class Anonimo(Honesto):
    """It sends without the tag of the try."""

    def acontecer(self, pedido: dict[str, Any], tag: str) -> str:
        return super().acontecer(pedido, "")


class Titulos(Honesto):
    """Another service, which knows titles and no empresa."""

    tipo, servico = "fogo.titulos", "banco"
    no_sandbox = NoSandbox(lambda pedido: {"contribuinte": pedido["quem"], "pa": "202610"}, frozenset({"token"}))


class ConsultarTitulos(Titulos):
    """A reading of the same titles."""

    tipo, efeito, efeito_no_livro = "fogo.titulos.consultar", Efeito.DOCUMENTO, ""

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return None


class Papel(Honesto):
    """A document: drawn again after a lost answer."""

    efeito = Efeito.DOCUMENTO


@pytest.fixture
def rodar(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Linha]:
    def rodar(classe: type[Honesto], *, voltas: int = 4) -> Linha:
        handler = classe()
        monkeypatch.setitem(handlers._registro, handler.tipo, handler)
        submeter([NovaOperacao(handler.tipo, "fogo:1", {"quem": "1"}, "conta:1")], usuario=None)
        for _ in range(voltas):
            for operacao in Operacao.objects.filter(situacao__in=[Situacao.PENDENTE, Situacao.INCERTA]):
                vencer(operacao)
            escoar()
        (linha,) = [linha for linha in comparar(ler_registros(), handler.livro) if linha.previstas]
        return linha

    return rodar


def test_an_honest_handler_passes_a_lost_answer(rodar: Any) -> None:
    linha = rodar(Honesto)
    assert (linha.previstas, linha.efeitos, linha.mal) == (1, 1, False)


def test_a_handler_of_another_service_joins_without_an_empresa(rodar: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    linha = rodar(Titulos)
    assert (linha.previstas, linha.efeitos, linha.mal) == (1, 1, False)
    monkeypatch.setitem(handlers._registro, ConsultarTitulos.tipo, ConsultarTitulos())
    medidas = plano.curta(60, 2)
    titulos, lidos = (
        [NovaOperacao(tipo, f"{tipo}:{n}", {"quem": f"{comeco}{n}"}, "conta:1") for n in range(400)]
        for tipo, comeco in ((Titulos.tipo, "T"), (ConsultarTitulos.tipo, "L"))
    )
    dos_titulos, das_leituras = (regras_do_servico(7, novas, medidas) for novas in (titulos, lidos))
    assert {(r.campos["servico"], r.campos["pa"], r.campos["contribuinte"][0]) for r in dos_titulos} == {
        ("banco", "202610", "T")
    }
    assert plano.TARDIA in {regra.falha for regra in dos_titulos}
    assert {regra.falha for regra in das_leituras} == {*plano.FALHAS}
    # A reading among them does not take the effect from what is asked about the same title.
    assert regras_do_servico(7, [*titulos, *(replace(n, tipo=ConsultarTitulos.tipo) for n in titulos)], medidas) == (
        dos_titulos
    )


def test_opening_the_access_is_no_answer_to_a_reading(rodar: Any) -> None:
    rodar(ConsultarTitulos)
    (lida,) = ler_registros()
    (tag, *_) = lida.tags
    (linha,) = comparar([lida], [], chamadas=[chamada(tag=tag, operacao="token")])
    assert len(linha.inexplicadas) == 1
    (linha,) = comparar([lida], [], chamadas=[chamada(tag=tag, operacao="titulo")])
    assert not linha.mal


def test_an_intent_that_became_two_operations_is_a_duplicate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(handlers._registro, Honesto.tipo, Honesto())
    primeira, outra = (NovaOperacao(Honesto.tipo, f"fogo:{n}", {"quem": "1"}, "conta:1") for n in (1, 2))
    criada = submeter([primeira], usuario=None).criadas[0]
    submeter([replace(primeira, chave="fogo:1:r2", anterior_id=criada.pk)], usuario=None)
    assert list(demais([primeira])) == []  # repeated on purpose
    submeter([outra], usuario=None)
    assert list(demais([primeira, outra])) == []
    repetidas = list(demais([primeira]))
    assert [tipo for tipo, _ in repetidas] == [Honesto.tipo]
    (linha,) = comparar([], [], repetidas=repetidas)
    assert linha.mal


def test_a_question_that_never_finds_anything_is_seen_as_a_duplicate(rodar: Any) -> None:
    linha = rodar(Esquecido)
    assert linha.efeitos == 2
    assert len(linha.duplicadas) == 1
    assert "DUPLICADAS" in tabela([linha])


def test_an_effect_taken_for_a_refusal_is_seen_as_lost(rodar: Any) -> None:
    linha = rodar(Refutador)
    assert len(linha.perdidas) == 1
    assert linha.mal


def test_a_success_that_never_happened_is_seen_as_unexplained(rodar: Any) -> None:
    linha = rodar(Otimista)
    assert (linha.efeitos, len(linha.inexplicadas)) == (0, 1)


def test_a_refusal_of_what_was_never_sent_is_seen_as_unexplained(rodar: Any) -> None:
    linha = rodar(Medroso)
    assert (linha.efeitos, len(linha.inexplicadas)) == (0, 1)


def test_an_effect_that_belongs_to_nobody_is_seen(rodar: Any) -> None:
    linha = rodar(Anonimo)
    assert linha.mal
    assert linha.inexplicadas


def test_a_document_drawn_again_is_a_charge_and_no_duplicate(rodar: Any) -> None:
    linha = rodar(Papel)
    assert (linha.efeitos, linha.a_mais, linha.mal) == (2, 1, False)


def test_what_is_still_open_is_lost_unless_it_waits_for_somebody(rodar: Any) -> None:
    linha = rodar(Honesto, voltas=0)
    assert len(linha.perdidas) == 1


def registro(**campos: Any) -> Registro:
    base: dict[str, Any] = {
        "pk": 1,
        "tipo": "t",
        "efeito": Efeito.UNICO,
        "situacao": Situacao.AGUARDA_PESSOA,
        "motivo": "Confira no portal.",
        "grupo": "",
        "livro": NoLivro("s", "feito", "1"),
        "tags": frozenset({"a"}),
        "segundos": None,
        "entradas": frozenset({"authenticate"}),
    }
    return Registro(**base | campos)


def efeito(**campos: Any) -> dict[str, Any]:
    base = {"servico": "s", "tipo": "feito", "contribuinte": "1", "pa": "", "documento": "", "numero": "9", "tag": "a"}
    return base | campos


def chamada(**campos: Any) -> dict[str, Any]:
    base = {"servico": "s", "tag": "a", "operacao": "CONSDECLARACAO13", "cobranca": "sim", "limite": ""}
    return base | {"status_http": 200, "cenario": "", "codigos": []} | campos


def test_who_waits_for_a_person_is_listed_with_the_reason() -> None:
    (linha,) = comparar([registro()], [efeito()], chamadas=[chamada(cenario="timeout, effect made")])
    assert (linha.mal, linha.aguardam) == (False, {"Confira no portal.": 1})
    (linha,) = comparar([registro(paradas=1)], [efeito()])
    assert not linha.mal


def test_who_waits_for_a_person_though_nothing_went_wrong_is_unexplained() -> None:
    (linha,) = comparar([registro()], [efeito()], chamadas=[chamada(), chamada(tag="b", cenario=plano.RECUSA)])
    assert len(linha.inexplicadas) == 1


RECUSADA = {"situacao": Situacao.RECUSADA, "motivo": "O serviço recusou.", "grupo": "EntradaIncorreta-PGDASD"}


def test_a_refusal_the_plan_asked_for_is_listed_with_its_code() -> None:
    dita = chamada(cenario=plano.RECUSA, codigos=["EntradaIncorreta-PGDASD"])
    (linha,) = comparar([registro(**RECUSADA)], [], chamadas=[dita])
    assert (linha.mal, linha.recusadas) == (False, {"EntradaIncorreta-PGDASD": 1})


@pytest.mark.parametrize(
    "dita",
    [
        [],
        [chamada(codigos=["EntradaIncorreta-PGDASD"])],
        [chamada(cenario=plano.RECUSA, codigos=["EntradaIncorreta-OUTRO"])],
        [chamada(tag="b", cenario=plano.RECUSA, codigos=["EntradaIncorreta-PGDASD"])],
        [chamada(cenario="5xx", codigos=["EntradaIncorreta-PGDASD"])],
    ],
    ids=["no call", "no fault", "another code", "another operation", "another fault"],
)
def test_a_refusal_nobody_planned_is_unexplained(dita: list[dict[str, Any]]) -> None:
    (linha,) = comparar([registro(**RECUSADA)], [], chamadas=dita)
    assert (len(linha.inexplicadas), linha.recusadas.total()) == (1, 1)


def test_giving_up_is_explained_by_a_service_that_was_away_at_every_try() -> None:
    desistiu = registro(**RECUSADA | {"grupo": "503", "falhas": 8, "tags": frozenset("abcdefgh")})
    fora = [chamada(tag=tag, cenario="cenário 7") for tag in "abcdefgh"]
    (linha,) = comparar([desistiu], [], chamadas=fora)
    assert not linha.mal
    (linha,) = comparar([desistiu], [], chamadas=fora[:-1])
    assert len(linha.inexplicadas) == 1


def test_a_refusal_the_sandbox_was_told_of_is_explained_whoever_repeats_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(handlers._registro, Honesto.tipo, Honesto())
    nova = NovaOperacao(Honesto.tipo, "fogo:1:r2", {"quem": "1"}, "conta:1")
    submeter([nova], usuario=None)
    Operacao.objects.update(
        encerrada_em=timezone.now(), mensagem="Não.", **{k: RECUSADA[k] for k in ("situacao", "grupo")}
    )
    (linha,) = comparar(ler_registros({"fogo:1": frozenset({RECUSADA["grupo"]})}), [])
    assert not linha.mal
    (linha,) = comparar(ler_registros({"fogo:1": frozenset({"OUTRO"})}), [])
    assert len(linha.inexplicadas) == 1


def test_a_planned_refusal_of_a_service_without_codes_is_known_by_its_status() -> None:
    recusada = registro(**RECUSADA | {"grupo": "HTTP-400"})
    (linha,) = comparar([recusada], [], chamadas=[chamada(cenario=plano.RECUSA, status_http=400)])
    assert not linha.mal
    (linha,) = comparar([recusada], [], chamadas=[chamada(cenario=plano.RECUSA, status_http=422)])
    assert len(linha.inexplicadas) == 1


def test_what_was_given_up_without_anybody_there_is_unexplained() -> None:
    (linha,) = comparar([registro(**RECUSADA | {"situacao": Situacao.DESISTIDA})], [])
    assert len(linha.inexplicadas) == 1


def test_who_waits_without_a_reason_is_unexplained() -> None:
    (linha,) = comparar([registro(motivo="")], [])
    assert len(linha.inexplicadas) == 1


def test_two_operations_may_not_share_one_effect_nor_one_have_two() -> None:
    feita = registro(situacao=Situacao.CONCLUIDA, livro=NoLivro("s", "feito", "1", numero="9"))
    (linha,) = comparar([feita], [efeito(), efeito(numero="10")])
    assert len(linha.duplicadas) == 1
    (linha,) = comparar([feita, registro(pk=2, tags=frozenset({"b"}))], [efeito(), efeito(numero="10")])
    assert len(linha.duplicadas) == 1


def test_two_documents_of_one_company_in_a_month_are_two_intents() -> None:
    notas = [
        registro(
            pk=pk,
            tags=frozenset({tag}),
            situacao=Situacao.CONCLUIDA,
            livro=NoLivro("s", "feito", "1", "202611", "9", documentos=(tag,)),
        )
        for pk, tag in enumerate("ab")
    ]
    duas = [efeito(tag=tag, documento=tag, pa="202611") for tag in "ab"]
    (linha,) = comparar(notas, duas)
    assert (linha.efeitos, linha.mal) == (2, False)
    (linha,) = comparar(notas, [*duas, efeito(tag="a", documento="a", pa="202611", numero="10")])
    assert len(linha.duplicadas) == 1


def test_an_effect_on_another_document_than_the_intents_is_not_its_own() -> None:
    feita = registro(situacao=Situacao.CONCLUIDA, livro=NoLivro("s", "feito", "1", numero="9", documentos=("a",)))
    (linha,) = comparar([feita], [efeito(documento="b")])
    assert (len(linha.desconhecidas), len(linha.inexplicadas)) == (1, 1)


def test_every_document_of_a_batch_happened_once_under_its_number() -> None:
    lote = registro(situacao=Situacao.CONCLUIDA, livro=NoLivro("s", "feito", "1", numero="9", documentos=("a", "b")))
    dois = [efeito(documento=documento) for documento in "ab"]
    (linha,) = comparar([lote], dois)
    assert (linha.efeitos, linha.mal) == (2, False)
    (linha,) = comparar([lote], dois[:1])
    assert len(linha.inexplicadas) == 1
    (linha,) = comparar([lote], [dois[0], efeito(documento="b", numero="8")])
    assert len(linha.perdidas) == 1
    (linha,) = comparar([lote], [*dois, dois[1]])
    assert len(linha.duplicadas) == 1
    (linha,) = comparar([lote], [*dois, efeito(documento="c")])
    assert len(linha.desconhecidas) == 1


def test_what_another_operation_took_of_a_refused_batch_is_one_intent() -> None:
    livro = NoLivro("s", "feito", "1", numero="9", documentos=("a", "b"))
    recusado = registro(pk=1, livro=livro, **RECUSADA)
    resto = registro(pk=2, tags=frozenset({"b"}), situacao=Situacao.CONCLUIDA, livro=replace(livro, documentos=("b",)))
    dita = chamada(cenario=plano.RECUSA, codigos=[RECUSADA["grupo"]])
    (linha,) = comparar([recusado, resto], [efeito(documento="b", tag="b")], chamadas=[dita])
    assert not linha.mal
    # Nobody took it, and it was not refused either.
    (linha,) = comparar([replace(recusado, livro=replace(livro, a_caminho=True))], [], chamadas=[dita])
    assert len(linha.perdidas) == 1


def test_what_goes_on_with_a_refused_operation_is_no_intent_and_does_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class ComResto(Honesto):
        no_sandbox = replace(Honesto.no_sandbox, resto_de=lambda pedido: pedido.get("resto_de"))

    monkeypatch.setitem(handlers._registro, ComResto.tipo, ComResto())
    nova = NovaOperacao(ComResto.tipo, "fogo:1", {"quem": "1"}, "conta:1")
    (criada,) = submeter([nova], usuario=None).criadas
    resto = replace(nova, chave="fogo:2", pedido={"quem": "1", "resto_de": criada.pk})
    submeter([resto], usuario=None)
    assert len(list(demais([nova]))) == 1  # what it goes on with was not refused
    Operacao.objects.filter(pk=criada.pk).update(situacao=Situacao.RECUSADA, encerrada_em=timezone.now())
    assert list(demais([nova])) == []
    submeter([replace(resto, chave="fogo:3")], usuario=None)
    assert len(list(demais([nova]))) == 2


@pytest.mark.parametrize(("efeito", "ditas"), [(Efeito.DOCUMENTO, 0), (Efeito.UNICO, 1)])
def test_only_a_reading_goes_on_with_what_was_done(monkeypatch: pytest.MonkeyPatch, efeito: Efeito, ditas: int) -> None:
    class EmPartes(Honesto):
        no_sandbox = replace(Honesto.no_sandbox, resto_de=lambda pedido: pedido.get("continua"))

    monkeypatch.setattr(EmPartes, "efeito", efeito)
    monkeypatch.setitem(handlers._registro, EmPartes.tipo, EmPartes())
    nova = NovaOperacao(EmPartes.tipo, "fogo:1", {"quem": "1"}, "conta:1")
    (criada,) = submeter([nova], usuario=None).criadas
    Operacao.objects.filter(pk=criada.pk).update(situacao=Situacao.CONCLUIDA, encerrada_em=timezone.now())
    submeter([replace(nova, chave="fogo:2", pedido={"quem": "1", "continua": criada.pk})], usuario=None)
    assert len(list(demais([nova]))) == ditas


def test_calls_over_a_limit_are_told_and_those_that_a_block_refused_are_not() -> None:
    ditas = [chamada(limite=limite) for limite in ("", "excedido", "bloqueado", "excedido")]
    assert acima_do_limite(ditas) == ["s: 2 calls over its limit"]
    assert acima_do_limite(ditas[:1]) == []


def test_faults_fall_on_the_calls_that_serve_an_intent_as_on_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    class ComRegistro(Titulos):
        no_sandbox = replace(
            Titulos.no_sandbox, perto=lambda nova: [{"operacao": "registro", "documento": nova.pedido["quem"]}]
        )

    monkeypatch.setitem(handlers._registro, Titulos.tipo, ComRegistro())
    novas = [NovaOperacao(Titulos.tipo, f"t:{n}", {"quem": f"T{n}"}, "conta:1") for n in range(400)]
    regras = regras_do_servico(7, novas, plano.curta(60, 2))
    do_registro = [regra for regra in regras if regra.campos.get("operacao") == "registro"]
    assert {regra.campos["documento"] for regra in do_registro} < {nova.pedido["quem"] for nova in novas}
    assert {regra.falha for regra in do_registro} == {*plano.FALHAS}
    assert not any(regra.campos["so_efeito"] for regra in do_registro)


def test_what_was_refused_and_repeated_is_one_intent() -> None:
    feita = registro(situacao=Situacao.CONCLUIDA, livro=NoLivro("s", "feito", "1", numero="9"))
    dita = chamada(tag="b", cenario=plano.RECUSA, codigos=[RECUSADA["grupo"]])
    recusada = registro(pk=2, tags=frozenset({"b"}), **RECUSADA)
    (linha,) = comparar([recusada, feita], [efeito()], chamadas=[dita])
    assert not linha.mal
    (linha,) = comparar([recusada, feita], [efeito(), efeito(numero="10", tag="b")], chamadas=[dita])
    assert len(linha.duplicadas) == 1


def test_a_reading_held_as_done_was_asked_outside() -> None:
    lida = registro(situacao=Situacao.CONCLUIDA, efeito=Efeito.DOCUMENTO, livro=None)
    (linha,) = comparar([lida], [], chamadas=[chamada(), chamada(), chamada(cobranca="nao")])
    assert (linha.mal, linha.a_mais) == (False, 1)
    (linha,) = comparar([lida], [], chamadas=[chamada(operacao="authenticate"), chamada(operacao=""), chamada(tag="b")])
    assert len(linha.inexplicadas) == 1


def test_another_number_than_ours_is_lost() -> None:
    feita = registro(situacao=Situacao.CONCLUIDA, livro=NoLivro("s", "feito", "1", numero="8"))
    (linha,) = comparar([feita], [efeito()])
    assert len(linha.perdidas) == 1


def test_an_intent_that_never_became_an_operation_is_lost() -> None:
    (linha,) = comparar([], [], previstas=[("t", "chave:1")])
    assert len(linha.perdidas) == 1


def test_an_effect_nobody_asked_for_is_unknown_to_us() -> None:
    (linha,) = comparar([], [efeito()])
    assert len(linha.desconhecidas) == 1


@pytest.fixture
def rodada(tmp_path: Path) -> Rodada:
    medidas = plano.curta(60, 2)
    cena = Cena(tmp_path, medidas.ritmo, medidas.demora)
    (tmp_path / "logs").mkdir()
    return Rodada(cena, Controle("http://127.0.0.1/"), medidas, 7, 1, date(2026, 11, 21))


def test_a_job_delivered_five_times_is_five_jobs(rodada: Rodada) -> None:
    acordar({"fogo": 1})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE task_name = %s", [DRENAR])
        assert rodada._entregar_de_novo(4)
        cursor.execute(
            "SELECT queue_name, args, count(*) FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo'"
            " GROUP BY 1, 2",
            [DRENAR],
        )
        [(fila, argumentos, quantos)] = cursor.fetchall()
    assert (fila, json.loads(argumentos), quantos) == (FILA, {"balde": "fogo"}, 5)


def test_a_process_that_ends_by_itself_is_not_ok_and_one_we_killed_is(
    rodada: Rodada, monkeypatch: pytest.MonkeyPatch
) -> None:
    cena, nome = rodada.cena, rodada.cena.trabalhador(0)
    iniciados: list[str] = []
    monkeypatch.setattr(Cena, "iniciar", lambda self, nome: iniciados.append(nome))
    cena._abrir_processo(nome, ["sleep", "60"])
    cena.matar(nome)
    cena.vigiar()
    assert (iniciados, rodada._problemas()) == ([], [])
    cena.parados.clear()
    cena._abrir_processo(nome, ["false"])
    cena._processos[nome].wait()
    cena.vigiar()
    assert iniciados == [nome]
    assert rodada._problemas() == ["worker-0 ended by itself with 1"]
    assert not Resultado([], Counter(), [], [], problemas=rodada._problemas()).passou


def test_a_worker_killed_twice_at_once_comes_back_once(rodada: Rodada, monkeypatch: pytest.MonkeyPatch) -> None:
    cena, nome = rodada.cena, rodada.cena.trabalhador(0)
    abrir = cena._abrir_processo
    monkeypatch.setattr(cena, "_abrir_processo", lambda nome, comando, **ambiente: abrir(nome, ["sleep", "60"]))
    cena.iniciar(nome)
    cena.matar(nome)
    cena.matar(nome)
    cena.iniciar(nome)
    de_volta = cena._processos[nome]
    cena.iniciar(nome)
    assert cena._processos[nome] is de_volta
    cena.matar(nome)


def test_only_what_befell_the_machines_is_counted(rodada: Rodada, monkeypatch: pytest.MonkeyPatch) -> None:
    cena, nome = rodada.cena, rodada.cena.trabalhador(0)
    abrir = cena._abrir_processo
    monkeypatch.setattr(cena, "_abrir_processo", lambda nome, comando, **ambiente: abrir(nome, ["sleep", "60"]))
    cena.iniciar(nome)
    cena.matar(nome)
    dados = {"worker": 0, "seconds": 0, "away": 0}
    for tipo in ("freeze worker past its lease", "deliver a job twice", "clock jumps", "kill worker", "kill worker"):
        rodada._acontecer(plano.Evento(0, tipo, dados), 0)
    # Nothing to freeze, nothing to deliver, and only the second kill found a worker.
    assert [evento.tipo for evento in rodada._feitos] == ["clock jumps", "kill worker"]
    cena.matar(nome)


def test_faults_of_one_worker_come_one_after_the_other(rodada: Rodada, monkeypatch: pytest.MonkeyPatch) -> None:
    feito: list[str] = []
    parado, segue = threading.Event(), threading.Event()

    def causar(self: Rodada, evento: plano.Evento) -> bool:
        if evento.tipo.startswith("freeze"):
            parado.set()
            assert segue.wait(10)
        feito.append(evento.tipo)
        return True

    monkeypatch.setattr(Rodada, "_causar", causar)
    fios = [rodada._fio(lambda: rodada._acontecer(plano.Evento(0, "freeze worker past its lease", {"worker": 0}), 0))]
    assert parado.wait(10)
    fios.append(rodada._fio(lambda: rodada._acontecer(plano.Evento(0, "all workers claim together"), 0)))
    rodada._acontecer(plano.Evento(0, "kill worker", {"worker": 1}), 0)
    segue.set()
    for fio in fios:
        fio.join(10)
    assert feito == ["kill worker", "freeze worker past its lease", "all workers claim together"]


def test_a_document_that_a_refusal_leaves_behind_is_a_charge_where_it_is_told() -> None:
    calada = registro(situacao=Situacao.RECUSADA, efeito=Efeito.DOCUMENTO, motivo="Recusado.", grupo="E1")
    recusa = chamada(cenario=plano.RECUSA, codigos=["E1"])
    (linha,) = comparar([calada], [efeito()], chamadas=[recusa])
    assert (linha.a_mais, len(linha.perdidas)) == (1, 1)
    dita = replace(calada, motivo=f"Recusado. {ENVIO_SEM_RESPOSTA}")
    (linha,) = comparar([dita], [efeito()], chamadas=[recusa])
    assert (linha.a_mais, linha.mal) == (1, False)


def test_what_is_open_when_time_is_over_is_not_ok_even_if_it_is_paused(
    rodada: Rodada, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(handlers._registro, Honesto.tipo, Honesto())
    monkeypatch.setattr(Controle, "__call__", lambda self, caminho: {"quantos": 0})
    rodada.minutos = 0.005
    rodada._esperar(time.monotonic())
    assert rodada._problemas() == []
    submeter([NovaOperacao(Honesto.tipo, "fogo:1", {"quem": "1"}, "conta:1")], usuario=None)
    Pausa.objects.create(acesso="conta:1", motivo="Certificado vencido.")
    rodada._esperar(time.monotonic())
    assert rodada._problemas() == ["time is over with {'pendente': 1} open, 0 to answer and 0 effects to land"]
