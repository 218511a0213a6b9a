"""Who calls: an ERP user by Basic, or by a ready Bearer token; which branches and programs are open to it."""

import base64
import binascii
import hmac
import json

from django.conf import settings
from django.http import HttpRequest

from sandbox.nucleo import rapido
from sandbox.totvs.erros import da_borda
from sandbox.totvs.models import Usuario
from sandbox.totvs.opcoes import Opcoes

DEMONSTRACAO = "integracao"


def _derivar(rotulo: str) -> bytes:
    """A secret of this sandbox, always the same for the same label."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"totvs/{rotulo}".encode(), "sha256")


def senha_de_demonstracao() -> str:
    return _derivar("senha").hex()[:12]


def _b64(conteudo: bytes) -> str:
    return base64.urlsafe_b64encode(conteudo).rstrip(b"=").decode()


def novo_token(usuario: str) -> str:
    """A JWS in compact form, HS256 (RFC 7515): the same for the same user."""
    partes = (json.dumps(parte).encode() for parte in ({"alg": "HS256"}, {"sub": usuario}))
    assinado = ".".join(map(_b64, partes))
    return f"{assinado}.{_b64(hmac.digest(_derivar('jwt'), assinado.encode(), 'sha256'))}"


def autenticar(request: HttpRequest, opcoes: Opcoes) -> Usuario | None:
    """The user that calls; None when the credentials are missing or wrong, or of a mode that is off."""
    esquema, _, valor = request.headers.get("Authorization", "").partition(" ")
    modo = esquema.lower()
    if modo not in ("basic", "bearer") or opcoes["autenticacao"] not in ("ambas", modo):
        return None
    return _por_senha(valor.strip()) if modo == "basic" else _por_token(valor.strip())


def _por_senha(codificado: str) -> Usuario | None:
    try:
        nome, dois_pontos, senha = base64.b64decode(codificado, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return None
    usuario = rapido.primeiro(Usuario, "nome = %s AND NOT bloqueado", [nome]) if dois_pontos else None
    return usuario if usuario and hmac.compare_digest(usuario.senha.encode(), senha.encode()) else None


def _por_token(token: str) -> Usuario | None:
    return rapido.primeiro(Usuario, "token = %s AND NOT bloqueado", [token]) if token else None


def exigir_programa(usuario: Usuario, operacao: str) -> None:
    if usuario.programas and operacao not in usuario.programas:
        raise da_borda(403, f"O usuário {usuario.nome} não tem permissão para o programa {operacao}.")


def exigir_estabelecimento(usuario: Usuario, estabelecimento: str) -> None:
    if usuario.estabelecimentos and estabelecimento not in usuario.estabelecimentos:
        raise da_borda(403, f"O usuário {usuario.nome} não tem acesso ao estabelecimento {estabelecimento}.")
