"""The `dados` of TRANSDECLARACAO141, read strictly: names, types, two decimals, sums.

Source: SERPRO, API Integra Contador, "Transmitir a Declaração Sócio Econômica" (10/04/2026), domains and messages of
DEFIS (22/12/2025).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.integra_contador.envelope import ler_json
from sandbox.integra_contador.erros import Recusa
from sandbox.municipios import uf_por_tom, ufs

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
_LISTAS_DA_EMPRESA = {
    "comerciaisExportadoras": ("cnpjCompleto", "valor"),
    "doacoesCampanhaEleitoral": ("cnpjBeneficiario", "tipoBeneficiario", "formaDoacao", "valor"),
}
_OPCIONAIS_DA_EMPRESA = {"lucroContabil", "participacaoCotasTesouraria", "naoOptante", *_LISTAS_DA_EMPRESA}
_NO_MUNICIPIO = ("uf", "codMunicipio", "valor")
_MUDANCA = ("ufOrigem", "codigoMunicipioOrigem", "ufDestino", "codigoMunicipioDestino", "dataMudanca")
_LISTAS_DO_ESTABELECIMENTO = {
    "operacoesInterestaduais": ("uf", "valor", "tipoOperacao"),
    "issRetidosFonte": _NO_MUNICIPIO,
    "prestacoesServicoComunicacao": _NO_MUNICIPIO,
    "mudancaOutroMunicipio": _MUDANCA,
    "prestacoesServicoTransporte": _NO_MUNICIPIO,
}
_LISTAS_OPCIONAIS = {
    "vendasRevendedorAmbulante": _NO_MUNICIPIO,
    "preparosComercializacaoRefeicoes": _NO_MUNICIPIO,
    "producoesRurais": _NO_MUNICIPIO,
    "aquisicoesProdutoresRurais": _NO_MUNICIPIO,
    "aquisicoesDispensadosInscricao": _NO_MUNICIPIO,
    "rateiosReceitaRegimeEspecial": (*_NO_MUNICIPIO, "numeroRegime"),
    "rateiosDecisaoJudicial": (*_NO_MUNICIPIO, "identificacaoDecisao"),
    "rateiosReceitaOutrosRateios": (*_NO_MUNICIPIO, "origemExigencia"),
}
_VALORES_OPCIONAIS = ("saidaTransferenciaMercadoria", "autoInfracaoPago")
_NAO_OPTANTE = {"administracaoTributaria", "uf", "codigoMunicipio", "numeroProcesso"}
_DOMINIOS = {"tipoOperacao": 2, "tipoBeneficiario": 3, "formaDoacao": 7}
_DISTRITAL = 1
_DO_SOCIO = {"cpf", "rendimentosIsentos", "rendimentosTributaveis", "participacaoCapitalSocial", "irRetidoFonte"}


@dataclass(frozen=True)
class Entrada:
    ano: int
    evento: tuple[int, date] | None
    inatividade: int | None
    estabelecimentos: list[str]
    mudancas: list[date]
    nao_optante: bool
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
    for nome, campos in _LISTAS_DA_EMPRESA.items():
        _lista(empresa, nome, campos)
    evento, cnpjs = _evento(dados.get("situacaoEspecial")), _estabelecimentos(empresa)
    mudancas = [
        _dia(mudanca["dataMudanca"], "dataMudanca")
        for item in empresa["estabelecimentos"]
        for mudanca in item.get("mudancaOutroMunicipio") or []
    ]
    return Entrada(ano, evento, inatividade, cnpjs, mudancas, _nao_optante(empresa), _guardavel(dados))


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
        opcionais = {*_LISTAS_DO_ESTABELECIMENTO, "informacaoOpcional"}
        _chaves(item, {"cnpjCompleto", *_VALORES}, opcionais, "estabelecimento")
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
        for nome, campos in _LISTAS_DO_ESTABELECIMENTO.items():
            _lista(item, nome, campos)
        _opcional(item.get("informacaoOpcional"))
    return cnpjs


def _opcional(valor: Any) -> None:
    if valor is None:
        return
    _chaves(valor, set(), {*_LISTAS_OPCIONAIS, *_VALORES_OPCIONAIS}, "informacaoOpcional")
    for nome in _VALORES_OPCIONAIS:
        if valor.get(nome) is not None:
            _valor(valor[nome], nome)
    for nome, campos in _LISTAS_OPCIONAIS.items():
        _lista(valor, nome, campos)


def _lista(dono: Mapping[str, Any], nome: str, campos: tuple[str, ...]) -> None:
    lista = dono.get(nome)
    if lista is None:
        return
    if not isinstance(lista, list):
        raise recusa(4, f"O campo {nome} possui valor inválido.")
    vistas: set[tuple[Any, ...]] = set()
    for linha in lista:
        _chaves(linha, set(campos), set(), nome)
        for campo in campos:
            _campo(linha, campo)
        chave = tuple(linha[campo] for campo in campos if campo != "valor")
        if chave in vistas:
            raise recusa(27, f"Informações duplicadas em {nome}.")
        vistas.add(chave)


def _campo(linha: Mapping[str, Any], campo: str) -> None:
    valor = linha[campo]
    if campo == "valor":
        _valor(valor, campo)
    elif campo in _DOMINIOS:
        _inteiro(valor, campo, 1, _DOMINIOS[campo])
    elif campo.startswith("cnpj"):
        if not isinstance(valor, str) or len(valor) != 14:
            raise recusa(5, f"O campo {campo} deve ter o total de 14 caracteres.")
        if not cnpj_valido(valor):
            raise recusa(15, "Cnpj não encontrado.")
    elif campo.startswith("uf"):
        _uf(valor, campo)
    elif campo == "dataMudanca":
        _dia(valor, campo)
    elif "Municipio" in campo:
        _municipio(valor, linha["uf" + campo.removeprefix("codigoMunicipio").removeprefix("codMunicipio")], campo)
    elif not isinstance(valor, str) or not valor.strip():
        raise recusa(4, f"O campo {campo} possui valor inválido.")


def _uf(valor: Any, campo: str) -> None:
    if not isinstance(valor, str) or valor not in ufs():
        raise recusa(4, f"O campo {campo} possui valor inválido.")


def _municipio(codigo: Any, uf: str, campo: str) -> None:
    if not isinstance(codigo, str) or len(codigo) != 4:
        raise recusa(5, f"O campo {campo} deve ter o total de 4 caracteres.")
    if codigo not in uf_por_tom():
        raise recusa(32, "Município informado inválido.", tipo="Erro")
    if uf_por_tom()[codigo] != uf:
        raise recusa(33, f"O municipio {codigo} não pertence a {uf}.")


def _nao_optante(empresa: Mapping[str, Any]) -> bool:
    valor = empresa.get("naoOptante")
    if valor is None:
        return False
    _chaves(valor, _NAO_OPTANTE, set(), "naoOptante")
    administracao = _inteiro(valor["administracaoTributaria"], "administracaoTributaria", 1, 4)
    _uf(valor["uf"], "uf")
    if administracao == _DISTRITAL and valor["uf"] != "DF":
        raise recusa(10, "Para administração tributária distrital deve ser passado DF no campo UF.")
    _municipio(valor["codigoMunicipio"], valor["uf"], "codigoMunicipio")
    processo = valor["numeroProcesso"]
    if not isinstance(processo, str) or not (processo.isascii() and processo.isdecimal()):
        raise recusa(4, "O campo numeroProcesso possui valor inválido.")
    if len(processo) > 20:
        raise recusa(5, "O campo numeroProcesso deve ter o total de 20 caracteres.")
    return True


def _evento(valor: Any) -> tuple[int, date] | None:
    if valor is None:
        return None
    _chaves(valor, {"tipoEvento", "dataEvento"}, set(), "situacaoEspecial")
    tipo = _inteiro(valor["tipoEvento"], "tipoEvento", 1, 5)
    return tipo, _dia(valor["dataEvento"], "dataEvento")


def _dia(valor: Any, campo: str) -> date:
    dia = str(_inteiro(valor, campo, 20000101, 20991231))
    try:
        return date.fromisoformat(dia)
    except ValueError:
        raise recusa(4, f"O campo {campo} possui valor inválido.") from None


def _guardavel(valor: Any) -> Any:
    """The same with decimals as text, for a JSON column."""
    if isinstance(valor, dict):
        return {chave: _guardavel(item) for chave, item in valor.items()}
    if isinstance(valor, list):
        return [_guardavel(item) for item in valor]
    return str(valor) if isinstance(valor, Decimal) else valor
