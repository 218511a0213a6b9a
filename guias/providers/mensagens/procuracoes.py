"""Codes of PROCURACOES."""

from guias.providers.mensagens.regras import PROCURACAO_FORA, PROTOCOLO, Destino, Regra, empresa

TABELA: dict[str, Regra] = {
    "20001": Regra(Destino.AVISO, "A Receita tem procuração ativa desta empresa para o autor do pedido."),
    "40400": Regra(
        Destino.NADA,
        "Não há procuração ativa desta empresa para o autor do pedido.",
    ),
    "40300": empresa(
        "Só o autor do pedido pode consultar as procurações outorgadas a ele.",
    ),
    "40301": empresa(
        "O SERPRO negou a consulta de procurações desta empresa.",
    ),
    **dict.fromkeys(("40002", "40003", "40004", "40005", "40006", "40007"), PROTOCOLO),
    **dict.fromkeys(tuple(f"500{n:02d}" for n in range(1, 100)), PROCURACAO_FORA),
}
