"""*Simular data*: through which service each empresa issues on two competências, by the rules as they stand, and what
is still missing where it changes. Reads every empresa in a fixed number of queries."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from comum.formatos import format_competencia, format_data
from empresas.calendario import somar_meses
from empresas.models import Empresa, Regime
from nfse.models import CanalNfse, ConvenioNacional, EmissorMunicipal, RegraCanal, TipoCanal
from nfse.services.acesso import impedimento_de
from nfse.services.canais import faltas_na_nota
from nfse.services.regras import Regras, regime_em, regimes_de

NENHUM, VARIOS = "nenhum", "varios"
_REGIMES = dict(Regime.choices)
_PALAVRAS = {**dict(TipoCanal.choices), NENHUM: "Nenhum canal", VARIOS: "Mais de um ativo"}


# What may be missing, in the words of the filter.
PENDENCIAS = {
    "falta-canal": "Canal não cadastrado",
    "inativo": "Canal inativo",
    "incompleto": "Canal incompleto, ou certificado vencido",
    "certificado": "Certificado vence antes da data",
    "nao-testado": "Conexão nunca testada",
    "teste-falhou": "Último teste não conectou",
    "municipio-nao-emite": "Município não usa o emissor nacional",
    "sem-municipio": "Empresa sem município",
    "sem-canal": "Sem canal e sem regra",
    "varios": "Mais de um canal ativo",
}


class Destino(NamedTuple):
    """Where the notes of a competência go: a TipoCanal, NENHUM or VARIOS; `regra` None: the empresa's only canal."""

    onde: str
    regra: RegraCanal | None = None

    @property
    def nome(self) -> str:
        return str(_PALAVRAS[self.onde])

    @property
    def por_que(self) -> str:
        if self.regra is not None:
            return self.regra.fundamento or f"regra de {self.regra.alcance}, sem fundamento escrito"
        if self.onde == NENHUM:
            return "nenhuma regra, e nenhum canal ativo"
        return "nenhuma regra escolhe entre eles" if self.onde == VARIOS else "é o único canal ativo da empresa"


class Pendencia(NamedTuple):
    """What keeps an empresa from issuing by the new service, and the one thing to do about it (pt-BR). `nome` is that
    of the URL, `args` and `query` the rest of it."""

    codigo: str
    texto: str
    acao: str
    nome: str
    args: tuple[object, ...] = ()
    query: str = ""

    @property
    def url(self) -> str:
        return reverse(self.nome, args=self.args) + self.query


class Situacao(NamedTuple):
    """One empresa on the two competências. `pendencia` None: ready, or nowhere to go to."""

    regime: str
    antes: Destino
    depois: Destino
    canal: CanalNfse | None
    pendencia: Pendencia | None

    @property
    def muda(self) -> bool:
        return self.antes.onde != self.depois.onde

    @property
    def pronta(self) -> bool:
        return self.pendencia is None

    @property
    def regime_nome(self) -> str:
        return str(_REGIMES.get(self.regime, self.regime))

    @property
    def ate(self) -> date | None:
        """Until when the certificate of its canal is good, where it has one."""
        certificado = self.canal.certificado if self.canal else None
        return _dia(certificado.valido_ate) if certificado else None


class _Lida(NamedTuple):
    pk: int
    documento: str
    regime: str
    municipio: str | None
    uf: str


@dataclass(frozen=True)
class Datas:
    """The two competências that are compared."""

    de: date
    para: date

    @property
    def de_texto(self) -> str:
        return format_competencia(self.de)

    @property
    def para_texto(self) -> str:
        return format_competencia(self.para)


def datas_padrao(hoje: date) -> Datas:
    """From this month to the next date on which a rule begins or has ended; when none is to come, over the last one."""
    mes, marcos = hoje.replace(day=1), set()
    for desde, ate in RegraCanal.objects.filter(ativa=True).values_list("desde", "ate"):
        marcos |= {desde.replace(day=1)} | ({somar_meses(ate.replace(day=1), 1)} if ate else set())
    if a_vir := sorted(marco for marco in marcos if marco > mes):
        return Datas(mes, a_vir[0])
    ultimo = max(marcos, default=mes)
    return Datas(somar_meses(ultimo, -1), ultimo)


