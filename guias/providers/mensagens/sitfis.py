"""Codes of SITFIS ("Sitfis" in its own words). SC01, SC02 and AV01 are answers, not refusals."""

from guias.providers.mensagens.regras import Destino, Regra, recusada

_OCUPADO = "A Receita está com muitos relatórios de situação fiscal em andamento. O Guichê espera e pede de novo."
_INFORME = "Não há o que corrigir nos dados: informe a quem mantém o Guichê."


def _fora(mensagem: str) -> Regra:
    return Regra(Destino.INDISPONIVEL, f"{mensagem} O Guichê tenta de novo, sem pedir outro protocolo.")


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
    "EI02": recusada(f"A situação fiscal não conhece a versão do serviço pedido. {_INFORME}"),
    "EI03": recusada(f"A versão do serviço de situação fiscal foi descontinuada. {_INFORME}"),
    "ER01": recusada(f"A situação fiscal não tem o endereço em que foi pedida. {_INFORME}"),
    "ER02": _fora("O sistema de situação fiscal da Receita falhou."),
    "ER03": _fora("Um sistema de que a situação fiscal depende falhou."),
    "ER04": _fora("O relatório de situação fiscal não pôde ser montado agora."),
    "ER05": Regra(
        Destino.INDISPONIVEL,
        "A Receita perdeu o pedido do relatório. O Guichê pede outro protocolo, sem custo, e começa de novo.",
    ),
}
