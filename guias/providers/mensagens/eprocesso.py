"""Codes of EPROCESSO. SC_002 is success with nothing to show."""

from guias.providers.mensagens.regras import PROTOCOLO, Destino, Regra, empresa

TABELA: dict[str, Regra] = {
    "ER_001": Regra(Destino.INDISPONIVEL, "O e-Processo não respondeu. O Guichê tenta de novo."),
    **dict.fromkeys(("ER_002", "EI_001", "EI_002", "EI_003", "EI_004", "EI_005"), PROTOCOLO),
    "AN_001": empresa(
        "A empresa não autorizou a consulta de processos. Peça ao cliente, no e-CAC, a procuração com o poder 00051 "
        "(e-Processo) e consulte de novo.",
    ),
}