class Simulacao:
    """The situation of each empresa of `empresas` (a queryset of those that exist for the user), by its key."""

    def __init__(self, empresas: QuerySet[Empresa], datas: Datas) -> None:
        self.datas = datas
        self._empresas = empresas

    @cached_property
    def situacoes(self) -> dict[int, Situacao]:
        lidas = [
            _Lida(*linha)
            for linha in self._empresas.order_by().values_list(
                "pk", "documento", "regime", "municipio", "municipio__uf"
            )
        ]
        chaves = self._empresas.order_by().values_list("pk", flat=True)
        regras, regimes, canais = Regras(), regimes_de(chaves), _canais(chaves)
        emite = _quem_emite()
        feitas: dict[int, Situacao] = {}
        for lida in lidas:
            seus, linhas = canais.get(lida.pk, ()), regimes.get(lida.pk, [])
            uf = lida.uf or ""
            destinos = []
            for competencia in (self.datas.de, self.datas.para):
                regime = regime_em(linhas, competencia, lida.regime)
                destinos.append(_destino(regras.para(lida.pk, lida.municipio, uf, regime, competencia), seus))
            canal, pendencia = self._falta(lida, destinos[1], seus, emite, regime)
            feitas[lida.pk] = Situacao(regime, destinos[0], destinos[1], canal, pendencia)
        return feitas

    @cached_property
    def mudam(self) -> list[int]:
        return [pk for pk, uma in self.situacoes.items() if uma.muda]

    @cached_property
    def resumo(self) -> list[tuple[str, str, int, int]]:
        """(from, to, how many change, how many of them are not ready), the most frequent first."""
        mudancas, faltam = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for pk in self.mudam:
            uma = self.situacoes[pk]
            par = (uma.antes.nome, uma.depois.nome)
            mudancas[par] += 1
            faltam[par] += not uma.pronta
        return [(*par, quantas, faltam[par]) for par, quantas in mudancas.most_common()]

    def _falta(
        self, lida: _Lida, destino: Destino, canais: Iterable[CanalNfse], emite: dict[str, bool], regime: str
    ) -> tuple[CanalNfse | None, Pendencia | None]:
        if destino.onde == NENHUM:
            return None, Pendencia(
                "sem-canal", "Sem canal e sem regra.", "Incluir canal", "nfse:canal_novo", (), f"?empresa={lida.pk}"
            )
        if destino.onde == VARIOS:
            return None, Pendencia(
                "varios",
                "Mais de um canal ativo, e nenhuma regra escolhe.",
                "Ver os canais",
                "nfse:canais",
                (),
                f"?q={lida.documento}",
            )
        canal = next((um for um in canais if um.tipo == destino.onde), None)
        return canal, _pendencia(lida, destino, canal, emite, regime, self.datas.para)


def _pendencia(
    lida: _Lida, destino: Destino, canal: CanalNfse | None, emite: dict[str, bool], regime: str, em: date
) -> Pendencia | None:
    if lida.municipio is None:
        texto = "A empresa está sem município no cadastro."
        return Pendencia("sem-municipio", texto, "Informar", "empresas:alterar", (lida.pk,))
    # A MEI issues nationally whatever its município agreed to.
    if destino.onde == TipoCanal.NACIONAL and regime != Regime.MEI and emite.get(lida.municipio) is False:
        texto = "O município não usa o emissor nacional, pela última leitura do convênio."
        return Pendencia("municipio-nao-emite", texto, "Ver as regras", "nfse:regras")
    if canal is None:
        texto = f"Falta o canal {destino.nome}."
        return Pendencia(
            "falta-canal", texto, "Incluir canal", "nfse:canal_novo", (), f"?empresa={lida.pk}&tipo={destino.onde}"
        )
    if not canal.ativo:
        return Pendencia(
            "inativo", f"O canal {canal.codigo} está inativo.", "Ativar", "nfse:canal_alterar", (canal.codigo,)
        )
    if impedimento := impedimento_de(canal):
        return Pendencia("incompleto", impedimento, "Completar", "nfse:canal_alterar", (canal.codigo,))
    if faltas := faltas_na_nota(canal, regime):
        return Pendencia("incompleto", faltas[0], "Completar", "nfse:canal_alterar", (canal.codigo,))
    if canal.certificado is not None and (ate := _dia(canal.certificado.valido_ate)) < em:
        texto = f"O certificado vence em {format_data(ate)}, antes da data."
        return Pendencia("certificado", texto, "Renovar", "nfse:canal_alterar", (canal.codigo,))
    if canal.testado_em is None:
        return Pendencia("nao-testado", "A conexão nunca foi testada.", "Testar", "nfse:canal", (canal.codigo,))
    if not canal.teste_ok:
        return Pendencia("teste-falhou", "O último teste não conectou.", "Testar", "nfse:canal", (canal.codigo,))
    return None


def _dia(instante: datetime) -> date:
    return timezone.localtime(instante).date()


def _destino(regra: RegraCanal | None, canais: Iterable[CanalNfse]) -> Destino:
    if regra is not None:
        return Destino(regra.canal, regra)
    ativos = [canal.tipo for canal in canais if canal.ativo]
    if len(ativos) == 1:
        return Destino(ativos[0])
    return Destino(VARIOS if ativos else NENHUM)


def _canais(empresas: QuerySet[Empresa, int]) -> dict[int, list[CanalNfse]]:
    """Without the files of the certificates, and each with its empresa's document alone."""
    seus: dict[int, list[CanalNfse]] = {}
    lidos = CanalNfse.objects.filter(empresa__in=empresas).select_related("empresa", "certificado")
    colunas = lidos.only(
        "codigo", "empresa__documento", "tipo", "ativo", "usuario", "senha", "chave_aplicacao", "token", "testado_em",
        "teste_ok", "regime_apuracao", "total_simples", "carga_federal", "carga_estadual", "carga_municipal",
        "certificado__documento", "certificado__valido_ate",
    )  # fmt: skip
    for canal in colunas.order_by("codigo"):
        seus.setdefault(canal.empresa_id, []).append(canal)
    return seus


def _quem_emite() -> dict[str, bool]:
    """Município -> whether its prestadores issue by the API of the national system, where that was read."""
    lidos = dict(ConvenioNacional.objects.lidos().values_list("municipio", "emite"))
    proprios = EmissorMunicipal.objects.filter(ativo=True).values_list("municipio", flat=True)
    return lidos | dict.fromkeys(proprios, True)
