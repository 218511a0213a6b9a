"""What the documentation leaves open, as settings of the running sandbox (`sisgenfe.<option>`)."""

from collections.abc import Callable
from typing import Any

from sandbox.nucleo.simuladores import Opcao

SERVICO = "sisgenfe"


def _sim_ou_nao(valor: Any) -> bool:
    return isinstance(valor, bool)


def _um_de(*aceitos: str) -> Callable[[Any], bool]:
    return lambda valor: valor in aceitos


def _inteiro(de: int, ate: int) -> Callable[[Any], bool]:
    return lambda valor: isinstance(valor, int) and not isinstance(valor, bool) and de <= valor <= ate


def _percentual(valor: Any) -> bool:
    return isinstance(valor, int | float) and not isinstance(valor, bool) and 0 <= valor <= 100


_NUNCA_MAIS_QUE = 10**9
_ABERTAS: dict[str, tuple[Any, Callable[[Any], bool]]] = {
    "token_segundos": (3600, _inteiro(1, _NUNCA_MAIS_QUE)),
    "login_tipo": ("text/plain", _um_de("text/plain", "application/json", "text/html")),
    "login_entre_aspas": (False, _sim_ou_nao),
    "get_exige_tipo": (True, _sim_ou_nao),
    "ignora_campo_desconhecido": (False, _sim_ou_nao),
    "aceita_sem_mascara": (False, _sim_ou_nao),
    "confere_digitos": (False, _sim_ou_nao),
    "tomador_mescla": (False, _sim_ou_nao),
    "omite_numero": (False, _sim_ou_nao),
    "esvazia_tributos": (False, _sim_ou_nao),
    "recusa_obsoletos": (False, _sim_ou_nao),
    "recusa_iss_fora": (False, _sim_ou_nao),
    "iss_maximo": (5, _percentual),
    "iss_padrao": (5, _percentual),
    "corrige_cancelada": (False, _sim_ou_nao),
    "cancelamento_dias": (30, _inteiro(0, 36_500)),
    "cancelamentos_por_dia": (0, _inteiro(0, _NUNCA_MAIS_QUE)),
    "decisao": ("manual", _um_de("manual", "aprova", "nega")),
    "decisao_segundos": (0, _inteiro(0, _NUNCA_MAIS_QUE)),
    "mostra_cancelada": (False, _sim_ou_nao),
    "embaralha_consultas": (False, _sim_ou_nao),
    "unidade_ignora_campo": (False, _sim_ou_nao),
    "cnae_do_prestador": (False, _sim_ou_nao),
    "limite_maximo": (100, _inteiro(1, 10_000)),
    "erros_html": ("nenhum", _um_de("nenhum", "5xx", "todos")),
}

OPCOES = {f"{SERVICO}.{nome}": Opcao(padrao, valida) for nome, (padrao, valida) in _ABERTAS.items()}
