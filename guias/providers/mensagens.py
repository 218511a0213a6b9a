"""The one table that turns message codes of Integra Contador into our few situations, our words and the next action.

Codes are compared by system and number only: the type in front of them changed over time (017 and 044), and brackets
and letter case vary between services. A code that is not here is not success: on a call that may not be repeated it is
a doubt, unless the answer itself says that the request was refused (Mensagem.nega).
Sources: SERPRO, API Integra Contador, "Mensagens do Gerenciador" (8 September 2026) and the message pages of PGDASD and
PROCURACOES; docs/integra-contador.md.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from operacoes.redacao import redigir

_RECUSA_DE_CAMPO = re.compile(r"E\d{4}")  # PGDASD's checks of a field, which name no system
_CODIGO = re.compile(
    r"^\[?\s*(?P<tipo>[^-\]]+?)-(?P<sistema>.+?)(?:-(?P<numero>(?:MSG_ISN_|MSG_)?\d+))?\s*\]?$", re.IGNORECASE
)


class Destino(Enum):
    """What a code means for the call that received it."""

    RECUSADA = auto()  # understood and refused; correct and send another
    EMPRESA = auto()  # no mandate for this empresa
    CREDENCIAL = auto()  # the credencial cannot be used
    SERVICO = auto()  # nobody can use the service now
    INDISPONIVEL = auto()  # failed before being carried out: repeat later
    DUVIDA = auto()  # may have been carried out
    REAUTENTICAR = auto()  # tokens refused before execution: once more with new ones
    NADA = auto()  # a query that found nothing


@dataclass(frozen=True)
class Regra:
    """`mensagem` says what happened and what to do next, in Portuguese."""

    destino: Destino
    mensagem: str


@dataclass(frozen=True)
class Mensagem:
    """One entry of `mensagens`: type in lower case, system in upper case, number as digits ("" when there is none)."""

    tipo: str
    sistema: str
    numero: str
    codigo: str
    texto: str

    @property
    def nega(self) -> bool:
        """Says that the request was looked at and refused, whether or not the code is known."""
        negativa = self.tipo in ("entradaincorreta", "entrataincorreta", "acessonegado")
        return negativa or _RECUSA_DE_CAMPO.fullmatch(self.codigo) is not None

    @property
    def falha(self) -> bool:
        return self.tipo == "erro"

    @property
    def ruim(self) -> bool:
        """Says no, whatever the HTTP status: SERPRO answers 200 with refusals in some services."""
        return self.nega or self.falha


def ler(bruto: Any) -> Mensagem:
    """Read one {codigo, texto}; anything else becomes a message without code."""
    if not isinstance(bruto, dict):
        return Mensagem("", "", "", "", _palavras(bruto)[:500])
    codigo = _palavras(bruto.get("codigo"))
    texto = _palavras(bruto.get("texto"))
    limpo = codigo.strip("[]").strip()
    achado = _CODIGO.match(codigo)
    if achado is None:
        return Mensagem("", "", "", limpo, texto)
    numero = (achado["numero"] or "").upper().removeprefix("MSG_ISN_").removeprefix("MSG_")
    return Mensagem(achado["tipo"].strip().lower(), achado["sistema"].strip().upper(), numero, limpo, texto)


def _palavras(bruto: Any) -> str:
    """Words of the service as they may be kept and shown: without secrets."""
    return "" if bruto is None else str(redigir(bruto)).strip()


def regra_de(mensagem: Mensagem) -> Regra | None:
    if mensagem.numero == "058":  # [Erro-<idSistema>-058]: the downstream system did not answer in time
        return _DEMOROU
    return _REGRAS.get((mensagem.sistema, mensagem.numero))


_DEMOROU = Regra(
    Destino.DUVIDA,
    "O sistema da Receita não respondeu a tempo e pode ter executado o pedido. O Guichê confere antes de repetir.",
)
_INTERNO = Regra(
    Destino.DUVIDA,
    "O SERPRO falhou ao encaminhar o pedido. O Guichê confere antes de repetir.",
)
_TOKEN = Regra(
    Destino.REAUTENTICAR,
    "O SERPRO não aceitou a autenticação mesmo depois de renovada. Teste a conexão da credencial na tabela 102.",
)


def _empresa(mensagem: str) -> Regra:
    return Regra(Destino.EMPRESA, mensagem)


def _credencial(mensagem: str) -> Regra:
    return Regra(Destino.CREDENCIAL, mensagem)


def _recusada(mensagem: str) -> Regra:
    return Regra(Destino.RECUSADA, mensagem)


_SEM_PROCURACAO = _empresa(
    "Falta procuração eletrônica desta empresa para o autor do pedido. Peça ao cliente que a outorgue no e-CAC "
    "(poder 00146, PGDAS-D) e repita.",
)
_PROCURACAO_FORA = Regra(
    Destino.INDISPONIVEL,
    "O sistema de procurações da Receita não respondeu. O Guichê tenta de novo.",
)
_TERMO = _empresa(
    "O autor do pedido não é o contratante e falta o termo de autorização assinado. Na janela API Integra "
    "Contador, troque o "
    "autor do pedido para Contratante e repita.",
)
_NAO_ABERTO = _recusada(
    "O SERPRO não oferece este serviço em produção. Faça-o no portal do Simples Nacional.",
)
_PROTOCOLO = _recusada(
    "O SERPRO recusou a forma do pedido. Não há o que corrigir nos dados: informe a quem mantém o Guichê.",
)
_REPETIR = Regra(
    Destino.DUVIDA,
    "A Receita teve um problema no processamento. O Guichê confere o que aconteceu antes de repetir.",
)
_NAO_ACHOU = Regra(
    Destino.NADA,
    "Não há declaração transmitida para o período. Transmita a declaração antes.",
)

_GERENCIADOR: dict[str, Regra] = {
    **dict.fromkeys(("001", "002", "023", "029", "034", "036", "056"), _INTERNO),
    **dict.fromkeys(("003", "004", "005", "013", "025", "026", "037", "038", "041"), _TOKEN),
    **dict.fromkeys(
        ("006", "007"),
        _recusada(
            "O CPF ou CNPJ do autor do pedido é inválido. Corrija-o no vínculo da empresa.",
        ),
    ),
    **dict.fromkeys(
        ("008", "009"),
        _recusada(
            "O CNPJ da empresa não passou na conferência do SERPRO. Corrija o cadastro da empresa.",
        ),
    ),
    **dict.fromkeys(
        ("010", "011"),
        _credencial(
            "O CNPJ do contratante é inválido. Confira o certificado da credencial na tabela 102.",
        ),
    ),
    **dict.fromkeys(
        ("012", "043", "051"),
        _recusada(
            "O SERPRO não aceita este tipo de contribuinte no serviço. O PGDAS-D é só para CNPJ.",
        ),
    ),
    **dict.fromkeys(
        ("014", "015", "045"),
        _credencial(
            "O SERPRO não identificou o contratante da credencial. Confira o certificado e as chaves na tabela 102.",
        ),
    ),
    "016": _credencial(
        "O certificado da credencial não é o do contratante. Troque o certificado na tabela 102 pelo e-CNPJ "
        "usado na compra.",
    ),
    "018": _credencial(
        "O contratante não é o dono do contrato destas chaves. Confira o Consumer Key e o certificado na tabela 102.",
    ),
    "027": _credencial(
        "O SERPRO negou o acesso desta credencial. Confira se o contrato está ativo na loja do SERPRO.",
    ),
    **dict.fromkeys(("019", "020", "042", "053", "054"), _TERMO),
    "021": _recusada(
        "O SERPRO não abre este serviço por procuração. Faça-o com o certificado da própria empresa.",
    ),
    "022": _SEM_PROCURACAO,
    **dict.fromkeys(("030", "031", "032"), _SEM_PROCURACAO),
    **dict.fromkeys(("033", "035"), _PROCURACAO_FORA),
    **dict.fromkeys(("017", "040", "052"), _PROTOCOLO),
    **dict.fromkeys(("028", "044", "055"), _NAO_ABERTO),
}

_PGDASD: dict[str, Regra] = {
    **dict.fromkeys(("001", "012", "022", "031"), _REPETIR),
    "002": _recusada(
        "A Receita recusou os dados do pedido. Veja as palavras do serviço, corrija e repita.",
    ),
    **dict.fromkeys(("005", "027"), _NAO_ACHOU),
    "008": _recusada(
        "A Receita recusou um campo da declaração. Veja qual nas palavras do serviço e corrija as receitas.",
    ),
    "009": _recusada(
        "A Receita recusou uma lista vazia da declaração. Confira as receitas e repita.",
    ),
    "010": _recusada(
        "Há valor negativo na declaração. Corrija as receitas e repita.",
    ),
    "018": _recusada(
        "A Receita conhece estabelecimentos que não foram informados. Cadastre as filiais indicadas e ligue-as à "
        "matriz.",
    ),
    "023": _recusada(
        "Há atividade com receita zerada. Apague a atividade sem receita e repita.",
    ),
    "032": _recusada(
        "A atividade de revenda sem substituição não admite ST nem tributação monofásica. Use a atividade 2.",
    ),
    "035": _recusada(
        "A Receita calculou valores diferentes dos aprovados. Nada foi transmitido: simule, confira a diferença "
        "e aprove de novo.",
    ),
    "036": _recusada(
        "A Receita não entendeu a declaração. Informe a quem mantém o Guichê as palavras do serviço.",
    ),
    "045": _recusada(
        "Foi enviada folha de salários sem atividade sujeita ao fator r. Confira as atividades e repita.",
    ),
    "048": _recusada(
        "A Receita já tem a receita de um mês anterior que foi enviado. Marque o mês como já declarado no "
        "histórico e repita.",
    ),
}

_PROCURACOES: dict[str, Regra] = {
    "40400": Regra(
        Destino.NADA,
        "Não há procuração ativa desta empresa para o autor do pedido.",
    ),
    "40300": _empresa(
        "Só o autor do pedido pode consultar as procurações outorgadas a ele.",
    ),
    "40301": _empresa(
        "O SERPRO negou a consulta de procurações desta empresa.",
    ),
    **dict.fromkeys(("40002", "40003", "40004", "40005", "40006", "40007"), _PROTOCOLO),
    **dict.fromkeys(tuple(f"500{n:02d}" for n in range(1, 100)), _PROCURACAO_FORA),
}

_REGRAS: dict[tuple[str, str], Regra] = {
    (sistema, numero): regra
    for sistema, tabela in (("ICGERENCIADOR", _GERENCIADOR), ("PGDASD", _PGDASD), ("PROCURACOES", _PROCURACOES))
    for numero, regra in tabela.items()
}
