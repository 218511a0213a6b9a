"""Codes of DTE."""

from guias.providers.mensagens.regras import Destino, Regra, recusada

_INFORME = "Não há o que corrigir nos dados: informe a quem mantém o Guichê."

TABELA: dict[str, Regra] = {
    "04": recusada("A Receita não reconheceu o CPF da empresa. Confira o cadastro e consulte de novo."),
    "05": recusada("A Receita não reconheceu o CNPJ da empresa. Confira o cadastro e consulte de novo."),
    "991": recusada(f"O Domicílio Tributário Eletrônico não tem o serviço pedido. {_INFORME}"),
    "992": recusada(f"O Domicílio Tributário Eletrônico não aceitou o nome do serviço pedido. {_INFORME}"),
    "993": Regra(
        Destino.INDISPONIVEL,
        "O SERPRO não conseguiu ler a resposta do Domicílio Tributário Eletrônico. O Guichê tenta de novo.",
    ),
    "994": recusada(
        f"O Domicílio Tributário Eletrônico não aceitou um campo do pedido, que as palavras dele dizem. {_INFORME}"
    ),
    "995": Regra(Destino.INDISPONIVEL, "O Domicílio Tributário Eletrônico não respondeu. O Guichê tenta de novo."),
}
