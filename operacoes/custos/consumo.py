"""SERPRO's report against our own record, tag by tag: each call carries the id of its Tentativa (X-Request-Tag).

Compared are the calls that the contract charges, by tag and class. Of ours only those made until the last line of the
report, since it may have been drawn in the middle of the period.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Max, TextChoices

from operacoes.custos.precos import COBRADAS, meia_noite, reais
from operacoes.custos.tarifa import Tarifa
from operacoes.models import Classe, Consumo, Tentativa


class Grupo(TextChoices):
    FALTAM = "faltam", "Só no Guichê"
    ALHEIAS = "alheias", "Só no SERPRO, de tag desconhecida"
    TALVEZ = "talvez", "Sem resposta aqui, cobradas pelo SERPRO"
    DIFEREM = "diferem", "Quantidade ou cobrança diferente"
    INCERTAS = "incertas", "Cobrança incerta (504)"
    IGUAIS = "iguais", "Iguais dos dois lados"


# What each group means, and what to do about it.
SIGNIFICADO = {
    Grupo.FALTAM: "O Guichê recebeu a resposta e contou a cobrança, e o relatório não traz a tag. Se o relatório é de "
    "antes do fechamento, importe-o de novo depois; se não é, a conta do SERPRO deve vir menor do que a daqui.",
    Grupo.ALHEIAS: "Chamadas pagas por este contrato que não saíram do Guichê: outro sistema usa as mesmas chaves, ou "
    "usou antes. Descubra qual; se ninguém souber, troque o Consumer Secret na tabela 102.",
    Grupo.TALVEZ: "O envio saiu e a resposta não chegou: aqui contam como “talvez”. O relatório mostra que o SERPRO as "
    "atendeu e cobra.",
    Grupo.DIFEREM: "A tag está dos dois lados, mas um conta mais chamadas cobradas do que o outro, ou em outra classe. "
    "Abra a tentativa e compare as respostas; contestando, cite a tag.",
    Grupo.INCERTAS: "Terminaram em 504, que o contrato não diz se cobra. Contam nas duas somas; a fatura é que decide.",
    Grupo.IGUAIS: "A mesma quantidade, na mesma classe, com a mesma tag.",
}

_COMPARAR = """
WITH deles AS (
    SELECT l.tag, l.classe, sum(l.quantidade)::bigint AS n, bool_or(l.cobranca = 'incerta') AS incerta,
           min(l.quando) AS quando, CASE WHEN l.tag ~ '^[0-9a-f]{32}$' THEN l.tag::uuid END AS id
      FROM operacoes_linhaconsumo l WHERE l.consumo_id = %(consumo)s AND l.cobranca <> 'nao' GROUP BY 1, 2
), nossas AS (
    SELECT t.id, c.classe, count(*) AS n, c.classe = ANY (min(t.incertas)) AS incerta, min(t.iniciada_em) AS quando
      FROM (SELECT id, cobrancas, incertas, iniciada_em FROM operacoes_tentativa
             WHERE cobrada AND conta = %(conta)s AND iniciada_em >= %(de)s AND iniciada_em <= %(ate)s
             UNION
            SELECT id, cobrancas, incertas, iniciada_em FROM operacoes_tentativa
             WHERE cobrada AND id IN (SELECT d.id FROM deles d WHERE d.id IS NOT NULL)) t,
           unnest(t.cobrancas) AS c (classe)
     WHERE c.classe <> 'gratis'
     GROUP BY t.id, c.classe
), juntas AS (
    SELECT coalesce(d.tag, replace(n.id::text, '-', '')) AS tag, coalesce(d.id, n.id) AS id,
           coalesce(d.classe, n.classe) AS classe, coalesce(n.n, 0) AS aqui, coalesce(d.n, 0) AS la,
           coalesce(d.incerta, n.incerta) AS incerta,
           greatest(1, width_bucket(coalesce(n.quando, d.quando), %(fases)s::timestamptz[])) AS fase
      FROM deles d FULL JOIN nossas n ON n.id = d.id AND n.classe = d.classe
), comparadas AS (
    SELECT j.*, t.id IS NOT NULL AS conhecida,
           CASE WHEN j.aqui = j.la THEN CASE WHEN j.incerta THEN 'incertas' ELSE 'iguais' END
                WHEN t.id IS NULL THEN 'alheias'
                WHEN j.aqui = 0 AND NOT t.cobrada AND t.especie = 'envio'
                     AND t.desfecho IN ('incerta', 'abandonada') THEN 'talvez'
                WHEN j.la = 0 AND NOT EXISTS (
                    SELECT 1 FROM operacoes_linhaconsumo l WHERE l.consumo_id = %(consumo)s AND l.tag = j.tag)
                THEN 'faltam'
                ELSE 'diferem' END AS grupo
      FROM juntas j LEFT JOIN operacoes_tentativa t ON t.id = j.id
)
"""


class Linha(NamedTuple):
    """Calls of one class under one tag, here and there. `tentativa` is ours, if the tag is."""

    tag: str
    classe: Classe
    aqui: int
    la: int
    tentativa: Tentativa | None
    diferenca: Decimal


@dataclass(frozen=True)
class DoGrupo:
    """`linhas`: tags by class. `diferenca`: R$ that SERPRO charges more (or less) than was counted here."""

    grupo: Grupo
    linhas: int
    aqui: int
    la: int
    diferenca: Decimal

    @property
    def significado(self) -> str:
        return SIGNIFICADO[self.grupo]


@dataclass(frozen=True)
class DaClasse:
    classe: Classe
    aqui: int
    la: int
    valor_aqui: Decimal
    valor_la: Decimal

    @property
    def diferenca(self) -> Decimal:
        return self.valor_la - self.valor_aqui


class _Soma(NamedTuple):
    grupo: str
    classe: str
    fase: int
    linhas: int
    aqui: int
    la: int


class Comparacao:
    """Both sides of one report, in reais: ours at the tier that our volume of the period reached, SERPRO's at the tier
    that theirs reaches."""

    def __init__(self, consumo: Consumo) -> None:
        self.consumo = consumo
        ultima: datetime | None = consumo.itens.aggregate(ultima=Max("quando"))["ultima"]
        self._parametros: dict[str, Any] = {
            "consumo": consumo.pk,
            "conta": consumo.conta,
            "de": meia_noite(consumo.de),
            "ate": ultima,
        }
        self.tarifa = Tarifa(consumo.conta, consumo.inicio)
        self._parametros["fases"] = [meia_noite(dia) for dia in self.tarifa.fases]
        self._somas = self._agrupar()

    def _agrupar(self) -> list[_Soma]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"{_COMPARAR} SELECT grupo, classe, fase, count(*), sum(aqui)::bigint, sum(la)::bigint "  # noqa: S608
                "FROM comparadas GROUP BY 1, 2, 3",
                self._parametros,
            )
            return [_Soma(*linha) for linha in cursor.fetchall()]

    @property
    def grupos(self) -> list[DoGrupo]:
        """Every group that has something, in the order of what asks for more attention."""
        return [grupo for grupo in map(self._grupo, Grupo) if grupo.linhas]

    def _grupo(self, grupo: Grupo) -> DoGrupo:
        suas = [soma for soma in self._somas if soma.grupo == grupo]
        preco = self.tarifa.preco
        diferenca = sum((preco(soma.classe, soma.fase) * (soma.la - soma.aqui) for soma in suas), Decimal(0))
        linhas, aqui, la = (sum(getattr(soma, nome) for soma in suas) for nome in ("linhas", "aqui", "la"))
        return DoGrupo(grupo, linhas, aqui, la, reais(diferenca))

    @property
    def classes(self) -> list[DaClasse]:
        linhas = []
        for classe in COBRADAS:
            suas = [soma for soma in self._somas if soma.classe == classe]
            aqui, la = sum(soma.aqui for soma in suas), sum(soma.la for soma in suas)
            # The report may cover a part of the period; the rest of it is as it was counted here.
            volume = self.tarifa.volume.get(classe, 0) - aqui + la
            preco = self.tarifa.preco
            valor_aqui = sum((preco(classe, soma.fase) * soma.aqui for soma in suas), Decimal(0))
            valor_la = sum((preco(classe, soma.fase, volume) * soma.la for soma in suas), Decimal(0))
            linhas.append(DaClasse(classe, aqui, la, reais(valor_aqui), reais(valor_la)))
        return linhas

    @property
    def valor_aqui(self) -> Decimal:
        return sum((linha.valor_aqui for linha in self.classes), Decimal(0))

    @property
    def valor_la(self) -> Decimal:
        return sum((linha.valor_la for linha in self.classes), Decimal(0))

    @property
    def diferenca(self) -> Decimal:
        return self.valor_la - self.valor_aqui

    def linhas(self, grupo: Grupo, inicio: int = 0, quantas: int | None = None) -> list[Linha]:
        """Those of one group, the newest of ours first."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"{_COMPARAR} SELECT c.tag, c.id, c.classe, c.fase, c.aqui, c.la FROM comparadas c "  # noqa: S608
                "LEFT JOIN operacoes_tentativa t ON t.id = c.id WHERE grupo = %(grupo)s "
                "ORDER BY t.iniciada_em DESC NULLS LAST, c.tag, c.classe OFFSET %(inicio)s LIMIT %(quantas)s",
                {**self._parametros, "grupo": grupo.value, "inicio": inicio, "quantas": quantas},
            )
            lidas: Sequence[tuple[str, UUID | None, str, int, int, int]] = cursor.fetchall()
        nossas = Tentativa.objects.select_related("empresa", "operacao").defer("enviado", "recebido")
        por_id = nossas.in_bulk([pk for _, pk, *_ in lidas if pk is not None])
        return [
            Linha(tag, Classe(classe), aqui, la, por_id.get(pk), reais(self.tarifa.preco(classe, fase) * (la - aqui)))
            for tag, pk, classe, fase, aqui, la in lidas
        ]

    def tudo(self) -> Iterator[tuple[Grupo, Linha]]:
        for grupo in Grupo:
            for linha in self.linhas(grupo):
                yield grupo, linha
