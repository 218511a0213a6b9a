"""MIT: the debits of a month that have no other bookkeeping (IRPJ, CSLL, PIS, Cofins, IPI...), closed into the DCTFWeb.

Keys of the wire are in PascalCase, in the order of the import layout. Source: SERPRO, API Integra Contador, pages of
MIT (10/04/2026), which are the layout 1.0 of the Receita's import file (20/02/2025).
"""

from calendar import monthrange
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
from operacoes.errors import ProviderRefused
from operacoes.http import Chamadas

ENCAPURACAO314 = achar("MIT", "ENCAPURACAO314")
SITUACAOENC315 = achar("MIT", "SITUACAOENC315")
CONSAPURACAO316 = achar("MIT", "CONSAPURACAO316")
LISTAAPURACOES317 = achar("MIT", "LISTAAPURACOES317")

# The groups of debits, in the service's order, as it names them.
TRIBUTOS = (
    "Irpj", "Csll", "Irrf", "Ipi", "Iof", "PisPasep", "Cofins", "ContribuicoesDiversas", "Cpss",
    "RetPagamentoUnificado",
)  # fmt: skip
REAL_ANUAL, ORGAO_PUBLICO = 1, 11
DEPOSITO_INTEGRAL = 2  # the reason of a suspension that is itself a deposit
PARCIAIS = (4, 6)  # the events after which the company goes on
_BRASILIA = ZoneInfo("America/Sao_Paulo")


class Situacao(IntEnum):
    COM_PENDENCIAS = 1
    EM_EDICAO = 2
    ENCERRADA = 3
    ENCERRANDO = 4


@dataclass(frozen=True)
class Debito:
    """A debit of one tribute (TRIBUTOS). `codigo` is the revenue code with its extension ("208901"); `periodo` the day,
    ten days or fortnight of one that is not of the whole month. `estabelecimento`: the last 6 of the CNPJ, of IPI and
    Cide; `incorporacao`: the last 6 or the whole CNPJ, of RET. `evento`: the event after which it arose, if any.
    `postergado`: (year, quarter, 0 of an annual one) from which a debit of IRPJ or CSLL was put off.
    `municipio_do_ouro`: IBGE code, of IOF on gold."""

    tributo: str
    codigo: str
    valor: Decimal
    periodo: int | None = None
    cnpj_scp: str = ""
    estabelecimento: str = ""
    incorporacao: str = ""
    evento: int | None = None
    postergado: tuple[int, int] | None = None
    municipio_do_ouro: str = ""


@dataclass(frozen=True)
class Suspensao:
    """A process that suspends debits of the month: (position in `Encerramento.debitos`, amount suspended). `motivo` 1
    to 13 of a judicial one, None of an administrative; only a judicial one has what follows. `municipio`: IBGE code."""

    processo: str
    motivo: int | None
    deposito: bool
    terceiro: bool
    decisao: date | None
    vara: int
    municipio: str
    debitos: tuple[tuple[int, Decimal], ...]


@dataclass(frozen=True)
class Evento:
    """A special event of the month: 1 extinção, 2 fusão, 3 cisão total, 4 cisão parcial, 5 and 6 incorporação of and by
    the company."""

    dia: int
    tipo: int


@dataclass(frozen=True)
class Encerramento:
    """One month to be closed. `qualificacao` 1 to 12, `tributacao` 1 to 7, `variacoes` 1 to 3, `regime` 1 to 4, the
    service's own domains. Without `debitos` it says that there was no movement. `eventos` by their day; `balanco`: a
    balance of suspension or reduction was drawn up, said of who pays by estimate only."""

    competencia: date
    qualificacao: int
    tributacao: int
    variacoes: int
    regime: int
    cpf_responsavel: str
    debitos: tuple[Debito, ...] = ()
    eventos: tuple[Evento, ...] = ()
    balanco: bool = False
    suspensoes: tuple[Suspensao, ...] = ()

    @property
    def sem_movimento(self) -> bool:
        return not self.debitos

    @property
    def diz_balanco(self) -> bool:
        """Estimates are of who was there until the end of the month without a split or merger on its last day."""
        ultimo = monthrange(self.competencia.year, self.competencia.month)[1]
        encerram = any(e.tipo not in PARCIAIS or e.dia == ultimo for e in self.eventos)
        return self.tributacao == REAL_ANUAL and not encerram


@dataclass(frozen=True)
class Apuracao:
    """One month as the service lists it; `total` in reais."""

    id: str
    competencia: date
    situacao: Situacao
    encerrada_em: datetime | None
    total: Decimal


@dataclass(frozen=True)
class Andamento:
    """How far a closing is. `avisos` are the words of the DCTFWeb on it."""

    situacao: Situacao
    id: str = ""
    avisos: tuple[str, ...] = ()


@dataclass(frozen=True)
class Detalhe:
    situacao: Situacao | None
    pendencias: tuple[str, ...]


def encerrar(cliente: IntegraContador, partes: Partes, pedido: Encerramento, *, chamadas: Chamadas) -> str:
    """Send a month to be closed; returns the protocol by which the closing is followed. Raises ProviderRefused, before
    any call, for a group of debits that the service does not have."""
    if estranhos := {debito.tributo for debito in pedido.debitos} - set(TRIBUTOS):
        quais = ", ".join(sorted(estranhos))
        raise ProviderRefused(
            f"O MIT não recebe débitos de {quais}. Corrija os débitos do mês e encerre de novo.",
            codigo="GUICHE-MIT-TRIBUTO",
        )
    resposta = cliente.chamar(ENCAPURACAO314, partes, _dados(pedido), chamadas)
    with lendo(ENCAPURACAO314):
        protocolo = str(resposta.dados["protocoloEncerramento"])
        if not protocolo.strip():
            raise ValueError("no protocol")
        return protocolo


