"""Which channel an empresa uses on a competência: dated data, read once for many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from comum.formatos import format_competencia
from empresas.models import Empresa, RegimeEmpresa
from nfse.models import CanalNfse, RegraCanal


@dataclass(frozen=True)
class Rota:
    """Where a note of an empresa and competência goes. `canal` None: nowhere yet, and `motivo` says why and what to do
    (pt-BR). `regra` is the one that chose, None when the empresa's only channel did."""

    canal: CanalNfse | None
    motivo: str = ""
    regra: RegraCanal | None = None

    @property
    def falta_canal(self) -> bool:
        """Whether a canal, or a choice between two, would mend it."""
        return self.canal is None


class Regras:
    """The active rules, read once: those of all empresas, and those of the ones given (None: of every one)."""

    def __init__(self, empresas: Iterable[int] | None = None) -> None:
        ativas = RegraCanal.objects.filter(ativa=True).order_by("-desde", "-pk")
        if empresas is not None:
            ativas = ativas.filter(Q(empresa=None) | Q(empresa__in=list(empresas)))
        self._de_todas: list[RegraCanal] = []
        self._proprias: dict[int, list[RegraCanal]] = {}
        for regra in ativas:
            if regra.empresa_id is None:
                self._de_todas.append(regra)
            else:
                self._proprias.setdefault(regra.empresa_id, []).append(regra)
        self._achadas: dict[tuple[str | None, str, str, date], RegraCanal | None] = {}

    def para(self, empresa: int, municipio: str | None, uf: str, regime: str, competencia: date) -> RegraCanal | None:
        """The one that decides for an empresa of this place and regime on a competência."""
        if (proprias := self._proprias.get(empresa)) is not None:
            achada = _escolher(proprias, municipio, uf, regime, competencia)
            if achada is not None:  # one of the empresa beats all others
                return achada
        caso = (municipio, uf, regime, competencia)
        if caso not in self._achadas:
            self._achadas[caso] = _escolher(self._de_todas, *caso)
        return self._achadas[caso]


def _escolher(
    regras: Iterable[RegraCanal], municipio: str | None, uf: str, regime: str, competencia: date
) -> RegraCanal | None:
    """`regras` with the one that began last first."""
    servem = [
        regra
        for regra in regras
        if regra.desde <= competencia
        and (regra.ate is None or competencia <= regra.ate)
        and regra.municipio_id in (None, municipio)
        and regra.uf in ("", uf)
        and regra.regime in ("", regime)
    ]
    return max(servem, key=_particularidade, default=None)  # the first of equals began last


def _particularidade(regra: RegraCanal) -> tuple[bool, ...]:
    return (regra.municipio_id is not None, bool(regra.uf), bool(regra.regime))


def regime_em(linhas: Sequence[tuple[date, str]], competencia: date, padrao: str) -> str:
    """Of the (from, regime) pairs of an empresa, the latest first, the one in force; the first known before any."""
    em_vigor = next((regime for desde, regime in linhas if desde <= competencia), None)
    return em_vigor or (linhas[-1][1] if linhas else padrao)


def regimes_de(empresas: Iterable[int]) -> dict[int, list[tuple[date, str]]]:
    """The (from, regime) pairs of each empresa, the latest first."""
    regimes: dict[int, list[tuple[date, str]]] = {}
    linhas = RegimeEmpresa.objects.filter(empresa__in=empresas).order_by("-desde")
    for empresa, desde, regime in linhas.values_list("empresa", "desde", "regime"):
        regimes.setdefault(empresa, []).append((desde, regime))
    return regimes


class Rotas:
    """The routes of some empresas, with the rules, regimes and channels read once."""

    def __init__(self, empresas: Iterable[Empresa]) -> None:
        self._rotas: dict[tuple[int | None, date], Rota] = {}
        pks = [empresa.pk for empresa in empresas]
        self._regras = Regras(pks)
        self._canais: dict[int, list[CanalNfse]] = {}
        for canal in CanalNfse.objects.filter(empresa__in=pks).select_related("empresa__municipio"):
            self._canais.setdefault(canal.empresa_id, []).append(canal)
        self._regimes = regimes_de(pks)

    @property
    def canais(self) -> list[CanalNfse]:
        """Every channel of these empresas."""
        return [canal for canais in self._canais.values() for canal in canais]

    def regime(self, empresa: Empresa, competencia: date) -> str:
        """The regime in force on a competência; the first one known before any."""
        return regime_em(self._regimes.get(empresa.pk, []), competencia, empresa.regime)

    def regra(self, empresa: Empresa, competencia: date) -> RegraCanal | None:
        uf = empresa.municipio.uf if empresa.municipio else ""
        return self._regras.para(empresa.pk, empresa.municipio_id, uf, self.regime(empresa, competencia), competencia)

    def rota(self, empresa: Empresa, competencia: date) -> Rota:
        par = (empresa.pk, competencia)
        if par not in self._rotas:
            self._rotas[par] = self._achar(empresa, competencia)
        return self._rotas[par]

    def _achar(self, empresa: Empresa, competencia: date) -> Rota:
        canais = self._canais.get(empresa.pk, [])
        regra = self.regra(empresa, competencia)
        if regra is not None:
            canais = [canal for canal in canais if canal.tipo == regra.canal]
        ativos = [canal for canal in canais if canal.ativo]
        if len(ativos) == 1:
            return Rota(ativos[0], regra=regra)
        return Rota(None, _sem_canal(empresa, competencia, canais, ativos, regra), regra)


def _sem_canal(
    empresa: Empresa,
    competencia: date,
    canais: Sequence[CanalNfse],
    ativos: Sequence[CanalNfse],
    regra: RegraCanal | None,
) -> str:
    if len(ativos) > 1:
        nomes = " e ".join(str(canal.get_tipo_display()) for canal in ativos)
        return f"{empresa.razao_social} tem {nomes} ativos. Desative um dos canais, ou cadastre a regra que escolhe."
    if canais:
        return f"O canal {canais[0].get_tipo_display()} de {empresa.razao_social} está inativo. Reative-o em Canais."
    if regra is None:
        return f"Falta um canal de NFS-e de {empresa.razao_social}. Cadastre-o em Canais."
    fundamento = f" ({regra.fundamento.rstrip('.')})" if regra.fundamento else ""
    return (
        f"Falta o canal {regra.get_canal_display()} de {empresa.razao_social}, por onde saem as notas de "
        f"{format_competencia(competencia)}{fundamento}. Cadastre-o em Canais; se o município manteve outra data, o "
        "administrador cadastra uma regra de canal."
    )


def rota_de(empresa: Empresa, competencia: date) -> Rota:
    return Rotas([empresa]).rota(empresa, competencia)
