"""Codes of PGMEI (MSG_n, seen also without MSG_). Most refusals come with HTTP 200."""

from guias.providers.mensagens.regras import Destino, Regra, recusada


def _fora(mensagem: str) -> Regra:
    """Told before anything is drawn, and every service of PGMEI may be asked again."""
    return Regra(Destino.INDISPONIVEL, f"{mensagem} O Guichê tenta de novo.")


TABELA: dict[str, Regra] = {
    "13011": recusada(
        "O mês está inscrito em dívida ativa e não tem DAS-MEI no PGMEI. Consulte a dívida ativa da "
        "empresa e regularize "
        "na PGFN (Regularize) ou com o estado ou município.",
    ),
    "13012": Regra(
        Destino.AVISO,
        "Parte do mês está inscrita em dívida ativa: o DAS-MEI cobra só o restante. Consulte a dívida "
        "ativa da empresa.",
    ),
    "23004": recusada(
        "A Selic do mês que vem ainda não é conhecida. Escolha um dia de pagamento dentro deste mês e emita de novo.",
    ),
    "23008": recusada(
        "A empresa não é optante pelo SIMEI no mês. Confira o regime no cadastro e o CCMEI; se ela é do "
        "Simples, o DAS é "
        "o da Apuração.",
    ),
    "23013": recusada(
        "A empresa estava baixada no ano pedido. Confira no CCMEI desde quando e atualize o cadastro da empresa.",
    ),
    "23015": recusada(
        "Falta a declaração anual (DASN-SIMEI) do ano pedido. Entregue-a no portal do Simples Nacional e "
        "emita de novo.",
    ),
    "23016": recusada(
        "A Receita ainda não registrou o salário mínimo deste período. Emita de novo em alguns dias.",
    ),
    "23017": recusada(
        "O valor do mês é menor que R$ 10,00: não há DAS-MEI, e ele se soma ao do mês seguinte.",
    ),
    "23018": recusada("O mês já está pago, diz a Receita. Não há DAS-MEI a emitir."),
    "23019": recusada("Não há DAS-MEI a emitir neste mês, diz a Receita."),
    "23028": recusada(
        "A Receita atingiu o limite de cálculos deste ano para a empresa. Emita pelo portal do Simples Nacional ou "
        "procure a Receita Federal.",
    ),
    "23999": recusada(
        "A empresa passou do limite de cálculos retificadores deste ano no PGMEI. Peça a liberação no Fale Conosco da "
        "Receita Federal, ou emita pelo portal do Simples Nacional.",
    ),
    "23030": recusada(
        "A Receita recusou o mês ou o dia de pagamento pedido. Veja as palavras do serviço: o mês não "
        "pode ser futuro nem "
        "estar prescrito, e o dia de pagamento não pode ter passado.",
    ),
    "23001": _fora("A Receita não conseguiu entrar no PGMEI."),
    "23002": _fora("A Receita não recuperou os tributos do MEI."),
    "23003": _fora("O sistema TACO, de que o PGMEI depende, não respondeu."),
    "23005": _fora("O sistema SIDAT, da dívida ativa, não respondeu ao PGMEI."),
    "23006": _fora("O PGMEI não achou a empresa no cadastro CNPJ."),
    "23007": _fora("A base do CNPJ não respondeu ao PGMEI."),
    "23009": _fora("A base do Simples e do MEI não respondeu ao PGMEI."),
    "23010": _fora("O sistema PGMEI da Receita está fora do ar."),
    "23020": _fora("O sistema SENDA falhou ao emitir o DAS-MEI."),
    "23021": _fora("O sistema SENDA não aceitou os dados do DAS-MEI."),
    "23022": _fora("A Receita não conseguiu acionar o sistema SENDA, que emite o DAS-MEI."),
    "23025": _fora("O PGMEI não achou a atividade (CNAE) da empresa no ano."),
    "23026": _fora("A base SINAC não respondeu ao PGMEI."),
    "23027": _fora("A Receita não recuperou os nomes dos tributos do DAS-MEI."),
    "23029": _fora("O sistema TOM, dos municípios, não respondeu ao PGMEI."),
    "23099": Regra(
        Destino.INDISPONIVEL,
        "A Receita ainda processa outro pedido desta empresa e deste ano. O Guichê tenta de novo.",
    ),
    "25001": Regra(Destino.NADA, "Não há débito inscrito em dívida ativa no ano."),
}
