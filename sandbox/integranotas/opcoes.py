"""The settings of this simulator: every point its documentation leaves open, and the limits it publishes."""

from typing import Any

from sandbox.integranotas import comportamento
from sandbox.integranotas.catalogo import SERVICO
from sandbox.nucleo.opcoes import Abertas, OpcoesDoServico, inteiro, logico, registradas, um_de


def _municipios(valor: Any) -> bool:
    return isinstance(valor, dict) and all(
        len(ibge) == 7 and ibge.isdecimal() and comportamento.valido(dados) for ibge, dados in valor.items()
    )


def _intervalos(valor: Any) -> bool:
    return isinstance(valor, list) and all(inteiro(0)(segundos) for segundos in valor)


_ABERTAS: Abertas = {
    # the shape of answers
    "status_http": ("200", um_de("200", "por_codigo")),
    "codigo_texto": (False, logico),
    "erros_forma": ("completa", um_de("completa", "so_erro")),
    "arquivos": ("base64", um_de("base64", "gzip")),
    "chave_digitos": ("50", um_de("44", "50", "44_depois_50")),
    "substitui_aninhado": (False, logico),
    "busca_forma": ("docs", um_de("docs", "chaves", "vazia")),
    "busca_por_pagina": (50, inteiro(1)),
    "backup_campo": ("link", lambda valor: isinstance(valor, str) and valor.isidentifier()),
    "soft_mostra_token": (True, logico),
    "recusa_consultavel": ("uma_vez", um_de("uma_vez", "sempre", "nunca")),
    # what is refused
    "corpo_maximo": (2_097_152, inteiro(1)),
    "corpo_maximo_html": (True, logico),
    "exemplos_do_fornecedor": (False, logico),
    "vazios": ("recusa", um_de("recusa", "aceita")),
    "tamanhos": (True, logico),
    "cnpj_letras": (True, logico),
    "obrigatorios": ([], comportamento.caminhos_validos),
    "certificado_raiz": (False, logico),
    "dfe_homologacao": (False, logico),
    # the towns
    "padrao_municipio": ({}, comportamento.valido),
    "municipios": ({}, _municipios),
    # the files' years
    "frio_segundos": (3600, inteiro(0)),
    # rate limits; 0 turns one off
    "limites": (True, logico),
    "limite_soft": (5, inteiro(0)),
    "limite_chave": (2, inteiro(0)),
    "limite_geral": (60, inteiro(0)),
    "limite_ip": (0, inteiro(0)),
    "limite_segundos": (60, inteiro(1)),
    "limite_bloqueio_segundos": (300, inteiro(0)),
    "limite_janela": ("deslizante", um_de("deslizante", "fixa")),
    "limite_estende": (False, logico),
    "limite_chave_separada": (False, logico),
    "limite_html": (False, logico),
    "limite_retry_after": (True, logico),
    # the webhook
    "aviso_automatico": (True, logico),
    "aviso_sincrono": (False, logico),
    "aviso_repeticoes": ([60, 300], _intervalos),
    "aviso_relogio": ("maquina", um_de("maquina", "sandbox")),
}

OPCOES = registradas(SERVICO, _ABERTAS)


class Opcoes(OpcoesDoServico):
    servico, abertas = SERVICO, _ABERTAS
