"""Codes of DCTFWEB. A refusal comes with HTTP 200: a Sucesso, then MSGIC01 ("see the messages"), then the code itself.

Source: SERPRO, API Integra Contador, message page of DCTFWEB. Of several codes only the group is published
(docs/integra-contador.md).
"""

from guias.providers.mensagens.regras import REPETIR, Destino, Regra, recusada

VEJA_AS_OUTRAS = "MSGIC01"

_XML = recusada(
    "A DCTFWeb não gerou o XML da declaração. Veja as palavras do serviço, corrija na origem e busque de novo."
)
_RECUSADA = recusada(
    "A DCTFWeb recusou a declaração, e nada foi transmitido. Veja as palavras do serviço, corrija e transmita de novo."
)
_MUDOU = recusada(
    "O XML não é mais o da declaração em andamento, ou a assinatura não confere, e nada foi transmitido. Busque a "
    "declaração de novo e transmita."
)
TABELA: dict[str, Regra] = {
    **{f"GERAXML{numero:02d}": _XML for numero in range(1, 10)},
    **{f"TRANS{numero:02d}": _RECUSADA for numero in range(1, 23)},
    **dict.fromkeys(("TRANS07", "TRANS10", "TRANS15", "TRANS16", "TRANS17", "TRANS18"), _MUDOU),
    "TRANS11": recusada(
        "A declaração já foi transmitida. Busque o recibo para guardá-lo aqui; para corrigir, retifique na origem."
    ),
    "TRANS14": Regra(
        Destino.AVISO,
        "A declaração foi transmitida fora do prazo, com multa por atraso. Emita o DARF da multa no e-CAC.",
    ),
    "MG07": recusada("A DCTFWeb recusou os dados do pedido. Confira a categoria e o período."),
    "MG08": Regra(
        Destino.NADA, "A DCTFWeb não tem declaração deste período. Confira a categoria e o fechamento na origem."
    ),
    "MG09": recusada("O número do recibo não é desta declaração. Confira-o no recibo de entrega."),
    "MG10": recusada(
        "A última declaração do período está em andamento. Transmita-a, ou informe o número do recibo da anterior."
    ),
    "MG19": REPETIR,
    "MG20": recusada("Faltam dados no pedido, ou estão errados. Confira a categoria, o período e o que ela pede."),
    "APIGUIA01": recusada("A declaração não está ativa: só há guia depois de transmitida. Transmita antes."),
    "APIGUIA02": recusada("A data para pagar não foi aceita. Escolha um dia útil deste mês, de hoje em diante."),
    "APIGUIA03": recusada("A declaração não tem débitos desta origem. Escolha outra origem, ou nenhuma."),
    "GUIA00": recusada("A Selic do mês ainda não é conhecida. Escolha uma data para pagar dentro deste mês."),
    "GUIA02": recusada("O valor é menor que o mínimo: não há guia a emitir. Ele se soma ao do período seguinte."),
}
