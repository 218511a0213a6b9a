"""What changes elsewhere and is followed here: the sublimit of a state, and the register of empresas."""

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from procrastinate.contrib.django import app

from comum.models import Usuario
from empresas.models import Empresa, Regime
from guias.models import Apuracao, Sublimite
from guias.services.calculo import CAMPOS_CALCULADOS, reabrir, recalcular_seguintes, travar
from guias.services.fatos import regime_na

TAREFA_SUBLIMITE = "guias.seguir_sublimite"
_LOTE = 100  # companies a transaction: each has up to 24 months to compute


def pedir_sublimites(mudados: Iterable[tuple[str, int]], usuario: Usuario) -> None:
    """Have the worker follow the sublimits (UF, year) that changed, once the caller's transaction is committed."""
    for uf, ano in sorted(set(mudados)):
        app.configure_task(TAREFA_SUBLIMITE).defer(uf=uf, ano=ano, usuario_id=usuario.pk)


def seguir_sublimite(uf: str, ano: int, usuario: Usuario | None) -> int:
    """Compute again what is open of a year and of the next for the companies with some estabelecimento in the state;
    returns how many companies. Cheap to repeat: what comes out equal is not written."""
    desde, ate = date(ano, 1, 1), date(ano + 1, 12, 1)
    matrizes = Empresa.objects.filter(municipio__uf=uf).values_list(Coalesce("matriz", "pk"))
    abertas = Apuracao.objects.filter(empresa__in=matrizes, competencia__range=(desde, ate))
    abertas = abertas.exclude(situacao=Apuracao.Situacao.TRANSMITIDA)
    pks = sorted(set(abertas.values_list("empresa", flat=True)))
    for inicio in range(0, len(pks), _LOTE):
        lote = Empresa.objects.filter(pk__in=pks[inicio : inicio + _LOTE])
        recalcular_seguintes(lote, desde, ate, usuario)
    return len(pks)


def seguir_cadastro(*, ids: Iterable[int], campos: Collection[str], **_: object) -> None:
    """The register changed: what is not transmitted is computed again, and what was approved for a company that left
    the Simples goes back to be checked. Called inside the transaction that records the change (empresas.sinais)."""
    mudadas = Empresa.objects.filter(pk__in=list(ids))
    if "regime" in campos:
        _reabrir_fora_do_simples(mudadas)
    # Of the município only the UF counts, where some state has a sublimit of its own.
    outra_uf = "municipio" in campos and Sublimite.objects.exists()
    if "inicio_atividade" in campos or "matriz" in campos or outra_uf:
        matrizes = mudadas.values_list(Coalesce("matriz", "pk"))
    elif "ativa" in campos:  # a filial comes or goes with its receitas; of a matriz it changes no figure
        matrizes = mudadas.exclude(matriz=None).values_list("matriz")
    else:
        return
    abertas = Apuracao.objects.exclude(situacao=Apuracao.Situacao.TRANSMITIDA)
    afetadas = Empresa.objects.filter(pk__in=matrizes).filter(pk__in=abertas.values("empresa"))
    recalcular_seguintes(afetadas, date.min, date.max, None)


def _reabrir_fora_do_simples(empresas: QuerySet[Empresa]) -> None:
    travar(empresas.values_list("pk", flat=True))
    conferidas = Apuracao.objects.filter(
        empresa__in=empresas, situacao__in=(Apuracao.Situacao.SIMULADA, Apuracao.Situacao.CONFERIDA)
    )
    travadas = list(conferidas.order_by("pk").select_for_update())
    reabertas: list[Apuracao] = []
    for mes in {apuracao.competencia for apuracao in travadas}:
        do_mes = Apuracao.objects.filter(pk__in=[a.pk for a in travadas if a.competencia == mes])
        fora = do_mes.alias(regime=regime_na(mes, "empresa")).exclude(regime=Regime.SIMPLES)
        pks = set(fora.values_list("pk", flat=True))
        reabertas += [apuracao for apuracao in travadas if apuracao.pk in pks]
    for apuracao in reabertas:
        reabrir(apuracao, "A empresa deixou o Simples Nacional neste mês. Confira o regime dela.")
    Apuracao.objects.bulk_update(reabertas, CAMPOS_CALCULADOS, batch_size=500)
