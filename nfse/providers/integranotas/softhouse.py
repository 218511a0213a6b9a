"""What the software house's token does: the emitentes of all its clients."""

from nfse.providers.integranotas import envelope as codigos
from nfse.providers.integranotas.cadastro import (
    CadastroEmitente,
    EmitenteNoServico,
    documento_para_envio,
    emitente_de,
    emitentes_de,
)
from nfse.providers.integranotas.transporte import Chamada, Gateway, nao_existe
from operacoes.errors import ProviderRefused
from operacoes.http import Chamadas

_FEITO = frozenset({codigos.FEITO})

CRIAR = Chamada("POST", "/soft/emitente", "o cadastro do emitente", bons=_FEITO, efeito=True)
ATUALIZAR = Chamada("PUT", "/soft/emitente", "o cadastro do emitente")
ATIVOS = Chamada("GET", "/soft/emitente", "a lista de emitentes")
REMOVIDOS = Chamada("GET", "/soft/emitente/deletados", "a lista de emitentes removidos")


class Softhouse(Gateway):
    """Administration with the software house's token: at most 5 calls a minute."""

    def criar(self, cadastro: CadastroEmitente, *, chamadas: Chamadas) -> EmitenteNoServico:
        """Register an emitente; its token comes back, and is empty when the answer did not bring it. A lost answer is
        a doubt that `mostrar` settles; an emitente that exists is refused with code 5008."""
        corpo = cadastro.para_envio(identificar=True)
        return emitente_de(self.chamar(CRIAR, chamadas, corpo).corpo, documento=cadastro.documento)

    def atualizar(self, cadastro: CadastroEmitente, *, chamadas: Chamadas) -> EmitenteNoServico:
        """Change the fields given of the emitente with this document."""
        corpo = cadastro.para_envio(identificar=True)
        return emitente_de(self.chamar(ATUALIZAR, chamadas, corpo).corpo, documento=cadastro.documento)

    def mostrar(self, documento: str, *, chamadas: Chamadas) -> EmitenteNoServico | None:
        chamada = Chamada("GET", _rota(documento), "o cadastro do emitente")
        try:
            return emitente_de(self.chamar(chamada, chamadas).corpo, documento=documento)
        except ProviderRefused as recusa:
            if nao_existe(recusa):
                return None
            raise

    def ativos(self, *, chamadas: Chamadas) -> tuple[EmitenteNoServico, ...]:
        return emitentes_de(self.chamar(ATIVOS, chamadas))

    def removidos(self, *, chamadas: Chamadas) -> tuple[EmitenteNoServico, ...]:
        return emitentes_de(self.chamar(REMOVIDOS, chamadas))

    def remover(self, documento: str, *, chamadas: Chamadas) -> str:
        """Remove an emitente; the service's words come back. Its token is refused from now on, and after 30 days all
        that the service holds of it is gone for good: only with every XML archived."""
        chamada = Chamada("DELETE", _rota(documento), "a remoção do emitente", efeito=True)
        return self.chamar(chamada, chamadas).mensagem


def _rota(documento: str) -> str:
    return f"/soft/emitente/{next(iter(documento_para_envio(documento).values()))}"
