"""The identifiers of the national NFS-e: Id of the DPS, chave de acesso, Ids of the events.

A CNPJ may have letters in its first twelve places (IN RFB 2.229/2024): nothing here is a number but what the layout
says is one. Sources: TSIdDPS, TSIdNFSe, TSIdPedRegEvt and TSIdEvento of the schemas; the check digit is published
nowhere and was reproduced on real chaves, so it is computed and never a reason to refuse one.
"""

import re
from dataclasses import dataclass

SERIE_MAXIMA = 49_999  # 1 to 49999 are of the taxpayer's own software; the rest of mobile, web and transcription
NUMERO_MAXIMO = 10**15 - 1
# What a chave is made of. TSChaveNFSe of the official schema misplaces the inscrição by three places, and refuses the
# chave of a CNPJ whose twelfth character is a letter.
PADRAO_DA_CHAVE = re.compile(r"[0-9]{7}[12](?:1[0-9]{14}|2[0-9A-Z]{12}[0-9]{2})[0-9]{27}")
_PADRAO_DO_ID = re.compile(r"DPS([0-9]{7})(?:1000([0-9]{11})|2([0-9A-Z]{12}[0-9]{2}))([0-9]{5})([0-9]{15})")
_MUNICIPIO = re.compile(r"[0-9]{7}")
_CPF = re.compile(r"[0-9]{11}")
_CNPJ = re.compile(r"[0-9A-Z]{12}[0-9]{2}")
_EVENTO = re.compile(r"[0-9]{6}")
_TIPO_CPF, _TIPO_CNPJ = "1", "2"


class IdentificadorInvalido(ValueError):
    """The text is no identifier of this kind; the message (pt-BR) says what is wrong with it."""


@dataclass(frozen=True)
class IdDps:
    """Who declares, where, with which série and number: what makes a DPS unique. `documento` is a CPF or a CNPJ."""

    municipio: str
    documento: str
    serie: int
    numero: int

    def __str__(self) -> str:
        return f"DPS{self.municipio}{_inscricao(self.documento)}{self.serie:05d}{self.numero:015d}"


def id_dps(municipio: str, documento: str, serie: str | int, numero: int) -> str:
    """The 45 characters. Raises IdentificadorInvalido when a part does not fit."""
    if not _MUNICIPIO.fullmatch(municipio):
        raise IdentificadorInvalido("O município do emitente tem 7 números (código IBGE).")
    serie = str(serie).strip()
    if not re.fullmatch(r"[0-9]{1,5}", serie) or not 1 <= int(serie) <= SERIE_MAXIMA:
        raise IdentificadorInvalido(f"A série da DPS vai de 1 a {SERIE_MAXIMA}.")
    if not 1 <= numero <= NUMERO_MAXIMO:
        raise IdentificadorInvalido("O número da DPS vai de 1 a 15 algarismos, sem zero no começo.")
    return str(IdDps(municipio, documento, int(serie), numero))


def ler_id_dps(texto: str) -> IdDps:
    """The parts of an Id. Raises IdentificadorInvalido."""
    achado = _PADRAO_DO_ID.fullmatch(texto)
    if achado is None:
        raise IdentificadorInvalido("O Id da DPS tem 45 posições: DPS, município, tipo, inscrição, série e número.")
    municipio, cpf, cnpj, serie, numero = achado.groups()
    return IdDps(municipio, cpf or cnpj, int(serie), int(numero))


def _inscricao(documento: str) -> str:
    """Type and inscrição, 15 characters."""
    if _CNPJ.fullmatch(documento):
        return _TIPO_CNPJ + documento
    if _CPF.fullmatch(documento):
        return f"{_TIPO_CPF}000{documento}"
    raise IdentificadorInvalido("O documento do emitente é um CPF (11 números) ou um CNPJ (14 posições), sem máscara.")


@dataclass(frozen=True)
class Chave:
    """The parts of a chave de acesso. `ambiente_gerador` is 1 for a municipal system, 2 for the Sefin Nacional;
    `ano_mes` AAMM of the emission; `confere` tells whether the check digit is the one we compute."""

    texto: str
    municipio: str
    ambiente_gerador: str
    documento: str
    numero: int
    ano_mes: str
    codigo: str
    digito: str

    @property
    def confere(self) -> bool:
        return digito_da_chave(self.texto[:49]) == self.digito

    def __str__(self) -> str:
        return self.texto


def ler_chave(texto: str) -> Chave:
    """The parts of the 50 characters, whatever the check digit. Raises IdentificadorInvalido."""
    if len(texto) != 50:
        raise IdentificadorInvalido(f"A chave da NFS-e nacional tem 50 posições, e esta tem {len(texto)}.")
    if not PADRAO_DA_CHAVE.fullmatch(texto):
        raise IdentificadorInvalido(
            "A chave não é de uma NFS-e nacional: só tem letras (maiúsculas) no CNPJ de quem emitiu. Copie-a de novo."
        )
    inscricao = texto[9:23]
    if texto[8] == _TIPO_CPF and inscricao[:3] != "000":
        raise IdentificadorInvalido("A chave diz que quem emitiu tem CPF, e traz mais de 11 números no lugar dele.")
    if not 1 <= int(texto[38:40]) <= 12:
        raise IdentificadorInvalido("A chave traz um mês que não existe. Copie-a de novo.")
    return Chave(
        texto=texto,
        municipio=texto[:7],
        ambiente_gerador=texto[7],
        documento=inscricao[3:] if texto[8] == _TIPO_CPF else inscricao,
        numero=int(texto[23:36]),
        ano_mes=texto[36:40],
        codigo=texto[40:49],
        digito=texto[49],
    )


def digito_da_chave(corpo: str) -> str:
    """Modulo 11 with weights 2 to 9 from the right; a letter is worth its ASCII code less 48."""
    soma = sum((ord(letra) - 48) * (2 + posicao % 8) for posicao, letra in enumerate(reversed(corpo)))
    resto = soma % 11
    return "0" if resto < 2 else str(11 - resto)


def id_pedido_de_evento(chave: str, codigo: str) -> str:
    """PRE, chave and code of the event: 59 characters (the 62 of before 2026 are refused)."""
    return f"PRE{ler_chave(chave)}{_codigo(codigo)}"


def id_evento(chave: str, codigo: str, sequencia: int = 1) -> str:
    """EVT, chave, code and sequence: 62 characters, given by who registers the event."""
    if not 1 <= sequencia <= 999:
        raise IdentificadorInvalido("A sequência do evento vai de 1 a 999.")
    return f"EVT{ler_chave(chave)}{_codigo(codigo)}{sequencia:03d}"


def ler_id_evento(texto: str) -> tuple[str, str, int]:
    """Chave, code and sequence (0 in the Id of a request) of an EVT or PRE. Raises IdentificadorInvalido."""
    if len(texto) == (62 if texto.startswith("EVT") else 59) and texto[:3] in ("EVT", "PRE"):
        chave, codigo, sequencia = texto[3:53], texto[53:59], texto[59:] or "0"
        if sequencia.isascii() and sequencia.isdecimal():
            return ler_chave(chave).texto, _codigo(codigo), int(sequencia)
    raise IdentificadorInvalido("O Id do evento tem EVT e 59 posições, ou PRE e 56.")


def _codigo(codigo: str) -> str:
    if not _EVENTO.fullmatch(codigo):
        raise IdentificadorInvalido("O código do evento tem 6 números.")
    return codigo
