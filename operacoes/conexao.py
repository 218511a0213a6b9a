"""The outcome of *Testar*: whether an access opens, in words that a person can act on."""

from dataclasses import dataclass

from operacoes.errors import ProviderError


@dataclass(frozen=True)
class Teste:
    """Plain words, the service's own among them."""

    ok: bool
    mensagem: str

    @classmethod
    def falhou(cls, erro: ProviderError, de_quem: str, conselho: str = "") -> "Teste":
        """`de_quem`: whose words are quoted ("do SERPRO")."""
        # Without a status nothing was answered: the text is that of the connection.
        rotulo = "Detalhe técnico" if erro.status is None else f"Palavras {de_quem}"
        palavras = f" {rotulo}: “{erro.texto[:200]}”" if erro.texto else ""
        return cls(False, f"{erro.mensagem[:300]}{conselho}{palavras}")
