"""The number of a slip to be paid: 44 digits of the bar code, 47 of a boleto to type, 48 of a guia to type."""

from comum.documentos import Invalido, linha_digitavel


def falta_do_codigo(codigo: str) -> str:
    """What is wrong with a bar code, in words; empty when nothing is."""
    if not (codigo.isascii() and codigo.isdecimal()):
        return "só números, sem pontos nem espaços."
    if len(codigo) not in (44, 47, 48):
        return f"{len(codigo)} números. São 44 (código de barras), 47 (linha do boleto) ou 48 (linha da guia)."
    if len(codigo) == 47:
        return _do_boleto(codigo)
    if len(codigo) == 44 and codigo[0] != "8":
        return "" if _confere_geral(codigo) else "o dígito geral do boleto não confere. Confira os números."
    lida = linha_digitavel(codigo)
    return lida.mensagem if isinstance(lida, Invalido) else ""


def _do_boleto(linha: str) -> str:
    campos = (linha[:10], linha[10:21], linha[21:32])
    for ordem, campo in enumerate(campos, start=1):
        if _modulo10(campo[:-1]) != int(campo[-1]):
            return f"o {ordem}º campo do boleto tem erro: {campo}. Confira os números."
    barras = linha[:4] + linha[32:] + linha[4:9] + linha[10:20] + linha[21:31]
    return "" if _confere_geral(barras) else "o dígito geral do boleto não confere. Confira os números."


def _confere_geral(barras: str) -> bool:
    """The fifth digit of a boleto's bar code: modulus 11, where 0, 10 and 11 become 1."""
    livres = barras[:4] + barras[5:]
    resto = sum(int(algarismo) * (2 + posicao % 8) for posicao, algarismo in enumerate(reversed(livres))) % 11
    return int(barras[4]) == (1 if resto in (0, 1, 10) else 11 - resto)


def _modulo10(numero: str) -> int:
    soma = 0
    for posicao, algarismo in enumerate(reversed(numero)):
        produto = int(algarismo) * (2 - posicao % 2)
        soma += produto // 10 + produto % 10
    return (10 - soma % 10) % 10
