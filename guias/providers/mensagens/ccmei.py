"""Codes of CCMEI, which names a group between system and number: SUC, CRT (input), BSN (business), ERRO."""

from guias.providers.mensagens.regras import PROTOCOLO, Destino, Regra, recusada

_NAO_EMITE = "não há certificado a emitir"
_DEU_CERTO = Regra(Destino.AVISO, "")

TABELAS: dict[str, dict[str, Regra]] = {
    "CCMEI-SUC": dict.fromkeys(("00010", "00020", "00030"), _DEU_CERTO),
    "CCMEI-CRT": {
        **dict.fromkeys((f"{n:04d}" for n in range(1, 56)), PROTOCOLO),
        **dict.fromkeys(
            ("0010", "0020", "0060", "0065"),
            recusada("A Receita não aceitou o CPF do MEI. Consulte de novo os dados do CCMEI e repita."),
        ),
        **dict.fromkeys(
            ("0030", "0035"),
            recusada("A Receita não aceitou o CNPJ da empresa. Corrija o cadastro da empresa e repita."),
        ),
        **dict.fromkeys(("5010", "5020", "5030"), PROTOCOLO),
    },
    "CCMEI-BSN": {
        "0010": recusada(f"O CNPJ está baixado: {_NAO_EMITE}. Atualize o cadastro da empresa."),
        "0020": recusada(f"A empresa não é mais MEI: {_NAO_EMITE}. Atualize o regime no cadastro da empresa."),
        "0030": recusada(
            f"A Receita não achou período em que a empresa fosse MEI: {_NAO_EMITE}. Confira o regime no cadastro."
        ),
        "0040": recusada(f"O CNPJ não está ativo: {_NAO_EMITE}. Veja a situação cadastral com o cliente."),
        "0050": recusada(
            "A Receita pede que as ocupações do MEI sejam atualizadas antes. Atualize-as no Portal do "
            "Empreendedor e repita."
        ),
        "0060": recusada("O cadastro do MEI foi alterado hoje e ainda está em processamento. Repita mais tarde."),
        "0080": Regra(
            Destino.INDISPONIVEL, "O sistema do Simples Nacional não respondeu ao CCMEI. O Guichê tenta de novo."
        ),
        **dict.fromkeys(("0090", "0100"), Regra(Destino.NADA, "O CPF não tem nenhuma empresa MEI.")),
    },
    "CCMEI-ERRO": {
        "0500": Regra(Destino.INDISPONIVEL, "O sistema do CCMEI teve um problema. O Guichê tenta de novo."),
    },
}
