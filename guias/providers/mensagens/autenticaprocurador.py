"""Codes of AUTENTICAPROCURADOR. A termo that is not taken keeps out the empresas of its autor, nobody else."""

from guias.providers.mensagens.regras import Destino, Regra, empresa

_FORMA = empresa(
    "O SERPRO não aceitou a forma do termo de autorização. Não há o que corrigir nos dados: informe a quem mantém o "
    "Guichê as palavras do serviço.",
)
_CERTIFICADO = empresa(
    "O SERPRO não aceitou o certificado do procurador: ele precisa ser um e-CPF ou e-CNPJ A1 da ICP-Brasil, válido e "
    "não revogado. Troque-o na janela API Integra Contador.",
)
_INTERNO = Regra(
    Destino.INDISPONIVEL,
    "O SERPRO não conseguiu examinar o termo de autorização. O Guichê tenta de novo.",
)

TABELA: dict[str, Regra] = {
    **dict.fromkeys(
        ("002", "015", "016", "019", "020", "025", "026", "027", "028", "029", "030", "031", "032", "033"), _FORMA
    ),
    **dict.fromkeys(("013", "038"), _FORMA),
    "017": empresa("A vigência do termo de autorização já passou. Confira o relógio deste servidor e repita."),
    "018": empresa("A data da assinatura do termo está no futuro. Confira o relógio deste servidor e repita."),
    **dict.fromkeys(("009", "021", "023", "037", "039", "040", "041"), _CERTIFICADO),
    "010": empresa("O certificado do procurador venceu. Envie o renovado na janela API Integra Contador."),
    "011": empresa(
        "O certificado usado não é do autor do pedido. Confira o CPF ou CNPJ do procurador no vínculo da empresa e o "
        "certificado dele.",
    ),
    "012": empresa(
        "O termo foi feito para outro contratante. Confira o certificado da credencial na tabela 102 e repita.",
    ),
    **dict.fromkeys(("003", "008", "014", "034"), _INTERNO),
}
