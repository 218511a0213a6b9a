"""Codes of AUTENTICAPROCURADOR. A termo that is not taken keeps out the empresas of its autor, nobody else.

Source: SERPRO, API Integra Contador, message page of AutenticaProcurador (22/12/2025).
"""

from guias.providers.mensagens.regras import Destino, Regra, empresa

_INFORME = "Não há o que corrigir nos dados: informe a quem mantém o Guichê as palavras do serviço."
_TROQUE = "Envie na janela API Integra Contador um e-CPF ou e-CNPJ A1 da ICP-Brasil do procurador, válido."
_TENTA = "O Guichê tenta de novo."


def _forma(mensagem: str) -> Regra:
    """A fault of the termo as it was written, which is ours."""
    return empresa(f"{mensagem} {_INFORME}")


def _certificado(mensagem: str) -> Regra:
    return empresa(f"{mensagem} {_TROQUE}")


def _interno(mensagem: str) -> Regra:
    return Regra(Destino.INDISPONIVEL, f"{mensagem} {_TENTA}")


TABELA: dict[str, Regra] = {
    "002": _forma("O termo de autorização chegou vazio ao SERPRO."),
    "003": _interno("O SERPRO não conseguiu entrar no sistema que examina o termo de autorização."),
    "008": _interno("O SERPRO não conseguiu examinar o certificado do procurador."),
    "009": _certificado("O certificado do procurador não é um e-CPF nem um e-CNPJ."),
    "010": empresa("O certificado do procurador venceu. Envie o renovado na janela API Integra Contador."),
    "011": empresa(
        "O certificado usado não é do autor do pedido. Confira o CPF ou CNPJ do procurador no vínculo da empresa e o "
        "certificado dele.",
    ),
    "012": empresa(
        "O termo foi feito para outro contratante. Confira o certificado da credencial na tabela 102 e repita.",
    ),
    "013": _forma("O SERPRO não aceitou o XML assinado do termo de autorização."),
    "014": _interno("O SERPRO não conseguiu ler de quem é o certificado que assinou o termo de autorização."),
    "015": _forma("Falta um elemento no XML do termo de autorização."),
    "016": _forma("Um atributo do XML do termo de autorização não serve."),
    "017": empresa("A vigência do termo de autorização já passou. Confira o relógio deste servidor e repita."),
    "018": empresa("A data da assinatura do termo está no futuro. Confira o relógio deste servidor e repita."),
    "019": _forma("O XML do termo de autorização começa por um elemento que não é o dele."),
    "020": _forma("O termo de autorização não chegou em base64 ao SERPRO."),
    "021": _certificado("O certificado do procurador não é da ICP-Brasil."),
    "023": _certificado("O SERPRO não autoriza o certificado do procurador."),
    "025": _forma("O termo de autorização chegou sem assinatura ao SERPRO."),
    "026": _forma("A assinatura do termo de autorização tem canonicalização que o SERPRO não aceita."),
    "027": _forma("A assinatura do termo de autorização tem método que o SERPRO não aceita."),
    "028": _forma("A assinatura do termo de autorização não tem exatamente uma referência."),
    "029": _forma("A assinatura do termo de autorização não cobre o documento inteiro."),
    "030": _forma("A assinatura do termo de autorização tem resumo que o SERPRO não aceita."),
    "031": _forma("A assinatura do termo de autorização não tem as duas transformações que o SERPRO exige."),
    "032": _forma("A assinatura do termo de autorização não traz exatamente um certificado."),
    "033": _forma("O termo de autorização foi alterado depois de assinado."),
    "034": _interno("O SERPRO não reconheceu o padrão da assinatura do termo de autorização."),
    "037": _certificado("O certificado do procurador foi revogado."),
    "038": _forma("O XML do termo de autorização chegou malformado, ou com caracteres que não se veem."),
    "039": _certificado("O certificado do procurador não passou na verificação do SERPRO."),
    "040": _certificado("A cadeia do certificado do procurador não chega a uma raiz em que o SERPRO confia."),
    "041": _certificado(
        "O certificado do procurador foi assinado por ele mesmo, e não por uma autoridade da ICP-Brasil."
    ),
}
