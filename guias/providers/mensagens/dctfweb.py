"""Codes of DCTFWEB. A refusal comes with HTTP 200: a Sucesso, then MSGIC01 ("see the messages"), then the code itself.

Source: SERPRO, API Integra Contador, message page of DCTFWEB (22/12/2025), which leaves out TRANS03, 06 and 08.
"""

from guias.providers.mensagens.regras import REPETIR, Destino, Regra, nao_documentada, recusada

VEJA_AS_OUTRAS = "MSGIC01"

_NADA_FOI = "e nada foi transmitido"
_BUSQUE = "Busque a declaração de novo e transmita."
_CERTIFICADO = "Confira o certificado do autor do pedido na janela API Integra Contador e transmita de novo."
_INFORME = "Informe a quem mantém o Guichê as palavras do serviço."

TABELA: dict[str, Regra] = {
    "GERAXML01": recusada(
        "A DCTFWeb só gera o XML de declaração em andamento, e a deste período não está. Veja em que situação ela está "
        "e, para corrigir o que já foi transmitido, retifique na origem (eSocial, Reinf ou MIT)."
    ),
    "GERAXML02": recusada(
        "Este período não se entrega na DCTFWeb: é anterior a ela ou ainda não abriu. Confira a competência pedida."
    ),
    "GERAXML03": recusada(
        "O período é anterior à abertura da empresa no CNPJ. Confira a competência e a data de abertura no cadastro."
    ),
    "GERAXML04": recusada(
        "Os débitos declarados passam do limite que a DCTFWeb aceita. Confira os valores na origem; se estão certos, "
        "procure uma unidade da Receita Federal."
    ),
    "GERAXML05": recusada(
        "Já há declaração ativa desta raiz de CNPJ, feita por outro estabelecimento. As palavras do serviço dizem "
        "qual: busque e transmita pela empresa com esse CNPJ."
    ),
    "GERAXML06": recusada(
        "A situação da empresa no CNPJ (baixada, inapta, suspensa…) não permite a entrega. Veja-a nas palavras do "
        "serviço e regularize o cadastro com o cliente antes de buscar de novo."
    ),
    "GERAXML07": recusada(
        "O cadastro da Receita não diz desde quando vale a situação da empresa no CNPJ. O cliente precisa procurar a "
        "Receita Federal para acertá-lo; depois, busque a declaração de novo."
    ),
    "GERAXML08": recusada(
        "A DCTFWeb se entrega pela matriz, e a empresa escolhida é filial. Busque e transmita pela matriz, que as "
        "palavras do serviço dizem qual é."
    ),
    "GERAXML09": recusada(
        "A retenção aproveitada em dezembro, somada à adiantada no 13º salário, passa do crédito de dezembro. Acerte "
        "as vinculações na DCTFWeb, no e-CAC, e busque a declaração de novo."
    ),
    "TRANS01": recusada(
        f"A situação da declaração não permite transmiti-la, {_NADA_FOI}. Consulte a DCTFWeb da empresa e transmita a "
        "que estiver em andamento."
    ),
    "TRANS02": recusada(f"A DCTFWeb não aceitou o formato do XML, {_NADA_FOI}. {_BUSQUE}"),
    "TRANS03": nao_documentada("TRANS03"),
    "TRANS04": recusada(
        f"A DCTFWeb não aceitou o conteúdo do XML, {_NADA_FOI}. As palavras do serviço dizem o quê: corrija na origem, "
        "se for o caso. " + _BUSQUE
    ),
    "TRANS05": recusada(
        f"A DCTFWeb não conseguiu ler um elemento do XML assinado, em geral o certificado, {_NADA_FOI}. {_CERTIFICADO}"
    ),
    "TRANS06": nao_documentada("TRANS06"),
    "TRANS07": recusada(
        f"A DCTFWeb não tem guardado o XML que foi assinado, e por isso não o reconhece, {_NADA_FOI}. {_BUSQUE}"
    ),
    "TRANS08": nao_documentada("TRANS08"),
    "TRANS09": recusada(f"A DCTFWeb não aceitou a assinatura do XML, {_NADA_FOI}. {_CERTIFICADO}"),
    "TRANS10": recusada(
        f"A declaração mudou depois que o XML foi buscado, {_NADA_FOI}. Busque a declaração de novo, confira os "
        "valores e transmita."
    ),
    "TRANS11": recusada(
        "A declaração já foi transmitida. Busque o recibo para guardá-lo aqui; para corrigir, retifique na origem."
    ),
    "TRANS12": recusada(
        "A DCTFWeb diz que a declaração não foi transmitida. Veja o motivo nas palavras do serviço, corrija-o e "
        "transmita de novo."
    ),
    "TRANS13": recusada(
        "A empresa não está obrigada à DCTFWeb neste período: a declaração só pode ser consultada. Não há o que "
        "transmitir; confira a categoria e o que o eSocial e a Reinf fecharam."
    ),
    "TRANS14": Regra(
        Destino.AVISO,
        "A declaração foi transmitida fora do prazo, com multa por atraso. Emita o DARF da multa no e-CAC.",
    ),
    "TRANS15": recusada(f"O XML assinado chegou malformado à DCTFWeb, {_NADA_FOI}. {_BUSQUE}"),
    "TRANS16": recusada(
        f"O XML assinado não é o da declaração que a DCTFWeb gerou, {_NADA_FOI}. {_BUSQUE}",
    ),
    "TRANS17": recusada(f"A assinatura está fora do lugar que a DCTFWeb espera no XML, {_NADA_FOI}. {_INFORME}"),
    "TRANS18": recusada(
        f"A DCTFWeb não conseguiu examinar a assinatura do XML, {_NADA_FOI}. {_BUSQUE} Se tornar a acontecer, informe "
        "a quem mantém o Guichê."
    ),
    "TRANS19": recusada(
        f"A DCTFWeb não aceitou o certificado da assinatura (vencido, revogado ou de outra pessoa), {_NADA_FOI}. "
        f"{_CERTIFICADO}"
    ),
    # The page gives this number twice: a base64 that is not one, and a failure while the transmission was kept.
    "TRANS20": Regra(
        Destino.DUVIDA,
        "A DCTFWeb falhou ao guardar a transmissão. O Guichê confere se a declaração foi transmitida antes de repetir.",
    ),
    "TRANS21": recusada(f"O pedido chegou à DCTFWeb sem o XML assinado, {_NADA_FOI}. {_INFORME}"),
    "TRANS22": recusada(
        f"A DCTFWeb não leu os dados do certificado da assinatura, que parece incompleto, {_NADA_FOI}. {_CERTIFICADO}"
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
