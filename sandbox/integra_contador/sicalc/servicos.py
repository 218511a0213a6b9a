"""SICALC 51, 52 and 53: the DARF with fine and interest, and what a revenue code asks for."""

import base64
from decimal import Decimal
from typing import Any

from sandbox import arrecadacao
from sandbox.calendario import pa_de
from sandbox.integra_contador.darf_pdf import Folha, darf
from sandbox.integra_contador.envelope import Pedido, Resultado
from sandbox.integra_contador.models import Darf
from sandbox.integra_contador.sicalc.entrada import Dados, ler, receita, recusa, textos
from sandbox.integra_contador.simulado import Simulado, tem_efeito
from sandbox.nucleo import rapido
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.livro import gravacao, proximo, registrar
from sandbox.simples.acrescimos import Consolidado, SelicDesconhecida, consolidar, percentual_juros

_MINIMO, _DA_COTA, _MAXIMO = Decimal("10.00"), Decimal("50.00"), Decimal("999999999.99")


def apoio(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    lidos = textos(pedido.dados)
    if set(lidos) != {"codigoReceita"}:
        raise recusa("Código de receita não informado.")
    codigo = lidos["codigoReceita"]
    extensoes = list(receita(codigo).values())
    saida = {
        "receita": {
            "codigoReceita": codigo,
            "descricaoReceita": extensoes[0].descricao,
            "extensoes": [extensao.dita() for extensao in extensoes],
        }
    }
    return Resultado(saida, [])


def em_pdf(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    dados = ler(pedido, ajustes.hoje())
    emitido, consolidado = _emitir(pedido, dados, ajustes, tag)
    pdf = base64.b64encode(darf(_folha(emitido))).decode()
    return Resultado({"consolidado": consolidado, "darf": pdf, "numeroDocumento": emitido.numero}, [])


def em_barras(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    dados = ler(pedido, ajustes.hoje())
    if not dados.extensao.codigo_barras:
        raise recusa("A receita não permite a geração de código de barras.")
    emitido, consolidado = _emitir(pedido, dados, ajustes, tag)
    codigo = _folha(emitido).barras
    campos = arrecadacao.linha_digitavel(codigo).split()
    barras: dict[str, str] = {f"campo{n}ComDV": campo for n, campo in enumerate(campos, 1)}
    saida = {
        "consolidado": consolidado,
        "codigoDeBarras": barras | {"codigo44": codigo},
        "numeroDocumento": emitido.numero,
    }
    return Resultado(saida, [])


def _folha(emitido: Darf) -> Folha:
    linhas = [f"Receita {emitido.receita}-{emitido.extensao}", f"Período de apuração {emitido.periodo}"]
    if emitido.referencia:
        linhas.append(f"Número de referência {emitido.referencia}")
    if emitido.observacao:
        linhas.append(emitido.observacao)
    return Folha(
        emitido.contribuinte,
        emitido.numero,
        emitido.vencimento,
        emitido.limite,
        emitido.principal,
        emitido.multa,
        emitido.juros,
        tuple(linhas),
    )


def _consolidar(dados: Dados, ajustes: Ajustes) -> tuple[Consolidado, Decimal, Decimal]:
    """The amounts, and the percentages of fine and interest."""
    if dados.multa is not None and dados.juros is not None:
        return Consolidado(dados.valor, dados.multa, dados.juros), Decimal(0), Decimal(0)
    try:
        consolidado = consolidar(dados.valor, dados.vencimento, dados.consolidacao, ajustes.selic)
        juros = percentual_juros(dados.vencimento, dados.consolidacao, ajustes.selic)
    except SelicDesconhecida:
        raise recusa("Data de consolidação posterior à data limite.") from None
    dias = max((dados.consolidacao - dados.vencimento).days, 0)
    return consolidado, min(Decimal("0.33") * dias, Decimal(20)), juros if dias else Decimal(0)


def _emitir(pedido: Pedido, dados: Dados, ajustes: Ajustes, tag: str) -> tuple[Darf, dict[str, Any]]:
    valores, multa, juros = _consolidar(dados, ajustes)
    if pa_de(dados.consolidacao) > pa_de(ajustes.hoje()) and dados.consolidacao > dados.vencimento:
        raise recusa("Data de consolidação posterior à data limite.")
    if dados.cota is not None and dados.valor < _DA_COTA:
        raise recusa("O valor da cota não pode ser inferior a R$ 50,00.")
    if valores.total < _MINIMO:
        raise recusa("O valor total do documento não pode ser inferior a R$ 10,00.")
    if valores.total > _MAXIMO:
        raise recusa("O valor total do documento não pode ser superior a R$ 999.999.999,99.")
    agora = ajustes.agora()
    emitido = Darf(
        contribuinte=pedido.contribuinte.numero,
        receita=dados.extensao.codigo,
        extensao=dados.extensao.extensao,
        periodo=dados.data_pa,
        referencia=dados.referencia,
        cota=dados.cota,
        observacao=dados.observacao[:100],
        emitido=agora,
        vencimento=dados.vencimento,
        limite=max(dados.vencimento, dados.consolidacao),
        principal=valores.principal,
        multa=valores.multa,
        juros=valores.juros,
    )
    with gravacao():
        emitido.numero = arrecadacao.numero_documento("0716", ajustes.hoje(), proximo("documento"))
        rapido.inserir(emitido)
        registrar(
            instante=agora,
            servico="integra_contador",
            tipo="darf_emitido",
            contribuinte=emitido.contribuinte,
            sequencia=proximo(f"darf {emitido.contribuinte}"),
            numero=emitido.numero,
            valor=valores.total,
            tag=tag,
        )
    consolidado = {
        "valorPrincipalMoedaCorrente": valores.principal,
        "valorTotalConsolidado": valores.total,
        "valorMultaMora": valores.multa,
        "percentualMultaMora": multa,
        "valorJuros": valores.juros,
        "percentualJuros": juros,
        "termoInicialJuros": f"{dados.vencimento:%Y-%m-%d}T00:00:00" if juros else None,
        "dataArrecadacaoConsolidacao": f"{dados.consolidacao:%Y-%m-%d}T00:00:00",
        "dataValidadeCalculo": f"{emitido.limite:%Y-%m-%d}T00:00:00",
    }
    return emitido, consolidado


SERVICOS = {
    "CONSOLIDARGERARDARF51": Simulado(em_pdf, tem_efeito),
    "CONSULTAAPOIORECEITAS52": Simulado(apoio),
    "GERARDARFCODBARRA53": Simulado(em_barras, tem_efeito),
}
