"""PGDASD GERARDAS12: the slip of a declared period, with fine and interest after the due date."""

import base64
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox import arrecadacao
from sandbox.calendario import pa_valido, vencimento_das
from sandbox.integra_contador.envelope import Pedido, Resultado, ler_json
from sandbox.integra_contador.erros import Recusa, pgdasd
from sandbox.integra_contador.models import Das, Declaracao
from sandbox.integra_contador.pgdasd import papeis
from sandbox.integra_contador.pgdasd.esquema import pascal
from sandbox.integra_contador.pgdasd.registros import ultima_declaracao
from sandbox.nucleo import rapido
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.cadastro import contribuinte
from sandbox.nucleo.livro import gravacao, proximo, registrar
from sandbox.simples.acrescimos import Consolidado, SelicDesconhecida, consolidar

PREFIXO = "SN-GerarDas: "
MINIMO = Decimal("10.00")


def invalido(motivo: str) -> Recusa:
    return pgdasd(2, f"{PREFIXO}{motivo}")


def ler_textos(dados: str, aceitos: dict[str, bool]) -> dict[str, str]:
    """An object of strings; `aceitos` says which keys are required. Unknown keys are refused (036)."""
    try:
        lido: Any = ler_json(dados)
    except ValueError:
        lido = None
    if not isinstance(lido, dict):
        raise pgdasd(36, "JSON inválido.")
    for chave, valor in lido.items():
        if chave not in aceitos or not isinstance(valor, str):
            raise pgdasd(
                36,
                f"JSON inválido. Propriedade desconhecida ou que deveria ser texto: '{pascal(chave)}'.",
            )
    for chave, obrigatoria in aceitos.items():
        if obrigatoria and chave not in lido:
            raise pgdasd(36, f"JSON inválido. A propriedade '{pascal(chave)}' não foi informada.")
    return lido


def ler_pa(texto: str) -> int:
    if len(texto) != 6 or not texto.isascii() or not texto.isdecimal() or not pa_valido(int(texto)):
        raise pgdasd(2, "O período de apuração deve ser AAAAMM.")
    return int(texto)


def ler_consolidacao(texto: str | None, hoje: date) -> date | None:
    if texto is None:
        return None
    try:
        dia = date.fromisoformat(texto) if len(texto) == 8 and texto.isdecimal() else None
    except ValueError:
        dia = None
    if dia is None:
        raise invalido("A dataConsolidacao deve ser AAAAMMDD.")
    if dia < hoje:
        raise invalido("A dataConsolidacao não pode ser anterior a hoje.")
    return dia


def gerar(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    dados = ler_textos(pedido.dados, {"periodoApuracao": True, "dataConsolidacao": False})
    pa = ler_pa(dados["periodoApuracao"])
    consolidacao = ler_consolidacao(dados.get("dataConsolidacao"), ajustes.hoje())
    cnpj = pedido.contribuinte.numero
    declaracao = ultima_declaracao(cnpj, pa)
    if declaracao is None:
        raise pgdasd(5, f"{PREFIXO}Não foi encontrada declaração transmitida para o período {pa}.")
    das = _emitir(declaracao, consolidacao, ajustes, tag)
    return Resultado([_saida(das, cnpj)], [("[Sucesso-PGDASD]", f"{PREFIXO}DAS gerado com sucesso.")])


def consolidar_ate(principal: Decimal, vencimento: date, pagamento: date, ajustes: Ajustes) -> Consolidado:
    try:
        return consolidar(principal, vencimento, pagamento, ajustes.selic)
    except SelicDesconhecida as erro:
        raise invalido(
            f"A Selic de {erro.pa} ainda não é conhecida: escolha uma dataConsolidacao dentro do mês corrente."
        ) from None


def _devidos(declaracao: Declaracao) -> dict[str, Decimal]:
    """What is still owed of each tribute: the declared values less what the paid slips of the period, of earlier
    declarations too, brought."""
    devidos = {codigo: Decimal(valor) for codigo, valor in declaracao.valores.items()}
    pagos = Das.objects.filter(
        declaracao__contribuinte=declaracao.contribuinte, declaracao__pa=declaracao.pa, pago__isnull=False
    )
    for composicao in pagos.values_list("composicao", flat=True):
        for codigo, valor in composicao.items():
            devidos[codigo] = devidos.get(codigo, Decimal(0)) - Decimal(valor)
    return {codigo: valor for codigo, valor in devidos.items() if valor > 0}


def _emitir(declaracao: Declaracao, consolidacao: date | None, ajustes: Ajustes, tag: str) -> Das:
    devidos = _devidos(declaracao)
    principal = sum(devidos.values(), Decimal(0))
    if principal < MINIMO:
        raise invalido(f"O valor devido no período ({principal}) é inferior ao mínimo de R$ 10,00: não há DAS a gerar.")
    vencimento = vencimento_das(declaracao.pa)
    limite = max(vencimento, consolidacao or ajustes.hoje())
    consolidado = consolidar_ate(principal, vencimento, limite, ajustes)
    agora = ajustes.agora()
    with gravacao():
        das = rapido.inserir(
            Das(
                numero=arrecadacao.numero_documento("0720", ajustes.hoje(), proximo("documento")),
                declaracao=declaracao,
                emitido=agora,
                vencimento=vencimento,
                limite=limite,
                principal=consolidado.principal,
                multa=consolidado.multa,
                juros=consolidado.juros,
                composicao={codigo: str(valor) for codigo, valor in devidos.items()},
            )
        )
        quantos = rapido.todas("SELECT count(*) FROM integra_contador_das WHERE declaracao_id = %s", [declaracao.pk])
        registrar(
            instante=agora,
            servico="integra_contador",
            tipo="das_emitido",
            contribuinte=declaracao.contribuinte,
            pa=str(declaracao.pa),
            sequencia=quantos[0][0],
            numero=das.numero,
            valor=consolidado.total,
            tag=tag,
        )
    return das


def valores_da_saida(principal: Decimal, multa: Decimal, juros: Decimal) -> dict[str, Decimal]:
    return {"principal": principal, "multa": multa, "juros": juros, "total": principal + multa + juros}


def componentes_da_saida(pa: str, componentes: list[papeis.Componente]) -> list[dict[str, Any]]:
    return [
        {
            "periodoApuracao": pa,
            "codigo": str(codigo),
            "denominacao": papeis.NOMES[codigo],
            "valores": valores_da_saida(*valores),
        }
        for codigo, *valores in componentes
    ]


def _saida(das: Das, cnpj: str) -> dict[str, Any]:
    pa = str(das.declaracao.pa)
    componentes = papeis.composicao(das)
    return {
        "pdf": base64.b64encode(papeis.das(das, componentes, contribuinte(cnpj))).decode(),
        "cnpjCompleto": cnpj,
        "detalhamentoDas": {
            "periodoApuracao": pa,
            "numeroDocumento": das.numero,
            "dataVencimento": das.vencimento.strftime("%Y%m%d"),
            "dataLimiteAcolhimento": das.limite.strftime("%Y%m%d"),
            "valores": valores_da_saida(das.principal, das.multa, das.juros),
            "observacao1": "SEM VALOR FISCAL",
            "observacao2": None,
            "observacao3": None,
            "composicao": componentes_da_saida(pa, componentes),
        },
    }
