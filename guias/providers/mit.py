"""MIT: the debits of a month that have no other bookkeeping (IRPJ, CSLL, PIS, Cofins, IPI...), closed into the DCTFWeb.

Keys of the wire are in PascalCase. Source: SERPRO, API Integra Contador, pages of MIT.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any
from zoneinfo import ZoneInfo

from guias.providers import wire
from guias.providers.catalogo import achar
from guias.providers.cliente import IntegraContador, NadaEncontrado, lendo
from guias.providers.interface import Partes
from operacoes.http import Chamadas

ENCAPURACAO314 = achar("MIT", "ENCAPURACAO314")
SITUACAOENC315 = achar("MIT", "SITUACAOENC315")
CONSAPURACAO316 = achar("MIT", "CONSAPURACAO316")
LISTAAPURACOES317 = achar("MIT", "LISTAAPURACOES317")

# The groups of debits, in the service's order, as it names them.
TRIBUTOS = (
    "Irpj", "Csll", "Irrf", "Ipi", "Iof", "PisPasep", "Cofins", "ContribuicoesDiversas", "Cpss", "Cprb",
    "OutrasReceitas",
)  # fmt: skip
_BRASILIA = ZoneInfo("America/Sao_Paulo")


class Situacao(IntEnum):
    COM_PENDENCIAS = 1
    EM_EDICAO = 2
    ENCERRADA = 3
    ENCERRANDO = 4


@dataclass(frozen=True)
class Debito:
    """A debit of one tribute (TRIBUTOS). `codigo` is the revenue code with its extension ("208901"); `periodo` when it
    is not the month's (a quarter, ten days)."""

    tributo: str
    codigo: str
    valor: Decimal
    periodo: str = ""
    cnpj_scp: str = ""


@dataclass(frozen=True)
class Encerramento:
    """One month to be closed. `qualificacao` 1 PJ in general...; `tributacao` 1 to 7, `variacoes` 1 to 3, `regime`
    1 to 4, the service's own domains. Without `debitos` it says that there was no movement."""

    competencia: date
    qualificacao: int
    tributacao: int
    variacoes: int
    regime: int
    cpf_responsavel: str
    debitos: tuple[Debito, ...] = ()

    @property
    def sem_movimento(self) -> bool:
        return not self.debitos


@dataclass(frozen=True)
class Apuracao:
    """One month as the service lists it; `total` in reais."""

    id: str
    competencia: date
    situacao: Situacao
    encerrada_em: datetime | None
    total: Decimal


@dataclass(frozen=True)
class Detalhe:
    situacao: Situacao | None
    pendencias: tuple[str, ...]


def encerrar(cliente: IntegraContador, partes: Partes, pedido: Encerramento, *, chamadas: Chamadas) -> str:
    """Send a month to be closed; returns the protocol by which the closing is followed."""
    resposta = cliente.chamar(ENCAPURACAO314, partes, _dados(pedido), chamadas)
    with lendo(ENCAPURACAO314):
        protocolo = str(resposta.dados["protocoloEncerramento"])
        if not protocolo.strip():
            raise ValueError("no protocol")
        return protocolo


def situacao(cliente: IntegraContador, partes: Partes, protocolo: str, *, chamadas: Chamadas) -> Situacao:
    """How far a closing is. Free."""
    resposta = cliente.chamar(SITUACAOENC315, partes, {"protocoloEncerramento": protocolo}, chamadas)
    with lendo(SITUACAOENC315):
        return Situacao(int(resposta.dados["situacaoEncerramento"]))


def detalhe(cliente: IntegraContador, partes: Partes, apuracao: str, *, chamadas: Chamadas) -> Detalhe:
    resposta = cliente.chamar(CONSAPURACAO316, partes, {"idApuracao": int(apuracao)}, chamadas)
    with lendo(CONSAPURACAO316):
        corpo = resposta.dados
        lida = corpo.get("apuracao") or {}
        numero = lida.get("situacao") or lida.get("Situacao")
        return Detalhe(
            Situacao(int(numero)) if numero else None,
            tuple(_pendencia(item) for item in corpo.get("pendencias") or []),
        )


def listar(
    cliente: IntegraContador, partes: Partes, ano: int, mes: int | None = None, *, chamadas: Chamadas
) -> tuple[Apuracao, ...]:
    dados: dict[str, Any] = {"anoApuracao": ano} | ({"mesApuracao": mes} if mes else {})
    try:
        resposta = cliente.chamar(LISTAAPURACOES317, partes, dados, chamadas)
    except NadaEncontrado:
        return ()
    with lendo(LISTAAPURACOES317):
        return tuple(_apuracao(item) for item in resposta.dados["Apuracoes"])


def _dados(pedido: Encerramento) -> dict[str, Any]:
    dados: dict[str, Any] = {
        "PeriodoApuracao": {"MesApuracao": pedido.competencia.month, "AnoApuracao": pedido.competencia.year},
        "DadosIniciais": {
            "SemMovimento": pedido.sem_movimento,
            "QualificacaoPj": pedido.qualificacao,
            "TributacaoLucro": pedido.tributacao,
            "VariacoesMonetarias": pedido.variacoes,
            "RegimePisCofins": pedido.regime,
            "ResponsavelApuracao": {"CpfResponsavel": pedido.cpf_responsavel},
        },
    }
    if pedido.debitos:
        dados["Debitos"] = _debitos(pedido.debitos)
    return dados


def _debitos(debitos: tuple[Debito, ...]) -> dict[str, Any]:
    grupos: dict[str, Any] = {}
    for numero, debito in enumerate(debitos, 1):
        item: dict[str, Any] = {
            "IdDebito": numero,
            "CodigoDebito": debito.codigo,
            "ValorDebito": wire.numero(debito.valor),
        }
        if debito.periodo:
            item["PaDebito"] = debito.periodo
        if debito.cnpj_scp:
            item["CnpjScp"] = debito.cnpj_scp
        grupos.setdefault(debito.tributo, {"ListaDebitos": []})["ListaDebitos"].append(item)
    return {tributo: grupos[tributo] for tributo in TRIBUTOS if tributo in grupos}


def _apuracao(item: dict[str, Any]) -> Apuracao:
    periodo = "".join(letra for letra in str(item["periodoApuracao"]) if letra.isdecimal())
    ano, mes = (periodo[2:], periodo[:2]) if int(periodo[:2]) <= 12 else (periodo[:4], periodo[4:])
    fechada = item.get("dataEncerramento")
    return Apuracao(
        id=str(item["idApuracao"]),
        competencia=date(int(ano), int(mes), 1),
        situacao=Situacao(int(item["situacao"])),
        encerrada_em=_quando(fechada) if fechada else None,
        total=wire.dinheiro(item.get("valorTotalApurado")),
    )


def _quando(texto: Any) -> datetime:
    """ISO, or digits AAAAMMDD with or without the time; Brasília's when it names no zone."""
    bruto = str(texto)
    lido = datetime.fromisoformat(bruto) if "-" in bruto else wire.instante(bruto.ljust(14, "0"))
    return lido if lido.tzinfo else lido.replace(tzinfo=_BRASILIA)


def _pendencia(item: Any) -> str:
    if isinstance(item, dict):
        valores = {str(chave).lower(): valor for chave, valor in item.items()}
        partes = [valores.get(nome) for nome in ("codigo", "descricao", "texto", "mensagem")]
        return ": ".join(str(parte) for parte in partes if parte)
    return str(item)
