"""Codes of CCMEI, which names a group between system and number: SUC, CRT (input), BSN (business), ERRO.

Source: SERPRO, API Integra Contador, message page of CCMEI (22/12/2025).
"""

from guias.providers.mensagens.regras import Destino, Regra, nao_documentada, recusada

_NAO_EMITE = "não há certificado a emitir"
_INFORME = "Não há o que corrigir nos dados: informe a quem mantém o Guichê."
_PELO_CADASTRO = "Corrija o cadastro da empresa e repita."
_PELO_CCMEI = "Consulte de novo os dados do CCMEI da empresa e repita."


def _forma(mensagem: str) -> Regra:
    """A fault of the request, which is ours."""
    return recusada(f"{mensagem} {_INFORME}")


TABELAS: dict[str, dict[str, Regra]] = {
    "CCMEI-SUC": {
        "00010": Regra(Destino.AVISO, "A Receita disse a situação dos CNPJ de MEI deste CPF."),
        "00020": Regra(Destino.AVISO, "A Receita disse os dados do CCMEI da empresa."),
        "00030": Regra(Destino.AVISO, "A Receita emitiu o CCMEI da empresa."),
    },
    "CCMEI-CRT": {
        **{f"{n:04d}": nao_documentada(f"CRT-{n:04d}") for n in range(1, 56)},
        "0001": _forma("O pedido chegou ao CCMEI sem dizer se o número é de CPF ou de CNPJ."),
        "0005": _forma("O pedido chegou ao CCMEI com um tipo de número que não é CPF nem CNPJ."),
        "0010": recusada(f"O pedido chegou ao CCMEI sem o CPF do MEI. {_PELO_CCMEI}"),
        "0020": recusada(f"O CPF do MEI não é válido para a Receita. {_PELO_CCMEI}"),
        "0030": recusada(f"O pedido chegou ao CCMEI sem o CNPJ da empresa. {_PELO_CADASTRO}"),
        "0035": recusada(f"O CNPJ da empresa não é válido para a Receita. {_PELO_CADASTRO}"),
        "0040": _forma("O pedido chegou ao CCMEI sem o nome do sistema."),
        "0045": _forma("O CCMEI não reconheceu o nome do sistema no pedido."),
        "0050": _forma("O pedido chegou ao CCMEI sem o nome do serviço."),
        "0055": _forma("O CCMEI não reconheceu o serviço pedido."),
        "0060": recusada(f"O pedido chegou ao CCMEI sem o CPF do responsável. {_PELO_CCMEI}"),
        "0065": recusada(f"O CPF do responsável pelo MEI não é válido para a Receita. {_PELO_CCMEI}"),
        "5010": _forma("A situação cadastral do MEI se consulta pelo CPF, e foi pedida por CNPJ."),
        "5020": _forma("Os dados do CCMEI se consultam pelo CNPJ, e foram pedidos por CPF."),
        "5030": _forma("O CCMEI se emite pelo CNPJ, e foi pedido por CPF."),
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
        "0090": Regra(Destino.NADA, "O CPF informado não tem empresa MEI."),
        "0100": Regra(Destino.NADA, "O CPF pesquisado não tem nenhuma empresa MEI."),
    },
    "CCMEI-ERRO": {
        "0500": Regra(Destino.INDISPONIVEL, "O sistema do CCMEI teve um problema. O Guichê tenta de novo."),
    },
}
