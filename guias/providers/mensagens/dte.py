"""Codes of DTE."""

from guias.providers.mensagens.regras import PROTOCOLO, Destino, Regra, recusada

_DOCUMENTO = recusada("A Receita não reconheceu o CPF ou o CNPJ da empresa. Confira o cadastro e consulte de novo.")
_FORA = Regra(Destino.INDISPONIVEL, "O Domicílio Tributário Eletrônico não respondeu. O Guichê tenta de novo.")

TABELA: dict[str, Regra] = {
    **dict.fromkeys(("04", "05"), _DOCUMENTO),
    **dict.fromkeys(("991", "992", "994"), PROTOCOLO),
    **dict.fromkeys(("993", "995"), _FORA),
}
