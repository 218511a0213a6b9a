"""What each ambiente fixes: addresses of the outside services and what the installation must bring itself."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Ambiente(StrEnum):
    SANDBOX = "sandbox"
    HOMOLOGACAO = "homologacao"
    PRODUCAO = "producao"


# Known to everyone who reads this file: good for invented data only. check_secrets() refuses them elsewhere.
DEMO_SECRET_KEY = "demonstracao-insegura-somente-para-o-sandbox"  # noqa: S105 - refused outside the sandbox
DEMO_COFRE_CHAVES = "demo:Z3VpY2hlLWRlbW9uc3RyYWNhby1wdWJsaWNhLTAwMDE="


@dataclass(frozen=True)
class Enderecos:
    """Addresses of Integra Contador and the CA bundle (PEM path, None for the system's) that vouches for them.

    `bearer_publico` is set where the service takes one fixed bearer for everybody and no certificate (the trial base).
    """

    autenticacao: str
    base: str
    ca: Path | None = None
    bearer_publico: str = ""


# SERPRO, API Integra Contador, "Como autenticar" (April 2026): the trial base takes a fixed bearer and no certificate.
OFICIAIS = {
    Ambiente.PRODUCAO: Enderecos(
        "https://autenticacao.sapi.serpro.gov.br/authenticate",
        "https://gateway.apiserpro.serpro.gov.br/integra-contador/v1",
    ),
    Ambiente.HOMOLOGACAO: Enderecos(
        "https://autenticacao.sapi.serpro.gov.br/authenticate",
        "https://gateway.apiserpro.serpro.gov.br/integra-contador-trial/v1",
        bearer_publico="06aef429-a981-3ec5-a1f8-71d38d86481e",
    ),
}


def enderecos_sandbox(porta: int, pasta: Path) -> Enderecos:
    raiz = f"https://127.0.0.1:{porta}"
    return Enderecos(f"{raiz}/authenticate", f"{raiz}/integra-contador/v1", pasta / "ca.pem")


@dataclass(frozen=True)
class EnderecoNfse:
    """Where one service of NFS-e answers, and the CA bundle (PEM path, None for the system's) that vouches for it.

    `base` is up to `/api` for SISGENF-e, the host without a version for Integra Notas.
    """

    base: str
    ca: Path | None = None


# SISGENF-e, web service 1.1: homologação is a path of the same host. Integra Notas has a host for each ambiente.
SISGENFE_OFICIAL = {
    Ambiente.PRODUCAO: EnderecoNfse("https://nota.systemainformatica.com.br/api"),
    Ambiente.HOMOLOGACAO: EnderecoNfse("https://nota.systemainformatica.com.br/sandbox/api"),
}
INTEGRANOTAS_OFICIAL = {
    Ambiente.PRODUCAO: EnderecoNfse("https://api.integranotas.com.br"),
    Ambiente.HOMOLOGACAO: EnderecoNfse("https://hom-api.integranotas.com.br"),
}


def sisgenfe_sandbox(porta: int, pasta: Path) -> EnderecoNfse:
    return EnderecoNfse(f"https://127.0.0.1:{porta}/sisgenfe/api", pasta / "ca.pem")


def integranotas_sandbox(porta: int, pasta: Path) -> EnderecoNfse:
    return EnderecoNfse(f"https://127.0.0.1:{porta}/integranotas", pasta / "ca.pem")


@dataclass(frozen=True)
class EnderecosNacional:
    """Where the services of the national NFS-e answer, each by itself, and the CA bundle that vouches for them."""

    sefin: str
    adn: str
    parametros: str
    ca: Path | None = None


# www.gov.br/nfse, "APIs - Prod. Restrita e Produção". None is made of another by a change of host. The test environment
# also answers under /API/SefinNacional.
NACIONAL_OFICIAL = {
    Ambiente.PRODUCAO: EnderecosNacional(
        "https://sefin.nfse.gov.br/SefinNacional",
        "https://adn.nfse.gov.br/contribuintes",
        "https://adn.nfse.gov.br/parametrizacao",
    ),
    Ambiente.HOMOLOGACAO: EnderecosNacional(
        "https://sefin.producaorestrita.nfse.gov.br/SefinNacional",
        "https://adn.producaorestrita.nfse.gov.br/contribuintes",
        "https://adn.producaorestrita.nfse.gov.br/parametrizacao",
    ),
}
# How a DPS may be signed (nfse/providers/nacional/assinatura.py); the first is the default.
ASSINATURAS_NACIONAL = ("sha256-exc", "sha256-inc", "sha1-inc")


def nacional_sandbox(porta: int, pasta: Path) -> EnderecosNacional:
    raiz = f"https://127.0.0.1:{porta}"
    return EnderecosNacional(
        f"{raiz}/SefinNacional", f"{raiz}/contribuintes", f"{raiz}/parametrizacao", pasta / "ca.pem"
    )


def check_secrets(ambiente: Ambiente, secret_key: str, cofre_chaves: str) -> str | None:
    """Say in Portuguese what is wrong with the installation's secrets, or None."""
    if ambiente is Ambiente.SANDBOX:
        return None
    if not secret_key or not cofre_chaves:
        return (
            f"GUICHE_AMBIENTE={ambiente}: defina SECRET_KEY e COFRE_CHAVES. Fora do sandbox nenhum segredo tem valor "
            "padrão; gere-os com ./run manage.py gerar_chaves."
        )
    if secret_key == DEMO_SECRET_KEY or "demo:" in cofre_chaves or DEMO_COFRE_CHAVES.split(":")[1] in cofre_chaves:
        return (
            f"GUICHE_AMBIENTE={ambiente}: SECRET_KEY ou COFRE_CHAVES é a chave de demonstração, que é pública. "
            "Gere chaves próprias com ./run manage.py gerar_chaves."
        )
    return None
