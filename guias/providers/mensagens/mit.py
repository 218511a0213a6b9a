"""Codes of MIT (MSG_0001 to MSG_0036). Most have a field in their words, which the sentence sends the reader to.

Source: SERPRO, API Integra Contador, message page of MIT (22/12/2025).
"""

from guias.providers.mensagens.regras import Destino, Regra, recusada

ENVIADA = "0024"  # sent to be closed: the protocol tells the rest
_NADA_FEITO = "e nada foi encerrado"
_ENVIE = "envie de novo."
_QUAL = "As palavras do serviço dizem qual"

TABELA: dict[str, Regra] = {
    "0001": Regra(Destino.DUVIDA, "O MIT da Receita não respondeu. O Guichê confere antes de repetir."),
    "0002": recusada(
        f"O MIT não conseguiu ler um dado da apuração, {_NADA_FEITO}. {_QUAL}: corrija-o na apuração do MIT e {_ENVIE}"
    ),
    "0003": recusada(
        f"Um campo da apuração do MIT está vazio ou com valor que a Receita não aceita, {_NADA_FEITO}. {_QUAL}: "
        f"preencha-o e {_ENVIE}"
    ),
    "0004": recusada(
        f"A apuração é sem movimento e leva um campo que só cabe com movimento, {_NADA_FEITO}. Apague os débitos e o "
        f"campo que as palavras do serviço dizem, ou desmarque “sem movimento”, e {_ENVIE}"
    ),
    "0005": recusada(
        f"A apuração é com movimento e falta um campo, {_NADA_FEITO}. {_QUAL}: preencha os dados iniciais e os débitos "
        f"do MIT, ou marque “sem movimento”, e {_ENVIE}"
    ),
    "0006": recusada(
        f"Falta um campo da apuração do MIT que outro campo, pelo valor que tem, torna obrigatório, {_NADA_FEITO}. "
        f"As palavras do serviço dizem os dois: acerte um deles e {_ENVIE}"
    ),
    "0007": recusada(
        f"Falta um campo da apuração do MIT, obrigatório neste caso, {_NADA_FEITO}. As palavras do serviço dizem o "
        f"campo e o caso: preencha-o e {_ENVIE}"
    ),
    "0008": recusada(
        f"Há na apuração do MIT um campo que só cabe junto de outro, que falta, {_NADA_FEITO}. As palavras do serviço "
        f"dizem os dois: informe o que falta ou apague o que sobra, e {_ENVIE}"
    ),
    "0009": recusada(
        f"A numeração dos débitos ou dos eventos do MIT não segue 1, 2, 3…, {_NADA_FEITO}. O Guichê a escreve: salve a "
        "apuração de novo, e informe a quem o mantém se tornar a acontecer."
    ),
    "0010": recusada(
        f"Um campo do MIT tem regra própria e precisa de valor, {_NADA_FEITO}. {_QUAL}: preencha-o na apuração e "
        f"{_ENVIE}"
    ),
    "0011": recusada(
        f"Um débito do MIT aponta para um evento ou item que não está na apuração, {_NADA_FEITO}. As palavras do "
        f"serviço dizem o que falta: inclua-o ou tire o débito, e {_ENVIE}"
    ),
    "0012": recusada(
        f"Um débito do MIT tem campo com valor que a receita dele não aceita, {_NADA_FEITO}. As palavras do serviço "
        f"dizem o código do débito e o campo: corrija a linha e {_ENVIE}"
    ),
    "0013": recusada(
        f"Falta um campo que este tributo do MIT exige, como o estabelecimento no IPI, {_NADA_FEITO}. As palavras do "
        f"serviço dizem o tributo e o campo: preencha-o na linha do débito e {_ENVIE}"
    ),
    "0014": recusada(
        f"Um débito do MIT leva um campo que só cabe em outros tributos, {_NADA_FEITO}. As palavras do serviço dizem o "
        f"campo e os tributos: apague-o da linha do débito e {_ENVIE}"
    ),
    "0015": recusada(
        f"Uma lista da apuração do MIT foi vazia, {_NADA_FEITO}. {_QUAL}: inclua um item nela ou tire-a, e {_ENVIE}"
    ),
    "0016": recusada(
        f"Duas partes da apuração do MIT não podem vir juntas, {_NADA_FEITO}. As palavras do serviço dizem as duas: "
        f"deixe só uma e {_ENVIE}"
    ),
    "0017": recusada(
        f"O número de um processo do MIT não tem 17 dígitos (administrativo) nem 20 (judicial), {_NADA_FEITO}. "
        f"Corrija-o no débito suspenso e {_ENVIE}"
    ),
    "0018": recusada(
        f"O MIT não permite um código de débito nesta apuração, {_NADA_FEITO}. {_QUAL}: troque o código da linha pelo "
        f"da tabela do MIT e {_ENVIE}"
    ),
    "0019": recusada(
        f"Um campo da apuração do MIT está fora dos limites, {_NADA_FEITO}. As palavras do serviço dizem o campo e de "
        f"quanto a quanto vale, como o mês, a partir de 01/2025: corrija-o e {_ENVIE}"
    ),
    "0020": recusada(
        f"A transmissão imediata só cabe em apuração sem movimento, {_NADA_FEITO}. Desmarque-a, {_ENVIE[:-1]} e "
        "transmita pela DCTFWeb depois de encerrada."
    ),
    "0021": recusada(
        f"O município de um débito não está na tabela da Receita (TOM), {_NADA_FEITO}. Corrija o código do município "
        f"na linha e {_ENVIE}"
    ),
    "0022": recusada(
        f"Um CNPJ informado num débito (SCP, estabelecimento ou incorporação) não está no cadastro da Receita, "
        f"{_NADA_FEITO}. As palavras do serviço dizem qual: corrija a linha e {_ENVIE}"
    ),
    "0023": recusada(
        "O MIT não tem apuração com o número pedido. Consulte de novo as apurações da empresa e escolha uma da lista."
    ),
    ENVIADA: Regra(Destino.AVISO, "A apuração foi enviada. O protocolo diz quando ficou encerrada."),
    "0025": Regra(Destino.NADA, "O MIT não tem apuração desta empresa no período."),
    "0026": recusada(
        f"Um código de débito não existe no MIT, {_NADA_FEITO}. {_QUAL}: escolha na linha um código da tabela do MIT e "
        f"{_ENVIE}"
    ),
    "0027": recusada(
        f"Um código de débito não cabe neste mês (há os que são só do fim do trimestre ou do ano), {_NADA_FEITO}. "
        f"{_QUAL}: tire a linha ou troque o código, e {_ENVIE}"
    ),
    "0028": recusada(
        f"Há dois débitos iguais na apuração do MIT, {_NADA_FEITO}. Junte os valores numa linha só e {_ENVIE}"
    ),
    "0029": recusada(f"Falta um campo obrigatório na apuração do MIT, {_NADA_FEITO}. {_QUAL}: preencha-o e {_ENVIE}"),
    "0030": recusada(
        f"Há mais de um evento de situação especial, e só a cisão parcial e a incorporação se repetem, {_NADA_FEITO}. "
        f"Deixe um só evento na apuração do MIT e {_ENVIE}"
    ),
    "0031": recusada(
        f"Um valor da apuração do MIT passa do máximo, {_NADA_FEITO}. As palavras do serviço dizem o campo e até "
        f"quanto vai: corrija-o e {_ENVIE}"
    ),
    "0032": recusada(
        "A apuração do MIT que foi pedida é de outro contribuinte. Consulte de novo as apurações desta empresa e "
        "escolha uma da lista."
    ),
    "0033": recusada(
        f"O CNPJ da empresa não está no cadastro da Receita, {_NADA_FEITO}. Corrija o cadastro da empresa e {_ENVIE}"
    ),
    "0034": recusada(
        f"A apuração do MIT tem mais de cinco eventos especiais, {_NADA_FEITO}. Deixe no máximo cinco e {_ENVIE}"
    ),
    "0035": recusada(
        f"Um tributo não combina com a qualificação da empresa ou com a tributação do lucro, {_NADA_FEITO}. Confira os "
        f"dados iniciais do MIT, ou tire o débito que as palavras do serviço dizem, e {_ENVIE}"
    ),
    "0036": recusada(
        "Já há um encerramento em andamento deste período. Espere que termine e consulte as apurações da empresa."
    ),
}
