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
from guias.calculo.atividades import ATIVIDADES, NOMES_CURTOS
from guias.models import (
    COM_OUTRO_MUNICIPIO,
    COM_TRATAMENTO,
    TIPOS_DA_APURACAO,
    Apuracao,
    HistoricoMensal,
    Receita,
    Tratamento,
)
from guias.services.calculo import reabrir, recalcular, travar
from operacoes.models import ABERTAS, Operacao


@dataclass(frozen=True, order=True)
class Coluna:
    """What a column of the sheet holds: an activity, its treatment and where its ISS is due (IBGE code)."""

    atividade: int
    tratamento: str = ""
    municipio: str = ""

    @property
    def chave(self) -> str:
        """As it travels in URLs and field names: 13, 2.st, 10.3304557."""
        return ".".join(filter(None, [str(self.atividade), self.tratamento, self.municipio]))

    @property
    def rotulo(self) -> str:
        """As a person reads it: atividade 2 (Revenda ST/mono), ICMS por substituição."""
        partes = [f"atividade {self.atividade} ({NOMES_CURTOS[self.atividade]})"]
        if self.tratamento:
            partes.append(Tratamento(self.tratamento).label)
        if self.municipio:
            partes.append(f"município {self.municipio}")
        return ", ".join(partes)

    @classmethod
    def ler(cls, chave: str) -> "Coluna | None":
        """The column of a key; None when it names nothing that can be typed."""
        numero, _, resto = chave.partition(".")
        if not numero.isascii() or not numero.isdecimal() or int(numero) not in ATIVIDADES:
            return None
        atividade = int(numero)
        if atividade in COM_TRATAMENTO:
            return cls(atividade, resto) if resto and resto in Tratamento.values else None
        if atividade in COM_OUTRO_MUNICIPIO:
            return cls(atividade, "", resto) if len(resto) == 7 and resto.isdecimal() else None
        return None if resto else cls(atividade)

    @classmethod
    def de(cls, receita: Receita) -> "Coluna":
        return cls(receita.atividade, receita.tratamento, receita.municipio_iss_id or "")


@dataclass
class Digitado:
    """What was typed for one establishment. Columns that are not in `valores` stay as they are; zero takes one out.

    `folha` and `sem_movimento` are of the company: None leaves them as they are. `base` is the `marca` of what the
    person was looking at, None when it does not matter.
    """

    empresa: Empresa
    valores: dict[Coluna, Decimal] = field(default_factory=dict)
    folha: Decimal | None = None
    sem_movimento: bool | None = None
    base: str | None = None


@dataclass(frozen=True)
class Impedimento:
    """Why nothing was written for an establishment (pt-BR)."""

    empresa_id: int
    mensagem: str


@dataclass(frozen=True)
class Estado:
    """What the database has for one establishment in one competência."""

    valores: Mapping[Coluna, Decimal]
    folha: Decimal | None
    sem_movimento: bool
    trava: str  # why it cannot be changed now (pt-BR), empty when it can

    @property
    def total(self) -> Decimal:
        return sum(self.valores.values(), Decimal(0))

    @property
    def marca(self) -> str:
        """Changes whenever what is shown would."""
        partes = [
            sorted((c.chave, str(v)) for c, v in self.valores.items()),
            str(self.folha),
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
    folhas = dict(
        HistoricoMensal.objects.filter(empresa__in=matrizes, competencia=competencia).values_list("empresa", "folha")
    )
    apuracoes = {a.empresa_id: a for a in Apuracao.objects.filter(empresa__in=matrizes, competencia=competencia)}
    andamento = em_andamento(matrizes, competencia)
    resultado = {}
    for pk, matriz in matriz_de.items():
        apuracao = apuracoes.get(matriz)
        resultado[pk] = Estado(
            valores.get(pk, {}),
            folhas.get(matriz) if pk == matriz else None,
            bool(apuracao and apuracao.sem_movimento),
            _trava(apuracao, matriz in andamento),
        )
    return resultado


def em_andamento(matrizes: Iterable[int], competencia: date) -> set[int]:
    """Companies whose apuração is being simulated, transmitted or billed right now."""
    abertas = Operacao.objects.filter(
        empresa__in=list(matrizes), competencia=competencia, tipo__in=TIPOS_DA_APURACAO, situacao__in=ABERTAS
    )
    return {pk for pk in abertas.values_list("empresa", flat=True) if pk is not None}


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
        or (digitado.folha is not None and digitado.folha != atual.folha)
        or (digitado.sem_movimento is not None and digitado.sem_movimento != atual.sem_movimento)
    )


def _conferir(digitado: Digitado, atual: Estado) -> Impedimento | None:
    if atual.trava:
        return Impedimento(digitado.empresa.pk, atual.trava)
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
        unique_fields=["empresa", "competencia", "atividade", "tratamento", "municipio_iss"],
        update_fields=["valor"],
    )
    folhas = [
        HistoricoMensal(empresa=d.empresa, competencia=competencia, folha=d.folha)
        for d, _ in mudancas
        if d.folha is not None and not d.empresa.matriz_id
    ]
    HistoricoMensal.objects.bulk_create(
        folhas,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["empresa", "competencia"],
        update_fields=["folha"],
    )
    _marcar_sem_movimento(mudancas, competencia)
    matrizes = {d.empresa.matriz_id or d.empresa.pk for d, _ in mudancas}
    recalcular(Empresa.objects.filter(pk__in=matrizes), competencia, usuario, receita_mudou=True)


def _apagar(linhas: Sequence[tuple[int, Coluna]], competencia: date) -> None:
    if not linhas:
        return
    chaves = set(linhas)
    achadas = Receita.objects.filter(empresa__in={pk for pk, _ in linhas}, competencia=competencia)
    Receita.objects.filter(pk__in=[r.pk for r in achadas if (r.empresa_id, Coluna.de(r)) in chaves]).delete()


def _marcar_sem_movimento(mudancas: Sequence[tuple[Digitado, Estado]], competencia: date) -> None:
    marcadas = {d.empresa.pk: d.sem_movimento for d, _ in mudancas if d.sem_movimento is not None}
    if not marcadas:
        return
    Apuracao.objects.bulk_create(
        [Apuracao(empresa_id=pk, competencia=competencia, sem_movimento=valor) for pk, valor in marcadas.items()],
        update_conflicts=True,
        unique_fields=["empresa", "competencia"],
        update_fields=["sem_movimento"],
    )


def retificar(apuracao: Apuracao, usuario: Usuario) -> str:
    """Open a revision of a transmitted declaration: receitas can change again, the next transmission replaces it.

    Returns why it could not be opened (pt-BR), empty when it was.
    """
    with transaction.atomic():
        travar([apuracao.empresa_id])
        travada = Apuracao.objects.select_for_update().get(pk=apuracao.pk)
        if travada.situacao != Apuracao.Situacao.TRANSMITIDA:
            return "Só se retifica uma declaração transmitida."
        if em_andamento([travada.empresa_id], travada.competencia):
            return "Há uma operação em andamento para esta apuração. Espere que termine."
        reabrir(travada)
        travada.retificadora = True
        travada.revisao += 1
        travada.preparada_por = usuario
        travada.save()
        auditoria.registrar(
            usuario=usuario,
            acao="guias.retificar",
            objeto=travada,
            resumo=f"Retificação {travada.revisao} de {format_competencia(travada.competencia)} aberta",
            dados={"declaracao_anterior": travada.id_declaracao},
        )
        recalcular([travada.empresa], travada.competencia, usuario, receita_mudou=True)
    return ""
