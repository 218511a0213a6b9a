"""The request of a DARF, read strictly. Every refusal has the same code and its own words."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.documentos import cnpj_valido
from sandbox.integra_contador.envelope import Pedido, ler_json
from sandbox.integra_contador.erros import Recusa
from sandbox.integra_contador.sicalc.receitas import Extensao, receitas
from sandbox.municipios import uf_por_tom

_OBRIGATORIOS = (
    "uf", "municipio", "codigoReceita", "codigoReceitaExtensao", "dataPA", "vencimento", "valorImposto",
    "dataConsolidacao",
)  # fmt: skip
_OPCIONAIS = (
    "numeroReferencia", "tipoPA", "cota", "valorMulta", "valorJuros", "ganhoCapital", "dataAlienacao", "observacao",
    "cno", "cnpjPrestador",
)  # fmt: skip
_MES = r"(0[1-9]|1[0-2])/\d{4}"
_FORMAS = {
    "AN": r"\d{4}",
    "TR": r"0[1-4]/\d{4}",
    "ME": _MES,
    "QZ": rf"0[12]/{_MES}",
    "DC": rf"0[1-3]/{_MES}",
    "SM": rf"0[1-5]/{_MES}",
    "DI": rf"(0[1-9]|[12]\d|3[01])/{_MES}",
}


def recusa(texto: str) -> Recusa:
    return Recusa(400, "[EntradaIncorreta-SICALC]", texto)


@dataclass(frozen=True)
class Dados:
    """`periodo` is the first day of the period; `multa` and `juros` None where the service computes them."""

    extensao: Extensao
    data_pa: str
    periodo: date
    referencia: str
    cota: int | None
    vencimento: date
    consolidacao: date
    valor: Decimal
    multa: Decimal | None
    juros: Decimal | None
    observacao: str


def textos(dados: str) -> dict[str, str]:
    """The object of texts and numbers; empty values are as if they were not there."""
    try:
        lido: Any = ler_json(dados)
    except ValueError:
        lido = None
    if not isinstance(lido, dict):
        raise recusa("Dados de entrada inválidos: informe um objeto JSON.")
    for chave, valor in lido.items():
        if isinstance(valor, bool):
            lido[chave] = str(valor).lower()
        elif not isinstance(valor, str | int | Decimal):
            raise recusa(f"Dados de entrada inválidos: {chave}.")
    return {chave: str(valor).strip() for chave, valor in lido.items() if str(valor).strip()}


def receita(codigo: str) -> dict[str, Extensao]:
    achada = receitas().get(codigo)
    if achada is None:
        raise recusa("Código de receita não cadastrado.")
    return achada


def ler(pedido: Pedido, hoje: date) -> Dados:
    lidos = textos(pedido.dados)
    if estranho := sorted(set(lidos) - {*_OBRIGATORIOS, *_OPCIONAIS}):
        raise recusa(f"Dados de entrada inválidos: campo {estranho[0]} desconhecido.")
    if lidos.get("uf") is None or uf_por_tom().get(lidos.get("municipio", "")) != lidos["uf"]:
        raise recusa("UF ou município inválido.")
    extensao = receita(lidos.get("codigoReceita", "")).get(lidos.get("codigoReceitaExtensao", ""))
    if extensao is None:
        raise recusa("Extensão da receita não cadastrada.")
    _contribuinte(pedido, extensao)
    _permitidos(pedido, lidos, extensao)
    periodo = _periodo(lidos, extensao)
    vencimento = _data(lidos, "vencimento", "Data de vencimento não informada ou inválida.")
    consolidacao = _data(lidos, "dataConsolidacao", "Data de consolidação não informada ou inválida.")
    if consolidacao < hoje:
        raise recusa("Data de consolidação anterior à data limite.")
    valor = _dinheiro(lidos, "valorImposto", "Valor do imposto não informado ou inválido.")
    return Dados(
        extensao=extensao,
        data_pa=lidos["dataPA"],
        periodo=periodo,
        referencia=lidos.get("numeroReferencia", ""),
        cota=_cota(lidos),
        vencimento=vencimento,
        consolidacao=consolidacao,
        valor=valor,
        multa=_dinheiro(lidos, "valorMulta", "Valor da multa inválido.") if extensao.manual else None,
        juros=_dinheiro(lidos, "valorJuros", "Valor dos juros inválido.") if extensao.manual else None,
        observacao=lidos.get("observacao", ""),
    )


def _contribuinte(pedido: Pedido, extensao: Extensao) -> None:
    if pedido.contribuinte.tipo == 2 and not extensao.pj:
        raise recusa("Receita não permitida para pessoa jurídica.")
    if pedido.contribuinte.tipo == 1 and not extensao.pf:
        raise recusa("Receita não permitida para pessoa física.")
    if pedido.contribuinte.tipo == 2 and extensao.exige_matriz and pedido.contribuinte.numero[8:12] != "0001":
        raise recusa("Receita permitida somente para estabelecimento matriz.")


_DITOS = {
    "numeroReferencia": "Número de referência",
    "valorMulta": "Valor da multa",
    "valorJuros": "Valor dos juros",
    "ganhoCapital": "Data de alienação: indicador de ganho de capital",
    "dataAlienacao": "Data de alienação",
    "cno": "CNO",
    "cnpjPrestador": "CNPJ do prestador",
    "cota": "Cota",
}


def _permitidos(pedido: Pedido, lidos: dict[str, str], extensao: Extensao) -> None:
    for campo, dito in _DITOS.items():
        if campo in extensao.obrigatorios and campo not in lidos:
            raise recusa(f"{dito}: obrigatório para a receita.")
        if campo in lidos and campo not in extensao.obrigatorios | extensao.opcionais:
            raise recusa(f"{dito}: não permitido para a receita.")
    conferencias: dict[str, Callable[[str], bool]] = {
        "numeroReferencia": lambda valor: bool(re.fullmatch(r"\d{1,17}", valor)),
        "cno": lambda valor: bool(re.fullmatch(r"\d{12}", valor)),
        "cnpjPrestador": cnpj_valido,
        "ganhoCapital": lambda valor: valor in ("true", "false"),
    }
    for campo, serve in conferencias.items():
        if campo in lidos and not serve(lidos[campo]):
            raise recusa(f"{_DITOS[campo]}: inválido.")
    if lidos.get("cnpjPrestador") == pedido.contribuinte.numero:
        raise recusa("CNPJ do prestador igual ao do contribuinte.")
    if "dataAlienacao" in lidos:
        _data(lidos, "dataAlienacao", "Data de alienação: inválida.")


def _periodo(lidos: dict[str, str], extensao: Extensao) -> date:
    tipo, texto = lidos.get("tipoPA", ""), lidos.get("dataPA", "")
    if not tipo:
        raise recusa("Tipo de período de apuração: obrigatório para a receita.")
    if tipo != extensao.tipo_pa:
        raise recusa("Tipo de período de apuração: inválido para a receita.")
    if not texto:
        raise recusa("Período de apuração não informado.")
    if not re.fullmatch(_FORMAS[tipo], texto):
        raise recusa("Período de apuração inválido.")
    try:
        primeiro = _primeiro_dia(tipo, texto)
    except ValueError:
        raise recusa("Período de apuração inválido.") from None
    if primeiro < extensao.criacao:
        raise recusa("Período de apuração anterior à data de criação da receita.")
    if extensao.extincao and primeiro > extensao.extincao:
        raise recusa("Período de apuração posterior à data de extinção da receita.")
    return primeiro


def _primeiro_dia(tipo: str, texto: str) -> date:
    partes = [int(parte) for parte in texto.split("/")]
    match tipo:
        case "AN":
            return date(partes[0], 1, 1)
        case "TR":
            return date(partes[1], partes[0] * 3 - 2, 1)
        case "ME":
            return date(partes[1], partes[0], 1)
        case "QZ":
            return date(partes[2], partes[1], 1 if partes[0] == 1 else 16)
        case "DC":
            return date(partes[2], partes[1], partes[0] * 10 - 9)
        case "SM":
            return date(partes[2], partes[1], min(partes[0] * 7 - 6, 28))
        case _:
            return date(partes[2], partes[1], partes[0])


def _data(lidos: dict[str, str], campo: str, texto: str) -> date:
    valor = lidos.get(campo, "")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", valor):
        raise recusa(texto)
    try:
        return datetime.fromisoformat(valor).date()
    except ValueError:
        raise recusa(texto) from None


def _dinheiro(lidos: dict[str, str], campo: str, texto: str) -> Decimal:
    try:
        valor = Decimal(lidos.get(campo, ""))
    except InvalidOperation:
        raise recusa(texto) from None
    if valor < 0 or valor != valor.quantize(Decimal("0.01")):
        raise recusa(texto)
    return valor


def _cota(lidos: dict[str, str]) -> int | None:
    texto = lidos.get("cota")
    if texto is None:
        return None
    if not re.fullmatch(r"[1-8]", texto):
        raise recusa("Cota: inválida.")
    return int(texto)
