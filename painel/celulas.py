"""What each obligation of a month can be: its words, its tone, and how much it asks of a person."""

from dataclasses import dataclass
from enum import IntEnum

NAO_SE_APLICA = "nao_se_aplica"
ESPERA = "espera"
PREFIXO_MEI = "mei_"  # begins the states of the DAS that are those of the list of the MEI


class Grau(IntEnum):
    """In the order in which they are looked at: what stopped, what comes next, what waits for another or for somebody
    outside, what is done, what is not asked for."""

    PRECISA = 0
    A_FAZER = 1
    ESPERA = 2
    FEITO = 3
    NADA = 4


@dataclass(frozen=True)
class Estado:
    """`tom` is one of comum.templatetags.tela.SINAIS."""

    rotulo: str
    tom: str
    grau: Grau


@dataclass(frozen=True)
class Obrigacao:
    rotulo: str
    estados: dict[str, Estado]


def _precisa(rotulo: str, tom: str = "atencao") -> Estado:
    return Estado(rotulo, tom, Grau.PRECISA)


def _fazer(rotulo: str) -> Estado:
    return Estado(rotulo, "info", Grau.A_FAZER)


def _correndo(rotulo: str) -> Estado:
    return Estado(rotulo, "info", Grau.ESPERA)


def _feito(rotulo: str) -> Estado:
    return Estado(rotulo, "ok", Grau.FEITO)


def _espera(pelo_que: str) -> Estado:
    return Estado(f"Espera {pelo_que}", "neutro", Grau.ESPERA)


_NADA = Estado("Não se aplica", "neutro", Grau.NADA)
_DUVIDA, _RECUSADA = _precisa("Em dúvida", "duvida"), _precisa("Recusada", "erro")

OBRIGACOES: dict[str, Obrigacao] = {
    "receita": Obrigacao(
        "Receita",
        {
            "falta": _precisa("Sem receita"),
            "informada": _feito("Informada"),
            "sem_movimento": _feito("Sem movimento"),
            NAO_SE_APLICA: _NADA,
        },
    ),
    "apuracao": Obrigacao(
        "Apuração",
        {
            "duvida": _DUVIDA,
            "recusada": _RECUSADA,
            "nao_calculada": _precisa("Não calculada"),
            "simular_de_novo": _precisa("A simular"),
            "a_conferir": _fazer("A conferir"),
            "simulada": _fazer("Simulada"),
            "em_andamento": _correndo("Simulando"),
            ESPERA: _espera("a receita"),
            "conferida": _feito("Conferida"),
            NAO_SE_APLICA: _NADA,
        },
    ),
    "transmissao": Obrigacao(
        "Transmissão",
        {
            "duvida": _DUVIDA,
            "recusada": _RECUSADA,
            "sem_acesso": _precisa("Sem acesso"),
            "sem_procuracao": _precisa("Sem procuração"),
            "a_transmitir": _fazer("A transmitir"),
            "em_andamento": _correndo("Transmitindo"),
            ESPERA: _espera("a apuração"),
            "transmitida": _feito("Transmitida"),
            NAO_SE_APLICA: _NADA,
        },
    ),
    "das": Obrigacao(
        "DAS",
        {
            "duvida": _DUVIDA,
            "recusada": _precisa("Recusado", "erro"),
            "problema": _precisa("PDF não confere", "erro"),
            "sem_acesso": _precisa("Sem acesso"),
            "sem_procuracao": _precisa("Sem procuração"),
            "a_emitir": _fazer("A emitir"),
            "em_andamento": _correndo("Emitindo"),
            "mei_duvida": _precisa("DAS-MEI em dúvida", "duvida"),
            "mei_recusada": _precisa("DAS-MEI recusado", "erro"),
            "mei_sem_declaracao": _precisa("Falta a declaração anual"),
            "mei_divida_ativa": _precisa("DAS-MEI em dívida ativa"),
            "mei_sem_acesso": _precisa("DAS-MEI sem acesso"),
            "mei_a_emitir": _fazer("DAS-MEI a emitir"),
            "mei_andamento": _correndo("Emitindo o DAS-MEI"),
            ESPERA: _espera("a transmissão"),
            "emitida": _feito("Emitido"),
            "sem_valor": _feito("Sem valor a pagar"),
            "abaixo_do_minimo": _feito("Abaixo de R$ 10,00"),
            "mei_beneficio": _feito("Com benefício"),
            "mei_sem_das": _feito("Sem DAS-MEI a pagar"),
            "mei_paga": _feito("DAS-MEI já pago"),
            NAO_SE_APLICA: _NADA,
        },
    ),
    "entrega": Obrigacao(
        "Entrega",
        {
            "nao_entregue": _precisa("Não entregue", "erro"),
            "falta": _fazer("A entregar"),
            "enviando": _correndo("Enviando"),
            "enviada": _correndo("Enviada, não lida"),
            ESPERA: _espera("a guia"),
            "lida": _feito("Lida"),
            "dispensada": _feito("Paga sem envio"),
            NAO_SE_APLICA: _NADA,
        },
    ),
    "pagamento": Obrigacao(
        "Pagamento",
        {
            "vencida": _precisa("Vencida", "erro"),
            "a_pagar": _correndo("A pagar"),
            ESPERA: _espera("a guia"),
            "paga": _feito("Paga"),
            NAO_SE_APLICA: _NADA,
        },
    ),
    "nota": Obrigacao(
        "Nota",
        {
            "duvida": _DUVIDA,
            "recusada": _RECUSADA,
            "a_emitir": _fazer("A emitir"),
            "em_andamento": _correndo("Na prefeitura"),
            "emitida": _feito("Emitida"),
            NAO_SE_APLICA: Estado("Nenhuma", "neutro", Grau.NADA),
        },
    ),
    "titulo": Obrigacao(
        "Título",
        {
            "duvida": _DUVIDA,
            "recusado": _precisa("Recusado", "erro"),
            "com_aviso": _precisa("Com aviso"),
            "a_gerar": _fazer("A gerar"),
            "a_enviar": _fazer("A enviar"),
            "enviando": _correndo("Enviando"),
            "em_aberto": _correndo("Em aberto"),
            ESPERA: _espera("a guia"),
            "liquidado": _feito("Liquidado"),
            NAO_SE_APLICA: _NADA,
        },
    ),
}
NOMES = tuple(OBRIGACOES)


def estado_de(obrigacao: str, valor: str) -> Estado:
    return OBRIGACOES[obrigacao].estados[valor]
