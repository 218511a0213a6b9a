"""What the published pages leave open, as settings of the running sandbox (`totvs.<option>`)."""

from typing import Any

from sandbox.nucleo.opcoes import Abertas, Confere, OpcoesDoServico, inteiro, logico, registradas, um_de

SERVICO = "totvs"


def _caminho(valor: Any) -> bool:
    return isinstance(valor, str) and valor.startswith("/")


def _mapa(*sentidos: str) -> Confere:
    """Numbers, as text, to meanings."""
    return lambda valor: (
        isinstance(valor, dict) and all(numero.isdecimal() and sentido in sentidos for numero, sentido in valor.items())
    )


def _inteiros(valor: Any) -> bool:
    return isinstance(valor, list) and all(isinstance(um, int) and not isinstance(um, bool) for um in valor)


def _textos(valor: Any) -> bool:
    return isinstance(valor, list) and all(isinstance(um, str) for um in valor)


_ABERTAS: Abertas = {
    # paths below /totvs
    "contexto_externo": ("/api", _caminho),
    "contexto_portal": ("/dts/datasul-rest/resources/prg", _caminho),
    "caminho_recurso": ("/fin/v1/accountPayableDocument", _caminho),
    "caminho_lote": ("/accountPayableBatch", _caminho),
    "caminho_antecipacao": ("/accountPayableAdvance", _caminho),
    "caminho_pagamento": ("/payment", _caminho),
    "caminho_estorno": ("/reversal", _caminho),
    "caminho_atualizacao": ("/", _caminho),
    "caminho_impostos": (
        "/fin/v1/vendorsPayments/{IdVendorsPayments}/taxes",
        lambda valor: _caminho(valor) and valor.count("{IdVendorsPayments}") == 1,
    ),
    # access and body
    "autenticacao": ("ambas", um_de("ambas", "basic", "bearer")),
    "corpo_maximo": (5_242_880, inteiro(1, 10**9)),
    "nomes": ("sem_caixa", um_de("sem_caixa", "pascal", "camel")),
    "exemplos_da_pagina": (False, logico),
    "tamanho_estabelecimento": (5, um_de(3, 5)),
    "tamanho_numero": (16, um_de(10, 16)),
    "tamanho_centro": (11, inteiro(1, 20)),
    # answers
    "sucesso_forma": ("objeto", um_de("objeto", "vazio", "aviso", "erro")),
    "erros_forma": ("detalhes", um_de("detalhes", "primeiro", "lista", "sempre_detalhes")),
    "codigo_numero": (False, logico),
    "negocio_status": (400, um_de(200, 400, 500)),
    # values and rules
    "formas_pagamento": (["TED", "BOL", "DOC", "PIX", "TRB", "DIN"], _textos),
    "operacoes_estorno": (
        {"1": "cancelamento", "2": "estorno", "3": "movimento"},
        _mapa("cancelamento", "estorno", "movimento"),
    ),
    "tipos_estorno": ({"1": "total", "2": "parcial"}, _mapa("total", "parcial")),
    "tipos_pagamento": ({"1": "lote", "2": "bordero"}, _mapa("lote", "bordero")),
    "motivos": ({"1": "alteracao", "2": "baixa"}, _mapa("alteracao", "baixa")),
    "tipos_rateio": ([1, 2, 3], _inteiros),
    "classe_retido": (1, inteiro(0, 99)),
    "aceita_1099": (False, logico),
    "antecipacao_paga_antes": (False, logico),
    "atualizacao_rateio": ("delta", um_de("delta", "off")),
    "branco_limpa": (False, logico),
    "chave_cancelada_livre": (False, logico),
    "barras_no_lote": (False, logico),
    "pagina_maxima": (100, inteiro(1, 10_000)),
}

OPCOES = registradas(SERVICO, _ABERTAS)


class Opcoes(OpcoesDoServico):
    servico, abertas = SERVICO, _ABERTAS
