"""Codes of CAIXAPOSTAL. The same number means other things in each of its services: the sentence covers them."""

from guias.providers.mensagens.regras import Destino, Regra, empresa, recusada

_INFORME = "Não há o que corrigir nos dados: informe a quem mantém o Guichê."


def _fora(mensagem: str) -> Regra:
    return Regra(Destino.INDISPONIVEL, f"{mensagem} O Guichê tenta de novo.")


TABELA: dict[str, Regra] = {
    "01": recusada("A mensagem não existe mais na caixa postal. Atualize a lista de mensagens desta empresa."),
    "02": Regra(Destino.NADA, "Não há mensagem na caixa postal. Atualize a lista de mensagens desta empresa."),
    "03": recusada("A mensagem expirou e a Receita não a mostra mais. Veja-a no e-CAC ou no DTE da empresa."),
    "04": recusada("A Receita não encontrou a caixa postal deste CPF. Confira o CPF no cadastro da empresa."),
    "05": recusada("A Receita não encontrou a caixa postal deste CNPJ. Confira o CNPJ no cadastro da empresa."),
    "06": recusada(
        "A caixa postal não encontrou o CNPJ pelo qual se filtrou. Consulte a caixa sem filtro, ou confira o CNPJ no "
        "cadastro da empresa."
    ),
    "07": recusada(f"A caixa postal não conhece o filtro do pedido. {_INFORME}"),
    "08": recusada(f"A caixa postal não conhece a situação de leitura do pedido. {_INFORME}"),
    "09": recusada(f"A caixa postal não aceitou o modo de entrada do pedido. {_INFORME}"),
    "0C": recusada(f"A caixa postal não validou um campo do pedido. {_INFORME}"),
    "10": recusada("A caixa postal não aceitou o CNPJ desta empresa. Confira o cadastro e peça de novo."),
    "11": recusada(f"A caixa postal não aceitou o tipo de documento (CPF ou CNPJ) do pedido. {_INFORME}"),
    "12": recusada("Os dados do contribuinte não conferem com os da Receita. Confira o cadastro da empresa."),
    "13": empresa(
        "A empresa não autorizou a leitura desta mensagem. Peça ao cliente, no e-CAC, a procuração com o poder 00006 "
        "(Caixa Postal) e consulte de novo.",
    ),
    "99": _fora("A caixa postal da Receita não respondeu."),
    "991": recusada(f"A caixa postal não tem o serviço pedido. {_INFORME}"),
    "992": recusada(f"A caixa postal não aceitou o nome do serviço pedido. {_INFORME}"),
    "993": _fora("O SERPRO não conseguiu ler a resposta da caixa postal da Receita."),
    "994": recusada(f"A caixa postal não aceitou um campo do pedido, que as palavras do serviço dizem. {_INFORME}"),
}
