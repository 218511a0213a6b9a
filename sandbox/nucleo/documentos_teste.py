"""Test documents: invented CNPJs whose behaviour is known in advance, so that a person at the screen can try it."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.documentos import digitos_cnpj

_TRANSMITIR, _DAS = "TRANSDECLARACAO11", "GERARDAS12"


@dataclass(frozen=True)
class DocumentoTeste:
    """`regra` are the fields of a Cenario, `cadastro` those of a Contribuinte; either may be empty. `mei` and
    `parcelamento`: what the simulator of Integra Contador knows of it besides."""

    cnpj: str
    titulo: str
    regra: dict[str, Any] = field(default_factory=dict)
    cadastro: dict[str, Any] = field(default_factory=dict)
    mei: dict[str, Any] | None = None
    parcelamento: dict[str, Any] | None = None


def _cnpj(numero: int, ordem: int = 1) -> str:
    doze = f"SBX{numero:05d}{ordem:04d}"
    return doze + digitos_cnpj(doze)


def _uma_vez(operacao: str, acao: str, **parametros: Any) -> dict[str, Any]:
    """Once for each period, so that the same document can be tried again in another month."""
    return {
        "operacao": operacao,
        "acao": acao,
        "vezes": 1,
        "conta_por": "pa",
        "so_efeito": True,
        "parametros": parametros,
    }


def _sempre(acao: str, operacao: str = "", **parametros: Any) -> dict[str, Any]:
    return {"operacao": operacao, "acao": acao, "parametros": parametros}


_COMPARACAO = (
    "Erro simulado: os valores informados diferem dos calculados (1001=0.01). A declaração não foi transmitida."
)

_DOIS_ANOS = [ano * 100 + mes for ano in (2026, 2027) for mes in range(1, 13)]


def _inscritos(*tributos: tuple[str, str]) -> list[dict[str, Any]]:
    """Everything of two years in active debt, by tribute: (code, amount)."""
    return [
        {"pa": pa, "tributo": codigo, "valor": valor, "ente": "União", "situacao": "Enviado à PGFN"}
        for pa in _DOIS_ANOS
        for codigo, valor in tributos
    ]


_SERVICO = {"icms": False, "iss": True, "cpf": "52998224725"}
_PARCSN: dict[str, Any] = {"familia": "PARCSN", "pagas": 1, "abertas": 2}

DOCUMENTOS = (
    DocumentoTeste(
        _cnpj(1), "A primeira transmissão acontece e a resposta se perde", _uma_vez(_TRANSMITIR, "perder_resposta")
    ),
    DocumentoTeste(_cnpj(2), "O primeiro DAS é emitido e a resposta se perde", _uma_vez(_DAS, "perder_resposta")),
    DocumentoTeste(_cnpj(3), "A conexão da primeira transmissão cai antes do efeito", _uma_vez(_TRANSMITIR, "cortar")),
    DocumentoTeste(
        _cnpj(4),
        "A conexão da primeira transmissão cai e o efeito chega 20 segundos depois",
        _uma_vez(_TRANSMITIR, "efeito_tardio", segundos=20),
    ),
    DocumentoTeste(
        _cnpj(5), "A primeira transmissão acontece e responde 504, código 058", _uma_vez(_TRANSMITIR, "tempo_esgotado")
    ),
    DocumentoTeste(
        _cnpj(6), "A primeira chamada com efeito de cada período responde 503", _uma_vez("", "erro", http=503)
    ),
    DocumentoTeste(_cnpj(7), "Toda chamada demora 8 segundos", _sempre("lento", ms=8000)),
    DocumentoTeste(_cnpj(8), "Não concedeu procuração a ninguém (022)", cadastro={"procuracao_padrao": False}),
    DocumentoTeste(
        _cnpj(9), "Tem uma filial que precisa ser informada (MSG_ISN_018)", cadastro={"filiais": [_cnpj(9, 2)]}
    ),
    DocumentoTeste(
        _cnpj(10),
        "A comparação de valores sempre difere (MSG_ISN_035)",
        _sempre("recusar", _TRANSMITIR, http=400, codigo="EntradaIncorreta-PGDASD-MSG_ISN_035", texto=_COMPARACAO)
        | {"so_efeito": True},
    ),
    DocumentoTeste(
        _cnpj(11), "O primeiro DAS responde 429 com Retry-After de 5 segundos", _uma_vez(_DAS, "limite", retry_after=5)
    ),
    DocumentoTeste(_cnpj(12), "O primeiro DAS responde 401, token expirado", _uma_vez(_DAS, "token_expirado")),
    DocumentoTeste(
        _cnpj(13), "O primeiro DAS responde uma página HTML com status 200", _uma_vez(_DAS, "html", http=200)
    ),
    DocumentoTeste(_cnpj(14), "O primeiro DAS é emitido e a resposta chega pela metade", _uma_vez(_DAS, "truncar")),
    DocumentoTeste(
        _cnpj(15),
        "Toda transmissão é recusada com um código fora das listas (MSG_ISN_999)",
        _sempre(
            "recusar",
            _TRANSMITIR,
            http=400,
            codigo="EntradaIncorreta-PGDASD-MSG_ISN_999",
            texto="SN-Entregar: recusa simulada, de um código que nenhuma lista traz.",
        )
        | {"so_efeito": True},
    ),
    DocumentoTeste(_cnpj(40), "MEI de serviços: o DAS-MEI é emitido", mei=_SERVICO),
    DocumentoTeste(
        _cnpj(41), "MEI caminhoneiro entre municípios", mei={"icms": True, "iss": False, "caminhoneiro": True}
    ),
    DocumentoTeste(
        _cnpj(42),
        "MEI com benefício em todos os meses: abaixo de R$ 10,00 (23017)",
        mei=_SERVICO | {"beneficios": _DOIS_ANOS},
    ),
    DocumentoTeste(
        _cnpj(43),
        "MEI com tudo em dívida ativa (13011)",
        mei=_SERVICO | {"divida": _inscritos(("0151", "81.05"), ("0125", "5.00"))},
    ),
    DocumentoTeste(
        _cnpj(44),
        "MEI com o ISS em dívida ativa: DAS-MEI só do restante (13012)",
        mei=_SERVICO | {"divida": _inscritos(("0125", "5.00"))},
    ),
    DocumentoTeste(_cnpj(45), "MEI baixado em 2020 (23013)", mei=_SERVICO | {"baixada": "2020-12-31"}),
    DocumentoTeste(_cnpj(46), "MEI sem a declaração anual (23015)", mei=_SERVICO | {"sem_dasn": [2025, 2026, 2027]}),
    DocumentoTeste(_cnpj(47), "MEI com os meses já pagos (23018)", mei=_SERVICO | {"pagos": _DOIS_ANOS}),
    DocumentoTeste(_cnpj(48), "Ainda não é MEI (23008)", mei=_SERVICO | {"desde": "2099-01-01"}),
    DocumentoTeste(
        _cnpj(49),
        "MEI: o primeiro DAS-MEI de cada período encontra outro pedido em processamento (23099)",
        _uma_vez(
            "GERARDASPDF21", "recusar", http=500, codigo="Erro-PGMEI-MSG_23099", texto="Solicitação em processamento."
        ),
        mei=_SERVICO,
    ),
    DocumentoTeste(
        _cnpj(50),
        "MEI: o DAS-MEI é emitido e a resposta se perde, uma vez em cada período",
        _uma_vez("GERARDASPDF21", "perder_resposta"),
        mei=_SERVICO,
    ),
    DocumentoTeste(
        _cnpj(51), "PARCSN: três parcelas pagas e duas a emitir", parcelamento=_PARCSN | {"pagas": 3, "abertas": 2}
    ),
    DocumentoTeste(
        _cnpj(52), "PARCSN com oito parcelas em aberto: só no portal (N015)", parcelamento=_PARCSN | {"abertas": 8}
    ),
    DocumentoTeste(_cnpj(53), "PARCSN reconsolidado (N004)", parcelamento=_PARCSN | {"condicao": "reconsolidado"}),
    DocumentoTeste(
        _cnpj(54),
        "PARCSN que espera a primeira parcela (N013)",
        parcelamento=_PARCSN | {"condicao": "aguarda_primeira"},
    ),
    DocumentoTeste(_cnpj(55), "PARCSN sem mais saldo (N003)", parcelamento=_PARCSN | {"pagas": 5, "abertas": 0}),
    DocumentoTeste(
        _cnpj(56), "PARCSN cuja guia vem como imagem, sem linha que se leia", parcelamento=_PARCSN | {"ilegivel": True}
    ),
    DocumentoTeste(
        _cnpj(57),
        "RELPSN que só o portal atende (N014)",
        parcelamento=_PARCSN | {"familia": "RELPSN", "condicao": "so_portal"},
    ),
    DocumentoTeste(
        _cnpj(58),
        "PARCMEI: duas parcelas pagas e uma a emitir; também é MEI",
        mei=_SERVICO,
        parcelamento=_PARCSN | {"familia": "PARCMEI", "pagas": 2, "abertas": 1},
    ),
)
