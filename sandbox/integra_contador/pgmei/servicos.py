"""The simulated services of PGMEI."""

from functools import partial
from typing import Any

from sandbox.calendario import soma_meses
from sandbox.integra_contador.envelope import Pedido, Resultado
from sandbox.integra_contador.models import Mei
from sandbox.integra_contador.pgmei import das, entrada
from sandbox.integra_contador.pgmei.entrada import RecusaPgmei, dizendo
from sandbox.integra_contador.simulado import Simulado, tem_efeito
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.livro import gravacao, registrar
from sandbox.simples import mei as calculo


def _meses(dados: dict[str, Any], ano: int, ajustes: Ajustes) -> dict[int, bool]:
    lista = dados["infoBeneficio"]
    if not isinstance(lista, list) or not lista:
        raise RecusaPgmei(23030, "infoBeneficio vazia.")
    meses: dict[int, bool] = {}
    for item in lista:
        if not isinstance(item, dict) or set(item) != {"periodoApuracao", "indicadorBeneficio"}:
            raise RecusaPgmei(23030, "infoBeneficio deve ter periodoApuracao e indicadorBeneficio.")
        pa = entrada.ler_pa(item["periodoApuracao"], ajustes.hoje())
        if pa // 100 != ano:
            raise RecusaPgmei(23030, "periodoApuracao fora do anoCalendario.")
        if pa in meses or not isinstance(item["indicadorBeneficio"], bool):
            raise RecusaPgmei(23030, "indicadorBeneficio inválido ou periodoApuracao repetido.")
        meses[pa] = item["indicadorBeneficio"]
    return meses


def marcar_beneficio(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    dados = entrada.ler(pedido.dados, {"anoCalendario": True, "infoBeneficio": True})
    if not isinstance(dados["anoCalendario"], int) or isinstance(dados["anoCalendario"], bool):
        raise RecusaPgmei(23030, "anoCalendario deve ser número.")
    ano = entrada.ler_ano(dados["anoCalendario"], ajustes.hoje())
    meses, cnpj = _meses(dados, ano, ajustes), pedido.contribuinte.numero
    with entrada.um_por_vez(cnpj, ano, ajustes), gravacao():
        for pa in meses:
            das.optante(cnpj, pa)
        registro = Mei.objects.get(documento=cnpj)
        registro.beneficios = sorted(
            {pa for pa in registro.beneficios if meses.get(pa, True)} | {pa for pa, marcado in meses.items() if marcado}
        )
        registro.save(update_fields=["beneficios"])
        for pa, marcado in sorted(meses.items()):
            registrar(
                instante=ajustes.agora(),
                servico="integra_contador",
                tipo="beneficio_mei",
                contribuinte=cnpj,
                pa=str(ano),
                tag=tag,
                documento=f"{pa}={int(marcado)}",
            )
    return entrada.responder(
        [
            {
                "paOriginal": str(pa),
                "indicadorBeneficio": marcado,
                # Without its INSS a month is below R$ 10,00, and is collected with the next.
                "paAgrupado": str(soma_meses(pa, 1) if marcado else pa),
            }
            for pa, marcado in sorted(meses.items())
        ]
    )


def divida_ativa(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    dados = entrada.ler(pedido.dados, {"anoCalendario": True})
    if not isinstance(dados["anoCalendario"], str):
        raise RecusaPgmei(23030, "anoCalendario deve ser texto.")
    ano, cnpj = entrada.ler_ano(dados["anoCalendario"], ajustes.hoje()), pedido.contribuinte.numero
    with entrada.um_por_vez(cnpj, ano, ajustes):
        registro = Mei.objects.filter(documento=cnpj).first()
        if registro is None:
            raise RecusaPgmei(23008)
        linhas = [linha for linha in registro.divida if linha["pa"] // 100 == ano]
        if not linhas:
            raise RecusaPgmei(25001)
    return entrada.responder(
        [
            {
                "periodoApuracao": str(linha["pa"]),
                "tributo": calculo.NOMES.get(linha["tributo"], linha["tributo"]),
                "valor": float(linha["valor"]),
                "enteFederado": linha["ente"],
                "situacaoDebito": linha["situacao"],
            }
            for linha in linhas
        ]
    )


SERVICOS = {
    "GERARDASPDF21": Simulado(dizendo(partial(das.gerar, so_barras=False)), tem_efeito),
    "GERARDASCODBARRA22": Simulado(dizendo(partial(das.gerar, so_barras=True)), tem_efeito),
    "ATUBENEFICIO23": Simulado(dizendo(marcar_beneficio), tem_efeito),
    "DIVIDAATIVA24": Simulado(dizendo(divida_ativa)),
}
