"""Codes of DEFIS (MSG_nnnn)."""

from guias.providers.mensagens.regras import Destino, Regra, recusada

_INFORME = "Não há o que corrigir nos dados: informe a quem mantém o Guichê."


def _campo(motivo: str) -> Regra:
    return recusada(
        f"Um campo da DEFIS {motivo}. Veja qual nas palavras do serviço, corrija-o na DEFIS e transmita de novo."
    )


def _evento(motivo: str) -> Regra:
    return recusada(f"A data da situação especial {motivo}. Corrija a data na DEFIS e transmita de novo.")


def _duvida(mensagem: str) -> Regra:
    return Regra(Destino.DUVIDA, f"{mensagem} O Guichê confere o que aconteceu antes de repetir.")


def _fora(mensagem: str) -> Regra:
    return Regra(Destino.INDISPONIVEL, f"{mensagem} O Guichê tenta de novo.")


TABELA: dict[str, Regra] = {
    "0001": _campo("não é um número dentro dos limites que as palavras do serviço dizem"),
    "0002": _duvida("O sistema da DEFIS teve um problema."),
    "0003": _campo("não é um número inteiro dentro dos limites que as palavras do serviço dizem"),
    "0004": _campo("tem valor que a Receita não aceita"),
    "0005": _campo("não tem o número de caracteres que a Receita pede"),
    "0006": recusada("A Receita não recebe a DEFIS desse ano-calendário. Confira o ano."),
    "0007": _fora("O Sinac, de que a DEFIS depende, não respondeu."),
    "0008": recusada(
        "A Receita não tem a empresa como optante pelo Simples no ano: a DEFIS pede o processo da opção. Abra-a, "
        "preencha “Não optante” e transmita de novo.",
    ),
    "0010": recusada(
        "Administração tributária distrital é a do DF. Abra a DEFIS, corrija o município em “Não optante” e repita."
    ),
    "0009": _fora("O Comprot, que valida o número do processo da DEFIS, não respondeu."),
    "0011": recusada(
        "A DEFIS deste ano só é aceita antes do fim do ano com situação especial (extinção, fusão, cisão ou "
        "incorporação). Informe o evento ou espere janeiro.",
    ),
    "0012": _evento("é anterior à opção pelo Simples"),
    "0013": recusada(
        "O evento não ocorreu durante a opção pelo Simples. Entregue a declaração normal do ano seguinte.",
    ),
    "0014": _evento("é anterior à abertura da empresa"),
    "0015": recusada("A Receita não encontrou um CNPJ da declaração. Confira os estabelecimentos e repita."),
    "0016": recusada("Esta DEFIS não é da empresa consultada. Atualize a lista de DEFIS da empresa."),
    "0017": _evento("está no futuro"),
    "0018": _evento("não é do ano da DEFIS"),
    "0019": recusada("Já há declaração de situação especial do ano anterior. Confira o evento antes de transmitir."),
    "0020": _fora("O PGDAS-D, de que a DEFIS depende, não respondeu."),
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
    "0029": _duvida("A Receita teve um problema na transmissão da DEFIS."),
    "0030": _fora("A tabela de municípios, de que a DEFIS depende, não respondeu."),
    "0031": _duvida("A Receita teve um problema ao dar o número do recibo da DEFIS."),
    "0032": recusada(
        "A Receita não tem o código de um município da DEFIS. Abra-a, confira os dos valores por município, da mudança "
        "e de “Não optante”, e transmita de novo."
    ),
    "0033": recusada(
        "Um município da DEFIS não é da UF informada. Abra-a, corrija um dos dois nos valores por município, na "
        "mudança ou em “Não optante”, e transmita de novo."
    ),
    "0034": _fora("O cadastro do CPF, de que a DEFIS depende, não respondeu."),
    "0035": recusada("O CPF de um sócio não consta no cadastro da Receita. Confira-o e transmita de novo."),
    "0036": _duvida("A Receita teve um problema ao gerar o recibo da DEFIS."),
    "0037": _duvida("A Receita teve um problema ao gerar o PDF da DEFIS."),
    "0038": recusada(f"A Receita não conseguiu ler a DEFIS. {_INFORME}"),
    "0039": recusada(
        "A mudança de município está fora do período da DEFIS. Abra-a, corrija o dia da mudança e repita."
    ),
    "0040": recusada(
        "A Receita tem a empresa como optante. Abra a DEFIS, apague o que está em “Não optante” e transmita de novo."
    ),
    "0041": Regra(Destino.NADA, "A empresa ainda não entregou a DEFIS do ano. Transmita-a antes."),
    "0042": Regra(Destino.NADA, "A Receita não tem DEFIS transmitida desta empresa para o ano."),
    "0043": recusada(f"A lista de DEFIS se pede sem parâmetro, e um foi enviado. {_INFORME}"),
    "0044": Regra(Destino.NADA, "A Receita não tem nenhuma DEFIS transmitida desta empresa."),
    "0045": Regra(Destino.NADA, "A Receita não tem a DEFIS pedida. Atualize a lista de DEFIS da empresa."),
    "0046": _campo("tem mais de duas casas decimais"),
}
