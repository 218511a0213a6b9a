"""The photograph of a month, taken part by part: each is kept while the tables that it was read from do not change
(comum.contagens)."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import BitOr, Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Length, TruncDate
from django.utils import timezone

from comum.contagens import Instante
from comum.models import Usuario
from empresas.models import Empresa, com_carteiras_lidas
from guias.calculo.maed import base_do_minimo
from guias.models import Apuracao, Guia
from guias.services import quadro_mei
from guias.services.acesso import credenciais_em_uso
from guias.services.etapas import DA_OPERACAO, etapas
from guias.services.fatos import regime_na
from guias.services.filtros import ENVIADA, ENVIANDO, LIDA, NAO_ENTREGUE, da_entrega
from guias.services.quadro import PASSO, PRESO, quadro
from nfse.lista_gerar import com_a_nota
from nfse.lista_notas import notas_das
from nfse.models import Contrato, Nota
from operacoes.models import Operacao, Situacao
from pagar.lista_titulos import titulos_das
from pagar.models import ContaErp, Titulo
from painel import situacoes as s
from painel.celulas import NOMES
from painel.fotografia import SEM_REGIME, Combo, Fotografia
from painel.risco import Risco, meses_em_risco

# The tables that each part is read from. What stands in a key need not be here: the carteiras of the user, credenciais
# and their certificates, accounts of the ERP, operações that wait for a person.
_DE_QUEM = frozenset({"empresas_empresa"})
_EMPRESAS = _DE_QUEM | {"empresas_regimeempresa"}
_SIMPLES = _EMPRESAS | {
    "credentials_vinculo", "guias_apuracao", "guias_guia", "guias_procuracao", "operacoes_operacao",
}  # fmt: skip
_MEI = _EMPRESAS | {"credentials_vinculo", "guias_consulta", "guias_guia", "operacoes_operacao"}
_GUIAS = _DE_QUEM | {"guias_guia", "guias_entrega", "operacoes_operacao"}
_NOTAS = _DE_QUEM | {"nfse_nota", "nfse_contrato"}
_TITULOS = _DE_QUEM | {"pagar_titulo", "guias_guia"}
TABELAS = _SIMPLES | _MEI | _GUIAS | _NOTAS | _TITULOS


def fotografia(usuario: Usuario, competencia: date, empresa: Empresa | None) -> Fotografia:
    """What the user may see of the month; of one empresa with its matriz when it is chosen."""
    leitura = _Leitura(usuario, competencia, empresa)
    return leitura.instante.guardado(TABELAS, leitura.chave(), leitura.revelar)


def das_empresas(consulta: QuerySet[Any], empresa: Empresa | None, campo: str = "pk") -> QuerySet[Any]:
    """Rows of the chosen empresa and of its matriz; of all of them for None."""
    quais = [empresa.pk, empresa.matriz_id or empresa.pk] if empresa else []
    return consulta.filter(**{f"{campo}__in": quais}) if quais else consulta


def _bits(*casos: tuple[Q, int]) -> BitOr:
    """The bits of every condition that holds, of every row of a group."""
    partes = [Case(When(condicao, then=Value(bit)), default=Value(0)) for condicao, bit in casos]
    soma: Any = partes[0]
    for parte in partes[1:]:
        soma = soma + parte
    return BitOr(soma, output_field=IntegerField())


class _Leitura:
    """One reading: `revelar` puts together what each query found."""

    def __init__(self, usuario: Usuario, competencia: date, empresa: Empresa | None) -> None:
        self.usuario, self.competencia, self.empresa = com_carteiras_lidas(usuario), competencia, empresa
        self.hoje = timezone.localdate()
        self.meses = meses_em_risco(competencia, self.hoje)
        self.credenciais = tuple((credencial.pk, credencial.contratante) for credencial in credenciais_em_uso())
        self.com_erp = ContaErp.objects.filter(ativa=True).exists()
        paradas = Operacao.objects.filter(situacao=Situacao.AGUARDA_PESSOA)
        self.notas_paradas = tuple(sorted(notas_das(paradas)))
        self.titulos_parados = tuple(
            sorted(titulos_das(paradas.filter(tipo__startswith="pagar.")).values_list("pk_dito", flat=True))
        )
        self.instante = Instante(TABELAS)

    def chave(self, *de_que: object) -> tuple[object, ...]:
        """What an answer depends on besides the tables: of the user, only which empresas exist for them."""
        todas, carteiras = self.usuario.administra, self.usuario.carteiras_lidas
        empresa = self.empresa and self.empresa.pk
        return (
            "painel", todas, carteiras, self.competencia, empresa, self.hoje, *(de_que or (
                self.meses, self.credenciais, self.com_erp, self.notas_paradas, self.titulos_parados,
            )),
        )  # fmt: skip

    def _parte[T](self, tabelas: frozenset[str], nome: str, ler: Callable[[], T], *de_que: object) -> T:
        """One part, kept apart: a write to the titles leaves the declarations as they were read."""
        return self.instante.guardado(tabelas, self.chave(nome, *de_que), ler)

    def _visiveis(self, modelo: Any, campo: str = "empresa") -> QuerySet[Any]:
        return das_empresas(modelo.objects.visiveis(self.usuario), self.empresa, campo).order_by()

    def revelar(self) -> Fotografia:
        simples, risco = self._parte(_SIMPLES, "simples", self._simples, self.meses, self.credenciais)
        mei = self._parte(_MEI, "mei", self._mei, self.credenciais)
        guias = self._parte(_GUIAS, "guias", self._guias)
        notas = self._parte(_NOTAS, "notas", self._notas, self.notas_paradas)
        titulos = self._parte(_TITULOS, "titulos", self._titulos, self.titulos_parados)
        sem_titulo = 0
        combos: dict[Combo, int] = {}
        # As many distinct situations as there are combos, or few more: each is thought through once.
        pensadas: dict[tuple[Any, ...], int | None] = {}
        achadas: list[tuple[int, int]] = []
        fora: list[int] = []
        for regime, filial, pks in self._parte(_EMPRESAS, "empresas", self._empresas):
            for pk in pks:
                guia, (com_titulo, titulo) = guias.bits.get(pk, 0), titulos.get(pk, (0, 0))
                faltam = len(guias.dividas.get(pk, ())) - com_titulo if guia else 0
                if faltam > 0:
                    sem_titulo += faltam
                situacao = (
                    regime, filial, simples.get(pk), mei.get(pk), guia, faltam > 0, notas.get(pk, 0), titulo,
                )  # fmt: skip
                try:
                    qual = pensadas[situacao]
                except KeyError:
                    combo = s.combo(*situacao, com_erp=self.com_erp)
                    qual = None if combo is None else combos.setdefault(combo, len(combos))
                    pensadas[situacao] = qual
                if qual is None:
                    fora.append(pk)
                else:
                    achadas.append((pk, qual))
        achadas.sort()
        ids, quais = array("q", [pk for pk, _ in achadas]), array("H", [qual for _, qual in achadas])
        return Fotografia(ids, quais, [*combos], fora, risco, guias.contas, sem_titulo, self._transmitidas())

    def _empresas(self) -> list[tuple[str, bool, list[int]]]:
        """(regime in the competência, whether a filial, ids). Of a CPF no regime asks for anything."""
        linhas = (
            das_empresas(Empresa.objects.visiveis(self.usuario).filter(ativa=True), self.empresa)
            .order_by()
            .alias(tamanho=Length("documento"))
            .annotate(
                do_mes=Case(When(tamanho=14, then=regime_na(self.competencia, "pk"))),
                filial=Case(When(matriz=None, then=Value(0)), default=Value(1)),
            )
            .values("do_mes", "filial")
            .annotate(ids=ArrayAgg("pk"))
        )
        return [(linha["do_mes"] or SEM_REGIME, bool(linha["filial"]), linha["ids"]) for linha in linhas]

    def _do_simples(self) -> QuerySet[Any]:
        return das_empresas(quadro(self.usuario, self.competencia), self.empresa).order_by()

    def _simples(self) -> tuple[dict[int, tuple[str, ...]], Risco]:
        """The four first obligations by empresa, and what is at risk in the declarations that are missing."""
        por_transmitir = ~Q(ap_situacao=Apuracao.Situacao.TRANSMITIDA) | Q(ap_pk=None)
        # A rectifying return replaces one that was sent in time or already fined.
        original = Q(ap_pk=None) | Q(ap__retificadora=False)
        acima = Q(base__gt=base_do_minimo(self.meses))
        linhas = (
            self._do_simples()
            .annotate(passo=PASSO, preso=PRESO)
            .alias(base=Coalesce(F("ap__total_aprovado"), F("ap_simulado"), F("ap_calculado")))
            .order_by()
            .values("estado", "passo", "preso", "ap_parada")
            .annotate(
                ids=ArrayAgg("pk"),
                faltam=Count("pk", filter=por_transmitir & original),
                sabidas=Count("pk", filter=por_transmitir & original & Q(base__isnull=False)),
                bases=ArrayAgg("base", filter=por_transmitir & original & acima),
            )
        )
        estados: dict[int, tuple[str, ...]] = {}
        faltam, sabidas, bases = 0, 0, list[Decimal]()
        lidas = list(linhas)
        presas = [pk for linha in lidas if linha["estado"] in DA_OPERACAO for pk in linha["ids"]]
        tipos = dict(self._do_simples().filter(pk__in=presas).values_list("pk", "op_tipo") if presas else ())
        for linha in lidas:
            for tipo, pks in _por_tipo(linha, tipos):
                das_etapas = etapas(
                    linha["estado"], linha["passo"], tipo, linha["preso"], sem_movimento=bool(linha["ap_parada"])
                )
                estados |= dict.fromkeys(pks, tuple(das_etapas[nome] for nome in NOMES[:4]))
            faltam, sabidas = faltam + linha["faltam"], sabidas + linha["sabidas"]
            bases += linha["bases"] or []
        return estados, Risco.de(faltam, sabidas, bases, self.meses)

    def _mei(self) -> dict[int, str]:
        """Where the list of the MEI has each of them."""
        quadro_do_mes = das_empresas(quadro_mei.quadro(self.usuario, self.competencia), self.empresa)
        linhas = quadro_do_mes.order_by().values("estado").annotate(ids=ArrayAgg("pk"))
        return {pk: linha["estado"] for linha in linhas for pk in linha["ids"]}

    def _transmitidas(self) -> Counter[date]:
        """How many declarations on each day, of what is now transmitted."""
        apuracoes = self._visiveis(Apuracao).filter(competencia=self.competencia, transmitida_em__isnull=False)
        do_dia = apuracoes.filter(situacao=Apuracao.Situacao.TRANSMITIDA).annotate(dia=TruncDate("transmitida_em"))
        return Counter(dict(do_dia.values("dia").annotate(n=Count("pk")).values_list("dia", "n")))

    def _guias(self) -> s.DasGuias:
        """Every guia of the competência, once, with the bits of its deliveries."""
        # As the list of guias does: those of a filial stand under its matriz.
        empresa = self.empresa and (self.empresa.matriz_id or self.empresa.pk)
        guias: Any = Guia.objects.visiveis(self.usuario).filter(competencia=self.competencia)
        if empresa:
            guias = guias.filter(empresa=empresa)
        linhas = (
            guias.com_situacao(self.hoje)
            .annotate(
                emitida=TruncDate("emitida_em"),
                com_problema=Case(When(problema="", then=Value(0)), default=Value(s.PROBLEMA)),
                entrega=_bits(
                    (Q(entregas__isnull=False) & da_entrega(NAO_ENTREGUE, "entregas__"), s.PARADA),
                    (Q(entregas__isnull=False) & da_entrega(ENVIANDO, "entregas__"), s.ENVIANDO),
                    (da_entrega(ENVIADA, "entregas__"), s.ENVIADA),
                    (da_entrega(LIDA, "entregas__"), s.LIDA),
                ),
            )
            .order_by()
        )
        colunas = (
            "pk",
            "empresa",
            "divida",
            "tipo",
            "situacao",
            "total",
            "valor_pago",
            "paga_em",
            "emitida",
            "com_problema",
        )
        return s.DasGuias([s.UmaGuia(*linha) for linha in linhas.values_list(*colunas, "entrega")])

    def _notas(self) -> dict[int, int]:
        situacao = Nota.Situacao
        linhas = (
            self._visiveis(Nota)
            .filter(competencia=self.competencia)
            .values("empresa")
            .annotate(
                bits=_bits(
                    (Q(situacao=situacao.RECUSADA), s.RECUSADA),
                    (Q(pk__in=self.notas_paradas), s.DUVIDA),
                    (Q(situacao__in=[situacao.EMITINDO, situacao.CANCELANDO]), s.CORRENDO),
                    (Q(situacao=situacao.RASCUNHO), s.RASCUNHO),
                    (Q(situacao=situacao.AUTORIZADA), s.VALIDA),
                )
            )
        )
        bits = dict(linhas.values_list("empresa", "bits"))
        contratos = self._visiveis(Contrato).vigentes(self.competencia)  # type: ignore[attr-defined]
        for pk in contratos.filter(~com_a_nota(self.competencia)).values_list("empresa", flat=True).distinct():
            bits[pk] = bits.get(pk, 0) | s.FALTA
        return bits

    def _titulos(self) -> dict[int, tuple[int, int]]:
        """By empresa, how many of the guias' dívidas have a title, and what all its titles show."""
        situacao = Titulo.Situacao
        no_erp = [situacao.ABERTO, situacao.BORDERO]
        linhas = (
            self._visiveis(Titulo)
            .vivos()  # type: ignore[attr-defined]
            .filter(competencia=self.competencia)
            .values("empresa")
            .annotate(
                n=Count("guia__divida", distinct=True),
                bits=_bits(
                    (Q(situacao=situacao.RECUSADO), s.RECUSADA),
                    (Q(pk__in=self.titulos_parados), s.DUVIDA),
                    (
                        ~Q(aviso="") | Q(barras=Titulo.Barras.PENDENTE, em_curso=None, situacao__in=no_erp),
                        s.AVISO,
                    ),
                    (Q(situacao=situacao.RASCUNHO), s.RASCUNHO),
                    (Q(situacao=situacao.ENVIANDO), s.CORRENDO),
                    (Q(situacao__in=no_erp), s.ABERTO),
                    (Q(situacao=situacao.LIQUIDADO), s.LIQUIDADO),
                ),
            )
        )
        return {pk: (n, bits) for pk, n, bits in linhas.values_list("empresa", "n", "bits")}


def _por_tipo(linha: dict[str, Any], tipos: dict[int, str]) -> Iterable[tuple[str, list[int]]]:
    """The ids of a group by the kind of the operação that holds them, empty where none does."""
    if linha["estado"] not in DA_OPERACAO:
        return [("", linha["ids"])]
    achados: dict[str, list[int]] = {}
    for pk in linha["ids"]:
        achados.setdefault(tipos[pk], []).append(pk)
    return achados.items()
