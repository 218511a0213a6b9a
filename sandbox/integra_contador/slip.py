"""A payment slip of one page, for the systems whose slips look alike. It says SEM VALOR FISCAL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sandbox import arrecadacao
from sandbox.documentos import mascara_cnpj
from sandbox.nucleo.cadastro import NOME_PADRAO
from sandbox.nucleo.models import Contribuinte
from sandbox.pdf import barras, caixa, direita, linha, marca_dagua, montar, reais, texto

_COLUNAS = (290, 376, 462, 548)
_FIXO = (
    marca_dagua("SEM VALOR FISCAL")
    + "0.6 w\n"
    + caixa(40, 36, 515, 44)
    + texto(48, 71, "Sandbox - documento de teste, SEM VALOR FISCAL", tamanho=9)
    + caixa(40, 88, 515, 72)
    + linha(40, 120, 555, 120)
    + caixa(40, 166, 515, 240)
    + "".join(
        texto(x, y, rotulo, tamanho=7)
        for x, y, rotulo in (
            *((46, 98, "CNPJ"), (200, 98, "Razão social"), (46, 130, "Período"), (180, 130, "Data de vencimento")),
            *((300, 130, "Número do documento"), (440, 130, "Pagar este documento até")),
            (46, 176, "Composição do documento de arrecadação (R$)"),
        )
    )
    + "".join(
        direita(x, 176, rotulo, tamanho=7)
        for x, rotulo in zip(_COLUNAS, ("Principal", "Multa", "Juros", "Total"), strict=True)
    )
    + texto(46, 668, "Autenticação mecânica - documento gerado pelo sandbox, não pague", tamanho=8)
)


@dataclass(frozen=True)
class Slip:
    """`partes`: (name, principal, fine, interest). `legivel` False draws the bars without their digits."""

    titulo: str
    contribuinte: Contribuinte
    periodo: str
    numero: str
    vencimento: date
    limite: date
    partes: Sequence[tuple[str, Decimal, Decimal, Decimal]]
    legivel: bool = True

    @property
    def total(self) -> Decimal:
        return sum((sum(valores, Decimal(0)) for _, *valores in self.partes), Decimal(0))

    @property
    def codigo(self) -> str:
        return arrecadacao.codigo_barras(self.total, self.limite, self.numero, arrecadacao.ORGAO_SIMPLES)

    def pdf(self) -> bytes:
        cnpj, codigo = self.contribuinte.documento, self.codigo
        desenho = [
            _FIXO,
            texto(48, 54, self.titulo, tamanho=13, fonte="negrito"),
            texto(46, 112, mascara_cnpj(cnpj), tamanho=10, fonte="fixa"),
            texto(200, 112, (self.contribuinte.razao_social or NOME_PADRAO)[:60], tamanho=10),
            texto(46, 146, self.periodo, tamanho=10, fonte="fixa"),
            texto(180, 146, f"{self.vencimento:%d/%m/%Y}", tamanho=10, fonte="fixa"),
            texto(300, 146, arrecadacao.mascara_documento(self.numero), tamanho=10, fonte="fixa"),
            texto(440, 146, f"{self.limite:%d/%m/%Y}", tamanho=10, fonte="fixa"),
        ]
        y = 196.0
        for nome, *valores in self.partes:
            desenho.append(texto(46, y, nome, fonte="fixa"))
            somados = (*valores, sum(valores, Decimal(0)))
            desenho += [direita(x, y, reais(valor)) for x, valor in zip(_COLUNAS, somados, strict=True)]
            y += 16
        desenho.append(texto(300, 436, "Total", fonte="negrito"))
        desenho.append(direita(548, 436, reais(self.total), fonte="fixa_negrito"))
        if self.legivel:
            desenho.append(texto(46, 530, arrecadacao.linha_digitavel(codigo), tamanho=11, fonte="fixa_negrito"))
        desenho.append(barras(46, 560, codigo, altura=50))
        return montar("".join(desenho), titulo=f"{self.titulo} {self.numero}")
