"""Codes of CAIXAPOSTAL. The same number means other things in each of its services: the sentence covers them."""

from guias.providers.mensagens.regras import PROTOCOLO, Destino, Regra, empresa, recusada

_ERRO = Regra(Destino.INDISPONIVEL, "A caixa postal da Receita não respondeu. O Guichê tenta de novo.")

TABELA: dict[str, Regra] = {
    "01": recusada("A mensagem não existe mais na caixa postal. Atualize a lista de mensagens desta empresa."),
    "02": Regra(Destino.NADA, "Não há mensagem na caixa postal. Atualize a lista de mensagens desta empresa."),
    "03": recusada("A mensagem expirou e a Receita não a mostra mais. Veja-a no e-CAC ou no DTE da empresa."),
    "04": recusada("A Receita não encontrou este contribuinte na caixa postal. Confira o CPF ou o CNPJ da empresa."),
    "05": recusada("A Receita não encontrou este contribuinte na caixa postal. Confira o CPF ou o CNPJ da empresa."),
    **dict.fromkeys(("06", "07", "08", "09", "11", "0C"), PROTOCOLO),
    "10": recusada("A caixa postal não aceitou o CNPJ desta empresa. Confira o cadastro e peça de novo."),
    "12": recusada("Os dados do contribuinte não conferem com os da Receita. Confira o cadastro da empresa."),
    "13": empresa(
        "A empresa não autorizou a leitura desta mensagem. Peça ao cliente, no e-CAC, a procuração com o poder 00006 "
        "(Caixa Postal) e consulte de novo.",
    ),
    **dict.fromkeys(("99", "993"), _ERRO),
    **dict.fromkeys(("991", "992", "994"), PROTOCOLO),
}
