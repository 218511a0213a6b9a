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


class Rotas:
    """The routes of some empresas, with the rules, regimes and channels read once."""

    def __init__(self, empresas: Iterable[Empresa]) -> None:
        self._rotas: dict[tuple[int | None, date], Rota] = {}
        pks = [empresa.pk for empresa in empresas]
        self._regras = list(
            RegraCanal.objects.filter(Q(empresa=None) | Q(empresa__in=pks), ativa=True).order_by("-desde", "-pk")
        )
        self._canais: dict[int, list[CanalNfse]] = {}
        for canal in CanalNfse.objects.filter(empresa__in=pks).select_related("empresa__municipio"):
            self._canais.setdefault(canal.empresa_id, []).append(canal)
        self._regimes: dict[int, list[RegimeEmpresa]] = {}
        for linha in RegimeEmpresa.objects.filter(empresa__in=pks).order_by("-desde"):
            self._regimes.setdefault(linha.empresa_id, []).append(linha)

    @property
    def canais(self) -> list[CanalNfse]:
        """Every channel of these empresas."""
        return [canal for canais in self._canais.values() for canal in canais]

    def regime(self, empresa: Empresa, competencia: date) -> str:
        """The regime in force on a competência; the first one known before any."""
        linhas = self._regimes.get(empresa.pk, [])
        em_vigor = next((linha.regime for linha in linhas if linha.desde <= competencia), None)
        return em_vigor or (linhas[-1].regime if linhas else empresa.regime)

    def regra(self, empresa: Empresa, competencia: date) -> RegraCanal | None:
        regime = self.regime(empresa, competencia)
        servem = [
            regra
            for regra in self._regras
            if regra.desde <= competencia
            and (regra.ate is None or competencia <= regra.ate)
            and regra.empresa_id in (None, empresa.pk)
            and regra.municipio_id in (None, empresa.municipio_id)
            and regra.uf in ("", empresa.municipio.uf if empresa.municipio else "")
            and regra.regime in ("", regime)
        ]
        return max(servem, key=_particularidade, default=None)  # the first of equals began last

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


def _particularidade(regra: RegraCanal) -> tuple[bool, ...]:
    return (regra.empresa_id is not None, regra.municipio_id is not None, bool(regra.uf), bool(regra.regime))


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
