"""What the documentation leaves open, as settings of the running sandbox (`sisgenfe.<option>`)."""

from typing import Any

from sandbox.nucleo.opcoes import Abertas, inteiro, logico, registradas, um_de

SERVICO = "sisgenfe"


def _percentual(valor: Any) -> bool:
    return isinstance(valor, int | float) and not isinstance(valor, bool) and 0 <= valor <= 100


_NUNCA_MAIS_QUE = 10**9
_ABERTAS: Abertas = {
    "token_segundos": (3600, inteiro(1, _NUNCA_MAIS_QUE)),
    "login_tipo": ("text/plain", um_de("text/plain", "application/json", "text/html")),
    "login_entre_aspas": (False, logico),
    "get_exige_tipo": (True, logico),
    "ignora_campo_desconhecido": (False, logico),
    "aceita_sem_mascara": (False, logico),
    "confere_digitos": (False, logico),
    "tomador_mescla": (False, logico),
    "omite_numero": (False, logico),
    "esvazia_tributos": (False, logico),
    "recusa_obsoletos": (False, logico),
    "recusa_iss_fora": (False, logico),
    "iss_maximo": (5, _percentual),
    "iss_padrao": (5, _percentual),
    "corrige_cancelada": (False, logico),
    "cancelamento_dias": (30, inteiro(0, 36_500)),
    "cancelamentos_por_dia": (0, inteiro(0, _NUNCA_MAIS_QUE)),
    "decisao": ("manual", um_de("manual", "aprova", "nega")),
    "decisao_segundos": (0, inteiro(0, _NUNCA_MAIS_QUE)),
    "mostra_cancelada": (False, logico),
    "embaralha_consultas": (False, logico),
    "unidade_ignora_campo": (False, logico),
    "cnae_do_prestador": (False, logico),
    "limite_maximo": (100, inteiro(1, 10_000)),
    "erros_html": ("nenhum", um_de("nenhum", "5xx", "todos")),
}

OPCOES = registradas(SERVICO, _ABERTAS)
