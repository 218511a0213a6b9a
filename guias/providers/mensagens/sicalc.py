"""Refusals of SICALC: all of them carry `[EntradaIncorreta-SICALC]`, so they are told apart by their words.

Source: SERPRO, API Integra Contador, message page of SICALC. The first entry whose words are all in the text counts.
"""

import unicodedata

from guias.providers.mensagens.regras import Regra, recusada

# (words that the text has, in lower case without accents; what to do). From the narrow to the wide.
_TEXTOS: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("prestador", "contribuinte"),
        "O CNPJ do prestador é o da própria empresa. Informe o de quem prestou o serviço, ou deixe-o em branco.",
    ),
    (("prestador", "nao", "permitid"), "Esta receita não aceita CNPJ de prestador. Apague-o e emita de novo."),
    (("prestador",), "O CNPJ do prestador não serve nesta receita. Confira-o e emita de novo."),
    (("cno", "nao", "permitid"), "Esta receita não aceita CNO. Apague-o e emita de novo."),
    (("cno",), "O CNO não serve nesta receita. Confira-o e emita de novo."),
    (("contribuinte",), "A Receita não achou a empresa, ou o CNPJ não é válido. Confira o cadastro da empresa."),
    (("pessoa juridica",), "Esta receita não é de pessoa jurídica. Escolha outra receita."),
    (("pessoa fisica",), "Esta receita não é de pessoa física. Escolha outra receita."),
    (("matriz",), "Esta receita é recolhida só pela matriz. Emita o DARF na matriz."),
    (("cota", "nao", "permitid"), "Esta receita não se paga em quotas. Apague a quota e emita de novo."),
    (("cota", "invalid"), "A quota não é válida. Confira o número dela e emita de novo."),
    (("cota", "50"), "A quota é de R$ 50,00 ou mais. Junte quotas, ou pague em quota única."),
    (("quota", "50"), "A quota é de R$ 50,00 ou mais. Junte quotas, ou pague em quota única."),
    (("10,00",), "O total do DARF é menor que R$ 10,00: não se emite. Junte-o ao de um período seguinte."),
    (("999.999.999",), "O total passa de R$ 999.999.999,99. Divida-o em mais de um DARF."),
    (("alienacao", "nao", "permitid"), "Esta receita não aceita data de alienação. Apague-a e emita de novo."),
    (("alienacao",), "Esta receita pede a data da alienação. Informe-a e emita de novo."),
    (("referencia", "nao", "permitid"), "Esta receita não aceita número de referência. Apague-o e emita de novo."),
    (("referencia", "invalid"), "O número de referência não serve nesta receita. Confira-o e emita de novo."),
    (("referencia",), "Esta receita pede um número de referência. Informe-o e emita de novo."),
    (("tipo", "periodo", "nao", "permitid"), "Esta receita não tem período de apuração. Apague-o e emita de novo."),
    (("tipo", "periodo"), "O tipo de período não é o desta receita. Consulte a receita de novo e corrija."),
    (("periodo", "criacao"), "O período é anterior à criação da receita. Confira o período ou escolha outra receita."),
    (("periodo", "extincao"), "O período é posterior ao fim da receita. Confira o período ou escolha outra receita."),
    (("periodo",), "O período de apuração falta ou está errado. Confira-o e emita de novo."),
    (("vencimento",), "A data de vencimento falta ou está errada. Confira-a e emita de novo."),
    (("consolidacao",), "A data de pagamento está fora do que a Receita aceita. Escolha outra e emita de novo."),
    (("multa", "nao", "permitid"), "A Receita calcula a multa e os juros desta receita. Apague-os e emita de novo."),
    (("juros", "nao", "permitid"), "A Receita calcula a multa e os juros desta receita. Apague-os e emita de novo."),
    (("multa",), "Nesta receita quem emite informa a multa. Informe-a, também quando for zero."),
    (("juros",), "Nesta receita quem emite informa os juros. Informe-os, também quando forem zero."),
    (("codigo de barras",), "Esta receita não tem DARF com código de barras. Emita-o em PDF."),
    (("receita",), "A receita ou a extensão não existe, ou não serve. Procure a receita de novo e corrija."),
    (("extensao",), "A extensão da receita não existe. Procure a receita de novo e corrija."),
    (("municipio",), "O município da empresa não foi aceito. Confira a UF e o município no cadastro."),
    (("dados de entrada",), "A Receita não entendeu o pedido. Informe a quem mantém o Guichê as palavras do serviço."),
    (("valor",), "O valor não foi aceito. Confira-o e emita de novo."),
)
_REGRAS: tuple[tuple[tuple[str, ...], Regra], ...] = tuple((palavras, recusada(dito)) for palavras, dito in _TEXTOS)


def por_texto(texto: str) -> Regra | None:
    """The rule of a refusal by its words; None when it says something else."""
    limpo = unicodedata.normalize("NFKD", texto).encode("ascii", "ignore").decode().lower()
    return next((regra for palavras, regra in _REGRAS if all(palavra in limpo for palavra in palavras)), None)
