"""The mail server of the sandbox, spoken to by hand: the order and the syntax of RFC 5321, and its ledger."""

import smtplib
import socket
from collections.abc import Iterator

import pytest

from tests.sandbox_fixture import SandboxVivo

MENSAGEM = b"From: a@x.example\r\nDate: Sun, 22 Nov 2026 10:00:00 -0300\r\nMessage-ID: <1@x.example>\r\n\r\n.oi\r\n"


@pytest.fixture
def smtp(sandbox_limpo: SandboxVivo) -> Iterator[smtplib.SMTP]:
    cliente = smtplib.SMTP("127.0.0.1", sandbox_limpo.enderecos["porta_smtp"], timeout=10)
    yield cliente
    cliente.close()


@pytest.mark.parametrize(
    ("comandos", "codigo"),
    [
        (["MAIL FROM:<a@x.example>"], 503),
        (["EHLO"], 501),
        (["EHLO eu", "RCPT TO:<b@x.example>"], 503),
        (["EHLO eu", "MAIL FROM:a@x.example"], 501),
        (["EHLO eu", "MAIL FROM:<a@x.example> SIZE=99999999"], 552),
        (["EHLO eu", "MAIL FROM:<a@x.example>", "MAIL FROM:<a@x.example>"], 503),
        (["EHLO eu", "MAIL FROM:<a@x.example>", "RCPT TO:<sem-arroba>"], 501),
        (["EHLO eu", "MAIL FROM:<a@x.example>", "RCPT TO:<recusado@x.example>"], 550),
        (["EHLO eu", "MAIL FROM:<a@x.example>", "DATA"], 503),
        (["EHLO eu", "MAIL FROM:<a@x.example>", "RSET", "RCPT TO:<b@x.example>"], 503),
        (["EHLO eu", "STARTTLS"], 502),
        (["EHLO eu", "AUTH PLAIN x"], 502),
        (["QUIT"], 221),
    ],
)
def test_the_order_and_the_syntax_are_kept(smtp: smtplib.SMTP, comandos: list[str], codigo: int) -> None:
    assert [smtp.docmd(comando)[0] for comando in comandos][-1] == codigo


def test_what_is_taken_is_in_the_ledger_once_for_each_recipient(smtp: smtplib.SMTP, sandbox_limpo: SandboxVivo) -> None:
    smtp.sendmail("a@x.example", ["b@x.example", "c@y.example"], MENSAGEM)
    efeitos = sandbox_limpo.controle.ledger(servico="correio", tipo="mensagem_entregue")
    assert [(efeito["documento"], efeito["numero"]) for efeito in efeitos] == [
        ("b@x.example", "<1@x.example>"),
        ("c@y.example", "<1@x.example>"),
    ]


@pytest.mark.parametrize("mexer", [lambda m: m.replace(b"Message-ID", b"X-ID"), lambda m: m.replace(b"From", b"De")])
def test_a_message_without_its_headers_is_refused(
    smtp: smtplib.SMTP, sandbox_limpo: SandboxVivo, mexer: object
) -> None:
    with pytest.raises(smtplib.SMTPDataError) as dito:
        smtp.sendmail("a@x.example", "b@x.example", mexer(MENSAGEM))  # type: ignore[operator]
    assert (dito.value.smtp_code, sandbox_limpo.controle.ledger(servico="correio")) == (554, [])


def test_half_a_message_is_no_message(smtp: smtplib.SMTP, sandbox_limpo: SandboxVivo) -> None:
    smtp.ehlo("eu")
    for comando in ("MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>", "DATA"):
        smtp.docmd(comando)
    assert smtp.sock is not None
    smtp.sock.sendall(MENSAGEM)
    smtp.sock.shutdown(socket.SHUT_WR)
    assert smtp.sock.recv(10) == b""
    assert sandbox_limpo.controle.ledger(servico="correio") == []


def test_a_bare_line_feed_ends_the_conversation(smtp: smtplib.SMTP) -> None:
    assert smtp.sock is not None
    smtp.sock.sendall(b"EHLO eu\n")
    assert smtp.getreply()[0] == 500


def test_a_late_effect_lands_after_the_connection_dropped(smtp: smtplib.SMTP, sandbox_limpo: SandboxVivo) -> None:
    sandbox_limpo.controle.relogio(fixo="2026-11-21T10:00:00-03:00")
    sandbox_limpo.controle.cenario(servico="correio", acao="efeito_tardio", parametros={"segundos": 60})
    with pytest.raises(smtplib.SMTPServerDisconnected):
        smtp.sendmail("a@x.example", "b@x.example", MENSAGEM)
    assert sandbox_limpo.controle.ledger(servico="correio") == []
    sandbox_limpo.controle.relogio(fixo="2026-11-21T10:02:00-03:00")
    assert len(sandbox_limpo.controle.ledger(servico="correio")) == 1
