"""What each part of the month's photograph is read from, of all the empresas or of some."""

from collections.abc import Callable, Collection, Hashable, Mapping
from datetime import date
from typing import Any

from django.db.models import BitOr, Case, Count, F, Func, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Length, TruncDate
from django.utils import timezone

from comum.models import Usuario
from comum.prontas import ConsultaPronta
from empresas.models import Empresa, com_carteiras_lidas
from empresas.models.cadastro import UmaDe
from guias.calculo.maed import base_do_minimo
from guias.models import TIPOS_DA_APURACAO, Apuracao, Guia
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
from pagar.models import Titulo
from painel import situacoes as s
from painel.celulas import NOMES
from painel.fotografia import SEM_REGIME, NaLista, NoSimples
from painel.risco import meses_em_risco

# The tables that each part is read from, whose rows tell of which empresa they are. All look at the empresa too.
DAS_EMPRESAS = frozenset({"empresas_empresa", "empresas_regimeempresa"})
DO_SIMPLES = frozenset(
    {"credentials_vinculo", "guias_apuracao", "guias_guia", "guias_procuracao", "operacoes_operacao"}
)
DO_MEI = frozenset({"credentials_vinculo", "guias_consulta", "guias_guia", "operacoes_operacao"})
DAS_GUIAS = frozenset({"guias_guia", "guias_entrega", "operacoes_operacao"})
DAS_NOTAS = frozenset({"nfse_nota", "nfse_contrato"})
DOS_TITULOS = frozenset({"pagar_titulo", "guias_guia"})
TABELAS = DAS_EMPRESAS | DO_SIMPLES | DO_MEI | DAS_GUIAS | DAS_NOTAS | DOS_TITULOS

# The ids of a reading, None for all; and what stands for them in its query.
Quais = Collection[int] | None
_Ids = Func | None


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


