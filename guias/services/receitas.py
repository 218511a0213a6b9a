"""Typing the month: revenue by activity, payroll and "sem movimento", for a page of establishments or a whole file."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction

from comum import auditoria
from comum.formatos import MAXIMO_EM_DINHEIRO, contar, format_competencia, format_dinheiro
from comum.models import Usuario
from empresas.models import Empresa
from guias.models import Apuracao, HistoricoMensal, Processo, Receita
from guias.services.andamento import em_andamento
from guias.services.calculo import recalcular, travar
from guias.services.colunas import Coluna
from guias.services.fatos import anos_de_caixa


@dataclass
class Digitado:
    """What was typed for one establishment. Columns that are not in `valores` stay as they are; zero takes one out.

    `da_empresa` are amounts of the company by name (DA_EMPRESA), those that are in it: `folha`, the revenue accrued in
    a month of cash, the fixed amounts of ICMS and ISS (zero takes them out). `sem_movimento` is of the company too:
    None leaves it as it is. `base` is the `marca` of what the person was looking at, None when it does not matter.
    """

    empresa: Empresa
    valores: dict[Coluna, Decimal] = field(default_factory=dict)
    da_empresa: dict[str, Decimal] = field(default_factory=dict)
    sem_movimento: bool | None = None
    base: str | None = None


DO_MES = ("folha", "interno", "externo")  # kept in HistoricoMensal
FIXOS = ("fixo_icms", "fixo_iss")  # kept in Apuracao
DA_EMPRESA = {
    "folha": "folha de salários",
    "interno": "receita por competência, mercado interno",
    "externo": "receita por competência, mercado externo",
    "fixo_icms": "ICMS em valor fixo",
    "fixo_iss": "ISS em valor fixo",
}


@dataclass(frozen=True)
class Impedimento:
    """Why nothing was written for an establishment (pt-BR)."""

    empresa_id: int
    mensagem: str


@dataclass(frozen=True)
class Estado:
    """What the database has for one establishment in one competência. `da_empresa` has only what somebody told, and
    nothing for a filial; `caixa`: the receitas are what was received."""

    valores: Mapping[Coluna, Decimal]
    da_empresa: Mapping[str, Decimal]
    sem_movimento: bool
    trava: str  # why it cannot be changed now (pt-BR), empty when it can
    caixa: bool = False
    processos: frozenset[str] = frozenset()

    @property
    def total(self) -> Decimal:
        return sum(self.valores.values(), Decimal(0))

    @property
    def marca(self) -> str:
        """Changes whenever what is shown would."""
        partes = [
            sorted((c.chave, str(v)) for c, v in self.valores.items()),
            sorted((nome, str(valor)) for nome, valor in self.da_empresa.items()),
            self.sem_movimento,
            self.trava,
        ]
        return hashlib.sha256(json.dumps(partes).encode()).hexdigest()[:16]


def estados(estabelecimentos: Iterable[Empresa], competencia: date) -> dict[int, Estado]:
    """State by establishment id, in a fixed number of queries."""
    todos = list(estabelecimentos)
    matriz_de = {e.pk: e.matriz_id or e.pk for e in todos}
    valores: dict[int, dict[Coluna, Decimal]] = defaultdict(dict)
    for receita in Receita.objects.filter(empresa__in=matriz_de, competencia=competencia):
        valores[receita.empresa_id][Coluna.de(receita)] = receita.valor
    matrizes = set(matriz_de.values())
    do_mes = {h.empresa_id: h for h in HistoricoMensal.objects.filter(empresa__in=matrizes, competencia=competencia)}
    de_caixa = anos_de_caixa(matrizes, competencia.year)
    processos: dict[int, set[str]] = defaultdict(set)
    for matriz, numero in Processo.objects.filter(empresa__in=matrizes).values_list("empresa", "numero"):
        processos[matriz].add(numero)
    apuracoes = {a.empresa_id: a for a in Apuracao.objects.filter(empresa__in=matrizes, competencia=competencia)}
    andamento = em_andamento(matrizes, competencia)
    resultado = {}
    for pk, matriz in matriz_de.items():
        apuracao = apuracoes.get(matriz)
        resultado[pk] = Estado(
            valores.get(pk, {}),
            _da_empresa(do_mes.get(matriz), apuracao) if pk == matriz else {},
            bool(apuracao and apuracao.sem_movimento),
            _trava(apuracao, matriz in andamento),
            (matriz, competencia.year) in de_caixa,
            frozenset(processos[matriz]),
        )
    return resultado


def _da_empresa(do_mes: HistoricoMensal | None, apuracao: Apuracao | None) -> dict[str, Decimal]:
    valores = {nome: getattr(do_mes, nome, None) for nome in DO_MES}
    if valores["interno"] is None:
        valores["externo"] = None
    valores |= {nome: getattr(apuracao, nome, None) for nome in FIXOS}
    return {nome: valor for nome, valor in valores.items() if valor is not None}


def _trava(apuracao: Apuracao | None, em_andamento: bool) -> str:
    if apuracao is not None and apuracao.situacao == Apuracao.Situacao.TRANSMITIDA:
        return (
            f"A declaração de {format_competencia(apuracao.competencia)} já foi transmitida. "
            "Abra uma retificação na apuração para mudar as receitas."
        )
    return "Há uma operação em andamento para esta apuração. Espere que termine." if em_andamento else ""


def gravar(
    digitados: Sequence[Digitado], competencia: date, usuario: Usuario, *, origem: str = "planilha da tela"
) -> tuple[int, list[Impedimento]]:
    """Write what was typed, all or nothing; returns how many establishments changed, or why nothing was written."""
    if not digitados:
        return 0, []
    with transaction.atomic():
        _travar(digitados, competencia)
        atuais = estados([digitado.empresa for digitado in digitados], competencia)
        mudancas = [(d, atuais[d.empresa.pk]) for d in digitados if _muda(d, atuais[d.empresa.pk])]
        impedimentos = [i for d, atual in mudancas if (i := _conferir(d, atual)) is not None]
        impedimentos += conferir_movimento(mudancas, competencia)
        if impedimentos or not mudancas:
            return 0, impedimentos
        _escrever(mudancas, competencia, usuario)
        auditoria.registrar(
            usuario=usuario,
            acao="guias.receitas",
            objeto=f"competencia:{competencia:%Y-%m}",
            resumo=f"Receitas de {format_competencia(competencia)} de "
            f"{contar(len(mudancas), 'estabelecimento', 'estabelecimentos')} ({origem})",
            dados={"empresas": [d.empresa.pk for d, _ in mudancas][:1000]},
        )
    return len(mudancas), []


def _travar(digitados: Sequence[Digitado], competencia: date) -> None:
    """One writer at a time for each company, in a fixed order; the Apuracao rows serve the transmission likewise."""
    matrizes = {d.empresa.matriz_id or d.empresa.pk for d in digitados}
    travar(matrizes)
    list(
        Apuracao.objects.filter(empresa__in=matrizes, competencia=competencia)
        .order_by("pk")
        .select_for_update()
        .values_list("pk")
    )


def _muda(digitado: Digitado, atual: Estado) -> bool:
    return (
        any(atual.valores.get(coluna, Decimal(0)) != valor for coluna, valor in digitado.valores.items())
        or any(_vale(atual, nome) != valor for nome, valor in digitado.da_empresa.items())
        or (digitado.sem_movimento is not None and digitado.sem_movimento != atual.sem_movimento)
    )


def _vale(atual: Estado, nome: str) -> Decimal | None:
    """A fixed amount that nobody told is none."""
    return atual.da_empresa.get(nome, Decimal(0) if nome in FIXOS else None)


def problema_da_empresa(digitado: Digitado, atual: Estado) -> tuple[str, str] | None:
    """(name as in DA_EMPRESA or "processo", pt-BR) of what does not go with the company; None when all does."""
    for nome in ("interno", "externo"):
        if nome in digitado.da_empresa and not atual.caixa and digitado.da_empresa[nome] != atual.da_empresa.get(nome):
            return nome, (
                "A receita por competência só se informa à parte no regime de caixa. Escolha o regime na apuração da "
                "empresa, ou deixe em branco."
            )
    for coluna, valor in digitado.valores.items():
        if valor and coluna.processo and coluna.processo not in atual.processos:
            return "processo", (
                f"O processo {coluna.processo} não está cadastrado nesta empresa. Inclua-o em Processos, na apuração, "
                "ou com todos os seus dados no CSV."
            )
    return None


def _conferir(digitado: Digitado, atual: Estado) -> Impedimento | None:
    if atual.trava:
        return Impedimento(digitado.empresa.pk, atual.trava)
    if errado := problema_da_empresa(digitado, atual):
        return Impedimento(digitado.empresa.pk, errado[1])
    if digitado.base is not None and digitado.base != atual.marca:
        total = format_dinheiro(atual.total)
        return Impedimento(
            digitado.empresa.pk,
            f"Outra pessoa mudou esta linha enquanto você digitava (agora soma {total}). "
            "Confira e grave de novo para ficar com os seus valores.",
        )
    return None


def conferir_movimento(mudancas: Sequence[tuple[Digitado, Estado]], competencia: date) -> list[Impedimento]:
    """What is of the whole company: "sem movimento" goes with no revenue in any establishment; the sum has a limit."""
    matriz_de = {d.empresa.pk: d.empresa.matriz_id or d.empresa.pk for d, _ in mudancas}
    matrizes = set(matriz_de.values())
    somas: dict[int, dict[tuple[int, Coluna], Decimal]] = defaultdict(dict)
    filiais = {e.pk: e.matriz_id or e.pk for e in Empresa.objects.filter(matriz__in=matrizes).only("matriz")}
    for receita in Receita.objects.filter(empresa__in=[*matrizes, *filiais], competencia=competencia):
        matriz = filiais.get(receita.empresa_id, receita.empresa_id)
        somas[matriz][receita.empresa_id, Coluna.de(receita)] = receita.valor
    parada = dict(
        Apuracao.objects.filter(empresa__in=matrizes, competencia=competencia).values_list("empresa", "sem_movimento")
    )
    for digitado, _ in mudancas:
        matriz = matriz_de[digitado.empresa.pk]
        somas[matriz] |= {(digitado.empresa.pk, coluna): valor for coluna, valor in digitado.valores.items()}
        if digitado.sem_movimento is not None:
            parada[matriz] = digitado.sem_movimento
    impedimentos = []
    for digitado, _ in mudancas:
        matriz = matriz_de[digitado.empresa.pk]
        total = sum(somas[matriz].values())
        if total > MAXIMO_EM_DINHEIRO:
            motivo = "A receita somada da empresa e das filiais é grande demais. Confira se há algarismos a mais."
            impedimentos.append(Impedimento(digitado.empresa.pk, motivo))
        elif total and parada.get(matriz):
            motivo = "Sem movimento marcado com receita informada na empresa ou em uma filial."
            impedimentos.append(Impedimento(digitado.empresa.pk, f"{motivo} Desmarque ou apague os valores."))
    return impedimentos


def _escrever(mudancas: Sequence[tuple[Digitado, Estado]], competencia: date, usuario: Usuario) -> None:
    novas, apagar = [], []
    for digitado, atual in mudancas:
        for coluna, valor in digitado.valores.items():
            if valor:
                novas.append(
                    Receita(
                        empresa=digitado.empresa,
                        competencia=competencia,
                        atividade=coluna.atividade,
                        tratamento=coluna.tratamento,
                        municipio_iss_id=coluna.municipio or None,
                        uf_icms=coluna.uf,
                        ajuste=coluna.ajuste,
                        valor=valor,
                    )
                )
            elif coluna in atual.valores:
                apagar.append((digitado.empresa.pk, coluna))
    _apagar(apagar, competencia)
    Receita.objects.bulk_create(
        novas,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["empresa", "competencia", "atividade", "tratamento", "municipio_iss", "uf_icms", "ajuste"],
        update_fields=["valor"],
    )
    _escrever_do_mes(mudancas, competencia)
    _marcar_na_apuracao(mudancas, competencia)
    matrizes = {d.empresa.matriz_id or d.empresa.pk for d, _ in mudancas}
    recalcular(Empresa.objects.filter(pk__in=matrizes), competencia, usuario, receita_mudou=True)


def _apagar(linhas: Sequence[tuple[int, Coluna]], competencia: date) -> None:
    if not linhas:
        return
    chaves = set(linhas)
    achadas = Receita.objects.filter(empresa__in={pk for pk, _ in linhas}, competencia=competencia)
    Receita.objects.filter(pk__in=[r.pk for r in achadas if (r.empresa_id, Coluna.de(r)) in chaves]).delete()


def _escrever_do_mes(mudancas: Sequence[tuple[Digitado, Estado]], competencia: date) -> None:
    linhas = []
    for digitado, atual in mudancas:
        if digitado.empresa.matriz_id or not digitado.da_empresa.keys() & set(DO_MES):
            continue
        valem = {nome: digitado.da_empresa.get(nome, atual.da_empresa.get(nome)) for nome in DO_MES}
        if valem["interno"] is None and valem["externo"] is not None:
            valem["interno"] = Decimal(0)
        valem["externo"] = valem["externo"] or Decimal(0)
        linhas.append(HistoricoMensal(empresa=digitado.empresa, competencia=competencia, **valem))
    HistoricoMensal.objects.bulk_create(
        linhas,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["empresa", "competencia"],
        update_fields=list(DO_MES),
    )


def _marcar_na_apuracao(mudancas: Sequence[tuple[Digitado, Estado]], competencia: date) -> None:
    """What is of the company and of its declaration: "sem movimento" and the fixed amounts."""
    linhas = []
    for digitado, atual in mudancas:
        fixos = {nome: digitado.da_empresa[nome] for nome in FIXOS if nome in digitado.da_empresa}
        if digitado.empresa.matriz_id or (digitado.sem_movimento is None and not fixos):
            continue
        parada = atual.sem_movimento if digitado.sem_movimento is None else digitado.sem_movimento
        valem = {nome: fixos.get(nome, atual.da_empresa.get(nome)) or None for nome in FIXOS}
        linhas.append(Apuracao(empresa=digitado.empresa, competencia=competencia, sem_movimento=parada, **valem))
    Apuracao.objects.bulk_create(
        linhas,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["empresa", "competencia"],
        update_fields=["sem_movimento", *FIXOS],
    )
