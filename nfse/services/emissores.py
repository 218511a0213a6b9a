"""Where the notes of a município go: the Sefin Nacional, or an emitter of its own that speaks the same API."""

import ipaddress
import re
from urllib.parse import urlsplit

from django.conf import settings

from nfse.models import DocumentoAssinado, EmissorMunicipal, Nota

NACIONAL = ""  # how a document remembers the national address, wherever that is today
_ROTULO = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_INTERNOS = ("localhost", "local", "internal", "intranet", "lan", "home", "test", "invalid", "example")


class EnderecoRecusado(ValueError):
    """The text is pt-BR: what is wrong with the address, and what next."""


def endereco_de(municipio: str) -> str:
    """Where a note of this município is sent now; NACIONAL for the national address."""
    achado = EmissorMunicipal.objects.filter(municipio=municipio, ativo=True).values_list("sefin", flat=True).first()
    return achado or NACIONAL


def endereco_da_nota(nota: int) -> str:
    """Where the note went, and so where it is cancelled, asked about and read again."""
    assinados = DocumentoAssinado.objects.filter(operacao__in=Nota.objects.filter(pk=nota).values("operacao"))
    return assinados.values_list("endereco", flat=True).first() or NACIONAL


def ler_endereco(texto: str) -> str:
    """As it is kept. The certificate of an empresa goes there, so only HTTPS to a public name. Raises
    EnderecoRecusado."""
    texto = texto.strip().rstrip("/")
    try:
        partes = urlsplit(texto)
        nome, _ = (partes.hostname or "").lower(), partes.port
    except ValueError:
        raise EnderecoRecusado(
            "O endereço não pôde ser lido. Use como em https://nfse.cidade.gov.br/SefinNacional."
        ) from None
    if partes.scheme != "https":
        raise EnderecoRecusado("Use um endereço https://: o certificado da empresa só vai por conexão cifrada.")
    if partes.username or partes.password or partes.query or partes.fragment:
        raise EnderecoRecusado("Tire do endereço o usuário, a senha e o que vem depois de ? ou #.")
    if str(settings.AMBIENTE) == "sandbox":
        simulador = (urlsplit(settings.NFSE_NACIONAL.sefin).hostname or "").lower()
        if nome != simulador:
            raise EnderecoRecusado(f"No sandbox só se fala com o simulador, em {simulador}.")
    elif not _publico(nome):
        raise EnderecoRecusado(
            f"“{nome}” não é um nome público da internet. Use o do emissor do município, como nfse.cidade.gov.br."
        )
    return texto


def _publico(nome: str) -> bool:
    try:
        ipaddress.ip_address(nome)
    except ValueError:
        rotulos = nome.split(".")
        return len(rotulos) > 1 and all(map(_ROTULO.fullmatch, rotulos)) and rotulos[-1] not in _INTERNOS
    return False
