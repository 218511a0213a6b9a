"""One debit of MIT as a person types it, or a file brings it: read by the rules of the import layout."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from comum.documentos import Invalido, cnpj
from comum.formatos import parse_dinheiro
from empresas.models import ReceitaFederal
from empresas.municipios import Municipios
from guias.providers.mit import TRIBUTOS
from operacoes.errors import ProviderRefused

COLUNAS = ("codigo", "valor", "periodo", "cnpj_scp", "estabelecimento", "evento", "referente", "grupo")
ROTULOS = {
    "Irpj": "IRPJ",
    "Csll": "CSLL",
    "Irrf": "IRRF",
    "Ipi": "IPI",
    "Iof": "IOF",
    "PisPasep": "PIS/Pasep",
    "Cofins": "Cofins",
    "ContribuicoesDiversas": "Contribuições diversas",
    "Cpss": "CPSS",
    "RetPagamentoUnificado": "RET/Pagamento unificado",
}
assert set(ROTULOS) == set(TRIBUTOS)  # noqa: S101 - every group of the service has its words
# Tribute of the official table of revenue codes -> the group that takes it. CPRB reaches the DCTFWeb by the Reinf.
_DO_TRIBUTO = {
    "IRPJ": "Irpj",
    "CSLL": "Csll",
    "IRRF": "Irrf",
    "IPI": "Ipi",
    "IOF": "Iof",
    "PIS/Pasep": "PisPasep",
    "Cofins": "Cofins",
    "Cide": "ContribuicoesDiversas",
    "CSRF": "ContribuicoesDiversas",
    "RET": "RetPagamentoUnificado",
}
_VALEM_POR_PERIODO = {"diaria": 31, "decendial": 3, "quinzenal": 2}
_IGUAIS = ("codigo", "periodo", "cnpj_scp", "estabelecimento", "evento", "referente")
_COM_SCP = ("Irpj", "Csll", "PisPasep", "Cofins")
_OURO, _POSTERGADO, _CIDE = "402802", "10", "874101"
CODIGO_ERRADO = "O código do débito tem 6 algarismos, receita e extensão, como 8109-02."


@dataclass(frozen=True)
class Conhecido:
    grupo: str
    periodicidade: str


_DO_OURO = Conhecido("Iof", "decendial")  # the table has the other codes of IOF, all of ten days


def conhecidos() -> dict[str, Conhecido]:
    """Revenue code (4 digits) -> what the official table says of it."""
    linhas = ReceitaFederal.objects.values_list("codigo_receita", "tributo", "periodicidade")
    return {
        codigo: Conhecido(_DO_TRIBUTO[tributo], periodicidade)
        for codigo, tributo, periodicidade in linhas
        if tributo in _DO_TRIBUTO
    }


def grupo_dito(codigo: str, tabela: Mapping[str, Conhecido]) -> str:
    """The words for the group of a code as typed; empty where the table does not have it."""
    conhecido = _conhecido(re.sub(r"\D", "", codigo), tabela)
    return ROTULOS[conhecido.grupo] if conhecido else ""


def _conhecido(codigo: str, tabela: Mapping[str, Conhecido]) -> Conhecido | None:
    return _DO_OURO if codigo == _OURO else tabela.get(codigo[:4])


def ler(
    textos: Mapping[str, str],
    tabela: Mapping[str, Conhecido],
    documento: str,
    municipios: Callable[[], Municipios] = Municipios,
) -> tuple[dict[str, str], dict[str, str]]:
    """(the debit, what is wrong by column) of what was typed in COLUNAS, for a company of that CNPJ. `municipios` is
    asked only for IOF on gold."""
    erros: dict[str, str] = {}
    codigo = re.sub(r"[\s./-]", "", textos.get("codigo", ""))
    debito: dict[str, str] = {"codigo": codigo}
    if not re.fullmatch(r"[0-9]{6}", codigo):
        erros["codigo"] = CODIGO_ERRADO
        return debito, erros
    conhecido = _conhecido(codigo, tabela)
    debito["tributo"] = _grupo(codigo, textos.get("grupo", ""), conhecido, erros)
    valor = parse_dinheiro(textos.get("valor", ""))
    if isinstance(valor, Invalido):
        erros["valor"] = valor.mensagem
    elif valor <= 0:
        erros["valor"] = "O valor do débito é maior que zero."
    debito["valor"] = str(valor)
    lidos = {
        "periodo": _periodo(textos.get("periodo", "").strip(), conhecido, erros),
        "cnpj_scp": _scp(textos.get("cnpj_scp", "").strip(), debito["tributo"], documento, erros),
        "estabelecimento": _estabelecimento(textos.get("estabelecimento", ""), debito, documento, erros),
        "evento": _evento(textos.get("evento", "").strip(), erros),
        "referente": _referente(textos.get("referente", "").strip(), debito, conhecido, municipios, erros),
    }
    return debito | {nome: lido for nome, lido in lidos.items() if lido}, erros


def reler(debito: Mapping[str, Any], tabela: Mapping[str, Conhecido], documento: str) -> list[str]:
    """What is wrong with a stored debit by what is asked of it today, in pt-BR: it may be of before a rule."""
    if debito["tributo"] not in TRIBUTOS:
        return [f"O MIT não recebe débitos de {debito['tributo']}. Apague o de código {debito['codigo']}."]
    textos = {nome: str(debito.get(nome, "")) for nome in COLUNAS}
    lido, erros = ler(textos | {"grupo": debito["tributo"]}, tabela, documento)
    ditos = list(erros.values())
    if not ditos and lido.get("estabelecimento") and not debito.get("estabelecimento"):
        ditos = ["Falta o estabelecimento: abra o mês e grave-o de novo, e ele fica o da empresa."]
    return [f"Débito {debito['codigo']}: {dito}" for dito in ditos]


def _grupo(codigo: str, dito: str, conhecido: Conhecido | None, erros: dict[str, str]) -> str:
    por_rotulo = {rotulo.casefold(): grupo for grupo, rotulo in ROTULOS.items()}
    escolhido = dito.strip() if dito.strip() in TRIBUTOS else por_rotulo.get(dito.strip().casefold(), "")
    if dito.strip() and not escolhido:
        erros["grupo"] = f"O tributo é um destes: {', '.join(ROTULOS.values())}."
    elif conhecido and escolhido and escolhido != conhecido.grupo:
        erros["grupo"] = f"O código {codigo} é de {ROTULOS[conhecido.grupo]}. Corrija o código ou o tributo."
    elif not conhecido and not escolhido:
        erros["grupo"] = f"O código {codigo} não está na tabela do Guichê. Confira-o, e escolha o tributo."
    return conhecido.grupo if conhecido else escolhido


def _periodo(texto: str, conhecido: Conhecido | None, erros: dict[str, str]) -> str:
    ate = _VALEM_POR_PERIODO.get(conhecido.periodicidade) if conhecido else 31
    if texto and ate is None:
        erros["periodo"] = "Este débito é do mês todo. Deixe o período em branco."
    elif texto and not (re.fullmatch(r"[0-9]{1,2}", texto) and 1 <= int(texto) <= (ate or 31)):
        erros["periodo"] = f"O período é um número de 1 a {ate}: o dia, o decêndio ou a quinzena do mês."
    elif not texto and conhecido and ate:
        erros["periodo"] = f"Este débito é por período. Informe qual, de 1 a {ate}."
    return texto.lstrip("0")


def _scp(texto: str, tributo: str, documento: str, erros: dict[str, str]) -> str:
    if not texto:
        return ""
    lido = cnpj(texto)
    if isinstance(lido, Invalido):
        erros["cnpj_scp"] = f"CNPJ da SCP: {lido.mensagem}"
    elif tributo not in _COM_SCP:
        erros["cnpj_scp"] = "Só IRPJ, CSLL, PIS/Pasep e Cofins têm débito de SCP. Deixe em branco."
    elif lido == documento:
        erros["cnpj_scp"] = "O CNPJ da SCP é o da própria empresa. Informe o da sociedade."
    else:
        return lido
    return ""


def _estabelecimento(texto: str, debito: Mapping[str, str], documento: str, erros: dict[str, str]) -> str:
    """Of IPI and Cide the last 6 of the CNPJ, the company's own where nothing was typed; of RET also the whole."""
    limpo = re.sub(r"[\s./-]", "", texto).upper()
    tributo = debito["tributo"]
    exigido = tributo == "Ipi" or debito["codigo"] == _CIDE
    if not limpo:
        return documento[-6:] if exigido else ""
    if not re.fullmatch(r"[0-9A-Z]{4}[0-9]{2}|[0-9A-Z]{12}[0-9]{2}", limpo):
        erros["estabelecimento"] = "Informe os 6 últimos caracteres do CNPJ do estabelecimento, como 0001-00."
    elif tributo == "RetPagamentoUnificado":
        return limpo
    elif not exigido:
        if tributo == "ContribuicoesDiversas":
            return limpo[-6:]
        erros["estabelecimento"] = "Só IPI, Cide e RET se dizem por estabelecimento. Deixe em branco."
    return limpo[-6:]


