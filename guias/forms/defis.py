"""The form of a DEFIS: what was typed, as it was typed, and how it is drawn again with what is wrong at each field."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from empresas.models import Empresa
from guias.services import blocos_defis, defis
from guias.services.blocos_defis import Bloco, Coluna

EM_BRANCO = 3  # empty lines under those typed
_MAIOR = 80
_CAMPOS = (
    "ganho_capital", "exportacao_direta", "renda_variavel", "empregados_inicio", "empregados_fim", "lucro_contabil",
    "tesouraria", "evento", "evento_em", "inatividade", "nao_optante_administracao", "nao_optante_processo",
    "nao_optante_municipio",
)  # fmt: skip
_DO_SOCIO = ("cpf", "participacao", "isentos", "tributaveis", "irrf")
_SOCIO = "socio"


@dataclass(frozen=True)
class Celula:
    campo: str
    coluna: Coluna
    valor: str
    erro: str


@dataclass(frozen=True)
class Folha:
    """A block as it is drawn: open where something was typed in it."""

    prefixo: str
    bloco: Bloco
    linhas: list[list[Celula]]
    aberta: bool


def digitado(post: QueryDict, empresa: Empresa) -> dict[str, Any]:
    """What was typed, as it was typed."""
    blocos = {
        prefixo: linhas
        for prefixo, bloco in _blocos(empresa)
        if (linhas := _linhas(post, prefixo, [coluna.nome for coluna in bloco.colunas]))
    }
    return {
        **{campo: _texto(post, campo) for campo in _CAMPOS},
        "socios": _linhas(post, _SOCIO, _DO_SOCIO),
        "estabelecimentos": {
            item.documento: {
                nome: _texto(post, f"est-{item.documento}-{nome}")
                for nome in (*defis.ROTULOS_DO_ESTABELECIMENTO, *defis.ROTULOS_OPCIONAIS)
            }
            for item in defis.estabelecimentos_de(empresa)
        },
        "blocos": blocos,
    }


def desenho(dados: Mapping[str, Any], empresa: Empresa, erros: Mapping[str, str]) -> dict[str, Any]:
    """What the page draws, of what was typed and what is wrong by field."""
    socios = [*(dados.get("socios") or []), *({} for _ in range(EM_BRANCO))]
    digitados, blocos = dados.get("estabelecimentos") or {}, dados.get("blocos") or {}

    def folha(bloco: Bloco, documento: str = "") -> Folha:
        prefixo = blocos_defis.prefixo(bloco, documento)
        return _folha(bloco, prefixo, blocos.get(prefixo) or [], erros)

    def valores(documento: str, rotulos: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
        linha = digitados.get(documento) or {}
        return [
            (campo := f"est-{documento}-{nome}", rotulo, linha.get(nome, ""), erros.get(campo, ""))
            for nome, rotulo in rotulos.items()
        ]

    return {
        "socios": [
            (n, [(campo, linha.get(campo, ""), erros.get(f"socio-{n}-{campo}", "")) for campo in _DO_SOCIO])
            for n, linha in enumerate(socios)
        ],
        "da_empresa": [folha(bloco) for bloco in blocos_defis.DA_EMPRESA],
        "nao_optante": any(dados.get(campo) for campo in _CAMPOS if campo.startswith("nao_optante")),
        "estabelecimentos": [
            (
                item,
                valores(item.documento, defis.ROTULOS_DO_ESTABELECIMENTO),
                valores(item.documento, defis.ROTULOS_OPCIONAIS),
                [folha(bloco, item.documento) for bloco in blocos_defis.DO_ESTABELECIMENTO],
            )
            for item in defis.estabelecimentos_de(empresa)
        ],
    }


def _blocos(empresa: Empresa) -> list[tuple[str, Bloco]]:
    return [(blocos_defis.prefixo(bloco), bloco) for bloco in blocos_defis.DA_EMPRESA] + [
        (blocos_defis.prefixo(bloco, item.documento), bloco)
        for item in defis.estabelecimentos_de(empresa)
        for bloco in blocos_defis.DO_ESTABELECIMENTO
    ]


def _folha(bloco: Bloco, prefixo: str, digitadas: list[Mapping[str, str]], erros: Mapping[str, str]) -> Folha:
    linhas = [
        [
            Celula(campo := f"{prefixo}-{n}-{c.nome}", c, linha.get(c.nome, ""), erros.get(campo, ""))
            for c in bloco.colunas
        ]
        for n, linha in enumerate([*digitadas, *({} for _ in range(EM_BRANCO))])
    ]
    return Folha(prefixo, bloco, linhas, bool(digitadas))


def _linhas(post: QueryDict, prefixo: str, campos: Iterable[str]) -> list[dict[str, str]]:
    """The lines under a prefix that have anything, in their order."""
    de = re.compile(rf"{re.escape(prefixo)}-(\d{{1,6}})-")
    numeros = sorted({int(achado[1]) for nome in post if (achado := de.match(nome))})
    linhas = ({campo: _texto(post, f"{prefixo}-{n}-{campo}") for campo in campos} for n in numeros)
    return [linha for linha in linhas if any(linha.values())]


def _texto(post: QueryDict, campo: str) -> str:
    return post.get(campo, "").strip()[:_MAIOR]
