"""What names a title and a movement: the chave, the reference; and the check digits of a bar code."""

from dataclasses import dataclass
from datetime import date

from sandbox.arrecadacao import modulo_onze
from sandbox.nucleo import rapido
from sandbox.nucleo.livro import proximo
from sandbox.totvs.models import Referencia, Titulo
from sandbox.totvs.registros import norma

_LETRAS = "abcdefghijklmnopqrstuvwxyz"
_EXISTE = "SELECT 1 FROM totvs_referencia WHERE empresa = %s AND estabelecimento = %s AND referencia = %s"


@dataclass(frozen=True)
class Chave:
    """The key of a title inside a company."""

    estabelecimento: str
    especie: str
    serie: str
    fornecedor: int
    numero: str
    parcela: str

    def __str__(self) -> str:
        partes = (self.estabelecimento, self.especie, self.serie, str(self.fornecedor), self.numero, self.parcela)
        return "/".join(norma(parte) for parte in partes)


def do_titulo(titulo: Titulo) -> Chave:
    return Chave(titulo.estabelecimento, titulo.especie, titulo.serie, titulo.fornecedor, titulo.numero, titulo.parcela)


def referencia_usada(empresa: str, estabelecimento: str, referencia: str) -> bool:
    return rapido.existe(_EXISTE, [empresa, estabelecimento, norma(referencia)])


def gastar_referencia(empresa: str, estabelecimento: str, referencia: str) -> None:
    """Inside `gravacao`."""
    rapido.inserir(Referencia(empresa=empresa, estabelecimento=estabelecimento, referencia=norma(referencia)))


def nova_referencia(empresa: str, estabelecimento: str, dia: date, letra: str) -> str:
    """A reference that the ERP makes when the caller gives none: yymmdd, a letter, three more. Inside `gravacao`."""
    while True:
        numero = proximo("totvs_referencia")
        sorte = "".join(_LETRAS[numero // 26**casa % 26] for casa in (2, 1, 0))
        referencia = f"{dia:%y%m%d}{letra}{sorte}"
        if not referencia_usada(empresa, estabelecimento, referencia):
            gastar_referencia(empresa, estabelecimento, referencia)
            return referencia


def _modulo_dez(digitos: str) -> str:
    soma = sum(sum(divmod(int(letra) * (2 - posicao % 2), 10)) for posicao, letra in enumerate(reversed(digitos)))
    return str(-soma % 10)


def _boleto(codigo: str) -> bool:
    """44 digits of a bank slip: the fifth is the modulo 11 of the others, 1 where it would be 0."""
    digito = modulo_onze(codigo[:4] + codigo[5:])
    return codigo[4] == ("1" if digito == "0" else digito)


def _arrecadacao(codigo: str) -> bool:
    """44 digits of a collection slip: the third digit tells which modulo closes them."""
    conta = _modulo_dez if codigo[2] in "67" else modulo_onze
    return codigo[2] in "6789" and codigo[3] == conta(codigo[:3] + codigo[4:])


def barras_validas(codigo: str) -> bool:
    """44 digits of the bars, 47 of a boleto's linha digitável or 48 of a collection's, with their check digits."""
    if not (codigo.isascii() and codigo.isdecimal()):
        return False
    match len(codigo):
        case 44:
            return _arrecadacao(codigo) if codigo[0] == "8" else _boleto(codigo)
        case 47:
            campos = (codigo[:10], codigo[10:21], codigo[21:32])
            barras = codigo[:4] + codigo[32:] + codigo[4:9] + codigo[10:20] + codigo[21:31]
            return all(campo[-1] == _modulo_dez(campo[:-1]) for campo in campos) and _boleto(barras)
        case 48 if codigo[0] == "8" and codigo[2] in "6789":
            conta = _modulo_dez if codigo[2] in "67" else modulo_onze
            blocos = [codigo[inicio : inicio + 12] for inicio in range(0, 48, 12)]
            fechados = all(bloco[-1] == conta(bloco[:-1]) for bloco in blocos)
            return fechados and _arrecadacao("".join(bloco[:-1] for bloco in blocos))
    return False
