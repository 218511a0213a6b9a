"""The record of an emitente at the service: what is sent and what is told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from nfse.providers.integranotas.arquivos import codificar
from nfse.providers.integranotas.envelope import Envelope, texto_de
from nfse.providers.integranotas.erros import NOME
from nfse.providers.integranotas.leitura import dia, objetos_de, sem_arquivos
from nfse.providers.interface import DadosInvalidos, Problema

_DOCUMENTO = re.compile(r"[0-9]{11}|[0-9A-Z]{12}[0-9]{2}")
DOCUMENTOS = ("nfe", "nfce", "nfse", "mdfe", "cte", "cteos", "bpe", "dfe_nfe", "dfe_cte", "sintegra", "gnre")


@dataclass(frozen=True)
class CadastroEmitente:
    """What is to be registered or changed. None is not sent, so that a change may carry a few fields; the names in
    `apagar` are sent as null. `documento` is a CPF or CNPJ, which never changes; `crt` 1 Simples Nacional, 3 normal;
    `documentos` says which kinds are used, by their names in DOCUMENTOS; `webhook` goes with changes only."""

    documento: str = ""
    nome: str | None = None
    razao: str | None = None
    cnae: str | None = None
    crt: int | None = None
    ie: str | None = None
    im: str | None = None
    suframa: str | None = None
    csc: str | None = field(default=None, repr=False)
    cscid: str | None = None
    tar: str | None = None
    aliquota_simples: Decimal | None = None
    login_prefeitura: str | None = field(default=None, repr=False)
    senha_prefeitura: str | None = field(default=None, repr=False)
    client_id_prefeitura: str | None = field(default=None, repr=False)
    client_secret_prefeitura: str | None = field(default=None, repr=False)
    telefone: str | None = None
    email: str | None = None
    rua: str | None = None
    numero: str | None = None
    complemento: str | None = None
    bairro: str | None = None
    municipio: str | None = None
    cmun: str | None = None
    uf: str | None = None
    cep: str | None = None
    logo: bytes | None = field(default=None, repr=False)
    plano: str | None = None
    documentos: Mapping[str, bool] | None = None
    webhook: str | None = None
    apagar: frozenset[str] = frozenset()

    def para_envio(self, *, identificar: bool) -> dict[str, Any]:
        """The body. `identificar`: only the document says whose record it is. Raises DadosInvalidos."""
        if estranhos := self.apagar - set(_TEXTOS) - {"logo", "webhook", "aliquota_simples"}:
            raise ValueError(f"cannot be cleared: {', '.join(sorted(estranhos))}")
        if desconhecidos := set(self.documentos or ()) - set(DOCUMENTOS):
            raise ValueError(f"no such kinds of documents: {', '.join(sorted(desconhecidos))}")
        corpo: dict[str, Any] = {nome: valor for nome in _TEXTOS if (valor := getattr(self, nome)) not in (None, "")}
        corpo |= documento_para_envio(self.documento) if self.documento or identificar else {}
        if self.crt is not None:
            corpo["crt"] = self.crt
        if self.aliquota_simples is not None:
            corpo["aliquota_simples"] = str(self.aliquota_simples)
        if self.logo is not None:
            corpo["logo"] = codificar(self.logo)
        if self.documentos is not None:
            corpo["documentos"] = dict(self.documentos)
        return corpo | dict.fromkeys(self.apagar)


_TEXTOS = (
    "nome",
    "razao",
    "cnae",
    "ie",
    "im",
    "suframa",
    "csc",
    "cscid",
    "tar",
    "login_prefeitura",
    "senha_prefeitura",
    "client_id_prefeitura",
    "client_secret_prefeitura",
    "telefone",
    "email",
    "rua",
    "numero",
    "complemento",
    "bairro",
    "municipio",
    "cmun",
    "uf",
    "cep",
    "plano",
    "webhook",
)


@dataclass(frozen=True)
class EmitenteNoServico:
    """An emitente as the service tells it. `token` is there on creation, perhaps when shown; `bruto` the answer
    without secrets."""

    documento: str
    nome: str = ""
    razao: str = ""
    municipio: str = ""
    token: str = field(default="", repr=False)
    bruto: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class TokenNovo:
    """The token that replaces the one just used. Store it before anything else: the old one is dead."""

    token: str = field(repr=False)


@dataclass(frozen=True)
class CertificadoNoServico:
    """Whether the service holds a certificate of the emitente, and until when it is good (None: not told)."""

    presente: bool
    validade: date | None = None
    mensagem: str = ""
    bruto: Mapping[str, Any] = field(default_factory=dict, repr=False)


def documento_para_envio(documento: str) -> dict[str, str]:
    """A CPF or CNPJ under its own name. Raises DadosInvalidos."""
    if not _DOCUMENTO.fullmatch(documento):
        raise DadosInvalidos(
            NOME, [Problema("cnpj", "O emitente precisa de CPF (11 números) ou CNPJ (14 caracteres).")]
        )
    return {"cpf" if len(documento) == 11 else "cnpj": documento}


def emitente_de(corpo: Mapping[str, Any], *, documento: str = "") -> EmitenteNoServico:
    """An emitente of an answer, at its top or inside `emitente`; `documento` is what was asked for."""
    dentro = corpo.get("emitente")
    dados = {**corpo, **dentro} if isinstance(dentro, dict) else dict(corpo)
    return EmitenteNoServico(
        documento=texto_de(dados.get("cnpj")) or texto_de(dados.get("cpf")) or documento,
        nome=texto_de(dados.get("nome")),
        razao=texto_de(dados.get("razao")),
        municipio=texto_de(dados.get("cmun")),
        token=token_de(dados),
        bruto=sem_arquivos(dados),
    )


def emitentes_de(envelope: Envelope) -> tuple[EmitenteNoServico, ...]:
    return tuple(emitente_de(item) for item in objetos_de(envelope))


def token_de(corpo: Mapping[str, Any]) -> str:
    valor = corpo.get("token")
    return valor.strip() if isinstance(valor, str) else ""


def certificado_de(envelope: Envelope) -> CertificadoNoServico:
    return CertificadoNoServico(
        presente=True,
        validade=dia(envelope.corpo.get("validade")),
        mensagem=envelope.mensagem,
        bruto=sem_arquivos(envelope.corpo),
    )
