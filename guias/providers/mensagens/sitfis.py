"""Codes of SITFIS ("Sitfis" in its own words). SC01, SC02 and AV01 are answers, not refusals."""

from guias.providers.mensagens.regras import PROTOCOLO, Destino, Regra, recusada

_OCUPADO = "A Receita está com muitos relatórios de situação fiscal em andamento. O Guichê espera e pede de novo."
_FALHOU = "O sistema de situação fiscal da Receita falhou. O Guichê tenta de novo, sem pedir outro protocolo."

TABELA: dict[str, Regra] = {
    "AV02": Regra(Destino.INDISPONIVEL, _OCUPADO),
    "AV03": Regra(
        Destino.INDISPONIVEL,
        "A Receita ainda não conseguiu concluir o relatório desta empresa. O Guichê espera e pede de novo.",
    ),
    "EI01": recusada(
        "A Receita não aceitou o protocolo do relatório: ele vale só no dia e só para a empresa que o pediu. Peça o "
        "relatório de novo.",
    ),
    **dict.fromkeys(("EI02", "EI03", "ER01"), PROTOCOLO),
    **dict.fromkeys(("ER02", "ER03", "ER04"), Regra(Destino.INDISPONIVEL, _FALHOU)),
    "ER05": Regra(
        Destino.INDISPONIVEL,
        "A Receita perdeu o pedido do relatório. O Guichê pede outro protocolo, sem custo, e começa de novo.",
    ),
}
