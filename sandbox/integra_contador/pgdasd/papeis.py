"""The papers of the PGDAS-D as one-page PDFs: declaração, recibo, DAS, extrato, MAED. All say SEM VALOR FISCAL."""

from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

from sandbox import arrecadacao
from sandbox.calendario import vencimento_das
from sandbox.documentos import mascara_cnpj
from sandbox.integra_contador.models import Das, DasEspecial, Declaracao
from sandbox.nucleo.ajustes import BRASILIA
from sandbox.nucleo.cadastro import NOME_PADRAO
from sandbox.nucleo.models import Contribuinte
from sandbox.pdf import barras, caixa, direita, linha, marca_dagua, montar, reais, texto
from sandbox.simples.anexos import CODIGOS
from sandbox.simples.calculo import Apuracao

NOMES = {codigo: "INSS/CPP" if nome == "cpp" else nome.upper() for nome, codigo in CODIGOS.items()}
_ESQUERDA, _DIREITA = 40, 555
_COLUNAS = (290, 376, 462, 548)


def _moldura(titulo: str, *rotulos: tuple[float, float, str]) -> str:
    """The part of a form that never changes: computed once, at import."""
    partes = [
        marca_dagua("SEM VALOR FISCAL"),
        "0.6 w\n",
        caixa(_ESQUERDA, 36, _DIREITA - _ESQUERDA, 44),
        texto(_ESQUERDA + 8, 54, titulo, tamanho=13, fonte="negrito"),
        texto(_ESQUERDA + 8, 71, "Sandbox - documento de teste, SEM VALOR FISCAL", tamanho=9),
        *(texto(x, y, rotulo, tamanho=7) for x, y, rotulo in rotulos),
    ]
    return "".join(partes)


_IDENTIDADE = ((46, 98, "CNPJ"), (200, 98, "Razão social"), (46, 130, "Período de apuração"))
_MOLDURA_DAS = (
    _moldura(
        "Documento de Arrecadação do Simples Nacional",
        *_IDENTIDADE,
        (180, 130, "Data de vencimento"),
        (300, 130, "Número do documento"),
        (440, 130, "Pagar este documento até"),
        (46, 176, "Composição do documento de arrecadação (R$)"),
        (46, 420, "Totais (R$)"),
        (46, 510, "Linha digitável"),
    )
    + caixa(_ESQUERDA, 88, 515, 72)
    + linha(_ESQUERDA, 120, _DIREITA, 120)
    + caixa(_ESQUERDA, 166, 515, 240)
    + caixa(_ESQUERDA, 410, 515, 84)
    + "".join(
        direita(x, 176, rotulo, tamanho=7)
        for x, rotulo in zip(_COLUNAS, ("Principal", "Multa", "Juros", "Total"), strict=True)
    )
    + texto(46, 668, "Autenticação mecânica - documento gerado pelo sandbox, não pague", tamanho=8)
)
_MOLDURAS = {
    titulo: _moldura(titulo, *_IDENTIDADE, (200, 130, "Número da declaração"), (400, 130, "Transmitida em"))
    + caixa(_ESQUERDA, 88, 515, 72)
    + linha(_ESQUERDA, 120, _DIREITA, 120)
    for titulo in (
        "Declaração do Simples Nacional (PGDAS-D)",
        "Recibo de Entrega da Declaração (PGDAS-D)",
        "Notificação de Multa por Atraso na Entrega (MAED)",
        "DARF - Multa por Atraso na Entrega (MAED)",
    )
}
_MOLDURA_EXTRATO = _moldura("Extrato do Simples Nacional", *_IDENTIDADE, (200, 130, "Número do DAS"))


def _pa(pa: int | None) -> str:
    return f"{pa % 100:02d}/{pa // 100}" if pa else "Diversos"


def _data(dia: date) -> str:
    return dia.strftime("%d/%m/%Y")


def _identidade(cnpj: str, registro: Contribuinte, pa: int | None) -> str:
    return (
        texto(46, 112, mascara_cnpj(cnpj), tamanho=10, fonte="fixa")
        + texto(200, 112, (registro.razao_social or NOME_PADRAO)[:60], tamanho=10)
        + texto(46, 146, _pa(pa), tamanho=10, fonte="fixa")
    )


