"""Codes of PAGTOWEB."""

from guias.providers.mensagens.regras import Destino, Regra, recusada

TABELA: dict[str, Regra] = {
    "00001": recusada(
        "A Receita recusou o filtro da consulta de pagamentos. Confira as datas e o número da guia e consulte de novo.",
    ),
    "00002": recusada(
        "A Receita não aceitou o número do documento. Confira o número da guia e peça de novo.",
    ),
    "00099": Regra(
        Destino.INDISPONIVEL,
        "A consulta de pagamentos da Receita falhou. O Guichê tenta de novo.",
    ),
}
