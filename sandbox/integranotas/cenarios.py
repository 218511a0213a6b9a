"""What a scenario makes this service answer."""

from dataclasses import dataclass

from django.http import HttpResponse

from sandbox.integranotas import codigos, envelope, tokens
from sandbox.integranotas.contexto import Contexto
from sandbox.integranotas.emitentes import cadastro
from sandbox.integranotas.envelope import Resultado
from sandbox.integranotas.models import Conta, Emitente
from sandbox.integranotas.notas import chaves
from sandbox.integranotas.opcoes import Opcoes
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.livro import gravacao, proximo

NAO_AUTORIZADO = Resultado(codigos.NAO_AUTORIZADO, "Token ausente, desconhecido ou trocado.")


@dataclass
class RespostasNotas:
    """The shapes of refusal of this service, for the scenario engine. `ultimo` is what the call would have answered."""

    ajustes: Ajustes
    dono: Emitente | Conta | None = None
    chave: str = ""
    emite: bool = False
    ultimo: Resultado | None = None

    @property
    def opcoes(self) -> Opcoes:
        return Opcoes(self.ajustes)

    def recusa(self, http: int, codigo: str, texto: str) -> HttpResponse:
        numero = int(codigo) if codigo.isdecimal() else codigos.RECUSADA
        return envelope.responder(Resultado(numero, texto, http=http), self.opcoes)

    def erro(self, http: int) -> HttpResponse:
        return envelope.pagina_de_proxy(http, "Bad Gateway" if http == 502 else "Service Unavailable")

    def token_expirado(self) -> HttpResponse:
        """As if somebody had changed the token on the service's console."""
        with gravacao():
            if isinstance(self.dono, Emitente):
                cadastro.renovar(self.dono, Contexto(self.ajustes))
            elif self.dono is not None:
                self.dono.token = tokens.de_softhouse(self.dono.pk, self.ajustes.agora())
                self.dono.save(update_fields=["token"])
        return envelope.responder(NAO_AUTORIZADO, self.opcoes)

    def limite(self, espera: int | None) -> HttpResponse:
        if self.opcoes["limite_html"]:
            return envelope.pagina_de_proxy(429, "Too Many Requests")
        texto = "Limite de requisições excedido: aguarde antes de chamar de novo."
        resposta = envelope.responder(Resultado(codigos.LIMITE, texto), self.opcoes)
        if espera is not None:
            resposta["Retry-After"] = str(espera)
        return resposta

    def tempo_esgotado(self) -> HttpResponse:
        """7001 with the chave of the document; one that nobody has when it was not made."""
        chave = (self.ultimo.chave if self.ultimo else "") or self.chave
        if not chave and self.emite and isinstance(self.dono, Emitente):
            chave = self._chave_sem_documento(self.dono)
        texto = "O serviço não recebeu a resposta da prefeitura a tempo."
        corpo = {"chave": chave} if chave else {}
        return envelope.responder(Resultado(codigos.TEMPO_ESGOTADO, texto, corpo), self.opcoes)

    def _chave_sem_documento(self, emitente: Emitente) -> str:
        with gravacao():
            return chaves.nova(
                chaves.tamanho(self.opcoes),
                documento=emitente.documento,
                ibge=str(emitente.dados.get("cmun") or "9999999"),
                numero=proximo("integranotas_sem_documento"),
                instante=self.ajustes.agora(),
            )
