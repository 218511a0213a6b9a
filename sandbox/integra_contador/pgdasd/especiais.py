"""PGDASD slips that pay no declaration: GERARDASCOBRANCA17, GERARDASPROCESSO18, GERARDASAVULSO19."""

import base64
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox import arrecadacao
from sandbox.calendario import pa_de, vencimento_das
from sandbox.integra_contador.envelope import Pedido, Resultado, ler_json
from sandbox.integra_contador.erros import pgdasd
from sandbox.integra_contador.models import DasEspecial, Debito
from sandbox.integra_contador.pgdasd import papeis
from sandbox.integra_contador.pgdasd.das import (
    MINIMO,
    componentes_da_saida,
    consolidar_ate,
    invalido,
    ler_consolidacao,
    ler_pa,
    valores_da_saida,
)
from sandbox.integra_contador.pgdasd.esquema import Campo, json_invalido, objeto, pascal
from sandbox.municipios import uf_por_tom, ufs
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.cadastro import contribuinte
from sandbox.nucleo.livro import gravacao, proximo, registrar
from sandbox.simples.acrescimos import Consolidado
from sandbox.simples.anexos import CODIGOS

_ICMS, _ISS = CODIGOS["icms"], CODIGOS["iss"]
_CENTAVO = Decimal("0.01")
# The months of each special extension.
_PRORROGADOS = {
    **dict.fromkeys(("1", "2"), (202103, 202104, 202105)),
    **dict.fromkeys(("3", "4"), (202003, 202004, 202005)),
}
_SUCESSO = [("[Sucesso-PGDASD]", "SN-GerarDas: DAS gerado com sucesso.")]


def _json(dados: str) -> dict[str, Any]:
    try:
        lido: Any = ler_json(dados)
    except ValueError:
        lido = None
    if not isinstance(lido, dict):
        raise json_invalido("Os dados devem ser um objeto.")
    return lido


def _texto_ou_numero(valor: Any, nome: str) -> str:
    """The tables of 17 and 18 say number, their examples text: both are taken."""
    if isinstance(valor, bool) or not isinstance(valor, str | int):
        raise json_invalido(f"A propriedade '{pascal(nome)}' deve ser texto ou número.")
    return str(valor)


