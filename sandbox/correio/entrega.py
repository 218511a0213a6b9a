"""A message handed over: its record, its line in the ledger, and how a scenario ends it.

What happens to a recipient is chosen by the address, in any domain, or by a rule of the control page whose `documento`
is the address.
"""

import time
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default as POLITICA
from typing import Any

from sandbox.nucleo import adiados
from sandbox.nucleo import ajustes as ajustes_do_nucleo
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.cenarios import PAGINA_HTML, Alvo, Plano, escolher
from sandbox.nucleo.livro import gravacao, proximo, registrar
from sandbox.nucleo.models import Chamada

SERVICO, OPERACAO = "correio", "entregar"
EFEITO = "mensagem_entregue"
# Local part of a recipient, in any domain -> what happens to a message for it.
DE_TESTE = {
    "recusado": Plano("recusar", "endereço de teste: recusado"),  # already at RCPT
    "perdida": Plano("perder_resposta", "endereço de teste: resposta perdida"),
    "cortada": Plano("cortar", "endereço de teste: conexão cortada"),
    "lenta": Plano("lento", "endereço de teste: lenta", {"ms": 8000, "quando": "depois"}),
    "depois": Plano("erro", "endereço de teste: tente mais tarde"),
}
_OBRIGATORIOS = ("From", "Date", "Message-ID")
_CORTES = ("corte", "tempo_esgotado")


@dataclass(frozen=True)
class Saida:
    """What the client sees: a reply, whole or in part, drip by drip, or a connection that ends."""

    codigo: int
    texto: str
    corte: bool = False
    rst: bool = False
    gotas_s: float = 0.0
    metade: bool = False
    cru: bytes = b""

    @property
    def bytes(self) -> bytes:
        return self.cru or f"{self.codigo} {self.texto}\r\n".encode()


def local(endereco: str) -> str:
    return endereco.rpartition("@")[0].lower()


def receber(de: str, para: list[str], mensagem: bytes) -> Saida:
    """The end of DATA: judge the message, meet the scenario, make the effect."""
    inicio, ajustes = time.monotonic(), ajustes_do_nucleo.ler()
    adiados.pousar(ajustes.agora())
    lida = message_from_bytes(mensagem, policy=POLITICA)
    id_, tag = str(lida["Message-ID"] or ""), str(lida["X-Request-Tag"] or "")[:64]
    chamada = Chamada(
        instante=ajustes.agora(), servico=SERVICO, ambiente="producao", rota="DATA", operacao=OPERACAO, tag=tag
    )
    plano = Plano()
    if falta := next((nome for nome in _OBRIGATORIOS if len(lida.get_all(nome, [])) != 1), ""):
        saida = Saida(554, f"5.6.0 Message must have exactly one {falta} header")
    else:
        plano = _plano(para, tag)
        saida = _cumprir(plano, ajustes, {"para": para, "id": id_, "tag": tag})
    chamada.status_http, chamada.cenario = saida.codigo, plano.nome
    chamada.codigos = [f"DATA-{saida.codigo}"] if saida.codigo >= 400 else []
    chamada.entrega = "cortada" if saida.corte else "truncada" if saida.metade else "inteira"
    chamada.duracao_ms = int((time.monotonic() - inicio) * 1000)
    with gravacao():
        if ajustes_do_nucleo.ler().reinicio == ajustes.reinicio:
            chamada.save(force_insert=True)
    return saida


def _plano(para: list[str], tag: str) -> Plano:
    for endereco in para:
        plano = escolher(Alvo(SERVICO, OPERACAO, tag=tag, efeito=True, documento=endereco))
        if plano.acao != "nenhuma":
            return plano
    return next((DE_TESTE[local(endereco)] for endereco in para if local(endereco) in DE_TESTE), Plano())


def _cumprir(plano: Plano, ajustes: Ajustes, pedido: dict[str, Any]) -> Saida:
    espera = float(plano.parametros.get("ms", 0)) / 1000
    if espera and plano.parametros.get("quando", "antes") == "antes":
        time.sleep(espera)
    if plano.acao == "efeito_tardio":
        with gravacao():
            adiados.adiar(SERVICO, pedido, ajustes.agora(), float(plano.parametros.get("segundos", 5)))
    fila = _entregar(ajustes, pedido) if plano.executa else ""
    if espera and plano.parametros.get("quando") == "depois":
        time.sleep(espera)
    return _saida(plano, fila)


def _entregar(ajustes: Ajustes, pedido: dict[str, Any]) -> str:
    """The effect: one line in the ledger for each recipient; the name of the message in the queue."""
    with gravacao():
        fila = f"SBX{proximo('correio'):09d}"
        if ajustes_do_nucleo.ler().reinicio == ajustes.reinicio:
            for endereco in pedido["para"]:
                registrar(
                    instante=ajustes.agora(),
                    servico=SERVICO,
                    tipo=EFEITO,
                    contribuinte="",
                    numero=pedido["id"][:60],
                    tag=pedido["tag"],
                    documento=endereco,
                )
    return fila


def cumprir_adiado(pedido: dict[str, Any]) -> None:
    _entregar(ajustes_do_nucleo.ler(), pedido)


def _saida(plano: Plano, fila: str) -> Saida:
    dados = plano.parametros
    match plano.final:
        case "recusa":
            return Saida(550, "5.7.1 Message refused by a scenario of the sandbox")
        case "erro":
            return Saida(451, "4.3.0 Temporary failure, try again later")
        case "token_expirado":
            return Saida(530, "5.7.0 Authentication required")
        case "limite":
            return Saida(450, "4.7.1 Too many messages, try again later")
        case "html":
            return Saida(0, "", cru=f"{PAGINA_HTML}\r\n".encode())
        case final if final in _CORTES:
            return Saida(0, "", corte=True, rst=bool(dados.get("rst")))
    aceita = Saida(250, f"2.0.0 Ok: queued as {fila}")
    if plano.final == "truncada":
        return Saida(250, aceita.texto, metade=True)
    if plano.final == "gotejada":
        return Saida(250, aceita.texto, gotas_s=float(dados.get("segundos", 5)))
    return aceita