def quadro(apuracao: Apuracao) -> list[dict[str, Any]]:
    """The groups of revenue as text, kept with the declaração so that its papers can be drawn again."""
    return [
        {
            "anexo": grupo.anexo,
            "receita": str(grupo.receita),
            "rbt12": str(grupo.rbt12.quantize(Decimal("0.01"))),
            "aliquota": str((sum(grupo.taxas.values(), Decimal(0)) * 100).quantize(Decimal("0.0001"))),
        }
        for grupo in apuracao.grupos
    ]


def _da_declaracao(titulo: str, declaracao: Declaracao, registro: Contribuinte) -> list[str]:
    return [
        _MOLDURAS[titulo],
        _identidade(declaracao.contribuinte, registro, declaracao.pa),
        texto(200, 146, declaracao.numero, tamanho=10, fonte="fixa"),
        texto(400, 146, declaracao.transmitida.astimezone(BRASILIA).strftime("%d/%m/%Y %H:%M:%S"), fonte="fixa"),
    ]


def _tributos(valores: dict[str, str], y: float) -> list[str]:
    linhas = []
    for codigo, valor in valores.items():
        linhas.append(texto(46, y, f"{codigo}  {NOMES[int(codigo)]}", fonte="fixa"))
        linhas.append(direita(300, y, reais(Decimal(valor))))
        y += 14
    total = sum(map(Decimal, valores.values()), Decimal(0))
    linhas.append(texto(46, y, "Total devido", fonte="negrito"))
    linhas.append(direita(300, y, reais(total), fonte="fixa_negrito"))
    return linhas


def declaracao(declaracao: Declaracao, registro: Contribuinte) -> bytes:
    titulo = "Declaração do Simples Nacional (PGDAS-D)"
    partes = _da_declaracao(titulo, declaracao, registro)
    partes.append(texto(46, 186, f"Receita bruta do período: mercado interno R$ {reais(declaracao.receita_interna)}"))
    partes.append(texto(46, 200, f"mercado externo R$ {reais(declaracao.receita_externa)}"))
    y = 226.0
    for grupo in declaracao.quadro[:20]:
        receita, rbt12 = reais(Decimal(grupo["receita"])), reais(Decimal(grupo["rbt12"]))
        resumo = f"Anexo {grupo['anexo']}: receita R$ {receita}, RBT12 R$ {rbt12}, alíquota {grupo['aliquota']} %"
        partes.append(texto(46, y, resumo))
        y += 13
    partes += _tributos(declaracao.valores, y + 12)
    return montar("".join(partes), titulo=titulo)


def recibo(declaracao: Declaracao, registro: Contribuinte) -> bytes:
    titulo = "Recibo de Entrega da Declaração (PGDAS-D)"
    partes = _da_declaracao(titulo, declaracao, registro)
    tipo = "retificadora" if declaracao.tipo == 2 else "original"
    partes.append(
        texto(46, 186, f"Declaração {tipo} recebida pelo sandbox. Vencimento: {_data(vencimento_das(declaracao.pa))}")
    )
    partes += _tributos(declaracao.valores, 212)
    return montar("".join(partes), titulo=titulo)


def notificacao_maed(declaracao: Declaracao, registro: Contribuinte) -> bytes:
    return _maed("Notificação de Multa por Atraso na Entrega (MAED)", declaracao, registro)


def darf_maed(declaracao: Declaracao, registro: Contribuinte) -> bytes:
    return _maed("DARF - Multa por Atraso na Entrega (MAED)", declaracao, registro)


def _maed(titulo: str, declaracao: Declaracao, registro: Contribuinte) -> bytes:
    dados = declaracao.maed or {}
    valor = Decimal(dados["valor"])
    limite = date.fromisoformat(dados["vencimento"])
    codigo = arrecadacao.codigo_barras(valor, limite, dados["numero"], arrecadacao.ORGAO_RECEITA)
    partes = _da_declaracao(titulo, declaracao, registro)
    partes.append(texto(46, 186, f"Número do documento: {arrecadacao.mascara_documento(dados['numero'])}"))
    partes.append(texto(46, 202, f"Valor da multa: R$ {reais(valor)}   Vencimento: {_data(limite)}"))
    partes.append(texto(46, 230, arrecadacao.linha_digitavel(codigo), fonte="fixa", tamanho=10))
    partes.append(barras(46, 250, codigo))
    return montar("".join(partes), titulo=titulo)