def cobranca(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    lido = objeto(_json(pedido.dados), "dados", {"periodoApuracao": Campo(_texto_ou_numero)})
    pa = ler_pa(lido["periodoApuracao"])
    debito = Debito.objects.filter(contribuinte=pedido.contribuinte.numero, pa=pa, processo="").first()
    if debito is None:
        raise invalido(f"Não há débito em cobrança no período {pa}.")
    hoje = ajustes.hoje()
    return _emitir("cobranca", pedido, pa, debito.valores, vencimento_das(pa), hoje, ajustes, tag)


def processo(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    lido = objeto(_json(pedido.dados), "dados", {"numeroProcesso": Campo(_texto_ou_numero)})
    numero = lido["numeroProcesso"].zfill(17)
    if len(numero) != 17 or not numero.isascii() or not numero.isdecimal():
        raise invalido("O número do processo deve ter 17 dígitos.")
    debito = Debito.objects.filter(contribuinte=pedido.contribuinte.numero, processo=numero).first()
    if debito is None:
        raise invalido(f"O processo {numero} não tem débito deste contribuinte.")
    hoje = ajustes.hoje()
    return _emitir("processo", pedido, None, debito.valores, None, hoje, ajustes, tag, processo=numero)


def avulso(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    campos = {
        "periodoApuracao": Campo(_texto_ou_numero),
        "listaTributos": Campo(_tributos),
        "dataConsolidacao": Campo(_texto_ou_numero, obrigatorio=False, nulo=True),
        "prorrogacaoEspecial": Campo(_texto_ou_numero, obrigatorio=False, nulo=True),
    }
    lido = objeto(_camel(_json(pedido.dados)), "dados", campos)
    pa = ler_pa(lido["periodoApuracao"])
    if pa > pa_de(ajustes.hoje()):
        raise invalido("O período de apuração não pode ser futuro.")
    if lido["prorrogacaoEspecial"] is not None and pa not in _PRORROGADOS.get(lido["prorrogacaoEspecial"], ()):
        raise invalido("A prorrogação especial não existe ou não vale no período de apuração.")
    consolidacao = ler_consolidacao(lido["dataConsolidacao"], ajustes.hoje())
    vencimento = vencimento_das(pa)
    limite = max(vencimento, consolidacao or ajustes.hoje())
    return _emitir("avulso", pedido, pa, lido["listaTributos"], vencimento, limite, ajustes, tag)


def _camel(objeto: dict[str, Any]) -> dict[str, Any]:
    """The official example of 19 writes its keys in PascalCase: either case is taken here."""
    return {
        chave[:1].lower() + chave[1:]: (
            [_camel(item) if isinstance(item, dict) else item for item in valor] if isinstance(valor, list) else valor
        )
        for chave, valor in objeto.items()
    }


def _tributos(valor: Any, nome: str) -> dict[str, str]:
    if valor is None:
        raise pgdasd(9, "SN-GerarDas: A lista 'ListaTributos' não pode ser nula.")
    if not isinstance(valor, list) or not valor:
        raise json_invalido("A propriedade 'ListaTributos' deve ser uma lista com ao menos um tributo.")
    campos = {
        "codigo": Campo(_texto_ou_numero),
        "valor": Campo(lambda lido, _: lido),
        "codMunicipio": Campo(_texto_ou_numero, obrigatorio=False, nulo=True),
        "uf": Campo(_texto_ou_numero, obrigatorio=False, nulo=True),
    }
    lidos: dict[str, str] = {}
    for item in valor:
        lido = objeto(item, "tributo", campos)
        codigo, quanto = lido["codigo"], lido["valor"]
        if not codigo.isdecimal() or int(codigo) not in CODIGOS.values() or str(int(codigo)) in lidos:
            raise invalido(f"O tributo {codigo[:10]} não existe ou está repetido.")
        if isinstance(quanto, bool) or not isinstance(quanto, int | Decimal) or Decimal(quanto) <= 0:
            raise pgdasd(10, f"SN-GerarDas: O valor do tributo {codigo} deve ser maior que zero.")
        if Decimal(quanto) != Decimal(quanto).quantize(_CENTAVO):
            raise invalido(f"O valor do tributo {codigo} tem mais de duas casas.")
        _conferir_lugar(int(codigo), lido["codMunicipio"], lido["uf"])
        lidos[str(int(codigo))] = str(Decimal(quanto).quantize(_CENTAVO))
    return lidos


def _conferir_lugar(codigo: int, municipio: str | None, uf: str | None) -> None:
    """ISS names the municipality (TOM) and its UF, ICMS the UF; whatever is named exists."""
    if codigo == _ISS and not (municipio and uf):
        raise invalido("O ISS exige codMunicipio (TOM, 4 dígitos) e uf.")
    if codigo == _ICMS and not uf:
        raise invalido("O ICMS exige uf.")
    if uf and uf not in ufs():
        raise invalido(f"A UF {uf[:10]} não existe.")
    if municipio and uf_por_tom().get(municipio) != uf:
        raise invalido(f"O código TOM {municipio[:10]} não é de um município da UF informada.")


def _emitir(
    especie: str,
    pedido: Pedido,
    pa: int | None,
    valores: dict[str, str],
    vencimento: date | None,
    limite: date,
    ajustes: Ajustes,
    tag: str,
    *,
    processo: str = "",
) -> Resultado:
    principal = sum(map(Decimal, valores.values()), Decimal(0))
    if principal < MINIMO:
        raise invalido(f"O valor ({principal}) é inferior ao mínimo de R$ 10,00: não há DAS a gerar.")
    zero = Decimal("0.00")
    soma = consolidar_ate(principal, vencimento, limite, ajustes) if vencimento else Consolidado(principal, zero, zero)
    agora, cnpj = ajustes.agora(), pedido.contribuinte.numero
    with gravacao():
        das = DasEspecial.objects.create(
            numero=arrecadacao.numero_documento("0720", ajustes.hoje(), proximo("documento")),
            especie=especie,
            contribuinte=cnpj,
            pa=pa,
            processo=processo,
            emitido=agora,
            vencimento=vencimento,
            limite=limite,
            principal=soma.principal,
            multa=soma.multa,
            juros=soma.juros,
            composicao=valores,
        )
        registrar(
            instante=agora,
            servico="integra_contador",
            tipo=f"das_{especie}_emitido",
            contribuinte=cnpj,
            pa=str(pa or ""),
            numero=das.numero,
            valor=soma.total,
            tag=tag,
            documento=processo,
        )
    return Resultado(_saida(das), _SUCESSO)


def _saida(das: DasEspecial) -> dict[str, Any]:
    """One object, not an array."""
    pa = str(das.pa) if das.pa else "Diversos"
    componentes = papeis.composicao(das)
    return {
        "pdf": base64.b64encode(papeis.das_especial(das, componentes, contribuinte(das.contribuinte))).decode(),
        "cnpjCompleto": das.contribuinte,
        "detalhamentoDas": {
            "periodoApuracao": pa,
            "numeroDocumento": das.numero,
            "dataVencimento": das.vencimento.strftime("%Y%m%d") if das.vencimento else "",
            "dataLimiteAcolhimento": das.limite.strftime("%Y%m%d"),
            "valores": valores_da_saida(das.principal, das.multa, das.juros),
            "observacao1": "SEM VALOR FISCAL",
            "observacao2": None,
            "observacao3": None,
            "composicao": componentes_da_saida(pa, componentes),
        },
    }
