"""Rules of the fields of tomadores, serviços and contratos, once for the forms and for the CSV: text in, stored value
or a refusal out. What an empresa shares with them is in empresas.campos."""

import re
from datetime import date

from comum.documentos import Invalido, Motivo
from comum.formatos import format_data

MAIOR_TEXTO = 2000  # characters of a description or a remark: what the services take

_CODIGO = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,19}")
_NIF = re.compile(r"[0-9A-Za-z][0-9A-Za-z./ -]{0,39}")
_MARCAS_DE_TELEFONE = str.maketrans("", "", " ()-.+/\xa0")
_MARCAS_DE_CODIGO = str.maketrans("", "", " .-/\xa0")
# Anatel, Plano Geral de Códigos Nacionais.
_DDD = re.compile("[14689][1-9]|2[12478]|3[1-578]|5[1345]|7[134579]")


def ler_linha(texto: str, rotulo: str, maximo: int) -> str | Invalido:
    """A text of one line, single blanks."""
    limpo = " ".join(texto.split())
    if len(limpo) > maximo:
        return Invalido(Motivo.TAMANHO, f"{rotulo} com {len(limpo)} letras; cabem {maximo}. Abrevie.")
    if not limpo.isprintable():
        return Invalido(Motivo.FORMATO, f"{rotulo} com caractere invisível. Digite o texto de novo.")
    return limpo


def ler_cep(texto: str) -> str | Invalido:
    limpo = texto.translate(_MARCAS_DE_CODIGO)
    if not (limpo.isascii() and limpo.isdecimal()):
        return Invalido(Motivo.FORMATO, "CEP só tem números. Digite os oito, como 50030-230.")
    if len(limpo) != 8:
        dica = " A planilha pode ter apagado o zero do começo." if len(limpo) == 7 else ""
        return Invalido(Motivo.TAMANHO, f"CEP com {len(limpo)} números; são 8, como 50030-230.{dica}")
    if len(set(limpo)) == 1:
        return Invalido(Motivo.INEXISTENTE, f"O CEP {texto} não existe. Confira no comprovante de endereço.")
    return limpo


def ler_telefone(texto: str, *, no_exterior: bool = False) -> str | Invalido:
    """Digits only: area code and number in Brazil; abroad, with the code of the country."""
    limpo = texto.translate(_MARCAS_DE_TELEFONE)
    if not (limpo.isascii() and limpo.isdecimal()):
        return Invalido(Motivo.FORMATO, "Telefone com letra ou símbolo. Informe um só, como (81) 3222-1000.")
    if no_exterior:
        if 6 <= len(limpo) <= 15:
            return limpo
        return Invalido(Motivo.TAMANHO, f"Telefone com {len(limpo)} números; no exterior são de 6 a 15.")
    return _telefone_do_brasil(limpo)


def _telefone_do_brasil(limpo: str) -> str | Invalido:
    if limpo.startswith("55") and len(limpo) in (12, 13):
        limpo = limpo[2:]
    elif limpo.startswith("0") and len(limpo) in (11, 12):
        limpo = limpo[1:]
    if len(limpo) in (8, 9):
        return Invalido(Motivo.TAMANHO, "Falta o DDD do telefone. Informe como (81) 3222-1000.")
    if len(limpo) not in (10, 11):
        return Invalido(Motivo.TAMANHO, f"Telefone com {len(limpo)} números; com o DDD são 10 ou 11.")
    if not _DDD.fullmatch(limpo[:2]):
        return Invalido(Motivo.INEXISTENTE, f"Não existe o DDD {limpo[:2]}. Confira o telefone.")
    if len(limpo) == 11 and limpo[2] != "9":
        return Invalido(Motivo.FORMATO, "Celular começa por 9 depois do DDD. Confira se há um número a mais.")
    return limpo


def ler_nif(texto: str) -> str | Invalido:
    if _NIF.fullmatch(texto):
        return texto.upper()
    return Invalido(Motivo.FORMATO, "NIF com mais de 40 posições ou com caractere que não pode. Use letras e números.")


def ler_sem_nif(texto: str) -> str | Invalido:
    """cNaoNIF: 1 or 2, alone or with its words."""
    if texto[:1] in ("1", "2") and not texto[1:2].isdecimal():
        return texto[0]
    return Invalido(Motivo.FORMATO, "O motivo de não ter NIF é 1 (dispensado) ou 2 (o país não exige).")


def ler_codigo(texto: str) -> str | Invalido:
    """The office's code of a serviço."""
    if _CODIGO.fullmatch(texto):
        return texto
    return Invalido(
        Motivo.FORMATO,
        "Código com mais de 20 posições ou com caractere que não pode. Use letras, números, ponto, traço e barra.",
    )


def ler_codigo_nacional(texto: str) -> str | Invalido:
    """cTribNac, six digits; whether it exists the table says."""
    limpo = texto.translate(_MARCAS_DE_CODIGO)
    if re.fullmatch(r"[0-9]{6}", limpo):
        return limpo
    return Invalido(Motivo.FORMATO, "O código nacional (cTribNac) tem 6 números, como 01.07.01. Escolha na lista (F2).")


def ler_nbs(texto: str) -> str | Invalido:
    limpo = texto.translate(_MARCAS_DE_CODIGO)
    if re.fullmatch(r"[0-9]{9}", limpo):
        return limpo
    return Invalido(Motivo.FORMATO, "A NBS tem 9 números, como 1.1502.10.00. Confira na tabela da NBS.")


SEM_CNAE = "CNAE não encontrado. Escolha na lista (F2)."


def sem_nacional(codigo: str) -> str:
    """Of a code well formed that the table does not have."""
    return f"O código nacional {codigo} não existe na tabela. Escolha na lista (F2)."


def nacional_de_outro_item(codigo: str, dele: str, item: str) -> str:
    """What is wrong with a national code that the table gives to the item `dele` (empty: to none of the LC 116) where
    the serviço is of `item`; empty for nothing."""
    if not dele or dele == item:
        return ""
    return (
        f"O código nacional {codigo} é do item {dele} da LC 116, e o serviço está no item {item}. Corrija um dos dois."
    )


SEM_DOCUMENTO = "Informe o CNPJ ou o CPF. Só tomador no exterior fica sem, e para isso escolha o país."
DOCUMENTO_NO_EXTERIOR = "Tomador no exterior não tem CNPJ nem CPF: apague, ou volte o país para Brasil."
NIF_E_MOTIVO = "O tomador tem NIF: apague o motivo de não ter, ou o NIF."
SEM_CIDADE = "Informe a cidade no exterior."


def so_do_brasil(rotulo: str) -> str:
    return f"{rotulo} é de tomador no Brasil. Apague, ou volte o país para Brasil."


def so_do_exterior(rotulo: str) -> str:
    return f"{rotulo} é de tomador no exterior. Apague, ou escolha o país."


def documento_tomado(nome: str, ativo: bool = True) -> str:
    """`nome` of who has the document in the same empresa."""
    onde = "Procure pelo número na lista" if ativo else "Está inativo: procure pelo número na lista e ative"
    return f"Já cadastrado nesta empresa: {nome}. {onde}."


DIA = "Dia da emissão é um número de 1 a 31."
VALOR_ZERO = "O valor mensal não pode ser zero."
INDICE_SEM_MES = "Escolha o mês em que o índice é aplicado, ou apague o índice."


def termina_antes(de: date) -> str:
    return f"Termina antes de começar ({format_data(de)}). Corrija uma das datas."


def depois_do_fim(ate: date) -> str:
    return f"Depois do fim do contrato ({format_data(ate)}). Corrija uma das datas."