def _evento(texto: str, erros: dict[str, str]) -> str:
    if texto and not re.fullmatch(r"[1-5]", texto):
        erros["evento"] = "O evento é um número de 1 a 5, na ordem dos dias."
    return texto


def eh_postergado(debito: Mapping[str, Any]) -> bool:
    return str(debito["codigo"]).endswith(_POSTERGADO) and debito["tributo"] in ("Irpj", "Csll")


def eh_do_ouro(debito: Mapping[str, Any]) -> bool:
    return str(debito["codigo"]) == _OURO


def _referente(
    texto: str,
    debito: Mapping[str, str],
    conhecido: Conhecido | None,
    municipios: Callable[[], Municipios],
    erros: dict[str, str],
) -> str:
    """The year, or quarter and year, from which a debit was put off: "2024" or "2/2024". Of IOF on gold, the IBGE code
    of the município that it came from."""
    if eh_do_ouro(debito):
        return _origem_do_ouro(texto, municipios, erros)
    if not eh_postergado(debito):
        if texto:
            erros["referente"] = (
                "Só o débito postergado (final 10, de IRPJ e CSLL) diz a que período se refere, e o IOF sobre o ouro "
                "(4028-02) de que município. Deixe em branco."
            )
        return ""
    lido = re.fullmatch(r"(?:([1-4]) ?[/tT-] ?)?(20[0-9]{2})", texto)
    periodicidade = conhecido.periodicidade if conhecido else ""
    if lido is None:
        erros["referente"] = "Débito postergado: informe o trimestre ou o ano de que é, como 2/2024 ou 2024."
        return ""
    trimestre, ano = lido.groups()
    if periodicidade == "trimestral" and not trimestre:
        erros["referente"] = f"Este débito é por trimestre: informe também qual, como 2/{ano}."
    elif trimestre and periodicidade not in ("trimestral", ""):
        erros["referente"] = f"Este débito não é por trimestre: informe só o ano, como {ano}."
    return f"{trimestre}/{ano}" if trimestre else ano


