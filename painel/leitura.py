"""The photograph of a month is kept; of what is written afterwards only the empresas concerned are read again
(comum.tocadas)."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from threading import Lock
from typing import Any

from django.utils import timezone

from comum.models import Usuario
from comum.prontas import ConsultaPronta
from comum.tocadas import Momento, Tocadas, desde
from credentials.models import CertificadoA1
from empresas.models import Empresa
from nfse.models import Nota
from pagar.models import ContaErp, Titulo
from painel import partes as p
from painel import situacoes as s
from painel.fotografia import Combo, Fotografia, NaLista, NoSimples
from painel.risco import Risco

_DE_UMA_VEZ = 1500  # empresas read again one by one; beyond, all of them
_QUANTAS = 24  # photographs kept, of 10,000 empresas about 5 MB each
_DE_UMA_EMPRESA = 300  # besides them, of an empresa chosen in the top bar


def fotografia(usuario: Usuario, competencia: date, empresa: Empresa | None) -> Fotografia:
    """What the user may see of the month; of one empresa with its matriz when it is chosen."""
    leitura = _Leitura(usuario, competencia, empresa)
    guardadas = _guardadas if empresa is None else _de_empresas
    return guardadas.de(leitura.chave).atual(leitura)


class _Guardada:
    """The last photograph of what some users see of a month. One request at a time brings it up to date."""

    def __init__(self) -> None:
        self._trava = Lock()
        self._momento: Momento | None = None
        self._revelado: _Revelado | None = None
        self._prontas: dict[str, tuple[Hashable, ConsultaPronta]] = {}

    def atual(self, leitura: "_Leitura") -> Fotografia:
        with self._trava:
            leitura.prontas = self._prontas
            momento, tocadas = desde(self._momento, p.TABELAS, leitura.competencia)
            if momento is None:
                return leitura.revelar().foto
            antes = self._revelado
            revelado = leitura.revelar() if antes is None or tocadas is None else leitura.retocar(antes, tocadas)
            self._momento, self._revelado = momento, revelado
            return revelado.foto


class _Guardadas:
    """The photographs used last, shared by the threads of this process."""

    def __init__(self, quantas: int) -> None:
        self._trava, self._quantas = Lock(), quantas
        self._tudo: OrderedDict[Hashable, _Guardada] = OrderedDict()

    def de(self, chave: Hashable) -> _Guardada:
        with self._trava:
            guardada = self._tudo.setdefault(chave, _Guardada())
            self._tudo.move_to_end(chave)
            while len(self._tudo) > self._quantas:
                self._tudo.popitem(last=False)
            return guardada


_guardadas, _de_empresas = _Guardadas(_QUANTAS), _Guardadas(_DE_UMA_EMPRESA)


@dataclass(frozen=True)
class _Retrato:
    """What a photograph was made of, all by empresa but for the last. Nothing of it changes once it is made."""

    notas_paradas: frozenset[int]
    titulos_parados: frozenset[int]
    empresas: dict[int, tuple[str, bool]]
    simples: dict[int, NoSimples]
    mei: dict[int, NaLista]
    guias: s.DasGuias
    notas: dict[int, int]
    titulos: dict[int, tuple[int, int]]
    transmitidas: dict[int, date]


@dataclass(frozen=True)
class _Revelado:
    """A photograph beside what it was made of."""

    retrato: _Retrato
    combos: dict[int, Combo]
    sem_titulo: dict[int, int]
    foto: Fotografia


class _Leitura(p.Partes):
    """One reading: `revelar` puts together what each query finds, `retocar` what changed since."""

    def __init__(self, usuario: Usuario, competencia: date, empresa: Empresa | None) -> None:
        super().__init__(usuario, competencia, empresa)
        self.com_erp = ContaErp.objects.filter(ativa=True).exists()
        # What an answer depends on besides p.TABELAS: of the user, only which empresas exist for them.
        self.chave: Hashable = (
            usuario.administra, self.usuario.carteiras_lidas, competencia,
            empresa and (empresa.pk, empresa.matriz_id), self.hoje,
            self.meses, self.com_erp, self.credenciais, _que_venceram(self.hoje),
        )  # fmt: skip

    def revelar(self) -> _Revelado:
        retrato = _Retrato(
            self.notas_paradas,
            self.titulos_parados,
            self.empresas(None),
            self.simples(None),
            self.mei(None),
            s.DasGuias(self.guias(None)),
            self.notas(None),
            self.titulos(None),
            self.transmitidas(None),
        )
        return self._revelado(retrato, {}, {}, retrato.empresas)

    def retocar(self, antes: _Revelado, tocadas: Tocadas) -> _Revelado:
        """The same as revelar(): what was not written about is as it was."""
        era = antes.retrato
        notas = tocadas.em(p.DAS_NOTAS) | self._em_que(Nota, self.notas_paradas ^ era.notas_paradas)
        titulos = tocadas.em(p.DOS_TITULOS) | self._em_que(Titulo, self.titulos_parados ^ era.titulos_parados)
        todas = tocadas.em(p.TABELAS) | notas | titulos
        if not todas:
            return antes
        if len(todas) > _DE_UMA_VEZ:
            return self.revelar()
        # Whatever is read of an empresa looks at its own record too, which says whether it is of the Simples or a MEI.
        empresas = tocadas.em(p.DAS_EMPRESAS)
        simples = empresas | tocadas.em(p.DO_SIMPLES) & era.simples.keys()
        mei = empresas | tocadas.em(p.DO_MEI) & era.mei.keys()
        guias, notas, titulos = empresas | tocadas.em(p.DAS_GUIAS), empresas | notas, empresas | titulos
        retrato = _Retrato(
            self.notas_paradas,
            self.titulos_parados,
            _trocadas(era.empresas, empresas, self.empresas),
            _trocadas(era.simples, simples, self.simples),
            _trocadas(era.mei, mei, self.mei),
            era.guias.trocadas(guias, self.guias(guias)) if guias else era.guias,
            _trocadas(era.notas, notas, self.notas),
            _trocadas(era.titulos, titulos, self.titulos),
            _trocadas(era.transmitidas, empresas | tocadas.em({"guias_apuracao"}), self.transmitidas),
        )
        combos, sem_titulo = antes.combos.copy(), antes.sem_titulo.copy()
        for pk in todas:
            combos.pop(pk, None)
            sem_titulo.pop(pk, None)
        return self._revelado(retrato, combos, sem_titulo, todas & retrato.empresas.keys())

    def _revelado(
        self, retrato: _Retrato, combos: dict[int, Combo], sem_titulo: dict[int, int], quais: Iterable[int]
    ) -> _Revelado:
        """`combos` and `sem_titulo` are completed with these empresas."""
        guias = retrato.guias
        # As many distinct situations as there are combos, or few more: each is thought through once.
        pensadas: dict[tuple[Any, ...], Combo | None] = {}
        for pk in quais:
            regime, filial = retrato.empresas[pk]
            guia, (com_titulo, titulo) = guias.bits.get(pk, 0), retrato.titulos.get(pk, (0, 0))
            no_simples, no_mei = retrato.simples.get(pk), retrato.mei.get(pk)
            faltam = len(guias.dividas.get(pk, ())) - com_titulo if guia else 0
            if faltam > 0:
                sem_titulo[pk] = faltam
            situacao = (
                regime, filial, no_simples and no_simples.etapas, no_mei and no_mei.estado, guia, faltam > 0,
                retrato.notas.get(pk, 0), titulo,
            )  # fmt: skip
            try:
                combo = pensadas[situacao]
            except KeyError:
                combo = pensadas[situacao] = s.combo(*situacao, com_erp=self.com_erp)
            if combo is not None:
                combos[pk] = combo
        foto = Fotografia.de_combos(
            combos,
            fora=sorted(retrato.empresas.keys() - combos.keys()),
            risco=self._risco(retrato.simples),
            guias=guias.contas,
            sem_titulo=sum(sem_titulo.values()),
            transmitidas_no_dia=Counter(retrato.transmitidas.values()),
            simples=retrato.simples,
            mei=retrato.mei,
        )
        return _Revelado(retrato, combos, sem_titulo, foto)

    def _risco(self, simples: dict[int, NoSimples]) -> Risco:
        em_risco = [no_simples for no_simples in simples.values() if no_simples.em_risco]
        sabidas = sum(no_simples.sabida for no_simples in em_risco)
        bases = [no_simples.base for no_simples in em_risco if no_simples.base is not None]
        return Risco.de(len(em_risco), sabidas, bases, self.meses)

    def _em_que(self, modelo: Any, pks: Collection[int]) -> set[int]:
        """The empresas of these notas or titles."""
        return {*modelo.objects.filter(pk__in=pks).values_list("empresa", flat=True)} if pks else set()


def _que_venceram(hoje: date) -> tuple[Hashable, ...]:
    """The certificates that ended today: what one of a procurador gave access to until then is asked for no more."""
    desde = timezone.make_aware(datetime.combine(hoje, time.min))
    hoje_ate_agora = CertificadoA1.objects.filter(valido_ate__gte=desde, valido_ate__lte=timezone.now())
    return tuple(hoje_ate_agora.order_by("pk").values_list("pk", flat=True))


def _trocadas[T](antes: dict[int, T], quais: Collection[int], ler: Callable[[p.Quais], dict[int, T]]) -> dict[int, T]:
    """What was known of all, with what is read now of these."""
    if not quais:
        return antes
    depois = antes.copy()
    for pk in quais:
        depois.pop(pk, None)
    return depois | ler(quais)
