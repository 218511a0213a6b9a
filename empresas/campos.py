"""Rules of the fields of an Empresa, once for the form and for the CSV: text in, stored value or a refusal out."""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from comum.documentos import Invalido, Motivo, eh_cnpj
from comum.formatos import format_data, normalizar, parse_data
from comum.models import Usuario
from empresas.models import Empresa, Regime

_CODIGO = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,11}")
_INSCRICAO = re.compile(r"[0-9A-Za-z][0-9A-Za-z./ -]{0,19}")
_EMAIL_COMUM = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*", re.ASCII)
DATA_MINIMA = date(1900, 1, 1)

_REGIMES = {
    **{normalizar(nome): regime.value for regime in Regime for nome in (regime.value, str(regime.label))},
    "simei": Regime.MEI.value,
    "microempreendedor individual": Regime.MEI.value,
    "sn": Regime.SIMPLES.value,
    "lp": Regime.PRESUMIDO.value,
    "lr": Regime.REAL.value,
    "outros": Regime.OUTRO.value,
}


def ler_codigo(texto: str) -> str | Invalido:
    """The ERP's code, kept as it is written there (leading zeros matter)."""
    if _CODIGO.fullmatch(texto):
        return texto
    return Invalido(
        Motivo.FORMATO,
        "Código com mais de 12 posições ou com caractere que não pode. Use letras, números, ponto, traço e barra.",
    )


def ler_nome(texto: str, rotulo: str) -> str | Invalido:
    """A name on one line, single blanks."""
    limpo = " ".join(texto.split())
    if len(limpo) > 150:
        return Invalido(Motivo.TAMANHO, f"{rotulo} com {len(limpo)} letras; cabem 150. Abrevie.")
    if not limpo.isprintable():
        return Invalido(Motivo.FORMATO, f"{rotulo} com caractere invisível. Digite o texto de novo.")
    return limpo


def ler_regime(texto: str) -> str | Invalido:
    regime = _REGIMES.get(normalizar(texto))
    if regime is None:
        aceitos = ", ".join(str(regime.label) for regime in Regime)
        return Invalido(Motivo.INEXISTENTE, f"Regime desconhecido. Use um destes: {aceitos}.")
    return regime


def regime_do_documento(documento: str, regime: str) -> Invalido | None:
    """A CPF is not taxed by MEI, Simples Nacional, Lucro Presumido or Lucro Real: those are regimes of a CNPJ."""
    if eh_cnpj(documento) or regime == Regime.OUTRO:
        return None
    return Invalido(Motivo.PROIBIDO, "CPF só pode ter o regime Outro: os demais são de CNPJ. Corrija um dos dois.")


def ler_inscricao_municipal(texto: str) -> str | Invalido:
    if _INSCRICAO.fullmatch(texto):
        return texto
    return Invalido(
        Motivo.FORMATO,
        "Inscrição municipal com mais de 20 posições ou com caractere que não pode. Use números, ponto e traço.",
    )


_EMAIL_INVALIDO = Invalido(Motivo.FORMATO, "E-mail inválido. Informe um só endereço, como fiscal@empresa.com.br.")


def ler_email(texto: str) -> str | Invalido:
    if len(texto) > 254:
        return Invalido(Motivo.TAMANHO, "E-mail longo demais. Informe um só endereço, como fiscal@empresa.com.br.")
    try:
        validate_email(texto)
    except ValidationError:
        return _EMAIL_INVALIDO
    return texto if texto.isprintable() else _EMAIL_INVALIDO


class Emails:
    """Reads many addresses: each domain is checked once, so that a file costs a fraction of ler_email() a line."""

    def __init__(self) -> None:
        self._dominios: dict[str, bool] = {}

    def ler(self, texto: str) -> str | Invalido:
        local, _, dominio = texto.rpartition("@")
        if len(local) > 64 or len(texto) > 254 or not _EMAIL_COMUM.fullmatch(local):
            return ler_email(texto)
        valido = self._dominios.get(dominio)
        if valido is None:
            valido = self._dominios[dominio] = isinstance(ler_email(f"x@{dominio}"), str)
        return texto if valido else ler_email(texto)


def ler_data(texto: str, rotulo: str, *, ate: date | None = None) -> date | Invalido:
    data = parse_data(texto)
    if isinstance(data, date) and ate is not None and data > ate:
        return Invalido(Motivo.PROIBIDO, f"{rotulo} depois de {format_data(ate)}. Confira o ano.")
    return data


def falta(rotulo: str) -> Invalido:
    return Invalido(Motivo.TAMANHO, f"Falta {rotulo}. Preencha a célula.")


CNAE_INEXISTENTE = Invalido(
    Motivo.INEXISTENTE, "CNAE não existe na tabela do IBGE (2.3). Confira a subclasse no cartão do CNPJ."
)
FORA_DAS_CARTEIRAS = "Empresa fora das suas carteiras. Peça ao administrador a carteira dela, ou tire a linha."
SO_ADMINISTRADOR_MUDA_CARTEIRA = "Só um administrador muda uma empresa de carteira. Deixe em branco ou como está."
FALTA_CARTEIRA = "Informe em qual das suas carteiras a empresa entra."


def codigo_tomado(dona: Empresa | None) -> str:
    """`dona` is None when the empresa that has the code is not visible to the user."""
    quem = f"de {dona.razao_social} ({dona.documento_mascarado})" if dona else "de outra empresa do escritório"
    return f"Este código já é {quem}. Use outro código."


def carteira_desconhecida(nome: str, usuario: Usuario) -> Invalido:
    if usuario.administra:
        motivo = f"Carteira “{nome[:60]}” não existe. Corrija, ou envie de novo com “criar as carteiras que faltam”."
    else:
        motivo = f"Carteira “{nome[:60]}” não está entre as suas. Use uma das suas ou peça ao administrador."
    return Invalido(Motivo.INEXISTENTE, motivo)


JA_CADASTRADA_FORA = "Já cadastrada no escritório, fora das suas carteiras. Peça ao administrador a carteira dela."
