"""The operations: verb, route, whose token opens it, which rate limit it counts in."""

from dataclasses import dataclass
from functools import cache

SERVICO = "integranotas"  # this simulator, in the ledger, in the calls and in the scenarios

EMITENTE, SOFTHOUSE = "emitente", "softhouse"
GERAL, CHAVE, SOFT = "geral", "chave", "soft"


@dataclass(frozen=True)
class Operacao:
    """`rota` is a Django route below `/v1`; `versoes` are the roots that have it. `efeito`: it changes something."""

    nome: str
    metodo: str
    rota: str
    token: str = EMITENTE
    balde: str = GERAL
    versoes: tuple[int, ...] = (1,)
    efeito: bool = False


_CHAVE = "<str:chave>"
_DUAS = (1, 2)

# In the order of the routes: what is literal comes before a chave in the same place.
OPERACOES = (
    Operacao("nfse_criar", "POST", "nfse", versoes=_DUAS, efeito=True),
    Operacao("nfse_previa", "POST", "nfse/preview", versoes=_DUAS),
    Operacao("nfse_substituir", "POST", "nfse/substitui", versoes=_DUAS, efeito=True),
    Operacao("nfse_cancelar", "POST", "nfse/cancela", efeito=True),
    Operacao("nfse_busca", "POST", "nfse/busca"),
    Operacao("nfse_consulta_prefeitura", "POST", "nfse/consulta"),
    Operacao("nfse_backup", "POST", "nfse/backup"),
    Operacao("nfse_conflito", "POST", "nfse/conflito", efeito=True),
    Operacao("nfse_offline", "GET", "nfse/offline"),
    Operacao("nfse_info", "GET", "nfse/info/<str:ibge>"),
    Operacao("nfse_pdf", "GET", f"nfse/pdf/{_CHAVE}", balde=CHAVE),
    Operacao("nfse_resolve", "GET", f"nfse/resolve/{_CHAVE}", balde=CHAVE, efeito=True),
    Operacao("nfse_consultar", "GET", f"nfse/{_CHAVE}", balde=CHAVE),
    Operacao("dfe_listar", "POST", "dfe/nfse"),
    Operacao("dfe_baixar", "GET", f"dfe/nfse/{_CHAVE}", balde=CHAVE),
    Operacao("dfe_eventos", "GET", f"dfe/eventos/{_CHAVE}", balde=CHAVE),
    Operacao("dfe_backup", "POST", "dfe/backup"),
    Operacao("emitente_mostrar", "GET", "emitente"),
    Operacao("emitente_atualizar", "PUT", "emitente", efeito=True),
    Operacao("emitente_token", "GET", "emitente/token", efeito=True),
    Operacao("webhook_registrar", "POST", "webhook", efeito=True),
    Operacao("certificado_mostrar", "GET", "certificado"),
    Operacao("certificado_enviar", "POST", "certificado", efeito=True),
    Operacao("soft_criar", "POST", "soft/emitente", SOFTHOUSE, SOFT, efeito=True),
    Operacao("soft_atualizar", "PUT", "soft/emitente", SOFTHOUSE, SOFT, efeito=True),
    Operacao("soft_listar", "GET", "soft/emitente", SOFTHOUSE, SOFT),
    Operacao("soft_removidos", "GET", "soft/emitente/deletados", SOFTHOUSE, SOFT),
    Operacao("soft_mostrar", "GET", "soft/emitente/<str:documento>", SOFTHOUSE, SOFT),
    Operacao("soft_remover", "DELETE", "soft/emitente/<str:documento>", SOFTHOUSE, SOFT, efeito=True),
)


def nomes() -> list[str]:
    return [operacao.nome for operacao in OPERACOES]


@cache
def rotas(versao: int) -> dict[str, dict[str, Operacao]]:
    """Route -> verb -> operation, of one root."""
    achadas: dict[str, dict[str, Operacao]] = {}
    for operacao in OPERACOES:
        if versao in operacao.versoes:
            achadas.setdefault(operacao.rota, {})[operacao.metodo] = operacao
    return achadas
