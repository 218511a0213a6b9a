"""Codes of PNRCONTADOR. 304 only says when to ask for the outcome."""

from guias.providers.mensagens.regras import REPETIR, Destino, Regra, recusada

_INFORME = "Não há o que corrigir nos dados: informe a quem mantém o Guichê."

TABELA: dict[str, Regra] = {
    "001": recusada(f"A Redesim não tem o serviço pedido. {_INFORME}"),
    "002": recusada(f"A Redesim não conseguiu ler o pedido. {_INFORME}"),
    "003": recusada(f"O pedido chegou à Redesim com o nome de outro sistema. {_INFORME}"),
    "004": recusada(f"A Redesim não tem a página pedida da lista. {_INFORME}"),
    "005": recusada(
        "A Redesim não encontrou esta renúncia, ou ela é de outro contador. Consulte as renúncias de novo e repita."
    ),
    "006": recusada(f"A Redesim não aceita tantas linhas por página. {_INFORME}"),
    "008": recusada("A Redesim não encontrou o pedido desta renúncia. Consulte as renúncias de novo e repita."),
    "009": recusada(f"Um campo do pedido à Redesim falta ou está errado. {_INFORME}"),
    "010": recusada(f"Uma data do pedido não está na forma que a Redesim lê. {_INFORME}"),
    "011": recusada("Uma data do pedido não existe no calendário. Corrija o período e consulte de novo."),
    "012": recusada("O fim do período é anterior ao começo. Corrija as datas e consulte de novo."),
    "007": recusada(
        "O CPF informado não é o do responsável pelo certificado do escritório. Informe o CPF que consta no e-CNPJ.",
    ),
    "013": recusada("A Redesim recusou o pedido. Veja as palavras do serviço, corrija e repita."),
    "014": recusada("A renúncia exige a ciência das declarações. Leia-as, marque a ciência e peça de novo."),
    "101": recusada("O escritório não tem vínculo de contador com esta empresa na Redesim: não há a que renunciar."),
    "102": recusada("Esta renúncia foi pedida por outro contador. Consulte-a com a credencial de quem a pediu."),
    "103": recusada("O contador informado não é o dono da credencial. Peça a renúncia pela credencial dele."),
    "202": REPETIR,
    "301": Regra(Destino.NADA, "A Redesim não tem o que mostrar para esta consulta."),
    "303": Regra(Destino.INDISPONIVEL, "A Redesim está com muitos pedidos. O Guichê espera e tenta de novo."),
}
