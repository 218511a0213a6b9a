"""Codes of PROCURACOES."""

from guias.providers.mensagens.regras import Destino, Regra, credencial, empresa, recusada

_INFORME = "Não há o que corrigir nos dados: informe a quem mantém o Guichê."

TABELA: dict[str, Regra] = {
    "20001": Regra(Destino.AVISO, "A Receita tem procuração ativa desta empresa para o autor do pedido."),
    "40400": Regra(
        Destino.NADA,
        "Não há procuração ativa desta empresa para o autor do pedido.",
    ),
    "40300": empresa(
        "Só o autor do pedido pode consultar as procurações outorgadas a ele. Confira quem é o autor no vínculo da "
        "empresa e consulte de novo.",
    ),
    "40301": empresa(
        "O SERPRO negou a consulta de procurações desta empresa. Teste a conexão da credencial na tabela 102 e "
        "consulte de novo.",
    ),
    "40002": credencial("O CNPJ do contratante é inválido. Confira o certificado da credencial na tabela 102."),
    "40003": recusada("O CPF ou CNPJ do autor do pedido é inválido. Corrija-o no vínculo da empresa."),
    "40004": recusada("O CPF ou CNPJ da empresa é inválido. Corrija o cadastro da empresa e consulte de novo."),
    "40005": recusada(f"A consulta de procurações chegou à Receita com outro sistema. {_INFORME}"),
    "40006": recusada(f"A consulta de procurações chegou à Receita com outro serviço. {_INFORME}"),
    "40007": recusada(
        "O documento de quem dá ou de quem recebe a procuração é inválido. Confira o cadastro da empresa e o autor do "
        "pedido no vínculo dela, e consulte de novo.",
    ),
    **{
        numero: Regra(
            Destino.INDISPONIVEL,
            f"O sistema de procurações da Receita não respondeu (código {numero}). O Guichê tenta de novo.",
        )
        for numero in (f"500{n:02d}" for n in range(1, 100))
    },
}
