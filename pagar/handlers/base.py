"""What the effects on the ERP have in common: whose access, which limits, and how a doubt is settled.

Every sending carries a reference of ours (a borderô its number), which the ERP takes once. So the identical repeat
settles a lost answer: it is done now, or refused because the reference is taken, by the first sending. That holds where
the codes of such refusals are known (ContaErp.codigos); elsewhere a refused repeat goes to a person, with its words.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.urls import reverse

from operacoes.errors import ProviderRefused
from operacoes.handlers import (
    Aconteceu,
    Conferencia,
    Handler,
    Limite,
    NaoAconteceu,
    NaoSei,
    ProximaAcao,
)
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao, Processamento, Tentativa
from operacoes.ritmo import no_ritmo
from pagar import ensaio
from pagar.providers.datasul import JaUsada, Motivo, RecusaErp
from pagar.providers.interface import Corpo, Resultado
from pagar.providers.pedidos import reler
from pagar.services import acesso as acessos

_SEM_CODIGOS = (
    "O Datasul recusou a repetição do envio, e a conta do ERP não diz quais códigos dele significam que já estava "
    "feito: {}"
)
_DE_QUEM = (
    "O Datasul recusou a repetição do envio. O que ele diz vale se o primeiro envio foi feito, e também se foi outra "
    "pessoa que fez: {}"
)
_ONDE = "No Datasul, em Contas a Pagar, Consulta de Títulos: "


@dataclass(frozen=True)
class Sessao:
    """`ja_enviada`: an earlier sending of this very request was lost sight of, also where a person said since then that
    it did not happen."""

    aberta: acessos.Sessao
    ja_enviada: bool


class ErpHandler[C: Corpo](Handler):
    """One write of the API. The pedido has its body: {"corpo": {...}, ...}."""

    efeito, classe, servico = Efeito.UNICO, Classe.GRATIS, "datasul"
    nome_do_servico = "Datasul"
    prazo_total = no_ritmo(timedelta(seconds=120))  # a batch of thousands of titles
    demora_maxima = timedelta(minutes=settings.DATASUL_DEMORA_MAXIMA_MINUTOS)
    pergunta_envia = True
    numero_da_prova = ""
    no_sandbox = ensaio.NO_SANDBOX
    corpo: ClassVar[type[Any]]
    # What the ERP may say of a repeat whose first sending was done, and says as well when somebody else did it.
    indicios: ClassVar[frozenset[Motivo]] = frozenset()

    @abstractmethod
    def chamar(self, pedido: Mapping[str, Any], sessao: Sessao, *, pergunta: bool) -> Callable[..., Resultado]:
        """The method of the client that makes this write; `pergunta`: as the repeat that settles a doubt."""

    def diria(self, pedido: Mapping[str, Any]) -> Motivo:
        """What this ERP would say of a repeat that it has done already."""
        return Motivo.REFERENCIA_USADA

    def sabe(self, pedido: Mapping[str, Any], sessao: Sessao) -> bool:
        """Whether its saying so would be understood: only then does another refusal mean that it was not done."""
        return self.diria(pedido) in sessao.aberta.conhecidos

    def limites(self, acesso: str) -> tuple[Limite, ...]:
        return acessos.limites(acesso)

    def preparar(self, operacao: Operacao) -> Sessao:
        perdidas = operacao.tentativas.filter(desfecho__in=Tentativa.SEM_RESPOSTA)
        return Sessao(acessos.abrir(acessos.conta_de(operacao.acesso)), operacao.duvidas > 0 or perdidas.exists())

    def enviar(self, pedido: Mapping[str, Any], sessao: Sessao, chamadas: Chamadas) -> Resultado:
        try:
            return self._enviar(pedido, sessao, chamadas, pergunta=False)
        except JaUsada as recusa:
            if sessao.ja_enviada and self.prova_que_foi(pedido, recusa):
                return Resultado()  # the lost one arrived after all
            raise

    def conferir(self, pedido: dict[str, Any], sessao: Sessao, chamadas: Chamadas) -> Conferencia:
        try:
            return Aconteceu(self._enviar(pedido, sessao, chamadas, pergunta=True))
        except RecusaErp as recusa:
            if self.prova_que_foi(pedido, recusa):
                return Aconteceu(Resultado())
            if not self.sabe(pedido, sessao):
                return NaoSei(timedelta.max, _SEM_CODIGOS.format(recusa.texto))
            if self.pode_ter_sido(pedido, recusa):
                return NaoSei(timedelta.max, _DE_QUEM.format(recusa.texto))
            return NaoAconteceu(recusa.mensagem)
        except ProviderRefused as recusa:
            return NaoAconteceu(recusa.mensagem)  # nothing left

    def _enviar(self, pedido: Mapping[str, Any], sessao: Sessao, chamadas: Chamadas, *, pergunta: bool) -> Resultado:
        corpo: C = reler(self.corpo, pedido["corpo"])
        return self.chamar(pedido, sessao, pergunta=pergunta)(corpo, chamadas=chamadas)

    def prova_que_foi(self, pedido: Mapping[str, Any], recusa: RecusaErp) -> bool:
        """Whether the refusal of a repeat proves that the first sending was done."""
        return self.diria(pedido) in recusa.motivos

    def pode_ter_sido(self, pedido: Mapping[str, Any], recusa: RecusaErp) -> bool:
        """Whether a refusal that proves nothing is one that a first sending, done, could have caused."""
        return bool(recusa.motivos & self.indicios)

    def rotulo_acesso(self, acesso: str) -> str:
        return acessos.rotulo_acesso(acesso)

    def url_do_acesso(self, acesso: str) -> str:
        return acessos.url_do_acesso(acesso)

    def acesso_mudou(self, acesso: str, desde: datetime) -> bool:
        return acessos.acesso_mudou(acesso, desde)

    def depois(self, run: Processamento) -> ProximaAcao | None:
        url = f"{reverse('pagar:titulos')}?periodo=todos&processamento={run.pk}"
        return ProximaAcao("", "Abrir os títulos", url, em_qualquer_mes=True)

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        return ProximaAcao(
            "Corrija o que a mensagem aponta e envie de novo.",
            "Abrir os títulos recusados",
            reverse("pagar:titulos") + "?situacao=recusado&periodo=todos",
        )

    def resolvida(self, operacao: Operacao, evidencia: str, arquivo: bytes = b"") -> dict[str, Any]:
        return self.aplicar(operacao, Resultado())


def onde(o_que: str) -> str:
    """Where a person looks, in pt-BR."""
    return f"{_ONDE}{o_que}"
