"""PGMEI GERARDASPDF21 and GERARDASCODBARRA22: the slip of a month, whole or only its bar code."""

import base64
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

from sandbox import arrecadacao
from sandbox.calendario import vencimento_das
from sandbox.integra_contador.envelope import Pedido, Resultado
from sandbox.integra_contador.models import DasMei, Mei
from sandbox.integra_contador.pgmei import entrada
from sandbox.integra_contador.pgmei.entrada import RecusaPgmei
from sandbox.integra_contador.slip import Slip
from sandbox.nucleo import rapido
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.cadastro import contribuinte
from sandbox.nucleo.livro import gravacao, proximo, registrar
from sandbox.simples import mei as calculo
from sandbox.simples.acrescimos import SelicDesconhecida, consolidar

_MINIMO = Decimal("10.00")
_ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Devido:
    """What is due in a period by revenue code, and whether a part of it is in active debt instead."""

    partes: dict[str, Decimal]
    parcial: bool

    @property
    def total(self) -> Decimal:
        return sum(self.partes.values(), _ZERO)


def optante(cnpj: str, pa: int) -> Mei:
    """The MEI in a period. Raises RecusaPgmei for one that is not, is closed or owes its annual declaration."""
    registro = Mei.objects.filter(documento=cnpj).first()
    if registro is None or (registro.desde and pa < registro.desde.year * 100 + registro.desde.month):
        raise RecusaPgmei(23008)
    if registro.baixada and pa > registro.baixada.year * 100 + registro.baixada.month:
        raise RecusaPgmei(23013)
    if pa // 100 in registro.sem_dasn:
        raise RecusaPgmei(23015)
    return registro


def devido(registro: Mei, pa: int, ajustes: Ajustes) -> Devido:
    wage = calculo.salario(pa, ajustes.valores[entrada.SALARIO])
    if wage is None:
        raise RecusaPgmei(23016)
    partes = calculo.devido(
        pa,
        wage,
        icms=registro.icms,
        iss=registro.iss,
        caminhoneiro=registro.caminhoneiro,
        beneficio=pa in registro.beneficios,
    )
    inscritos = {
        calculo.NOMES.get(linha["tributo"], linha["tributo"]) for linha in registro.divida if linha["pa"] == pa
    }
    resto = {codigo: valor for codigo, valor in partes.items() if calculo.NOMES[codigo] not in inscritos}
    if inscritos and not resto:
        raise RecusaPgmei(13011)
    return Devido(resto, bool(inscritos))


def gerar(pedido: Pedido, ajustes: Ajustes, tag: str, *, so_barras: bool) -> Resultado:
    lidos = entrada.ler(pedido.dados, {"periodoApuracao": True, "dataConsolidacao": False})
    hoje, cnpj = ajustes.hoje(), pedido.contribuinte.numero
    pa = entrada.ler_pa(lidos["periodoApuracao"], hoje)
    dia = entrada.ler_consolidacao(lidos.get("dataConsolidacao"), hoje)
    with entrada.um_por_vez(cnpj, pa // 100, ajustes):
        registro = optante(cnpj, pa)
        if pa in registro.pagos or DasMei.objects.filter(contribuinte=cnpj, pa=pa, pago__isnull=False).exists():
            raise RecusaPgmei(23018)
        valores = devido(registro, pa, ajustes)
        if not valores.total:
            raise RecusaPgmei(23019)
        if valores.total < _MINIMO and not valores.parcial:
            raise RecusaPgmei(23017)
        das = _emitir(cnpj, pa, valores, dia, ajustes, tag, so_barras=so_barras)
    return entrada.responder([_saida(das, so_barras=so_barras)], *([13012] if valores.parcial else []))


def _emitir(
    cnpj: str, pa: int, valores: Devido, dia: date | None, ajustes: Ajustes, tag: str, *, so_barras: bool
) -> DasMei:
    vencimento = vencimento_das(pa)
    limite = max(vencimento, dia or ajustes.hoje())
    try:
        feito = consolidar(valores.total, vencimento, limite, ajustes.selic)
    except SelicDesconhecida:
        raise RecusaPgmei(23004) from None
    agora = ajustes.agora()
    with gravacao():
        das = rapido.inserir(
            DasMei(
                numero=arrecadacao.numero_documento("0718", ajustes.hoje(), proximo("documento")),
                contribuinte=cnpj,
                pa=pa,
                emitido=agora,
                vencimento=vencimento,
                limite=limite,
                principal=feito.principal,
                multa=feito.multa,
                juros=feito.juros,
                composicao={codigo: str(valor) for codigo, valor in valores.partes.items()},
            )
        )
        registrar(
            instante=agora,
            servico="integra_contador",
            tipo="das_mei_barras" if so_barras else "das_mei_emitido",
            contribuinte=cnpj,
            pa=str(pa),
            sequencia=DasMei.objects.filter(contribuinte=cnpj, pa=pa).count(),
            numero=das.numero,
            valor=feito.total,
            tag=tag,
        )
    return das


def _componentes(das: DasMei) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """(code, principal, fine, interest): what is left of the cents goes to the last."""
    partes, multa, juros = [], das.multa, das.juros
    itens = list(das.composicao.items())
    for numero, (codigo, texto) in enumerate(itens, start=1):
        valor = Decimal(texto)
        parte = [
            resto if numero == len(itens) else (total * valor / das.principal).quantize(Decimal("0.01"), ROUND_DOWN)
            for total, resto in ((das.multa, multa), (das.juros, juros))
        ]
        multa, juros = multa - parte[0], juros - parte[1]
        partes.append((codigo, valor, parte[0], parte[1]))
    return partes


def _valores(principal: Decimal, multa: Decimal, juros: Decimal) -> dict[str, Decimal]:
    return {"principal": principal, "multa": multa, "juros": juros, "total": principal + multa + juros}


def _saida(das: DasMei, *, so_barras: bool) -> dict[str, Any]:
    quem = contribuinte(das.contribuinte)
    componentes = _componentes(das)
    slip = Slip(
        "Documento de Arrecadação do Simples Nacional - MEI",
        quem,
        f"{das.pa % 100:02d}/{das.pa // 100}",
        das.numero,
        das.vencimento,
        das.limite,
        [
            (f"{codigo}  {calculo.NOMES[codigo]}", principal, multa, juros)
            for codigo, principal, multa, juros in componentes
        ],
    )
    detalhe: dict[str, Any] = {
        "periodoApuracao": str(das.pa),
        "numeroDocumento": das.numero,
        "dataVencimento": das.vencimento.strftime("%Y%m%d"),
        "dataLimiteAcolhimento": das.limite.strftime("%Y%m%d"),
        "valores": _valores(das.principal, das.multa, das.juros),
        "observacao1": "SEM VALOR FISCAL",
        "observacao2": None,
        "observacao3": None,
        "composicao": [
            {
                "periodoApuracao": str(das.pa),
                "codigo": codigo,
                "denominacao": calculo.NOMES[codigo],
                "valores": _valores(*valores),
            }
            for codigo, *valores in componentes
        ],
    }
    item: dict[str, Any] = {"cnpjCompleto": das.contribuinte, "razaoSocial": quem.razao_social}
    if so_barras:
        detalhe["codigoDeBarras"] = arrecadacao.linha_digitavel(slip.codigo).split()
    else:
        item["pdf"] = base64.b64encode(slip.pdf()).decode()
    return item | {"detalhamento": [detalhe]}
