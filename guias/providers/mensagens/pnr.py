"""Codes of PNRCONTADOR. 304 only says when to ask for the outcome."""

from guias.providers.mensagens.regras import PROTOCOLO, REPETIR, Destino, Regra, recusada

TABELA: dict[str, Regra] = {
    **dict.fromkeys(("001", "002", "003", "004", "006", "009", "010", "011", "012"), PROTOCOLO),
    **dict.fromkeys(
        ("005", "008"), recusada("A Redesim não encontrou esta renúncia. Consulte as renúncias de novo e repita.")
    ),
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
