"""Messages handed to the sandbox's mail server over SMTP: what each end becomes, and that nothing is sent twice."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from empresas.models import Contato, Empresa
from guias.models import Entrega, Guia
from guias.providers.correio import Correio, Envelope, Servidor
from guias.services import entregas
from operacoes import motor, relogio
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderRefused, ProviderUnavailable
from operacoes.http import Chamadas
from operacoes.models import Operacao, Pausa, Situacao
from tests.guias.apoio import trabalhar
from tests.pagar.documentos import guia as desenhar
from tests.sandbox_fixture import SandboxVivo


def carta(para: str = "ana@cliente.example", id_: str = "<um@guiche.example>", corpo: str = "Olá") -> Envelope:
    cabecalhos = f"From: a@guiche.example\r\nDate: Sun, 22 Nov 2026 10:00:00 -0300\r\nMessage-ID: {id_}\r\n"
    mensagem = f"{cabecalhos}X-Request-Tag: t1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{corpo}\r\n"
    return Envelope("a@guiche.example", para, id_, mensagem.encode())


def chamadas(segundos: float = 10.0) -> Chamadas:
    return Chamadas(tag="t1", deadline=relogio.segundos() + segundos)


@pytest.fixture
def correio(sandbox_limpo: SandboxVivo) -> Correio:
    return Correio(Servidor("127.0.0.1", sandbox_limpo.enderecos["porta_smtp"], seguranca=""))


def livro(sandbox: SandboxVivo) -> list[str]:
    return [efeito["documento"] for efeito in sandbox.controle.ledger(servico="correio")]


def test_a_message_is_taken_once(correio: Correio, sandbox_limpo: SandboxVivo) -> None:
    feitas = chamadas()
    entregue = correio.entregar(carta(corpo=".um ponto\r\n..dois\r\nfim"), chamadas=feitas)
    assert entregue.palavras.startswith("250 2.0.0 Ok: queued as SBX")
    (efeito,) = sandbox_limpo.controle.ledger(servico="correio")
    assert (efeito["documento"], efeito["numero"], efeito["tag"]) == (
        "ana@cliente.example",
        "<um@guiche.example>",
        "t1",
    )
    (registro,) = feitas.registros
    assert (registro["status"], registro["enviado"]["para"]) == (250, "ana@cliente.example")


CORTES = [
    {"acao": "perder_resposta"},
    {"acao": "perder_resposta", "parametros": {"rst": True}},
    {"acao": "cortar"},
    {"acao": "tempo_esgotado"},
    {"acao": "html", "parametros": {"efeito": True}},
    {"acao": "efeito_tardio", "parametros": {"segundos": 1}},
]


@pytest.mark.parametrize("regra", CORTES, ids=lambda regra: regra["acao"])
def test_a_lost_answer_is_a_doubt(correio: Correio, sandbox_limpo: SandboxVivo, regra: dict[str, Any]) -> None:
    sandbox_limpo.controle.cenario(servico="correio", **regra)
    feitas = chamadas()
    with pytest.raises(OutcomeUnknown):
        correio.entregar(carta(), chamadas=feitas)
    (registro,) = feitas.sem_volta
    assert "status" not in registro


@pytest.mark.parametrize(
    ("para", "erro", "codigo"),
    [
        ("recusado@cliente.example", ProviderRefused, "RCPT-550"),
        ("depois@cliente.example", ProviderUnavailable, "SMTP-451"),
    ],
)
def test_what_is_not_taken_did_not_happen(
    correio: Correio, sandbox_limpo: SandboxVivo, para: str, erro: type[Exception], codigo: str
) -> None:
    feitas = chamadas()
    with pytest.raises(erro) as dito:
        correio.entregar(carta(para), chamadas=feitas)
    assert (dito.value.codigo, feitas.sem_volta, livro(sandbox_limpo)) == (codigo, [], [])  # type: ignore[attr-defined]


def test_a_message_refused_at_the_end_is_refused(correio: Correio, sandbox_limpo: SandboxVivo) -> None:
    sandbox_limpo.controle.cenario(servico="correio", acao="recusar", documento="ana@cliente.example")
    with pytest.raises(ProviderRefused) as dito:
        correio.entregar(carta(), chamadas=chamadas())
    assert (dito.value.codigo, livro(sandbox_limpo)) == ("DATA-550", [])


def test_an_account_that_is_not_taken_pauses_it(correio: Correio, sandbox_limpo: SandboxVivo) -> None:
    sandbox_limpo.controle.cenario(servico="correio", acao="token_expirado")
    with pytest.raises(AccessDenied) as dito:
        correio.entregar(carta(), chamadas=chamadas())
    assert (dito.value.alcance, livro(sandbox_limpo)) == (Alcance.CREDENCIAL, [])


@pytest.mark.parametrize("falta", ["Message-ID", "Date", "From"])
def test_the_sandbox_refuses_a_message_without_its_headers(
    correio: Correio, sandbox_limpo: SandboxVivo, falta: str
) -> None:
    inteira = carta()
    sem = b"\r\n".join(x for x in inteira.mensagem.split(b"\r\n") if not x.startswith(falta.encode()))
    with pytest.raises(ProviderRefused, match="recusou a mensagem"):
        correio.entregar(Envelope(inteira.de, inteira.para, inteira.id, sem), chamadas=chamadas())
    assert livro(sandbox_limpo) == []


def test_nobody_listening_is_nothing_sent() -> None:
    with socket.socket() as livre:
        livre.bind(("127.0.0.1", 0))
        porta = livre.getsockname()[1]
    feitas = chamadas()
    with pytest.raises(ProviderUnavailable, match="Nada foi entregue"):
        Correio(Servidor("127.0.0.1", porta, seguranca="")).entregar(carta(), chamadas=feitas)
    assert (len(feitas.registros), feitas.sem_volta) == (1, [])


def test_the_sandbox_without_tls_is_refused_by_who_wants_it(sandbox_limpo: SandboxVivo) -> None:
    servidor = Servidor("127.0.0.1", sandbox_limpo.enderecos["porta_smtp"], seguranca="starttls")
    with pytest.raises(AccessDenied):
        Correio(servidor).entregar(carta(), chamadas=chamadas())
    assert livro(sandbox_limpo) == []


@pytest.fixture
def gotejante() -> Iterator[Callable[[bytes], int]]:
    """A server that says each line of its script one byte at a time, for ever."""
    escuta = socket.create_server(("127.0.0.1", 0))
    parar = threading.Event()

    def servir(inteiro: bytes) -> int:
        def conversar() -> None:
            conexao, _ = escuta.accept()
            with conexao:
                conexao.sendall(inteiro)
                while not parar.wait(0.1):
                    try:
                        conexao.sendall(b"2")
                    except OSError:
                        return

        threading.Thread(target=conversar, daemon=True).start()
        return int(escuta.getsockname()[1])

    yield servir
    parar.set()
    escuta.close()


@pytest.mark.parametrize(
    ("inteiro", "erro"),
    [
        (b"220 ola\r\n", ProviderUnavailable),
        (b"220 ola\r\n250 ola\r\n250 ok\r\n250 ok\r\n354 diga\r\n", OutcomeUnknown),
    ],
)
def test_a_server_that_drips_ends_with_the_deadline(
    gotejante: Callable[[bytes], int], inteiro: bytes, erro: type[Exception]
) -> None:
    comeco = relogio.segundos()
    with pytest.raises(erro):
        Correio(Servidor("127.0.0.1", gotejante(inteiro), seguranca="")).entregar(carta(), chamadas=chamadas(1.0))
    assert relogio.segundos() - comeco < 4


def test_past_its_deadline_nothing_leaves(correio: Correio, sandbox_limpo: SandboxVivo) -> None:
    feitas = chamadas(-1.0)
    with pytest.raises(ProviderUnavailable):
        correio.entregar(carta(), chamadas=feitas)
    assert (feitas.sem_volta, livro(sandbox_limpo)) == ([], [])


def test_the_password_shows_nowhere() -> None:
    assert "segredo" not in repr(Correio(Servidor("127.0.0.1", 25, usuario="u", senha="segredo")))


# -- through the engine ------------------------------------------------------------------------------------------------


@pytest.fixture
def smtp(sandbox_limpo: SandboxVivo, settings: Any) -> SandboxVivo:
    opcoes = {"host": "127.0.0.1", "port": sandbox_limpo.enderecos["porta_smtp"], "username": "", "password": ""}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": opcoes}}
    settings.ENTREGA_POR_MINUTO = 60_000
    return sandbox_limpo


@pytest.fixture
def enviada(smtp: SandboxVivo, empresas: list[Empresa], bruno: Any) -> Callable[[str], Operacao]:
    def fazer(para: str) -> Operacao:
        Contato.objects.create(empresa=empresas[0], email=para)
        desenhar(empresas[0])
        marca = entregas.prevoo(Guia.objects.all()).marca
        entregas.enviar(Guia.objects.all(), bruno, marca=marca, base="https://guiche.example")
        trabalhar()
        return Operacao.objects.get(tipo=entregas.ENVIAR)

    return fazer


@pytest.mark.django_db
@pytest.mark.parametrize("quem", ["perdida", "cortada"])
def test_after_a_lost_answer_a_person_decides_and_nothing_is_sent_again(
    enviada: Callable[[str], Operacao], smtp: SandboxVivo, quem: str, bruno: Any
) -> None:
    operacao = enviada(f"{quem}@cliente.example")
    assert operacao.situacao == Situacao.AGUARDA_PESSOA
    assert len(livro(smtp)) == (1 if quem == "perdida" else 0)
    assert (operacao.envios, Entrega.objects.get().enviada_em) == (1, None)

    motor.resolver(operacao, usuario=bruno, aconteceu=True, evidencia="Vi no registro do servidor.")
    assert Entrega.objects.get().enviada_em is not None
    trabalhar()
    assert len(livro(smtp)) == (1 if quem == "perdida" else 0)


@pytest.mark.django_db
def test_one_that_is_put_off_goes_later(enviada: Callable[[str], Operacao], smtp: SandboxVivo) -> None:
    smtp.controle.cenario(servico="correio", acao="erro", vezes=3)
    operacao = enviada("ana@cliente.example")
    assert (operacao.situacao, operacao.envios, livro(smtp)) == (Situacao.CONCLUIDA, 4, ["ana@cliente.example"])
    assert operacao.resposta["palavras"].startswith("250 2.0.0 Ok: queued as")


@pytest.mark.django_db
def test_a_refused_address_says_where_to_mend_it(enviada: Callable[[str], Operacao]) -> None:
    operacao = enviada("recusado@cliente.example")
    assert (operacao.situacao, operacao.grupo) == (Situacao.RECUSADA, "RCPT-550")
    assert "contatos da empresa" in operacao.mensagem


@pytest.mark.django_db
def test_a_refused_account_pauses_all_mail_with_one_message(
    enviada: Callable[[str], Operacao], smtp: SandboxVivo
) -> None:
    smtp.controle.cenario(servico="correio", acao="token_expirado", vezes=1)
    operacao = enviada("ana@cliente.example")
    assert (operacao.situacao, Pausa.objects.get().acesso) == (Situacao.PENDENTE, operacao.acesso)
    assert livro(smtp) == []
