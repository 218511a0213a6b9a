"""The record of an emitente: which fields it has and how each must look."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.integranotas.envelope import Erro, campo_invalido, faltas, invalidos
from sandbox.integranotas.notas import formas

OBRIGATORIOS = ("nome", "razao")
DOCUMENTOS = ("nfe", "nfce", "nfse", "mdfe", "cte", "cteos", "bpe", "dfe_nfe", "dfe_cte", "sintegra", "gnre")
SECRETOS = ("csc", "senha_prefeitura", "client_secret_prefeitura")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_TEXTO = formas.Texto()


def _crt(valor: Any) -> str:
    return "" if str(valor) in ("1", "2", "3", "4") and not isinstance(valor, bool) else "Deve ser 1 a 4."


def _base64(valor: Any) -> str:
    try:
        base64.b64decode(valor, validate=True)
    except (TypeError, ValueError, binascii.Error):
        return "Deve ser um arquivo em base64."
    return ""


def _documentos(valor: Any) -> str:
    if not isinstance(valor, dict) or any(nome not in DOCUMENTOS for nome in valor):
        return f"Deve ser um objeto com estes nomes: {', '.join(DOCUMENTOS)}."
    return "" if all(isinstance(v, bool) for v in valor.values()) else "Cada documento deve ser true ou false."


_FORMAS: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(
        (
            *("nome", "razao", "cnae", "ie", "im", "suframa", "csc", "cscid", "tar", "login_prefeitura"),
            *("senha_prefeitura", "client_id_prefeitura", "client_secret_prefeitura", "telefone", "email"),
            *("rua", "numero", "complemento", "bairro", "municipio", "plano"),
        ),
        _TEXTO,
    ),
    "crt": _crt,
    "aliquota_simples": formas.taxa,
    "cmun": formas.codigo_ibge,
    "uf": formas.sigla_uf,
    "cep": formas.digitos(8),
    "logo": _base64,
    "documentos": _documentos,
}


def ler(corpo: Mapping[str, Any]) -> dict[str, Any]:
    """The known fields of a body; an empty text clears one as null does. Raises Recusa naming every slip."""
    lidos: dict[str, Any] = {}
    erros = []
    for nome, forma in _FORMAS.items():
        if nome not in corpo:
            continue
        valor = corpo[nome] if corpo[nome] != "" else None
        if valor is not None and (descricao := forma(valor)):
            erros.append(Erro(nome, "Valor inválido", descricao))
        lidos[nome] = str(valor) if nome in ("crt", "aliquota_simples") and valor is not None else valor
    if erros:
        raise invalidos(erros)
    return lidos


def ler_documento(corpo: Mapping[str, Any]) -> str:
    """Exactly one of cnpj and cpf, with its check digits. Raises Recusa."""
    cnpj, cpf = corpo.get("cnpj") or None, corpo.get("cpf") or None
    if cnpj and cpf:
        raise campo_invalido("cnpj", "Informe só um: cnpj ou cpf.")
    if not cnpj and not cpf:
        raise faltas(["cnpj"])
    if cnpj and not (isinstance(cnpj, str) and cnpj_valido(cnpj)):
        raise campo_invalido("cnpj", f"CNPJ inválido: {cnpj}.")
    if cpf and not (isinstance(cpf, str) and cpf_valido(cpf)):
        raise campo_invalido("cpf", f"CPF inválido: {cpf}.")
    return str(cnpj or cpf)


def ler_webhook(valor: Any, campo: str = "webhook") -> str:
    """The address of a webhook: the sandbox calls this machine only, over plain HTTP. Null or empty takes it out."""
    if valor in (None, ""):
        return ""
    try:
        partes = urlsplit(valor) if isinstance(valor, str) and len(valor) <= 300 else None
        local = partes is not None and partes.scheme == "http" and partes.hostname in _LOOPBACK and partes.port != 0
    except ValueError:
        local = False
    if not local:
        raise campo_invalido(campo, "O sandbox só avisa endereços http:// desta máquina, como http://127.0.0.1:8000/.")
    return str(valor)
