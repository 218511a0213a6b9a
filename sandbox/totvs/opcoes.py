"""What the published pages leave open, as settings of the running sandbox (`totvs.<option>`)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.simuladores import Opcao

SERVICO = "totvs"
Confere = Callable[[Any], bool]


def _logico(valor: Any) -> bool:
    return isinstance(valor, bool)


def _um_de(*aceitos: Any) -> Confere:
    return lambda valor: not isinstance(valor, bool) and valor in aceitos


def _inteiro(de: int, ate: int) -> Confere:
    return lambda valor: isinstance(valor, int) and not isinstance(valor, bool) and de <= valor <= ate


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


_ABERTAS: dict[str, tuple[Any, Confere]] = {
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
    "autenticacao": ("ambas", _um_de("ambas", "basic", "bearer")),
    "corpo_maximo": (5_242_880, _inteiro(1, 10**9)),
    "nomes": ("sem_caixa", _um_de("sem_caixa", "pascal", "camel")),
    "exemplos_da_pagina": (False, _logico),
    "tamanho_estabelecimento": (5, _um_de(3, 5)),
    "tamanho_numero": (16, _um_de(10, 16)),
    "tamanho_centro": (11, _inteiro(1, 20)),
    # answers
    "sucesso_forma": ("objeto", _um_de("objeto", "vazio", "aviso", "erro")),
    "erros_forma": ("detalhes", _um_de("detalhes", "primeiro", "lista", "sempre_detalhes")),
    "codigo_numero": (False, _logico),
    "negocio_status": (400, _um_de(200, 400, 500)),
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
    "classe_retido": (1, _inteiro(0, 99)),
    "aceita_1099": (False, _logico),
    "antecipacao_paga_antes": (False, _logico),
    "atualizacao_rateio": ("delta", _um_de("delta", "off")),
    "branco_limpa": (False, _logico),
    "chave_cancelada_livre": (False, _logico),
    "barras_no_lote": (False, _logico),
    "pagina_maxima": (100, _inteiro(1, 10_000)),
}

OPCOES = {f"{SERVICO}.{nome}": Opcao(padrao, valida) for nome, (padrao, valida) in _ABERTAS.items()}


class Opcoes(Mapping[str, Any]):
    """The options as they stand, by their name without the simulator's."""

    def __init__(self, ajustes: Ajustes) -> None:
        self._valores = ajustes.valores

    def __getitem__(self, nome: str) -> Any:
        return self._valores[f"{SERVICO}.{nome}"]

    def __iter__(self) -> Iterator[str]:
        return iter(_ABERTAS)

    def __len__(self) -> int:
        return len(_ABERTAS)
