"""The one-page PDF of a DARF and of the papers of DCTFWeb. All say SEM VALOR FISCAL."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sandbox import arrecadacao
from sandbox.documentos import mascara_cnpj
from sandbox.nucleo.cadastro import NOME_PADRAO, contribuinte
from sandbox.pdf import barras, caixa, direita, marca_dagua, montar, reais, texto

_ESQUERDA, _LARGURA = 40, 515


@dataclass(frozen=True)
class Folha:
    """What a DARF shows; amounts in reais."""

    documento: str
    numero: str
    vencimento: date
    limite: date
    principal: Decimal
    multa: Decimal
    juros: Decimal
    linhas: tuple[str, ...]

    @property
    def total(self) -> Decimal:
        return self.principal + self.multa + self.juros

    @property
    def barras(self) -> str:
        return arrecadacao.codigo_barras(self.total, self.limite, self.numero, arrecadacao.ORGAO_RECEITA)


def _cabeca(titulo: str, documento: str) -> list[str]:
    nome = contribuinte(documento).razao_social or NOME_PADRAO
    return [
        marca_dagua("SEM VALOR FISCAL"),
        "0.6 w\n",
        caixa(_ESQUERDA, 36, _LARGURA, 44),
        texto(_ESQUERDA + 8, 54, titulo, tamanho=13, fonte="negrito"),
        texto(_ESQUERDA + 8, 71, "Sandbox - documento de teste, SEM VALOR FISCAL", tamanho=9),
        caixa(_ESQUERDA, 88, _LARGURA, 34),
        texto(46, 98, "CNPJ ou CPF", tamanho=7),
        texto(200, 98, "Nome", tamanho=7),
        texto(46, 113, mascara_cnpj(documento) if len(documento) == 14 else documento, tamanho=10, fonte="fixa"),
        texto(200, 113, nome[:60], tamanho=10),
    ]


def darf(folha: Folha) -> bytes:
    partes = _cabeca("Documento de Arrecadação de Receitas Federais", folha.documento)
    y = 142.0
    for dita in folha.linhas:
        partes.append(texto(46, y, dita[:100]))
        y += 13
    dados = (
        ("Número do documento", arrecadacao.mascara_documento(folha.numero)),
        ("Data de vencimento", f"{folha.vencimento:%d/%m/%Y}"),
        ("Pagar este documento até", f"{folha.limite:%d/%m/%Y}"),
    )
    for rotulo, valor in dados:
        partes += [texto(46, y + 8, rotulo), texto(240, y + 8, valor, fonte="fixa")]
        y += 14
    valores = (
        ("Principal", folha.principal), ("Multa", folha.multa), ("Juros", folha.juros), ("Valor total", folha.total),
    )  # fmt: skip
    for rotulo, quanto in valores:
        partes += [texto(46, y + 14, rotulo), direita(380, y + 14, reais(quanto))]
        y += 14
    codigo = folha.barras
    partes += [
        texto(46, y + 34, arrecadacao.linha_digitavel(codigo), fonte="fixa", tamanho=10),
        barras(46, y + 50, codigo),
        texto(46, y + 110, "Autenticação mecânica - documento gerado pelo sandbox, não pague", tamanho=8),
    ]
    return montar("".join(partes), titulo="DARF")


def papel(titulo: str, documento: str, linhas: Iterable[str]) -> bytes:
    partes = _cabeca(titulo, documento)
    for posicao, dita in enumerate(linhas):
        partes.append(texto(46, 142 + 14 * posicao, dita[:100]))
    return montar("".join(partes), titulo=titulo)
