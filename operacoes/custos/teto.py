"""The cap of a billing period: what is optional stops first, what must be done goes on with a notice, unless the
Administrador says that everything stops.

Looked at twice: as intents are submitted (`barrar`, one submission of a conta after another, against what was charged
and what is queued), and every few seconds for what is queued already (`conferir`, whose word the claim follows).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from comum.auditoria import registrar
from comum.formatos import format_data, format_dinheiro
from comum.models import Usuario
from operacoes.custos.contas import contas_de
from operacoes.custos.precos import instantes, periodo, reais
from operacoes.custos.tarifa import tarifas
from operacoes.handlers import handler_de
from operacoes.intencao import NovaOperacao
from operacoes.models import AcessoCobrado, Classe, Teto

ALERTA = Decimal("0.8")  # of the cap: from here on it is told

# In two: each has an index of its own.
_NA_FILA = " UNION ALL ".join(
    f"""
SELECT coalesce(a.conta, o.acesso), o.classe, count(*)
  FROM operacoes_operacao o LEFT JOIN operacoes_acessocobrado a ON a.acesso = o.acesso
 WHERE o.classe <> 'gratis' AND coalesce(a.conta, o.acesso) = ANY(%(contas)s) AND {quais}
 GROUP BY 1, 2
"""  # noqa: S608 - constants
    for quais in ("o.situacao = 'pendente'", "o.situacao = 'enviando' AND o.tentativa_atual IS NOT NULL")
)


def na_fila(contas: Iterable[str]) -> Counter[tuple[str, str]]:
    """Calls by (conta, classe) of the Operacoes that were not answered yet."""
    somas: Counter[tuple[str, str]] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(_NA_FILA, {"contas": list(contas)})
        for conta, classe, n in cursor.fetchall():
            somas[conta, classe] += n
    return somas


class Barrada(NamedTuple):
    """An intent that the cap keeps out, and why, in pt-BR with what to do."""

    nova: NovaOperacao
    motivo: str


@dataclass(frozen=True)
class Andamento:
    """Where the period of a conta stands against its cap, in reais; `fila`: what is queued would add."""

    teto: Teto
    gasto: Decimal
    fila: Decimal
    fim: date

    @property
    def com_fila(self) -> Decimal:
        return self.gasto + self.fila

    @property
    def por_cento(self) -> int:
        return int(self.gasto * 100 / self.teto.valor)

    @property
    def atingido(self) -> bool:
        return self.gasto >= self.teto.valor

    @property
    def perto(self) -> bool:
        return self.com_fila >= self.teto.valor * ALERTA

    @property
    def texto(self) -> str:
        """The notice, from 80 % on; else empty."""
        if not self.perto:
            return ""
        teto, gasto = format_dinheiro(self.teto.valor), format_dinheiro(self.gasto)
        if self.atingido:
            para = "tudo o que é cobrado está parado" if self.teto.parar_tudo else "o que é opcional está parado"
            return (
                f"O teto de {teto} foi atingido: o período já custa {gasto} e {para} até {format_data(self.fim)}. "
                "Quem administra pode mudar o teto em Custos."
            )
        fila = f", e {format_dinheiro(self.fila)} na fila" if self.fila > 0 else ""
        return f"O período já usa {self.por_cento}% do teto de {teto}: {gasto} gastos{fila}."


class _Contas:
    """The capped contas of some accesses, with what each class of theirs has, charged and queued."""

    def __init__(self, acessos: Iterable[str], *, travar: bool = False) -> None:
        self.contas = contas_de(acessos)
        tetos = Teto.objects.filter(pk__in=set(self.contas.values())).order_by("pk")
        self.tetos = {teto.pk: teto for teto in (tetos.select_for_update() if travar else tetos)}
        self.hoje = timezone.localdate()
        self.inicio, self.fim = periodo(self.hoje)
        self.tarifas = tarifas(self.tetos, self.inicio)
        self._fila = na_fila(self.tetos) if self.tetos else Counter()

    def fila(self, conta: str) -> Counter[str]:
        return Counter({classe: n for (de, classe), n in self._fila.items() if de == conta})

    def custo(self, conta: str, mais: Mapping[str, int]) -> Decimal:
        """R$ of the period with these further calls, by class."""
        return self.tarifas[conta].custo(mais, self.hoje)

    def gasto(self, conta: str) -> Decimal:
        return self.custo(conta, {})

    def andamento(self, conta: str) -> Andamento:
        gasto = self.gasto(conta)
        fila = self.custo(conta, self.fila(conta)) - gasto
        return Andamento(self.tetos[conta], reais(gasto), reais(fila), self.fim)


def andamento(conta: str) -> Andamento | None:
    """None where there is no cap."""
    contas = _Contas([conta])
    return contas.andamento(conta) if conta in contas.tetos else None


def segurar(acessos: Iterable[str]) -> None:
    """Until the commit nobody else submits under the caps of these accesses: what is read then stays true."""
    contas = set(contas_de(acessos).values())
    list(Teto.objects.select_for_update().filter(pk__in=contas).order_by("pk").values_list("pk"))


def barrar(novas: "Sequence[NovaOperacao]", *, travar: bool = False) -> list[Barrada]:
    """Those of these intents that the caps keep out, in their order; with `travar`, inside a transaction, nobody else
    submits under the same caps until its end. What must be done takes the room first."""
    por_conta: dict[str, list[NovaOperacao]] = defaultdict(list)
    contas = _Contas({nova.acesso for nova in novas}, travar=travar)
    for nova in novas:
        if contas.contas[nova.acesso] in contas.tetos and _classes(nova):
            por_conta[contas.contas[nova.acesso]].append(nova)
    fora: list[Barrada] = []
    for conta, suas in por_conta.items():
        fora += _da_conta(contas, conta, suas)
    return fora


def _classes(nova: NovaOperacao) -> list[str]:
    return [c.value for c in handler_de(nova.tipo).chamadas_previstas(nova.pedido) if c != Classe.GRATIS]


def _da_conta(contas: _Contas, conta: str, novas: "list[NovaOperacao]") -> list[Barrada]:
    teto, mais = contas.tetos[conta], contas.fila(conta)
    param: list[NovaOperacao] = []
    vao: list[NovaOperacao] = []
    for nova in novas:
        para = teto.parar_tudo or handler_de(nova.tipo).e_opcional(nova.pedido)
        (param if para else vao).append(nova)
    for nova in vao:
        mais.update(_classes(nova))
    param.sort(key=lambda nova: handler_de(nova.tipo).e_opcional(nova.pedido))
    cabem = 0
    # One call more may cost less (the tier falls), so the most that fit is not where the first does not.
    for quantas, nova in enumerate(param, start=1):
        mais.update(_classes(nova))
        if contas.custo(conta, mais) <= teto.valor:
            cabem = quantas
    if cabem == len(param):
        return []
    motivo = _motivo(contas.andamento(conta))
    return [Barrada(nova, motivo) for nova in param[cabem:]]


def _motivo(andamento: Andamento) -> str:
    fila = f" e {format_dinheiro(andamento.fila)} estão na fila" if andamento.fila > 0 else ""
    return (
        f"Passaria do teto de {format_dinheiro(andamento.teto.valor)} do período, que já custa "
        f"{format_dinheiro(andamento.gasto)}{fila}. Peça a quem administra que aumente o teto em Custos, ou espere "
        f"o período seguinte, em {format_data(andamento.fim + timedelta(days=1))}."
    )


def avisos(chamadas: Mapping[tuple[str, str], int]) -> list[str]:
    """What a run of these calls, by (classe, acesso), does to the caps, in pt-BR: from 80 % on."""
    contas = _Contas({acesso for _, acesso in chamadas})
    ditos = []
    for conta, teto in contas.tetos.items():
        mais = contas.fila(conta)
        for (classe, acesso), n in chamadas.items():
            if contas.contas[acesso] == conta:
                mais[classe] += n
        custo, valor = reais(contas.custo(conta, mais)), format_dinheiro(teto.valor)
        if custo > teto.valor:
            passa = format_dinheiro(custo - teto.valor)
            ditos.append(f"Com este envio o período fica {passa} acima do teto de {valor}: o que é obrigatório segue.")
        elif custo >= teto.valor * ALERTA:
            ditos.append(f"Com este envio o período chega a {int(custo * 100 / teto.valor)}% do teto de {valor}.")
    return ditos


@transaction.atomic
def definir(conta: str, valor: Decimal | None, usuario: Usuario, *, parar_tudo: bool = False) -> None:
    """Set the cap of a conta, or take it away (None). What is queued follows at once."""
    if valor is None:
        Teto.objects.filter(pk=conta).delete()
        resumo = f"Tirou o teto de custo de {conta}"
    else:
        dados = {"valor": valor, "parar_tudo": parar_tudo, "alterado_por": usuario}
        Teto.objects.update_or_create(conta=conta, defaults=dados)
        resumo = f"Teto de custo de {conta}: {format_dinheiro(valor)} por período"
        resumo += ", parando tudo" if parar_tudo else ""
        conferir([conta])
    registrar(
        usuario=usuario,
        acao="custos.teto",
        objeto=f"conta:{conta}",
        resumo=resumo,
        dados={"valor": str(valor) if valor is not None else None, "parar_tudo": parar_tudo},
    )


def conferir(contas: Collection[str] | None = None) -> None:
    """Write down which caps (all of them, or these) were reached by what was charged: the claim holds back what is
    queued under them, until the period ends."""
    tetos = Teto.objects.all() if contas is None else Teto.objects.filter(pk__in=contas)
    quais = {teto.pk: teto for teto in tetos}
    if not quais:
        return
    vistas = _Contas(quais)
    fim = instantes(vistas.inicio)[1]
    for conta, teto in quais.items():
        # A cap's own key is an access of its own where nobody said otherwise.
        parado_ate = fim if vistas.gasto(conta) >= teto.valor else None
        if teto.parado_ate != parado_ate:
            Teto.objects.filter(pk=conta).update(parado_ate=parado_ate)


def parados() -> dict[str, bool]:
    """The accesses whose cap is reached, and whether everything of theirs stops."""
    tetos = {teto.conta: teto.parar_tudo for teto in Teto.objects.filter(parado_ate__gt=timezone.now())}
    if not tetos:
        return {}
    de_conta = AcessoCobrado.objects.filter(conta__in=tetos).values_list("acesso", "conta")
    return tetos | {acesso: tetos[conta] for acesso, conta in de_conta}
