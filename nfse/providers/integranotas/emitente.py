"""The emitente's own record, token, webhook address and certificate."""

from nfse.providers.integranotas import envelope as codigos
from nfse.providers.integranotas.arquivos import codificar
from nfse.providers.integranotas.cadastro import (
    CadastroEmitente,
    CertificadoNoServico,
    EmitenteNoServico,
    TokenNovo,
    certificado_de,
    emitente_de,
    token_de,
)
from nfse.providers.integranotas.erros import NOME
from nfse.providers.integranotas.transporte import Chamada, Gateway, ilegivel
from nfse.providers.interface import DadosInvalidos, Problema
from operacoes.errors import ProviderRefused
from operacoes.http import Chamadas

MOSTRAR = Chamada("GET", "/emitente", "o cadastro do emitente")
ATUALIZAR = Chamada("PUT", "/emitente", "o cadastro do emitente")
TROCAR_TOKEN = Chamada("GET", "/emitente/token", "a troca do token", efeito=True)
WEBHOOK = Chamada("POST", "/webhook", "o endereço dos avisos")
CERTIFICADO = Chamada("GET", "/certificado", "o certificado")
ENVIAR_CERTIFICADO = Chamada("POST", "/certificado", "o certificado", bons=frozenset({codigos.FEITO}))


class DoEmitente(Gateway):
    """What an emitente's own token does beside notes."""

    def emitente(self, *, chamadas: Chamadas) -> EmitenteNoServico:
        return emitente_de(self.chamar(MOSTRAR, chamadas).corpo)

    def atualizar_emitente(self, cadastro: CadastroEmitente, *, chamadas: Chamadas) -> EmitenteNoServico:
        corpo = cadastro.para_envio(identificar=False)
        return emitente_de(self.chamar(ATUALIZAR, chamadas, corpo).corpo, documento=cadastro.documento)

    def trocar_token(self, *, chamadas: Chamadas) -> TokenNovo:
        """Replace the token in use. One GET with an effect, never made again by itself: after OutcomeUnknown the old
        token may be dead and the new one lost, and only the software house can show or make another."""
        envelope = self.chamar(TROCAR_TOKEN, chamadas)
        return TokenNovo(token_de(envelope.corpo) or ilegivel(TROCAR_TOKEN, envelope.mensagem, status=envelope.status))

    def registrar_webhook(self, url: str, *, chamadas: Chamadas) -> str:
        """Where the service tells of documents that left processing; the service's words come back."""
        if not url.startswith("https://") and not url.startswith("http://"):
            raise DadosInvalidos(NOME, [Problema("webhook", "O endereço dos avisos precisa começar com https://.")])
        return self.chamar(WEBHOOK, chamadas, {"webhook": url}).mensagem

    def certificado(self, *, chamadas: Chamadas) -> CertificadoNoServico:
        """The certificate the service holds; not `presente` when it says that there is none."""
        try:
            return certificado_de(self.chamar(CERTIFICADO, chamadas))
        except ProviderRefused as recusa:
            return CertificadoNoServico(presente=False, mensagem=recusa.texto)

    def enviar_certificado(self, pfx: bytes, senha: str, *, chamadas: Chamadas) -> CertificadoNoServico:
        """Replace the certificate (A1 only, PKCS#12). Sending the same one again changes nothing."""
        if not pfx:
            raise DadosInvalidos(NOME, [Problema("certificado", "O arquivo do certificado está vazio.")])
        corpo = {"certificado": codificar(pfx), "senha": senha}
        return certificado_de(self.chamar(ENVIAR_CERTIFICADO, chamadas, corpo))
