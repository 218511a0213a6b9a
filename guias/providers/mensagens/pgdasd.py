"""Codes of PGDASD (MSG_ISN_nnn)."""

from guias.providers.mensagens.regras import Destino, Regra, recusada


def _duvida(mensagem: str) -> Regra:
    return Regra(Destino.DUVIDA, f"{mensagem} O Guichê confere o que aconteceu antes de repetir.")


# What was refused would be refused again as it is, and what is corrected is no longer what was approved.
_DE_NOVO = "Depois, em Apuração, simule de novo, ou confira, aprove e transmita: um pedido igual seria recusado."

TABELA: dict[str, Regra] = {
    "001": _duvida("O PGDAS-D teve um problema interno."),
    "002": recusada(
        "A Receita recusou os dados do pedido: as palavras do serviço dizem quais. Corrija-os e peça de novo na tela "
        "de onde o pedido saiu; uma declaração corrigida é conferida e aprovada outra vez em Apuração.",
    ),
    "005": Regra(Destino.NADA, "Não há declaração transmitida para o período. Transmita a declaração antes."),
    "008": recusada(
        "A Receita recusou um campo da declaração. Veja qual nas palavras do serviço e corrija as receitas.",
    ),
    "009": recusada(
        "A Receita recusou uma lista vazia da declaração. Confira em Receitas se cada atividade tem valor e, se todas "
        f"têm, informe a quem mantém o Guichê as palavras do serviço. {_DE_NOVO}",
    ),
    "010": recusada(
        "Há valor negativo na declaração. Corrija-o em Receitas ou, se é de um mês anterior, no Histórico da "
        f"apuração. {_DE_NOVO}",
    ),
    "012": _duvida("O PGDAS-D teve um problema no processamento do pedido."),
    "018": recusada(
        "A Receita conhece estabelecimentos que não foram informados. Cadastre as filiais indicadas e ligue-as à "
        "matriz.",
    ),
    "022": _duvida("O PGDAS-D falhou durante a entrega da declaração."),
    "023": recusada(
        f"Há atividade com receita zerada. Em Receitas, apague a atividade sem receita. {_DE_NOVO}",
    ),
    "027": Regra(
        Destino.NADA, "A Receita não tem declaração da empresa para o que foi pedido. Transmita a declaração antes."
    ),
    "031": _duvida("O PGDAS-D teve um problema na transmissão da declaração."),
    "032": recusada(
        "A atividade de revenda sem substituição não admite ST nem tributação monofásica. Use a atividade 2.",
    ),
    "034": Regra(
        Destino.AVISO,
        "A declaração foi transmitida fora do prazo, com multa por atraso (MAED). O DARF da multa está nas guias da "
        "empresa.",
    ),
    "035": recusada(
        "A Receita calculou valores diferentes dos aprovados. Nada foi transmitido: simule, confira a diferença "
        "e aprove de novo.",
    ),
    "036": recusada(
        "A Receita não entendeu a declaração. Informe a quem mantém o Guichê as palavras do serviço.",
    ),
    "045": recusada(
        "Foi enviada folha de salários sem atividade sujeita ao fator r. Confira em Receitas as atividades do mês e, "
        f"se nenhuma é sujeita ao fator r, apague a folha no Histórico da apuração. {_DE_NOVO}",
    ),
    "048": recusada(
        "A Receita já tem a receita de um mês anterior que foi enviado. Marque o mês como já declarado no "
        "histórico, confira a apuração e aprove-a de novo.",
    ),
    "E0044": recusada(
        "Uma atividade da declaração pede a qualificação tributária (substituição, monofásica, antecipação ou "
        f"retenção), que faltou. Escolha em Receitas o tratamento da atividade. {_DE_NOVO}",
    ),
}
