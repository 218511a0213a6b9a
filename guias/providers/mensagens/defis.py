"""Codes of DEFIS (MSG_nnnn)."""

from guias.providers.mensagens.regras import PROTOCOLO, REPETIR, Destino, Regra, recusada

_FORA = Regra(Destino.INDISPONIVEL, "Um sistema de que a DEFIS depende não respondeu. O Guichê tenta de novo.")
_CAMPO = recusada(
    "A Receita recusou o valor de um campo da DEFIS. Veja qual nas palavras do serviço, corrija e transmita de novo."
)
_EVENTO = recusada(
    "A data da situação especial não é aceita. Veja as palavras do serviço, corrija a data e transmita de novo."
)
_NADA = Regra(Destino.NADA, "A Receita não tem DEFIS transmitida desta empresa para o ano.")

TABELA: dict[str, Regra] = {
    **dict.fromkeys(("0001", "0003", "0004", "0005", "0046"), _CAMPO),
    **dict.fromkeys(("0002", "0029", "0031", "0036", "0037"), REPETIR),
    "0006": recusada("A Receita não recebe a DEFIS desse ano-calendário. Confira o ano."),
    **dict.fromkeys(("0007", "0009", "0020", "0030", "0034"), _FORA),
    "0008": recusada(
        "A Receita não tem a empresa como optante pelo Simples no ano: a DEFIS pede o processo da opção. Abra-a, "
        "preencha “Não optante” e transmita de novo.",
    ),
    "0010": recusada(
        "Administração tributária distrital é a do DF. Abra a DEFIS, corrija o município em “Não optante” e repita."
    ),
    "0011": recusada(
        "A DEFIS deste ano só é aceita antes do fim do ano com situação especial (extinção, fusão, cisão ou "
        "incorporação). Informe o evento ou espere janeiro.",
    ),
    **dict.fromkeys(("0012", "0014", "0017", "0018"), _EVENTO),
    "0013": recusada(
        "O evento não ocorreu durante a opção pelo Simples. Entregue a declaração normal do ano seguinte.",
    ),
    "0015": recusada("A Receita não encontrou um CNPJ da declaração. Confira os estabelecimentos e repita."),
    "0016": recusada("Esta DEFIS não é da empresa consultada. Atualize a lista de DEFIS da empresa."),
    "0019": recusada("Já há declaração de situação especial do ano anterior. Confira o evento antes de transmitir."),
    "0021": recusada(
        "Nenhum PGDAS-D do período foi transmitido. Transmita as declarações mensais do ano e depois a DEFIS.",
    ),
    "0022": recusada(
        "Faltam declarações mensais (PGDAS-D) do ano. Transmita os meses que a Receita indica e depois a DEFIS.",
    ),
    "0023": recusada(
        "Faltam estabelecimentos na DEFIS. Cadastre as filiais indicadas, preencha o bloco delas e transmita de novo.",
    ),
    "0024": recusada(
        "Há estabelecimento que não consta nas declarações mensais do ano. Retire-o da DEFIS e transmita de novo.",
    ),
    "0025": recusada("A resposta sobre inatividade não confere com as declarações mensais. Corrija-a e repita."),
    "0026": recusada(
        "As participações dos sócios, com as cotas em tesouraria, não somam 100,00 %. Corrija-as e repita."
    ),
    "0027": recusada("Há informação repetida na DEFIS. Veja qual nas palavras do serviço, retire-a e repita."),
    "0028": recusada(
        "O total de entradas é menor que a soma de compras, importações, transferências e devoluções de vendas. "
        "Corrija-o e repita.",
    ),
    **dict.fromkeys(
        ("0032", "0033"),
        recusada(
            "A Receita não reconhece um município da DEFIS. Abra-a, confira os dos valores por município, da mudança "
            "e de “Não optante”, e transmita de novo.",
        ),
    ),
    "0035": recusada("O CPF de um sócio não consta no cadastro da Receita. Confira-o e transmita de novo."),
    **dict.fromkeys(("0038", "0043"), PROTOCOLO),
    "0039": recusada(
        "A mudança de município está fora do período da DEFIS. Abra-a, corrija o dia da mudança e repita."
    ),
    "0040": recusada(
        "A Receita tem a empresa como optante. Abra a DEFIS, apague o que está em “Não optante” e transmita de novo."
    ),
    **dict.fromkeys(("0041", "0042", "0044", "0045"), _NADA),
}
