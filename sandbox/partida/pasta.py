"""The state folder: where it is and which files it holds."""

import os
from pathlib import Path

_REPOSITORIO = Path(__file__).resolve().parents[2]


def pasta_padrao() -> Path:
    if "SANDBOX_DIR" in os.environ:
        return Path(os.environ["SANDBOX_DIR"])
    return Path(os.environ.get("GUICHE_VAR", _REPOSITORIO / "var")) / "sandbox"


class Pasta:
    """Names inside one state folder."""

    def __init__(self, raiz: Path) -> None:
        self.raiz = raiz.resolve()
        self.banco = self.raiz / "sandbox.sqlite3"
        self.trava = self.raiz / "trava"
        self.enderecos = self.raiz / "enderecos.json"
        self.chave_sessao = self.raiz / "chave-da-sessao"
        self.ca = self.raiz / "ca.pem"
        self.ca_chave = self.raiz / "ca-chave.pem"
        self.ca_estranha = self.raiz / "ca-estranha.pem"
        self.ca_estranha_chave = self.raiz / "ca-estranha-chave.pem"
        self.sefin = self.raiz / "sefin.pem"
        self.sefin_chave = self.raiz / "sefin-chave.pem"
        self.servidor = self.raiz / "servidor.pem"
        self.servidor_chave = self.raiz / "servidor-chave.pem"
        self.token_chave = self.raiz / "token-chave.pem"
        self.a1 = self.raiz / "a1"


def gravar_privado(caminho: Path, conteudo: bytes) -> None:
    """Write atomically, readable by the owner only."""
    provisorio = caminho.with_name(caminho.name + ".novo")
    descritor = os.open(provisorio, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descritor, "wb") as arquivo:
        arquivo.write(conteudo)
    provisorio.replace(caminho)
