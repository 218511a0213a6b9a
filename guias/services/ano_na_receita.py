"""What the Receita has of the months of a year of the PGDAS-D (CONSDECLARACAO13), beside what the Guichê knows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from arquivo.models import Documento
from empresas.models import Empresa
from guias.models import Apuracao, Consulta, Guia, Retificacao
from guias.providers.interface import Periodo
from guias.providers.pgdasd import CONSDECLARACAO13
from operacoes.models import Operacao

DESDE = 2018  # the first year of the PGDAS-D that the API has
SERVICO = str(CONSDECLARACAO13)


@dataclass(frozen=True)
class DeclaracaoNaReceita:
    """`daqui`: it was transmitted by the Guichê. `malha`: what the Receita says of its being held, in its words."""

    numero: str
    tipo: str
    transmitida_em: datetime
    malha: str
    daqui: bool = False
    documentos: Sequence[Documento] = ()

    @property
    def tom_da_malha(self) -> str:
        return "neutro" if "liberad" in self.malha.lower() else "atencao"


@dataclass(frozen=True)
class DasNaReceita:
    """`guia` where the Guichê has it."""

    numero: str
    emitido_em: datetime
    pago: bool
    guia: Guia | None = None
    extrato: Documento | None = None


@dataclass
class MesNaReceita:
    competencia: date
    declaracoes: list[DeclaracaoNaReceita] = field(default_factory=list)
    das: list[DasNaReceita] = field(default_factory=list)
    apuracao: Apuracao | None = None


def em_json(periodo: Periodo) -> dict[str, Any]:
    """What is kept of one month."""
    return {
        "declaracoes": [
            {
                "numero": item.numero,
                "tipo": item.tipo,
                "transmitida_em": item.transmitida_em.isoformat(),
                "malha": item.malha,
            }
            for item in periodo.declaracoes
        ],
        "das": [
            {"numero": item.numero, "emitido_em": item.emitido_em.isoformat(), "pago": item.pago}
            for item in periodo.das
        ],
    }


def ultima(empresa: Empresa, ano: int) -> Consulta | None:
    """The last answer about a whole year."""
    return Consulta.objects.filter(empresa=empresa, servico=SERVICO, chave=str(ano)).order_by("-pk").first()


def meses(empresa: Empresa, consulta: Consulta) -> list[MesNaReceita]:
    """The months that have anything, in their order."""
    por_mes = {date.fromisoformat(mes): lido for mes, lido in consulta.resposta["meses"].items()}
    return _juntar(empresa, por_mes)


def do_mes(apuracao: Apuracao, perguntada: Operacao | None) -> tuple[MesNaReceita, datetime] | None:
    """One month by the newest answer, of the month alone (`perguntada`) or of its year, and when it came."""
    mes, do_ano = apuracao.competencia, ultima(apuracao.empresa, apuracao.competencia.year)
    respostas: list[tuple[datetime, dict[str, Any]]] = []
    if perguntada is not None and perguntada.encerrada_em is not None:
        respostas.append((perguntada.encerrada_em, perguntada.resposta))
    if do_ano is not None:
        respostas.append((do_ano.consultada_em, do_ano.resposta["meses"].get(mes.isoformat(), {})))
    if not respostas:
        return None
    quando, lido = max(respostas, key=lambda resposta: resposta[0])
    return _juntar(apuracao.empresa, {mes: lido})[0], quando


def _juntar(empresa: Empresa, por_mes: dict[date, dict[str, Any]]) -> list[MesNaReceita]:
    apuracoes = {a.competencia: a for a in Apuracao.objects.filter(empresa=empresa, competencia__in=por_mes)}
    nossas = _transmitidas_daqui(apuracoes.values())
    numeros = [item["numero"] for lido in por_mes.values() for lista in lido.values() for item in lista]
    guias = {guia.numero: guia for guia in Guia.objects.filter(empresa=empresa, numero__in=numeros)}
    papeis: dict[str, list[Documento]] = defaultdict(list)
    for papel in Documento.objects.guardados().filter(empresa=empresa, referencia__in=numeros).order_by("criado_em"):
        papeis[papel.referencia].append(papel)
    extratos = {
        numero: papel for numero, deles in papeis.items() for papel in deles if papel.tipo == Documento.Tipo.EXTRATO
    }
    return [
        MesNaReceita(
            mes,
            [
                DeclaracaoNaReceita(
                    item["numero"],
                    item["tipo"],
                    datetime.fromisoformat(item["transmitida_em"]),
                    item.get("malha", ""),
                    item["numero"] in nossas,
                    papeis[item["numero"]],
                )
                for item in lido.get("declaracoes", [])
            ],
            [
                DasNaReceita(
                    item["numero"],
                    datetime.fromisoformat(item["emitido_em"]),
                    item["pago"],
                    guias.get(item["numero"]),
                    extratos.get(item["numero"]),
                )
                for item in lido.get("das", [])
            ],
            apuracoes.get(mes),
        )
        for mes, lido in sorted(por_mes.items())
    ]


def _transmitidas_daqui(apuracoes: Iterable[Apuracao]) -> set[str]:
    """Numbers of the declarations that are, or were before a rectification, those of these apurações."""
    todas = list(apuracoes)
    antes = Retificacao.objects.filter(apuracao__in=todas).values_list("id_declaracao", flat=True)
    return {a.id_declaracao for a in todas if a.id_declaracao} | set(antes)


def declaradas(empresas: Iterable[Empresa], competencia: date) -> dict[int, DeclaracaoNaReceita]:
    """By empresa, the last declaration of the month that the last answer about its year has."""
    do_ano = Consulta.objects.filter(empresa__in=list(empresas), servico=SERVICO, chave=str(competencia.year))
    ultimas = do_ano.order_by("empresa_id", "-pk").distinct("empresa_id").values_list("empresa_id", "resposta__meses")
    achadas = {}
    for empresa, por_mes in ultimas:
        if listadas := por_mes.get(competencia.isoformat(), {}).get("declaracoes"):
            item = listadas[-1]
            quando = datetime.fromisoformat(item["transmitida_em"])
            achadas[empresa] = DeclaracaoNaReceita(item["numero"], item["tipo"], quando, item["malha"])
    return achadas


def meses_declarados(empresa: Empresa) -> dict[date, str]:
    """Number of the last declaration of each month that the last answer about its year has."""
    consultas = Consulta.objects.filter(empresa=empresa, servico=SERVICO).order_by("chave", "-pk").distinct("chave")
    return {
        date.fromisoformat(mes): lido["declaracoes"][-1]["numero"]
        for consulta in consultas
        for mes, lido in consulta.resposta["meses"].items()
        if lido["declaracoes"]
    }
