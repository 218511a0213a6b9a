"""Codes of EPROCESSO. SC_002 is success with nothing to show."""

from guias.providers.mensagens.regras import Destino, Regra, empresa, recusada

_INFORME = "Não há o que corrigir nos dados: informe a quem mantém o Guichê."

TABELA: dict[str, Regra] = {
    "ER_001": Regra(Destino.INDISPONIVEL, "O e-Processo não respondeu. O Guichê tenta de novo."),
    "ER_002": recusada(f"O e-Processo não tem o recurso pedido. {_INFORME}"),
    "EI_001": recusada(f"O e-Processo não aceitou os dados do pedido. {_INFORME}"),
    "EI_002": recusada(f"O e-Processo não conhece o serviço pedido. {_INFORME}"),
    "EI_003": recusada(f"O e-Processo não conhece a versão do serviço pedido. {_INFORME}"),
    "EI_004": recusada(f"O e-Processo não conseguiu ler os dados do pedido. {_INFORME}"),
    "EI_005": recusada(f"O e-Processo leu os dados do pedido e não pôde usá-los. {_INFORME}"),
    "AN_001": empresa(
        "A empresa não autorizou a consulta de processos. Peça ao cliente, no e-CAC, a procuração com o poder 00051 "
        "(e-Processo) e consulte de novo.",
    ),
}