def situacao(cliente: IntegraContador, partes: Partes, protocolo: str, *, chamadas: Chamadas) -> Andamento:
    """How far a closing is. Free."""
    resposta = cliente.chamar(SITUACAOENC315, partes, {"protocoloEncerramento": protocolo}, chamadas)
    with lendo(SITUACAOENC315):
        lida = resposta.dados
        return Andamento(
            Situacao(int(lida.get("situacaoApuracao") or lida["situacaoEncerramento"])),  # told by both names
            str(lida.get("idApuracao") or ""),
            tuple(str(aviso) for aviso in lida.get("avisosDctf") or []),
        )


def detalhe(cliente: IntegraContador, partes: Partes, apuracao: str, *, chamadas: Chamadas) -> Detalhe:
    resposta = cliente.chamar(CONSAPURACAO316, partes, {"idApuracao": int(apuracao)}, chamadas)
    with lendo(CONSAPURACAO316):
        corpo = resposta.dados
        numero = corpo.get("situacaoApuracao")
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
        "PeriodoApuracao": {"MesApuracao": pedido.competencia.month, "AnoApuracao": pedido.competencia.year}
    }
    if pedido.eventos:
        dados["ListaEventosEspeciais"] = [
            {"IdEvento": numero, "DiaEvento": evento.dia, "TipoEvento": evento.tipo}
            for numero, evento in enumerate(pedido.eventos, 1)
        ]
    dados["DadosIniciais"] = _iniciais(pedido)
    if pedido.sem_movimento:
        dados["TransmissaoImediata"] = False  # the DCTFWeb is transmitted by itself, signed and on record
        return dados
    numeros = _numeros(pedido.debitos)
    debitos = _debitos(pedido.debitos, numeros)
    dados["Debitos"] = ({"BalancoLucroReal": pedido.balanco} if pedido.diz_balanco else {}) | debitos
    if pedido.suspensoes:
        dados["ListaSuspensoes"] = [_suspensao(suspensao, numeros) for suspensao in pedido.suspensoes]
    return dados


def _iniciais(pedido: Encerramento) -> dict[str, Any]:
    iniciais: dict[str, Any] = {"SemMovimento": pedido.sem_movimento, "QualificacaoPj": pedido.qualificacao}
    if not pedido.sem_movimento:
        if pedido.qualificacao != ORGAO_PUBLICO:
            iniciais["TributacaoLucro"] = pedido.tributacao
        iniciais |= {"VariacoesMonetarias": pedido.variacoes, "RegimePisCofins": pedido.regime}
    return iniciais | {"ResponsavelApuracao": {"CpfResponsavel": pedido.cpf_responsavel}}


def _numeros(debitos: tuple[Debito, ...]) -> dict[int, int]:
    """Position of each debit -> its IdDebito, in the order in which they are sent."""
    na_ordem = sorted(enumerate(debitos), key=lambda par: (TRIBUTOS.index(par[1].tributo), par[1].evento or 0))
    return {posicao: numero for numero, (posicao, _) in enumerate(na_ordem, 1)}


def _suspensao(suspensao: Suspensao, numeros: dict[int, int]) -> dict[str, Any]:
    item: dict[str, Any] = {"TipoSuspensao": 1 if suspensao.motivo is None else 2}
    if suspensao.motivo is not None:
        item["MotivoSuspensao"] = suspensao.motivo
        if suspensao.motivo != DEPOSITO_INTEGRAL:
            item["ComDeposito"] = suspensao.deposito
    item["NumeroProcesso"] = suspensao.processo
    if suspensao.motivo is not None and suspensao.decisao is not None:
        item |= {
            "ProcessoTerceiro": suspensao.terceiro,
            "DataDecisao": int(f"{suspensao.decisao:%Y%m%d}"),
            "VaraJudiciaria": suspensao.vara,
            "CodigoMunicipioSj": suspensao.municipio,
        }
    item["ListaDebitosSuspensos"] = [
        {"IdDebitoSuspenso": numeros[posicao], "ValorSuspenso": wire.numero(valor)}
        for posicao, valor in sorted(suspensao.debitos, key=lambda debito: numeros[debito[0]])
    ]
    return item


def _debitos(debitos: tuple[Debito, ...], numeros: dict[int, int]) -> dict[str, Any]:
    grupos: dict[str, Any] = {}
    for posicao, numero in numeros.items():
        debito = debitos[posicao]
        ano, trimestre = debito.postergado or (None, None)
        item = {
            "IdDebito": numero,
            "IdEventoDebito": debito.evento,
            "CodigoDebito": debito.codigo,
            "PaDebito": debito.periodo,
            "AnoPostergado": ano,
            "TrimPostergado": trimestre or None,
            "CnpjEstabelecimento": debito.estabelecimento,
            "CnpjIncorporacao": debito.incorporacao,
            "CnpjScp": debito.cnpj_scp,
            "CodigoMunicipioOuro": debito.municipio_do_ouro,
            "ValorDebito": wire.numero(debito.valor),
        }
        lista = "ListaDebitosAposEvento" if debito.evento else "ListaDebitos"
        dito = {nome: valor for nome, valor in item.items() if valor not in (None, "")}
        grupos.setdefault(debito.tributo, {}).setdefault(lista, []).append(dito)
    return grupos


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