def _origem_do_ouro(texto: str, municipios: Callable[[], Municipios], erros: dict[str, str]) -> str:
    lido = municipios().achar(texto)
    if isinstance(lido, Invalido):
        dica = "informe o município de origem, como Itaituba/PA."
        erros["referente"] = f"IOF sobre o ouro: {lido.mensagem if texto else dica}"
        return ""
    return lido


def postergado(debito: Mapping[str, Any]) -> tuple[int, int] | None:
    """(year, quarter or 0) of a stored debit that was put off."""
    referente = debito.get("referente")
    if not referente or eh_do_ouro(debito):
        return None
    trimestre, _, ano = referente.rpartition("/")
    return int(ano), int(trimestre or 0)


def para_pedido(debito: Mapping[str, Any]) -> dict[str, Any]:
    """Keyword arguments of guias.providers.mit.Debito, from a stored debit. Raises ProviderRefused for the period that
    was once typed in words: what was queued with it cannot be sent."""
    periodo = debito.get("periodo") or "0"
    if not re.fullmatch(r"[0-9]{1,2}", periodo):
        raise ProviderRefused(
            f"O período do débito {debito['codigo']} não é um número: {periodo}. Corrija o mês e encerre de novo.",
            codigo="GUICHE-MIT-PERIODO",
        )
    onde = debito.get("estabelecimento", "")
    do_ret = debito["tributo"] == "RetPagamentoUnificado"
    return {
        "tributo": debito["tributo"],
        "codigo": debito["codigo"],
        "periodo": int(periodo) or None,
        "cnpj_scp": debito.get("cnpj_scp", ""),
        "estabelecimento": "" if do_ret else onde,
        "incorporacao": onde if do_ret else "",
        "evento": int(debito["evento"]) if debito.get("evento") else None,
        "postergado": postergado(debito),
        "municipio_do_ouro": debito.get("referente", "") if eh_do_ouro(debito) else "",
    }


def repetido(debito: Mapping[str, str]) -> tuple[str, ...]:
    """What no two debits of a month have alike."""
    return tuple(debito.get(nome, "") for nome in _IGUAIS)
