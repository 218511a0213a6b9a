"""Codes of REGIMEAPURACAO, which names itself REGIME in them. 054 is success."""

from guias.providers.mensagens.regras import REPETIR, Destino, Regra, recusada

_INFORME = "Não há o que corrigir nos dados: informe a quem mantém o Guichê."

TABELA: dict[str, Regra] = {
    "001": REPETIR,
    "049": recusada(f"A Receita não reconheceu o nome do regime escolhido. {_INFORME}"),
    "050": recusada("O ano da opção é anterior à abertura da empresa. Confira o ano e a data de abertura."),
    "051": recusada(
        "A Receita exige a concordância com a resolução. Leia o texto, marque a concordância e opte de novo."
    ),
    "052": recusada(
        "A opção deste ano já foi feita e não pode ser mudada. Consulte a opção do ano para ver qual regime vale.",
    ),
    "053": recusada(f"O nome e o número do regime escolhido não combinam no pedido. {_INFORME}"),
    "055": Regra(Destino.NADA, "A Receita não tem nenhuma opção por regime de apuração desta empresa."),
    "056": recusada("A Receita não aceita opção ou consulta desse ano. Confira o ano e repita."),
    "057": Regra(Destino.NADA, "A Receita não tem opção por regime de apuração para este ano."),
    "058": recusada(f"Faltou no pedido um dado que o regime de apuração exige. {_INFORME}"),
    "059": recusada("O ano pedido não tem a forma de um ano para a Receita. Informe-o com quatro algarismos e repita."),
    "060": recusada(f"A Receita não reconheceu o número do regime escolhido. {_INFORME}"),
}
