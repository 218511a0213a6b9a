"""Municipal parameters: what each município agreed to and decided, asked before the first note.

HTTP 400 and 404 with a message are answers ("not parametrised"), and give None; of rates only 404 does, since there
None keeps notes from going, and 400 may be of the question. The caller keeps answers for some hours: they change
seldom, and every note asks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from nfse.providers.nacional.transporte import AcessoNacional, Gateway, em_duvida, recusar
from operacoes.http import Chamadas

_SIM_NAO = {"1": True, "0": False}


@dataclass(frozen=True)
class Convenio:
    """What a município agreed to; None where the service does not know (-1). `pleno` false: simplified agreement."""

    pleno: bool | None
    ambiente_nacional: bool | None
    emissor_nacional: bool | None
    modulo_de_apuracao: bool | None
    emite_pela_rfb: bool | None

    @property
    def emite(self) -> bool:
        """Whether its taxpayers issue by the national emitter: it agreed (else E0037), its agreement is active (E0038)
        and it uses that emitter (E0039), which alone has to be known."""
        sem_recusa = self.ambiente_nacional is not False and self.emite_pela_rfb is not False
        return self.emissor_nacional is True and sem_recusa

    @property
    def ativo(self) -> bool:
        """Whether the national system knows its rates: that decides who tells the rate of a note."""
        return self.ambiente_nacional is True and self.emite_pela_rfb is not False


@dataclass(frozen=True)
class Aliquota:
    """The rate of a service in percent, from one day to another (None: still)."""

    servico: str
    incidencia: str
    percentual: Decimal
    desde: date | None
    ate: date | None


@dataclass(frozen=True)
class Retencoes:
    """Whether the withholdings of LC 116, art. 6, are on, and how many the município added; None: not told."""

    artigo_sexto: bool | None
    municipais: int | None


class Parametros(Gateway):
    """`com_pontos`: the service code goes as 01.07.01.000, as some servers want it, in place of 010701."""

    def __init__(self, acesso: AcessoNacional, *, com_pontos: bool = False) -> None:
        super().__init__(acesso, acesso.parametros)
        self._com_pontos = com_pontos

    def convenio(self, municipio: str, *, chamadas: Chamadas) -> Convenio | None:
        corpo = self._ler(f"{municipio}/convenio", chamadas)
        dados = corpo.get("parametrosconvenio") if corpo is not None else None
        if not isinstance(dados, Mapping):
            return None
        tipo = str(dados.get("tipoconvenio", ""))
        return Convenio(
            pleno=tipo == "1" if tipo in ("1", "2") else None,
            ambiente_nacional=_sim_nao(dados.get("aderenteambientenacional")),
            emissor_nacional=_sim_nao(dados.get("aderenteemissornacional")),
            modulo_de_apuracao=_sim_nao(dados.get("aderenteman")),
            emite_pela_rfb=_sim_nao(dados.get("situacaoemissaopadraocontribuintesrfb")),
        )

    def aliquotas(
        self, municipio: str, servico: str, competencia: date, *, chamadas: Chamadas
    ) -> tuple[Aliquota, ...] | None:
        """None where the service says that it has none of this serviço; empty where it did not take the question."""
        caminho = f"{municipio}/{self._codigo(servico)}/{competencia:%Y-%m-%d}/aliquota"
        corpo = self._ler(caminho, chamadas, nao_entendida={})
        return None if corpo is None else tuple(_aliquotas(corpo.get("aliquotas")))

    def regimes_especiais(
        self, municipio: str, servico: str, competencia: date, *, chamadas: Chamadas
    ) -> Mapping[str, str] | None:
        """`situacao` of each regime, by the name it has there: "1" allowed, "2" forbidden, "3" mandatory."""
        caminho = f"{municipio}/{self._codigo(servico)}/{competencia:%Y-%m-%d}/regimes_especiais"
        corpo = self._ler(caminho, chamadas)
        return None if corpo is None else dict(_situacoes(corpo))

    def retencoes(self, municipio: str, competencia: date, *, chamadas: Chamadas) -> Retencoes | None:
        corpo = self._ler(f"{municipio}/{competencia:%Y-%m-%d}/retencoes", chamadas)
        dados = corpo.get("retencoes") if corpo is not None else None
        if not isinstance(dados, Mapping):
            return None
        sexto = _um_de(dados, "artigosexto", "art6")
        municipais = _um_de(dados, "retencoesmunicipais", "retmun")
        return Retencoes(
            artigo_sexto=_sim_nao(sexto.get("habilitado")) if isinstance(sexto, Mapping) else None,
            municipais=len(municipais) if isinstance(municipais, list) else None,
        )

    def beneficio(
        self, municipio: str, numero: str, competencia: date, *, chamadas: Chamadas
    ) -> Mapping[str, Any] | None:
        """None where the município has no such benefit; empty where the question was not taken."""
        return self._ler(f"{municipio}/{numero}/{competencia:%Y-%m-%d}/beneficio", chamadas, nao_entendida={})

    def _codigo(self, servico: str) -> str:
        return f"{servico[:2]}.{servico[2:4]}.{servico[4:6]}.000" if self._com_pontos else servico

    def _ler(
        self, caminho: str, chamadas: Chamadas, nao_entendida: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any] | None:
        resposta = self.pedir("GET", caminho, "os parâmetros do município", chamadas)
        if resposta.status == 200:
            if isinstance(resposta.corpo, Mapping):
                return resposta.corpo
            em_duvida(resposta, "a resposta não pôde ser lida")
        if resposta.status in (400, 404) and resposta.campo("mensagem"):
            return None if resposta.status == 404 else nao_entendida
        recusar(resposta, chamadas)


def _sim_nao(valor: Any) -> bool | None:
    return _SIM_NAO.get(str(int(valor)) if isinstance(valor, bool) else str(valor))


def _um_de(dados: Mapping[str, Any], *nomes: str) -> Any:
    """By its name in the manual, or by the short one that the description of the API has."""
    return next((dados[nome] for nome in nomes if nome in dados), None)


def _situacoes(mapa: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """However deep it nests: each name with a list of situations that agree. Those that do not say nothing."""
    for nome, valor in mapa.items():
        if isinstance(valor, Mapping):
            yield from _situacoes(valor)
        elif isinstance(valor, list):
            ditas = {str(_um_de(linha, "situacao", "sit")) for linha in valor if isinstance(linha, Mapping)}
            if len(ditas) == 1 and (situacao := ditas.pop()) in ("1", "2", "3"):
                yield nome, situacao


def _aliquotas(mapa: Any) -> Iterator[Aliquota]:
    """What can be read of the map service -> list of rates; a rate that is no number says nothing."""
    for servico, linhas in mapa.items() if isinstance(mapa, Mapping) else ():
        for linha in linhas if isinstance(linhas, list) else ():
            if isinstance(linha, Mapping) and (percentual := _decimal(linha.get("aliq"))) is not None:
                yield Aliquota(
                    servico,
                    str(linha.get("incidencia") or ""),
                    percentual,
                    _dia(linha.get("dtini")),
                    _dia(linha.get("dtfim")),
                )


def _decimal(valor: Any) -> Decimal | None:
    try:
        lido = Decimal(str(valor)) if isinstance(valor, int | str | Decimal) and not isinstance(valor, bool) else None
    except InvalidOperation:
        return None
    return lido if lido is not None and lido.is_finite() else None


def _dia(valor: Any) -> date | None:
    try:
        return date.fromisoformat(valor[:10]) if isinstance(valor, str) else None
    except ValueError:
        return None
