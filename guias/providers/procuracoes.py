"""PROCURACOES: the electronic powers that a contribuinte granted.

Source: SERPRO, API Integra Contador, pages of PROCURACOES; docs/integra-contador.md.
"""

from guias.providers import wire
from guias.providers.catalogo import achar
from guias.providers.cliente import IntegraContador, NadaEncontrado, lendo, tipo_de
from guias.providers.interface import Partes, Procuracao
from operacoes.http import Chamadas

OBTERPROCURACAO41 = achar("PROCURACOES", "OBTERPROCURACAO41")


def obter(cliente: IntegraContador, partes: Partes, *, chamadas: Chamadas) -> list[Procuracao]:
    """Grants of the contribuinte to the autor; an empty list when there is none in force."""
    dados = {
        "outorgante": partes.contribuinte,
        "tipoOutorgante": str(tipo_de(partes.contribuinte)),
        "outorgado": partes.autor,
        "tipoOutorgado": str(tipo_de(partes.autor)),
    }
    try:
        resposta = cliente.chamar(OBTERPROCURACAO41, partes, dados, chamadas)
    except NadaEncontrado:
        return []
    with lendo(OBTERPROCURACAO41):
        itens = resposta.dados if isinstance(resposta.dados, list) else [resposta.dados] if resposta.dados else []
        return [
            Procuracao(wire.data(item["dtexpiracao"]), [str(nome) for nome in item.get("sistemas") or []])
            for item in itens
        ]
