"""Codes of REGIMEAPURACAO, which names itself REGIME in them. 054 is success."""

from guias.providers.mensagens.regras import PROTOCOLO, REPETIR, Destino, Regra, recusada

TABELA: dict[str, Regra] = {
    "001": REPETIR,
    **dict.fromkeys(("049", "053", "058", "060"), PROTOCOLO),
    "050": recusada("O ano da opção é anterior à abertura da empresa. Confira o ano e a data de abertura."),
    "051": recusada(
        "A Receita exige a concordância com a resolução. Leia o texto, marque a concordância e opte de novo."
    ),
    "052": recusada(
        "A opção deste ano já foi feita e não pode ser mudada. Consulte a opção do ano para ver qual regime vale.",
    ),
    **dict.fromkeys(
        ("055", "057"), Regra(Destino.NADA, "A Receita não tem opção por regime de apuração para este ano.")
    ),
    **dict.fromkeys(
        ("056", "059"), recusada("A Receita não aceita opção ou consulta desse ano. Confira o ano e repita.")
    ),
}