Componente = tuple[int, Decimal, Decimal, Decimal]


def composicao(das: Das | DasEspecial) -> list[Componente]:
    """(tribute, principal, fine, interest): the additions split by principal, the rest of the cents on the last."""
    itens = [(int(codigo), Decimal(valor)) for codigo, valor in das.composicao.items()]
    partes, multas, juros = [], das.multa, das.juros
    for numero, (codigo, principal) in enumerate(itens, start=1):
        if numero == len(itens):
            multa, juro = multas, juros
        else:
            multa, juro = (_parte(total, principal, das.principal) for total in (das.multa, das.juros))
        multas, juros = multas - multa, juros - juro
        partes.append((codigo, principal, multa, juro))
    return partes


def _parte(total: Decimal, principal: Decimal, soma: Decimal) -> Decimal:
    return (total * principal / soma).quantize(Decimal("0.01"), ROUND_DOWN)


def codigo_de_barras(das: Das | DasEspecial) -> str:
    total = das.principal + das.multa + das.juros
    return arrecadacao.codigo_barras(total, das.limite, das.numero, arrecadacao.ORGAO_SIMPLES)


def das(das: Das, componentes: list[Componente], registro: Contribuinte) -> bytes:
    declaracao = das.declaracao
    return _das(das, _identidade(declaracao.contribuinte, registro, declaracao.pa), componentes)


def das_especial(das: DasEspecial, componentes: list[Componente], registro: Contribuinte) -> bytes:
    return _das(das, _identidade(das.contribuinte, registro, das.pa), componentes)


def _das(das: Das | DasEspecial, identidade: str, componentes: list[Componente]) -> bytes:
    partes = [
        _MOLDURA_DAS,
        identidade,
        texto(180, 146, _data(das.vencimento) if das.vencimento else "", tamanho=10, fonte="fixa"),
        texto(300, 146, arrecadacao.mascara_documento(das.numero), tamanho=10, fonte="fixa"),
        texto(440, 146, _data(das.limite), tamanho=10, fonte="fixa"),
    ]
    y = 196.0
    for codigo, *valores in componentes:
        partes.append(texto(46, y, f"{codigo}  {NOMES[codigo]}", fonte="fixa"))
        for x, valor in zip(_COLUNAS, (*valores, sum(valores, Decimal(0))), strict=True):
            partes.append(direita(x, y, reais(valor)))
        y += 16
    total = das.principal + das.multa + das.juros
    rotulos = ("Principal", "Multa", "Juros", "Total")
    for numero, (rotulo, valor) in enumerate(zip(rotulos, (das.principal, das.multa, das.juros, total), strict=True)):
        fonte = "negrito" if rotulo == "Total" else "normal"
        partes.append(texto(300, 436 + numero * 16, rotulo, fonte=fonte))
        partes.append(
            direita(548, 436 + numero * 16, reais(valor), fonte="fixa_negrito" if rotulo == "Total" else "fixa")
        )
    barra = codigo_de_barras(das)
    partes.append(texto(46, 530, arrecadacao.linha_digitavel(barra), tamanho=11, fonte="fixa_negrito"))
    partes.append(barras(46, 560, barra, altura=50))
    return montar("".join(partes), titulo=f"DAS {das.numero}")


def extrato(das: Das, registro: Contribuinte) -> bytes:
    situacao = f"Pago em {_data(das.pago)}" if das.pago else "Sem pagamento registrado"
    total = das.principal + das.multa + das.juros
    partes = [
        _MOLDURA_EXTRATO,
        _identidade(das.declaracao.contribuinte, registro, das.declaracao.pa),
        texto(200, 146, arrecadacao.mascara_documento(das.numero), tamanho=10, fonte="fixa"),
        texto(46, 186, f"Emitido em {_data(das.emitido.astimezone(BRASILIA).date())}. {situacao}."),
        texto(46, 202, f"Vencimento {_data(das.vencimento)}. Limite {_data(das.limite)}. Total R$ {reais(total)}"),
        *_tributos(das.composicao, 228),
    ]
    return montar("".join(partes), titulo=f"Extrato do DAS {das.numero}")
