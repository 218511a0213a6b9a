"""What the Receita says was paid: kept, and matched to the guias by the number of the document."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from guias.models import Arrecadacao, Guia
from guias.providers.pagtoweb import Arrecadado
from guias.sinais import guia_paga
from operacoes.models import Operacao

_COLUNAS = (
    "tipo", "tipo_nome", "receita", "periodo", "vencimento", "total", "principal", "multa", "juros", "guia", "operacao",
    "vista_em",
)  # fmt: skip


def para_json(pago: Arrecadado) -> dict[str, Any]:
    """As a Consulta keeps it."""

    def texto(valor: Decimal | date | None) -> str | None:
        return None if valor is None else str(valor)

    return {
        "numero": pago.numero,
        "dia": texto(pago.dia),
        "tipo": pago.tipo,
        "tipo_nome": pago.tipo_nome,
        "receita": pago.receita,
        "periodo": texto(pago.periodo),
        "vencimento": texto(pago.vencimento),
        "total": texto(pago.total),
        "principal": texto(pago.principal),
        "multa": texto(pago.multa),
        "juros": texto(pago.juros),
    }


def registrar(operacao: Operacao, pagos: Sequence[Arrecadado]) -> list[Guia]:
    """Keep what was told of the Operacao's empresa, in the transaction that records it; returns the guias that it pays
    now, whole or in part."""
    assert operacao.empresa_id is not None  # noqa: S101 - it is asked of one empresa
    agora = timezone.now()
    guias = {guia.numero: guia for guia in _travadas(operacao, {pago.numero for pago in pagos})}
    linhas: dict[tuple[str, date], Arrecadacao] = {}
    # Pages may overlap when something is paid between two calls: the same row told twice is one.
    for pago in dict.fromkeys(pagos):
        linha = Arrecadacao(
            empresa_id=operacao.empresa_id,
            numero=pago.numero,
            dia=pago.dia,
            tipo=pago.tipo[:2],
            tipo_nome=pago.tipo_nome[:60],
            receita=pago.receita[:7],
            periodo=pago.periodo,
            vencimento=pago.vencimento,
            total=pago.total,
            principal=pago.principal,
            multa=pago.multa,
            juros=pago.juros,
            guia=guias.get(pago.numero),
            operacao=operacao,
            vista_em=agora,
        )
        if (mesma := linhas.get((pago.numero, pago.dia))) is not None:
            mesma.total += linha.total
            mesma.principal = mesma.multa = mesma.juros = None
        else:
            linhas[pago.numero, pago.dia] = linha
    Arrecadacao.objects.bulk_create(
        linhas.values(),
        batch_size=500,
        update_conflicts=True,
        unique_fields=["empresa", "numero", "dia"],
        update_fields=list(_COLUNAS),
    )
    return _marcar(guias.values())


def _travadas(operacao: Operacao, numeros: set[str]) -> Iterable[Guia]:
    suas = Guia.objects.filter(empresa=operacao.empresa_id, numero__in=numeros)
    return list(suas.select_for_update(no_key=True).order_by("pk"))


def _marcar(guias: Iterable[Guia]) -> list[Guia]:
    """Bring each (locked) guia to what all its payments say."""
    somas: dict[int, tuple[Decimal, date]] = {}
    por_guia: dict[int, list[tuple[Decimal, date]]] = defaultdict(list)
    todas = list(guias)
    for pk, total, dia in Arrecadacao.objects.filter(guia__in=todas).values_list("guia", "total", "dia"):
        por_guia[pk or 0].append((total, dia))
    for pk, partes in por_guia.items():
        somas[pk] = sum((total for total, _ in partes), Decimal(0)), max(dia for _, dia in partes)
    mudadas = []
    for guia in todas:
        soma, dia = somas[guia.pk]
        # What the PGDAS-D told as paid stays paid, by whatever value.
        inteira = soma >= guia.total or guia.paga_em is not None
        antes = (guia.paga_em, guia.valor_pago, guia.fonte)
        guia.paga_em, guia.valor_pago, guia.fonte = dia if inteira else None, soma, Guia.Fonte.PAGTOWEB
        if (guia.paga_em, guia.valor_pago, guia.fonte) == antes:
            continue
        guia.save(update_fields=["paga_em", "valor_pago", "fonte"])
        mudadas.append(guia)
        guia_paga.send(Guia, guia=guia)
    return mudadas


def marcar_pelo_parcelamento(operacao: Operacao, numero: str, dia: date, valor: Decimal) -> list[Guia]:
    """The guia of an instalment that DETPAGTOPARC says was paid, and by how much; what the payments themselves told
    stays."""
    pagas = []
    for guia in _travadas(operacao, {numero}):
        if guia.paga_em is None:
            guia.paga_em, guia.valor_pago, guia.fonte = dia, valor, Guia.Fonte.PARCELAS
            guia.save(update_fields=["paga_em", "valor_pago", "fonte"])
            pagas.append(guia)
            guia_paga.send(Guia, guia=guia)
    return pagas


def marcar_pelo_pgdasd(operacao: Operacao, numeros: Iterable[str]) -> list[Guia]:
    """DAS that CONSDECLARACAO13 says are paid, where the payments themselves have not told it: when and how much stays
    unknown."""
    hoje, pagas = timezone.localdate(), []
    for guia in _travadas(operacao, set(numeros)):
        if guia.paga_em is None and guia.valor_pago is None:
            guia.paga_em, guia.valor_pago, guia.fonte = hoje, guia.total, Guia.Fonte.PGDASD
            guia.save(update_fields=["paga_em", "valor_pago", "fonte"])
            pagas.append(guia)
            guia_paga.send(Guia, guia=guia)
    return pagas
