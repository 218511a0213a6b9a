"""The input of TRANSDECLARACAO11: shape first, then the rules that need nothing but the request itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.calendario import pa_valido
from sandbox.integra_contador.envelope import ler_json
from sandbox.integra_contador.erros import pgdasd
from sandbox.integra_contador.pgdasd.esquema import (
    PREFIXO,
    Campo,
    campo_invalido,
    dinheiro,
    inteiro,
    json_invalido,
    lista,
    logico,
    objeto,
    parametro_invalido,
    positivo,
    texto,
    texto_ou_inteiro,
    um_objeto,
)
from sandbox.municipios import uf_por_tom, ufs
from sandbox.simples.anexos import CODIGOS, TRIBUTOS
from sandbox.simples.atividades import ATIVIDADES, FATOR_R, Atividade
from sandbox.simples.calculo import Parcela

_SUBSTITUICAO = frozenset({8, 9, 10, 11})
_IDENTIFICADORES = frozenset({1, 3, 8, 9, 10, 11})
_CESTA_OU_NORMAL = frozenset({1, 2})
_ZERO = Decimal(0)

_OPCIONAL_NULO = {"obrigatorio": False, "nulo": True}
_SUSPENSAO = {
    "codTributo": Campo(inteiro),
    "numeroProcesso": Campo(texto_ou_inteiro),
    "codMunicipio": Campo(texto_ou_inteiro, **_OPCIONAL_NULO),
    "uf": Campo(texto),
    "vara": Campo(texto),
    "existeDeposito": Campo(logico),
    "motivo": Campo(inteiro),
}
_ISENCAO = {"codTributo": Campo(inteiro), "valor": Campo(dinheiro), "identificador": Campo(inteiro)}
_MES_DE_RECEITA = {"pa": Campo(inteiro), "valorInterno": Campo(dinheiro), "valorExterno": Campo(dinheiro)}
_TRIBUTO_COMPARADO = {"codigoTributo": Campo(inteiro), "valor": Campo(dinheiro)}
_RECEITA_ATIVIDADE = {
    "valor": Campo(dinheiro),
    "codigoOutroMunicipio": Campo(texto_ou_inteiro, **_OPCIONAL_NULO),
    "outraUf": Campo(texto, **_OPCIONAL_NULO),
    "isencoes": Campo(lista(_ISENCAO), **_OPCIONAL_NULO),
    "reducoes": Campo(
        lista(
            {
                "codTributo": Campo(inteiro),
                "valor": Campo(dinheiro),
                "percentualReducao": Campo(positivo),
                "identificador": Campo(inteiro),
            }
        ),
        **_OPCIONAL_NULO,
    ),
    "qualificacoesTributarias": Campo(lista({"codigoTributo": Campo(inteiro), "id": Campo(inteiro)}), **_OPCIONAL_NULO),
    "exigibilidadesSuspensas": Campo(lista(_SUSPENSAO), **_OPCIONAL_NULO),
}
_ATIVIDADE = {
    "idAtividade": Campo(inteiro),
    "valorAtividade": Campo(dinheiro),
    "receitasAtividade": Campo(lista(_RECEITA_ATIVIDADE)),
}
_ESTABELECIMENTO = {"cnpjCompleto": Campo(texto), "atividades": Campo(lista(_ATIVIDADE), obrigatorio=False)}
_NAO_OPTANTE = {
    "esferaAdm": Campo(texto),
    "uf": Campo(texto),
    "codMunicipio": Campo(texto_ou_inteiro),
    "processo": Campo(texto),
}
_DECLARACAO = {
    "tipoDeclaracao": Campo(inteiro),
    "receitaPaCompetenciaInterno": Campo(dinheiro),
    "receitaPaCompetenciaExterno": Campo(dinheiro),
    "receitaPaCaixaInterno": Campo(dinheiro, **_OPCIONAL_NULO),
    "receitaPaCaixaExterno": Campo(dinheiro, **_OPCIONAL_NULO),
    "valorFixoIcms": Campo(positivo, **_OPCIONAL_NULO),
    "valorFixoIss": Campo(positivo, **_OPCIONAL_NULO),
    "receitasBrutasAnteriores": Campo(lista(_MES_DE_RECEITA), obrigatorio=False),
    "folhasSalario": Campo(lista({"pa": Campo(inteiro), "valor": Campo(dinheiro)}), obrigatorio=False),
    "naoOptante": Campo(um_objeto(_NAO_OPTANTE), **_OPCIONAL_NULO),
    "estabelecimentos": Campo(lista(_ESTABELECIMENTO)),
}
_RAIZ = {
    "cnpjCompleto": Campo(texto),
    "pa": Campo(inteiro),
    "indicadorTransmissao": Campo(logico),
    "indicadorComparacao": Campo(logico),
    "declaracao": Campo(um_objeto(_DECLARACAO)),
    "valoresParaComparacao": Campo(lista(_TRIBUTO_COMPARADO), obrigatorio=False),
}


@dataclass(frozen=True)
class Entrada:
    """A request that is consistent in itself. Amounts in reais; markets are (internal, external)."""

    cnpj: str
    pa: int
    transmitir: bool
    comparar: dict[int, Decimal] | None
    retificadora: bool
    competencia: tuple[Decimal, Decimal]
    fixos: dict[str, Decimal]
    anteriores: dict[int, tuple[Decimal, Decimal]]
    folhas: dict[int, Decimal]
    estabelecimentos: list[str]
    parcelas: list[Parcela]


def ler(dados: str, cnpj: str) -> Entrada:
    """Read `dados` for the contribuinte `cnpj`. Raises Recusa with the PGDASD message."""
    try:
        bruto = ler_json(dados)
    except ValueError:
        raise json_invalido("O texto não pôde ser lido.") from None
    raiz = objeto(bruto, "dados", _RAIZ)
    declaracao = raiz["declaracao"]
    if raiz["cnpjCompleto"] != cnpj:
        raise campo_invalido("cnpjCompleto", "difere do contribuinte da requisição")
    if not pa_valido(raiz["pa"]) or raiz["pa"] < 201801:
        raise campo_invalido("pa", "deve ser AAAAMM, a partir de 201801")
    if declaracao["tipoDeclaracao"] not in (1, 2):
        raise campo_invalido("tipoDeclaracao", "deve ser 1 (original) ou 2 (retificadora)")
    if declaracao["naoOptante"] is not None:
        _conferir_nao_optante(declaracao["naoOptante"])
    parcelas = list(_parcelas(declaracao["estabelecimentos"], cnpj))
    competencia = (declaracao["receitaPaCompetenciaInterno"], declaracao["receitaPaCompetenciaExterno"])
    _conferir_somas(declaracao, competencia, parcelas)
    folhas = _por_mes(declaracao["folhasSalario"], raiz["pa"], "folhasSalario", da_folha=True)
    if folhas and not any(ATIVIDADES[parcela.atividade].anexo == FATOR_R for parcela in parcelas):
        raise pgdasd(45, f"{PREFIXO}Folha de salários informada sem atividade sujeita ao fator r.")
    anteriores = _por_mes(declaracao["receitasBrutasAnteriores"], raiz["pa"], "receitasBrutasAnteriores")
    return Entrada(
        cnpj=cnpj,
        pa=raiz["pa"],
        transmitir=raiz["indicadorTransmissao"],
        comparar=_comparacao(raiz) if raiz["indicadorComparacao"] else None,
        retificadora=declaracao["tipoDeclaracao"] == 2,
        competencia=competencia,
        fixos={t: declaracao[c] for t, c in (("icms", "valorFixoIcms"), ("iss", "valorFixoIss")) if declaracao[c]},
        anteriores={pa: (mes["valorInterno"], mes["valorExterno"]) for pa, mes in anteriores.items()},
        folhas={pa: mes["valor"] for pa, mes in folhas.items()},
        estabelecimentos=[estabelecimento["cnpjCompleto"] for estabelecimento in declaracao["estabelecimentos"]],
        parcelas=parcelas,
    )


def _conferir_nao_optante(dados: dict[str, Any]) -> None:
    if dados["esferaAdm"] not in ("1", "2", "3", "4"):
        raise campo_invalido("esferaAdm", "deve ser de 1 a 4")
    if uf_por_tom().get(dados["codMunicipio"]) != dados["uf"]:
        raise campo_invalido("codMunicipio", "código TOM inexistente na UF informada")


def _comparacao(raiz: dict[str, Any]) -> dict[int, Decimal]:
    entradas = raiz["valoresParaComparacao"]
    if entradas is None:
        raise json_invalido("A propriedade obrigatória 'ValoresParaComparacao' não foi informada.")
    valores = {entrada["codigoTributo"]: entrada["valor"] for entrada in entradas}
    if len(valores) != len(entradas):
        raise parametro_invalido("Tributo repetido em ValoresParaComparacao.")
    if estranho := set(valores) - set(TRIBUTOS):
        raise campo_invalido("codigoTributo", f"tributo {estranho.pop()} desconhecido")
    return {codigo: valor for codigo, valor in valores.items() if valor}


def _por_mes(
    itens: list[dict[str, Any]] | None, pa: int, nome: str, *, da_folha: bool = False
) -> dict[int, dict[str, Any]]:
    """Months of the past by AAAAMM; of the payroll, the twelve before the period and, in that of opening, itself."""
    meses: dict[int, dict[str, Any]] = {}
    for item in itens or []:
        mes = item["pa"]
        if not pa_valido(mes) or mes > pa or (da_folha and mes < pa - 100) or (mes == pa and not da_folha):
            raise campo_invalido("pa", f"mês {mes} inválido em {nome}")
        if mes in meses:
            raise parametro_invalido(f"O mês {mes} está repetido em {nome}.")
        meses[mes] = item
    return meses


def _conferir_somas(declaracao: dict[str, Any], competencia: tuple[Decimal, Decimal], parcelas: list[Parcela]) -> None:
    """The activities of each market add up to its revenue; to the cash values when the regime is cash."""
    caixa = (declaracao["receitaPaCaixaInterno"], declaracao["receitaPaCaixaExterno"])
    de_caixa = caixa != (None, None)
    esperados = tuple(valor or _ZERO for valor in caixa) if de_caixa else competencia
    regime = "Caixa" if de_caixa else "Competencia"
    for mercado, nome in enumerate(("Interno", "Externo")):
        soma = sum((p.valor for p in parcelas if ATIVIDADES[p.atividade].exporta == bool(mercado)), _ZERO)
        if soma != esperados[mercado]:
            campo = f"ReceitaPa{regime}{nome}"
            raise parametro_invalido(f"A soma das atividades ({soma}) difere de {campo} ({esperados[mercado]}).")


def _parcelas(estabelecimentos: list[dict[str, Any]], cnpj: str) -> Iterator[Parcela]:
    vistos: set[str] = set()
    for estabelecimento in estabelecimentos:
        numero = estabelecimento["cnpjCompleto"]
        if len(numero) != 14 or numero[:8] != cnpj[:8]:
            raise campo_invalido("cnpjCompleto", f"estabelecimento {numero} não pertence ao contribuinte")
        if numero in vistos:
            raise parametro_invalido(f"O estabelecimento {numero} está repetido.")
        vistos.add(numero)
        if estabelecimento["atividades"] is not None:
            yield from _atividades(estabelecimento["atividades"], numero)


def _atividades(atividades: list[dict[str, Any]], estabelecimento: str) -> Iterator[Parcela]:
    if not atividades:
        raise pgdasd(23, f"{PREFIXO}O valor da atividade deve ser maior que zero ({estabelecimento}).")
    vistas: set[int] = set()
    for atividade in atividades:
        numero = atividade["idAtividade"]
        if numero not in ATIVIDADES:
            raise campo_invalido("idAtividade", f"atividade {numero} inexistente")
        if numero in vistas:
            raise parametro_invalido(f"A atividade {numero} está repetida no estabelecimento {estabelecimento}.")
        vistas.add(numero)
        if not atividade["valorAtividade"]:
            raise pgdasd(23, f"{PREFIXO}O valor da atividade {numero} deve ser maior que zero ({estabelecimento}).")
        receitas = atividade["receitasAtividade"]
        if sum((receita["valor"] for receita in receitas), _ZERO) != atividade["valorAtividade"]:
            raise parametro_invalido(f"As receitas da atividade {numero} não somam o valor da atividade.")
        for receita in receitas:
            yield _parcela(ATIVIDADES[numero], receita)


def _parcela(atividade: Atividade, receita: dict[str, Any]) -> Parcela:
    _conferir_municipio(atividade, receita)
    removidos = _qualificacoes(atividade, receita["qualificacoesTributarias"])
    removidos |= {_suspenso(item) for item in receita["exigibilidadesSuspensas"] or []}
    dispensas = tuple(_dispensas(receita))
    ditos = [tributo for tributo, _ in dispensas]
    if repetido := next((t for t in ditos if ditos.count(t) > 1 or t in removidos), None):
        raise parametro_invalido(
            f"O tributo {CODIGOS[repetido]} está mais de uma vez na mesma receita da atividade {atividade.id}."
        )
    return Parcela(atividade.id, receita["valor"], removidos, dispensas)


def _suspenso(item: dict[str, Any]) -> str:
    """The tribute that a process suspends. What the process itself must say is checked with it."""
    if item["motivo"] not in range(1, 7):
        raise campo_invalido("motivo", "deve ser de 1 a 6")
    if not item["numeroProcesso"].isdecimal() or not 1 <= len(item["numeroProcesso"]) <= 20:
        raise campo_invalido("numeroProcesso", "deve ter até 20 algarismos")
    if not item["vara"].strip():
        raise campo_invalido("vara", "deve ser informada")
    if item["uf"] not in ufs():
        raise campo_invalido("uf", f"UF {item['uf']} inexistente")
    if item["codMunicipio"] and uf_por_tom().get(item["codMunicipio"]) != item["uf"]:
        raise campo_invalido("codMunicipio", f"código TOM {item['codMunicipio']} inexistente na UF {item['uf']}")
    return _tributo(item["codTributo"])


def _conferir_municipio(atividade: Atividade, receita: dict[str, Any]) -> None:
    codigo, uf = receita["codigoOutroMunicipio"], receita["outraUf"]
    if atividade.outro_municipio and (not codigo or not uf):
        raise campo_invalido("codigoOutroMunicipio", f"a atividade {atividade.id} exige município e UF do ISS")
    if codigo and not atividade.outro_municipio:
        raise campo_invalido("codigoOutroMunicipio", f"não se aplica à atividade {atividade.id}")
    if codigo and uf_por_tom().get(codigo) != uf:
        raise campo_invalido("codigoOutroMunicipio", f"código TOM {codigo} inexistente na UF {uf}")
    if uf and uf not in ufs():
        raise campo_invalido("outraUf", f"UF {uf} inexistente")
    if uf and not (atividade.outro_municipio or atividade.outra_uf):
        raise campo_invalido("outraUf", f"não se aplica à atividade {atividade.id}")


def _tributo(codigo: int) -> str:
    if codigo not in TRIBUTOS:
        raise campo_invalido("codigoTributo", f"tributo {codigo} desconhecido")
    return TRIBUTOS[codigo]


def _qualificacoes(atividade: Atividade, qualificacoes: list[dict[str, Any]] | None) -> frozenset[str]:
    """Tributes taken out of the portion by substitution, single-phase, retention, immunity or lançamento."""
    removidos: set[str] = set()
    for qualificacao in qualificacoes or []:
        tributo = _tributo(qualificacao["codigoTributo"])
        if qualificacao["id"] not in _IDENTIFICADORES:
            raise campo_invalido("id", f"qualificação {qualificacao['id']} inexistente")
        if qualificacao["id"] in _SUBSTITUICAO and tributo not in atividade.qualifica:
            raise pgdasd(
                32,
                f"{PREFIXO}Substituição tributária, monofásica ou retenção não permitida na atividade {atividade.id}.",
            )
        removidos.add(tributo)
    if atividade.qualifica and not removidos & atividade.qualifica:
        raise parametro_invalido(f"E0044: a atividade {atividade.id} exige qualificação tributária.")
    return frozenset(removidos)


_DISPENSAVEIS = {1: frozenset({"icms", "iss"}), 2: frozenset({"cofins", "pis", "icms"})}


def _dispensado(item: dict[str, Any], dito: str) -> str:
    """The tribute of an exemption or reduction: ICMS and ISS in the common way (LC 123/2006, art. 18, §§ 20 and 20-A),
    Cofins, PIS and ICMS on the cesta básica (§ 20-B)."""
    if item["identificador"] not in _CESTA_OU_NORMAL:
        raise campo_invalido("identificador", f"{dito} deve ser 1 ou 2")
    tributo = _tributo(item["codTributo"])
    if tributo not in _DISPENSAVEIS[item["identificador"]]:
        raise campo_invalido("codTributo", f"{dito} não se aplica ao tributo {item['codTributo']}")
    return tributo


def _dispensas(receita: dict[str, Any]) -> Iterator[tuple[str, Decimal]]:
    """Revenue on which a tribute is not due: exempt amounts whole, reduced amounts by their percentage."""
    for isencao in receita["isencoes"] or []:
        yield _dispensado(isencao, "isenção"), _dentro(isencao["valor"], receita["valor"])
    for reducao in receita["reducoes"] or []:
        if reducao["percentualReducao"] > 100:
            raise campo_invalido("percentualReducao", "não pode passar de 100 %")
        yield (
            _dispensado(reducao, "redução"),
            _dentro(reducao["valor"], receita["valor"]) * reducao["percentualReducao"] / 100,
        )


def _dentro(valor: Decimal, receita: Decimal) -> Decimal:
    if valor > receita:
        raise campo_invalido("valor", "isenção ou redução maior que a receita")
    return valor
