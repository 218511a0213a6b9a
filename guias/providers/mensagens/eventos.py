"""Codes of EVENTOSATUALIZACAO."""

from guias.providers.mensagens.regras import Destino, Regra, recusada

PROTOCOLO_DESCONHECIDO = "006"
TABELA: dict[str, Regra] = {
    "002": recusada(
        "O SERPRO recusou a consulta de novidades: há evento ou CNPJ que ele não aceita. Confira o CNPJ das empresas e "
        "consulte de novo.",
    ),
    "003": Regra(
        Destino.INDISPONIVEL,
        "A consulta de novidades do SERPRO falhou. O Guichê tenta de novo.",
    ),
    "004": Regra(
        Destino.INDISPONIVEL,
        "O limite diário de consultas de novidades foi alcançado. O Guichê tenta de novo quando ele se renovar.",
    ),
    "005": Regra(Destino.AVISO, "O SERPRO disse quantas consultas de novidades ainda cabem no limite de hoje."),
    PROTOCOLO_DESCONHECIDO: recusada(
        "O SERPRO não conhece mais o protocolo desta consulta de novidades. Consulte de novo: não tem custo.",
    ),
}
