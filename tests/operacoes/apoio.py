"""A service in memory with a ledger, the handlers that speak to it, and helpers to run the engine in a test."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, ClassVar

from django.db.models import F
from django.db.models.functions import Now

from operacoes.handlers import (
    Aceita,
    Aconteceu,
    Conferencia,
    Handler,
    Limite,
    NaoAconteceu,
    NaoSei,
    registrar,
)
from operacoes.http import Chamadas
from operacoes.models import A_TRABALHAR, Classe, Efeito, Operacao
from operacoes.motor import NovaOperacao, execucao
from operacoes.motor.tomada import Tomada, tomar


class Servico:
    """What happened outside (`livro`: one entry per effect) and what the next calls meet (`roteiro`, by key).

    A script item is an exception to raise before the effect, `("depois", exc)` to raise after it, or a callable.
    """

    def __init__(self) -> None:
        self.trava = threading.Lock()
        self.limpar()

    def limpar(self) -> None:
        self.livro: list[str] = []
        self.roteiro: dict[str, list[Any]] = {}
        self.conferencias: list[Any] = []
        self.perguntas = 0
        self.enviadas: list[str] = []

    def enviar(self, chave: str) -> dict[str, Any]:
        with self.trava:
            self.enviadas.append(chave)
            passos = self.roteiro.get(chave) or self.roteiro.get("*") or []
            passo = passos.pop(0) if passos else None
        if isinstance(passo, Exception):
            raise passo
        if callable(passo):
            passo()
        with self.trava:
            self.livro.append(chave)
            numero = len(self.livro)
        if isinstance(passo, tuple):
            raise passo[1]
        return {"numero": numero}

    def conferir(self, chave: str) -> Conferencia:
        with self.trava:
            self.perguntas += 1
            resposta: Conferencia | Exception | None = self.conferencias.pop(0) if self.conferencias else None
        if isinstance(resposta, Exception):
            raise resposta
        if resposta is not None:
            return resposta
        return Aconteceu({"numero": self.livro.index(chave) + 1}) if chave in self.livro else NaoAconteceu()


SERVICO = Servico()
ACESSO = "conta:1"


class _Teste(Handler):
    servico = "teste"
    nome_do_servico = "Serviço de teste"
    prova = "A chave está no livro do serviço."
    onde_conferir = "No portal do serviço de teste, a lista de efeitos: a chave deste envio."
    classe = Classe.DECLARACAO
    efeito = Efeito.UNICO
    prazo_total = timedelta(seconds=5)
    ao_aplicar: ClassVar[Callable[[Operacao], None] | None] = None

    def limites(self, acesso: str) -> tuple[Limite, ...]:
        return (Limite(f"teste:{acesso}", 100_000, timedelta(seconds=1), rajada=100_000),)

    def preparar(self, operacao: Operacao) -> Any:
        return operacao.chave

    def enviar(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Any:
        registro = {"metodo": "POST", "enviado": pedido, "cobrada": False, "classe": ""}
        chamadas.registros.append(registro)
        chamadas.sem_volta.append(registro)
        with chamadas.veredito(registro):
            resposta = SERVICO.enviar(sessao)
        registro |= {"status": 200, "recebido": resposta, "cobrada": True}
        return resposta

    def conferir(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Conferencia:
        return SERVICO.conferir(sessao)

    def aplicar(self, operacao: Operacao, resposta: Any) -> dict[str, Any]:
        if ao_aplicar := type(self).ao_aplicar:
            ao_aplicar(operacao)
        return dict(resposta)


@registrar
class Unico(_Teste):
    tipo = "teste.unico"
    rotulo = "Efeito único"


@registrar
class Papel(_Teste):
    tipo = "teste.documento"
    rotulo = "Emitir papel"
    prova = ""
    efeito = Efeito.DOCUMENTO
    classe = Classe.EMISSAO


@registrar
class Consulta(_Teste):
    tipo = "teste.consulta"
    rotulo = "Perguntar ao serviço"
    prova = ""
    efeito, classe = Efeito.DOCUMENTO, Classe.CONSULTA


@registrar
class Registro(_Teste):
    tipo = "teste.registro"
    rotulo = "Gravar registro"
    prova = ""
    efeito, classe = Efeito.DOCUMENTO, Classe.GRATIS
    muda = True


@registrar
class Demorado(_Teste):
    tipo = "teste.demorado"
    rotulo = "Aceito para depois"

    def enviar(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Any:
        super().enviar(pedido, sessao, chamadas)
        return Aceita(timedelta(seconds=30), {"protocolo": "P1"})

    def acompanhar(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Any:
        resposta = SERVICO.conferir(sessao)
        return resposta.resposta if isinstance(resposta, Aconteceu) else Aceita(timedelta(seconds=30), {})


@registrar
class SemConsulta(_Teste):
    tipo = "teste.sem_consulta"
    rotulo = "Sem consulta"
    prova = ""
    arquivo_da_prova = "Recibo (PDF)"
    demora_maxima = timedelta(0)
    arquivos: ClassVar[list[bytes]] = []

    def problema_da_prova(self, operacao: Operacao, numero: str) -> str:
        return "O número tem só algarismos." if "x" in numero else ""

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        type(self).arquivos.append(arquivo)
        return {"numero": evidencia}

    def conferir(self, pedido: dict[str, Any], sessao: Any, chamadas: Chamadas) -> Conferencia:
        return NaoSei(timedelta.max, "O serviço não oferece consulta.")


@registrar
class OutroServico(_Teste):
    tipo = "teste.outro"
    rotulo = "Efeito de outro serviço"
    servico = "outro_teste"
    nome_do_servico = "Outro serviço"

    def limites(self, acesso: str) -> tuple[Limite, ...]:
        return (Limite(f"outro:{acesso}", 100_000, timedelta(seconds=1), rajada=100_000),)


@registrar
class ComAdicional(_Teste):
    tipo = "teste.adicional"
    rotulo = "Pede adicional"
    adicional = 216


def nova(
    chave: str, tipo: str = "teste.unico", acesso: str = ACESSO, prazo: date = date.max, **resto: Any
) -> NovaOperacao:
    return NovaOperacao(tipo=tipo, chave=chave, pedido={"chave": chave}, acesso=acesso, prazo=prazo, **resto)


def executar(tomada: Tomada) -> None:
    """Make the try of a claimed row and record it."""
    execucao.registrar(tomada, execucao.chamar(tomada))


def escoar() -> int:
    """Run everything that is due, in this thread, until nothing is left; the number of tries made."""
    feitas = 0
    while True:
        baldes = (
            Operacao.objects.filter(situacao__in=A_TRABALHAR)
            .values_list("balde", flat=True)
            .distinct()
            .order_by("balde")
        )
        tomadas = 0
        for balde in list(baldes):
            while tomada := tomar(balde):
                executar(tomada)
                tomadas += 1
        feitas += tomadas
        if not tomadas:
            return feitas


def passar_o_tempo(operacao: Operacao, tempo: timedelta) -> Operacao:
    """Move a row's past, as if `tempo` had gone by."""
    Operacao.objects.filter(pk=operacao.pk).update(
        proxima_em=F("proxima_em") - tempo, enviada_em=F("enviada_em") - tempo, enviada_ate=F("enviada_ate") - tempo
    )
    operacao.refresh_from_db()
    return operacao


def vencer(operacao: Operacao) -> Operacao:
    """Make a waiting row due now, without moving its past."""
    Operacao.objects.filter(pk=operacao.pk).update(proxima_em=Now() - timedelta(seconds=1))
    operacao.refresh_from_db()
    return operacao
