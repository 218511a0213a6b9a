"""The settings of this simulator: every point its documentation leaves open, and the limits it publishes."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox.integranotas import comportamento
from sandbox.integranotas.catalogo import SERVICO
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.simuladores import Opcao


def _inteiro(minimo: int) -> Callable[[Any], bool]:
    def valida(valor: Any) -> bool:
        return isinstance(valor, int) and not isinstance(valor, bool) and valor >= minimo

    return valida


def _um_de(*aceitos: Any) -> Callable[[Any], bool]:
    return lambda valor: valor in aceitos


def _logico(valor: Any) -> bool:
    return isinstance(valor, bool)


def _municipios(valor: Any) -> bool:
    return isinstance(valor, dict) and all(
        len(ibge) == 7 and ibge.isdecimal() and comportamento.valido(dados) for ibge, dados in valor.items()
    )


def _intervalos(valor: Any) -> bool:
    return isinstance(valor, list) and all(_inteiro(0)(segundos) for segundos in valor)


_OPCOES: dict[str, tuple[Any, Callable[[Any], bool]]] = {
    # the shape of answers
    "status_http": ("200", _um_de("200", "por_codigo")),
    "codigo_texto": (False, _logico),
    "erros_forma": ("completa", _um_de("completa", "so_erro")),
    "arquivos": ("base64", _um_de("base64", "gzip")),
    "chave_digitos": ("50", _um_de("44", "50", "44_depois_50")),
    "substitui_aninhado": (False, _logico),
    "busca_forma": ("docs", _um_de("docs", "chaves", "vazia")),
    "busca_por_pagina": (50, _inteiro(1)),
    "backup_campo": ("link", lambda valor: isinstance(valor, str) and valor.isidentifier()),
    "soft_mostra_token": (True, _logico),
    "recusa_consultavel": ("uma_vez", _um_de("uma_vez", "sempre", "nunca")),
    # what is refused
    "corpo_maximo": (2_097_152, _inteiro(1)),
    "corpo_maximo_html": (True, _logico),
    "exemplos_do_fornecedor": (False, _logico),
    "vazios": ("recusa", _um_de("recusa", "aceita")),
    "tamanhos": (True, _logico),
    "cnpj_letras": (True, _logico),
    "obrigatorios": ([], comportamento.caminhos_validos),
    "certificado_raiz": (False, _logico),
    "dfe_homologacao": (False, _logico),
    # the towns
    "padrao_municipio": ({}, comportamento.valido),
    "municipios": ({}, _municipios),
    # the files' years
    "frio_segundos": (3600, _inteiro(0)),
    # rate limits; 0 turns one off
    "limites": (True, _logico),
    "limite_soft": (5, _inteiro(0)),
    "limite_chave": (2, _inteiro(0)),
    "limite_geral": (60, _inteiro(0)),
    "limite_ip": (0, _inteiro(0)),
    "limite_segundos": (60, _inteiro(1)),
    "limite_bloqueio_segundos": (300, _inteiro(0)),
    "limite_janela": ("deslizante", _um_de("deslizante", "fixa")),
    "limite_estende": (False, _logico),
    "limite_chave_separada": (False, _logico),
    "limite_html": (False, _logico),
    "limite_retry_after": (True, _logico),
    # the webhook
    "aviso_automatico": (True, _logico),
    "aviso_sincrono": (False, _logico),
    "aviso_repeticoes": ([60, 300], _intervalos),
    "aviso_relogio": ("maquina", _um_de("maquina", "sandbox")),
}


def registradas() -> dict[str, Opcao]:
    return {f"{SERVICO}.{nome}": Opcao(padrao, valida) for nome, (padrao, valida) in _OPCOES.items()}


class Opcoes(Mapping[str, Any]):
    """The options as they stand, by their name without the simulator's."""

    def __init__(self, ajustes: Ajustes) -> None:
        self._valores = ajustes.valores

    def __getitem__(self, nome: str) -> Any:
        return self._valores[f"{SERVICO}.{nome}"]

    def __iter__(self) -> Iterator[str]:
        return iter(_OPCOES)

    def __len__(self) -> int:
        return len(_OPCOES)
