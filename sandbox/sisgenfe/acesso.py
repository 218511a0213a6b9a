"""Login and tokens: an HS256 JWT that the server remembers, because nothing in it says when it ends.

Section POST Login of the documentation, version 1.1; the lifetime and every refusal are the sandbox's own choice.
"""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from sandbox.nucleo import rapido
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.livro import gravacao
from sandbox.sisgenfe.contexto import Contexto, documento, opcao
from sandbox.sisgenfe.erros import Recusa
from sandbox.sisgenfe.formatos import mascarar, sem_mascara
from sandbox.sisgenfe.leitura import Campos
from sandbox.sisgenfe.models import Aplicativo, Prestador, Token, Usuario

PERMISSOES = (
    "wsIncluirTomador",
    "wsListaEstado",
    "wsAlterarTomador",
    "wsListaTomador",
    "wsIncluirNota",
    "wsListaNota",
    "wsListaMunicipio",
    "wsListaAtividade",
    "wsIncluirCancelamento",
    "wsIncluirCorrecao",
    "wsListaUnidadeMedida",
    "wsListaCnae",
)
NAO_AUTORIZADO = "Token ausente, inválido ou expirado: faça o login de novo."


def derivar(rotulo: str) -> bytes:
    """A secret of this sandbox, always the same for the same label."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"sisgenfe/{rotulo}".encode(), "sha256")


def _b64(conteudo: bytes) -> str:
    return base64.urlsafe_b64encode(conteudo).rstrip(b"=").decode()


def assinar(conteudo: dict[str, Any]) -> str:
    """A JWS in compact form, HS256 (RFC 7515)."""
    partes = (json.dumps(parte, ensure_ascii=False).encode() for parte in ({"alg": "HS256"}, conteudo))
    assinado = ".".join(map(_b64, partes))
    return f"{assinado}.{_b64(hmac.digest(derivar('jwt'), assinado.encode(), 'sha256'))}"


def resumo(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def entrar(pedido: Campos, ambiente: str, ajustes: Ajustes) -> HttpResponse:
    """POST /login: the token alone. Raises Recusa."""
    textos = {nome: pedido.texto(nome) for nome in ("app", "prestador", "username", "password")}
    pedido.fim()
    cnpj = sem_mascara(documento(ajustes, textos["prestador"], "prestador", sem_cpf=True))
    aplicativo = rapido.primeiro(Aplicativo, "chave = %s AND NOT bloqueado", [textos["app"]])
    if aplicativo is None:
        raise Recusa(401, "Chave do aplicativo desconhecida ou bloqueada.", "app")
    prestador = rapido.primeiro(Prestador, "cnpj = %s", [cnpj])
    usuario = _usuario(prestador, textos["username"], textos["password"])
    if prestador is None or usuario is None:
        raise Recusa(401, "Prestador, usuário ou senha não conferem.")
    _conferir_prestador(prestador, aplicativo)
    token = _novo_token(ambiente, ajustes, prestador, aplicativo, usuario)
    corpo = f'"{token}"' if opcao(ajustes, "login_entre_aspas") else token
    return HttpResponse(corpo, content_type=opcao(ajustes, "login_tipo"))


def _usuario(prestador: Prestador | None, nome: str, senha: str) -> Usuario | None:
    if prestador is None:
        return None
    usuario = rapido.primeiro(Usuario, "prestador_id = %s AND nome = %s", [prestador.pk, nome])
    return usuario if usuario and hmac.compare_digest(usuario.senha.encode(), senha.encode()) else None


def _conferir_prestador(prestador: Prestador, aplicativo: Aplicativo) -> None:
    if not prestador.habilitado:
        raise Recusa(403, "O prestador não está habilitado a usar o web service.", "prestador")
    if prestador.aplicativos and aplicativo.chave not in prestador.aplicativos:
        raise Recusa(403, "O prestador não autorizou este aplicativo.", "app")


def _novo_token(ambiente: str, ajustes: Ajustes, prestador: Prestador, aplicativo: Aplicativo, usuario: Usuario) -> str:
    """Two logins never give the same text: `jti` is the one claim that the documented sample does not show."""
    token = assinar(
        {
            "prefeituras": [],
            "prestador": {"documento": mascarar(prestador.cnpj), "nome": prestador.nome},
            "permissoes": usuario.permissoes,
            "chave": aplicativo.chave,
            "usuario": usuario.nome,
            "jti": secrets.token_urlsafe(9),
        }
    )
    expira = ajustes.agora() + timedelta(seconds=opcao(ajustes, "token_segundos"))
    with gravacao():
        rapido.inserir(
            Token(
                resumo=resumo(token),
                ambiente=ambiente,
                prestador=prestador,
                aplicativo=aplicativo,
                permissoes=usuario.permissoes,
                expira=expira,
            )
        )
    return token


def portador(request: HttpRequest) -> str:
    esquema, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if esquema == "Bearer" else ""


def abrir(request: HttpRequest, ambiente: str, ajustes: Ajustes, tag: str) -> tuple[Contexto, Aplicativo]:
    """Whose call this is. Raises Recusa 401 or 403."""
    vivo = rapido.primeiro(
        Token,
        "resumo = %s AND ambiente = %s AND expira > %s",
        [resumo(portador(request)), ambiente, rapido.instante(ajustes.agora())],
    )
    if vivo is None:
        raise Recusa(401, NAO_AUTORIZADO)
    aplicativo = rapido.primeiro(Aplicativo, "id = %s", [vivo.aplicativo_id])
    prestador = rapido.primeiro(Prestador, "id = %s", [vivo.prestador_id])
    if aplicativo is None or prestador is None or aplicativo.bloqueado:
        raise Recusa(401, "Chave do aplicativo desconhecida ou bloqueada.", "app")
    _conferir_prestador(prestador, aplicativo)
    return Contexto(ambiente, prestador, frozenset(vivo.permissoes), ajustes, tag), aplicativo


def encerrar(token: str) -> None:
    """The token is worth nothing from now on."""
    with gravacao():
        rapido.executar("DELETE FROM sisgenfe_token WHERE resumo = %s", [resumo(token)])
