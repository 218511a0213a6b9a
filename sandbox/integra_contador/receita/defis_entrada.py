"""The `dados` of TRANSDECLARACAO141, read strictly: names, types, two decimals, sums."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.integra_contador.envelope import ler_json
from sandbox.integra_contador.erros import Recusa

_MAIOR = Decimal("999999999999.99")
_VALORES = (
    "estoqueInicial", "estoqueFinal", "saldoCaixaInicial", "saldoCaixaFinal", "aquisicoesMercadoInterno", "importacoes",
    "totalEntradasPorTransferencia", "totalSaidasPorTransferencia", "totalDevolucoesVendas", "totalEntradas",
    "totalDevolucoesCompras", "totalDespesas",
)  # fmt: skip
_PODEM_SER_NEGATIVOS = frozenset({"saldoCaixaInicial", "saldoCaixaFinal"})
_DA_EMPRESA = {
    *("ganhoCapital", "qtdEmpregadoInicial", "qtdEmpregadoFinal", "receitaExportacaoDireta", "socios"),
    *("ganhoRendaVariavel", "estabelecimentos"),
}
_OPCIONAIS_DA_EMPRESA = {"lucroContabil", "participacaoCotasTesouraria", "comerciaisExportadoras"}
_DO_SOCIO = {"cpf", "rendimentosIsentos", "rendimentosTributaveis", "participacaoCapitalSocial", "irRetidoFonte"}


@dataclass(frozen=True)
class Entrada:
    ano: int
    evento: tuple[int, date] | None
    inatividade: int | None
    estabelecimentos: list[str]
    conteudo: dict[str, Any]


def recusa(numero: int, texto: str, *, tipo: str = "EntradaIncorreta", http: int = 400) -> Recusa:
    return Recusa(http, f"[{tipo}-DEFIS-MSG_{numero:04d}]", texto)


def ler(texto: str) -> Entrada:
    try:
        dados: Any = ler_json(texto)
    except ValueError:
        dados = None
    if not isinstance(dados, dict):
        raise recusa(38, "O Json contém dados inválidos.")
    _chaves(dados, {"ano", "empresa"}, {"situacaoEspecial", "inatividade"}, "dados")
    ano = _inteiro(dados["ano"], "ano", 2000, 2099)
    inatividade = dados.get("inatividade")
    if inatividade is not None:
        _inteiro(inatividade, "inatividade", 0, 2)
    if (inatividade is None) != (ano >= 2025):
        raise recusa(
            25, "O indicador de inatividade só existe, e é obrigatório, para anos anteriores a 2025.", tipo="Aviso"
        )
    empresa = dados["empresa"]
    _chaves(empresa, _DA_EMPRESA, _OPCIONAIS_DA_EMPRESA, "empresa")
    for campo in ("qtdEmpregadoInicial", "qtdEmpregadoFinal"):
        _inteiro(empresa[campo], campo, 0, 99999)
    for campo in ("ganhoCapital", "receitaExportacaoDireta", "ganhoRendaVariavel", "lucroContabil"):
        if empresa.get(campo) is not None:
            _valor(empresa[campo], campo)
    _socios(empresa)
    return Entrada(
        ano, _evento(dados.get("situacaoEspecial")), inatividade, _estabelecimentos(empresa), _guardavel(dados)
    )


def _chaves(valor: Any, obrigatorias: set[str], opcionais: set[str], onde: str) -> None:
    if not isinstance(valor, dict) or set(valor) - obrigatorias - opcionais or obrigatorias - set(valor):
        raise recusa(38, f"O Json contém dados inválidos: {onde}.")


def _inteiro(valor: Any, campo: str, de: int, ate: int) -> int:
    if not isinstance(valor, int) or isinstance(valor, bool) or not de <= valor <= ate:
        texto = f"O campo {campo} possui valor inválido. Dever ser numérico, inteiro e com o valor mínimo de {de} e o "
        raise recusa(3, f"{texto}máximo {ate}.")
    return valor


def _valor(valor: Any, campo: str, *, minimo: Decimal = Decimal(0), maximo: Decimal = _MAIOR) -> Decimal:
    if isinstance(valor, bool) or not isinstance(valor, int | Decimal):
        raise recusa(4, f"O campo {campo} possui valor inválido.")
    lido = Decimal(valor)
    if lido != lido.quantize(Decimal("0.01")):
        raise recusa(46, f"O campo {campo} possui mais que 2 casas decimais. Corrija o valor e tente novamente.")
    if not minimo <= lido <= maximo:
        texto = f"O campo {campo} possui valor inválido. Dever ser numérico com o valor mínimo de {minimo} e o máximo "
        raise recusa(1, f"{texto}{maximo}.")
    return lido


def _socios(empresa: Mapping[str, Any]) -> None:
    socios = empresa["socios"]
    if not isinstance(socios, list) or not socios:
        raise recusa(4, "O campo socios possui valor inválido.")
    soma = Decimal(0)
    if empresa.get("participacaoCotasTesouraria") is not None:
        soma = _valor(empresa["participacaoCotasTesouraria"], "participacaoCotasTesouraria", maximo=Decimal(100))
    vistos: set[str] = set()
    for socio in socios:
        _chaves(socio, _DO_SOCIO, set(), "socio")
        cpf = socio["cpf"]
        if not isinstance(cpf, str) or len(cpf) != 11:
            raise recusa(5, "O campo cpf deve ter o total de 11 caracteres.")
        if not cpf_valido(cpf):
            raise recusa(35, "CPF não encontrado no cadastro CPF.", tipo="Aviso")
        if cpf in vistos:
            raise recusa(27, "Informações duplicadas em socios.")
        vistos.add(cpf)
        for campo in ("rendimentosIsentos", "rendimentosTributaveis", "irRetidoFonte"):
            _valor(socio[campo], campo)
        soma += _valor(socio["participacaoCapitalSocial"], "participacaoCapitalSocial", maximo=Decimal(100))
    if soma != Decimal(100):
        texto = "A soma da participação dos sócios no capital social da empresa, incluindo cotas em tesouraria, é "
        raise recusa(26, f"{texto}diferente de 100,00%.")


def _estabelecimentos(empresa: Mapping[str, Any]) -> list[str]:
    lista = empresa["estabelecimentos"]
    if not isinstance(lista, list) or not lista:
        raise recusa(4, "O campo estabelecimentos possui valor inválido.")
    cnpjs: list[str] = []
    for item in lista:
        _chaves(item, {"cnpjCompleto", *_VALORES}, set(), "estabelecimento")
        cnpj = item["cnpjCompleto"]
        if not isinstance(cnpj, str) or not cnpj_valido(cnpj):
            raise recusa(15, "Cnpj não encontrado.")
        if cnpj in cnpjs:
            raise recusa(27, "Informações duplicadas em estabelecimentos.")
        cnpjs.append(cnpj)
        valores = {
            nome: _valor(item[nome], nome, minimo=-_MAIOR if nome in _PODEM_SER_NEGATIVOS else Decimal(0))
            for nome in _VALORES
        }
        partes = ("aquisicoesMercadoInterno", "importacoes", "totalEntradasPorTransferencia", "totalDevolucoesVendas")
        if valores["totalEntradas"] < sum((valores[nome] for nome in partes), Decimal(0)):
            raise recusa(
                28, "Campo totalEntradas deve ser maior ou igual à soma dos campos: " + ", ".join(partes) + "."
            )
    return cnpjs


def _evento(valor: Any) -> tuple[int, date] | None:
    if valor is None:
        return None
    _chaves(valor, {"tipoEvento", "dataEvento"}, set(), "situacaoEspecial")
    tipo = _inteiro(valor["tipoEvento"], "tipoEvento", 1, 5)
    dia = str(_inteiro(valor["dataEvento"], "dataEvento", 20000101, 20991231))
    try:
        return tipo, date.fromisoformat(dia)
    except ValueError:
        raise recusa(4, "O campo dataEvento possui valor inválido.") from None


def _guardavel(valor: Any) -> Any:
    """The same with decimals as text, for a JSON column."""
    if isinstance(valor, dict):
        return {chave: _guardavel(item) for chave, item in valor.items()}
    if isinstance(valor, list):
        return [_guardavel(item) for item in valor]
    return str(valor) if isinstance(valor, Decimal) else valor