class Partes:
    """The parts of one user's month; of one empresa with its matriz when it is chosen."""

    def __init__(self, usuario: Usuario, competencia: date, empresa: Empresa | None) -> None:
        self.usuario, self.competencia, self.empresa = com_carteiras_lidas(usuario), competencia, empresa
        self.hoje = timezone.localdate()
        self.meses = meses_em_risco(competencia, self.hoje)
        self.credenciais = tuple((credencial.pk, credencial.contratante) for credencial in credenciais_em_uso())
        self._em_uso = [pk for pk, _ in self.credenciais]
        self.prontas: dict[str, tuple[Hashable, ConsultaPronta]] = {}
        paradas = Operacao.objects.filter(situacao=Situacao.AGUARDA_PESSOA)
        self.notas_paradas = frozenset(notas_das(paradas))
        self.titulos_parados = frozenset(
            titulos_das(paradas.filter(tipo__startswith="pagar.")).values_list("pk_dito", flat=True)
        )

    def _ler(
        self, nome: str, quais: Quais, montar: Callable[[_Ids], QuerySet[Any, Any]], depende: Hashable = None
    ) -> list[tuple[Any, ...]]:
        """The rows of a part. `depende`: what its query looks at that readings of the same key do not share."""
        if quais is None:
            return list(montar(None))
        antes, pronta = self.prontas.get(nome, (None, None))
        if pronta is None or antes != depende:
            pronta = ConsultaPronta(montar)
            self.prontas[nome] = depende, pronta
        return pronta.linhas(quais)

    def _visiveis(self, modelo: Any, ids: _Ids, campo: str = "empresa") -> QuerySet[Any]:
        suas: QuerySet[Any] = das_empresas(modelo.objects.visiveis(self.usuario), self.empresa, campo)
        return _so(suas, ids, campo).order_by()

    def empresas(self, quais: Quais) -> dict[int, tuple[str, bool]]:
        """(regime in the competência, whether a filial). Of a CPF no regime asks for anything."""

        def montar(ids: _Ids) -> Any:
            return (
                self._visiveis(Empresa, ids, "pk")
                .filter(ativa=True)
                .alias(tamanho=Length("documento"))
                .annotate(do_mes=Case(When(tamanho=14, then=regime_na(self.competencia, "pk"))))
                .values_list("pk", "do_mes", "matriz")
            )

        linhas = self._ler("empresas", quais, montar)
        return {pk: (regime or SEM_REGIME, matriz is not None) for pk, regime, matriz in linhas}

    def simples(self, quais: Quais) -> dict[int, NoSimples]:
        por_transmitir = ~Q(ap_situacao=Apuracao.Situacao.TRANSMITIDA) | Q(ap_pk=None)
        # A rectifying return replaces one that was sent in time or already fined.
        original = Q(ap_pk=None) | Q(ap__retificadora=False)

        def montar(ids: _Ids) -> Any:
            return (
                _so(das_empresas(quadro(self.usuario, self.competencia, self._em_uso), self.empresa), ids)
                .order_by()
                .annotate(
                    passo=PASSO,
                    preso=PRESO,
                    em_risco=Case(When(por_transmitir & original, then=Value(1)), default=Value(0)),
                    das=Coalesce(F("ap__total_aprovado"), F("ap_simulado"), F("ap_calculado")),
                )
                .values_list("pk", "estado", "passo", "preso", "ap_parada", "ap__versao", "em_risco", "das")
            )

        lidas = self._ler("simples", quais, montar)
        presas = {pk: versao for pk, estado, _, _, _, versao, *_ in lidas if estado in DA_OPERACAO}
        operacoes = self._que_prendem(presas) if presas else {}
        minimo = base_do_minimo(self.meses)
        # As many different ones as there are situations, and of each whether it is at risk with a value that is known.
        iguais: dict[tuple[Any, ...], NoSimples] = {}
        simples: dict[int, NoSimples] = {}
        for pk, estado, passo, preso, parada, _, em_risco, das in lidas:
            operacao, tipo = operacoes.get(pk, (None, ""))
            chave = (estado, passo, preso, parada, tipo, em_risco, das is None)
            igual = iguais.get(chave)
            if igual is None:
                das_etapas = etapas(estado, passo, tipo, preso, sem_movimento=bool(parada))
                nomeadas = tuple(das_etapas[nome] for nome in NOMES[:4])
                igual = iguais[chave] = NoSimples(estado, None, nomeadas, bool(em_risco), das is not None, None)
            base = das if em_risco and das is not None and das > minimo else None
            simples[pk] = igual if base is operacao is None else igual._replace(operacao=operacao, base=base)
        return simples

    def _que_prendem(self, presas: Mapping[int, int | None]) -> dict[int, tuple[int, str]]:
        """(pk, kind) of the last Operacao about these versions of the apurações: as quadro() has them, which would ask
        for it of every empresa."""

        def montar(ids: _Ids) -> Any:
            operacoes = Operacao.objects.filter(competencia=self.competencia, tipo__in=TIPOS_DA_APURACAO)
            return _so(operacoes, ids, "empresa").order_by("pk").values_list("empresa", "pk", "tipo", "pedido__versao")

        linhas = self._ler("prendem", presas, montar)
        return {empresa: (pk, tipo) for empresa, pk, tipo, versao in linhas if versao == presas[empresa]}

    def mei(self, quais: Quais) -> dict[int, NaLista]:
        """Where the list of the MEI has each of them."""

        def montar(ids: _Ids) -> Any:
            meis = quadro_mei.quadro(self.usuario, self.competencia, self._em_uso)
            return _so(das_empresas(meis, self.empresa), ids).order_by().values_list("pk", "estado", "op_pk")

        return {pk: NaLista(estado, operacao) for pk, estado, operacao in self._ler("mei", quais, montar)}

    def transmitidas(self, quais: Quais) -> dict[int, date]:
        """When each declaration was transmitted, of what is now transmitted."""

        def montar(ids: _Ids) -> Any:
            apuracoes = self._visiveis(Apuracao, ids).filter(
                competencia=self.competencia, situacao=Apuracao.Situacao.TRANSMITIDA, transmitida_em__isnull=False
            )
            return apuracoes.annotate(dia=TruncDate("transmitida_em")).values_list("empresa", "dia")

        return dict(self._ler("transmitidas", quais, montar))  # type: ignore[arg-type]  # pairs

    def guias(self, quais: Quais) -> list[s.UmaGuia]:
        """Every guia of the competência, once, with the bits of its deliveries."""
        # As the list of guias does: those of a filial stand under its matriz.
        empresa = self.empresa and (self.empresa.matriz_id or self.empresa.pk)

        def montar(ids: _Ids) -> Any:
            guias: Any = _so(Guia.objects.visiveis(self.usuario).filter(competencia=self.competencia), ids, "empresa")
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
            return linhas.values_list(
                "pk", "empresa", "divida", "tipo", "situacao", "total", "valor_pago", "paga_em", "emitida",
                "com_problema", "entrega",
            )  # fmt: skip

        return [s.UmaGuia(*linha) for linha in self._ler("guias", quais, montar)]

    def notas(self, quais: Quais) -> dict[int, int]:
        situacao = Nota.Situacao

        def montar(ids: _Ids) -> Any:
            return (
                self._visiveis(Nota, ids)
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
                .values_list("empresa", "bits")
            )

        def sem_nota(ids: _Ids) -> Any:
            contratos: Any = self._visiveis(Contrato, ids)
            sem = contratos.vigentes(self.competencia).filter(~com_a_nota(self.competencia))
            return sem.values_list("empresa").distinct()

        bits: dict[int, int] = dict(self._ler("notas", quais, montar, self.notas_paradas))  # type: ignore[arg-type]  # pairs
        for (pk,) in self._ler("contratos", quais, sem_nota):
            bits[pk] = bits.get(pk, 0) | s.FALTA
        return bits

    def titulos(self, quais: Quais) -> dict[int, tuple[int, int]]:
        """By empresa, how many of the guias' dívidas have a title, and what all its titles show."""
        situacao = Titulo.Situacao
        no_erp = [situacao.ABERTO, situacao.BORDERO]

        def montar(ids: _Ids) -> Any:
            suas: Any = self._visiveis(Titulo, ids)
            com_aviso = ~Q(aviso="") | Q(barras=Titulo.Barras.PENDENTE, em_curso=None, situacao__in=no_erp)
            vivos = suas.vivos().filter(competencia=self.competencia)
            return (
                vivos.values("empresa")
                .annotate(
                    n=Count("guia__divida", distinct=True),
                    bits=_bits(
                        (Q(situacao=situacao.RECUSADO), s.RECUSADA),
                        (Q(pk__in=self.titulos_parados), s.DUVIDA),
                        (com_aviso, s.AVISO),
                        (Q(situacao=situacao.RASCUNHO), s.RASCUNHO),
                        (Q(situacao=situacao.ENVIANDO), s.CORRENDO),
                        (Q(situacao__in=no_erp), s.ABERTO),
                        (Q(situacao=situacao.LIQUIDADO), s.LIQUIDADO),
                    ),
                )
                .values_list("empresa", "n", "bits")
            )

        return {pk: (n, bits) for pk, n, bits in self._ler("titulos", quais, montar, self.titulos_parados)}


def _so(consulta: QuerySet[Any], ids: _Ids, campo: str = "pk") -> QuerySet[Any]:
    return consulta if ids is None else consulta.filter(UmaDe(F(campo), ids))
