"""Codes of the instalment systems (ER_…). The last numbers mean other things in PARCSN and PARCMEI than elsewhere, and
the pages of the families do not always agree: each sentence sends the reader to the service's own words."""

from guias.providers.mensagens.regras import PROTOCOLO, Destino, Regra, recusada

FAMILIAS = ("PARCSN", "PARCSN-ESP", "PERTSN", "RELPSN", "PARCMEI", "PARCMEI-ESP", "PERTMEI", "RELPMEI")
_COM_LIMITE_NO_15 = ("PARCSN", "PARCMEI")

_PORTAL = "Emita a guia no portal do Simples Nacional ou no e-CAC."
_PRIMEIRA = recusada(
    "A Receita espera a primeira parcela: emita a parcela que as palavras do serviço indicam.",
)
_LIMITE = recusada(
    f"O parcelamento tem mais parcelas em aberto do que o serviço emite. {_PORTAL}",
)
_SO_PORTAL = recusada(f"A Receita não atende este parcelamento por aqui. {_PORTAL}")

_COMUM: dict[str, Regra] = {
    "E001": Regra(Destino.NADA, "Não há parcelamento ativo desta modalidade. Consulte os pedidos da empresa."),
    "C001": Regra(Destino.NADA, "Não há pedido de parcelamento desta modalidade."),
    "N001": Regra(
        Destino.INDISPONIVEL, "O sistema de parcelamentos da Receita teve um problema. O Guichê tenta de novo."
    ),
    "N002": recusada("A Receita recusou o que foi pedido. Consulte de novo os pedidos e as parcelas da empresa."),
    "N003": Regra(
        Destino.NADA, "Não há mais saldo a parcelar: o parcelamento será encerrado no próximo processamento da Receita."
    ),
    "N004": recusada(f"O parcelamento foi reconsolidado. {_PORTAL}"),
    "N005": recusada(
        "A guia da parcela deste mês ainda não pode ser emitida. Emita-a a partir do dia que as palavras "
        "do serviço dizem."
    ),
    "N006": recusada(
        "A parcela não está disponível: não existe, já está paga ou é de um mês futuro. Consulte de novo as parcelas."
    ),
    "N007": PROTOCOLO,
    "N008": Regra(Destino.NADA, "Não há parcela a emitir."),
    "N009": recusada("A Receita não tem parcelamento com este número. Consulte de novo os pedidos da empresa."),
    "N010": Regra(Destino.NADA, "Esta parcela não tem pagamento a consultar."),
    "N011": recusada(
        "A Receita não achou o parcelamento desta parcela pelo número dele. Consulte de novo os pedidos da empresa."
    ),
    "N012": Regra(Destino.NADA, "A Receita não tem pagamento desta parcela."),
    "N013": recusada(
        "O pedido espera a confirmação do pagamento da primeira parcela. As outras ficam disponíveis no "
        "mês seguinte a ela."
    ),
}


def _da_familia(familia: str) -> dict[str, Regra]:
    ultimas = (
        {"N014": _PRIMEIRA, "N015": _LIMITE}
        if familia in _COM_LIMITE_NO_15
        else {"N014": _SO_PORTAL, "N015": _PRIMEIRA, "N016": _LIMITE}
    )
    por_numero = _COMUM | ultimas
    return por_numero | {f"ER_{numero}": regra for numero, regra in por_numero.items()}


TABELAS: dict[str, dict[str, Regra]] = {familia: _da_familia(familia) for familia in FAMILIAS}
