"""Codes of the manager, common to every service. Source: SERPRO, "Mensagens do Gerenciador" (8 September 2026)."""

from guias.providers.mensagens.regras import (
    INTERNO,
    NAO_ABERTO,
    PROCURACAO_FORA,
    PROTOCOLO,
    SEM_PROCURACAO,
    TERMO,
    TOKEN,
    TOKEN_DO_TERMO,
    Regra,
    credencial,
    recusada,
)

TABELA: dict[str, Regra] = {
    **dict.fromkeys(("001", "002", "023", "029", "034", "036", "056"), INTERNO),
    **dict.fromkeys(("003", "004", "005", "013", "025", "026", "037", "038", "041"), TOKEN),
    **dict.fromkeys(
        ("006", "007"),
        recusada(
            "O CPF ou CNPJ do autor do pedido é inválido. Corrija-o no vínculo da empresa.",
        ),
    ),
    **dict.fromkeys(
        ("008", "009"),
        recusada(
            "O CNPJ da empresa não passou na conferência do SERPRO. Corrija o cadastro da empresa.",
        ),
    ),
    **dict.fromkeys(
        ("010", "011"),
        credencial(
            "O CNPJ do contratante é inválido. Confira o certificado da credencial na tabela 102.",
        ),
    ),
    **dict.fromkeys(
        ("012", "043", "051"),
        recusada(
            "O SERPRO não aceita este tipo de contribuinte (CPF ou CNPJ) no serviço {sistema}. Confira o documento da "
            "empresa no cadastro.",
        ),
    ),
    **dict.fromkeys(
        ("014", "015", "045"),
        credencial(
            "O SERPRO não identificou o contratante da credencial. Confira o certificado e as chaves na tabela 102.",
        ),
    ),
    "016": credencial(
        "O certificado da credencial não é o do contratante. Troque o certificado na tabela 102 pelo e-CNPJ "
        "usado na compra.",
    ),
    "018": credencial(
        "O contratante não é o dono do contrato destas chaves. Confira o Consumer Key e o certificado na tabela 102.",
    ),
    "027": credencial(
        "O SERPRO negou o acesso desta credencial. Confira se o contrato está ativo na loja do SERPRO.",
    ),
    **dict.fromkeys(("019", "053", "054"), TERMO),
    **dict.fromkeys(("020", "042"), TOKEN_DO_TERMO),
    "021": recusada(
        "O SERPRO não abre este serviço por procuração. Faça-o com o certificado da própria empresa.",
    ),
    **dict.fromkeys(
        ("046", "047", "048", "049", "050", "057"),
        recusada(
            "O SERPRO recusou a lista de CNPJ da consulta em lote. Corrija no cadastro o CNPJ que ele aponta.",
        ),
    ),
    "022": SEM_PROCURACAO,
    **dict.fromkeys(("030", "031", "032"), SEM_PROCURACAO),
    **dict.fromkeys(("033", "035"), PROCURACAO_FORA),
    **dict.fromkeys(("017", "040", "052"), PROTOCOLO),
    **dict.fromkeys(("028", "044", "055"), NAO_ABERTO),
}
