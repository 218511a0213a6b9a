"""DEFIS: the yearly declaration of socioeconomic and fiscal information of the Simples Nacional.

Source: SERPRO, API Integra Contador, "Transmitir a Declaração Sócio Econômica" (10/04/2026) and "Dados de domínio" of
DEFIS (22/12/2025). Amounts in reais, percentages with two places.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from guias.providers import wire
from guias.providers.catalogo import achar
from guias.providers.cliente import IntegraContador, NadaEncontrado, lendo
from guias.providers.interface import Partes
from operacoes.http import Chamadas

TRANSDECLARACAO141 = achar("DEFIS", "TRANSDECLARACAO141")
CONSDECLARACAO142 = achar("DEFIS", "CONSDECLARACAO142")
CONSULTIMADECREC143 = achar("DEFIS", "CONSULTIMADECREC143")
CONSDECREC144 = achar("DEFIS", "CONSDECREC144")

# The amounts of an establishment, as the service names them.
VALORES_DO_ESTABELECIMENTO = (
    "estoqueInicial", "estoqueFinal", "saldoCaixaInicial", "saldoCaixaFinal", "aquisicoesMercadoInterno", "importacoes",
    "totalEntradasPorTransferencia", "totalSaidasPorTransferencia", "totalDevolucoesVendas", "totalEntradas",
    "totalDevolucoesCompras", "totalDespesas",
)  # fmt: skip
# The lists that an establishment and the company may have, and those that go inside `informacaoOpcional`.
LISTAS_DO_ESTABELECIMENTO = (
    "operacoesInterestaduais", "issRetidosFonte", "prestacoesServicoComunicacao", "mudancaOutroMunicipio",
    "prestacoesServicoTransporte",
)  # fmt: skip
LISTAS_OPCIONAIS = (
    "vendasRevendedorAmbulante", "preparosComercializacaoRefeicoes", "producoesRurais", "aquisicoesProdutoresRurais",
    "aquisicoesDispensadosInscricao", "rateiosReceitaRegimeEspecial", "rateiosDecisaoJudicial",
    "rateiosReceitaOutrosRateios",
)  # fmt: skip
VALORES_OPCIONAIS = ("saidaTransferenciaMercadoria", "autoInfracaoPago")
LISTAS_DA_EMPRESA = ("comerciaisExportadoras", "doacoesCampanhaEleitoral")
TIPOS = {1: "Original", 2: "Retificadora", 3: "Original de situação especial", 4: "Retificadora de situação especial"}


@dataclass(frozen=True)
class SocioDefis:
    cpf: str
    isentos: Decimal
    tributaveis: Decimal
    participacao: Decimal  # percent
    irrf: Decimal


# One line of a list, by the names of the service: amounts are Decimal, days AAAAMMDD, municípios by their TOM code.
Linha = dict[str, str | int | Decimal]
Listas = Mapping[str, tuple[Linha, ...]]


@dataclass(frozen=True)
class EstabelecimentoDefis:
    """`valores`: by the names of VALORES_DO_ESTABELECIMENTO, and those of VALORES_OPCIONAIS that there are; `listas` by
    those of LISTAS_DO_ESTABELECIMENTO and LISTAS_OPCIONAIS, without the empty ones."""

    cnpj: str
    valores: dict[str, Decimal]
    listas: Listas = field(default_factory=dict)


@dataclass(frozen=True)
class NaoOptanteDefis:
    """The process of a company that the Receita does not have as opting. `administracao`: 1 Distrital, 2 Estadual, 3
    Federal, 4 Municipal, which are not the numbers of the PGDAS-D; `municipio_tom` 4 digits."""

    administracao: int
    uf: str
    municipio_tom: str
    processo: str


@dataclass(frozen=True)
class Defis:
    """One declaration. `evento`: (type 1..5, day AAAAMMDD) of a special situation; `inatividade` before 2025 only;
    `listas` by the names of LISTAS_DA_EMPRESA, without the empty ones."""

    ano: int
    ganho_capital: Decimal
    empregados_inicio: int
    empregados_fim: int
    exportacao_direta: Decimal
    renda_variavel: Decimal
    socios: tuple[SocioDefis, ...]
    estabelecimentos: tuple[EstabelecimentoDefis, ...]
    lucro_contabil: Decimal | None = None
    tesouraria: Decimal | None = None
    evento: tuple[int, int] | None = None
    inatividade: int | None = None
    listas: Listas = field(default_factory=dict)
    nao_optante: NaoOptanteDefis | None = None


@dataclass(frozen=True)
class DefisTransmitida:
    numero: str
    declaracao: bytes = b""
    recibo: bytes = b""


@dataclass(frozen=True)
class DefisListada:
    ano: int
    numero: str
    tipo: int
    transmitida_em: datetime


@dataclass(frozen=True)
class DefisDoContribuinte:
    """What the Receita has, and its clock at the answer."""

    declaracoes: tuple[DefisListada, ...] = field(default=())
    agora: datetime | None = None


def transmitir(cliente: IntegraContador, partes: Partes, defis: Defis, *, chamadas: Chamadas) -> DefisTransmitida:
    resposta = cliente.chamar(TRANSDECLARACAO141, partes, _para_envio(defis), chamadas)
    with lendo(TRANSDECLARACAO141):
        corpo = wire.um(resposta.dados)
        return DefisTransmitida(
            _numero(corpo["idDefis"]), wire.pdf(corpo.get("declaracaoPdf")), wire.pdf(corpo.get("reciboPdf"))
        )


def transmitidas(cliente: IntegraContador, partes: Partes, *, chamadas: Chamadas) -> DefisDoContribuinte:
    """All that the Receita still keeps of the contribuinte."""
    try:
        resposta = cliente.chamar(CONSDECLARACAO142, partes, None, chamadas)
    except NadaEncontrado:
        return DefisDoContribuinte()
    with lendo(CONSDECLARACAO142):
        lidas = tuple(
            DefisListada(
                int(item["anoCalendario"]), _numero(item["idDefis"]), int(item["tipo"]), wire.instante(item["dataHora"])
            )
            for item in resposta.dados or []
        )
        return DefisDoContribuinte(lidas, resposta.agora)


def ultima(cliente: IntegraContador, partes: Partes, ano: int, *, chamadas: Chamadas) -> DefisTransmitida | None:
    """The last of a year, with its PDFs."""
    try:
        resposta = cliente.chamar(CONSULTIMADECREC143, partes, {"ano": ano}, chamadas)
    except NadaEncontrado:
        return None
    with lendo(CONSULTIMADECREC143):
        return _documentos(resposta.dados)


def por_numero(cliente: IntegraContador, partes: Partes, numero: str, *, chamadas: Chamadas) -> DefisTransmitida | None:
    try:
        resposta = cliente.chamar(CONSDECREC144, partes, {"idDefis": int(numero)}, chamadas)
    except NadaEncontrado:
        return None
    with lendo(CONSDECREC144):
        return _documentos(resposta.dados)


def _documentos(dados: Any) -> DefisTransmitida:
    corpo = wire.um(dados)
    return DefisTransmitida(
        _numero(corpo["idDefis"]),
        wire.pdf(corpo.get("declaracao") or corpo.get("declaracaoPdf")),
        wire.pdf(corpo.get("recibo") or corpo.get("reciboPdf")),
    )


def _numero(valor: Any) -> str:
    """idDefis is text in some services and a number in others, where its zeros in front are lost."""
    lido = str(valor).strip()
    if not lido.isdecimal():
        raise ValueError("idDefis")
    return lido.zfill(15)


def _para_envio(defis: Defis) -> dict[str, Any]:
    empresa: dict[str, Any] = {
        "ganhoCapital": wire.numero(defis.ganho_capital),
        "qtdEmpregadoInicial": defis.empregados_inicio,
        "qtdEmpregadoFinal": defis.empregados_fim,
        "receitaExportacaoDireta": wire.numero(defis.exportacao_direta),
        "socios": [
            {
                "cpf": socio.cpf,
                "rendimentosIsentos": wire.numero(socio.isentos),
                "rendimentosTributaveis": wire.numero(socio.tributaveis),
                "participacaoCapitalSocial": wire.numero(socio.participacao),
                "irRetidoFonte": wire.numero(socio.irrf),
            }
            for socio in defis.socios
        ],
        "ganhoRendaVariavel": wire.numero(defis.renda_variavel),
        "estabelecimentos": [_estabelecimento(item) for item in defis.estabelecimentos],
        **_listas(defis.listas, LISTAS_DA_EMPRESA),
    }
    if defis.lucro_contabil is not None:
        empresa["lucroContabil"] = wire.numero(defis.lucro_contabil)
    if defis.tesouraria is not None:
        empresa["participacaoCotasTesouraria"] = wire.numero(defis.tesouraria)
    if (processo := defis.nao_optante) is not None:
        empresa["naoOptante"] = {
            "administracaoTributaria": processo.administracao,
            "uf": processo.uf,
            "codigoMunicipio": processo.municipio_tom,
            "numeroProcesso": processo.processo,
        }
    dados: dict[str, Any] = {"ano": defis.ano, "empresa": empresa}
    if defis.inatividade is not None:
        dados["inatividade"] = defis.inatividade
    if defis.evento is not None:
        tipo, dia = defis.evento
        dados["situacaoEspecial"] = {"tipoEvento": tipo, "dataEvento": dia}
    return dados


def _estabelecimento(item: EstabelecimentoDefis) -> dict[str, Any]:
    dados: dict[str, Any] = {
        "cnpjCompleto": item.cnpj,
        **{nome: wire.numero(item.valores[nome]) for nome in VALORES_DO_ESTABELECIMENTO},
        **_listas(item.listas, LISTAS_DO_ESTABELECIMENTO),
    }
    opcional = {nome: wire.numero(item.valores[nome]) for nome in VALORES_OPCIONAIS if nome in item.valores}
    if opcional := opcional | _listas(item.listas, LISTAS_OPCIONAIS):
        dados["informacaoOpcional"] = opcional
    return dados


def _listas(listas: Listas, nomes: Iterable[str]) -> dict[str, Any]:
    return {
        nome: [
            {campo: wire.numero(valor) if isinstance(valor, Decimal) else valor for campo, valor in linha.items()}
            for linha in listas[nome]
        ]
        for nome in nomes
        if listas.get(nome)
    }
